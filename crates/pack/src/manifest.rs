//! `pack.yaml`: who the bank is, how it greets, whose pages may embed it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use teller_kernel::event::Ownership;
use teller_kernel::part::QuickReply;
use teller_kernel::{Locale, Localized};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Short latin name: `yunshan`.
    pub id: String,
    pub name: Localized,
    /// IANA name of the zone in which 今天 is meant.
    pub timezone: String,
    pub hotline: String,
    /// The bank's own page; where a third party's page jumps to.
    pub own_url: String,
    pub ai_label: Localized,
    pub greeting: Localized,
    #[serde(default)]
    pub quick_replies: Vec<QuickReplyLine>,
    /// Sites that may embed the widget. A site not listed may not.
    #[serde(default)]
    pub origins: Vec<EmbeddingOrigin>,
    /// Kinds of human help: id and name.
    #[serde(default)]
    pub skills: BTreeMap<String, Localized>,
    /// Which skill an intent's subject belongs to, by the head of its id
    /// (`CC` → `credit_card`). A subject not listed goes to `general`.
    #[serde(default)]
    pub subjects: BTreeMap<String, String>,
    /// Scores below which an intent is not acted upon, and how near is a tie.
    #[serde(default)]
    pub understanding: Understanding,
}

/// The skill every bank has.
pub const GENERAL_SKILL: &str = "general";

impl Manifest {
    /// The kind of human help that an intent's subject needs.
    pub fn skill_of(&self, intent: &str) -> &str {
        let subject = intent.split('_').next().unwrap_or_default();
        self.subjects.get(subject).map_or(GENERAL_SKILL, String::as_str)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuickReplyLine {
    pub label: Localized,
    pub send: Localized,
}

impl QuickReplyLine {
    pub fn get(&self, locale: Locale) -> QuickReply {
        QuickReply { label: self.label.get(locale).to_owned(), send: self.send.get(locale).to_owned() }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingOrigin {
    /// Scheme, host and port: `https://shop.example`.
    pub origin: String,
    pub ownership: Ownership,
}

/// Decision bounds, all 0–1. They belong to the bank: a cautious one asks more.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Understanding {
    /// At or above: act on it.
    pub act: f32,
    /// Between `ask` and `act`: one clarifying question.
    pub ask: f32,
    /// Two intents closer than this are a tie.
    pub tie: f32,
    /// An interruption of a running flow needs this much.
    pub interrupt: f32,
}

impl Default for Understanding {
    fn default() -> Self {
        Self { act: 0.60, ask: 0.45, tie: 0.03, interrupt: 0.70 }
    }
}
