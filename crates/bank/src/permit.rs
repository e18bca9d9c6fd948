//! The permit for an effect at the core. The one place where it is built.
//!
//! A [`CommitPermit`] cannot be cloned, stored, deserialised or put together
//! from its fields; it comes from one of four constructors, each of which
//! checks its whole evidence, and it is used up by the call that takes it:
//!
//! - [`CommitPermit::confirmed`]: policy allows, the customer confirmed exactly
//!   these values in time, at the level the flow asks for, with the one-time
//!   password bound to the same values where one is asked;
//! - [`CommitPermit::protective`]: an operation of the closed protective list;
//! - [`CommitPermit::staff_release`]: two different people saw these values;
//! - [`CommitPermit::scheduled`]: due, and what was confirmed when it was set.
//!
//! There is no fifth.
//!
//! ```
//! // What the attempts below name does exist.
//! fn look(permit: &teller_bank::CommitPermit) -> teller_kernel::event::CommitKind { permit.kind() }
//! let parsed: Result<serde_json::Value, _> = serde_json::from_str("{}");
//! assert!(parsed.is_ok());
//! ```
//! ```compile_fail,E0451
//! // The fields are private: a permit cannot be written down.
//! fn forge(permit: teller_bank::CommitPermit) -> teller_bank::CommitPermit {
//!     teller_bank::CommitPermit { kind: teller_kernel::event::CommitKind::Confirmed, ..permit }
//! }
//! ```
//! ```compile_fail,E0599
//! // A permit cannot be copied: it is good for one commit.
//! fn twice(permit: teller_bank::CommitPermit) { let _ = (permit.clone(), permit); }
//! ```
//! ```compile_fail,E0277
//! // A permit cannot come out of a message or a file.
//! let permit: teller_bank::CommitPermit = serde_json::from_str("{}").unwrap();
//! ```

use crate::catalog;
use crate::digest::digest;
use serde_json::Value;
use teller_kernel::event::CommitKind;
use teller_kernel::limits::CONFIRMATION_TTL_MS;
use teller_kernel::{Actor, CustomerId, IdempotencyKey, Level, StaffId};

/// Why no permit was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermitRefused {
    #[error("the operation is not in the catalogue of its kind")]
    NotOfThisKind,
    #[error("policy denies it by rule {rule}")]
    PolicyDenies { rule: String },
    #[error("the values shown are not the values to commit")]
    DigestMismatch,
    #[error("the confirmation is too old")]
    ConfirmationExpired,
    #[error("the evidence lies in the future")]
    FromTheFuture,
    #[error("level {held:?} is below {required:?}")]
    LevelTooLow { required: Level, held: Level },
    #[error("this level needs a one-time password")]
    OtpMissing,
    #[error("the one-time password was given for other values")]
    OtpNotBound,
    #[error("two different people must release")]
    SamePerson,
    #[error("not due yet")]
    NotDue,
    #[error("the order does not do what the instruction says: {field}")]
    NotAsInstructed { field: String },
}

/// What policy said about this operation at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyVerdict {
    Allow { rule: String },
    Deny { rule: String },
}

/// The customer's yes to values shown on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Digest of the values shown.
    pub digest: String,
    pub accepted_at_ms: i64,
    pub expires_at_ms: i64,
}

/// A one-time password that was passed for the values of `digest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtpProof {
    pub digest: String,
    pub passed_at_ms: i64,
}

/// Everything that makes a confirmed commit lawful.
#[derive(Debug, Clone)]
pub struct ConfirmedEvidence {
    pub customer: CustomerId,
    pub operation: String,
    pub key: IdempotencyKey,
    pub order_id: String,
    /// The values of the prepared order, as the core stated them.
    pub values: Value,
    pub verdict: PolicyVerdict,
    pub confirmation: Confirmation,
    pub required: Level,
    pub held: Level,
    pub otp: Option<OtpProof>,
    pub now_ms: i64,
}

/// A request that can only reduce what leaves.
#[derive(Debug, Clone)]
pub struct ProtectiveEvidence {
    pub customer: CustomerId,
    pub operation: String,
    pub key: IdempotencyKey,
    pub params: Value,
    pub requested_by: Actor,
}

/// One person's decision over values they were shown.
#[derive(Debug, Clone)]
pub struct StaffDecision {
    pub staff: StaffId,
    /// Digest of the values this person saw.
    pub digest: String,
    pub at_ms: i64,
}

/// A release takes two people; to decline, one is enough.
#[derive(Debug, Clone)]
pub enum Verdict {
    Release { first: StaffDecision, second: StaffDecision },
    Decline { by: StaffDecision, reason: String },
}

#[derive(Debug, Clone)]
pub struct StaffReleaseEvidence {
    pub customer: CustomerId,
    pub operation: String,
    pub key: IdempotencyKey,
    pub order_id: String,
    pub values: Value,
    pub verdict: Verdict,
    pub now_ms: i64,
}

/// A payment that is due under an instruction confirmed earlier.
#[derive(Debug, Clone)]
pub struct ScheduledEvidence {
    pub customer: CustomerId,
    pub operation: String,
    pub key: IdempotencyKey,
    pub order_id: String,
    pub values: Value,
    /// The instruction; each of its fields must stand unchanged in `values`.
    pub instruction: Value,
    /// Digest the customer confirmed when the instruction was set.
    pub confirmed_digest: String,
    pub due_at_ms: i64,
    pub now_ms: i64,
}

/// What the holder of a permit may do, for the adapter that carries it out.
#[derive(Debug)]
pub enum PermitAction {
    Confirm { order_id: String },
    Protect { params: Value },
    Release { order_id: String, by: [StaffId; 2] },
    Decline { order_id: String, by: StaffId, reason: String },
}

