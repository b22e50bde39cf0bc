//! Reports and held comments: what waits for a moderator.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Caller, Read, Room};
use super::comments::{self, Named};
use super::people::REASON_BYTES_MAX;
use super::problem::Problem;
use crate::comment::Comment;
use crate::moderation::duty::Duty;
use crate::moderation::{Key, Report, ReportId};
use crate::serve::desk::{Change, Decision, clipped, waiting as wait_for};
use crate::serve::hub::Hub;

/// Lines of one answer.
const LISTED_MAX: usize = 200;

/// Why something is reported.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Why {
    reason: String,
}

pub(super) async fn report(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Path(named): Path<Named>,
    Read(Why { reason }): Read<Why>,
) -> Result<StatusCode, Problem> {
    let id = named.id()?;
    if reason.len() > REASON_BYTES_MAX {
        return Err(Problem::Body("a reason has at most 512 bytes".into()));
    }
    let role = caller.may(&hub, &room, Duty::Speak)?;
    hub.desk.may_report(&caller.grant, &room)?;
    let kept = comments::find(&hub, &room, id).await?;
    let said = Comment::from_event(&kept.event.body).ok_or(Problem::Missing("this is no comment"))?;
    let first = || Report {
        room: room.clone(),
        author: kept.author,
        name: said.name.clone(),
        text: clipped(&said.text),
        said: kept.at,
        held: false,
        reporters: vec![caller.user()],
        count: 1,
        reason: reason.clone(),
    };
    let (known, record) = hub.desk.judge(|judge| {
        let known =
            judge.state.report(ReportId(id)).is_some_and(|report| report.reporters.contains(&caller.user()));
        (known, judge.state.reported(ReportId(id), caller.user(), first))
    });
    if known {
        return Ok(StatusCode::NO_CONTENT);
    }
    let record =
        record.ok_or(Problem::Full("moderators have as many reports of this room as they can; try later"))?;
    let decision = Decision {
        room: Some(room),
        actor: caller.user(),
        role,
        action: "report",
        subject: id.0.to_string(),
        detail: json!({"reason": reason}),
        change: Change::Put(record),
    };
    hub.desk.decide(&hub, decision).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn waiting(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
) -> Result<Json<Value>, Problem> {
    caller.may(&hub, &room, Duty::Reports)?;
    let (reports, waiting) = hub.desk.judge(|judge| {
        let line = |(id, report): (ReportId, &Report)| {
            json!({
                "id": id.0.0.to_string(), "author": report.author.0.to_string(), "name": report.name,
                "text": report.text, "said_ms": report.said.0, "held": report.held, "count": report.count,
                "reporters": report.reporters.iter().map(|user| user.0.to_string()).collect::<Vec<_>>(),
                "reason": report.reason,
            })
        };
        let lines: Vec<Value> = judge.state.reports(&room).take(LISTED_MAX).map(line).collect();
        (lines, judge.state.reports_waiting(&room))
    });
    Ok(Json(json!({"reports": reports, "waiting": waiting})))
}

/// What a moderator decides about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settle {
    outcome: String,
}

pub(super) async fn settle(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    Path(named): Path<Named>,
    Read(Settle { outcome }): Read<Settle>,
) -> Result<StatusCode, Problem> {
    let role = caller.may(&hub, &room, Duty::Reports)?;
    let id = ReportId(named.id()?);
    let report = hub.desk.judge(|judge| judge.state.report(id).filter(|report| report.room == room).cloned());
    let report = report.ok_or(Problem::Missing("no such comment waits in this room"))?;
    let (action, change) = match (outcome.as_str(), report.held) {
        ("dismiss", _) => ("dismiss_report", Change::Remove(Key::Report(id))),
        ("recall", false) => ("recall", Change::Recall(room.clone(), id.0)),
        ("publish", true) => ("publish_held", Change::Remove(Key::Report(id))),
        _ => {
            let wanted = if report.held { "publish or dismiss" } else { "recall or dismiss" };
            return Err(Problem::Body(format!("outcome is {wanted}")));
        }
    };
    if action == "publish_held" {
        let (done, told) = wait_for();
        hub.desk.release(&hub, id, &report, done)?;
        told.await.map_err(|_| Problem::Unavailable)??;
    }
    let detail = json!({"author": report.author.0.to_string(), "text": report.text});
    let subject = id.0.0.to_string();
    let decision = Decision { room: Some(room), actor: caller.user(), role, action, subject, detail, change };
    hub.desk.decide(&hub, decision).await?;
    Ok(StatusCode::NO_CONTENT)
}
