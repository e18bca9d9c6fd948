//! Elementary functions as plain loops-to-be: no branch and no library call, so
//! that a kernel that uses them vectorises.
//!
//! Not here: choosing instructions; that is `simd`.

use crate::simd::madd;

/// Added to a float of moderate size, it leaves its nearest integer in the low bits.
const ROUNDER: f32 = 12_582_912.0;
/// Below this `exp` is 0 for every purpose here, and above its negative no
/// argument ever is.
const LEAST_EXPONENT: f32 = -87.0;

/// `e^x` for `x` in ±87, within 2 units in the last place: `2^n × e^r` with
/// `|r| ≤ ln 2 / 2` (Cody and Waite 1980, "Software Manual for the Elementary
/// Functions", ch. 6), the second factor by its Taylor series up to `r^7`.
#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(LEAST_EXPONENT, -LEAST_EXPONENT);
    let shifted = madd::<FMA>(x, std::f32::consts::LOG2_E, ROUNDER);
    let n = shifted - ROUNDER;
    let r = madd::<FMA>(n, -LN_2_HIGH, x);
    let r = madd::<FMA>(n, -LN_2_LOW, r);
    let mut series = 1.0 / 5040.0;
    for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = madd::<FMA>(series, r, factor);
    }
    // The low bits of `shifted` are n; 127 is the exponent's bias.
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    series * power
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid<const FMA: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<FMA>(-x))
}

/// `tanh x`, off by at most 3e-7.
#[inline(always)]
pub(crate) fn tanh<const FMA: bool>(x: f32) -> f32 {
    madd::<FMA>(2.0, sigmoid::<FMA>(2.0 * x), -1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigmoid_and_tanh_follow_the_definitions() {
        for step in -4_000..=4_000 {
            let x = step as f32 / 100.0;
            let wide = f64::from(x);
            let expected = (1.0 / (1.0 + (-wide).exp())) as f32;
            assert!(
                (sigmoid::<false>(x) - expected).abs() < 2e-7 && (sigmoid::<true>(x) - expected).abs() < 2e-7,
                "{x}"
            );
            assert!((tanh::<false>(x) - wide.tanh() as f32).abs() < 4e-7, "{x}");
            assert!((tanh::<true>(x) - wide.tanh() as f32).abs() < 4e-7, "{x}");
        }
    }
}
