//! The nearest of many vectors, exactly: every row is compared, none is missed.
//!
//! A flat scan reads memory in order at the speed of the memory; for the
//! hundreds of thousands of rows of one bank's knowledge it needs no graph, no
//! training and no tuning, and its answer is reproducible.
//!
//! Invariants: hits come best first, equal scores by ascending id; the same
//! rows and query give the same hits on one processor. Not here: persistence,
//! deletion (an index is a cache that is rebuilt), what a score means.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::simd::{self, Kernel, LANES, madd};

/// Most values of one vector.
pub const MAX_DIM: usize = 4096;
/// Most rows of one index; at 512 values in bytes that is 2 GB.
pub const MAX_ROWS: usize = 4 << 20;

/// Rows scored before the best are picked: their scores stay in the first cache.
const BLOCK_ROWS: usize = 256;
/// Partial sums of one dot product, to hide the latency of an addition.
const PARTS: usize = 4;

/// How rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Four bytes a value, as given.
    F32,
    /// One byte a value with one scale a row: a quarter of the memory; a cosine
    /// of unit vectors moves by less than 0.01.
    I8,
}

/// A row that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub id: u32,
    /// The dot product with the query; a cosine when both have length 1.
    pub score: f32,
}

/// A vector that an index cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    #[error("a vector has 1 to {MAX_DIM} values, not {dim}")]
    BadDim { dim: usize },
    #[error("this index holds vectors of {expected} values, not {actual}")]
    OtherDim { expected: usize, actual: usize },
    #[error("a vector holds a value that is not a finite number")]
    NotFinite,
    #[error("the index is full at {MAX_ROWS} rows")]
    Full,
}

/// Vectors of one length under numbers. A number may have several rows, for
/// example one a paragraph; each is a hit of its own.
#[derive(Debug, Clone)]
pub struct VectorIndex {
    dim: usize,
    ids: Vec<u32>,
    rows: Rows,
}

#[derive(Debug, Clone)]
enum Rows {
    F32(Vec<f32>),
    I8 { bytes: Vec<i8>, scales: Vec<f32> },
}

