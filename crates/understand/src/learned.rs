//! Labels learned from many examples, as a bank with logs has them: sentence
//! vectors and n-grams under one linear model, and beside it the nearest examples
//! ([`neighbours`]). What a label is called is an example too.
//!
//! One example in ten is held out to find the temperature of the probabilities,
//! how much the neighbours count, and the bound below which a text is refused: the
//! one that refuses one in twenty of them. With few examples a label all are
//! learned from, and these are fixed.
//!
//! Vectors are moved so that the middle of the examples is the origin: all
//! sentences of one trade share a direction, and only what is left tells them apart.
//!
//! Invariants: the same lessons and seed give the same labels; shares sum to 1.
//! Not here: which encoders the vectors come from, which labels are out of scope
//! for a bank, files of examples.

mod file;
mod neighbours;

use crate::text_model::{Example, Recipe, TextModel, folds, softmax, temperature, terms, train};
use neighbours::{FEW, Hearing, Judged, Neighbours};
use teller_models::dot_product;

/// How much the vectors count beside the words, each.
const VECTOR_SHARE: f32 = 1.5;
const PENALTY: f64 = 0.3;
/// One part of so many is held out.
const PARTS: usize = 10;
/// One in so many held-out texts in scope lies below the bound.
const REFUSED_SHARE: usize = 20;
/// Below so many examples a label none is held out, and the bound is this.
const HELD_OUT_SHOTS_MIN: usize = 20;
const FEW_SHOT_BOUND: f32 = 0.3;
/// Texts that must hold an n-gram.
const TERM_TEXTS: usize = 2;

/// One text with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// In normal form.
    pub normal: String,
    /// One vector of each encoder, the same ones for every lesson.
    pub vectors: Vec<Vec<f32>>,
    pub label: usize,
    /// Customers said it; false for the label's own name, which is never held out.
    pub said: bool,
}

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Draws what is held out.
    pub seed: u64,
    /// Labels that mean "none of the others".
    pub outside: &'a [&'a str],
}

/// What was learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    labels: Vec<String>,
    /// Middle of each encoder's vectors.
    middles: Vec<Vec<f32>>,
    model: TextModel,
    neighbours: Neighbours,
    hearing: Hearing,
    bound: f32,
    voice: f32,
}

/// What was said of a lesson that was held out.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    /// Its place among the lessons.
    pub lesson: usize,
    pub shares: Vec<f32>,
}

impl Learned {
    /// Learns from all lessons, and says what the same recipe without the
    /// held-out ones says of these; of none when there are few. `progress` is
    /// told what is being done.
    #[must_use]
    pub fn learn(
        labels: Vec<String>,
        lessons: &[Lesson],
        plan: Plan<'_>,
        progress: impl Fn(&str),
    ) -> (Self, Vec<HeldOut>) {
        let middles = middles(lessons);
        let seen: Vec<Example> = lessons.iter().map(|lesson| example(lesson, &middles)).collect();
        let recipe = Recipe {
            labels: labels.len(),
            vector_dim: middles.iter().map(Vec::len).sum(),
            penalty: PENALTY,
            term_texts_min: TERM_TEXTS,
        };
        let said = lessons.iter().filter(|lesson| lesson.said).count();
        let (mut heat, mut hearing, mut bound, mut held_out) = (1.0, FEW, FEW_SHOT_BOUND, Vec::new());
        if said >= labels.len() * HELD_OUT_SHOTS_MIN {
            let of: Vec<usize> = lessons.iter().map(|lesson| lesson.label).collect();
            let part = folds(&of, PARTS, plan.seed);
            let held: Vec<usize> = (0..lessons.len()).filter(|at| part[*at] == 0 && lessons[*at].said).collect();
            progress(&format!("learning from nine tenths of {said} examples, to judge the rest"));
            let kept: Vec<&Example> =
                (0..lessons.len()).filter(|at| held.binary_search(at).is_err()).map(|at| &seen[at]).collect();
            let trial = train(&kept, &recipe);
            let around = Neighbours::of(&kept, labels.len());
            let judged: Vec<_> = held.iter().map(|at| (values(&trial, &seen[*at]), seen[*at].label)).collect();
            heat = temperature(&judged);
            let judged: Vec<_> = judged
                .iter()
                .zip(&held)
                .map(|((values, label), at)| Judged {
                    shares: softmax(values, heat),
                    near: around.near(&direction(&seen[*at])),
                    right: *label,
                })
                .collect();
            hearing = around.fit(&judged);
            let weighed = judged.iter().map(|one| around.weigh(&one.shares, &one.near, hearing));
            held_out = held.iter().zip(weighed).map(|(at, shares)| HeldOut { lesson: *at, shares }).collect();
            let inside = |label: usize| !plan.outside.contains(&labels[label].as_str());
            let scope = held_out.iter().filter(|one| inside(lessons[one.lesson].label));
            let best =
                |shares: &[f32]| (0..shares.len()).filter(|at| inside(*at)).map(|at| shares[at]).fold(0.0, f32::max);
            let mut sure: Vec<f32> = scope.map(|one| best(&one.shares)).collect();
            sure.sort_by(f32::total_cmp);
            bound = sure.get(sure.len() / REFUSED_SHARE).copied().unwrap_or(FEW_SHOT_BOUND);
        }
        progress(&format!("learning from all {said} examples"));
        let all: Vec<&Example> = seen.iter().collect();
        let mut model = train(&all, &recipe);
        model.set_temperature(heat);
        let neighbours = Neighbours::of(&all, labels.len());
        (Self { labels, middles, model, neighbours, hearing, bound, voice: 1.0 }, held_out)
    }

    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Below this share of its best label a text is none of them.
    #[must_use]
    pub fn bound(&self) -> f32 {
        self.bound
    }

