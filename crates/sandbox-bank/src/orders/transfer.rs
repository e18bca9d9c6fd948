//! Transfers to accounts here and at other banks; taking one back; the default
//! arrival.

use super::operation::{Done, Draft};
use super::row::{OrderRow, OrderStatus};
use crate::error::{Code, Fail, bad_param, not_allowed, not_found, refuse, refuse_with};
use crate::ledger::{Entry, check_available, codes, end_hold, place_hold, post};
use crate::limits::{self, Outgoing};
use crate::model::{self, AccountRow, masked_number, same_name, tail};
use crate::money::{Currency, Money};
use crate::store::Cx;
use crate::time::{instant, local, plus_days};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A day in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Shortest and longest account number of another bank.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 8..=32;
/// Longest remark, in characters.
const REMARK_MAX_CHARS: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    Now,
    NextDay,
    #[serde(rename = "delay24h")]
    Delay24h,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameMatch {
    Match,
    Mismatch,
    /// The other bank does not say.
    Unknown,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferParams {
    /// Account id or own number.
    pub from_account: String,
    pub amount: Money,
    /// A known payee instead of number, name and bank.
    pub payee: Option<String>,
    pub to_account: Option<String>,
    pub to_name: Option<String>,
    pub to_bank: Option<String>,
    pub remark: Option<String>,
    pub arrival: Option<Arrival>,
    pub channel: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TransferValues {
    pub from_account: String,
    pub from_label: String,
    pub from_tail: String,
    pub to_account: String,
    pub to_account_masked: String,
    pub to_tail: String,
    pub to_name: String,
    pub to_bank: String,
    pub to_bank_name: String,
    pub own_bank: bool,
    pub amount: Money,
    pub fee: Money,
    pub total: Money,
    pub arrival: Arrival,
    pub arrives_on: String,
    pub remark: String,
    pub name_match: NameMatch,
    pub new_payee: bool,
    pub similar_recent: bool,
}

/// The other end of a transfer.
pub struct Destination {
    pub number: String,
    pub name: String,
    pub bank: String,
    pub bank_name: String,
    pub account: Option<AccountRow>,
    pub name_match: NameMatch,
    pub closed: bool,
    pub payee: Option<String>,
    pub new_payee: bool,
}

/// Finds out who is at the other end, without refusing a wrong name.
pub async fn destination(
    cx: &mut Cx<'_>,
    customer: &str,
    payee: Option<&str>,
    number: Option<&str>,
    name: Option<&str>,
    bank: Option<&str>,
) -> Result<Destination, Fail> {
    let (number, name, bank) = match payee {
        Some(id) => {
            let payee = model::payee(cx.conn, customer, id).await?;
            (payee.account, name.map_or(payee.name, str::to_owned), Some(payee.bank))
        }
        None => {
            let number = number.ok_or_else(|| bad_param("to_account"))?;
            let name = name.ok_or_else(|| bad_param("to_name"))?;
            (number.to_owned(), name.to_owned(), bank.map(str::to_owned))
        }
    };
    let number: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if !NUMBER_DIGITS.contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad_param("to_account"));
    }
    let name = model::kept_text(&name);
    if name.is_empty() {
        return Err(bad_param("to_name"));
    }
    let known: Option<(String, String)> =
        sqlx::query_as("SELECT id, added_on FROM payees WHERE customer = ? AND account = ?")
            .bind(customer)
            .bind(&number)
            .fetch_optional(&mut *cx.conn)
            .await?;
    let today = cx.today.to_string();
    let new_payee = known.as_ref().is_none_or(|(_, added_on)| *added_on == today);
    let payee = known.map(|(id, _)| id);
    let own = &cx.bank.own;
    if let Some(account) = model::account_by_number(cx.conn, &number).await? {
        let holder = model::customer(cx.conn, &account.customer).await?;
        let name_match = if holder.is_called(&name) { NameMatch::Match } else { NameMatch::Mismatch };
        let new_payee = new_payee && account.customer != customer;
        return Ok(Destination {
            number,
            name,
            bank: own.code.clone(),
            bank_name: own.name.clone(),
            account: Some(account),
            name_match,
            closed: false,
            payee,
            new_payee,
        });
    }
    let external = cx.bank.external_accounts.iter().find(|external| external.number == number);
    let bank = bank.or_else(|| external.map(|external| external.bank.clone())).ok_or_else(|| bad_param("to_bank"))?;
    let (bank, bank_name) = cx.bank.bank(&bank).ok_or_else(|| bad_param("to_bank"))?;
    if bank == own.code {
        return Err(not_found("to_account"));
    }
    let name_match = match external {
        Some(external) if same_name(&external.name, &name) => NameMatch::Match,
        Some(_) => NameMatch::Mismatch,
        None => NameMatch::Unknown,
    };
    Ok(Destination {
        bank: bank.to_owned(),
        bank_name: bank_name.to_owned(),
        number,
        name,
        account: None,
        name_match,
        closed: external.is_some_and(|external| external.closed),
        payee,
        new_payee,
    })
}

