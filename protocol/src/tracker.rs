//! The messages between a viewer and the tracker: WebTorrent's model, as JSON text or as MessagePack
//! (`docs/spec/tracker.md`).
//!
//! Text frames are the WebTorrent protocol as its clients speak it (there is no adopted specification; the draft in
//! webtorrent PR 881 and the code of bittorrent-tracker are the reference). Binary frames carry the same maps with the
//! same keys in MessagePack, ids as 20-byte `bin`.

#[cfg(feature = "serde")]
pub mod binary;
#[cfg(feature = "serde")]
mod dto;
mod lean;
#[cfg(feature = "serde")]
pub mod page;
#[cfg(feature = "serde")]
pub mod text;

#[cfg(feature = "serde")]
pub use dto::Rule;

use crate::id::{InfoHash, OfferId, PeerId};

/// From a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage {
    /// I am here; these are my offers.
    Announce(Announce),
    /// The answer to an offer that you forwarded.
    Answer(ClientAnswer),
    /// How large are these swarms, at most [`crate::limits::SCRAPE_HASHES_MAX`]; none named asks for all.
    Scrape(Vec<InfoHash>),
}

/// What a viewer's frame says for the tracker itself, beside its message; ours only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// A join token (RFC 7519), where the tracker asks for one.
    pub token: Option<String>,
}

/// What a reply tells beside its message; ours only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints<'a> {
    /// The receiver's autonomous system (RFC 6793), where a table of the operator's tells it.
    pub network: Option<u32>,
    /// The receiver's region, where a table of the operator's tells it: a country's two letters (ISO 3166-1), or a name of
    /// the operator's own.
    pub region: Option<&'a str>,
}

/// An announce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announce {
    /// The swarm.
    pub info_hash: InfoHash,
    /// The sender.
    pub peer_id: PeerId,
    /// What happened.
    pub event: Event,
    /// Offers to be handed to as many other viewers, at most [`crate::limits::OFFERS_PER_ANNOUNCE_MAX`].
    pub offers: Vec<Offer>,
    /// Bytes left to download, where the client says so; 0 marks a seeder.
    pub left: Option<u64>,
    /// Bytes uploaded so far.
    pub uploaded: u64,
    /// Bytes downloaded so far.
    pub downloaded: u64,
    /// The rendition being watched: a hint, ours only.
    pub rendition: Option<u8>,
    /// Peers that sent proven bad data since the last announce: counted, believed from none alone; ours only, at most
    /// [`crate::limits::ACCUSED_PER_ANNOUNCE_MAX`].
    pub accused: Vec<PeerId>,
    /// Peers with whom a link has opened since the last announce; ours only, at most
    /// [`crate::limits::REPORTED_PER_ANNOUNCE_MAX`].
    pub reached: Vec<PeerId>,
    /// Peers who answered an offer of the sender's, and no link opened in time; ours only, as many.
    pub unreached: Vec<PeerId>,
}

/// The event of an announce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Event {
    /// The regular one; also every event that we do not know.
    #[default]
    Update,
    /// The first announce.
    Started,
    /// The viewer holds everything.
    Completed,
    /// The viewer leaves; no reply is due.
    Stopped,
}

impl Announce {
    /// An announce that says no more than this.
    #[must_use]
    pub const fn new(info_hash: InfoHash, peer_id: PeerId, event: Event) -> Self {
        Self {
            info_hash,
            peer_id,
            event,
            offers: Vec::new(),
            left: None,
            uploaded: 0,
            downloaded: 0,
            rendition: None,
            accused: Vec::new(),
            reached: Vec::new(),
            unreached: Vec::new(),
        }
    }

    /// What `numwant` says: as many peers as there are offers. It is written for trackers that want it; ours counts
    /// the offers.
    fn numwant(&self) -> u16 {
        u16::try_from(self.offers.len()).unwrap_or(u16::MAX)
    }
}

impl Event {
    /// Its word on the wire; the regular announce has none.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Update => None,
            Self::Started => Some("started"),
            Self::Completed => Some("completed"),
            Self::Stopped => Some("stopped"),
        }
    }

    /// The event that a word names; every other word is the regular announce (the field knows `update`, `paused`).
    fn from_word(word: &str) -> Self {
        match word {
            "started" => Self::Started,
            "completed" => Self::Completed,
            "stopped" => Self::Stopped,
            _ => Self::Update,
        }
    }
}

/// One offer of an announce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its id, chosen by the offerer.
    pub offer_id: OfferId,
    /// The session description (RFC 8866), at most [`crate::limits::SDP_BYTES_MAX`] bytes.
    pub sdp: String,
}

/// An answer on its way to the offerer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAnswer {
    /// The swarm.
    pub info_hash: InfoHash,
    /// The answerer.
    pub peer_id: PeerId,
    /// The offerer.
    pub to_peer_id: PeerId,
    /// The offer answered.
    pub offer_id: OfferId,
    /// The session description.
    pub sdp: String,
}

/// From the tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerMessage {
    /// The reply to an announce.
    Reply(Reply),
    /// Another viewer's offer.
    Offer(Forwarded),
    /// Another viewer's answer to an offer of the receiver.
    Answer(Forwarded),
    /// Sizes of swarms.
    Scrape(Vec<ScrapeEntry>),
    /// A refusal.
    Failure(Failure),
}

/// The reply to an announce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The swarm.
    pub info_hash: InfoHash,
    /// Seconds until the next announce.
    pub interval_s: u32,
    /// Seeders of the swarm.
    pub complete: u32,
    /// Viewers of the swarm that are no seeders, the receiver included.
    pub incomplete: u32,
}

/// A forwarded offer or answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The swarm.
    pub info_hash: InfoHash,
    /// Who made it.
    pub peer_id: PeerId,
    /// The offer it is, or answers.
    pub offer_id: OfferId,
    /// The session description.
    pub sdp: String,
}

/// The size of one swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrapeEntry {
    /// The swarm.
    pub info_hash: InfoHash,
    /// Seeders.
    pub complete: u32,
    /// Others.
    pub incomplete: u32,
    /// How often `completed` was announced.
    pub downloaded: u32,
}

/// A refusal, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was wrong and what to do.
    pub reason: String,
    /// The swarm it is about, where there is one.
    pub info_hash: Option<InfoHash>,
    /// Seconds after which trying again makes sense, where it does; ours only ("retry in").
    pub retry_in_s: Option<u32>,
}
