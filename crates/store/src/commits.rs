//! Intended effects at the core bank, by idempotency key: what recovery asks
//! the core about after a crash or a lost answer.
//!
//! Invariants: a key is opened once; a final commit stays final. The row is
//! written in the set of its `CommitRequested` event, before anything is sent.

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
use teller_kernel::event::CommitKind;
use teller_kernel::{ConversationId, CustomerId, FlowRunId, IdempotencyKey};

/// What is known of the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitState {
    /// Asked for; maybe sent, maybe not.
    Open,
    /// Sent; no answer. To be found out by query.
    Unknown,
    /// Waits for the core to come back.
    Queued,
    /// Nothing more to do.
    Final,
}

words!(CommitState { Open = "open", Unknown = "unknown", Queued = "queued", Final = "final" });

#[derive(Debug, Clone, PartialEq)]
pub struct NewCommit {
    pub key: IdempotencyKey,
    pub conversation: ConversationId,
    pub run: Option<FlowRunId>,
    pub operation: String,
    pub customer: Option<CustomerId>,
    /// The core's number of the order, when there is one already.
    pub order_id: Option<String>,
    pub kind: CommitKind,
    pub state: CommitState,
    /// Sealed.
    pub params: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    pub key: IdempotencyKey,
    pub conversation: ConversationId,
    pub run: Option<FlowRunId>,
    pub operation: String,
    pub customer: Option<CustomerId>,
    pub order_id: Option<String>,
    pub kind: CommitKind,
    pub state: CommitState,
    /// `None` after erasure.
    pub params: Option<Value>,
    pub created_at_ms: i64,
    pub updated_at_ms: i64,
}

impl WriteSet {
    /// Opens a commit; `Exists` when the key was used before.
    pub fn commit_opened(&mut self, commit: NewCommit) -> &mut Self {
        self.push(Op::CommitOpened(commit))
    }

    /// Notes what became known; `Decided` when the commit is final already.
    pub fn commit_state(&mut self, key: &IdempotencyKey, state: CommitState, order_id: Option<String>) -> &mut Self {
        self.push(Op::CommitState { key: key.clone(), state, order_id })
    }
}

fn kind_word(kind: CommitKind) -> &'static str {
    match kind {
        CommitKind::Confirmed => "confirmed",
        CommitKind::Protective => "protective",
        CommitKind::StaffRelease => "staff_release",
        CommitKind::Scheduled => "scheduled",
    }
}

fn kind_from(word: &str) -> Result<CommitKind, StoreError> {
    [CommitKind::Confirmed, CommitKind::Protective, CommitKind::StaffRelease, CommitKind::Scheduled]
        .into_iter()
        .find(|kind| kind_word(*kind) == word)
        .ok_or_else(|| StoreError::damaged("unknown commit kind"))
}

fn place(key: &str) -> Vec<u8> {
    aad(&["commit-params", key])
}

pub(crate) async fn open(tx: &mut Tx<'_>, commit: &NewCommit) -> Result<(), StoreError> {
    let subject = Subject::of(commit.customer.as_ref(), &commit.conversation);
    let key = commit.key.as_str();
    let (key_id, params) = tx.seal_json(subject.as_str(), &place(key), &commit.params).await?;
    let added = tx
        .run(
            "INSERT INTO commits (key, conversation, run, operation, customer, order_id, kind, status, key_id, params,
               created_at_ms, updated_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT (key) DO NOTHING",
            vals![
                key,
                commit.conversation.as_str(),
                commit.run.as_ref().map(FlowRunId::as_str),
                &commit.operation,
                commit.customer.as_ref().map(CustomerId::as_str),
                commit.order_id.clone(),
                kind_word(commit.kind),
                commit.state.as_str(),
                key_id,
                params,
                tx.now_ms,
            ],
        )
        .await?;
    if added == 0 { Err(StoreError::Exists { what: "commit" }) } else { Ok(()) }
}

pub(crate) async fn set_state(
    tx: &mut Tx<'_>,
    key: &IdempotencyKey,
    state: CommitState,
    order_id: Option<&str>,
) -> Result<(), StoreError> {
    let changed = tx
        .run(
            "UPDATE commits SET status = $2, order_id = COALESCE($3, order_id), updated_at_ms = $4
             WHERE key = $1 AND status <> 'final'",
            vals![key.as_str(), state.as_str(), order_id, tx.now_ms],
        )
        .await?;
    if changed > 0 {
        return Ok(());
    }
    match tx.one("SELECT 1 FROM commits WHERE key = $1", vals![key.as_str()]).await? {
        Some(_) => Err(StoreError::Decided { what: "commit" }),
        None => Err(StoreError::NotFound { what: "commit" }),
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT key, conversation, run, operation, customer, order_id, kind, status, key_id, params, \
             created_at_ms, updated_at_ms FROM commits ",
            $rest
        )
    };
}

impl Db {
    pub async fn commit_by_key(&self, key: &IdempotencyKey) -> Result<Option<Commit>, StoreError> {
        Ok(self.commit_list(select!("WHERE key = $1"), vals![key.as_str()]).await?.pop())
    }

    /// Commits that are not final, oldest first, after the last one of the page
    /// before.
    pub async fn open_commits(&self, after: Option<&Commit>, limit: u32) -> Result<Vec<Commit>, StoreError> {
        let sql =
            select!("WHERE status <> 'final' AND (created_at_ms, key) > ($1, $2) ORDER BY created_at_ms, key LIMIT $3");
        let (at_ms, key) = after.map_or((i64::MIN, ""), |commit| (commit.created_at_ms, commit.key.as_str()));
        self.commit_list(sql, vals![at_ms, key, limit.min(PAGE_MAX)]).await
    }

    /// Of one conversation, oldest first.
    pub async fn commits_of(&self, conversation: &ConversationId, limit: u32) -> Result<Vec<Commit>, StoreError> {
        let sql = select!("WHERE conversation = $1 ORDER BY created_at_ms, key LIMIT $2");
        self.commit_list(sql, vals![conversation.as_str(), limit.min(PAGE_MAX)]).await
    }

    async fn commit_list(&self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Commit>, StoreError> {
        let rows = self.readers()?.all(sql, values).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in &rows {
            out.push(self.commit_from(row).await?);
        }
        Ok(out)
    }

    async fn commit_from(&self, row: &Row) -> Result<Commit, StoreError> {
        let key: IdempotencyKey = row.parse(0)?;
        let params = self.open_json(row.int(8)?, &place(key.as_str()), &row.blob(9)?).await?;
        Ok(Commit {
            key,
            conversation: row.parse(1)?,
            run: row.opt_parse(2)?,
            operation: row.text(3)?,
            customer: row.opt_parse(4)?,
            order_id: row.opt_text(5)?,
            kind: kind_from(&row.text(6)?)?,
            state: row.parse(7)?,
            params,
            created_at_ms: row.int(10)?,
            updated_at_ms: row.int(11)?,
        })
    }
}
