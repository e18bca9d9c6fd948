//! The bank's terms out of `bank.yaml`: fees, limits, rates, branches.
//!
//! Amounts and rates are decimal text in the file and checked when it is read;
//! nothing here is a number of this program's own.

use crate::money::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Decimal text of yuan, as minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Yuan(pub i64);

impl TryFrom<String> for Yuan {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Money::parse(&text, Currency::Cny)
            .map(|money| Self(money.minor))
            .ok_or_else(|| format!("not an amount: {text}"))
    }
}

/// `HH:MM`, as minutes of the day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HourMinute {
    pub minutes: i64,
    pub text: String,
}

impl TryFrom<String> for HourMinute {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("not a time of day: {text}");
        let (hour, minute) = text.split_once(':').ok_or_else(bad)?;
        let (hour, minute): (i64, i64) = (hour.parse().map_err(|_| bad())?, minute.parse().map_err(|_| bad())?);
        if (0..24).contains(&hour) && (0..60).contains(&minute) {
            Ok(Self { minutes: hour * 60 + minute, text })
        } else {
            Err(bad())
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub business_date: Date,
    pub history_months: i64,
    pub own: OwnBank,
    pub order_ttl_s: i64,
    pub transfer: Transfer,
    pub account_class: BTreeMap<String, ClassLimit>,
    pub card: Card,
    pub credit: Credit,
    pub deposit: Deposit,
    pub loan: Loan,
    pub fx: Fx,
    pub remit: Remit,
    pub service: Service,
    pub holidays: BTreeSet<Date>,
    pub workdays: BTreeSet<Date>,
    pub banks: Vec<OtherBank>,
    pub external_accounts: Vec<ExternalAccount>,
    pub spending: BTreeMap<String, Vec<(String, String, i64, i64)>>,
    pub branches: Vec<Branch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnBank {
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub bic: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub channels: BTreeMap<String, Channel>,
    pub realtime_max: Yuan,
    pub new_payee_first_day: Yuan,
    pub similar_minutes: i64,
    pub next_day_hour: i8,
    pub schedule_times_max: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    pub single: Yuan,
    pub daily: Yuan,
    pub monthly: Yuan,
    pub max_single: Yuan,
    pub max_daily: Yuan,
    pub max_monthly: Yuan,
    pub fee_inbank: Yuan,
    pub fee_interbank: Yuan,
    #[serde(default)]
    pub inbank_only: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassLimit {
    pub daily: Yuan,
    pub yearly: Yuan,
    pub balance: Option<Yuan>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    pub replace_fee: Yuan,
    pub replace_fee_expiry: Yuan,
    pub replace_fee_credit: Yuan,
    pub mail_days: i64,
    pub loss_days: i64,
    pub valid_years: i64,
    pub valid_years_credit: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    pub due_after_days: i64,
    pub min_pay_percent: Decimal,
    pub cash_share_percent: Decimal,
    pub instalment_min: Yuan,
    pub instalment_fees: BTreeMap<u32, Decimal>,
    pub points_per_cash: i64,
    pub points_per_mile: i64,
    pub dispute_days: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    pub demand_rate: Decimal,
    pub min_remain: Yuan,
    pub partial_max: i64,
    pub products: Vec<DepositProduct>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepositProduct {
    pub product: String,
    pub name: String,
    pub name_en: String,
    pub currency: Currency,
    pub min: Yuan,
    pub step: Yuan,
    pub rates: BTreeMap<u32, Decimal>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loan {
    pub products: BTreeMap<String, LoanProduct>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanProduct {
    pub name: String,
    pub name_en: String,
    /// Percent of the prepaid principal.
    pub penalty: Decimal,
    pub penalty_early: Decimal,
    /// Instalments before which the early penalty holds.
    pub penalty_within: i64,
    pub prepay_min: Yuan,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fx {
    pub open: HourMinute,
    pub close: HourMinute,
    pub quote_valid_s: i64,
    pub annual_quota_usd: Yuan,
    pub unit: u32,
    pub board: Vec<FxRate>,
}

/// Board rates are yuan for `unit` of the currency.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FxRate {
    pub currency: Currency,
    pub name: String,
    pub name_en: String,
    pub buy_spot: Decimal,
    pub sell_spot: Decimal,
    pub buy_cash: Decimal,
    pub sell_cash: Decimal,
    pub mid: Decimal,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remit {
    pub fee_percent: Decimal,
    pub fee_min: Yuan,
    pub fee_max: Yuan,
    pub cable: Yuan,
    pub our_extra: Yuan,
    pub daily_max_usd: Yuan,
    pub arrives: String,
    pub not_served: Vec<String>,
    pub iban_countries: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub complaint_days: i64,
    pub sms_fee: Yuan,
    pub sms_free_over: Yuan,
    pub certificate_fee: Yuan,
    pub range_years: i64,
    pub appointment_days_ahead: i64,
    pub appointment_times: Vec<String>,
    pub appointment_capacity: i64,
    pub callback_open: HourMinute,
    pub callback_close: HourMinute,
    pub recall_days: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherBank {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub also: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalAccount {
    pub bank: String,
    pub number: String,
    pub name: String,
    #[serde(default)]
    pub closed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub city: String,
    pub district: String,
    pub address: String,
    pub services: Vec<String>,
    pub weekday: String,
    pub weekend: String,
    pub corporate: Option<String>,
    pub clearing_no: String,
    pub phone: String,
}

impl Config {
    /// Does the bank settle on that day?
    pub fn is_working_day(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
        if weekend { self.workdays.contains(&date) } else { !self.holidays.contains(&date) }
    }

    /// The first working day after that date.
    pub fn next_working_day(&self, date: Date) -> Date {
        let mut day = crate::time::plus_days(date, 1);
        // Longer than any run of holidays in a calendar.
        for _ in 0..60 {
            if self.is_working_day(day) {
                break;
            }
            day = crate::time::plus_days(day, 1);
        }
        day
    }

    /// The date `count` working days later.
    pub fn plus_working_days(&self, date: Date, count: i64) -> Date {
        (0..count).fold(date, |day, _| self.next_working_day(day))
    }

    pub fn branch(&self, id: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.id == id)
    }

    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.transfer.channels.get(name)
    }

    /// Finds a bank by id, full name or a name people use: (id, name).
    pub fn bank(&self, text: &str) -> Option<(&str, &str)> {
        let own = &self.own;
        if text.eq_ignore_ascii_case(&own.code)
            || text == own.name
            || text.eq_ignore_ascii_case(&own.name_en)
            || text == "本行"
        {
            return Some((&own.code, &own.name));
        }
        self.banks
            .iter()
            .find(|bank| {
                text.eq_ignore_ascii_case(&bank.id)
                    || text == bank.name
                    || text.eq_ignore_ascii_case(&bank.name_en)
                    || bank.also.iter().any(|also| also == text)
            })
            .map(|bank| (bank.id.as_str(), bank.name.as_str()))
    }

    pub fn deposit_product(&self, product: &str, currency: Currency) -> Option<&DepositProduct> {
        self.deposit.products.iter().find(|p| p.product == product && p.currency == currency)
    }
}
