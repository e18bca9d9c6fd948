//! The context of one unit of work, and ids that count up.

use crate::config::Config;
use crate::error::Fail;
use jiff::civil::Date;
use sqlx::sqlite::SqliteConnection;

pub type Conn = SqliteConnection;

/// What every use case works with: a connection (inside a transaction when it
/// writes), the terms, the time and the business date.
pub struct Cx<'a> {
    pub conn: &'a mut Conn,
    pub bank: &'a Config,
    pub now_ms: i64,
    pub today: Date,
    /// Service hours are not looked at (a demo at night).
    pub always_open: bool,
}

/// The next id of a kind: `or_000042`.
pub async fn next_id(conn: &mut Conn, prefix: &str) -> Result<String, Fail> {
    Ok(format!("{prefix}_{:06}", next_number(conn, prefix).await?))
}

/// The next number of a sequence, from 1.
pub async fn next_number(conn: &mut Conn, name: &str) -> Result<i64, Fail> {
    let number = sqlx::query_scalar(
        "INSERT INTO sequences (name, next) VALUES (?, 2)
         ON CONFLICT (name) DO UPDATE SET next = next + 1 RETURNING next - 1",
    )
    .bind(name)
    .fetch_one(conn)
    .await?;
    Ok(number)
}

pub async fn meta(conn: &mut Conn, key: &str) -> Result<Option<String>, Fail> {
    Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?").bind(key).fetch_optional(conn).await?)
}

pub async fn set_meta(conn: &mut Conn, key: &str, value: &str) -> Result<(), Fail> {
    sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key)
        .bind(value)
        .execute(conn)
        .await?;
    Ok(())
}

/// Reads a date the bank itself stored.
pub fn stored_date(text: &str) -> Result<Date, Fail> {
    text.parse().map_err(|_| Fail::Data("date"))
}

/// Reads a rate the bank itself stored.
pub fn stored_rate(text: &str) -> Result<rust_decimal::Decimal, Fail> {
    text.parse().map_err(|_| Fail::Data("rate"))
}
