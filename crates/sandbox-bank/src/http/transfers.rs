//! Payees, quotes, limits and schedules of transfers.

use super::extract::Params;
use super::{App, List};
use crate::error::{Code, Fail, Problem, bad_param};
use crate::limits::{self, LimitLeft};
use crate::model::{self, PayeeRow, masked_number, same_name, tail};
use crate::money::{Currency, Money};
use crate::orders::schedule::ScheduleRow;
use crate::orders::transfer::{self, Arrival, NameMatch, TransferParams};
use axum::Json;
use axum::extract::{Path, State};
use pinyin::ToPinyin;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(payees))
        .routes(routes!(payee_check))
        .routes(routes!(transfer_quote))
        .routes(routes!(limits_of))
        .routes(routes!(schedules))
}

/// How a payee fits what was asked; the better ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayeeMatch {
    Exact,
    Alias,
    /// Written otherwise, said the same.
    Homophone,
    Partial,
    /// Last digits of the account.
    Tail,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PayeeView {
    pub id: String,
    pub name: String,
    pub account: String,
    pub account_masked: String,
    pub tail: String,
    pub bank: String,
    pub bank_name: String,
    pub alias: Option<String>,
    pub label: String,
    pub label_en: String,
    pub added_on: String,
    pub last_used_on: Option<String>,
    pub r#match: PayeeMatch,
}

/// The sound of a name without tones; letters stay as they are.
fn sound(name: &str) -> String {
    name.chars()
        .map(|c| c.to_pinyin().map_or_else(|| c.to_lowercase().to_string(), |pinyin| format!("{} ", pinyin.plain())))
        .collect()
}

fn fits(payee: &PayeeRow, query: &str) -> Option<PayeeMatch> {
    let query = query.trim();
    let digits = query.len() >= 3 && query.bytes().all(|b| b.is_ascii_digit());
    let alias = payee.alias.as_deref().unwrap_or_default();
    if same_name(&payee.name, query) {
        Some(PayeeMatch::Exact)
    } else if !alias.is_empty() && same_name(alias, query) {
        Some(PayeeMatch::Alias)
    } else if sound(&payee.name) == sound(query) {
        Some(PayeeMatch::Homophone)
    } else if payee.name.contains(query) || (!alias.is_empty() && alias.contains(query)) {
        Some(PayeeMatch::Partial)
    } else if digits && payee.account.ends_with(query) {
        Some(PayeeMatch::Tail)
    } else {
        None
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PayeesQuery {
    /// Name, alias, or last digits of the account.
    query: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/payees", tag = "transfers", params(PayeesQuery),
    responses((status = OK, body = List<PayeeView>), (status = NOT_FOUND, body = Problem)))]
async fn payees(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<PayeesQuery>,
) -> Result<Json<List<PayeeView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    model::customer(cx.conn, &customer).await?;
    let wanted = query.query.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut found: Vec<(PayeeMatch, PayeeRow)> = model::payees(cx.conn, &customer)
        .await?
        .into_iter()
        .filter_map(|payee| Some((wanted.map_or(Some(PayeeMatch::Exact), |text| fits(&payee, text))?, payee)))
        .collect();
    found.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.id.cmp(&b.id)));
    let items = found.into_iter().map(|(fit, payee)| {
        let bank_name = cx.bank.bank(&payee.bank).map_or(payee.bank.as_str(), |(_, name)| name).to_owned();
        let tail = tail(&payee.account);
        PayeeView {
            label: format!("{} {bank_name} 尾号{tail}", payee.name),
            label_en: format!("{}, {}, ending {tail}", payee.name, payee.bank),
            account_masked: masked_number(&payee.account),
            tail,
            bank_name,
            id: payee.id,
            name: payee.name,
            account: payee.account,
            bank: payee.bank,
            alias: payee.alias,
            added_on: payee.added_on,
            last_used_on: payee.last_used_on,
            r#match: fit,
        }
    });
    Ok(Json(List::of(items.collect())))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PayeeCheckView {
    pub name_match: NameMatch,
    pub own_bank: bool,
    pub bank: String,
    pub bank_name: String,
    pub closed: bool,
    pub new_payee: bool,
    pub payee: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PayeeCheckQuery {
    to_account: String,
    to_name: String,
    to_bank: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/payee-check", tag = "transfers", params(PayeeCheckQuery),
    responses((status = OK, body = PayeeCheckView), (status = NOT_FOUND, body = Problem)))]
