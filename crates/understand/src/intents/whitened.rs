//! Centres of groups of vectors, seen in a space where every direction that all
//! text shares is shrunk: what is common to bank questions no longer counts,
//! what tells one wish from another does.
//!
//! `closeness(x, g) = (x - m)ᵀ (S + λI)⁻¹ (m_g - m)`, with `m` the mean and `S` the
//! covariance of all samples: the linear discriminant with one covariance and
//! equal priors, shrunk by `λ`.
//!
//! Source: Fisher's linear discriminant with ridge shrinkage (Friedman,
//! "Regularized discriminant analysis", 1989).
//!
//! Invariant: immutable once built. Not here: the vectors' making.

use teller_models::{IndexError, Precision, VectorIndex};

/// Shrinkage as a share of the mean variance of a direction.
const SHRINK: f64 = 1.0;
/// Samples that one block of the covariance sums over.
const BLOCK_SAMPLES: usize = 4_096;

/// The directions that tell groups apart.
#[derive(Debug)]
pub struct Centres {
    rows: VectorIndex,
    /// What a group's direction gives for the mean.
    offsets: Vec<f32>,
}

impl Centres {
    /// From unit vectors and their groups, numbered from 0.
    ///
    /// # Errors
    /// [`IndexError`] when the vectors are not of one usable length.
    pub fn build(vectors: &[Vec<f32>], of: &[u32], groups: usize) -> Result<Self, IndexError> {
        let dim = vectors.first().map_or(1, Vec::len);
        let mean = mean(vectors.iter(), dim);
        let mut covariance = covariance(vectors, &mean, dim)?;
        let trace: f64 = (0..dim).map(|at| covariance[at * dim + at]).sum();
        let shrink = (SHRINK * trace / dim as f64).max(1e-9);
        (0..dim).for_each(|at| covariance[at * dim + at] += shrink);
        let factor = Factor::of(covariance, dim);
        let mut rows = VectorIndex::new(dim, Precision::F32)?;
        let mut offsets = Vec::with_capacity(groups);
        for group in 0..groups as u32 {
            let members = vectors.iter().zip(of).filter(|(_, of)| **of == group).map(|(vector, _)| vector);
            let mut towards = self::mean(members, dim);
            towards.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
            factor.solve(&mut towards);
            offsets.push(towards.iter().zip(&mean).map(|(a, b)| a * b).sum::<f64>() as f32);
            let row: Vec<f32> = towards.iter().map(|value| *value as f32).collect();
            rows.push(group, &row)?;
        }
        Ok(Self { rows, offsets })
    }

    /// Closeness of `vector` to each group.
    ///
    /// # Errors
    /// [`IndexError`] for a vector of another length.
    pub fn closeness(&self, vector: &[f32]) -> Result<Vec<f32>, IndexError> {
        let mut scores: Vec<f32> = self.offsets.iter().map(|offset| -offset).collect();
        for hit in self.rows.top_k(vector, self.rows.len())? {
            scores[hit.id as usize] += hit.score;
        }
        Ok(scores)
    }
}

fn mean<'a>(vectors: impl Iterator<Item = &'a Vec<f32>>, dim: usize) -> Vec<f64> {
    let mut sum = vec![0.0; dim];
    let mut count = 0_u32;
    for vector in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += f64::from(*value));
        count += 1;
    }
    sum.iter_mut().for_each(|sum| *sum /= f64::from(count.max(1)));
    sum
}

