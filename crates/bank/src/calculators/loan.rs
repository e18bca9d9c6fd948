//! Loans: annuity (等额本息), equal principal (等额本金), prepayment.

use super::params::Params;
use super::{CalcError, TERM_MAX, power, to_minor};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use teller_kernel::{Currency, Money};

/// How a loan is repaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The same payment every month.
    Annuity,
    /// The same principal every month, interest on what is left.
    EqualPrincipal,
}

/// What a prepayment changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrepayMode {
    /// Keep the payment, end earlier (缩短期限).
    Shorten,
    /// Keep the end, pay less a month (减少月供).
    Reduce,
}

/// One period, in minor units. `balance` is what is left after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub payment_minor: i64,
    pub principal_minor: i64,
    pub interest_minor: i64,
    pub balance_minor: i64,
}

/// Interest of one month on a balance, rounded half-up.
fn month_interest(balance_minor: i64, rate_percent: Decimal) -> Result<i64, CalcError> {
    to_minor(Decimal::from(balance_minor) * rate_percent / Decimal::from(1200))
}

/// The monthly payment of an annuity.
pub fn annuity_payment(principal_minor: i64, rate_percent: Decimal, periods: u32) -> Result<i64, CalcError> {
    let (principal, count) = (Decimal::from(principal_minor), Decimal::from(periods));
    if rate_percent.is_zero() {
        return to_minor(principal / count);
    }
    let monthly = rate_percent / Decimal::from(1200);
    let growth = power(Decimal::ONE + monthly, periods)?;
    to_minor(principal * monthly * growth / (growth - Decimal::ONE))
}

/// Pays `payment` a month until nothing is left, in at most `periods` months;
/// the last one clears whatever remains.
fn run_annuity(balance_minor: i64, rate: Decimal, payment_minor: i64, periods: u32) -> Result<Vec<Period>, CalcError> {
    let mut balance = balance_minor;
    let mut schedule = Vec::with_capacity(periods as usize);
    for period in 1..=periods {
        let interest_minor = month_interest(balance, rate)?;
        let due = (payment_minor - interest_minor).clamp(0, balance);
        let principal_minor = if period == periods { balance } else { due };
        balance -= principal_minor;
        schedule.push(Period {
            payment_minor: principal_minor + interest_minor,
            principal_minor,
            interest_minor,
            balance_minor: balance,
        });
        if balance == 0 {
            break;
        }
    }
    Ok(schedule)
}

fn run_equal_principal(
    balance_minor: i64,
    rate: Decimal,
    base_minor: i64,
    periods: u32,
) -> Result<Vec<Period>, CalcError> {
    let mut balance = balance_minor;
    let mut schedule = Vec::with_capacity(periods as usize);
    for period in 1..=periods {
        let interest_minor = month_interest(balance, rate)?;
        let principal_minor = if period == periods { balance } else { base_minor.min(balance) };
        balance -= principal_minor;
        schedule.push(Period {
            payment_minor: principal_minor + interest_minor,
            principal_minor,
            interest_minor,
            balance_minor: balance,
        });
        if balance == 0 {
            break;
        }
    }
    Ok(schedule)
}

/// The whole plan of a loan.
pub fn schedule(principal_minor: i64, rate: Decimal, periods: u32, method: Method) -> Result<Vec<Period>, CalcError> {
    match method {
        Method::Annuity => {
            let payment = annuity_payment(principal_minor, rate, periods)?;
            run_annuity(principal_minor, rate, payment, periods)
        }
        Method::EqualPrincipal => {
            let base = to_minor(Decimal::from(principal_minor) / Decimal::from(periods))?;
            run_equal_principal(principal_minor, rate, base, periods)
        }
    }
}

