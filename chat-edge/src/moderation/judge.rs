//! One comment at a time: may this person say this here now?

use std::net::IpAddr;

use protocol::chat::RoomKey;

use super::rates::{Rate, Rates};
use super::{Grant, Moment, Refusal, Role, Sanction, SanctionKind, Scope, State, UserId};
use crate::filter::{Action, Found};

/// Users, and connections, whose rates are known at once: those that spoke in the last seconds.
const USERS_MAX: usize = 100_000;
/// Addresses whose rates are known at once.
const ADDRESSES_MAX: usize = 100_000;
/// Rooms whose rates are known at once.
const ROOMS_MAX: usize = 50_000;
/// Users that a slow mode remembers at once, in all rooms.
const SLOW_MAX: usize = 200_000;
/// Moderators may say so many times what viewers may.
const MODERATOR_FACTOR: u32 = 5;
/// Bits of an IPv6 address that are one household's (RIPE-690: at least a /64).
const IPV6_PREFIX_BITS: u32 = 64;

/// What an operator sets for every room: counts in [`super::rates::WINDOW_MS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Comments over one connection.
    pub connection_per_10s: u32,
    /// Comments of one user.
    pub user_per_10s: u32,
    /// Comments from one address.
    pub address_per_10s: u32,
    /// Comments in one room.
    pub room_per_10s: u32,
    /// Characters of one comment.
    pub characters_max: usize,
}

impl Default for Config {
    /// Twitch allows viewers 20 messages in 30 seconds, and five times that to moderators; an address may be a school's.
    fn default() -> Self {
        Self {
            connection_per_10s: 7,
            user_per_10s: 7,
            address_per_10s: 200,
            room_per_10s: 10_000,
            characters_max: 100,
        }
    }
}

/// What somebody wants to say.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Where.
    pub room: &'a RoomKey,
    /// Who; nobody where no token was shown.
    pub grant: Option<&'a Grant>,
    /// Over which connection; none where it came by HTTP.
    pub connection: Option<u64>,
    /// From where.
    pub address: IpAddr,
    /// What.
    pub text: &'a str,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Everybody sees it: this text.
    Say(String),
    /// Only its author does.
    Whisper(String),
    /// A moderator decides.
    Hold,
    /// Nobody does.
    Refuse(Refusal),
}

/// Rules on comments.
#[derive(Debug)]
pub struct Judge {
    config: Config,
    /// What was decided before.
    pub state: State,
    connections: Rates<u64>,
    users: Rates<UserId>,
    addresses: Rates<IpAddr>,
    rooms: Rates<RoomKey>,
    slow: Rates<(UserId, RoomKey)>,
}

impl Judge {
    /// A judge who has seen nobody yet.
    #[must_use]
    pub fn new(config: Config, state: State) -> Self {
        Self {
            config,
            state,
            connections: Rates::new(USERS_MAX),
            users: Rates::new(USERS_MAX),
            addresses: Rates::new(ADDRESSES_MAX),
            rooms: Rates::new(ROOMS_MAX),
            slow: Rates::new(SLOW_MAX),
        }
    }

    /// Other limits from now on.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// Who this is in the room: what the token says, or what they were made.
    #[must_use]
    pub fn role(&self, grant: &Grant, room: &RoomKey) -> Role {
        grant.role_in(room).max(self.state.role(room, grant.user))
    }

    /// Whether the token counts now, whatever it is used for.
    ///
    /// # Errors
    /// Where its time is over, or it was taken back.
    pub fn accept(&self, now: Moment, grant: &Grant) -> Result<(), Refusal> {
        grant.in_time(now)?;
        if self.state.revoked(grant.user, grant.issued, &grant.id) {
            return Err(Refusal::TokenRevoked);
        }
        Ok(())
    }

    /// Whether the holder may be in the room.
    ///
    /// # Errors
    /// Where the token does not count there, or its holder is banned.
    pub fn admit(&self, now: Moment, grant: &Grant, room: &RoomKey) -> Result<(), Refusal> {
        self.accept(now, grant)?;
        if !grant.rooms.contain(room) {
            return Err(Refusal::OtherRoom);
        }
        match self.sanction(now, room, grant, SanctionKind::Ban) {
            Some(ban) => Err(Refusal::Banned(ban.until)),
            None => Ok(()),
        }
    }

    /// What was decided about the holder. Whose room it is nobody in it decides about.
    fn sanction(&self, now: Moment, room: &RoomKey, grant: &Grant, kind: SanctionKind) -> Option<&Sanction> {
        if self.role(grant, room) < Role::Streamer {
            self.state.sanction(now, room, grant.user, kind)
        } else {
            self.state.sanction_in(now, Scope::Everywhere, grant.user, kind)
        }
    }

    /// Whether the holder may report something now: like a comment, as far as rates go.
    ///
    /// # Errors
    /// Where the token does not count here, its holder is banned, or reports too much.
    pub fn may_report(&mut self, now: Moment, room: &RoomKey, grant: &Grant) -> Result<(), Refusal> {
        self.admit(now, grant, room)?;
        let rate = Rate::per_window(self.config.user_per_10s);
        self.users.check(now, &grant.user, rate).map_err(Refusal::UserRate)?;
        self.users.spend(now, grant.user, rate);
        Ok(())
    }

