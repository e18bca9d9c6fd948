//! The product of [`Matrix`] with the integer instructions of x86: four
//! multiplications a lane at once.
//!
//! - AVX-512 VNNI: `vpdpbusd` adds four products of an unsigned and a signed
//!   byte to a lane of 32 bits.
//! - AVX2: `vpmaddubsw` adds two to a lane of 16 bits. A weight is at most 15
//!   and an activation at most 127, so the eight of a block sum up to 30,480 and
//!   no lane overflows.
//!
//! Invariant: a variant runs only after its features were detected.
//! Not here: another processor's; it takes the plain loops.

use super::activations::Block;
use super::matrix::Matrix;

/// The product with the widest instructions that this processor has.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calling a function compiled for optional instructions")]
pub(super) fn multiply(matrix: &Matrix, input: &[Block], output: &mut [f32]) {
    if x86::has_vnni() {
        // SAFETY: the features that the callee is compiled for were just detected.
        unsafe { x86::multiply_vnni(matrix, input, output) }
    } else if x86::has_avx2() {
        // SAFETY: the features that the callee is compiled for were just detected.
        unsafe { x86::multiply_avx2(matrix, input, output) }
    } else {
        matrix.multiply_plain(input, output);
    }
}

/// The product; the compiler makes of the plain loops what it can.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn multiply(matrix: &Matrix, input: &[Block], output: &mut [f32]) {
    matrix.multiply_plain(input, output);
}

