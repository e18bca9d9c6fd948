//! The typed events of a conversation. A conversation is the list of them;
//! everything known about it is their fold.
//!
//! Invariants: events are only ever appended; `seq` starts at 1 and has no
//! gaps; a stored event of an older shape stays readable (fields are added with
//! defaults, variants are never renamed). Secrets never enter an event: a
//! one-time password is checked and forgotten, only the outcome is recorded.

use crate::actor::Actor;
use crate::assurance::{Factor, Level};
use crate::id::{
    ChallengeId, ConfirmationId, ConversationId, CustomerId, FlowRunId, HandoffId, IdempotencyKey, PackVersion,
    ReleaseId, StaffId,
};
use crate::locale::Locale;
use crate::part::{Part, QuickReply};
use crate::slot::SlotValue;
use crate::trace::TurnTrace;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the event shapes written by this program.
pub const EVENT_VERSION: u16 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Event {
    pub conversation: ConversationId,
    /// Position in the conversation, from 1.
    pub seq: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    pub actor: Actor,
    #[serde(flatten)]
    pub body: EventBody,
}

/// An event before it has a place in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub actor: Actor,
    pub body: EventBody,
}

impl NewEvent {
    pub fn new(actor: Actor, body: EventBody) -> Self {
        Self { actor, body }
    }

    pub fn machine(body: EventBody) -> Self {
        Self::new(Actor::Machine, body)
    }
}

/// Whose page the customer is on. On a third party's page the bank may not
/// consult on products or take transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    Own,
    ThirdParty,
}

/// What a customer did without typing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum CustomerAction {
    Choose {
        slot: String,
        id: String,
    },
    Confirm {
        confirmation: ConfirmationId,
    },
    Refuse {
        confirmation: ConfirmationId,
    },
    /// The password itself travels beside the action and is never stored.
    SubmitOtp {
        challenge: ChallengeId,
    },
    ResendOtp {
        challenge: ChallengeId,
    },
    AskHuman,
    SetLocale {
        locale: Locale,
    },
}

/// How a flow run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlowOutcome {
    Completed,
    Cancelled,
    /// The bank said no, or a rule did.
    Refused,
    /// A human took over.
    HandedOff,
    /// The outcome at the core is still being found out.
    Unresolved,
    Failed,
}

/// Where an intended effect at the core bank stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitStatus {
    /// In the books.
    Posted,
    /// Taken by the core, to be carried out later (business day, delayed arrival).
    Accepted,
    /// Held for staff: a second pair of eyes must release it.
    Held,
    Rejected,
    Cancelled,
    /// No answer; to be resolved by query, never by sending again.
    Unknown,
    /// The core is down; a protective request waits for it.
    Queued,
}

/// What a message is flagged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// It tried to manipulate the assistant, and was refused.
    Attack,
    /// Insults or threats. Nothing is refused for it.
    Abuse,
}

