//! Calculators: pure sums over money and rates, by name for the flow language.
//!
//! Invariants: integer minor units in and out, decimals in between, half-up
//! rounding of interest to the minor unit each period, the last period clears
//! the balance. No clock, no chance, no product facts: rates come in.
//!
//! Formulas: annuity `A = P·i(1+i)^n / ((1+i)^n − 1)` with `i` = yearly rate
//! / 12; equal principal `P/n` plus interest on the balance; yearly rate of an
//! instalment by the internal rate of return of its cash flow.

pub mod deposit;
pub mod fx;
pub mod instalment;
pub mod loan;
mod params;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

/// Longest term in months.
pub const TERM_MAX: u32 = 480;
/// Highest yearly rate in percent.
pub const RATE_MAX_PERCENT: u32 = 100;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalcError {
    #[error("no such calculator: {0}")]
    Unknown(String),
    #[error("parameter {0} is missing, malformed or out of range")]
    BadParam(&'static str),
    #[error("the result is out of range")]
    OutOfRange,
}

impl CalcError {
    /// The code a flow sees.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "UNKNOWN_CALCULATOR",
            Self::BadParam(_) => "BAD_PARAM",
            Self::OutOfRange => "OUT_OF_RANGE",
        }
    }
}

type Calculator = fn(&Value) -> Result<Value, CalcError>;

/// Every calculator, by name.
pub const CALCULATORS: &[(&str, Calculator)] = &[
    ("loan_annuity", loan::calc_annuity),
    ("loan_equal_principal", loan::calc_equal_principal),
    ("loan_compare", loan::calc_compare),
    ("loan_prepay", loan::calc_prepay),
    ("deposit_interest", deposit::calc_interest),
    ("early_withdraw_interest", deposit::calc_early_withdraw),
    ("instalment_apr", instalment::calc_apr),
    ("fx_convert", fx::calc_convert),
    ("remit_fee", fx::calc_remit_fee),
];

/// Runs the calculator of that name; see `OPERATIONS.md` for its parameters.
pub fn calculate(name: &str, params: &Value) -> Result<Value, CalcError> {
    let (_, calculator) =
        CALCULATORS.iter().find(|(known, _)| *known == name).ok_or_else(|| CalcError::Unknown(name.to_owned()))?;
    calculator(params)
}

/// Half-up (away from zero) to whole minor units.
pub(crate) fn to_minor(amount: Decimal) -> Result<i64, CalcError> {
    let rounded = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(rounded)
        .ok()
        .filter(|minor| minor.abs() <= teller_kernel::money::MINOR_MAX)
        .ok_or(CalcError::OutOfRange)
}

/// `base` to a whole power, by squaring.
pub(crate) fn power(base: Decimal, mut exponent: u32) -> Result<Decimal, CalcError> {
    let (mut result, mut square) = (Decimal::ONE, base);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result.checked_mul(square).ok_or(CalcError::OutOfRange)?;
        }
        exponent /= 2;
        if exponent > 0 {
            square = square.checked_mul(square).ok_or(CalcError::OutOfRange)?;
        }
    }
    Ok(result)
}

/// Percent text with two digits: `13.03`.
pub(crate) fn percent_text(percent: Decimal) -> String {
    format!("{:.2}", percent.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_page_lists_exactly_the_calculators() {
        let page = include_str!("../../OPERATIONS.md").split("## Calculators\n").nth(1).unwrap();
        let listed: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .map(|rest| rest.split('`').next().unwrap())
            .collect();
        assert_eq!(listed, CALCULATORS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn an_unknown_name_and_missing_parameters_are_refused() {
        assert_eq!(calculate("astrology", &json!({})), Err(CalcError::Unknown("astrology".into())));
        for (name, _) in CALCULATORS {
            let refused = calculate(name, &json!({}));
            assert!(matches!(refused, Err(CalcError::BadParam(_))), "{name}: {refused:?}");
        }
    }
}
