//! Outputs by number: what each one's numbers and bytes are. `npm/src/internal/wire.ts` has the same list; a test there
//! reads this file.

use protocol::id::{BlockKey, PeerId, SegmentKey};
use swarm::io::{Event, FetchId, Offence, Output};

use crate::convert::millis;

/// Nothing more until this moment (ms, infinite where there is none). Ends every drain.
pub const TIMEOUT: u8 = 0;
/// link; bytes: the message.
pub const TRANSMIT: u8 = 1;
/// link, handle of the body; bytes: the header.
pub const TRANSMIT_BLOCK: u8 = 2;
/// link.
pub const DIAL: u8 = 3;
/// link; bytes: the offer in UTF-8.
pub const ACCEPT: u8 = 4;
/// link; bytes: the answer in UTF-8.
pub const ANSWERED: u8 = 5;
/// link.
pub const CLOSE: u8 = 6;
/// place in the list of trackers.
pub const TRACKER_CONNECT: u8 = 7;
/// bytes: the frame.
pub const TRACKER: u8 = 8;
/// fetch, rendition, segment, block.
pub const FETCH: u8 = 9;
/// fetch, rendition, segment, blocks.
pub const FETCH_LIST: u8 = 10;
/// fetch.
pub const CANCEL_FETCH: u8 = 11;
/// handle.
pub const VERIFY: u8 = 12;
/// check, key; bytes: what was signed, and the 64 bytes of the signature after it.
pub const VERIFY_LIST: u8 = 13;
/// handle.
pub const RELEASE: u8 = 14;
/// want, then handles.
pub const READY: u8 = 15;
/// want.
pub const GIVE_UP: u8 = 16;
/// link; bytes: the neighbour's id.
pub const PEER_JOINED: u8 = 17;
/// link; bytes: the neighbour's id.
pub const PEER_LEFT: u8 = 18;
/// offence; bytes: the neighbour's id.
pub const PEER_BANNED: u8 = 19;
/// rendition, segment, block; bytes: the neighbour's id, or none for the origin.
pub const BLOCK_ARRIVED: u8 = 20;
/// rendition, segment, block.
pub const ORIGIN_BAD: u8 = 21;
/// bytes: the tracker's words in UTF-8.
pub const TRACKER_REFUSED: u8 = 22;

/// An output as the page reads it: its kind and its numbers, and its bytes.
pub(crate) type Flat = (Vec<f64>, Vec<u8>);

/// One output, flat.
pub(crate) fn flat(output: Output) -> Flat {
    match output {
        Output::Timeout(at) => row(TIMEOUT, &[millis(at)], Vec::new()),
        Output::Transmit { link, bytes } => row(TRANSMIT, &[link.0.into()], bytes),
        Output::TransmitBlock { link, header, handle } => {
            row(TRANSMIT_BLOCK, &[link.0.into(), handle.0.into()], header)
        }
        Output::Dial { link } => row(DIAL, &[link.0.into()], Vec::new()),
        Output::Accept { link, sdp } => row(ACCEPT, &[link.0.into()], sdp.into_bytes()),
        Output::Answered { link, sdp } => row(ANSWERED, &[link.0.into()], sdp.into_bytes()),
        Output::Close { link } => row(CLOSE, &[link.0.into()], Vec::new()),
        Output::TrackerConnect { tracker } => row(TRACKER_CONNECT, &[tracker.into()], Vec::new()),
        Output::Tracker(bytes) => row(TRACKER, &[], bytes),
        Output::Fetch { fetch, block } => place(FETCH, Some(fetch), block.segment, block.block.0, Vec::new()),
        Output::FetchList { fetch, segment, blocks } => {
            place(FETCH_LIST, Some(fetch), segment, blocks, Vec::new())
        }
        Output::CancelFetch { fetch } => row(CANCEL_FETCH, &[fetch.0.into()], Vec::new()),
        Output::Verify { handle } => row(VERIFY, &[handle.0.into()], Vec::new()),
        Output::VerifyList { check, key, mut signed, signature } => {
            signed.extend_from_slice(&signature);
            row(VERIFY_LIST, &[check.0.into(), key.0.into()], signed)
        }
        Output::Release { handle } => row(RELEASE, &[handle.0.into()], Vec::new()),
        Output::Ready { want, blocks } => {
            let (mut numbers, bytes) = row(READY, &[want.0.into()], Vec::new());
            numbers.extend(blocks.iter().map(|handle| f64::from(handle.0)));
            (numbers, bytes)
        }
        Output::GiveUp { want } => row(GIVE_UP, &[want.0.into()], Vec::new()),
        Output::Event(event) => told(event),
    }
}

fn told(event: Event) -> Flat {
    match event {
        Event::PeerJoined { link, peer } => row(PEER_JOINED, &[link.0.into()], id(peer)),
        Event::PeerLeft { link, peer } => row(PEER_LEFT, &[link.0.into()], id(peer)),
        Event::PeerBanned { peer, offence } => row(PEER_BANNED, &[number(offence)], id(peer)),
        Event::BlockArrived { block: BlockKey { segment, block }, from } => {
            place(BLOCK_ARRIVED, None, segment, block.0, from.map(id).unwrap_or_default())
        }
        Event::OriginBad { block: BlockKey { segment, block } } => {
            place(ORIGIN_BAD, None, segment, block.0, Vec::new())
        }
        Event::TrackerRefused { reason } => row(TRACKER_REFUSED, &[], reason.into_bytes()),
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
