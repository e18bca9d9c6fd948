//! Money of the sandbox: integer minor units and a currency.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Currencies the sandbox keeps books in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema, Default,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    #[default]
    Cny,
    Usd,
    Eur,
    Gbp,
    Hkd,
    Jpy,
    Aud,
    Cad,
    Chf,
    Sgd,
    Thb,
    Nzd,
    Krw,
    Mop,
}

impl Currency {
    pub const ALL: [Self; 14] = [
        Self::Cny,
        Self::Usd,
        Self::Eur,
        Self::Gbp,
        Self::Hkd,
        Self::Jpy,
        Self::Aud,
        Self::Cad,
        Self::Chf,
        Self::Sgd,
        Self::Thb,
        Self::Nzd,
        Self::Krw,
        Self::Mop,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Hkd => "HKD",
            Self::Jpy => "JPY",
            Self::Aud => "AUD",
            Self::Cad => "CAD",
            Self::Chf => "CHF",
            Self::Sgd => "SGD",
            Self::Thb => "THB",
            Self::Nzd => "NZD",
            Self::Krw => "KRW",
            Self::Mop => "MOP",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code().eq_ignore_ascii_case(code))
    }

    /// Digits after the point (ISO 4217).
    pub fn exponent(self) -> u32 {
        match self {
            Self::Jpy | Self::Krw => 0,
            _ => 2,
        }
    }

    /// Minor units in one major unit.
    pub fn per_major(self) -> i64 {
        10i64.pow(self.exponent())
    }
}

/// Largest amount the sandbox takes: 10^14 minor units.
pub const MINOR_MAX: i64 = 100_000_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub fn cny(minor: i64) -> Self {
        Self::new(minor, Currency::Cny)
    }

    /// Plain decimal text: `3200.00`.
    pub fn decimal(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (major, fraction) = digits.split_at(digits.len() - exponent);
        if exponent == 0 { format!("{sign}{major}") } else { format!("{sign}{major}.{fraction}") }
    }

    /// Reads plain decimal text of the seed.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let decimal: Decimal = text.parse().ok()?;
        let minor = i64::try_from(decimal.checked_mul(Decimal::from(currency.per_major()))?.normalize());
        // A fraction of a minor unit is a mistake in the seed, not something to round.
        let exact = decimal * Decimal::from(currency.per_major());
        (exact.fract().is_zero()).then_some(())?;
        minor.ok().filter(|minor| minor.abs() <= MINOR_MAX).map(|minor| Self::new(minor, currency))
    }
}

/// Rounds half-up to whole minor units; saturates far outside any real amount.
pub fn round_minor(amount: Decimal) -> i64 {
    let rounded = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(rounded).unwrap_or(if rounded.is_sign_negative() { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_and_back() {
        assert_eq!(Money::parse("25310.42", Currency::Cny), Some(Money::cny(2_531_042)));
        assert_eq!(Money::cny(-5).decimal(), "-0.05");
        assert_eq!(Money::new(20_000, Currency::Jpy).decimal(), "20000");
        assert_eq!(Money::parse("1.234", Currency::Cny), None);
        assert_eq!(Money::parse("0.5", Currency::Jpy), None);
    }
}
