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
        if bytes.len() > PEER_MESSAGE_BYTES_MAX {
            return Err(Reader::error_at(PEER_MESSAGE_BYTES_MAX, Fault::Limit));
        }
        let mut reader = Reader::new(bytes);
        let elements = reader.array(1 + BLOCKS_PER_MESSAGE_MAX)?;
        let message = read(&mut reader, elements)?;
        reader.end()?;
        Ok(message)
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

fn read(reader: &mut Reader<'_>, elements: usize) -> Result<Message, DecodeError> {
    if elements == 0 {
        return Err(Reader::error_at(0, Fault::Length));
    }
    let at = reader.at();
    let kind = reader.u8()?;
    if elements_of(kind).is_some_and(|expected| expected != elements) {
        return Err(Reader::error_at(0, Fault::Length));
    }
    Ok(match kind {
        kind::HELLO => Message::Hello(read_hello(reader, elements)?),
        kind::WINDOW => Message::Window(read_window(reader, elements - 1)?),
        kind::HAVE => Message::Have(reader.values(elements - 1, read_entry)?),
        kind::FETCHING => Message::Fetching(read_fetching(reader)?),
        kind::RUMOUR => Message::Rumour(read_fetching(reader)?),
        kind::REQUEST => Message::Request(read_request(reader)?),
        kind::REFUSE => Message::Refuse(read_refuse(reader)?),
        kind::CANCEL => Message::Cancel(read_id(reader)?),
        kind::LIST => Message::List(read_list(reader)?),
        kind::LIST_WANTED => Message::ListWanted(read_list_wanted(reader)?),
        kind::BUDGET => Message::Budget(read_budget(reader)?),
        kind::PROBE => Message::Probe,
        kind::BYE => Message::Bye,
        _ => return Err(Reader::error_at(at, Fault::Kind)),
    })
}

/// A later version may append elements, so that an older peer still learns whom it turns away.
fn read_hello(reader: &mut Reader<'_>, elements: usize) -> Result<Hello, DecodeError> {
    let version = reader.u8()?;
    let known = if version == VERSION { elements == 6 } else { elements >= 6 };
    if !known {
        return Err(Reader::error_at(0, Fault::Length));
    }
    let hello = Hello {
        version,
        peer: PeerId(reader.array_of_bytes()?),
        serves: reader.bool()?,
        super_peer: reader.bool()?,
        weight: reader.u8_up_to(WEIGHT_MAX)?,
    };
    (6..elements).try_for_each(|_| reader.skip())?;
    Ok(hello)
}

fn read_window(reader: &mut Reader<'_>, segments: usize) -> Result<Vec<SegmentStatus>, DecodeError> {
    if segments > SEGMENTS_PER_WINDOW_MAX {
        return Err(Reader::error_at(0, Fault::Limit));
    }
    reader.values(segments, read_status)
}

fn read_status(reader: &mut Reader<'_>) -> Result<SegmentStatus, DecodeError> {
    reader.array_exactly(3)?;
    let segment = read_segment(reader)?;
    let at = reader.at();
    let have = reader.bin(BITMAP_BYTES_MAX)?;
    if have.last() == Some(&0) {
        return Err(Reader::error_at(at, Fault::NotSmallest));
    }
    Ok(SegmentStatus { segment, have: have.to_vec() })
}

fn read_entry(reader: &mut Reader<'_>) -> Result<BlockKey, DecodeError> {
    reader.array_exactly(3)?;
    read_block(reader)
}

fn read_fetching(reader: &mut Reader<'_>) -> Result<Fetching, DecodeError> {
    Ok(Fetching { block: read_block(reader)?, wait_ms: reader.u16()? })
}

fn read_request(reader: &mut Reader<'_>) -> Result<Request, DecodeError> {
    Ok(Request { id: read_id(reader)?, block: read_block(reader)?, due_ms: reader.u16()? })
}

fn read_refuse(reader: &mut Reader<'_>) -> Result<Refuse, DecodeError> {
    let id = read_id(reader)?;
    let at = reader.at();
    let reason = Refusal::from_code(reader.u8()?).ok_or(Reader::error_at(at, Fault::Kind))?;
    Ok(Refuse { id, reason, retry_ms: reader.u16()? })
}

fn read_list(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    reader.bin(HASH_LIST_BYTES_MAX).map(<[u8]>::to_vec)
}

fn read_list_wanted(reader: &mut Reader<'_>) -> Result<ListWanted, DecodeError> {
    Ok(ListWanted { segment: read_segment(reader)?, blocks: reader.u16_up_to(BLOCKS_PER_SEGMENT_MAX)? })
}

fn read_budget(reader: &mut Reader<'_>) -> Result<Budget, DecodeError> {
    Ok(Budget { spare_bytes: reader.u64()?, uplink_kbit: reader.u32()?, queued: reader.u8()? })
}

fn read_id(reader: &mut Reader<'_>) -> Result<RequestId, DecodeError> {
    reader.u32().map(RequestId)
}

fn read_segment(reader: &mut Reader<'_>) -> Result<SegmentKey, DecodeError> {
    let rendition = Rendition(reader.u8_up_to(RENDITIONS_MAX - 1)?);
    Ok(SegmentKey::new(rendition, Segment(reader.u64()?)))
}

fn read_block(reader: &mut Reader<'_>) -> Result<BlockKey, DecodeError> {
    let segment = read_segment(reader)?;
    Ok(BlockKey::new(segment, Block(reader.u16_up_to(BLOCKS_PER_SEGMENT_MAX - 1)?)))
}
