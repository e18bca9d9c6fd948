//! Which models may serve, who said so, and on what evidence.
//!
//! The project's own records are part of the program (`registry.yaml`): one for
//! every package of weights and for every table of weights built in. A bank
//! adds its decisions to a log in its data folder ([`DecisionLog`]).
//!
//! Invariants: a model serves only if the bytes at hand are the bytes that were
//! approved; what has no record does not serve; once a bank has decided about a
//! model, each later version of it waits for the bank's word again. Not here:
//! where weights come from (the catalogue), what a program does without them.

mod log;
mod taught;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ModelError;
pub use log::{Act, Decision, DecisionLog, MAX_DECISIONS, NewDecision};
pub use taught::{LOG_INTENTS, Taught, TaughtKind, TaughtVersion};

const EMBEDDED: &str = include_str!("../registry.yaml");
/// Records in one registry; a longer list is a mistake.
const MAX_RECORDS: usize = 256;

/// What is known of one model.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The catalogue's name of a package, or the program's of a built-in table.
    pub name: String,
    pub kind: Kind,
    /// Where a built-in table lies in the source tree.
    pub file: Option<String>,
    pub version: String,
    /// Of the package's wheel, or of the built-in file.
    pub sha256: String,
    /// What it is used for.
    pub use_case: String,
    pub tier: Tier,
    /// Who answers for it.
    pub owner: String,
    /// Number under which the algorithm is filed with the regulator; empty when
    /// it is not filed, or when the bank files it itself.
    pub filing: String,
    pub evaluation: Evaluation,
    pub status: Status,
    pub approval: Option<Approval>,
    /// What a roll-back goes back to.
    pub previous: Option<PreviousVersion>,
    /// What the program does when it may not serve.
    pub without: String,
}

/// How a model comes into the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Out of a package of the catalogue.
    Package,
    /// Compiled into the program.
    BuiltIn,
    /// Made by the bank out of its own data.
    Taught,
}

/// How much hangs on what a model says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Its word alone can change what a customer is told or asked. Money moves
    /// by a confirmed flow in any case.
    Decides,
    /// One signal among several.
    Advises,
    /// Used for figures only.
    Measures,
}

impl Tier {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Decides => "decides",
            Self::Advises => "advises",
            Self::Measures => "measures",
        }
    }
}

/// A command of the repository, what it printed, and when (a day).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    pub command: String,
    pub figure: String,
    pub on: String,
}

/// Where a record stands with the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Candidate,
    Approved,
    Withdrawn,
}

/// Who approved which bytes, and when (a day).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub by: String,
    pub on: String,
    pub sha256: String,
}

/// The version before, which was approved once.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PreviousVersion {
    pub version: String,
    pub sha256: String,
    /// What is different in it.
    pub note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistryFile {
    models: Vec<Record>,
}

/// Whether a model may serve, and by whose word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// These bytes may serve.
    Approved {
        version: String,
        sha256: String,
        by: String,
        on: String,
        rolled_back: bool,
    },
    /// Nobody has approved it yet.
    Candidate,
    Withdrawn {
        by: String,
        on: String,
        note: String,
    },
    /// Other bytes were approved than this program carries.
    Changed {
        approved_sha256: String,
    },
}

impl Standing {
    #[must_use]
    pub fn serves(&self) -> bool {
        matches!(self, Self::Approved { .. })
    }
}

impl std::fmt::Display for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Approved { version, by, on, rolled_back: true, .. } => {
                write!(f, "rolled back to {version} by {by} on {on}")
            }
            Self::Approved { by, on, .. } => write!(f, "approved by {by} on {on}"),
            Self::Candidate => write!(f, "a candidate that nobody has approved"),
            Self::Withdrawn { by, on, note } => write!(f, "withdrawn by {by} on {on}: {note}"),
            Self::Changed { approved_sha256 } => {
                write!(f, "other bytes than the approved ones (sha256 {approved_sha256})")
            }
        }
    }
}

/// Every record, and a bank's decisions over them.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    records: Vec<Record>,
    /// The last decision on each model.
    decided: BTreeMap<String, Decision>,
}

