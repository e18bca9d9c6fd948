//! Multinomial logistic regression, fitted by limited-memory BFGS.
//!
//! The loss is the weighted sum of the samples' negative log probabilities plus
//! half the penalty times the squared weights; offsets are free. It is convex, so
//! the starting point does not matter and nothing is drawn by chance.
//!
//! Source: Liu and Nocedal, "On the limited memory BFGS method", 1989; Armijo's
//! condition for the step.
//!
//! Invariant: deterministic. Not here: features, folds, quantising.

use super::Features;

/// Pairs of steps and changes of the slope that are remembered.
const MEMORY: usize = 8;
const STEPS_MAX: usize = 120;
/// Halvings of a step before the search gives up.
const HALVINGS_MAX: usize = 25;
/// Done when a step gains less than this share of the loss.
const GAIN_MIN: f64 = 5e-5;

/// One text to learn from, in features numbered without gaps.
pub struct Row {
    pub values: Vec<(u32, f32)>,
    pub label: usize,
    pub weight: f32,
}

impl Row {
    pub fn of(features: &Features, compact: &[u32], dense_start: usize, label: usize, weight: f32) -> Self {
        let terms = features.terms.iter().map(|(bucket, value)| (compact[*bucket as usize], *value));
        let dense = features.dense.iter().enumerate().filter(|(_, value)| **value != 0.0);
        let dense = dense.map(|(at, value)| ((dense_start + at) as u32, *value));
        Self { values: terms.chain(dense).collect(), label, weight }
    }
}

/// `labels` weights a feature, and the offsets behind them.
pub fn fit(rows: &[Row], features: usize, labels: usize, penalty: f64) -> Vec<f64> {
    let problem = Problem { rows, features, labels, penalty };
    let mut at = vec![0.0; (features + 1) * labels];
    let (mut loss, mut slope) = problem.look(&at);
    let mut past: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for _ in 0..STEPS_MAX {
        let mut direction = direction(&slope, &past);
        let mut descent = dot(&direction, &slope);
        if descent >= 0.0 {
            past.clear();
            direction = slope.iter().map(|value| -value).collect();
            descent = -dot(&slope, &slope);
        }
        let mut length = if past.is_empty() { 1.0 / dot(&slope, &slope).sqrt().max(1.0) } else { 1.0 };
        let mut found = None;
        for _ in 0..HALVINGS_MAX {
            let next: Vec<f64> = at.iter().zip(&direction).map(|(at, step)| at + length * step).collect();
            let (next_loss, next_slope) = problem.look(&next);
            if next_loss <= loss + 1e-4 * length * descent {
                found = Some((next, next_loss, next_slope));
                break;
            }
            length *= 0.5;
        }
        let Some((next, next_loss, next_slope)) = found else { break };
        let step: Vec<f64> = next.iter().zip(&at).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = next_slope.iter().zip(&slope).map(|(a, b)| a - b).collect();
        if dot(&step, &change) > 1e-12 {
            if past.len() == MEMORY {
                past.remove(0);
            }
            past.push((step, change));
        }
        let gain = loss - next_loss;
        (at, loss, slope) = (next, next_loss, next_slope);
        if gain < GAIN_MIN * loss {
            break;
        }
    }
    at
}

struct Problem<'a> {
    rows: &'a [Row],
    features: usize,
    labels: usize,
    penalty: f64,
}

impl Problem<'_> {
    /// Loss and slope.
    fn look(&self, weights: &[f64]) -> (f64, Vec<f64>) {
        let (labels, bias) = (self.labels, self.features * self.labels);
        let mut slope: Vec<f64> = weights.iter().map(|weight| self.penalty * weight).collect();
        slope[bias..].fill(0.0);
        let mut loss = 0.5 * self.penalty * dot(&weights[..bias], &weights[..bias]);
        let mut values = vec![0.0; labels];
        for row in self.rows {
            values.copy_from_slice(&weights[bias..]);
            for (feature, value) in &row.values {
                let start = *feature as usize * labels;
                let weights = &weights[start..start + labels];
                values.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * f64::from(*value));
            }
            let highest = values.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = values.iter().map(|value| (value - highest).exp()).sum();
            let weight = f64::from(row.weight);
            loss += weight * (highest + sum.ln() - values[row.label]);
            for (label, value) in values.iter_mut().enumerate() {
                let right = if label == row.label { 1.0 } else { 0.0 };
                *value = weight * ((*value - highest).exp() / sum - right);
            }
            for (feature, value) in &row.values {
                let start = *feature as usize * labels;
                let slope = &mut slope[start..start + labels];
                slope.iter_mut().zip(&values).for_each(|(slope, wrong)| *slope += wrong * f64::from(*value));
            }
            slope[bias..].iter_mut().zip(&values).for_each(|(slope, wrong)| *slope += wrong);
        }
        (loss, slope)
    }
}

/// Downhill, bent by what the past steps say of the curvature.
fn direction(slope: &[f64], past: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|value| -value).collect();
    let mut shares = Vec::with_capacity(past.len());
    for (step, change) in past.iter().rev() {
        let share = dot(step, &direction) / dot(step, change);
        direction.iter_mut().zip(change).for_each(|(value, change)| *value -= share * change);
        shares.push(share);
    }
    if let Some((step, change)) = past.last() {
        let scale = dot(step, change) / dot(change, change);
        direction.iter_mut().for_each(|value| *value *= scale);
    }
    for ((step, change), share) in past.iter().zip(shares.iter().rev()) {
        let back = dot(change, &direction) / dot(step, change);
        direction.iter_mut().zip(step).for_each(|(value, step)| *value += (share - back) * step);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
