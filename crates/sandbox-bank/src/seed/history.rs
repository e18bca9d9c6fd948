//! The months before the business date: what came in, went out, was bought and
//! repaid, drawn from the patterns of the seed.
//!
//! How each account comes to end at its stated balance is in `settle`.

use super::{Customer, Seed, SeedError, Spend};
use crate::finance;
use crate::ledger::codes;
use crate::money::{Currency, Money};
use crate::rng::SplitMix;
use crate::time::{day_of_month, instant, plus_days, plus_months};
use jiff::civil::{Date, Time};
use std::collections::BTreeMap;

/// Whom a leg of an entry touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Account(String),
    Card(String),
    Gl(String),
}

/// An entry of the past. Debits are positive.
#[derive(Debug, Clone)]
pub struct Draft {
    pub on: Date,
    pub at_ms: i64,
    pub kind: &'static str,
    pub summary: String,
    pub party: Option<(String, Option<String>, Option<String>)>,
    pub channel: &'static str,
    pub place: Option<String>,
    pub legs: Vec<(Target, i64, Currency)>,
}

/// The history of everyone, in the order of time.
pub struct History {
    pub drafts: Vec<Draft>,
    /// Account id → balance at the start.
    pub opening: BTreeMap<String, (i64, Currency)>,
    pub start: Date,
}

/// Ids of what a customer has: `ac_1001_1`, `cd_1001_3`, `ln_1001_1`, `td_1001_1`.
pub fn id_of(prefix: &str, customer: &str, position: usize) -> String {
    format!("{prefix}_{}_{position}", customer.trim_start_matches("cu_"))
}

/// Credit cards are numbered after the debit cards.
pub fn credit_card_id(customer: &Customer, position: usize) -> String {
    id_of("cd", &customer.id, customer.accounts.len() + position)
}

pub(super) struct Writer<'a> {
    pub(super) seed: &'a Seed,
    pub(super) today: Date,
    start: Date,
    pub(super) drafts: Vec<Draft>,
}

pub fn draw(seed: &Seed, today: Date) -> Result<History, SeedError> {
    let start = day_of_month(plus_months(today, -seed.config.history_months), 1);
    let mut writer = Writer { seed, today, start, drafts: Vec::new() };
    for customer in &seed.customers {
        let mut rng = SplitMix::named(&customer.id);
        writer.regular(customer, &mut rng);
        writer.spending(customer, &mut rng)?;
        writer.credit_cards(customer, &mut rng)?;
        writer.loans(customer)?;
        writer.deposits(customer)?;
    }
    let opening = writer.settle_balances()?;
    let Writer { mut drafts, .. } = writer;
    drafts.sort_by_key(|draft| draft.at_ms);
    Ok(History { drafts, opening, start })
}

fn clearing() -> Target {
    Target::Gl(codes::CLEARING.to_owned())
}

pub(super) fn at(on: Date, minute: i64) -> i64 {
    instant(on, Time::midnight()) + minute * 60_000
}

pub(super) fn bad(customer: &Customer, message: impl Into<String>) -> SeedError {
    SeedError::Customer { customer: customer.id.clone(), message: message.into() }
}

