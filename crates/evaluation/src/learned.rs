//! Labels learned from a set of examples, as a bank with logs would: sentence
//! vectors of both encoders and n-grams under one linear model.
//!
//! A tenth of the examples is held out to find the temperature of the
//! probabilities and the bound below which a text is refused: the one that
//! refuses one in twenty of them. With few examples a label all are learned
//! from, and the bound is a fixed one. Examples
//! labelled `oos` or `NO_NODES_DETECTED` are out of scope.
//!
//! Invariant: the same files, shots and seed give the same figures. Not here:
//! the figures themselves.

use crate::intents::{Row, Said, Stranger, figures};
use crate::read::{self, EvalError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, SEMANTIC_DIM, SemanticEncoder, VECTOR_DIM};
use teller_understand::intents::semantic_encoder;
use teller_understand::normalise;
use teller_understand::text_model::{Example, Recipe, TextModel, folds, softmax, temperature, terms, train};

/// Names that public sets give to what is out of scope.
const OUT_NAMES: [&str; 2] = ["oos", "NO_NODES_DETECTED"];
/// How much the semantic vector counts beside the fast one: all of them point
/// much the same way, so that what differs is small.
const SEMANTIC_SHARE: f32 = 3.0;
const PENALTY: f64 = 0.1;
/// One part of so many is held out for temperature and bound.
const PARTS: usize = 10;
/// Share of in-scope examples that the bound refuses.
const REFUSED_SHARE: usize = 20;
/// Below so many examples a label none is held out, and the bound is this.
const HELD_OUT_SHOTS_MIN: usize = 20;
const FEW_SHOT_BOUND: f32 = 0.3;
/// Texts that must hold an n-gram.
const TERM_TEXTS: usize = 2;

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
    let is_out = |label: &str| OUT_NAMES.contains(&label);
    let (out, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| is_out(&row.label));
    strangers.extend(out.into_iter().map(|row| Stranger { text: row.text, kind: row.label }));
    let mut labels: Vec<String> = given.iter().map(|row| row.label.clone()).collect();
    labels.sort_by_key(|label| (is_out(label), label.clone()));
    labels.dedup();
    if labels.len() < 2 {
        return Err(EvalError::Other("two labels at least are needed to learn from".to_owned()));
    }
    let classifier = Classifier::learn(&given, &labels, how)?;
    let mut figures = figures(&rows, &strangers, errors, |text| classifier.say(text), |_| false);
    figures.insert(
        "learned".to_owned(),
        json!({"examples": classifier.learned_from, "labels": labels.len(), "bound": classifier.bound,
               "temperature": classifier.temperature}),
    );
    Ok(Value::Object(figures))
}

struct Classifier {
    fast: FastEncoder,
    semantic: SemanticEncoder,
    model: TextModel,
    labels: Vec<String>,
    temperature: f32,
    bound: f32,
    learned_from: usize,
}

impl Classifier {
    fn learn(given: &[Row], labels: &[String], how: Shots) -> Result<Self, EvalError> {
        let other = |error: teller_models::ModelError| EvalError::Other(error.to_string());
        let catalogue = Catalogue::embedded().map_err(other)?;
        let fast = FastEncoder::open(&catalogue.installed(FAST_VECTORS).map_err(other)?).map_err(other)?;
        let semantic = semantic_encoder(&catalogue).map_err(other)?;
        let numbers: BTreeMap<&str, usize> = labels.iter().map(String::as_str).zip(0..).collect();
        let given = chosen(given, &numbers, how);
        let seen: Vec<Example> = given
            .iter()
            .map(|row| {
                let normal = normalise(&row.text);
                let vector = Some(vector(&fast, &semantic, &normal));
                let label = numbers[row.label.as_str()];
                Example { terms: terms(&normal), vector, cues: Vec::new(), label, weight: 1.0 }
            })
            .collect();
        let recipe = Recipe {
            labels: labels.len(),
            vector_dim: VECTOR_DIM + SEMANTIC_DIM,
            penalty: PENALTY,
            term_texts_min: TERM_TEXTS,
        };
        let few = seen.len() < labels.len() * HELD_OUT_SHOTS_MIN;
        let (mut heat, mut bound) = (1.0, FEW_SHOT_BOUND);
        if !few {
            let of: Vec<usize> = seen.iter().map(|example| example.label).collect();
            let part = folds(&of, PARTS, how.seed);
            let pick =
                |held: bool| seen.iter().zip(&part).filter(move |(_, part)| (**part == 0) == held).map(|(one, _)| one);
            let trial = train(&pick(false).collect::<Vec<_>>(), &recipe);
            let judged: Vec<(Vec<f32>, usize)> = pick(true).map(|one| (values(&trial, one), one.label)).collect();
            heat = temperature(&judged);
            let scope = judged.iter().filter(|(_, label)| !OUT_NAMES.contains(&labels[*label].as_str()));
            let mut sure: Vec<f32> = scope.map(|(values, _)| best(&softmax(values, heat), labels).1).collect();
            sure.sort_by(f32::total_cmp);
            bound = sure.get(sure.len() / REFUSED_SHARE).copied().unwrap_or(FEW_SHOT_BOUND);
        }
        let model = train(&seen.iter().collect::<Vec<_>>(), &recipe);
        Ok(Self { fast, semantic, model, labels: labels.to_vec(), temperature: heat, bound, learned_from: seen.len() })
    }

    fn say(&self, text: &str) -> Said {
        let normal = normalise(text);
        let vector = vector(&self.fast, &self.semantic, &normal);
        let values = self.model.values(&self.model.features(&terms(&normal), Some(&vector), &[]));
        let shares = softmax(&values, self.temperature);
        let (label, score) = best(&shares, &self.labels);
        let mut order: Vec<usize> = (0..shares.len()).filter(|at| *at != label).collect();
        order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
        let others = order.into_iter().take(2).map(|at| self.labels[at].clone()).collect();
        Said {
            label: self.labels[label].clone(),
            score: f64::from(score),
            refused: score < self.bound,
            asks: false,
            others,
        }
    }
}

/// The best label in scope, and its share.
fn best(shares: &[f32], labels: &[String]) -> (usize, f32) {
    let within = shares.iter().enumerate().filter(|(at, _)| !OUT_NAMES.contains(&labels[*at].as_str()));
    within.fold((0, 0.0), |best, (at, share)| if *share > best.1 { (at, *share) } else { best })
}

fn values(model: &TextModel, example: &Example) -> Vec<f32> {
    model.values(&model.features(&example.terms, example.vector.as_deref(), &[]))
}

/// Both vectors behind each other.
fn vector(fast: &FastEncoder, semantic: &SemanticEncoder, normal: &str) -> Vec<f32> {
    let semantic = semantic.embed(normal).into_iter().map(|value| value * SEMANTIC_SHARE);
    fast.embed(normal).into_iter().chain(semantic).collect()
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
