//! Every statement, in the words that SQLite and PostgreSQL have in common, and the values that go in and come out.
//!
//! Values are numbered in the order of their first use, which is what SQLite goes by.

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Cell {
    /// A number that is never past what databases hold.
    pub(super) fn of(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Tables, made where they are absent. SQLite reads `BYTEA` as it should.
pub(super) const SCHEMA: [&str; 11] = [
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BYTEA NOT NULL)",
    "CREATE TABLE IF NOT EXISTS rooms (room TEXT PRIMARY KEY, epoch BIGINT NOT NULL, last BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS messages (room TEXT NOT NULL, epoch BIGINT NOT NULL, sequence BIGINT NOT NULL, \
     at_ms BIGINT NOT NULL, class BIGINT NOT NULL, operation BIGINT NOT NULL, comment BIGINT NOT NULL, \
     author BIGINT NOT NULL, recalled BIGINT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (room, epoch, sequence))",
    "CREATE INDEX IF NOT EXISTS messages_at ON messages (at_ms)",
    "CREATE INDEX IF NOT EXISTS messages_room_at ON messages (room, at_ms)",
    "CREATE INDEX IF NOT EXISTS messages_comment ON messages (comment) WHERE comment <> 0",
    "CREATE TABLE IF NOT EXISTS records (kind TEXT NOT NULL, room TEXT NOT NULL, name TEXT NOT NULL, \
     body TEXT NOT NULL, PRIMARY KEY (kind, room, name))",
    "CREATE TABLE IF NOT EXISTS audit (id BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, room TEXT NOT NULL, \
     actor BIGINT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, \
     record_kind TEXT NOT NULL, record_room TEXT NOT NULL, record_name TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS audit_room ON audit (room, id)",
    "INSERT INTO meta (name, value) VALUES ('clean', 0) ON CONFLICT (name) DO NOTHING",
];

pub(super) const CLEAN: &str = "SELECT value FROM meta WHERE name = 'clean'";
pub(super) const SET_CLEAN: &str = "UPDATE meta SET value = $1 WHERE name = 'clean'";
pub(super) const SECRET: &str = "SELECT value FROM secrets WHERE name = 'tokens'";
pub(super) const PUT_SECRET: &str =
    "INSERT INTO secrets (name, value) VALUES ('tokens', $1) ON CONFLICT (name) DO NOTHING";
pub(super) const RECORDS: &str = "SELECT kind, room, name, body FROM records";
pub(super) const RECORD: &str =
    "SELECT kind, room, name, body FROM records WHERE kind = $1 AND room = $2 AND name = $3";
pub(super) const PUT_RECORD: &str = "INSERT INTO records (kind, room, name, body) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (kind, room, name) DO UPDATE SET body = excluded.body";
pub(super) const REMOVE_RECORD: &str = "DELETE FROM records WHERE kind = $1 AND room = $2 AND name = $3";
pub(super) const ROOMS: &str = "SELECT room, epoch, last FROM rooms";
pub(super) const PUT_ROOM: &str = "INSERT INTO rooms (room, epoch, last) VALUES ($1, $2, $3) \
    ON CONFLICT (room) DO UPDATE SET epoch = excluded.epoch, last = excluded.last \
    WHERE rooms.epoch < excluded.epoch OR rooms.epoch = excluded.epoch AND rooms.last < excluded.last";
pub(super) const ROOM: &str = "SELECT room, epoch, last FROM rooms WHERE room = $1";
/// The newest messages, recalled ones without.
pub(super) const WINDOW: &str = "SELECT room, epoch, sequence, at_ms, class, operation, comment, author, recalled, \
    body FROM messages WHERE at_ms >= $1 AND recalled = 0 ORDER BY at_ms DESC LIMIT $2";
pub(super) const ADD_MESSAGE: &str = "INSERT INTO messages (room, epoch, sequence, at_ms, class, operation, comment, \
    author, recalled, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (room, epoch, sequence) DO NOTHING";
/// After a place, between two moments, in order.
pub(super) const MESSAGES: &str = "SELECT room, epoch, sequence, at_ms, class, operation, comment, author, recalled, \
    body FROM messages WHERE room = $1 AND (epoch > $2 OR epoch = $2 AND sequence > $3) AND at_ms >= $4 \
    AND at_ms < $5 AND recalled = 0 ORDER BY epoch, sequence LIMIT $6";
/// Between two places, the newest first; recalled ones too, which say that nothing else is missing.
pub(super) const PAGE: &str = "SELECT room, epoch, sequence, at_ms, class, operation, comment, author, recalled, \
    body FROM messages WHERE room = $1 AND (epoch < $2 OR epoch = $2 AND sequence < $3) \
    AND (epoch > $4 OR epoch = $4 AND sequence > $5) ORDER BY epoch DESC, sequence DESC LIMIT $6";
/// Between two moments, in order.
pub(super) const SPAN: &str = "SELECT room, epoch, sequence, at_ms, class, operation, comment, author, recalled, \
    body FROM messages WHERE room = $1 AND at_ms >= $2 AND at_ms < $3 ORDER BY at_ms, epoch, sequence LIMIT $4";
pub(super) const COMMENT: &str = "SELECT room, epoch, sequence, at_ms, class, operation, comment, author, recalled, \
    body FROM messages WHERE comment = $1 AND comment <> 0";
pub(super) const RECALL: &str = "UPDATE messages SET recalled = 1 WHERE comment = $1 AND comment <> 0";
pub(super) const ADD_AUDIT: &str = "INSERT INTO audit (id, at_ms, room, actor, role, action, subject, detail, \
    record_kind, record_room, record_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
    ON CONFLICT (id) DO NOTHING";
pub(super) const AUDIT: &str = "SELECT id, at_ms, room, actor, role, action, subject, detail, record_kind, \
    record_room, record_name FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2";
pub(super) const ROOM_AUDIT: &str = "SELECT id, at_ms, room, actor, role, action, subject, detail, record_kind, \
    record_room, record_name FROM audit WHERE id < $1 AND room = $2 ORDER BY id DESC LIMIT $3";
pub(super) const CHANGED: &str = "SELECT DISTINCT record_kind, record_room, record_name FROM audit \
    WHERE id >= $1 AND record_kind <> ''";
pub(super) const FORGET_MESSAGES: &str = "DELETE FROM messages WHERE at_ms < $1";
pub(super) const FORGET_ROOMS: &str =
    "DELETE FROM rooms WHERE NOT EXISTS (SELECT 1 FROM messages WHERE messages.room = rooms.room)";
