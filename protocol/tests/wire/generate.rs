//! Generators of valid messages: whatever they make, a decoder must accept.

use proptest::prelude::*;
use protocol::block;
use protocol::hash_list::{Closed, HashList};
use protocol::id::{
    Block, BlockKey, Digest, InfoHash, KeyId, OfferId, PeerId, Rendition, Segment, SegmentKey,
};
use protocol::limits::{BLOCKS_PER_MESSAGE_MAX, RENDITIONS_MAX, SEGMENTS_PER_WINDOW_MAX};
use protocol::peer::{
    Budget, Fetching, Hello, ListWanted, Message, Refusal, Refuse, Request, RequestId, SegmentStatus,
    VERSION, WEIGHT_MAX,
};
use protocol::time::StreamTime;
use protocol::tracker::{
    Announce, ClientAnswer, ClientMessage, Event, Failure, Forwarded, Offer, Reply, ScrapeEntry,
    ServerMessage,
};

pub(crate) fn segment() -> impl Strategy<Value = SegmentKey> {
    (0..RENDITIONS_MAX, number())
        .prop_map(|(rendition, segment)| SegmentKey::new(Rendition(rendition), Segment(segment)))
}

pub(crate) fn block() -> impl Strategy<Value = BlockKey> {
    (segment(), 0..1_024_u16).prop_map(|(segment, block)| BlockKey::new(segment, Block(block)))
}

/// Numbers of every width, not only of 64 bits.
pub(crate) fn number() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0..64_u32).prop_map(|(value, shift)| value >> shift)
}

fn status() -> impl Strategy<Value = SegmentStatus> {
    (segment(), prop::collection::vec(any::<u8>(), 0..=128)).prop_map(|(segment, mut have)| {
        while have.last() == Some(&0) {
            have.pop();
        }
        SegmentStatus { segment, have }
    })
}

fn fetching() -> impl Strategy<Value = Fetching> {
    (block(), any::<u16>()).prop_map(|(block, wait_ms)| Fetching { block, wait_ms })
}

fn hello() -> impl Strategy<Value = Hello> {
    (any::<[u8; 20]>(), any::<bool>(), any::<bool>(), 0..=WEIGHT_MAX).prop_map(
        |(peer, serves, super_peer, weight)| Hello {
            version: VERSION,
            peer: PeerId(peer),
            serves,
            super_peer,
            weight,
        },
    )
}

fn id() -> impl Strategy<Value = RequestId> {
    (any::<u32>(), 0..32_u32).prop_map(|(id, shift)| RequestId(id >> shift))
}

fn refuse() -> impl Strategy<Value = Refuse> {
    (id(), 0..5_u8, any::<u16>()).prop_map(|(id, code, retry_ms)| Refuse {
        id,
        reason: Refusal::from_code(code).expect("five reasons"),
        retry_ms,
    })
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        hello().prop_map(Message::Hello),
        prop::collection::vec(status(), 0..=SEGMENTS_PER_WINDOW_MAX).prop_map(Message::Window),
        prop::collection::vec(block(), 0..=BLOCKS_PER_MESSAGE_MAX).prop_map(Message::Have),
        fetching().prop_map(Message::Fetching),
        fetching().prop_map(Message::Rumour),
        (id(), block(), any::<u16>()).prop_map(|(id, block, due_ms)| Message::Request(Request {
            id,
            block,
            due_ms
        })),
        refuse().prop_map(Message::Refuse),
        id().prop_map(Message::Cancel),
        prop::collection::vec(any::<u8>(), 0..2_048).prop_map(Message::List),
        (segment(), 0..=1_024_u16)
            .prop_map(|(segment, blocks)| Message::ListWanted(ListWanted { segment, blocks })),
        (number(), any::<u32>(), any::<u8>()).prop_map(|(spare_bytes, uplink_kbit, queued)| {
            Message::Budget(Budget { spare_bytes, uplink_kbit, queued })
        }),
        Just(Message::Probe),
        Just(Message::Bye),
    ]
}

/// Bytes of segments of up to 40 blocks, whole or still growing.
fn size() -> impl Strategy<Value = (Option<Closed>, usize)> {
    prop_oneof![
        (1..2_457_600_u32, 1..=u32::MAX).prop_map(|(bytes, duration_ms)| {
            let blocks = block::count(bytes).expect("below the largest segment");
            (Some(Closed { bytes, duration_ms }), usize::from(blocks))
        }),
        (0..40_usize).prop_map(|blocks| (None, blocks)),
    ]
}

