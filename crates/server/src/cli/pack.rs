//! `teller pack`: checking, starting, keeping, activating, rolling back.

use crate::chance::SystemClock;
use crate::cli::{block_on, out, pack_new};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::packs;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use teller_conversation::{BankPack, Workshop};
use teller_kernel::{Actor, PackVersion};
use teller_pack::{Diagnostic, PackSource};
use teller_store::{DATABASE_FILE, Db, OpenError, StoreConfig};
use teller_understand::intents::cache::EmbeddingCache;

/// Versions and activations looked at.
const LISTED_MAX: u32 = 500;
/// Who the command line is, in the audit log.
pub const ACTOR: &str = "command-line";

#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// Check a pack folder
    ///
    /// Prints `file:line:column: error[code]: what is wrong` for each finding
    /// and ends with 1 when there is an error. Needs neither models nor data.
    Check {
        /// The pack folder
        dir: PathBuf,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Play the conversation scripts of a pack
    ///
    /// Each script in `tests/`, in each of its wordings, runs against the real
    /// rooms and a sandbox core of its own, seeded from `core/`. Ends with 1
    /// when one fails.
    Test {
        /// The pack folder
        dir: PathBuf,
        /// Only scripts whose name or file holds this
        #[arg(long)]
        only: Option<String>,
    },
    /// Write a small pack that checks and answers, to start from
    New {
        /// Folder to make; it must not exist or be empty
        dir: PathBuf,
    },
    /// Let a pack speak: a folder, or a version that is kept already
    ///
    /// A folder is checked, kept whole in the store under its content address,
    /// and activated. The server must not be running on the same data folder;
    /// a running one activates kept versions from its console.
    Activate {
        /// Folder, or version (`pk_…`)
        pack: String,
        /// Why, for the audit log
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Let the version that spoke before speak again
    Rollback {
        /// Why, for the audit log
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// List the versions kept, and which one speaks
    List,
}

pub fn run(places: &PlaceArgs, command: PackCommand) -> Result<ExitCode> {
    match command {
        PackCommand::Check { dir, json } => return check(&dir, json),
        PackCommand::Test { dir, only } => return crate::cli::pack_test::run(places, &dir, only.as_deref()),
        PackCommand::New { dir } => {
            pack_new::write(&dir)?;
            out::line(format_args!("wrote {0}; next: teller pack check {0}", dir.display()));
        }
        PackCommand::Activate { pack, reason } => block_on(activate(places, &pack, &reason))?,
        PackCommand::Rollback { reason } => block_on(rollback(places, &reason))?,
        PackCommand::List => block_on(list(places))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What a check needs: no models, since nothing is understood.
pub fn bare_workshop() -> Workshop {
    Workshop {
        encoder: None,
        closer: None,
        learned: None,
        cache: Arc::new(EmbeddingCache::in_memory()),
        operations: Arc::new(packs::operations()),
    }
}

fn check(dir: &Path, json: bool) -> Result<ExitCode> {
    let (bank, mut notes) = BankPack::compile(PackSource::from_dir(dir)?, &bare_workshop());
    notes.sort_by(|a, b| (a.gravity, &a.place).cmp(&(b.gravity, &b.place)));
    if json {
        out::line(serde_json::to_string_pretty(&notes)?);
    } else {
        notes.iter().for_each(out::line);
        summary(dir, bank.as_ref(), &notes);
    }
    Ok(if bank.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn summary(dir: &Path, bank: Option<&BankPack>, notes: &[Diagnostic]) {
    let errors = notes.iter().filter(|note| note.is_error()).count();
    let warnings = notes.len() - errors;
    match bank {
        Some(bank) => out::line(format_args!(
            "{}: sound, {warnings} warnings; {} intents, {} flows, {} articles; {}",
            dir.display(),
            bank.pack.intents.len(),
            bank.flows.len(),
            bank.pack.articles.len(),
            bank.version()
        )),
        None => out::line(format_args!("{}: {errors} errors, {warnings} warnings", dir.display())),
    }
}

/// Opens the store of the data folder for writing.
pub async fn open_store(places: &PlaceArgs) -> Result<Db> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    crate::wiring::prepare_folder(&settings, &crate::chance::SystemRng)?;
    let config = StoreConfig::in_folder(&settings.data)?;
    match Db::open(config, Arc::new(SystemClock)).await {
        Err(OpenError::InUse { .. }) => {
            bail!("a server is running on {}; stop it first, or use its console", settings.data.display())
        }
        other => Ok(other?),
    }
}

/// Opens the store for reading, beside a running server or not.
pub async fn open_to_read(places: &PlaceArgs) -> Result<Db> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    if !settings.data.join(DATABASE_FILE).exists() {
        bail!("there is no database in {}", settings.data.display());
    }
    let config = StoreConfig::in_folder(&settings.data)?.read_only();
    Ok(Db::open(config, Arc::new(SystemClock)).await?)
}

async fn activate(places: &PlaceArgs, pack: &str, reason: &str) -> Result<()> {
    let store = open_store(places).await?;
    let version = match PackVersion::parse(pack) {
        Ok(version) if !Path::new(pack).is_dir() => version,
        _ => keep_folder(&store, Path::new(pack)).await?,
    };
    // A version that no longer compiles must not be put into service.
    packs::load(&store, &version, &bare_workshop()).await?;
    packs::record_activation(&store, &version, Actor::system(ACTOR), reason).await?;
    out::line(format_args!("{version} speaks from the next start on"));
    store.close().await;
    Ok(())
}

async fn keep_folder(store: &Db, folder: &Path) -> Result<PackVersion> {
    match packs::import(store, folder, &bare_workshop()).await {
        Ok(bank) => Ok(bank.version().clone()),
        Err(packs::PackError::Broken(notes)) => {
            notes.iter().filter(|note| note.is_error()).for_each(out::line);
            bail!("{} has errors; nothing was activated", folder.display())
        }
        Err(error) => Err(error).with_context(|| folder.display().to_string()),
    }
}

async fn rollback(places: &PlaceArgs, reason: &str) -> Result<()> {
    let store = open_store(places).await?;
    let activations = store.activations(LISTED_MAX).await?;
    let Some(now) = activations.first() else { bail!("no pack was ever activated") };
    let before = activations.iter().find(|one| one.pack == now.pack && one.version != now.version);
    let Some(before) = before else { bail!("{} is the only version that ever spoke", now.version) };
    packs::load(&store, &before.version, &bare_workshop()).await?;
    let reason = if reason.is_empty() { format!("rollback of {}", now.version) } else { reason.to_owned() };
    packs::record_activation(&store, &before.version, Actor::system(ACTOR), &reason).await?;
    out::line(format_args!("{} speaks from the next start on, as before {}", before.version, now.version));
    store.close().await;
    Ok(())
}

async fn list(places: &PlaceArgs) -> Result<()> {
    let store = open_to_read(places).await?;
    let activations = store.activations(LISTED_MAX).await?;
    for pack in store.packs(LISTED_MAX).await? {
        let last = activations.iter().find(|one| one.version == pack.version);
        let speaks = activations.first().is_some_and(|now| now.version == pack.version);
        let state = match last {
            Some(_) if speaks => "speaks",
            Some(_) => "spoke before",
            None => "never spoke",
        };
        let by = last.map(|last| format!(", activated {} by {}", instant(last.at_ms), last.by)).unwrap_or_default();
        out::line(format_args!("{} {} {} {state}{by}", pack.version, pack.id, out::bytes(pack.bytes)));
    }
    Ok(())
}

/// A moment as ISO 8601, UTC.
pub fn instant(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(|_| at_ms.to_string(), |at| at.strftime("%FT%TZ").to_string())
}
