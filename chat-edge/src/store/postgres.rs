//! PostgreSQL: several processes, one truth.

use std::collections::BTreeMap;
use std::fmt;

use postgres::types::{ToSql, Type};
use postgres::{Client, Config, Row, Statement};

use super::sql::{Cell, SCHEMA};
use super::tls::Way;
use super::{Database, Error};

/// What serialises the making of tables between processes that start together.
const SCHEMA_LOCK: i64 = 0x5368_6F61_6C43;

/// A database. Where its connection is lost the next use makes another.
pub(super) struct Postgres {
    url: String,
    client: Client,
    prepared: BTreeMap<&'static str, Statement>,
}

impl fmt::Debug for Postgres {
    /// Without the URL: it may have a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Postgres {
    pub(super) fn open(url: &str) -> Result<Self, Error> {
        let way = Way::parse(url)?;
        let mut config: Config = way.url.parse()?;
        config.ssl_mode(way.ssl_mode());
        // Certificates are read each time: whoever changes them restarts nothing.
        let mut client = config.connect(way.connector()?)?;
        let mut transaction = client.transaction()?;
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK])?;
        for statement in SCHEMA {
            transaction.execute(statement, &[])?;
        }
        // Acknowledged is on disk, whatever the server's default is.
        transaction.commit()?;
        client.execute("SET synchronous_commit = on", &[])?;
        Ok(Self { url: url.to_owned(), client, prepared: BTreeMap::new() })
    }

    fn connected(&mut self) -> Result<(), Error> {
        if self.client.is_closed() {
            *self = Self::open(&self.url)?;
        }
        Ok(())
    }

    fn prepare(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }
}

impl Database for Postgres {
    fn transaction(&mut self, statements: &[(&'static str, Vec<Cell>)]) -> Result<(), Error> {
        self.connected()?;
        let prepared: Vec<Statement> =
            statements.iter().map(|(sql, _)| self.prepare(sql)).collect::<Result<_, _>>()?;
        let mut transaction = self.client.transaction()?;
        for (statement, (_, cells)) in prepared.iter().zip(statements) {
            transaction.execute(statement, &values(cells))?;
        }
        Ok(transaction.commit()?)
    }

    fn rows(&mut self, query: &'static str, cells: &[Cell]) -> Result<Vec<Vec<Cell>>, Error> {
        self.connected()?;
        let statement = self.prepare(query)?;
        let rows = self.client.query(&statement, &values(cells))?;
        rows.iter().map(cells_of).collect()
    }

    fn shared(&self) -> bool {
        true
    }
}

fn values(cells: &[Cell]) -> Vec<&(dyn ToSql + Sync)> {
    cells.iter().map(value).collect()
}

fn value(cell: &Cell) -> &(dyn ToSql + Sync) {
    match cell {
        Cell::Number(number) => number,
        Cell::Text(text) => text,
        Cell::Bytes(bytes) => bytes,
    }
}

fn cells_of(row: &Row) -> Result<Vec<Cell>, Error> {
    let cell = |(at, column): (usize, &postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => Cell::Number(row.try_get(at)?),
            Type::BYTEA => Cell::Bytes(row.try_get(at)?),
            _ => Cell::Text(row.try_get(at)?),
        })
    };
    row.columns().iter().enumerate().map(cell).collect()
}
