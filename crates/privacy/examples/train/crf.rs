//! The learner: forward and backward sums, gradient, sparse table.

use std::collections::HashMap;
use teller_privacy::tagger::{Model, TAGS, allowed};

/// A sentence as keys for each character and the right tags.
pub struct Prepared {
    pub keys: Vec<Vec<u32>>,
    pub tags: Vec<u8>,
}

#[derive(Clone, Copy)]
pub struct Settings {
    pub epochs: usize,
    pub rate: f32,
    /// Soft threshold after each epoch.
    pub threshold: f32,
    /// A key in fewer sentences is not learned.
    pub seen_min: u32,
    /// Share of a character's keys hidden each time, in 256ths.
    pub hidden: u64,
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { epochs: 10, rate: 0.05, threshold: 0.01, seen_min: 2, hidden: 128, seed: 20_261_121 }
    }
}

type Row = [f32; TAGS];

struct Learner {
    weights: Vec<Row>,
    squares: Vec<Row>,
    steps: [Row; TAGS],
    step_squares: [Row; TAGS],
    rate: f32,
}

/// Learns and gives the table in its file form.
pub fn train(set: &[Prepared], settings: Settings) -> Vec<u8> {
    let (index, keys) = dictionary(set, settings.seen_min);
    let ids: Vec<Vec<Vec<u32>>> = set
        .iter()
        .map(|s| s.keys.iter().map(|keys| keys.iter().filter_map(|k| index.get(k).copied()).collect()).collect())
        .collect();
    let mut learner = Learner {
        weights: vec![[0.0; TAGS]; keys.len()],
        squares: vec![[0.0; TAGS]; keys.len()],
        steps: [[0.0; TAGS]; TAGS],
        step_squares: [[0.0; TAGS]; TAGS],
        rate: settings.rate,
    };
    let mut order: Vec<usize> = (0..set.len()).collect();
    let mut state = settings.seed;
    for epoch in 0..settings.epochs {
        shuffle(&mut order, &mut state);
        let loss: f64 = order
            .iter()
            .map(|at| {
                let mut kept = ids[*at].clone();
                for keys in &mut kept {
                    keys.retain(|_| next_random(&mut state) % 256 >= settings.hidden);
                }
                f64::from(learner.learn(&kept, &set[*at].tags))
            })
            .sum();
        for row in &mut learner.weights {
            row.iter_mut().for_each(|w| *w = w.signum() * (w.abs() - settings.threshold).max(0.0));
        }
        eprintln!("epoch {epoch}: {} keys, loss {:.4} a sentence", keys.len(), loss / set.len() as f64);
    }
    learner.table(&keys)
}

fn dictionary(set: &[Prepared], seen_min: u32) -> (HashMap<u32, u32>, Vec<u32>) {
    let mut seen: HashMap<u32, (u32, usize)> = HashMap::new();
    for (number, sentence) in set.iter().enumerate() {
        for key in sentence.keys.iter().flatten() {
            let entry = seen.entry(*key).or_insert((0, usize::MAX));
            if entry.1 != number {
                *entry = (entry.0 + 1, number);
            }
        }
    }
    let mut keys: Vec<u32> = seen.into_iter().filter(|(_, s)| s.0 >= seen_min).map(|(key, _)| key).collect();
    keys.sort_unstable();
    (keys.iter().zip(0u32..).map(|(key, at)| (*key, at)).collect(), keys)
}