impl VectorIndex {
    /// An empty index for vectors of `dim` values.
    ///
    /// # Errors
    /// [`IndexError::BadDim`] unless `dim` is 1 to [`MAX_DIM`].
    pub fn new(dim: usize, precision: Precision) -> Result<Self, IndexError> {
        if dim == 0 || dim > MAX_DIM {
            return Err(IndexError::BadDim { dim });
        }
        let rows = match precision {
            Precision::F32 => Rows::F32(Vec::new()),
            Precision::I8 => Rows::I8 { bytes: Vec::new(), scales: Vec::new() },
        };
        Ok(Self { dim, ids: Vec::new(), rows })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`IndexError::OtherDim`], [`IndexError::NotFinite`] or [`IndexError::Full`];
    /// the index is then unchanged.
    pub fn push(&mut self, id: u32, vector: &[f32]) -> Result<(), IndexError> {
        self.check(vector)?;
        if self.ids.len() >= MAX_ROWS {
            return Err(IndexError::Full);
        }
        self.ids.push(id);
        match &mut self.rows {
            Rows::F32(values) => values.extend_from_slice(vector),
            Rows::I8 { bytes, scales } => {
                let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
                let scale = largest / f32::from(i8::MAX);
                // A row of zeros, or of values too small to divide by, is zeros.
                let steps = if scale.is_normal() { 1.0 / scale } else { 0.0 };
                bytes.extend(vector.iter().map(|value| (value * steps).round() as i8));
                scales.push(scale);
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The dot product with every row, in the order in which they were pushed.
    ///
    /// # Errors
    /// [`IndexError::OtherDim`] or [`IndexError::NotFinite`] for the query.
    pub fn all(&self, query: &[f32]) -> Result<Vec<f32>, IndexError> {
        self.check(query)?;
        let mut scores = vec![0.0; self.len()];
        for (block, scores) in scores.chunks_mut(BLOCK_ROWS).enumerate() {
            self.score(block * BLOCK_ROWS, query, scores);
        }
        Ok(scores)
    }

    /// The `k` rows with the highest dot product, best first; fewer when there
    /// are fewer.
    ///
    /// # Errors
    /// [`IndexError::OtherDim`] or [`IndexError::NotFinite`] for the query.
    pub fn top_k(&self, query: &[f32], k: usize) -> Result<Vec<Hit>, IndexError> {
        self.top_k_where(query, k, |_| true)
    }

    /// Like [`Self::top_k`] among the ids that `keep` accepts. `keep` is asked
    /// only about rows that would otherwise be hits.
    ///
    /// # Errors
    /// As [`Self::top_k`].
    pub fn top_k_where(&self, query: &[f32], k: usize, keep: impl Fn(u32) -> bool) -> Result<Vec<Hit>, IndexError> {
        self.check(query)?;
        let k = k.min(self.len());
        if k == 0 {
            return Ok(Vec::new());
        }
        // The worst of the best so far is on top, ready to be replaced.
        let mut best: BinaryHeap<Ranked> = BinaryHeap::with_capacity(k);
        let mut scores = [0.0; BLOCK_ROWS];
        for (block, ids) in self.ids.chunks(BLOCK_ROWS).enumerate() {
            let scores = &mut scores[..ids.len()];
            self.score(block * BLOCK_ROWS, query, scores);
            for (id, score) in ids.iter().zip(scores) {
                let hit = Ranked(Hit { id: *id, score: *score });
                if best.len() < k {
                    if keep(*id) {
                        best.push(hit);
                    }
                } else if best.peek().is_some_and(|worst| hit < *worst) && keep(*id) {
                    best.pop();
                    best.push(hit);
                }
            }
        }
        Ok(best.into_sorted_vec().into_iter().map(|ranked| ranked.0).collect())
    }

    fn check(&self, vector: &[f32]) -> Result<(), IndexError> {
        if vector.len() != self.dim {
            return Err(IndexError::OtherDim { expected: self.dim, actual: vector.len() });
        }
        match vector.iter().all(|value| value.is_finite()) {
            true => Ok(()),
            false => Err(IndexError::NotFinite),
        }
    }

    /// Scores the rows from `first` on, as many as `scores` has places.
    fn score(&self, first: usize, query: &[f32], scores: &mut [f32]) {
        let range = first * self.dim..(first + scores.len()) * self.dim;
        match &self.rows {
            Rows::F32(values) => simd::run(Dots { rows: &values[range], query, scores }),
            Rows::I8 { bytes, scales } => {
                simd::run(Dots { rows: &bytes[range], query, scores });
                for (score, scale) in scores.iter_mut().zip(&scales[first..]) {
                    *score *= scale;
                }
            }
        }
    }
}

/// The dot product of two vectors: their cosine when both have length 1.
///
/// # Panics
/// When the vectors differ in length, which is a mistake in the program: two
/// models' vectors were mixed.
#[must_use]
pub fn dot_product(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "vectors of one model");
    let mut score = [0.0];
    if !a.is_empty() {
        simd::run(Dots { rows: a, query: b, scores: &mut score });
    }
    score[0]
}

/// Ordered so that the better hit is the lesser.
#[derive(Debug, Clone, Copy)]
struct Ranked(Hit);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = other.0.score.total_cmp(&self.0.score);
        by_score.then(self.0.id.cmp(&other.0.id))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

/// One dot product a row of `query`'s length.
struct Dots<'a, T> {
    rows: &'a [T],
    query: &'a [f32],
    scores: &'a mut [f32],
}

impl<T: Copy + Into<f32>> Kernel for Dots<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (row, score) in self.rows.chunks_exact(self.query.len()).zip(self.scores) {
            *score = dot::<FMA, T>(row, self.query);
        }
    }
}

