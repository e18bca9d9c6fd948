//! Foreign exchange at the board rate, within the yearly quota.
//!
//! A quote stands for a few seconds. Confirmed later, an order is still booked
//! at the values confirmed unless the rate has moved against the customer.

use super::operation::{Done, Draft};
use super::row::OrderRow;
use super::transfer::check_unrestricted;
use crate::config::Config;
use crate::error::{Code, Fail, bad_param, not_found, refuse, refuse_with};
use crate::ledger::{Entry, check_available, codes, post};
use crate::model::{self, AccountRow, tail};
use crate::money::{Currency, Money, round_minor};
use crate::store::{Conn, Cx, next_id, stored_rate};
use crate::time::local;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The customer buys foreign currency.
    Buy,
    Sell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Travel,
    Study,
    Family,
    Medical,
    Training,
    BusinessTrip,
    Other,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RateRow {
    pub currency: String,
    pub name: String,
    pub name_en: String,
    pub buy_spot: String,
    pub sell_spot: String,
    pub buy_cash: String,
    pub sell_cash: String,
    pub mid: String,
    pub at_ms: i64,
}

pub async fn rate_row(conn: &mut Conn, currency: Currency) -> Result<RateRow, Fail> {
    sqlx::query_as("SELECT * FROM fx_rates WHERE currency = ?")
        .bind(currency.code())
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| not_found("currency"))
}

/// Yuan for an amount at a board rate.
pub fn to_cny(bank: &Config, amount: Money, rate: Decimal) -> i64 {
    let major = Decimal::from(amount.minor) / Decimal::from(amount.currency.per_major());
    round_minor(major * rate * Decimal::ONE_HUNDRED / Decimal::from(bank.fx.unit))
}

/// Foreign minor units for yuan at a board rate.
pub fn from_cny(bank: &Config, cny_minor: i64, currency: Currency, rate: Decimal) -> i64 {
    let major = Decimal::from(cny_minor) * Decimal::from(bank.fx.unit) / Decimal::ONE_HUNDRED / rate;
    round_minor(major * Decimal::from(currency.per_major()))
}

/// Worth in US dollars, by the middle rates.
pub async fn usd_equivalent(cx: &mut Cx<'_>, amount: Money) -> Result<Money, Fail> {
    if amount.currency == Currency::Usd {
        return Ok(amount);
    }
    let mid = stored_rate(&rate_row(cx.conn, amount.currency).await?.mid)?;
    let usd_mid = stored_rate(&rate_row(cx.conn, Currency::Usd).await?.mid)?;
    Ok(Money::new(from_cny(cx.bank, to_cny(cx.bank, amount, mid), Currency::Usd, usd_mid), Currency::Usd))
}

/// What was bought and sold this year, in US dollars.
pub async fn usage(cx: &mut Cx<'_>, customer: &str) -> Result<(i64, i64), Fail> {
    let used: Option<(i64, i64)> =
        sqlx::query_as("SELECT bought_minor, sold_minor FROM fx_usage WHERE customer = ? AND year = ?")
            .bind(customer)
            .bind(i64::from(cx.today.year()))
            .fetch_optional(&mut *cx.conn)
            .await?;
    Ok(used.unwrap_or((0, 0)))
}

/// One exchange at today's rate.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FxQuote {
    pub side: Side,
    pub amount: Money,
    pub rate: String,
    pub unit: u32,
    pub cny: Money,
    pub usd_equivalent: Money,
    pub valid_s: i64,
    pub expires_at_ms: i64,
    pub quota_left: Money,
    pub refusal: Option<Code>,
}

pub async fn quote(cx: &mut Cx<'_>, customer: &str, side: Side, amount: Money) -> Result<FxQuote, Fail> {
    if amount.currency == Currency::Cny || amount.minor <= 0 || amount.minor > crate::money::MINOR_MAX {
        return Err(bad_param("amount"));
    }
    let row = rate_row(cx.conn, amount.currency).await?;
    let rate = stored_rate(if side == Side::Buy { &row.sell_spot } else { &row.buy_spot })?;
    let usd = usd_equivalent(cx, amount).await?;
    let (bought, sold) = usage(cx, customer).await?;
    let used = if side == Side::Buy { bought } else { sold };
    let left = (cx.bank.fx.annual_quota_usd.0 - used).max(0);
    let refusal = if usd.minor > left {
        Some(Code::LimitYearly)
    } else if !is_open(cx) {
        Some(Code::OutOfHours)
    } else {
        None
    };
    Ok(FxQuote {
        side,
        amount,
        rate: rate.to_string(),
        unit: cx.bank.fx.unit,
        cny: Money::cny(to_cny(cx.bank, amount, rate)),
        usd_equivalent: usd,
        valid_s: cx.bank.fx.quote_valid_s,
        expires_at_ms: cx.now_ms + cx.bank.fx.quote_valid_s * 1_000,
        quota_left: Money::new(left, Currency::Usd),
        refusal,
    })
}