impl Registry {
    /// The program's own records, without any bank's decisions.
    ///
    /// # Errors
    /// [`ModelError::Registry`] when the embedded list is not sound.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::parse(EMBEDDED)
    }

    /// A registry in the format of `registry.yaml`.
    ///
    /// # Errors
    /// [`ModelError::Registry`] when `yaml` is not one.
    pub fn parse(yaml: &str) -> Result<Self, ModelError> {
        let refuse = |reason: String| ModelError::Registry { reason };
        let file: RegistryFile = serde_saphyr::from_str(yaml).map_err(|error| refuse(error.to_string()))?;
        if file.models.len() > MAX_RECORDS {
            return Err(refuse(format!("more than {MAX_RECORDS} models")));
        }
        let mut names = BTreeSet::new();
        for record in &file.models {
            record.check().map_err(|reason| refuse(format!("{}: {reason}", record.name)))?;
            if !names.insert(record.name.as_str()) {
                return Err(refuse(format!("`{}` is listed twice", record.name)));
            }
        }
        Ok(Self { records: file.models, decided: BTreeMap::new() })
    }

    /// The same with the models that a bank made itself.
    #[must_use]
    pub fn with(mut self, taught: impl IntoIterator<Item = Record>) -> Self {
        for record in taught {
            self.records.retain(|known| known.name != record.name);
            self.records.push(record);
        }
        self
    }

    /// The same records under a bank's decisions, the oldest first.
    #[must_use]
    pub fn under(mut self, decisions: impl IntoIterator<Item = Decision>) -> Self {
        for decision in decisions {
            self.decided.insert(decision.model.clone(), decision);
        }
        self
    }

    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    #[must_use]
    pub fn record(&self, name: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.name == name)
    }

    /// The filing number that holds: the bank's own where it stated one.
    #[must_use]
    pub fn filing(&self, name: &str) -> Option<&str> {
        let decided = self.decided.get(name).and_then(|decision| decision.filing.as_deref());
        decided.or_else(|| self.record(name).map(|record| record.filing.as_str())).filter(|filing| !filing.is_empty())
    }

    /// Where a model stands; one without a record is a candidate.
    #[must_use]
    pub fn standing(&self, name: &str) -> Standing {
        let Some(record) = self.record(name) else { return Standing::Candidate };
        match self.decided.get(name) {
            Some(decision) => record.under(decision),
            None => record.shipped(),
        }
    }

    /// Whether the version before is the one to use.
    #[must_use]
    pub fn rolled_back(&self, name: &str) -> bool {
        self.decided.get(name).is_some_and(|decision| decision.act == Act::Rollback)
    }

    /// Lets a model serve, or says why not. `sha256` is that of the bytes at hand.
    ///
    /// # Errors
    /// [`ModelError::NotApproved`].
    pub fn check(&self, name: &str, sha256: &str) -> Result<(), ModelError> {
        let standing = match self.standing(name) {
            Standing::Approved { sha256: approved, .. } if approved == sha256 => return Ok(()),
            Standing::Approved { sha256: approved, .. } => Standing::Changed { approved_sha256: approved },
            other => other,
        };
        Err(ModelError::NotApproved { name: name.to_owned(), why: standing.to_string() })
    }
}

impl Record {
    fn check(&self) -> Result<(), &'static str> {
        let stated = [&self.name, &self.version, &self.use_case, &self.owner, &self.without];
        let evaluation = [&self.evaluation.command, &self.evaluation.figure, &self.evaluation.on];
        if stated.into_iter().chain(evaluation).any(|text| text.trim().is_empty()) {
            return Err("name, version, use case, owner, evaluation and what happens without it must be stated");
        }
        let hashes = [Some(&self.sha256), self.previous.as_ref().map(|previous| &previous.sha256)];
        let approved = self.approval.as_ref().map(|approval| &approval.sha256);
        if !hashes.into_iter().flatten().chain(approved).all(|hash| is_sha256(hash)) {
            return Err("sha256 takes 64 lower-case hexadecimal digits");
        }
        if self.file.is_some() != (self.kind == Kind::BuiltIn) {
            return Err("a built-in table, and nothing else, names its file");
        }
        if self.status == Status::Approved && self.approval.is_none() {
            return Err("an approved model says who approved which bytes");
        }
        Ok(())
    }

    /// By the project's own word.
    fn shipped(&self) -> Standing {
        match (self.status, &self.approval) {
            (Status::Approved, Some(Approval { by, on, sha256 })) if *sha256 == self.sha256 => Standing::Approved {
                version: self.version.clone(),
                sha256: sha256.clone(),
                by: by.clone(),
                on: on.clone(),
                rolled_back: false,
            },
            (Status::Approved, Some(other)) => Standing::Changed { approved_sha256: other.sha256.clone() },
            (Status::Withdrawn, approval) => {
                let by = approval.as_ref().map_or_else(|| self.owner.clone(), |approval| approval.by.clone());
                Standing::Withdrawn { by, on: self.evaluation.on.clone(), note: "not in use any more".to_owned() }
            }
            _ => Standing::Candidate,
        }
    }

    /// By the bank's word.
    fn under(&self, decision: &Decision) -> Standing {
        let (by, on) = (decision.by.clone(), decision.at.clone());
        let approved = |version: &str, sha256: &str, rolled_back| {
            if sha256 != decision.sha256 {
                return Standing::Changed { approved_sha256: decision.sha256.clone() };
            }
            let (version, sha256) = (version.to_owned(), sha256.to_owned());
            Standing::Approved { version, sha256, by: by.clone(), on: on.clone(), rolled_back }
        };
        match (decision.act, &self.previous) {
            (Act::Approve, _) => approved(&self.version, &self.sha256, false),
            (Act::Rollback, Some(previous)) => approved(&previous.version, &previous.sha256, true),
            (Act::Rollback, None) => Standing::Changed { approved_sha256: decision.sha256.clone() },
            (Act::Withdraw, _) => Standing::Withdrawn { by, on, note: decision.note.clone() },
        }
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}
