//! Limits, messages about movements, and the list of payees.

use crate::error::{Code, Fail, bad_param, refuse, refuse_with};
use crate::limits;
use crate::model::{self, kept_text, masked_number, tail};
use crate::money::{Currency, Money};
use crate::orders::operation::{Done, Draft};
use crate::orders::row::OrderRow;
use crate::orders::transfer::{NameMatch, destination};
use crate::store::{Cx, next_id};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitSetParams {
    pub single: Option<Money>,
    pub daily: Option<Money>,
    pub monthly: Option<Money>,
    pub channel: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LimitSetValues {
    pub channel: String,
    pub single_before: Money,
    pub single: Money,
    pub daily_before: Money,
    pub daily: Money,
    pub monthly_before: Money,
    pub monthly: Money,
    /// Does any limit go up?
    pub raises: bool,
}

pub async fn prepare_limit(cx: &mut Cx<'_>, customer: &str, p: LimitSetParams) -> Result<Draft, Fail> {
    let channel = p.channel.unwrap_or_else(|| "app".into());
    let now = limits::of(cx, customer, &channel).await?;
    if p.single.is_none() && p.daily.is_none() && p.monthly.is_none() {
        return Err(bad_param("daily"));
    }
    let wanted = |field: &str, value: Option<Money>, before: i64, ceiling: i64| match value {
        None => Ok(before),
        Some(money) if money.currency != Currency::Cny || money.minor < 0 => Err(bad_param(field)),
        Some(money) if money.minor > ceiling => {
            Err(refuse_with(Code::AmountTooLarge, json!({"limit": Money::cny(ceiling), "field": field})))
        }
        Some(money) => Ok(money.minor),
    };
    let single = wanted("single", p.single, now.single, now.max_single)?;
    // A daily limit below the single one pulls the single one down with it.
    let daily = wanted("daily", p.daily, now.daily.max(if p.daily.is_none() { single } else { 0 }), now.max_daily)?;
    let single = single.min(daily);
    let monthly = wanted("monthly", p.monthly, now.monthly.max(daily), now.max_monthly)?;
    Draft::new(LimitSetValues {
        channel,
        single_before: Money::cny(now.single),
        single: Money::cny(single),
        daily_before: Money::cny(now.daily),
        daily: Money::cny(daily),
        monthly_before: Money::cny(now.monthly),
        monthly: Money::cny(monthly),
        raises: single > now.single || daily > now.daily || monthly > now.monthly,
    })
}

pub async fn apply_limit(cx: &mut Cx<'_>, order: &OrderRow, v: LimitSetValues) -> Result<Done, Fail> {
    sqlx::query("INSERT OR REPLACE INTO limits VALUES (?,?,?,?,?)")
        .bind(&order.customer)
        .bind(&v.channel)
        .bind(v.single.minor)
        .bind(v.daily.minor)
        .bind(v.monthly.minor)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SmsParams {
    pub account: String,
    pub on: bool,
    pub min_amount: Option<Money>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SmsValues {
    pub account: String,
    pub account_label: String,
    pub account_tail: String,
    pub on: bool,
    pub min_amount: Money,
    pub fee_monthly: Money,
}

pub async fn prepare_sms(cx: &mut Cx<'_>, customer: &str, p: SmsParams) -> Result<Draft, Fail> {
    let account = model::account(cx.conn, customer, &p.account, "account").await?;
    let min_amount = p.min_amount.unwrap_or(Money::cny(0));
    if min_amount.currency != Currency::Cny || min_amount.minor < 0 {
        return Err(bad_param("min_amount"));
    }
    // Messages about large amounts only are free.
    let free = !p.on || min_amount.minor >= cx.bank.service.sms_free_over.0;
    Draft::new(SmsValues {
        account: account.id.clone(),
        account_label: account.label(),
        account_tail: tail(&account.number),
        on: p.on,
        min_amount,
        fee_monthly: Money::cny(if free { 0 } else { cx.bank.service.sms_fee.0 }),
    })
}

pub async fn apply_sms(cx: &mut Cx<'_>, _order: &OrderRow, v: SmsValues) -> Result<Done, Fail> {
    sqlx::query("UPDATE accounts SET sms_notify = ?, sms_min_minor = ? WHERE id = ?")
        .bind(v.on)
        .bind(v.min_amount.minor)
        .bind(&v.account)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayeeAddParams {
    pub name: String,
    pub account: String,
    pub bank: Option<String>,
    pub alias: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PayeeAddValues {
    pub name: String,
    pub account: String,
    pub account_masked: String,
    pub tail: String,
    pub bank: String,
    pub bank_name: String,
    pub alias: Option<String>,
    pub name_match: NameMatch,
}

pub async fn prepare_payee_add(cx: &mut Cx<'_>, customer: &str, p: PayeeAddParams) -> Result<Draft, Fail> {
    let to = destination(cx, customer, None, Some(&p.account), Some(&p.name), p.bank.as_deref()).await;
    let to = to.map_err(rename_fields)?;
    if to.payee.is_some() {
        return Err(refuse(Code::Duplicate));
    }
    if to.closed {
        return Err(refuse(Code::CounterpartyClosed));
    }
    if to.name_match == NameMatch::Mismatch {
        return Err(refuse(Code::NameMismatch));
    }
    Draft::new(PayeeAddValues {
        account_masked: masked_number(&to.number),
        tail: tail(&to.number),
        name: to.name,
        account: to.number,
        bank: to.bank,
        bank_name: to.bank_name,
        alias: p.alias.map(|alias| kept_text(&alias)).filter(|alias| !alias.is_empty()),
        name_match: to.name_match,
    })
}

/// `to_account` of a transfer is `account` here.
fn rename_fields(fail: Fail) -> Fail {
    match fail {
        Fail::Refused(mut refusal) => {
            if let Some(field) = refusal.detail.get("field").and_then(|f| f.as_str()).map(|f| f.replace("to_", "")) {
                refusal.detail = json!({"field": field});
            }
            Fail::Refused(refusal)
        }
        fault => fault,
    }
}

pub async fn apply_payee_add(cx: &mut Cx<'_>, order: &OrderRow, v: PayeeAddValues) -> Result<Done, Fail> {
    let id = next_id(cx.conn, "py").await?;
    sqlx::query("INSERT INTO payees VALUES (?,?,?,?,?,?,?,NULL)")
        .bind(&id)
        .bind(&order.customer)
        .bind(&v.name)
        .bind(&v.account)
        .bind(&v.bank)
        .bind(&v.alias)
        .bind(cx.today.to_string())
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({"payee": id})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayeeDeleteParams {
    pub payee: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PayeeDeleteValues {
    pub payee: String,
    pub name: String,
    pub tail: String,
}

pub async fn prepare_payee_delete(cx: &mut Cx<'_>, customer: &str, p: PayeeDeleteParams) -> Result<Draft, Fail> {
    let payee = model::payee(cx.conn, customer, &p.payee).await?;
    Draft::new(PayeeDeleteValues { tail: tail(&payee.account), payee: payee.id, name: payee.name })
}

pub async fn apply_payee_delete(cx: &mut Cx<'_>, order: &OrderRow, v: PayeeDeleteValues) -> Result<Done, Fail> {
    sqlx::query("DELETE FROM payees WHERE id = ? AND customer = ?")
        .bind(&v.payee)
        .bind(&order.customer)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({})))
}
