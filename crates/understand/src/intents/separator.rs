//! Directions that tell labels apart, learned from the samples when an index is
//! built: softmax regression over a sentence vector and a sketch of the terms.
//!
//! A sketch throws every term, by its weight, into a few hundred values with
//! signs that only depend on the term; texts that share terms then lie close.
//! The regression is learned in a few passes and stopped early on purpose: with a
//! dozen samples a label, more passes learn the samples by heart.
//!
//! Source: Achlioptas, "Database-friendly random projections", 2003; Kingma and
//! Ba, "Adam", 2015; Yao, Rosasco and Caponnetto on early stopping, 2007.
//!
//! Invariants: the same samples give the same directions; immutable once built.
//! Not here: what a value means beside other signals.

use teller_models::{IndexError, Precision, VectorIndex};

use super::terms::Term;

/// Values of a sketch.
pub const SKETCH_DIM: usize = 256;
/// How much terms count beside the sentence vector, whose length is 1.
const SKETCH_WEIGHT: f32 = 0.7;

const PASSES: usize = 5;
/// Parts of the samples that a step looks at in turn.
const BATCHES: usize = 5;
const STEP_SIZE: f32 = 0.1;
const PENALTY: f32 = 1e-4;
/// A wrong label whose probability is below this is not pushed away: what all
/// labels get alike changes nothing.
const PUSH_MIN: f32 = 0.01;

/// A text as the regression sees it.
pub type Features = Vec<f32>;

/// The features of a text: its vector, if there is an encoder, and its weighted
/// terms, whose squares sum to 1.
pub fn features(vector: Option<&[f32]>, terms: &[(Term, f32)]) -> Features {
    let mut features = vector.map_or_else(Vec::new, <[f32]>::to_vec);
    let start = features.len();
    features.resize(start + SKETCH_DIM, 0.0);
    let unit = SKETCH_WEIGHT / (SKETCH_DIM as f32).sqrt();
    for (term, weight) in terms {
        let value = weight * unit;
        let mut state = *term;
        for values in features[start..].chunks_mut(64) {
            let mut signs = mix(&mut state);
            for place in values {
                *place += if signs & 1 == 1 { value } else { -value };
                signs >>= 1;
            }
        }
    }
    features
}

/// The next 64 signs of a term (SplitMix64).
pub fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// One direction a label.
#[derive(Debug)]
pub struct Separator {
    directions: VectorIndex,
    /// What a direction gives for the mean of all samples.
    offsets: Vec<f32>,
}

impl Separator {
    /// Learns from samples' features and labels, numbered from 0.
    ///
    /// # Errors
    /// [`IndexError`] when the features are not of one usable length.
    pub fn learn(samples: &[Features], of: &[u32], labels: usize) -> Result<Self, IndexError> {
        let dim = samples.first().map_or(1, Vec::len);
        let mean = mean(samples, dim);
        let centred: Vec<Features> =
            samples.iter().map(|sample| sample.iter().zip(&mean).map(|(value, mean)| value - mean).collect()).collect();
        let mut descent = Descent::new(labels * dim);
        for pass in 0..PASSES {
            let step_size = STEP_SIZE * (1.0 - 0.9 * pass as f32 / PASSES as f32);
            for batch in 0..BATCHES {
                let directions = index(&descent.weights, dim)?;
                let chosen = centred.iter().zip(of).skip(batch).step_by(BATCHES);
                let count = chosen.len().max(1) as f32;
                let mut gradient: Vec<f32> = descent.weights.iter().map(|weight| weight * PENALTY).collect();
                for (sample, label) in chosen {
                    push(&mut gradient, sample, &probabilities(&directions, sample)?, *label as usize, count);
                }
                descent.step(&gradient, step_size);
            }
        }
        let offset = |direction: &[f32]| direction.iter().zip(&mean).map(|(a, b)| a * b).sum();
        let offsets = descent.weights.chunks(dim).map(offset).collect();
        Ok(Self { directions: index(&descent.weights, dim)?, offsets })
    }

    /// The value of each label for a text; the highest is the likeliest.
    ///
    /// # Errors
    /// [`IndexError`] for features of another length.
    pub fn values(&self, features: &[f32]) -> Result<Vec<f32>, IndexError> {
        let mut values: Vec<f32> = self.offsets.iter().map(|offset| -offset).collect();
        for hit in self.directions.top_k(features, self.directions.len())? {
            values[hit.id as usize] += hit.score;
        }
        Ok(values)
    }
}

