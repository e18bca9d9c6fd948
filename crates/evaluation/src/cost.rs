//! What it costs to understand a message with everything on: language, entities,
//! personal data, intents, articles, the guard and the mood, as the first message
//! of a conversation.
//!
//! Not here: what was understood; the other sets measure that.

use crate::cpu;
use crate::read::{self, EvalError};
use crate::score::{round, share};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use teller_conversation::{BankPack, hear};
use teller_kernel::Locale;
use teller_models::resident_bytes;

/// Messages that warm up what is opened at its first use.
const WARM_UP: usize = 20;

#[derive(Deserialize)]
struct Row {
    text: String,
}

/// Measures the messages of a CSV with a column `text`: `n`, `cpu_ms_mean`,
/// `cpu_ms_p50`, `cpu_ms_p95`; `sure` is the share that the fast tier was sure
/// of, with `cpu_ms_mean` of these and of the others; `resident_mib` is the
/// process with the whole text stack in use.
///
/// # Errors
/// The file cannot be read or is empty.
pub fn run(bank: BankPack, file: &Path, today: Date) -> Result<Value, EvalError> {
    let rows: Vec<Row> = read::csv(file)?;
    if rows.is_empty() {
        return Err(EvalError::Other(format!("{} holds no message", file.display())));
    }
    let bank = Arc::new(bank);
    for row in rows.iter().take(WARM_UP) {
        let _ = hear(&bank, &row.text, Locale::Zh, today);
    }
    let measured = rows.iter().map(|row| cpu::each(1, || hear(&bank, &row.text, Locale::Zh, today).looked_closer));
    let (closer, sure): (Vec<_>, Vec<_>) = measured.partition(|(closer, _)| *closer);
    let times = |of: &[(bool, f64)]| of.iter().map(|(_, ms)| *ms).collect::<Vec<f64>>();
    let (closer, sure) = (times(&closer), times(&sure));
    let mut all = [closer.as_slice(), &sure].concat();
    all.sort_by(f64::total_cmp);
    let mean =
        |of: &[f64]| if of.is_empty() { Value::Null } else { round(of.iter().sum::<f64>() / of.len() as f64).into() };
    let below = |percent: usize| round(all[(all.len() - 1) * percent / 100]);
    Ok(json!({
        "n": all.len(),
        "cpu_ms_mean": mean(&all),
        "cpu_ms_p50": below(50),
        "cpu_ms_p95": below(95),
        "sure": {"share": round(share(sure.len(), all.len())), "cpu_ms_mean": mean(&sure)},
        "unsure": {"cpu_ms_mean": mean(&closer)},
        "resident_mib": resident_bytes().map(|bytes| bytes >> 20),
    }))
}
