//! A choice among candidates, or none of them: a multinomial logistic model
//! over a handful of named signals.
//!
//! Every candidate gets a value `w·x`, refusing all of them `v·y`; the
//! probabilities are the softmax of these. With a single candidate this is
//! logistic regression. The weights are data, made by [`fit`].
//!
//! Invariants: probabilities lie in 0..=1 and with that of refusing sum to 1;
//! a model whose names are not the code's is refused. Not here: the signals.
//!
//! Source: McFadden, "Conditional logit analysis of qualitative choice
//! behavior", 1974; Kingma and Ba, "Adam", 2015, for the descent.

use serde::{Deserialize, Serialize};

/// Steps of the descent.
const STEPS: usize = 500;
const STEP_SIZE: f64 = 0.05;
/// Standard deviations below this belong to signals that never change.
const FLAT: f64 = 1e-6;

/// The weights of a choice, for signals as they are (not standardised).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceModel {
    /// Weight of each signal of a candidate, by name.
    pub candidate: Vec<(String, f32)>,
    /// Weight of each signal for refusing all, by name.
    pub refuse: Vec<(String, f32)>,
}

/// One case to learn from.
#[derive(Debug, Clone)]
pub struct Case {
    pub candidates: Vec<Vec<f32>>,
    pub refuse: Vec<f32>,
    /// The right candidates; empty when refusing is right.
    pub right: Vec<usize>,
    pub weight: f32,
}

impl ChoiceModel {
    /// Does it weigh exactly these signals, in this order?
    #[must_use]
    pub fn fits(&self, candidate: &[&str], refuse: &[&str]) -> bool {
        let same = |have: &[(String, f32)], want: &[&str]| {
            have.len() == want.len() && have.iter().zip(want).all(|((name, _), want)| name == want)
        };
        same(&self.candidate, candidate) && same(&self.refuse, refuse)
    }

    /// The probability of each candidate; what is left is that of refusing.
    #[must_use]
    pub fn probabilities<'a>(&self, candidates: impl IntoIterator<Item = &'a [f32]>, refuse: &[f32]) -> Vec<f32> {
        let value = |weights: &[(String, f32)], signals: &[f32]| -> f32 {
            weights.iter().zip(signals).map(|((_, weight), signal)| weight * signal).sum()
        };
        let mut values: Vec<f32> = candidates.into_iter().map(|signals| value(&self.candidate, signals)).collect();
        let none = value(&self.refuse, refuse);
        let highest = values.iter().copied().fold(none, f32::max);
        let mut total = (none - highest).exp();
        for value in &mut values {
            *value = (*value - highest).exp();
            total += *value;
        }
        values.iter_mut().for_each(|value| *value /= total);
        values
    }
}

/// Learns weights from cases by full-batch descent. Deterministic.
/// `penalty` pulls the weights of standardised signals to zero.
#[must_use]
pub fn fit(cases: &[Case], candidate: &[&str], refuse: &[&str], penalty: f64) -> ChoiceModel {
    let scale = Scale::of(cases.iter().flat_map(|case| &case.candidates), candidate.len());
    let scale_refuse = Scale::of(cases.iter().map(|case| &case.refuse), refuse.len());
    let scaled: Vec<ScaledCase> = cases.iter().map(|case| ScaledCase::of(case, &scale, &scale_refuse)).collect();
    let total: f64 = cases.iter().map(|case| f64::from(case.weight)).sum::<f64>().max(f64::MIN_POSITIVE);
    let mut weights = vec![0.0; candidate.len() + refuse.len()];
    let mut descent = Descent::new(weights.len());
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = weights.iter().map(|weight| weight * penalty).collect();
        for case in &scaled {
            case.add_gradient(&weights, candidate.len(), total, &mut gradient);
        }
        descent.step(&mut weights, &gradient);
    }
    let named = |names: &[&str], weights: &[f64], scale: &Scale| {
        let weight = |at: usize| (weights[at] / scale.0[at]) as f32;
        names.iter().enumerate().map(|(at, name)| ((*name).to_owned(), weight(at))).collect()
    };
    ChoiceModel {
        candidate: named(candidate, &weights, &scale),
        refuse: named(refuse, &weights[candidate.len()..], &scale_refuse),
    }
}

/// The spread of each signal. Signals are divided by it and not centred, since
/// a constant signal is the bias.
struct Scale(Vec<f64>);

impl Scale {
    fn of<'a>(rows: impl Iterator<Item = &'a Vec<f32>>, width: usize) -> Self {
        let (mut count, mut sums, mut squares) = (0.0_f64, vec![0.0; width], vec![0.0; width]);
        for row in rows {
            count += 1.0;
            for (at, value) in row.iter().enumerate() {
                sums[at] += f64::from(*value);
                squares[at] += f64::from(*value).powi(2);
            }
        }
        let spread = |at: usize| {
            let mean = sums[at] / count;
            let deviation = (squares[at] / count - mean * mean).max(0.0).sqrt();
            if deviation > FLAT { deviation } else { 1.0 }
        };
        Self((0..width).map(spread).collect())
    }

    fn apply(&self, row: &[f32]) -> Vec<f64> {
        row.iter().zip(&self.0).map(|(value, scale)| f64::from(*value) / scale).collect()
    }
}