impl Writer<'_> {
    fn months(&self) -> Vec<Date> {
        (0..=self.seed.config.history_months).map(|month| plus_months(self.start, month)).collect()
    }

    pub(super) fn in_past(&self, on: Date) -> bool {
        on >= self.start && on < self.today
    }

    pub(super) fn push(&mut self, draft: Draft) {
        if self.in_past(draft.on) {
            self.drafts.push(draft);
        }
    }

    fn regular(&mut self, customer: &Customer, rng: &mut SplitMix) {
        let account = id_of("ac", &customer.id, 1);
        for month in self.months() {
            for income in &customer.income {
                let on = day_of_month(month, income.day);
                let cash = income.from == "现金存入";
                self.push(Draft {
                    on,
                    at_ms: at(on, 9 * 60 + rng.between(0, 90)),
                    kind: if cash {
                        "cash"
                    } else if income.text == "工资" {
                        "salary"
                    } else {
                        "transfer"
                    },
                    summary: income.text.clone(),
                    party: (!cash).then(|| (income.from.clone(), None, None)),
                    channel: if cash { "atm" } else { "clearing" },
                    place: None,
                    legs: vec![
                        (
                            if cash { Target::Gl(codes::CASH.into()) } else { clearing() },
                            income.amount.0,
                            Currency::Cny,
                        ),
                        (Target::Account(account.clone()), -income.amount.0, Currency::Cny),
                    ],
                });
            }
            for payment in &customer.regular {
                let on = day_of_month(month, payment.day);
                let payee = customer.payees.iter().find(|payee| payee.name == payment.to);
                let inbank =
                    payee.filter(|p| p.bank == self.seed.config.own.code).and_then(|p| self.account_of(&p.account));
                self.push(Draft {
                    on,
                    at_ms: at(on, 10 * 60 + rng.between(0, 600)),
                    kind: "transfer",
                    summary: payment.text.clone(),
                    party: Some((payment.to.clone(), payee.map(|p| p.account.clone()), payee.map(|p| p.bank.clone()))),
                    channel: "app",
                    place: None,
                    legs: vec![
                        (Target::Account(account.clone()), payment.amount.0, Currency::Cny),
                        (inbank.map_or_else(clearing, Target::Account), -payment.amount.0, Currency::Cny),
                    ],
                });
            }
        }
    }

    /// The id of the account with this number, if it is one of this bank's.
    fn account_of(&self, number: &str) -> Option<String> {
        self.seed.customers.iter().find_map(|customer| {
            let at = customer.accounts.iter().position(|account| account.number == number)?;
            Some(id_of("ac", &customer.id, at + 1))
        })
    }

    fn purchases(
        &mut self,
        customer: &Customer,
        spend: &Spend,
        target: &Target,
        month: Date,
        rng: &mut SplitMix,
    ) -> Result<Vec<(Date, i64)>, SeedError> {
        let merchants = self
            .seed
            .config
            .spending
            .get(&spend.kind)
            .filter(|list| !list.is_empty())
            .ok_or_else(|| bad(customer, "unknown spending kind"))?;
        let mut made = Vec::new();
        for _ in 0..spend.per_month {
            let choice = usize::try_from(rng.next() % merchants.len() as u64).unwrap_or(0);
            let (merchant, category, least, most) = &merchants[choice];
            let on = day_of_month(month, i8::try_from(rng.between(1, 28)).unwrap_or(1));
            // Two draws, the lower: small amounts are commoner than large ones.
            let amount = rng.between(least * 100, most * 100).min(rng.between(least * 100, most * 100));
            let minute = rng.between(8 * 60, 22 * 60);
            if !self.in_past(on) {
                continue;
            }
            made.push((on, amount));
            self.push(Draft {
                on,
                at_ms: at(on, minute),
                kind: "purchase",
                summary: category.clone(),
                party: Some((merchant.clone(), None, None)),
                channel: if amount % 3 == 0 { "pos" } else { "quick_pay" },
                place: Some(customer.city.clone()),
                legs: vec![(target.clone(), amount, Currency::Cny), (clearing(), -amount, Currency::Cny)],
            });
        }
        Ok(made)
    }

    fn spending(&mut self, customer: &Customer, rng: &mut SplitMix) -> Result<(), SeedError> {
        let Some(spend) = &customer.spend else { return Ok(()) };
        let target = Target::Account(id_of("ac", &customer.id, 1));
        for month in self.months() {
            self.purchases(customer, spend, &target, month, rng)?;
        }
        Ok(())
    }

    fn credit_cards(&mut self, customer: &Customer, rng: &mut SplitMix) -> Result<(), SeedError> {
        for (at_card, card) in customer.credit_cards.iter().enumerate() {
            let id = credit_card_id(customer, at_card + 1);
            let mut movements: Vec<(Date, i64)> = Vec::new();
            for month in self.months() {
                movements.extend(self.purchases(customer, &card.spend, &Target::Card(id.clone()), month, rng)?);
            }
            if let Some(plan) = &card.plan {
                movements.extend(self.plan(customer, card.statement_day, &id, plan));
            }
            self.repay(customer, card, &id, &movements);
        }
        Ok(())
    }

    /// A purchase turned into instalments some months ago; answers what it put
    /// on the card's statements.
    fn plan(&mut self, customer: &Customer, statement_day: i8, card: &str, plan: &super::Plan) -> Vec<(Date, i64)> {
        let amount = plan.amount.0;
        let fee_rate = self.seed.config.credit.instalment_fees.get(&plan.periods).copied().unwrap_or_default();
        let fee = crate::money::round_minor(
            rust_decimal::Decimal::from(amount) * fee_rate / rust_decimal::Decimal::ONE_HUNDRED,
        );
        let first = day_of_month(plus_months(self.today, -i64::from(plan.months_ago)), statement_day);
        let started = plus_days(first, -6);
        let asset = Target::Gl(codes::instalment(&id_of("ip", &customer.id, 1)));
        let card_leg = |minor| (Target::Card(card.to_owned()), minor, Currency::Cny);
        let mut draft = |on: Date, kind, summary: &str, legs| {
            let party = Some(("家电广场".to_owned(), None, None)).filter(|_| kind == "purchase");
            self.push(Draft {
                on,
                at_ms: at(on, 15 * 60),
                kind,
                summary: summary.into(),
                party,
                channel: "pos",
                place: None,
                legs,
            });
        };
        draft(started, "purchase", "家电", vec![card_leg(amount), (clearing(), -amount, Currency::Cny)]);
        draft(
            plus_days(started, 1),
            "instalment",
            "分期入账",
            vec![card_leg(-amount), (asset.clone(), amount, Currency::Cny)],
        );
        let shares = finance::instalment_shares(amount, plan.periods);
        let mut billed = Vec::new();
        for (period, share) in shares.iter().enumerate() {
            let on = plus_months(first, i64::try_from(period).unwrap_or(0));
            if on >= self.today {
                break;
            }
            billed.push((on, share + fee));
            self.push(Draft {
                on,
                at_ms: at(on, 5),
                kind: "instalment",
                summary: format!("分期第{}期", period + 1),
                party: None,
                channel: "core",
                place: None,
                legs: vec![
                    card_leg(share + fee),
                    (asset.clone(), -share, Currency::Cny),
                    (Target::Gl(codes::FEES.into()), -fee, Currency::Cny),
                ],
            });
        }
        billed
    }

    /// Pays each statement in full when it falls due.
    fn repay(&mut self, customer: &Customer, card: &super::CreditCard, id: &str, movements: &[(Date, i64)]) {
        let account = id_of("ac", &customer.id, 1);
        let last_due = self
            .months()
            .into_iter()
            .map(|month| plus_days(day_of_month(month, card.statement_day), self.seed.config.credit.due_after_days))
            .filter(|due| *due < self.today)
            .max();
        let mut paid = 0;
        for month in self.months() {
            let statement = day_of_month(month, card.statement_day);
            let due = plus_days(statement, self.seed.config.credit.due_after_days);
            let owed: i64 = movements.iter().filter(|(on, _)| *on <= statement).map(|(_, amount)| amount).sum();
            let payment = owed - paid;
            if payment <= 0 || due >= self.today || (card.overdue && Some(due) == last_due) {
                continue;
            }
            paid = owed;
            self.push(Draft {
                on: due,
                at_ms: at(due, 11 * 60 + 20),
                kind: "card_repayment",
                summary: "信用卡还款".into(),
                party: Some((card.name.clone(), Some(card.number.clone()), Some(self.seed.config.own.code.clone()))),
                channel: "app",
                place: None,
                legs: vec![
                    (Target::Account(account.clone()), payment, Currency::Cny),
                    (Target::Card(id.to_owned()), -payment, Currency::Cny),
                ],
            });
        }
    }

    fn loans(&mut self, customer: &Customer) -> Result<(), SeedError> {
        let account = id_of("ac", &customer.id, 1);
        for (at_loan, loan) in customer.loans.iter().enumerate() {
            let asset = Target::Gl(codes::loan(&id_of("ln", &customer.id, at_loan + 1)));
            let rate = loan.rate.parse().map_err(|_| bad(customer, "loan rate"))?;
            let plan = finance::schedule(loan.principal.0, rate, loan.term, finance::Method::parse(&loan.method));
            self.push(Draft {
                on: loan.started,
                at_ms: at(loan.started, 14 * 60),
                kind: "loan",
                summary: "贷款发放".into(),
                party: None,
                channel: "core",
                place: None,
                legs: vec![
                    (asset.clone(), loan.principal.0, Currency::Cny),
                    (clearing(), -loan.principal.0, Currency::Cny),
                ],
            });
            for (at_period, period) in plan.iter().enumerate() {
                let on = plus_months(loan.started, i64::try_from(at_period + 1).unwrap_or(0));
                let mut legs = vec![
                    (Target::Account(account.clone()), period.payment_minor, Currency::Cny),
                    (asset.clone(), -period.principal_minor, Currency::Cny),
                ];
                if period.interest_minor > 0 {
                    legs.push((Target::Gl(codes::INTEREST_INCOME.into()), -period.interest_minor, Currency::Cny));
                }
                self.push(Draft {
                    on,
                    at_ms: at(on, 20 * 60 + 10),
                    kind: "loan_repayment",
                    summary: "贷款还款".into(),
                    party: None,
                    channel: "core",
                    place: None,
                    legs,
                });
            }
        }
        Ok(())
    }

    fn deposits(&mut self, customer: &Customer) -> Result<(), SeedError> {
        for (at_deposit, deposit) in customer.deposits.iter().enumerate() {
            let amount =
                Money::parse(&deposit.amount, deposit.currency).ok_or_else(|| bad(customer, "deposit amount"))?;
            let source = customer
                .accounts
                .iter()
                .position(|account| account.currency == deposit.currency)
                .ok_or_else(|| bad(customer, "no account in the deposit's currency"))?;
            let term = Target::Gl(codes::term(&id_of("td", &customer.id, at_deposit + 1)));
            self.push(Draft {
                on: deposit.opened,
                at_ms: at(deposit.opened, 10 * 60 + 30),
                kind: "deposit",
                summary: "存入定期".into(),
                party: None,
                channel: "app",
                place: None,
                legs: vec![
                    (Target::Account(id_of("ac", &customer.id, source + 1)), amount.minor, amount.currency),
                    (term, -amount.minor, amount.currency),
                ],
            });
        }
        Ok(())
    }
}
