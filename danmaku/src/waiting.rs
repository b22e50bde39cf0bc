//! Lines that wait for a row: a bounded queue, the best class first.

use protocol::chat::Class;
use protocol::time::{Duration, Instant};

use crate::limits::{CHAT_PATIENCE, LINES_WAITING_MAX, OWN_PATIENCE, PAID_PATIENCE};
use crate::line::{Kind, Line, LineId};

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// By class, then by arrival.
    lines: Vec<(Line, Instant)>,
}

/// How long a line of this class waits for a row.
pub(crate) const fn patience(class: Class) -> Duration {
    match class {
        Class::Control | Class::Paid => PAID_PATIENCE,
        Class::Own => OWN_PATIENCE,
        Class::Chat => CHAT_PATIENCE,
        Class::Ambient => Duration::ZERO,
    }
}

impl Waiting {
    pub(crate) const fn len(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn at(&self, place: usize) -> Option<(Line, Instant)> {
        self.lines.get(place).copied()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.lines.iter_mut().map(|(line, _)| line)
    }

    pub(crate) fn holds(&self, kind: Kind) -> bool {
        self.lines.iter().any(|(line, _)| line.kind == kind)
    }

    /// Puts a line in its place; gives back the one that had to go for it, which may be itself.
    pub(crate) fn push(&mut self, line: Line, now: Instant) -> Option<Line> {
        let place = self.lines.partition_point(|(other, _)| other.class <= line.class);
        self.lines.insert(place, (line, now));
        if self.lines.len() > LINES_WAITING_MAX { self.lines.pop().map(|(line, _)| line) } else { None }
    }

    pub(crate) fn remove_at(&mut self, place: usize) {
        self.lines.remove(place);
    }

    pub(crate) fn remove(&mut self, id: LineId) -> Option<Line> {
        let place = self.lines.iter().position(|(line, _)| line.id == id)?;
        Some(self.lines.remove(place).0)
    }

    /// Takes out one line whose patience is over.
    pub(crate) fn pop_impatient(&mut self, now: Instant) -> Option<Line> {
        let place = self.lines.iter().position(|(line, since)| now >= *since + patience(line.class))?;
        Some(self.lines.remove(place).0)
    }

    pub(crate) fn pop(&mut self) -> Option<Line> {
        self.lines.pop().map(|(line, _)| line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u32, class: Class) -> Line {
        Line { id: LineId(id), kind: Kind::Scroll, class, width_px: 100, hold: Duration::ZERO }
    }

    #[test]
    fn the_best_class_is_first_and_the_worst_goes_when_it_is_full() {
        let mut waiting = Waiting::default();
        for id in 0..u32::try_from(LINES_WAITING_MAX).unwrap() {
            assert_eq!(waiting.push(line(id, Class::Chat), Instant::ZERO), None);
        }
        let last = u32::try_from(LINES_WAITING_MAX).unwrap() - 1;
        let (own, ambient) = (line(500, Class::Own), line(501, Class::Ambient));
        assert_eq!(waiting.push(own, Instant::ZERO), Some(line(last, Class::Chat)));
        assert_eq!(waiting.push(ambient, Instant::ZERO), Some(ambient));
        assert_eq!(waiting.at(0), Some((own, Instant::ZERO)));
        assert_eq!(waiting.len(), LINES_WAITING_MAX);
    }

    #[test]
    fn each_class_waits_as_long_as_it_may() {
        let classes = [Class::Paid, Class::Own, Class::Chat, Class::Ambient];
        for class in classes {
            let mut waiting = Waiting::default();
            waiting.push(line(1, class), Instant::ZERO);
            let end = Instant::ZERO + patience(class);
            if end > Instant::ZERO {
                assert_eq!(waiting.pop_impatient(Instant(end.0 - 1)), None, "{class:?}");
            }
            assert_eq!(waiting.pop_impatient(end), Some(line(1, class)), "{class:?}");
        }
    }
}
