//! SQLite: opening files, running statements, the pool of readers.
//!
//! Statements run where they are called: the writer has a thread of its own, a
//! reader borrows one of the runtime's blocking threads for each query. (An
//! asynchronous driver was measured first: it hands every statement to another
//! thread and back, which cost more than the statements and the fsync together.)

use crate::config::{Access, Durability, StoreConfig};
use crate::error::{OpenError, StoreError};
use crate::limits::{BUSY_WAIT_MS, OPEN_CHECK_MAX_BYTES, READER_WAIT_MS, READERS_MAX, STATEMENTS_KEPT};
use crate::sql::{Cell, Conn, Pool, Row, Val};
use parking_lot::Mutex;
use rusqlite::ffi::ErrorCode;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, Statement, ToSql};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use rusqlite::Connection;

/// Pages of write-ahead log after which SQLite moves them into the database.
const CHECKPOINT_PAGES: i64 = 4_000;
/// The log file is cut back to this size after such a move.
const LOG_KEPT_BYTES: i64 = 64 * 1024 * 1024;
/// Page cache of each connection, in KiB (negative by SQLite's convention).
const CACHE_KIB: i64 = -8_192;
/// Extended result code: the shared-memory file could not grow; the disk is full.
const IOERR_SHMSIZE: i32 = 4874;

impl ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(Some(v)) => ValueRef::Integer(*v),
            Self::Text(Some(v)) => ValueRef::Text(v.as_bytes()),
            Self::Blob(Some(v)) => ValueRef::Blob(v),
            Self::Int(None) | Self::Text(None) | Self::Blob(None) => ValueRef::Null,
        }))
    }
}

/// Binds `$1, $2, …`: SQLite numbers named parameters by first appearance, so
/// each is bound by its name.
fn bind(statement: &mut Statement<'_>, values: &[Val]) -> Result<(), StoreError> {
    for at in 1..=statement.parameter_count() {
        let number = statement.parameter_name(at).and_then(|name| name.strip_prefix('$')).and_then(|n| n.parse().ok());
        let value = number
            .and_then(|number: usize| values.get(number.wrapping_sub(1)))
            .ok_or_else(|| StoreError::Engine { why: format!("parameter {at} has no value") })?;
        statement.raw_bind_parameter(at, value).map_err(from_engine)?;
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(v) => Cell::Int(v),
        ValueRef::Text(v) => String::from_utf8(v.to_vec()).map_or(Cell::Other, Cell::Text),
        ValueRef::Blob(v) => Cell::Blob(v.to_vec()),
        ValueRef::Real(_) => Cell::Other,
    }
}

pub(crate) fn run(conn: &Connection, sql: &str, values: Vec<Val>) -> Result<u64, StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(from_engine)?;
    bind(&mut statement, &values)?;
    let changed = statement.raw_execute().map_err(from_engine)?;
    Ok(changed as u64)
}

pub(crate) fn all(conn: &Connection, sql: &str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(from_engine)?;
    bind(&mut statement, &values)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(from_engine)? {
        let cells: Result<_, _> = (0..columns).map(|at| row.get_ref(at).map(cell)).collect();
        out.push(Row(cells.map_err(from_engine)?));
    }
    Ok(out)
}

pub(crate) fn script(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.execute_batch(sql).map_err(from_engine)
}

pub(crate) fn has_schema(conn: &Connection) -> Result<bool, StoreError> {
    let rows = all(conn, "SELECT 1 FROM sqlite_master WHERE name = 'schema_version'", vec![])?;
    Ok(!rows.is_empty())
}

pub(crate) fn truncate_log(conn: &Connection) -> Result<bool, StoreError> {
    let rows = all(conn, "PRAGMA wal_checkpoint(TRUNCATE)", vec![])?;
    rows.first().map_or(Ok(false), |row| Ok(row.int(0)? == 0))
}

fn from_engine(error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(failure, message) = &error else {
        return StoreError::Engine { why: error.to_string() };
    };
    let why = message.clone().unwrap_or_else(|| failure.to_string());
    match failure.code {
        ErrorCode::DiskFull => StoreError::StorageFull,
        _ if failure.extended_code == IOERR_SHMSIZE => StoreError::StorageFull,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Overloaded,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged { why },
        _ => StoreError::Engine { why: format!("{why} ({})", failure.extended_code) },
    }
}

/// What every connection gets.
fn connect(path: &PathBuf, create: bool) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_millis(BUSY_WAIT_MS))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    conn.pragma_update(None, "cache_size", CACHE_KIB)?;
    // Overwritten and deleted content is zeroed, so that an erased key is gone.
    conn.pragma_update(None, "secure_delete", "ON")?;
    Ok(conn)
}

