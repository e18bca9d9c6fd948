//! The circuit breaker: closed, open, half-open.
//!
//! Invariants: after `BREAKER_FAILURES` in a row nothing goes out until the
//! rest is over; then one probe at a time does; its success closes, its failure
//! opens for twice as long, up to a bound. A probe that nobody finished (its
//! caller went away) does not leave the breaker shut.

use crate::limits::{BREAKER_FAILURES, BREAKER_REST_MAX_MS, BREAKER_REST_MS};
use parking_lot::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    Closed {
        failures: u32,
    },
    Open {
        until_ms: i64,
        rest_ms: i64,
    },
    /// One probe is out.
    HalfOpen {
        rest_ms: i64,
    },
}

#[derive(Debug)]
pub struct Breaker(Mutex<BreakerState>);

/// The right to one call; ends with `passed` or `failed`, or counts as
/// abandoned.
#[derive(Debug)]
pub struct Pass<'a> {
    breaker: &'a Breaker,
    probe: bool,
    ended: bool,
}

impl Default for Breaker {
    fn default() -> Self {
        Self(Mutex::new(BreakerState::Closed { failures: 0 }))
    }
}

impl Breaker {
    pub fn state(&self) -> BreakerState {
        *self.0.lock()
    }

    /// May a call go out now?
    pub fn admit(&self, now_ms: i64) -> Option<Pass<'_>> {
        let mut state = self.0.lock();
        let probe = match *state {
            BreakerState::Closed { .. } => false,
            BreakerState::Open { until_ms, rest_ms } if now_ms >= until_ms => {
                *state = BreakerState::HalfOpen { rest_ms };
                true
            }
            BreakerState::Open { .. } | BreakerState::HalfOpen { .. } => return None,
        };
        Some(Pass { breaker: self, probe, ended: false })
    }
}

impl Pass<'_> {
    /// The endpoint answered in good order.
    pub fn passed(mut self) {
        self.ended = true;
        let mut state = self.breaker.0.lock();
        // A late success of a call made before it opened says nothing of now.
        if self.probe || matches!(*state, BreakerState::Closed { .. }) {
            *state = BreakerState::Closed { failures: 0 };
        }
    }

    /// The endpoint failed.
    pub fn failed(mut self, now_ms: i64) {
        self.ended = true;
        let mut state = self.breaker.0.lock();
        let open = |rest_ms: i64| BreakerState::Open { until_ms: now_ms.saturating_add(rest_ms), rest_ms };
        *state = match *state {
            BreakerState::Closed { failures } if failures + 1 < BREAKER_FAILURES => {
                BreakerState::Closed { failures: failures + 1 }
            }
            BreakerState::Closed { .. } => open(BREAKER_REST_MS),
            BreakerState::HalfOpen { rest_ms } if self.probe => open((rest_ms * 2).min(BREAKER_REST_MAX_MS)),
            other => other,
        };
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.ended || !self.probe {
            return;
        }
        let mut state = self.breaker.0.lock();
        if let BreakerState::HalfOpen { rest_ms } = *state {
            *state = BreakerState::Open { until_ms: i64::MIN, rest_ms };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opened() -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..BREAKER_FAILURES {
            breaker.admit(0).unwrap().failed(0);
        }
        breaker
    }

    #[test]
    fn opens_rests_probes_and_closes() {
        let breaker = opened();
        assert!(breaker.admit(BREAKER_REST_MS - 1).is_none());
        let probe = breaker.admit(BREAKER_REST_MS).unwrap();
        assert!(breaker.admit(BREAKER_REST_MS).is_none(), "one probe at a time");
        probe.failed(BREAKER_REST_MS);
        assert!(breaker.admit(3 * BREAKER_REST_MS - 1).is_none(), "twice as long");
        breaker.admit(3 * BREAKER_REST_MS).unwrap().passed();
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }

    #[test]
    fn an_abandoned_probe_lets_the_next_one_out() {
        let breaker = opened();
        drop(breaker.admit(BREAKER_REST_MS).unwrap());
        assert!(breaker.admit(BREAKER_REST_MS).is_some());
    }

    #[test]
    fn a_success_in_between_begins_the_count_anew() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            for _ in 1..BREAKER_FAILURES {
                breaker.admit(0).unwrap().failed(0);
            }
            breaker.admit(0).unwrap().passed();
        }
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }

    proptest! {
        #[test]
        fn it_is_never_stuck_and_never_rests_longer_than_the_bound(steps in proptest::collection::vec((0i64..200_000, 0u8..3), 0..200)) {
            let breaker = Breaker::default();
            let mut now_ms = 0;
            for (passed, what) in steps {
                now_ms += passed;
                if let Some(pass) = breaker.admit(now_ms) {
                    match what { 0 => pass.passed(), 1 => pass.failed(now_ms), _ => drop(pass) }
                }
                if let BreakerState::Open { until_ms, rest_ms } = breaker.state() {
                    prop_assert!(rest_ms <= BREAKER_REST_MAX_MS && until_ms <= now_ms + rest_ms);
                }
            }
            prop_assert!(breaker.admit(now_ms + BREAKER_REST_MAX_MS).is_some());
        }
    }
}
