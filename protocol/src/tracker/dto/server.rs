//! What the tracker sends.

use core::fmt;
use std::borrow::Cow;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bytes20::Bytes20;
use super::number::Count;
use super::{Rule, SdpIn, SdpOut};
use crate::limits::{FAILURE_REASON_BYTES_MAX, SCRAPE_FILES_MAX};
use crate::tracker::{Failure, Forwarded, Hints, Reply, ScrapeEntry, ServerMessage};

/// Everything that an incoming frame may say. Other trackers' refusals may come without an action.
#[derive(Deserialize)]
pub(in crate::tracker) struct ServerFrame<'a> {
    #[serde(borrow, default)]
    action: Cow<'a, str>,
    info_hash: Option<Bytes20>,
    peer_id: Option<Bytes20>,
    offer_id: Option<Bytes20>,
    offer: Option<SdpIn>,
    answer: Option<SdpIn>,
    #[serde(default)]
    interval: Count,
    #[serde(default)]
    complete: Count,
    #[serde(default)]
    incomplete: Count,
    #[serde(default)]
    files: Files,
    #[serde(rename = "failure reason")]
    failure_reason: Option<String>,
    #[serde(rename = "retry in", default)]
    retry_in: Count,
}

impl ServerFrame<'_> {
    /// The message, where the frame is one.
    pub(in crate::tracker) fn parse(mut self) -> Result<ServerMessage, Rule> {
        if let Some(reason) = self.failure_reason.take() {
            return self.parse_failure(reason).map(ServerMessage::Failure);
        }
        match self.action.as_ref() {
            "announce" => {}
            "scrape" if self.files.0.len() > SCRAPE_FILES_MAX => return Err(Rule::OverLimit("files")),
            "scrape" => return Ok(ServerMessage::Scrape(self.files.0)),
            _ => return Err(Rule::UnknownAction),
        }
        if let Some(offer) = self.offer.take() {
            return self.parse_forwarded(offer).map(ServerMessage::Offer);
        }
        if let Some(answer) = self.answer.take() {
            return self.parse_forwarded(answer).map(ServerMessage::Answer);
        }
        Ok(ServerMessage::Reply(Reply {
            info_hash: self.info_hash.ok_or(Rule::Missing("info_hash"))?.into(),
            interval_s: self.interval.u32().ok_or(Rule::Missing("interval"))?,
            complete: self.complete.u32().unwrap_or_default(),
            incomplete: self.incomplete.u32().unwrap_or_default(),
        }))
    }

    fn parse_forwarded(&self, sdp: SdpIn) -> Result<Forwarded, Rule> {
        Ok(Forwarded {
            info_hash: self.info_hash.ok_or(Rule::Missing("info_hash"))?.into(),
            peer_id: self.peer_id.ok_or(Rule::Missing("peer_id"))?.into(),
            offer_id: self.offer_id.ok_or(Rule::Missing("offer_id"))?.into(),
            sdp: sdp.parse()?,
        })
    }

    fn parse_failure(&self, reason: String) -> Result<Failure, Rule> {
        if reason.len() > FAILURE_REASON_BYTES_MAX {
            return Err(Rule::OverLimit("failure reason"));
        }
        Ok(Failure { reason, info_hash: self.info_hash.map(Into::into), retry_in_s: self.retry_in.u32() })
    }
}

/// The map from swarms to their sizes.
#[derive(Default)]
struct Files(Vec<ScrapeEntry>);

#[derive(Deserialize)]
struct SizesIn {
    #[serde(default)]
    complete: Count,
    #[serde(default)]
    incomplete: Count,
    #[serde(default)]
    downloaded: Count,
}

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FilesVisitor)
    }
}

struct FilesVisitor;

impl<'de> Visitor<'de> for FilesVisitor {
    type Value = Files;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from info hashes to sizes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Files, A::Error> {
        let mut files = Vec::new();
        while let Some((info_hash, sizes)) = map.next_entry::<Bytes20, SizesIn>()? {
            files.push(ScrapeEntry {
                info_hash: info_hash.into(),
                complete: sizes.complete.u32().unwrap_or_default(),
                incomplete: sizes.incomplete.u32().unwrap_or_default(),
                downloaded: sizes.downloaded.u32().unwrap_or_default(),
            });
        }
        Ok(Files(files))
    }
}

