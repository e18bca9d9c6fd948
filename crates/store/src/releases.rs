//! Held operations that staff release: four eyes.
//!
//! Invariants: waiting → proposed by one person → approved by another; a refusal
//! needs one person and ends it; a decision is never taken back. Each step is a
//! compare-and-set, so that two at the same moment cannot both take it. Summary
//! and reason are sealed.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::{Row, Val, vals};
use crate::subject::Subject;
use crate::tx::Tx;
use crate::vault::aad;
use crate::words::words;
use crate::write::{Op, WriteSet};
use serde_json::Value;
use teller_kernel::id::ReleaseId;
use teller_kernel::{ConversationId, CustomerId, IdempotencyKey, StaffId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseState {
    /// Nobody has looked.
    Waiting,
    /// One person is for it.
    Proposed,
    /// A second person is for it too.
    Approved,
    Refused,
}

words!(ReleaseState { Waiting = "waiting", Proposed = "proposed", Approved = "approved", Refused = "refused" });

#[derive(Debug, Clone, PartialEq)]
pub struct NewRelease {
    pub id: ReleaseId,
    pub conversation: ConversationId,
    pub customer: Option<CustomerId>,
    /// The commit that is held.
    pub key: IdempotencyKey,
    pub operation: String,
    pub summary: Value,
    /// A member of staff who asked for the operation counts as the first pair of eyes.
    pub first_by: Option<StaffId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    pub id: ReleaseId,
    pub conversation: ConversationId,
    pub key: IdempotencyKey,
    pub operation: String,
    pub state: ReleaseState,
    pub first_by: Option<StaffId>,
    pub first_at_ms: Option<i64>,
    pub decided_by: Option<StaffId>,
    pub decided_at_ms: Option<i64>,
    pub created_at_ms: i64,
    /// `None` after erasure.
    pub summary: Option<Value>,
    /// Why it was decided so; `None` while open and after erasure.
    pub reason: Option<String>,
}

impl WriteSet {
    pub fn release(&mut self, release: NewRelease) -> &mut Self {
        self.push(Op::Release(release))
    }

    /// The first pair of eyes is for it.
    pub fn propose_release(&mut self, id: &ReleaseId, staff: &StaffId) -> &mut Self {
        self.push(Op::ProposeRelease { id: id.clone(), staff: staff.clone() })
    }

    /// Approves a proposed one (`SamePerson` when the first pair of eyes does
    /// it) or refuses an open one.
    pub fn decide_release(&mut self, id: &ReleaseId, staff: &StaffId, approved: bool, reason: &str) -> &mut Self {
        self.push(Op::DecideRelease { id: id.clone(), staff: staff.clone(), approved, reason: reason.to_owned() })
    }
}

fn summary_place(id: &str) -> Vec<u8> {
    aad(&["release-summary", id])
}

fn reason_place(id: &str) -> Vec<u8> {
    aad(&["release-reason", id])
}

pub(crate) async fn put(tx: &mut Tx<'_>, release: &NewRelease) -> Result<(), StoreError> {
    let subject = Subject::of(release.customer.as_ref(), &release.conversation);
    let (id, first) = (release.id.as_str(), release.first_by.as_ref().map(StaffId::as_str));
    let (key_id, summary) = tx.seal_json(subject.as_str(), &summary_place(id), &release.summary).await?;
    let state = if first.is_some() { ReleaseState::Proposed } else { ReleaseState::Waiting };
    let added = tx
        .run(
            "INSERT INTO releases (id, conversation, subject, key, operation, state, first_by, first_at_ms,
               created_at_ms, key_id, summary)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
            vals![
                id,
                release.conversation.as_str(),
                subject.as_str(),
                release.key.as_str(),
                &release.operation,
                state.as_str(),
                first,
                first.map(|_| tx.now_ms),
                tx.now_ms,
                key_id,
                summary,
            ],
        )
        .await?;
    if added == 0 { Err(StoreError::Exists { what: "release" }) } else { Ok(()) }
}

pub(crate) async fn propose(tx: &mut Tx<'_>, id: &ReleaseId, staff: &StaffId) -> Result<(), StoreError> {
    let changed = tx
        .run(
            "UPDATE releases SET state = 'proposed', first_by = $2, first_at_ms = $3
             WHERE id = $1 AND state = 'waiting'",
            vals![id.as_str(), staff.as_str(), tx.now_ms],
        )
        .await?;
    if changed > 0 {
        return Ok(());
    }
    match tx.one("SELECT state FROM releases WHERE id = $1", vals![id.as_str()]).await? {
        None => Err(StoreError::NotFound { what: "release" }),
        Some(row) if row.text(0)? == "proposed" => Err(StoreError::AlreadyTaken),
        Some(_) => Err(StoreError::Decided { what: "release" }),
    }
}

