//! A weight matrix kept as signed bytes with one scale, or as floats, and its
//! product with rows of activations.
//!
//! The fast encoder's published weights were quantised to 8 bits before they
//! were stored as floats, so bytes lose nothing and cost a quarter of the memory
//! traffic, which is what a short sentence spends its time on. Weights that were
//! never bytes stay floats.
//!
//! Invariant: `panels` holds the columns in groups of [`LANES`], each group row
//! after row, so one group streams through the registers.
//! Not here: quantised activations; they stay f32.

use crate::simd::{self, Kernel, LANES, madd};

/// Rows of activations multiplied at a time: twelve accumulators of eight lanes
/// leave room for the weights in the sixteen registers of AVX2.
const BLOCK_ROWS: usize = 6;

/// `inputs × outputs` weights; the value of one is its stored number times
/// `scale`.
pub(crate) struct Matrix<T> {
    inputs: usize,
    outputs: usize,
    scale: f32,
    panels: Vec<T>,
}

impl Matrix<i8> {
    /// Packs a row-major matrix. `None` when the sizes disagree or the number of
    /// outputs is not a multiple of [`LANES`].
    pub(crate) fn pack(inputs: usize, outputs: usize, scale: f32, row_major: &[u8]) -> Option<Self> {
        Self::pack_as(inputs, outputs, scale, row_major, |byte| byte.cast_signed())
    }
}

impl Matrix<f32> {
    /// The same for floats.
    pub(crate) fn pack_floats(inputs: usize, outputs: usize, row_major: &[f32]) -> Option<Self> {
        Self::pack_as(inputs, outputs, 1.0, row_major, |value| value)
    }
}

impl<T: Copy + Into<f32>> Matrix<T> {
    fn pack_as<S: Copy>(
        inputs: usize,
        outputs: usize,
        scale: f32,
        row_major: &[S],
        stored: impl Fn(S) -> T,
    ) -> Option<Self> {
        if inputs == 0 || outputs == 0 || !outputs.is_multiple_of(LANES) {
            return None;
        }
        if row_major.len() != inputs.checked_mul(outputs)? || !scale.is_finite() {
            return None;
        }
        let mut panels = Vec::with_capacity(row_major.len());
        for first in (0..outputs).step_by(LANES) {
            for row in row_major.chunks_exact(outputs) {
                panels.extend(row[first..first + LANES].iter().map(|value| stored(*value)));
            }
        }
        Some(Self { inputs, outputs, scale, panels })
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// `output_row(r) = input_row(r) × self`. Row `r` begins at `r` times its
    /// side's stride; input rows may overlap, which is how a convolution reads
    /// its windows without copying them.
    pub(crate) fn multiply(
        &self,
        input: &[f32],
        input_stride: usize,
        rows: usize,
        output: &mut [f32],
        output_stride: usize,
    ) {
        if rows == 0 {
            return;
        }
        assert!(input.len() >= (rows - 1) * input_stride + self.inputs, "input rows inside");
        assert!(output.len() >= (rows - 1) * output_stride + self.outputs, "output rows inside");
        simd::run(Multiply { weights: self, input, input_stride, rows, output, output_stride });
    }
}

struct Multiply<'a, T> {
    weights: &'a Matrix<T>,
    input: &'a [f32],
    input_stride: usize,
    rows: usize,
    output: &'a mut [f32],
    output_stride: usize,
}

impl<T: Copy + Into<f32>> Kernel for Multiply<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        // Blocks of nearly equal height: 7 rows go as 4 + 3, not as 6 + 1.
        let blocks = self.rows.div_ceil(BLOCK_ROWS);
        let inputs = self.weights.inputs;
        for (index, panel) in self.weights.panels.chunks_exact(inputs * LANES).enumerate() {
            let mut first = 0;
            for block in 0..blocks {
                let height = (self.rows - first).div_ceil(blocks - block);
                let at = Place { first, stride: self.input_stride, inputs };
                let out = &mut self.output[first * self.output_stride + index * LANES..];
                let to = Target { out, stride: self.output_stride, scale: self.weights.scale };
                match height {
                    1 => single::<FMA, T>(panel, self.input, at, to),
                    2 => block_of::<FMA, 2, T>(panel, self.input, at, to),
                    3 => block_of::<FMA, 3, T>(panel, self.input, at, to),
                    4 => block_of::<FMA, 4, T>(panel, self.input, at, to),
                    5 => block_of::<FMA, 5, T>(panel, self.input, at, to),
                    _ => block_of::<FMA, BLOCK_ROWS, T>(panel, self.input, at, to),
                }
                first += height;
            }
        }
    }
}

/// Where a block of input rows lies.
#[derive(Clone, Copy)]
struct Place {
    first: usize,
    stride: usize,
    inputs: usize,
}

impl Place {
    #[inline(always)]
    fn row<'a>(&self, input: &'a [f32], index: usize) -> &'a [f32] {
        &input[(self.first + index) * self.stride..][..self.inputs]
    }
}

/// Where a block's sums go: the first [`LANES`] values of every `stride`.
struct Target<'a> {
    out: &'a mut [f32],
    stride: usize,
    scale: f32,
}

#[inline(always)]
fn widen<T: Copy + Into<f32>>(stored: &[T]) -> [f32; LANES] {
    let mut wide = [0.0; LANES];
    for (to, from) in wide.iter_mut().zip(stored) {
        *to = (*from).into();
    }
    wide
}

