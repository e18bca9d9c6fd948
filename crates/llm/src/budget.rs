//! How many calls and tokens a use may spend in an hour and in a day.
//!
//! Invariants: a call takes its place before it is made, with the most it can
//! cost, and gives back what it did not use; so calls at the same time cannot
//! overspend together. Windows are whole hours and days of UTC. What was spent
//! is kept in memory: a restart begins anew.

use crate::record::Refusal;
use crate::settings::ConfigError;
use parking_lot::Mutex;
use serde::Deserialize;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The most that may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    pub calls_per_hour: u64,
    pub calls_per_day: u64,
    pub tokens_per_hour: u64,
    pub tokens_per_day: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { calls_per_hour: 2_000, calls_per_day: 20_000, tokens_per_hour: 2_000_000, tokens_per_day: 20_000_000 }
    }
}

impl Budget {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let all = [self.calls_per_hour, self.calls_per_day, self.tokens_per_hour, self.tokens_per_day];
        if all.contains(&0) {
            let why = "a budget of nothing is the kill switch: enabled = false".to_owned();
            return Err(ConfigError::Value { name: "budget", why });
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    number: i64,
    calls: u64,
    tokens: u64,
}

impl Window {
    /// The window of this number, empty when it has just begun. A clock set
    /// back stays in the later window, so that nothing is spent twice.
    fn at(self, number: i64) -> Self {
        if number > self.number { Self { number, ..Self::default() } } else { self }
    }

    fn settle(&mut self, number: i64, reserved: u64, used: u64) {
        if self.number == number {
            self.tokens = self.tokens.saturating_sub(reserved).saturating_add(used);
        }
    }
}

/// A place in the budget that was taken.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "what a call did not use is given back"]
pub struct Taken {
    tokens: u64,
    hour: i64,
    day: i64,
}

/// What one use has spent.
#[derive(Debug)]
pub struct Ledger {
    budget: Budget,
    windows: Mutex<(Window, Window)>,
}

impl Ledger {
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            windows: Mutex::new((
                Window { number: i64::MIN, ..Window::default() },
                Window { number: i64::MIN, ..Window::default() },
            )),
        }
    }

    /// Takes a call of at most `tokens`.
    ///
    /// # Errors
    /// Which budget is spent.
    pub fn take(&self, now_ms: i64, tokens: u64) -> Result<Taken, Refusal> {
        let mut windows = self.windows.lock();
        let hour = windows.0.at(now_ms.div_euclid(HOUR_MS));
        let day = windows.1.at(now_ms.div_euclid(DAY_MS));
        let budget = &self.budget;
        if hour.calls >= budget.calls_per_hour || day.calls >= budget.calls_per_day {
            return Err(Refusal::CallBudget);
        }
        let over = |window: Window, most: u64| window.tokens.saturating_add(tokens) > most;
        if over(hour, budget.tokens_per_hour) || over(day, budget.tokens_per_day) {
            return Err(Refusal::TokenBudget);
        }
        let one_more = |window: Window| Window { calls: window.calls + 1, tokens: window.tokens + tokens, ..window };
        *windows = (one_more(hour), one_more(day));
        Ok(Taken { tokens, hour: hour.number, day: day.number })
    }

    /// Puts what was really used in the place of what was taken.
    pub fn settle(&self, taken: &Taken, used: u64) {
        let mut windows = self.windows.lock();
        windows.0.settle(taken.hour, taken.tokens, used);
        windows.1.settle(taken.day, taken.tokens, used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn small() -> Budget {
        Budget { calls_per_hour: 3, calls_per_day: 5, tokens_per_hour: 100, tokens_per_day: 150 }
    }

    #[test]
    fn hours_and_days_are_bounded_and_begin_anew() {
        let ledger = Ledger::new(small());
        assert!((0..3).all(|_| ledger.take(0, 10).is_ok()));
        assert_eq!(ledger.take(HOUR_MS - 1, 10), Err(Refusal::CallBudget));
        assert!((0..2).all(|_| ledger.take(HOUR_MS, 10).is_ok()));
        assert_eq!(ledger.take(2 * HOUR_MS, 10), Err(Refusal::CallBudget));
        assert!(ledger.take(DAY_MS, 10).is_ok());
        assert_eq!(ledger.take(DAY_MS, 95), Err(Refusal::TokenBudget));
        assert!(ledger.take(0, 1).is_ok(), "a clock set back goes on in the later window");
    }

    #[test]
    fn what_was_not_used_comes_back() {
        let ledger = Ledger::new(small());
        let taken = ledger.take(0, 100).unwrap();
        assert_eq!(ledger.take(0, 1), Err(Refusal::TokenBudget));
        ledger.settle(&taken, 20);
        assert!(ledger.take(0, 80).is_ok());
        // What belongs to an hour that is over changes nothing in the next.
        ledger.settle(&taken, 90);
        let next = ledger.take(HOUR_MS, 10).unwrap();
        ledger.settle(&taken, 0);
        ledger.settle(&next, 10);
    }

    proptest! {
        #[test]
        fn never_more_than_the_budget(steps in proptest::collection::vec((0i64..DAY_MS * 2, 0u64..60), 1..80)) {
            let ledger = Ledger::new(small());
            let mut at = 0;
            let mut spent: std::collections::BTreeMap<i64, (u64, u64)> = Default::default();
            for (passed, tokens) in steps {
                at += passed / 24;
                if ledger.take(at, tokens).is_ok() {
                    let hour = spent.entry(at / HOUR_MS).or_default();
                    *hour = (hour.0 + 1, hour.1 + tokens);
                    prop_assert!(hour.0 <= 3 && hour.1 <= 100);
                }
            }
        }
    }
}
