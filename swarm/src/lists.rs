//! Hash lists: what is known of each segment's, and which signatures are being checked.
//!
//! **Invariant:** what [`Known`] says was signed by a key of the configuration.

use protocol::hash_list::{Closed, HashList, Signed};
use protocol::id::{Digest, KeyId, PeerId, SegmentKey};
use protocol::time::Instant;

use crate::io::{CheckId, FetchId, LinkId};
use crate::limits::CHECKS_MAX;

/// What a segment's newest verified list says, and what is being done about the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) hashes: Vec<Digest>,
    pub(crate) closed: Option<Closed>,
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
    /// By its id: it may hang up before its list is checked.
    Peer(PeerId),
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
    /// Reads a list; the id of its check and what must be checked, or why not.
    pub(crate) fn read(
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
        Ok((id, signed))
    }

    pub(crate) const fn len(&self) -> usize {
        self.checks.len()
    }

    /// Begins the check of a list that was read.
    pub(crate) fn open(&mut self, id: CheckId, from: From, list: HashList, encoded: &[u8]) {
        self.checks.push(Check { id, from, list, encoded: encoded.into() });
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
    known.hashes = list.hashes;
    known.closed = list.closed;
    known.encoded = check.encoded;
    Verdict::News
}

#[cfg(test)]
mod tests {
    use protocol::id::{Rendition, Segment};
    use protocol::time::StreamTime;

    use super::*;

    const KEY: KeyId = KeyId(7);

    fn list(segment: u64, hashes: u8, previous: Digest) -> HashList {
        HashList {
            stream: "main".into(),
            segment: SegmentKey::new(Rendition(0), Segment(segment)),
            start: StreamTime(1_000),
            closed: None,
            hashes: (0..hashes).map(|number| Digest([number; 32])).collect(),
            previous,
            key: KEY,
        }
    }

    fn encoded(segment: u64) -> Vec<u8> {
        list(segment, 1, Digest::ZERO).attach([0; 64]).encode()
    }

    fn check(list: HashList, from: From) -> Check {
        Check { id: CheckId(0), from, list, encoded: Vec::new() }
    }

    #[test]
    fn neighbours_get_so_many_checks_and_the_origin_one_more() {
        let mut lists = Lists::default();
        let peer = From::Peer(PeerId([1; 20]));
        for segment in 0..CHECKS_MAX as u64 {
            let encoded = encoded(segment);
            let (id, signed) = lists.read("main", &[KEY], peer, &encoded).expect("room for it");
            lists.open(id, peer, signed.list, &encoded);
        }
        let one_more = encoded(CHECKS_MAX as u64);
        assert_eq!(lists.read("main", &[KEY], peer, &one_more).map(|_| ()), Err(Refused::Stale));
        assert!(lists.read("main", &[KEY], From::Origin, &one_more).is_ok());
    }

    #[test]
    fn lists_of_others_are_refused_before_any_check() {
        let mut lists = Lists::default();
        let rows = [
            ("other", KEY, encoded(1), Refused::Foreign),
            ("main", KeyId(8), encoded(1), Refused::UnknownKey),
            ("main", KEY, vec![0xC1], Refused::Malformed),
        ];
        for (stream, key, bytes, refused) in rows {
            let read = lists.read(stream, &[key], From::Origin, &bytes);
            assert_eq!(read.map(|_| ()), Err(refused), "{refused:?}");
        }
    }

    #[test]
    fn a_list_is_taken_only_if_it_says_more_and_contradicts_nothing() {
        let (peer, zero) = (From::Peer(PeerId([1; 20])), Digest::ZERO);
        let mut known = Known::default();
        assert_eq!(adopt(&mut known, check(list(1, 2, zero), peer), zero, None), Verdict::News);
        assert_eq!(adopt(&mut known, check(list(1, 1, zero), peer), zero, None), Verdict::Old);
        let mut other = list(1, 3, zero);
        other.hashes.swap(0, 1);
        assert_eq!(adopt(&mut known, check(other, peer), zero, None), Verdict::Contradiction);
        let unchained = list(1, 3, Digest([9; 32]));
        let before = Some(Digest([8; 32]));
        assert_eq!(adopt(&mut known, check(unchained.clone(), peer), zero, before), Verdict::Contradiction);
        assert_eq!(adopt(&mut known, check(unchained, From::Origin), zero, before), Verdict::News);
    }
}
