//! The outbox: every saved event in the order it was saved, for observers.
//!
//! Invariants: a row is written in the transaction of its event; ids grow in
//! the order of commits; a consumer's position only moves forward. A consumer
//! that handles a row and advances in one write set handles it exactly once;
//! one that advances later handles it at least once.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::vals;
use crate::tx::Tx;
use crate::write::{Op, WriteSet};
use teller_kernel::ConversationId;

/// Where one event is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: i64,
    pub conversation: ConversationId,
    pub seq: u64,
    pub kind: String,
    pub at_ms: i64,
}

impl WriteSet {
    /// Notes that a consumer has handled everything up to `id`.
    pub fn advance(&mut self, consumer: &str, id: i64) -> &mut Self {
        self.push(Op::Advance { consumer: consumer.to_owned(), id })
    }
}

pub(crate) async fn advance(tx: &mut Tx<'_>, consumer: &str, id: i64) -> Result<(), StoreError> {
    tx.run(
        "INSERT INTO consumers (name, last_id) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET last_id = excluded.last_id WHERE consumers.last_id < excluded.last_id",
        vals![consumer, id],
    )
    .await?;
    Ok(())
}

impl Db {
    /// Rows after `id`, oldest first.
    pub async fn outbox_after(&self, id: i64, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT id, conversation, seq, kind, at_ms FROM outbox WHERE id > $1 ORDER BY id LIMIT $2";
        let rows = self.readers()?.all(sql, vals![id, limit.min(PAGE_MAX)]).await?;
        rows.iter()
            .map(|row| {
                Ok(OutboxRow {
                    id: row.int(0)?,
                    conversation: row.parse(1)?,
                    seq: row.seq(2)?,
                    kind: row.text(3)?,
                    at_ms: row.int(4)?,
                })
            })
            .collect()
    }

    /// How far a consumer has come; 0 for one that never advanced.
    pub async fn consumer_position(&self, consumer: &str) -> Result<i64, StoreError> {
        let row = self.readers()?.one("SELECT last_id FROM consumers WHERE name = $1", vals![consumer]).await?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    /// Notes that a consumer has handled everything up to `id`; going back is ignored.
    pub async fn advance(&self, consumer: &str, id: i64) -> Result<(), StoreError> {
        let mut set = WriteSet::new();
        set.advance(consumer, id);
        self.commit(set).await.map(drop)
    }
}
