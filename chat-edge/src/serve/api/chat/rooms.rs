//! How a room is talked in: slow mode, followers only, level only, closed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::access::{Caller, Read, Room};
use super::problem::Problem;
use crate::moderation::duty::Duty;
use crate::moderation::{Record, Settings};
use crate::serve::desk::{Change, Decision};
use crate::serve::hub::Hub;

/// Seconds of slow mode at most: an hour.
const SLOW_S_MAX: u32 = 3_600;
/// Seconds that followers must have followed at most: a year.
const FOLLOWERS_S_MAX: u32 = 366 * 24 * 3_600;

/// Settings as JSON; what is left out is off.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(super) struct Body {
    slow_s: u32,
    followers_s: Option<u32>,
    level_min: u32,
    closed: bool,
}

impl From<Settings> for Body {
    fn from(Settings { slow_s, followers_s, level_min, closed }: Settings) -> Self {
        Self { slow_s, followers_s, level_min, closed }
    }
}

/// Anybody may know; pages show it beside the input.
pub(super) async fn settings(State(hub): State<Arc<Hub>>, Room(room): Room) -> Json<Body> {
    Json(hub.desk.judge(|judge| judge.state.settings(&room)).into())
}

pub(super) async fn put_settings(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Read(body): Read<Body>,
) -> Result<Json<Body>, Problem> {
    let role = caller.may(&hub, &room, Duty::Settings)?;
    let Body { slow_s, followers_s, level_min, closed } = body;
    if slow_s > SLOW_S_MAX {
        return Err(Problem::Body("slow_s is at most 3600".into()));
    }
    if followers_s.is_some_and(|seconds| seconds > FOLLOWERS_S_MAX) {
        return Err(Problem::Body("followers_s is at most 31622400".into()));
    }
    let decision = Decision {
        room: Some(room.clone()),
        actor: caller.user(),
        role,
        action: "settings",
        subject: room.as_str().to_owned(),
        detail: json!(body),
        change: Change::Put(Record::Settings(room, Settings { slow_s, followers_s, level_min, closed })),
    };
    hub.desk.decide(&hub, decision).await?;
    Ok(Json(body))
}
