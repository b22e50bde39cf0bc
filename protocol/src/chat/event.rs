//! What happens in a room, as the roles of the chat edge hand it to each other.

use std::sync::Arc;

use super::Operation;
use crate::limits::CHAT_ROOM_BYTES_MAX;

/// A room's name: `type://id`, at most [`CHAT_ROOM_BYTES_MAX`] bytes of text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey(Arc<str>);

/// How much a message matters: what overload drops last comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// P0: moderation and the room's state.
    Control,
    /// P1: paid, and from the host.
    Paid,
    /// P2: a viewer's own lines, and those of people that the viewer follows.
    Own,
    /// P3: everybody's lines.
    Chat,
    /// P4: likes, and who came in.
    Ambient,
}

/// One message of a room, numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomEvent {
    /// The room.
    pub room: RoomKey,
    /// The life of the room's numbering.
    pub epoch: u32,
    /// The message's number in it, from 1, without gaps.
    pub sequence: u64,
    /// How much it matters.
    pub class: Class,
    /// The operation that GOIM clients see.
    pub operation: Operation,
    /// The body, as it was published.
    pub body: Arc<[u8]>,
}

/// What the roles hand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// To everybody in a room.
    Room(RoomEvent),
    /// To some, wherever they are.
    Direct(Direct),
}

/// One message outside rooms; it has no number and no past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    /// Who gets it.
    pub to: To,
    /// The operation; GOIM clients get it where they accept that.
    pub operation: Operation,
    /// The body, as it was published.
    pub body: Arc<[u8]>,
}

/// Whom a direct message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Connections with these keys.
    Keys(Vec<String>),
    /// All connections of these users.
    Users(Vec<i64>),
    /// Every connection.
    Everybody,
}

impl RoomKey {
    /// A room by its whole name; `None` where the name is empty, too long or holds control characters.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let sound = (1..=CHAT_ROOM_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control);
        sound.then(|| Self(name.into()))
    }

    /// A room by the two parts of its name.
    #[must_use]
    pub fn of(kind: &str, id: &str) -> Option<Self> {
        if kind.is_empty() || id.is_empty() {
            return None;
        }
        Self::parse(&[kind, "://", id].concat())
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two parts of the name; a name without them is all id.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        self.0.split_once("://").unwrap_or(("", &self.0))
    }
}

impl Class {
    /// Every class, the most precious first.
    pub const ALL: [Self; 5] = [Self::Control, Self::Paid, Self::Own, Self::Chat, Self::Ambient];

    /// Its number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Paid => 1,
            Self::Own => 2,
            Self::Chat => 3,
            Self::Ambient => 4,
        }
    }

    /// The class of a number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Control),
            1 => Some(Self::Paid),
            2 => Some(Self::Own),
            3 => Some(Self::Chat),
            4 => Some(Self::Ambient),
            _ => None,
        }
    }

    /// Its name in metrics and in the push API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Paid => "paid",
            Self::Own => "own",
            Self::Chat => "chat",
            Self::Ambient => "ambient",
        }
    }
}
