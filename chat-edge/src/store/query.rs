//! Messages and decisions as rows, and back.

use std::sync::Arc;

use protocol::chat::{Class, Operation, RoomEvent, RoomKey};

use super::sql::Cell;
use super::{Entry, Error, Kept, Numbering, record};
use crate::moderation::{CommentId, Moment, Role, UserId};

/// Which messages are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageQuery {
    /// Of this room.
    pub room: RoomKey,
    /// After this place; from the first where it is nothing.
    pub after: Numbering,
    /// Not before this moment.
    pub from: Moment,
    /// Before this moment.
    pub until: Moment,
    /// So many at most.
    pub limit: usize,
}

/// Which part of a room's past is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastQuery {
    /// The last ones between two places, neither of which is in it.
    Page {
        /// After this place.
        after: Numbering,
        /// Before this place.
        before: Numbering,
    },
    /// The first ones between two moments.
    Span {
        /// Not before this moment.
        from: Moment,
        /// Before this moment.
        until: Moment,
    },
}

/// Which decisions are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    /// Of this room; of all where there is none.
    pub room: Option<RoomKey>,
    /// Before this number.
    pub before: u64,
    /// So many at most.
    pub limit: usize,
}

impl MessageQuery {
    pub(super) fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.room.as_str()),
            Cell::Number(self.after.epoch.into()),
            Cell::of(self.after.last),
            Cell::of(self.from.0),
            Cell::of(self.until.0),
            Cell::of(self.limit as u64),
        ]
    }
}

impl PastQuery {
    pub(super) fn cells(&self, room: &RoomKey, limit: usize) -> Vec<Cell> {
        let mut cells = vec![Cell::text(room.as_str())];
        match self {
            Self::Page { after, before } => cells.extend([
                Cell::Number(before.epoch.into()),
                Cell::of(before.last),
                Cell::Number(after.epoch.into()),
                Cell::of(after.last),
            ]),
            Self::Span { from, until } => cells.extend([Cell::of(from.0), Cell::of(until.0)]),
        }
        cells.push(Cell::of(limit as u64));
        cells
    }
}

impl AuditQuery {
    pub(super) fn cells(&self) -> Vec<Cell> {
        let room = self.room.as_ref().map(|room| Cell::text(room.as_str()));
        [Some(Cell::of(self.before)), room, Some(Cell::of(self.limit as u64))].into_iter().flatten().collect()
    }
}

/// Reads a row's cells one after the other.
pub(super) struct Row<'a>(std::slice::Iter<'a, Cell>);

impl<'a> Row<'a> {
    pub(super) fn new(cells: &'a [Cell]) -> Self {
        Self(cells.iter())
    }

    pub(super) fn number(&mut self) -> Result<u64, Error> {
        match self.0.next() {
            Some(Cell::Number(number)) => {
                u64::try_from(*number).map_err(|_| unreadable("a number below zero"))
            }
            _ => Err(unreadable("no number where one should be")),
        }
    }

    pub(super) fn small(&mut self) -> Result<u32, Error> {
        u32::try_from(self.number()?).map_err(|_| unreadable("a number that is too large"))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Error> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(text),
            _ => Err(unreadable("no text where one should be")),
        }
    }

    pub(super) fn room(&mut self) -> Result<RoomKey, Error> {
        RoomKey::parse(self.text()?).ok_or_else(|| unreadable("a room's name"))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        match self.0.next() {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            _ => Err(unreadable("no bytes where some should be")),
        }
    }
}

pub(super) fn unreadable(what: &str) -> Error {
    Error::Unreadable(what.to_owned())
}

pub(super) fn numbering(row: &[Cell]) -> Result<(RoomKey, Numbering), Error> {
    let mut row = Row::new(row);
    Ok((row.room()?, Numbering { epoch: row.small()?, last: row.number()? }))
}

pub(super) fn message_cells(kept: &Kept) -> Vec<Cell> {
    let Kept { event, at, comment, author, recalled } = kept;
    vec![
        Cell::text(event.room.as_str()),
        Cell::Number(event.epoch.into()),
        Cell::of(event.sequence),
        Cell::of(at.0),
        Cell::Number(event.class.number().into()),
        Cell::Number(event.operation.0.into()),
        Cell::of(comment.map_or(0, |comment| comment.0)),
        Cell::of(author.0),
        Cell::Number((*recalled).into()),
        Cell::Bytes(event.body.to_vec()),
    ]
}

pub(super) fn kept(row: &[Cell]) -> Result<Kept, Error> {
    let mut row = Row::new(row);
    let (room, epoch, sequence) = (row.room()?, row.small()?, row.number()?);
    let at = Moment(row.number()?);
    let class = u8::try_from(row.number()?).ok().and_then(Class::from_number);
    let class = class.ok_or_else(|| unreadable("a class"))?;
    let operation = Operation(row.small()?);
    let comment = Some(row.number()?).filter(|comment| *comment != 0).map(CommentId);
    let (author, recalled) = (UserId(row.number()?), row.number()? != 0);
    let body = Arc::from(row.bytes()?);
    let event = RoomEvent { room, epoch, sequence, class, operation, body };
    Ok(Kept { event, at, comment, author, recalled })
}

pub(super) fn entry_cells(entry: &Entry) -> Vec<Cell> {
    let Entry { id, at, room, actor, role, action, subject, detail, changed } = entry;
    let mut cells = vec![
        Cell::of(*id),
        Cell::of(at.0),
        Cell::text(room.as_ref().map_or("", RoomKey::as_str)),
        Cell::of(actor.0),
        Cell::text(role.name()),
        Cell::text(action),
        Cell::text(subject),
        Cell::text(detail),
    ];
    let nothing = || vec![Cell::text(""); 3];
    cells.extend(changed.as_ref().map_or_else(nothing, record::key_cells));
    cells
}

pub(super) fn entry(row: &[Cell]) -> Result<Entry, Error> {
    let changed = row.get(8..11).unwrap_or_default();
    let changed = match changed.first() {
        Some(Cell::Text(kind)) if !kind.is_empty() => Some(record::key_from_row(changed)?),
        _ => None,
    };
    let mut row = Row::new(row);
    Ok(Entry {
        id: row.number()?,
        at: Moment(row.number()?),
        room: RoomKey::parse(row.text()?),
        actor: UserId(row.number()?),
        role: Role::parse(row.text()?).ok_or_else(|| unreadable("a role"))?,
        action: row.text()?.to_owned(),
        subject: row.text()?.to_owned(),
        detail: row.text()?.to_owned(),
        changed,
    })
}
