//! Foreign exchange at a given rate, and who pays what of a remittance.

use super::params::Params;
use super::{CalcError, to_minor};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use teller_kernel::{Currency, Money};

/// Units of foreign currency a board rate is quoted for.
const UNIT_DEFAULT: u32 = 100;
const UNIT_MAX: u32 = 100_000;

/// Yuan for foreign money, `rate` yuan for `unit` of it.
pub fn to_cny(foreign: Money, rate: Decimal, unit: u32) -> Result<i64, CalcError> {
    let major = Decimal::from(foreign.minor) / Decimal::from(foreign.currency.minor_per_major());
    to_minor(major * rate * Decimal::ONE_HUNDRED / Decimal::from(unit))
}

/// Foreign minor units for yuan.
pub fn from_cny(cny_minor: i64, rate: Decimal, unit: u32, to: Currency) -> Result<i64, CalcError> {
    let units = Decimal::from(cny_minor) * Decimal::from(unit) / Decimal::ONE_HUNDRED;
    let major = units.checked_div(rate).ok_or(CalcError::BadParam("rate"))?;
    to_minor(major * Decimal::from(to.minor_per_major()))
}

pub(super) fn calc_convert(params: &Value) -> Result<Value, CalcError> {
    let p = Params(params);
    let amount = p.money("amount")?;
    let rate = p.decimal_opt("rate")?.filter(|rate| !rate.is_zero()).ok_or(CalcError::BadParam("rate"))?;
    let unit = p
        .count_opt("unit", UNIT_MAX)?
        .or(Some(UNIT_DEFAULT))
        .filter(|unit| *unit > 0)
        .ok_or(CalcError::BadParam("unit"))?;
    let to = params.get("to").and_then(Value::as_str).and_then(|code| code.parse::<Currency>().ok());
    let to = to.ok_or(CalcError::BadParam("to"))?;
    let result = match (amount.currency == Currency::CNY, to == Currency::CNY) {
        (false, true) => to_cny(amount, rate, unit)?,
        (true, false) => from_cny(amount.minor, rate, unit, to)?,
        _ => return Err(CalcError::BadParam("to")),
    };
    Ok(json!({"amount": amount, "result": Money::new(result, to), "rate": rate.to_string(), "unit": unit}))
}

/// The fees of a remittance in yuan minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemitFee {
    pub commission_minor: i64,
    pub cable_minor: i64,
    pub our_extra_minor: i64,
    /// Paid by the sender on top.
    pub sender_minor: i64,
    /// Taken out of what is sent (BEN).
    pub deducted_minor: i64,
}

/// Commission between its least and most, the cable, and for OUR the extra.
pub fn remit_fee(
    amount_cny_minor: i64,
    rate_percent: Decimal,
    (min_minor, max_minor): (i64, i64),
    cable_minor: i64,
    our_extra_minor: i64,
    bearer: &str,
) -> Result<RemitFee, CalcError> {
    let commission = to_minor(Decimal::from(amount_cny_minor) * rate_percent / Decimal::ONE_HUNDRED)?;
    let commission_minor = commission.max(min_minor).min(max_minor);
    let our_extra_minor = if bearer == "OUR" { our_extra_minor } else { 0 };
    let all = commission_minor + cable_minor + our_extra_minor;
    let (sender_minor, deducted_minor) = if bearer == "BEN" { (0, all) } else { (all, 0) };
    Ok(RemitFee { commission_minor, cable_minor, our_extra_minor, sender_minor, deducted_minor })
}

pub(super) fn calc_remit_fee(params: &Value) -> Result<Value, CalcError> {
    let p = Params(params);
    let amount = p.money("amount_cny")?;
    let bearer = p.word_opt("bearer", &["OUR", "SHA", "BEN"])?.ok_or(CalcError::BadParam("bearer"))?;
    let minor = |name: &'static str| -> Result<i64, CalcError> {
        let money = p.money_opt(name)?.ok_or(CalcError::BadParam(name))?;
        if money.currency == Currency::CNY { Ok(money.minor) } else { Err(CalcError::BadParam(name)) }
    };
    let (min, max) = (minor("min")?, minor("max")?);
    if amount.currency != Currency::CNY || min > max {
        return Err(CalcError::BadParam("min"));
    }
    let fee = remit_fee(amount.minor, p.rate("rate")?, (min, max), minor("cable")?, minor("our_extra")?, bearer)?;
    Ok(json!({
        "commission": Money::cny(fee.commission_minor),
        "cable": Money::cny(fee.cable_minor),
        "our_extra": Money::cny(fee.our_extra_minor),
        "sender_pays": Money::cny(fee.sender_minor),
        "deducted": Money::cny(fee.deducted_minor),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpy() -> Currency {
        "JPY".parse().unwrap()
    }

    #[test]
    fn converts_both_ways_and_minds_the_yen() {
        let usd = json!({"amount": Money::new(100_000, Currency::USD), "rate": "712.35", "to": "CNY"});
        assert_eq!(calc_convert(&usd).unwrap()["result"], json!(Money::cny(712_350)));
        let yen = json!({"amount": Money::new(20_000, jpy()), "rate": "4.7150", "to": "CNY"});
        assert_eq!(calc_convert(&yen).unwrap()["result"], json!(Money::cny(94_300)));
        let back = json!({"amount": Money::cny(94_300), "rate": "4.7150", "to": "JPY"});
        assert_eq!(calc_convert(&back).unwrap()["result"], json!(Money::new(20_000, jpy())));
    }

    #[test]
    fn one_side_must_be_yuan() {
        let cross = json!({"amount": Money::new(100, Currency::USD), "rate": "1", "to": "EUR"});
        assert_eq!(calc_convert(&cross), Err(CalcError::BadParam("to")));
    }

    #[test]
    fn the_bearer_decides_who_pays() {
        let fee = |bearer| remit_fee(10_000_000, Decimal::new(8, 2), (4_000, 24_000), 8_000, 18_000, bearer).unwrap();
        assert_eq!(fee("SHA").sender_minor, 16_000);
        assert_eq!(fee("OUR").sender_minor, 34_000);
        assert_eq!((fee("BEN").sender_minor, fee("BEN").deducted_minor), (0, 16_000));
        let small = remit_fee(100_000, Decimal::new(8, 2), (4_000, 24_000), 8_000, 18_000, "SHA").unwrap();
        assert_eq!(small.commission_minor, 4_000);
    }
}
