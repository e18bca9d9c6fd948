//! Whether two sentences mean the same: pairs with a label against a score.
//!
//! The score is a sum of the adapted semantic encoder's cosine and the fast one's, each
//! brought to mean 0 and variance 1. Vectors are first moved so that the middle
//! of bank talk is the origin: all sentences of one trade share a direction, and
//! only what is left tells them apart. The overlap of characters is measured
//! beside them ([`ingredients`]).
//!
//! Invariant: the scale comes from our own corpus alone (`similarity/scale.json`,
//! written by the example `fit_similarity`); nothing is fitted to a test set.
//! Not here: a bound above which two sentences are the same.

use crate::cpu;
use crate::read::{self, EvalError};
use crate::score::{auc, best_accuracy, round, spearman};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, SEMANTIC_DIM, SemanticEncoder, VECTOR_DIM, dot_product};
use teller_understand::intents::semantic_encoder;

const SCALE: &str = include_str!("similarity/scale.json");
/// What each part counts. A logistic regression over pairs of our corpus, like
/// against unlike of one family of intents, gives the cosines 0.62 and 0.70 and
/// characters −0.19; below nothing is nothing.
const WEIGHTS: [f64; PARTS] = [1.0, 1.0, 0.0];
/// What [`ingredients`] gives each part, so that each can show what it adds.
const COMPARED_WEIGHTS: [f64; PARTS] = [1.0, 1.0, 0.5];
const PARTS: usize = 3;
const NAMES: [&str; PARTS] = ["semantic", "fast", "characters"];
/// Most pairs that a list of errors shows of each kind.
const ERRORS_MAX: usize = 250;

/// Mean and deviation of a part over pairs of our corpus.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Spread {
    pub mean: f64,
    pub deviation: f64,
}

/// What brings the parts of the score to one scale.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scale {
    /// Mean vector of our corpus by the semantic encoder, and by the fast one.
    pub semantic_middle: Vec<f32>,
    pub fast_middle: Vec<f32>,
    /// In the order of [`parts`](Judge::parts).
    pub spreads: [Spread; PARTS],
}

/// Scores pairs.
pub struct Judge {
    semantic: SemanticEncoder,
    fast: FastEncoder,
    scale: Scale,
}

/// A text as the score sees it.
pub struct Seen {
    semantic: Vec<f32>,
    fast: Vec<f32>,
    grams: BTreeMap<String, usize>,
}

impl Judge {
    /// Opens both encoders, which must be installed.
    ///
    /// # Errors
    /// A model is not installed (the message says how to), or damaged.
    pub fn open() -> Result<Self, EvalError> {
        let scale: Scale = serde_json::from_str(SCALE).map_err(|error| EvalError::Other(error.to_string()))?;
        if (scale.semantic_middle.len(), scale.fast_middle.len()) != (SEMANTIC_DIM, VECTOR_DIM) {
            return Err(EvalError::Other("the similarity scale is of other models".to_owned()));
        }
        Self::with_scale(scale)
    }

