//! Makes the weights of intent ranking from a pack's own samples and prints how
//! they fit.
//!
//! `cargo run --release -p teller-understand --example train_intents -- --pack packs/demo`
//! writes `crates/understand/src/intents/weights.json`; `--out FILE` elsewhere.

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, Silent};
use teller_pack::{Pack, PackSource};
use teller_understand::intents::train::{Given, train};

const OUT_OF_SCOPE: &str = "SYS_OOD";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(PathBuf::from)
    };
    let pack = after("--pack").ok_or("say which pack: --pack DIR")?;
    let weights_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/intents/weights.json");
    let samples = samples(&pack)?;
    let folder = Catalogue::embedded()?.fetch(FAST_VECTORS, &Silent)?;
    let encoder = Arc::new(FastEncoder::open(&folder)?);
    let (weights, fitted) = train(&samples, OUT_OF_SCOPE, &encoder);
    writeln!(stderr(), "with vectors: {:#?}\nwords only: {:#?}", fitted[0], fitted[1])?;
    std::fs::write(after("--out").unwrap_or(weights_file), serde_json::to_string_pretty(&weights)? + "\n")?;
    Ok(())
}

/// The utterances of every intent.
fn samples(folder: &Path) -> Result<Vec<Given>, Box<dyn std::error::Error>> {
    let (pack, notes) = Pack::load(PackSource::from_dir(folder)?);
    let pack = pack.ok_or_else(|| notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    Ok(pack.utterances().map(|(id, text, locale)| (id.to_owned(), text.to_owned(), locale)).collect())
}
