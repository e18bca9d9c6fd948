//! Brings a database to the schema this program knows.
//!
//! Invariants: migrations run in order, each in its own transaction together
//! with its entry in `schema_version`; a crash between two leaves a sound older
//! schema. A migration once shipped never changes: its checksum is compared.

use crate::error::{OpenError, StoreError};
use crate::sql::{Conn, vals};
use sha2::{Digest, Sha256};

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal;)*) => {
        &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
        }),*]
    };
}

const SQLITE: &[Migration] = migrations! {
    1 "0001_conversations";
    2 "0002_desk";
    3 "0003_staff";
    4 "0004_packs";
    5 "0005_api_keys";
};

/// The newest schema this program knows.
pub fn known_schema() -> i64 {
    SQLITE.last().map_or(0, |migration| migration.version)
}

fn for_engine(conn: &Conn) -> &'static [Migration] {
    match conn {
        Conn::Sqlite(_) => SQLITE,
    }
}

fn checksum(migration: &Migration) -> String {
    hex::encode(Sha256::digest(migration.sql.as_bytes()))
}

fn open_error(error: StoreError) -> OpenError {
    OpenError::Engine { why: error.to_string() }
}

/// Checks what is there, then applies what is missing; answers how many ran.
pub(crate) async fn migrate(conn: &mut Conn, now_ms: i64) -> Result<usize, OpenError> {
    let migrations = for_engine(conn);
    let applied = check(conn, migrations).await?;
    let mut ran = 0;
    for migration in migrations.iter().skip(applied) {
        apply(conn, migration, now_ms).await.map_err(open_error)?;
        tracing::info!(version = migration.version, name = migration.name, "schema migrated");
        ran += 1;
    }
    Ok(ran)
}

/// For readers: the schema must be exactly the one this program knows.
pub(crate) async fn check_current(conn: &mut Conn) -> Result<(), OpenError> {
    let migrations = for_engine(conn);
    if check(conn, migrations).await? == migrations.len() {
        Ok(())
    } else {
        Err(OpenError::Engine { why: "the schema is older than this program; start the server once first".to_owned() })
    }
}

async fn check(conn: &mut Conn, migrations: &[Migration]) -> Result<usize, OpenError> {
    if !conn.has_schema().await.map_err(open_error)? {
        return Ok(0);
    }
    let rows =
        conn.all("SELECT version, checksum FROM schema_version ORDER BY version", vals![]).await.map_err(open_error)?;
    for (at, row) in rows.iter().enumerate() {
        let found = row.int(0).map_err(open_error)?;
        let Some(migration) = migrations.get(at).filter(|migration| migration.version == found) else {
            return Err(OpenError::NewerSchema { found, known: known_schema() });
        };
        if row.text(1).map_err(open_error)? != checksum(migration) {
            return Err(OpenError::MigrationChanged { version: found });
        }
    }
    Ok(rows.len())
}

async fn apply(conn: &mut Conn, migration: &Migration, now_ms: i64) -> Result<(), StoreError> {
    conn.begin().await?;
    conn.script(
        "CREATE TABLE IF NOT EXISTS schema_version (
           version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_ms INTEGER NOT NULL)",
    )
    .await?;
    conn.script(migration.sql).await?;
    conn.run(
        "INSERT INTO schema_version (version, name, checksum, applied_at_ms) VALUES ($1, $2, $3, $4)",
        vals![migration.version, migration.name, checksum(migration), now_ms],
    )
    .await?;
    conn.script("COMMIT").await
}
