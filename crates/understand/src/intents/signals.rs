//! What speaks for each label: the signals that the weights weigh.
//!
//! Invariant: the names below and the values made here are in one order; a
//! model made for other names is refused by a test. Not here: weights.

use super::lexical::Compared;

/// Signals of one label, vectors at hand.
pub const WITH_VECTORS: [&str; 7] = ["bias", "nearest", "near3", "separator", "words", "words3", "lift"];
/// Signals of one label, by its words alone.
pub const WORDS_ONLY: [&str; 5] = ["bias", "separator", "words", "words3", "lift"];
/// Signals for refusing all labels, vectors at hand.
pub const REFUSE_WITH_VECTORS: [&str; 4] = ["bias", "unknown", "foreign", "far"];
/// Signals for refusing all labels, by words alone.
pub const REFUSE_WORDS_ONLY: [&str; 3] = ["bias", "unknown", "foreign"];

/// Samples of a label that the mean of the nearest is over.
const NEAR: usize = 3;

/// A query against the samples, ready to be summed up by label.
pub struct Evidence<'a> {
    pub compared: &'a Compared,
    /// Cosine by sample, vectors at hand.
    pub cosines: Option<&'a [f32]>,
    /// The separator's value by label.
    pub separated: &'a [f32],
}

impl Evidence<'_> {
    /// Signals by label, in the order of the names.
    pub fn labels(&self, samples_of: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let one = |label: usize| {
            let of = |values: &[f32]| best(samples_of[label].iter().map(|sample| values[*sample as usize]));
            let mut signals = vec![1.0];
            if let Some(cosines) = self.cosines {
                let near = of(cosines);
                signals.extend([near.0, near.1]);
            }
            let words = of(&self.compared.overlap);
            signals.extend([self.separated[label], words.0, words.1, self.compared.lift[label]]);
            signals
        };
        (0..samples_of.len()).map(one).collect()
    }

    /// Signals for refusing all labels.
    pub fn refuse(&self) -> Vec<f32> {
        let highest = |values: &[f32]| values.iter().copied().fold(0.0_f32, f32::max);
        let mut signals = vec![1.0, 1.0 - self.compared.known, 1.0 - highest(&self.compared.overlap)];
        signals.extend(self.cosines.map(|cosines| 1.0 - highest(cosines)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_and_the_mean_of_the_best_three() {
        assert_eq!(best([1.0, 4.0, 2.0, 3.0].into_iter()), (4.0, 3.0));
        assert_eq!(best([1.0, 2.0].into_iter()), (2.0, 1.5));
        assert_eq!(best(std::iter::empty()), (0.0, 0.0));
    }
}
