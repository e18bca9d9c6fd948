//! Reading a calculator's parameters out of JSON, with their ranges.

use super::{CalcError, RATE_MAX_PERCENT, TERM_MAX};
use rust_decimal::Decimal;
use serde_json::Value;
use teller_kernel::Money;

pub struct Params<'a>(pub &'a Value);

impl<'a> Params<'a> {
    fn field(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A positive amount.
    pub fn money(&self, name: &'static str) -> Result<Money, CalcError> {
        self.money_opt(name)?.filter(|money| money.minor > 0).ok_or(CalcError::BadParam(name))
    }

    /// An amount of at least zero, when given.
    pub fn money_opt(&self, name: &'static str) -> Result<Option<Money>, CalcError> {
        let Some(value) = self.field(name) else { return Ok(None) };
        let money: Money = serde_json::from_value(value.clone()).map_err(|_| CalcError::BadParam(name))?;
        if (0..=teller_kernel::money::MINOR_MAX).contains(&money.minor) {
            Ok(Some(money))
        } else {
            Err(CalcError::BadParam(name))
        }
    }

    /// Decimal text (or a whole number) of at least zero.
    pub fn decimal_opt(&self, name: &'static str) -> Result<Option<Decimal>, CalcError> {
        let Some(value) = self.field(name) else { return Ok(None) };
        let parsed = match value {
            Value::String(text) => text.trim().trim_end_matches('%').parse::<Decimal>().ok(),
            Value::Number(number) => number.as_i64().map(Decimal::from),
            _ => None,
        };
        parsed.filter(|decimal| !decimal.is_sign_negative()).map(Some).ok_or(CalcError::BadParam(name))
    }

    /// A rate in percent, 0 to 100.
    pub fn rate(&self, name: &'static str) -> Result<Decimal, CalcError> {
        self.decimal_opt(name)?.filter(|rate| *rate <= Decimal::from(RATE_MAX_PERCENT)).ok_or(CalcError::BadParam(name))
    }

    pub fn count_opt(&self, name: &'static str, max: u32) -> Result<Option<u32>, CalcError> {
        let Some(value) = self.field(name) else { return Ok(None) };
        let count = match value {
            Value::String(text) => text.trim().parse::<u64>().ok(),
            other => other.as_u64(),
        };
        count
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| *count <= max)
            .map(Some)
            .ok_or(CalcError::BadParam(name))
    }

    /// A term of 1 to `TERM_MAX` months.
    pub fn term(&self, name: &'static str) -> Result<u32, CalcError> {
        self.count_opt(name, TERM_MAX)?.filter(|term| *term > 0).ok_or(CalcError::BadParam(name))
    }

    /// One of a closed list of words.
    pub fn word_opt(&self, name: &'static str, known: &[&'static str]) -> Result<Option<&'static str>, CalcError> {
        let Some(value) = self.field(name) else { return Ok(None) };
        let text = value.as_str().ok_or(CalcError::BadParam(name))?;
        known.iter().find(|word| **word == text).copied().map(Some).ok_or(CalcError::BadParam(name))
    }
}
