//! A bank's own word on models: approved, withdrawn, rolled back, by whom, why.
//!
//! The log is `models/decisions.jsonl` of the data folder, one JSON object a
//! line. Each line holds the hash of the line before and its own, so a changed,
//! moved or missing line shows; the last hash, kept elsewhere, shows a cut end.
//!
//! Invariants: lines are only ever added, under a lock, and are on disk before
//! [`DecisionLog::append`] returns; a log that does not verify is an error, never
//! an empty log. Not here: what a decision means (`registry`); who may take one,
//! beyond that a name and a reason are given: whoever can write to the data
//! folder is the bank's own administrator.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Kind, Registry};
use crate::ModelError;

/// Decisions in one log.
pub const MAX_DECISIONS: usize = 10_000;
/// Longest log that is read.
const MAX_LOG_BYTES: u64 = 16 << 20;
/// Longest name, note or filing number, in characters.
const MAX_FIELD_CHARS: usize = 500;
const FIRST_PREVIOUS_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const FOLDER: &str = "models";
const FILE: &str = "decisions.jsonl";

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// The version that this program carries may serve.
    Approve,
    /// No version may.
    Withdraw,
    /// The version before may serve instead.
    Rollback,
}

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Place in the log, from 1.
    pub seq: u64,
    /// RFC 3339.
    pub at: String,
    pub model: String,
    pub act: Act,
    /// The version and bytes that it is about.
    pub version: String,
    pub sha256: String,
    pub by: String,
    pub note: String,
    /// The bank's filing number of the algorithm, if it states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<String>,
    pub previous_hash: String,
    /// Sha256 of this object as JSON without this field.
    pub hash: String,
}

/// A decision as it is taken.
#[derive(Debug, Clone)]
pub struct NewDecision {
    /// RFC 3339.
    pub at: String,
    pub model: String,
    pub act: Act,
    pub by: String,
    pub note: String,
    pub filing: Option<String>,
}

/// Where a bank's decisions lie.
#[derive(Debug, Clone)]
pub struct DecisionLog {
    path: PathBuf,
}

impl DecisionLog {
    /// The log of a data folder, which need not exist yet.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        Self { path: data.join(FOLDER).join(FILE) }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every decision, the oldest first; none when there is no log yet.
    ///
    /// # Errors
    /// [`ModelError::Decisions`] when the log does not verify or is too long,
    /// [`ModelError::Io`] when it cannot be read.
    pub fn read(&self) -> Result<Vec<Decision>, ModelError> {
        match File::open(&self.path) {
            Ok(mut file) => Ok(self.parse(&mut file)?.0),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(ModelError::io("open", &self.path, source)),
        }
    }

    /// Adds a decision about the version that `registry` has, and returns it as
    /// it was kept.
    ///
    /// # Errors
    /// [`ModelError::Refused`] for a model without a record, a roll-back to
    /// nothing, an empty name or note; otherwise as [`Self::read`].
    pub fn append(&self, registry: &Registry, new: NewDecision) -> Result<Decision, ModelError> {
        let (version, sha256) = about(registry, &new)?;
        let io = |source| ModelError::io("write", &self.path, source);
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| ModelError::io("create", folder, source))?;
        }
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(io)?;
        file.lock().map_err(io)?;
        let (kept, end) = self.parse(&mut file)?;
        if kept.len() >= MAX_DECISIONS {
            return Err(self.unsound(kept.len(), "it is full"));
        }
        let mut decision = Decision {
            seq: kept.len() as u64 + 1,
            at: new.at,
            model: new.model,
            act: new.act,
            version,
            sha256,
            by: new.by.trim().to_owned(),
            note: new.note.trim().to_owned(),
            filing: new.filing,
            previous_hash: kept.last().map_or_else(|| FIRST_PREVIOUS_HASH.to_owned(), |last| last.hash.clone()),
            hash: String::new(),
        };
        decision.hash = hash_of(&decision);
        let line = serde_json::to_string(&decision).map_err(|error| self.unsound(kept.len(), &error.to_string()))?;
        // What lies behind `end` is the rest of a line whose writing was cut off
        // and that nobody was told of.
        file.set_len(end).map_err(io)?;
        file.seek(SeekFrom::Start(end)).map_err(io)?;
        file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        Ok(decision)
    }

    /// The decisions, and where the last whole line ends.
    fn parse(&self, file: &mut File) -> Result<(Vec<Decision>, u64), ModelError> {
        let mut text = String::new();
        let read = file.take(MAX_LOG_BYTES + 1).read_to_string(&mut text);
        read.map_err(|source| ModelError::io("read", &self.path, source))?;
        if text.len() as u64 > MAX_LOG_BYTES {
            return Err(self.unsound(0, "it is too long"));
        }
        let whole = text.rfind('\n').map_or(0, |last| last + 1);
        let mut decisions: Vec<Decision> = Vec::new();
        for line in text[..whole].lines() {
            let place = decisions.len() + 1;
            let decision: Decision =
                serde_json::from_str(line).map_err(|error| self.unsound(place, &error.to_string()))?;
            let before = decisions.last().map_or(FIRST_PREVIOUS_HASH, |last| last.hash.as_str());
            let follows = decision.seq == place as u64 && decision.previous_hash == before;
            if !follows || decision.hash != hash_of(&decision) {
                return Err(self.unsound(place, "it was altered, or lines around it are gone"));
            }
            decisions.push(decision);
            if decisions.len() > MAX_DECISIONS {
                return Err(self.unsound(place, "there are too many"));
            }
        }
        Ok((decisions, whole as u64))
    }

    fn unsound(&self, line: usize, why: &str) -> ModelError {
        ModelError::Decisions { path: self.path.clone(), line, why: why.to_owned() }
    }
}

/// The version and hash that a decision is about.
fn about(registry: &Registry, new: &NewDecision) -> Result<(String, String), ModelError> {
    let refuse = |why: &str| ModelError::Refused { name: new.model.clone(), why: why.to_owned() };
    let record = registry.record(&new.model).ok_or_else(|| {
        let names: Vec<&str> = registry.records().iter().map(|record| record.name.as_str()).collect();
        refuse(&format!("the registry has no such model; it has: {}", names.join(", ")))
    })?;
    let short = |text: &str| text.chars().count() <= MAX_FIELD_CHARS && !text.chars().any(char::is_control);
    if new.by.trim().is_empty() || new.note.trim().is_empty() {
        return Err(refuse("say who decides and why"));
    }
    if ![new.at.as_str(), &new.by, &new.note].into_iter().chain(new.filing.as_deref()).all(short) {
        return Err(refuse("name, note and filing number take one line of at most 500 characters"));
    }
    match (new.act, &record.previous) {
        (Act::Approve | Act::Withdraw, _) => Ok((record.version.clone(), record.sha256.clone())),
        (Act::Rollback, Some(previous)) => Ok((previous.version.clone(), previous.sha256.clone())),
        (Act::Rollback, None) if record.kind == Kind::BuiltIn => {
            Err(refuse("its weights are part of the program: run the program's previous version, or withdraw it"))
        }
        (Act::Rollback, None) => Err(refuse("there is no version before this one; withdraw it instead")),
    }
}

/// The hash of a decision's other fields, in their order as JSON.
fn hash_of(decision: &Decision) -> String {
    let bare = Decision { hash: String::new(), ..decision.clone() };
    let json = serde_json::to_string(&bare).expect("a struct of strings and numbers becomes JSON");
    hex::encode(Sha256::digest(json.as_bytes()))
}
