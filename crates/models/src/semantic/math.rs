//! The arithmetic between the products: normalisation, attention, the
//! activation function; plain loops that every processor vectorises.
//!
//! Not here: weights; what the numbers mean.

use super::layout::{EPSILON, HEAD, SEMANTIC_DIM};
use crate::elementary::exp;
use crate::simd::{self, Kernel, LANES, madd};

/// `erf(x)` within 3e-7 (Abramowitz and Stegun 1964, 7.1.26).
#[inline(always)]
fn erf<const FMA: bool>(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / madd::<FMA>(0.327_591_1, size, 1.0);
    let mut series = 1.061_405_4;
    for factor in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        series = madd::<FMA>(series, t, factor);
    }
    let rest = series * t * exp::<FMA>(-size * size);
    (1.0 - rest).copysign(x)
}

/// Each value becomes `x × Φ(x)` (Hendrycks and Gimpel 2016, "Gaussian Error
/// Linear Units").
pub(super) fn gelu(values: &mut [f32]) {
    simd::run(Gelu { values });
}

struct Gelu<'a> {
    values: &'a mut [f32],
}

impl Kernel for Gelu<'_> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (chunks, rest) = self.values.as_chunks_mut::<LANES>();
        debug_assert!(rest.is_empty());
        for chunk in chunks {
            for value in chunk {
                *value = 0.5 * *value * (1.0 + erf::<FMA>(*value * std::f32::consts::FRAC_1_SQRT_2));
            }
        }
    }
}

/// Layer normalisation: mean 0, variance 1, then gain and shift by column.
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) shift: Vec<f32>,
}

impl Norm {
    /// Each row of `rows` becomes the normal form of its sum with that of `add`.
    pub(super) fn add_and_apply(&self, rows: &mut [f32], add: &[f32]) {
        simd::run(AddNorm { norm: self, rows, add });
    }
}

struct AddNorm<'a> {
    norm: &'a Norm,
    rows: &'a mut [f32],
    add: &'a [f32],
}

impl Kernel for AddNorm<'_> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (rows, _) = self.rows.as_chunks_mut::<SEMANTIC_DIM>();
        let (add, _) = self.add.as_chunks::<SEMANTIC_DIM>();
        for (row, add) in rows.iter_mut().zip(add) {
            let mut sums = [0.0_f32; LANES];
            for (values, add) in row.as_chunks_mut::<LANES>().0.iter_mut().zip(add.as_chunks::<LANES>().0) {
                for lane in 0..LANES {
                    values[lane] += add[lane];
                    sums[lane] += values[lane];
                }
            }
            let mean = sums.iter().sum::<f32>() / SEMANTIC_DIM as f32;
            let mut squares = [0.0_f32; LANES];
            for values in row.as_chunks::<LANES>().0 {
                for lane in 0..LANES {
                    let distance = values[lane] - mean;
                    squares[lane] = madd::<FMA>(distance, distance, squares[lane]);
                }
            }
            let factor = 1.0 / (squares.iter().sum::<f32>() / SEMANTIC_DIM as f32 + EPSILON).sqrt();
            for ((value, gain), shift) in row.iter_mut().zip(&self.norm.gain).zip(&self.norm.shift) {
                *value = (*value - mean) * factor * gain + shift;
            }
        }
    }
}

/// Attention of one text's pieces to each other, for one head.
///
/// `mixed` holds a row of query, key and value a piece; the head's part of each
/// begins at `column`, at `column + SEMANTIC_DIM` and at `column + 2 ×
/// SEMANTIC_DIM`. The outcome goes to `column` of each row of `gathered`.
pub(super) struct Attend<'a> {
    pub(super) mixed: &'a [f32],
    pub(super) gathered: &'a mut [f32],
    pub(super) column: usize,
    /// Room for the keys with pieces side by side, and for one row of shares.
    pub(super) room: &'a mut Vec<f32>,
}

impl Kernel for Attend<'_> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (mixed, _) = self.mixed.as_chunks::<{ 3 * SEMANTIC_DIM }>();
        let width = mixed.len().next_multiple_of(LANES);
        self.room.clear();
        self.room.resize((HEAD + 1) * width, 0.0);
        let (keys, shares) = self.room.split_at_mut(HEAD * width);
        let scale = 1.0 / (HEAD as f32).sqrt();
        for (piece, row) in mixed.iter().enumerate() {
            for (value, key) in row[self.column + SEMANTIC_DIM..][..HEAD].iter().enumerate() {
                keys[value * width + piece] = key * scale;
            }
        }
        for (row, out) in mixed.iter().zip(self.gathered.as_chunks_mut::<SEMANTIC_DIM>().0) {
            let query = &row[self.column..][..HEAD];
            for (group, shares) in shares.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                // A local copy, so that it stays in registers.
                let mut sums = [0.0_f32; LANES];
                for (query, keys) in query.iter().zip(keys.chunks_exact(width)) {
                    let keys = &keys[group * LANES..][..LANES];
                    for lane in 0..LANES {
                        sums[lane] = madd::<FMA>(*query, keys[lane], sums[lane]);
                    }
                }
                *shares = sums;
            }
            let total = soft_maximum::<FMA>(shares, mixed.len());
            let mut sums = [0.0_f32; HEAD];
            for (row, share) in mixed.iter().zip(shares.iter()) {
                let values = &row[self.column + 2 * SEMANTIC_DIM..][..HEAD];
                for lane in 0..HEAD {
                    sums[lane] = madd::<FMA>(*share, values[lane], sums[lane]);
                }
            }
            for (out, sum) in out[self.column..][..HEAD].iter_mut().zip(sums) {
                *out = sum / total;
            }
        }
    }
}

