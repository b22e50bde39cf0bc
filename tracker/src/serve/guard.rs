//! One connection's rights: what it may send, and which swarms it may be in.

use protocol::id::InfoHash;
use protocol::time::Instant;
use protocol::tracker::{ClientMessage, Extras, Failure};

use super::policy::Policy;
use super::policy::allowance::{Allowance, Excess};
use super::policy::token::{Denial, Grant};

/// Why a message is not passed on to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is over a rate.
    Excess(Excess),
    /// Its sender may not join.
    Denied(Denial, Option<InfoHash>),
}

/// What a client that sends too much is told to wait: what it took ahead is earned by then.
const EXCESS_RETRY_S: u32 = 10;

impl Refused {
    /// The message that tells the viewer.
    pub(super) fn to_failure(self) -> Failure {
        let (reason, info_hash, retry_in_s) = match self {
            Self::Excess(excess) => (excess.reason(), None, Some(EXCESS_RETRY_S)),
            Self::Denied(denial, info_hash) => (denial.reason(), info_hash, None),
        };
        Failure { reason: reason.to_owned(), info_hash, retry_in_s }
    }
}

/// What a connection has shown and used so far.
#[derive(Debug)]
pub(super) struct Guard {
    allowance: Allowance,
    /// The last token that came, read. Boxed: most trackers ask for none.
    grant: Result<Box<Grant>, Denial>,
}

impl Guard {
    /// For a connection that was opened with this token.
    pub(super) fn new(policy: &Policy, token: Option<&str>) -> Self {
        let mut guard = Self { allowance: Allowance::default(), grant: Err(Denial::Missing) };
        guard.show(policy, token);
        guard
    }

    /// Whether the message may pass, or the token that came without one is sound.
    pub(super) fn check(
        &mut self,
        policy: &Policy,
        now: Now,
        bytes: usize,
        message: Option<&ClientMessage>,
        extras: &Extras,
    ) -> Result<(), Refused> {
        self.allowance.take(now.instant, &policy.config, bytes, message).map_err(Refused::Excess)?;
        if policy.tokens.is_none() {
            return Ok(());
        }
        self.show(policy, extras.token.as_deref());
        let allows = |info_hash: &InfoHash| {
            let grant = self.grant.as_ref().map_err(|denial| *denial);
            grant
                .and_then(|grant| grant.allows(now.unix_s, *info_hash))
                .map_err(|denial| Refused::Denied(denial, Some(*info_hash)))
        };
        match message {
            None => self.grant.as_ref().map(|_| ()).map_err(|denial| Refused::Denied(*denial, None)),
            Some(ClientMessage::Announce(announce)) => allows(&announce.info_hash),
            // Only who has announced may answer, and whose token ends may still answer whom they met while it held.
            Some(ClientMessage::Answer(_)) => Ok(()),
            Some(ClientMessage::Scrape(hashes)) => hashes.iter().try_for_each(allows),
        }
    }

    fn show(&mut self, policy: &Policy, token: Option<&str>) {
        if let (Some(tokens), Some(token)) = (&policy.tokens, token) {
            self.grant = tokens.read(token).map(Box::new);
        }
    }
}

/// The time, on both of our clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// Since the tracker started.
    pub(super) instant: Instant,
    /// Seconds since 1970, as tokens say it.
    pub(super) unix_s: u64,
}
