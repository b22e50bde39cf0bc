//! What outlives the process: rooms and their messages, what was decided, and who decided it.
//!
//! [`Store`] is in memory (`memory`) or in a database (`relational`, all the SQL there is); [`Database`] is what that needs
//! of one: SQLite in a file (`sqlite`, the default) or PostgreSQL (`postgres`) where several processes share it.
//! [`keeper::Keeper`] is the thread that owns a store: whatever waits is written in one transaction, and whoever waits for
//! it is told when it is on disk.
//!
//! **Invariant:** what [`Store::commit`] has returned from survives `kill -9` and the loss of power, but in memory.

pub mod keeper;
mod memory;
mod postgres;
mod query;
mod record;
mod relational;
mod sql;
mod sqlite;
mod tls;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use protocol::chat::RoomKey;

pub use crate::logic::{Kept, Numbering};
use crate::moderation::{CommentId, Key, Moment, Record, Role, UserId};
use memory::Memory;
pub use query::{AuditQuery, MessageQuery, PastQuery};
use relational::Relational;
use sql::Cell;

/// Messages of the history window that a process begins with at most, and that a store in memory holds: about 100 MB.
pub const WINDOW_MESSAGES_MAX: usize = 200_000;

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
pub struct Store(Kind);

#[derive(Debug)]
enum Kind {
    Memory(Box<Memory>),
    Relational(Relational),
}

impl Store {
    /// Opens a store, makes what it lacks.
    ///
    /// # Errors
    /// Where the file or the server is not there for us.
    pub fn open(place: &Place) -> Result<Self, Error> {
        Ok(Self(match place {
            Place::Memory => Kind::Memory(Box::default()),
            Place::Sqlite(path) => Kind::Relational(Relational::new(sqlite::Sqlite::open(path)?)),
            Place::Postgres(url) => Kind::Relational(Relational::new(postgres::Postgres::open(url)?)),
        }))
    }

    /// Whether other processes write here too.
    #[must_use]
    pub fn shared(&self) -> bool {
        match &self.0 {
            Kind::Memory(_) => false,
            Kind::Relational(store) => store.shared(),
        }
    }

    /// How long writes may gather that nobody waits for. What is on disk is safe the sooner; what is in memory never is.
    const fn gather(&self) -> Duration {
        match &self.0 {
            Kind::Memory(_) => Duration::from_millis(100),
            Kind::Relational(_) => Duration::from_millis(10),
        }
    }

    /// Reads what is needed to go on: everything decided, and the messages since `window_begin`, at most `messages_max`
    /// of the newest. From now on the store is unclean, until [`Self::close`].
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn load(&mut self, window_begin: Moment, messages_max: usize) -> Result<Loaded, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.load(window_begin, messages_max)),
            Kind::Relational(store) => store.load(window_begin, messages_max),
        }
    }

    /// The secret that everybody who opens this store shares: `fresh`, where there was none before.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn secret(&mut self, fresh: Vec<u8>) -> Result<Vec<u8>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.secret(fresh)),
            Kind::Relational(store) => store.secret(fresh),
        }
    }

    /// Everything is written, and nobody writes any more.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn close(&mut self) -> Result<(), Error> {
        match &mut self.0 {
            Kind::Memory(store) => {
                store.close();
                Ok(())
            }
            Kind::Relational(store) => store.close(),
        }
    }

    /// Writes all of this, or nothing.
    ///
    /// # Errors
    /// Where nothing was written.
    pub fn commit<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write>) -> Result<(), Error> {
        match &mut self.0 {
            Kind::Memory(store) => {
                store.commit(writes);
                Ok(())
            }
            Kind::Relational(store) => store.commit(writes),
        }
    }

    /// The record with this name.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn record(&mut self, key: &Key) -> Result<Option<Record>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.record(key)),
            Kind::Relational(store) => store.record(key),
        }
    }

    /// Messages of a room, in its order.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn messages(&mut self, asked: &MessageQuery) -> Result<Vec<Kept>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.messages(asked)),
            Kind::Relational(store) => store.messages(asked),
        }
    }

    /// Where a room's numbers are.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn numbering(&mut self, room: &RoomKey) -> Result<Option<Numbering>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.numbering(room)),
            Kind::Relational(store) => store.numbering(room),
        }
    }

    /// A part of a room's past in its order, at most so many messages; recalled ones are among them.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn past(&mut self, room: &RoomKey, asked: &PastQuery, limit: usize) -> Result<Vec<Kept>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.past(room, asked, limit)),
            Kind::Relational(store) => store.past(room, asked, limit),
        }
    }

    /// The comment with this name.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn comment(&mut self, id: CommentId) -> Result<Option<Kept>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.comment(id)),
            Kind::Relational(store) => store.comment(id),
        }
    }

    /// Decisions, the newest first.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn audit(&mut self, asked: &AuditQuery) -> Result<Vec<Entry>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.audit(asked)),
            Kind::Relational(store) => store.audit(asked),
        }
    }

    /// Records that decisions numbered from here on changed, as they are now; `None` where one is gone.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn changed_since(&mut self, id: u64) -> Result<Vec<(Key, Option<Record>)>, Error> {
        match &mut self.0 {
            Kind::Memory(store) => Ok(store.changed_since(id)),
            Kind::Relational(store) => store.changed_since(id),
        }
    }

    /// Forgets messages from before this moment, and rooms of which nothing is left.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn forget_before(&mut self, moment: Moment) -> Result<(), Error> {
        match &mut self.0 {
            Kind::Memory(store) => {
                store.forget_before(moment);
                Ok(())
            }
            Kind::Relational(store) => store.forget_before(moment),
        }
    }
}

/// The messages of a room in its order, room by room.
fn by_room_and_place(a: &Kept, b: &Kept) -> Ordering {
    let place = |kept: &Kept| (kept.event.epoch, kept.event.sequence);
    a.event.room.cmp(&b.event.room).then_with(|| place(a).cmp(&place(b)))
}