/// The covariance matrix, row by row. Its sums of products are dot products of
/// columns, which the exact index computes at the speed of the memory.
fn covariance(vectors: &[Vec<f32>], mean: &[f64], dim: usize) -> Result<Vec<f64>, IndexError> {
    let mut sums = vec![0.0_f64; dim * dim];
    for block in vectors.chunks(BLOCK_SAMPLES) {
        let column = |at: usize| -> Vec<f32> { block.iter().map(|vector| vector[at] - mean[at] as f32).collect() };
        let columns: Vec<Vec<f32>> = (0..dim).map(column).collect();
        let mut index = VectorIndex::new(block.len(), Precision::F32)?;
        for (at, column) in (0..).zip(&columns) {
            index.push(at, column)?;
        }
        for (at, column) in columns.iter().enumerate() {
            for hit in index.top_k(column, dim)? {
                sums[at * dim + hit.id as usize] += f64::from(hit.score);
            }
        }
    }
    let count = vectors.len().max(1) as f64;
    sums.iter_mut().for_each(|sum| *sum /= count);
    Ok(sums)
}

/// The Cholesky factor of a symmetric positive definite matrix.
struct Factor {
    lower: Vec<f64>,
    dim: usize,
}

impl Factor {
    fn of(mut matrix: Vec<f64>, dim: usize) -> Self {
        for row in 0..dim {
            let (above, rest) = matrix.split_at_mut(row * dim);
            let current = &mut rest[..dim];
            for column in 0..row {
                let other = &above[column * dim..column * dim + dim];
                let sum: f64 = current[..column].iter().zip(other).map(|(a, b)| a * b).sum();
                current[column] = (current[column] - sum) / other[column];
            }
            let sum: f64 = current[..row].iter().map(|value| value * value).sum();
            // The shrinkage keeps this above zero but for rounding.
            current[row] = (current[row] - sum).max(1e-12).sqrt();
        }
        Self { lower: matrix, dim }
    }

    /// Replaces `right` by the solution of `matrix · x = right`.
    fn solve(&self, right: &mut [f64]) {
        for at in 0..self.dim {
            let row = &self.lower[at * self.dim..at * self.dim + at + 1];
            let sum: f64 = row[..at].iter().zip(&*right).map(|(a, b)| a * b).sum();
            right[at] = (right[at] - sum) / row[at];
        }
        for at in (0..self.dim).rev() {
            right[at] /= self.lower[at * self.dim + at];
            let value = right[at];
            let row = &self.lower[at * self.dim..at * self.dim + at];
            right[..at].iter_mut().zip(row).for_each(|(right, lower)| *right -= lower * value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_shared_direction_does_not_decide() {
        // The first value is large and random; only the second tells the groups apart.
        let vector = |noise: f32, sign: f32| vec![noise, sign * 0.2, 0.1];
        let noise = [0.9_f32, -0.8, 0.7, -0.9, 0.8, -0.7];
        let vectors: Vec<Vec<f32>> =
            noise.iter().flat_map(|noise| [vector(*noise, 1.0), vector(-noise * 0.9, -1.0)]).collect();
        let of: Vec<u32> = (0..vectors.len() as u32).map(|at| at % 2).collect();
        let centres = Centres::build(&vectors, &of, 2).unwrap();
        for noise in [1.0, -1.0] {
            let scores = centres.closeness(&vector(noise, 1.0)).unwrap();
            assert!(scores[0] > scores[1], "{scores:?}");
        }
        assert!(centres.closeness(&[1.0]).is_err());
    }

    proptest! {
        #[test]
        fn solves_what_it_factored(values in proptest::collection::vec(-1.0_f64..1.0, 16), right in proptest::collection::vec(-1.0_f64..1.0, 4)) {
            let dim = 4;
            // AᵀA + I is positive definite.
            let mut matrix = vec![0.0; 16];
            for row in 0..dim {
                for column in 0..dim {
                    matrix[row * dim + column] = (0..dim).map(|k| values[k * dim + row] * values[k * dim + column]).sum::<f64>()
                        + f64::from(u8::from(row == column));
                }
            }
            let mut solution = right.clone();
            Factor::of(matrix.clone(), dim).solve(&mut solution);
            for row in 0..dim {
                let back: f64 = (0..dim).map(|column| matrix[row * dim + column] * solution[column]).sum();
                prop_assert!((back - right[row]).abs() < 1e-9);
            }
        }
    }
}
