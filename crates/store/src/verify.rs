//! Verifying the audit log: the chain, and every event that it tells of.
//!
//! It shows: a row or an event altered, removed, inserted or moved; events in
//! another order of the outbox; events that no row tells of. It holds a bounded
//! number of rows and reads as of one instant, beside a running writer.

use crate::audit::{ACTION_APPENDED, AuditTail, Columns, ROWS_AFTER, row_hash};
use crate::db::Db;
use crate::error::StoreError;
use crate::events::{self, Span};
use crate::limits::{VERIFY_EVENTS, VERIFY_PAGE};
use crate::sql::{Row, Snapshot, vals};
use serde_json::Value;

/// The chain and the events under it are as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub rows: u64,
    pub events: u64,
    /// Hash of the last row, hex; zeros for an empty log.
    pub head: String,
}

/// Why the log does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    #[error("the audit log is broken at row {seq}: {why}")]
    Broken { seq: u64, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn broken(seq: u64, why: &str) -> AuditError {
    AuditError::Broken { seq, why: why.to_owned() }
}

impl Db {
    /// Walks the whole chain and every event under it, as of one instant.
    pub async fn verify_audit(&self) -> Result<Verified, AuditError> {
        let mut walk =
            Walk { view: self.readers()?.snapshot().await?, pending: Vec::new(), events: 0, position: i64::MIN };
        let mut tail = AuditTail::default();
        loop {
            let rows = walk.view.all(ROWS_AFTER, vals![tail.seq, VERIFY_PAGE]).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                tail = check_link(row, tail)?;
                walk.note(row, tail.seq).await?;
            }
        }
        walk.check_pending().await?;
        walk.nothing_else(tail).await?;
        Ok(Verified { rows: tail.seq, events: walk.events, head: hex::encode(tail.hash) })
    }
}

fn check_link(row: &Row, tail: AuditTail) -> Result<AuditTail, AuditError> {
    let wanted = tail.seq + 1;
    // A column of another type than was written is tampering, not a fault.
    let read = || -> Result<_, StoreError> {
        let texts = [row.text(2)?, row.text(3)?, row.text(4)?, row.text(5)?];
        Ok((row.seq(0)?, row.int(1)?, texts, row.opt_blob(6)?, row.hash(7)?, row.hash(8)?))
    };
    let (seq, at_ms, [actor, action, object, detail], payload, prev, hash) =
        read().map_err(|error| broken(wanted, &error.to_string()))?;
    if seq != wanted {
        return Err(broken(wanted, "the row is missing"));
    }
    if prev != tail.hash {
        return Err(broken(wanted, "it does not follow the row before"));
    }
    let columns = Columns {
        seq,
        at_ms,
        actor: &actor,
        action: &action,
        object: &object,
        detail: &detail,
        payload: payload.as_deref(),
    };
    if row_hash(&prev, &columns) != hash {
        return Err(broken(wanted, "its content was altered"));
    }
    Ok(AuditTail { seq, hash })
}

/// An append that the log tells of and that is still to be compared.
struct Claim {
    /// The audit row.
    seq: u64,
    span: Span,
    hash: Vec<u8>,
}

struct Walk {
    view: Snapshot,
    pending: Vec<Claim>,
    events: u64,
    /// The last place in the outbox so far.
    position: i64,
}

impl Walk {
    /// Takes note of a row that tells of events, comparing when enough are noted.
    async fn note(&mut self, row: &Row, seq: u64) -> Result<(), AuditError> {
        if row.text(3)? != ACTION_APPENDED {
            return Ok(());
        }
        let detail: Value = serde_json::from_str(&row.text(5)?).map_err(|_| broken(seq, "its detail is not JSON"))?;
        let (Some(from @ 1..), Some(to), Some(hash)) =
            (detail["from"].as_u64(), detail["to"].as_u64(), row.opt_blob(6)?)
        else {
            return Err(broken(seq, "it names no events"));
        };
        self.pending.push(Claim { seq, span: Span { conversation: row.text(4)?, from, to }, hash });
        let noted: u64 = self.pending.iter().map(|claim| claim.span.events()).sum();
        if noted >= VERIFY_EVENTS { self.check_pending().await } else { Ok(()) }
    }

    async fn check_pending(&mut self) -> Result<(), AuditError> {
        let claims = std::mem::take(&mut self.pending);
        let (Some(first), spans) = (claims.first(), claims.iter().map(|claim| &claim.span).collect::<Vec<_>>()) else {
            return Ok(());
        };
        let stored = events::stored_spans(&mut self.view, &spans).await.map_err(|error| match error {
            StoreError::Damaged { why } => broken(first.seq, &format!("near this row: {why}")),
            other => other.into(),
        })?;
        for (claim, stored) in claims.iter().zip(stored) {
            if stored.events != claim.span.events() {
                return Err(broken(claim.seq, "an event is missing"));
            }
            if stored.hash.as_slice() != claim.hash {
                return Err(broken(claim.seq, "an event was altered"));
            }
            for position in stored.positions {
                if position <= self.position {
                    return Err(broken(claim.seq, "events were put in another order"));
                }
                self.position = position;
            }
            self.events += stored.events;
        }
        Ok(())
    }

    /// Every stored event must have been told of.
    async fn nothing_else(&mut self, tail: AuditTail) -> Result<(), AuditError> {
        let stored = self.view.one("SELECT count(*) FROM events", vals![]).await?.map_or(Ok(0), |row| row.seq(0))?;
        if stored == self.events {
            return Ok(());
        }
        Err(broken(tail.seq, &format!("{stored} events are stored, {} are in the log", self.events)))
    }
}