    /// How much its word counts beside others'.
    #[must_use]
    pub fn voice(&self) -> f32 {
        self.voice
    }

    #[must_use]
    pub fn with_voice(self, voice: f32) -> Self {
        Self { voice, ..self }
    }

    /// The share of each label, of a text in normal form and its vectors by the
    /// encoders that were learned with.
    #[must_use]
    pub fn shares(&self, normal: &str, vectors: &[&[f32]]) -> Vec<f32> {
        let lesson = Lesson {
            normal: normal.to_owned(),
            vectors: vectors.iter().map(|vector| vector.to_vec()).collect(),
            label: 0,
            said: true,
        };
        let example = example(&lesson, &self.middles);
        let shares = self.model.probabilities(&self.model.features(&example.terms, example.vector.as_deref(), &[]));
        self.neighbours.weigh(&shares, &self.neighbours.near(&direction(&example)), self.hearing)
    }
}

/// A label's name as a text, where it is made of words: `card_arrival` is, `17` is not.
#[must_use]
pub fn spelt_out(label: &str) -> Option<String> {
    let words = label.replace(['_', '-', '.'], " ");
    label.chars().any(char::is_alphabetic).then(|| crate::normalise(&words))
}

fn middles(lessons: &[Lesson]) -> Vec<Vec<f32>> {
    let mut middles: Vec<Vec<f32>> = lessons
        .first()
        .map_or_else(Vec::new, |first| first.vectors.iter().map(|vector| vec![0.0; vector.len()]).collect());
    for lesson in lessons {
        for (middle, vector) in middles.iter_mut().zip(&lesson.vectors) {
            middle.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value / lessons.len() as f32);
        }
    }
    middles
}

fn example(lesson: &Lesson, middles: &[Vec<f32>]) -> Example {
    let moved = lesson.vectors.iter().zip(middles).flat_map(|(vector, middle)| {
        unit(&vector.iter().zip(middle).map(|(value, middle)| value - middle).collect::<Vec<f32>>())
    });
    let vector = moved.map(|value| value * VECTOR_SHARE).collect();
    Example { terms: terms(&lesson.normal), vector: Some(vector), cues: Vec::new(), label: lesson.label, weight: 1.0 }
}

fn values(model: &TextModel, example: &Example) -> Vec<f32> {
    model.values(&model.features(&example.terms, example.vector.as_deref(), &[]))
}

/// Where an example lies, all its vectors together.
fn direction(example: &Example) -> Vec<f32> {
    unit(example.vector.as_deref().unwrap_or_default())
}

/// The same direction, of length 1.
fn unit(vector: &[f32]) -> Vec<f32> {
    let length = dot_product(vector, vector).sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|value| value / length).collect()
}

#[cfg(test)]
mod tests;
