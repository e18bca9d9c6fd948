//! One intent a text: a pack's own (`text,intent_id`), or labels learned from a
//! set of examples (`text,label`); and refusal of what is out of scope.
//!
//! A text is refused when it seems to be none of the intents, when the best score
//! is below the bound from which the bank asks what is meant, or when the best
//! label is small talk: either way it neither acts nor asks. An in-scope text
//! counts as right by its best label, and as rejected when it is refused; both
//! are told, so that one cannot be bought with the other unseen.

use crate::cpu;
use crate::read::{self, EvalError};
use crate::score::{interval, macro_f1, round, share};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use teller_conversation::{BankPack, is_strange};
use teller_pack::Serve;
use teller_understand::normal::normalise;

/// Errors listed at most.
const ERRORS_MAX: usize = 500;

#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    #[serde(alias = "sentence")]
    pub text: String,
    #[serde(alias = "intent_id", alias = "category", alias = "intent")]
    pub label: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Stranger {
    pub text: String,
    #[serde(default)]
    pub kind: String,
}

/// What a classifier says to one text.
#[derive(Debug, Clone)]
pub struct Said {
    pub label: String,
    pub score: f64,
    /// The bank would neither act nor ask.
    pub refused: bool,
    /// It would ask, as the best label is not sure enough.
    pub asks: bool,
    /// The next best ones.
    pub others: Vec<String>,
}

/// A pack's intents as its customers would meet them.
///
/// # Errors
/// A set that cannot be read.
pub fn of_pack(bank: &BankPack, test: &Path, oos: Option<&Path>, errors: bool) -> Result<Value, EvalError> {
    let rows: Vec<Row> = read::csv(test)?;
    let strangers: Vec<Stranger> = oos.map(read::csv).transpose()?.unwrap_or_default();
    let bounds = bank.pack.manifest.understanding;
    let small_talk = |label: &str| matches!(bank.pack.intents.get(label).map(|intent| &intent.serve), Some(Serve::Message(id)) if id == "out_of_scope");
    let say = |text: &str| {
        let ranking = bank.look(text, &[], bank.intents.vector(text).as_deref(), 3).0;
        let ranked = ranking.labels;
        let best = ranked.first();
        let label = best.map(|best| best.label.clone()).unwrap_or_default();
        Said {
            refused: best.is_none_or(|best| best.score < bounds.ask || is_strange(&bounds, ranking.none, best.score))
                || small_talk(&label),
            asks: best.is_some_and(|best| best.score < bounds.act),
            score: best.map_or(0.0, |best| f64::from(best.score)),
            others: ranked.iter().skip(1).map(|ranked| ranked.label.clone()).collect(),
            label,
        }
    };
    let samples: Vec<String> =
        bank.pack.intents.keys().flat_map(|id| bank.intents.samples(id).map(|(text, _)| text.to_owned())).collect();
    let known = |row: &Row| bank.pack.intents.contains_key(&row.label);
    if let Some(row) = rows.iter().find(|row| !known(row)) {
        return Err(EvalError::Other(format!("the pack has no intent {}", row.label)));
    }
    let mut figures = figures(&rows, &strangers, errors, say, small_talk);
    figures.insert("nearest_duplicate_max".to_owned(), json!(nearest_duplicate(&rows, &samples)));
    Ok(Value::Object(figures))
}

/// The figures over any classifier.
pub fn figures(
    rows: &[Row],
    strangers: &[Stranger],
    errors: bool,
    say: impl Fn(&str) -> Said,
    small_talk: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    let (said, cpu_ms) = cpu::each(rows.len(), || rows.iter().map(|row| say(&row.text)).collect::<Vec<_>>());
    let right = |row: &Row, said: &Said| row.label == said.label || (small_talk(&row.label) && said.refused);
    let hits = rows.iter().zip(&said).filter(|(row, said)| right(row, said)).count();
    let top3 =
        rows.iter().zip(&said).filter(|(row, said)| right(row, said) || said.others.contains(&row.label)).count();
    let rejected = rows.iter().zip(&said).filter(|(row, said)| said.refused && !small_talk(&row.label)).count();
    let in_scope = rows.iter().filter(|row| !small_talk(&row.label)).count();
    let judged: Vec<(String, String)> = rows
        .iter()
        .zip(&said)
        .map(|(row, said)| (row.label.clone(), if right(row, said) { row.label.clone() } else { said.label.clone() }))
        .collect();
    let mut figures = Map::new();
    let mut put = |key: &str, value: Value| figures.insert(key.to_owned(), value);
    put("n", json!(rows.len()));
    put("accuracy", json!(round(share(hits, rows.len()))));
    put("accuracy_95", json!(interval(hits, rows.len())));
    put("top3", json!(round(share(top3, rows.len()))));
    put("macro_f1", json!(round(macro_f1(&judged))));
    put("in_scope_rejected", json!(round(share(rejected, in_scope))));
    put("in_scope_rejected_95", json!(interval(rejected, in_scope)));
    let asked = said.iter().filter(|said| said.asks && !said.refused).count();
    put("asked_first", json!(round(share(asked, rows.len()))));
    put("cpu_ms_per_text", json!(round(cpu_ms)));
    let of_strangers: Vec<Said> = strangers.iter().map(|stranger| say(&stranger.text)).collect();
    if !strangers.is_empty() {
        let count = of_strangers.iter().filter(|said| said.refused).count();
        put("oos_n", json!(strangers.len()));
        put("oos_recall", json!(round(share(count, strangers.len()))));
        put("oos_recall_95", json!(interval(count, strangers.len())));
        let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (stranger, said) in strangers.iter().zip(&of_strangers) {
            let kind = kinds.entry(&stranger.kind).or_default();
            kind.0 += usize::from(said.refused);
            kind.1 += 1;
        }
        let by = kinds.into_iter().map(|(kind, (part, whole))| (kind.to_owned(), json!(round(share(part, whole)))));
        put("oos_recall_by_kind", Value::Object(by.collect()));
    }
    if errors {
        let wrong = rows.iter().zip(&said).filter(|(row, said)| !right(row, said) || said.refused);
        let line = |(row, said): (&Row, &Said)| json!({"text": row.text, "expected": row.label, "found": said.label, "score": round(said.score), "refused": said.refused});
        put("errors", wrong.map(line).take(ERRORS_MAX).collect());
        let acted: Vec<Value> = strangers
            .iter()
            .zip(&of_strangers)
            .filter(|(_, said)| !said.refused)
            .map(|(stranger, said)| json!({"text": stranger.text, "found": said.label, "score": round(said.score)}))
            .take(ERRORS_MAX)
            .collect();
        put("oos_errors", json!(acted));
    }
    figures
}

/// The largest likeness of a tested text to any sample: how far the set is from
/// a mere repetition (Jaccard, 1912, over pairs of characters).
fn nearest_duplicate(rows: &[Row], samples: &[String]) -> f64 {
    let pairs = |text: &str| -> HashSet<(char, char)> {
        let letters: Vec<char> = normalise(text).chars().filter(|letter| letter.is_alphanumeric()).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let samples: Vec<_> = samples.iter().map(|text| pairs(text)).collect();
    let likeness = |row: &Row| {
        let own = pairs(&row.text);
        samples
            .iter()
            .map(|sample| share(own.intersection(sample).count(), own.union(sample).count()))
            .fold(0.0, f64::max)
    };
    round(rows.iter().map(likeness).fold(0.0, f64::max))
}
