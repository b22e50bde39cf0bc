//! Tokens: made, exchanged, taken back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use protocol::chat::RoomKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Caller, Read, Room, bearer};
use super::problem::Problem;
use crate::moderation::duty::Duty;
use crate::moderation::{Grant, Moment, Record, Role, Rooms, UserId};
use crate::serve::desk::token::LIFE_MS_MAX;
use crate::serve::desk::{Change, Decision, now};
use crate::serve::hub::Hub;

/// Seconds that a token counts where nobody says how long: an hour.
const TTL_S: u64 = 3_600;

/// Whom a token is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Issue {
    user: u64,
    #[serde(default)]
    name: String,
    /// Rooms; all of them where there is no list.
    #[serde(default)]
    rooms: Option<Vec<String>>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    level: u32,
    /// Since when the user follows, in seconds since 1970.
    #[serde(default)]
    follows: Option<u64>,
    #[serde(default)]
    ttl_s: Option<u64>,
    /// Seconds in which it may be exchanged; none where nothing is said.
    #[serde(default)]
    refresh_s: u64,
}

/// The same, and what the caller is in this room.
pub(super) async fn me_here(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
) -> Result<Json<Value>, Problem> {
    let role = caller.may(&hub, &room, Duty::Speak)?;
    let Json(mut me) = me(caller).await;
    me["role"] = json!(role.name());
    Ok(Json(me))
}

/// Whoever asks, as the token says it.
pub(super) async fn me(caller: Caller) -> Json<Value> {
    let Grant { user, name, rooms, role, level, until, refresh_until, id, .. } = &*caller.grant;
    let rooms = match rooms {
        Rooms::All => json!("*"),
        Rooms::These(rooms) => json!(rooms.iter().map(RoomKey::as_str).collect::<Vec<_>>()),
    };
    Json(json!({
        "user": user.0.to_string(), "name": name, "rooms": rooms, "role": role.name(), "level": level, "id": id,
        "until_ms": until.0, "refresh_until_ms": refresh_until.0,
    }))
}

/// For operators with a token.
pub(super) async fn issue(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Read(asked): Read<Issue>,
) -> Result<Json<Value>, Problem> {
    let role = caller.may_everywhere(Duty::Tokens)?;
    made(&hub, caller.user(), role, asked).await
}

/// For whoever reaches the operator's address.
pub(super) async fn issue_here(
    State(hub): State<Arc<Hub>>,
    Read(asked): Read<Issue>,
) -> Result<Json<Value>, Problem> {
    made(&hub, UserId(0), Role::Operator, asked).await
}

async fn made(hub: &Arc<Hub>, actor: UserId, role: Role, asked: Issue) -> Result<Json<Value>, Problem> {
    let grant = asked.grant(hub.desk.name().0)?;
    let token = hub.desk.sign(&grant).ok_or(Problem::CannotSign)?;
    let decision = Decision {
        room: None,
        actor,
        role,
        action: "issue_token",
        subject: grant.user.0.to_string(),
        detail: json!({"id": grant.id, "role": grant.role.name(), "until_ms": grant.until.0}),
        change: Change::Note,
    };
    hub.desk.decide(hub, decision).await?;
    Ok(shown(&grant, &token))
}

fn shown(grant: &Grant, token: &str) -> Json<Value> {
    Json(json!({
        "token": token, "id": grant.id, "until_ms": grant.until.0, "refresh_until_ms": grant.refresh_until.0,
    }))
}

impl Issue {
    fn grant(self, name: u64) -> Result<Grant, Problem> {
        let wrong = |what: &str| Problem::Body(what.to_owned());
        if self.user == 0 || i64::try_from(self.user).is_err() {
            return Err(wrong("user is a number from 1 to 2^63 - 1"));
        }
        if self.name.len() > 64 || self.name.chars().any(char::is_control) {
            return Err(wrong("name has at most 64 bytes, and no control characters"));
        }
        let rooms = match self.rooms {
            None => Rooms::All,
            Some(names) if names.len() > 64 => return Err(wrong("rooms are at most 64")),
            Some(names) => {
                let rooms = names.iter().map(|name| RoomKey::parse(name)).collect::<Option<_>>();
                Rooms::These(rooms.ok_or_else(|| wrong("a room is TYPE://ID"))?)
            }
        };
        let role = self.role.map_or(Some(Role::Viewer), |role| Role::parse(&role));
        let role = role.ok_or_else(|| wrong("role is viewer, moderator, streamer or operator"))?;
        let ttl_ms = self.ttl_s.unwrap_or(TTL_S).saturating_mul(1_000);
        let refresh_ms = self.refresh_s.saturating_mul(1_000);
        if ttl_ms == 0 || ttl_ms.max(refresh_ms) > LIFE_MS_MAX {
            return Err(wrong("ttl_s and refresh_s are at most 7776000, and ttl_s at least 1"));
        }
        // Tokens count in seconds.
        let issued = Moment(now().0 / 1_000 * 1_000);
        Ok(Grant {
            user: UserId(self.user),
            name: if self.name.is_empty() { self.user.to_string() } else { self.name },
            rooms,
            role,
            level: self.level,
            follows_since: self.follows.map(|seconds| Moment(seconds.saturating_mul(1_000))),
            id: format!("{name:x}"),
            issued,
            from: issued,
            until: issued.plus_ms(ttl_ms),
            refresh_until: issued.plus_ms(refresh_ms),
        })
    }
}

/// A new token for one that may be exchanged: the same, and as long again. Revoking either of them by user ends both.
pub(super) async fn refresh(State(hub): State<Arc<Hub>>, parts: Parts) -> Result<Json<Value>, Problem> {
    let old = hub.desk.refreshable(bearer(&parts)?)?;
    let issued = Moment(now().0 / 1_000 * 1_000);
    let life_ms = old.until.since_ms(old.from.max(old.issued));
    let grant = Grant {
        id: format!("{:x}", hub.desk.name().0),
        issued,
        from: issued,
        until: issued.plus_ms(life_ms),
        ..old
    };
    let token = hub.desk.sign(&grant).ok_or(Problem::CannotSign)?;
    Ok(shown(&grant, &token))
}

/// What is taken back: one token, or all that a user has by now.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoke {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    user: Option<u64>,
}

pub(super) async fn revoke(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Read(asked): Read<Revoke>,
) -> Result<StatusCode, Problem> {
    let at = now();
    let (subject, record, role) = match asked {
        // Everybody may end their own token: logging out.
        Revoke { id: Some(id), user: None } if id == caller.grant.id => {
            (id.clone(), Record::TokenRevoked(id, at.plus_ms(LIFE_MS_MAX)), caller.grant.role)
        }
        Revoke { id: Some(id), user: None }
            if (1..=64).contains(&id.len()) && !id.chars().any(char::is_control) =>
        {
            let role = caller.may_everywhere(Duty::Tokens)?;
            (id.clone(), Record::TokenRevoked(id, at.plus_ms(LIFE_MS_MAX)), role)
        }
        Revoke { id: None, user: Some(user) } if user != 0 && i64::try_from(user).is_ok() => {
            let role = caller.may_everywhere(Duty::Tokens)?;
            (user.to_string(), Record::UserRevoked(UserId(user), at), role)
        }
        _ => return Err(Problem::Body("say either id, a token's, or user, a number".into())),
    };
    let decision = Decision {
        room: None,
        actor: caller.user(),
        role,
        action: "revoke_token",
        subject,
        detail: json!({}),
        change: Change::Put(record),
    };
    hub.desk.decide(&hub, decision).await?;
    Ok(StatusCode::NO_CONTENT)
}