    /// The same with a scale of the caller's.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn with_scale(scale: Scale) -> Result<Self, EvalError> {
        let other = |error: teller_models::ModelError| EvalError::Other(error.to_string());
        let catalogue = Catalogue::embedded().map_err(other)?;
        let semantic = semantic_encoder(&catalogue).map_err(other)?;
        let fast = FastEncoder::open(&catalogue.installed(FAST_VECTORS).map_err(other)?).map_err(other)?;
        Ok(Self { semantic, fast, scale })
    }

    /// The texts' vectors as the encoders give them.
    #[must_use]
    pub fn vectors(&self, texts: &[&str]) -> Vec<(Vec<f32>, Vec<f32>)> {
        let semantic = self.semantic.embed_all(texts);
        semantic.into_iter().zip(texts).map(|(vector, text)| (vector, self.fast.embed(text))).collect()
    }

    /// The texts around the middle of the scale.
    #[must_use]
    pub fn see(&self, texts: &[&str]) -> Vec<Seen> {
        let around = |(semantic, fast), text: &&str| Seen {
            semantic: moved(semantic, &self.scale.semantic_middle),
            fast: moved(fast, &self.scale.fast_middle),
            grams: grams(text),
        };
        self.vectors(texts).into_iter().zip(texts).map(|(vectors, text)| around(vectors, text)).collect()
    }

    /// Semantic cosine, fast cosine, overlap of characters; not yet scaled.
    #[must_use]
    pub fn parts(a: &Seen, b: &Seen) -> [f64; PARTS] {
        let cosine = |a: &[f32], b: &[f32]| f64::from(dot_product(a, b));
        [cosine(&a.semantic, &b.semantic), cosine(&a.fast, &b.fast), overlap(&a.grams, &b.grams)]
    }

    /// One number out of the parts: the higher, the more alike.
    #[must_use]
    pub fn score(&self, parts: [f64; PARTS]) -> f64 {
        self.weighted(parts, WEIGHTS)
    }

    fn weighted(&self, parts: [f64; PARTS], weights: [f64; PARTS]) -> f64 {
        let parts = parts.iter().zip(&self.scale.spreads).zip(weights);
        parts.map(|((part, spread), weight)| weight * (part - spread.mean) / spread.deviation).sum()
    }
}

/// `vector − middle`, of length 1.
fn moved(mut vector: Vec<f32>, middle: &[f32]) -> Vec<f32> {
    vector.iter_mut().zip(middle).for_each(|(value, middle)| *value -= middle);
    let length = dot_product(&vector, &vector).sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
    vector
}

/// How often each letter or digit occurs, and each two neighbours.
fn grams(text: &str) -> BTreeMap<String, usize> {
    let kept: Vec<char> = text.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect();
    let mut counts = BTreeMap::new();
    for gram in kept.chunks(1).chain(kept.windows(2)) {
        *counts.entry(gram.iter().collect()).or_default() += 1;
    }
    counts
}

/// Twice what both have, of what either has (Dice, 1945): 0 to 1.
fn overlap(a: &BTreeMap<String, usize>, b: &BTreeMap<String, usize>) -> f64 {
    let both: usize = a.iter().map(|(gram, count)| b.get(gram).map_or(0, |other| *count.min(other))).sum();
    let all = a.values().sum::<usize>() + b.values().sum::<usize>();
    if all == 0 { 0.0 } else { 2.0 * both as f64 / all as f64 }
}

/// Figures of one file: `{n, spearman, auc, best_accuracy, cpu_ms_per_pair}`;
/// with `errors` the pairs that mislead most: unlike ones that score highest and
/// like ones that score lowest, at most 250 of each. A label of at least half of
/// the largest counts as alike.
///
/// # Errors
/// The file cannot be read, a row does not fit, or a model is not installed.
pub fn run(file: &Path, errors: bool) -> Result<Value, EvalError> {
    let pairs = read::pairs(file)?;
    let judge = Judge::open()?;
    let (scores, cpu_ms) =
        cpu::each(pairs.len(), || pairs.iter().map(|pair| judge.score(of_pair(&judge, pair))).collect::<Vec<f64>>());
    let (labels, alike) = labels(&pairs);
    let mut out = figures(&scores, &labels, &alike);
    out["n"] = pairs.len().into();
    out["cpu_ms_per_pair"] = round(cpu_ms).into();
    if errors {
        out["errors"] = misleading(&pairs, &scores, &alike).into();
    }
    Ok(out)
}

/// What each part gives alone, each two of them, and all: `{n, by: {NAME:
/// {spearman, auc, best_accuracy}}}`.
///
/// # Errors
/// As [`run`].
pub fn ingredients(file: &Path) -> Result<Value, EvalError> {
    let pairs = read::pairs(file)?;
    let judge = Judge::open()?;
    let parts: Vec<[f64; PARTS]> = pairs.iter().map(|pair| of_pair(&judge, pair)).collect();
    let (labels, alike) = labels(&pairs);
    let mut by = serde_json::Map::new();
    for chosen in 1_usize..1 << PARTS {
        let has = |part: usize| chosen >> part & 1 == 1;
        let weights = std::array::from_fn(|part| if has(part) { COMPARED_WEIGHTS[part] } else { 0.0 });
        let scores: Vec<f64> = parts.iter().map(|all| judge.weighted(*all, weights)).collect();
        let name: Vec<&str> = (0..PARTS).filter(|part| has(*part)).map(|part| NAMES[part]).collect();
        by.insert(name.join("+"), figures(&scores, &labels, &alike));
    }
    Ok(json!({"n": pairs.len(), "by": by}))
}