#[inline(always)]
fn dot<const FMA: bool, T: Copy + Into<f32>>(row: &[T], query: &[f32]) -> f32 {
    let mut sums = [[0.0_f32; LANES]; PARTS];
    let mut row_steps = row.chunks_exact(LANES * PARTS);
    let mut query_steps = query.chunks_exact(LANES * PARTS);
    for (row, query) in row_steps.by_ref().zip(query_steps.by_ref()) {
        for (part, sums) in sums.iter_mut().enumerate() {
            for (lane, sum) in sums.iter_mut().enumerate() {
                let at = part * LANES + lane;
                *sum = madd::<FMA>(row[at].into(), query[at], *sum);
            }
        }
    }
    let mut rest = 0.0;
    for (row, query) in row_steps.remainder().iter().zip(query_steps.remainder()) {
        rest = madd::<FMA>((*row).into(), *query, rest);
    }
    let mut total = [0.0_f32; LANES];
    for part in sums {
        for lane in 0..LANES {
            total[lane] += part[lane];
        }
    }
    total.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Whole numbers, whose products and sums are exact in any order.
    fn whole_rows(dim: usize) -> impl Strategy<Value = Vec<Vec<f32>>> {
        vec(vec((-9_i8..=9).prop_map(f32::from), dim), 0..300)
    }

    fn naive(rows: &[Vec<f32>], query: &[f32], k: usize, keep: impl Fn(u32) -> bool) -> Vec<Hit> {
        // From zero on: a plain sum of nothing but −0 stays −0, which sorts apart from 0.
        let score = |row: &Vec<f32>| row.iter().zip(query).fold(0.0, |sum, (a, b)| sum + a * b);
        let mut hits: Vec<Hit> =
            (0..).zip(rows).map(|(id, row)| Hit { id, score: score(row) }).filter(|hit| keep(hit.id)).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        hits.truncate(k);
        hits
    }

    fn index_of(rows: &[Vec<f32>], dim: usize, precision: Precision) -> VectorIndex {
        let mut index = VectorIndex::new(dim, precision).expect("a length in range");
        for (id, row) in (0..).zip(rows) {
            index.push(id, row).expect("a sound row");
        }
        index
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn equals_trying_every_row(
            (dim, rows, query) in (1_usize..150).prop_flat_map(|dim| {
                (Just(dim), whole_rows(dim), vec((-9_i8..=9).prop_map(f32::from), dim))
            }),
            k in 0_usize..20,
            modulus in 1_u32..4,
        ) {
            let index = index_of(&rows, dim, Precision::F32);
            prop_assert_eq!(index.top_k(&query, k).expect("sound"), naive(&rows, &query, k, |_| true));
            let keep = |id: u32| id.is_multiple_of(modulus);
            let kept = index.top_k_where(&query, k, keep).expect("sound");
            prop_assert_eq!(kept, naive(&rows, &query, k, keep));
        }

        #[test]
        fn bytes_equal_trying_every_row_where_they_are_exact(
            mut rows in whole_rows(70),
            query in vec((-9_i8..=9).prop_map(f32::from), 70),
            k in 1_usize..20,
        ) {
            // With 127 as the largest value a step is exactly one.
            rows.iter_mut().for_each(|row| row[0] = 127.0);
            let index = index_of(&rows, 70, Precision::I8);
            prop_assert_eq!(index.top_k(&query, k).expect("sound"), naive(&rows, &query, k, |_| true));
        }

        #[test]
        fn bytes_move_a_cosine_by_little(row in vec(-1.0_f32..1.0, 512), query in vec(-1.0_f32..1.0, 512)) {
            let unit = |vector: &[f32]| -> Vec<f32> {
                let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
                vector.iter().map(|value| value / length).collect()
            };
            let (row, query) = (unit(&row), unit(&query));
            let exact = index_of(std::slice::from_ref(&row), 512, Precision::F32).top_k(&query, 1).expect("sound");
            let bytes = index_of(&[row], 512, Precision::I8).top_k(&query, 1).expect("sound");
            prop_assert!((exact[0].score - bytes[0].score).abs() < 0.01);
        }
    }

    #[test]
    fn dot_products_cover_every_length() {
        for length in [0, 1, 15, 16, 63, 64, 65, 200] {
            let ones = vec![1.0; length];
            assert_eq!(dot_product(&ones, &ones), length as f32);
        }
    }

    #[test]
    fn unsound_vectors_are_refused_and_change_nothing() {
        assert_eq!(VectorIndex::new(0, Precision::F32).err(), Some(IndexError::BadDim { dim: 0 }));
        assert!(VectorIndex::new(MAX_DIM + 1, Precision::I8).is_err());
        let mut index = VectorIndex::new(2, Precision::I8).expect("in range");
        let other = IndexError::OtherDim { expected: 2, actual: 1 };
        assert_eq!(index.push(1, &[0.0]), Err(other));
        assert_eq!(index.push(1, &[0.0, f32::NAN]), Err(IndexError::NotFinite));
        assert_eq!(index.top_k(&[f32::INFINITY, 0.0], 1), Err(IndexError::NotFinite));
        assert!(index.is_empty());
        index.push(7, &[0.0, 0.0]).expect("zeros are a vector");
        assert_eq!(index.top_k(&[1.0, 1.0], 5), Ok(vec![Hit { id: 7, score: 0.0 }]));
    }
}
