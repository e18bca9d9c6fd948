//! The SQLite file: one writer, readers beside it, every write immediate and
//! durable.
//!
//! A ledger in memory has a single connection for both. A freshly seeded
//! image is kept per process, so that a test opens a bank in a millisecond.

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteOwnedBuf, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Sqlite, Transaction};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

const SCHEMA: &str = include_str!("schema.sql");
/// Connections that read beside the writer.
const READERS_MAX: u32 = 4;
/// How long a writer of another process is waited for.
const BUSY_TIMEOUT_MS: u64 = 5_000;

pub struct Db {
    writer: Mutex<SqliteConnection>,
    readers: Option<SqlitePool>,
}

/// A connection to read from.
pub enum Reader<'a> {
    Pooled(sqlx::pool::PoolConnection<Sqlite>),
    Shared(MutexGuard<'a, SqliteConnection>),
}

impl Deref for Reader<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Shared(guard) => guard,
        }
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Shared(guard) => guard,
        }
    }
}

/// The writer, held for one transaction.
pub struct Writer<'a>(MutexGuard<'a, SqliteConnection>);

impl Writer<'_> {
    /// `BEGIN IMMEDIATE`: takes the write lock at once, so that what is read
    /// inside cannot change before the commit.
    pub async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
        self.0.begin_with("BEGIN IMMEDIATE").await
    }
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))
        .disable_statement_logging()
}

impl Db {
    /// Opens (and when new, lays out) a file. WAL, synchronous FULL.
    pub async fn file(path: &Path) -> Result<Self, sqlx::Error> {
        let options = options()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut writer = options.connect().await?;
        lay_out(&mut writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self { writer: Mutex::new(writer), readers: Some(readers) })
    }

    /// A ledger in memory, from an image when there is one.
    pub async fn memory(image: Option<&[u8]>) -> Result<Self, sqlx::Error> {
        let mut writer = options().in_memory(true).connect().await?;
        match image {
            Some(image) => writer.deserialize(None, SqliteOwnedBuf::try_from(image)?, false).await?,
            None => lay_out(&mut writer).await?,
        }
        Ok(Self { writer: Mutex::new(writer), readers: None })
    }

    pub async fn writer(&self) -> Writer<'_> {
        Writer(self.writer.lock().await)
    }

    pub async fn reader(&self) -> Result<Reader<'_>, sqlx::Error> {
        match &self.readers {
            Some(pool) => Ok(Reader::Pooled(pool.acquire().await?)),
            None => Ok(Reader::Shared(self.writer.lock().await)),
        }
    }

    /// The whole ledger as bytes.
    pub async fn image(&self) -> Result<Vec<u8>, sqlx::Error> {
        Ok(self.writer.lock().await.serialize(None).await?.to_vec())
    }
}

async fn lay_out(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'entries'")
        .fetch_one(&mut *connection)
        .await?;
    if tables == 0 {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
