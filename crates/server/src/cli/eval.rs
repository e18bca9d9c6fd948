//! `teller eval`: a test set in, one JSON line out. Formats and figures are in
//! docs/EVAL.md.

use crate::cli::out;
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::wiring;
use anyhow::{Context, Result, anyhow};
use clap::Subcommand;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use teller_conversation::BankPack;
use teller_evaluation as evaluation;
use teller_pack::PackSource;
use teller_rehearsal::workshop;

#[derive(Debug, Subcommand)]
pub enum EvalCommand {
    /// Which intent a text means, and refusal of what is out of scope
    Intents {
        /// The pack whose intents are meant
        #[arg(long, value_name = "DIR")]
        pack: PathBuf,
        /// CSV: text,intent_id
        #[arg(long, value_name = "FILE")]
        test: PathBuf,
        /// CSV: text,kind — none of them is an intent of the pack
        #[arg(long, value_name = "FILE")]
        oos: Option<PathBuf>,
        /// List what went wrong
        #[arg(long)]
        errors: bool,
    },
}

pub fn run(places: &PlaceArgs, command: &EvalCommand) -> Result<ExitCode> {
    let line: Value = match command {
        EvalCommand::Intents { pack, test, oos, errors } => {
            evaluation::intents::of_pack(&bank(places, pack)?, test, oos.as_deref(), *errors)?
        }
    };
    out::line(serde_json::to_string(&line)?);
    Ok(ExitCode::SUCCESS)
}

fn bank(places: &PlaceArgs, pack: &Path) -> Result<BankPack> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    let catalogue = wiring::catalogue(&settings)?;
    let source = PackSource::from_dir(pack).with_context(|| format!("pack folder {}", pack.display()))?;
    let (bank, notes) = BankPack::compile(source, &workshop(Some(&catalogue)));
    notes.iter().filter(|note| note.is_error()).for_each(|note| out::complain(&note.to_string()));
    bank.ok_or_else(|| anyhow!("the pack in {} has errors", pack.display()))
}
