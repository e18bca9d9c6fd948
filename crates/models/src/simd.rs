//! The one door to the processor's wide instructions.
//!
//! A kernel is written once as a plain loop; here it is compiled for the
//! machine's baseline and again for wider vectors with fused multiply-add, and
//! the widest one that this processor has is chosen when it runs.
//!
//! Invariant: a compiled variant runs only after its features were detected.
//! Not here: any arithmetic of its own. Fused multiply-add rounds once instead
//! of twice, so results of different processors agree to about 1e-6, not to
//! the last bit.

/// A loop that profits from wide vectors. `run` must be `#[inline(always)]`, or
/// it is compiled for the baseline however it is called.
pub(crate) trait Kernel {
    type Out;
    fn run<const FMA: bool>(self) -> Self::Out;
}

/// `a * b + c`, fused where the variant being compiled has the instruction;
/// elsewhere a fused operation would be a slow library call.
#[inline(always)]
pub(crate) fn madd<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Lanes that a kernel should keep in flight: two AVX2 registers, or one of
/// AVX-512.
pub(crate) const LANES: usize = 16;

/// Runs `kernel` with the widest instructions that this processor has.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calling a function compiled for optional instructions")]
#[inline]
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Out {
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
        // SAFETY: the features that the callee is compiled for were just detected.
        unsafe { run_avx512(kernel) }
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the features that the callee is compiled for were just detected.
        unsafe { run_avx2(kernel) }
    } else {
        kernel.run::<false>()
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Out {
    kernel.run::<true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Out {
    kernel.run::<true>()
}

/// Runs `kernel`; fused multiply-add is part of the ARM baseline.
#[cfg(target_arch = "aarch64")]
#[inline]
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Out {
    kernel.run::<true>()
}

/// Runs `kernel` as the compiler's baseline allows.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline]
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Out {
    kernel.run::<false>()
}

/// The variant that [`run`] chooses here, for benchmark reports.
pub(crate) fn variant() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
            return "avx512";
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return "avx2+fma";
        }
    }
    if cfg!(target_arch = "aarch64") { "neon" } else { "baseline" }
}
