//! What a viewer sends.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::bytes20::{Bytes20, OneOrMany};
use super::list::First;
use super::number::Count;
use super::{Rule, SdpIn, SdpOut};
use crate::id::PeerId;
use crate::limits::{
    ACCUSED_PER_ANNOUNCE_MAX, OFFERS_PER_ANNOUNCE_MAX, RENDITIONS_MAX, REPORTED_PER_ANNOUNCE_MAX,
    SCRAPE_HASHES_MAX,
};
use crate::tracker::{Announce, ClientAnswer, ClientMessage, Event, Extras, Offer};

/// Everything that an incoming frame may say.
#[derive(Deserialize)]
pub(in crate::tracker) struct ClientFrame<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(default)]
    info_hash: OneOrMany,
    peer_id: Option<Bytes20>,
    to_peer_id: Option<Bytes20>,
    offer_id: Option<Bytes20>,
    answer: Option<SdpIn>,
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
    #[serde(default)]
    uploaded: Count,
    #[serde(default)]
    downloaded: Count,
    #[serde(default)]
    left: Count,
    // More offers than are relayed are no error: stock clients may be set to make them.
    offers: Option<First<OfferIn, OFFERS_PER_ANNOUNCE_MAX>>,
    #[serde(default)]
    rendition: Count,
    accused: Option<First<Bytes20, ACCUSED_PER_ANNOUNCE_MAX>>,
    reached: Option<First<Bytes20, REPORTED_PER_ANNOUNCE_MAX>>,
    unreached: Option<First<Bytes20, REPORTED_PER_ANNOUNCE_MAX>>,
    #[serde(borrow)]
    token: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct OfferIn {
    offer_id: Bytes20,
    offer: SdpIn,
}

impl ClientFrame<'_> {
    /// The message, where the frame is one, and what it says beside it. A frame whose action is `token` brings only that.
    pub(in crate::tracker) fn parse_with_extras(mut self) -> Result<(Option<ClientMessage>, Extras), Rule> {
        let extras = Extras { token: self.token.take().map(Cow::into_owned) };
        if self.action == "token" {
            return extras.token.is_some().then_some((None, extras)).ok_or(Rule::Missing("token"));
        }
        Ok((Some(self.parse()?), extras))
    }

    /// The message, where the frame is one.
    pub(in crate::tracker) fn parse(self) -> Result<ClientMessage, Rule> {
        match self.action.as_ref() {
            "announce" if self.answer.is_some() => self.parse_answer().map(ClientMessage::Answer),
            "announce" => self.parse_announce().map(ClientMessage::Announce),
            "scrape" => self.parse_scrape().map(ClientMessage::Scrape),
            _ => Err(Rule::UnknownAction),
        }
    }

    fn parse_announce(self) -> Result<Announce, Rule> {
        let rendition = self.rendition.0.and_then(|rendition| u8::try_from(rendition).ok());
        let offers = self.offers.unwrap_or_default().0.into_iter();
        Ok(Announce {
            info_hash: one(&self.info_hash)?.into(),
            peer_id: self.peer_id.ok_or(Rule::Missing("peer_id"))?.into(),
            event: self.event.map_or(Event::Update, |word| Event::from_word(&word)),
            offers: offers.map(OfferIn::parse).collect::<Result<_, _>>()?,
            left: self.left.0,
            uploaded: self.uploaded.0.unwrap_or_default(),
            downloaded: self.downloaded.0.unwrap_or_default(),
            rendition: rendition.filter(|rendition| *rendition < RENDITIONS_MAX),
            accused: peers(self.accused),
            reached: peers(self.reached),
            unreached: peers(self.unreached),
        })
    }

    fn parse_answer(self) -> Result<ClientAnswer, Rule> {
        Ok(ClientAnswer {
            info_hash: one(&self.info_hash)?.into(),
            peer_id: self.peer_id.ok_or(Rule::Missing("peer_id"))?.into(),
            to_peer_id: self.to_peer_id.ok_or(Rule::Missing("to_peer_id"))?.into(),
            offer_id: self.offer_id.ok_or(Rule::Missing("offer_id"))?.into(),
            sdp: self.answer.ok_or(Rule::Missing("answer"))?.parse()?,
        })
    }

    fn parse_scrape(self) -> Result<Vec<crate::id::InfoHash>, Rule> {
        if self.info_hash.0.len() > SCRAPE_HASHES_MAX {
            return Err(Rule::OverLimit("info_hash"));
        }
        Ok(self.info_hash.0.into_iter().map(Into::into).collect())
    }
}

