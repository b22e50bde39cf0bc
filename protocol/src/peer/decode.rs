//! Bytes to messages: every limit is checked here, so that nothing past one exists inside the process.

use super::{
    Budget, Fetching, Hello, ListWanted, Message, Refusal, Refuse, Request, RequestId, SegmentStatus,
    VERSION, WEIGHT_MAX, kind,
};
use crate::id::{Block, BlockKey, PeerId, Rendition, Segment, SegmentKey};
use crate::limits::{
    BLOCKS_PER_MESSAGE_MAX, BLOCKS_PER_SEGMENT_MAX, HASH_LIST_BYTES_MAX, PEER_MESSAGE_BYTES_MAX,
    RENDITIONS_MAX, SEGMENTS_PER_WINDOW_MAX,
};
use crate::pack::{DecodeError, Fault, Reader};

/// Bytes of a bitmap that has a bit for each block of the largest segment.
const BITMAP_BYTES_MAX: usize = BLOCKS_PER_SEGMENT_MAX as usize / 8;

impl Message {
    /// A message from its bytes; a data message is not one of them ([`super::parse_data_header`]).
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::limited(bytes, PEER_MESSAGE_BYTES_MAX);
        let message = read(&mut reader);
        reader.finish(message)
    }
}

fn read(reader: &mut Reader<'_>) -> Message {
    let elements = reader.array(1 + BLOCKS_PER_MESSAGE_MAX);
    reader.check(elements > 0, 0, Fault::Length);
    let at = reader.at();
    let kind = reader.u8();
    reader.check(elements_of(kind).is_none_or(|expected| expected == elements), 0, Fault::Length);
    let rest = elements.saturating_sub(1);
    match kind {
        kind::HELLO => Message::Hello(read_hello(reader, rest)),
        kind::WINDOW => Message::Window(read_window(reader, rest)),
        kind::HAVE => Message::Have(reader.values(rest, read_entry)),
        kind::FETCHING => Message::Fetching(read_fetching(reader)),
        kind::RUMOUR => Message::Rumour(read_fetching(reader)),
        kind::REQUEST => Message::Request(read_request(reader)),
        kind::REFUSE => Message::Refuse(read_refuse(reader)),
        kind::CANCEL => Message::Cancel(read_id(reader)),
        kind::LIST => Message::List(reader.bin(HASH_LIST_BYTES_MAX).to_vec()),
        kind::LIST_WANTED => Message::ListWanted(read_list_wanted(reader)),
        kind::BUDGET => Message::Budget(read_budget(reader)),
        kind::PROBE => Message::Probe,
        kind::BYE => Message::Bye,
        _ => {
            reader.fail(at, Fault::Kind);
            Message::Bye
        }
    }
}

/// Elements of a message of fixed length, its kind among them.
const fn elements_of(kind: u8) -> Option<usize> {
    match kind {
        kind::PROBE | kind::BYE => Some(1),
        kind::CANCEL | kind::LIST => Some(2),
        kind::REFUSE | kind::LIST_WANTED | kind::BUDGET => Some(4),
        kind::FETCHING | kind::RUMOUR => Some(5),
        kind::REQUEST => Some(6),
        _ => None,
    }
}

/// A later version may append elements, so that an older peer still learns whom it turns away.
fn read_hello(reader: &mut Reader<'_>, elements: usize) -> Hello {
    let version = reader.u8();
    reader.check(elements == 5 || (elements > 5 && version != VERSION), 0, Fault::Length);
    let hello = Hello {
        version,
        peer: PeerId(reader.array_of_bytes()),
        serves: reader.bool(),
        super_peer: reader.bool(),
        weight: reader.u8_up_to(WEIGHT_MAX),
    };
    (5..elements).for_each(|_| reader.skip());
    hello
}

fn read_window(reader: &mut Reader<'_>, segments: usize) -> Vec<SegmentStatus> {
    reader.check(segments <= SEGMENTS_PER_WINDOW_MAX, 0, Fault::Limit);
    reader.values(segments, read_status)
}

fn read_status(reader: &mut Reader<'_>) -> SegmentStatus {
    reader.array_exactly(3);
    let segment = read_segment(reader);
    let at = reader.at();
    let have = reader.bin(BITMAP_BYTES_MAX);
    reader.check(have.last() != Some(&0), at, Fault::NotSmallest);
    SegmentStatus { segment, have: have.to_vec() }
}

fn read_entry(reader: &mut Reader<'_>) -> BlockKey {
    reader.array_exactly(3);
    read_block(reader)
}

fn read_fetching(reader: &mut Reader<'_>) -> Fetching {
    Fetching { block: read_block(reader), wait_ms: reader.u16() }
}

fn read_request(reader: &mut Reader<'_>) -> Request {
    Request { id: read_id(reader), block: read_block(reader), due_ms: reader.u16() }
}

fn read_refuse(reader: &mut Reader<'_>) -> Refuse {
    let id = read_id(reader);
    let at = reader.at();
    let reason = Refusal::from_code(reader.u8());
    reader.check(reason.is_some(), at, Fault::Kind);
    Refuse { id, reason: reason.unwrap_or(Refusal::NoUpload), retry_ms: reader.u16() }
}

fn read_list_wanted(reader: &mut Reader<'_>) -> ListWanted {
    ListWanted { segment: read_segment(reader), blocks: reader.u16_up_to(BLOCKS_PER_SEGMENT_MAX) }
}

fn read_budget(reader: &mut Reader<'_>) -> Budget {
    Budget { spare_bytes: reader.u64(), uplink_kbit: reader.u32(), queued: reader.u8() }
}

fn read_id(reader: &mut Reader<'_>) -> RequestId {
    RequestId(reader.u32())
}

fn read_segment(reader: &mut Reader<'_>) -> SegmentKey {
    let rendition = Rendition(reader.u8_up_to(RENDITIONS_MAX - 1));
    SegmentKey::new(rendition, Segment(reader.u64()))
}

fn read_block(reader: &mut Reader<'_>) -> BlockKey {
    let segment = read_segment(reader);
    BlockKey::new(segment, Block(reader.u16_up_to(BLOCKS_PER_SEGMENT_MAX - 1)))
}