/// The right to one effect, once.
#[derive(Debug)]
pub struct CommitPermit {
    kind: CommitKind,
    customer: CustomerId,
    operation: String,
    key: IdempotencyKey,
    digest: String,
    level: Level,
    action: PermitAction,
}

impl CommitPermit {
    /// Confirmed by the customer, at the level the flow asks for.
    pub fn confirmed(evidence: ConfirmedEvidence) -> Result<Self, PermitRefused> {
        let e = evidence;
        if !catalog::is_operation(&e.operation) {
            return Err(PermitRefused::NotOfThisKind);
        }
        if let PolicyVerdict::Deny { rule } = e.verdict {
            return Err(PermitRefused::PolicyDenies { rule });
        }
        let committed = digest(&e.values);
        if e.confirmation.digest != committed {
            return Err(PermitRefused::DigestMismatch);
        }
        check_fresh(e.confirmation.accepted_at_ms, e.now_ms)?;
        if e.confirmation.accepted_at_ms > e.confirmation.expires_at_ms {
            return Err(PermitRefused::ConfirmationExpired);
        }
        if e.held < e.required {
            return Err(PermitRefused::LevelTooLow { required: e.required, held: e.held });
        }
        if e.required >= Level::L2 {
            let otp = e.otp.as_ref().ok_or(PermitRefused::OtpMissing)?;
            if otp.digest != committed {
                return Err(PermitRefused::OtpNotBound);
            }
            check_fresh(otp.passed_at_ms, e.now_ms)?;
        }
        Ok(Self {
            kind: CommitKind::Confirmed,
            customer: e.customer,
            operation: e.operation,
            key: e.key,
            digest: committed,
            level: e.held,
            action: PermitAction::Confirm { order_id: e.order_id },
        })
    }

    /// Only for the closed list of [`catalog::PROTECTIVE`].
    pub fn protective(evidence: ProtectiveEvidence) -> Result<Self, PermitRefused> {
        let e = evidence;
        if !catalog::is_protective(&e.operation) {
            return Err(PermitRefused::NotOfThisKind);
        }
        Ok(Self {
            kind: CommitKind::Protective,
            customer: e.customer,
            operation: e.operation,
            key: e.key,
            digest: digest(&e.params),
            level: Level::L0,
            action: PermitAction::Protect { params: e.params },
        })
    }

    /// Four eyes over a held order. Who may be one of the two is the desk's rule.
    pub fn staff_release(evidence: StaffReleaseEvidence) -> Result<Self, PermitRefused> {
        let e = evidence;
        if !catalog::is_operation(&e.operation) {
            return Err(PermitRefused::NotOfThisKind);
        }
        let committed = digest(&e.values);
        let seen = |decision: &StaffDecision| {
            if decision.digest != committed {
                Err(PermitRefused::DigestMismatch)
            } else if decision.at_ms > e.now_ms {
                Err(PermitRefused::FromTheFuture)
            } else {
                Ok(())
            }
        };
        let action = match e.verdict {
            Verdict::Release { first, second } => {
                seen(&first)?;
                seen(&second)?;
                if first.staff == second.staff {
                    return Err(PermitRefused::SamePerson);
                }
                PermitAction::Release { order_id: e.order_id, by: [first.staff, second.staff] }
            }
            Verdict::Decline { by, reason } => {
                seen(&by)?;
                PermitAction::Decline { order_id: e.order_id, by: by.staff, reason }
            }
        };
        Ok(Self {
            kind: CommitKind::StaffRelease,
            customer: e.customer,
            operation: e.operation,
            key: e.key,
            digest: committed,
            level: Level::L4,
            action,
        })
    }

    /// Due now, under an instruction the customer confirmed.
    pub fn scheduled(evidence: ScheduledEvidence) -> Result<Self, PermitRefused> {
        let e = evidence;
        if !catalog::is_operation(&e.operation) {
            return Err(PermitRefused::NotOfThisKind);
        }
        if e.now_ms < e.due_at_ms {
            return Err(PermitRefused::NotDue);
        }
        if digest(&e.instruction) != e.confirmed_digest {
            return Err(PermitRefused::DigestMismatch);
        }
        let fields = e.instruction.as_object().filter(|fields| !fields.is_empty());
        let Some(fields) = fields else {
            return Err(PermitRefused::NotAsInstructed { field: "instruction".into() });
        };
        if let Some((field, _)) = fields.iter().find(|(field, value)| e.values.get(field.as_str()) != Some(*value)) {
            return Err(PermitRefused::NotAsInstructed { field: field.clone() });
        }
        Ok(Self {
            kind: CommitKind::Scheduled,
            customer: e.customer,
            operation: e.operation,
            key: e.key,
            digest: digest(&e.values),
            level: Level::L2,
            action: PermitAction::Confirm { order_id: e.order_id },
        })
    }

    pub fn kind(&self) -> CommitKind {
        self.kind
    }

    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    pub fn operation(&self) -> &str {
        &self.operation
    }

    pub fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Digest of the values (of the parameters, for a protective operation).
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub fn level(&self) -> Level {
        self.level
    }

    pub fn action(&self) -> &PermitAction {
        &self.action
    }
}

fn check_fresh(at_ms: i64, now_ms: i64) -> Result<(), PermitRefused> {
    if at_ms > now_ms {
        return Err(PermitRefused::FromTheFuture);
    }
    if now_ms - at_ms > CONFIRMATION_TTL_MS {
        return Err(PermitRefused::ConfirmationExpired);
    }
    Ok(())
}
