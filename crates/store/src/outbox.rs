//! The outbox: every saved event in the order it was saved, for observers.
//!
//! It is the table of events itself, read by `position`: an event and its place
//! in the outbox cannot come apart. Invariants: positions grow in the order of
//! commits; a consumer's place only moves forward. A consumer that handles an
//! event and advances in one write set handles it exactly once; one that
//! advances later handles it at least once.

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
    pub position: i64,
    pub conversation: ConversationId,
    pub seq: u64,
    pub kind: String,
    pub at_ms: i64,
}

impl WriteSet {
    /// Notes that a consumer has handled everything up to `position`.
    pub fn advance(&mut self, consumer: &str, position: i64) -> &mut Self {
        self.push(Op::Advance { consumer: consumer.to_owned(), position })
    }
}

pub(crate) async fn advance(tx: &mut Tx<'_>, consumer: &str, position: i64) -> Result<(), StoreError> {
    tx.run(
        "INSERT INTO consumers (name, last_position) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET last_position = excluded.last_position
           WHERE consumers.last_position < excluded.last_position",
        vals![consumer, position],
    )
    .await?;
    Ok(())
}

impl Db {
    /// Events after `position`, oldest first.
    pub async fn outbox_after(&self, position: i64, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT position, conversation, seq, kind, at_ms FROM events
             WHERE position > $1 ORDER BY position LIMIT $2";
        let rows = self.readers()?.all(sql, vals![position, limit.min(PAGE_MAX)]).await?;
        rows.iter()
            .map(|row| {
                Ok(OutboxRow {
                    position: row.int(0)?,
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
        let row = self.readers()?.one("SELECT last_position FROM consumers WHERE name = $1", vals![consumer]).await?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    /// Notes that a consumer has handled everything up to `position`; going back is ignored.
    pub async fn advance(&self, consumer: &str, position: i64) -> Result<(), StoreError> {
        let mut set = WriteSet::new();
        set.advance(consumer, position);
        self.commit(set).await.map(drop)
    }
}
