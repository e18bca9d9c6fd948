//! The seam to the database engine: connections, values and rows that the
//! repositories share whatever engine is below.
//!
//! Invariants: SQL above this file is portable (`$1` parameters, `ON CONFLICT`,
//! `RETURNING`, 64-bit integers, text, blobs) and static; nothing above matches
//! on the engine. A second engine is a second variant of the enums here and a
//! second folder of migrations.

use crate::error::StoreError;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{Arguments, Connection, Row as _, Sqlite, Transaction};

/// One bound value. Nulls keep their type, as PostgreSQL needs it.
#[derive(Debug, Clone)]
pub(crate) enum Val {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

macro_rules! val_from {
    ($($from:ty => |$v:ident| $to:expr;)*) => {$(
        impl From<$from> for Val {
            fn from($v: $from) -> Self { $to }
        }
    )*};
}

val_from! {
    i64 => |v| Self::Int(Some(v));
    Option<i64> => |v| Self::Int(v);
    u32 => |v| Self::Int(Some(i64::from(v)));
    // Sequence numbers and sizes; bounded far below 2^63 by the named limits.
    u64 => |v| Self::Int(Some(i64::try_from(v).unwrap_or(i64::MAX)));
    bool => |v| Self::Int(Some(i64::from(v)));
    &str => |v| Self::Text(Some(v.to_owned()));
    String => |v| Self::Text(Some(v));
    &String => |v| Self::Text(Some(v.clone()));
    Option<String> => |v| Self::Text(v);
    Option<&str> => |v| Self::Text(v.map(str::to_owned));
    Vec<u8> => |v| Self::Blob(Some(v));
    &[u8] => |v| Self::Blob(Some(v.to_vec()));
    &[u8; 32] => |v| Self::Blob(Some(v.to_vec()));
    Option<Vec<u8>> => |v| Self::Blob(v);
}

/// Values for one statement, in the order of `$1, $2, …`.
macro_rules! vals {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Val::from($value)),*] };
}
pub(crate) use vals;

fn sqlite_args(values: Vec<Val>) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Val::Int(v) => arguments.add(v),
            Val::Text(v) => arguments.add(v),
            Val::Blob(v) => arguments.add(v),
        }
        .map_err(|why| StoreError::Engine { why: why.to_string() })?;
    }
    Ok(arguments)
}

/// One row of an answer; columns are read by position.
pub(crate) enum Row {
    Sqlite(SqliteRow),
}

impl Row {
    fn get<'r, T>(&'r self, at: usize) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
    {
        let Self::Sqlite(row) = self;
        row.try_get(at).map_err(|_| StoreError::damaged(format!("column {at} has another type")))
    }

    pub(crate) fn int(&self, at: usize) -> Result<i64, StoreError> {
        self.get(at)
    }

    pub(crate) fn opt_int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        self.get(at)
    }

    pub(crate) fn seq(&self, at: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(at)?).map_err(|_| StoreError::damaged(format!("column {at} is negative")))
    }

    pub(crate) fn text(&self, at: usize) -> Result<String, StoreError> {
        self.get(at)
    }

    pub(crate) fn opt_text(&self, at: usize) -> Result<Option<String>, StoreError> {
        self.get(at)
    }

    pub(crate) fn blob(&self, at: usize) -> Result<Vec<u8>, StoreError> {
        self.get(at)
    }

    pub(crate) fn opt_blob(&self, at: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(at)
    }

    pub(crate) fn hash(&self, at: usize) -> Result<[u8; 32], StoreError> {
        self.blob(at)?.try_into().map_err(|_| StoreError::damaged(format!("column {at} is not 32 bytes")))
    }

    /// A stored id or word, turned back into its type.
    pub(crate) fn parse<T: TryFrom<String>>(&self, at: usize) -> Result<T, StoreError> {
        T::try_from(self.text(at)?).map_err(|_| StoreError::damaged(format!("column {at} is not what it should be")))
    }

    pub(crate) fn opt_parse<T: TryFrom<String>>(&self, at: usize) -> Result<Option<T>, StoreError> {
        self.opt_text(at)?
            .map(|text| {
                T::try_from(text).map_err(|_| StoreError::damaged(format!("column {at} is not what it should be")))
            })
            .transpose()
    }
}

/// The writer's connection.
pub(crate) enum Conn {
    Sqlite(SqliteConnection),
}

impl Conn {
    /// Runs one statement; answers the number of rows it changed.
    pub(crate) async fn run(&mut self, sql: &'static str, values: Vec<Val>) -> Result<u64, StoreError> {
        let Self::Sqlite(conn) = self;
        let done = sqlx::query_with(sql, sqlite_args(values)?).execute(conn).await.map_err(from_engine)?;
        Ok(done.rows_affected())
    }

