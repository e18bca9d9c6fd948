//! Money: an integer count of minor units and a currency. Never a float.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code. The exponent (digits after the point) is part of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "CNY")]
pub struct Currency([u8; 3]);

/// The currencies that there are, by digits after the point: ISO 4217, list one
/// (currencies in use), column "minor unit". Which of them a bank deals in is the
/// bank's business; an amount is read in the currency that was said, dealt in or not.
const KNOWN: &[(u32, &str)] = &[
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
     CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
     HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
     MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB \
     SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH \
     USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    ),
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
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

/// Each code with its digits after the point.
fn known() -> impl Iterator<Item = (&'static str, u32)> {
    KNOWN.iter().flat_map(|(exponent, codes)| codes.split_ascii_whitespace().map(move |code| (code, *exponent)))
}

impl Currency {
    pub const CNY: Self = Self(*b"CNY");
    pub const USD: Self = Self(*b"USD");

    pub fn code(&self) -> &str {
        // Only codes out of KNOWN are ever stored, and those are ASCII.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Every currency in use.
    pub fn all() -> impl Iterator<Item = Self> {
        known().filter_map(|(code, _)| code.as_bytes().try_into().ok().map(Self))
    }

    /// Digits after the decimal point: 2 for yuan, 0 for yen.
    pub fn exponent(&self) -> u32 {
        known().find(|(code, _)| code.as_bytes() == self.0).map_or(2, |(_, exponent)| exponent)
    }

    /// Minor units in one major unit: 100 for yuan, 1 for yen.
    pub fn minor_per_major(&self) -> i64 {
        10i64.pow(self.exponent())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let found = known().find(|(known, _)| known.eq_ignore_ascii_case(code));
        found.and_then(|(known, _)| known.as_bytes().try_into().ok().map(Self)).ok_or(MoneyError::UnknownCurrency)
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

    #[test]
    fn minor_units_are_those_of_iso_4217() {
        for (code, exponent) in
            [("CNY", 2), ("TWD", 2), ("IDR", 2), ("VND", 0), ("KRW", 0), ("ISK", 0), ("XOF", 0), ("KWD", 3), ("TND", 3)]
        {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), exponent, "{code}");
        }
        for code in ["", "XX", "BTC", "CNYY", "人民币"] {
            assert_eq!(code.parse::<Currency>(), Err(MoneyError::UnknownCurrency), "{code}");
        }
        let all: Vec<String> = Currency::all().map(|one| one.to_string()).collect();
        assert!(all.iter().all(|code| code.len() == 3 && code.parse::<Currency>().is_ok_and(|c| c.code() == code)));
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len(), "no code twice");
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
