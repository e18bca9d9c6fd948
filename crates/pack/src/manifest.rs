//! `pack.yaml`: who the bank is, how it greets, whose pages may embed it.

use crate::care::Care;
use crate::check::missing_words;
use crate::diagnostic::{Diagnostic, Place};
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
    /// The language of what is written for staff, such as a hand-off's summary.
    #[serde(default = "zh")]
    pub staff_locale: Locale,
    /// The flow that brings a human, so that a wish for one is told from talk of one.
    #[serde(default)]
    pub human_flow: Option<String>,
    /// Scores below which an intent is not acted upon, and how near is a tie.
    #[serde(default)]
    pub understanding: Understanding,
    /// What is said and done about a customer's mood.
    #[serde(default)]
    pub care: Care,
}

fn zh() -> Locale {
    Locale::Zh
}

/// The skill every bank has.
pub const GENERAL_SKILL: &str = "general";

impl Manifest {
    /// The kind of human help that an intent's subject needs.
    pub fn skill_of(&self, intent: &str) -> &str {
        let subject = intent.split('_').next().unwrap_or_default();
        self.subjects.get(subject).map_or(GENERAL_SKILL, String::as_str)
    }

    /// Notes what is wrong in itself; `places` are those of the file's keys.
    pub(crate) fn check(&self, places: &BTreeMap<String, Place>, notes: &mut Vec<Diagnostic>) {
        let place = |key: &str| places.get(key).cloned().unwrap_or_else(|| Place::file("pack.yaml"));
        for (words, key) in [(&self.name, "name"), (&self.greeting, "greeting"), (&self.ai_label, "ai_label")] {
            missing_words(words, &place(key), &format!("`{key}`"), notes);
        }
        for reply in &self.quick_replies {
            missing_words(&reply.label, &place("quick_replies"), "the label of a quick reply", notes);
            missing_words(&reply.send, &place("quick_replies"), "what a quick reply sends", notes);
        }
        for (skill, name) in &self.skills {
            missing_words(name, &place("skills"), &format!("skill {skill}"), notes);
        }
        let mut wrong = |key: &str, code, message| notes.push(Diagnostic::error(place(key), code, message));
        if !self.skills.contains_key(GENERAL_SKILL) {
            wrong("skills", "unknown-skill", format!("`skills` lists no `{GENERAL_SKILL}`"));
        }
        for (subject, skill) in self.subjects.iter().filter(|(_, skill)| !self.skills.contains_key(*skill)) {
            let message = format!("subject {subject} goes to skill `{skill}`, which is not listed");
            wrong("subjects", "unknown-skill", message);
        }
        for listed in self.origins.iter().filter(|listed| !is_origin(&listed.origin)) {
            let message = format!("`{}` is not scheme, host and port like https://shop.example:8443", listed.origin);
            wrong("origins", "bad-origin", message);
        }
        if jiff::tz::TimeZone::get(&self.timezone).is_err() {
            wrong("timezone", "unknown-timezone", format!("`{}` is not a time zone", self.timezone));
        }
        if let Some(message) = self.understanding.wrong() {
            wrong("understanding", "bad-bound", message);
        }
        if let Some(message) = self.care.wrong() {
            wrong("care", "bad-care", message);
        }
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
    /// A further wish in the same message needs this much.
    pub wish: f32,
    /// A message is taken for none of the intents from this probability on.
    pub none: f32,
    /// An interruption of a running flow needs this much.
    pub interrupt: f32,
    /// A message is refused as an attempt at manipulation from this probability
    /// on; 1 refuses none.
    pub guard: f32,
}

impl Default for Understanding {
    fn default() -> Self {
        Self { act: 0.36, ask: 0.16, tie: 0.10, wish: 0.60, none: 0.50, interrupt: 0.60, guard: 0.80 }
    }
}

impl Understanding {
    fn wrong(&self) -> Option<String> {
        let Self { act, ask, tie, wish, none, interrupt, guard } = *self;
        let bounds = [
            ("act", act),
            ("ask", ask),
            ("tie", tie),
            ("wish", wish),
            ("none", none),
            ("interrupt", interrupt),
            ("guard", guard),
        ];
        if let Some((name, value)) = bounds.iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            return Some(format!("`{name}: {value}` is not between 0 and 1"));
        }
        (ask > act).then(|| format!("`ask` ({ask}) is above `act` ({act})"))
    }
}

/// As a browser sends it: `https://shop.example:8443`, without path or slash.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && !host.contains(['/', '?', '#', '@']) && !host.contains(char::is_whitespace)
    })
}
