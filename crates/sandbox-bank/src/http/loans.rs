//! Loans, their plans, and what a prepayment would do.

use super::extract::Params;
use super::{App, List};
use crate::error::{Fail, Problem, bad_param};
use crate::model::{self, tail};
use crate::money::{Currency, Money};
use crate::orders::loan::{self, LoanRow, PrepayMode, PrepayQuote};
use crate::store::Cx;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Periods shown at once.
const PERIODS: usize = 12;
const PERIODS_MAX: usize = 480;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(loans)).routes(routes!(schedule)).routes(routes!(prepay_quote))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LoanView {
    pub id: String,
    pub product: String,
    pub name: String,
    pub name_en: String,
    pub label: String,
    pub label_en: String,
    pub principal: Money,
    pub balance: Money,
    pub rate: String,
    pub rate_basis: String,
    pub reprice_on: String,
    pub method: String,
    pub term: i64,
    pub periods_paid: usize,
    pub periods_left: usize,
    pub started_on: String,
    pub ends_on: Option<String>,
    pub next_due_on: Option<String>,
    pub next_payment: Option<Money>,
    pub repay_account: String,
    pub repay_account_tail: String,
    /// `active`, `overdue` or `settled`.
    pub status: String,
}

async fn loan_view(cx: &mut Cx<'_>, row: LoanRow) -> Result<LoanView, Fail> {
    let left = row.periods(cx.conn, false).await?;
    let paid = row.periods(cx.conn, true).await?.len();
    let account = model::account_by_id(cx.conn, &row.repay_account).await?;
    let product = cx.bank.loan.products.get(&row.product).ok_or(Fail::Data("loan product"))?;
    let next = left.first();
    let overdue = next.is_some_and(|period| period.due_on < cx.today.to_string());
    let balance = Money::cny(row.balance_minor);
    Ok(LoanView {
        label: loan::label(&row, &product.name),
        label_en: format!("{}, CNY {} left", product.name_en, balance.decimal()),
        name: product.name.clone(),
        name_en: product.name_en.clone(),
        principal: Money::cny(row.principal_minor),
        balance,
        periods_paid: paid,
        periods_left: left.len(),
        ends_on: left.last().map(|period| period.due_on.clone()),
        next_due_on: next.map(|period| period.due_on.clone()),
        next_payment: next.map(|period| Money::cny(period.payment_minor)),
        repay_account_tail: tail(&account.number),
        status: if overdue { "overdue".into() } else { row.status },
        id: row.id,
        product: row.product,
        rate: row.rate,
        rate_basis: row.rate_basis,
        reprice_on: row.reprice_on,
        method: row.method,
        term: row.term,
        started_on: row.started_on,
        repay_account: row.repay_account,
    })
}

#[utoipa::path(get, path = "/v1/customers/{customer}/loans", tag = "loans",
    responses((status = OK, body = List<LoanView>), (status = NOT_FOUND, body = Problem)))]
async fn loans(State(app): State<App>, Path(customer): Path<String>) -> Result<Json<List<LoanView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    let rows: Vec<LoanRow> = sqlx::query_as("SELECT * FROM loans WHERE customer = ? ORDER BY id")
        .bind(&customer)
        .fetch_all(&mut *cx.conn)
        .await?;
    let mut items = Vec::new();
    for row in rows {
        items.push(loan_view(cx, row).await?);
    }
    Ok(Json(List::of(items)))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PeriodView {
    pub period: i64,
    pub due_on: String,
    pub payment: Money,
    pub principal: Money,
    pub interest: Money,
    pub balance: Money,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ScheduleOfLoan {
    pub loan: String,
    pub label: String,
    pub balance: Money,
    pub items: Vec<PeriodView>,
    /// All periods of this kind, not only those shown.
    pub count: usize,
    pub interest_left: Money,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScheduleQuery {
    limit: Option<usize>,
    /// The periods already paid, instead of those to come.
    paid: Option<bool>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/loans/{loan}/schedule", tag = "loans", params(ScheduleQuery),
    responses((status = OK, body = ScheduleOfLoan), (status = NOT_FOUND, body = Problem)))]
async fn schedule(
    State(app): State<App>,
    Path((customer, loan)): Path<(String, String)>,
    Params(query): Params<ScheduleQuery>,
) -> Result<Json<ScheduleOfLoan>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    let row = LoanRow::find(cx.conn, &customer, &loan).await?;
    let paid = query.paid.unwrap_or(false);
    let left = row.periods(cx.conn, false).await?;
    let mut shown = if paid { row.periods(cx.conn, true).await? } else { left.clone() };
    if paid {
        shown.reverse();
    }
    let product = cx.bank.loan.products.get(&row.product).ok_or(Fail::Data("loan product"))?;
    let count = shown.len();
    shown.truncate(query.limit.unwrap_or(PERIODS).clamp(1, PERIODS_MAX));
    Ok(Json(ScheduleOfLoan {
        label: loan::label(&row, &product.name),
        balance: Money::cny(row.balance_minor),
        items: shown
            .into_iter()
            .map(|period| PeriodView {
                period: period.period,
                due_on: period.due_on,
                payment: Money::cny(period.payment_minor),
                principal: Money::cny(period.principal_minor),
                interest: Money::cny(period.interest_minor),
                balance: Money::cny(period.balance_minor),
            })
            .collect(),
        count,
        interest_left: Money::cny(left.iter().map(|period| period.interest_minor).sum()),
        loan: row.id,
    }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PrepayQuery {
    #[param(value_type = String)]
    mode: PrepayMode,
    amount_minor: Option<i64>,
    currency: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/loans/{loan}/prepay-quote", tag = "loans", params(PrepayQuery),
    responses((status = OK, body = PrepayQuote), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn prepay_quote(
    State(app): State<App>,
    Path((customer, loan)): Path<(String, String)>,
    Params(query): Params<PrepayQuery>,
) -> Result<Json<PrepayQuote>, Fail> {
    let currency =
        query.currency.as_deref().map_or(Some(Currency::Cny), Currency::parse).ok_or_else(|| bad_param("amount"))?;
    let amount = query.amount_minor.map(|minor| Money::new(minor, currency));
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    let row = LoanRow::find(cx.conn, &customer, &loan).await?;
    loan::prepay_quote(cx, &row, query.mode, amount).await.map(Json)
}