    pub(crate) async fn one(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Option<Row>, StoreError> {
        let Self::Sqlite(conn) = self;
        let row = sqlx::query_with(sql, sqlite_args(values)?).fetch_optional(conn).await.map_err(from_engine)?;
        Ok(row.map(Row::Sqlite))
    }

    pub(crate) async fn all(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
        let Self::Sqlite(conn) = self;
        let rows = sqlx::query_with(sql, sqlite_args(values)?).fetch_all(conn).await.map_err(from_engine)?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    /// Runs statements without values or answers.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let Self::Sqlite(conn) = self;
        sqlx::raw_sql(sql).execute(conn).await.map_err(from_engine)?;
        Ok(())
    }

    /// Opens the write transaction, taking the write lock at once.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => self.script("BEGIN IMMEDIATE").await,
        }
    }

    /// Was any migration ever applied?
    pub(crate) async fn has_schema(&mut self) -> Result<bool, StoreError> {
        let row = match self {
            Self::Sqlite(_) => {
                self.one("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'", vec![]).await?
            }
        };
        row.map_or(Ok(false), |row| Ok(row.int(0)? > 0))
    }

    /// Forgets old versions of overwritten data (after a key was destroyed).
    /// Answers false when a reader was in the way; try again later.
    pub(crate) async fn forget_old_pages(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(_) => match self.one("PRAGMA wal_checkpoint(TRUNCATE)", vec![]).await? {
                Some(row) => Ok(row.int(0)? == 0),
                None => Ok(false),
            },
        }
    }

    pub(crate) async fn close(self) {
        let Self::Sqlite(conn) = self;
        if let Err(error) = conn.close().await {
            tracing::warn!(%error, "the writer's connection did not close cleanly");
        }
    }
}

/// The readers' connections.
pub(crate) enum Pool {
    Sqlite(SqlitePool),
}

impl Pool {
    pub(crate) async fn one(&self, sql: &'static str, values: Vec<Val>) -> Result<Option<Row>, StoreError> {
        let Self::Sqlite(pool) = self;
        let row = sqlx::query_with(sql, sqlite_args(values)?).fetch_optional(pool).await.map_err(from_engine)?;
        Ok(row.map(Row::Sqlite))
    }

    pub(crate) async fn all(&self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
        let Self::Sqlite(pool) = self;
        let rows = sqlx::query_with(sql, sqlite_args(values)?).fetch_all(pool).await.map_err(from_engine)?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    /// A view that stands still while several reads are made.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let Self::Sqlite(pool) = self;
        Ok(Snapshot::Sqlite(pool.begin().await.map_err(from_engine)?))
    }

    pub(crate) async fn close(&self) {
        let Self::Sqlite(pool) = self;
        pool.close().await;
    }
}

pub(crate) enum Snapshot {
    Sqlite(Transaction<'static, Sqlite>),
}

impl Snapshot {
    pub(crate) async fn one(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Option<Row>, StoreError> {
        let Self::Sqlite(tx) = self;
        let row = sqlx::query_with(sql, sqlite_args(values)?).fetch_optional(&mut **tx).await.map_err(from_engine)?;
        Ok(row.map(Row::Sqlite))
    }

    pub(crate) async fn all(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
        let Self::Sqlite(tx) = self;
        let rows = sqlx::query_with(sql, sqlite_args(values)?).fetch_all(&mut **tx).await.map_err(from_engine)?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }
}

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>).
mod code {
    pub const BUSY: i32 = 5;
    pub const LOCKED: i32 = 6;
    pub const CORRUPT: i32 = 11;
    pub const FULL: i32 = 13;
    pub const NOTADB: i32 = 26;
    /// Extended: the shared-memory file could not grow; the disk is full.
    pub const IOERR_SHMSIZE: i32 = 4874;
}

pub(crate) fn from_engine(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(db) => {
            let extended: i32 = db.code().and_then(|code| code.parse().ok()).unwrap_or(0);
            match (extended & 0xff, extended) {
                (code::FULL, _) | (_, code::IOERR_SHMSIZE) => StoreError::StorageFull,
                (code::BUSY | code::LOCKED, _) => StoreError::Overloaded,
                (code::CORRUPT | code::NOTADB, _) => StoreError::damaged(db.message()),
                _ => StoreError::Engine { why: format!("{} ({extended})", db.message()) },
            }
        }
        sqlx::Error::PoolTimedOut => StoreError::Overloaded,
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => StoreError::Stopped,
        _ => StoreError::Engine { why: error.to_string() },
    }
}