fn is_open(cx: &Cx<'_>) -> bool {
    let now = local(cx.now_ms).time();
    let minute = i64::from(now.hour()) * 60 + i64::from(now.minute());
    cx.always_open || (cx.bank.fx.open.minutes..cx.bank.fx.close.minutes).contains(&minute)
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FxBuyParams {
    pub amount: Money,
    pub from_account: String,
    pub purpose: Purpose,
    pub to_account: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FxSellParams {
    pub amount: Money,
    pub from_account: String,
    pub to_account: Option<String>,
    pub purpose: Option<Purpose>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FxValues {
    pub from_account: String,
    pub from_tail: String,
    /// None: an account in this currency is opened for it.
    pub to_account: Option<String>,
    pub amount: Money,
    pub rate: String,
    pub unit: u32,
    pub cny: Money,
    pub purpose: Option<Purpose>,
    pub usd_equivalent: Money,
    pub quota_left_after: Money,
    pub quote_expires_at_ms: i64,
}

async fn prepare(
    cx: &mut Cx<'_>,
    customer: &str,
    side: Side,
    amount: Money,
    (from, to): (&str, Option<&str>),
    purpose: Option<Purpose>,
) -> Result<Draft, Fail> {
    let quote = quote(cx, customer, side, amount).await?;
    let (pays, gets) = match side {
        Side::Buy => (quote.cny, amount),
        Side::Sell => (amount, quote.cny),
    };
    let from = model::account(cx.conn, customer, from, "from_account").await?;
    if from.currency() != pays.currency {
        return Err(bad_param("from_account"));
    }
    let to = match to {
        Some(text) => Some(model::account(cx.conn, customer, text, "to_account").await?),
        None => account_in(cx, customer, gets.currency).await?,
    };
    if to.as_ref().is_some_and(|to| to.currency() != gets.currency) {
        return Err(bad_param("to_account"));
    }
    check_unrestricted(cx, &from).await?;
    match quote.refusal {
        Some(Code::LimitYearly) => {
            let (total, left) = (cx.bank.fx.annual_quota_usd.0, quote.quota_left);
            return Err(refuse_with(
                Code::LimitYearly,
                json!({
                    "scope": "fx_quota",
                    "limit": Money::new(total, Currency::Usd),
                    "used": Money::new(total - left.minor, Currency::Usd),
                    "left": left,
                }),
            ));
        }
        Some(_) => {
            let hours = format!("{}-{}", cx.bank.fx.open.text, cx.bank.fx.close.text);
            return Err(refuse_with(Code::OutOfHours, json!({"hours": hours})));
        }
        None => {}
    }
    check_available(from.available(), pays.minor)?;
    Ok(Draft {
        from_account: Some(from.id.clone()),
        amount: Some(amount),
        ..Draft::new(FxValues {
            from_account: from.id.clone(),
            from_tail: tail(&from.number),
            to_account: to.map(|to| to.id),
            amount,
            rate: quote.rate,
            unit: quote.unit,
            cny: quote.cny,
            purpose,
            usd_equivalent: quote.usd_equivalent,
            quota_left_after: Money::new(quote.quota_left.minor - quote.usd_equivalent.minor, Currency::Usd),
            quote_expires_at_ms: quote.expires_at_ms,
        })?
    })
}

pub async fn prepare_buy(cx: &mut Cx<'_>, customer: &str, p: FxBuyParams) -> Result<Draft, Fail> {
    prepare(cx, customer, Side::Buy, p.amount, (&p.from_account, p.to_account.as_deref()), Some(p.purpose)).await
}

pub async fn prepare_sell(cx: &mut Cx<'_>, customer: &str, p: FxSellParams) -> Result<Draft, Fail> {
    prepare(cx, customer, Side::Sell, p.amount, (&p.from_account, p.to_account.as_deref()), p.purpose).await
}

async fn account_in(cx: &mut Cx<'_>, customer: &str, currency: Currency) -> Result<Option<AccountRow>, Fail> {
    Ok(sqlx::query_as("SELECT * FROM accounts WHERE customer = ? AND currency = ? ORDER BY id LIMIT 1")
        .bind(customer)
        .bind(currency.code())
        .fetch_optional(&mut *cx.conn)
        .await?)
}

/// Refuses a stale quote whose rate has moved against the customer.
async fn check_quote(cx: &mut Cx<'_>, side: Side, v: &FxValues) -> Result<(), Fail> {
    if cx.now_ms <= v.quote_expires_at_ms {
        return Ok(());
    }
    let row = rate_row(cx.conn, v.amount.currency).await?;
    let rate = stored_rate(if side == Side::Buy { &row.sell_spot } else { &row.buy_spot })?;
    let now = to_cny(cx.bank, v.amount, rate);
    let worse = if side == Side::Buy { now > v.cny.minor } else { now < v.cny.minor };
    if worse { Err(refuse(Code::QuoteExpired)) } else { Ok(()) }
}

/// Opens the account the currency goes to.
async fn open_account(cx: &mut Cx<'_>, customer: &str, currency: Currency) -> Result<String, Fail> {
    let holder = model::customer(cx.conn, customer).await?;
    let rate = rate_row(cx.conn, currency).await?;
    let id = next_id(cx.conn, "ac").await?;
    let serial = id.trim_start_matches("ac_");
    let number = crate::checks::with_luhn(&format!("629998{serial:0>12}"));
    sqlx::query("INSERT INTO accounts VALUES (?,?,?,'I',?,?,?,'personal',?,?,0,NULL,NULL,0,0,0,0)")
        .bind(&id)
        .bind(customer)
        .bind(number)
        .bind(currency.code())
        .bind(format!("{}账户", rate.name))
        .bind(format!("{} account", rate.name_en))
        .bind(&holder.branch)
        .bind(cx.today.to_string())
        .execute(&mut *cx.conn)
        .await?;
    Ok(id)
}

async fn apply(cx: &mut Cx<'_>, order: &OrderRow, side: Side, v: FxValues) -> Result<Done, Fail> {
    check_quote(cx, side, &v).await?;
    let (pays, gets) = if side == Side::Buy { (v.cny, v.amount) } else { (v.amount, v.cny) };
    let to = match (v.to_account.clone(), account_in(cx, &order.customer, gets.currency).await?) {
        (Some(to), _) => to,
        // Opened since by another order.
        (None, Some(account)) => account.id,
        (None, None) => open_account(cx, &order.customer, gets.currency).await?,
    };
    let summary = if side == Side::Buy { "购汇" } else { "结汇" };
    let entry = Entry::new("fx", summary)
        .order(&order.id)
        .channel("app")
        .take(&v.from_account, pays)
        .gl_credit(codes::fx_position(pays.currency), pays)
        .gl(codes::fx_position(gets.currency), gets)
        .give(&to, gets);
    let booked = post(cx, entry).await?;
    let (bought, sold) = if side == Side::Buy { (v.usd_equivalent.minor, 0) } else { (0, v.usd_equivalent.minor) };
    sqlx::query(
        "INSERT INTO fx_usage (customer, year, bought_minor, sold_minor) VALUES (?,?,?,?)
         ON CONFLICT (customer, year) DO UPDATE SET bought_minor = bought_minor + excluded.bought_minor,
           sold_minor = sold_minor + excluded.sold_minor",
    )
    .bind(&order.customer)
    .bind(i64::from(cx.today.year()))
    .bind(bought)
    .bind(sold)
    .execute(&mut *cx.conn)
    .await?;
    Ok(Done::Posted(json!({
        "to_account": to,
        "transaction": booked.transaction(&v.from_account),
        "balance_after": booked.balances.get(&v.from_account),
    })))
}

pub async fn apply_buy(cx: &mut Cx<'_>, order: &OrderRow, v: FxValues) -> Result<Done, Fail> {
    apply(cx, order, Side::Buy, v).await
}

pub async fn apply_sell(cx: &mut Cx<'_>, order: &OrderRow, v: FxValues) -> Result<Done, Fail> {
    apply(cx, order, Side::Sell, v).await
}