struct ScaledCase {
    candidates: Vec<Vec<f64>>,
    refuse: Vec<f64>,
    right: Vec<bool>,
    weight: f64,
}

impl ScaledCase {
    fn of(case: &Case, scale: &Scale, scale_refuse: &Scale) -> Self {
        Self {
            candidates: case.candidates.iter().map(|row| scale.apply(row)).collect(),
            refuse: scale_refuse.apply(&case.refuse),
            right: (0..case.candidates.len()).map(|at| case.right.contains(&at)).collect(),
            weight: f64::from(case.weight),
        }
    }

    /// The gradient of `-log(sum of p over what is right)`.
    fn add_gradient(&self, weights: &[f64], width: usize, total: f64, gradient: &mut [f64]) {
        let (of_candidate, of_refuse) = weights.split_at(width);
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let values: Vec<f64> = self.candidates.iter().map(|row| dot(row, of_candidate)).collect();
        let none = dot(&self.refuse, of_refuse);
        let highest = values.iter().copied().fold(none, f64::max);
        let powers: Vec<f64> = values.iter().map(|value| (value - highest).exp()).collect();
        let none = (none - highest).exp();
        let sum = powers.iter().sum::<f64>() + none;
        let refusing_is_right = !self.right.contains(&true);
        let right_sum: f64 = if refusing_is_right {
            none
        } else {
            powers.iter().zip(&self.right).filter(|(_, right)| **right).map(|(power, _)| power).sum()
        };
        let right_sum = right_sum.max(f64::MIN_POSITIVE);
        let slope = |power: f64, right: bool| {
            let wanted = if right { power / right_sum } else { 0.0 };
            (power / sum - wanted) * self.weight / total
        };
        for ((row, power), right) in self.candidates.iter().zip(&powers).zip(&self.right) {
            let slope = slope(*power, *right);
            gradient[..width].iter_mut().zip(row).for_each(|(gradient, value)| *gradient += slope * value);
        }
        let slope = slope(none, refusing_is_right);
        gradient[width..].iter_mut().zip(&self.refuse).for_each(|(gradient, value)| *gradient += slope * value);
    }
}

struct Descent {
    mean: Vec<f64>,
    square: Vec<f64>,
    steps: i32,
}

impl Descent {
    fn new(width: usize) -> Self {
        Self { mean: vec![0.0; width], square: vec![0.0; width], steps: 0 }
    }

    fn step(&mut self, weights: &mut [f64], gradient: &[f64]) {
        const KEEP_MEAN: f64 = 0.9;
        const KEEP_SQUARE: f64 = 0.999;
        self.steps += 1;
        for (at, weight) in weights.iter_mut().enumerate() {
            self.mean[at] = KEEP_MEAN * self.mean[at] + (1.0 - KEEP_MEAN) * gradient[at];
            self.square[at] = KEEP_SQUARE * self.square[at] + (1.0 - KEEP_SQUARE) * gradient[at].powi(2);
            let mean = self.mean[at] / (1.0 - KEEP_MEAN.powi(self.steps));
            let square = self.square[at] / (1.0 - KEEP_SQUARE.powi(self.steps));
            *weight -= STEP_SIZE * mean / (square.sqrt() + 1e-8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(candidates: &[f32], right: &[usize]) -> Case {
        let candidates: Vec<Vec<f32>> = candidates.iter().map(|signal| vec![*signal, 0.5]).collect();
        Case { candidates, refuse: vec![1.0], right: right.to_vec(), weight: 1.0 }
    }

    #[test]
    fn learns_which_signal_matters_and_when_to_refuse() {
        let cases: Vec<Case> = (0..40)
            .flat_map(|step| {
                let high = 0.8 + step as f32 * 0.004;
                let low = 0.2 + step as f32 * 0.004;
                [case(&[high, low, low], &[0]), case(&[low, high, low], &[1]), case(&[low, low], &[])]
            })
            .collect();
        let model = fit(&cases, &["near", "same"], &["bias"], 1e-4);
        assert!(model.fits(&["near", "same"], &["bias"]));
        let choose = |signals: &[f32]| {
            let rows: Vec<Vec<f32>> = signals.iter().map(|signal| vec![*signal, 0.5]).collect();
            model.probabilities(rows.iter().map(Vec::as_slice), &[1.0])
        };
        let sure = choose(&[0.9, 0.3]);
        assert!(sure[0] > 0.8 && sure[1] < 0.1, "{sure:?}");
        let nothing = choose(&[0.3, 0.3]);
        assert!(nothing.iter().sum::<f32>() < 0.4, "{nothing:?}");
        let tie = choose(&[0.9, 0.9]);
        assert!((tie[0] - tie[1]).abs() < 1e-6 && tie[0] > 0.4, "{tie:?}");
    }

    #[test]
    fn no_candidates_is_no_probability() {
        let model = ChoiceModel { candidate: vec![("a".to_owned(), 1.0)], refuse: vec![("b".to_owned(), 1.0)] };
        assert!(model.probabilities(std::iter::empty(), &[1.0]).is_empty());
        let huge = [1e30_f32];
        let certain = model.probabilities([huge.as_slice()], &[-1e30]);
        assert!((certain[0] - 1.0).abs() < 1e-6);
    }
}
