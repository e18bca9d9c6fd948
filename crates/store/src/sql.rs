//! The seam to the database engine: connections, values and rows that the
//! repositories share whatever engine is below.
//!
//! Invariants: SQL above this file is portable (`$1` parameters, `ON CONFLICT`,
//! `RETURNING`, 64-bit integers, text, blobs) and static; nothing above matches
//! on the engine. A second engine is a second variant of the enums here, a file
//! beside `sqlite.rs` and a second folder of migrations. The methods are async
//! for the engine that will be on the network; SQLite's never wait.

use crate::error::StoreError;
use crate::sqlite;

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

/// One column of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    /// A type that the schema does not use.
    Other,
}

/// One row of an answer; columns are read by position.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Cell>);

impl Row {
    fn cell(&self, at: usize) -> &Cell {
        self.0.get(at).unwrap_or(&Cell::Other)
    }

    pub(crate) fn opt_int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        match self.cell(at) {
            Cell::Int(v) => Ok(Some(*v)),
            Cell::Null => Ok(None),
            _ => Err(another_type(at)),
        }
    }

    pub(crate) fn int(&self, at: usize) -> Result<i64, StoreError> {
        self.opt_int(at)?.ok_or_else(|| another_type(at))
    }

    pub(crate) fn seq(&self, at: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(at)?).map_err(|_| StoreError::damaged(format!("column {at} is negative")))
    }

    pub(crate) fn opt_text(&self, at: usize) -> Result<Option<String>, StoreError> {
        match self.cell(at) {
            Cell::Text(v) => Ok(Some(v.clone())),
            Cell::Null => Ok(None),
            _ => Err(another_type(at)),
        }
    }

    pub(crate) fn text(&self, at: usize) -> Result<String, StoreError> {
        self.opt_text(at)?.ok_or_else(|| another_type(at))
    }

    pub(crate) fn opt_blob(&self, at: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.cell(at) {
            Cell::Blob(v) => Ok(Some(v.clone())),
            Cell::Null => Ok(None),
            _ => Err(another_type(at)),
        }
    }

    pub(crate) fn blob(&self, at: usize) -> Result<Vec<u8>, StoreError> {
        self.opt_blob(at)?.ok_or_else(|| another_type(at))
    }

    pub(crate) fn hash(&self, at: usize) -> Result<[u8; 32], StoreError> {
        self.blob(at)?.try_into().map_err(|_| StoreError::damaged(format!("column {at} is not 32 bytes")))
    }

    /// A stored id or word, turned back into its type.
    pub(crate) fn parse<T: TryFrom<String>>(&self, at: usize) -> Result<T, StoreError> {
        self.opt_parse(at)?.ok_or_else(|| another_type(at))
    }

    pub(crate) fn opt_parse<T: TryFrom<String>>(&self, at: usize) -> Result<Option<T>, StoreError> {
        let text = self.opt_text(at)?;
        text.map(|text| T::try_from(text).map_err(|_| another_type(at))).transpose()
    }
}

fn another_type(at: usize) -> StoreError {
    StoreError::damaged(format!("column {at} is not what it should be"))
}

/// The writer's connection.
pub(crate) enum Conn {
    Sqlite(sqlite::Connection),
}

impl Conn {
    /// Runs one statement; answers the number of rows it changed.
    pub(crate) async fn run(&mut self, sql: &'static str, values: Vec<Val>) -> Result<u64, StoreError> {
        let Self::Sqlite(conn) = self;
        sqlite::run(conn, sql, values)
    }

    pub(crate) async fn all(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
        let Self::Sqlite(conn) = self;
        sqlite::all(conn, sql, values)
    }

    /// The first row of an answer that has at most one.
    pub(crate) async fn one(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, values).await?.into_iter().next())
    }

    /// Runs statements without values or answers.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let Self::Sqlite(conn) = self;
        sqlite::script(conn, sql)
    }

    /// Opens the write transaction, taking the write lock at once.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(conn) => sqlite::script(conn, "BEGIN IMMEDIATE"),
        }
    }

    /// Was any migration ever applied?
    pub(crate) async fn has_schema(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(conn) => sqlite::has_schema(conn),
        }
    }

    /// Forgets old versions of overwritten data (after a key was destroyed).
    /// Answers false when a reader was in the way; try again later.
    pub(crate) async fn forget_old_pages(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(conn) => sqlite::truncate_log(conn),
        }
    }

    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite(conn) => drop(conn),
        }
    }
}

/// The readers' connections.
pub(crate) enum Pool {
    Sqlite(sqlite::Readers),
}

impl Pool {
    pub(crate) async fn all(&self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
        let Self::Sqlite(readers) = self;
        readers.all(sql, values).await
    }

    pub(crate) async fn one(&self, sql: &'static str, values: Vec<Val>) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, values).await?.into_iter().next())
    }

    /// A view that stands still while several reads are made.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let Self::Sqlite(readers) = self;
        Ok(Snapshot::Sqlite(readers.snapshot().await?))
    }

    /// What the engine finds wrong with the files.
    pub(crate) async fn check_pages(&self) -> Result<Option<String>, StoreError> {
        match self {
            Self::Sqlite(_) => match self.one("PRAGMA quick_check(1)", vec![]).await? {
                Some(row) => Ok(Some(row.text(0)?).filter(|said| said != "ok")),
                None => Ok(Some("no answer".to_owned())),
            },
        }
    }

    pub(crate) async fn close(&self) {
        let Self::Sqlite(readers) = self;
        readers.close().await;
    }
}

pub(crate) enum Snapshot {
    Sqlite(sqlite::Snapshot),
}

impl Snapshot {
    pub(crate) async fn all(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Row>, StoreError> {
        Ok(self.each(sql, vec![values]).await?.pop().unwrap_or_default())
    }

    /// The same statement with several lists of values; one answer for each.
    pub(crate) async fn each(&mut self, sql: &'static str, values: Vec<Vec<Val>>) -> Result<Vec<Vec<Row>>, StoreError> {
        let Self::Sqlite(view) = self;
        view.each(sql, values).await
    }

    pub(crate) async fn one(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, values).await?.into_iter().next())
    }
}
