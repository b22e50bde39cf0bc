//! The engine's own types as rows, and rows as its inputs.

use protocol::id::{BlockKey, Digest, PeerId, Rendition, Segment, SegmentKey};
use protocol::time::StreamTime;
use swarm::io::{
    CheckId, Event, FetchFailure, FetchId, Handle, Input, LinkId, Listed, Offence, Output, Playhead, WantId,
};

use crate::Row;
use crate::kind::{input, output};
use crate::row::listed;

impl From<&Input<'_>> for Row {
    fn from(seen: &Input<'_>) -> Self {
        match seen {
            Input::Timeout => Self::new(input::TIMEOUT, []),
            Input::Playlist { segments, ended } => playlist(segments, *ended),
            Input::Playhead(Playhead { at, buffered_until, playing }) => {
                Self::new(input::PLAYHEAD, [at.0, buffered_until.0, u64::from(*playing)])
            }
            Input::Want { want, segment } => {
                Self::new(input::WANT, [want.0.into(), segment.rendition.0.into(), segment.segment.0])
            }
            Input::Unwant { want } => Self::new(input::UNWANT, [want.0.into()]),
            Input::Rendition(rendition) => Self::new(input::RENDITION, [rendition.0.into()]),
            Input::Conditions { background, upload } => {
                Self::new(input::CONDITIONS, [u64::from(*background), u64::from(*upload)])
            }
            Input::Fetched { fetch, handle, bytes } => {
                Self::new(input::FETCHED, [fetch.0.into(), handle.0.into(), u64::from(*bytes)])
            }
            Input::FetchedList { fetch, bytes } => {
                Self::new(input::FETCHED_LIST, [fetch.0.into()]).with(*bytes)
            }
            Input::FetchFailed { fetch, failure } => failed(*fetch, *failure),
            Input::Verified { handle, digest } => {
                Self::new(input::VERIFIED, [handle.0.into()]).with(digest.0)
            }
            Input::ListVerified { check, valid, digest } => {
                Self::new(input::LIST_VERIFIED, [check.0.into(), u64::from(*valid)]).with(digest.0)
            }
            Input::TrackerOpen => Self::new(input::TRACKER_OPEN, []),
            Input::TrackerClosed => Self::new(input::TRACKER_CLOSED, []),
            Input::TrackerMessage(bytes) => Self::new(input::TRACKER_MESSAGE, []).with(*bytes),
            Input::Offer { link, sdp } => Self::new(input::OFFER, [link.0.into()]).with(*sdp),
            Input::Answer { link, sdp } => Self::new(input::ANSWER, [link.0.into()]).with(*sdp),
            Input::LinkOpen { link } => Self::new(input::LINK_OPEN, [link.0.into()]),
            Input::LinkClosed { link } => Self::new(input::LINK_CLOSED, [link.0.into()]),
            Input::Message { link, bytes } => Self::new(input::MESSAGE, [link.0.into()]).with(*bytes),
            Input::Data { link, header, handle, bytes } => {
                Self::new(input::DATA, [link.0.into(), handle.0.into(), u64::from(*bytes)]).with(*header)
            }
            Input::Buffered { link, bytes } => Self::new(input::BUFFERED, [link.0.into(), u64::from(*bytes)]),
            Input::Leave => Self::new(input::LEAVE, []),
            Input::Loaded { bytes } => Self::new(input::LOADED, [u64::from(*bytes)]),
        }
    }
}

