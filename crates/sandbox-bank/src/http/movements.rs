//! What moved on accounts and credit cards, and what is held.

use super::extract::Params;
use super::{App, List};
use crate::error::{Fail, Problem, bad_param, not_found};
use crate::model::{self, masked_number, tail};
use crate::money::{Currency, Money};
use crate::time::clock_text;
use axum::Json;
use axum::extract::{Path, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Sqlite};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Movements on one page.
const PAGE: i64 = 20;
const PAGE_MAX: i64 = 100;
/// Longest text searched for, in characters.
const TEXT_MAX_CHARS: usize = 60;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(transactions)).routes(routes!(transaction)).routes(routes!(holds))
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: i64,
    account: Option<String>,
    card: Option<String>,
    number: String,
    booked_on: String,
    booked_at_ms: i64,
    amount_minor: i64,
    currency: String,
    balance_after_minor: Option<i64>,
    kind: String,
    summary: String,
    counterparty_name: Option<String>,
    counterparty_account: Option<String>,
    counterparty_bank: Option<String>,
    channel: String,
    place: Option<String>,
    order_id: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TransactionView {
    pub id: String,
    pub account: Option<String>,
    pub card: Option<String>,
    pub tail: String,
    pub date: String,
    /// `HH:MM`.
    pub time: String,
    pub at_ms: i64,
    /// `in` or `out`; for a credit card `out` is spending.
    pub direction: String,
    pub amount: Money,
    pub balance_after: Option<Money>,
    pub kind: String,
    pub summary: String,
    pub counterparty_name: Option<String>,
    pub counterparty_account_masked: Option<String>,
    pub counterparty_bank: Option<String>,
    pub channel: String,
    pub place: Option<String>,
    pub order: Option<String>,
    pub label: String,
}

