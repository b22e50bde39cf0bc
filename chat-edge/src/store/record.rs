//! Records as rows, and back: a kind, a room, a name, and the rest as JSON.

use protocol::chat::RoomKey;
use serde::{Deserialize, Serialize};

use super::Error;
use super::query::{Row, unreadable};
use super::sql::Cell;
use crate::moderation::{
    CommentId, Key, Moment, Record, Report, ReportId, Role, Sanction, SanctionKind, Scope, Settings, UserId,
};

/// The rest of a record.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Sanction { until: Option<u64>, by: u64, at: u64, reason: String },
    Settings { slow_s: u32, followers_s: Option<u32>, level_min: u32, closed: bool },
    Role { role: String },
    Rules { text: String },
    Report(Waiting),
    Moment { at: u64 },
}

#[derive(Debug, Deserialize, Serialize)]
struct Waiting {
    room: String,
    author: u64,
    name: String,
    text: String,
    said: u64,
    held: bool,
    reporters: Vec<u64>,
    count: u32,
    reason: String,
}

const SANCTION: &str = "sanction";
const SETTINGS: &str = "settings";
const ROLE: &str = "role";
const RULES: &str = "rules";
const REPORT: &str = "report";
const TOKEN: &str = "token";
const USER: &str = "user";

fn scope_text(scope: &Scope) -> &str {
    match scope {
        Scope::Everywhere => "",
        Scope::Room(room) => room.as_str(),
    }
}

/// A record's name in three texts.
pub(super) fn key_cells(key: &Key) -> Vec<Cell> {
    let (kind, room, name) = match key {
        Key::Sanction(scope, user, kind) => {
            (SANCTION, scope_text(scope), format!("{}/{}", kind.name(), user.0))
        }
        Key::Settings(room) => (SETTINGS, room.as_str(), String::new()),
        Key::Role(room, user) => (ROLE, room.as_str(), user.0.to_string()),
        Key::Rules(scope) => (RULES, scope_text(scope), String::new()),
        Key::Report(ReportId(id)) => (REPORT, "", id.0.to_string()),
        Key::TokenRevoked(token) => (TOKEN, "", token.clone()),
        Key::UserRevoked(user) => (USER, "", user.0.to_string()),
    };
    vec![Cell::text(kind), Cell::text(room), Cell::Text(name)]
}

/// The name that three texts are.
pub(super) fn key_from_row(row: &[Cell]) -> Result<Key, Error> {
    let mut row = Row::new(row);
    let (kind, room, name) = (row.text()?, row.text()?, row.text()?);
    let here = || RoomKey::parse(room).ok_or_else(|| unreadable("a record's room"));
    let scope = || if room.is_empty() { Ok(Scope::Everywhere) } else { here().map(Scope::Room) };
    let number = |name: &str| name.parse().map_err(|_| unreadable("a record's name"));
    Ok(match kind {
        SANCTION => {
            let (kind, user) = name.split_once('/').ok_or_else(|| unreadable("a sanction's name"))?;
            let kind = SanctionKind::parse(kind).ok_or_else(|| unreadable("a sanction's kind"))?;
            Key::Sanction(scope()?, UserId(number(user)?), kind)
        }
        SETTINGS => Key::Settings(here()?),
        ROLE => Key::Role(here()?, UserId(number(name)?)),
        RULES => Key::Rules(scope()?),
        REPORT => Key::Report(ReportId(CommentId(number(name)?))),
        TOKEN => Key::TokenRevoked(name.to_owned()),
        USER => Key::UserRevoked(UserId(number(name)?)),
        other => return Err(unreadable(other)),
    })
}

/// A whole record.
pub(super) fn to_row(record: &Record) -> Vec<Cell> {
    let body = match record {
        Record::Sanction(.., Sanction { until, by, at, reason }) => {
            let until = until.map(|until| until.0);
            Body::Sanction { until, by: by.0, at: at.0, reason: reason.clone() }
        }
        Record::Settings(_, Settings { slow_s, followers_s, level_min, closed }) => Body::Settings {
            slow_s: *slow_s,
            followers_s: *followers_s,
            level_min: *level_min,
            closed: *closed,
        },
        Record::Role(.., role) => Body::Role { role: role.name().to_owned() },
        Record::Rules(_, text) => Body::Rules { text: text.clone() },
        Record::Report(_, report) => Body::Report(waiting(report)),
        Record::TokenRevoked(_, at) | Record::UserRevoked(_, at) => Body::Moment { at: at.0 },
    };
    let mut cells = key_cells(&record.key());
    // These types always have a JSON.
    cells.push(Cell::Text(serde_json::to_string(&body).unwrap_or_default()));
    cells
}

fn waiting(report: &Report) -> Waiting {
    let Report { room, author, name, text, said, held, reporters, count, reason } = report;
    Waiting {
        room: room.as_str().to_owned(),
        author: author.0,
        name: name.clone(),
        text: text.clone(),
        said: said.0,
        held: *held,
        reporters: reporters.iter().map(|reporter| reporter.0).collect(),
        count: *count,
        reason: reason.clone(),
    }
}

/// The record that a row is.
pub(super) fn from_row(row: &[Cell]) -> Result<Record, Error> {
    let key = key_from_row(row)?;
    let Some(Cell::Text(body)) = row.get(3) else { return Err(unreadable("a record without a body")) };
    let body: Body = serde_json::from_str(body).map_err(|cause| Error::Unreadable(cause.to_string()))?;
    Ok(match (key, body) {
        (Key::Sanction(scope, user, kind), Body::Sanction { until, by, at, reason }) => {
            let sanction = Sanction { until: until.map(Moment), by: UserId(by), at: Moment(at), reason };
            Record::Sanction(scope, user, kind, sanction)
        }
        (Key::Settings(room), Body::Settings { slow_s, followers_s, level_min, closed }) => {
            Record::Settings(room, Settings { slow_s, followers_s, level_min, closed })
        }
        (Key::Role(room, user), Body::Role { role }) => {
            Record::Role(room, user, Role::parse(&role).ok_or_else(|| unreadable("a role"))?)
        }
        (Key::Rules(scope), Body::Rules { text }) => Record::Rules(scope, text),
        (Key::Report(id), Body::Report(waiting)) => Record::Report(id, report(waiting)?),
        (Key::TokenRevoked(token), Body::Moment { at }) => Record::TokenRevoked(token, Moment(at)),
        (Key::UserRevoked(user), Body::Moment { at }) => Record::UserRevoked(user, Moment(at)),
        _ => return Err(unreadable("a record of another kind than its name")),
    })
}

fn report(waiting: Waiting) -> Result<Report, Error> {
    let Waiting { room, author, name, text, said, held, reporters, count, reason } = waiting;
    let room = RoomKey::parse(&room).ok_or_else(|| unreadable("a report's room"))?;
    let reporters = reporters.into_iter().map(UserId).collect();
    Ok(Report {
        room,
        author: UserId(author),
        name,
        text,
        said: Moment(said),
        held,
        reporters,
        count,
        reason,
    })
}
