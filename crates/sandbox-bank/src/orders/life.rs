//! The life of an order: prepared → posted | accepted | held | rejected |
//! cancelled | expired.

use super::operation::{Done, Draft, Operation};
use super::row::{OrderRow, OrderStatus, OrderView};
use super::{remit, schedule, transfer};
use crate::digest::{digest, text_hash};
use crate::error::{Code, Fail, Refusal, bad_param, not_found, refuse, refuse_with};
use crate::ledger::end_hold;
use crate::model;
use crate::store::{Conn, Cx, next_id};
use jiff::civil::Date;
use serde_json::{Value, json};
use sqlx::{Connection, Sqlite, Transaction};

/// Longest idempotency key, in bytes.
const KEY_MAX_BYTES: usize = 128;
/// Due orders carried out in one run; the rest follows in the next.
const DUE_PER_RUN_MAX: i64 = 500;

pub struct Request {
    pub customer: String,
    pub operation: String,
    pub key: String,
    pub params: Value,
}

/// What a key was used for before.
pub enum Seen {
    New { body_hash: String },
    Same(Box<OrderRow>),
}

/// Looks the key up: same content answers the same order, other content is a conflict.
pub async fn seen(conn: &mut Conn, request: &Request) -> Result<Seen, Fail> {
    if request.key.is_empty() || request.key.len() > KEY_MAX_BYTES {
        return Err(bad_param("idempotency_key"));
    }
    let body_hash = text_hash(&[&digest(&json!([request.customer, request.operation, request.params]))]);
    match find_by_key(conn, &request.customer, &request.operation, &request.key).await? {
        Some(order) if order.body_hash == body_hash => Ok(Seen::Same(Box::new(order))),
        Some(_) => Err(refuse(Code::IdempotencyConflict)),
        None => Ok(Seen::New { body_hash }),
    }
}

async fn find_by_key(conn: &mut Conn, customer: &str, operation: &str, key: &str) -> Result<Option<OrderRow>, Fail> {
    Ok(sqlx::query_as("SELECT * FROM orders WHERE customer = ? AND operation = ? AND idem_key = ?")
        .bind(customer)
        .bind(operation)
        .bind(key)
        .fetch_optional(conn)
        .await?)
}

/// Stores a new order in the given status.
pub async fn insert(
    cx: &mut Cx<'_>,
    request: &Request,
    body_hash: &str,
    draft: &Draft,
    status: OrderStatus,
) -> Result<OrderRow, Fail> {
    let id = next_id(cx.conn, "or").await?;
    let expires_at_ms = draft.expires_at_ms.unwrap_or(cx.now_ms + cx.bank.order_ttl_s * 1_000);
    let row: OrderRow = sqlx::query_as(
        "INSERT INTO orders (id, customer, operation, idem_key, body_hash, params, vals, status, result, prepared_at_ms,
           expires_at_ms, from_account, to_account, channel, amount_minor, currency)
         VALUES (?,?,?,?,?,?,?,?,'null',?,?,?,?,?,?,?) RETURNING *",
    )
    .bind(&id)
    .bind(&request.customer)
    .bind(&request.operation)
    .bind(&request.key)
    .bind(body_hash)
    .bind(request.params.to_string())
    .bind(draft.values.to_string())
    .bind(status.text())
    .bind(cx.now_ms)
    .bind(expires_at_ms)
    .bind(&draft.from_account)
    .bind(&draft.to_account)
    .bind(&draft.channel)
    .bind(draft.amount.map(|amount| amount.minor))
    .bind(draft.amount.map(|amount| amount.currency.code()))
    .fetch_one(&mut *cx.conn)
    .await?;
    Ok(row)
}

/// Prepares an order. The only trace it leaves is the order itself.
pub async fn prepare(cx: &mut Cx<'_>, request: Request) -> Result<OrderView, Fail> {
    let operation = Operation::parse(&request.operation)
        .ok_or_else(|| refuse_with(Code::UnknownOperation, json!({"field": "operation"})))?;
    model::customer(cx.conn, &request.customer).await?;
    let body_hash = match seen(cx.conn, &request).await? {
        Seen::Same(order) => return OrderView::of(*order),
        Seen::New { body_hash } => body_hash,
    };
    let draft = operation.prepare(cx, &request.customer, request.params.clone()).await?;
    OrderView::of(insert(cx, &request, &body_hash, &draft, OrderStatus::Prepared).await?)
}

