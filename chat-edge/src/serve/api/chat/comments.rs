//! Comments: saying one, the last ones, taking one back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Caller, Read, Room};
use super::problem::Problem;
use crate::comment::{COLOR_WHITE, Comment, Mode};
use crate::moderation::duty::{Duty, outranks};
use crate::moderation::{CommentId, Role};
use crate::serve::desk::{Change, Decision, Line, Speaker, now, waiting};
use crate::serve::hub::Hub;
use crate::store::Kept;

/// How long its author may take a comment back: two minutes, as people's messengers have it.
const TAKE_BACK_MS: u64 = 120_000;

/// The path of a comment.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    comment: String,
}

impl Named {
    /// The comment's name.
    pub(super) fn id(&self) -> Result<CommentId, Problem> {
        self.comment.parse().map(CommentId).map_err(|_| Problem::Query("a comment's name is a number"))
    }
}

/// What is to be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Say {
    text: String,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    color: Option<u32>,
}

pub(super) async fn say(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Read(say): Read<Say>,
) -> Result<Response, Problem> {
    let Say { text, mode, color } = say;
    let mode = mode.map_or(Some(Mode::Scroll), |mode| Mode::parse(&mode));
    let mode = mode.ok_or_else(|| Problem::Body("mode is scroll, top or bottom".into()))?;
    let color = color.unwrap_or(COLOR_WHITE);
    if color > COLOR_WHITE {
        return Err(Problem::Body("color is 0xRRGGBB as a number, at most 16777215".into()));
    }
    let speaker = Speaker { grant: Some(&caller.grant), connection: None, address: caller.address };
    let (done, told) = waiting();
    let receipt = hub.desk.say(&hub, &room, speaker, &Line { text, mode, color }, |_| done)?;
    told.await.map_err(|_| Problem::Unavailable)??;
    let status = if receipt.held { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    Ok((status, Json(json!({"id": receipt.id.0.to_string(), "held": receipt.held}))).into_response())
}

/// A comment as JSON; `None` where the message is none.
pub(super) fn line(kept: &Kept) -> Option<Value> {
    let Comment { author, name, text, at, mode, size, color, level, moderator, id } =
        Comment::from_event(&kept.event.body)?;
    let id = kept.comment.unwrap_or(id);
    Some(json!({
        "id": id.0.to_string(), "at_ms": if at.0 == 0 { kept.at.0 } else { at.0 }, "epoch": kept.event.epoch,
        "sequence": kept.event.sequence, "user": author.0.to_string(), "name": name, "text": text,
        "mode": mode.name(), "size": size, "color": color, "level": level, "moderator": moderator,
    }))
}

/// Moderators take back anybody's below them; authors their own, for a while.
pub(super) async fn recall(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Path(named): Path<Named>,
) -> Result<StatusCode, Problem> {
    let id = named.id()?;
    let kept = find(&hub, &room, id).await?;
    let own = kept.author == caller.user() && now().since_ms(kept.at) < TAKE_BACK_MS;
    let role = if own {
        caller.may(&hub, &room, Duty::Speak)?
    } else {
        let role = caller.may(&hub, &room, Duty::Recall)?;
        let author: Role = hub.desk.judge(|judge| judge.state.role(&room, kept.author));
        if !outranks(role, author) {
            return Err(Problem::Outranked);
        }
        role
    };
    let decision = Decision {
        room: Some(room.clone()),
        actor: caller.user(),
        role,
        action: "recall",
        subject: id.0.to_string(),
        detail: json!({"author": kept.author.0.to_string(), "text": text_of(&kept)}),
        change: Change::Recall(room, id),
    };
    hub.desk.decide(&hub, decision).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A comment of this room, by its name.
pub(super) async fn find(
    hub: &Arc<Hub>,
    room: &protocol::chat::RoomKey,
    id: CommentId,
) -> Result<Kept, Problem> {
    let kept = hub.desk.ask(move |store| store.comment(id)).await?;
    let here = kept.filter(|kept| kept.event.room == *room && !kept.recalled);
    here.ok_or(Problem::Missing("there is no such comment in this room; it may have been taken back"))
}

/// What was said.
pub(super) fn text_of(kept: &Kept) -> String {
    Comment::from_event(&kept.event.body).map(|comment| comment.text).unwrap_or_default()
}
