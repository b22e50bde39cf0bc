//! Who decided what.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use protocol::chat::RoomKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Caller, Room};
use super::problem::Problem;
use crate::moderation::duty::Duty;
use crate::serve::hub::Hub;
use crate::store::{AuditQuery, Entry};

/// Lines of one answer.
const LISTED_MAX: usize = 500;

/// Which lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    before: Option<u64>,
    limit: Option<usize>,
}

type Which = Result<Query<Asked>, QueryRejection>;

pub(super) async fn of_room(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    asked: Which,
) -> Result<Json<Value>, Problem> {
    caller.may(&hub, &room, Duty::RoomAudit)?;
    listed(&hub, Some(room), asked).await
}

pub(super) async fn everywhere(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    asked: Which,
) -> Result<Json<Value>, Problem> {
    caller.may_everywhere(Duty::Audit)?;
    listed(&hub, None, asked).await
}

async fn listed(hub: &Hub, room: Option<RoomKey>, asked: Which) -> Result<Json<Value>, Problem> {
    let Query(Asked { before, limit }) =
        asked.map_err(|_| Problem::Query("before is a line's id, limit a number up to 500"))?;
    let query = AuditQuery {
        room,
        before: before.unwrap_or(u64::MAX >> 1),
        limit: limit.unwrap_or(LISTED_MAX).min(LISTED_MAX),
    };
    let entries = hub.desk.ask(move |store| store.audit(&query)).await?;
    Ok(Json(json!({"entries": entries.iter().map(line).collect::<Vec<_>>()})))
}

fn line(entry: &Entry) -> Value {
    let Entry { id, at, room, actor, role, action, subject, detail, .. } = entry;
    json!({
        "id": id.to_string(), "at_ms": at.0, "room": room.as_ref().map(RoomKey::as_str),
        "actor": actor.0.to_string(), "role": role.name(), "action": action, "subject": subject,
        "detail": serde_json::from_str(detail).unwrap_or(Value::Null),
    })
}
