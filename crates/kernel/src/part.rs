//! What a reply is made of: typed parts that every channel can show in its own
//! way, and that screen readers can read as text.

use crate::assurance::{Factor, Tier};
use crate::id::{ChallengeId, ConfirmationId, HandoffId};
use serde::{Deserialize, Serialize};

/// One label and one value, already in the customer's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Row {
    pub label: String,
    pub value: String,
    /// Shown larger: the amount, the name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strong: bool,
}

/// A small table; every row has as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// What a card is for; the page picks its looks by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardStyle {
    Info,
    Accounts,
    Transactions,
    Calculator,
    Receipt,
    /// Not done yet: queued, or the outcome is being found out.
    Pending,
    Warning,
}

/// One thing to tap instead of typing. `send` is what tapping says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QuickReply {
    pub label: String,
    pub send: String,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChoiceOption {
    pub id: String,
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Where a sentence comes from: one article at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Citation {
    pub article: String,
    /// Content hash of the article as it was cited.
    pub version: String,
    pub title: String,
}

/// One sentence of an answer and the index of its citation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CitedSentence {
    pub text: String,
    pub citation: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    Text {
        text: String,
    },
    /// An answer out of the knowledge base, sentence by sentence.
    Answer {
        sentences: Vec<CitedSentence>,
        citations: Vec<Citation>,
    },
    Card {
        style: CardStyle,
        title: String,
        rows: Vec<Row>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<Table>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Pick one; the answer goes back as an action with `slot` and the id.
    Choices {
        slot: String,
        options: Vec<ChoiceOption>,
    },
    /// The exact values that will be carried out, to be confirmed or refused.
    Confirm {
        confirmation: ConfirmationId,
        title: String,
        rows: Vec<Row>,
        tier: Tier,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warning: Option<String>,
    },
    /// Asks for the one-time password, which is entered outside the chat text.
    Otp {
        challenge: ChallengeId,
        factor: Factor,
        /// Masked destination: `138****1234`; empty for a token.
        sent_to: String,
        /// What the password authorises, in words.
        authorises: String,
        expires_at_ms: i64,
    },
    /// A jump to the bank's own page; the only answer to product and
    /// transaction requests on a third party's page.
    Jump {
        label: String,
        url: String,
    },
    /// On the way to a human.
    Handoff {
        handoff: HandoffId,
        /// Place in the queue, 1 is next.
        position: u32,
        wait_s: u32,
    },
    /// Where a longer service stands.
    Progress {
        title: String,
        steps: Vec<ProgressStep>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProgressStep {
    pub label: String,
    pub state: ProgressState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProgressState {
    Done,
    Now,
    Next,
}
