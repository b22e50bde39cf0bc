//! Which role may do what.

use super::Role;

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Say something, report something, take back one's own comment.
    Speak,
    /// Take back somebody's comment.
    Recall,
    /// Mute, ban, shadow ban in a room.
    Sanction,
    /// Slow mode, followers only, level only, closed.
    Settings,
    /// The room's own words.
    RoomRules,
    /// Read and settle reports and held comments.
    Reports,
    /// Read what was decided in the room.
    RoomAudit,
    /// Take the room's comments away as a file.
    Export,
    /// Make somebody a moderator of the room, or no longer.
    AppointModerator,
    /// Make somebody the streamer of a room.
    AppointStreamer,
    /// Sanctions that hold in every room.
    SanctionEverywhere,
    /// The words of every room.
    EveryRoomsRules,
    /// Read everything that was decided.
    Audit,
    /// Make and take back tokens.
    Tokens,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 14] = [
        Self::Speak,
        Self::Recall,
        Self::Sanction,
        Self::Settings,
        Self::RoomRules,
        Self::Reports,
        Self::RoomAudit,
        Self::Export,
        Self::AppointModerator,
        Self::AppointStreamer,
        Self::SanctionEverywhere,
        Self::EveryRoomsRules,
        Self::Audit,
        Self::Tokens,
    ];

    /// The humblest role that may.
    #[must_use]
    pub const fn least(self) -> Role {
        match self {
            Self::Speak => Role::Viewer,
            Self::Recall
            | Self::Sanction
            | Self::Settings
            | Self::RoomRules
            | Self::Reports
            | Self::RoomAudit => Role::Moderator,
            Self::Export | Self::AppointModerator => Role::Streamer,
            Self::AppointStreamer
            | Self::SanctionEverywhere
            | Self::EveryRoomsRules
            | Self::Audit
            | Self::Tokens => Role::Operator,
        }
    }
}

/// Whether somebody of this role may move against somebody of that one: only downwards. Operators may against all.
#[must_use]
pub fn outranks(actor: Role, target: Role) -> bool {
    actor == Role::Operator || actor > target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_something_the_higher_roles_may_it_too_and_viewers_only_speak() {
        for duty in Duty::ALL {
            assert_eq!(duty.least() == Role::Viewer, duty == Duty::Speak, "{duty:?}");
        }
    }

    #[test]
    fn nobody_moves_against_their_equals_or_betters() {
        let rows = [
            (Role::Moderator, Role::Viewer, true),
            (Role::Moderator, Role::Moderator, false),
            (Role::Moderator, Role::Streamer, false),
            (Role::Streamer, Role::Moderator, true),
            (Role::Streamer, Role::Operator, false),
            (Role::Operator, Role::Operator, true),
        ];
        for (actor, target, wanted) in rows {
            assert_eq!(outranks(actor, target), wanted, "{actor:?} {target:?}");
        }
    }
}
