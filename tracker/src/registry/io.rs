//! What goes into the registry, what comes out, and every reason to refuse.

use protocol::id::InfoHash;
use protocol::time::{Duration, Instant};
use protocol::tracker::{ClientMessage, Failure, Forwarded, ServerMessage};

use super::limits::retry_s;
use super::place::Place;

/// The shell's name for one connection of a viewer. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection was opened at this place. A connection that nobody placed is near to nobody.
    Opened {
        /// The connection.
        connection: ConnectionId,
        /// Where it comes from.
        place: Place,
    },
    /// A decoded message came over a connection.
    Message {
        /// The connection.
        connection: ConnectionId,
        /// The message.
        message: ClientMessage,
    },
    /// A connection is gone, and everybody it spoke for with it.
    Closed {
        /// The connection.
        connection: ConnectionId,
    },
    /// This offer did not reach the viewer that it was handed to, who has left: it goes to another one.
    Undelivered(Forwarded),
    /// The moment of the last [`Output::Timeout`] has come.
    Timeout,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this message over the connection; if it is gone by now, drop it.
    Transmit {
        /// The connection.
        to: ConnectionId,
        /// The message.
        message: ServerMessage,
    },
    /// Somebody else claims a peer id of this connection: find out whether it still lives, and if it shows no sign of it
    /// within [`super::Config::probe`], end it.
    Probe {
        /// The connection.
        connection: ConnectionId,
    },
    /// Nothing more until this moment ([`Instant::NEVER`]: until the next input). Ends every drain.
    Timeout(Instant),
}

/// Why a message was refused. Where several hold, the first of these is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// [`super::Config::peers_max`] peers are here already.
    TrackerFull,
    /// Another connection speaks for this peer. It is asked whether it lives; if not, the id is free soon.
    PeerIdTaken,
    /// The connection speaks for [`super::Config::peers_per_connection_max`] peers already.
    TooManyPeersOnConnection,
    /// More newcomers than [`super::Config::joins_per_s`].
    TooManyNewcomers,
    /// An answer by somebody who has not announced in this swarm over this connection.
    AnswerFromStranger,
    /// An answer to somebody who is not, or no longer, in this swarm, or to oneself.
    OffererLeft,
    /// A scrape that names no swarm: the list of all swarms is nobody's business.
    ScrapeOfEverything,
    /// A scrape of more than [`protocol::limits::SCRAPE_HASHES_MAX`] swarms.
    ScrapeTooLong,
}

impl Refusal {
    /// Every refusal, in the order of its precedence.
    pub const ALL: [Self; 8] = [
        Self::TrackerFull,
        Self::PeerIdTaken,
        Self::TooManyPeersOnConnection,
        Self::TooManyNewcomers,
        Self::AnswerFromStranger,
        Self::OffererLeft,
        Self::ScrapeOfEverything,
        Self::ScrapeTooLong,
    ];

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its stable name, for metrics and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TrackerFull => "tracker_full",
            Self::PeerIdTaken => "peer_id_taken",
            Self::TooManyPeersOnConnection => "too_many_peers_on_connection",
            Self::TooManyNewcomers => "too_many_newcomers",
            Self::AnswerFromStranger => "answer_from_stranger",
            Self::OffererLeft => "offerer_left",
            Self::ScrapeOfEverything => "scrape_of_everything",
            Self::ScrapeTooLong => "scrape_too_long",
        }
    }

    /// What is wrong and what to do, for a person.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TrackerFull => "this tracker is full; try again later or use another one",
            Self::PeerIdTaken => {
                "this peer id belongs to another connection; take another id, or try again when that one is gone"
            }
            Self::TooManyPeersOnConnection => {
                "too many swarms on one connection; stop one of them or open another connection"
            }
            Self::TooManyNewcomers => "many viewers come at once; try again when your turn is",
            Self::AnswerFromStranger => "announce in this swarm over this connection before answering",
            Self::OffererLeft => "the viewer who made this offer has left the swarm",
            Self::ScrapeOfEverything => "name the swarms to scrape",
            Self::ScrapeTooLong => "too many swarms in one scrape; ask for at most 64",
        }
    }

    /// The message that tells the viewer: the `nth` that meets this refusal, and whose turn is after `wait`, where there
    /// is a turn.
    #[must_use]
    pub fn to_failure(self, info_hash: Option<InfoHash>, nth: u64, wait: Duration) -> Failure {
        let retry_in_s = match self {
            Self::TrackerFull => Some(retry_s(nth)),
            Self::PeerIdTaken | Self::TooManyNewcomers => {
                u32::try_from(wait.as_millis().div_ceil(1_000)).ok()
            }
            Self::TooManyPeersOnConnection
            | Self::AnswerFromStranger
            | Self::OffererLeft
            | Self::ScrapeOfEverything
            | Self::ScrapeTooLong => None,
        };
        Failure { reason: self.reason().to_owned(), info_hash, retry_in_s }
    }
}
