//! Time deposits, listed rates and quotes.

use super::extract::Params;
use super::{App, List};
use crate::error::{Code, Fail, Problem, bad_param};
use crate::finance;
use crate::model::{self, tail};
use crate::money::{Currency, Money};
use crate::orders::deposit::{self, DepositQuote, DepositRow, WithdrawQuote};
use crate::store::{Cx, stored_date, stored_rate};
use crate::time::days_between;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(deposits))
        .routes(routes!(deposit_rates))
        .routes(routes!(deposit_quote))
        .routes(routes!(withdraw_quote))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DepositView {
    pub id: String,
    pub product: String,
    pub name: String,
    pub name_en: String,
    pub label: String,
    pub label_en: String,
    pub principal: Money,
    pub rate: String,
    pub term: i64,
    pub opened_on: String,
    pub matures_on: String,
    pub days_left: i64,
    pub interest_at_maturity: Money,
    pub rollover: bool,
    pub account: String,
    pub account_tail: String,
    /// `open`, `matured` or `closed`.
    pub status: String,
}

async fn deposit_view(cx: &mut Cx<'_>, row: DepositRow) -> Result<DepositView, Fail> {
    let product = cx.bank.deposit_product(&row.product, row.currency());
    let (name, name_en) =
        product.map_or(("定期存款".into(), "Time deposit".into()), |p| (p.name.clone(), p.name_en.clone()));
    let account = model::account_by_id(cx.conn, &row.account).await?;
    let interest = finance::interest_months(row.principal_minor, stored_rate(&row.rate)?, row.months());
    Ok(DepositView {
        label: row.label(&name),
        label_en: row.label_en(&name_en),
        name,
        name_en,
        principal: row.money(row.principal_minor),
        days_left: days_between(cx.today, stored_date(&row.matures_on)?).max(0),
        interest_at_maturity: row.money(interest),
        account_tail: tail(&account.number),
        id: row.id,
        product: row.product,
        rate: row.rate,
        term: row.term,
        opened_on: row.opened_on,
        matures_on: row.matures_on,
        rollover: row.rollover,
        account: row.account,
        status: row.status,
    })
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepositsQuery {
    /// `open` when absent.
    status: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/deposits", tag = "deposits", params(DepositsQuery),
    responses((status = OK, body = List<DepositView>), (status = NOT_FOUND, body = Problem)))]
async fn deposits(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<DepositsQuery>,
) -> Result<Json<List<DepositView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    let rows: Vec<DepositRow> = sqlx::query_as(
        "SELECT * FROM deposits WHERE customer = ?1 AND CASE WHEN ?2 IS NULL THEN status <> 'closed' ELSE status = ?2 END
         ORDER BY matures_on, id",
    )
    .bind(&customer)
    .bind(query.status.as_deref())
    .fetch_all(&mut *cx.conn)
    .await?;
    let mut items = Vec::new();
    for row in rows {
        items.push(deposit_view(cx, row).await?);
    }
    Ok(Json(List::of(items)))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DepositRateView {
    pub product: String,
    pub name: String,
    pub name_en: String,
    pub term: u32,
    pub rate: String,
    pub min: Money,
    pub currency: Currency,
    pub label: String,
    pub label_en: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepositRatesQuery {
    product: Option<String>,
    currency: Option<String>,
}

#[utoipa::path(get, path = "/v1/deposit-rates", tag = "deposits", params(DepositRatesQuery),
    responses((status = OK, body = List<DepositRateView>)))]
async fn deposit_rates(
    State(app): State<App>,
    Params(query): Params<DepositRatesQuery>,
) -> Json<List<DepositRateView>> {
    let products = app.config().deposit.products.iter().filter(|product| {
        query.product.as_ref().is_none_or(|wanted| *wanted == product.product)
            && query.currency.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(product.currency.code()))
    });
    let items = products.flat_map(|product| {
        product.rates.iter().map(|(term, rate)| DepositRateView {
            product: product.product.clone(),
            name: product.name.clone(),
            name_en: product.name_en.clone(),
            term: *term,
            rate: rate.to_string(),
            min: Money::new(product.min.0, product.currency),
            currency: product.currency,
            label: format!("{} {term}个月 年利率{rate}%", product.name),
            label_en: format!("{}, {term} months, {rate}% a year", product.name_en),
        })
    });
    Json(List::of(items.collect()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepositQuoteQuery {
    term: u32,
    amount_minor: i64,
    currency: Option<String>,
    product: Option<String>,
}

fn amount(minor: i64, currency: Option<&str>) -> Result<Money, Fail> {
    let currency = currency.map_or(Some(Currency::Cny), Currency::parse).ok_or_else(|| bad_param("amount"))?;
    Ok(Money::new(minor, currency))
}

#[utoipa::path(get, path = "/v1/deposit-quote", tag = "deposits", params(DepositQuoteQuery),
    responses((status = OK, body = DepositQuote), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn deposit_quote(
    State(app): State<App>,
    Params(query): Params<DepositQuoteQuery>,
) -> Result<Json<DepositQuote>, Fail> {
    let amount = amount(query.amount_minor, query.currency.as_deref())?;
    let mut unit = app.read().await?;
    deposit::quote(&unit.cx(), query.product.as_deref().unwrap_or("fixed"), query.term, amount).map(Json)
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WithdrawQuoteView {
    #[serde(flatten)]
    pub quote: Option<WithdrawQuote>,
    /// The code by which the withdrawal would be refused now.
    pub refusal: Option<Code>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WithdrawQuery {
    amount_minor: Option<i64>,
    currency: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/deposits/{deposit}/withdraw-quote", tag = "deposits",
    params(WithdrawQuery),
    responses((status = OK, body = WithdrawQuoteView), (status = NOT_FOUND, body = Problem)))]
async fn withdraw_quote(
    State(app): State<App>,
    Path((customer, id)): Path<(String, String)>,
    Params(query): Params<WithdrawQuery>,
) -> Result<Json<WithdrawQuoteView>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    let row = DepositRow::find(cx.conn, &customer, &id).await?;
    let amount = match query.amount_minor {
        Some(minor) => {
            let code = query.currency.as_deref().unwrap_or(&row.currency);
            Some(amount(minor, Some(code))?)
        }
        None => None,
    };
    match deposit::withdraw_quote(cx, &row, amount).await {
        Ok(quote) => Ok(Json(WithdrawQuoteView { quote: Some(quote), refusal: None })),
        Err(Fail::Refused(refusal)) if refusal.code != Code::BadParam => {
            Ok(Json(WithdrawQuoteView { quote: None, refusal: Some(refusal.code) }))
        }
        Err(error) => Err(error),
    }
}
