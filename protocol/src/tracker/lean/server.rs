//! What the tracker sends.

use super::{
    ANNOUNCE, SCRAPE, WORD_BYTES_MAX, read_frame, read_map, read_sdp, required, write_head, write_sdp,
};
use crate::id::{InfoHash, OfferId, PeerId};
use crate::limits::{FAILURE_REASON_BYTES_MAX, SCRAPE_FILES_MAX};
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

/// What a frame says, before it is known which message it is.
#[derive(Default)]
struct Fields<'a> {
    action: &'a str,
    info_hash: Option<InfoHash>,
    peer_id: Option<PeerId>,
    offer_id: Option<OfferId>,
    offer: Option<&'a str>,
    answer: Option<&'a str>,
    interval_s: Option<u32>,
    complete: u32,
    incomplete: u32,
    files: Vec<ScrapeEntry>,
    reason: Option<&'a str>,
    retry_in_s: Option<u32>,
}

impl<'a> Fields<'a> {
    fn read(&mut self, reader: &mut Reader<'a>, key: &str) -> bool {
        match key {
            "action" => self.action = reader.str(WORD_BYTES_MAX),
            "info_hash" => self.info_hash = Some(InfoHash(reader.array_of_bytes())),
            "peer_id" => self.peer_id = Some(PeerId(reader.array_of_bytes())),
            "offer_id" => self.offer_id = Some(OfferId(reader.array_of_bytes())),
            "offer" => self.offer = read_sdp(reader),
            "answer" => self.answer = read_sdp(reader),
            "interval" => self.interval_s = Some(reader.u32()),
            "complete" => self.complete = reader.u32(),
            "incomplete" => self.incomplete = reader.u32(),
            "files" => self.files = read_files(reader),
            "failure reason" => self.reason = Some(reader.str(FAILURE_REASON_BYTES_MAX)),
            "retry in" => self.retry_in_s = Some(reader.u32()),
            _ => return false,
        }
        true
    }

    fn message(self) -> Result<ServerMessage, DecodeError> {
        if let Some(reason) = self.reason {
            let (info_hash, retry_in_s) = (self.info_hash, self.retry_in_s);
            return Ok(ServerMessage::Failure(Failure { reason: reason.into(), info_hash, retry_in_s }));
        }
        match self.action {
            SCRAPE => return Ok(ServerMessage::Scrape(self.files)),
            ANNOUNCE => {}
            _ => return Err(DecodeError { at: 0, fault: Fault::Kind }),
        }
        if let Some(sdp) = self.offer {
            return self.forwarded(sdp).map(ServerMessage::Offer);
        }
        if let Some(sdp) = self.answer {
            return self.forwarded(sdp).map(ServerMessage::Answer);
        }
        Ok(ServerMessage::Reply(Reply {
            info_hash: required(self.info_hash)?,
            interval_s: required(self.interval_s)?,
            complete: self.complete,
            incomplete: self.incomplete,
        }))
    }

    fn forwarded(&self, sdp: &str) -> Result<Forwarded, DecodeError> {
        Ok(Forwarded {
            info_hash: required(self.info_hash)?,
            peer_id: required(self.peer_id)?,
            offer_id: required(self.offer_id)?,
            sdp: sdp.into(),
        })
    }
}

fn read_files(reader: &mut Reader<'_>) -> Vec<ScrapeEntry> {
    let files = reader.map(SCRAPE_FILES_MAX);
    reader.values(files, read_file)
}

fn read_file(reader: &mut Reader<'_>) -> ScrapeEntry {
    let info_hash = InfoHash(reader.array_of_bytes());
    let mut entry = ScrapeEntry { info_hash, complete: 0, incomplete: 0, downloaded: 0 };
    read_map(reader, &mut |reader, key| {
        match key {
            "complete" => entry.complete = reader.u32(),
            "incomplete" => entry.incomplete = reader.u32(),
            "downloaded" => entry.downloaded = reader.u32(),
            _ => return false,
        }
        true
    });
    entry
}
