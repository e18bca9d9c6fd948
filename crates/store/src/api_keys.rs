//! Keys of programs that call the API: only their SHA-256 is kept. A key that
//! was revoked stays in the table, so that the audit log's id has a name.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::{Row, vals};
use crate::tx::Tx;
use crate::write::{Op, WriteSet};

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: String,
    /// Whose it is, in words.
    pub name: String,
    pub created_at_ms: i64,
    pub revoked_at_ms: Option<i64>,
}

impl WriteSet {
    /// Adds a key; `Exists` when id or hash is taken.
    pub fn api_key(&mut self, id: &str, name: &str, hash: [u8; 32]) -> &mut Self {
        self.push(Op::ApiKey { id: id.to_owned(), name: name.to_owned(), hash })
    }

    /// Ends a key for good; one that is unknown or ended stays so.
    pub fn revoke_api_key(&mut self, id: &str) -> &mut Self {
        self.push(Op::RevokeApiKey { id: id.to_owned() })
    }
}

pub(crate) async fn put(tx: &mut Tx<'_>, id: &str, name: &str, hash: &[u8; 32]) -> Result<(), StoreError> {
    let added = tx
        .run(
            "INSERT INTO api_keys (id, hash, name, created_at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            vals![id, hash, name, tx.now_ms],
        )
        .await?;
    if added == 0 { Err(StoreError::Exists { what: "API key" }) } else { Ok(()) }
}

pub(crate) async fn revoke(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE api_keys SET revoked_at_ms = $2 WHERE id = $1 AND revoked_at_ms IS NULL";
    tx.run(sql, vals![id, tx.now_ms]).await?;
    Ok(())
}

fn from_row(row: &Row) -> Result<ApiKey, StoreError> {
    // A key was never revoked in the year 1970.
    let revoked_at_ms = Some(row.int(3)?).filter(|at_ms| *at_ms != 0);
    Ok(ApiKey { id: row.text(0)?, name: row.text(1)?, created_at_ms: row.int(2)?, revoked_at_ms })
}

impl Db {
    /// The key with this hash, revoked or not.
    pub async fn api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let sql = "SELECT id, name, created_at_ms, COALESCE(revoked_at_ms, 0) FROM api_keys WHERE hash = $1";
        let row = self.readers()?.one(sql, vals![hash]).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Keys by age, the oldest first.
    pub async fn api_keys(&self, limit: u32) -> Result<Vec<ApiKey>, StoreError> {
        let sql = "SELECT id, name, created_at_ms, COALESCE(revoked_at_ms, 0) FROM api_keys
             ORDER BY created_at_ms, id LIMIT $1";
        let rows = self.readers()?.all(sql, vals![limit.min(PAGE_MAX)]).await?;
        rows.iter().map(from_row).collect()
    }
}
