//! Several wishes in one message: those that the bank would serve against those
//! that were meant.
//!
//! Not here: the order in which they are served.

use crate::cpu;
use crate::read::{EvalError, json_lines};
use crate::score::{Counts, interval, round, share};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use teller_conversation::BankPack;

/// Most rows that the list of errors shows.
const ERRORS_MAX: usize = 500;

#[derive(Deserialize)]
struct Row {
    text: String,
    intents: BTreeSet<String>,
}

/// Measures a set of `{text, intents: […]}` lines: `n`, `exact` (the same set of
/// intents), `precision`, `recall` and `f1` over all labels together,
/// `cpu_ms_per_text`; with `errors` the rows that differ.
///
/// # Errors
/// The file cannot be read, or the pack has no such intent.
pub fn run(bank: &BankPack, file: &Path, errors: bool) -> Result<Value, EvalError> {
    let rows: Vec<Row> = json_lines(file)?;
    if let Some(strange) = rows.iter().flat_map(|row| &row.intents).find(|id| !bank.pack.intents.contains_key(*id)) {
        return Err(EvalError::Other(format!("the pack has no intent {strange}")));
    }
    let (found, ms) = cpu::each(rows.len(), || {
        rows.iter().map(|row| bank.wishes(&row.text).into_iter().collect::<BTreeSet<String>>()).collect::<Vec<_>>()
    });
    let (mut counts, mut exact, mut wrong) = (Counts::default(), 0, Vec::new());
    for (row, found) in rows.iter().zip(&found) {
        counts.hits += found.intersection(&row.intents).count();
        counts.false_alarms += found.difference(&row.intents).count();
        counts.misses += row.intents.difference(found).count();
        if *found == row.intents {
            exact += 1;
        } else if wrong.len() < ERRORS_MAX {
            wrong.push(json!({"text": row.text, "expected": row.intents, "found": found}));
        }
    }
    let mut out = counts.json();
    out["n"] = json!(rows.len());
    out["exact"] = json!(round(share(exact, rows.len())));
    out["exact_95"] = json!(interval(exact, rows.len()));
    out["cpu_ms_per_text"] = json!(round(ms));
    if errors {
        out["errors"] = Value::Array(wrong);
    }
    Ok(out)
}