/// Replaces the first `count` values by `exp(value − maximum)` and returns the
/// sum of those.
#[inline(always)]
fn soft_maximum<const FMA: bool>(values: &mut [f32], count: usize) -> f32 {
    let most = values[..count].iter().fold(f32::NEG_INFINITY, |most, value| most.max(*value));
    for chunk in values.as_chunks_mut::<LANES>().0 {
        for value in chunk {
            *value = exp::<FMA>(*value - most);
        }
    }
    values[..count].iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_erf_follow_the_definitions() {
        for step in -870..=870 {
            let x = step as f32 / 10.0;
            let right = f64::from(x).exp();
            for found in [exp::<true>(x), exp::<false>(x)] {
                assert!((f64::from(found) / right - 1.0).abs() < 3e-7, "exp({x}) = {found}, not {right}");
            }
        }
        // Table 7.1 of Abramowitz and Stegun.
        for (x, right) in [(0.0, 0.0), (0.1, 0.112_462_916), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (2.0, 0.995_322_3)]
        {
            for x in [x, -x] {
                let right: f32 = if x < 0.0 { -right } else { right };
                assert!((erf::<true>(x) - right).abs() < 3e-7, "erf({x})");
                assert!((erf::<false>(x) - right).abs() < 3e-7, "erf({x})");
            }
        }
        assert_eq!(erf::<true>(50.0), 1.0);
    }

    #[test]
    fn gelu_passes_large_values_and_stops_small_ones() {
        let mut values = [0.0_f32; LANES];
        values[..4].copy_from_slice(&[10.0, -10.0, 1.0, -1.0]);
        gelu(&mut values);
        assert!((values[0] - 10.0).abs() < 1e-5 && values[1].abs() < 1e-5);
        assert!((values[2] - 0.841_344_8).abs() < 1e-6 && (values[3] + 0.158_655_25).abs() < 1e-6);
        assert_eq!(values[4], 0.0);
    }

    #[test]
    fn a_normal_row_has_mean_0_and_variance_1() {
        let norm = Norm { gain: vec![1.0; SEMANTIC_DIM], shift: vec![0.0; SEMANTIC_DIM] };
        let mut row: Vec<f32> = (0..SEMANTIC_DIM).map(|at| (at % 17) as f32).collect();
        norm.add_and_apply(&mut row, &vec![3.0; SEMANTIC_DIM]);
        let mean = row.iter().sum::<f32>() / SEMANTIC_DIM as f32;
        let variance = row.iter().map(|v| v * v).sum::<f32>() / SEMANTIC_DIM as f32;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");
    }

    #[test]
    fn attention_is_a_weighted_mean() {
        // 20 pieces: more than one register of shares.
        let pieces = 20;
        let mut mixed = vec![0.0; pieces * 3 * SEMANTIC_DIM];
        for (at, row) in mixed.chunks_exact_mut(3 * SEMANTIC_DIM).enumerate() {
            row[HEAD..2 * HEAD].fill(1.0);
            row[SEMANTIC_DIM + HEAD] = if at == 3 { 60.0 } else { 0.0 };
            row[2 * SEMANTIC_DIM + HEAD..][..HEAD].fill(at as f32);
        }
        let mut gathered = vec![0.0; pieces * SEMANTIC_DIM];
        let mut room = Vec::new();
        simd::run(Attend { mixed: &mixed, gathered: &mut gathered, column: HEAD, room: &mut room });
        let other = (-60.0_f64 / f64::from(HEAD as f32).sqrt()).exp();
        let expected = (3.0 + other * (190.0 - 3.0)) / (1.0 + other * 19.0);
        for row in gathered.chunks_exact(SEMANTIC_DIM) {
            assert!(row[HEAD..2 * HEAD].iter().all(|v| (f64::from(*v) - expected).abs() < 1e-4), "{}", row[HEAD]);
            assert!(row[..HEAD].iter().all(|v| *v == 0.0), "another head's columns");
        }
    }
}
