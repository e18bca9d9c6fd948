//! A weight matrix in four bits a weight, and its product with rows of
//! activations in eight.
//!
//! The published weights have four bits and a scale for each 32, so nothing is
//! lost, and a layer stays in the processor's cache.
//!
//! `panels` holds sixteen outputs together. For each block of 32 inputs a panel
//! has four groups of 64 bytes; byte `4 × output + i` of group `g` holds the
//! weight of input `4g + i` in its low half and of input `16 + 4g + i` in its
//! high half. One group is one AVX-512 register, or two of AVX2, and four
//! neighbouring bytes meet four neighbouring activations.
//!
//! Invariant: every variant adds the same integers and scales them in the same
//! order. Not here: which instructions a variant uses; see `wide`.

use super::activations::{Activations, Block};
use super::layout::{BLOCK, BLOCK_BYTES};
use crate::simd::LANES;

/// Bytes of one block of inputs in a panel.
pub(crate) const PANEL_BLOCK_BYTES: usize = LANES * BLOCK / 2;

/// `outputs × inputs` weights of 4 bits, a scale for each 32 inputs, and what
/// is added to each output.
pub(crate) struct Matrix {
    pub(super) blocks: usize,
    pub(super) outputs: usize,
    pub(super) panels: Vec<u8>,
    /// Sixteen for each block of each panel.
    pub(super) scales: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

impl Matrix {
    /// Takes stored parts. `None` when the sizes disagree.
    pub(crate) fn new(inputs: usize, panels: Vec<u8>, scales: Vec<f32>, bias: Vec<f32>) -> Option<Self> {
        let (blocks, outputs) = (inputs / BLOCK, bias.len());
        let sound = inputs.is_multiple_of(BLOCK)
            && outputs.is_multiple_of(LANES)
            && panels.len() == inputs * outputs / 2
            && scales.len() == blocks * outputs;
        sound.then_some(Self { blocks, outputs, panels, scales, bias })
    }

    /// `output_row(r) = self × input_row(r) + bias`, rows without gaps.
    pub(crate) fn multiply(&self, input: &Activations, output: &mut [f32]) {
        assert_eq!(input.blocks_per_row, self.blocks, "a row has the matrix's inputs");
        assert_eq!(input.blocks.len() / self.blocks * self.outputs, output.len(), "one output row a row");
        super::wide::multiply(self, &input.blocks, output);
    }

    /// The product with nothing but plain loops: for processors without the
    /// instructions of `wide`, and what those are tested against.
    pub(super) fn multiply_plain(&self, input: &[Block], output: &mut [f32]) {
        let panels = self.panels.chunks_exact(self.blocks * PANEL_BLOCK_BYTES);
        let scales = self.scales.chunks_exact(self.blocks * LANES);
        for (index, (panel, scales)) in panels.zip(scales).enumerate() {
            let rows = input.chunks_exact(self.blocks).zip(output.chunks_exact_mut(self.outputs));
            for (row, out) in rows {
                let mut sums = [0.0_f32; LANES];
                for (at, block) in row.iter().enumerate() {
                    let whole = plain_block(&panel[at * PANEL_BLOCK_BYTES..][..PANEL_BLOCK_BYTES], block);
                    for lane in 0..LANES {
                        sums[lane] += whole[lane] as f32 * (scales[at * LANES + lane] * block.scale);
                    }
                }
                let columns = index * LANES..(index + 1) * LANES;
                for ((out, sum), bias) in out[columns.clone()].iter_mut().zip(sums).zip(&self.bias[columns]) {
                    *out = sum + bias;
                }
            }
        }
    }
}

fn plain_block(panel: &[u8], block: &Block) -> [i32; LANES] {
    let mut sums = [block.offset; LANES];
    for (group, bytes) in panel.chunks_exact(4 * LANES).enumerate() {
        for (lane, bytes) in bytes.chunks_exact(4).enumerate() {
            for (i, byte) in bytes.iter().enumerate() {
                let low = i32::from(byte & 15) * i32::from(block.values[4 * group + i]);
                let high = i32::from(byte >> 4) * i32::from(block.values[16 + 4 * group + i]);
                sums[lane] += low + high;
            }
        }
    }
    sums
}

/// Rearranges published rows, [`BLOCK_BYTES`] a block, into panels and scales.
/// `None` when the sizes disagree or a scale is no number.
pub(crate) fn pack(inputs: usize, outputs: usize, published: &[u8]) -> Option<(Vec<u8>, Vec<f32>)> {
    let blocks = inputs / BLOCK;
    if published.len() != blocks.checked_mul(outputs)?.checked_mul(BLOCK_BYTES)? || !outputs.is_multiple_of(LANES) {
        return None;
    }
    let mut panels = Vec::with_capacity(inputs * outputs / 2);
    let mut scales = Vec::with_capacity(blocks * outputs);
    for panel in published.chunks_exact(LANES * blocks * BLOCK_BYTES) {
        for at in 0..blocks {
            let of = |output: usize| &panel[(output * blocks + at) * BLOCK_BYTES..][..BLOCK_BYTES];
            scales.extend((0..LANES).map(|output| half_float([of(output)[0], of(output)[1]])));
            for group in 0..4 {
                panels.extend((0..LANES).flat_map(|output| &of(output)[2 + 4 * group..][..4]));
            }
        }
    }
    scales.iter().all(|scale| scale.is_finite()).then_some((panels, scales))
}

/// A 16-bit float (IEEE 754-2008, binary16).
pub(crate) fn half_float(bytes: [u8; 2]) -> f32 {
    let bits = u16::from_le_bytes(bytes);
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2.0_f32.powi(exponent - 25),
    };
    if bits >> 15 == 0 { size } else { -size }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A published matrix of the given bytes: every scale is a plain number.
    pub(in super::super) fn published(inputs: usize, outputs: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let block = |_| {
            let mut bytes: [u8; BLOCK_BYTES] = std::array::from_fn(|_| next());
            // An exponent between 2^-7 and 2^0.
            bytes[1] = bytes[1] & 0x83 | (8 + (bytes[1] >> 4 & 7)) << 2;
            bytes
        };
        (0..inputs / BLOCK * outputs).flat_map(block).collect()
    }

