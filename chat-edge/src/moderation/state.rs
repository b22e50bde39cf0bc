//! What was decided and holds: a record for each decision, in memory and bounded.
//!
//! The store keeps records; [`State::put`] and [`State::remove`] are the only ways by which one comes and goes, at the
//! start, after a decision, and when another process decided.

use std::collections::BTreeMap;

use protocol::chat::RoomKey;

use super::{CommentId, Moment, Role, UserId};

/// Records that hold at once: with keys and texts about 100 MB.
pub const RECORDS_MAX: usize = 500_000;
/// Reports and held comments of one room that wait for a moderator.
pub const REPORTS_OPEN_MAX: usize = 1_000;
/// Reporters of one comment that are remembered.
pub const REPORTERS_MAX: usize = 20;
/// Bytes of a text that waits for a moderator.
pub const HELD_TEXT_BYTES_MAX: usize = 1_024;

/// Where a decision holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// In every room.
    Everywhere,
    /// In this room.
    Room(RoomKey),
}

/// What was decided about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SanctionKind {
    /// May not speak.
    Mute,
    /// May not be there with a token at all.
    Ban,
    /// Speaks, and nobody else sees it.
    Shadow,
}

impl SanctionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Mute, Self::Ban, Self::Shadow];

    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mute => "mute",
            Self::Ban => "ban",
            Self::Shadow => "shadow",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One decision about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanction {
    /// Until then; for good where there is no moment.
    pub until: Option<Moment>,
    /// Who decided.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: String,
}

/// How a room is talked in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Seconds between two comments of one user; 0 is off.
    pub slow_s: u32,
    /// Seconds that somebody must have followed to speak; nobody needs to where it is none.
    pub followers_s: Option<u32>,
    /// The least level that speaks; 0 is everybody.
    pub level_min: u32,
    /// Only moderators speak.
    pub closed: bool,
}

/// A report's name: that of the comment it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportId(pub CommentId);

/// A comment that waits for a moderator: because people reported it, or because a rule held it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where it was said.
    pub room: RoomKey,
    /// Who said it.
    pub author: UserId,
    /// The author's name.
    pub name: String,
    /// What was said.
    pub text: String,
    /// When.
    pub said: Moment,
    /// Nobody has seen it yet: a rule held it back.
    pub held: bool,
    /// Who reported it, the first ones.
    pub reporters: Vec<UserId>,
    /// How many did.
    pub count: u32,
    /// What the first reporter wrote.
    pub reason: String,
}

/// One thing that was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// About a person.
    Sanction(Scope, UserId, SanctionKind, Sanction),
    /// About a room.
    Settings(RoomKey, Settings),
    /// Who keeps order in a room.
    Role(RoomKey, UserId, Role),
    /// A list of rules as it was written.
    Rules(Scope, String),
    /// Something waits for a moderator.
    Report(ReportId, Report),
    /// This token does not count, until it would have ended anyway.
    TokenRevoked(String, Moment),
    /// Tokens of this user that were made up to this moment do not count.
    UserRevoked(UserId, Moment),
}

/// The name of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Of a [`Record::Sanction`].
    Sanction(Scope, UserId, SanctionKind),
    /// Of a [`Record::Settings`].
    Settings(RoomKey),
    /// Of a [`Record::Role`].
    Role(RoomKey, UserId),
    /// Of a [`Record::Rules`].
    Rules(Scope),
    /// Of a [`Record::Report`].
    Report(ReportId),
    /// Of a [`Record::TokenRevoked`].
    TokenRevoked(String),
    /// Of a [`Record::UserRevoked`].
    UserRevoked(UserId),
}

impl Record {
    /// The record's name: one record has it at a time.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Sanction(scope, user, kind, _) => Key::Sanction(scope.clone(), *user, *kind),
            Self::Settings(room, _) => Key::Settings(room.clone()),
            Self::Role(room, user, _) => Key::Role(room.clone(), *user),
            Self::Rules(scope, _) => Key::Rules(scope.clone()),
            Self::Report(id, _) => Key::Report(*id),
            Self::TokenRevoked(token, _) => Key::TokenRevoked(token.clone()),
            Self::UserRevoked(user, _) => Key::UserRevoked(*user),
        }
    }
}

