//! Foreign exchange and remittance quotes.

use super::App;
use super::extract::{Body, Params};
use crate::error::{Fail, Problem, bad_param};
use crate::model;
use crate::money::{Currency, Money};
use crate::orders::fx::{self, FxQuote, RateRow, Side};
use crate::orders::remit::{self, Bearer, RemitCheck, RemitQuote};
use axum::Json;
use axum::extract::{Path, State};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(fx_board, put_fx_rate))
        .routes(routes!(fx_quote))
        .routes(routes!(fx_quota))
        .routes(routes!(remit_check))
        .routes(routes!(remit_quote))
}

/// Yuan for `unit` of the currency; buy and sell as the bank sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FxRateView {
    pub currency: String,
    pub name: String,
    pub name_en: String,
    pub unit: u32,
    pub buy_spot: String,
    pub sell_spot: String,
    pub buy_cash: String,
    pub sell_cash: String,
    pub mid: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FxBoardView {
    pub items: Vec<FxRateView>,
    pub count: usize,
    pub at_ms: i64,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FxBoardQuery {
    currency: Option<String>,
}

#[utoipa::path(get, path = "/v1/fx-board", tag = "exchange", params(FxBoardQuery),
    responses((status = OK, body = FxBoardView), (status = NOT_FOUND, body = Problem)))]
async fn fx_board(State(app): State<App>, Params(query): Params<FxBoardQuery>) -> Result<Json<FxBoardView>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    let rows: Vec<RateRow> = match query.currency.as_deref() {
        Some(code) => {
            let currency = Currency::parse(code).ok_or_else(|| bad_param("currency"))?;
            vec![fx::rate_row(cx.conn, currency).await?]
        }
        None => sqlx::query_as("SELECT * FROM fx_rates").fetch_all(&mut *cx.conn).await?,
    };
    // The board's own order: that of the terms.
    let place = |code: &str| cx.bank.fx.board.iter().position(|rate| rate.currency.code() == code);
    let mut rows = rows;
    rows.sort_by_key(|row| place(&row.currency));
    let at_ms = rows.iter().map(|row| row.at_ms).max().unwrap_or(0);
    let items: Vec<FxRateView> = rows
        .into_iter()
        .map(|row| FxRateView {
            currency: row.currency,
            name: row.name,
            name_en: row.name_en,
            unit: cx.bank.fx.unit,
            buy_spot: row.buy_spot,
            sell_spot: row.sell_spot,
            buy_cash: row.buy_cash,
            sell_cash: row.sell_cash,
            mid: row.mid,
        })
        .collect();
    Ok(Json(FxBoardView { count: items.len(), items, at_ms }))
}

/// New rates of one currency; the market of a sandbox moves by hand.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FxRateBody {
    #[schema(value_type = String)]
    pub currency: Currency,
    #[schema(value_type = String)]
    pub buy_spot: Decimal,
    #[schema(value_type = String)]
    pub sell_spot: Decimal,
}

#[utoipa::path(put, path = "/v1/fx-board", tag = "exchange", request_body = FxRateBody,
    responses((status = OK, body = FxBoardView), (status = BAD_REQUEST, body = Problem)))]
async fn put_fx_rate(State(app): State<App>, Body(body): Body<FxRateBody>) -> Result<Json<FxBoardView>, Fail> {
    if body.buy_spot <= Decimal::ZERO || body.sell_spot < body.buy_spot {
        return Err(bad_param("sell_spot"));
    }
    {
        let mut writer = app.writer().await;
        let mut tx = writer.begin().await?;
        fx::rate_row(&mut tx, body.currency).await?;
        let mid = (body.buy_spot + body.sell_spot) / Decimal::TWO;
        sqlx::query("UPDATE fx_rates SET buy_spot = ?, sell_spot = ?, mid = ?, at_ms = ? WHERE currency = ?")
            .bind(body.buy_spot.to_string())
            .bind(body.sell_spot.to_string())
            .bind(mid.to_string())
            .bind((app.clock)())
            .bind(body.currency.code())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    fx_board(State(app), Params(FxBoardQuery { currency: Some(body.currency.code().into()) })).await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FxQuoteQuery {
    amount_minor: i64,
    currency: String,
    /// `buy` (the customer buys, when absent) or `sell`.
    #[param(value_type = Option<String>)]
    side: Option<Side>,
}

fn foreign(minor: i64, code: &str) -> Result<Money, Fail> {
    Ok(Money::new(minor, Currency::parse(code).ok_or_else(|| bad_param("amount"))?))
}

#[utoipa::path(get, path = "/v1/customers/{customer}/fx-quote", tag = "exchange", params(FxQuoteQuery),
    responses((status = OK, body = FxQuote), (status = BAD_REQUEST, body = Problem)))]
async fn fx_quote(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<FxQuoteQuery>,
) -> Result<Json<FxQuote>, Fail> {
    let amount = foreign(query.amount_minor, &query.currency)?;
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    fx::quote(cx, &customer, query.side.unwrap_or(Side::Buy), amount).await.map(Json)
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FxQuotaView {
    pub year: i16,
    pub total: Money,
    pub used: Money,
    pub left: Money,
    pub sold: Money,
    pub sell_left: Money,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/fx-quota", tag = "exchange",
    responses((status = OK, body = FxQuotaView), (status = NOT_FOUND, body = Problem)))]
async fn fx_quota(State(app): State<App>, Path(customer): Path<String>) -> Result<Json<FxQuotaView>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    let (bought, sold) = fx::usage(cx, &customer).await?;
    let total = cx.bank.fx.annual_quota_usd.0;
    let usd = |minor: i64| Money::new(minor, Currency::Usd);
    Ok(Json(FxQuotaView {
        year: cx.today.year(),
        total: usd(total),
        used: usd(bought),
        left: usd((total - bought).max(0)),
        sold: usd(sold),
        sell_left: usd((total - sold).max(0)),
    }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RemitCheckQuery {
    bic: Option<String>,
    /// IBAN or account number.
    account: Option<String>,
    country: Option<String>,
}

#[utoipa::path(get, path = "/v1/remit-check", tag = "exchange", params(RemitCheckQuery),
    responses((status = OK, body = RemitCheck)))]
async fn remit_check(State(app): State<App>, Params(query): Params<RemitCheckQuery>) -> Result<Json<RemitCheck>, Fail> {
    let mut unit = app.read().await?;
    let (bic, account, country) = (query.bic.as_deref(), query.account.as_deref(), query.country.as_deref());
    Ok(Json(remit::check(&unit.cx(), bic, account, country)))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RemitQuoteQuery {
    amount_minor: i64,
    currency: String,
    #[param(value_type = String)]
    bearer: Bearer,
    /// Fees do not depend on it; taken so that a caller may say all it knows.
    country: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/remit-quote", tag = "exchange", params(RemitQuoteQuery),
    responses((status = OK, body = RemitQuote), (status = BAD_REQUEST, body = Problem)))]
async fn remit_quote(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<RemitQuoteQuery>,
) -> Result<Json<RemitQuote>, Fail> {
    let amount = foreign(query.amount_minor, &query.currency)?;
    if query.country.as_ref().is_some_and(|country| country.len() != 2) {
        return Err(bad_param("country"));
    }
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    remit::quote(cx, amount, query.bearer).await.map(Json)
}
