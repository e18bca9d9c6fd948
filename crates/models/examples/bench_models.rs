//! What `teller bench models` prints, without building the whole program.
//!
//! `cargo run --release -p teller-models --example bench_models -- 500 5`:
//! sentences of each length, seconds for each reading of the pool.

use std::error::Error;
use std::io::{Write, stdout};
use std::sync::Arc;

use teller_models::{
    Catalogue, FAST_VECTORS, NAMED_ENTITIES, SEMANTIC_VECTORS, SemanticEncoder, Silent, model_cost, pool_cost,
};

const DEFAULT_SENTENCES: usize = 500;
const DEFAULT_SECONDS: u64 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut asked = std::env::args().skip(1);
    let sentences = asked.next().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_SENTENCES);
    let seconds = asked.next().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_SECONDS);
    let catalogue = Catalogue::embedded()?;
    let mut out = stdout().lock();
    for name in [FAST_VECTORS, SEMANTIC_VECTORS, NAMED_ENTITIES] {
        catalogue.fetch(name, &Silent)?;
        writeln!(out, "{}", serde_json::to_string(&model_cost(&catalogue, name, sentences)?)?)?;
    }
    let encoder = Arc::new(SemanticEncoder::open(&catalogue.candidate(SEMANTIC_VECTORS)?)?);
    for workers in [1, 2] {
        for reading in pool_cost(&encoder, workers, seconds)? {
            writeln!(out, "{}", serde_json::to_string(&reading)?)?;
        }
    }
    Ok(())
}