/// A frame on its way out; the keys in the order of the specification.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::tracker) enum ServerOut<'a> {
    Reply(ReplyOut<'a>),
    Offer(OfferOut<'a>),
    Answer(AnswerOut<'a>),
    Scrape(ScrapeOut<'a>),
    Failure(FailureOut<'a>),
}

#[derive(Serialize)]
pub(in crate::tracker) struct ReplyOut<'a> {
    action: &'static str,
    info_hash: Bytes20,
    interval: u32,
    complete: u32,
    incomplete: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
}

#[derive(Serialize)]
pub(in crate::tracker) struct OfferOut<'a> {
    action: &'static str,
    info_hash: Bytes20,
    peer_id: Bytes20,
    offer_id: Bytes20,
    offer: SdpOut<'a>,
}

#[derive(Serialize)]
pub(in crate::tracker) struct AnswerOut<'a> {
    action: &'static str,
    info_hash: Bytes20,
    peer_id: Bytes20,
    offer_id: Bytes20,
    answer: SdpOut<'a>,
}

#[derive(Serialize)]
pub(in crate::tracker) struct ScrapeOut<'a> {
    action: &'static str,
    files: FilesOut<'a>,
}

struct FilesOut<'a>(&'a [ScrapeEntry]);

#[derive(Serialize)]
struct SizesOut {
    complete: u32,
    incomplete: u32,
    downloaded: u32,
}

impl Serialize for FilesOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for &ScrapeEntry { info_hash, complete, incomplete, downloaded } in self.0 {
            map.serialize_entry(&Bytes20(info_hash.0), &SizesOut { complete, incomplete, downloaded })?;
        }
        map.end()
    }
}

#[derive(Serialize)]
pub(in crate::tracker) struct FailureOut<'a> {
    /// Only beside a swarm: the stock client takes every message with this action for one about a swarm, and breaks
    /// over one that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    info_hash: Option<Bytes20>,
    #[serde(rename = "failure reason")]
    failure_reason: &'a str,
    #[serde(rename = "retry in", skip_serializing_if = "Option::is_none")]
    retry_in: Option<u32>,
}

impl<'a> ServerOut<'a> {
    pub(in crate::tracker) fn new(message: &'a ServerMessage, hints: Hints<'a>) -> Self {
        let action = "announce";
        match message {
            ServerMessage::Reply(reply) => Self::Reply(ReplyOut {
                action,
                info_hash: Bytes20(reply.info_hash.0),
                interval: reply.interval_s,
                complete: reply.complete,
                incomplete: reply.incomplete,
                network: hints.network,
                region: hints.region,
            }),
            ServerMessage::Offer(offer) => Self::Offer(OfferOut {
                action,
                info_hash: Bytes20(offer.info_hash.0),
                peer_id: Bytes20(offer.peer_id.0),
                offer_id: Bytes20(offer.offer_id.0),
                offer: SdpOut { r#type: "offer", sdp: &offer.sdp },
            }),
            ServerMessage::Answer(answer) => Self::Answer(AnswerOut {
                action,
                info_hash: Bytes20(answer.info_hash.0),
                peer_id: Bytes20(answer.peer_id.0),
                offer_id: Bytes20(answer.offer_id.0),
                answer: SdpOut { r#type: "answer", sdp: &answer.sdp },
            }),
            ServerMessage::Scrape(entries) => {
                Self::Scrape(ScrapeOut { action: "scrape", files: FilesOut(entries) })
            }
            ServerMessage::Failure(failure) => Self::Failure(FailureOut {
                action: failure.info_hash.map(|_| action),
                info_hash: failure.info_hash.map(|hash| Bytes20(hash.0)),
                failure_reason: &failure.reason,
                retry_in: failure.retry_in_s,
            }),
        }
    }
}
