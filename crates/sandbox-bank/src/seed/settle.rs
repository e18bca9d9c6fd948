//! Makes each account of the past end exactly at the balance the seed states.
//!
//! When spending would overdraw it, money comes from the customer's account at
//! another bank, and what piles up goes back there, as people do. What is moved
//! to and fro is round; the odd rest is in the opening balance.

use super::history::{Draft, Target, Writer, at, bad, id_of};
use super::{Customer, SeedError};
use crate::finance;
use crate::ledger::codes;
use crate::money::{Currency, Money};
use crate::time::{day_of_month, plus_days, plus_months};
use jiff::civil::Date;
use std::collections::BTreeMap;

impl Writer<'_> {
    /// Adds top-ups, sweeps and quarterly interest so that every account ends
    /// at its stated balance; answers the opening balances.
    pub(super) fn settle_balances(&mut self) -> Result<BTreeMap<String, (i64, Currency)>, SeedError> {
        let mut by_account: BTreeMap<String, Vec<(i64, Date, i64)>> = BTreeMap::new();
        for draft in &self.drafts {
            for (target, debit, _) in &draft.legs {
                if let Target::Account(id) = target {
                    by_account.entry(id.clone()).or_default().push((draft.at_ms, draft.on, -debit));
                }
            }
        }
        let mut opening = BTreeMap::new();
        for customer in &self.seed.customers {
            for (at_account, account) in customer.accounts.iter().enumerate() {
                let id = id_of("ac", &customer.id, at_account + 1);
                let target =
                    Money::parse(&account.balance, account.currency).ok_or_else(|| bad(customer, "balance"))?;
                let mut moves = by_account.remove(&id).unwrap_or_default();
                moves.sort_unstable();
                let odd = self.settle_account(customer, &id, target, &moves);
                opening.insert(id, (target.minor + odd, account.currency));
            }
        }
        Ok(opening)
    }

    /// Answers the odd amount below a hundred by which the account must open
    /// higher, so that what is moved to and fro is round.
    fn settle_account(&mut self, customer: &Customer, id: &str, target: Money, moves: &[(i64, Date, i64)]) -> i64 {
        let major = target.currency.per_major();
        let round_down = |minor: i64| minor.div_euclid(100 * major) * (100 * major);
        let ceiling = target.minor * 2 + 30_000 * major;
        let last_month = day_of_month(plus_days(self.today, -1), 1);
        let last_net: i64 = moves.iter().filter(|(_, on, _)| *on >= last_month).map(|(_, _, delta)| delta).sum();
        let mut running = target.minor;
        let mut month_of: Option<Date> = None;
        for (at_ms, on, delta) in moves {
            let month = day_of_month(*on, 1);
            if month_of.is_some_and(|last| last != month) {
                if month.month() % 3 == 1 {
                    running += self.interest(
                        id,
                        plus_days(day_of_month(plus_months(month, -1), 21), 0),
                        running,
                        target.currency,
                    );
                }
                // The last month starts so that it ends where the seed says.
                let wanted = if month == last_month { target.minor - last_net } else { target.minor };
                if running > ceiling || month == last_month {
                    let eve = plus_days(month, -1);
                    let change = round_down(wanted - running);
                    if change != 0 && running + change >= 0 {
                        self.own_other_bank(customer, id, at(eve, 21 * 60 + 10), eve, change, target.currency);
                        running += change;
                    }
                }
            }
            month_of = Some(month);
            if running + delta < 0 {
                let short = -(running + delta) + 500 * major;
                let top_up = (short + 100 * major - 1) / (100 * major) * (100 * major);
                self.own_other_bank(customer, id, at_ms - 60_000, *on, top_up, target.currency);
                running += top_up;
            }
            running += delta;
        }
        let eve = plus_days(self.today, -1);
        let change = round_down(target.minor - running);
        if change != 0 {
            self.own_other_bank(customer, id, at(eve, 20 * 60 + 40), eve, change, target.currency);
        }
        target.minor - running - change
    }

    fn interest(&mut self, id: &str, on: Date, balance: i64, currency: Currency) -> i64 {
        let interest = finance::interest_days(balance, self.seed.config.deposit.demand_rate, 90);
        if interest <= 0 || !self.in_past(on) {
            return 0;
        }
        self.push(Draft {
            on,
            at_ms: at(on, 1),
            kind: "interest",
            summary: "结息".into(),
            party: None,
            channel: "core",
            place: None,
            legs: vec![
                (Target::Gl(codes::INTEREST_EXPENSE.into()), interest, currency),
                (Target::Account(id.to_owned()), -interest, currency),
            ],
        });
        interest
    }

    /// Money from (positive) or to the customer's own account at another bank.
    fn own_other_bank(&mut self, customer: &Customer, id: &str, at_ms: i64, on: Date, amount: i64, currency: Currency) {
        self.push(Draft {
            on,
            at_ms,
            kind: "transfer",
            summary: "本人转账".into(),
            party: Some((customer.name.clone(), None, Some("ICBC".into()))),
            channel: if amount > 0 { "clearing" } else { "app" },
            place: None,
            legs: vec![
                (Target::Gl(codes::clearing_in(currency)), amount, currency),
                (Target::Account(id.to_owned()), -amount, currency),
            ],
        });
    }
}
