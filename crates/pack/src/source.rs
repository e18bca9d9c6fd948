//! A pack as a bag of text files with one address: the hash of its content.
//!
//! A folder and a stored bundle of the same files have the same version. The
//! bundle is a JSON object from path to text, keys sorted, so it is readable
//! and repeatable. Bounds: number of files, size of one, size of all.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use teller_kernel::PackVersion;

/// Files one pack may hold.
pub const FILES_MAX: usize = 20_000;
/// Bytes one file may hold.
pub const FILE_MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes all files together may hold.
pub const PACK_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes a stored bundle may hold: its text, escaped.
const BUNDLE_MAX_BYTES: u64 = 2 * PACK_MAX_BYTES;
/// Folders below one another.
const DEPTH_MAX: usize = 8;
/// Folders beside the pack that are not part of it: the seed of the sandbox
/// core and the scripts that test it.
pub(crate) const BESIDE: [&str; 2] = ["core", "tests"];
/// What a pack is made of; anything else in the folder is left alone.
const EXTENSIONS: [&str; 4] = ["yaml", "yml", "md", "csv"];

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{0} is not a pack folder: it holds no pack.yaml")]
    NoManifest(PathBuf),
    #[error("{0} is not UTF-8 text")]
    NotText(PathBuf),
    #[error("the pack holds more than {FILES_MAX} files")]
    TooManyFiles,
    #[error("{0} is larger than {FILE_MAX_BYTES} bytes")]
    FileTooLarge(PathBuf),
    #[error("the pack is larger than {PACK_MAX_BYTES} bytes")]
    PackTooLarge,
    #[error("{0} lies deeper than {DEPTH_MAX} folders")]
    TooDeep(PathBuf),
    #[error("the stored bundle is not readable: {0}")]
    BadBundle(String),
}

/// The files of a pack by their path inside it, always with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackSource {
    files: BTreeMap<String, String>,
}

impl PackSource {
    pub fn from_files(files: BTreeMap<String, String>) -> Self {
        Self { files }
    }

    pub fn from_dir(root: &Path) -> Result<Self, SourceError> {
        if !root.join("pack.yaml").is_file() {
            return Err(SourceError::NoManifest(root.to_owned()));
        }
        let mut reader = DirReader { root, files: BTreeMap::new(), bytes: 0 };
        reader.read(root, 0)?;
        Ok(Self { files: reader.files })
    }

    pub fn from_bundle(bytes: &[u8]) -> Result<Self, SourceError> {
        if bytes.len() as u64 > BUNDLE_MAX_BYTES {
            return Err(SourceError::PackTooLarge);
        }
        let files: BTreeMap<String, String> =
            serde_json::from_slice(bytes).map_err(|error| SourceError::BadBundle(error.to_string()))?;
        if files.len() > FILES_MAX {
            return Err(SourceError::TooManyFiles);
        }
        if let Some((path, _)) = files.iter().find(|(_, text)| text.len() as u64 > FILE_MAX_BYTES) {
            return Err(SourceError::FileTooLarge(path.into()));
        }
        Ok(Self { files })
    }

    pub fn to_bundle(&self) -> Vec<u8> {
        serde_json::to_vec(&self.files).expect("a map of strings always serialises")
    }

    /// The content address: a hash over each path and text, lengths included so
    /// that no two different bags of files can look the same.
    pub fn version(&self) -> PackVersion {
        let mut hash = Sha256::new();
        for (path, text) in &self.files {
            for part in [path, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        PackVersion::parse(&format!("pk_{}", hex::encode(&hash.finalize()[..16])))
            .expect("hex after the prefix is an id")
    }

    /// Every file, in path order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Files below a folder (`flows/`) with one of the endings, in path order.
    pub fn under<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .range(folder.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(folder))
            .filter(move |(path, _)| path.ends_with(ending))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

struct DirReader<'a> {
    root: &'a Path,
    files: BTreeMap<String, String>,
    bytes: u64,
}

impl DirReader<'_> {
    fn read(&mut self, folder: &Path, depth: usize) -> Result<(), SourceError> {
        if depth > DEPTH_MAX {
            return Err(SourceError::TooDeep(folder.to_owned()));
        }
        let io = |source| SourceError::Io { path: folder.to_owned(), source };
        for entry in std::fs::read_dir(folder).map_err(io)? {
            let entry = entry.map_err(io)?;
            let path = entry.path();
            let kind = entry.file_type().map_err(io)?;
            let beside = depth == 0 && BESIDE.iter().any(|name| entry.file_name() == *name);
            if kind.is_dir() && beside {
                continue;
            }
            // A link could lead out of the pack: it is neither, so it is not followed.
            if kind.is_dir() {
                self.read(&path, depth + 1)?;
            } else if kind.is_file() && is_pack_file(&path) {
                self.take(&path)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path) -> Result<(), SourceError> {
        let io = |source| SourceError::Io { path: path.to_owned(), source };
        let size = std::fs::metadata(path).map_err(io)?.len();
        if size > FILE_MAX_BYTES {
            return Err(SourceError::FileTooLarge(path.to_owned()));
        }
        self.bytes += size;
        if self.bytes > PACK_MAX_BYTES {
            return Err(SourceError::PackTooLarge);
        }
        if self.files.len() >= FILES_MAX {
            return Err(SourceError::TooManyFiles);
        }
        let text =
            String::from_utf8(std::fs::read(path).map_err(io)?).map_err(|_| SourceError::NotText(path.to_owned()))?;
        let inside = path.strip_prefix(self.root).unwrap_or(path);
        let name = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        // A byte order mark and carriage returns are an editor's habit, not content.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        self.files.insert(name, text);
        Ok(())
    }
}

fn is_pack_file(path: &Path) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| EXTENSIONS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bag(files: &[(&str, &str)]) -> PackSource {
        PackSource::from_files(files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect())
    }

    #[test]
    fn folder_and_bundle_have_one_address() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("flows")).unwrap();
        std::fs::write(dir.path().join("pack.yaml"), "id: x\r\n").unwrap();
        std::fs::write(dir.path().join("flows/a.yaml"), "id: a\n").unwrap();
        std::fs::write(dir.path().join("notes.bin"), [0u8, 159]).unwrap();
        let source = PackSource::from_dir(dir.path()).unwrap();
        assert_eq!(source.under("flows/", ".yaml").count(), 1);
        let again = PackSource::from_bundle(&source.to_bundle()).unwrap();
        assert_eq!(source.version(), again.version());
        assert_eq!(source, bag(&[("pack.yaml", "id: x\n"), ("flows/a.yaml", "id: a\n")]));
    }

    #[test]
    fn moving_a_byte_between_files_changes_the_address() {
        let one = bag(&[("a.md", "xy"), ("b.md", "z")]);
        let other = bag(&[("a.md", "x"), ("b.md", "yz")]);
        assert_ne!(one.version(), other.version());
    }
}
