//! `teller train`: models that a bank makes out of its own data, on its own
//! machine. What is made waits for `teller models approve`.

use crate::chance::SystemClock;
use crate::cli::out;
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::wiring;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use teller_conversation::{LogEntry, teach};
use teller_evaluation::score::interval;
use teller_kernel::Clock;
use teller_models::{LOG_INTENTS, Taught};

#[derive(Debug, Subcommand)]
pub enum TrainCommand {
    /// Learn intents from what customers wrote and turned out to mean
    ///
    /// At least twenty entries a label. Texts are masked before anything is made
    /// of them; vectors and numbers are kept, no text. One entry in ten is held
    /// out to judge by and to find how much the logs count beside the pack. Each
    /// run makes a new version with a report in the data folder; it serves once
    /// approved, and `teller models rollback log-intents` goes back.
    Intents {
        /// The pack whose intents are meant
        #[arg(long, value_name = "DIR", default_value = "packs/demo")]
        pack: PathBuf,
        /// CSV: text,intent_id — `oos` for what is none of the bank's business
        #[arg(long, value_name = "FILE")]
        logs: PathBuf,
        /// Draws what is held out
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
    },
}

pub fn run(places: &PlaceArgs, command: &TrainCommand) -> Result<ExitCode> {
    let TrainCommand::Intents { pack, logs, seed } = command;
    intents(places, pack, logs, *seed)?;
    Ok(ExitCode::SUCCESS)
}

fn intents(places: &PlaceArgs, pack: &Path, logs: &Path, seed: u64) -> Result<()> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    let bank = super::eval::bank(places, pack)?;
    let entries: Vec<LogEntry> =
        teller_evaluation::read::csv(logs).with_context(|| format!("logs {}", logs.display()))?;
    let lessons = teach(&bank, &entries, seed, out::complain)?;
    if lessons.judged == 0 {
        bail!("TEACH_FEW: none of the entries could be held out to judge by");
    }
    let (before, after) = (lessons.right_before, lessons.right_after);
    let share = |right: usize| right as f64 / lessons.judged as f64;
    let figure = format!(
        "of {} held out right: {:.3} with the pack alone, {:.3} with the logs",
        lessons.judged,
        share(before),
        share(after)
    );
    let made_from = format!("{} entries of {} labels, seed {seed}", lessons.entries, lessons.labels);
    let report = json!({
        "made_from": made_from, "pack": bank.pack.version.to_string(), "judged": lessons.judged,
        "right": {"pack": share(before), "logs": share(after)},
        "right_95": {"pack": interval(before, lessons.judged), "logs": interval(after, lessons.judged)},
        "voice": lessons.learned.voice(), "labels": lessons.learned.labels(),
    });
    wiring::make_folder(&settings.data)?;
    let taught = Taught::in_folder(LOG_INTENTS, &settings.data);
    let today = Timestamp::from_millisecond(SystemClock.now_ms())?.to_zoned(bank.zone.clone()).date().to_string();
    let made = taught.add(&lessons.learned.to_bytes(), &report, &today, &made_from, &figure).map_err(wiring::coded)?;
    let name = LOG_INTENTS.name;
    out::line(format_args!("{name} {}: {made_from}", made.version));
    out::line(&figure);
    out::line(format_args!("kept with its report in {}", taught.folder().display()));
    out::line(format_args!("it serves once approved: teller models approve {name} --by WHO --note WHY"));
    Ok(())
}