/// What follows a prepayment made right after period `paid`.
pub fn after_prepayment(
    plan: &[Period],
    paid: usize,
    prepay_minor: i64,
    rate: Decimal,
    method: Method,
    mode: PrepayMode,
) -> Result<Vec<Period>, CalcError> {
    let left = plan.len().checked_sub(paid).filter(|left| *left > 0).ok_or(CalcError::BadParam("paid"))?;
    let left = u32::try_from(left).map_err(|_| CalcError::OutOfRange)?;
    let balance: i64 = plan[paid..].iter().map(|period| period.principal_minor).sum();
    let balance = balance - prepay_minor;
    if balance < 0 {
        return Err(CalcError::BadParam("prepay"));
    }
    if balance == 0 {
        return Ok(Vec::new());
    }
    match (mode, method) {
        (PrepayMode::Reduce, _) => schedule(balance, rate, left, method),
        // Keeping the payment on a smaller balance ends within the old term.
        (PrepayMode::Shorten, Method::Annuity) => run_annuity(balance, rate, plan[paid].payment_minor, left),
        (PrepayMode::Shorten, Method::EqualPrincipal) => {
            run_equal_principal(balance, rate, plan[paid].principal_minor, left)
        }
    }
}

fn total_interest(plan: &[Period]) -> i64 {
    plan.iter().map(|period| period.interest_minor).sum()
}

fn rows(plan: &[Period], count: u32, currency: Currency) -> Value {
    let money = |minor| Money::new(minor, currency);
    plan.iter()
        .take(count as usize)
        .enumerate()
        .map(|(at, period)| {
            json!({
                "period": at + 1,
                "payment": money(period.payment_minor),
                "principal": money(period.principal_minor),
                "interest": money(period.interest_minor),
                "balance": money(period.balance_minor),
            })
        })
        .collect()
}

struct LoanParams {
    principal: Money,
    rate: Decimal,
    term: u32,
    rows: u32,
}

fn loan_params(params: &Value) -> Result<LoanParams, CalcError> {
    let params = Params(params);
    Ok(LoanParams {
        principal: params.money("principal")?,
        rate: params.rate("rate")?,
        term: params.term("term")?,
        rows: params.count_opt("rows", TERM_MAX)?.unwrap_or(0),
    })
}

pub(super) fn calc_annuity(params: &Value) -> Result<Value, CalcError> {
    let p = loan_params(params)?;
    let plan = schedule(p.principal.minor, p.rate, p.term, Method::Annuity)?;
    let money = |minor| Money::new(minor, p.principal.currency);
    let interest = total_interest(&plan);
    Ok(json!({
        "principal": p.principal,
        "rate": p.rate.to_string(),
        "term": p.term,
        "payment": money(plan[0].payment_minor),
        "last_payment": money(plan[plan.len() - 1].payment_minor),
        "total_interest": money(interest),
        "total": money(p.principal.minor + interest),
        "schedule": rows(&plan, p.rows, p.principal.currency),
    }))
}

pub(super) fn calc_equal_principal(params: &Value) -> Result<Value, CalcError> {
    let p = loan_params(params)?;
    let plan = schedule(p.principal.minor, p.rate, p.term, Method::EqualPrincipal)?;
    let money = |minor| Money::new(minor, p.principal.currency);
    let interest = total_interest(&plan);
    let decrease = plan.get(1).map_or(0, |second| plan[0].payment_minor - second.payment_minor);
    Ok(json!({
        "principal": p.principal,
        "rate": p.rate.to_string(),
        "term": p.term,
        "first_payment": money(plan[0].payment_minor),
        "last_payment": money(plan[plan.len() - 1].payment_minor),
        "monthly_decrease": money(decrease),
        "total_interest": money(interest),
        "total": money(p.principal.minor + interest),
        "schedule": rows(&plan, p.rows, p.principal.currency),
    }))
}

pub(super) fn calc_compare(params: &Value) -> Result<Value, CalcError> {
    let p = loan_params(params)?;
    let interest = |method| schedule(p.principal.minor, p.rate, p.term, method).map(|plan| total_interest(&plan));
    let difference = interest(Method::Annuity)? - interest(Method::EqualPrincipal)?;
    Ok(json!({
        "annuity": calc_annuity(params)?,
        "equal_principal": calc_equal_principal(params)?,
        "interest_difference": Money::new(difference, p.principal.currency),
    }))
}