/// Everything that holds.
#[derive(Debug, Default)]
pub struct State {
    records: BTreeMap<Key, Record>,
    /// Comments of each room that wait for a moderator.
    waiting: BTreeMap<RoomKey, Vec<ReportId>>,
}

impl State {
    /// A record holds from now on, in place of the one with its name. Whether there was room for it.
    pub fn put(&mut self, record: Record) -> bool {
        let key = record.key();
        if !self.records.contains_key(&key) {
            if self.records.len() >= RECORDS_MAX {
                return false;
            }
            if let Record::Report(id, report) = &record {
                self.waiting.entry(report.room.clone()).or_default().push(*id);
            }
        }
        self.records.insert(key, record);
        true
    }

    /// A record holds no longer.
    pub fn remove(&mut self, key: &Key) -> Option<Record> {
        let record = self.records.remove(key)?;
        if let Record::Report(id, report) = &record
            && let Some(waiting) = self.waiting.get_mut(&report.room)
        {
            waiting.retain(|other| other != id);
            if waiting.is_empty() {
                self.waiting.remove(&report.room);
            }
        }
        Some(record)
    }

    /// Whether one more record fits.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.records.len() < RECORDS_MAX
    }

    /// The record with this name.
    #[must_use]
    pub fn record(&self, key: &Key) -> Option<&Record> {
        self.records.get(key)
    }

    /// What this person was decided about in this room, here or everywhere; the one that holds longer.
    #[must_use]
    pub fn sanction(
        &self,
        now: Moment,
        room: &RoomKey,
        user: UserId,
        kind: SanctionKind,
    ) -> Option<&Sanction> {
        let here = self.sanction_in(now, Scope::Room(room.clone()), user, kind);
        let both = [self.sanction_in(now, Scope::Everywhere, user, kind), here];
        both.into_iter().flatten().max_by_key(|sanction| sanction.until.unwrap_or(Moment(u64::MAX)))
    }

    /// What this person was decided about in exactly this scope.
    #[must_use]
    pub fn sanction_in(
        &self,
        now: Moment,
        scope: Scope,
        user: UserId,
        kind: SanctionKind,
    ) -> Option<&Sanction> {
        let Record::Sanction(.., sanction) = self.records.get(&Key::Sanction(scope, user, kind))? else {
            return None;
        };
        sanction.until.is_none_or(|until| now < until).then_some(sanction)
    }

    /// What holds about people in this scope now, by user.
    pub fn sanctions(
        &self,
        now: Moment,
        scope: &Scope,
    ) -> impl Iterator<Item = (UserId, SanctionKind, &Sanction)> {
        let first = Key::Sanction(scope.clone(), UserId(0), SanctionKind::Mute);
        self.records
            .range(first..)
            .map_while(move |(key, record)| match (key, record) {
                (Key::Sanction(of, user, kind), Record::Sanction(.., sanction)) if of == scope => {
                    Some((*user, *kind, sanction))
                }
                _ => None,
            })
            .filter(move |(.., sanction)| sanction.until.is_none_or(|until| now < until))
    }

    /// How the room is talked in.
    #[must_use]
    pub fn settings(&self, room: &RoomKey) -> Settings {
        match self.records.get(&Key::Settings(room.clone())) {
            Some(Record::Settings(_, settings)) => *settings,
            _ => Settings::default(),
        }
    }

    /// What somebody was made in the room.
    #[must_use]
    pub fn role(&self, room: &RoomKey, user: UserId) -> Role {
        match self.records.get(&Key::Role(room.clone(), user)) {
            Some(Record::Role(.., role)) => *role,
            _ => Role::Viewer,
        }
    }

    /// Who was made something in the room.
    pub fn roles(&self, room: &RoomKey) -> impl Iterator<Item = (UserId, Role)> {
        let first = Key::Role(room.clone(), UserId(0));
        self.records.range(first..).map_while(move |(key, record)| match (key, record) {
            (Key::Role(of, user), Record::Role(.., role)) if of == room => Some((*user, *role)),
            _ => None,
        })
    }

    /// A list of rules as it was written.
    #[must_use]
    pub fn rules(&self, scope: &Scope) -> &str {
        match self.records.get(&Key::Rules(scope.clone())) {
            Some(Record::Rules(_, text)) => text,
            _ => "",
        }
    }

    /// Rooms with rules of their own.
    pub fn rooms_with_rules(&self) -> impl Iterator<Item = &RoomKey> {
        let first = Key::Rules(Scope::Everywhere);
        let lists = self.records.range(first..).map_while(|(key, _)| match key {
            Key::Rules(scope) => Some(scope),
            _ => None,
        });
        lists.filter_map(|scope| match scope {
            Scope::Everywhere => None,
            Scope::Room(room) => Some(room),
        })
    }

    /// What waits for a moderator of the room, the oldest first.
    pub fn reports(&self, room: &RoomKey) -> impl Iterator<Item = (ReportId, &Report)> {
        let ids = self.waiting.get(room).into_iter().flatten();
        ids.filter_map(|id| self.report(*id).map(|report| (*id, report)))
    }

    /// How much waits for a moderator of the room.
    #[must_use]
    pub fn reports_waiting(&self, room: &RoomKey) -> usize {
        self.waiting.get(room).map_or(0, Vec::len)
    }

    /// One comment that waits.
    #[must_use]
    pub fn report(&self, id: ReportId) -> Option<&Report> {
        match self.records.get(&Key::Report(id)) {
            Some(Record::Report(_, report)) => Some(report),
            _ => None,
        }
    }

    /// Whether a token was taken back.
    #[must_use]
    pub fn revoked(&self, user: UserId, issued: Moment, token: &str) -> bool {
        let all = match self.records.get(&Key::UserRevoked(user)) {
            Some(Record::UserRevoked(_, upto)) => issued <= *upto,
            _ => false,
        };
        all || self.records.contains_key(&Key::TokenRevoked(token.to_owned()))
    }

    /// Names of records that say nothing any more: their time is over.
    #[must_use]
    pub fn over(&self, now: Moment) -> Vec<Key> {
        let over = self.records.iter().filter(|(_, record)| match record {
            Record::Sanction(.., sanction) => sanction.until.is_some_and(|until| until <= now),
            Record::TokenRevoked(_, until) => *until <= now,
            Record::Settings(..)
            | Record::Role(..)
            | Record::Rules(..)
            | Record::Report(..)
            | Record::UserRevoked(..) => false,
        });
        over.map(|(key, _)| key.clone()).collect()
    }

    /// Adds a reporter to a comment that waits, or makes it wait. The record to keep; `None` where too much waits in the
    /// room, or this reporter was there before.
    #[must_use]
    pub fn reported(&self, id: ReportId, by: UserId, first: impl FnOnce() -> Report) -> Option<Record> {
        if let Some(known) = self.report(id) {
            if known.reporters.contains(&by) {
                return None;
            }
            let mut report = known.clone();
            report.count = report.count.saturating_add(1);
            if report.reporters.len() < REPORTERS_MAX {
                report.reporters.push(by);
            }
            return Some(Record::Report(id, report));
        }
        let report = first();
        let fits = self.reports_waiting(&report.room) < REPORTS_OPEN_MAX && self.has_room();
        fits.then_some(Record::Report(id, report))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomKey {
        RoomKey::parse(name).unwrap()
    }

    fn sanction(until: Option<u64>) -> Sanction {
        Sanction { until: until.map(Moment), by: UserId(1), at: Moment(0), reason: String::new() }
    }

    fn report(name: &str) -> Report {
        Report {
            room: room(name),
            author: UserId(7),
            name: String::new(),
            text: String::new(),
            said: Moment(0),
            held: false,
            reporters: vec![UserId(8)],
            count: 1,
            reason: String::new(),
        }
    }

    #[test]
    fn a_sanction_holds_in_its_scope_until_its_time_and_the_longer_one_counts() {
        let mut state = State::default();
        let (here, everywhere) = (Scope::Room(room("a")), Scope::Everywhere);
        state.put(Record::Sanction(here.clone(), UserId(7), SanctionKind::Mute, sanction(Some(100))));
        state.put(Record::Sanction(everywhere.clone(), UserId(7), SanctionKind::Mute, sanction(Some(50))));
        state.put(Record::Sanction(here.clone(), UserId(8), SanctionKind::Ban, sanction(None)));
        let until = |now, name: &str, user, kind| {
            state.sanction(Moment(now), &room(name), UserId(user), kind).map(|sanction| sanction.until)
        };
        let rows = [
            (0, "a", 7, SanctionKind::Mute, Some(Some(Moment(100)))),
            (99, "a", 7, SanctionKind::Mute, Some(Some(Moment(100)))),
            (100, "a", 7, SanctionKind::Mute, None),
            (49, "b", 7, SanctionKind::Mute, Some(Some(Moment(50)))),
            (50, "b", 7, SanctionKind::Mute, None),
            (0, "a", 7, SanctionKind::Ban, None),
            (999, "a", 8, SanctionKind::Ban, Some(None)),
            (999, "b", 8, SanctionKind::Ban, None),
        ];
        for (now, name, user, kind, wanted) in rows {
            assert_eq!(until(now, name, user, kind), wanted, "{now} {name} {user}");
        }
        let listed = |scope| state.sanctions(Moment(60), scope).map(|(user, ..)| user.0).collect::<Vec<_>>();
        assert_eq!((listed(&here), listed(&everywhere)), (vec![7, 8], vec![]));
        assert_eq!(state.over(Moment(100)).len(), 2);
    }

    #[test]
    fn tokens_are_revoked_by_name_or_all_that_a_user_had() {
        let mut state = State::default();
        state.put(Record::TokenRevoked("t".into(), Moment(100)));
        state.put(Record::UserRevoked(UserId(7), Moment(50)));
        let rows = [(7, 50, "x", true), (7, 51, "x", false), (8, 0, "t", true), (8, 0, "x", false)];
        for (user, issued, token, wanted) in rows {
            assert_eq!(state.revoked(UserId(user), Moment(issued), token), wanted, "{user} {issued} {token}");
        }
        assert_eq!(state.over(Moment(100)), [Key::TokenRevoked("t".into())]);
    }

    #[test]
    fn at_the_limit_a_report_waits_and_one_past_it_does_not_and_nobody_reports_twice() {
        let mut state = State::default();
        for id in 0..REPORTS_OPEN_MAX as u64 {
            let record = state.reported(ReportId(CommentId(id)), UserId(8), || report("a")).unwrap();
            assert!(state.put(record));
        }
        let more = ReportId(CommentId(u64::MAX));
        assert_eq!(state.reported(more, UserId(8), || report("a")), None);
        assert!(state.reported(more, UserId(8), || report("b")).is_some());
        let first = ReportId(CommentId(0));
        assert_eq!(state.reported(first, UserId(8), || report("a")), None);
        for reporter in 100..130 {
            let record = state.reported(first, UserId(reporter), || report("a")).unwrap();
            state.put(record);
        }
        let known = state.report(first).unwrap();
        assert_eq!((known.count, known.reporters.len()), (31, REPORTERS_MAX));
        assert_eq!(state.reports(&room("a")).count(), REPORTS_OPEN_MAX);
        state.remove(&Key::Report(first));
        assert_eq!(state.reports_waiting(&room("a")), REPORTS_OPEN_MAX - 1);
    }

    #[test]
    fn lists_of_a_room_are_those_of_that_room() {
        let mut state = State::default();
        state.put(Record::Role(room("a"), UserId(1), Role::Moderator));
        state.put(Record::Role(room("b"), UserId(2), Role::Streamer));
        state.put(Record::Rules(Scope::Everywhere, "x".into()));
        state.put(Record::Rules(Scope::Room(room("b")), "y".into()));
        assert_eq!(state.roles(&room("a")).collect::<Vec<_>>(), [(UserId(1), Role::Moderator)]);
        assert_eq!(state.role(&room("b"), UserId(2)), Role::Streamer);
        assert_eq!(state.rooms_with_rules().collect::<Vec<_>>(), [&room("b")]);
        assert_eq!((state.rules(&Scope::Everywhere), state.rules(&Scope::Room(room("a")))), ("x", ""));
    }
}
