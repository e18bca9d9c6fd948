//! What the desk shows, as published over HTTP.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use teller_kernel::assurance::Tier;
use teller_kernel::event::{CitedLine, HandoffPacket};
use teller_kernel::id::{HandoffId, ReleaseId};
use teller_kernel::{ConversationId, Feeling, Level, StaffId};

/// One who waits for a human.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct QueueEntry {
    pub handoff: HandoffId,
    pub conversation: ConversationId,
    pub waiting_since_ms: i64,
    /// A word of the trade: `asked`, `not_understood`, `fraud`, …
    pub reason: String,
    pub skill: String,
    pub summary: Vec<CitedLine>,
    /// Absent while anonymous, and while the core does not answer.
    pub customer_masked: Option<String>,
    pub elder: bool,
    pub tier: Option<Tier>,
    /// How the customer felt when the hand-off was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feeling: Option<Feeling>,
}

/// A conversation in one's own hands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldConversation {
    pub conversation: ConversationId,
    pub handoff: HandoffId,
    pub since_ms: i64,
    pub customer_masked: Option<String>,
    pub last_text: Option<String>,
    /// Messages of the customer since the last reply of staff.
    pub unread: u32,
}

/// The customer as the desk sees them.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeskCustomer {
    /// Masked.
    pub name: Option<String>,
    /// Masked.
    pub phone: Option<String>,
    pub level: Level,
    pub elder: bool,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct NamedValue {
    pub name: String,
    pub value: Value,
}

/// Everything known of a conversation besides its transcript.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ConversationContext {
    pub conversation: ConversationId,
    /// machine | queued | agent | closed
    pub status: String,
    /// The latest hand-off, whatever became of it.
    pub handoff: Option<HandoffId>,
    pub packet: Option<HandoffPacket>,
    pub customer: DeskCustomer,
    /// What the active flow has collected, masked.
    pub slots: Vec<NamedValue>,
    pub flow: Option<String>,
    /// What the ids in here are called in the language of the staff: slots,
    /// the flow, the intent, what was tried. One that has no name is absent.
    pub names: BTreeMap<String, String>,
    pub last_seq: u64,
    /// Who holds it.
    pub holder: Option<StaffId>,
}

/// A conversation in the list for looking back.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RecentConversation {
    pub conversation: ConversationId,
    pub opened_at_ms: i64,
    pub status: String,
    pub customer_masked: Option<String>,
    pub last_text_masked: Option<String>,
    pub events: u64,
}

/// The first of the four eyes.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FirstApproval {
    /// Name of the member of staff.
    pub by: String,
    pub at_ms: i64,
}

/// A held operation that waits for staff.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReleaseEntry {
    pub release: ReleaseId,
    pub conversation: ConversationId,
    pub operation: String,
    /// What the customer confirmed; absent after erasure. Shown whole: it is
    /// what the two pairs of eyes are there to compare.
    pub summary: Option<Value>,
    pub requested_at_ms: i64,
    /// Masked name of the customer.
    pub requested_by: Option<String>,
    pub first_approval: Option<FirstApproval>,
}
