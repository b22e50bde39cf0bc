//! Hash lists: what is known of each segment's, and which signatures are being checked.
//!
//! **Invariant:** what [`Known`] says was signed by a key of the configuration.

use protocol::hash_list::{Closed, HashList, Signed};
use protocol::id::{Digest, KeyId, SegmentKey};
use protocol::time::Instant;

use crate::io::{CheckId, FetchId, LinkId};
use crate::limits::CHECKS_MAX;

/// What a segment's newest verified list says, and what is being done about the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) hashes: Vec<Digest>,
    pub(crate) closed: Option<Closed>,
    /// The link to the segment before.
    pub(crate) previous: Option<Digest>,
    /// The link of the segment after: SHA-256 of what the closing list signed.
    pub(crate) link: Option<Digest>,
    /// The list as the origin encoded it, for relaying.
    pub(crate) encoded: Vec<u8>,
    /// The open GET of a list.
    pub(crate) get: Option<FetchId>,
    /// The neighbour asked for it, and until when it is believed.
    pub(crate) asked: Option<(LinkId, Instant)>,
    pub(crate) fails: u8,
    pub(crate) retry_at: Instant,
}

impl Known {
    /// Says more than what is known.
    pub(crate) fn is_bettered_by(&self, list: &HashList) -> bool {
        self.closed.is_none() && (list.closed.is_some() || list.hashes.len() > self.hashes.len())
    }

    /// The two agree where they overlap; the origin never signs otherwise.
    fn agrees_with(&self, list: &HashList) -> bool {
        self.hashes.iter().zip(&list.hashes).all(|(one, other)| one == other)
            && list.hashes.len() >= self.hashes.len()
    }
}

/// Who handed in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Origin,
    Peer(LinkId),
}

/// One signature being checked.
#[derive(Debug)]
pub(crate) struct Check {
    id: CheckId,
    pub(crate) from: From,
    pub(crate) list: HashList,
    pub(crate) encoded: Vec<u8>,
}

/// Why a list is not looked at further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Not an encoding that the specification allows.
    Malformed,
    /// Of another stream.
    Foreign,
    /// Signed by a key that the descriptor does not name.
    UnknownKey,
    /// It says nothing new, or one like it is being checked.
    Stale,
}

/// The checks under way, at most [`CHECKS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Lists {
    checks: Vec<Check>,
    next: u32,
}

impl Lists {
    /// Reads a list; the check's id and what must be checked, or why not.
    pub(crate) fn open(
        &mut self,
        stream: &str,
        keys: &[KeyId],
        from: From,
        encoded: &[u8],
    ) -> Result<(CheckId, Signed), Refused> {
        let signed = Signed::decode(encoded).map_err(|_| Refused::Malformed)?;
        if signed.list.stream != stream {
            return Err(Refused::Foreign);
        }
        if !keys.contains(&signed.list.key) {
            return Err(Refused::UnknownKey);
        }
        let full = self.checks.len() >= CHECKS_MAX;
        if from != From::Origin && (full || self.is_checking(&signed.list)) {
            return Err(Refused::Stale);
        }
        let id = CheckId(self.next);
        self.next = self.next.wrapping_add(1);
        self.checks.push(Check { id, from, list: signed.list.clone(), encoded: encoded.into() });
        Ok((id, signed))
    }

    /// Ends a check.
    pub(crate) fn take(&mut self, id: CheckId) -> Option<Check> {
        let place = self.checks.iter().position(|check| check.id == id)?;
        Some(self.checks.swap_remove(place))
    }

    /// A list of this segment from the origin is being checked.
    pub(crate) fn is_checking_origins(&self, segment: SegmentKey) -> bool {
        self.checks.iter().any(|check| check.from == From::Origin && check.list.segment == segment)
    }

    fn is_checking(&self, list: &HashList) -> bool {
        self.checks.iter().any(|check| {
            check.list.segment == list.segment
                && check.list.hashes.len() >= list.hashes.len()
                && check.list.closed.is_some() >= list.closed.is_some()
        })
    }
}

/// Where a list stands beside what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It says more.
    News,
    /// It says nothing new.
    Old,
    /// It contradicts what the same origin signed before: not used.
    Contradiction,
}

/// Takes a list whose signature holds into what is known of its segment; `link` is the SHA-256 of what was signed,
/// `before` the link that the closing list of the segment before gave.
pub(crate) fn adopt(known: &mut Known, check: Check, link: Digest, before: Option<Digest>) -> Verdict {
    let list = check.list;
    if !known.is_bettered_by(&list) {
        return Verdict::Old;
    }
    let chained = list.previous == Digest::ZERO || before.is_none_or(|before| before == list.previous);
    // A list of the origin's own mouth stands for itself; one that a neighbour relays must fit the chain too, or a
    // segment was left out.
    if !known.agrees_with(&list) || (check.from != From::Origin && !chained) {
        return Verdict::Contradiction;
    }
    known.link = list.closed.map(|_| link);
    known.previous = Some(list.previous);
    known.hashes = list.hashes;
    known.closed = list.closed;
    known.encoded = check.encoded;
    Verdict::News
}
