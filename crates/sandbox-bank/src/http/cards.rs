//! Cards, statements, points and instalments.

use super::extract::Params;
use super::{App, List};
use crate::error::{Fail, Problem, bad_param};
use crate::model::{self, CardRow, masked_number, tail};
use crate::money::{Currency, Money, round_minor};
use crate::orders::credit::{self, Bill, InstalmentParams, InstalmentQuote, PlanRow};
use crate::store::Cx;
use crate::time::plus_months;
use axum::Json;
use axum::extract::{Path, State};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Statements shown at once.
const BILLS: i64 = 6;
const BILLS_MAX: i64 = 18;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(cards))
        .routes(routes!(card_bill))
        .routes(routes!(card_bills))
        .routes(routes!(card_points))
        .routes(routes!(instalment_options))
        .routes(routes!(instalment_quote))
        .routes(routes!(instalments))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CardView {
    pub id: String,
    /// `debit` or `credit`.
    pub kind: String,
    pub number_masked: String,
    pub tail: String,
    pub product: String,
    pub name: String,
    pub name_en: String,
    pub label: String,
    pub label_en: String,
    /// `active`, `locked`, `lost`, `inactive` or `replaced`.
    pub status: String,
    pub lock_scope: Option<String>,
    pub lost_until: Option<String>,
    pub account: Option<String>,
    /// Month: `2029-09`.
    pub expires: String,
    pub limit: Option<Money>,
    pub used: Option<Money>,
    pub available: Option<Money>,
    /// Most that can be drawn in cash.
    pub cash_limit: Option<Money>,
    pub statement_day: Option<i64>,
    pub due_after_days: Option<i64>,
    pub autopay: Option<String>,
    pub autopay_account: Option<String>,
}

async fn card_view(cx: &mut Cx<'_>, card: CardRow) -> Result<CardView, Fail> {
    let credit = card.is_credit();
    let used = card.owed_minor + credit::unbilled_plans(cx, &card.id).await?;
    let cash = round_minor(Decimal::from(card.limit_minor) * cx.bank.credit.cash_share_percent / Decimal::ONE_HUNDRED);
    let when_credit = |minor: i64| credit.then(|| Money::cny(minor));
    Ok(CardView {
        number_masked: masked_number(&card.number),
        tail: tail(&card.number),
        label: card.label(),
        label_en: card.label_en(),
        limit: when_credit(card.limit_minor),
        used: when_credit(used),
        available: when_credit((card.limit_minor - used).max(0)),
        cash_limit: when_credit(cash),
        statement_day: credit.then_some(card.statement_day),
        due_after_days: credit.then_some(cx.bank.credit.due_after_days),
        autopay: credit.then_some(card.autopay),
        autopay_account: card.autopay_account,
        id: card.id,
        kind: card.kind,
        product: card.product,
        name: card.name,
        name_en: card.name_en,
        status: card.status,
        lock_scope: card.lock_scope,
        lost_until: card.lost_until,
        account: card.account,
        expires: card.expires,
    })
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CardsQuery {
    kind: Option<String>,
    status: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/cards", tag = "cards", params(CardsQuery),
    responses((status = OK, body = List<CardView>), (status = NOT_FOUND, body = Problem)))]
async fn cards(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<CardsQuery>,
) -> Result<Json<List<CardView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    let mut items = Vec::new();
    for card in model::cards(cx.conn, &customer).await? {
        let kind = query.kind.as_ref().is_none_or(|kind| *kind == card.kind);
        let status = query.status.as_ref().map_or(card.status != "replaced", |status| *status == card.status);
        if kind && status {
            items.push(card_view(cx, card).await?);
        }
    }
    Ok(Json(List::of(items)))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BillQuery {
    card: Option<String>,
    /// Month of the statement: `2026-11`.
    period: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/card-bill", tag = "cards", params(BillQuery),
    responses((status = OK, body = Bill), (status = NOT_FOUND, body = Problem)))]
async fn card_bill(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<BillQuery>,
) -> Result<Json<Bill>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    let card = model::credit_card(cx.conn, &customer, query.card.as_deref()).await?;
    let month = match query.period.as_deref() {
        Some(text) => Some(format!("{text}-01").parse::<Date>().map_err(|_| bad_param("period"))?),
        None => None,
    };
    credit::bill(cx, &card, month).await.map(Json)
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BillsQuery {
    card: Option<String>,
    limit: Option<i64>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/card-bills", tag = "cards", params(BillsQuery),
    responses((status = OK, body = List<Bill>), (status = NOT_FOUND, body = Problem)))]
