//! What speaks for each label: the signals that the weights weigh.
//!
//! Invariant: the names below and the values made here are in one order; a
//! model made for other names is refused when it is read. Not here: weights.

use super::lexical::Compared;
use teller_models::{Hit, VECTOR_DIM};

/// Signals of one label, vectors at hand.
pub const WITH_VECTORS: [&str; 9] =
    ["bias", "nearest", "near3", "centre", "discriminant", "words", "words3", "lift", "contained"];
/// Signals of one label, by its words alone.
pub const WORDS_ONLY: [&str; 5] = ["bias", "words", "words3", "lift", "contained"];
/// Signals for refusing all labels, vectors at hand.
pub const REFUSE_WITH_VECTORS: [&str; 6] = ["bias", "unknown", "brief", "far", "foreign", "unlike"];
/// Signals for refusing all labels, by words alone.
pub const REFUSE_WORDS_ONLY: [&str; 4] = ["bias", "unknown", "brief", "foreign"];

/// Samples of a label that the mean of the nearest is over.
pub const NEAR: usize = 3;

/// A query against the samples, ready to be summed up by label.
pub struct Evidence<'a> {
    pub compared: &'a Compared,
    /// Cosine by sample and closeness by label.
    pub vectors: Option<(&'a [f32], &'a [f32])>,
    /// Centroid cosine by label, vectors at hand.
    pub centres: Option<&'a [f32]>,
    /// How far a sample and the query hold one another, by label.
    pub contained: &'a [f32],
    /// Terms of the query.
    pub terms: usize,
}

impl Evidence<'_> {
    /// Signals by label, in the order of the names.
    pub fn labels(&self, samples_of: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let one = |label: usize| {
            let samples = &samples_of[label];
            let words = best(samples.iter().map(|sample| self.compared.overlap[*sample as usize]));
            let lift = self.compared.lift[label];
            let mut signals = vec![1.0];
            if let (Some((cosines, closeness)), Some(centres)) = (self.vectors, self.centres) {
                let near = best(samples.iter().map(|sample| cosines[*sample as usize]));
                signals.extend([near.0, near.1, centres[label], closeness[label]]);
            }
            signals.extend([words.0, words.1, lift, self.contained[label]]);
            signals
        };
        (0..samples_of.len()).map(one).collect()
    }

    /// Signals for refusing all labels.
    pub fn refuse(&self) -> Vec<f32> {
        let highest = |values: &[f32]| values.iter().copied().fold(0.0_f32, f32::max);
        let mut signals = vec![1.0, 1.0 - self.compared.known, 1.0 / (1.0 + self.terms as f32)];
        if let Some((cosines, closeness)) = self.vectors {
            signals.push(1.0 - highest(cosines));
            signals.push(1.0 - highest(&self.compared.overlap));
            signals.push(-highest(closeness));
        } else {
            signals.push(1.0 - highest(&self.compared.overlap));
        }
        signals
    }
}

/// The highest and the mean of the [`NEAR`] highest.
fn best(scores: impl Iterator<Item = f32>) -> (f32, f32) {
    let mut top = [f32::NEG_INFINITY; NEAR];
    let mut count = 0_usize;
    for score in scores {
        count += 1;
        let mut score = score;
        for place in &mut top {
            if score > *place {
                std::mem::swap(place, &mut score);
            }
        }
    }
    let counted = count.min(NEAR);
    if counted == 0 { (0.0, 0.0) } else { (top[0], top[..counted].iter().sum::<f32>() / counted as f32) }
}

/// Scores by row number.
pub fn by_row(hits: &[Hit], rows: usize) -> Vec<f32> {
    let mut scores = vec![0.0; rows];
    hits.iter().for_each(|hit| scores[hit.id as usize] = hit.score);
    scores
}

/// The direction of a mean.
pub fn centroid<'a>(vectors: impl Iterator<Item = &'a Vec<f32>>) -> Vec<f32> {
    let mut sum = vec![0.0_f32; VECTOR_DIM];
    for vector in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    sum.iter_mut().for_each(|value| *value /= length);
    sum
}
