//! Inputs by number: `replay::kind::input` says what each one's numbers and bytes are.

use protocol::id::Rendition;
use replay::kind::input;
use swarm::io::{CheckId, FetchFailure, FetchId, Handle, Input, LinkId, Listed, Playhead, WantId};

use crate::convert::{Numbers, digest, text};

/// The input of this kind; `None` where there is no such kind. `listed` are the rows of a playlist.
pub(crate) fn parse<'a>(
    kind: u8,
    fields: Numbers<'_>,
    bytes: &'a [u8],
    listed: &'a [Listed],
) -> Option<Input<'a>> {
    let first = fields.u32(0);
    let (link, fetch, want) = (LinkId(first), FetchId(first), WantId(first));
    let failed = |failure| Input::FetchFailed { fetch, failure };
    Some(match kind {
        input::TIMEOUT => Input::Timeout,
        input::PLAYLIST => Input::Playlist { segments: listed, ended: fields.flag(0) },
        input::PLAYHEAD => Input::Playhead(Playhead {
            at: fields.stream_time(0),
            buffered_until: fields.stream_time(1),
            playing: fields.flag(2),
        }),
        input::WANT => Input::Want { want, segment: fields.segment(1) },
        input::UNWANT => Input::Unwant { want },
        input::RENDITION => Input::Rendition(Rendition(first as u8)),
        input::CONDITIONS => Input::Conditions { background: fields.flag(0), upload: fields.flag(1) },
        input::FETCHED => Input::Fetched { fetch, handle: Handle(fields.u32(1)), bytes: fields.u32(2) },
        input::FETCHED_LIST => Input::FetchedList { fetch, bytes },
        input::FETCH_NOT_YET => failed(FetchFailure::NotYet { retry_ms: fields.u32(1) }),
        input::FETCH_ABSENT => failed(FetchFailure::Absent),
        input::FETCH_UNREACHABLE => failed(FetchFailure::Unreachable),
        input::VERIFIED => Input::Verified { handle: Handle(first), digest: digest(bytes) },
        input::LIST_VERIFIED => {
            Input::ListVerified { check: CheckId(first), valid: fields.flag(1), digest: digest(bytes) }
        }
        input::TRACKER_OPEN => Input::TrackerOpen,
        input::TRACKER_CLOSED => Input::TrackerClosed,
        input::TRACKER_MESSAGE => Input::TrackerMessage(bytes),
        input::OFFER => Input::Offer { link, sdp: text(bytes) },
        input::ANSWER => Input::Answer { link, sdp: text(bytes) },
        input::LINK_OPEN => Input::LinkOpen { link },
        input::LINK_CLOSED => Input::LinkClosed { link },
        input::MESSAGE => Input::Message { link, bytes },
        input::DATA => {
            Input::Data { link, header: bytes, handle: Handle(fields.u32(1)), bytes: fields.u32(2) }
        }
        input::BUFFERED => Input::Buffered { link, bytes: fields.u32(1) },
        input::LEAVE => Input::Leave,
        input::LOADED => Input::Loaded { bytes: first },
        _ => return None,
    })
}
