//! Labels learned from a set of examples, as a bank with logs would: both
//! encoders' vectors, and what `teller_understand::learned` makes of them.
//! Examples labelled `oos` or `NO_NODES_DETECTED` are out of scope.
//!
//! Invariant: the same files, shots and seed give the same figures. Not here:
//! the figures themselves.

use crate::intents::{Row, Said, Stranger, figures};
use crate::read::{self, EvalError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, SemanticEncoder};
use teller_understand::intents::semantic_encoder;
use teller_understand::learned::{Learned, Lesson, Plan, spelt_out};
use teller_understand::normalise;
use teller_understand::text_model::folds;

/// Names that public sets give to what is out of scope.
const OUT_NAMES: [&str; 2] = ["oos", "NO_NODES_DETECTED"];
/// Texts between two lines of progress.
const PROGRESS: usize = 2_000;

/// How a set is measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shots {
    /// Examples a label that are learned from; all of them without.
    pub shots: Option<usize>,
    pub seed: u64,
}

/// Learns from `training` and gives the figures of `test` and `oos`, with what
/// was learned from under `learned`.
///
/// # Errors
/// A file cannot be read, a model is not installed, fewer than two labels.
pub fn run(training: &Path, test: &Path, oos: Option<&Path>, how: Shots, errors: bool) -> Result<Value, EvalError> {
    let given: Vec<Row> = read::csv(training)?;
    let rows: Vec<Row> = read::csv(test)?;
    let mut strangers: Vec<Stranger> = oos.map(read::csv).transpose()?.unwrap_or_default();
    let (out, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| is_out(&row.label));
    strangers.extend(out.into_iter().map(|row| Stranger { text: row.text, kind: row.label }));
    let mut labels: Vec<String> = given.iter().map(|row| row.label.clone()).collect();
    labels.sort_by_key(|label| (is_out(label), label.clone()));
    labels.dedup();
    if labels.len() < 2 {
        return Err(EvalError::Other("two labels at least are needed to learn from".to_owned()));
    }
    let numbers: BTreeMap<&str, usize> = labels.iter().map(String::as_str).zip(0..).collect();
    let encoders = Encoders::open()?;
    let chosen = chosen(&given, &numbers, how);
    let lessons = encoders.lessons(&chosen, &labels, &numbers);
    let plan = Plan { seed: how.seed, outside: &OUT_NAMES };
    let (learned, _) = Learned::learn(labels.clone(), &lessons, plan, |done| eprintln!("{done}"));
    let say = |text: &str| said(&learned, &encoders, text);
    let mut figures = figures(&rows, &strangers, errors, say, |_| false);
    let made_from = json!({"examples": chosen.len(), "labels": labels.len(), "bound": learned.bound()});
    figures.insert("learned".to_owned(), made_from);
    Ok(Value::Object(figures))
}

fn is_out(label: &str) -> bool {
    OUT_NAMES.contains(&label)
}

fn said(learned: &Learned, encoders: &Encoders, text: &str) -> Said {
    let normal = normalise(text);
    let vectors = encoders.vectors(&normal);
    let shares = learned.shares(&normal, &vectors.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let mut order: Vec<usize> = (0..shares.len()).filter(|at| !is_out(&learned.labels()[*at])).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
    let mut best = order.into_iter().map(|at| (learned.labels()[at].clone(), shares[at]));
    let (label, score) = best.next().unwrap_or_default();
    Said {
        refused: score < learned.bound(),
        asks: false,
        others: best.take(2).map(|(label, _)| label).collect(),
        score: f64::from(score),
        label,
    }
}

struct Encoders {
    fast: FastEncoder,
    semantic: SemanticEncoder,
}

impl Encoders {
    fn open() -> Result<Self, EvalError> {
        let other = |error: teller_models::ModelError| EvalError::Other(error.to_string());
        let catalogue = Catalogue::embedded().map_err(other)?;
        let fast = FastEncoder::open(&catalogue.installed(FAST_VECTORS).map_err(other)?).map_err(other)?;
        Ok(Self { fast, semantic: semantic_encoder(&catalogue).map_err(other)? })
    }

    fn vectors(&self, normal: &str) -> Vec<Vec<f32>> {
        vec![self.fast.embed(normal), self.semantic.embed(normal)]
    }

    /// The examples, and behind them what each label is called.
    fn lessons(&self, rows: &[&Row], labels: &[String], numbers: &BTreeMap<&str, usize>) -> Vec<Lesson> {
        let said = rows.iter().map(|row| (normalise(&row.text), numbers[row.label.as_str()], true));
        let inside = labels.iter().filter(|label| !is_out(label));
        let named = inside.filter_map(|label| Some((spelt_out(label)?, numbers[label.as_str()], false)));
        let lesson = |(at, (normal, label, said)): (usize, (String, usize, bool))| {
            if at % PROGRESS == PROGRESS - 1 {
                eprintln!("vectors: {} of {}", at + 1, rows.len());
            }
            Lesson { vectors: self.vectors(&normal), normal, label, said }
        };
        said.chain(named).enumerate().map(lesson).collect()
    }
}

/// The examples that are learned from: all, or so many a label by the seed.
fn chosen<'a>(given: &'a [Row], numbers: &BTreeMap<&str, usize>, how: Shots) -> Vec<&'a Row> {
    let Some(shots) = how.shots else { return given.iter().collect() };
    let of: Vec<usize> = given.iter().map(|row| numbers[row.label.as_str()]).collect();
    // Each label's examples in an order of the seed's; the first ones are taken.
    let turn = folds(&of, given.len().max(1), how.seed);
    let mut taken: Vec<(usize, usize, &Row)> =
        given.iter().zip(of).zip(turn).map(|((row, label), turn)| (label, turn, row)).collect();
    taken.sort_by_key(|(label, turn, _)| (*label, *turn));
    let by_label = taken.chunk_by(|a, b| a.0 == b.0);
    by_label.flat_map(|same| same.iter().take(shots).map(|(_, _, row)| *row)).collect()
}