impl TransactionView {
    fn of(row: Row) -> Result<Self, Fail> {
        let currency = Currency::parse(&row.currency).ok_or(Fail::Data("currency"))?;
        let amount = Money::new(row.amount_minor.abs(), currency);
        let other = row.counterparty_name.as_deref().unwrap_or(&row.summary);
        let sign = if row.amount_minor > 0 { "-" } else { "+" };
        Ok(Self {
            label: format!("{} {other} {sign}{}", row.booked_on, amount.decimal()),
            id: format!("tx_{}", row.id),
            tail: tail(&row.number),
            time: clock_text(row.booked_at_ms),
            at_ms: row.booked_at_ms,
            direction: if row.amount_minor > 0 { "out" } else { "in" }.into(),
            amount,
            balance_after: row.balance_after_minor.map(|minor| Money::new(minor, currency)),
            counterparty_account_masked: row.counterparty_account.as_deref().map(masked_number),
            account: row.account,
            card: row.card,
            date: row.booked_on,
            kind: row.kind,
            summary: row.summary,
            counterparty_name: row.counterparty_name,
            counterparty_bank: row.counterparty_bank,
            channel: row.channel,
            place: row.place,
            order: row.order_id,
        })
    }
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransactionsQuery {
    account: Option<String>,
    /// A credit card.
    card: Option<String>,
    #[param(value_type = Option<String>)]
    from: Option<Date>,
    #[param(value_type = Option<String>)]
    to: Option<Date>,
    direction: Option<String>,
    min_minor: Option<i64>,
    max_minor: Option<i64>,
    currency: Option<String>,
    text: Option<String>,
    cursor: Option<i64>,
    limit: Option<i64>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TransactionsView {
    pub items: Vec<TransactionView>,
    /// All that match, not only this page.
    pub count: i64,
    pub next_cursor: Option<String>,
    pub sum_in: Money,
    pub sum_out: Money,
}

/// What is looked at: one account, one card, or all accounts in yuan.
struct Scope {
    customer: String,
    account: Option<String>,
    card: Option<String>,
    currency: Currency,
}

fn push_filters(builder: &mut QueryBuilder<Sqlite>, scope: &Scope, query: &TransactionsQuery) -> Result<(), Fail> {
    builder.push(" FROM postings p JOIN entries e ON e.id = p.entry ");
    match (&scope.account, &scope.card) {
        (_, Some(card)) => {
            builder.push("JOIN cards o ON o.id = p.card WHERE p.card = ").push_bind(card.clone());
        }
        (Some(account), None) => {
            builder.push("JOIN accounts o ON o.id = p.account WHERE p.account = ").push_bind(account.clone());
        }
        (None, None) => {
            builder.push("JOIN accounts o ON o.id = p.account WHERE o.customer = ").push_bind(scope.customer.clone());
            if let Some(code) = &query.currency {
                builder.push(" AND p.currency = ").push_bind(code.to_ascii_uppercase());
            }
        }
    }
    builder.push(" AND e.kind <> 'opening'");
    if let Some(from) = query.from {
        builder.push(" AND p.booked_on >= ").push_bind(from.to_string());
    }
    if let Some(to) = query.to {
        builder.push(" AND p.booked_on <= ").push_bind(to.to_string());
    }
    match query.direction.as_deref() {
        None => {}
        Some("in") => {
            builder.push(" AND p.amount_minor < 0");
        }
        Some("out") => {
            builder.push(" AND p.amount_minor > 0");
        }
        Some(_) => return Err(bad_param("direction")),
    }
    if let Some(min) = query.min_minor {
        builder.push(" AND abs(p.amount_minor) >= ").push_bind(min);
    }
    if let Some(max) = query.max_minor {
        builder.push(" AND abs(p.amount_minor) <= ").push_bind(max);
    }
    if let Some(text) = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        if text.chars().count() > TEXT_MAX_CHARS {
            return Err(bad_param("text"));
        }
        builder.push(" AND (instr(e.summary, ").push_bind(text.to_owned());
        builder.push(") > 0 OR instr(coalesce(e.counterparty_name, ''), ").push_bind(text.to_owned());
        builder.push(") > 0)");
    }
    Ok(())
}

#[utoipa::path(get, path = "/v1/customers/{customer}/transactions", tag = "customers", params(TransactionsQuery),
    responses((status = OK, body = TransactionsView), (status = NOT_FOUND, body = Problem)))]
async fn transactions(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<TransactionsQuery>,
) -> Result<Json<TransactionsView>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    model::customer(cx.conn, &customer).await?;
    let mut scope = Scope { customer: customer.clone(), account: None, card: None, currency: Currency::Cny };
    if let Some(text) = &query.account {
        let account = model::account(cx.conn, &customer, text, "account").await?;
        scope.currency = account.currency();
        scope.account = Some(account.id);
    } else if let Some(text) = &query.card {
        let card = model::card(cx.conn, &customer, text).await?;
        // A debit card moves its account.
        match card.account {
            Some(account) => scope.account = Some(account),
            None => scope.card = Some(card.id),
        }
    }
    let mut sums = QueryBuilder::new(
        "SELECT count(*), coalesce(sum(CASE WHEN p.amount_minor < 0 THEN -p.amount_minor END), 0),
                coalesce(sum(CASE WHEN p.amount_minor > 0 THEN p.amount_minor END), 0)",
    );
    push_filters(&mut sums, &scope, &query)?;
    if scope.account.is_none() && scope.card.is_none() {
        sums.push(" AND p.currency = 'CNY'");
    }
    let (count, sum_in, sum_out): (i64, i64, i64) = sums.build_query_as().fetch_one(&mut *cx.conn).await?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let mut page = QueryBuilder::new(
        "SELECT p.id, p.account, p.card, o.number, p.booked_on, e.booked_at_ms, p.amount_minor, p.currency,
           p.balance_after_minor, e.kind, e.summary, e.counterparty_name, e.counterparty_account, e.counterparty_bank,
           e.channel, e.place, e.order_id",
    );
    push_filters(&mut page, &scope, &query)?;
    if let Some(cursor) = query.cursor {
        page.push(" AND p.id < ").push_bind(cursor);
    }
    page.push(" ORDER BY p.id DESC LIMIT ").push_bind(limit + 1);
    let mut rows: Vec<Row> = page.build_query_as().fetch_all(&mut *cx.conn).await?;
    let more = i64::try_from(rows.len()).unwrap_or(0) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(Json(TransactionsView {
        items: rows.into_iter().map(TransactionView::of).collect::<Result<_, _>>()?,
        count,
        next_cursor,
        sum_in: Money::new(sum_in, scope.currency),
        sum_out: Money::new(sum_out, scope.currency),
    }))
}

