//! The writer's transaction as the repositories see it: the connection, the
//! time, data keys, the end of the audit chain, and what will be told after the
//! commit.

use crate::audit::{self, AuditEntry, AuditTail};
use crate::error::StoreError;
use crate::limits::FIELD_MAX_BYTES;
use crate::sql::{Conn, Row, Val};
use crate::vault::{DataKey, Pending, Vault};
use crate::write::{Applied, Notices};

pub(crate) struct Tx<'a> {
    pub(crate) conn: &'a mut Conn,
    pub(crate) now_ms: i64,
    pub(crate) vault: &'a Vault,
    /// Keys of the sets before this one in the same transaction.
    pub(crate) group: &'a Pending,
    /// Keys of this set.
    pub(crate) keys: Pending,
    pub(crate) tail: AuditTail,
    pub(crate) notices: Notices,
    pub(crate) applied: Applied,
}

impl Tx<'_> {
    pub(crate) async fn run(&mut self, sql: &'static str, values: Vec<Val>) -> Result<u64, StoreError> {
        self.conn.run(sql, values).await
    }

    pub(crate) async fn one(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Option<Row>, StoreError> {
        self.conn.one(sql, values).await
    }

    /// The data key to seal under for a subject.
    pub(crate) async fn key(&mut self, subject: &str) -> Result<DataKey, StoreError> {
        self.vault.for_writing(self.conn, self.group, &mut self.keys, subject, self.now_ms).await
    }

    /// The data key a stored value was sealed under.
    pub(crate) async fn key_of(&mut self, key_id: i64) -> Result<DataKey, StoreError> {
        self.vault.for_reading_in(self.conn, key_id).await
    }

    /// Seals one JSON field of a projection; answers key id and bytes.
    pub(crate) async fn seal_json(
        &mut self,
        subject: &str,
        aad: &[u8],
        value: &serde_json::Value,
    ) -> Result<(i64, Vec<u8>), StoreError> {
        let json = value.to_string();
        if json.len() > FIELD_MAX_BYTES {
            return Err(StoreError::TooLarge { what: "sealed field", limit: FIELD_MAX_BYTES });
        }
        let key = self.key(subject).await?;
        Ok((key.id, key.seal(aad, json.as_bytes())?))
    }

    /// Adds a row to the audit chain.
    pub(crate) async fn audit(&mut self, entry: &AuditEntry, payload: Option<[u8; 32]>) -> Result<(), StoreError> {
        self.tail = audit::append(self.conn, self.tail, self.now_ms, entry, payload).await?;
        Ok(())
    }
}