#[inline(always)]
fn block_of<const FMA: bool, const ROWS: usize, T: Copy + Into<f32>>(
    panel: &[T],
    input: &[f32],
    at: Place,
    to: Target<'_>,
) {
    let rows: [&[f32]; ROWS] = std::array::from_fn(|r| at.row(input, r));
    let mut sums = [[0.0_f32; LANES]; ROWS];
    for (k, bytes) in panel.chunks_exact(LANES).enumerate().take(at.inputs) {
        let weights = widen(bytes);
        for r in 0..ROWS {
            let value = rows[r][k];
            for lane in 0..LANES {
                sums[r][lane] = madd::<FMA>(value, weights[lane], sums[r][lane]);
            }
        }
    }
    for (r, sum) in sums.iter().enumerate() {
        store(sum, &mut to.out[r * to.stride..][..LANES], to.scale);
    }
}

/// One row alone: four partial sums hide the latency that several rows would.
#[inline(always)]
fn single<const FMA: bool, T: Copy + Into<f32>>(panel: &[T], input: &[f32], at: Place, to: Target<'_>) {
    const PARTS: usize = 4;
    let row = at.row(input, 0);
    let mut sums = [[0.0_f32; LANES]; PARTS];
    let mut quads = panel.chunks_exact(LANES * PARTS);
    let mut values = row.chunks_exact(PARTS);
    for (bytes, four) in quads.by_ref().zip(values.by_ref()) {
        for part in 0..PARTS {
            let weights = widen(&bytes[part * LANES..][..LANES]);
            for lane in 0..LANES {
                sums[part][lane] = madd::<FMA>(four[part], weights[lane], sums[part][lane]);
            }
        }
    }
    for (bytes, value) in quads.remainder().chunks_exact(LANES).zip(values.remainder()) {
        let weights = widen(bytes);
        for lane in 0..LANES {
            sums[0][lane] = madd::<FMA>(*value, weights[lane], sums[0][lane]);
        }
    }
    let mut total = sums[0];
    for part in &sums[1..] {
        for lane in 0..LANES {
            total[lane] += part[lane];
        }
    }
    store(&total, &mut to.out[..LANES], to.scale);
}

#[inline(always)]
fn store(sums: &[f32; LANES], out: &mut [f32], scale: f32) {
    for (to, sum) in out.iter_mut().zip(sums) {
        *to = sum * scale;
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Whole numbers, whose products and sums are exact in any order.
    fn whole(count: usize) -> impl Strategy<Value = Vec<f32>> {
        vec((-8_i8..=8).prop_map(f32::from), count)
    }

    fn naive(weights: &[u8], outputs: usize, scale: f32, row: &[f32]) -> Vec<f32> {
        let column = |j: usize| -> f32 {
            let products = row.iter().zip(weights[j..].iter().step_by(outputs));
            products.map(|(value, byte)| value * f32::from(byte.cast_signed())).sum()
        };
        (0..outputs).map(|j| column(j) * scale).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn equals_multiplying_one_by_one(
            (inputs, panels, rows, stride, weights, input) in (1_usize..40, 1_usize..3, 1_usize..16, 1_usize..50)
                .prop_flat_map(|(inputs, panels, rows, stride)| {
                    let weights = vec(any::<u8>(), inputs * panels * LANES);
                    let input = whole((rows - 1) * stride + inputs);
                    (Just(inputs), Just(panels), Just(rows), Just(stride), weights, input)
                }),
            gap in 0_usize..5,
        ) {
            let outputs = panels * LANES;
            let matrix = Matrix::pack(inputs, outputs, 0.5, &weights).expect("sizes agree");
            let output_stride = outputs + gap;
            let blank = vec![f32::MAX; (rows - 1) * output_stride + outputs];
            let (mut widest, mut baseline) = (blank.clone(), blank);
            matrix.multiply(&input, stride, rows, &mut widest, output_stride);
            let (output, input_stride) = (baseline.as_mut_slice(), stride);
            Multiply { weights: &matrix, input: &input, input_stride, rows, output, output_stride }.run::<false>();
            prop_assert_eq!(&widest, &baseline, "both variants");
            for row in 0..rows {
                let expected = naive(&weights, outputs, 0.5, &input[row * stride..][..inputs]);
                let (sums, between) = widest[row * output_stride..].split_at(outputs);
                prop_assert_eq!(sums, expected);
                prop_assert!(between.iter().take(gap).all(|value| *value == f32::MAX), "gaps untouched");
            }
        }
    }

    #[test]
    fn other_sizes_are_refused() {
        assert!(Matrix::pack(2, LANES, 1.0, &[0; 2 * LANES]).is_some());
        assert!(Matrix::pack(2, LANES, 1.0, &[0; LANES]).is_none());
        assert!(Matrix::pack(2, LANES + 1, 1.0, &[0; 2 * (LANES + 1)]).is_none());
        assert!(Matrix::pack(0, LANES, 1.0, &[]).is_none());
        assert!(Matrix::pack(1, LANES, f32::NAN, &[0; LANES]).is_none());
        assert!(Matrix::pack(usize::MAX, 2 * LANES, 1.0, &[]).is_none());
    }
}
