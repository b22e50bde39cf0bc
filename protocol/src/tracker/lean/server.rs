//! What the tracker sends.

use super::fields::{Fields, read_map};
use super::{ANNOUNCE, SCRAPE, write_head, write_sdp};
use crate::id::{InfoHash, OfferId, PeerId};
use crate::limits::{FAILURE_REASON_BYTES_MAX, TRACKER_FRAME_BYTES_MAX};
use crate::pack::{DecodeError, Fault, Reader, Writer};
use crate::tracker::{Failure, Forwarded, Reply, ScrapeEntry, ServerMessage};

/// Room for every message without a session description.
const SHORT_BYTES: usize = 128;

impl ServerMessage {
    /// The message as a binary frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(SHORT_BYTES);
        match self {
            Self::Reply(reply) => write_reply(&mut writer, reply),
            Self::Offer(forwarded) => write_forwarded(&mut writer, forwarded, "offer"),
            Self::Answer(forwarded) => write_forwarded(&mut writer, forwarded, "answer"),
            Self::Scrape(entries) => write_scrape(&mut writer, entries),
            Self::Failure(failure) => write_failure(&mut writer, failure),
        }
        writer.into_bytes()
    }

    /// A message from a binary frame; sizes of swarms are not among them, for the module never asks for any.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::limited(bytes, TRACKER_FRAME_BYTES_MAX);
        let message = read_map(&mut reader, read_message);
        reader.finish(message)
    }
}

fn write_reply(writer: &mut Writer, reply: &Reply) {
    write_head(writer, 5, ANNOUNCE, Some(reply.info_hash));
    writer.str("interval").uint(reply.interval_s);
    writer.str("complete").uint(reply.complete).str("incomplete").uint(reply.incomplete);
}

fn write_forwarded(writer: &mut Writer, forwarded: &Forwarded, kind: &str) {
    write_head(writer, 5, ANNOUNCE, Some(forwarded.info_hash));
    writer.str("peer_id").bin(&forwarded.peer_id.0).str("offer_id").bin(&forwarded.offer_id.0);
    write_sdp(writer, kind, &forwarded.sdp);
}

fn write_scrape(writer: &mut Writer, entries: &[ScrapeEntry]) {
    write_head(writer, 2, SCRAPE, None);
    writer.str("files").map(entries.len());
    for entry in entries {
        writer.bin(&entry.info_hash.0).map(3).str("complete").uint(entry.complete);
        writer.str("incomplete").uint(entry.incomplete).str("downloaded").uint(entry.downloaded);
    }
}

fn write_failure(writer: &mut Writer, failure: &Failure) {
    let own = 1 + usize::from(failure.retry_in_s.is_some());
    // An action only beside a swarm: the stock client breaks over an announce's refusal that names none.
    match failure.info_hash {
        Some(info_hash) => write_head(writer, 2 + own, ANNOUNCE, Some(info_hash)),
        None => {
            writer.map(own);
        }
    }
    writer.str("failure reason").str(&failure.reason);
    if let Some(seconds) = failure.retry_in_s {
        writer.str("retry in").uint(seconds);
    }
}

fn read_message(fields: &mut Fields<'_, '_>) -> ServerMessage {
    if let Some(reader) = fields.find("failure reason") {
        let reason = reader.str(FAILURE_REASON_BYTES_MAX).into();
        let info_hash = fields.find("info_hash").map(|reader| InfoHash(reader.array_of_bytes()));
        let retry_in_s = fields.find("retry in").map(Reader::u32);
        return ServerMessage::Failure(Failure { reason, info_hash, retry_in_s });
    }
    let action = fields.word("action");
    fields.check(action == ANNOUNCE, Fault::Kind);
    if fields.find("offer").is_some() {
        return ServerMessage::Offer(read_forwarded(fields, "offer"));
    }
    if fields.find("answer").is_some() {
        return ServerMessage::Answer(read_forwarded(fields, "answer"));
    }
    ServerMessage::Reply(Reply {
        info_hash: InfoHash(fields.require("info_hash").array_of_bytes()),
        interval_s: fields.require("interval").u32(),
        complete: fields.find("complete").map_or(0, Reader::u32),
        incomplete: fields.find("incomplete").map_or(0, Reader::u32),
    })
}

fn read_forwarded(fields: &mut Fields<'_, '_>, kind: &str) -> Forwarded {
    Forwarded {
        info_hash: InfoHash(fields.require("info_hash").array_of_bytes()),
        peer_id: PeerId(fields.require("peer_id").array_of_bytes()),
        offer_id: OfferId(fields.require("offer_id").array_of_bytes()),
        sdp: fields.sdp(kind),
    }
}
