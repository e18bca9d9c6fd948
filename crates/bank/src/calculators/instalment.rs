//! The true yearly rate of paying in instalments.
//!
//! The fee is charged on the whole amount each period although less and less
//! of it is owed, so the yearly rate is about twice the sum of the fees. It is
//! the internal rate of return of the cash flow, found by bisection; shown
//! both simple (times twelve) and effective (compounded).

use super::params::Params;
use super::{CalcError, percent_text, power, to_minor};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use teller_kernel::Money;

/// Most periods of an instalment plan.
const PERIODS_MAX: u32 = 60;
/// Halvings of the interval [0, 1]; leaves less than 1e-18.
const BISECTIONS: u32 = 60;

/// The monthly rate at which `payments` are worth `received`; zero when they
/// sum up to no more than that.
pub fn monthly_irr(received: Decimal, payments: &[Decimal]) -> Result<Decimal, CalcError> {
    let worth = |rate: Decimal| -> Result<Decimal, CalcError> {
        // Horner from the last payment: no high powers.
        payments.iter().rev().try_fold(Decimal::ZERO, |rest, payment| {
            (rest + payment).checked_div(Decimal::ONE + rate).ok_or(CalcError::OutOfRange)
        })
    };
    let (mut low, mut high) = (Decimal::ZERO, Decimal::ONE);
    if worth(low)? <= received {
        return Ok(Decimal::ZERO);
    }
    for _ in 0..BISECTIONS {
        let middle = (low + high) / Decimal::TWO;
        if worth(middle)? > received {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// Percent a year: (simple, effective).
pub fn yearly_percent(monthly: Decimal) -> Result<(Decimal, Decimal), CalcError> {
    let hundred = Decimal::ONE_HUNDRED;
    let effective = (power(Decimal::ONE + monthly, 12)? - Decimal::ONE) * hundred;
    Ok((monthly * Decimal::from(12) * hundred, effective))
}

pub(super) fn calc_apr(params: &Value) -> Result<Value, CalcError> {
    let p = Params(params);
    let principal = p.money("principal")?;
    let periods =
        p.count_opt("periods", PERIODS_MAX)?.filter(|periods| *periods > 0).ok_or(CalcError::BadParam("periods"))?;
    let upfront = p.money_opt("upfront_fee")?;
    let fee_rate = p.decimal_opt("fee_rate")?;
    if upfront.is_none() && fee_rate.is_none() {
        return Err(CalcError::BadParam("fee_rate"));
    }
    if upfront.is_some_and(|fee| fee.currency != principal.currency || fee.minor >= principal.minor) {
        return Err(CalcError::BadParam("upfront_fee"));
    }
    let upfront_minor = upfront.map_or(0, |fee| fee.minor);
    let fee_rate = fee_rate.unwrap_or_default();
    if fee_rate > Decimal::ONE_HUNDRED {
        return Err(CalcError::BadParam("fee_rate"));
    }
    let fee = to_minor(Decimal::from(principal.minor) * fee_rate / Decimal::ONE_HUNDRED)?;
    let share = principal.minor / i64::from(periods);
    let payments = plan(principal.minor, periods, fee);
    let decimals: Vec<Decimal> = payments.iter().copied().map(Decimal::from).collect();
    let monthly = monthly_irr(Decimal::from(principal.minor - upfront_minor), &decimals)?;
    let (simple, effective) = yearly_percent(monthly)?;
    let money = |minor| Money::new(minor, principal.currency);
    let fees = fee * i64::from(periods) + upfront_minor;
    Ok(json!({
        "principal": principal,
        "periods": periods,
        "fee_per_period": money(fee),
        "fee_total": money(fees),
        "payment": money(share + fee),
        "total": money(principal.minor + fees),
        "monthly_rate": (monthly * Decimal::ONE_HUNDRED).round_dp(4).to_string(),
        "apr_simple": percent_text(simple),
        "apr_effective": percent_text(effective),
    }))
}

/// Equal shares of the principal, the first taking the fen that do not divide.
pub fn plan(principal_minor: i64, periods: u32, fee_minor: i64) -> Vec<i64> {
    let share = principal_minor / i64::from(periods);
    let rest = principal_minor - share * i64::from(periods);
    (0..periods).map(|at| share + fee_minor + if at == 0 { rest } else { 0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_digits(value: Decimal) -> String {
        format!("{:.3}", value.round_dp(3))
    }

    fn yearly(received: i64, payments: &[i64]) -> (String, String, String) {
        let payments: Vec<Decimal> = payments.iter().copied().map(Decimal::from).collect();
        let monthly = monthly_irr(Decimal::from(received), &payments).unwrap();
        let (simple, effective) = yearly_percent(monthly).unwrap();
        (format!("{:.4}", (monthly * Decimal::ONE_HUNDRED).round_dp(4)), three_digits(simple), three_digits(effective))
    }

    #[test]
    fn irr_vectors() {
        assert_eq!(yearly(1_200_000, &[107_200; 12]), ("1.0862".into(), "13.034".into(), "13.842".into()));
        let (_, simple, effective) = yearly(1_200_000 - 60_000, &[100_000; 12]);
        assert_eq!((simple.as_str(), effective.as_str()), ("9.577", "10.009"));
    }

    #[test]
    fn the_named_calculator_gives_both_yearly_rates() {
        let result = calc_apr(&json!({"principal": Money::cny(1_200_000), "periods": 12, "fee_rate": "0.6"})).unwrap();
        assert_eq!(result["apr_simple"], "13.03");
        assert_eq!(result["apr_effective"], "13.84");
        assert_eq!(result["payment"]["minor"], 107_200);
        let upfront = json!({"principal": Money::cny(1_200_000), "periods": 12, "upfront_fee": Money::cny(60_000)});
        let result = calc_apr(&upfront).unwrap();
        assert_eq!((&result["apr_simple"], &result["apr_effective"]), (&json!("9.58"), &json!("10.01")));
    }

    #[test]
    fn without_a_fee_the_rate_is_zero() {
        let result = calc_apr(&json!({"principal": Money::cny(1_000), "periods": 3, "fee_rate": "0"})).unwrap();
        assert_eq!(result["apr_simple"], "0.00");
        assert_eq!(plan(1_000, 3, 0), [334, 333, 333]);
    }
}
