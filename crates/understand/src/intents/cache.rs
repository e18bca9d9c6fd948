//! Vectors of texts that were embedded before, kept in a file, so that a start
//! embeds only what is new.
//!
//! A vector is found by the hash of its text and belongs to one version of the
//! encoder; a file of another version is an empty cache. Values are kept whole,
//! so a cached vector and a fresh one are the same. Only vectors that were asked
//! for since the file was opened are saved again, so it does not grow for ever.
//!
//! Invariants: a broken or missing file costs time, never correctness; the file
//! is replaced whole or not at all; the texts themselves are not in it.
//! Not here: customers' messages, which are never cached.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use teller_models::{FastEncoder, VECTOR_DIM};

/// Vectors of one cache; at 512 values that is 400 MB.
pub const ENTRIES_MAX: usize = 200_000;

const MAGIC: &[u8; 8] = b"tllrvec1";
const VERSION_BYTES: usize = 64;
const KEY_BYTES: usize = 16;
const HEADER_BYTES: usize = MAGIC.len() + VERSION_BYTES;
const RECORD_BYTES: usize = KEY_BYTES + VECTOR_DIM * size_of::<f32>();

type Key = [u8; KEY_BYTES];

/// Vectors by text. Shared between threads behind a reference.
#[derive(Debug)]
pub struct EmbeddingCache {
    path: Option<PathBuf>,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    /// The encoder's version that the vectors belong to; empty until known.
    version: String,
    vectors: HashMap<Key, Entry>,
    /// Is something here that the file does not hold?
    fresh: bool,
}

#[derive(Debug)]
struct Entry {
    vector: Vec<f32>,
    asked: bool,
}

impl EmbeddingCache {
    /// Opens the cache in `path`. A missing or broken file is an empty cache.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let entries = std::fs::read(path).ok().and_then(|bytes| Entries::parse(&bytes)).unwrap_or_default();
        Self { path: Some(path.to_owned()), entries: Mutex::new(entries) }
    }

    /// A cache that lives as long as the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { path: None, entries: Mutex::default() }
    }

    /// The vector of `text` by `encoder`, out of the cache if it is there.
    #[must_use]
    pub fn embed(&self, encoder: &FastEncoder, text: &str) -> Vec<f32> {
        self.embed_all(encoder, [text]).pop().unwrap_or_default()
    }

    /// The vectors of `texts` by `encoder`, in order.
    #[must_use]
    pub fn embed_all<'a>(&self, encoder: &FastEncoder, texts: impl IntoIterator<Item = &'a str>) -> Vec<Vec<f32>> {
        // A thread that panicked left whole entries at worst, so its lock is taken over.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.belong_to(encoder);
        let mut vectors = Vec::new();
        for text in texts {
            let key = key(text);
            if let Some(entry) = entries.vectors.get_mut(&key) {
                entry.asked = true;
                vectors.push(entry.vector.clone());
                continue;
            }
            let vector = encoder.embed(text);
            if entries.vectors.len() < ENTRIES_MAX {
                entries.vectors.insert(key, Entry { vector: vector.clone(), asked: true });
                entries.fresh = true;
            }
            vectors.push(vector);
        }
        vectors
    }

    /// Writes what was asked for since opening, if the file lacks some of it.
    ///
    /// # Errors
    /// The I/O error; the old file is then intact.
    pub fn save(&self) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if !entries.fresh {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension(format!("{}.part", std::process::id()));
        let written = std::fs::File::create(&beside).and_then(|mut file| {
            file.write_all(&entries.bytes())?;
            file.sync_all()
        });
        match written.and_then(|()| std::fs::rename(&beside, path)) {
            Ok(()) => {
                entries.fresh = false;
                Ok(())
            }
            Err(error) => {
                // The half-written file is of no use to anyone; that it stays is no further harm.
                let _ = std::fs::remove_file(&beside);
                Err(error)
            }
        }
    }

    /// Vectors held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).vectors.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Entries {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, records) = bytes.split_at_checked(HEADER_BYTES)?;
        let version = header.strip_prefix(MAGIC)?;
        let version = String::from_utf8(version.to_vec()).ok()?;
        let records = records.chunks_exact(RECORD_BYTES);
        if !records.remainder().is_empty() || records.len() > ENTRIES_MAX {
            return None;
        }
        let mut vectors = HashMap::with_capacity(records.len());
        for record in records {
            let (key, values) = record.split_at(KEY_BYTES);
            let values = values.as_chunks::<{ size_of::<f32>() }>().0.iter();
            let vector: Vec<f32> = values.map(|bytes| f32::from_le_bytes(*bytes)).collect();
            if !vector.iter().all(|value| value.is_finite()) {
                return None;
            }
            vectors.insert(key.try_into().ok()?, Entry { vector, asked: false });
        }
        Some(Self { version, vectors, fresh: false })
    }

    fn belong_to(&mut self, encoder: &FastEncoder) {
        let version = encoder.version();
        if self.version != version {
            *self = Self { version, ..Self::default() };
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut asked: Vec<(&Key, &Entry)> = self.vectors.iter().filter(|(_, entry)| entry.asked).collect();
        asked.sort_unstable_by_key(|(key, _)| **key);
        let mut bytes = Vec::with_capacity(HEADER_BYTES + asked.len() * RECORD_BYTES);
        bytes.extend_from_slice(MAGIC);
        let mut version = self.version.clone().into_bytes();
        version.resize(VERSION_BYTES, b' ');
        bytes.extend_from_slice(&version);
        for (key, entry) in asked {
            bytes.extend_from_slice(key);
            entry.vector.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        }
        bytes
    }
}

fn key(text: &str) -> Key {
    let hash = Sha256::digest(text.as_bytes());
    std::array::from_fn(|at| hash[at])
}
