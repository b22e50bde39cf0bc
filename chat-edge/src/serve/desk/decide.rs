//! Decisions: written with the line of the audit log that says who decided, then in force, then told to whom it concerns.

use std::sync::Arc;

use protocol::chat::{Class, Operation, RoomKey};
use serde_json::Value;

use super::{Desk, filters, now};
use crate::comment::{recall_event, settings_event};
use crate::filter::Filter;
use crate::logic::Draft;
use crate::moderation::{CommentId, Key, Record, Role, SanctionKind, Scope, UserId};
use crate::serve::hub::Hub;
use crate::store::keeper::{Done, Unavailable};
use crate::store::{Entry, Write};
use tokio::sync::oneshot;

/// One decision.
#[derive(Debug)]
pub(in crate::serve) struct Decision {
    /// In which room; in all where there is none.
    pub(in crate::serve) room: Option<RoomKey>,
    /// Who decides.
    pub(in crate::serve) actor: UserId,
    /// What they are there.
    pub(in crate::serve) role: Role,
    /// What is done, a stable word.
    pub(in crate::serve) action: &'static str,
    /// To whom or what.
    pub(in crate::serve) subject: String,
    /// More.
    pub(in crate::serve) detail: Value,
    /// What changes.
    pub(in crate::serve) change: Change,
}

/// What a decision changes.
#[derive(Debug)]
pub(in crate::serve) enum Change {
    /// A record holds.
    Put(Record),
    /// A record holds no longer.
    Remove(Key),
    /// A comment is taken back, and whatever waits about it is settled.
    Recall(RoomKey, CommentId),
    /// Nothing: it is only written down.
    Note,
}

/// Why nothing was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Undecided {
    /// The store does not write.
    Unavailable,
    /// No more records fit.
    Full,
}

impl From<Unavailable> for Undecided {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

impl Desk {
    /// Decides; resolves when it is on disk and in force.
    pub(in crate::serve) async fn decide(&self, hub: &Arc<Hub>, decision: Decision) -> Result<(), Undecided> {
        let Decision { room, actor, role, action, subject, detail, change } = decision;
        if matches!(&change, Change::Put(_)) && !self.judge(|judge| judge.state.has_room()) {
            return Err(Undecided::Full);
        }
        let changed = match &change {
            Change::Put(record) => Some(record.key()),
            Change::Remove(key) => Some(key.clone()),
            Change::Recall(..) | Change::Note => None,
        };
        let detail = detail.to_string();
        let entry = Entry {
            id: self.name().0,
            at: now(),
            room,
            actor,
            role,
            action: action.into(),
            subject,
            detail,
            changed,
        };
        let mut writes = vec![Write::Audit(entry)];
        match &change {
            Change::Put(record) => writes.push(Write::Put(record.clone())),
            Change::Remove(key) => writes.push(Write::Remove(key.clone())),
            Change::Recall(_, comment) => {
                writes.push(Write::Recalled(*comment));
                writes.push(Write::Remove(Key::Report(crate::moderation::ReportId(*comment))));
            }
            Change::Note => {}
        }
        let (told, tell) = oneshot::channel();
        let here = Arc::clone(hub);
        self.keeper.commit(
            writes,
            Box::new(move |outcome| {
                if outcome.is_ok() {
                    here.desk.enforce(&here, change);
                }
                let _ = told.send(outcome);
            }),
        );
        Ok(tell.await.unwrap_or(Err(Unavailable))?)
    }

    /// A decision that is on disk holds from now on, in this process.
    pub(in crate::serve) fn enforce(&self, hub: &Hub, change: Change) {
        match change {
            Change::Put(record) => {
                self.bench().judge.state.put(record.clone());
                self.tell(hub, &record);
            }
            Change::Remove(key) => {
                self.bench().judge.state.remove(&key);
                if let Key::Rules(scope) = &key {
                    self.compile_in_the_background(scope, String::new());
                }
            }
            Change::Recall(room, comment) => {
                self.bench().judge.state.remove(&Key::Report(crate::moderation::ReportId(comment)));
                hub.forget_comment(&room, comment);
                announce(hub, &room, recall_event(&room, comment));
            }
            Change::Note => {}
        }
    }

    /// Whom a record concerns is told.
    fn tell(&self, hub: &Hub, record: &Record) {
        match record {
            Record::Sanction(scope, user, SanctionKind::Ban, _) => hub.evict(*user, scope),
            Record::Settings(room, settings) => announce(hub, room, settings_event(room, *settings)),
            Record::Rules(scope, text) => self.compile_in_the_background(scope, text.clone()),
            Record::Sanction(..)
            | Record::Role(..)
            | Record::Report(..)
            | Record::TokenRevoked(..)
            | Record::UserRevoked(..) => {}
        }
    }

    /// Rules that were taken compile; the few that another process's version took and ours does not are said in the log.
    fn compile_in_the_background(&self, scope: &Scope, text: String) {
        match self.compile(scope, &text) {
            Ok(filter) => self.filters.put(scope, filter),
            Err(error) => tracing::error!(%error, ?scope, "rules stay as they were"),
        }
    }

    /// Rules as they would hold in a scope, the file's included.
    pub(in crate::serve) fn compile(&self, scope: &Scope, text: &str) -> Result<Filter, filters::RulesError> {
        match scope {
            Scope::Room(_) => filters::compile(text, filters::ROOM_RULES_BYTES_MAX),
            Scope::Everywhere => {
                let file = filters::read_file(&self.filter_file.load())?;
                filters::compile(&filters::joined(&file, text), 2 * filters::RULES_BYTES_MAX)
            }
        }
    }
}

/// An event of the class that overload drops last.
fn announce(hub: &Hub, room: &RoomKey, event: Vec<u8>) {
    let draft = Draft {
        room: room.clone(),
        class: Class::Control,
        operation: Operation::MESSAGE,
        body: event.into(),
    };
    if hub.publish(draft, None).is_err() {
        hub.counters.announcements_lost.add(1);
        tracing::error!(room = room.as_str(), "a decision holds, and the room could not be told");
    }
}

/// Tells a waiting caller.
pub(in crate::serve) fn waiting() -> (Done, oneshot::Receiver<Result<(), Unavailable>>) {
    let (told, tell) = oneshot::channel();
    (
        Box::new(move |outcome| {
            let _ = told.send(outcome);
        }),
        tell,
    )
}