impl From<&Output> for Row {
    fn from(done: &Output) -> Self {
        match done {
            Output::Timeout(at) => Self::new(output::TIMEOUT, [at.0]),
            Output::Transmit { link, bytes } => {
                Self::new(output::TRANSMIT, [link.0.into()]).with(bytes.as_slice())
            }
            Output::TransmitBlock { link, header, handle } => {
                Self::new(output::TRANSMIT_BLOCK, [link.0.into(), handle.0.into()]).with(header.as_slice())
            }
            Output::Dial { link } => Self::new(output::DIAL, [link.0.into()]),
            Output::Accept { link, sdp } => Self::new(output::ACCEPT, [link.0.into()]).with(sdp.as_str()),
            Output::Answered { link, sdp } => Self::new(output::ANSWERED, [link.0.into()]).with(sdp.as_str()),
            Output::Close { link } => Self::new(output::CLOSE, [link.0.into()]),
            Output::TrackerConnect { tracker } => Self::new(output::TRACKER_CONNECT, [(*tracker).into()]),
            Output::Tracker(bytes) => Self::new(output::TRACKER, []).with(bytes.as_slice()),
            Output::Fetch { fetch, block } => {
                let [rendition, segment, number] = place(*block);
                Self::new(output::FETCH, [fetch.0.into(), rendition, segment, number])
            }
            Output::FetchList { fetch, segment, blocks } => {
                let (rendition, number) = (segment.rendition.0.into(), segment.segment.0);
                Self::new(output::FETCH_LIST, [fetch.0.into(), rendition, number, (*blocks).into()])
            }
            Output::CancelFetch { fetch } => Self::new(output::CANCEL_FETCH, [fetch.0.into()]),
            Output::Verify { handle } => Self::new(output::VERIFY, [handle.0.into()]),
            Output::VerifyList { check, key, signed, signature } => {
                let row = Self::new(output::VERIFY_LIST, [check.0.into(), key.0.into()]);
                row.with([signed.as_slice(), signature].concat())
            }
            Output::Release { handle } => Self::new(output::RELEASE, [handle.0.into()]),
            Output::Ready { want, blocks } => {
                let mut row = Self::new(output::READY, [want.0.into()]);
                row.numbers.extend(blocks.iter().map(|handle| u64::from(handle.0)));
                row
            }
            Output::GiveUp { want } => Self::new(output::GIVE_UP, [want.0.into()]),
            Output::Event(event) => told(event),
        }
    }
}

impl Row {
    /// The input that this row is; `segments` is room for those of a playlist. `None` where there is no such kind, or
    /// where its bytes are not what the kind has.
    pub(crate) fn as_input<'a>(&'a self, segments: &'a mut Vec<Listed>) -> Option<Input<'a>> {
        let first = self.u32(0);
        let (link, fetch, want) = (LinkId(first), FetchId(first), WantId(first));
        let failed = |failure| Input::FetchFailed { fetch, failure };
        Some(match self.kind {
            input::TIMEOUT => Input::Timeout,
            input::PLAYLIST => {
                let (rows, _) = self.numbers.get(1..).unwrap_or(&[]).as_chunks::<4>();
                segments.extend(rows.iter().map(listed));
                Input::Playlist { segments, ended: self.flag(0) }
            }
            input::PLAYHEAD => Input::Playhead(Playhead {
                at: StreamTime(self.u64(0)),
                buffered_until: StreamTime(self.u64(1)),
                playing: self.flag(2),
            }),
            input::WANT => Input::Want { want, segment: segment(self.u64(1), self.u64(2)) },
            input::UNWANT => Input::Unwant { want },
            input::RENDITION => Input::Rendition(Rendition(first as u8)),
            input::CONDITIONS => Input::Conditions { background: self.flag(0), upload: self.flag(1) },
            input::FETCHED => Input::Fetched { fetch, handle: Handle(self.u32(1)), bytes: self.u32(2) },
            input::FETCHED_LIST => Input::FetchedList { fetch, bytes: &self.bytes },
            input::FETCH_NOT_YET => failed(FetchFailure::NotYet { retry_ms: self.u32(1) }),
            input::FETCH_ABSENT => failed(FetchFailure::Absent),
            input::FETCH_UNREACHABLE => failed(FetchFailure::Unreachable),
            input::VERIFIED => Input::Verified { handle: Handle(first), digest: self.digest() },
            input::LIST_VERIFIED => {
                Input::ListVerified { check: CheckId(first), valid: self.flag(1), digest: self.digest() }
            }
            input::TRACKER_OPEN => Input::TrackerOpen,
            input::TRACKER_CLOSED => Input::TrackerClosed,
            input::TRACKER_MESSAGE => Input::TrackerMessage(&self.bytes),
            input::OFFER => Input::Offer { link, sdp: core::str::from_utf8(&self.bytes).ok()? },
            input::ANSWER => Input::Answer { link, sdp: core::str::from_utf8(&self.bytes).ok()? },
            input::LINK_OPEN => Input::LinkOpen { link },
            input::LINK_CLOSED => Input::LinkClosed { link },
            input::MESSAGE => Input::Message { link, bytes: &self.bytes },
            input::DATA => {
                Input::Data { link, header: &self.bytes, handle: Handle(self.u32(1)), bytes: self.u32(2) }
            }
            input::BUFFERED => Input::Buffered { link, bytes: self.u32(1) },
            input::LEAVE => Input::Leave,
            input::LOADED => Input::Loaded { bytes: first },
            _ => return None,
        })
    }

