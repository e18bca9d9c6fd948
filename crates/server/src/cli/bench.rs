//! `teller bench`: figures as JSON lines on standard output, one for each thing
//! measured; what they mean and what they were is in docs/PERFORMANCE.md.

use crate::cli::{block_on, out};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::wiring;
use anyhow::{Result, anyhow};
use clap::Subcommand;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use teller_models::{
    Catalogue, FAST_VECTORS, NAMED_ENTITIES, SEMANTIC_VECTORS, SemanticEncoder, model_cost, pool_cost,
};
use teller_rehearsal::bench::{Line, Mix, appends, turns};
use teller_rehearsal::{Stage, workshop};

/// Workers of the pools that are measured.
const POOL_WORKERS: [usize; 2] = [1, 2];

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
    /// Each installed model: processor time, memory, time to open; then the pool
    Models {
        /// Sentences of each length
        #[arg(long, default_value_t = 500)]
        sentences: usize,
        /// Seconds for each reading of the pool
        #[arg(long, default_value_t = 5)]
        seconds: u64,
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
        BenchCommand::Models { sentences, seconds } => return models(&catalogue, *sentences, *seconds),
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for each model and each reading of the pool. What is not installed is
/// said on standard error; measuring needs no approval.
fn models(catalogue: &Catalogue, sentences: usize, seconds: u64) -> Result<ExitCode> {
    let mut measured = 0;
    for name in [FAST_VECTORS, SEMANTIC_VECTORS, NAMED_ENTITIES] {
        match model_cost(catalogue, name, sentences) {
            Ok(cost) => {
                out::line(serde_json::to_string(&cost)?);
                measured += 1;
            }
            Err(error) => out::complain(&format!("{}: {error}", error.code())),
        }
    }
    if let Ok(folder) = catalogue.candidate(SEMANTIC_VECTORS) {
        let encoder = Arc::new(SemanticEncoder::open(&folder)?);
        for workers in POOL_WORKERS {
            for reading in pool_cost(&encoder, workers, seconds)? {
                out::line(serde_json::to_string(&reading)?);
            }
        }
    }
    Ok(if measured > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn stage(pack: &Path, catalogue: &Catalogue) -> Result<Arc<Stage>> {
    Ok(Arc::new(Stage::set(pack, workshop(Some(catalogue))).await?))
}

fn print(line: &Line) -> Result<()> {
    out::line(serde_json::to_string(line)?);
    Ok(())
}
