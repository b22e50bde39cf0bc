//! People: mute, ban, shadow ban; and who keeps order.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::chat::RoomKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Caller, Read, Room};
use super::problem::Problem;
use crate::moderation::duty::{Duty, outranks};
use crate::moderation::{Key, Record, Role, Sanction, SanctionKind, Scope, UserId};
use crate::serve::desk::{Change, Decision, now};
use crate::serve::hub::Hub;

/// Bytes of a reason at most.
pub(super) const REASON_BYTES_MAX: usize = 512;
/// Seconds of a sanction that ends, at most: ten years.
const SECONDS_MAX: u64 = 10 * 366 * 24 * 3_600;
/// People in one answer.
const LISTED_MAX: usize = 1_000;

/// Who, and what.
#[derive(Debug, Deserialize)]
pub(super) struct Whom {
    user: String,
    #[serde(default)]
    sanction: String,
}

impl Whom {
    fn user(&self) -> Result<UserId, Problem> {
        let user = self.user.parse().ok().filter(|user| *user != 0 && i64::try_from(*user).is_ok());
        user.map(UserId).ok_or(Problem::Query("a user is a number from 1 on"))
    }

    fn kind(&self) -> Result<SanctionKind, Problem> {
        SanctionKind::parse(&self.sanction).ok_or(Problem::Query("a sanction is mute, ban or shadow"))
    }
}

/// For how long, and why.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Terms {
    seconds: Option<u64>,
    reason: String,
}

fn listed(hub: &Hub, scope: &Scope) -> Json<Value> {
    let list = hub.desk.judge(|judge| {
        let sanctions = judge.state.sanctions(now(), scope).take(LISTED_MAX);
        let line = |(user, kind, sanction): (UserId, SanctionKind, &Sanction)| {
            json!({
                "user": user.0.to_string(), "sanction": kind.name(), "until_ms": sanction.until.map(|until| until.0),
                "by": sanction.by.0.to_string(), "at_ms": sanction.at.0, "reason": sanction.reason,
            })
        };
        sanctions.map(line).collect::<Vec<_>>()
    });
    Json(json!({"sanctions": list}))
}

pub(super) async fn sanctions(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
) -> Result<Json<Value>, Problem> {
    caller.may(&hub, &room, Duty::Sanction)?;
    Ok(listed(&hub, &Scope::Room(room)))
}

pub(super) async fn sanctions_everywhere(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
) -> Result<Json<Value>, Problem> {
    caller.may_everywhere(Duty::SanctionEverywhere)?;
    Ok(listed(&hub, &Scope::Everywhere))
}

pub(super) async fn put_sanction(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Path(whom): Path<Whom>,
    Read(terms): Read<Terms>,
) -> Result<StatusCode, Problem> {
    let role = caller.may(&hub, &room, Duty::Sanction)?;
    put(&hub, &caller, role, Scope::Room(room), &whom, terms).await
}

pub(super) async fn put_sanction_everywhere(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Path(whom): Path<Whom>,
    Read(terms): Read<Terms>,
) -> Result<StatusCode, Problem> {
    let role = caller.may_everywhere(Duty::SanctionEverywhere)?;
    put(&hub, &caller, role, Scope::Everywhere, &whom, terms).await
}

async fn put(
    hub: &Arc<Hub>,
    caller: &Caller,
    role: Role,
    scope: Scope,
    whom: &Whom,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    let (user, kind, Terms { seconds, reason }) = (whom.user()?, whom.kind()?, terms);
    if seconds.is_some_and(|seconds| seconds == 0 || seconds > SECONDS_MAX) {
        return Err(Problem::Body("seconds are from 1 to 316224000; leave them out for good".into()));
    }
    if reason.len() > REASON_BYTES_MAX {
        return Err(Problem::Body("a reason has at most 512 bytes".into()));
    }
    below(hub, role, &scope, user)?;
    let at = now();
    let until = seconds.map(|seconds| at.plus_ms(seconds * 1_000));
    let detail = json!({"until_ms": until.map(|until| until.0), "reason": reason});
    let sanction = Sanction { until, by: caller.user(), at, reason };
    let change = Change::Put(Record::Sanction(scope.clone(), user, kind, sanction));
    decide(hub, caller, role, &scope, kind.name(), user, detail, change).await
}