/// Refuses when money may not leave the account.
pub async fn check_unrestricted(cx: &mut Cx<'_>, account: &AccountRow) -> Result<(), Fail> {
    match model::restriction(cx.conn, account).await? {
        Some(reason) => Err(refuse_with(Code::AccountFrozen, json!({"reason": reason}))),
        None => Ok(()),
    }
}

/// The values of a transfer, before any rule refuses it.
pub async fn values(
    cx: &mut Cx<'_>,
    customer: &str,
    p: &TransferParams,
) -> Result<(TransferValues, AccountRow, Destination), Fail> {
    let from = model::account(cx.conn, customer, &p.from_account, "from_account").await?;
    if p.amount.minor <= 0 || p.amount.minor > crate::money::MINOR_MAX {
        return Err(bad_param("amount"));
    }
    if p.amount.currency != Currency::Cny || from.currency() != Currency::Cny {
        return Err(bad_param(if p.amount.currency == Currency::Cny { "from_account" } else { "amount" }));
    }
    let remark = model::kept_text(p.remark.as_deref().unwrap_or_default());
    if remark.chars().count() > REMARK_MAX_CHARS {
        return Err(bad_param("remark"));
    }
    let to = destination(
        cx,
        customer,
        p.payee.as_deref(),
        p.to_account.as_deref(),
        p.to_name.as_deref(),
        p.to_bank.as_deref(),
    )
    .await?;
    let terms = cx.bank.channel(p.channel.as_deref().unwrap_or("app")).ok_or_else(|| bad_param("channel"))?;
    let fee = if to.account.is_some() { terms.fee_inbank.0 } else { terms.fee_interbank.0 };
    let arrival = match p.arrival {
        Some(arrival) => arrival,
        None => default_arrival(&model::customer(cx.conn, customer).await?.default_arrival),
    };
    let arrives_on = if arrival == Arrival::Now { cx.today } else { plus_days(cx.today, 1) };
    let since = cx.now_ms - cx.bank.transfer.similar_minutes * 60_000;
    let similar_recent: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM orders WHERE customer = ? AND operation = 'transfer' AND to_account = ?
           AND amount_minor = ? AND confirmed_at_ms >= ? AND status IN ('posted', 'accepted'))",
    )
    .bind(customer)
    .bind(&to.number)
    .bind(p.amount.minor)
    .bind(since)
    .fetch_one(&mut *cx.conn)
    .await?;
    let values = TransferValues {
        from_account: from.id.clone(),
        from_label: from.label(),
        from_tail: tail(&from.number),
        to_account: to.number.clone(),
        to_account_masked: masked_number(&to.number),
        to_tail: tail(&to.number),
        to_name: to.name.clone(),
        to_bank: to.bank.clone(),
        to_bank_name: to.bank_name.clone(),
        own_bank: to.account.is_some(),
        amount: p.amount,
        fee: Money::cny(fee),
        total: Money::cny(p.amount.minor + fee),
        arrival,
        arrives_on: arrives_on.to_string(),
        remark,
        name_match: to.name_match,
        new_payee: to.new_payee,
        similar_recent,
    };
    Ok((values, from, to))
}

pub fn default_arrival(stored: &str) -> Arrival {
    match stored {
        "next_day" => Arrival::NextDay,
        "delay24h" => Arrival::Delay24h,
        _ => Arrival::Now,
    }
}

/// Every rule a transfer must pass, in the bank's order.
pub async fn check(
    cx: &mut Cx<'_>,
    customer: &str,
    channel: &str,
    v: &TransferValues,
    from: &AccountRow,
    to: &Destination,
) -> Result<(), Fail> {
    if from.number == to.number {
        return Err(refuse(Code::SameAccount));
    }
    check_unrestricted(cx, from).await?;
    if to.closed {
        return Err(refuse(Code::CounterpartyClosed));
    }
    if to.name_match == NameMatch::Mismatch {
        return Err(refuse(Code::NameMismatch));
    }
    if to.account.as_ref().is_some_and(|account| account.currency() != Currency::Cny) {
        return Err(bad_param("to_account"));
    }
    let outgoing = Outgoing {
        customer,
        channel,
        from,
        to_number: &to.number,
        to_own_bank: to.account.as_ref(),
        new_payee: to.new_payee,
        realtime: v.arrival == Arrival::Now,
        amount: v.amount.minor,
    };
    limits::check(cx, &outgoing).await?;
    check_available(from.available(), v.total.minor)
}

pub async fn prepare(cx: &mut Cx<'_>, customer: &str, p: TransferParams) -> Result<Draft, Fail> {
    let (v, from, to) = values(cx, customer, &p).await?;
    let channel = p.channel.unwrap_or_else(|| "app".into());
    check(cx, customer, &channel, &v, &from, &to).await?;
    Ok(Draft {
        from_account: Some(v.from_account.clone()),
        to_account: Some(v.to_account.clone()),
        channel: Some(channel),
        amount: Some(v.amount),
        ..Draft::new(v)?
    })
}