pub(crate) fn hash_list() -> impl Strategy<Value = HashList> {
    let digests = |blocks| prop::collection::vec(any::<[u8; 32]>().prop_map(Digest), blocks);
    let sized = size().prop_flat_map(move |(closed, blocks)| (Just(closed), digests(blocks)));
    ("[a-z0-9-]{1,64}", segment(), number(), sized, any::<[u8; 32]>(), any::<u32>()).prop_map(
        |(stream, segment, start, (closed, hashes), previous, key)| HashList {
            stream,
            segment,
            start: StreamTime(start),
            closed,
            hashes,
            previous: Digest(previous),
            key: KeyId(key),
        },
    )
}

fn bytes20() -> impl Strategy<Value = [u8; 20]> {
    any::<[u8; 20]>()
}

fn sdp() -> impl Strategy<Value = String> {
    prop_oneof!["v=0\r\n[ -~\r\n]{0,200}", any::<String>()]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![Just(Event::Update), Just(Event::Started), Just(Event::Completed), Just(Event::Stopped)]
}

fn offers() -> impl Strategy<Value = Vec<Offer>> {
    let offer = (bytes20(), sdp()).prop_map(|(id, sdp)| Offer { offer_id: OfferId(id), sdp });
    prop::collection::vec(offer, 0..=10)
}

fn announce() -> impl Strategy<Value = ClientMessage> {
    let peers = |max| prop::collection::vec(bytes20().prop_map(PeerId), 0..=max);
    let counts = (prop::option::of(number()), number(), number());
    let ours = (prop::option::of(0..RENDITIONS_MAX), peers(8), peers(16), peers(16));
    (bytes20(), bytes20(), event(), offers(), counts, ours).prop_map(
        |(info_hash, peer_id, event, offers, (left, uploaded, downloaded), ours)| {
            let (rendition, accused, reached, unreached) = ours;
            ClientMessage::Announce(Announce {
                info_hash: InfoHash(info_hash),
                peer_id: PeerId(peer_id),
                event,
                offers,
                left,
                uploaded,
                downloaded,
                rendition,
                accused,
                reached,
                unreached,
            })
        },
    )
}

pub(crate) fn client_message() -> impl Strategy<Value = ClientMessage> {
    let answer = (bytes20(), bytes20(), bytes20(), bytes20(), sdp()).prop_map(
        |(info_hash, peer_id, to_peer_id, offer_id, sdp)| {
            ClientMessage::Answer(ClientAnswer {
                info_hash: InfoHash(info_hash),
                peer_id: PeerId(peer_id),
                to_peer_id: PeerId(to_peer_id),
                offer_id: OfferId(offer_id),
                sdp,
            })
        },
    );
    let scrape = prop::collection::vec(bytes20().prop_map(InfoHash), 0..=64);
    prop_oneof![announce(), answer, scrape.prop_map(ClientMessage::Scrape)]
}

fn forwarded() -> impl Strategy<Value = Forwarded> {
    (bytes20(), bytes20(), bytes20(), sdp()).prop_map(|(info_hash, peer_id, offer_id, sdp)| Forwarded {
        info_hash: InfoHash(info_hash),
        peer_id: PeerId(peer_id),
        offer_id: OfferId(offer_id),
        sdp,
    })
}

pub(crate) fn server_message() -> impl Strategy<Value = ServerMessage> {
    let reply = (bytes20(), any::<u32>(), any::<u32>(), any::<u32>()).prop_map(
        |(info_hash, interval_s, complete, incomplete)| {
            ServerMessage::Reply(Reply { info_hash: InfoHash(info_hash), interval_s, complete, incomplete })
        },
    );
    let entry = (bytes20(), any::<u32>(), any::<u32>(), any::<u32>()).prop_map(
        |(info_hash, complete, incomplete, downloaded)| ScrapeEntry {
            info_hash: InfoHash(info_hash),
            complete,
            incomplete,
            downloaded,
        },
    );
    let failure = ("[ -~é]{0,200}", prop::option::of(bytes20()), prop::option::of(any::<u32>())).prop_map(
        |(reason, info_hash, retry_in_s)| {
            ServerMessage::Failure(Failure { reason, info_hash: info_hash.map(InfoHash), retry_in_s })
        },
    );
    prop_oneof![
        reply,
        forwarded().prop_map(ServerMessage::Offer),
        forwarded().prop_map(ServerMessage::Answer),
        prop::collection::vec(entry, 0..=256).prop_map(ServerMessage::Scrape),
        failure,
    ]
}
