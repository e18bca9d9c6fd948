//! What a pool did, as numbers that only grow.
//!
//! Invariant: once a pool is closed and drained, `asked` is the sum of all
//! outcomes. Not here: names of metrics; whoever serves them names them.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::Busy;

/// Upper bounds of the sizes of batches that are counted apart.
pub const SIZES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// A reading of a pool's counters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PoolCounts {
    /// Requests, also those refused at once.
    pub asked: u64,
    /// Requests that came into the queue.
    pub queued: u64,
    /// Vectors given.
    pub served: u64,
    /// Degraded to the fast tier, by reason.
    pub full: u64,
    pub would_be_late: u64,
    pub late: u64,
    pub broken: u64,
    pub closed: u64,
    /// The caller went away.
    pub taken_back: u64,
    /// Runs of the encoder, and the texts that went through it.
    pub batches: u64,
    pub texts: u64,
    /// Batches of at most [`SIZES`] texts each, and more than the size before.
    pub batch_sizes: [u64; SIZES.len()],
    /// Requests waiting now.
    pub waiting: u64,
}

impl PoolCounts {
    /// Requests that were told to use the fast tier.
    #[must_use]
    pub fn degraded(&self) -> u64 {
        self.full + self.would_be_late + self.late + self.broken + self.closed
    }
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) asked: AtomicU64,
    pub(super) queued: AtomicU64,
    pub(super) served: AtomicU64,
    pub(super) taken_back: AtomicU64,
    full: AtomicU64,
    would_be_late: AtomicU64,
    late: AtomicU64,
    broken: AtomicU64,
    closed: AtomicU64,
    batches: AtomicU64,
    texts: AtomicU64,
    batch_sizes: [AtomicU64; SIZES.len()],
}

/// Adds one. The counters are read for figures alone, so they need no order.
pub(super) fn one(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn busy(&self, why: Busy) {
        one(match why {
            Busy::Full => &self.full,
            Busy::WouldBeLate => &self.would_be_late,
            Busy::Late => &self.late,
            Busy::Broken => &self.broken,
            Busy::Closed => &self.closed,
        });
    }

    pub(super) fn batch(&self, texts: usize) {
        one(&self.batches);
        self.texts.fetch_add(texts as u64, Ordering::Relaxed);
        let place = SIZES.iter().position(|size| texts <= *size).unwrap_or(SIZES.len() - 1);
        one(&self.batch_sizes[place]);
    }

    pub(super) fn read(&self, waiting: usize) -> PoolCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PoolCounts {
            asked: of(&self.asked),
            queued: of(&self.queued),
            served: of(&self.served),
            full: of(&self.full),
            would_be_late: of(&self.would_be_late),
            late: of(&self.late),
            broken: of(&self.broken),
            closed: of(&self.closed),
            taken_back: of(&self.taken_back),
            batches: of(&self.batches),
            texts: of(&self.texts),
            batch_sizes: std::array::from_fn(|place| of(&self.batch_sizes[place])),
            waiting: waiting as u64,
        }
    }
}
