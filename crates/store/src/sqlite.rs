//! Opening SQLite: options, the writer's connection, the readers' pool.

use crate::config::{Durability, StoreConfig};
use crate::error::OpenError;
use crate::limits::{BUSY_WAIT_MS, OPEN_CHECK_MAX_BYTES, READER_WAIT_MS, READERS_MAX};
use crate::sql::{Conn, Pool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row};
use std::time::Duration;

/// Pages of write-ahead log after which SQLite moves them into the database.
const CHECKPOINT_PAGES: &str = "4000";
/// The log file is cut back to this size after such a move.
const LOG_KEPT_BYTES: &str = "67108864";
/// Page cache of each connection, in KiB (negative by SQLite's convention).
const CACHE_KIB: &str = "-8192";

fn options(config: &StoreConfig) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&config.path)
        .busy_timeout(Duration::from_millis(BUSY_WAIT_MS))
        .foreign_keys(false)
        .pragma("cache_size", CACHE_KIB)
        // Overwritten and deleted content is zeroed, so that an erased key is gone.
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
}

pub(crate) async fn writer(config: &StoreConfig) -> Result<Conn, OpenError> {
    let synchronous = match config.durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Relaxed => SqliteSynchronous::Off,
    };
    let options = options(config)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_KEPT_BYTES);
    let fault = |error| open_error(config, error);
    let mut conn = SqliteConnection::connect_with(&options).await.map_err(fault)?;
    // A file without write permission opens quietly; the first lock tells.
    sqlx::raw_sql("BEGIN IMMEDIATE; COMMIT").execute(&mut conn).await.map_err(fault)?;
    if let Some(max_bytes) = config.max_bytes {
        limit_size(&mut conn, max_bytes).await.map_err(fault)?;
    }
    check_pages(config, &mut conn).await?;
    Ok(Conn::Sqlite(conn))
}

async fn limit_size(conn: &mut SqliteConnection, max_bytes: u64) -> Result<(), sqlx::Error> {
    let page_bytes: i64 = sqlx::query("PRAGMA page_size").fetch_one(&mut *conn).await?.try_get(0)?;
    let pages = max_bytes / u64::try_from(page_bytes).unwrap_or(4096).max(1);
    // A number of our own making; pragmas take no parameters.
    let sql = format!("PRAGMA max_page_count = {pages}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

async fn check_pages(config: &StoreConfig, conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let bytes = std::fs::metadata(&config.path).map_or(0, |meta| meta.len());
    if bytes > OPEN_CHECK_MAX_BYTES {
        return Ok(());
    }
    match quick_check(conn).await.map_err(|error| open_error(config, error))? {
        None => Ok(()),
        Some(why) => Err(OpenError::Corrupt { path: config.path.display().to_string(), why }),
    }
}

/// SQLite's own check of every page; `None` when all is well.
async fn quick_check(conn: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    let said: String = sqlx::query("PRAGMA quick_check(1)").fetch_one(conn).await?.try_get(0)?;
    Ok((said != "ok").then_some(said))
}

pub(crate) async fn readers(config: &StoreConfig) -> Result<Pool, OpenError> {
    let options = options(config).create_if_missing(false).pragma("query_only", "ON");
    let pool = SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .min_connections(0)
        .acquire_timeout(Duration::from_millis(READER_WAIT_MS))
        .test_before_acquire(false)
        .connect_lazy_with(options);
    Ok(Pool::Sqlite(pool))
}

/// A connection that looks at the schema before readers are let in.
pub(crate) async fn inspector(config: &StoreConfig) -> Result<Conn, OpenError> {
    let options = options(config).create_if_missing(false).pragma("query_only", "ON");
    let conn = SqliteConnection::connect_with(&options).await.map_err(|error| open_error(config, error))?;
    Ok(Conn::Sqlite(conn))
}

fn open_error(config: &StoreConfig, error: sqlx::Error) -> OpenError {
    let path = config.path.display().to_string();
    let code = error
        .as_database_error()
        .and_then(|db| db.code())
        .and_then(|code| code.parse::<i32>().ok())
        .unwrap_or(0);
    let why = error.to_string();
    // Primary result codes: https://www.sqlite.org/rescode.html
    match code & 0xff {
        11 | 26 => OpenError::Corrupt { path, why },
        3 | 8 | 10 | 14 => OpenError::NotWritable { path, why },
        5 | 6 => OpenError::InUse { path },
        13 => OpenError::StorageFull { path },
        _ => OpenError::Engine { why },
    }
}
