//! Makes the weights of knowledge search from a pack's own text and prints how
//! they fit.
//!
//! `cargo run --release -p teller-knowledge --example train_knowledge -- --pack packs/demo`
//! writes `crates/knowledge/src/weights.json`; `--out FILE` elsewhere.

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use teller_knowledge::train::{Asked, train};
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, Silent};
use teller_pack::{Pack, PackSource, Serve};

const OUT_OF_SCOPE: &str = "SYS_OOD";

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(PathBuf::from)
    };
    let folder = after("--pack").ok_or("say which pack: --pack DIR")?;
    let weights_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/weights.json");
    let (pack, notes) = Pack::load(PackSource::from_dir(&folder)?);
    let pack = pack.ok_or_else(|| notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let encoder = Arc::new(FastEncoder::open(&Catalogue::embedded()?.fetch(FAST_VECTORS, &Silent)?)?);
    let (weights, fitted) = train(&pack.articles, &pack.synonyms, &asked(&pack), &encoder);
    writeln!(stderr(), "with vectors: {:#?}\nwords only: {:#?}", fitted[0], fitted[1])?;
    std::fs::write(after("--out").unwrap_or(weights_file), serde_json::to_string_pretty(&weights)? + "\n")?;
    Ok(())
}

/// What customers say for intents that articles serve, and what is out of scope.
fn asked(pack: &Pack) -> Vec<Asked> {
    let mut asked = Vec::new();
    for intent in pack.intents.values() {
        let right = match &intent.serve {
            Serve::Article(ids) => ids.clone(),
            _ if intent.id == OUT_OF_SCOPE => Vec::new(),
            _ => continue,
        };
        asked.extend(intent.utterances.all().map(|text| (text.to_owned(), right.clone())));
    }
    asked
}