async fn card_bills(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<BillsQuery>,
) -> Result<Json<List<Bill>>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    let card = model::credit_card(cx.conn, &customer, query.card.as_deref()).await?;
    let latest = credit::last_statement(&card, cx.today);
    let mut items = Vec::new();
    for back in 0..query.limit.unwrap_or(BILLS).clamp(1, BILLS_MAX) {
        items.push(credit::bill(cx, &card, Some(plus_months(crate::time::day_of_month(latest, 1), -back))).await?);
    }
    Ok(Json(List::of(items)))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PointsView {
    pub card: String,
    pub tail: String,
    pub points: i64,
    pub expiring_points: i64,
    pub expiring_on: Option<String>,
    pub cash_value: Money,
    pub miles: i64,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CardQuery {
    card: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/card-points", tag = "cards", params(CardQuery),
    responses((status = OK, body = PointsView), (status = NOT_FOUND, body = Problem)))]
async fn card_points(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<CardQuery>,
) -> Result<Json<PointsView>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    let card = model::credit_card(cx.conn, &customer, query.card.as_deref()).await?;
    let terms = &cx.bank.credit;
    let cash = round_minor(Decimal::from(card.points * 100) / Decimal::from(terms.points_per_cash));
    Ok(Json(PointsView {
        tail: tail(&card.number),
        card: card.id,
        points: card.points,
        expiring_points: card.points_expiring,
        expiring_on: card.points_expire_on,
        cash_value: Money::cny(cash),
        miles: card.points / terms.points_per_mile,
    }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InstalmentOptionsQuery {
    card: String,
    amount_minor: Option<i64>,
    currency: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/instalment-options", tag = "cards", params(InstalmentOptionsQuery),
    responses((status = OK, body = List<InstalmentQuote>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn instalment_options(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<InstalmentOptionsQuery>,
) -> Result<Json<List<InstalmentQuote>>, Fail> {
    let amount = yuan(query.amount_minor, query.currency.as_deref())?;
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    let periods: Vec<u32> = cx.bank.credit.instalment_fees.keys().copied().collect();
    let mut items = Vec::new();
    for periods in periods {
        let params = InstalmentParams { card: query.card.clone(), periods, amount };
        items.push(credit::instalment_quote(cx, &customer, &params).await?);
    }
    Ok(Json(List::of(items)))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InstalmentQuoteQuery {
    card: String,
    periods: u32,
    amount_minor: Option<i64>,
    currency: Option<String>,
}

fn yuan(minor: Option<i64>, currency: Option<&str>) -> Result<Option<Money>, Fail> {
    match (minor, currency) {
        (_, Some(code)) if Currency::parse(code) != Some(Currency::Cny) => Err(bad_param("amount")),
        (minor, _) => Ok(minor.map(Money::cny)),
    }
}

#[utoipa::path(get, path = "/v1/customers/{customer}/instalment-quote", tag = "cards", params(InstalmentQuoteQuery),
    responses((status = OK, body = InstalmentQuote), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn instalment_quote(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<InstalmentQuoteQuery>,
) -> Result<Json<InstalmentQuote>, Fail> {
    let amount = yuan(query.amount_minor, query.currency.as_deref())?;
    let mut unit = app.read().await?;
    let params = InstalmentParams { card: query.card, periods: query.periods, amount };
    credit::instalment_quote(&mut unit.cx(), &customer, &params).await.map(Json)
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanView {
    pub id: String,
    pub card: String,
    pub tail: String,
    pub amount: Money,
    pub periods: i64,
    pub periods_left: i64,
    pub principal_left: Money,
    pub fee_per_period: Money,
    pub fee_rate: String,
    pub started_on: String,
    pub next_bill_on: Option<String>,
    pub status: String,
    pub label: String,
    pub label_en: String,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/instalments", tag = "cards", params(CardQuery),
    responses((status = OK, body = List<PlanView>), (status = NOT_FOUND, body = Problem)))]
async fn instalments(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<CardQuery>,
) -> Result<Json<List<PlanView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    let plans: Vec<PlanRow> = sqlx::query_as(
        "SELECT * FROM instalments WHERE customer = ?1 AND status = 'active' AND (?2 IS NULL OR card = ?2) ORDER BY id",
    )
    .bind(&customer)
    .bind(query.card.as_deref())
    .fetch_all(&mut *cx.conn)
    .await?;
    let mut items = Vec::new();
    for plan in plans {
        let card = model::card(cx.conn, &customer, &plan.card).await?;
        let (amount, left) = (Money::cny(plan.amount_minor), plan.periods - plan.billed);
        items.push(PlanView {
            label: format!("{}元分{}期 剩余{left}期", amount.decimal(), plan.periods),
            label_en: format!("CNY {} over {} periods, {left} left", amount.decimal(), plan.periods),
            principal_left: Money::cny(plan.principal_left()),
            fee_rate: plan.rate()?.to_string(),
            tail: tail(&card.number),
            periods_left: left,
            fee_per_period: Money::cny(plan.fee_minor),
            amount,
            id: plan.id,
            card: plan.card,
            periods: plan.periods,
            started_on: plan.started_on,
            next_bill_on: plan.next_bill_on,
            status: plan.status,
        });
    }
    Ok(Json(List::of(items)))
}