pub(crate) async fn decide(
    tx: &mut Tx<'_>,
    id: &ReleaseId,
    staff: &StaffId,
    approved: bool,
    reason: &str,
) -> Result<(), StoreError> {
    let row = tx
        .one("SELECT state, first_by, subject FROM releases WHERE id = $1", vals![id.as_str()])
        .await?
        .ok_or(StoreError::NotFound { what: "release" })?;
    let state: ReleaseState = row.parse(0)?;
    match (state, approved) {
        (ReleaseState::Approved | ReleaseState::Refused, _) => {
            return Err(StoreError::Decided { what: "release" });
        }
        // One pair of eyes is missing; the one who asks cannot be both.
        (ReleaseState::Waiting, true) => return Err(StoreError::SamePerson),
        (ReleaseState::Proposed, true) if row.opt_text(1)?.as_deref() == Some(staff.as_str()) => {
            return Err(StoreError::SamePerson);
        }
        (ReleaseState::Proposed, true) | (ReleaseState::Waiting | ReleaseState::Proposed, false) => {}
    }
    // The reason has its own key: the summary's may be erased by now.
    let (reason_key, sealed) =
        tx.seal_json(&row.text(2)?, &reason_place(id.as_str()), &Value::String(reason.to_owned())).await?;
    let next = if approved { ReleaseState::Approved } else { ReleaseState::Refused };
    let changed = tx
        .run(
            "UPDATE releases SET state = $3, decided_by = $4, decided_at_ms = $5, reason_key_id = $6, reason = $7
             WHERE id = $1 AND state = $2",
            vals![id.as_str(), state.as_str(), next.as_str(), staff.as_str(), tx.now_ms, reason_key, sealed],
        )
        .await?;
    if changed == 0 { Err(StoreError::Decided { what: "release" }) } else { Ok(()) }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, conversation, key, operation, state, first_by, first_at_ms, decided_by, decided_at_ms, \
             created_at_ms, key_id, summary, reason_key_id, reason FROM releases ",
            $rest
        )
    };
}

impl Db {
    pub async fn release(&self, id: &ReleaseId) -> Result<Option<Release>, StoreError> {
        Ok(self.release_list(select!("WHERE id = $1"), vals![id.as_str()]).await?.pop())
    }

    /// The release that holds a commit.
    pub async fn release_of_commit(&self, key: &IdempotencyKey) -> Result<Option<Release>, StoreError> {
        Ok(self.release_list(select!("WHERE key = $1"), vals![key.as_str()]).await?.pop())
    }

    /// Those that wait for a pair of eyes, oldest first.
    pub async fn open_releases(&self, limit: u32) -> Result<Vec<Release>, StoreError> {
        let sql = select!("WHERE state IN ('waiting', 'proposed') ORDER BY created_at_ms, id LIMIT $1");
        self.release_list(sql, vals![limit.min(PAGE_MAX)]).await
    }

    async fn release_list(&self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Release>, StoreError> {
        let rows = self.readers()?.all(sql, values).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in &rows {
            out.push(self.release_from(row).await?);
        }
        Ok(out)
    }

    async fn release_from(&self, row: &Row) -> Result<Release, StoreError> {
        let id: ReleaseId = row.parse(0)?;
        let summary = self.open_json(row.int(10)?, &summary_place(id.as_str()), &row.blob(11)?).await?;
        let reason = match (row.opt_int(12)?, row.opt_blob(13)?) {
            (Some(key_id), Some(sealed)) => self.open_json(key_id, &reason_place(id.as_str()), &sealed).await?,
            _ => None,
        };
        Ok(Release {
            conversation: row.parse(1)?,
            key: row.parse(2)?,
            operation: row.text(3)?,
            state: row.parse(4)?,
            first_by: row.opt_parse(5)?,
            first_at_ms: row.opt_int(6)?,
            decided_by: row.opt_parse(7)?,
            decided_at_ms: row.opt_int(8)?,
            created_at_ms: row.int(9)?,
            summary,
            reason: reason.and_then(|value| value.as_str().map(str::to_owned)),
            id,
        })
    }
}
