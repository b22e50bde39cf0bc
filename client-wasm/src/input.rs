//! Inputs by number: what each one's numbers and bytes are. `npm/src/internal/wire.ts` has the same list; a test there
//! reads this file.

use protocol::id::Rendition;
use swarm::io::{CheckId, FetchFailure, FetchId, Handle, Input, LinkId, Listed, Playhead, WantId};

use crate::convert::{Numbers, digest, text};

/// The moment of the last timeout has come.
pub const TIMEOUT: u8 = 0;
/// ended (0 or 1), then rows of rendition, segment, start (ms of stream time), duration (ms).
pub const PLAYLIST: u8 = 1;
/// at, buffered until (ms of stream time), playing.
pub const PLAYHEAD: u8 = 2;
/// want, rendition, segment.
pub const WANT: u8 = 3;
/// want.
pub const UNWANT: u8 = 4;
/// rendition.
pub const RENDITION: u8 = 5;
/// background, upload.
pub const CONDITIONS: u8 = 6;
/// fetch, handle, bytes.
pub const FETCHED: u8 = 7;
/// fetch; bytes: the list.
pub const FETCHED_LIST: u8 = 8;
/// fetch, milliseconds after which to ask again.
pub const FETCH_NOT_YET: u8 = 9;
/// fetch.
pub const FETCH_ABSENT: u8 = 10;
/// fetch.
pub const FETCH_UNREACHABLE: u8 = 11;
/// handle; bytes: SHA-256.
pub const VERIFIED: u8 = 12;
/// check, valid; bytes: SHA-256 of what was signed.
pub const LIST_VERIFIED: u8 = 13;
/// The tracker's socket is open.
pub const TRACKER_OPEN: u8 = 14;
/// It is closed.
pub const TRACKER_CLOSED: u8 = 15;
/// bytes: a binary frame.
pub const TRACKER_MESSAGE: u8 = 16;
/// link; bytes: the session description in UTF-8.
pub const OFFER: u8 = 17;
/// link; bytes: the session description in UTF-8.
pub const ANSWER: u8 = 18;
/// link.
pub const LINK_OPEN: u8 = 19;
/// link.
pub const LINK_CLOSED: u8 = 20;
/// link; bytes: the message.
pub const MESSAGE: u8 = 21;
/// link, handle of the body, its bytes; bytes: the header.
pub const DATA: u8 = 22;
/// link, bytes waiting.
pub const BUFFERED: u8 = 23;
/// The viewer leaves.
pub const LEAVE: u8 = 24;

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
        TIMEOUT => Input::Timeout,
        PLAYLIST => Input::Playlist { segments: listed, ended: fields.flag(0) },
        PLAYHEAD => Input::Playhead(Playhead {
            at: fields.stream_time(0),
            buffered_until: fields.stream_time(1),
            playing: fields.flag(2),
        }),
        WANT => Input::Want { want, segment: fields.segment(1) },
        UNWANT => Input::Unwant { want },
        RENDITION => Input::Rendition(Rendition(first as u8)),
        CONDITIONS => Input::Conditions { background: fields.flag(0), upload: fields.flag(1) },
        FETCHED => Input::Fetched { fetch, handle: Handle(fields.u32(1)), bytes: fields.u32(2) },
        FETCHED_LIST => Input::FetchedList { fetch, bytes },
        FETCH_NOT_YET => failed(FetchFailure::NotYet { retry_ms: fields.u32(1) }),
        FETCH_ABSENT => failed(FetchFailure::Absent),
        FETCH_UNREACHABLE => failed(FetchFailure::Unreachable),
        VERIFIED => Input::Verified { handle: Handle(first), digest: digest(bytes) },
        LIST_VERIFIED => {
            Input::ListVerified { check: CheckId(first), valid: fields.flag(1), digest: digest(bytes) }
        }
        TRACKER_OPEN => Input::TrackerOpen,
        TRACKER_CLOSED => Input::TrackerClosed,
        TRACKER_MESSAGE => Input::TrackerMessage(bytes),
        OFFER => Input::Offer { link, sdp: text(bytes) },
        ANSWER => Input::Answer { link, sdp: text(bytes) },
        LINK_OPEN => Input::LinkOpen { link },
        LINK_CLOSED => Input::LinkClosed { link },
        MESSAGE => Input::Message { link, bytes },
        DATA => Input::Data { link, header: bytes, handle: Handle(fields.u32(1)), bytes: fields.u32(2) },
        BUFFERED => Input::Buffered { link, bytes: fields.u32(1) },
        LEAVE => Input::Leave,
        _ => return None,
    })
}
