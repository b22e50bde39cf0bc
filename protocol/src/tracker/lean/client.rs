//! What a viewer sends.

use super::fields::{Fields, read_map};
use super::{ANNOUNCE, SCRAPE, write_head, write_sdp};
use crate::id::{InfoHash, OfferId, PeerId};
use crate::limits::{
    ACCUSED_PER_ANNOUNCE_MAX, OFFERS_PER_ANNOUNCE_MAX, RENDITIONS_MAX, REPORTED_PER_ANNOUNCE_MAX,
    SCRAPE_HASHES_MAX, TRACKER_FRAME_BYTES_MAX,
};
use crate::pack::{DecodeError, Fault, Reader, Writer};
use crate::tracker::{Announce, ClientAnswer, ClientMessage, Event, Offer};

/// Room for every message without a session description.
const SHORT_BYTES: usize = 160;

impl ClientMessage {
    /// The message as a binary frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Announce(announce) => announce.encode(),
            Self::Answer(answer) => answer.encode(),
            Self::Scrape(hashes) => encode_scrape(hashes),
        }
    }

    /// A message from a binary frame.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::limited(bytes, TRACKER_FRAME_BYTES_MAX);
        let message = read_map(&mut reader, read_message);
        reader.finish(message)
    }
}

impl Announce {
    /// The announce as a binary frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(SHORT_BYTES);
        write_announce(&mut writer, self);
        writer.into_bytes()
    }
}

impl ClientAnswer {
    /// The answer as a binary frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(SHORT_BYTES);
        write_head(&mut writer, 6, ANNOUNCE, Some(self.info_hash));
        writer.str("peer_id").bin(&self.peer_id.0);
        writer.str("to_peer_id").bin(&self.to_peer_id.0).str("offer_id").bin(&self.offer_id.0);
        write_sdp(&mut writer, "answer", &self.sdp);
        writer.into_bytes()
    }
}

fn write_announce(writer: &mut Writer, announce: &Announce) {
    write_head(writer, 6, ANNOUNCE, Some(announce.info_hash));
    writer.str("peer_id").bin(&announce.peer_id.0);
    if let Some(event) = announce.event.word() {
        entry(writer, "event").str(event);
    }
    writer.str("uploaded").uint(announce.uploaded).str("downloaded").uint(announce.downloaded);
    if let Some(left) = announce.left {
        entry(writer, "left").uint(left);
    }
    writer.str("numwant").uint(announce.numwant());
    if !announce.offers.is_empty() {
        write_offers(entry(writer, "offers"), &announce.offers);
    }
    if let Some(rendition) = announce.rendition {
        entry(writer, "rendition").uint(rendition);
    }
    let lists =
        [("accused", &announce.accused), ("reached", &announce.reached), ("unreached", &announce.unreached)];
    for (key, peers) in lists {
        if !peers.is_empty() {
            entry(writer, key).array(peers.len());
            peers.iter().for_each(|peer| {
                writer.bin(&peer.0);
            });
        }
    }
}

/// An entry that may be left out: its key, and one more in the message's map: 13 at most.
fn entry<'w>(writer: &'w mut Writer, key: &str) -> &'w mut Writer {
    writer.one_more().str(key)
}

fn write_offers(writer: &mut Writer, offers: &[Offer]) {
    writer.array(offers.len());
    for offer in offers {
        writer.map(2).str("offer_id").bin(&offer.offer_id.0);
        write_sdp(writer, "offer", &offer.sdp);
    }
}

fn encode_scrape(hashes: &[InfoHash]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(SHORT_BYTES);
    write_head(&mut writer, 1 + usize::from(!hashes.is_empty()), SCRAPE, None);
    if !hashes.is_empty() {
        writer.str("info_hash").array(hashes.len());
        hashes.iter().for_each(|hash| {
            writer.bin(&hash.0);
        });
    }
    writer.into_bytes()
}

fn read_message(fields: &mut Fields<'_, '_>) -> ClientMessage {
    let action = fields.word("action");
    if action == SCRAPE {
        return ClientMessage::Scrape(fields.find("info_hash").map(read_hashes).unwrap_or_default());
    }
    fields.check(action == ANNOUNCE, Fault::Kind);
    let info_hash = InfoHash(fields.require("info_hash").array_of_bytes());
    let peer_id = read_peer(fields.require("peer_id"));
    if fields.find("answer").is_some() {
        return ClientMessage::Answer(ClientAnswer {
            info_hash,
            peer_id,
            to_peer_id: read_peer(fields.require("to_peer_id")),
            offer_id: OfferId(fields.require("offer_id").array_of_bytes()),
            sdp: fields.sdp("answer"),
        });
    }
    ClientMessage::Announce(Announce {
        info_hash,
        peer_id,
        event: Event::from_word(fields.word("event")),
        offers: read_list(fields, "offers", OFFERS_PER_ANNOUNCE_MAX, read_offer),
        left: fields.find("left").map(Reader::u64),
        uploaded: fields.find("uploaded").map_or(0, Reader::u64),
        downloaded: fields.find("downloaded").map_or(0, Reader::u64),
        rendition: fields.find("rendition").map(|reader| reader.u8_up_to(RENDITIONS_MAX - 1)),
        accused: read_list(fields, "accused", ACCUSED_PER_ANNOUNCE_MAX, read_peer),
        reached: read_list(fields, "reached", REPORTED_PER_ANNOUNCE_MAX, read_peer),
        unreached: read_list(fields, "unreached", REPORTED_PER_ANNOUNCE_MAX, read_peer),
    })
}

/// One id, or a list of them.
fn read_hashes(reader: &mut Reader<'_>) -> Vec<InfoHash> {
    let mut one = reader.clone();
    let hash = InfoHash(one.array_of_bytes());
    if one.is_sound() {
        return vec![hash];
    }
    let count = reader.array(SCRAPE_HASHES_MAX);
    reader.values(count, |reader| InfoHash(reader.array_of_bytes()))
}

fn read_list<'a, T>(
    fields: &mut Fields<'_, 'a>,
    key: &str,
    max: usize,
    read: fn(&mut Reader<'a>) -> T,
) -> Vec<T> {
    let Some(reader) = fields.find(key) else { return Vec::new() };
    let count = reader.array(max);
    reader.values(count, read)
}

fn read_peer(reader: &mut Reader<'_>) -> PeerId {
    PeerId(reader.array_of_bytes())
}

fn read_offer(reader: &mut Reader<'_>) -> Offer {
    read_map(reader, |fields| Offer {
        offer_id: OfferId(fields.require("offer_id").array_of_bytes()),
        sdp: fields.sdp("offer"),
    })
}
