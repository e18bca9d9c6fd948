//! The audit log: who did what, as a hash chain that anyone can verify.
//!
//! Each row's hash is SHA-256 over the hash before it and every column of the
//! row; each append of events leaves a row whose `payload_hash` covers those
//! events as stored, ciphertext and all. So altering, removing or inserting an
//! event or an audit row shows, and destroying a data key does not break the
//! chain. Detail holds ids and words of the trade, never personal data.
//!
//! What the chain alone cannot show is a consistent rewriting of everything
//! after some row, or the cutting off of its end: for that the head
//! (`Verified::head`) is to be kept somewhere else from time to time.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::{AUDIT_DETAIL_MAX_BYTES, PAGE_MAX};
use crate::sql::{Conn, Row, vals};
use crate::write::{Op, WriteSet};
use serde_json::Value;
use sha2::{Digest, Sha256};
use teller_kernel::Actor;

/// Action of the rows that the store writes for each append of events.
pub const ACTION_APPENDED: &str = "events.appended";

/// One thing that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// `Actor::label`: a word and an id.
    pub actor: String,
    /// `room.verb`: `handoff.accepted`, `conversation.read`, …
    pub action: String,
    /// The id of what it was done to.
    pub object: String,
    /// Ids, states, reasons in words of the trade; never personal data.
    pub detail: Value,
}

impl AuditEntry {
    pub fn new(actor: &Actor, action: &str, object: &str) -> Self {
        Self { actor: actor.label(), action: action.to_owned(), object: object.to_owned(), detail: Value::Null }
    }

    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// A row of the log as read back.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    pub seq: u64,
    pub at_ms: i64,
    pub actor: String,
    pub action: String,
    pub object: String,
    pub detail: Value,
    /// Hex.
    pub hash: String,
}

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AuditTail {
    pub(crate) seq: u64,
    pub(crate) hash: [u8; 32],
}

impl AuditTail {
    pub(crate) async fn read(conn: &mut Conn) -> Result<Self, StoreError> {
        match conn.one("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", vals![]).await? {
            Some(row) => Ok(Self { seq: row.seq(0)?, hash: row.hash(1)? }),
            None => Ok(Self::default()),
        }
    }
}

/// Feeds parts so that no two different lists of parts hash alike.
pub(crate) struct Framed(Sha256);

impl Framed {
    pub(crate) fn new(domain: &str) -> Self {
        let mut framed = Self(Sha256::new());
        framed.bytes(domain.as_bytes());
        framed
    }

    pub(crate) fn bytes(&mut self, part: &[u8]) -> &mut Self {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    pub(crate) fn int(&mut self, part: i64) -> &mut Self {
        self.0.update(part.to_be_bytes());
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// What a row's hash covers, beside the hash before it.
pub(crate) struct Columns<'a> {
    pub(crate) seq: u64,
    pub(crate) at_ms: i64,
    pub(crate) actor: &'a str,
    pub(crate) action: &'a str,
    pub(crate) object: &'a str,
    pub(crate) detail: &'a str,
    pub(crate) payload: Option<&'a [u8]>,
}

pub(crate) fn row_hash(prev: &[u8; 32], row: &Columns<'_>) -> [u8; 32] {
    let mut framed = Framed::new("teller-audit-1");
    framed
        .bytes(prev)
        .bytes(&row.seq.to_be_bytes())
        .int(row.at_ms)
        .bytes(row.actor.as_bytes())
        .bytes(row.action.as_bytes())
        .bytes(row.object.as_bytes())
        .bytes(row.detail.as_bytes())
        .int(i64::from(row.payload.is_some()))
        .bytes(row.payload.unwrap_or_default());
    framed.finish()
}

pub(crate) async fn append(
    conn: &mut Conn,
    tail: AuditTail,
    now_ms: i64,
    entry: &AuditEntry,
    payload: Option<[u8; 32]>,
) -> Result<AuditTail, StoreError> {
    let detail = entry.detail.to_string();
    if detail.len() > AUDIT_DETAIL_MAX_BYTES {
        return Err(StoreError::TooLarge { what: "audit detail", limit: AUDIT_DETAIL_MAX_BYTES });
    }
    let seq = tail.seq + 1;
    let columns = Columns {
        seq,
        at_ms: now_ms,
        actor: &entry.actor,
        action: &entry.action,
        object: &entry.object,
        detail: &detail,
        payload: payload.as_ref().map(|hash| hash.as_slice()),
    };
    let hash = row_hash(&tail.hash, &columns);
    conn.run(
        "INSERT INTO audit (seq, at_ms, actor, action, object, detail, payload_hash, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vals![
            seq,
            now_ms,
            &entry.actor,
            &entry.action,
            &entry.object,
            detail,
            payload.map(|hash| hash.to_vec()),
            &tail.hash,
            &hash
        ],
    )
    .await?;
    Ok(AuditTail { seq, hash })
}

impl WriteSet {
    /// Adds a row to the audit log, in the same transaction as the rest.
    pub fn audit(&mut self, entry: AuditEntry) -> &mut Self {
        self.push(Op::Audit(entry))
    }
}

pub(crate) const ROWS_AFTER: &str = "SELECT seq, at_ms, actor, action, object, detail, payload_hash, prev_hash, hash
     FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";

fn to_row(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        seq: row.seq(0)?,
        at_ms: row.int(1)?,
        actor: row.text(2)?,
        action: row.text(3)?,
        object: row.text(4)?,
        detail: serde_json::from_str(&row.text(5)?).map_err(|_| StoreError::damaged("audit detail is not JSON"))?,
        hash: hex::encode(row.blob(8)?),
    })
}

impl Db {
    /// Adds one row to the log by itself: for reads of personal data, which have
    /// no other write to go with.
    pub async fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let mut set = WriteSet::new();
        set.audit(entry);
        self.commit(set).await.map(drop)
    }

    /// A page of the log after row `after`, oldest first.
    pub async fn audit_log(&self, after: u64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let rows = self.readers()?.all(ROWS_AFTER, vals![after, limit.min(PAGE_MAX)]).await?;
        rows.iter().map(to_row).collect()
    }

    /// What was done to one object, newest first.
    pub async fn audit_of(&self, object: &str, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let sql = "SELECT seq, at_ms, actor, action, object, detail, payload_hash, prev_hash, hash
             FROM audit WHERE object = $1 ORDER BY seq DESC LIMIT $2";
        let rows = self.readers()?.all(sql, vals![object, limit.min(PAGE_MAX)]).await?;
        rows.iter().map(to_row).collect()
    }
}
