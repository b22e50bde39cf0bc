//! Every door through which bytes come from outside, as a function of those bytes.
//!
//! A door takes any bytes and may only end by returning: a panic, an overflow, a hang or memory past all bounds is a
//! finding. Beyond that each holds what its codec promises: what was read can be written, and is then read as the same.
//! The fuzzer (`cargo xtask fuzz`) looks for bytes that break this; the test `corpus` shows each door the bytes kept in
//! `corpus/`, whole, cut short and damaged.
//!
//! To add a door: a function beside the others, a row in [`DOORS`], a folder of samples in `corpus/`.
#![expect(clippy::panic, reason = "a broken promise is a finding, and panics are how fuzzers learn of one")]

mod bus;
mod chat;
mod comment;
mod hash_list;
mod ingest;
mod peer;
mod tracker_wire;

/// One door.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    /// Its name: the fuzzer's target, and the folder of its samples.
    pub name: &'static str,
    /// What comes through it.
    pub about: &'static str,
    /// Takes the bytes.
    pub enter: fn(&[u8]),
}

/// All of them.
pub const DOORS: [Door; 11] = [
    Door {
        name: "chat-connection",
        about: "a viewer's bytes at the chat edge, over WebSocket and TCP, in both dialects",
        enter: chat::connection,
    },
    Door { name: "chat-auth", about: "who a viewer says it is", enter: chat::authentication },
    Door {
        name: "chat-batch",
        about: "bodies to push, as every kind of viewer gets them",
        enter: chat::batch,
    },
    Door {
        name: "chat-comment",
        about: "what a viewer says, and what everybody then gets and takes away as a file",
        enter: comment::said,
    },
    Door {
        name: "chat-filter",
        about: "words and expressions of a moderator, a zero, and a text to look at with them",
        enter: comment::filtered,
    },
    Door {
        name: "tracker-text",
        about: "a viewer's text frame at the tracker, and what the registry does with it",
        enter: tracker_wire::text,
    },
    Door {
        name: "tracker-binary",
        about: "a viewer's binary frame at the tracker, and what the registry does with it",
        enter: tracker_wire::binary,
    },
    Door { name: "peer-message", about: "a neighbour's message at a viewer", enter: peer::message },
    Door {
        name: "hash-list",
        about: "a signed hash list, from the origin or relayed",
        enter: hash_list::signed,
    },
    Door { name: "ingest", about: "an encoder's fMP4 at the origin", enter: ingest::body },
    Door { name: "bus", about: "what another server says on the bus", enter: bus::letter },
];

/// The door of that name.
#[must_use]
pub fn door(name: &str) -> Option<&'static Door> {
    DOORS.iter().find(|door| door.name == name)
}

/// Ends the run where a promise is broken.
#[track_caller]
fn hold(promise: bool, words: &str) {
    if !promise {
        panic!("{words}");
    }
}
