//! Limits of money going out, checked in order: single, daily, monthly,
//! channel, account class.
//!
//! What counts as used are the orders of the business date (month, year) that
//! were posted, accepted or held.

use crate::error::{Code, Fail, refuse_with};
use crate::model::AccountRow;
use crate::money::Money;
use crate::store::Cx;
use crate::time::day_of_month;
use serde::Serialize;
use serde_json::json;

/// A customer's limits in one channel, with the bank's ceilings.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub single: i64,
    pub daily: i64,
    pub monthly: i64,
    pub max_single: i64,
    pub max_daily: i64,
    pub max_monthly: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    pub daily: i64,
    pub monthly: i64,
}

/// What is left of each limit.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct LimitLeft {
    pub single: Money,
    pub daily: Money,
    pub monthly: Money,
}

pub async fn of(cx: &mut Cx<'_>, customer: &str, channel: &str) -> Result<Limits, Fail> {
    let terms = cx.bank.channel(channel).ok_or_else(|| crate::error::bad_param("channel"))?;
    let own: Option<(i64, i64, i64)> = sqlx::query_as(
        "SELECT single_minor, daily_minor, monthly_minor FROM limits WHERE customer = ? AND channel = ?",
    )
    .bind(customer)
    .bind(channel)
    .fetch_optional(&mut *cx.conn)
    .await?;
    let (single, daily, monthly) = own.unwrap_or((terms.single.0, terms.daily.0, terms.monthly.0));
    Ok(Limits {
        single,
        daily,
        monthly,
        max_single: terms.max_single.0,
        max_daily: terms.max_daily.0,
        max_monthly: terms.max_monthly.0,
    })
}

pub async fn used(cx: &mut Cx<'_>, customer: &str, channel: &str) -> Result<Used, Fail> {
    let month = day_of_month(cx.today, 1).to_string();
    let today = cx.today.to_string();
    let (daily, monthly): (i64, i64) = sqlx::query_as(
        "SELECT coalesce(sum(CASE WHEN confirmed_on = ?1 THEN amount_minor END), 0), coalesce(sum(amount_minor), 0)
         FROM orders WHERE customer = ?2 AND channel = ?3 AND operation = 'transfer'
           AND confirmed_on >= ?4 AND confirmed_on <= ?1 AND status IN ('posted', 'accepted', 'held')",
    )
    .bind(&today)
    .bind(customer)
    .bind(channel)
    .bind(&month)
    .fetch_one(&mut *cx.conn)
    .await?;
    Ok(Used { daily, monthly })
}

pub fn left(limits: Limits, used: Used) -> LimitLeft {
    let left = |limit: i64, used: i64| Money::cny((limit - used).max(0));
    LimitLeft {
        single: Money::cny(limits.single),
        daily: left(limits.daily, used.daily),
        monthly: left(limits.monthly, used.monthly),
    }
}

fn over(code: Code, scope: &str, limit: i64, used: i64) -> Fail {
    refuse_with(
        code,
        json!({
            "scope": scope,
            "limit": Money::cny(limit),
            "used": Money::cny(used),
            "left": Money::cny((limit - used).max(0)),
        }),
    )
}

/// A transfer about to be made.
pub struct Outgoing<'a> {
    pub customer: &'a str,
    pub channel: &'a str,
    pub from: &'a AccountRow,
    pub to_number: &'a str,
    pub to_own_bank: Option<&'a AccountRow>,
    pub new_payee: bool,
    pub realtime: bool,
    pub amount: i64,
}

/// Refuses at the first limit that the amount passes.
pub async fn check(cx: &mut Cx<'_>, out: &Outgoing<'_>) -> Result<(), Fail> {
    let limits = of(cx, out.customer, out.channel).await?;
    let used = used(cx, out.customer, out.channel).await?;
    if out.amount > limits.single {
        return Err(over(Code::LimitSingle, "customer", limits.single, 0));
    }
    if used.daily + out.amount > limits.daily {
        return Err(over(Code::LimitDaily, "customer", limits.daily, used.daily));
    }
    if used.monthly + out.amount > limits.monthly {
        return Err(over(Code::LimitMonthly, "customer", limits.monthly, used.monthly));
    }
    check_channel(cx, out).await?;
    check_class_out(cx, out).await?;
    check_class_in(cx, out).await
}