    /// The weights as the package's description has them.
    fn weights(published: &[u8]) -> Vec<f32> {
        let block = |bytes: &[u8]| {
            let scale = half_float([bytes[0], bytes[1]]);
            let low = bytes[2..].iter().map(|byte| byte & 15);
            let high = bytes[2..].iter().map(|byte| byte >> 4);
            low.chain(high).map(|level| (f32::from(level) - 8.0) * scale).collect::<Vec<_>>()
        };
        published.chunks_exact(BLOCK_BYTES).flat_map(block).collect()
    }

    proptest! {
        #[test]
        fn the_product_is_that_of_the_published_weights(seed in any::<u64>(), rows in 1_usize..4) {
            let (inputs, outputs) = (96, 48);
            let published = published(inputs, outputs, seed);
            let (panels, scales) = pack(inputs, outputs, &published).expect("sound");
            let bias: Vec<f32> = (0..outputs).map(|column| column as f32).collect();
            let matrix = Matrix::new(inputs, panels, scales, bias.clone()).expect("sound");
            let values: Vec<f32> = (0..rows * inputs).map(|at| ((at * 37 + 11) % 101) as f32 / 50.0 - 1.0).collect();
            let mut input = Activations::default();
            input.set(&values, inputs);
            let mut found = vec![0.0; rows * outputs];
            matrix.multiply(&input, &mut found);

            let weights = weights(&published);
            for (row, blocks) in input.blocks.chunks_exact(inputs / BLOCK).enumerate() {
                let row_values: Vec<f32> =
                    blocks.iter().flat_map(|b| b.values.map(|v| f32::from(v) * b.scale)).collect();
                for output in 0..outputs {
                    let column = &weights[output * inputs..][..inputs];
                    let expected: f32 = column.iter().zip(&row_values).map(|(w, v)| w * v).sum();
                    let found = found[row * outputs + output];
                    prop_assert!((found - expected - bias[output]).abs() < 1e-2, "{} {}", found, expected);
                }
            }
        }
    }

    #[test]
    fn half_floats_are_read() {
        let read = |bits: u16| half_float(bits.to_le_bytes());
        assert_eq!([0x3C00, 0xC000, 0x3555, 0x0001, 0x8000].map(read)[..2], [1.0, -2.0]);
        assert!((read(0x3555) - 0.333_25).abs() < 1e-5);
        assert_eq!(read(0x0001), 2.0_f32.powi(-24));
        assert_eq!(read(0x7BFF), 65504.0);
        assert!(read(0x7C00).is_infinite() && read(0x7E00).is_nan());
    }

    #[test]
    fn other_sizes_are_refused() {
        assert!(pack(32, 16, &[0; 16 * BLOCK_BYTES]).is_some());
        assert!(pack(32, 16, &[0; 15 * BLOCK_BYTES]).is_none());
        assert!(pack(32, 8, &[0; 8 * BLOCK_BYTES]).is_none());
        assert!(pack(32, 16, &[0xFF; 16 * BLOCK_BYTES]).is_none(), "scales that are no numbers");
        assert!(Matrix::new(32, vec![0; 256], vec![0.0; 16], vec![0.0; 16]).is_some());
        assert!(Matrix::new(32, vec![0; 255], vec![0.0; 16], vec![0.0; 16]).is_none());
    }
}
