//! Money: an integer count of minor units and a currency. Never a float.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code. The exponent (digits after the point) is part of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "CNY")]
pub struct Currency([u8; 3]);

/// Currencies of the house, with ISO 4217 exponents.
const KNOWN: &[(&[u8; 3], u32)] = &[
    (b"CNY", 2),
    (b"USD", 2),
    (b"EUR", 2),
    (b"GBP", 2),
    (b"HKD", 2),
    (b"JPY", 0),
    (b"AUD", 2),
    (b"CAD", 2),
    (b"CHF", 2),
    (b"SGD", 2),
    (b"NZD", 2),
    (b"THB", 2),
    (b"KRW", 0),
    (b"MOP", 2),
];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("unknown currency")]
    UnknownCurrency,
    #[error("not an amount")]
    NotAnAmount,
    #[error("more digits after the point than the currency has")]
    TooFine,
    #[error("amount out of range")]
    OutOfRange,
    #[error("amounts of different currencies")]
    CurrencyMismatch,
}

impl Currency {
    pub const CNY: Self = Self(*b"CNY");
    pub const USD: Self = Self(*b"USD");

    pub fn code(&self) -> &str {
        // Only codes out of KNOWN are ever stored, and those are ASCII.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Digits after the decimal point: 2 for yuan, 0 for yen.
    pub fn exponent(&self) -> u32 {
        KNOWN.iter().find(|(code, _)| **code == self.0).map_or(2, |(_, exponent)| *exponent)
    }

    /// Minor units in one major unit: 100 for yuan, 1 for yen.
    pub fn minor_per_major(&self) -> i64 {
        10i64.pow(self.exponent())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let upper = code.to_ascii_uppercase();
        KNOWN
            .iter()
            .find(|(known, _)| known.as_slice() == upper.as_bytes())
            .map(|(known, _)| Self(**known))
            .ok_or(MoneyError::UnknownCurrency)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        code.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount. `minor` is fen for yuan, cents for dollars, yen for yen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Largest amount any input may carry: 10^14 minor units (a trillion yuan).
pub const MINOR_MAX: i64 = 100_000_000_000_000;

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub fn cny(minor: i64) -> Self {
        Self::new(minor, Currency::CNY)
    }

    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        op(self.minor, other.minor)
            .filter(|minor| minor.abs() <= MINOR_MAX)
            .map(|minor| Self::new(minor, self.currency))
            .ok_or(MoneyError::OutOfRange)
    }

    /// Plain decimal text without grouping: `3200.00`. The form of contracts and files.
    pub fn to_decimal_string(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (major, fraction) = digits.split_at(digits.len() - exponent);
        if exponent == 0 { format!("{sign}{major}") } else { format!("{sign}{major}.{fraction}") }
    }

    /// Reads plain decimal text (`3200`, `3200.5`, `-0.01`). Grouping and
    /// spelled amounts are the understanding room's business.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (major, fraction) = body.split_once('.').unwrap_or((body, ""));
        let digits_only = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if major.is_empty() || !digits_only(major) || !digits_only(fraction) || body.ends_with('.') {
            return Err(MoneyError::NotAnAmount);
        }
        let exponent = currency.exponent() as usize;
        if fraction.trim_end_matches('0').len() > exponent {
            return Err(MoneyError::TooFine);
        }
        let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(exponent).collect();
        let minor: i64 = format!("{major}{fraction}").parse().map_err(|_| MoneyError::OutOfRange)?;
        if minor > MINOR_MAX {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }
}

impl fmt::Display for Money {
    /// Grouped for people: `¥3,200.00`, `USD 1,000.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = Self::new(self.minor.abs(), self.currency).to_decimal_string();
        let (major, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut grouped = String::new();
        for (at, digit) in major.chars().enumerate() {
            if at > 0 && (major.len() - at) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        if self.currency == Currency::CNY {
            write!(f, "{sign}¥{grouped}{point}{fraction}")
        } else {
            write!(f, "{} {sign}{grouped}{point}{fraction}", self.currency)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn yen_has_no_minor_unit() {
        let jpy: Currency = "JPY".parse().unwrap();
        assert_eq!(Money::parse_decimal("20000", jpy), Ok(Money::new(20_000, jpy)));
        assert_eq!(Money::parse_decimal("0.5", jpy), Err(MoneyError::TooFine));
        assert_eq!(Money::new(20_000, jpy).to_string(), "JPY 20,000");
    }

    #[test]
    fn people_read_grouped_yuan() {
        assert_eq!(Money::cny(320_000).to_string(), "¥3,200.00");
        assert_eq!(Money::cny(-5).to_string(), "-¥0.05");
        assert_eq!(Money::cny(123_456_789).to_string(), "¥1,234,567.89");
    }

    proptest! {
        #[test]
        fn decimal_text_round_trips(minor in -MINOR_MAX..=MINOR_MAX) {
            let money = Money::cny(minor);
            prop_assert_eq!(Money::parse_decimal(&money.to_decimal_string(), Currency::CNY), Ok(money));
        }

        #[test]
        fn parse_never_panics(text in ".{0,40}") {
            let _ = Money::parse_decimal(&text, Currency::CNY);
        }
    }
}
