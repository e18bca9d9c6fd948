//! What a text's nearest examples say: each has a voice for its own label, the
//! louder the nearer it is.
//!
//! Source: Parzen, "On Estimation of a Probability Density Function and Mode",
//! 1962, with an exponential of the cosine as the kernel.
//!
//! Invariant: shares in, shares out. Not here: the vectors.

use super::direction;
use crate::closer::pool;
use crate::text_model::{Example, log_share};

/// How fast a voice fades with distance, and how much all of them count beside
/// the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hearing {
    pub sharpness: f32,
    pub weight: f32,
}

/// A text whose label is known.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What the model says.
    pub shares: Vec<f32>,
    /// The cosine to each example, and its label.
    pub near: Vec<(f32, usize)>,
    pub right: usize,
}

/// For few examples, where none can be held out to choose by.
pub const FEW: Hearing = Hearing { sharpness: 30.0, weight: 0.2 };
const SHARPNESSES: [f32; 4] = [20.0, 30.0, 50.0, 80.0];
/// Weights tried: so many steps of a tenth.
const STEPS: u8 = 10;

/// Directions in bytes, with their labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Neighbours {
    pub labels: usize,
    pub dim: usize,
    /// The label of each row.
    pub of: Vec<u32>,
    /// What one step of a row's bytes is worth.
    pub scales: Vec<f32>,
    pub bytes: Vec<i8>,
}

impl Neighbours {
    #[must_use]
    pub fn of(examples: &[&Example], labels: usize) -> Self {
        let dim = examples.first().map_or(0, |first| direction(first).len());
        let mut made = Self { labels, dim, ..Self::default() };
        for example in examples {
            let row = direction(example);
            let scale = row.iter().fold(0.0_f32, |most, value| most.max(value.abs())) / f32::from(i8::MAX);
            let steps = if scale.is_normal() { 1.0 / scale } else { 0.0 };
            made.bytes.extend(row.iter().map(|value| (value * steps).round() as i8));
            made.scales.push(scale);
            made.of.push(example.label as u32);
        }
        made
    }

    /// The cosine to each example, and its label.
    #[must_use]
    pub fn near(&self, direction: &[f32]) -> Vec<(f32, usize)> {
        if self.dim == 0 {
            return Vec::new();
        }
        let dot = |row: &[i8]| row.iter().zip(direction).map(|(a, b)| f32::from(*a) * b).sum::<f32>();
        let rows = self.bytes.chunks_exact(self.dim).zip(&self.scales).zip(&self.of);
        rows.map(|((row, scale), label)| (dot(row) * scale, *label as usize)).collect()
    }

    /// The model's shares with the neighbours' voices weighed in.
    #[must_use]
    pub fn weigh(&self, shares: &[f32], near: &[(f32, usize)], hearing: Hearing) -> Vec<f32> {
        pool(shares, &voices(near, self.labels, hearing.sharpness), 1.0, hearing.weight)
    }

    /// The hearing that surprises least on texts whose labels are known.
    #[must_use]
    pub fn fit(&self, judged: &[Judged]) -> Hearing {
        let tried = SHARPNESSES.into_iter().flat_map(|sharpness| {
            let voices: Vec<Vec<f32>> = judged.iter().map(|one| voices(&one.near, self.labels, sharpness)).collect();
            let surprise = |weight: f32| -> f32 {
                let cases = judged.iter().zip(&voices);
                cases.map(|(one, voices)| -log_share(pool(&one.shares, voices, 1.0, weight)[one.right])).sum()
            };
            let weights = (0..=STEPS).map(|step| f32::from(step) / 10.0);
            weights.map(|weight| (surprise(weight), Hearing { sharpness, weight })).collect::<Vec<_>>()
        });
        tried.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(FEW, |(_, hearing)| hearing)
    }
}

/// Each label's share of the voices.
fn voices(near: &[(f32, usize)], labels: usize, sharpness: f32) -> Vec<f32> {
    let mut voices = vec![0.0_f32; labels];
    for (cosine, label) in near {
        voices[*label] += ((cosine - 1.0) * sharpness).exp();
    }
    let all = voices.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    voices.iter_mut().for_each(|voice| *voice /= all);
    voices
}
