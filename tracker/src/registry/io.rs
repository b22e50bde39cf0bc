//! What goes into the registry, what comes out, and every reason to refuse.

use core::num::NonZeroU64;

use protocol::id::InfoHash;
use protocol::time::Instant;
use protocol::tracker::{ClientMessage, Failure, ServerMessage};

/// The shell's name for one connection of a viewer. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Where a connection comes from, as far as the shell tells: connections of one place are near each other. The shell
/// makes it of the public address, which all viewers behind one router share; the registry knows no addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub NonZeroU64);

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
    /// Nothing more until this moment ([`Instant::NEVER`]: until the next input). Ends every drain.
    Timeout(Instant),
}

/// Why a message was refused. Where several hold, the first of these is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// [`super::Config::peers_max`] peers are here already.
    TrackerFull,
    /// The connection speaks for [`super::Config::peers_per_connection_max`] peers already.
    TooManyPeersOnConnection,
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
    pub const ALL: [Self; 6] = [
        Self::TrackerFull,
        Self::TooManyPeersOnConnection,
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
            Self::TooManyPeersOnConnection => "too_many_peers_on_connection",
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
            Self::TooManyPeersOnConnection => {
                "too many swarms on one connection; stop one of them or open another connection"
            }
            Self::AnswerFromStranger => "announce in this swarm over this connection before answering",
            Self::OffererLeft => "the viewer who made this offer has left the swarm",
            Self::ScrapeOfEverything => "name the swarms to scrape",
            Self::ScrapeTooLong => "too many swarms in one scrape; ask for at most 64",
        }
    }

    /// The message that tells the viewer, the `nth` that meets this refusal.
    #[must_use]
    pub fn to_failure(self, info_hash: Option<InfoHash>, nth: u64) -> Failure {
        let retry_in_s = (self == Self::TrackerFull).then_some(super::limits::retry_s(nth));
        Failure { reason: self.reason().to_owned(), info_hash, retry_in_s }
    }
}
