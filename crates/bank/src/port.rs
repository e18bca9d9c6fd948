//! What the house asks of a core bank, whoever makes it.
//!
//! A bank swaps the adapter, never this trait. Every method says what it may
//! change: `read` and `prepare` nothing, `commit`, `protect` and `release` what
//! their permit allows, `settle` at most cancels an order nobody confirmed.

use crate::permit::CommitPermit;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use teller_kernel::event::CommitStatus;
use teller_kernel::{CustomerId, IdempotencyKey};

#[async_trait]
pub trait CoreBank: Send + Sync {
    /// A named read of [`crate::catalog::READS`].
    async fn read(&self, op: &str, customer: Option<&CustomerId>, params: &Value) -> Result<Value, CoreError>;

    /// States the exact values of an operation. No effect: nothing is reserved.
    /// The same key with the same parameters answers the same order.
    async fn prepare(
        &self,
        customer: &CustomerId,
        op: &str,
        key: &IdempotencyKey,
        params: &Value,
    ) -> Result<Prepared, CoreError>;

    /// Carries out a prepared order. Sent at most once; when no answer comes
    /// the outcome is `Unknown` and [`CoreBank::query`] finds it out.
    async fn commit(&self, permit: CommitPermit) -> CommitOutcome;

    /// Where the order or protection under this key stands; `None` when the
    /// core has never seen the key.
    async fn query(
        &self,
        customer: &CustomerId,
        op: &str,
        key: &IdempotencyKey,
    ) -> Result<Option<OrderState>, CoreError>;

    /// Brings an unknown outcome to a definite one: asks, and when the order
    /// still waits for its confirmation cancels it, so that a confirmation
    /// that is late on its way can do nothing any more.
    async fn settle(&self, customer: &CustomerId, op: &str, key: &IdempotencyKey) -> Result<CommitOutcome, CoreError>;

    /// Carries out a protective operation in one step.
    async fn protect(&self, permit: CommitPermit) -> CommitOutcome;

    /// Releases or declines an order held for staff.
    async fn release(&self, permit: CommitPermit) -> CommitOutcome;

    /// How the core looked at the last calls.
    fn health(&self) -> Health;
}

/// An order that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    pub order_id: String,
    pub operation: String,
    /// `Prepared`, or how the order under this key ended before.
    pub status: OrderStatus,
    /// The exact values; the confirmation is about the digest of this object.
    pub values: Value,
    pub expires_at_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Prepared,
    Posted,
    Accepted,
    Held,
    Rejected,
    Cancelled,
    /// Never confirmed in time.
    Expired,
}

impl OrderStatus {
    /// The word of the conversation's events; `None` while nothing was decided.
    pub fn commit_status(self) -> Option<CommitStatus> {
        match self {
            Self::Prepared => None,
            Self::Posted => Some(CommitStatus::Posted),
            Self::Accepted => Some(CommitStatus::Accepted),
            Self::Held => Some(CommitStatus::Held),
            Self::Rejected => Some(CommitStatus::Rejected),
            Self::Cancelled | Self::Expired => Some(CommitStatus::Cancelled),
        }
    }
}

/// An order as the core knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderState {
    pub order_id: String,
    pub operation: String,
    pub status: OrderStatus,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub values: Value,
    #[serde(default)]
    pub result: Value,
}

/// How a commit ended, in the words of the conversation's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitOutcome {
    pub status: CommitStatus,
    /// Why it was rejected, or why it waits: a code of `OPERATIONS.md`.
    pub code: Option<String>,
    /// What the core says about it; `detail` of a refusal when rejected.
    pub result: Value,
}

impl CommitOutcome {
    pub fn new(status: CommitStatus, code: Option<String>, result: Value) -> Self {
        Self { status, code, result }
    }

    pub fn unknown() -> Self {
        Self::new(CommitStatus::Unknown, None, Value::Null)
    }

    pub fn rejected(code: impl Into<String>, detail: Value) -> Self {
        Self::new(CommitStatus::Rejected, Some(code.into()), detail)
    }

    /// Is there nothing left to find out?
    pub fn is_definite(&self) -> bool {
        !matches!(self.status, CommitStatus::Unknown | CommitStatus::Queued)
    }
}

/// A refusal by the core: a business reason, not a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("refused: {code}")]
pub struct Refusal {
    pub code: String,
    #[serde(default)]
    pub detail: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// The core said no, with a code and a detail to show.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing was carried out: the core is down, at end of day, or silent.
    #[error("the core is not available: {code}")]
    Unavailable { code: String },
    /// The caller named an operation that is not in the catalogue.
    #[error("no such operation: {0}")]
    UnknownOperation(String),
    /// A parameter of the catalogue is missing or of the wrong shape.
    #[error("parameter {0} is missing or malformed")]
    BadParam(String),
    /// The core broke its contract.
    #[error("the core's answer does not follow its contract: {0}")]
    Contract(&'static str),
}

impl CoreError {
    /// The code shown to flows and saved in events.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.code,
            Self::Unavailable { code } => code,
            Self::UnknownOperation(_) => "UNKNOWN_OPERATION",
            Self::BadParam(_) => "BAD_PARAM",
            Self::Contract(_) => "CORE_CONTRACT",
        }
    }
}

/// How the core looked at the last calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Up,
    /// Reads work, effects wait for the next business date.
    EndOfDay,
    Down,
}
