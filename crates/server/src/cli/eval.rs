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
    /// Whether two sentences mean the same
    Similarity {
        /// Tab-separated: a, b, label
        file: PathBuf,
        #[command(flatten)]
        show: Show,
        /// What each ingredient of the score gives alone and with others
        #[arg(long)]
        ingredients: bool,
    },
    /// Which intent a text means, and refusal of what is out of scope
    Intents {
        /// The pack whose intents are meant
        #[arg(long, value_name = "DIR", required_unless_present = "train")]
        pack: Option<PathBuf>,
        /// CSV: text,label — labels are learned from these instead
        #[arg(long, value_name = "FILE", conflicts_with = "pack")]
        train: Option<PathBuf>,
        /// CSV: text,intent_id with --pack, text,label with --train
        #[arg(long, value_name = "FILE")]
        test: PathBuf,
        /// CSV: text,kind — none of them is an intent
        #[arg(long, value_name = "FILE")]
        oos: Option<PathBuf>,
        /// Examples a label that are learned from (all of them without)
        #[arg(long, value_name = "K", requires = "train")]
        shots: Option<usize>,
        /// Which examples are taken
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        show: Show,
    },
    /// Several wishes in one message
    Multi {
        #[arg(long, value_name = "DIR")]
        pack: PathBuf,
        /// JSON lines: {text, intents}
        file: PathBuf,
        #[command(flatten)]
        show: Show,
    },
    /// The values in a message
    Slots {
        #[arg(long, value_name = "DIR")]
        pack: PathBuf,
        /// The day that "tomorrow" is relative to
        #[arg(long, value_name = "YYYY-MM-DD")]
        today: jiff::civil::Date,
        /// JSON lines: {text, slots}
        file: PathBuf,
        #[command(flatten)]
        show: Show,
    },
    /// Processor time a message with everything on, and memory
    Cost {
        #[arg(long, value_name = "DIR")]
        pack: PathBuf,
        /// The day that "tomorrow" is relative to
        #[arg(long, value_name = "YYYY-MM-DD")]
        today: jiff::civil::Date,
        /// CSV with a column text
        file: PathBuf,
    },
    /// Which emotion, and how strong
    Emotion {
        /// CSV: text,emotion,intensity
        file: PathBuf,
        #[command(flatten)]
        show: Show,
    },
    /// Personal data and where it stands
    Pii {
        /// JSON lines: {text, spans}
        file: PathBuf,
        #[command(flatten)]
        show: Show,
    },
    /// Attacks on the assistant, and ordinary talk flagged by mistake
    Guard {
        /// CSV: text,label (attack or benign)
        file: PathBuf,
        #[command(flatten)]
        show: Show,
    },
}

#[derive(Debug, clap::Args)]
pub struct Show {
    /// List what went wrong
    #[arg(long)]
    errors: bool,
}

pub fn run(places: &PlaceArgs, command: &EvalCommand) -> Result<ExitCode> {
    let line: Value = match command {
        EvalCommand::Similarity { file, ingredients: true, .. } => evaluation::similarity::ingredients(file)?,
        EvalCommand::Similarity { file, show, .. } => evaluation::similarity::run(file, show.errors)?,
        EvalCommand::Intents { train: Some(train), test, oos, shots, seed, show, .. } => {
            let how = evaluation::learned::Shots { shots: *shots, seed: *seed };
            evaluation::learned::run(train, test, oos.as_deref(), how, show.errors)?
        }
        EvalCommand::Intents { pack, test, oos, show, .. } => {
            let pack = pack.as_deref().context("say which pack: --pack DIR, or examples: --train FILE")?;
            evaluation::intents::of_pack(&bank(places, pack)?, test, oos.as_deref(), show.errors)?
        }
        EvalCommand::Multi { pack, file, show } => evaluation::multi::run(&bank(places, pack)?, file, show.errors)?,
        EvalCommand::Slots { pack, today, file, show } => {
            let products = bank(places, pack)?.pack.product_names();
            evaluation::slots::run(file, *today, &products, show.errors)?
        }
        EvalCommand::Cost { pack, today, file } => evaluation::cost::run(bank(places, pack)?, file, *today)?,
        EvalCommand::Emotion { file, show } => evaluation::emotion::run(file, show.errors)?,
        EvalCommand::Pii { file, show } => evaluation::pii::run(file, show.errors)?,
        EvalCommand::Guard { file, show } => evaluation::guard::run(file, show.errors)?,
    };
    out::line(serde_json::to_string(&line)?);
    Ok(ExitCode::SUCCESS)
}

pub fn bank(places: &PlaceArgs, pack: &Path) -> Result<BankPack> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    let catalogue = wiring::catalogue(&settings)?;
    let source = PackSource::from_dir(pack).with_context(|| format!("pack folder {}", pack.display()))?;
    let (bank, notes) = BankPack::compile(source, &workshop(Some(&catalogue)));
    notes.iter().filter(|note| note.is_error()).for_each(|note| out::complain(&note.to_string()));
    bank.ok_or_else(|| anyhow!("the pack in {} has errors", pack.display()))
}
