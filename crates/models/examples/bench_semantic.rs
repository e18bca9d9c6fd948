//! Prints how fast the semantic encoder is here, fetching it first if need be.
//!
//! `cargo run --release -p teller-models --example bench_semantic -- 2000`

use std::io::{Write, stdout};
use std::process::ExitCode;

use teller_models::{Catalogue, ModelError, SEMANTIC_VECTORS, SemanticEncoder, Silent, bench_semantic};

const DEFAULT_SENTENCES: usize = 2_000;

fn main() -> ExitCode {
    let asked = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let outcome = report(asked.unwrap_or(DEFAULT_SENTENCES));
    let (text, code) = match outcome {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(error) => (error.to_string(), ExitCode::FAILURE),
    };
    match writeln!(stdout(), "{text}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

fn report(sentences: usize) -> Result<String, ModelError> {
    let folder = Catalogue::embedded()?.fetch(SEMANTIC_VECTORS, &Silent)?;
    let encoder = SemanticEncoder::open(&folder)?;
    Ok(format!("{:#?}", bench_semantic(&encoder, sentences)))
}
