//! Packs in and out of service: checking, keeping, activating, rolling back.
//!
//! Invariants: a pack with an error is neither kept nor activated; every
//! article version of a pack is kept before the pack speaks, so that whatever
//! it cites can be opened for ever; each activation leaves an audit row.

use std::path::Path;
use std::sync::Arc;
use teller_conversation::{BankPack, Packs, Workshop};
use teller_flows::check::Operations;
use teller_kernel::{Actor, Code, PackVersion, Problem};
use teller_pack::{Diagnostic, PackSource, SourceError};
use teller_store::{ArticleVersion, Db, StoreError, WriteSet};

/// Articles kept in one write.
const ARTICLES_PER_WRITE: usize = 200;

/// The names that flows may use, as the bank room lists them.
pub fn operations() -> Operations {
    use teller_bank::{calculators, catalog};
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    Operations {
        reads: owned(catalog::READS.iter().map(|read| read.op).collect()),
        orders: owned(catalog::OPERATIONS.iter().map(|operation| operation.op).collect()),
        protects: owned(catalog::PROTECTIVE.iter().map(|operation| operation.op).collect()),
        calculators: owned(calculators::CALCULATORS.iter().map(|(name, _)| *name).collect()),
    }
}

/// Why a pack folder did not get into the store.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("the pack has errors; `teller pack check` lists them")]
    Broken(Vec<Diagnostic>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("pack {0} is not in the store")]
    Unknown(PackVersion),
    #[error("compiling the pack was interrupted")]
    Interrupted,
}

impl From<PackError> for Problem {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Broken(notes) => {
                let first = notes.iter().find(|note| note.is_error());
                Problem { code: Code::PackBroken, detail: first.map(ToString::to_string) }
            }
            PackError::Source(_) => Code::PackBroken.into(),
            PackError::Unknown(_) => Problem::with(Code::NotFound, "pack"),
            PackError::Store(error) => error.into(),
            PackError::Interrupted => Code::Internal.into(),
        }
    }
}

/// Checks and compiles a pack off the async threads: it takes a moment.
pub async fn compile(source: PackSource, workshop: &Workshop) -> Result<(BankPack, Vec<Diagnostic>), PackError> {
    let workshop = workshop.clone();
    let compiled = tokio::task::spawn_blocking(move || BankPack::compile(source, &workshop)).await;
    match compiled.map_err(|_| PackError::Interrupted)? {
        (Some(bank), notes) => Ok((bank, notes)),
        (None, notes) => Err(PackError::Broken(notes)),
    }
}

/// Reads a folder, checks it and keeps it with all its articles.
pub async fn import(store: &Db, folder: &Path, workshop: &Workshop) -> Result<Arc<BankPack>, PackError> {
    let (bank, notes) = compile(PackSource::from_dir(folder)?, workshop).await?;
    for note in notes.iter().filter(|note| !note.is_error()) {
        tracing::warn!("{note}");
    }
    keep(store, &bank).await?;
    Ok(Arc::new(bank))
}

async fn keep(store: &Db, bank: &BankPack) -> Result<(), StoreError> {
    let mut set = WriteSet::new();
    set.pack(bank.version(), &bank.pack.manifest.id, bank.pack.source.to_bundle());
    store.commit(set).await?;
    let articles: Vec<_> = bank.pack.articles.values().collect();
    for some in articles.chunks(ARTICLES_PER_WRITE) {
        let mut set = WriteSet::new();
        for article in some {
            set.article_version(ArticleVersion {
                article: article.id.clone(),
                version: article.version.clone(),
                pack: bank.version().clone(),
                title: article.title.clone(),
                body: article.body.clone(),
            });
        }
        store.commit(set).await?;
    }
    Ok(())
}

/// Compiles a kept version.
pub async fn load(store: &Db, version: &PackVersion, workshop: &Workshop) -> Result<Arc<BankPack>, PackError> {
    let bundle = store.pack(version).await?.ok_or_else(|| PackError::Unknown(version.clone()))?;
    Ok(Arc::new(compile(PackSource::from_bundle(&bundle)?, workshop).await?.0))
}

/// Notes in the store that a kept version speaks from now on.
pub async fn record_activation(store: &Db, version: &PackVersion, by: Actor, reason: &str) -> Result<(), PackError> {
    let mut set = WriteSet::new();
    set.activate_pack(version, by, reason);
    store.commit(set).await.map_err(|error| match error {
        StoreError::NotFound { .. } => PackError::Unknown(version.clone()),
        other => other.into(),
    })?;
    Ok(())
}

/// Puts a kept version into service in a running server. One that does not
/// compile changes nothing.
pub async fn activate(
    store: &Db,
    packs: &Packs,
    version: &PackVersion,
    by: Actor,
    reason: &str,
) -> Result<(), PackError> {
    let bank = packs.at(version, store).await.map_err(|_| PackError::Unknown(version.clone()));
    let bank = match bank {
        Ok(bank) => bank,
        // Not at hand and not compiling: say which of the two.
        Err(_) => load(store, version, packs.workshop()).await?,
    };
    record_activation(store, version, by, reason).await?;
    packs.activate(bank);
    Ok(())
}
