//! From what somebody wants to say to what everybody sees.

use std::net::IpAddr;
use std::sync::Arc;

use protocol::chat::{Class, Direct, Operation, RoomKey, To};

use super::decide::Change;
use super::{Desk, now};
pub(in crate::serve) use crate::comment::line::Line;
use crate::comment::{COLOR_WHITE, Comment, Mode, SIZE_NORMAL};
use crate::logic::Draft;
use crate::moderation::{
    Attempt, CommentId, Grant, HELD_TEXT_BYTES_MAX, Record, Refusal, Report, ReportId, Role, Ruling,
};
use crate::serve::hub::Hub;
use crate::store::Write;
use crate::store::keeper::{Done, Unavailable};

/// What its author is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) struct Receipt {
    /// The comment's name.
    pub(in crate::serve) id: CommentId,
    /// A moderator decides first.
    pub(in crate::serve) held: bool,
}

/// Why it is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Unsaid {
    /// The judge's word.
    Refused(Refusal),
    /// An edge, or the store, does not keep up or is not there.
    Busy,
}

/// Who speaks, and from where.
#[derive(Clone, Copy, Debug)]
pub(in crate::serve) struct Speaker<'a> {
    pub(in crate::serve) grant: Option<&'a Grant>,
    pub(in crate::serve) connection: Option<u64>,
    pub(in crate::serve) address: IpAddr,
}

impl Desk {
    /// Says it, where it may be said; what `done` makes is told when it is on disk. Whoever is shadowed is told the same as
    /// everybody.
    pub(in crate::serve) fn say(
        &self,
        hub: &Arc<Hub>,
        room: &RoomKey,
        speaker: Speaker<'_>,
        line: &Line,
        done: impl FnOnce(Receipt) -> Done,
    ) -> Result<Receipt, Unsaid> {
        let Speaker { grant, connection, address } = speaker;
        if self.keeper.failing() {
            return Err(Unsaid::Busy);
        }
        let (ruling, id) = self.rule(Attempt { room, grant, connection, address, text: &line.text });
        match ruling {
            Ruling::Refuse(refusal) => hub.counters.refusal(refusal.code()),
            Ruling::Say(_) | Ruling::Whisper(_) | Ruling::Hold => hub.counters.comments.add(1),
        }
        let grant = grant.ok_or(Unsaid::Refused(Refusal::Guest))?;
        let comment = |text: String| Comment {
            id,
            author: grant.user,
            name: grant.name.clone(),
            text,
            at: now(),
            mode: line.mode,
            size: SIZE_NORMAL,
            color: line.color,
            level: grant.level,
            moderator: self.judge(|judge| judge.role(grant, room)) >= Role::Moderator,
        };
        let receipt = Receipt { id, held: ruling == Ruling::Hold };
        match ruling {
            Ruling::Refuse(refusal) => return Err(Unsaid::Refused(refusal)),
            Ruling::Say(text) => {
                let draft = draft(room, &comment(text));
                hub.publish(draft, Some(done(receipt))).map_err(|_| Unsaid::Busy)?;
            }
            Ruling::Whisper(text) => {
                let direct = Direct {
                    to: To::Users(vec![i64::try_from(grant.user.0).unwrap_or(0)]),
                    operation: Operation::MESSAGE,
                    body: comment(text).to_event().into(),
                };
                hub.direct(direct).map_err(|_| Unsaid::Busy)?;
                self.keeper.commit(Vec::new(), done(receipt));
            }
            Ruling::Hold => self.hold(hub, room, comment(line.text.clone()), done(receipt))?,
        }
        Ok(receipt)
    }

    /// The comment waits for a moderator.
    fn hold(&self, hub: &Arc<Hub>, room: &RoomKey, comment: Comment, done: Done) -> Result<(), Unsaid> {
        let Comment { id, author, name, text, at, .. } = comment;
        let report = || Report {
            room: room.clone(),
            author,
            name,
            text: clipped(&text),
            said: at,
            held: true,
            reporters: Vec::new(),
            count: 0,
            reason: "held by a rule".into(),
        };
        let record = self.judge(|judge| judge.state.reported(ReportId(id), author, report));
        let record: Record = record.ok_or(Unsaid::Busy)?;
        let (here, kept) = (Arc::clone(hub), record.clone());
        let enforce = move |outcome: Result<(), Unavailable>| {
            if outcome.is_ok() {
                here.desk.enforce(&here, Change::Put(kept));
            }
            done(outcome);
        };
        self.keeper.commit(vec![Write::Put(record)], Box::new(enforce));
        Ok(())
    }

    /// Says a comment that a moderator let through, as its author.
    pub(in crate::serve) fn release(
        &self,
        hub: &Hub,
        id: ReportId,
        report: &Report,
        done: Done,
    ) -> Result<(), Unsaid> {
        let comment = Comment {
            id: id.0,
            author: report.author,
            name: report.name.clone(),
            text: report.text.clone(),
            at: now(),
            mode: Mode::Scroll,
            size: SIZE_NORMAL,
            color: COLOR_WHITE,
            level: 0,
            moderator: false,
        };
        hub.publish(draft(&report.room, &comment), Some(done)).map_err(|_| Unsaid::Busy)
    }
}

/// As much of a text as waits for a moderator.
pub(in crate::serve) fn clipped(text: &str) -> String {
    let mut end = text.len().min(HELD_TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

fn draft(room: &RoomKey, comment: &Comment) -> Draft {
    Draft {
        room: room.clone(),
        class: Class::Chat,
        operation: Operation::MESSAGE,
        body: Arc::from(comment.to_event()),
    }
}
