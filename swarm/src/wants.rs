//! The player's open wishes for segments.

use protocol::id::SegmentKey;
use protocol::time::Instant;

use crate::io::WantId;
use crate::limits::WANTS_MAX;

/// One wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Want {
    pub(crate) want: WantId,
    pub(crate) segment: SegmentKey,
    pub(crate) since: Instant,
}

/// The open wishes, oldest first, at most [`WANTS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Wants(Vec<Want>);

impl Wants {
    /// Takes a wish in; the answer is the oldest one where there are too many.
    pub(crate) fn add(&mut self, want: Want) -> Option<Want> {
        self.0.push(want);
        (self.0.len() > WANTS_MAX).then(|| self.0.remove(0))
    }

    pub(crate) fn remove(&mut self, want: WantId) {
        self.0.retain(|open| open.want != want);
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes out one wish for this segment.
    pub(crate) fn take(&mut self, segment: SegmentKey) -> Option<Want> {
        let place = self.0.iter().position(|open| open.segment == segment)?;
        Some(self.0.remove(place))
    }

    /// The oldest wish for this segment.
    pub(crate) fn find(&self, segment: SegmentKey) -> Option<Want> {
        self.0.iter().find(|open| open.segment == segment).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(number: u32) -> Want {
        Want { want: WantId(number), segment: SegmentKey::default(), since: Instant::ZERO }
    }

    #[test]
    fn wishes_are_kept_up_to_the_limit_and_one_more_pushes_the_oldest_out() {
        let mut wants = Wants::default();
        for number in 0..WANTS_MAX as u32 {
            assert_eq!(wants.add(want(number)), None);
        }
        assert_eq!(wants.add(want(99)), Some(want(0)));
        wants.remove(WantId(1));
        assert_eq!(wants.take(SegmentKey::default()), Some(want(2)));
    }
}
