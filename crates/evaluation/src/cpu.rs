//! Processor time of this process, all threads together: what a figure of
//! milliseconds means here, so that a busy machine does not spoil it.

use rustix::time::{ClockId, clock_gettime};

/// Processor time used so far, in milliseconds.
#[must_use]
pub fn used_ms() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1_000.0 + now.tv_nsec as f64 / 1_000_000.0
}

/// Runs `work` and gives what it gave and the processor time for each of `count`
/// things, in milliseconds.
pub fn each<T>(count: usize, work: impl FnOnce() -> T) -> (T, f64) {
    let before = used_ms();
    let out = work();
    (out, (used_ms() - before) / count.max(1) as f64)
}
