//! The rows that go with events: lists and queues that need no fold.
//!
//! Derived from the events alone, in the transaction that saves them, so that a
//! row never says what no event said.

use crate::state::{ConversationState, Status};
use serde_json::json;
use teller_kernel::event::CommitStatus;
use teller_kernel::{ConversationId, EventBody, NewEvent};
use teller_store::{
    AuditEntry, CommitState, ConversationHead, ConversationStatus, NewCommit, NewHandoff, NewRelease, WriteSet,
};

/// Queue priority of a hand-off; larger is sooner.
mod priority {
    pub const PLAIN: i64 = 0;
    /// Strong feeling, an elder: served before plain ones.
    pub const RAISED: i64 = 50;
    /// Money is leaving, a card is gone, a life may be in danger.
    pub const URGENT: i64 = 100;
}

/// The audit rows of what a customer sends: outcomes of codes.
pub fn audited(set: &mut WriteSet, conversation: &ConversationId, events: &[NewEvent]) {
    for event in events {
        code_outcome(set, conversation, event);
    }
}

fn code_outcome(set: &mut WriteSet, conversation: &ConversationId, event: &NewEvent) {
    let (action, challenge, void) = match &event.body {
        EventBody::OtpPassed { challenge, .. } => ("code.passed", challenge, false),
        EventBody::OtpFailed { challenge, void, .. } => ("code.failed", challenge, *void),
        _ => return,
    };
    let detail = json!({"conversation": conversation, "void": void});
    set.audit(AuditEntry::new(&event.actor, action, challenge.as_str()).detail(detail));
}

/// Adds the rows for these events, the conversation as it will stand after them.
pub fn rows(set: &mut WriteSet, state: &ConversationState, events: &[NewEvent]) {
    set.conversation(head(state));
    for event in events {
        row(set, state, event);
    }
}

pub fn head(state: &ConversationState) -> ConversationHead {
    let (status, holder) = match &state.status {
        Status::Machine => (ConversationStatus::Active, None),
        Status::Queued { .. } => (ConversationStatus::Waiting, None),
        Status::Agent { staff, .. } => (ConversationStatus::Held, Some(staff.clone())),
        Status::Closed => (ConversationStatus::Closed, None),
    };
    ConversationHead {
        id: state.id.clone(),
        customer: state.customer.clone(),
        opened_at_ms: state.opened_at_ms,
        status,
        locale: state.locale,
        channel: state.channel.clone(),
        ownership: state.ownership,
        pack: state.pack.clone(),
        level: state.level,
        holder,
    }
}

fn row(set: &mut WriteSet, state: &ConversationState, event: &NewEvent) {
    let mut audit = |action: &str, object: &str, detail: serde_json::Value| {
        set.audit(AuditEntry::new(&event.actor, action, object).detail(detail));
    };
    match &event.body {
        EventBody::Identified { customer, level } => {
            audit("customer.identified", state.id.as_str(), json!({"customer": customer, "level": level}));
        }
        EventBody::CommitRequested { run, key, kind, operation, params, digest } => {
            audit(
                "commit.requested",
                key.as_str(),
                json!({"conversation": state.id, "operation": operation, "kind": kind, "digest": digest}),
            );
            set.commit_opened(NewCommit {
                key: key.clone(),
                conversation: state.id.clone(),
                run: run.clone(),
                operation: operation.clone(),
                customer: state.customer.clone(),
                order_id: params.get("order_id").and_then(|id| id.as_str()).map(str::to_owned),
                kind: *kind,
                state: CommitState::Open,
                params: params.clone(),
            });
        }
        EventBody::CommitResolved { key, status, code, .. } => {
            audit("commit.resolved", key.as_str(), json!({"conversation": state.id, "status": status, "code": code}));
            set.commit_state(key, commit_state(*status), None);
        }
        EventBody::HandoffRequested { handoff, reason, skill, packet } => {
            set.handoff(NewHandoff {
                id: handoff.clone(),
                conversation: state.id.clone(),
                customer: state.customer.clone(),
                skill: skill.clone(),
                priority: urgency(reason, packet.elder, skill),
                reason: reason.clone(),
                packet: (**packet).clone(),
            });
        }
        EventBody::AgentJoined { handoff, staff, .. } => {
            audit("handoff.accepted", handoff.as_str(), json!({"conversation": state.id}));
            set.accept_handoff(handoff, staff);
        }
        EventBody::HandedBack { .. } => audit("conversation.handed_back", state.id.as_str(), json!({})),
        EventBody::Closed { .. } => audit("conversation.closed", state.id.as_str(), json!({})),
        EventBody::ReleaseDecided { release, approved, .. } => {
            audit("release.decided", release.as_str(), json!({"conversation": state.id, "approved": approved}));
        }
        EventBody::ReleaseRequested { release, key, operation, summary } => {
            audit("release.requested", release.as_str(), json!({"conversation": state.id, "operation": operation}));
            set.release(NewRelease {
                id: release.clone(),
                conversation: state.id.clone(),
                customer: state.customer.clone(),
                key: key.clone(),
                operation: operation.clone(),
                summary: summary.clone(),
                first_by: None,
            });
        }
        _ => {}
    }
}

fn commit_state(status: CommitStatus) -> CommitState {
    match status {
        CommitStatus::Unknown => CommitState::Unknown,
        // Held orders wait for staff, queued ones for the core.
        CommitStatus::Queued | CommitStatus::Held => CommitState::Queued,
        CommitStatus::Posted | CommitStatus::Accepted | CommitStatus::Rejected | CommitStatus::Cancelled => {
            CommitState::Final
        }
    }
}

fn urgency(reason: &str, elder: bool, skill: &str) -> i64 {
    match (reason, skill) {
        ("distress", _) | (_, "fraud") => priority::URGENT,
        ("emotion" | "complaint", _) => priority::RAISED,
        _ if elder => priority::RAISED,
        _ => priority::PLAIN,
    }
}
