//! Who somebody is, as a token says it.

use protocol::chat::RoomKey;

use super::{Moment, Refusal};

/// A user of the operator's site; 0 is nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

/// What somebody is in a room. The later, the more they may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Looks and speaks.
    #[default]
    Viewer,
    /// Keeps order in the room.
    Moderator,
    /// Whose room it is.
    Streamer,
    /// Whose servers these are.
    Operator,
}

impl Role {
    /// Every role, the humblest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Moderator, Self::Streamer, Self::Operator];

    /// Its name in tokens and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Moderator => "moderator",
            Self::Streamer => "streamer",
            Self::Operator => "operator",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Rooms that a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rooms {
    /// All of them.
    All,
    /// These.
    These(Vec<RoomKey>),
}

impl Rooms {
    /// Whether the room is one of them.
    #[must_use]
    pub fn contain(&self, room: &RoomKey) -> bool {
        match self {
            Self::All => true,
            Self::These(rooms) => rooms.contains(room),
        }
    }
}

/// What a token whose signature is good says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who it is.
    pub user: UserId,
    /// The name that others see.
    pub name: String,
    /// Where it counts.
    pub rooms: Rooms,
    /// What its holder is there.
    pub role: Role,
    /// The level that rooms may ask for.
    pub level: u32,
    /// Since when its holder follows the streamer.
    pub follows_since: Option<Moment>,
    /// The token's own name, by which it can be revoked.
    pub id: String,
    /// When it was made.
    pub issued: Moment,
    /// From then on it counts.
    pub from: Moment,
    /// Until then it counts.
    pub until: Moment,
    /// Until then it may be exchanged for a new one.
    pub refresh_until: Moment,
}

/// Clocks of different machines differ; what RFC 7519 §4.1.4 calls some small leeway.
pub const LEEWAY_MS: u64 = 10_000;

impl Grant {
    /// Whether it counts now.
    ///
    /// # Errors
    /// Where its time is over, or has not come.
    pub const fn in_time(&self, now: Moment) -> Result<(), Refusal> {
        let over = now.0 >= self.until.0.saturating_add(LEEWAY_MS);
        let early = now.0.saturating_add(LEEWAY_MS) < self.from.0;
        if over || early { Err(Refusal::TokenExpired) } else { Ok(()) }
    }

    /// What its holder is in a room.
    #[must_use]
    pub fn role_in(&self, room: &RoomKey) -> Role {
        if self.rooms.contain(room) { self.role } else { Role::Viewer }
    }
}
