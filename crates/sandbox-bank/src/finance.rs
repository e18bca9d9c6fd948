//! The core's own sums: loan plans, deposit interest, instalment shares and
//! yearly rates. Written apart from the customer-facing calculators, so that
//! the two can be held against each other.
//!
//! Interest is rounded half-up to the minor unit each period; the last period
//! clears the balance.

use crate::money::round_minor;
use rust_decimal::Decimal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Annuity,
    EqualPrincipal,
}

impl Method {
    /// Unknown words mean an annuity, the commonest.
    pub fn parse(text: &str) -> Self {
        if text == "equal_principal" { Self::EqualPrincipal } else { Self::Annuity }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub payment_minor: i64,
    pub principal_minor: i64,
    pub interest_minor: i64,
    pub balance_minor: i64,
}

pub fn month_interest(balance_minor: i64, rate_percent: Decimal) -> i64 {
    round_minor(Decimal::from(balance_minor) * rate_percent / Decimal::from(1200))
}

fn power(base: Decimal, exponent: u32) -> Decimal {
    (0..exponent).fold(Decimal::ONE, |product, _| product * base)
}

/// The monthly payment of an annuity.
pub fn annuity_payment(principal_minor: i64, rate_percent: Decimal, periods: u32) -> i64 {
    if rate_percent.is_zero() {
        return round_minor(Decimal::from(principal_minor) / Decimal::from(periods.max(1)));
    }
    let rate = rate_percent / Decimal::from(1200);
    let growth = power(Decimal::ONE + rate, periods);
    round_minor(Decimal::from(principal_minor) * rate * growth / (growth - Decimal::ONE))
}

/// Runs a plan down: `principal_of(interest)` says how much principal a period
/// takes; the last one takes all that is left.
fn run(balance_minor: i64, rate: Decimal, periods: u32, principal_of: impl Fn(i64) -> i64) -> Vec<Period> {
    let mut balance = balance_minor;
    let mut plan = Vec::new();
    for period in 1..=periods {
        if balance == 0 {
            break;
        }
        let interest = month_interest(balance, rate);
        let principal = if period == periods { balance } else { principal_of(interest).clamp(0, balance) };
        balance -= principal;
        plan.push(Period {
            payment_minor: principal + interest,
            principal_minor: principal,
            interest_minor: interest,
            balance_minor: balance,
        });
    }
    plan
}

/// The plan of a loan over `periods` months.
pub fn schedule(principal_minor: i64, rate: Decimal, periods: u32, method: Method) -> Vec<Period> {
    match method {
        Method::Annuity => {
            let payment = annuity_payment(principal_minor, rate, periods);
            run(principal_minor, rate, periods, |interest| payment - interest)
        }
        Method::EqualPrincipal => {
            let share = round_minor(Decimal::from(principal_minor) / Decimal::from(periods.max(1)));
            run(principal_minor, rate, periods, |_| share)
        }
    }
}

/// The plan that keeps what is paid now and ends earlier.
pub fn shortened(balance_minor: i64, rate: Decimal, now: Period, periods: u32, method: Method) -> Vec<Period> {
    match method {
        Method::Annuity => run(balance_minor, rate, periods, |interest| now.payment_minor - interest),
        Method::EqualPrincipal => run(balance_minor, rate, periods, |_| now.principal_minor),
    }
}

/// Interest of whole months.
pub fn interest_months(principal_minor: i64, rate_percent: Decimal, months: u32) -> i64 {
    round_minor(Decimal::from(principal_minor) * rate_percent * Decimal::from(months) / Decimal::from(1200))
}

/// Interest of days, 360 to the year.
pub fn interest_days(principal_minor: i64, rate_percent: Decimal, days: i64) -> i64 {
    round_minor(Decimal::from(principal_minor) * rate_percent * Decimal::from(days) / Decimal::from(36_000))
}

/// Equal shares; the first takes the fen that do not divide.
pub fn instalment_shares(amount_minor: i64, periods: u32) -> Vec<i64> {
    let share = amount_minor / i64::from(periods.max(1));
    let rest = amount_minor - share * i64::from(periods);
    (0..periods).map(|at| if at == 0 { share + rest } else { share }).collect()
}

/// Percent a year of a cash flow: (simple, effective), two digits each.
pub fn yearly_rates(received_minor: i64, payments: &[i64]) -> (String, String) {
    let worth = |rate: Decimal| {
        payments
            .iter()
            .rev()
            .fold(Decimal::ZERO, |rest, payment| (rest + Decimal::from(*payment)) / (Decimal::ONE + rate))
    };
    let received = Decimal::from(received_minor);
    let (mut low, mut high) = (Decimal::ZERO, Decimal::ONE);
    if worth(low) <= received {
        return ("0.00".into(), "0.00".into());
    }
    // Sixty halvings of [0, 1].
    for _ in 0..60 {
        let middle = (low + high) / Decimal::TWO;
        if worth(middle) > received { low = middle } else { high = middle }
    }
    let simple = high * Decimal::from(1200);
    let effective = (power(Decimal::ONE + high, 12) - Decimal::ONE) * Decimal::ONE_HUNDRED;
    let text = |percent: Decimal| {
        format!("{:.2}", percent.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
    };
    (text(simple), text(effective))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        let plan = schedule(20_000_000, Decimal::new(345, 2), 36, Method::Annuity);
        assert_eq!((plan[0].payment_minor, plan[35].payment_minor), (585_599, 585_600));
        let left: i64 = plan[12..].iter().map(|p| p.principal_minor).sum();
        assert_eq!(left, 13_561_640);
        let shorter = shortened(left - 5_000_000, Decimal::new(345, 2), plan[12], 24, Method::Annuity);
        assert_eq!(shorter.len(), 15);
        let payments: Vec<i64> = instalment_shares(1_200_000, 12).iter().map(|share| share + 7_200).collect();
        assert_eq!(yearly_rates(1_200_000, &payments), ("13.03".into(), "13.84".into()));
    }
}