pub(super) async fn lift_sanction(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Path(whom): Path<Whom>,
) -> Result<StatusCode, Problem> {
    let role = caller.may(&hub, &room, Duty::Sanction)?;
    lift(&hub, &caller, role, Scope::Room(room), &whom).await
}

pub(super) async fn lift_sanction_everywhere(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Path(whom): Path<Whom>,
) -> Result<StatusCode, Problem> {
    let role = caller.may_everywhere(Duty::SanctionEverywhere)?;
    lift(&hub, &caller, role, Scope::Everywhere, &whom).await
}

async fn lift(
    hub: &Arc<Hub>,
    caller: &Caller,
    role: Role,
    scope: Scope,
    whom: &Whom,
) -> Result<StatusCode, Problem> {
    let (user, kind) = (whom.user()?, whom.kind()?);
    let key = Key::Sanction(scope.clone(), user, kind);
    if hub.desk.judge(|judge| judge.state.record(&key).is_none()) {
        return Err(Problem::Missing("nothing of this kind holds about this user here"));
    }
    let action = match kind {
        SanctionKind::Mute => "unmute",
        SanctionKind::Ban => "unban",
        SanctionKind::Shadow => "unshadow",
    };
    decide(hub, caller, role, &scope, action, user, json!({}), Change::Remove(key)).await
}

/// Nobody moves against those beside or above them.
fn below(hub: &Hub, role: Role, scope: &Scope, user: UserId) -> Result<(), Problem> {
    let target = match scope {
        Scope::Everywhere => Role::Viewer,
        Scope::Room(room) => hub.desk.judge(|judge| judge.state.role(room, user)),
    };
    if outranks(role, target) { Ok(()) } else { Err(Problem::Outranked) }
}

#[expect(clippy::too_many_arguments, reason = "the columns of the audit log's line, all of different types")]
async fn decide(
    hub: &Arc<Hub>,
    caller: &Caller,
    role: Role,
    scope: &Scope,
    action: &'static str,
    user: UserId,
    detail: Value,
    change: Change,
) -> Result<StatusCode, Problem> {
    let room: Option<RoomKey> = match scope {
        Scope::Everywhere => None,
        Scope::Room(room) => Some(room.clone()),
    };
    let subject = user.0.to_string();
    hub.desk
        .decide(hub, Decision { room, actor: caller.user(), role, action, subject, detail, change })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn roles(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
) -> Result<Json<Value>, Problem> {
    caller.may(&hub, &room, Duty::RoomAudit)?;
    let roles = hub.desk.judge(|judge| {
        let line = |(user, role): (UserId, Role)| json!({"user": user.0.to_string(), "role": role.name()});
        judge.state.roles(&room).take(LISTED_MAX).map(line).collect::<Vec<_>>()
    });
    Ok(Json(json!({"roles": roles})))
}

/// What somebody is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Office {
    role: String,
}

pub(super) async fn put_role(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Path(whom): Path<Whom>,
    Read(Office { role: office }): Read<Office>,
) -> Result<StatusCode, Problem> {
    let (office, duty) = match Role::parse(&office) {
        Some(Role::Moderator) => (Role::Moderator, Duty::AppointModerator),
        Some(Role::Streamer) => (Role::Streamer, Duty::AppointStreamer),
        Some(Role::Viewer | Role::Operator) | None => {
            return Err(Problem::Body("role is moderator or streamer; operators are made by tokens".into()));
        }
    };
    let user = whom.user()?;
    let (role, scope) = (caller.may(&hub, &room, duty)?, Scope::Room(room.clone()));
    below(&hub, role, &scope, user)?;
    let change = Change::Put(Record::Role(room, user, office));
    decide(&hub, &caller, role, &scope, "appoint", user, json!({"role": office.name()}), change).await
}

pub(super) async fn take_role(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Path(whom): Path<Whom>,
) -> Result<StatusCode, Problem> {
    let user = whom.user()?;
    let scope = Scope::Room(room.clone());
    let role = caller.may(&hub, &room, Duty::AppointModerator)?;
    below(&hub, role, &scope, user)?;
    let key = Key::Role(room, user);
    if hub.desk.judge(|judge| judge.state.record(&key).is_none()) {
        return Err(Problem::Missing("this user keeps no order here"));
    }
    decide(&hub, &caller, role, &scope, "dismiss", user, json!({}), Change::Remove(key)).await
}
