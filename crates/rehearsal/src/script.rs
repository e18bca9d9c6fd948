//! Conversation scripts: what a customer says and what must come of it
//! (docs/pack.md, "Tests"). The shapes, and reading them.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use teller_kernel::event::Ownership;
use teller_kernel::{Locale, Money};
use teller_pack::yaml::{self, Spanned};
use teller_pack::{Diagnostic, Place};

/// Scripts one folder may hold.
const SCRIPTS_MAX: usize = 5_000;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    pub name: String,
    /// Left out: anonymous.
    #[serde(default)]
    pub customer: Option<String>,
    #[serde(default)]
    pub locale: Locale,
    #[serde(default = "own")]
    pub ownership: Ownership,
    pub steps: Vec<Spanned<Step>>,
    #[serde(default)]
    pub ledger: Vec<LedgerChange>,
    #[serde(default)]
    pub orders: Vec<OrderCount>,
}

fn own() -> Ownership {
    Ownership::Own
}

/// Exactly one of the doings, and what is expected of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    pub say: Option<String>,
    /// The script is played once with each of these in the place of `say`.
    pub paraphrases: Vec<String>,
    pub choose: Option<Choose>,
    pub confirm: Option<bool>,
    /// right | wrong | stale | the digits.
    pub otp: Option<String>,
    pub resend_otp: Option<bool>,
    pub human: Option<bool>,
    /// The last message once more, under the same client id.
    pub again: Option<bool>,
    pub core: Option<CoreFaults>,
    pub wait_ms: Option<i64>,
    /// The program is started anew over the same store.
    pub restart: Option<bool>,
    /// Open outcomes are looked up.
    pub settle: Option<bool>,
    pub locale: Option<Locale>,
    pub expect: Option<Expect>,
}

/// An option by its id, or by words its label must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    pub slot: String,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub label: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoreFaults {
    /// normal | down | end_of_day
    pub mode: Option<String>,
    pub drop_replies_pct: Option<u8>,
    pub drop_requests_pct: Option<u8>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    pub replies: Vec<String>,
    pub no_replies: Vec<String>,
    /// The active flow; `null` asks that none is running.
    #[serde(deserialize_with = "present")]
    pub flow: Option<Option<String>>,
    pub slots: BTreeMap<String, serde_json::Value>,
    pub events: Vec<String>,
    pub no_events: Vec<String>,
    pub text: Vec<String>,
    pub no_text: Vec<String>,
    pub citation: Option<String>,
    pub status: Option<String>,
    pub part: Option<String>,
    /// The public code with which the step is refused.
    pub problem: Option<String>,
}

/// Tells `flow: null` from no `flow` at all.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// How an account's ledger balance changes over the whole script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerChange {
    pub account: String,
    pub change: Money,
}

/// How many orders of an operation end in a status.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderCount {
    pub operation: String,
    pub status: String,
    pub count: usize,
}

/// A script with the file it stands in.
#[derive(Debug, Clone)]
pub struct Sourced {
    pub file: String,
    pub script: Script,
}

/// Reads every script below `tests/` of a pack folder, in path order.
pub fn read_all(pack: &Path, notes: &mut Vec<Diagnostic>) -> Vec<Sourced> {
    let folder = pack.join("tests");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.retain(|path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    let mut scripts = Vec::new();
    for path in files {
        let file = format!("tests/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let Ok(text) = std::fs::read_to_string(&path) else {
            notes.push(Diagnostic::error(Place::file(&file), "unreadable", "the script cannot be read as UTF-8 text"));
            continue;
        };
        scripts.extend(read_file(&file, &text, notes));
        if scripts.len() > SCRIPTS_MAX {
            notes.push(Diagnostic::error(
                Place::file(&file),
                "too-many-scripts",
                format!("more than {SCRIPTS_MAX} scripts"),
            ));
            break;
        }
    }
    scripts
}

/// One file holds one script or a list of them.
fn read_file(file: &str, text: &str, notes: &mut Vec<Diagnostic>) -> Vec<Sourced> {
    let is_list = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .is_some_and(|line| line.starts_with('-'));
    let scripts: Vec<Script> = if is_list {
        yaml::read(file, text, notes).unwrap_or_default()
    } else {
        yaml::read(file, text, notes).into_iter().collect()
    };
    for script in &scripts {
        for step in &script.steps {
            if step.value.doings() != 1 {
                let place = Place::at(file, step.referenced);
                notes.push(Diagnostic::error(
                    place,
                    "bad-step",
                    format!("{}: a step does exactly one thing", script.name),
                ));
            }
        }
    }
    scripts.into_iter().map(|script| Sourced { file: file.to_owned(), script }).collect()
}

impl Step {
    fn doings(&self) -> usize {
        [
            self.say.is_some(),
            self.choose.is_some(),
            self.confirm.is_some(),
            self.otp.is_some(),
            self.resend_otp.is_some(),
            self.human.is_some(),
            self.again.is_some(),
            self.core.is_some(),
            self.wait_ms.is_some(),
            self.restart.is_some(),
            self.settle.is_some(),
            self.locale.is_some(),
        ]
        .iter()
        .filter(|done| **done)
        .count()
    }
}

impl Script {
    /// The script itself, and once more for each paraphrase.
    pub fn variants(&self) -> Vec<(String, Self)> {
        let mut variants = vec![(self.name.clone(), self.clone())];
        for (index, step) in self.steps.iter().enumerate() {
            for paraphrase in &step.value.paraphrases {
                let mut variant = self.clone();
                variant.steps[index].value.say = Some(paraphrase.clone());
                variants.push((format!("{} [{paraphrase}]", self.name), variant));
            }
        }
        variants
    }
}