fn reader(path: &PathBuf) -> rusqlite::Result<Connection> {
    let conn = connect(path, false)?;
    conn.pragma_update(None, "query_only", "ON")?;
    Ok(conn)
}

/// The connection that writes; for `Access::Read` one that only looks.
pub(crate) fn open(config: &StoreConfig) -> Result<Conn, OpenError> {
    let conn = match config.access {
        Access::Read => reader(&config.path),
        Access::Serve => writer(config),
    };
    let conn = conn.map_err(|error| open_error(config, error))?;
    if config.access == Access::Serve {
        check_pages(config, &conn)?;
    }
    Ok(Conn::Sqlite(conn))
}

fn writer(config: &StoreConfig) -> rusqlite::Result<Connection> {
    let conn = connect(&config.path, true)?;
    // The answer is the mode that is in force now; a failure shows at the lock below.
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    let synchronous = match config.durability {
        Durability::Full => "FULL",
        Durability::Relaxed => "OFF",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
    conn.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT_BYTES, |_| Ok(()))?;
    // A file without write permission opens quietly; the first lock tells.
    conn.execute_batch("BEGIN IMMEDIATE; COMMIT")?;
    if let Some(max_bytes) = config.max_bytes {
        let page_bytes: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(max_bytes).unwrap_or(i64::MAX) / page_bytes.max(1);
        conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(conn)
}

fn check_pages(config: &StoreConfig, conn: &Connection) -> Result<(), OpenError> {
    let bytes = std::fs::metadata(&config.path).map_or(0, |meta| meta.len());
    if bytes > OPEN_CHECK_MAX_BYTES {
        return Ok(());
    }
    let said: String =
        conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| open_error(config, error))?;
    if said == "ok" { Ok(()) } else { Err(OpenError::Corrupt { path: config.path.display().to_string(), why: said }) }
}

fn open_error(config: &StoreConfig, error: rusqlite::Error) -> OpenError {
    let path = config.path.display().to_string();
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Corrupt { path, why },
        Some(
            ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen,
        ) => OpenError::NotWritable { path, why },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse { path },
        Some(ErrorCode::DiskFull) => OpenError::StorageFull { path },
        _ => OpenError::Engine { why },
    }
}

/// A bounded pool of reading connections, opened as they are needed.
#[derive(Clone)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

pub(crate) fn readers(config: &StoreConfig) -> Pool {
    Pool::Sqlite(Readers {
        path: config.path.clone(),
        idle: Arc::new(Mutex::new(Vec::new())),
        turns: Arc::new(Semaphore::new(READERS_MAX)),
    })
}

impl Readers {
    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let wait = Duration::from_millis(READER_WAIT_MS);
        match tokio::time::timeout(wait, self.turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(StoreError::Stopped),
            Err(_) => Err(StoreError::Overloaded),
        }
    }

    /// Call only with a turn.
    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().pop();
        idle.map_or_else(|| reader(&self.path).map_err(from_engine), Ok)
    }

    pub(crate) async fn all(&self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
        let turn = self.turn().await?;
        let readers = self.clone();
        let work = move || {
            let conn = readers.take()?;
            let rows = all(&conn, sql, values);
            readers.idle.lock().push(conn);
            // After the connection is back, so that the next turn finds it.
            drop(turn);
            rows
        };
        blocking(work).await
    }

    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let turn = self.turn().await?;
        let readers = self.clone();
        let conn = blocking(move || {
            let conn = readers.take()?;
            script(&conn, "BEGIN")?;
            Ok(conn)
        })
        .await?;
        Ok(Snapshot { conn: Some(conn), idle: self.idle.clone(), _turn: turn })
    }

    /// Waits for those who read, then closes every connection.
    pub(crate) async fn close(&self) {
        // An error means that the pool is closed already.
        if let Ok(turns) = self.turns.acquire_many(u32::try_from(READERS_MAX).unwrap_or(u32::MAX)).await {
            turns.forget();
            self.turns.close();
        }
        self.idle.lock().clear();
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    // The runtime is going down, or the work panicked; either way no answer comes.
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Stopped))
}

/// A reading transaction.
pub(crate) struct Snapshot {
    /// Absent only while a query runs, and after one was abandoned.
    conn: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    _turn: OwnedSemaphorePermit,
}

impl Snapshot {
    pub(crate) async fn each(&mut self, sql: &'static str, values: Vec<Vec<Val>>) -> Result<Vec<Vec<Row>>, StoreError> {
        let Some(conn) = self.conn.take() else { return Err(StoreError::Stopped) };
        let (conn, answers) = blocking(move || {
            let answers = values.into_iter().map(|values| all(&conn, sql, values)).collect();
            Ok((conn, answers))
        })
        .await?;
        self.conn = Some(conn);
        answers
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take()
            && script(&conn, "ROLLBACK").is_ok()
        {
            self.idle.lock().push(conn);
        }
    }
}
