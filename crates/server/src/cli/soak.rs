//! `teller soak`: crashes and core faults by the thousand, seeded, in one process.

use crate::cli::{block_on, out};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::wiring;
use anyhow::{Result, anyhow};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use teller_rehearsal::{Stage, simulate, workshop};

#[derive(Debug, Args)]
pub struct SoakArgs {
    /// Crashes and core faults to go through
    #[arg(long, default_value_t = 10_000)]
    incidents: u64,
    /// First seed; a broken run names the seed that plays it again
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The pack folder
    #[arg(long, default_value = "packs/demo")]
    pack: PathBuf,
}

pub fn run(places: &PlaceArgs, args: &SoakArgs) -> Result<ExitCode> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    let catalogue = wiring::catalogue(settings.models_dir.as_deref())?;
    block_on(async {
        let stage = Arc::new(Stage::set(&args.pack, workshop(Some(&catalogue))).await?);
        let progress = |tally: &simulate::Tally| {
            if let Ok(line) = serde_json::to_string(tally) {
                out::complain(&line);
            }
        };
        let tally =
            simulate::run(stage, args.seed, args.incidents, progress).await.map_err(|broken| anyhow!(broken))?;
        out::line(serde_json::to_string(&tally)?);
        Ok(ExitCode::SUCCESS)
    })
}
