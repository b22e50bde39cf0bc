//! What servers tell each other, as `docs/spec/bus.md` has it.

use std::sync::Arc;

use proptest::prelude::*;
use protocol::chat::{Class, Direct, Event, Operation, RoomEvent, RoomKey, To};
use protocol::limits::CHAT_BODY_BYTES_MAX;
use protocol::pack::Fault;
use protocol::presence::{Beat, TrackerFacts};
use serde_json::Value;

use crate::generate::number as any_number;
use crate::vectors::{bytes, flag, number, read, rows, text};

fn body(row: &Value) -> Arc<[u8]> {
    bytes(&row["body"]).into()
}

fn room_event(row: &Value) -> Event {
    Event::Room(RoomEvent {
        room: RoomKey::parse(text(&row["room"])).expect("a room"),
        epoch: number(&row["epoch"]),
        sequence: number(&row["sequence"]),
        class: Class::from_number(number(&row["class"])).expect("a class"),
        operation: Operation(number(&row["operation"])),
        body: body(row),
    })
}

fn direct(row: &Value) -> Event {
    let to = row["to"].as_array().expect("a list");
    let to = match text(&row["kind"]) {
        "keys" => To::Keys(to.iter().map(|key| text(key).to_owned()).collect()),
        "users" => To::Users(to.iter().map(|user| text(user).parse().expect("a user")).collect()),
        _ => To::Everybody,
    };
    Event::Direct(Direct { to, operation: Operation(number(&row["operation"])), body: body(row) })
}

fn beat(row: &Value) -> Beat {
    Beat {
        name: text(&row["node"]).to_owned(),
        epoch: number(&row["epoch"]),
        leaving: flag(&row["leaving"]),
        facts: bytes(&row["facts"]),
    }
}

#[test]
fn events_are_written_and_read_as_the_vectors_say() {
    let vectors: Value = read("bus.json");
    let rooms = rows(&vectors["rooms"]).iter().map(|row| (row, room_event(row)));
    let directs = rows(&vectors["directs"]).iter().map(|row| (row, direct(row)));
    for (row, event) in rooms.chain(directs) {
        assert_eq!(event.encode(), bytes(&row["hex"]), "{}", row["name"]);
        assert_eq!(Event::decode(&bytes(&row["hex"])), Ok(event), "{}", row["name"]);
    }
}

#[test]
fn beats_are_written_and_read_as_the_vectors_say() {
    for row in rows(&read::<Value>("bus.json")["beats"]) {
        assert_eq!(beat(row).encode(), bytes(&row["hex"]), "{}", row["name"]);
        assert_eq!(Beat::decode(&bytes(&row["hex"])), Ok(beat(row)), "{}", row["name"]);
    }
}

#[test]
fn what_trackers_tell_of_themselves_is_written_and_read_as_the_vectors_say() {
    for row in rows(&read::<Value>("bus.json")["tracker_facts"]) {
        let [url, address] = ["url", "address"].map(|key| text(&row[key]).to_owned());
        let facts = TrackerFacts { url, address };
        assert_eq!(facts.encode(), bytes(&row["hex"]), "{}", row["name"]);
        assert_eq!(TrackerFacts::decode(&bytes(&row["hex"])), Ok(facts), "{}", row["name"]);
    }
}

#[test]
fn what_is_not_allowed_is_refused_where_it_stands() {
    let vectors: Value = read("bus.json");
    let events = rows(&vectors["refused_events"]).iter();
    let beats = rows(&vectors["refused_beats"]).iter();
    let facts = rows(&vectors["refused_tracker_facts"]).iter();
    let refused = events
        .map(|row| (row, Event::decode(&bytes(&row["hex"])).expect_err(text(&row["name"]))))
        .chain(beats.map(|row| (row, Beat::decode(&bytes(&row["hex"])).expect_err(text(&row["name"])))))
        .chain(
            facts.map(|row| (row, TrackerFacts::decode(&bytes(&row["hex"])).expect_err(text(&row["name"])))),
        );
    for (row, error) in refused {
        assert_eq!(error.at, number::<u32>(&row["at"]), "{}", row["name"]);
        assert_eq!(format!("{:?}", error.fault), text(&row["fault"]), "{}", row["name"]);
    }
}

#[test]
fn a_body_may_be_as_large_as_its_maximum_and_not_one_byte_larger() {
    let with = |bytes| Direct { to: To::Everybody, operation: Operation(5), body: Arc::from(vec![0; bytes]) };
    let decoded = |bytes| Event::decode(&Event::Direct(with(bytes)).encode());
    assert_eq!(decoded(CHAT_BODY_BYTES_MAX), Ok(Event::Direct(with(CHAT_BODY_BYTES_MAX))));
    assert_eq!(decoded(CHAT_BODY_BYTES_MAX + 1).map_err(|error| error.fault), Err(Fault::Limit));
}

fn event() -> impl Strategy<Value = Event> {
    let body = || prop::collection::vec(any::<u8>(), 0..300).prop_map(Arc::from);
    let room = ("[ -~é]{1,40}", any::<u32>(), any_number(), 0..5_u8, any::<u32>(), body()).prop_map(
        |(room, epoch, sequence, class, operation, body)| {
            Event::Room(RoomEvent {
                room: RoomKey::parse(&room).expect("a room"),
                epoch,
                sequence,
                class: Class::from_number(class).expect("a class"),
                operation: Operation(operation),
                body,
            })
        },
    );
    let to = prop_oneof![
        prop::collection::vec("[ -~é]{0,30}", 0..20).prop_map(To::Keys),
        prop::collection::vec(any::<i64>(), 0..20).prop_map(To::Users),
        Just(To::Everybody),
    ];
    let direct = (to, any::<u32>(), body()).prop_map(|(to, operation, body)| {
        Event::Direct(Direct { to, operation: Operation(operation), body })
    });
    prop_oneof![room, direct]
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_nothing_shorter_is(event in event(), cut in any::<prop::sample::Index>()) {
        let wire = event.encode();
        prop_assert_eq!(Event::decode(&wire), Ok(event));
        prop_assert!(Event::decode(&wire[..cut.index(wire.len())]).is_err());
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Event::decode(&bytes), Beat::decode(&bytes));
    }
}
