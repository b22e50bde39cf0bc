//! Each named maximum of a message holds at the limit and is refused one past it, and the largest messages fit.

use protocol::block::SEGMENT_BYTES_MAX;
use protocol::hash_list::{Closed, HashList, Signed};
use protocol::id::{Block, BlockKey, Digest, KeyId, Rendition, Segment, SegmentKey};
use protocol::limits::{
    BLOCK_BYTES, BLOCKS_PER_MESSAGE_MAX, HASH_LIST_BYTES_MAX, PEER_MESSAGE_BYTES_MAX,
    SEGMENTS_PER_WINDOW_MAX, TRACKER_FRAME_BYTES_MAX,
};
use protocol::pack::Fault;
use protocol::peer::{DATA_HEADER_BYTES_MAX, Message, RequestId, SegmentStatus, data_header};
use protocol::time::StreamTime;
use protocol::tracker::{Announce, ClientMessage, Event, Offer, ScrapeEntry, ServerMessage, text};

const LONGEST: SegmentKey = SegmentKey::new(Rendition(31), Segment(u64::MAX));

fn fault(message: &Message) -> Option<Fault> {
    let bytes = message.encode();
    Message::decode(&bytes).err().map(|error| error.fault)
}

#[test]
fn a_peer_message_holds_its_maxima_and_not_one_more() {
    let have = |blocks: usize| Message::Have(vec![BlockKey::new(LONGEST, Block(1_023)); blocks]);
    assert_eq!(fault(&have(BLOCKS_PER_MESSAGE_MAX)), None);
    assert_eq!(fault(&have(BLOCKS_PER_MESSAGE_MAX + 1)), Some(Fault::Limit));
    let status = |bytes: usize| SegmentStatus { segment: LONGEST, have: vec![0xFF; bytes] };
    let window = |segments: usize, bytes: usize| Message::Window(vec![status(bytes); segments]);
    assert_eq!(fault(&window(SEGMENTS_PER_WINDOW_MAX, 128)), None);
    assert_eq!(fault(&window(SEGMENTS_PER_WINDOW_MAX + 1, 128)), Some(Fault::Limit));
    assert_eq!(fault(&window(1, 129)), Some(Fault::Limit));
    assert_eq!(fault(&Message::List(vec![0; HASH_LIST_BYTES_MAX])), None);
    assert_eq!(fault(&Message::List(vec![0; HASH_LIST_BYTES_MAX + 1])), Some(Fault::Limit));
    for largest in [have(BLOCKS_PER_MESSAGE_MAX), window(SEGMENTS_PER_WINDOW_MAX, 128)] {
        assert!(largest.encode().len() <= PEER_MESSAGE_BYTES_MAX);
    }
}

#[test]
fn a_message_past_what_a_channel_carries_is_refused_unread() {
    let error = Message::decode(&vec![0x91; PEER_MESSAGE_BYTES_MAX + 1]).expect_err("too long");
    assert_eq!((error.fault, error.at as usize), (Fault::Limit, PEER_MESSAGE_BYTES_MAX));
    let largest = data_header(RequestId(u32::MAX), BLOCK_BYTES);
    assert_eq!(largest.len(), DATA_HEADER_BYTES_MAX);
    assert!(largest.len() + BLOCK_BYTES as usize <= PEER_MESSAGE_BYTES_MAX);
}

fn list(blocks: usize) -> HashList {
    HashList {
        stream: "s".repeat(64),
        segment: LONGEST,
        start: StreamTime(u64::MAX),
        closed: None,
        hashes: vec![Digest([7; 32]); blocks],
        previous: Digest([7; 32]),
        key: KeyId(u32::MAX),
    }
}

#[test]
fn the_largest_hash_list_fits_and_a_block_more_does_not() {
    let closed = Some(Closed { bytes: SEGMENT_BYTES_MAX, duration_ms: u32::MAX });
    let largest = HashList { closed, ..list(1_024) }.attach([7; 64]);
    let bytes = largest.encode();
    assert!(bytes.len() <= HASH_LIST_BYTES_MAX, "{}", bytes.len());
    assert_eq!(Signed::decode(&bytes), Ok(largest));
    let bytes = list(1_025).attach([7; 64]).encode();
    assert_eq!(Signed::decode(&bytes).map_err(|error| error.fault), Err(Fault::Limit));
    let bytes = vec![0x9B; HASH_LIST_BYTES_MAX + 1];
    assert_eq!(Signed::decode(&bytes).map_err(|error| error.fault), Err(Fault::Limit));
}

#[test]
fn the_largest_tracker_messages_fit_in_a_frame() {
    let announce = ClientMessage::Announce(Announce {
        info_hash: protocol::id::InfoHash([0; 20]),
        peer_id: protocol::id::PeerId([0; 20]),
        event: Event::Completed,
        offers: vec![
            Offer {
                offer_id: protocol::id::OfferId([0; 20]),
                // 1,500 characters a third of which JSON escapes: line ends.
                sdp: "a=candidate\r\n".repeat(116),
            };
            10
        ],
        left: Some(u64::MAX),
        uploaded: u64::MAX,
        downloaded: u64::MAX,
        rendition: Some(31),
        accused: vec![protocol::id::PeerId([0; 20]); 8],
        reached: vec![protocol::id::PeerId([0; 20]); 16],
        unreached: vec![protocol::id::PeerId([0; 20]); 16],
    });
    assert!(text::encode_client(&announce).len() <= TRACKER_FRAME_BYTES_MAX);
    let entry = |n: u8| ScrapeEntry {
        info_hash: protocol::id::InfoHash([n & 0x1F; 20]),
        complete: u32::MAX,
        incomplete: u32::MAX,
        downloaded: u32::MAX,
    };
    let scrape = ServerMessage::Scrape((0..=255).map(entry).collect());
    let json = text::encode_server(&scrape);
    assert!(json.len() <= TRACKER_FRAME_BYTES_MAX, "{}", json.len());
}
