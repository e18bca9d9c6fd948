//! A light circuit breaker: after several calls in a row without a reply the
//! core counts as down, and only now and then a call goes through to look.
//!
//! An answer that says "down" or "end of day" is an answer: it sets the health
//! but keeps no call back.

use crate::port::Health;
use parking_lot::Mutex;

/// Calls in a row without a reply before the core counts as down.
pub const DOWN_AFTER_FAILURES: u32 = 5;
/// While down, a call goes through after this time …
pub const PROBE_AFTER_MS: i64 = 2_000;
/// … or after this many were kept back, whichever is first.
pub const PROBE_AFTER_CALLS: u32 = 8;

#[derive(Debug)]
pub struct Breaker(Mutex<State>);

#[derive(Debug)]
struct State {
    health: Health,
    failures: u32,
    tried_at_ms: i64,
    kept_back: u32,
}

impl Breaker {
    pub fn new() -> Self {
        Self(Mutex::new(State { health: Health::Up, failures: 0, tried_at_ms: i64::MIN, kept_back: 0 }))
    }

    pub fn health(&self) -> Health {
        self.0.lock().health
    }

    /// May a call go out now?
    pub fn admits(&self, now_ms: i64) -> bool {
        let mut state = self.0.lock();
        if state.failures < DOWN_AFTER_FAILURES {
            return true;
        }
        let probe =
            now_ms.saturating_sub(state.tried_at_ms) >= PROBE_AFTER_MS || state.kept_back + 1 >= PROBE_AFTER_CALLS;
        if probe {
            state.tried_at_ms = now_ms;
            state.kept_back = 0;
        } else {
            state.kept_back += 1;
        }
        probe
    }

    pub fn failed(&self, now_ms: i64) {
        let mut state = self.0.lock();
        state.failures = state.failures.saturating_add(1);
        state.tried_at_ms = now_ms;
        if state.failures >= DOWN_AFTER_FAILURES {
            state.health = Health::Down;
        }
    }

    pub fn answered(&self, health: Health) {
        let mut state = self.0.lock();
        *state = State { health, failures: 0, tried_at_ms: i64::MIN, kept_back: 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken_at(now_ms: i64) -> Breaker {
        let breaker = Breaker::new();
        for _ in 0..DOWN_AFTER_FAILURES {
            assert!(breaker.admits(now_ms));
            breaker.failed(now_ms);
        }
        breaker
    }

    #[test]
    fn opens_after_failures_in_a_row_and_closes_on_an_answer() {
        let breaker = broken_at(0);
        assert_eq!(breaker.health(), Health::Down);
        assert!(!breaker.admits(1));
        assert!(breaker.admits(PROBE_AFTER_MS));
        breaker.answered(Health::Up);
        assert_eq!(breaker.health(), Health::Up);
        assert!(breaker.admits(PROBE_AFTER_MS));
    }

    #[test]
    fn looks_again_even_when_time_stands_still() {
        let breaker = broken_at(0);
        let admitted = (0..PROBE_AFTER_CALLS).filter(|_| breaker.admits(0)).count();
        assert_eq!(admitted, 1);
    }
}
