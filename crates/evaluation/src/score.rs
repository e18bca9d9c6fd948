//! The measures, each by its textbook definition.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Hits, false alarms and misses of one kind of thing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub hits: usize,
    pub false_alarms: usize,
    pub misses: usize,
}

impl Counts {
    pub fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.false_alarms += other.false_alarms;
        self.misses += other.misses;
    }

    #[must_use]
    pub fn precision(self) -> f64 {
        share(self.hits, self.hits + self.false_alarms)
    }

    #[must_use]
    pub fn recall(self) -> f64 {
        share(self.hits, self.hits + self.misses)
    }

    /// Harmonic mean of precision and recall; 0 where nothing was hit.
    #[must_use]
    pub fn f1(self) -> f64 {
        share(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)
    }

    /// `{precision, recall, f1}`.
    #[must_use]
    pub fn json(self) -> Value {
        json!({"precision": round(self.precision()), "recall": round(self.recall()), "f1": round(self.f1())})
    }
}

/// A part of a whole; 0 of nothing.
#[must_use]
pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Four digits behind the point: more would be noise.
#[must_use]
pub fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// Mean F1 over the labels that occur in the truth.
#[must_use]
pub fn macro_f1(pairs: &[(String, String)]) -> f64 {
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for (truth, said) in pairs {
        if truth == said {
            counts.entry(truth).or_default().hits += 1;
        } else {
            counts.entry(truth).or_default().misses += 1;
            counts.entry(said).or_default().false_alarms += 1;
        }
    }
    let labels: BTreeSet<&str> = pairs.iter().map(|(truth, _)| truth.as_str()).collect();
    labels.iter().map(|label| counts[label].f1()).sum::<f64>() / labels.len().max(1) as f64
}

/// 95 % interval of a share (Wilson, 1927).
#[must_use]
pub fn interval(part: usize, whole: usize) -> [f64; 2] {
    const Z: f64 = 1.959_964;
    if whole == 0 {
        return [0.0, 1.0];
    }
    let (n, p) = (whole as f64, share(part, whole));
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [round((middle - half).max(0.0)), round((middle + half).min(1.0))]
}

/// Rank correlation (Spearman, 1904); ties share their mean rank.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    pearson(&ranks(a), &ranks(b))
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        both += (x - mean_a) * (y - mean_b);
        of_a += (x - mean_a).powi(2);
        of_b += (y - mean_b).powi(2);
    }
    if of_a == 0.0 || of_b == 0.0 { 0.0 } else { both / (of_a * of_b).sqrt() }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|x, y| values[*x].total_cmp(&values[*y]));
    let mut ranks = vec![0.0; values.len()];
    for tie in order.chunk_by(|x, y| values[*x] == values[*y]) {
        let first = order.partition_point(|at| values[*at] < values[tie[0]]);
        let mean = first as f64 + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|at| ranks[*at] = mean);
    }
    ranks
}

/// Probability that a random positive scores above a random negative, ties half
/// (area under the ROC curve, by ranks).
#[must_use]
pub fn auc(scores: &[f64], positive: &[bool]) -> f64 {
    let ranks = ranks(scores);
    let positives = positive.iter().filter(|one| **one).count();
    let negatives = positive.len() - positives;
    let sum: f64 = ranks.iter().zip(positive).filter(|(_, one)| **one).map(|(rank, _)| rank).sum();
    let (p, n) = (positives as f64, negatives as f64);
    if positives == 0 || negatives == 0 { 0.5 } else { (sum - p * (p + 1.0) / 2.0) / (p * n) }
}

/// Accuracy at the bound that fits best.
#[must_use]
pub fn best_accuracy(scores: &[f64], positive: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|x, y| scores[*y].total_cmp(&scores[*x]));
    // With the bound above everything, all are called negative.
    let mut right = positive.iter().filter(|one| !**one).count();
    let mut best = right;
    for tie in order.chunk_by(|x, y| scores[*x] == scores[*y]) {
        for at in tie {
            if positive[*at] { right += 1 } else { right -= 1 }
        }
        best = best.max(right);
    }
    share(best, scores.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn textbook_values() {
        near(spearman(&[1.0, 2.0, 3.0, 4.0], &[10.0, 20.0, 30.0, 40.0]), 1.0);
        near(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0);
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        near(spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]), 4.5 / (4.5_f64 * 5.0).sqrt());
        near(auc(&[0.9, 0.8, 0.3, 0.1], &[true, false, true, false]), 0.75);
        near(auc(&[0.5, 0.5], &[true, false]), 0.5);
        near(best_accuracy(&[0.9, 0.8, 0.3, 0.1], &[true, false, true, false]), 0.75);
        let [low, high] = interval(90, 100);
        assert!((low - 0.8256).abs() < 1e-3 && (high - 0.9448).abs() < 1e-3, "{low} {high}");
    }

    #[test]
    fn a_label_never_said_pulls_the_macro_mean_down() {
        let pairs = [("a", "a"), ("a", "a"), ("b", "a")].map(|(truth, said)| (truth.to_owned(), said.to_owned()));
        near(macro_f1(&pairs), (0.8 + 0.0) / 2.0);
        let counts = Counts { hits: 3, false_alarms: 1, misses: 2 };
        near(counts.precision(), 0.75);
        near(counts.recall(), 0.6);
        near(counts.f1(), 2.0 / 3.0);
    }
}
