//! `teller bench`: figures as JSON lines on standard output, one for each thing
//! measured; what they mean and what they were is in docs/PERFORMANCE.md.

use crate::cli::{block_on, out};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::wiring;
use anyhow::{Context, Result, anyhow};
use clap::Subcommand;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use teller_models::bench_fast;
use teller_rehearsal::bench::{Line, Mix, appends, turns};
use teller_rehearsal::{Stage, workshop};

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Turns through the whole service: inside a flow, with a new wish, from knowledge
    Turn {
        /// Turns of each kind
        #[arg(long, default_value_t = 2_000)]
        turns: usize,
        /// Conversations at once
        #[arg(long, default_value_t = 1)]
        callers: usize,
        /// The pack folder
        #[arg(long, default_value = "packs/demo")]
        pack: PathBuf,
    },
    /// Durable appends of one event each, grouped by the store
    Append {
        /// Callers at once
        #[arg(long, default_value_t = 64)]
        callers: usize,
        /// Seconds to go on
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// The pack folder
        #[arg(long, default_value = "packs/demo")]
        pack: PathBuf,
    },
    /// The fast sentence vectors, one thread
    Models {
        /// Sentences
        #[arg(long, default_value_t = 5_000)]
        sentences: usize,
    },
}

pub fn run(places: &PlaceArgs, command: &BenchCommand) -> Result<ExitCode> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    let catalogue = wiring::catalogue(&settings)?;
    match command {
        BenchCommand::Turn { turns: count, callers, pack } => block_on(async {
            let stage = stage(pack, &catalogue).await?;
            for mix in Mix::ALL {
                print(&turns(stage.clone(), mix, *count, *callers).await.map_err(|problem| anyhow!(problem))?)?;
            }
            Ok(())
        })?,
        BenchCommand::Append { callers, seconds, pack } => block_on(async {
            let stage = stage(pack, &catalogue).await?;
            print(&appends(stage, *callers, Duration::from_secs(*seconds)).await.map_err(|problem| anyhow!(problem))?)
        })?,
        BenchCommand::Models { sentences } => {
            let encoder = workshop(Some(&catalogue))
                .encoder
                .context("no models installed; `teller models fetch` fetches them")?;
            out::line(serde_json::to_string(&bench_fast(&encoder, *sentences))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn stage(pack: &Path, catalogue: &teller_models::Catalogue) -> Result<Arc<Stage>> {
    Ok(Arc::new(Stage::set(pack, workshop(Some(catalogue))).await?))
}

fn print(line: &Line) -> Result<()> {
    out::line(serde_json::to_string(line)?);
    Ok(())
}