pub async fn apply(cx: &mut Cx<'_>, order: &OrderRow, v: TransferValues) -> Result<Done, Fail> {
    let used = sqlx::query("UPDATE payees SET last_used_on = ? WHERE customer = ? AND account = ?");
    used.bind(cx.today.to_string()).bind(&order.customer).bind(&v.to_account).execute(&mut *cx.conn).await?;
    match v.arrival {
        Arrival::Now => Ok(Done::Posted(book(cx, order, &v).await?)),
        Arrival::NextDay | Arrival::Delay24h => {
            let hold = place_hold(cx, &v.from_account, v.total.minor, "transfer", Some(&order.id), None).await?;
            let due_on = plus_days(cx.today, 1);
            let due_at_ms = if v.arrival == Arrival::Delay24h {
                cx.now_ms + DAY_MS
            } else {
                instant(due_on, Time::constant(cx.bank.transfer.next_day_hour, 0, 0, 0))
            };
            Ok(Done::Accepted { result: json!({}), due_on: due_on.to_string(), due_at_ms, hold: Some(hold) })
        }
    }
}

/// Books the transfer itself.
async fn book(cx: &mut Cx<'_>, order: &OrderRow, v: &TransferValues) -> Result<Value, Fail> {
    let summary = if v.remark.is_empty() { "转账".to_owned() } else { v.remark.clone() };
    let entry = Entry::new("transfer", summary)
        .order(&order.id)
        .channel(order.channel.as_deref().unwrap_or("app"))
        .party(&v.to_name, Some(&v.to_account), Some(&v.to_bank))
        .take(&v.from_account, v.fee)
        .gl_credit(codes::FEES, v.fee)
        .take(&v.from_account, v.amount);
    let entry = match model::account_by_number(cx.conn, &v.to_account).await? {
        Some(to) => entry.give(&to.id, v.amount),
        None => entry.gl_credit(codes::CLEARING, v.amount),
    };
    let booked = post(cx, entry).await?;
    Ok(json!({
        "transaction": booked.transaction(&v.from_account),
        "balance_after": booked.balances.get(&v.from_account),
    }))
}

/// Books an accepted transfer that is due; refuses when the account may no
/// longer pay.
pub async fn post_due(cx: &mut Cx<'_>, order: &OrderRow) -> Result<Value, Fail> {
    let v: TransferValues = order.values()?;
    let from = model::account_by_id(cx.conn, &v.from_account).await?;
    check_unrestricted(cx, &from).await?;
    if let Some(hold) = &order.hold {
        end_hold(cx, hold, "captured").await?;
    }
    book(cx, order, &v).await
}

/// May a next-day order go out at this hour of its day?
pub fn next_day_open(now_ms: i64, due_on: &str, hour: i8) -> bool {
    let now = local(now_ms);
    now.date().to_string() != due_on || now.time().hour() >= hour
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferCancelParams {
    pub order: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TransferCancelValues {
    pub order: String,
    pub from_tail: String,
    pub to_name: String,
    pub to_tail: String,
    pub amount: Money,
    pub due_on: String,
}

pub async fn prepare_cancel(cx: &mut Cx<'_>, customer: &str, p: TransferCancelParams) -> Result<Draft, Fail> {
    let order = OrderRow::find(cx.conn, &p.order)
        .await?
        .filter(|order| order.customer == customer && order.operation == "transfer");
    let order = order.ok_or_else(|| not_found("order"))?;
    match order.status()? {
        OrderStatus::Accepted => {}
        OrderStatus::Posted => return Err(not_allowed("already_posted")),
        _ => return Err(not_allowed("not_cancellable")),
    }
    let v: TransferValues = order.values()?;
    Draft::new(TransferCancelValues {
        order: order.id,
        from_tail: v.from_tail,
        to_name: v.to_name,
        to_tail: v.to_tail,
        amount: v.amount,
        due_on: order.due_on.unwrap_or_default(),
    })
}

pub async fn apply_cancel(cx: &mut Cx<'_>, _order: &OrderRow, v: TransferCancelValues) -> Result<Done, Fail> {
    let target = OrderRow::find(cx.conn, &v.order).await?.ok_or_else(|| not_found("order"))?;
    super::life::cancel_accepted(cx, &target).await?;
    Ok(Done::Posted(json!({"order": v.order, "released": v.amount})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelaySetParams {
    pub arrival: Arrival,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DelaySetValues {
    pub arrival_before: Arrival,
    pub arrival: Arrival,
}

pub async fn prepare_delay(cx: &mut Cx<'_>, customer: &str, p: DelaySetParams) -> Result<Draft, Fail> {
    let before = default_arrival(&model::customer(cx.conn, customer).await?.default_arrival);
    Draft::new(DelaySetValues { arrival_before: before, arrival: p.arrival })
}

pub async fn apply_delay(cx: &mut Cx<'_>, order: &OrderRow, v: DelaySetValues) -> Result<Done, Fail> {
    let stored = serde_json::to_value(v.arrival)?;
    sqlx::query("UPDATE customers SET default_arrival = ? WHERE id = ?")
        .bind(stored.as_str())
        .bind(&order.customer)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({})))
}
