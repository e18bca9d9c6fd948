//! Time and chance as ports, so that the same input gives the same decision.

use std::sync::Arc;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> i64;
}

/// Where chance comes from. Implementations used in production are
/// cryptographically strong: ids, tokens and one-time passwords come from here.
pub trait Rng: Send + Sync {
    fn fill(&self, buffer: &mut [u8]);

    /// A number in `0..bound`, without modulo bias. `bound` must not be 0.
    fn below(&self, bound: u64) -> u64 {
        let zone = u64::MAX - (u64::MAX % bound);
        loop {
            let mut bytes = [0u8; 8];
            self.fill(&mut bytes);
            let draw = u64::from_le_bytes(bytes);
            if draw < zone {
                return draw % bound;
            }
        }
    }
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now_ms(&self) -> i64 {
        (**self).now_ms()
    }
}

impl<T: Rng + ?Sized> Rng for Arc<T> {
    fn fill(&self, buffer: &mut [u8]) {
        (**self).fill(buffer);
    }
}

/// Time and chance under a test's control.
pub mod fixed {
    use super::{Clock, Rng};
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    /// A clock that stands still.
    pub struct FixedClock(pub i64);

    impl Clock for FixedClock {
        fn now_ms(&self) -> i64 {
            self.0
        }
    }

    /// A clock that a test moves by hand.
    pub struct ManualClock(AtomicI64);

    impl ManualClock {
        pub fn new(now_ms: i64) -> Self {
            Self(AtomicI64::new(now_ms))
        }

        pub fn advance_ms(&self, by_ms: i64) {
            self.0.fetch_add(by_ms, Ordering::SeqCst);
        }
    }

    impl Clock for ManualClock {
        fn now_ms(&self) -> i64 {
            self.0.load(Ordering::SeqCst)
        }
    }

    /// SplitMix64: repeatable, and nothing more. Never for secrets.
    pub struct SeededRng(AtomicU64);

    impl SeededRng {
        pub fn new(seed: u64) -> Self {
            Self(AtomicU64::new(seed))
        }

        pub fn next(&self) -> u64 {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).wrapping_add(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }
    }

    impl Rng for SeededRng {
        fn fill(&self, buffer: &mut [u8]) {
            for chunk in buffer.chunks_mut(8) {
                let bytes = self.next().to_le_bytes();
                chunk.copy_from_slice(&bytes[..chunk.len()]);
            }
        }
    }
}