pub fn next_random(state: &mut u64) -> u64 {
    // SplitMix64 (Steele, Lea, Flood 2014).
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn shuffle(order: &mut [usize], state: &mut u64) {
    for at in (1..order.len()).rev() {
        order.swap(at, (next_random(state) % (at as u64 + 1)) as usize);
    }
}

fn log_sum(values: &Row) -> f32 {
    let max = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if max == f32::NEG_INFINITY { max } else { max + values.iter().map(|v| (v - max).exp()).sum::<f32>().ln() }
}

impl Learner {
    #[expect(clippy::needless_range_loop, reason = "tags index several tables at once")]
    fn learn(&mut self, ids: &[Vec<u32>], tags: &[u8]) -> f32 {
        let length = ids.len();
        if length == 0 {
            return 0.0;
        }
        let scores: Vec<Row> = ids.iter().map(|keys| self.score(keys)).collect();
        // exp of steps, so that sums are products; the maximum is taken out at each place.
        let mut steps = [[0.0f32; TAGS]; TAGS];
        for (p, row) in steps.iter_mut().enumerate() {
            for (n, step) in row.iter_mut().enumerate() {
                *step = if allowed(p, n) { self.steps[p][n].exp() } else { 0.0 };
            }
        }
        let mut forward: Vec<Row> = Vec::with_capacity(length);
        let mut first = scores[0];
        (2..TAGS).step_by(2).for_each(|t| first[t] = f32::NEG_INFINITY);
        forward.push(first);
        for at in 1..length {
            let sums = through(&forward[at - 1], |p, n| steps[p][n]);
            let mut row = sums;
            row.iter_mut().zip(&scores[at]).for_each(|(r, s)| *r += s);
            forward.push(row);
        }
        let mut backward = vec![[0.0f32; TAGS]; length];
        for at in (0..length - 1).rev() {
            let mut ahead = backward[at + 1];
            ahead.iter_mut().zip(&scores[at + 1]).for_each(|(a, s)| *a += s);
            backward[at] = through(&ahead, |n, p| steps[p][n]);
        }
        let total = log_sum(&forward[length - 1]);
        let mut gold = scores[0][usize::from(tags[0])];
        for at in 1..length {
            let (p, n) = (usize::from(tags[at - 1]), usize::from(tags[at]));
            gold += self.steps[p][n] + scores[at][n];
        }
        let mut step_gradient = [[0.0f32; TAGS]; TAGS];
        for at in 1..length {
            for p in 0..TAGS {
                let base = forward[at - 1][p] - total;
                if base + 1.0 < -14.0 - backward[at - 1][p] {
                    continue;
                }
                for n in (0..TAGS).filter(|n| steps[p][*n] > 0.0) {
                    step_gradient[p][n] += (base + self.steps[p][n] + scores[at][n] + backward[at][n]).exp();
                }
            }
            step_gradient[usize::from(tags[at - 1])][usize::from(tags[at])] -= 1.0;
        }
        for (at, keys) in ids.iter().enumerate() {
            let mut gradient = [0.0f32; TAGS];
            for tag in 0..TAGS {
                gradient[tag] = (forward[at][tag] + backward[at][tag] - total).exp();
            }
            gradient[usize::from(tags[at])] -= 1.0;
            for tag in (0..TAGS).filter(|tag| gradient[*tag].abs() > 1e-3) {
                let g = gradient[tag];
                for key in keys {
                    let square = &mut self.squares[*key as usize][tag];
                    *square += g * g;
                    self.weights[*key as usize][tag] -= self.rate * g / (square.sqrt() + 0.1);
                }
            }
        }
        for p in 0..TAGS {
            for n in (0..TAGS).filter(|n| allowed(p, *n)) {
                let g = step_gradient[p][n];
                let square = &mut self.step_squares[p][n];
                *square += g * g;
                self.steps[p][n] -= self.rate * g / (square.sqrt() + 0.1);
            }
        }
        total - gold
    }

    fn score(&self, keys: &[u32]) -> Row {
        let mut sums = [0.0f32; TAGS];
        for key in keys {
            let row = &self.weights[*key as usize];
            sums.iter_mut().zip(row).for_each(|(s, w)| *s += w);
        }
        sums
    }

    /// Weights as small integers of one scale; what rounds to zero is left out.
    #[expect(clippy::needless_range_loop, reason = "both tables are read by the same pair of tags")]
    fn table(&self, keys: &[u32]) -> Vec<u8> {
        let largest = self.weights.iter().flatten().fold(0.0f32, |max, w| max.max(w.abs()));
        let scale = (largest / 127.0).max(1e-6);
        let rows: Vec<(u32, Vec<(u8, i8)>)> = keys
            .iter()
            .zip(&self.weights)
            .filter_map(|(key, row)| {
                let entries: Vec<(u8, i8)> = (0u8..)
                    .zip(row)
                    .map(|(tag, w)| (tag, (w / scale).round() as i8))
                    .filter(|(_, w)| *w != 0)
                    .collect();
                (!entries.is_empty()).then_some((*key, entries))
            })
            .collect();
        let mut steps = [[0i16; TAGS]; TAGS];
        for p in 0..TAGS {
            for n in 0..TAGS {
                steps[p][n] = (self.steps[p][n] / scale).round().clamp(-30_000.0, 30_000.0) as i16;
            }
        }
        Model::write(&rows, &steps, scale)
    }
}

/// log Σ exp(from) · step, for every tag.
fn through(from: &Row, step: impl Fn(usize, usize) -> f32) -> Row {
    let max = from.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let plain: Vec<f32> = from.iter().map(|v| (v - max).exp()).collect();
    let mut out = [0.0f32; TAGS];
    for (n, sum) in out.iter_mut().enumerate() {
        let mass: f32 = plain.iter().enumerate().map(|(p, v)| v * step(p, n)).sum();
        *sum = max + mass.max(1e-30).ln();
    }
    out
}
