//! Lines that say again what another said a moment ago: one of them is shown, with how often.

use protocol::time::Instant;

use crate::limits::{REPEAT_WITHIN, REPEATS_MAX};
use crate::line::LineId;
use crate::rules::plain;

/// A text that was said.
#[derive(Debug)]
struct Said {
    text: String,
    id: LineId,
    times: u32,
    first: Instant,
}

/// The texts of the last moments, oldest first.
#[derive(Debug, Default)]
pub struct Repeats {
    said: Vec<Said>,
}

impl Repeats {
    /// Whether the text repeats a line: that line, and how often it was said by now. Else it is remembered under `id`.
    ///
    /// Texts are compared as [`Rules`](crate::Rules) do: case, width and invisible characters are no difference.
    pub fn take(&mut self, text: &str, id: LineId, now: Instant) -> Option<(LineId, u32)> {
        self.said.retain(|said| now.since(said.first) < REPEAT_WITHIN);
        let text = plain(text);
        if let Some(said) = self.said.iter_mut().find(|said| said.text == text) {
            said.times = said.times.saturating_add(1);
            return Some((said.id, said.times));
        }
        if self.said.len() >= REPEATS_MAX {
            self.said.remove(0);
        }
        self.said.push(Said { text, id, times: 1, first: now });
        None
    }

    /// The line is gone: the next one that says the same is shown.
    pub fn forget(&mut self, id: LineId) {
        self.said.retain(|said| said.id != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_merged_with_the_line_that_said_it_first() {
        let mut repeats = Repeats::default();
        let at = Instant::from_millis;
        assert_eq!(repeats.take("Hello", LineId(1), at(0)), None);
        assert_eq!(repeats.take("other", LineId(2), at(0)), None);
        assert_eq!(repeats.take("hello\u{200b}", LineId(3), at(1_000)), Some((LineId(1), 2)));
        assert_eq!(repeats.take("ＨＥＬＬＯ", LineId(4), at(2_000)), Some((LineId(1), 3)));
        assert_eq!(repeats.take("hello", LineId(5), at(10_000)), None, "long ago is another moment");
        repeats.forget(LineId(5));
        assert_eq!(repeats.take("hello", LineId(6), at(10_001)), None);
    }

    #[test]
    fn no_more_texts_are_remembered_than_there_may_be() {
        let mut repeats = Repeats::default();
        for id in 0..=u32::try_from(REPEATS_MAX).unwrap() {
            assert_eq!(repeats.take(&id.to_string(), LineId(id), Instant::ZERO), None);
        }
        assert_eq!(repeats.take("0", LineId(9_999), Instant::ZERO), None, "the oldest was forgotten");
        assert!(repeats.take("2", LineId(9_999), Instant::ZERO).is_some());
    }
}
