//! Scheduled transfers: the same payment every month, as often as confirmed.

use super::life::{Frame, Request, insert};
use super::operation::{Done, Draft, Operation};
use super::row::{OrderRow, OrderStatus};
use super::transfer::{self, Arrival, NameMatch, TransferParams, TransferValues, check_unrestricted};
use crate::error::{Code, Fail, Refusal, bad_param, not_allowed, not_found, refuse, refuse_with};
use crate::limits;
use crate::money::Money;
use crate::store::{Cx, next_id, stored_date};
use crate::time::{day_of_month, instant, plus_days, plus_months};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Connection, Sqlite, Transaction};

/// Payments carried out in one run.
const PER_RUN_MAX: i64 = 500;

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleParams {
    pub from_account: String,
    pub amount: Money,
    pub payee: Option<String>,
    pub to_account: Option<String>,
    pub to_name: Option<String>,
    pub to_bank: Option<String>,
    pub remark: Option<String>,
    /// Day of the month, 1 to 28.
    pub day: i8,
    pub times: u32,
    #[schema(value_type = Option<String>)]
    pub first_on: Option<Date>,
}

impl ScheduleParams {
    fn transfer(&self) -> TransferParams {
        TransferParams {
            from_account: self.from_account.clone(),
            amount: self.amount,
            payee: self.payee.clone(),
            to_account: self.to_account.clone(),
            to_name: self.to_name.clone(),
            to_bank: self.to_bank.clone(),
            remark: self.remark.clone(),
            arrival: Some(Arrival::Now),
            channel: None,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScheduleValues {
    #[serde(flatten)]
    pub transfer: TransferValues,
    pub day: i8,
    pub times: u32,
    pub first_on: String,
    pub last_on: String,
}

pub async fn prepare(cx: &mut Cx<'_>, customer: &str, p: ScheduleParams) -> Result<Draft, Fail> {
    if !(1..=28).contains(&p.day) {
        return Err(bad_param("day"));
    }
    if !(1..=cx.bank.transfer.schedule_times_max).contains(&p.times) {
        return Err(bad_param("times"));
    }
    let this_month = day_of_month(cx.today, p.day);
    let next =
        if this_month > cx.today { this_month } else { day_of_month(plus_months(day_of_month(cx.today, 1), 1), p.day) };
    let first = p.first_on.unwrap_or(next);
    if first <= cx.today || first > plus_days(cx.today, 366) {
        return Err(bad_param("first_on"));
    }
    let (v, from, to) = transfer::values(cx, customer, &p.transfer()).await?;
    if from.number == to.number {
        return Err(refuse(Code::SameAccount));
    }
    check_unrestricted(cx, &from).await?;
    if to.closed {
        return Err(refuse(Code::CounterpartyClosed));
    }
    if to.name_match == NameMatch::Mismatch {
        return Err(refuse(Code::NameMismatch));
    }
    let single = limits::of(cx, customer, "app").await?.single;
    if p.amount.minor > single {
        return Err(refuse_with(
            Code::LimitSingle,
            json!({
                "scope": "customer", "limit": Money::cny(single), "used": Money::cny(0), "left": Money::cny(single),
            }),
        ));
    }
    let last = plus_months(first, i64::from(p.times) - 1);
    Ok(Draft {
        from_account: Some(from.id),
        to_account: Some(v.to_account.clone()),
        amount: Some(v.amount),
        ..Draft::new(ScheduleValues {
            transfer: v,
            day: p.day,
            times: p.times,
            first_on: first.to_string(),
            last_on: last.to_string(),
        })?
    })
}

pub async fn apply(cx: &mut Cx<'_>, order: &OrderRow, v: ScheduleValues) -> Result<Done, Fail> {
    let id = next_id(cx.conn, "ps").await?;
    let first = stored_date(&v.first_on)?;
    let params = json!({
        "from_account": v.transfer.from_account,
        "amount": v.transfer.amount,
        "to_account": v.transfer.to_account,
        "to_name": v.transfer.to_name,
        "to_bank": v.transfer.to_bank,
        "remark": v.transfer.remark,
        "arrival": "now",
    });
    sqlx::query("INSERT INTO schedules VALUES (?,?,?,?,?,?,?,?,?,?,'active')")
        .bind(&id)
        .bind(&order.customer)
        .bind(params.to_string())
        .bind(&v.transfer.from_account)
        .bind(&v.transfer.to_name)
        .bind(&v.transfer.to_account)
        .bind(v.transfer.amount.minor)
        .bind(i64::from(v.day))
        .bind(&v.first_on)
        .bind(v.times)
        .execute(&mut *cx.conn)
        .await?;
    let due_at_ms = instant(first, Time::constant(cx.bank.transfer.next_day_hour, 0, 0, 0));
    Ok(Done::Accepted { result: json!({"schedule": id}), due_on: v.first_on, due_at_ms, hold: None })
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ScheduleRow {
    pub id: String,
    pub customer: String,
    pub params: String,
    pub from_account: String,
    pub to_name: String,
    pub to_account: String,
    pub amount_minor: i64,
    pub day: i64,
    pub next_on: Option<String>,
    pub remaining: i64,
    pub status: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleCancelParams {
    pub schedule: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScheduleCancelValues {
    pub schedule: String,
    pub to_name: String,
    pub to_tail: String,
    pub amount: Money,
    pub left: i64,
}

pub async fn prepare_cancel(cx: &mut Cx<'_>, customer: &str, p: ScheduleCancelParams) -> Result<Draft, Fail> {
    let row: Option<ScheduleRow> = sqlx::query_as("SELECT * FROM schedules WHERE id = ? AND customer = ?")
        .bind(&p.schedule)
        .bind(customer)
        .fetch_optional(&mut *cx.conn)
        .await?;
    let row = row.ok_or_else(|| not_found("schedule"))?;
    if row.status != "active" {
        return Err(not_allowed("schedule_ended"));
    }
    Draft::new(ScheduleCancelValues {
        schedule: row.id,
        to_name: row.to_name,
        to_tail: crate::model::tail(&row.to_account),
        amount: Money::cny(row.amount_minor),
        left: row.remaining,
    })
}

pub async fn apply_cancel(cx: &mut Cx<'_>, _order: &OrderRow, v: ScheduleCancelValues) -> Result<Done, Fail> {
    sqlx::query("UPDATE schedules SET status = 'cancelled', next_on = NULL WHERE id = ?")
        .bind(&v.schedule)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({"schedule": v.schedule})))
}

/// Makes the payments that are due, each an order of its own; one that is
/// refused is kept as refused and the next month is tried again.
pub async fn run_due(tx: &mut Transaction<'_, Sqlite>, frame: &Frame<'_>) -> Result<(), Fail> {
    let due: Vec<ScheduleRow> =
        sqlx::query_as("SELECT * FROM schedules WHERE status = 'active' AND next_on <= ? ORDER BY next_on, id LIMIT ?")
            .bind(frame.today.to_string())
            .bind(PER_RUN_MAX)
            .fetch_all(&mut **tx)
            .await?;
    for row in due {
        let next_on = stored_date(row.next_on.as_deref().unwrap_or_default())?;
        pay(tx, frame, &row, next_on).await?;
        let following = plus_months(next_on, 1);
        sqlx::query(
            "UPDATE schedules SET remaining = remaining - 1,
               next_on = CASE WHEN remaining > 1 THEN ?1 END,
               status = CASE WHEN remaining > 1 THEN 'active' ELSE 'done' END WHERE id = ?2",
        )
        .bind(following.to_string())
        .bind(&row.id)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

async fn pay(tx: &mut Transaction<'_, Sqlite>, frame: &Frame<'_>, row: &ScheduleRow, on: Date) -> Result<(), Fail> {
    let params: Value = serde_json::from_str(&row.params)?;
    let request = Request {
        customer: row.customer.clone(),
        operation: Operation::Transfer.name().to_owned(),
        key: format!("schedule:{}:{on}", row.id),
        params: params.clone(),
    };
    let body_hash = crate::digest::digest(&json!([request.customer, request.operation, request.params]));
    let mut attempt = tx.begin().await?;
    let outcome = async {
        let cx = &mut frame.cx(&mut attempt);
        let draft = Operation::Transfer.prepare(cx, &row.customer, params.clone()).await?;
        let order = insert(cx, &request, &body_hash, &draft, OrderStatus::Prepared).await?;
        let done = Operation::Transfer.apply(cx, &order).await?;
        super::life::finish(cx.conn, frame, &order, done, &json!({"kind": "scheduled", "schedule": row.id})).await
    }
    .await;
    match outcome {
        Ok(_) => attempt.commit().await?,
        Err(Fail::Refused(Refusal { code, detail })) => {
            attempt.rollback().await?;
            let draft = Draft { values: params, amount: Some(Money::cny(row.amount_minor)), ..Draft::default() };
            let order = insert(&mut frame.cx(tx), &request, &body_hash, &draft, OrderStatus::Prepared).await?;
            super::life::end(tx, &order, OrderStatus::Rejected, Some(&code.text()), &detail).await?;
        }
        Err(fault) => return Err(fault),
    }
    Ok(())
}