impl OfferIn {
    fn parse(self) -> Result<Offer, Rule> {
        Ok(Offer { offer_id: self.offer_id.into(), sdp: self.offer.parse()? })
    }
}

fn peers<const MAX: usize>(list: Option<First<Bytes20, MAX>>) -> Vec<PeerId> {
    list.unwrap_or_default().0.into_iter().map(Into::into).collect()
}

fn one(hashes: &OneOrMany) -> Result<Bytes20, Rule> {
    match hashes.0.as_slice() {
        [hash] => Ok(*hash),
        _ => Err(Rule::Missing("info_hash")),
    }
}

/// A frame on its way out; the keys in the order of the specification.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::tracker) enum ClientOut<'a> {
    Announce(AnnounceOut<'a>),
    Answer(AnswerOut<'a>),
    Scrape(ScrapeOut),
}

#[derive(Serialize)]
pub(in crate::tracker) struct AnnounceOut<'a> {
    action: &'static str,
    info_hash: Bytes20,
    peer_id: Bytes20,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    uploaded: u64,
    downloaded: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u64>,
    numwant: u16,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    offers: Vec<OfferOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rendition: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accused: Vec<Bytes20>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reached: Vec<Bytes20>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreached: Vec<Bytes20>,
}

#[derive(Serialize)]
struct OfferOut<'a> {
    offer_id: Bytes20,
    offer: SdpOut<'a>,
}

#[derive(Serialize)]
pub(in crate::tracker) struct AnswerOut<'a> {
    action: &'static str,
    info_hash: Bytes20,
    peer_id: Bytes20,
    to_peer_id: Bytes20,
    offer_id: Bytes20,
    answer: SdpOut<'a>,
}

#[derive(Serialize)]
pub(in crate::tracker) struct ScrapeOut {
    action: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    info_hash: Vec<Bytes20>,
}

impl<'a> From<&'a ClientMessage> for ClientOut<'a> {
    fn from(message: &'a ClientMessage) -> Self {
        match message {
            ClientMessage::Announce(announce) => Self::Announce(announce.into()),
            ClientMessage::Answer(answer) => Self::Answer(answer.into()),
            ClientMessage::Scrape(hashes) => {
                let info_hash = hashes.iter().map(|hash| Bytes20(hash.0)).collect();
                Self::Scrape(ScrapeOut { action: "scrape", info_hash })
            }
        }
    }
}

impl<'a> From<&'a Announce> for AnnounceOut<'a> {
    fn from(announce: &'a Announce) -> Self {
        let offers = announce.offers.iter().map(|offer| OfferOut {
            offer_id: Bytes20(offer.offer_id.0),
            offer: SdpOut { r#type: "offer", sdp: &offer.sdp },
        });
        Self {
            action: "announce",
            info_hash: Bytes20(announce.info_hash.0),
            peer_id: Bytes20(announce.peer_id.0),
            event: announce.event.word(),
            uploaded: announce.uploaded,
            downloaded: announce.downloaded,
            left: announce.left,
            numwant: announce.numwant(),
            offers: offers.collect(),
            rendition: announce.rendition,
            accused: ids(&announce.accused),
            reached: ids(&announce.reached),
            unreached: ids(&announce.unreached),
        }
    }
}

fn ids(peers: &[PeerId]) -> Vec<Bytes20> {
    peers.iter().map(|peer| Bytes20(peer.0)).collect()
}

impl<'a> From<&'a ClientAnswer> for AnswerOut<'a> {
    fn from(answer: &'a ClientAnswer) -> Self {
        Self {
            action: "announce",
            info_hash: Bytes20(answer.info_hash.0),
            peer_id: Bytes20(answer.peer_id.0),
            to_peer_id: Bytes20(answer.to_peer_id.0),
            offer_id: Bytes20(answer.offer_id.0),
            answer: SdpOut { r#type: "answer", sdp: &answer.sdp },
        }
    }
}
