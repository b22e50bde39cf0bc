//! What outlives the process: rooms and their messages, what was decided, and who decided it.
//!
//! [`Store`] is all the SQL there is, the same text for both databases; [`Database`] is what it needs of one: SQLite in a
//! file (`sqlite`, the default) or PostgreSQL (`postgres`) where several processes share it. [`keeper::Keeper`] is the
//! thread that owns a store: whatever waits is written in one transaction, and whoever waits for it is told when it is on
//! disk.
//!
//! **Invariant:** what [`Store::commit`] has returned from survives `kill -9` and the loss of power.

pub mod keeper;
mod postgres;
mod query;
mod record;
mod sql;
mod sqlite;
mod tls;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use protocol::chat::{RoomEvent, RoomKey};

pub use crate::logic::{Kept, Numbering};
use crate::moderation::{CommentId, Key, Moment, Record, Role, UserId};
pub use query::{AuditQuery, MessageQuery, PastQuery};
use sql::Cell;

/// Where things are kept, as an operator names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: gone with the process.
    Memory,
    /// In this file, and two beside it.
    Sqlite(PathBuf),
    /// In a PostgreSQL, by its connection URL.
    Postgres(String),
}

impl Place {
    /// Reads `memory`, `sqlite:PATH` or `postgres://…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "memory" {
            return Some(Self::Memory);
        }
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Some(Self::Sqlite(path.into()));
        }
        let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        postgres.then(|| Self::Postgres(text.to_owned()))
    }
}

