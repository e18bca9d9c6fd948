//! Learning a [`TextModel`] from labelled texts.
//!
//! Invariants: deterministic; folds are drawn from a seed, label by label, so
//! that each holds its share of every label. Not here: files, reports.

use super::fit::{Row, fit};
use super::{Features, TERM_BUCKETS, TextModel, softmax};

/// One text and what is known of it. `terms` and `cues` are those of its normal form.
#[derive(Debug, Clone)]
pub struct Example {
    pub terms: Vec<u32>,
    pub vector: Option<Vec<f32>>,
    pub cues: Vec<f32>,
    pub label: usize,
    pub weight: f32,
}

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    pub labels: usize,
    /// 0 leaves the sentence vector out.
    pub vector_dim: usize,
    pub penalty: f64,
    /// Texts that must hold a term before it counts.
    pub term_texts_min: usize,
}

/// Which terms count, and how much.
#[derive(Debug, Clone)]
pub struct Space {
    pub rarity: Vec<f32>,
}

impl Space {
    /// By how few of the texts hold a term.
    #[must_use]
    pub fn of(examples: &[&Example], texts_min: usize) -> Self {
        let mut texts = vec![0_usize; TERM_BUCKETS];
        for example in examples {
            let mut terms = example.terms.clone();
            terms.sort_unstable();
            terms.dedup();
            terms.iter().for_each(|term| texts[*term as usize] += 1);
        }
        let all = examples.len() as f32;
        let weight = |texts: usize| ((1.0 + all) / (1.0 + texts as f32)).ln() + 1.0;
        Self { rarity: texts.into_iter().map(|texts| if texts >= texts_min { weight(texts) } else { 0.0 }).collect() }
    }
}

/// Learns one model. The temperature is 1; [`temperature`] finds a better one.
#[must_use]
pub fn train(examples: &[&Example], recipe: &Recipe) -> TextModel {
    let space = Space::of(examples, recipe.term_texts_min);
    let cue_dim = examples.first().map_or(0, |example| example.cues.len());
    let seen = |example: &Example| {
        let vector = example.vector.as_deref().filter(|vector| vector.len() == recipe.vector_dim);
        Features::build(&example.terms, &space.rarity, vector, recipe.vector_dim, &example.cues)
    };
    let mut compact = vec![0_u32; TERM_BUCKETS];
    let mut used: Vec<usize> = Vec::new();
    for (bucket, rarity) in space.rarity.iter().enumerate() {
        if *rarity > 0.0 {
            compact[bucket] = used.len() as u32;
            used.push(bucket);
        }
    }
    let dense_dim = recipe.vector_dim + cue_dim;
    let rows: Vec<Row> = examples
        .iter()
        .map(|example| Row::of(&seen(example), &compact, used.len(), example.label, example.weight))
        .collect();
    let fitted = fit(&rows, used.len() + dense_dim, recipe.labels, recipe.penalty);
    let places = used.iter().copied().chain(TERM_BUCKETS..TERM_BUCKETS + dense_dim);
    quantised(&fitted, places, recipe, cue_dim, space.rarity)
}

fn quantised(
    fitted: &[f64],
    places: impl Iterator<Item = usize>,
    recipe: &Recipe,
    cue_dim: usize,
    rarity: Vec<f32>,
) -> TextModel {
    let labels = recipe.labels;
    let (rows, offsets) = fitted.split_at(fitted.len() - labels);
    let mut scales = vec![0.0_f64; labels];
    for row in rows.chunks(labels) {
        scales.iter_mut().zip(row).for_each(|(scale, weight)| *scale = scale.max(weight.abs() / 127.0));
    }
    let mut weights = vec![0_i8; (TERM_BUCKETS + recipe.vector_dim + cue_dim) * labels];
    for (place, row) in places.zip(rows.chunks(labels)) {
        for (label, weight) in row.iter().enumerate() {
            // At most 127 by the choice of the scale.
            weights[place * labels + label] = (weight / scales[label].max(f64::MIN_POSITIVE)).round() as i8;
        }
    }
    TextModel {
        labels,
        vector_dim: recipe.vector_dim,
        cue_dim,
        rarity,
        weights,
        scales: scales.into_iter().map(|scale| scale as f32).collect(),
        offsets: offsets.iter().map(|offset| *offset as f32).collect(),
        temperature: 1.0,
    }
}

/// Which of `parts` each example is in. Every label is spread evenly.
#[must_use]
pub fn folds(labels: &[usize], parts: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<(usize, u64, usize)> = Vec::with_capacity(labels.len());
    let mut state = seed;
    for (at, label) in labels.iter().enumerate() {
        order.push((*label, mix(&mut state), at));
    }
    order.sort_unstable();
    let mut part = vec![0; labels.len()];
    order.iter().enumerate().for_each(|(turn, (_, _, at))| part[*at] = turn % parts.max(1));
    part
}

/// The next value of a state (SplitMix64).
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The temperature with which held-out values give the best probabilities.
#[must_use]
pub fn temperature(held_out: &[(Vec<f32>, usize)]) -> f32 {
    const CHOICES: usize = 60;
    let loss = |temperature: f32| {
        let surprise = |(values, label): &(Vec<f32>, usize)| -softmax(values, temperature)[*label].max(1e-9).ln();
        held_out.iter().map(surprise).sum::<f32>()
    };
    // 0.2 to about 3.9, in steps of five percent.
    let choices = (0..CHOICES).map(|at| 0.2 * 1.05_f32.powi(at as i32));
    choices.min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(1.0)
}