/// What the kind of a commit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitKind {
    /// Confirmed by the customer, at the level the flow asks for.
    Confirmed,
    /// Only reduces what can leave: lock, stop-payment, hold.
    Protective,
    /// Released by staff, four eyes.
    StaffRelease,
    /// A posting scheduled before, now due.
    Scheduled,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBody {
    Opened {
        channel: String,
        ownership: Ownership,
        locale: Locale,
        customer: Option<CustomerId>,
        level: Level,
        pack: PackVersion,
    },
    /// The bank's app vouched for the customer after the start.
    Identified {
        customer: CustomerId,
        level: Level,
    },
    LocaleSet {
        locale: Locale,
    },

    /// The customer said something.
    MessageReceived {
        client_id: String,
        text: String,
    },
    /// The customer tapped something.
    ActionReceived {
        client_id: String,
        #[serde(flatten)]
        action: CustomerAction,
    },
    /// The turn that answers the inbound event `inbound_seq` is complete.
    TurnCompleted {
        inbound_seq: u64,
        trace: Box<TurnTrace>,
    },
    /// Teller said something.
    Replied {
        /// Ids of the pack messages and articles this reply is made of.
        reply_ids: Vec<String>,
        parts: Vec<Part>,
        #[serde(default)]
        quick_replies: Vec<QuickReply>,
    },
    /// One clarifying question was put.
    ClarificationAsked {
        intents: Vec<String>,
    },
    /// The turn found no meaning it could act on.
    NotUnderstood,
    /// A message that quality and routing should know of.
    Flagged {
        flag: Flag,
        /// The kind of attack; of abuse, the pack's class of words.
        kind: String,
    },
    /// A further wish in the same message, to be served when the running flow is over.
    WishQueued {
        intent: String,
        text: String,
    },
    /// The oldest queued wish is being served or was dropped.
    WishTaken {
        intent: String,
    },

    /// `seed` is what the customer said to start it; later slots are looked for in it.
    FlowStarted {
        run: FlowRunId,
        flow: String,
        pack: PackVersion,
        intent: String,
        seed: String,
    },
    /// The question for this slot was put; the next message may answer it.
    SlotAsked {
        run: FlowRunId,
        slot: String,
    },
    SlotFilled {
        run: FlowRunId,
        slot: String,
        value: SlotValue,
        corrected: bool,
    },
    /// An optional slot about which the customer said nothing.
    SlotSkipped {
        run: FlowRunId,
        slot: String,
    },
    SlotCleared {
        run: FlowRunId,
        slot: String,
    },
    /// The bank, a calculator or the flow itself gave a value.
    VariableSet {
        run: FlowRunId,
        name: String,
        value: Value,
        source: String,
    },
    StepEntered {
        run: FlowRunId,
        step: String,
    },
    /// An answer to the question of a slot was not usable.
    SlotRefused {
        run: FlowRunId,
        slot: String,
        reason: String,
    },
    FlowSuspended {
        run: FlowRunId,
    },
    FlowResumed {
        run: FlowRunId,
    },
    FlowEnded {
        run: FlowRunId,
        outcome: FlowOutcome,
    },

    ConfirmationAsked {
        run: FlowRunId,
        confirmation: ConfirmationId,
        /// SHA-256 of the canonical form of the values shown.
        digest: String,
        expires_at_ms: i64,
    },
    ConfirmationAnswered {
        run: FlowRunId,
        confirmation: ConfirmationId,
        accepted: bool,
    },
    OtpIssued {
        run: FlowRunId,
        challenge: ChallengeId,
        factor: Factor,
        /// The digest it is bound to; another action cannot use it.
        digest: String,
        /// Keyed hash of the password; empty for a factor that is computed, not sent.
        proof: String,
        sent_to: String,
        expires_at_ms: i64,
    },
    OtpFailed {
        run: FlowRunId,
        challenge: ChallengeId,
        void: bool,
    },
    OtpPassed {
        run: FlowRunId,
        challenge: ChallengeId,
    },
    /// About to ask the core for an effect. Saved before anything is sent.
    CommitRequested {
        run: Option<FlowRunId>,
        key: IdempotencyKey,
        kind: CommitKind,
        operation: String,
        params: Value,
        digest: String,
    },
    CommitResolved {
        run: Option<FlowRunId>,
        key: IdempotencyKey,
        status: CommitStatus,
        code: Option<String>,
        result: Value,
    },

    HandoffRequested {
        handoff: HandoffId,
        reason: String,
        skill: String,
        packet: Box<HandoffPacket>,
    },
    HandoffWithdrawn {
        handoff: HandoffId,
    },
    AgentJoined {
        handoff: HandoffId,
        staff: StaffId,
        name: String,
    },
    AgentReplied {
        client_id: String,
        text: String,
    },
    /// Back to the machine, with what was agreed.
    HandedBack {
        note: String,
    },
    ReleaseRequested {
        release: ReleaseId,
        key: IdempotencyKey,
        operation: String,
        summary: Value,
    },
    ReleaseDecided {
        release: ReleaseId,
        approved: bool,
        reason: String,
    },
    Closed {
        reason: String,
    },
}

