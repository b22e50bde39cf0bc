//! Lists of words and expressions: of a room, and of all.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::chat::RoomKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Caller, Read, Room};
use super::problem::Problem;
use crate::moderation::duty::Duty;
use crate::moderation::{Record, Role, Scope};
use crate::serve::desk::filters::{self, ROOM_RULES_BYTES_MAX, RULES_BYTES_MAX};
use crate::serve::desk::{Change, Decision};
use crate::serve::hub::Hub;

/// A list as it is written, one rule a line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    rules: String,
}

fn shown(hub: &Hub, scope: &Scope) -> Json<Value> {
    Json(json!({"rules": hub.desk.judge(|judge| judge.state.rules(scope).to_owned())}))
}

pub(super) async fn of_room(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
) -> Result<Json<Value>, Problem> {
    caller.may(&hub, &room, Duty::RoomRules)?;
    Ok(shown(&hub, &Scope::Room(room)))
}

pub(super) async fn everywhere(State(hub): State<Arc<Hub>>, caller: Caller) -> Result<Json<Value>, Problem> {
    caller.may_everywhere(Duty::EveryRoomsRules)?;
    Ok(shown(&hub, &Scope::Everywhere))
}

pub(super) async fn put_of_room(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Read(List { rules }): Read<List>,
) -> Result<StatusCode, Problem> {
    let role = caller.may(&hub, &room, Duty::RoomRules)?;
    put(&hub, &caller, role, Some(room), rules).await
}

pub(super) async fn put_everywhere(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Read(List { rules }): Read<List>,
) -> Result<StatusCode, Problem> {
    let role = caller.may_everywhere(Duty::EveryRoomsRules)?;
    put(&hub, &caller, role, None, rules).await
}

/// A list that cannot be compiled is refused before it is kept.
async fn put(
    hub: &Arc<Hub>,
    caller: &Caller,
    role: Role,
    room: Option<RoomKey>,
    rules: String,
) -> Result<StatusCode, Problem> {
    let (scope, bytes_max) = match &room {
        Some(room) => (Scope::Room(room.clone()), ROOM_RULES_BYTES_MAX),
        None => (Scope::Everywhere, RULES_BYTES_MAX),
    };
    let text = rules.clone();
    let compiled = tokio::task::spawn_blocking(move || filters::compile(&text, bytes_max)).await;
    let filter = compiled.map_err(|_| Problem::Unavailable)?.map_err(Problem::Rules)?;
    let decision = Decision {
        room,
        actor: caller.user(),
        role,
        action: "filter",
        subject: String::new(),
        detail: json!({"rules": filter.len()}),
        change: Change::Put(Record::Rules(scope, rules)),
    };
    hub.desk.decide(hub, decision).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A text to be tried.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Try {
    text: String,
}

/// What would become of a text, and which rule says so.
pub(super) async fn try_out(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Read(Try { text }): Read<Try>,
) -> Result<Json<Value>, Problem> {
    caller.may(&hub, &room, Duty::RoomRules)?;
    let found = hub.desk.filters.explain(&room, &text);
    Ok(Json(match found {
        None => json!({"action": null}),
        Some((action, rule)) => json!({"action": action.name(), "rule": rule}),
    }))
}
