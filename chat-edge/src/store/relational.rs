//! A store in a database: all the SQL there is, the same text for SQLite and PostgreSQL.

use std::collections::BTreeMap;

use protocol::chat::{RoomEvent, RoomKey};

use super::sql::{self, Cell};
use super::{
    AuditQuery, Database, Entry, Error, Kept, Loaded, MessageQuery, Numbering, PastQuery, Write, query,
    record,
};
use crate::moderation::{CommentId, Key, Moment, Record};

/// A database, and what is kept in it.
#[derive(Debug)]
pub(super) struct Relational {
    database: Box<dyn Database>,
}

impl Relational {
    pub(super) fn new(database: impl Database + 'static) -> Self {
        Self { database: Box::new(database) }
    }

    pub(super) fn shared(&self) -> bool {
        self.database.shared()
    }

    pub(super) fn load(&mut self, window_begin: Moment, messages_max: usize) -> Result<Loaded, Error> {
        let shared = self.shared();
        let clean = !shared
            && self
                .database
                .rows(sql::CLEAN, &[])?
                .first()
                .is_some_and(|row| row.first() == Some(&Cell::Number(1)));
        let mut loaded = Loaded { clean, ..Loaded::default() };
        for row in self.database.rows(sql::RECORDS, &[])? {
            loaded.records.push(record::from_row(&row)?);
        }
        for row in self.database.rows(sql::ROOMS, &[])? {
            let (room, numbering) = query::numbering(&row)?;
            loaded.rooms.insert(room, numbering);
        }
        let newest = [Cell::of(window_begin.0), Cell::of(messages_max as u64)];
        for row in self.database.rows(sql::WINDOW, &newest)? {
            loaded.messages.push(query::kept(&row)?);
        }
        loaded.messages.sort_by(super::by_room_and_place);
        self.database.transaction(&[(sql::SET_CLEAN, vec![Cell::Number(0)])])?;
        Ok(loaded)
    }

    pub(super) fn secret(&mut self, fresh: Vec<u8>) -> Result<Vec<u8>, Error> {
        self.database.transaction(&[(sql::PUT_SECRET, vec![Cell::Bytes(fresh)])])?;
        match self.database.rows(sql::SECRET, &[])?.first().and_then(|row| row.first()) {
            Some(Cell::Bytes(secret)) => Ok(secret.clone()),
            _ => Err(query::unreadable("no secret")),
        }
    }

    pub(super) fn close(&mut self) -> Result<(), Error> {
        self.database.transaction(&[(sql::SET_CLEAN, vec![Cell::Number(1)])])
    }

    pub(super) fn commit<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write>) -> Result<(), Error> {
        let mut statements = Vec::new();
        let mut rooms: BTreeMap<&RoomKey, Numbering> = BTreeMap::new();
        for write in writes {
            statements.push(match write {
                Write::Message(kept) => {
                    let RoomEvent { room, epoch, sequence, .. } = &kept.event;
                    rooms.insert(room, Numbering { epoch: *epoch, last: *sequence });
                    (sql::ADD_MESSAGE, query::message_cells(kept))
                }
                Write::Put(record) => (sql::PUT_RECORD, record::to_row(record)),
                Write::Remove(key) => (sql::REMOVE_RECORD, record::key_cells(key)),
                Write::Recalled(comment) => (sql::RECALL, vec![Cell::of(comment.0)]),
                Write::Audit(entry) => (sql::ADD_AUDIT, query::entry_cells(entry)),
            });
        }
        for (room, Numbering { epoch, last }) in rooms {
            let cells = vec![Cell::text(room.as_str()), Cell::Number(epoch.into()), Cell::of(last)];
            statements.push((sql::PUT_ROOM, cells));
        }
        self.database.transaction(&statements)
    }

    pub(super) fn record(&mut self, key: &Key) -> Result<Option<Record>, Error> {
        let rows = self.database.rows(sql::RECORD, &record::key_cells(key))?;
        rows.first().map(|row| record::from_row(row)).transpose()
    }

    pub(super) fn messages(&mut self, asked: &MessageQuery) -> Result<Vec<Kept>, Error> {
        let rows = self.database.rows(sql::MESSAGES, &asked.cells())?;
        rows.iter().map(|row| query::kept(row)).collect()
    }

    pub(super) fn numbering(&mut self, room: &RoomKey) -> Result<Option<Numbering>, Error> {
        let rows = self.database.rows(sql::ROOM, &[Cell::text(room.as_str())])?;
        rows.first().map(|row| query::numbering(row)).transpose().map(|found| found.map(|(_, at)| at))
    }

    pub(super) fn past(
        &mut self,
        room: &RoomKey,
        asked: &PastQuery,
        limit: usize,
    ) -> Result<Vec<Kept>, Error> {
        let (sql, newest_first) = match asked {
            PastQuery::Page { .. } => (sql::PAGE, true),
            PastQuery::Span { .. } => (sql::SPAN, false),
        };
        let rows = self.database.rows(sql, &asked.cells(room, limit))?;
        let mut found = rows.iter().map(|row| query::kept(row)).collect::<Result<Vec<_>, _>>()?;
        if newest_first {
            found.reverse();
        }
        Ok(found)
    }

    pub(super) fn comment(&mut self, id: CommentId) -> Result<Option<Kept>, Error> {
        let rows = self.database.rows(sql::COMMENT, &[Cell::of(id.0)])?;
        rows.first().map(|row| query::kept(row)).transpose()
    }

    pub(super) fn audit(&mut self, asked: &AuditQuery) -> Result<Vec<Entry>, Error> {
        let sql = if asked.room.is_some() { sql::ROOM_AUDIT } else { sql::AUDIT };
        self.database.rows(sql, &asked.cells())?.iter().map(|row| query::entry(row)).collect()
    }

    pub(super) fn changed_since(&mut self, id: u64) -> Result<Vec<(Key, Option<Record>)>, Error> {
        let mut changed = Vec::new();
        for row in self.database.rows(sql::CHANGED, &[Cell::of(id)])? {
            let key = record::key_from_row(&row)?;
            let record = self.record(&key)?;
            changed.push((key, record));
        }
        Ok(changed)
    }

    pub(super) fn forget_before(&mut self, moment: Moment) -> Result<(), Error> {
        self.database
            .transaction(&[(sql::FORGET_MESSAGES, vec![Cell::of(moment.0)]), (sql::FORGET_ROOMS, Vec::new())])
    }
}
