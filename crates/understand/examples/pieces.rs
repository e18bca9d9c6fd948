//! The word pieces that the semantic encoder sees: a text a line on standard
//! input, a JSON list of piece numbers a line on standard output.
//!
//! `cargo run --release -p teller-understand --example pieces < texts > pieces`
//! feeds the trainer in `train/encoder`, so that it needs no tokenizer of its own.

use std::io::{BufRead, Write, stdin, stdout};

use teller_models::{Catalogue, SEMANTIC_VECTORS, SemanticEncoder, Silent};
use teller_understand::normalise;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let encoder = SemanticEncoder::open(&Catalogue::embedded()?.fetch(SEMANTIC_VECTORS, &Silent)?)?;
    let mut out = std::io::BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let ids: Vec<String> = encoder.piece_ids(&normalise(&line?)).iter().map(u32::to_string).collect();
        writeln!(out, "[{}]", ids.join(","))?;
    }
    Ok(())
}
