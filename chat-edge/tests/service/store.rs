//! The store by itself, the same for each database: what was written is there when it is opened again.

use std::sync::Arc;

use chat_edge::moderation::{
    CommentId, Key, Moment, Record, Report, ReportId, Role, Sanction, SanctionKind, Scope, Settings, UserId,
};
use chat_edge::store::{AuditQuery, Entry, Kept, MessageQuery, Numbering, Place, Store, Write};
use protocol::chat::{Class, Operation, RoomEvent, RoomKey};

use super::postgres::Postgres;

fn room(name: &str) -> RoomKey {
    RoomKey::parse(name).unwrap()
}

fn message(name: &str, epoch: u32, sequence: u64) -> Kept {
    let event = RoomEvent {
        room: room(name),
        epoch,
        sequence,
        class: Class::Chat,
        operation: Operation(1_000),
        body: Arc::from(&[0, 255, b'x'][..]),
    };
    let id = u64::from(epoch) * 100 + sequence;
    Kept { event, at: Moment(id), comment: Some(CommentId(id)), author: UserId(7), recalled: false }
}

fn records() -> Vec<Record> {
    let sanction =
        Sanction { until: Some(Moment(5)), by: UserId(1), at: Moment(2), reason: "\"'; --".into() };
    let for_good = Sanction { until: None, ..sanction.clone() };
    let report = Report {
        room: room("live://1"),
        author: UserId(7),
        name: "seven".into(),
        text: "加微信 😀".into(),
        said: Moment(3),
        held: true,
        reporters: vec![UserId(8), UserId(9)],
        count: 2,
        reason: "spam".into(),
    };
    let settings = Settings { slow_s: 30, followers_s: Some(0), level_min: 5, closed: true };
    vec![
        Record::Sanction(Scope::Room(room("live://1")), UserId(7), SanctionKind::Mute, sanction),
        Record::Sanction(Scope::Everywhere, UserId(7), SanctionKind::Ban, for_good),
        Record::Settings(room("live://1"), settings),
        Record::Role(room("live://1"), UserId(8), Role::Moderator),
        Record::Rules(Scope::Everywhere, "spam\n*加微信*".into()),
        Record::Rules(Scope::Room(room("live://1")), "x".into()),
        Record::Report(ReportId(CommentId(9)), report),
        Record::TokenRevoked("t".into(), Moment(9)),
        Record::UserRevoked(UserId(7), Moment(9)),
    ]
}

fn entry(id: u64, room: Option<RoomKey>, changed: Option<Key>) -> Entry {
    Entry {
        id,
        at: Moment(id),
        room,
        actor: UserId(1),
        role: Role::Operator,
        action: "mute".into(),
        subject: "7".into(),
        detail: "{\"reason\":\"spam\"}".into(),
        changed,
    }
}

fn asked(after: Numbering, limit: usize) -> MessageQuery {
    MessageQuery { room: room("live://1"), after, from: Moment(0), until: Moment(u64::MAX >> 1), limit }
}

