//! Deposits: interest over whole months or days, and what an early withdrawal
//! loses.
//!
//! Whole months count as twelfths of the yearly rate, days as 360ths, which is
//! how renminbi deposits are reckoned; the withdrawn part earns the demand rate.

use super::params::Params;
use super::{CalcError, to_minor};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use teller_kernel::Money;

/// Longest span of days.
const DAYS_MAX: u32 = 36_600;

/// Interest of whole months.
pub fn interest_months(principal_minor: i64, rate_percent: Decimal, months: u32) -> Result<i64, CalcError> {
    to_minor(Decimal::from(principal_minor) * rate_percent * Decimal::from(months) / Decimal::from(1200))
}

/// Interest of days, a year being 360 of them.
pub fn interest_days(principal_minor: i64, rate_percent: Decimal, days: u32) -> Result<i64, CalcError> {
    to_minor(Decimal::from(principal_minor) * rate_percent * Decimal::from(days) / Decimal::from(36_000))
}

pub(super) fn calc_interest(params: &Value) -> Result<Value, CalcError> {
    let p = Params(params);
    let principal = p.money("principal")?;
    let rate = p.rate("rate")?;
    let interest = match p.count_opt("days", DAYS_MAX)? {
        Some(days) => interest_days(principal.minor, rate, days)?,
        None => interest_months(principal.minor, rate, p.term("term")?)?,
    };
    Ok(json!({
        "principal": principal,
        "rate": rate.to_string(),
        "interest": Money::new(interest, principal.currency),
        "total": Money::new(principal.minor + interest, principal.currency),
    }))
}

pub(super) fn calc_early_withdraw(params: &Value) -> Result<Value, CalcError> {
    let p = Params(params);
    let principal = p.money("principal")?;
    let (rate, demand_rate) = (p.rate("rate")?, p.rate("demand_rate")?);
    let term = p.term("term")?;
    let days = p.count_opt("days", DAYS_MAX)?.ok_or(CalcError::BadParam("days"))?;
    let withdraw = p.money_opt("withdraw")?.unwrap_or(principal);
    if withdraw.currency != principal.currency || withdraw.minor == 0 || withdraw.minor > principal.minor {
        return Err(CalcError::BadParam("withdraw"));
    }
    let money = |minor| Money::new(minor, principal.currency);
    let interest = interest_days(withdraw.minor, demand_rate, days)?;
    let if_kept = interest_months(withdraw.minor, rate, term)?;
    Ok(json!({
        "withdraw": withdraw,
        "interest": money(interest),
        "total": money(withdraw.minor + interest),
        "interest_if_kept": money(if_kept),
        "interest_lost": money(if_kept - interest),
        "principal_left": money(principal.minor - withdraw.minor),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_twelfths_and_days_are_three_hundred_sixtieths() {
        let year = json!({"principal": Money::cny(10_000_000), "rate": "1.10", "term": 12});
        assert_eq!(calc_interest(&year).unwrap()["interest"]["minor"], 110_000);
        let days = json!({"principal": Money::cny(10_000_000), "rate": "0.05", "days": 90});
        assert_eq!(calc_interest(&days).unwrap()["interest"]["minor"], 1_250);
    }

    #[test]
    fn an_early_withdrawal_earns_the_demand_rate_on_the_withdrawn_part() {
        let params = json!({
            "principal": Money::cny(10_000_000), "rate": "1.50", "term": 36, "days": 180,
            "demand_rate": "0.05", "withdraw": Money::cny(4_000_000),
        });
        let result = calc_early_withdraw(&params).unwrap();
        assert_eq!(result["interest"]["minor"], 1_000);
        assert_eq!(result["interest_if_kept"]["minor"], 180_000);
        assert_eq!(result["interest_lost"]["minor"], 179_000);
        assert_eq!(result["principal_left"]["minor"], 6_000_000);
    }

    #[test]
    fn more_than_there_is_cannot_be_withdrawn() {
        let params = json!({
            "principal": Money::cny(100), "rate": "1", "term": 12, "days": 1, "demand_rate": "0.05",
            "withdraw": Money::cny(101),
        });
        assert_eq!(calc_early_withdraw(&params), Err(CalcError::BadParam("withdraw")));
    }
}
