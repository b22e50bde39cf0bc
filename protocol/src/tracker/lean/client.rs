//! What a viewer sends.

use super::{
    ANNOUNCE, SCRAPE, WORD_BYTES_MAX, read_frame, read_map, read_sdp, required, write_head, write_sdp,
};
use crate::id::{InfoHash, OfferId, PeerId};
use crate::limits::{ACCUSED_PER_ANNOUNCE_MAX, OFFERS_PER_ANNOUNCE_MAX, RENDITIONS_MAX, SCRAPE_HASHES_MAX};
use crate::pack::{DecodeError, Fault, Reader, Writer};
use crate::tracker::{Announce, ClientAnswer, ClientMessage, Event, Offer};

/// Room for every message without a session description.
const SHORT_BYTES: usize = 160;

impl ClientMessage {
    /// The message as a binary frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(SHORT_BYTES);
        match self {
            Self::Announce(announce) => write_announce(&mut writer, announce),
            Self::Answer(answer) => write_answer(&mut writer, answer),
            Self::Scrape(hashes) => write_scrape(&mut writer, hashes),
        }
        writer.into_bytes()
    }

    /// A message from a binary frame.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::default();
        read_frame(bytes, &mut |reader, key| fields.read(reader, key))?;
        fields.message()
    }
}

fn write_announce(writer: &mut Writer, announce: &Announce) {
    let event = announce.event.word();
    let optional = [
        event.is_some(),
        announce.left.is_some(),
        !announce.offers.is_empty(),
        announce.rendition.is_some(),
        !announce.accused.is_empty(),
    ];
    let entries = 6 + optional.iter().filter(|there| **there).count();
    write_head(writer, entries, ANNOUNCE, Some(announce.info_hash));
    writer.str("peer_id").bin(&announce.peer_id.0);
    if let Some(event) = event {
        writer.str("event").str(event);
    }
    writer.str("uploaded").uint(announce.uploaded).str("downloaded").uint(announce.downloaded);
    if let Some(left) = announce.left {
        writer.str("left").uint(left);
    }
    writer.str("numwant").uint(announce.numwant());
    if !announce.offers.is_empty() {
        write_offers(writer, &announce.offers);
    }
    if let Some(rendition) = announce.rendition {
        writer.str("rendition").uint(rendition);
    }
    if !announce.accused.is_empty() {
        writer.str("accused").array(announce.accused.len());
        announce.accused.iter().for_each(|peer| {
            writer.bin(&peer.0);
        });
    }
}

fn write_offers(writer: &mut Writer, offers: &[Offer]) {
    writer.str("offers").array(offers.len());
    for offer in offers {
        writer.map(2).str("offer_id").bin(&offer.offer_id.0);
        write_sdp(writer, "offer", &offer.sdp);
    }
}

fn write_answer(writer: &mut Writer, answer: &ClientAnswer) {
    write_head(writer, 6, ANNOUNCE, Some(answer.info_hash));
    writer.str("peer_id").bin(&answer.peer_id.0);
    writer.str("to_peer_id").bin(&answer.to_peer_id.0).str("offer_id").bin(&answer.offer_id.0);
    write_sdp(writer, "answer", &answer.sdp);
}

fn write_scrape(writer: &mut Writer, hashes: &[InfoHash]) {
    write_head(writer, 1 + usize::from(!hashes.is_empty()), SCRAPE, None);
    if !hashes.is_empty() {
        writer.str("info_hash").array(hashes.len());
        hashes.iter().for_each(|hash| {
            writer.bin(&hash.0);
        });
    }
}

/// What a frame says, before it is known which message it is.
#[derive(Default)]
struct Fields<'a> {
    action: &'a str,
    hashes: Vec<InfoHash>,
    peer_id: Option<PeerId>,
    to_peer_id: Option<PeerId>,
    offer_id: Option<OfferId>,
    answer: Option<&'a str>,
    event: &'a str,
    uploaded: u64,
    downloaded: u64,
    left: Option<u64>,
    offers: Vec<Offer>,
    rendition: Option<u8>,
    accused: Vec<PeerId>,
}

impl<'a> Fields<'a> {
    fn read(&mut self, reader: &mut Reader<'a>, key: &str) -> bool {
        match key {
            "action" => self.action = reader.str(WORD_BYTES_MAX),
            "info_hash" => self.hashes = read_hashes(reader),
            "peer_id" => self.peer_id = Some(read_peer(reader)),
            "to_peer_id" => self.to_peer_id = Some(read_peer(reader)),
            "offer_id" => self.offer_id = Some(OfferId(reader.array_of_bytes())),
            "answer" => self.answer = read_sdp(reader),
            "event" => self.event = reader.str(WORD_BYTES_MAX),
            "uploaded" => self.uploaded = reader.u64(),
            "downloaded" => self.downloaded = reader.u64(),
            "left" => self.left = Some(reader.u64()),
            "offers" => self.offers = read_list(reader, OFFERS_PER_ANNOUNCE_MAX, read_offer),
            "rendition" => self.rendition = Some(reader.u8_up_to(RENDITIONS_MAX - 1)),
            "accused" => self.accused = read_list(reader, ACCUSED_PER_ANNOUNCE_MAX, read_peer),
            _ => return false,
        }
        true
    }

    fn message(self) -> Result<ClientMessage, DecodeError> {
        match self.action {
            SCRAPE => return Ok(ClientMessage::Scrape(self.hashes)),
            ANNOUNCE => {}
            _ => return Err(DecodeError { at: 0, fault: Fault::Kind }),
        }
        let [info_hash] = self.hashes.try_into().map_err(|_| DecodeError { at: 0, fault: Fault::Key })?;
        let peer_id = required(self.peer_id)?;
        if let Some(sdp) = self.answer {
            let (to_peer_id, offer_id) = (required(self.to_peer_id)?, required(self.offer_id)?);
            let sdp = sdp.into();
            return Ok(ClientMessage::Answer(ClientAnswer { info_hash, peer_id, to_peer_id, offer_id, sdp }));
        }
        Ok(ClientMessage::Announce(Announce {
            info_hash,
            peer_id,
            event: Event::from_word(self.event),
            offers: self.offers,
            left: self.left,
            uploaded: self.uploaded,
            downloaded: self.downloaded,
            rendition: self.rendition,
            accused: self.accused,
        }))
    }
}

/// One id, or a list of them.
fn read_hashes(reader: &mut Reader<'_>) -> Vec<InfoHash> {
    let mut one = reader.clone();
    let hash = InfoHash(one.array_of_bytes());
    if one.is_sound() {
        *reader = one;
        return vec![hash];
    }
    read_list(reader, SCRAPE_HASHES_MAX, |reader| InfoHash(reader.array_of_bytes()))
}

fn read_list<'a, T>(reader: &mut Reader<'a>, max: usize, read: fn(&mut Reader<'a>) -> T) -> Vec<T> {
    let count = reader.array(max);
    reader.values(count, read)
}

fn read_peer(reader: &mut Reader<'_>) -> PeerId {
    PeerId(reader.array_of_bytes())
}

fn read_offer(reader: &mut Reader<'_>) -> Offer {
    let (mut offer_id, mut sdp) = (None, None);
    read_map(reader, &mut |reader, key| {
        match key {
            "offer_id" => offer_id = Some(OfferId(reader.array_of_bytes())),
            "offer" => sdp = read_sdp(reader),
            _ => return false,
        }
        true
    });
    reader.check(offer_id.is_some() && sdp.is_some(), 0, Fault::Key);
    Offer { offer_id: offer_id.unwrap_or(OfferId([0; 20])), sdp: sdp.unwrap_or_default().into() }
}