/// Writes everything, opens it again, and finds it.
fn keeps(place: &Place, again: bool) {
    let mut store = Store::open(place).unwrap();
    store.load(Moment(0), 100).unwrap();
    let secret = store.secret(vec![1; 32]).unwrap();
    let messages =
        [message("live://1", 1, 8), message("live://1", 1, 9), message("live://1", 2, 1), message("b", 1, 1)];
    let mut writes: Vec<Write> = messages.iter().map(|kept| Write::Message(Arc::new(kept.clone()))).collect();
    writes.extend(records().into_iter().map(Write::Put));
    let muted = records()[0].key();
    writes.push(Write::Audit(entry(1, Some(room("live://1")), Some(muted.clone()))));
    writes.push(Write::Audit(entry(2, None, None)));
    store.commit(&writes).unwrap();
    // The same again is the same: a batch that is tried again may have been written.
    store.commit(&writes).unwrap();
    store.commit(&[Write::Recalled(CommentId(109)), Write::Remove(Key::UserRevoked(UserId(7)))]).unwrap();
    let mut store = if again {
        store.close().unwrap();
        drop(store);
        Store::open(place).unwrap()
    } else {
        store
    };
    let loaded = store.load(Moment(0), 100).unwrap();
    assert_eq!(loaded.clean, again && !store.shared());
    let mut wanted = records();
    wanted.pop();
    let keys =
        |records: &[Record]| records.iter().map(Record::key).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(keys(&loaded.records), keys(&wanted));
    assert!(wanted.iter().all(|record| loaded.records.contains(record)));
    assert_eq!(loaded.rooms.get(&room("live://1")), Some(&Numbering { epoch: 2, last: 1 }));
    let places: Vec<(u32, u64)> =
        loaded.messages.iter().map(|kept| (kept.event.epoch, kept.event.sequence)).collect();
    assert_eq!(places, [(1, 1), (1, 8), (2, 1)]);
    assert_eq!(loaded.messages[1], messages[0]);
    assert_eq!(store.load(Moment(0), 1).unwrap().messages.len(), 1, "the newest");
    assert_eq!(store.secret(vec![2; 32]).unwrap(), secret);
    reads(&mut store, &messages, &muted);
}

fn reads(store: &mut Store, messages: &[Kept; 4], muted: &Key) {
    let found = |found: Vec<Kept>| found.iter().map(|kept| kept.event.sequence).collect::<Vec<_>>();
    assert_eq!(found(store.messages(&asked(Numbering { epoch: 0, last: 0 }, 9)).unwrap()), [8, 1]);
    assert_eq!(found(store.messages(&asked(Numbering { epoch: 1, last: 8 }, 9)).unwrap()), [1]);
    assert_eq!(found(store.messages(&asked(Numbering { epoch: 0, last: 0 }, 1)).unwrap()), [8]);
    assert_eq!(store.comment(CommentId(108)).unwrap().as_ref(), Some(&messages[0]));
    assert!(store.comment(CommentId(109)).unwrap().unwrap().recalled);
    assert_eq!(store.comment(CommentId(5)).unwrap(), None);
    let audit = |room: Option<RoomKey>, before| AuditQuery { room, before, limit: 10 };
    assert_eq!(
        store.audit(&audit(None, 9)).unwrap(),
        [entry(2, None, None), entry(1, Some(room("live://1")), Some(muted.clone()))]
    );
    assert_eq!(store.audit(&audit(None, 2)).unwrap().len(), 1);
    assert_eq!(store.audit(&audit(Some(room("live://1")), 9)).unwrap().len(), 1);
    assert_eq!(store.changed_since(1).unwrap(), [(muted.clone(), Some(records()[0].clone()))]);
    store.forget_before(Moment(105)).unwrap();
    let loaded = store.load(Moment(0), 100).unwrap();
    assert_eq!((loaded.messages.len(), loaded.rooms.len()), (2, 1));
}

#[test]
fn memory_keeps_everything_while_it_lasts() {
    keeps(&Place::Memory, false);
}

#[test]
fn a_file_keeps_everything_and_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Sqlite(folder.path().join("deeper/chat.db"));
    keeps(&place, true);
    let first = Store::open(&place).unwrap();
    let error = Store::open(&place).unwrap_err().to_string();
    assert!(error.contains("locked"), "{error}");
    drop(first);
}

#[tokio::test]
async fn postgresql_keeps_everything() {
    let postgres = Postgres::start().await;
    let place = Place::parse(&postgres.url()).unwrap();
    tokio::task::spawn_blocking(move || keeps(&place, true)).await.unwrap();
}

#[test]
fn places_by_row() {
    let rows = [
        ("memory", Some("memory")),
        ("sqlite:a/b", Some("sqlite:a/b")),
        ("postgres://u:secret@h/d", Some("postgres://h/d")),
        ("postgresql://h/d", Some("postgres://h/d")),
        ("sqlite:", None),
        ("mysql://h", None),
        ("", None),
    ];
    for (text, shown) in rows {
        assert_eq!(Place::parse(text).map(|place| place.to_string()).as_deref(), shown, "{text}");
    }
}