pub(super) fn calc_prepay(params: &Value) -> Result<Value, CalcError> {
    let p = loan_params(params)?;
    let more = Params(params);
    let paid = more.count_opt("paid", TERM_MAX)?.filter(|paid| *paid < p.term).ok_or(CalcError::BadParam("paid"))?;
    let prepay = more.money("prepay")?;
    if prepay.currency != p.principal.currency {
        return Err(CalcError::BadParam("prepay"));
    }
    let mode = match more.word_opt("mode", &["shorten", "reduce"])?.ok_or(CalcError::BadParam("mode"))? {
        "shorten" => PrepayMode::Shorten,
        _ => PrepayMode::Reduce,
    };
    let method = match more.word_opt("method", &["annuity", "equal_principal"])? {
        Some("equal_principal") => Method::EqualPrincipal,
        _ => Method::Annuity,
    };
    let plan = schedule(p.principal.minor, p.rate, p.term, method)?;
    let paid = paid as usize;
    let before = plan.get(paid..).filter(|left| !left.is_empty()).ok_or(CalcError::BadParam("paid"))?;
    let after = after_prepayment(&plan, paid, prepay.minor, p.rate, method, mode)?;
    let money = |minor| Money::new(minor, p.principal.currency);
    let balance: i64 = before.iter().map(|period| period.principal_minor).sum();
    let payment = |plan: &[Period]| plan.first().map_or(0, |period| period.payment_minor);
    Ok(json!({
        "mode": if mode == PrepayMode::Shorten { "shorten" } else { "reduce" },
        "balance_before": money(balance),
        "balance_after": money(balance - prepay.minor),
        "payment_before": money(payment(before)),
        "payment_after": money(payment(&after)),
        "periods_before": before.len(),
        "periods_after": after.len(),
        "last_payment": money(after.last().map_or(0, |period| period.payment_minor)),
        "interest_before": money(total_interest(before)),
        "interest_after": money(total_interest(&after)),
        "interest_saved": money(total_interest(before) - total_interest(&after)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn yuan(text: &str) -> i64 {
        Money::parse_decimal(text, Currency::CNY).unwrap().minor
    }

    fn loan(principal: &str, rate: &str, term: u32) -> Value {
        json!({"principal": Money::cny(yuan(principal)), "rate": rate, "term": term})
    }

    fn minor(value: &Value, field: &str) -> i64 {
        value[field]["minor"].as_i64().unwrap()
    }

    /// (principal, rate %, term, payment, last, interest)
    const ANNUITY: [(&str, &str, u32, &str, &str, &str); 3] = [
        ("120000", "3.6", 12, "10196.07", "10196.08", "2352.85"),
        ("200000", "3.45", 36, "5855.99", "5856.00", "10815.65"),
        ("1000000", "3.35", 360, "4407.14", "4404.23", "586567.49"),
    ];

    /// (principal, rate %, term, first, last, interest)
    const EQUAL_PRINCIPAL: [(&str, &str, u32, &str, &str, &str); 3] = [
        ("120000", "3.6", 12, "10360.00", "10030.00", "2340.00"),
        ("200000", "3.45", 36, "6130.56", "5571.37", "10637.50"),
        ("1000000", "3.35", 360, "5569.45", "2784.73", "503895.43"),
    ];

    #[test]
    fn annuity_vectors() {
        for (principal, rate, term, payment, last, interest) in ANNUITY {
            let result = calc_annuity(&loan(principal, rate, term)).unwrap();
            assert_eq!(minor(&result, "payment"), yuan(payment), "{principal}");
            assert_eq!(minor(&result, "last_payment"), yuan(last), "{principal}");
            assert_eq!(minor(&result, "total_interest"), yuan(interest), "{principal}");
        }
    }

    #[test]
    fn equal_principal_vectors() {
        for (principal, rate, term, first, last, interest) in EQUAL_PRINCIPAL {
            let result = calc_equal_principal(&loan(principal, rate, term)).unwrap();
            assert_eq!(minor(&result, "first_payment"), yuan(first), "{principal}");
            assert_eq!(minor(&result, "last_payment"), yuan(last), "{principal}");
            assert_eq!(minor(&result, "total_interest"), yuan(interest), "{principal}");
        }
    }

    #[test]
    fn prepayment_vector() {
        let mut params = loan("200000", "3.45", 36);
        params["paid"] = json!(12);
        params["prepay"] = json!(Money::cny(yuan("50000")));
        params["mode"] = json!("reduce");
        let reduced = calc_prepay(&params).unwrap();
        assert_eq!(minor(&reduced, "balance_before"), yuan("135616.40"));
        assert_eq!(minor(&reduced, "balance_after"), yuan("85616.40"));
        assert_eq!(minor(&reduced, "payment_after"), yuan("3696.96"));
        assert_eq!(reduced["periods_after"], 24);
        params["mode"] = json!("shorten");
        let shortened = calc_prepay(&params).unwrap();
        assert_eq!(shortened["periods_after"], 15);
        assert_eq!(minor(&shortened, "payment_after"), yuan("5855.99"));
        assert!(minor(&shortened, "interest_saved") > minor(&reduced, "interest_saved"));
    }

    #[test]
    fn a_loan_without_interest_is_divided_evenly() {
        let result = calc_annuity(&loan("1000", "0", 3)).unwrap();
        assert_eq!(minor(&result, "payment"), yuan("333.33"));
        assert_eq!(minor(&result, "last_payment"), yuan("333.34"));
        assert_eq!(minor(&result, "total_interest"), 0);
    }

    #[test]
    fn out_of_range_parameters_are_named() {
        assert_eq!(calc_annuity(&loan("1000", "3.45", 481)), Err(CalcError::BadParam("term")));
        assert_eq!(calc_annuity(&loan("1000", "101", 12)), Err(CalcError::BadParam("rate")));
        assert_eq!(calc_annuity(&loan("1000", "-1", 12)), Err(CalcError::BadParam("rate")));
        let mut params = loan("1000", "3.45", 12);
        params["principal"]["minor"] = json!(0);
        assert_eq!(calc_annuity(&params), Err(CalcError::BadParam("principal")));
    }

    proptest! {
        #[test]
        fn every_plan_repays_exactly_the_principal(
            principal in 1i64..10_000_000_000, rate in 0u32..2400, term in 1u32..=480, equal in any::<bool>(),
        ) {
            let method = if equal { Method::EqualPrincipal } else { Method::Annuity };
            let rate = Decimal::new(i64::from(rate), 2);
            let plan = schedule(principal, rate, term, method).unwrap();
            prop_assert_eq!(plan.iter().map(|p| p.principal_minor).sum::<i64>(), principal);
            prop_assert!(plan.iter().all(|p| p.principal_minor >= 0 && p.interest_minor >= 0));
            prop_assert_eq!(plan[plan.len() - 1].balance_minor, 0);
        }

        #[test]
        fn prepaying_never_costs_interest(
            principal in 1_000_000i64..1_000_000_000, rate in 1u32..1500, term in 2u32..=360,
            at in 0u32..10_000, share in 1i64..=100, shorten in any::<bool>(),
        ) {
            let rate = Decimal::new(i64::from(rate), 2);
            let plan = schedule(principal, rate, term, Method::Annuity).unwrap();
            let paid = at as usize % plan.len();
            let balance: i64 = plan[paid..].iter().map(|p| p.principal_minor).sum();
            let prepay = balance * share / 100;
            let mode = if shorten { PrepayMode::Shorten } else { PrepayMode::Reduce };
            let after = after_prepayment(&plan, paid, prepay, rate, Method::Annuity, mode).unwrap();
            // Half a fen of rounding each period is all that may be lost.
            prop_assert!(total_interest(&after) <= total_interest(&plan[paid..]) + i64::from(term));
            prop_assert_eq!(after.iter().map(|p| p.principal_minor).sum::<i64>(), balance - prepay);
        }
    }
}