    /// Rules on one comment; `look` is the filter, asked last. Every attempt that gets as far as the rates costs its part
    /// of them, so that nobody tries words out; slow mode counts what was said.
    pub fn rule(&mut self, now: Moment, attempt: Attempt<'_>, look: impl FnOnce(&str) -> Found) -> Ruling {
        match self.examine(now, attempt) {
            Ok((grant, role)) => self.listen(now, attempt, grant, role, look),
            Err(refusal) => Ruling::Refuse(refusal),
        }
    }

    /// Everything but the filter, in the order of [`Refusal`].
    fn examine<'a>(&mut self, now: Moment, attempt: Attempt<'a>) -> Result<(&'a Grant, Role), Refusal> {
        let Attempt { room, grant, text, .. } = attempt;
        let grant = grant.ok_or(Refusal::Guest)?;
        self.admit(now, grant, room)?;
        if let Some(mute) = self.sanction(now, room, grant, SanctionKind::Mute) {
            return Err(Refusal::Muted(mute.until));
        }
        let role = self.role(grant, room);
        let settings = self.state.settings(room);
        if role < Role::Moderator {
            if settings.closed {
                return Err(Refusal::Closed);
            }
            if grant.level < settings.level_min {
                return Err(Refusal::LevelOnly(settings.level_min));
            }
            if let Some(seconds) = settings.followers_s {
                let followed = grant
                    .follows_since
                    .is_some_and(|since| since <= now && now.since_ms(since) >= u64::from(seconds) * 1_000);
                if !followed {
                    return Err(Refusal::FollowersOnly(seconds));
                }
            }
        }
        if text.chars().all(is_blank) {
            return Err(Refusal::Empty);
        }
        if text.chars().count() > self.config.characters_max {
            return Err(Refusal::TooLong(self.config.characters_max));
        }
        if settings.slow_s > 0 && role < Role::Moderator {
            let wait = self.slow.check(now, &(grant.user, room.clone()), slow(settings.slow_s));
            wait.map_err(Refusal::SlowMode)?;
        }
        self.spend(now, attempt, grant, role)?;
        Ok((grant, role))
    }

    /// Rates are checked all before any is spent.
    fn spend(&mut self, now: Moment, attempt: Attempt<'_>, grant: &Grant, role: Role) -> Result<(), Refusal> {
        let factor = if role < Role::Moderator { 1 } else { MODERATOR_FACTOR };
        let personal = |count: u32| Rate::per_window(count.saturating_mul(factor));
        let (connection, user) =
            (personal(self.config.connection_per_10s), personal(self.config.user_per_10s));
        let address_rate = Rate::per_window(self.config.address_per_10s);
        let room = Rate::per_window(self.config.room_per_10s);
        let address = household(attempt.address);
        if let Some(id) = attempt.connection {
            self.connections.check(now, &id, connection).map_err(Refusal::ConnectionRate)?;
        }
        self.users.check(now, &grant.user, user).map_err(Refusal::UserRate)?;
        self.addresses.check(now, &address, address_rate).map_err(Refusal::AddressRate)?;
        self.rooms.check(now, attempt.room, room).map_err(Refusal::RoomRate)?;
        if let Some(id) = attempt.connection {
            self.connections.spend(now, id, connection);
        }
        self.users.spend(now, grant.user, user);
        self.addresses.spend(now, address, address_rate);
        self.rooms.spend(now, attempt.room.clone(), room);
        Ok(())
    }

    fn listen(
        &mut self,
        now: Moment,
        attempt: Attempt<'_>,
        grant: &Grant,
        role: Role,
        look: impl FnOnce(&str) -> Found,
    ) -> Ruling {
        let Attempt { room, text, .. } = attempt;
        let found = if role < Role::Streamer { look(text) } else { Found::Clean };
        let (text, shadow) = match found {
            Found::Clean | Found::Rule(Action::Allow | Action::Mask, _) => (text.to_owned(), false),
            Found::Masked(masked, _) => (masked, false),
            Found::Rule(Action::Shadow, _) => (text.to_owned(), true),
            Found::Rule(Action::Hold, _) => return Ruling::Hold,
            Found::Rule(Action::Block, _) => return Ruling::Refuse(Refusal::Filtered),
        };
        let settings = self.state.settings(room);
        if settings.slow_s > 0 {
            self.slow.spend(now, (grant.user, room.clone()), slow(settings.slow_s));
        }
        let shadowed = self.sanction(now, room, grant, SanctionKind::Shadow).is_some();
        if shadow || shadowed { Ruling::Whisper(text) } else { Ruling::Say(text) }
    }
}

const fn slow(seconds: u32) -> Rate {
    Rate { count: 1, window_ms: seconds as u64 * 1_000 }
}

/// Nothing that anybody sees.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || crate::filter::normal::is_unseen(character)
}

/// Whom an address stands for: IPv6 users have whole networks.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = u128::MAX << (u128::BITS - IPV6_PREFIX_BITS);
            IpAddr::V6((address.to_bits() & prefix).into())
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests;
