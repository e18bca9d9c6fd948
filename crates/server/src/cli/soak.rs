//! `teller soak`: ends and failures on purpose, and the proof that nothing is
//! lost or doubled. Progress goes to standard error, the outcome to standard
//! output as one JSON line.

use crate::chance::SystemClock;
use crate::cli::{block_on, out};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::{kills, wiring};
use anyhow::{Result, anyhow};
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use teller_rehearsal::{Stage, simulate, workshop};

#[derive(Debug, Subcommand)]
pub enum SoakCommand {
    /// Crash points and core faults by the thousand, seeded, in one process
    Crashes {
        /// Crashes and core faults to go through
        #[arg(long, default_value_t = 10_000)]
        incidents: u64,
        /// First seed; a broken run names the seed that plays it again
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The pack folder
        #[arg(long, default_value = "packs/demo")]
        pack: PathBuf,
    },
    /// Kill -9 of the whole server and of its core while customers are at it
    ///
    /// Starts servers of its own on free loopback addresses, with a data folder
    /// of their own; a folder of a broken run is left for a look.
    Kills {
        /// How many kills
        #[arg(long, default_value_t = 60)]
        count: u64,
        /// Seed of the customers' doings and of the moments
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The pack folder
        #[arg(long, default_value = "packs/demo")]
        pack: PathBuf,
        /// An empty folder for the run
        #[arg(long, default_value = "target/kills")]
        folder: PathBuf,
    },
}

pub fn run(places: &PlaceArgs, command: &SoakCommand) -> Result<ExitCode> {
    match command {
        SoakCommand::Crashes { incidents, seed, pack } => {
            let settings = Settings::load(places, &ServeArgs::default())?;
            let catalogue = wiring::catalogue(&settings)?;
            block_on(async {
                let stage = Arc::new(Stage::set(pack, workshop(Some(&catalogue))).await?);
                let tally =
                    simulate::run(stage, *seed, *incidents, complain).await.map_err(|broken| anyhow!(broken))?;
                out::line(serde_json::to_string(&tally)?);
                Ok(())
            })?;
        }
        SoakCommand::Kills { count, seed, pack, folder } => {
            let tally = block_on(kills::run(folder, pack, *seed, *count, Arc::new(SystemClock), complain))?;
            std::fs::remove_dir_all(folder)?;
            out::line(serde_json::to_string(&tally)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn complain(tally: &impl serde::Serialize) {
    if let Ok(line) = serde_json::to_string(tally) {
        out::complain(&line);
    }
}
