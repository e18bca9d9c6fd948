//! Moods: the class named and the intensity given, against labels.
//!
//! The sentence vector is made when its model is installed, as in service; its
//! cost is part of the figure. Not here: trends over a conversation.

use crate::cpu;
use crate::read::{EvalError, csv};
use crate::score::{Counts, macro_f1, round, share};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder};
use teller_understand::emotion::{EmotionClass, Emotions};
use teller_understand::intents::{CloserLook, closer_look};
use teller_understand::normalise;

/// Most rows that the list of errors shows.
const ERRORS_MAX: usize = 500;

#[derive(Deserialize)]
struct Row {
    text: String,
    emotion: String,
    /// 0 to 3; sets without it have no figure for it.
    intensity: Option<u8>,
}

/// Both encoders, as far as they are installed.
pub(crate) fn encoders() -> (Option<FastEncoder>, Option<CloserLook>) {
    let Ok(catalogue) = Catalogue::embedded() else { return (None, None) };
    let fast = catalogue.installed(FAST_VECTORS).and_then(|folder| FastEncoder::open(&folder)).ok();
    (fast, closer_look(&catalogue).ok())
}

/// Measures a set of `text,emotion,intensity` rows.
///
/// Gives `n`, `accuracy`, `macro_f1`, `intensity_mae`, `by.CLASS` with `{precision,
/// recall, f1}`, `vectors` (whether the encoder was there) and
/// `cpu_ms_per_text`; with `errors` also the rows whose class differs.
///
/// # Errors
/// The file cannot be read, or a row has no such emotion.
pub fn run(file: &Path, errors: bool) -> Result<Value, EvalError> {
    let rows: Vec<Row> = csv(file)?;
    for (line, row) in (2..).zip(&rows) {
        if EmotionClass::parse(&row.emotion).is_none() {
            let why = format!("no emotion: {}", row.emotion);
            return Err(EvalError::Row { path: file.display().to_string(), line, why });
        }
    }
    let (encoder, closer) = encoders();
    let read = |text: &str| {
        let normal = normalise(text);
        let vector = encoder.as_ref().map(|encoder| encoder.embed(&normal));
        Emotions::embedded().read_closer(text, vector.as_deref(), || closer.as_ref()?(&normal))
    };
    // Weights and tables are opened at the first use, which is no message's cost.
    let _ = read("你好");
    let (found, ms) = cpu::each(rows.len(), || rows.iter().map(|row| read(&row.text)).collect::<Vec<_>>());

    let mut by: BTreeMap<&str, Counts> = BTreeMap::new();
    let (mut pairs, mut wrong, mut off, mut rated) = (Vec::new(), Vec::new(), 0_u32, 0_usize);
    for (row, found) in rows.iter().zip(&found) {
        let said = found.class.name();
        if row.emotion == said {
            by.entry(said).or_default().hits += 1;
        } else {
            by.entry(&row.emotion).or_default().misses += 1;
            by.entry(said).or_default().false_alarms += 1;
            if errors && wrong.len() < ERRORS_MAX {
                wrong.push(json!({"text": row.text, "expected": row.emotion, "found": said}));
            }
        }
        if let Some(intensity) = row.intensity {
            off += u32::from(intensity.abs_diff(found.intensity));
            rated += 1;
        }
        pairs.push((row.emotion.clone(), said.to_owned()));
    }
    let right = pairs.iter().filter(|(truth, said)| truth == said).count();
    let mut out = json!({
        "n": rows.len(),
        "accuracy": round(share(right, rows.len())),
        "macro_f1": round(macro_f1(&pairs)),
        "intensity_mae": (rated > 0).then(|| round(f64::from(off) / rated as f64)),
        "by": by.iter().map(|(class, counts)| (*class, counts.json())).collect::<BTreeMap<_, _>>(),
        "vectors": encoder.is_some(),
        "cpu_ms_per_text": round(ms),
    });
    if errors {
        out["errors"] = json!(wrong);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(rows: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a folder for temporary files");
        std::fs::write(file.path(), rows).expect("room");
        file
    }

    #[test]
    fn rows_are_counted_and_strange_labels_are_an_error() {
        let file = set("text,emotion,intensity\n太感谢你们了，钱追回来了,happy,3\n请问网点几点关门,angry,2\n");
        let out = run(file.path(), true).expect("a sound set");
        assert_eq!(out["n"], 2);
        assert_eq!(out["accuracy"], 0.5);
        assert_eq!(out["by"]["happy"]["recall"], 1.0);
        assert_eq!(out["errors"][0]["expected"], "angry");
        let strange = set("text,emotion,intensity\n你好,bored,1\n");
        let error = run(strange.path(), false).expect_err("no such emotion").to_string();
        assert!(error.contains(":2:") && error.contains("bored"), "{error}");
    }
}