#[utoipa::path(get, path = "/v1/customers/{customer}/transactions/{transaction}", tag = "customers",
    responses((status = OK, body = TransactionView), (status = NOT_FOUND, body = Problem)))]
async fn transaction(
    State(app): State<App>,
    Path((customer, transaction)): Path<(String, String)>,
) -> Result<Json<TransactionView>, Fail> {
    let mut unit = app.read().await?;
    let number: i64 =
        transaction.strip_prefix("tx_").and_then(|n| n.parse().ok()).ok_or_else(|| not_found("transaction"))?;
    let row: Option<Row> = sqlx::query_as(
        "SELECT p.id, p.account, p.card, coalesce(a.number, c.number) AS number, p.booked_on, e.booked_at_ms,
           p.amount_minor, p.currency, p.balance_after_minor, e.kind, e.summary, e.counterparty_name,
           e.counterparty_account, e.counterparty_bank, e.channel, e.place, e.order_id
         FROM postings p JOIN entries e ON e.id = p.entry
         LEFT JOIN accounts a ON a.id = p.account LEFT JOIN cards c ON c.id = p.card
         WHERE p.id = ?1 AND coalesce(a.customer, c.customer) = ?2 AND e.kind <> 'opening'",
    )
    .bind(number)
    .bind(&customer)
    .fetch_optional(&mut *unit.cx().conn)
    .await?;
    TransactionView::of(row.ok_or_else(|| not_found("transaction"))?).map(Json)
}

/// id, account, minor units, currency, reason, placed, expires, status.
type HoldRow = (String, String, i64, String, String, i64, Option<i64>, String);

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HoldView {
    pub id: String,
    pub account: String,
    pub amount: Money,
    pub reason: String,
    pub placed_at_ms: i64,
    pub expires_at_ms: Option<i64>,
    pub status: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HoldsQuery {
    account: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/holds", tag = "customers", params(HoldsQuery),
    responses((status = OK, body = List<HoldView>), (status = NOT_FOUND, body = Problem)))]
async fn holds(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<HoldsQuery>,
) -> Result<Json<List<HoldView>>, Fail> {
    let mut unit = app.read().await?;
    let rows: Vec<HoldRow> = sqlx::query_as(
        "SELECT h.id, h.account, h.amount_minor, a.currency, h.reason, h.placed_at_ms, h.expires_at_ms, h.status
         FROM holds h JOIN accounts a ON a.id = h.account
         WHERE a.customer = ?1 AND (?2 IS NULL OR a.id = ?2 OR a.number = ?2) AND h.status = 'placed' ORDER BY h.id",
    )
    .bind(&customer)
    .bind(query.account.as_deref())
    .fetch_all(&mut *unit.cx().conn)
    .await?;
    let items = rows.into_iter().map(|(id, account, minor, currency, reason, placed_at_ms, expires_at_ms, status)| {
        let currency = Currency::parse(&currency).ok_or(Fail::Data("currency"))?;
        Ok(HoldView { id, account, amount: Money::new(minor, currency), reason, placed_at_ms, expires_at_ms, status })
    });
    Ok(Json(List::of(items.collect::<Result<_, Fail>>()?)))
}
