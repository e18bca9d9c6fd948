//! Protective operations: one step, idempotent by key, each only reduces what
//! can leave. They are kept beside the orders, so that a key is asked the same way.

use crate::error::{Code, Fail, bad_param, not_allowed, refuse_with};
use crate::ledger::place_hold;
use crate::model::{self, kept_text, tail};
use crate::money::Money;
use crate::orders::life::{Request, Seen, cancel_accepted, insert, receipt_no, seen};
use crate::orders::service::open_request;
use crate::orders::transfer::TransferValues;
use crate::orders::{Draft, OrderRow, OrderStatus, OrderView};
use crate::store::Cx;
use crate::time::plus_days;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How far back "the transfer just made" may lie.
const STOP_WINDOW_MS: i64 = 86_400_000;
/// Longest hold, and the usual one, in hours.
const HOLD_HOURS_MAX: i64 = 720;
const HOLD_HOURS: i64 = 72;
const HOUR_MS: i64 = 3_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    CardLock,
    CardReportLoss,
    StopPayment,
    HoldPlace,
}

impl Protection {
    pub const ALL: [Self; 4] = [Self::CardLock, Self::CardReportLoss, Self::StopPayment, Self::HoldPlace];

    pub fn name(self) -> &'static str {
        match self {
            Self::CardLock => "card_lock",
            Self::CardReportLoss => "card_report_loss",
            Self::StopPayment => "stop_payment",
            Self::HoldPlace => "hold_place",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LockScope {
    All,
    Overseas,
    Online,
    Night,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardLockParams {
    pub card: String,
    pub scope: Option<LockScope>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardReportLossParams {
    pub card: String,
    /// `lost` or `stolen`.
    pub kind: Option<String>,
    /// What happened, in the customer's words.
    pub incident: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopPaymentParams {
    pub order: Option<String>,
    pub transaction: Option<String>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldPlaceParams {
    pub account: String,
    pub amount: Option<Money>,
    pub reason: Option<String>,
    pub hours: Option<i64>,
}

/// Carries a protection out, or answers how it went under this key before.
pub async fn protect(cx: &mut Cx<'_>, request: Request) -> Result<OrderView, Fail> {
    let protection = Protection::ALL
        .into_iter()
        .find(|protection| protection.name() == request.operation)
        .ok_or_else(|| refuse_with(Code::UnknownOperation, json!({"field": "operation"})))?;
    model::customer(cx.conn, &request.customer).await?;
    let body_hash = match seen(cx.conn, &request).await? {
        Seen::Same(order) => return OrderView::of(*order),
        Seen::New { body_hash } => body_hash,
    };
    let params = request.params.clone();
    let mut result = match protection {
        Protection::CardLock => card_lock(cx, &request.customer, typed(params)?).await?,
        Protection::CardReportLoss => report_loss(cx, &request.customer, typed(params)?).await?,
        Protection::StopPayment => stop_payment(cx, &request.customer, typed(params)?).await?,
        Protection::HoldPlace => hold_place(cx, &request.customer, typed(params)?).await?,
    };
    let draft = Draft { values: request.params.clone(), ..Draft::default() };
    let order = insert(cx, &request, &body_hash, &draft, OrderStatus::Posted).await?;
    if let Some(map) = result.as_object_mut() {
        map.insert("receipt_no".into(), json!(receipt_no(&order.id, cx.today)));
        map.insert("booked_on".into(), json!(cx.today.to_string()));
        map.insert("booked_at_ms".into(), json!(cx.now_ms));
    }
    let order: OrderRow =
        sqlx::query_as("UPDATE orders SET result = ?, confirmed_at_ms = ?, confirmed_on = ? WHERE id = ? RETURNING *")
            .bind(result.to_string())
            .bind(cx.now_ms)
            .bind(cx.today.to_string())
            .bind(&order.id)
            .fetch_one(&mut *cx.conn)
            .await?;
    OrderView::of(order)
}

fn typed<T: DeserializeOwned>(params: Value) -> Result<T, Fail> {
    serde_json::from_value(params).map_err(|error| bad_param(error.to_string().split('`').nth(1).unwrap_or("params")))
}

async fn card_lock(cx: &mut Cx<'_>, customer: &str, p: CardLockParams) -> Result<Value, Fail> {
    let card = model::card(cx.conn, customer, &p.card).await?;
    let scope = p.scope.unwrap_or(LockScope::All);
    let scope_text = serde_json::to_value(scope)?.as_str().unwrap_or("all").to_owned();
    let status = match card.status.as_str() {
        // Reported lost is stronger than locked; a whole lock is stronger than a part.
        "lost" => "lost",
        "active" | "inactive" => "locked",
        "locked" => "locked",
        _ => return Err(not_allowed(&format!("card_{}", card.status))),
    };
    let whole = card.status == "locked" && card.lock_scope.as_deref().unwrap_or("all") == "all";
    let scope_text = if whole { "all".to_owned() } else { scope_text };
    if status == "locked" {
        sqlx::query("UPDATE cards SET status = 'locked', lock_scope = ? WHERE id = ?")
            .bind(&scope_text)
            .bind(&card.id)
            .execute(&mut *cx.conn)
            .await?;
    }
    Ok(json!({
        "card": card.id, "card_label": card.label(), "card_tail": tail(&card.number),
        "status": status, "scope": scope_text,
    }))
}

async fn report_loss(cx: &mut Cx<'_>, customer: &str, p: CardReportLossParams) -> Result<Value, Fail> {
    let kind = match p.kind.as_deref() {
        None | Some("lost") => "lost",
        Some("stolen") => "stolen",
        Some(_) => return Err(bad_param("kind")),
    };
    let card = model::card(cx.conn, customer, &p.card).await?;
    if card.status == "replaced" {
        return Err(not_allowed("card_replaced"));
    }
    let until = plus_days(cx.today, cx.bank.card.loss_days).to_string();
    sqlx::query("UPDATE cards SET status = 'lost', lost_until = ?, lock_scope = NULL WHERE id = ?")
        .bind(&until)
        .bind(&card.id)
        .execute(&mut *cx.conn)
        .await?;
    let incident = kept_text(p.incident.as_deref().unwrap_or_default());
    let request = crate::orders::service::NewRequest {
        kind: "loss",
        prefix: "GS",
        status: "open",
        due_on: None,
        summary: card.label(),
        detail: json!({"card": card.id, "kind": kind, "incident": incident, "lost_until": until}),
    };
    let number = open_request(cx, customer, request).await?;
    Ok(json!({
        "card": card.id, "card_label": card.label(), "card_tail": tail(&card.number),
        "status": "lost", "lost_until": until, "number": number,
    }))
}

/// The transfer meant: named by order or transaction, or the latest one.
async fn transfer_meant(cx: &mut Cx<'_>, customer: &str, p: &StopPaymentParams) -> Result<Option<OrderRow>, Fail> {
    if let Some(id) = &p.order {
        let found = OrderRow::find(cx.conn, id).await?;
        let found = found.filter(|order| order.customer == customer && order.operation == "transfer");
        return found.map(Some).ok_or_else(|| crate::error::not_found("order"));
    }
    if let Some(id) = &p.transaction {
        let number: i64 = id
            .strip_prefix("tx_")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| crate::error::not_found("transaction"))?;
        return Ok(sqlx::query_as(
            "SELECT o.* FROM postings p JOIN entries e ON e.id = p.entry JOIN orders o ON o.id = e.order_id
             WHERE p.id = ? AND o.customer = ? AND o.operation = 'transfer'",
        )
        .bind(number)
        .bind(customer)
        .fetch_optional(&mut *cx.conn)
        .await?);
    }
    Ok(sqlx::query_as(
        "SELECT * FROM orders WHERE customer = ? AND operation = 'transfer' AND status IN ('accepted', 'posted')
           AND confirmed_at_ms >= ? ORDER BY confirmed_at_ms DESC, id DESC LIMIT 1",
    )
    .bind(customer)
    .bind(cx.now_ms - STOP_WINDOW_MS)
    .fetch_optional(&mut *cx.conn)
    .await?)
}

async fn stop_payment(cx: &mut Cx<'_>, customer: &str, p: StopPaymentParams) -> Result<Value, Fail> {
    let reason = kept_text(p.reason.as_deref().unwrap_or("fraud"));
    let Some(order) = transfer_meant(cx, customer, &p).await? else {
        return stop_outside(cx, customer, &p, &reason).await;
    };
    let v: TransferValues = order.values()?;
    let (effect, held) = match order.status()? {
        OrderStatus::Accepted => {
            cancel_accepted(cx, &order).await?;
            ("cancelled", Money::cny(0))
        }
        OrderStatus::Posted => match model::account_by_number(cx.conn, &v.to_account).await? {
            Some(payee) => {
                let amount = v.amount.minor.min(payee.available().minor);
                if amount > 0 {
                    place_hold(cx, &payee.id, amount, "stop_payment", Some(&order.id), None).await?;
                }
                (if amount > 0 { "payee_held" } else { "recall_requested" }, Money::cny(amount))
            }
            None => ("recall_requested", Money::cny(0)),
        },
        _ => ("nothing_to_stop", Money::cny(0)),
    };
    let detail =
        json!({"order": order.id, "effect": effect, "held": held, "reason": reason, "to_account": v.to_account});
    let number = recall(cx, customer, format!("{} {}元", v.to_name, v.amount.decimal()), detail).await?;
    Ok(json!({
        "effect": effect, "amount": v.amount, "held": held, "to_name": v.to_name, "to_tail": v.to_tail,
        "number": number, "order": order.id, "transaction": p.transaction,
    }))
}

/// A movement that no order of ours made, or nothing at all: a case all the same.
async fn stop_outside(cx: &mut Cx<'_>, customer: &str, p: &StopPaymentParams, reason: &str) -> Result<Value, Fail> {
    let Some(id) = &p.transaction else {
        let number =
            recall(cx, customer, "止付请求".into(), json!({"reason": reason, "effect": "nothing_to_stop"})).await?;
        return Ok(json!({
            "effect": "nothing_to_stop", "amount": Money::cny(0), "held": Money::cny(0), "to_name": null,
            "to_tail": null, "number": number, "order": null, "transaction": null,
        }));
    };
    let (date, amount, other) = crate::orders::service::movement(cx.conn, customer, id).await?;
    let detail = json!({"transaction": id, "date": date, "reason": reason, "effect": "recall_requested"});
    let number = recall(cx, customer, format!("{other} {}元", amount.decimal()), detail).await?;
    Ok(json!({
        "effect": "recall_requested", "amount": Money::new(amount.minor.abs(), amount.currency), "held": Money::cny(0),
        "to_name": other, "to_tail": null, "number": number, "order": null, "transaction": id,
    }))
}

async fn recall(cx: &mut Cx<'_>, customer: &str, summary: String, detail: Value) -> Result<String, Fail> {
    let due_on = cx.bank.plus_working_days(cx.today, cx.bank.service.recall_days);
    let request = crate::orders::service::NewRequest {
        kind: "recall",
        prefix: "ZF",
        status: "open",
        due_on: Some(due_on),
        summary,
        detail,
    };
    open_request(cx, customer, request).await
}

async fn hold_place(cx: &mut Cx<'_>, customer: &str, p: HoldPlaceParams) -> Result<Value, Fail> {
    let account = model::account(cx.conn, customer, &p.account, "account").await?;
    let available = account.available();
    let amount = p.amount.unwrap_or(available);
    if amount.currency != available.currency || amount.minor < 0 {
        return Err(bad_param("amount"));
    }
    let hours = p.hours.unwrap_or(HOLD_HOURS);
    if !(1..=HOLD_HOURS_MAX).contains(&hours) {
        return Err(bad_param("hours"));
    }
    // Holding more than there is holds all there is.
    let amount = Money::new(amount.minor.min(available.minor), amount.currency);
    if amount.minor == 0 {
        return Err(not_allowed("nothing_to_hold"));
    }
    let expires_at_ms = cx.now_ms + hours * HOUR_MS;
    let reason = kept_text(p.reason.as_deref().unwrap_or("customer"));
    let hold = place_hold(cx, &account.id, amount.minor, &reason, None, Some(expires_at_ms)).await?;
    Ok(json!({
        "hold": hold, "account": account.id, "account_tail": tail(&account.number), "amount": amount,
        "available": Money::new(available.minor - amount.minor, amount.currency), "expires_at_ms": expires_at_ms,
    }))
}
