//! How a store is opened, and the points at which a test may let it die.

use crate::keys::{FileKeys, KeyError, KeyProvider};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an answered write has survived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On the disk: fsync before the answer.
    Full,
    /// Handed to the operating system: survives a kill of the program, not a
    /// power cut. For tests and simulation.
    Relaxed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads and writes; one process at a time.
    Serve,
    /// Reads only, beside a running server.
    Read,
}

/// Where a simulated crash may strike.
pub mod point {
    /// Write sets were taken from the queue, nothing has begun.
    pub const BEFORE_BEGIN: &str = "before_begin";
    /// Everything is applied, nothing is committed.
    pub const BEFORE_COMMIT: &str = "before_commit";
    /// Committed; the callers do not know it yet.
    pub const BEFORE_ANSWER: &str = "before_answer";
    pub const ALL: [&str; 3] = [BEFORE_BEGIN, BEFORE_COMMIT, BEFORE_ANSWER];
}

/// Asked at each point; `true` means die here. A store that died answers
/// `Stopped` to everything and is opened anew.
pub trait Crash: Send + Sync {
    fn at(&self, point: &'static str) -> bool;
}

/// Production: never dies on purpose.
pub struct NoCrash;

impl Crash for NoCrash {
    fn at(&self, _: &'static str) -> bool {
        false
    }
}

#[derive(Clone)]
pub struct StoreConfig {
    pub path: PathBuf,
    pub keys: Arc<dyn KeyProvider>,
    pub durability: Durability,
    pub access: Access,
    pub crash: Arc<dyn Crash>,
    /// Largest size of the database file; beyond it writes give `StorageFull`.
    pub max_bytes: Option<u64>,
}

/// Name of the database in a data folder.
pub const DATABASE_FILE: &str = "teller.db";
/// Name of the master key in a data folder.
pub const KEY_FILE: &str = "master.key";

impl StoreConfig {
    pub fn new(path: impl Into<PathBuf>, keys: Arc<dyn KeyProvider>) -> Self {
        Self {
            path: path.into(),
            keys,
            durability: Durability::Full,
            access: Access::Serve,
            crash: Arc::new(NoCrash),
            max_bytes: None,
        }
    }

    /// Database and key file in one data folder; both are made on the first
    /// start. A bank keeps the key elsewhere and uses `new`.
    pub fn in_folder(folder: &Path) -> Result<Self, KeyError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| KeyError::Io { path: folder.display().to_string(), why: error.to_string() })?;
        let path = folder.join(DATABASE_FILE);
        let keys = FileKeys::for_database(&folder.join(KEY_FILE), &path)?;
        Ok(Self::new(path, Arc::new(keys)))
    }

    pub fn relaxed(mut self) -> Self {
        self.durability = Durability::Relaxed;
        self
    }

    pub fn read_only(mut self) -> Self {
        self.access = Access::Read;
        self
    }

    pub fn with_crash(mut self, crash: Arc<dyn Crash>) -> Self {
        self.crash = crash;
        self
    }
}