fn of_pair(judge: &Judge, (a, b, _): &(String, String, f64)) -> [f64; PARTS] {
    match judge.see(&[a, b]).as_slice() {
        [a, b] => Judge::parts(a, b),
        _ => unreachable!("two texts were seen"),
    }
}

fn labels(pairs: &[(String, String, f64)]) -> (Vec<f64>, Vec<bool>) {
    let labels: Vec<f64> = pairs.iter().map(|(_, _, label)| *label).collect();
    let largest = labels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let alike = labels.iter().map(|label| *label > 0.0 && *label >= largest / 2.0).collect();
    (labels, alike)
}

fn figures(scores: &[f64], labels: &[f64], alike: &[bool]) -> Value {
    json!({
        "spearman": round(spearman(scores, labels)),
        "auc": round(auc(scores, alike)),
        "best_accuracy": round(best_accuracy(scores, alike)),
    })
}

fn misleading(pairs: &[(String, String, f64)], scores: &[f64], alike: &[bool]) -> Vec<Value> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let high = order.iter().filter(|at| !alike[**at]).take(ERRORS_MAX);
    let low = order.iter().rev().filter(|at| alike[**at]).take(ERRORS_MAX);
    let shown = |at: &usize| {
        let (a, b, label) = &pairs[*at];
        json!({"text": [a, b], "expected": label, "found": round(scores[*at])})
    };
    high.chain(low).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_counts_what_both_have() {
        let of = |a: &str, b: &str| overlap(&grams(a), &grams(b));
        assert_eq!(of("查余额", "查余额！"), 1.0);
        assert_eq!(of("查余额", "办贷款"), 0.0);
        // Of 余, 额, 余额 and 余, 额, 查, 余额, 查余: three are in both.
        assert!((of("余额", "查余额") - 6.0 / 8.0).abs() < 1e-9);
        assert_eq!(of("APP", "app"), 1.0);
        assert_eq!(of("", "？"), 0.0);
    }

    #[test]
    fn paraphrases_score_above_other_requests() {
        let judge = Judge::open().unwrap_or_else(|error| panic!("this test needs both encoders: {error}"));
        let score = |a: &str, b: &str| judge.score(of_pair(&judge, &(a.to_owned(), b.to_owned(), 1.0)));
        let lost = "信用卡丢了怎么办";
        assert!(score(lost, "我的信用卡不见了，怎么挂失？") > score(lost, "信用卡怎么办分期"));
        assert!(score(lost, "I lost my credit card") > score(lost, "What is the weather today"));
    }

    #[test]
    fn a_file_gives_the_fixed_keys() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pairs.tsv");
        let rows = "卡丢了\t银行卡不见了怎么挂失\t1\n卡丢了\t今天天气怎么样\t0\n查余额\t查询账户余额\t1\n查余额\t贷款利率多少\t0\n";
        std::fs::write(&file, rows).expect("written");
        let out = run(&file, true).unwrap_or_else(|error| panic!("this test needs both encoders: {error}"));
        assert_eq!(out["n"], 4);
        for key in ["spearman", "auc", "best_accuracy"] {
            assert!(out[key].as_f64().is_some_and(|value| value > 0.8), "{key}: {out}");
        }
        assert!(out["cpu_ms_per_pair"].as_f64().is_some_and(|value| value > 0.0));
        assert_eq!(out["errors"].as_array().map(Vec::len), Some(4));
        let by = ingredients(&file).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(by["by"].as_object().map(serde_json::Map::len), Some(7));
        assert_eq!(by["by"]["semantic+fast"]["spearman"], out["spearman"]);
    }
}