/// The variant that [`multiply`] chooses here, for benchmark reports.
pub(crate) fn variant() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if x86::has_vnni() {
            return "avx512-vnni";
        }
        if x86::has_avx2() {
            return "avx2-maddubs";
        }
    }
    "plain"
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::super::activations::Block;
    use super::super::matrix::{Matrix, PANEL_BLOCK_BYTES};
    use crate::simd::LANES;

    /// Rows multiplied at a time with 32 registers, and with 16.
    const ROWS_VNNI: usize = 8;
    const ROWS_AVX2: usize = 4;

    pub(super) fn has_vnni() -> bool {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vnni")
    }

    pub(super) fn has_avx2() -> bool {
        is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
    }

    /// A panel of sixteen outputs and where its sums go.
    struct Panel<'a> {
        blocks: &'a [u8],
        scales: &'a [f32],
        bias: &'a [f32; LANES],
        /// Values of an output row.
        stride: usize,
    }

    /// Calls `part` for each panel and group of rows: groups of nearly equal
    /// height, as 9 rows go better as 5 + 4 than as 8 + 1.
    #[inline(always)]
    fn each_part(
        matrix: &Matrix,
        input: &[Block],
        output: &mut [f32],
        most: usize,
        mut part: impl FnMut(&Panel<'_>, &[Block], &mut [f32], usize),
    ) {
        let rows = input.len() / matrix.blocks;
        let groups = rows.div_ceil(most);
        let panels = matrix.panels.chunks_exact(matrix.blocks * PANEL_BLOCK_BYTES);
        let scales = matrix.scales.chunks_exact(matrix.blocks * LANES);
        let (bias, _) = matrix.bias.as_chunks::<LANES>();
        for (index, ((blocks, scales), bias)) in panels.zip(scales).zip(bias).enumerate() {
            let panel = Panel { blocks, scales, bias, stride: matrix.outputs };
            let mut first = 0;
            for group in 0..groups {
                let height = (rows - first).div_ceil(groups - group);
                let from = &input[first * matrix.blocks..][..height * matrix.blocks];
                part(&panel, from, &mut output[first * matrix.outputs + index * LANES..], height);
                first += height;
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    pub(super) fn multiply_vnni(matrix: &Matrix, input: &[Block], output: &mut [f32]) {
        each_part(matrix, input, output, ROWS_VNNI, |panel, from, to, height| match height {
            1 => part_vnni::<1>(panel, from, to),
            2 => part_vnni::<2>(panel, from, to),
            3 => part_vnni::<3>(panel, from, to),
            4 => part_vnni::<4>(panel, from, to),
            5 => part_vnni::<5>(panel, from, to),
            6 => part_vnni::<6>(panel, from, to),
            7 => part_vnni::<7>(panel, from, to),
            _ => part_vnni::<ROWS_VNNI>(panel, from, to),
        });
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    fn part_vnni<const ROWS: usize>(panel: &Panel<'_>, from: &[Block], to: &mut [f32]) {
        let count = panel.blocks.len() / PANEL_BLOCK_BYTES;
        let rows: [&[Block]; ROWS] = std::array::from_fn(|row| &from[row * count..][..count]);
        let low_half = _mm512_set1_epi8(15);
        let mut sums = [_mm512_setzero_ps(); ROWS];
        let (packed, _) = panel.blocks.as_chunks::<64>();
        let (packed, _) = packed.as_chunks::<4>();
        let (scales, _) = panel.scales.as_chunks::<LANES>();
        for (at, (packed, scales)) in packed.iter().zip(scales).enumerate().take(count) {
            let mut weights = [_mm512_setzero_si512(); 8];
            for group in 0..4 {
                let both = load_512(&packed[group]);
                weights[group] = _mm512_and_si512(both, low_half);
                weights[group + 4] = _mm512_and_si512(_mm512_srli_epi16::<4>(both), low_half);
            }
            let scales = load_ps_512(scales);
            for row in 0..ROWS {
                let block = &rows[row][at];
                let (fours, _) = block.values.as_chunks::<4>();
                let mut whole = _mm512_set1_epi32(block.offset);
                for group in 0..8 {
                    whole = _mm512_dpbusd_epi32(whole, weights[group], _mm512_set1_epi32(four(fours[group])));
                }
                let scale = _mm512_mul_ps(scales, _mm512_set1_ps(block.scale));
                sums[row] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole), scale, sums[row]);
            }
        }
        let bias = load_ps_512(panel.bias);
        for (row, sum) in sums.into_iter().enumerate() {
            if let Some(to) = to[row * panel.stride..].first_chunk_mut() {
                store_ps_512(to, _mm512_add_ps(sum, bias));
            }
        }
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn multiply_avx2(matrix: &Matrix, input: &[Block], output: &mut [f32]) {
        each_part(matrix, input, output, ROWS_AVX2, |panel, from, to, height| match height {
            1 => part_avx2::<1>(panel, from, to),
            2 => part_avx2::<2>(panel, from, to),
            3 => part_avx2::<3>(panel, from, to),
            _ => part_avx2::<ROWS_AVX2>(panel, from, to),
        });
    }

    #[target_feature(enable = "avx2,fma")]
    fn part_avx2<const ROWS: usize>(panel: &Panel<'_>, from: &[Block], to: &mut [f32]) {
        let count = panel.blocks.len() / PANEL_BLOCK_BYTES;
        let rows: [&[Block]; ROWS] = std::array::from_fn(|row| &from[row * count..][..count]);
        let (packed, _) = panel.blocks.as_chunks::<32>();
        let (packed, _) = packed.as_chunks::<8>();
        let (scales, _) = panel.scales.as_chunks::<8>();
        let (scales, _) = scales.as_chunks::<2>();
        let (bias, _) = panel.bias.as_chunks::<8>();
        let (low_half, ones) = (_mm256_set1_epi8(15), _mm256_set1_epi16(1));
        // Eight outputs at a time: half of each group's bytes.
        for half in 0..2 {
            let mut sums = [_mm256_setzero_ps(); ROWS];
            for (at, (packed, scales)) in packed.iter().zip(scales).enumerate().take(count) {
                let mut weights = [_mm256_setzero_si256(); 8];
                for group in 0..4 {
                    let both = load_256(&packed[2 * group + half]);
                    weights[group] = _mm256_and_si256(both, low_half);
                    weights[group + 4] = _mm256_and_si256(_mm256_srli_epi16::<4>(both), low_half);
                }
                let scales = load_ps_256(&scales[half]);
                for row in 0..ROWS {
                    let block = &rows[row][at];
                    let (fours, _) = block.values.as_chunks::<4>();
                    let mut pairs = _mm256_setzero_si256();
                    for group in 0..8 {
                        let products = _mm256_maddubs_epi16(weights[group], _mm256_set1_epi32(four(fours[group])));
                        pairs = _mm256_add_epi16(pairs, products);
                    }
                    let whole = _mm256_madd_epi16(pairs, ones);
                    let whole = _mm256_add_epi32(whole, _mm256_set1_epi32(block.offset));
                    let scale = _mm256_mul_ps(scales, _mm256_set1_ps(block.scale));
                    sums[row] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole), scale, sums[row]);
                }
            }
            let bias = load_ps_256(&bias[half]);
            for (row, sum) in sums.into_iter().enumerate() {
                if let Some(to) = to[row * panel.stride + 8 * half..].first_chunk_mut() {
                    store_ps_256(to, _mm256_add_ps(sum, bias));
                }
            }
        }
    }

    #[inline(always)]
    fn four(values: [i8; 4]) -> i32 {
        i32::from_le_bytes(values.map(i8::cast_unsigned))
    }

    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "the instruction takes a pointer")]
    fn load_512(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: the pointer is to 64 readable bytes; no alignment is asked for.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "the instruction takes a pointer")]
    fn load_ps_512(values: &[f32; LANES]) -> __m512 {
        // SAFETY: the pointer is to 16 readable floats; no alignment is asked for.
        unsafe { _mm512_loadu_ps(values.as_ptr()) }
    }

    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "the instruction takes a pointer")]
    fn store_ps_512(to: &mut [f32; LANES], values: __m512) {
        // SAFETY: the pointer is to 16 writable floats; no alignment is asked for.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), values) }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "the instruction takes a pointer")]
    fn load_256(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: the pointer is to 32 readable bytes; no alignment is asked for.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "the instruction takes a pointer")]
    fn load_ps_256(values: &[f32; 8]) -> __m256 {
        // SAFETY: the pointer is to 8 readable floats; no alignment is asked for.
        unsafe { _mm256_loadu_ps(values.as_ptr()) }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "the instruction takes a pointer")]
    fn store_ps_256(to: &mut [f32; 8], values: __m256) {
        // SAFETY: the pointer is to 8 writable floats; no alignment is asked for.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), values) }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::super::activations::Activations;
    use super::super::matrix::{self, Matrix};
    use super::x86;

    /// Every variant that this processor has against the plain loops, on sizes
    /// that reach each height of a group of rows.
    #[test]
    #[expect(unsafe_code, reason = "calling functions compiled for optional instructions")]
    fn the_variants_agree() {
        let (inputs, outputs) = (384, 64);
        let published = matrix::tests::published(inputs, outputs, 7);
        let (panels, scales) = matrix::pack(inputs, outputs, &published).expect("sound");
        let bias: Vec<f32> = (0..outputs).map(|column| column as f32 / 8.0).collect();
        let matrix = Matrix::new(inputs, panels, scales, bias).expect("sound");
        for rows in 1..20 {
            let mut input = Activations::default();
            // The extremes too, where 16 bits come closest to overflowing.
            let value = |at: usize| if at.is_multiple_of(3) { 1.0 } else { ((at * 71) % 255) as f32 / 127.0 - 1.0 };
            input.set(&(0..rows * inputs).map(value).collect::<Vec<_>>(), inputs);
            let mut plain = vec![0.0; rows * outputs];
            matrix.multiply_plain(&input.blocks, &mut plain);
            let check = |found: &[f32], variant: &str| {
                for (found, plain) in found.iter().zip(&plain) {
                    assert!((found - plain).abs() <= 1e-4 * plain.abs().max(1.0), "{variant}: {found} {plain}");
                }
            };
            let mut found = vec![0.0; rows * outputs];
            if x86::has_vnni() {
                // SAFETY: the features were just detected.
                unsafe { x86::multiply_vnni(&matrix, &input.blocks, &mut found) };
                check(&found, "vnni");
            }
            found.fill(0.0);
            if x86::has_avx2() {
                // SAFETY: the features were just detected.
                unsafe { x86::multiply_avx2(&matrix, &input.blocks, &mut found) };
                check(&found, "avx2");
            }
        }
    }
}
