//! What servers tell each other, as `docs/spec/bus.md` has it.

use std::sync::Arc;

use proptest::prelude::*;
use protocol::chat::node::{Facts, Holder, Holders, Letter, Life, Role, Rooms};
use protocol::chat::{Class, Direct, Event, Operation, RoomEvent, RoomKey, To};
use protocol::limits::{CHAT_BODY_BYTES_MAX, CHAT_PAST_BYTES_MAX, CHAT_PAST_MESSAGES_MAX};
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

fn node_facts(row: &Value) -> Facts {
    let [domain, region, zone] = ["domain", "region", "zone"].map(|key| text(&row[key]).to_owned());
    let role = match text(&row["role"]) {
        "edge" => Role::Edge,
        "logic" => Role::Logic,
        _ => Role::All,
    };
    let addresses = row["addresses"].as_array().expect("a list").iter();
    let addresses = addresses.map(|address| text(address).parse().expect("an address")).collect();
    let (tls, weight) = (flag(&row["tls"]), number(&row["weight"]));
    Facts { role, domain, addresses, tls, region, zone, weight }
}

fn room(value: &Value) -> RoomKey {
    RoomKey::parse(text(value)).expect("a room")
}

fn holders(row: &Value, key: &str) -> Vec<Holder> {
    let names = row[key].as_array().expect("a list").iter();
    names.map(|holder| Holder(text(holder).parse().expect("a number"))).collect()
}

fn node_letter(row: &Value) -> Letter {
    let life = || Life { node: text(&row["node"]).to_owned(), epoch: number(&row["epoch"]) };
    let list = |key: &str| row[key].as_array().expect("a list").clone();
    match text(&row["kind"]) {
        "rooms" => Letter::Rooms(Rooms {
            life: life(),
            round: number(&row["round"]),
            last: flag(&row["last"]),
            live: number(&row["live"]),
            addresses: number(&row["addresses"]),
            rooms: list("rooms").iter().map(|entry| (room(&entry[0]), number(&entry[1]))).collect(),
        }),
        "supersede" => Letter::Supersede(text(&row["node"]).to_owned(), text(&row["key"]).to_owned()),
        "holders" => Letter::Holders(Holders {
            life: life(),
            number: number(&row["number"]),
            begins: flag(&row["begins"]),
            whole: flag(&row["whole"]),
            came: holders(row, "came"),
            went: holders(row, "went"),
        }),
        "ask" => Letter::Ask(room(&row["room"])),
        "past" => {
            let message = |entry: &Value| RoomEvent {
                room: room(&row["room"]),
                epoch: number(&entry[0]),
                sequence: number(&entry[1]),
                class: Class::from_number(number(&entry[2])).expect("a class"),
                operation: Operation(number(&entry[3])),
                body: bytes(&entry[4]).into(),
            };
            Letter::Past(room(&row["room"]), list("messages").iter().map(message).collect())
        }
        "kept" => Letter::Kept,
        "elsewhere" => Letter::Elsewhere,
        _ => Letter::Handed(room(&row["room"]), number(&row["epoch"])),
    }
}

#[test]
fn what_chat_nodes_tell_each_other_is_written_and_read_as_the_vectors_say() {
    let vectors: Value = read("bus.json");
    for row in rows(&vectors["node_facts"]) {
        assert_eq!(node_facts(row).encode(), bytes(&row["hex"]), "{}", row["name"]);
        assert_eq!(Facts::decode(&bytes(&row["hex"])), Ok(node_facts(row)), "{}", row["name"]);
    }
    for row in rows(&vectors["node_letters"]) {
        assert_eq!(node_letter(row).encode(), bytes(&row["hex"]), "{}", row["name"]);
        assert_eq!(Letter::decode(&bytes(&row["hex"])), Ok(node_letter(row)), "{}", row["name"]);
    }
    for row in rows(&vectors["holders"]) {
        let found = match row["user"].as_str() {
            Some(user) => Holder::user(user.parse().expect("a user")),
            None => Holder::key(text(&row["key"])),
        };
        assert_eq!(found.0.to_string(), text(&row["holder"]), "{}", row["name"]);
    }
}

#[test]
fn what_chat_nodes_may_not_say_is_refused_where_it_stands() {
    let vectors: Value = read("bus.json");
    let letters = rows(&vectors["refused_node_letters"]).iter();
    let letters = letters.map(|row| (row, Letter::decode(&bytes(&row["hex"])).map(drop)));
    let facts = rows(&vectors["refused_node_facts"]).iter();
    let facts = facts.map(|row| (row, Facts::decode(&bytes(&row["hex"])).map(drop)));
    for (row, refused) in letters.chain(facts) {
        let error = refused.expect_err(text(&row["name"]));
        assert_eq!(error.at, number::<u32>(&row["at"]), "{}", row["name"]);
        assert_eq!(format!("{:?}", error.fault), text(&row["fault"]), "{}", row["name"]);
    }
}

#[test]
fn of_a_past_that_is_too_long_the_newest_arrive_in_order() {
    let room = RoomKey::parse("live://1").expect("a room");
    let past = |count: u64, bytes: usize| -> Vec<RoomEvent> {
        let message = |sequence| RoomEvent {
            room: room.clone(),
            epoch: 7,
            sequence,
            class: Class::Chat,
            operation: Operation::MESSAGE,
            body: vec![b'x'; bytes].into(),
        };
        (1..=count).map(message).collect()
    };
    for (count, size) in [(256, 100), (256, 16_000), (CHAT_PAST_MESSAGES_MAX as u64 + 1, 1), (0, 0)] {
        let all = past(count, size);
        let wire = Letter::Past(room.clone(), all.clone()).encode();
        assert!(wire.len() <= CHAT_PAST_BYTES_MAX + 1_000, "{}", wire.len());
        let Ok(Letter::Past(of, read)) = Letter::decode(&wire) else { panic!("a past") };
        assert!(of == room && all.ends_with(&read));
        let wanted = all.len().min(CHAT_PAST_MESSAGES_MAX).min(CHAT_PAST_BYTES_MAX / (size + 32));
        assert_eq!(read.len(), wanted, "{count} {size}");
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
        let _ = (Event::decode(&bytes), Beat::decode(&bytes), Letter::decode(&bytes), Facts::decode(&bytes));
    }
}