/// Confirms a prepared order. Asked again it answers how the order stands.
pub async fn confirm(
    tx: &mut Transaction<'_, Sqlite>,
    frame: &Frame<'_>,
    id: &str,
    proof: &Value,
) -> Result<OrderView, Fail> {
    let order = OrderRow::find(tx, id).await?.ok_or_else(|| not_found("order"))?;
    if order.status()? != OrderStatus::Prepared {
        return OrderView::of(order);
    }
    let operation = Operation::parse(&order.operation).ok_or(Fail::Data("operation"))?;
    let values: Value = serde_json::from_str(&order.vals)?;
    if proof.get("digest").and_then(Value::as_str) != Some(&digest(&values)) {
        return Err(refuse(Code::ProofMismatch));
    }
    if frame.now_ms > order.expires_at_ms {
        return OrderView::of(end(tx, &order, OrderStatus::Expired, Some("EXPIRED"), &json!({})).await?);
    }
    // A refusal half-way must leave nothing behind but the refusal.
    let mut attempt = tx.begin().await?;
    let outcome = carry_out(&mut frame.cx(&mut attempt), operation, &order, &values).await;
    match outcome {
        Ok(done) => {
            attempt.commit().await?;
            OrderView::of(finish(tx, frame, &order, done, proof).await?)
        }
        Err(Fail::Refused(Refusal { code, detail })) => {
            attempt.rollback().await?;
            OrderView::of(end(tx, &order, OrderStatus::Rejected, Some(&code.text()), &detail).await?)
        }
        Err(fault) => Err(fault),
    }
}

/// Everything of a unit of work but its connection.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    pub bank: &'a crate::config::Config,
    pub now_ms: i64,
    pub today: Date,
    pub always_open: bool,
}

impl<'a> Frame<'a> {
    pub fn cx<'c>(&self, conn: &'c mut Conn) -> Cx<'c>
    where
        'a: 'c,
    {
        Cx { conn, bank: self.bank, now_ms: self.now_ms, today: self.today, always_open: self.always_open }
    }
}

async fn carry_out(cx: &mut Cx<'_>, operation: Operation, order: &OrderRow, values: &Value) -> Result<Done, Fail> {
    let params: Value = serde_json::from_str(&order.params)?;
    let fresh = operation.prepare(cx, &order.customer, params).await?;
    if material(operation, values) != material(operation, &fresh.values) {
        return Err(refuse(Code::Stale));
    }
    operation.apply(cx, order).await
}

/// The fields that decide what is carried out.
fn material(operation: Operation, values: &Value) -> Value {
    let mut values = values.clone();
    if let Some(map) = values.as_object_mut() {
        for field in operation.volatile() {
            map.remove(*field);
        }
    }
    values
}

pub async fn end(
    conn: &mut Conn,
    order: &OrderRow,
    status: OrderStatus,
    code: Option<&str>,
    result: &Value,
) -> Result<OrderRow, Fail> {
    Ok(sqlx::query_as("UPDATE orders SET status = ?, code = ?, result = ? WHERE id = ? RETURNING *")
        .bind(status.text())
        .bind(code)
        .bind(result.to_string())
        .bind(&order.id)
        .fetch_one(conn)
        .await?)
}

