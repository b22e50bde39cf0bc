//! What goes out of a room at once, and its bytes for each kind of reader.
//!
//! A tick is shared by everybody in the room, on every thread. Its bytes for one kind of reader are made when the first
//! such reader needs them, and never again.

mod counts;
mod encode;

use std::sync::{Arc, OnceLock};

use protocol::chat::RoomEvent;

pub use counts::Counts;
pub use encode::{frame_for, is_event};

use crate::comment::Comment;
use encode::encode;

/// What a member reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// GOIM's frames.
    Goim,
    /// GOIM's frames with our extension.
    Extended,
    /// Bilibili's events, one by one.
    Plain,
    /// Bilibili's events in batches under zlib.
    Zlib,
    /// Bilibili's events in batches under brotli.
    Brotli,
}

/// How a member's frames are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Frames end to end.
    Tcp,
    /// Frames in binary messages.
    WebSocket,
}

/// What a member reads, and how it is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The frames.
    pub variant: Variant,
    /// Their wrapping.
    pub transport: Transport,
}

/// Some messages of a room, in its order.
#[derive(Debug)]
pub struct Tick {
    /// The messages.
    pub messages: Vec<RoomEvent>,
    /// Messages that the room's quotas left out, by class.
    pub shed: Counts,
    /// Of these, those that some in the room see nevertheless, by their author, in the order of the room.
    spared: Vec<(i64, RoomEvent)>,
    kept: Counts,
    events: OnceLock<Events>,
    bytes: [OnceLock<Arc<[u8]>>; FORMS],
}

/// Which messages Bilibili's clients can read.
#[derive(Debug)]
struct Events {
    readable: Vec<bool>,
    hidden: Counts,
}

const FORMS: usize = 10;

impl Variant {
    /// Whether only Bilibili's events may be sent.
    #[must_use]
    pub const fn events_only(self) -> bool {
        match self {
            Self::Goim | Self::Extended => false,
            Self::Plain | Self::Zlib | Self::Brotli => true,
        }
    }
}

impl Form {
    const fn index(self) -> usize {
        let variant = match self.variant {
            Variant::Goim => 0,
            Variant::Extended => 1,
            Variant::Plain => 2,
            Variant::Zlib => 3,
            Variant::Brotli => 4,
        };
        match self.transport {
            Transport::Tcp => variant,
            Transport::WebSocket => variant + FORMS / 2,
        }
    }
}

impl Tick {
    /// A tick of these messages; `shed` were left out.
    #[must_use]
    pub fn new(messages: Vec<RoomEvent>, shed: Counts) -> Self {
        let mut kept = Counts::default();
        messages.iter().for_each(|message| kept.add(message.class, 1));
        Self { messages, shed, spared: Vec::new(), kept, events: OnceLock::new(), bytes: Default::default() }
    }

    /// Comments among what was left out stay for those who wrote them, and for those who follow these.
    #[must_use]
    pub fn sparing(mut self, left_out: Vec<RoomEvent>) -> Self {
        let by_author = |event: RoomEvent| {
            let author = Comment::from_event(&event.body)?.author.0;
            Some((i64::try_from(author).ok()?, event))
        };
        self.spared = left_out.into_iter().filter_map(by_author).collect();
        self.spared.sort_by_key(|(_, event)| (event.epoch, event.sequence));
        self
    }

    /// What was left out and has an author.
    #[must_use]
    pub fn spared(&self) -> &[(i64, RoomEvent)] {
        &self.spared
    }

    /// The tick with these of the spared in their places.
    #[must_use]
    pub fn with(&self, extra: Vec<RoomEvent>) -> Self {
        let mut messages = self.messages.clone();
        messages.extend(extra);
        messages.sort_by_key(|event| (event.epoch, event.sequence));
        Self::new(messages, self.shed)
    }

    /// Messages in it, by class.
    #[must_use]
    pub const fn kept(&self) -> Counts {
        self.kept
    }

    /// Messages in it that readers of this variant do not get, because they could not read them.
    #[must_use]
    pub fn hidden(&self, variant: Variant) -> Counts {
        if variant.events_only() { self.events().hidden } else { Counts::default() }
    }

    /// The bytes for one kind of reader: whole frames, none where there is nothing that it can read.
    #[must_use]
    pub fn bytes(&self, form: Form) -> &Arc<[u8]> {
        static NOTHING: OnceLock<Arc<[u8]>> = OnceLock::new();
        let Some(bytes) = self.bytes.get(form.index()) else {
            return NOTHING.get_or_init(|| Arc::from([]));
        };
        bytes.get_or_init(|| self.encode(form))
    }

    /// How many kinds of bytes were made.
    #[must_use]
    pub fn built(&self) -> usize {
        self.bytes.iter().filter(|bytes| bytes.get().is_some()).count()
    }

    fn encode(&self, form: Form) -> Arc<[u8]> {
        if !form.variant.events_only() {
            return encode(self.messages.iter(), form).into();
        }
        let readable = self.messages.iter().zip(&self.events().readable);
        encode(readable.filter(|(_, readable)| **readable).map(|(message, _)| message), form).into()
    }

    fn events(&self) -> &Events {
        self.events.get_or_init(|| {
            let readable: Vec<bool> = self.messages.iter().map(|message| is_event(&message.body)).collect();
            let mut hidden = Counts::default();
            for (message, _) in self.messages.iter().zip(&readable).filter(|(_, readable)| !**readable) {
                hidden.add(message.class, 1);
            }
            Events { readable, hidden }
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
