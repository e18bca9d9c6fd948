//! Rows of activations as signed bytes, a scale for each 32 of them.
//!
//! The published engine computes the same way (`Q8_0` of ggml): in a block the
//! largest value becomes 127. Blocks keep the few columns with huge values,
//! which every BERT has, from coarsening the others.
//!
//! Invariant: a byte is never −128, so a product with a weight of 0 to 15 stays
//! within ±1905 and sixteen of them fit 16 bits.
//! Not here: weights.

use super::layout::BLOCK;
use crate::simd::{self, Kernel, LANES};

/// The largest byte.
const LEVELS: f32 = 127.0;
/// Adding this to a float below 2^22 leaves its nearest integer in the low bits
/// (ties to even): a rounding that every processor vectorises.
const ROUNDER: f32 = 12_582_912.0;

/// Neighbouring values of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) values: [i8; BLOCK],
    pub(crate) scale: f32,
    /// −8 times the sum of `values`: weights are stored 8 too high.
    pub(crate) offset: i32,
}

const EMPTY: Block = Block { values: [0; BLOCK], scale: 0.0, offset: 0 };

/// Rows one after the other, each `blocks_per_row` blocks.
#[derive(Default)]
pub(crate) struct Activations {
    pub(crate) blocks: Vec<Block>,
    pub(crate) blocks_per_row: usize,
}

impl Activations {
    /// Replaces the rows by those of `values`, each `width` long.
    pub(crate) fn set(&mut self, values: &[f32], width: usize) {
        debug_assert!(width.is_multiple_of(BLOCK) && values.len().is_multiple_of(width));
        self.blocks_per_row = width / BLOCK;
        self.blocks.clear();
        self.blocks.resize(values.len() / BLOCK, EMPTY);
        simd::run(Quantise { values, blocks: &mut self.blocks });
    }
}

struct Quantise<'a> {
    values: &'a [f32],
    blocks: &'a mut [Block],
}

impl Kernel for Quantise<'_> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (block, values) in self.blocks.iter_mut().zip(self.values.chunks_exact(BLOCK)) {
            let mut largest = [0.0_f32; LANES];
            for half in values.chunks_exact(LANES) {
                for lane in 0..LANES {
                    largest[lane] = largest[lane].max(half[lane].abs());
                }
            }
            let largest = largest.iter().fold(0.0_f32, |most, value| most.max(*value));
            let steps = if largest > 0.0 { LEVELS / largest } else { 0.0 };
            let mut sum = 0_i32;
            for (byte, value) in block.values.iter_mut().zip(values) {
                *byte = (value * steps + ROUNDER).to_bits() as i8;
                sum += i32::from(*byte);
            }
            block.scale = largest / LEVELS;
            block.offset = -8 * sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_value_comes_back_within_half_a_step(values in proptest::collection::vec(-9.0_f32..9.0, 64)) {
            let mut rows = Activations::default();
            rows.set(&values, 64);
            prop_assert_eq!(rows.blocks.len(), 2);
            for (block, values) in rows.blocks.iter().zip(values.chunks_exact(BLOCK)) {
                for (byte, value) in block.values.iter().zip(values) {
                    prop_assert!((f32::from(*byte) * block.scale - value).abs() <= 0.5001 * block.scale);
                    prop_assert!(*byte > i8::MIN);
                }
                prop_assert_eq!(block.offset, -8 * block.values.iter().map(|v| i32::from(*v)).sum::<i32>());
            }
        }
    }

    #[test]
    fn silence_stays_silent() {
        let mut rows = Activations::default();
        rows.set(&[0.0; 32], 32);
        assert_eq!(rows.blocks[0].values, [0; 32]);
        assert_eq!((rows.blocks[0].scale, rows.blocks[0].offset), (0.0, 0));
    }
}