fn mean(samples: &[Features], dim: usize) -> Vec<f32> {
    let mut mean = vec![0.0_f32; dim];
    samples.iter().for_each(|sample| mean.iter_mut().zip(sample).for_each(|(sum, value)| *sum += value));
    mean.iter_mut().for_each(|sum| *sum /= samples.len().max(1) as f32);
    mean
}

/// Directions as rows of an index, which multiplies at the speed of the memory.
fn index(weights: &[f32], dim: usize) -> Result<VectorIndex, IndexError> {
    let mut index = VectorIndex::new(dim, Precision::F32)?;
    for (label, direction) in (0..).zip(weights.chunks(dim)) {
        index.push(label, direction)?;
    }
    Ok(index)
}

fn probabilities(directions: &VectorIndex, sample: &[f32]) -> Result<Vec<(u32, f32)>, IndexError> {
    let hits = directions.top_k(sample, directions.len())?;
    let highest = hits.first().map_or(0.0, |hit| hit.score);
    let powers: Vec<(u32, f32)> = hits.iter().map(|hit| (hit.id, (hit.score - highest).exp())).collect();
    let sum: f32 = powers.iter().map(|(_, power)| power).sum();
    Ok(powers.into_iter().map(|(label, power)| (label, power / sum)).collect())
}

/// Adds one sample's part of the gradient: away from what was likely, towards
/// what is right.
fn push(gradient: &mut [f32], sample: &[f32], likely: &[(u32, f32)], right: usize, count: f32) {
    for (label, probability) in likely {
        let is_right = *label as usize == right;
        if !is_right && *probability < PUSH_MIN {
            continue;
        }
        let slope = (probability - f32::from(u8::from(is_right))) / count;
        let row = *label as usize * sample.len();
        let row = &mut gradient[row..row + sample.len()];
        row.iter_mut().zip(sample).for_each(|(gradient, value)| *gradient += slope * value);
    }
}

struct Descent {
    weights: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
    steps: i32,
}

impl Descent {
    fn new(width: usize) -> Self {
        Self { weights: vec![0.0; width], mean: vec![0.0; width], square: vec![0.0; width], steps: 0 }
    }

    fn step(&mut self, gradient: &[f32], step_size: f32) {
        const KEEP_MEAN: f32 = 0.9;
        const KEEP_SQUARE: f32 = 0.99;
        self.steps += 1;
        let mean_share = 1.0 - KEEP_MEAN.powi(self.steps);
        let square_share = 1.0 - KEEP_SQUARE.powi(self.steps);
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((weight, (mean, square)), gradient) in self.weights.iter_mut().zip(moments).zip(gradient) {
            *mean = KEEP_MEAN * *mean + (1.0 - KEEP_MEAN) * gradient;
            *square = KEEP_SQUARE * *square + (1.0 - KEEP_SQUARE) * gradient * gradient;
            *weight -= step_size * (*mean / mean_share) / ((*square / square_share).sqrt() + 1e-8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_labels_apart_counts_and_what_they_share_does_not() {
        // The first value is large and says nothing; the second is the label's sign.
        let vector = |noise: f32, sign: f32| vec![noise, sign * 0.3, 0.1];
        let noise = [0.9_f32, -0.8, 0.7, -0.9, 0.8, -0.7];
        let samples: Vec<Features> =
            noise.iter().flat_map(|noise| [vector(*noise, 1.0), vector(-noise * 0.9, -1.0)]).collect();
        let of: Vec<u32> = (0..samples.len() as u32).map(|at| at % 2).collect();
        let separator = Separator::learn(&samples, &of, 2).unwrap();
        for noise in [0.9, -0.9] {
            let values = separator.values(&vector(noise, 1.0)).unwrap();
            assert!(values[0] > values[1], "{values:?}");
        }
        assert!(separator.values(&[1.0]).is_err());
    }

    #[test]
    fn sketches_keep_what_texts_share() {
        let sketch = |terms: &[Term]| {
            let weight = 1.0 / (terms.len() as f32).sqrt();
            features(None, &terms.iter().map(|term| (*term, weight)).collect::<Vec<_>>())
        };
        let dot = |a: &Features, b: &Features| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (one, near, far) = (sketch(&[1, 2, 3, 4]), sketch(&[1, 2, 3, 5]), sketch(&[6, 7, 8, 9]));
        assert!((dot(&one, &one) - SKETCH_WEIGHT.powi(2)).abs() < 0.15, "{}", dot(&one, &one));
        assert!(dot(&one, &near) > 2.0 * dot(&one, &far).abs());
        assert_eq!(features(Some(&[0.5, 0.5]), &[]).len(), 2 + SKETCH_DIM);
    }
}
