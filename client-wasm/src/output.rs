//! Outputs by number: `replay::kind::output` says what each one's numbers and bytes are.

use protocol::id::{BlockKey, PeerId, SegmentKey};
use replay::kind::output;
use swarm::io::{Event, FetchId, Offence, Output};

use crate::convert::millis;

/// An output as the page reads it: its kind and its numbers, and its bytes.
pub(crate) type Flat = (Vec<f64>, Vec<u8>);

/// One output, flat.
pub(crate) fn flat(output: Output) -> Flat {
    match output {
        Output::Timeout(at) => row(output::TIMEOUT, &[millis(at)], Vec::new()),
        Output::Transmit { link, bytes } => row(output::TRANSMIT, &[link.0.into()], bytes),
        Output::TransmitBlock { link, header, handle } => {
            row(output::TRANSMIT_BLOCK, &[link.0.into(), handle.0.into()], header)
        }
        Output::Dial { link } => row(output::DIAL, &[link.0.into()], Vec::new()),
        Output::Accept { link, sdp } => row(output::ACCEPT, &[link.0.into()], sdp.into_bytes()),
        Output::Answered { link, sdp } => row(output::ANSWERED, &[link.0.into()], sdp.into_bytes()),
        Output::Close { link } => row(output::CLOSE, &[link.0.into()], Vec::new()),
        Output::TrackerConnect { tracker } => row(output::TRACKER_CONNECT, &[tracker.into()], Vec::new()),
        Output::Tracker(bytes) => row(output::TRACKER, &[], bytes),
        Output::Fetch { fetch, block } => {
            place(output::FETCH, Some(fetch), block.segment, block.block.0, Vec::new())
        }
        Output::FetchList { fetch, segment, blocks } => {
            place(output::FETCH_LIST, Some(fetch), segment, blocks, Vec::new())
        }
        Output::CancelFetch { fetch } => row(output::CANCEL_FETCH, &[fetch.0.into()], Vec::new()),
        Output::Verify { handle } => row(output::VERIFY, &[handle.0.into()], Vec::new()),
        Output::VerifyList { check, key, mut signed, signature } => {
            signed.extend_from_slice(&signature);
            row(output::VERIFY_LIST, &[check.0.into(), key.0.into()], signed)
        }
        Output::Release { handle } => row(output::RELEASE, &[handle.0.into()], Vec::new()),
        Output::Ready { want, blocks } => {
            let (mut numbers, bytes) = row(output::READY, &[want.0.into()], Vec::new());
            numbers.extend(blocks.iter().map(|handle| f64::from(handle.0)));
            (numbers, bytes)
        }
        Output::GiveUp { want } => row(output::GIVE_UP, &[want.0.into()], Vec::new()),
        Output::Event(event) => told(event),
    }
}

fn told(event: Event) -> Flat {
    match event {
        Event::PeerJoined { link, peer } => row(output::PEER_JOINED, &[link.0.into()], id(peer)),
        Event::PeerLeft { link, peer } => row(output::PEER_LEFT, &[link.0.into()], id(peer)),
        Event::PeerBanned { peer, offence } => row(output::PEER_BANNED, &[number(offence)], id(peer)),
        Event::BlockArrived { block: BlockKey { segment, block }, from } => {
            place(output::BLOCK_ARRIVED, None, segment, block.0, from.map(id).unwrap_or_default())
        }
        Event::OriginBad { block: BlockKey { segment, block } } => {
            place(output::ORIGIN_BAD, None, segment, block.0, Vec::new())
        }
        Event::TrackerRefused { reason } => row(output::TRACKER_REFUSED, &[], reason.into_bytes()),
    }
}

fn row(kind: u8, fields: &[f64], bytes: Vec<u8>) -> Flat {
    let mut numbers = vec![f64::from(kind)];
    numbers.extend_from_slice(fields);
    (numbers, bytes)
}

fn place(kind: u8, fetch: Option<FetchId>, segment: SegmentKey, block: u16, bytes: Vec<u8>) -> Flat {
    let fetch = fetch.map(|fetch| f64::from(fetch.0));
    let (mut numbers, bytes) = row(kind, fetch.as_slice(), bytes);
    numbers.extend_from_slice(&[segment.rendition.0.into(), segment.segment.0 as f64, block.into()]);
    (numbers, bytes)
}

fn id(peer: PeerId) -> Vec<u8> {
    peer.0.to_vec()
}

/// An offence's place in the page's list of names.
fn number(offence: Offence) -> f64 {
    match offence {
        Offence::BadBlock => 0.0,
        Offence::BadList => 1.0,
        Offence::BadMessage => 2.0,
        Offence::Flood => 3.0,
        Offence::Unasked => 4.0,
        Offence::Unreliable => 5.0,
    }
}
