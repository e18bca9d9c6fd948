//! A closer look at a text of which a small model is not sure: the head over the
//! adapted semantic vector, its word weighed against the model's.
//!
//! Both give a probability to each label; their logarithms, weighted, are summed
//! (a logarithmic opinion pool after Genest and Zidek, 1986). The weights were
//! learned on texts that neither had seen.
//!
//! Invariant: shares in, shares out, summing to 1. Not here: what the labels mean.

use std::collections::BTreeMap;

use teller_models::{Adapter, Head};

use crate::text_model::{log_share, softmax};

/// Names of the numbers beside a model's weights.
pub const WORDS: &str = "closer_words";
pub const MEANING: &str = "closer_meaning";
/// From this share of its best label on the small model's word stands alone.
pub const SURE: &str = "closer_sure";
/// Weights that [`fit`] tries: so many steps of a tenth.
const STEPS: u8 = 20;

/// A head beside a small model.
#[derive(Debug, Clone)]
pub struct Closer {
    head: &'static Head,
    /// By label of the small model, that of the head.
    order: Vec<usize>,
    words: f32,
    meaning: f32,
    sure: f32,
}

/// What the small model and the head say to a text, and what is right.
#[derive(Debug, Clone)]
pub struct Heard {
    pub words: Vec<f32>,
    pub meaning: Vec<f32>,
    pub right: usize,
    pub weight: f32,
}

impl Closer {
    /// The head of this name beside a model of these labels; nothing when a
    /// number or a label is missing.
    #[must_use]
    pub fn of(numbers: &BTreeMap<String, f32>, head: &str, labels: &[&str]) -> Option<Self> {
        let number = |name: &str| numbers.get(name).copied().filter(|value| value.is_finite());
        let (words, meaning, sure) = (number(WORDS)?, number(MEANING)?, number(SURE)?);
        let (head, order) = ordered(head, labels)?;
        Some(Self { head, order, words, meaning, sure })
    }

    /// Weighs the head's word into `shares` unless these are sure. `closer` gives
    /// the adapted semantic vector, or nothing when there is no time for it.
    pub fn look(&self, shares: &mut [f32], closer: impl FnOnce() -> Option<Vec<f32>>) {
        if shares.iter().any(|share| *share >= self.sure) {
            return;
        }
        let Some(vector) = closer() else { return };
        let pooled = pool(shares, &shares_of(self.head, &self.order, &vector), self.words, self.meaning);
        shares.copy_from_slice(&pooled);
    }
}

/// What the embedded adapter's head of this name says to a text's vector, in the
/// order of `labels`; nothing when it has not these labels.
#[must_use]
pub fn head_says(head: &str, labels: &[&str], vector: &[f32]) -> Option<Vec<f32>> {
    let (head, order) = ordered(head, labels)?;
    Some(shares_of(head, &order, vector))
}

fn ordered(head: &str, labels: &[&str]) -> Option<(&'static Head, Vec<usize>)> {
    let head = Adapter::embedded().head(head).filter(|head| head.labels().len() == labels.len())?;
    let place = |label: &&str| head.labels().iter().position(|known| known == label);
    Some((head, labels.iter().map(place).collect::<Option<_>>()?))
}

fn shares_of(head: &Head, order: &[usize], vector: &[f32]) -> Vec<f32> {
    let shares = softmax(&head.values(vector), 1.0);
    order.iter().map(|place| shares[*place]).collect()
}

/// One word out of two.
#[must_use]
pub fn pool(words: &[f32], meaning: &[f32], words_weight: f32, meaning_weight: f32) -> Vec<f32> {
    let value =
        |(words, meaning): (&f32, &f32)| words_weight * log_share(*words) + meaning_weight * log_share(*meaning);
    softmax(&words.iter().zip(meaning).map(value).collect::<Vec<f32>>(), 1.0)
}

/// The weights of the model and of the head under which the right labels are
/// least surprising.
#[must_use]
pub fn fit(heard: &[Heard]) -> (f32, f32) {
    let weight = |step: u8| f32::from(step) / 10.0;
    let surprise = |(words, meaning): (f32, f32)| -> f32 {
        let of = |one: &Heard| -one.weight * pool(&one.words, &one.meaning, words, meaning)[one.right].max(1e-9).ln();
        heard.iter().map(of).sum()
    };
    let choices = (0..=STEPS).flat_map(|words| (0..=STEPS).map(move |meaning| (weight(words), weight(meaning))));
    choices.min_by(|a, b| surprise(*a).total_cmp(&surprise(*b))).unwrap_or((1.0, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_voice_counts_more() {
        let case = |at: usize| {
            let right = at % 2;
            let sure = |label: usize| if label == 0 { vec![0.9, 0.1] } else { vec![0.1, 0.9] };
            // The model is right three times of four, the head always.
            let said = if usize::is_multiple_of(at, 4) { 1 - right } else { right };
            Heard { words: sure(said), meaning: sure(right), right, weight: 1.0 }
        };
        let (words, meaning) = fit(&(0..40).map(case).collect::<Vec<_>>());
        assert!(meaning > words, "{words} {meaning}");
    }

    #[test]
    fn a_sure_word_is_not_looked_at_again_and_no_time_changes_nothing() {
        let numbers: BTreeMap<String, f32> =
            [(WORDS, 1.0), (MEANING, 1.0), (SURE, 0.8)].map(|(name, value)| (name.to_owned(), value)).into();
        let closer = Closer::of(&numbers, "guard", &["attack", "benign"]).expect("a head for attacks");
        let mut sure = [0.1, 0.9];
        closer.look(&mut sure, || panic!("not asked for"));
        assert_eq!(sure, [0.1, 0.9]);
        let mut unsure = [0.5, 0.5];
        closer.look(&mut unsure, || None);
        assert_eq!(unsure, [0.5, 0.5]);
        closer.look(&mut unsure, || Some(vec![0.05; teller_models::SEMANTIC_DIM]));
        assert!((unsure.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert!(Closer::of(&numbers, "guard", &["attack", "other"]).is_none());
    }
}
