//! Why somebody may not do what they ask: values, in the order in which they are looked for.

use super::Moment;

/// A refusal. Every one has a stable code, says what was wrong, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody said who they are.
    Guest,
    /// The token is none, or nobody of ours signed it.
    TokenInvalid,
    /// The token's time is over, or has not come.
    TokenExpired,
    /// The token was taken back.
    TokenRevoked,
    /// The token is for other rooms.
    OtherRoom,
    /// Banned here, or everywhere; until then, or for good.
    Banned(Option<Moment>),
    /// May not speak here, or anywhere; until then, or for good.
    Muted(Option<Moment>),
    /// Nobody but moderators speaks in this room now.
    Closed,
    /// Only users of this level and above speak in this room.
    LevelOnly(u32),
    /// Only those who have followed for so many seconds speak in this room.
    FollowersOnly(u32),
    /// There is nothing to see in the text.
    Empty,
    /// The text is too long: characters that are allowed.
    TooLong(usize),
    /// One comment in so much time, in this room: milliseconds until the next.
    SlowMode(u64),
    /// Too much over this connection: milliseconds until it is allowed.
    ConnectionRate(u64),
    /// Too much from this user.
    UserRate(u64),
    /// Too much from this address.
    AddressRate(u64),
    /// Too much in this room.
    RoomRate(u64),
    /// The text matches a rule.
    Filtered,
}

impl Refusal {
    /// A stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::TokenInvalid => "token_invalid",
            Self::TokenExpired => "token_expired",
            Self::TokenRevoked => "token_revoked",
            Self::OtherRoom => "other_room",
            Self::Banned(_) => "banned",
            Self::Muted(_) => "muted",
            Self::Closed => "closed",
            Self::LevelOnly(_) => "level_only",
            Self::FollowersOnly(_) => "followers_only",
            Self::Empty => "empty",
            Self::TooLong(_) => "too_long",
            Self::SlowMode(_) => "slow_mode",
            Self::ConnectionRate(_) => "connection_rate",
            Self::UserRate(_) => "user_rate",
            Self::AddressRate(_) => "address_rate",
            Self::RoomRate(_) => "room_rate",
            Self::Filtered => "filtered",
        }
    }

    /// What was wrong, and what to do.
    #[must_use]
    pub fn reason(self) -> String {
        match self {
            Self::Guest => "only viewers with a token speak; log in, and connect with the token".into(),
            Self::TokenInvalid => "the token is malformed, or signed with a key that is none of ours".into(),
            Self::TokenExpired => "the token has ended, or has not begun; refresh it, or log in again".into(),
            Self::TokenRevoked => "the token was revoked; log in again".into(),
            Self::OtherRoom => "the token is for other rooms; ask for one for this room".into(),
            Self::Banned(until) => format!("you are banned {}", ending(until)),
            Self::Muted(until) => format!("you may not speak {}", ending(until)),
            Self::Closed => "only moderators speak in this room now; wait until it is open again".into(),
            Self::LevelOnly(level) => format!("only users of level {level} and above speak in this room"),
            Self::FollowersOnly(0) => "only followers speak in this room; follow the streamer".into(),
            Self::FollowersOnly(seconds) => {
                format!("only who has followed for {seconds} seconds speaks in this room")
            }
            Self::Empty => "there is nothing to see in this text".into(),
            Self::TooLong(most) => format!("a comment has at most {most} characters; shorten it"),
            Self::SlowMode(_) => "the room is in slow mode; wait before the next comment".into(),
            Self::ConnectionRate(_) => "too many comments over this connection; wait".into(),
            Self::UserRate(_) => "too many comments; wait".into(),
            Self::AddressRate(_) => "too much from your address; wait".into(),
            Self::RoomRate(_) => "too many comments in this room at once; try again".into(),
            Self::Filtered => "the text breaks this room's rules; say it in another way".into(),
        }
    }

    /// Milliseconds after which the same is worth another try; `None` where it never is, or nobody knows.
    #[must_use]
    pub const fn retry_ms(self, now: Moment) -> Option<u64> {
        match self {
            Self::SlowMode(ms)
            | Self::ConnectionRate(ms)
            | Self::UserRate(ms)
            | Self::AddressRate(ms)
            | Self::RoomRate(ms) => Some(ms),
            Self::Banned(Some(until)) | Self::Muted(Some(until)) => Some(until.since_ms(now)),
            Self::Guest
            | Self::TokenInvalid
            | Self::TokenExpired
            | Self::TokenRevoked
            | Self::OtherRoom
            | Self::Banned(None)
            | Self::Muted(None)
            | Self::Closed
            | Self::LevelOnly(_)
            | Self::FollowersOnly(_)
            | Self::Empty
            | Self::TooLong(_)
            | Self::Filtered => None,
        }
    }
}

fn ending(until: Option<Moment>) -> String {
    until.map_or_else(
        || "here until a moderator lifts it".into(),
        |until| format!("until {} (unix ms)", until.0),
    )
}
