//! A room's past, for whoever comes, scrolls up, seeks, or lost some of it on the way. Anybody may ask, because anybody
//! may come; so it is asked of memory where that has it, and the store is protected by a rate and a few places.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use protocol::chat::RoomKey;
use protocol::limits::CHAT_HISTORY_MAX;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Address, Room};
use super::comments::line;
use super::problem::Problem;
use crate::comment::recalled_by;
use crate::moderation::Moment;
use crate::serve::hub::Hub;
use crate::store::{Kept, Numbering, PastQuery};

/// Messages of one answer.
const LIMIT_MAX: usize = 200;
/// Milliseconds of one answer: what is read for it is in the index, but not all of it may be wanted.
const SPAN_MS_MAX: u64 = 600_000;

/// What is asked for; the last ones where nothing is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    before: Option<String>,
    after: Option<String>,
    from: Option<u64>,
    until: Option<u64>,
    limit: Option<usize>,
}

/// What is found.
struct Found {
    messages: Vec<Arc<Kept>>,
    /// So many were asked for, and there may be more.
    more: bool,
    /// Nothing between the two ends is missing.
    whole: bool,
}

pub(super) async fn comments(
    State(hub): State<Arc<Hub>>,
    Address(address): Address,
    Room(room): Room,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(asked) = asked.map_err(|_| WRONG)?;
    let Some((query, limit)) = asked.query()? else {
        let newest = hub.kept(&room).into_iter().rev().filter_map(|kept| line(&kept)).take(CHAT_HISTORY_MAX);
        let mut comments: Vec<Value> = newest.collect();
        comments.reverse();
        return Ok(Json(json!({"comments": comments})));
    };
    hub.askers.past(address)?;
    let found = match remembered(&hub.kept(&room), &query, limit) {
        Some(found) => found,
        None => stored(&hub, room, query, limit).await?,
    };
    Ok(Json(found.shown()))
}

const WRONG: Problem = Problem::Query(
    "before and after are EPOCH.SEQUENCE; from and until are milliseconds since 1970, at most 600000 apart; limit is 1 to 200",
);

impl Asked {
    fn query(self) -> Result<Option<(PastQuery, usize)>, Problem> {
        let limit = self.limit.unwrap_or(CHAT_HISTORY_MAX);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(WRONG);
        }
        let query = match (self.before, self.after, self.from, self.until) {
            (None, None, None, None) => return Ok(None),
            (Some(before), after, None, None) => {
                let after = after.map_or(Ok(Numbering { epoch: 0, last: 0 }), |after| place(&after))?;
                PastQuery::Page { after, before: place(&before)? }
            }
            (None, None, Some(from), Some(until)) if until.saturating_sub(from) <= SPAN_MS_MAX => {
                PastQuery::Span { from: Moment(from), until: Moment(until) }
            }
            _ => return Err(WRONG),
        };
        Ok(Some((query, limit)))
    }
}

fn place(text: &str) -> Result<Numbering, Problem> {
    let (epoch, sequence) = text.split_once('.').ok_or(WRONG)?;
    let (epoch, last) = (epoch.parse().map_err(|_| WRONG)?, sequence.parse().map_err(|_| WRONG)?);
    Ok(Numbering { epoch, last })
}

fn place_of(kept: &Kept) -> (u32, u64) {
    (kept.event.epoch, kept.event.sequence)
}

/// What memory has, where it has all of it. What was taken back is not in memory, and not missed.
fn remembered(kept: &[Arc<Kept>], query: &PastQuery, limit: usize) -> Option<Found> {
    let first = kept.first()?;
    match query {
        PastQuery::Page { after, before } => {
            let (low, high) = ((after.epoch, after.last), (before.epoch, before.last));
            let within = kept.iter().filter(|kept| low < place_of(kept) && place_of(kept) < high);
            let mut messages: Vec<_> = within.cloned().collect();
            let whole = place_of(first) <= low;
            if !whole && messages.len() < limit {
                return None;
            }
            let more = messages.len() > limit || !whole;
            messages.drain(..messages.len().saturating_sub(limit));
            Some(Found { messages, more, whole: !more })
        }
        PastQuery::Span { from, until } => {
            let mut messages: Vec<_> =
                kept.iter().filter(|kept| (*from..*until).contains(&kept.at)).cloned().collect();
            let more = messages.len() > limit;
            messages.truncate(limit);
            (first.at < *from).then_some(Found { messages, more, whole: !more })
        }
    }
}