/// What a human gets with the conversation (DOMAIN §6), so that the customer
/// says nothing twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HandoffPacket {
    /// Three lines at most; each names the events it rests on.
    pub summary: Vec<CitedLine>,
    pub intent: Option<String>,
    pub flow: Option<String>,
    pub step: Option<String>,
    pub slots: Vec<(String, Value)>,
    pub level: Level,
    pub elder: bool,
    pub tier: Option<crate::assurance::Tier>,
    pub tried: Vec<String>,
    pub failed: Vec<String>,
    pub open_commits: Vec<String>,
    pub next_action: Option<String>,
    /// How the customer feels now; absent in packets of before this was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feeling: Option<crate::mood::Feeling>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CitedLine {
    pub text: String,
    pub seqs: Vec<u64>,
}

impl EventBody {
    /// The stored name of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Identified { .. } => "identified",
            Self::LocaleSet { .. } => "locale_set",
            Self::MessageReceived { .. } => "message_received",
            Self::ActionReceived { .. } => "action_received",
            Self::TurnCompleted { .. } => "turn_completed",
            Self::Replied { .. } => "replied",
            Self::ClarificationAsked { .. } => "clarification_asked",
            Self::NotUnderstood => "not_understood",
            Self::Flagged { .. } => "flagged",
            Self::WishQueued { .. } => "wish_queued",
            Self::WishTaken { .. } => "wish_taken",
            Self::FlowStarted { .. } => "flow_started",
            Self::SlotAsked { .. } => "slot_asked",
            Self::SlotFilled { .. } => "slot_filled",
            Self::SlotSkipped { .. } => "slot_skipped",
            Self::SlotCleared { .. } => "slot_cleared",
            Self::VariableSet { .. } => "variable_set",
            Self::StepEntered { .. } => "step_entered",
            Self::SlotRefused { .. } => "slot_refused",
            Self::FlowSuspended { .. } => "flow_suspended",
            Self::FlowResumed { .. } => "flow_resumed",
            Self::FlowEnded { .. } => "flow_ended",
            Self::ConfirmationAsked { .. } => "confirmation_asked",
            Self::ConfirmationAnswered { .. } => "confirmation_answered",
            Self::OtpIssued { .. } => "otp_issued",
            Self::OtpFailed { .. } => "otp_failed",
            Self::OtpPassed { .. } => "otp_passed",
            Self::CommitRequested { .. } => "commit_requested",
            Self::CommitResolved { .. } => "commit_resolved",
            Self::HandoffRequested { .. } => "handoff_requested",
            Self::HandoffWithdrawn { .. } => "handoff_withdrawn",
            Self::AgentJoined { .. } => "agent_joined",
            Self::AgentReplied { .. } => "agent_replied",
            Self::HandedBack { .. } => "handed_back",
            Self::ReleaseRequested { .. } => "release_requested",
            Self::ReleaseDecided { .. } => "release_decided",
            Self::Closed { .. } => "closed",
        }
    }

    /// Is this one of the events a customer's page receives? The rest are the
    /// inner working, for staff and observers.
    pub fn customer_sees(&self) -> bool {
        matches!(
            self,
            Self::Opened { .. }
                | Self::Identified { .. }
                | Self::LocaleSet { .. }
                | Self::MessageReceived { .. }
                | Self::ActionReceived { .. }
                | Self::Replied { .. }
                | Self::ConfirmationAnswered { .. }
                | Self::OtpFailed { .. }
                | Self::OtpPassed { .. }
                | Self::FlowEnded { .. }
                | Self::HandoffWithdrawn { .. }
                | Self::AgentJoined { .. }
                | Self::AgentReplied { .. }
                | Self::HandedBack { .. }
                | Self::Closed { .. }
        )
    }

    /// Does this wait for a turn of the machine?
    pub fn wants_turn(&self) -> bool {
        matches!(self, Self::MessageReceived { .. } | Self::ActionReceived { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_round_trips_and_names_its_kind() {
        let event = Event {
            conversation: ConversationId::parse("cv_1").unwrap(),
            seq: 3,
            at_ms: 9,
            actor: Actor::Machine,
            body: EventBody::ActionReceived {
                client_id: "a".into(),
                action: CustomerAction::Choose { slot: "card".into(), id: "c1".into() },
            },
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["type"], event.body.kind());
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}
