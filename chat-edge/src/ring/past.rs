//! The last messages of a room, for those who come or come back.

use std::collections::VecDeque;
use std::sync::Arc;

use protocol::chat::RoomEvent;
use protocol::chat::auth::Wishes;

use crate::comment::{named, recalled_by};
use crate::tick::Tick;

/// Messages that a room remembers: two seconds of the busiest room, minutes of most.
pub(crate) const PAST_MAX: usize = 256;

/// A room's last messages, in its order.
#[derive(Debug, Default)]
pub(super) struct Past {
    messages: VecDeque<RoomEvent>,
    /// The end of a past that came late: whatever is not beyond it was in it.
    known: Option<(u32, u64)>,
}

impl Past {
    pub(super) fn extend(&mut self, messages: &[RoomEvent]) {
        for message in messages {
            if let Some(gone) = recalled_by(&message.body) {
                // Whoever comes from now on does not get it, whoever comes back has to be told.
                self.messages.retain(|kept| named(&kept.body).0 != Some(gone));
            }
            if self.messages.len() == PAST_MAX {
                self.messages.pop_front();
            }
            self.messages.push_back(message.clone());
        }
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = &RoomEvent> {
        self.messages.iter()
    }

    /// Puts what came late before what is here, each message once.
    pub(super) fn learn(&mut self, late: &[RoomEvent]) {
        let here = std::mem::take(&mut self.messages);
        let first = here.front().map(|message| (message.epoch, message.sequence));
        self.known = late.last().map(|message| (message.epoch, message.sequence));
        let older = |message: &&RoomEvent| {
            first.is_none_or(|(epoch, sequence)| message.epoch != epoch || message.sequence < sequence)
        };
        let older: Vec<RoomEvent> = late.iter().filter(older).cloned().collect();
        self.extend(&older);
        self.extend(&Vec::from(here));
    }

    /// The tick without messages that a late past had already, where it has such.
    pub(super) fn without_known(&mut self, tick: &Tick) -> Option<Arc<Tick>> {
        let (epoch, sequence) = self.known?;
        let repeated = |message: &RoomEvent| message.epoch == epoch && message.sequence <= sequence;
        if tick.messages.iter().any(repeated) {
            let fresh = tick.messages.iter().filter(|message| !repeated(message)).cloned().collect();
            return Some(Arc::new(Tick::new(fresh, tick.shed)));
        }
        if !tick.messages.is_empty() {
            self.known = None;
        }
        None
    }

    /// Exactly what came after the position where all of that is here, else the last few.
    pub(super) fn asked(&self, wishes: Wishes) -> Vec<RoomEvent> {
        let resumed = wishes.resume.and_then(|position| {
            let mut same = self.messages.iter().filter(|message| message.epoch == position.epoch);
            let first = same.next()?;
            let last = same.next_back().unwrap_or(first);
            // After an epoch that is over comes all of the next one. Messages that the room's quotas left out are gaps in
            // its numbers, and nobody has them.
            let over = self.messages.back()?.epoch != position.epoch;
            let known = (over || position.sequence <= last.sequence)
                && position.sequence.saturating_add(1) >= first.sequence;
            let from_there = self.messages.iter().skip_while(|message| message.epoch != position.epoch);
            let missed = from_there
                .filter(|message| message.epoch != position.epoch || message.sequence > position.sequence);
            known.then(|| missed.cloned().collect())
        });
        resumed.unwrap_or_else(|| {
            let skipped = self.messages.len().saturating_sub(wishes.history);
            self.messages.iter().skip(skipped).cloned().collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tick::tests::message;
    use protocol::chat::Class;
    use protocol::chat::auth::Position;

    #[test]
    fn whoever_comes_back_gets_all_that_it_missed_or_the_last_few() {
        let mut past = Past::default();
        let messages: Vec<RoomEvent> =
            (11..=300).map(|sequence| message(sequence, Class::Chat, b"{}")).collect();
        past.extend(&messages);
        let oldest = 300 - PAST_MAX as u64 + 1;
        let rows = [
            (None, 2, 299, 2),
            (None, 0, 0, 0),
            (Some((7, 290)), 2, 291, 10),
            (Some((7, 300)), 2, 0, 0),
            (Some((7, oldest - 1)), 2, oldest, PAST_MAX),
            (Some((7, oldest - 2)), 2, 299, 2),
            (Some((7, 301)), 2, 299, 2),
            (Some((6, 290)), 2, 299, 2),
            (Some((7, u64::MAX)), 2, 299, 2),
        ];
        for (position, history, first, count) in rows {
            let resume = position.map(|(epoch, sequence)| Position { epoch, sequence });
            let asked = past.asked(Wishes { resume, history });
            let found = (asked.first().map_or(0, |message| message.sequence), asked.len());
            assert_eq!(found, (first, count), "{position:?} {history}");
        }
    }

    #[test]
    fn what_was_taken_back_comes_to_nobody_any_more_and_the_recall_does() {
        use crate::comment::{COLOR_WHITE, Comment, Mode, SIZE_NORMAL, recall_event};
        use crate::moderation::{CommentId, Moment, UserId};
        let comment = |id| Comment {
            id: CommentId(id),
            author: UserId(1),
            name: String::new(),
            text: id.to_string(),
            at: Moment(1),
            mode: Mode::Scroll,
            size: SIZE_NORMAL,
            color: COLOR_WHITE,
            level: 0,
            moderator: false,
        };
        let mut past = Past::default();
        let room = protocol::chat::RoomKey::parse("live://1").unwrap();
        past.extend(&[
            message(1, Class::Chat, &comment(11).to_event()),
            message(2, Class::Chat, &comment(12).to_event()),
            message(3, Class::Control, &recall_event(&room, CommentId(11))),
        ]);
        let resume = Some(Position { epoch: 7, sequence: 1 });
        for wishes in [Wishes { resume: None, history: 50 }, Wishes { resume, history: 0 }] {
            let found: Vec<u64> = past.asked(wishes).iter().map(|message| message.sequence).collect();
            assert_eq!(found, [2, 3]);
        }
    }

    #[test]
    fn whoever_comes_back_from_an_epoch_that_is_over_gets_the_next_one_too() {
        let mut past = Past::default();
        let of = |epoch, sequences: std::ops::RangeInclusive<u64>| {
            let message =
                move |sequence| protocol::chat::RoomEvent { epoch, ..message(sequence, Class::Chat, b"{}") };
            sequences.map(message).collect::<Vec<_>>()
        };
        past.extend(&of(7, 5..=9));
        past.extend(&of(8, 1..=3));
        let rows = [
            ((7, 7), vec![(7, 8), (7, 9), (8, 1), (8, 2), (8, 3)]),
            ((7, 12), vec![(8, 1), (8, 2), (8, 3)]),
            ((8, 2), vec![(8, 3)]),
            ((7, 3), vec![(8, 3)]),
            ((6, 3), vec![(8, 3)]),
        ];
        for ((epoch, sequence), wanted) in rows {
            let asked = past.asked(Wishes { resume: Some(Position { epoch, sequence }), history: 1 });
            let found: Vec<(u32, u64)> =
                asked.iter().map(|message| (message.epoch, message.sequence)).collect();
            assert_eq!(found, wanted, "{epoch} {sequence}");
        }
    }
}