impl fmt::Display for Place {
    /// Without what may be a password.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => out.write_str("memory"),
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let host = url.rsplit('@').next().unwrap_or_default();
                write!(
                    out,
                    "postgres://{}",
                    host.trim_start_matches("postgres://").trim_start_matches("postgresql://")
                )
            }
        }
    }
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite said no.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL said no, or is not there.
    #[error("PostgreSQL: {}", said(.0))]
    Postgres(#[from] ::postgres::Error),
    /// The URL asks for encryption that cannot be had.
    #[error("PostgreSQL: {0}")]
    Way(#[from] tls::Fault),
    /// The file, or its folder, cannot be made.
    #[error("{0}: {1}")]
    Folder(PathBuf, std::io::Error),
    /// Something that is there cannot be read.
    #[error("the store holds what this version cannot read: {0}")]
    Unreadable(String),
}

/// The crate's own text leaves out what the server said, and newer ones what lay behind it.
fn said(error: &::postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let whole = || {
        let text = error.to_string();
        cause.filter(|cause| !text.contains(cause)).map_or(text.clone(), |cause| format!("{text}: {cause}"))
    };
    error.as_db_error().map_or_else(whole, ToString::to_string)
}

/// What the SQL needs of a database.
pub trait Database: Send + fmt::Debug {
    /// Runs these in one transaction that is on disk when this returns.
    ///
    /// # Errors
    /// Where nothing of it was done.
    fn transaction(&mut self, statements: &[(&'static str, Vec<Cell>)]) -> Result<(), Error>;

    /// The rows that a query finds.
    ///
    /// # Errors
    /// Where the database says no.
    fn rows(&mut self, query: &'static str, values: &[Cell]) -> Result<Vec<Vec<Cell>>, Error>;

    /// Whether other processes write here too.
    fn shared(&self) -> bool;
}

/// One decision, for those who ask later who decided what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number: decisions of one process rise.
    pub id: u64,
    /// When.
    pub at: Moment,
    /// In which room; in all where there is none.
    pub room: Option<RoomKey>,
    /// Who decided.
    pub actor: UserId,
    /// What they are there.
    pub role: Role,
    /// What was done, a stable word.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// More, as JSON.
    pub detail: String,
    /// The record that it changed, where it changed one.
    pub changed: Option<Key>,
}

/// Something to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A message of a room.
    Message(Arc<Kept>),
    /// A record holds.
    Put(Record),
    /// A record holds no longer.
    Remove(Key),
    /// A comment was taken back.
    Recalled(CommentId),
    /// A decision.
    Audit(Entry),
}

/// What a store held when it was opened.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What was decided and holds.
    pub records: Vec<Record>,
    /// Rooms, and where their numbers were.
    pub rooms: BTreeMap<RoomKey, Numbering>,
    /// Messages of the history window, those of a room in its order.
    pub messages: Vec<Kept>,
    /// The process before ended with everything written, and no other writes here: numbers go on.
    pub clean: bool,
}

/// A store.
#[derive(Debug)]
pub struct Store {
    database: Box<dyn Database>,
}

impl Store {
    /// Opens a store, makes what it lacks.
    ///
    /// # Errors
    /// Where the file or the server is not there for us.
    pub fn open(place: &Place) -> Result<Self, Error> {
        let database: Box<dyn Database> = match place {
            Place::Memory => Box::new(sqlite::Sqlite::in_memory()?),
            Place::Sqlite(path) => Box::new(sqlite::Sqlite::open(path)?),
            Place::Postgres(url) => Box::new(postgres::Postgres::open(url)?),
        };
        Ok(Self { database })
    }

    /// Whether other processes write here too.
    #[must_use]
    pub fn shared(&self) -> bool {
        self.database.shared()
    }

    /// Reads what is needed to go on: everything decided, and the messages since `window_begin`, at most `messages_max`
    /// of the newest. From now on the store is unclean, until [`Self::close`].
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn load(&mut self, window_begin: Moment, messages_max: usize) -> Result<Loaded, Error> {
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
        loaded.messages.sort_by(|a, b| {
            let place = |kept: &'_ Kept| (kept.event.epoch, kept.event.sequence);
            a.event.room.cmp(&b.event.room).then_with(|| place(a).cmp(&place(b)))
        });
        self.database.transaction(&[(sql::SET_CLEAN, vec![Cell::Number(0)])])?;
        Ok(loaded)
    }

    /// The secret that everybody who opens this store shares: `fresh`, where there was none before.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn secret(&mut self, fresh: Vec<u8>) -> Result<Vec<u8>, Error> {
        self.database.transaction(&[(sql::PUT_SECRET, vec![Cell::Bytes(fresh)])])?;
        match self.database.rows(sql::SECRET, &[])?.first().and_then(|row| row.first()) {
            Some(Cell::Bytes(secret)) => Ok(secret.clone()),
            _ => Err(query::unreadable("no secret")),
        }
    }

    /// Everything is written, and nobody writes any more.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn close(&mut self) -> Result<(), Error> {
        self.database.transaction(&[(sql::SET_CLEAN, vec![Cell::Number(1)])])
    }

    /// Writes all of this, or nothing.
    ///
    /// # Errors
    /// Where nothing was written.
    pub fn commit<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write>) -> Result<(), Error> {
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

    /// The record with this name.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn record(&mut self, key: &Key) -> Result<Option<Record>, Error> {
        let rows = self.database.rows(sql::RECORD, &record::key_cells(key))?;
        rows.first().map(|row| record::from_row(row)).transpose()
    }

    /// Messages of a room, in its order.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn messages(&mut self, asked: &MessageQuery) -> Result<Vec<Kept>, Error> {
        let rows = self.database.rows(sql::MESSAGES, &asked.cells())?;
        rows.iter().map(|row| query::kept(row)).collect()
    }

    /// Where a room's numbers are.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn numbering(&mut self, room: &RoomKey) -> Result<Option<Numbering>, Error> {
        let rows = self.database.rows(sql::ROOM, &[Cell::text(room.as_str())])?;
        rows.first().map(|row| query::numbering(row)).transpose().map(|found| found.map(|(_, at)| at))
    }

    /// A part of a room's past in its order, at most so many messages; recalled ones are among them.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn past(&mut self, room: &RoomKey, asked: &PastQuery, limit: usize) -> Result<Vec<Kept>, Error> {
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

    /// The comment with this name.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn comment(&mut self, id: CommentId) -> Result<Option<Kept>, Error> {
        let rows = self.database.rows(sql::COMMENT, &[Cell::of(id.0)])?;
        rows.first().map(|row| query::kept(row)).transpose()
    }

    /// Decisions, the newest first.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn audit(&mut self, asked: &AuditQuery) -> Result<Vec<Entry>, Error> {
        let sql = if asked.room.is_some() { sql::ROOM_AUDIT } else { sql::AUDIT };
        self.database.rows(sql, &asked.cells())?.iter().map(|row| query::entry(row)).collect()
    }

    /// Records that decisions numbered from here on changed, as they are now; `None` where one is gone.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn changed_since(&mut self, id: u64) -> Result<Vec<(Key, Option<Record>)>, Error> {
        let mut changed = Vec::new();
        for row in self.database.rows(sql::CHANGED, &[Cell::of(id)])? {
            let key = record::key_from_row(&row)?;
            let record = self.record(&key)?;
            changed.push((key, record));
        }
        Ok(changed)
    }

    /// Forgets all but the newest so many messages and decisions.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn forget_all_but(&mut self, messages: usize, decisions: usize) -> Result<(), Error> {
        self.database.transaction(&[
            (sql::FORGET_OLDEST, vec![Cell::of(messages as u64)]),
            (sql::FORGET_AUDIT, vec![Cell::of(decisions as u64)]),
            (sql::FORGET_ROOMS, Vec::new()),
        ])
    }

    /// Forgets messages from before this moment, and rooms of which nothing is left.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn forget_before(&mut self, moment: Moment) -> Result<(), Error> {
        self.database
            .transaction(&[(sql::FORGET_MESSAGES, vec![Cell::of(moment.0)]), (sql::FORGET_ROOMS, Vec::new())])
    }
}
