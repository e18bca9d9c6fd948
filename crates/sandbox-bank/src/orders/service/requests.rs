//! What customers register and book: disputes, complaints, appointments,
//! calls back, suggestions. Each gets a number and, where a rule sets one, a
//! due date.

use crate::error::{Fail, bad_param, not_allowed, not_found};
use crate::model::{self, kept_text, masked_phone};
use crate::money::{Currency, Money};
use crate::orders::operation::{Done, Draft};
use crate::orders::row::OrderRow;
use crate::store::{Conn, Cx, next_id, next_number, stored_date};
use crate::time::{days_between, local, plus_days};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A request about to be registered.
pub struct NewRequest<'a> {
    pub kind: &'a str,
    /// Letters its number starts with.
    pub prefix: &'a str,
    pub status: &'a str,
    pub due_on: Option<Date>,
    pub summary: String,
    pub detail: Value,
}

/// Registers a request and answers its number.
pub async fn open_request(cx: &mut Cx<'_>, customer: &str, request: NewRequest<'_>) -> Result<String, Fail> {
    let id = next_id(cx.conn, "sr").await?;
    let serial = next_number(cx.conn, request.prefix).await?;
    let number = format!("{}{}{serial:04}", request.prefix, cx.today.strftime("%Y%m%d"));
    sqlx::query("INSERT INTO service_requests VALUES (?,?,?,?,?,?,?,?,?)")
        .bind(&id)
        .bind(customer)
        .bind(request.kind)
        .bind(&number)
        .bind(request.status)
        .bind(cx.today.to_string())
        .bind(request.due_on.map(|date| date.to_string()))
        .bind(&request.summary)
        .bind(request.detail.to_string())
        .execute(&mut *cx.conn)
        .await?;
    Ok(number)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisputeReason {
    NotMine,
    Duplicate,
    NotReceived,
    WrongAmount,
    Cancelled,
    Other,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeParams {
    pub transaction: String,
    pub reason: DisputeReason,
    pub note: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DisputeValues {
    pub transaction: String,
    pub date: String,
    pub amount: Money,
    pub merchant: String,
    pub reason: DisputeReason,
    pub note: String,
    pub due_on: String,
}

/// A movement of the customer's accounts or cards: date, amount taken, other side.
pub async fn movement(conn: &mut Conn, customer: &str, id: &str) -> Result<(String, Money, String), Fail> {
    let number: i64 = id.strip_prefix("tx_").and_then(|n| n.parse().ok()).ok_or_else(|| not_found("transaction"))?;
    let found: Option<(String, i64, String, Option<String>, String)> = sqlx::query_as(
        "SELECT p.booked_on, p.amount_minor, p.currency, e.counterparty_name, e.summary FROM postings p
         JOIN entries e ON e.id = p.entry
         WHERE p.id = ?1 AND (p.account IN (SELECT id FROM accounts WHERE customer = ?2)
                           OR p.card IN (SELECT id FROM cards WHERE customer = ?2))",
    )
    .bind(number)
    .bind(customer)
    .fetch_optional(conn)
    .await?;
    let (on, minor, currency, name, summary) = found.ok_or_else(|| not_found("transaction"))?;
    let currency = Currency::parse(&currency).ok_or(Fail::Data("currency"))?;
    Ok((on, Money::new(minor, currency), name.unwrap_or(summary)))
}

pub async fn prepare_dispute(cx: &mut Cx<'_>, customer: &str, p: DisputeParams) -> Result<Draft, Fail> {
    let (date, amount, merchant) = movement(cx.conn, customer, &p.transaction).await?;
    if amount.minor <= 0 {
        return Err(not_allowed("not_a_debit"));
    }
    let open: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM service_requests WHERE customer = ? AND kind = 'dispute'
           AND json_extract(detail, '$.transaction') = ?)",
    )
    .bind(customer)
    .bind(&p.transaction)
    .fetch_one(&mut *cx.conn)
    .await?;
    if open {
        return Err(crate::error::refuse(crate::error::Code::Duplicate));
    }
    Draft::new(DisputeValues {
        transaction: p.transaction,
        date,
        amount,
        merchant,
        reason: p.reason,
        note: kept_text(p.note.as_deref().unwrap_or_default()),
        due_on: plus_days(cx.today, cx.bank.credit.dispute_days).to_string(),
    })
}

pub async fn apply_dispute(cx: &mut Cx<'_>, order: &OrderRow, v: DisputeValues) -> Result<Done, Fail> {
    let due_on = stored_date(&v.due_on)?;
    let request = NewRequest {
        kind: "dispute",
        prefix: "ZY",
        status: "open",
        due_on: Some(due_on),
        summary: format!("{} {} {}元", v.date, v.merchant, v.amount.decimal()),
        detail: serde_json::to_value(&v)?,
    };
    let number = open_request(cx, &order.customer, request).await?;
    Ok(Done::Posted(json!({"number": number, "due_on": v.due_on})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintParams {
    pub topic: String,
    pub text: String,
    pub branch: Option<String>,
    pub expectation: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ComplaintValues {
    pub topic: String,
    pub text: String,
    pub branch: Option<String>,
    pub branch_name: Option<String>,
    pub expectation: String,
    pub opened_on: String,
    pub due_on: String,
}

pub async fn prepare_complaint(cx: &mut Cx<'_>, _customer: &str, p: ComplaintParams) -> Result<Draft, Fail> {
    let (topic, text) = (kept_text(&p.topic), kept_text(&p.text));
    if text.is_empty() {
        return Err(bad_param("text"));
    }
    let branch = match p.branch.as_deref() {
        Some(id) => Some(cx.bank.branch(id).ok_or_else(|| bad_param("branch"))?),
        None => None,
    };
    Draft::new(ComplaintValues {
        topic,
        text,
        branch: branch.map(|branch| branch.id.clone()),
        branch_name: branch.map(|branch| branch.name.clone()),
        expectation: kept_text(p.expectation.as_deref().unwrap_or_default()),
        opened_on: cx.today.to_string(),
        due_on: plus_days(cx.today, cx.bank.service.complaint_days).to_string(),
    })
}

pub async fn apply_complaint(cx: &mut Cx<'_>, order: &OrderRow, v: ComplaintValues) -> Result<Done, Fail> {
    let request = NewRequest {
        kind: "complaint",
        prefix: "TS",
        status: "open",
        due_on: Some(stored_date(&v.due_on)?),
        summary: v.topic.clone(),
        detail: serde_json::to_value(&v)?,
    };
    let number = open_request(cx, &order.customer, request).await?;
    Ok(Done::Posted(json!({"number": number, "due_on": v.due_on})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentParams {
    pub branch: String,
    #[schema(value_type = String)]
    pub date: Date,
    pub time: String,
    pub service: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppointmentValues {
    pub branch: String,
    pub branch_name: String,
    pub address: String,
    pub date: String,
    pub time: String,
    pub service: String,
}

/// Places left at a branch for each time of a day; none when it is closed.
pub async fn slots_left(cx: &mut Cx<'_>, branch: &str, date: Date) -> Result<Vec<(String, i64)>, Fail> {
    let ahead = days_between(cx.today, date);
    let terms = cx.bank.branch(branch).ok_or_else(|| not_found("branch"))?;
    let closed = !cx.bank.is_working_day(date) && !terms.weekend.contains(':');
    if !(1..=cx.bank.service.appointment_days_ahead).contains(&ahead) || closed {
        return Ok(Vec::new());
    }
    let taken: Vec<(String, i64)> = sqlx::query_as(
        "SELECT json_extract(detail, '$.time'), count(*) FROM service_requests
         WHERE kind = 'appointment' AND status = 'booked' AND json_extract(detail, '$.branch') = ?
           AND json_extract(detail, '$.date') = ? GROUP BY 1",
    )
    .bind(branch)
    .bind(date.to_string())
    .fetch_all(&mut *cx.conn)
    .await?;
    let used = |time: &str| taken.iter().find(|(at, _)| at == time).map_or(0, |(_, count)| *count);
    let terms = &cx.bank.service;
    Ok(terms
        .appointment_times
        .iter()
        .map(|time| (time.clone(), terms.appointment_capacity - used(time)))
        .filter(|(_, left)| *left > 0)
        .collect())
}

pub async fn prepare_appointment(cx: &mut Cx<'_>, _customer: &str, p: AppointmentParams) -> Result<Draft, Fail> {
    let branch = cx.bank.branch(&p.branch).ok_or_else(|| bad_param("branch"))?;
    if !slots_left(cx, &p.branch, p.date).await?.iter().any(|(time, _)| *time == p.time) {
        return Err(not_allowed("slot_not_free"));
    }
    Draft::new(AppointmentValues {
        branch: branch.id.clone(),
        branch_name: branch.name.clone(),
        address: branch.address.clone(),
        date: p.date.to_string(),
        time: p.time,
        service: kept_text(&p.service),
    })
}

pub async fn apply_appointment(cx: &mut Cx<'_>, order: &OrderRow, v: AppointmentValues) -> Result<Done, Fail> {
    let request = NewRequest {
        kind: "appointment",
        prefix: "YY",
        status: "booked",
        due_on: Some(stored_date(&v.date)?),
        summary: format!("{} {} {}", v.branch_name, v.date, v.time),
        detail: serde_json::to_value(&v)?,
    };
    let number = open_request(cx, &order.customer, request).await?;
    Ok(Done::Posted(json!({"number": number})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackParams {
    #[schema(value_type = String)]
    pub date: Date,
    /// `HH:MM`.
    pub time: String,
    pub topic: String,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CallbackValues {
    pub date: String,
    pub time: String,
    pub topic: String,
    pub phone_masked: String,
}

pub async fn prepare_callback(cx: &mut Cx<'_>, customer: &str, p: CallbackParams) -> Result<Draft, Fail> {
    let terms = &cx.bank.service;
    let ahead = days_between(cx.today, p.date);
    if !(0..=terms.appointment_days_ahead).contains(&ahead) {
        return Err(bad_param("date"));
    }
    let time = crate::config::HourMinute::try_from(p.time).map_err(|_| bad_param("time"))?;
    if !(terms.callback_open.minutes..=terms.callback_close.minutes).contains(&time.minutes) {
        let hours = format!("{}-{}", terms.callback_open.text, terms.callback_close.text);
        return Err(crate::error::refuse_with(crate::error::Code::OutOfHours, json!({"hours": hours})));
    }
    let now = local(cx.now_ms);
    if now.date() == p.date && time.minutes <= i64::from(now.hour()) * 60 + i64::from(now.minute()) {
        return Err(bad_param("time"));
    }
    let phone = match p.phone {
        Some(phone) if phone.len() == 11 && phone.bytes().all(|b| b.is_ascii_digit()) => phone,
        Some(_) => return Err(bad_param("phone")),
        None => model::customer(cx.conn, customer).await?.phone,
    };
    Draft::new(CallbackValues {
        date: p.date.to_string(),
        time: time.text,
        topic: kept_text(&p.topic),
        phone_masked: masked_phone(&phone),
    })
}

pub async fn apply_callback(cx: &mut Cx<'_>, order: &OrderRow, v: CallbackValues) -> Result<Done, Fail> {
    let request = NewRequest {
        kind: "callback",
        prefix: "HD",
        status: "booked",
        due_on: Some(stored_date(&v.date)?),
        summary: format!("{} {} {}", v.date, v.time, v.topic),
        detail: serde_json::from_str(&order.params)?,
    };
    let number = open_request(cx, &order.customer, request).await?;
    Ok(Done::Posted(json!({"number": number})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestionParams {
    pub text: String,
    /// `praise` or `suggestion`.
    pub kind: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SuggestionValues {
    pub text: String,
    pub kind: String,
}

pub async fn prepare_suggestion(_cx: &mut Cx<'_>, _customer: &str, p: SuggestionParams) -> Result<Draft, Fail> {
    let text = kept_text(&p.text);
    if text.is_empty() {
        return Err(bad_param("text"));
    }
    let kind = match p.kind.as_deref() {
        Some("praise") => "praise",
        Some("suggestion") | None => "suggestion",
        Some(_) => return Err(bad_param("kind")),
    };
    Draft::new(SuggestionValues { text, kind: kind.into() })
}

pub async fn apply_suggestion(cx: &mut Cx<'_>, order: &OrderRow, v: SuggestionValues) -> Result<Done, Fail> {
    let request = NewRequest {
        kind: "suggestion",
        prefix: "JY",
        status: "open",
        due_on: None,
        summary: v.kind.clone(),
        detail: serde_json::to_value(&v)?,
    };
    let number = open_request(cx, &order.customer, request).await?;
    Ok(Done::Posted(json!({"number": number})))
}
