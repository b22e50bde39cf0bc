//! What is carried, and why it may not be.

use bytes::Bytes;

use crate::Subject;

/// A letter that has arrived.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub body: Bytes,
    /// Where its sender waits for an answer.
    pub(crate) from: Option<Return>,
}

impl Letter {
    /// Whether its sender waits for an answer.
    #[must_use]
    pub const fn is_question(&self) -> bool {
        self.from.is_some()
    }
}

/// Where an answer goes.
#[derive(Clone, Debug)]
pub(crate) enum Return {
    /// A question of this process.
    Here(u64),
    /// A subject of the process that asked.
    There(async_nats::Subject),
}

/// There is no room: nobody got it; try again, or tell whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a listener, or the network, does not keep up with what is published")]
pub struct Full;

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It could not be sent.
    #[error("too much waits already")]
    Full,
    /// Nobody listens there.
    #[error("nobody listens there")]
    Nobody,
    /// The patience ended.
    #[error("no answer came in time")]
    Late,
}

impl From<Full> for Unanswered {
    fn from(_: Full) -> Self {
        Self::Full
    }
}