pub async fn finish(
    conn: &mut Conn,
    frame: &Frame<'_>,
    order: &OrderRow,
    done: Done,
    proof: &Value,
) -> Result<OrderRow, Fail> {
    let (status, mut result, due_on, due_at_ms, hold) = match done {
        Done::Posted(result) => (OrderStatus::Posted, result, None, None, None),
        Done::Accepted { result, due_on, due_at_ms, hold } => {
            (OrderStatus::Accepted, result, Some(due_on), Some(due_at_ms), hold)
        }
        Done::Held { result, hold } => (OrderStatus::Held, result, None, None, hold),
    };
    if let Some(map) = result.as_object_mut() {
        map.insert("receipt_no".into(), json!(receipt_no(&order.id, frame.today)));
        match status {
            OrderStatus::Posted => {
                map.insert("booked_on".into(), json!(frame.today.to_string()));
                map.insert("booked_at_ms".into(), json!(frame.now_ms));
            }
            OrderStatus::Accepted => {
                map.insert("due_on".into(), json!(due_on));
                map.insert("due_at_ms".into(), json!(due_at_ms));
            }
            _ => {
                map.insert("held_for".into(), json!("release"));
            }
        }
    }
    Ok(sqlx::query_as(
        "UPDATE orders SET status = ?, result = ?, confirmed_at_ms = ?, confirmed_on = ?, due_on = ?, due_at_ms = ?,
           hold = ?, proof = ? WHERE id = ? RETURNING *",
    )
    .bind(status.text())
    .bind(result.to_string())
    .bind(frame.now_ms)
    .bind(frame.today.to_string())
    .bind(due_on)
    .bind(due_at_ms)
    .bind(hold)
    .bind(proof.to_string())
    .bind(&order.id)
    .fetch_one(conn)
    .await?)
}

/// Number on a receipt: date and order.
pub fn receipt_no(order: &str, today: Date) -> String {
    format!("{}{}", today.strftime("%Y%m%d"), order.trim_start_matches("or_"))
}

/// Cancels an order that was not carried out yet; otherwise answers how it
/// stands. With `only_prepared` an accepted one is left alone.
pub async fn cancel(cx: &mut Cx<'_>, id: &str, only_prepared: bool) -> Result<OrderView, Fail> {
    let order = OrderRow::find(cx.conn, id).await?.ok_or_else(|| not_found("order"))?;
    match order.status()? {
        OrderStatus::Prepared => OrderView::of(end(cx.conn, &order, OrderStatus::Cancelled, None, &json!({})).await?),
        OrderStatus::Accepted if !only_prepared && order.operation == "transfer" => {
            OrderView::of(cancel_accepted(cx, &order).await?)
        }
        _ => OrderView::of(order),
    }
}

/// Takes an accepted transfer back: the hold is released.
pub async fn cancel_accepted(cx: &mut Cx<'_>, order: &OrderRow) -> Result<OrderRow, Fail> {
    if let Some(hold) = &order.hold {
        end_hold(cx, hold, "released").await?;
    }
    end(cx.conn, order, OrderStatus::Cancelled, None, &json!({"released": order.amount()})).await
}

/// The order under a key.
pub async fn by_key(conn: &mut Conn, customer: &str, operation: &str, key: &str) -> Result<OrderView, Fail> {
    OrderView::of(find_by_key(conn, customer, operation, key).await?.ok_or_else(|| not_found("order"))?)
}

/// Two people release a held order.
pub async fn release(cx: &mut Cx<'_>, id: &str, by: &[String], seen: Option<&str>) -> Result<OrderView, Fail> {
    let order = OrderRow::find(cx.conn, id).await?.ok_or_else(|| not_found("order"))?;
    match order.status()? {
        OrderStatus::Held => {}
        OrderStatus::Prepared => return Err(crate::error::not_allowed("not_held")),
        _ => return OrderView::of(order),
    }
    if by.len() != 2 || by[0] == by[1] || by.iter().any(String::is_empty) {
        return Err(bad_param("by"));
    }
    let values: Value = serde_json::from_str(&order.vals)?;
    if seen.is_some_and(|seen| seen != digest(&values)) {
        return Err(refuse(Code::ProofMismatch));
    }
    let mut result = remit::release(cx, &order, order.values()?).await?;
    if let Some(map) = result.as_object_mut() {
        map.insert("receipt_no".into(), json!(receipt_no(&order.id, cx.today)));
        map.insert("booked_on".into(), json!(cx.today.to_string()));
        map.insert("booked_at_ms".into(), json!(cx.now_ms));
        map.insert("released_by".into(), json!(by));
    }
    OrderView::of(end(cx.conn, &order, OrderStatus::Posted, None, &result).await?)
}

