//! Failing on purpose: the program dies at a chosen point, the core loses
//! requests and replies. Seeded, so that a run that fails can be run again.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering};
use teller_bank::http::Method;
use teller_bank::testing::Fault;
use teller_kernel::Rng;
use teller_kernel::ports::fixed::SeededRng;
use teller_store::Crash;

/// Dies at the n-th point it is asked at, and stays dead until disarmed.
#[derive(Default)]
pub struct SeededCrash {
    left: AtomicI64,
    armed: AtomicBool,
    dead: AtomicBool,
    died: AtomicU64,
}

impl SeededCrash {
    /// Survive `points` more points, then die.
    pub fn arm(&self, points: i64) {
        self.left.store(points, Ordering::SeqCst);
        self.dead.store(false, Ordering::SeqCst);
        self.armed.store(true, Ordering::SeqCst);
    }

    pub fn disarm(&self) {
        self.armed.store(false, Ordering::SeqCst);
        self.dead.store(false, Ordering::SeqCst);
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// How often it died in all.
    pub fn died(&self) -> u64 {
        self.died.load(Ordering::SeqCst)
    }
}

impl Crash for SeededCrash {
    fn at(&self, _: &'static str) -> bool {
        if !self.armed.load(Ordering::SeqCst) {
            return false;
        }
        if self.is_dead() {
            return true;
        }
        let dies = self.left.fetch_sub(1, Ordering::SeqCst) <= 0;
        if dies {
            self.dead.store(true, Ordering::SeqCst);
            self.died.fetch_add(1, Ordering::SeqCst);
        }
        dies
    }
}

/// Loses requests and replies of effects by percentage; reads and preparations
/// have none and go through.
pub struct CoreFaultPlan {
    rng: SeededRng,
    drop_requests_pct: AtomicU8,
    drop_replies_pct: AtomicU8,
    faults: AtomicU64,
}

impl CoreFaultPlan {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: SeededRng::new(seed ^ 0x0c0e_fa17),
            drop_requests_pct: AtomicU8::new(0),
            drop_replies_pct: AtomicU8::new(0),
            faults: AtomicU64::new(0),
        }
    }

    pub fn set(&self, drop_requests_pct: Option<u8>, drop_replies_pct: Option<u8>) {
        self.drop_requests_pct.store(drop_requests_pct.unwrap_or(0), Ordering::SeqCst);
        self.drop_replies_pct.store(drop_replies_pct.unwrap_or(0), Ordering::SeqCst);
    }

    /// How many requests or replies were lost.
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::SeqCst)
    }

    pub fn decide(&self, method: Method, path: &str) -> Fault {
        if method != Method::Post || path.contains("/prepare") {
            return Fault::None;
        }
        let draw = u8::try_from(self.rng.below(100)).unwrap_or(0);
        let requests = self.drop_requests_pct.load(Ordering::SeqCst);
        let fault = if draw < requests {
            Fault::DropRequest
        } else if draw < requests.saturating_add(self.drop_replies_pct.load(Ordering::SeqCst)) {
            Fault::DropReply
        } else {
            return Fault::None;
        };
        self.faults.fetch_add(1, Ordering::SeqCst);
        fault
    }
}
