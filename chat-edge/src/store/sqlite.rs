//! SQLite in a file: nothing to install, one process.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::sql::{Cell, SCHEMA};
use super::{Database, Error};

/// Statements that are kept prepared: more than there are.
const STATEMENTS_MAX: usize = 64;

/// Who may read the file: its owner.
const MODE: u32 = 0o600;

/// A database.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// In a file; its folder is made where it is absent.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|cause| Error::Folder(folder.to_owned(), cause))?;
        }
        // Nobody else reads the secret in it; the files that SQLite puts beside it take their mode from it.
        let made = OpenOptions::new().write(true).create(true).truncate(false).mode(MODE).open(path);
        made.map_err(|cause| Error::Folder(path.to_owned(), cause))?;
        let connection = Connection::open(path)?;
        // A commit is on disk when it returns (SQLite, "PRAGMA synchronous"); readers and the writer do not wait for each
        // other (WAL). Exclusive: a second process on the same file is refused at its start instead of corrupting numbers.
        connection.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
        )?;
        Self::prepared(connection)
    }

    fn prepared(connection: Connection) -> Result<Self, Error> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        for statement in SCHEMA {
            connection.execute(statement, [])?;
        }
        Ok(Self { connection })
    }
}

impl Database for Sqlite {
    fn transaction(&mut self, statements: &[(&'static str, Vec<Cell>)]) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        for (sql, cells) in statements {
            transaction.prepare_cached(sql)?.execute(params_from_iter(cells.iter().map(value)))?;
        }
        Ok(transaction.commit()?)
    }

    fn rows(&mut self, query: &'static str, values: &[Cell]) -> Result<Vec<Vec<Cell>>, Error> {
        let mut statement = self.connection.prepare_cached(query)?;
        let columns = statement.column_count();
        let mut found = statement.query(params_from_iter(values.iter().map(value)))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(
                (0..columns).map(|column| Ok(cell(row.get_ref(column)?))).collect::<Result<_, Error>>()?,
            );
        }
        Ok(rows)
    }

    fn shared(&self) -> bool {
        false
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Number(number) => Value::Integer(*number),
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Bytes(bytes) => Value::Blob(bytes.clone()),
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        // No column of ours can hold these.
        ValueRef::Null | ValueRef::Real(_) => Cell::Text(String::new()),
    }
}