async fn check_channel(cx: &mut Cx<'_>, out: &Outgoing<'_>) -> Result<(), Fail> {
    let terms = cx.bank.channel(out.channel).ok_or_else(|| crate::error::bad_param("channel"))?;
    if terms.inbank_only && out.to_own_bank.is_none() {
        return Err(crate::error::not_allowed("inbank_only"));
    }
    let realtime_max = cx.bank.transfer.realtime_max.0;
    if out.realtime && out.amount > realtime_max {
        return Err(over(Code::LimitChannel, "channel", realtime_max, 0));
    }
    if out.new_payee {
        let first_day = cx.bank.transfer.new_payee_first_day.0;
        let sent =
            sum_orders(cx, "customer = ?1 AND to_account = ?2 AND confirmed_on = ?3", out.customer, out.to_number)
                .await?;
        if sent + out.amount > first_day {
            return Err(over(Code::LimitChannel, "new_payee", first_day, sent));
        }
    }
    Ok(())
}

/// Sums transfers of today that match; the conditions are this file's own.
async fn sum_orders(cx: &mut Cx<'_>, condition: &str, one: &str, two: &str) -> Result<i64, Fail> {
    let sql = format!(
        "SELECT coalesce(sum(amount_minor), 0) FROM orders WHERE operation = 'transfer'
           AND status IN ('posted', 'accepted', 'held') AND {condition}"
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(one)
        .bind(two)
        .bind(cx.today.to_string())
        .fetch_one(&mut *cx.conn)
        .await?)
}

/// Is the other side the account's own bound account (or the reverse)?
fn bound(one: &AccountRow, other: Option<&AccountRow>) -> bool {
    other.is_some_and(|other| {
        one.bound_account.as_deref() == Some(&other.id) || other.bound_account.as_deref() == Some(&one.id)
    })
}

async fn check_class_out(cx: &mut Cx<'_>, out: &Outgoing<'_>) -> Result<(), Fail> {
    let Some(class) = cx.bank.account_class.get(&out.from.class) else { return Ok(()) };
    if bound(out.from, out.to_own_bank) {
        return Ok(());
    }
    let year = format!("{}-01-01", cx.today.year());
    let daily = sum_orders(cx, "from_account = ?1 AND ?2 <> '' AND confirmed_on = ?3", &out.from.id, "-").await?;
    if daily + out.amount > class.daily.0 {
        return Err(over(Code::LimitDaily, "account_class", class.daily.0, daily));
    }
    let yearly = sum_orders(cx, "from_account = ?1 AND confirmed_on >= ?2 AND ?3 <> ''", &out.from.id, &year).await?;
    if yearly + out.amount > class.yearly.0 {
        return Err(over(Code::LimitYearly, "account_class", class.yearly.0, yearly));
    }
    Ok(())
}

async fn check_class_in(cx: &mut Cx<'_>, out: &Outgoing<'_>) -> Result<(), Fail> {
    let Some(to) = out.to_own_bank else { return Ok(()) };
    let Some(class) = cx.bank.account_class.get(&to.class) else { return Ok(()) };
    if let Some(balance) = class.balance
        && to.ledger_minor + out.amount > balance.0
    {
        return Err(over(Code::LimitBalance, "account_class", balance.0, to.ledger_minor));
    }
    if !bound(out.from, Some(to)) {
        let daily = sum_orders(cx, "to_account = ?1 AND ?2 <> '' AND confirmed_on = ?3", &to.number, "-").await?;
        if daily + out.amount > class.daily.0 {
            return Err(over(Code::LimitDaily, "account_class", class.daily.0, daily));
        }
    }
    Ok(())
}