/// One person declines a held order: the money is free again.
pub async fn decline(cx: &mut Cx<'_>, id: &str, by: &str, reason: &str) -> Result<OrderView, Fail> {
    let order = OrderRow::find(cx.conn, id).await?.ok_or_else(|| not_found("order"))?;
    match order.status()? {
        OrderStatus::Held => {}
        OrderStatus::Prepared => return Err(crate::error::not_allowed("not_held")),
        _ => return OrderView::of(order),
    }
    remit::end_holds(cx, &order.id, "released").await?;
    let result = json!({"reason": model::kept_text(reason), "declined_by": by});
    OrderView::of(end(cx.conn, &order, OrderStatus::Rejected, Some("RELEASE_DECLINED"), &result).await?)
}

/// Is anything waiting that is due now?
pub async fn due_now(conn: &mut Conn, now_ms: i64, today: Date) -> Result<bool, Fail> {
    let due: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM orders WHERE status = 'accepted' AND operation = 'transfer' AND due_at_ms <= ?1
                       AND (due_on <= ?2 OR json_extract(vals, '$.arrival') <> 'next_day'))
             OR EXISTS (SELECT 1 FROM holds WHERE status = 'placed' AND expires_at_ms <= ?1)
             OR EXISTS (SELECT 1 FROM schedules WHERE status = 'active' AND next_on <= ?2)",
    )
    .bind(now_ms)
    .bind(today.to_string())
    .fetch_one(conn)
    .await?;
    Ok(due)
}

/// Carries out what is due: accepted transfers, scheduled payments, holds that end.
pub async fn run_due(tx: &mut Transaction<'_, Sqlite>, frame: &Frame<'_>) -> Result<(), Fail> {
    let due: Vec<OrderRow> = sqlx::query_as(
        "SELECT * FROM orders WHERE status = 'accepted' AND operation = 'transfer'
           AND CASE json_extract(vals, '$.arrival') WHEN 'next_day' THEN due_on <= ?2 ELSE due_at_ms <= ?1 END
         ORDER BY due_at_ms, id LIMIT ?3",
    )
    .bind(frame.now_ms)
    .bind(frame.today.to_string())
    .bind(DUE_PER_RUN_MAX)
    .fetch_all(&mut **tx)
    .await?;
    for order in due {
        let (on, at_ms) = (order.due_on.as_deref().unwrap_or_default(), order.due_at_ms.unwrap_or(0));
        if at_ms > frame.now_ms && !transfer::next_day_open(frame.now_ms, on, frame.bank.transfer.next_day_hour) {
            continue;
        }
        let mut attempt = tx.begin().await?;
        let outcome = transfer::post_due(&mut frame.cx(&mut attempt), &order).await;
        match outcome {
            Ok(mut result) => {
                attempt.commit().await?;
                if let Some(map) = result.as_object_mut() {
                    map.insert("receipt_no".into(), json!(receipt_no(&order.id, frame.today)));
                    map.insert("booked_on".into(), json!(frame.today.to_string()));
                    map.insert("booked_at_ms".into(), json!(frame.now_ms));
                }
                end(tx, &order, OrderStatus::Posted, None, &result).await?;
            }
            Err(Fail::Refused(Refusal { code, detail })) => {
                attempt.rollback().await?;
                if let Some(hold) = &order.hold {
                    end_hold(&mut frame.cx(tx), hold, "released").await?;
                }
                end(tx, &order, OrderStatus::Rejected, Some(&code.text()), &detail).await?;
            }
            Err(fault) => return Err(fault),
        }
    }
    let ended: Vec<String> =
        sqlx::query_scalar("SELECT id FROM holds WHERE status = 'placed' AND expires_at_ms <= ? ORDER BY id LIMIT ?")
            .bind(frame.now_ms)
            .bind(DUE_PER_RUN_MAX)
            .fetch_all(&mut **tx)
            .await?;
    for hold in ended {
        end_hold(&mut frame.cx(tx), &hold, "expired").await?;
    }
    schedule::run_due(tx, frame).await
}
