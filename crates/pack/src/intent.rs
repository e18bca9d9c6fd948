//! Intents: what customers want, how they say it, and what serves them.

use serde::Deserialize;
use teller_kernel::assurance::Tier;
use teller_kernel::{Level, Localized};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    pub id: String,
    pub name: Localized,
    pub tier: Tier,
    pub level: Level,
    pub serve: Serve,
    #[serde(default)]
    pub third_party: ThirdParty,
    /// `human` where a person decides in the end.
    #[serde(default)]
    pub review: Option<Review>,
    pub utterances: Utterances,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    Human,
}

/// What to do with the intent on a third party's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThirdParty {
    Answer,
    /// The safe default: products and transactions are for the bank's own page.
    #[default]
    Jump,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Utterances {
    #[serde(default)]
    pub zh: Vec<String>,
    #[serde(default)]
    pub en: Vec<String>,
}

impl Utterances {
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.zh.iter().chain(&self.en).map(String::as_str)
    }
}

/// Who answers. Exactly one is named.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Serve {
    Flow(String),
    Article(Vec<String>),
    /// A human with this skill.
    Handoff(String),
    Message(String),
    Control(Control),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    Repeat,
    Cancel,
}