async fn payee_check(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<PayeeCheckQuery>,
) -> Result<Json<PayeeCheckView>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    let (number, name, bank) =
        (Some(query.to_account.as_str()), Some(query.to_name.as_str()), query.to_bank.as_deref());
    let to = transfer::destination(cx, &customer, None, number, name, bank).await?;
    Ok(Json(PayeeCheckView {
        name_match: to.name_match,
        own_bank: to.account.is_some(),
        bank: to.bank,
        bank_name: to.bank_name,
        closed: to.closed,
        new_payee: to.new_payee,
        payee: to.payee,
    }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransferQuoteQuery {
    from_account: String,
    amount_minor: i64,
    currency: Option<String>,
    payee: Option<String>,
    to_account: Option<String>,
    to_name: Option<String>,
    to_bank: Option<String>,
    #[param(value_type = Option<String>)]
    arrival: Option<Arrival>,
    channel: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TransferQuoteView {
    pub amount: Money,
    pub fee: Money,
    pub total: Money,
    pub arrival: Arrival,
    pub arrives_on: String,
    pub own_bank: bool,
    pub bank_name: String,
    pub name_match: NameMatch,
    pub new_payee: bool,
    pub limit_left: LimitLeft,
    pub available: Money,
    /// The code by which the transfer would be refused now.
    pub refusal: Option<Code>,
    #[schema(value_type = Object)]
    pub refusal_detail: Value,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/transfer-quote", tag = "transfers", params(TransferQuoteQuery),
    responses((status = OK, body = TransferQuoteView), (status = BAD_REQUEST, body = Problem)))]
async fn transfer_quote(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<TransferQuoteQuery>,
) -> Result<Json<TransferQuoteView>, Fail> {
    let currency =
        query.currency.as_deref().map_or(Some(Currency::Cny), Currency::parse).ok_or_else(|| bad_param("amount"))?;
    let params = TransferParams {
        from_account: query.from_account,
        amount: Money::new(query.amount_minor, currency),
        payee: query.payee,
        to_account: query.to_account,
        to_name: query.to_name,
        to_bank: query.to_bank,
        remark: None,
        arrival: query.arrival,
        channel: query.channel.clone(),
    };
    let channel = query.channel.unwrap_or_else(|| "app".into());
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    let (v, from, to) = transfer::values(cx, &customer, &params).await?;
    let (refusal, refusal_detail) = match transfer::check(cx, &customer, &channel, &v, &from, &to).await {
        Ok(()) => (None, json!({})),
        Err(Fail::Refused(refusal)) => (Some(refusal.code), refusal.detail),
        Err(fault) => return Err(fault),
    };
    let limits = limits::of(cx, &customer, &channel).await?;
    let used = limits::used(cx, &customer, &channel).await?;
    Ok(Json(TransferQuoteView {
        amount: v.amount,
        fee: v.fee,
        total: v.total,
        arrival: v.arrival,
        arrives_on: v.arrives_on,
        own_bank: v.own_bank,
        bank_name: v.to_bank_name,
        name_match: v.name_match,
        new_payee: v.new_payee,
        limit_left: limits::left(limits, used),
        available: from.available(),
        refusal,
        refusal_detail,
    }))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LimitsView {
    pub channel: String,
    pub single: Money,
    pub daily: Money,
    pub monthly: Money,
    pub daily_used: Money,
    pub monthly_used: Money,
    pub daily_left: Money,
    pub monthly_left: Money,
    pub max_single: Money,
    pub max_daily: Money,
    pub max_monthly: Money,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LimitsQuery {
    channel: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/limits", tag = "transfers", params(LimitsQuery),
    responses((status = OK, body = LimitsView), (status = NOT_FOUND, body = Problem)))]
async fn limits_of(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<LimitsQuery>,
) -> Result<Json<LimitsView>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    let channel = query.channel.unwrap_or_else(|| "app".into());
    let limits = limits::of(cx, &customer, &channel).await?;
    let used = limits::used(cx, &customer, &channel).await?;
    let left = limits::left(limits, used);
    Ok(Json(LimitsView {
        channel,
        single: left.single,
        daily: Money::cny(limits.daily),
        monthly: Money::cny(limits.monthly),
        daily_used: Money::cny(used.daily),
        monthly_used: Money::cny(used.monthly),
        daily_left: left.daily,
        monthly_left: left.monthly,
        max_single: Money::cny(limits.max_single),
        max_daily: Money::cny(limits.max_daily),
        max_monthly: Money::cny(limits.max_monthly),
    }))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ScheduleView {
    pub id: String,
    pub from_account: String,
    pub to_name: String,
    pub to_tail: String,
    pub amount: Money,
    pub day: i64,
    pub next_on: Option<String>,
    pub left: i64,
    pub status: String,
    pub label: String,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/schedules", tag = "transfers",
    responses((status = OK, body = List<ScheduleView>), (status = NOT_FOUND, body = Problem)))]
async fn schedules(State(app): State<App>, Path(customer): Path<String>) -> Result<Json<List<ScheduleView>>, Fail> {
    let mut unit = app.read().await?;
    let rows: Vec<ScheduleRow> =
        sqlx::query_as("SELECT * FROM schedules WHERE customer = ? AND status = 'active' ORDER BY id")
            .bind(&customer)
            .fetch_all(&mut *unit.cx().conn)
            .await?;
    let items = rows.into_iter().map(|row| {
        let amount = Money::cny(row.amount_minor);
        ScheduleView {
            label: format!("每月{}日 {} {}元", row.day, row.to_name, amount.decimal()),
            id: row.id,
            from_account: row.from_account,
            to_name: row.to_name,
            to_tail: tail(&row.to_account),
            amount,
            day: row.day,
            next_on: row.next_on,
            left: row.remaining,
            status: row.status,
        }
    });
    Ok(Json(List::of(items.collect())))
}