    /// Thirty-two bytes; an array of another length matches no block, as the module's bindings have it.
    fn digest(&self) -> Digest {
        Digest(self.bytes.as_slice().try_into().unwrap_or([0; 32]))
    }
}

/// A segment of two fields; a rendition keeps its lowest 8 bits, as the module's bindings have it.
pub(crate) fn segment(rendition: u64, segment: u64) -> SegmentKey {
    SegmentKey::new(Rendition(u32::try_from(rendition).unwrap_or(u32::MAX) as u8), Segment(segment))
}

fn playlist(segments: &[Listed], ended: bool) -> Row {
    let mut row = Row::new(input::PLAYLIST, [u64::from(ended)]);
    for Listed { segment, start, duration_ms } in segments {
        let fields = [segment.rendition.0.into(), segment.segment.0, start.0, u64::from(*duration_ms)];
        row.numbers.extend(fields);
    }
    row
}

fn failed(fetch: FetchId, failure: FetchFailure) -> Row {
    match failure {
        FetchFailure::NotYet { retry_ms } => {
            Row::new(input::FETCH_NOT_YET, [fetch.0.into(), retry_ms.into()])
        }
        FetchFailure::Absent => Row::new(input::FETCH_ABSENT, [fetch.0.into()]),
        FetchFailure::Unreachable => Row::new(input::FETCH_UNREACHABLE, [fetch.0.into()]),
    }
}

fn told(event: &Event) -> Row {
    match event {
        Event::PeerJoined { link, peer } => Row::new(output::PEER_JOINED, [link.0.into()]).with(peer.0),
        Event::PeerLeft { link, peer } => Row::new(output::PEER_LEFT, [link.0.into()]).with(peer.0),
        Event::PeerBanned { peer, offence } => Row::new(output::PEER_BANNED, [number(*offence)]).with(peer.0),
        Event::BlockArrived { block, from } => {
            let bytes = from.map(|PeerId(bytes)| bytes.to_vec()).unwrap_or_default();
            Row::new(output::BLOCK_ARRIVED, place(*block)).with(bytes)
        }
        Event::OriginBad { block } => Row::new(output::ORIGIN_BAD, place(*block)),
        Event::TrackerRefused { reason } => Row::new(output::TRACKER_REFUSED, []).with(reason.as_str()),
    }
}

fn place(BlockKey { segment, block }: BlockKey) -> [u64; 3] {
    [segment.rendition.0.into(), segment.segment.0, block.0.into()]
}

const fn number(offence: Offence) -> u64 {
    match offence {
        Offence::BadBlock => 0,
        Offence::BadList => 1,
        Offence::BadMessage => 2,
        Offence::Flood => 3,
        Offence::Unasked => 4,
        Offence::Unreliable => 5,
    }
}