async fn stored(hub: &Hub, room: RoomKey, query: PastQuery, limit: usize) -> Result<Found, Problem> {
    let _place = hub.askers.place().ok_or(Problem::Unavailable)?;
    let asked = query.clone();
    let messages = hub.desk.ask(move |store| store.past(&room, &asked, limit)).await?;
    let more = messages.len() == limit;
    let whole = match &query {
        // Every number of the later epoch must be there; an earlier one ended nobody knows where.
        PastQuery::Page { after, before } => {
            let first = if after.epoch == before.epoch { after.last } else { 0 };
            let there = messages.iter().filter(|kept| kept.event.epoch == before.epoch).count() as u64;
            there == before.last.saturating_sub(first).saturating_sub(1)
        }
        PastQuery::Span { .. } => !more,
    };
    let messages = messages.into_iter().map(Arc::new).collect();
    Ok(Found { messages, more, whole })
}

impl Found {
    fn shown(&self) -> Value {
        let there = self.messages.iter().filter(|kept| !kept.recalled);
        let comments: Vec<Value> = there.filter_map(|kept| line(kept)).collect();
        let recalled = self.messages.iter().filter_map(|kept| recalled_by(&kept.event.body));
        let recalled: Vec<String> = recalled.map(|id| id.0.to_string()).collect();
        json!({"comments": comments, "recalled": recalled, "more": self.more, "whole": self.whole})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moderation::UserId;
    use protocol::chat::{Class, Operation, RoomEvent};

    fn kept(epoch: u32, sequence: u64) -> Arc<Kept> {
        let room = RoomKey::parse("a").unwrap();
        let (class, operation) = (Class::Chat, Operation::MESSAGE);
        let event = RoomEvent { room, epoch, sequence, class, operation, body: Arc::from(&b"{}"[..]) };
        let at = Moment(u64::from(epoch) * 1_000 + sequence);
        Arc::new(Kept { event, at, comment: None, author: UserId(0), recalled: false })
    }

    /// Number 4 was taken back.
    fn memory() -> Vec<Arc<Kept>> {
        [(7, 2), (7, 3), (7, 5), (8, 1), (8, 2)].map(|(epoch, sequence)| kept(epoch, sequence)).to_vec()
    }

    #[test]
    fn memory_answers_only_what_it_has_all_of() {
        type Row = ((u32, u64), (u32, u64), usize, Option<(Vec<(u32, u64)>, bool)>);
        let rows: [Row; 6] = [
            ((7, 2), (8, 1), 9, Some((vec![(7, 3), (7, 5)], false))),
            ((7, 3), (8, 3), 9, Some((vec![(7, 5), (8, 1), (8, 2)], false))),
            ((7, 1), (8, 1), 9, None),
            ((7, 1), (8, 1), 2, Some((vec![(7, 3), (7, 5)], true))),
            ((7, 2), (8, 3), 1, Some((vec![(8, 2)], true))),
            ((9, 1), (9, 5), 9, Some((vec![], false))),
        ];
        for (after, before, limit, wanted) in rows {
            let numbering = |(epoch, last)| Numbering { epoch, last };
            let query = PastQuery::Page { after: numbering(after), before: numbering(before) };
            let found = remembered(&memory(), &query, limit);
            let found = found
                .map(|found| (found.messages.iter().map(|k| place_of(k)).collect::<Vec<_>>(), found.more));
            assert_eq!(found, wanted, "{after:?} {before:?} {limit}");
        }
        let span = |from, until| PastQuery::Span { from: Moment(from), until: Moment(until) };
        let count = |query| remembered(&memory(), &query, 2).map(|found| (found.messages.len(), found.more));
        assert_eq!(count(span(7_003, 8_000)), Some((2, false)));
        assert_eq!(count(span(7_003, 9_000)), Some((2, true)));
        assert_eq!(count(span(7_002, 9_000)), None);
        assert!(remembered(&[], &span(0, 1), 1).is_none());
    }

    #[test]
    fn questions_by_row() {
        let asked = |before: Option<&str>, after: Option<&str>, from, until, limit| {
            let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
            Asked { before, after, from, until, limit }.query().map(|found| found.is_some())
        };
        let rows = [
            (asked(None, None, None, None, None), Ok(false)),
            (asked(Some("1.2"), None, None, None, Some(200)), Ok(true)),
            (asked(Some("1.2"), Some("1.1"), None, None, None), Ok(true)),
            (asked(None, None, Some(5), Some(600_005), None), Ok(true)),
            (asked(None, None, Some(5), Some(600_006), None), Err(WRONG)),
            (asked(None, None, Some(5), None, None), Err(WRONG)),
            (asked(None, Some("1.1"), None, None, None), Err(WRONG)),
            (asked(Some("12"), None, None, None, None), Err(WRONG)),
            (asked(Some("1.2"), None, None, None, Some(0)), Err(WRONG)),
            (asked(Some("1.2"), None, None, None, Some(201)), Err(WRONG)),
        ];
        for (index, (found, wanted)) in rows.into_iter().enumerate() {
            assert_eq!(found, wanted, "row {index}");
        }
    }
}
