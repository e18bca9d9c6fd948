//! Models that a bank made out of its own data: every version with its report,
//! in the bank's data folder.
//!
//! The folder is `models/NAME` of the data folder: `VERSION.bin`, beside it
//! `VERSION.report.json`, and `versions.jsonl`, one line a version. The registry
//! holds a record of the last one, which serves once somebody approves it; the
//! one before is what a roll-back goes back to.
//!
//! Invariants: a version is never written over; what is loaded has the bytes that
//! were approved. Not here: how a model is made, what it is used for.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Evaluation, Kind, PreviousVersion, Record, Registry, Standing, Status, Tier};
use crate::ModelError;

const FOLDER: &str = "models";
const VERSIONS: &str = "versions.jsonl";
/// Versions of one model.
const VERSIONS_MAX: usize = 10_000;
/// Longest list of versions, longest model.
const LIST_BYTES_MAX: u64 = 16 << 20;
const MODEL_BYTES_MAX: u64 = 1 << 30;

/// A model of the bank's own, by name and use.
#[derive(Debug, Clone, Copy)]
pub struct TaughtKind {
    pub name: &'static str,
    pub use_case: &'static str,
    pub tier: Tier,
    /// The command that makes and judges a version.
    pub command: &'static str,
    /// What the program does when none may serve.
    pub without: &'static str,
}

/// What customers of the bank meant, learned from its logs.
pub const LOG_INTENTS: TaughtKind = TaughtKind {
    name: "log-intents",
    use_case: "what customers of this bank meant before, learned from its logs",
    tier: Tier::Decides,
    command: "teller train intents",
    without: "the pack's samples, the house's words and the meaning of the sentence decide alone",
};

/// One version as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaughtVersion {
    pub version: String,
    pub sha256: String,
    /// The day it was made.
    pub on: String,
    /// Of what.
    pub made_from: String,
    /// The figure that it was judged by.
    pub figure: String,
}

/// Every version of one model.
#[derive(Debug, Clone)]
pub struct Taught {
    kind: TaughtKind,
    folder: PathBuf,
}

impl Taught {
    /// The versions in a data folder, which need not exist yet.
    #[must_use]
    pub fn in_folder(kind: TaughtKind, data: &Path) -> Self {
        Self { kind, folder: data.join(FOLDER).join(kind.name) }
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The oldest first; none when the model was never made.
    ///
    /// # Errors
    /// [`ModelError::Io`], or [`ModelError::Registry`] for a list that is not one.
    pub fn versions(&self) -> Result<Vec<TaughtVersion>, ModelError> {
        let path = self.folder.join(VERSIONS);
        let mut text = String::new();
        match File::open(&path) {
            Ok(file) => file.take(LIST_BYTES_MAX).read_to_string(&mut text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => Err(error),
        }
        .map_err(|source| ModelError::io("read", &path, source))?;
        // A last line without its end was cut off before anybody was told of it.
        let whole = text.rfind('\n').map_or(0, |last| last + 1);
        let line = |line: &str| {
            serde_json::from_str(line)
                .map_err(|error| ModelError::Registry { reason: format!("{}: {error}", path.display()) })
        };
        text[..whole].lines().map(line).collect()
    }

    /// Keeps a new version with its report. It serves once it is approved.
    ///
    /// # Errors
    /// [`ModelError::Io`], or as [`Self::versions`].
    pub fn add(
        &self,
        bytes: &[u8],
        report: &serde_json::Value,
        on: &str,
        made_from: &str,
        figure: &str,
    ) -> Result<TaughtVersion, ModelError> {
        std::fs::create_dir_all(&self.folder).map_err(|source| ModelError::io("create", &self.folder, source))?;
        let list = self.folder.join(VERSIONS);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| ModelError::io("write", &path, source)
        };
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).open(&list).map_err(failed(&list))?;
        file.lock().map_err(failed(&list))?;
        let known = self.versions()?;
        if known.len() >= VERSIONS_MAX {
            return Err(ModelError::Registry { reason: format!("{} holds too many versions", list.display()) });
        }
        let made = TaughtVersion {
            version: format!("{on}.{}", known.len() + 1),
            sha256: hex::encode(Sha256::digest(bytes)),
            on: on.to_owned(),
            made_from: made_from.to_owned(),
            figure: figure.to_owned(),
        };
        let report =
            serde_json::to_vec_pretty(report).map_err(|error| ModelError::Registry { reason: error.to_string() })?;
        write(&self.path(&made.version, "bin"), bytes)?;
        write(&self.path(&made.version, "report.json"), &report)?;
        let line = serde_json::to_string(&made).map_err(|error| ModelError::Registry { reason: error.to_string() })?;
        file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(failed(&list))?;
        Ok(made)
    }

    /// The last version as the registry sees it; nothing when there is none.
    ///
    /// # Errors
    /// As [`Self::versions`].
    pub fn record(&self) -> Result<Option<Record>, ModelError> {
        let mut versions = self.versions()?;
        let Some(last) = versions.pop() else { return Ok(None) };
        Ok(Some(Record {
            name: self.kind.name.to_owned(),
            kind: Kind::Taught,
            file: None,
            version: last.version,
            sha256: last.sha256,
            use_case: self.kind.use_case.to_owned(),
            tier: self.kind.tier,
            owner: "this bank".to_owned(),
            filing: String::new(),
            evaluation: Evaluation { command: self.kind.command.to_owned(), figure: last.figure, on: last.on },
            status: Status::Candidate,
            approval: None,
            previous: versions.pop().map(|before| PreviousVersion {
                version: before.version,
                sha256: before.sha256,
                note: format!("of {}; {}", before.made_from, before.figure),
            }),
            without: self.kind.without.to_owned(),
        }))
    }

    /// The bytes that may serve; nothing where the model was never made.
    ///
    /// # Errors
    /// [`ModelError::NotApproved`] for a model that nobody lets serve,
    /// [`ModelError::Io`] where its file cannot be read.
    pub fn approved(&self, registry: &Registry) -> Result<Option<Vec<u8>>, ModelError> {
        if registry.record(self.kind.name).is_none() {
            return Ok(None);
        }
        let Standing::Approved { version, .. } = registry.standing(self.kind.name) else {
            let why = registry.standing(self.kind.name).to_string();
            return Err(ModelError::NotApproved { name: self.kind.name.to_owned(), why });
        };
        let path = self.path(&version, "bin");
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(MODEL_BYTES_MAX).read_to_end(&mut bytes))
            .map_err(|source| ModelError::io("read", &path, source))?;
        registry.check(self.kind.name, &hex::encode(Sha256::digest(&bytes)))?;
        Ok(Some(bytes))
    }

    fn path(&self, version: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{version}.{ending}"))
    }
}

/// Writes a file that is not there yet, for the bank's own eyes.
fn write(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let mut options = OpenOptions::new();
    // A file without its line in the list is what a cut-off run left.
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|source| ModelError::io("write", path, source))
}
