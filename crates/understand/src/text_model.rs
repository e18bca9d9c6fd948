//! A small linear classifier of texts: hashed n-grams, a sentence vector where
//! there is one, and a few cues, weighted into one probability a label.
//!
//! The text is its [`normalised`](crate::normal) form. Characters in runs of one
//! to four and words in runs of one and two become terms; a term's number is a
//! hash, so no dictionary is kept. A term counts by the logarithm of how often it
//! stands there and by how few texts hold it. Weights are eight bits each.
//!
//! Source: term weights after Spärck Jones 1972 and Buckley 1993; hashing after
//! Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009;
//! multinomial logistic regression; one temperature after Guo et al., "On
//! Calibration of Modern Neural Networks", 2017.
//!
//! Invariants: pure and immutable; probabilities sum to 1; a vector of another
//! length is an error of the caller and counts as none. Not here: what a label
//! means, what follows from it.

mod features;
mod file;
mod fit;
mod train;

use sha2::{Digest, Sha256};

pub use features::{Features, TERM_BUCKETS, VECTOR_SCALE, terms};
pub use file::{FileError, ModelFile};
pub use train::{Example, Recipe, Space, folds, temperature, train};

/// A learned model.
#[derive(Debug, Clone, PartialEq)]
pub struct TextModel {
    pub(crate) labels: usize,
    /// Values of the sentence vector, 0 for a model that looks at words alone.
    pub(crate) vector_dim: usize,
    pub(crate) cue_dim: usize,
    /// Weight of a term by its bucket; 0 where no text of the training had it.
    pub(crate) rarity: Vec<f32>,
    /// `labels` values a feature: buckets, vector, cues, in this order.
    pub(crate) weights: Vec<i8>,
    /// What one step of a weight is worth, by label.
    pub(crate) scales: Vec<f32>,
    pub(crate) offsets: Vec<f32>,
    /// Values are divided by this before they become probabilities.
    pub(crate) temperature: f32,
}

impl TextModel {
    #[must_use]
    pub fn labels(&self) -> usize {
        self.labels
    }

    /// Values of the sentence vector that this model wants; 0 for none.
    #[must_use]
    pub fn vector_dim(&self) -> usize {
        self.vector_dim
    }

    /// The same model with a temperature that [`temperature`] found.
    pub fn set_temperature(&mut self, temperature: f32) {
        self.temperature = temperature.max(f32::MIN_POSITIVE);
    }

    #[must_use]
    pub fn cue_dim(&self) -> usize {
        self.cue_dim
    }

    /// A text as this model sees it. `terms` are those of the normal form.
    #[must_use]
    pub fn features(&self, terms: &[u32], vector: Option<&[f32]>, cues: &[f32]) -> Features {
        let vector = vector.filter(|vector| vector.len() == self.vector_dim);
        Features::build(terms, &self.rarity, vector, self.vector_dim, cues)
    }

    /// The value of each label before it becomes a probability.
    #[must_use]
    pub fn values(&self, features: &Features) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.labels];
        let mut add = |feature: usize, value: f32| {
            let row = feature * self.labels;
            let Some(row) = self.weights.get(row..row + self.labels) else { return };
            sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += f32::from(*weight) * value);
        };
        for (bucket, value) in &features.terms {
            add(*bucket as usize, *value);
        }
        let dense = features.dense.iter().take(self.vector_dim + self.cue_dim);
        for (at, value) in dense.enumerate().filter(|(_, value)| **value != 0.0) {
            add(TERM_BUCKETS + at, *value);
        }
        let scaled = sums.iter().zip(&self.scales).zip(&self.offsets);
        scaled.map(|((sum, scale), offset)| sum * scale + offset).collect()
    }

    /// The probability of each label.
    #[must_use]
    pub fn probabilities(&self, features: &Features) -> Vec<f32> {
        softmax(&self.values(features), self.temperature)
    }
}

/// The logarithm of a share, cut so that one voice among several rules no label
/// out by itself.
#[must_use]
pub fn log_share(share: f32) -> f32 {
    const LEAST_SHARE: f32 = 1e-5;
    share.max(LEAST_SHARE).ln()
}

/// Is a text of the corpus kept from every training that another is weighed by?
/// One in ten, by its own digest: the same ones in `train/encoder/train.py`.
#[must_use]
pub fn held_out(text: &str) -> bool {
    const BELOW: u8 = 26;
    Sha256::digest(text.as_bytes())[0] < BELOW
}

/// Shares that grow with the values and sum to 1.
#[must_use]
pub fn softmax(values: &[f32], temperature: f32) -> Vec<f32> {
    let highest = values.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = values.iter().map(|value| ((value - highest) / temperature).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests;
