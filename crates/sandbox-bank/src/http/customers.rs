//! Customers, their accounts and balances.

use super::extract::Params;
use super::{App, List};
use crate::error::{Fail, Problem};
use crate::model::{self, AccountRow, CustomerRow, masked_name, masked_number, masked_phone, tail};
use crate::money::{Currency, Money};
use crate::store::{Cx, stored_date};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Age from which a customer counts as an elder.
const ELDER_AGE: i16 = 60;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(customers))
        .routes(routes!(customer))
        .routes(routes!(accounts))
        .routes(routes!(balances))
}

fn age(row: &CustomerRow, cx: &Cx<'_>) -> Result<i16, Fail> {
    let born = row.born_on()?;
    let had_birthday = (cx.today.month(), cx.today.day()) >= (born.month(), born.day());
    Ok(cx.today.year() - born.year() - i16::from(!had_birthday))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CustomerItem {
    pub id: String,
    pub name: String,
    pub name_masked: String,
    pub name_en: String,
    pub segment: String,
    pub elder: bool,
    pub language: String,
    pub phone_masked: String,
    pub note: String,
    pub note_en: String,
}

#[utoipa::path(get, path = "/v1/customers", tag = "customers", responses((status = OK, body = List<CustomerItem>)))]
async fn customers(State(app): State<App>) -> Result<Json<List<CustomerItem>>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    let rows: Vec<CustomerRow> = sqlx::query_as("SELECT * FROM customers ORDER BY id").fetch_all(&mut *cx.conn).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(CustomerItem {
            elder: age(&row, &cx)? >= ELDER_AGE,
            name_masked: masked_name(&row.name),
            phone_masked: masked_phone(&row.phone),
            id: row.id,
            name: row.name,
            name_en: row.name_en,
            segment: row.segment,
            language: row.language,
            note: row.note,
            note_en: row.note_en,
        });
    }
    Ok(Json(List::of(items)))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CustomerView {
    pub id: String,
    pub name: String,
    pub name_masked: String,
    pub name_en: String,
    pub gender: String,
    pub birth_date: String,
    pub age: i16,
    pub elder: bool,
    pub segment: String,
    pub vip: bool,
    pub language: String,
    pub phone: String,
    pub phone_masked: String,
    pub city: String,
    pub branch: String,
    pub branch_name: String,
    pub id_type: String,
    pub id_expires_on: String,
    pub id_expired: bool,
    pub since: String,
    pub default_arrival: String,
}

#[utoipa::path(get, path = "/v1/customers/{customer}", tag = "customers",
    responses((status = OK, body = CustomerView), (status = NOT_FOUND, body = Problem)))]
async fn customer(State(app): State<App>, Path(customer): Path<String>) -> Result<Json<CustomerView>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    let row = model::customer(cx.conn, &customer).await?;
    let age = age(&row, &cx)?;
    Ok(Json(CustomerView {
        age,
        elder: age >= ELDER_AGE,
        vip: row.segment == "vip",
        name_masked: masked_name(&row.name),
        phone_masked: masked_phone(&row.phone),
        branch_name: cx.bank.branch(&row.branch).map(|branch| branch.name.clone()).unwrap_or_default(),
        id_expired: stored_date(&row.id_expires_on)? < cx.today,
        id: row.id,
        name: row.name,
        name_en: row.name_en,
        gender: row.gender,
        birth_date: row.born,
        segment: row.segment,
        language: row.language,
        phone: row.phone,
        city: row.city,
        branch: row.branch,
        id_type: row.id_type,
        id_expires_on: row.id_expires_on,
        since: row.since,
        default_arrival: row.default_arrival,
    }))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AccountView {
    pub id: String,
    pub number: String,
    pub number_masked: String,
    pub tail: String,
    /// I, II or III.
    pub class: String,
    pub currency: Currency,
    pub alias: String,
    pub label: String,
    pub label_en: String,
    /// `active`, `frozen` or `dormant`.
    pub status: String,
    /// Why no money may leave it.
    pub restriction: Option<String>,
    pub nature: String,
    pub primary: bool,
    pub opened_on: String,
    pub branch: String,
    pub branch_name: String,
    pub clearing_no: String,
    pub ledger: Money,
    pub held: Money,
    pub available: Money,
    pub bound_account: Option<String>,
    pub sms_notify: bool,
}

async fn account_view(cx: &mut Cx<'_>, row: AccountRow) -> Result<AccountView, Fail> {
    let restriction = model::restriction(cx.conn, &row).await?;
    let branch = cx.bank.branch(&row.branch);
    let status = match restriction.as_deref() {
        None => "active",
        Some("dormant") => "dormant",
        Some(_) => "frozen",
    };
    Ok(AccountView {
        number_masked: masked_number(&row.number),
        tail: tail(&row.number),
        currency: row.currency(),
        label: row.label(),
        label_en: row.label_en(),
        status: status.into(),
        restriction,
        branch_name: branch.map(|branch| branch.name.clone()).unwrap_or_default(),
        clearing_no: branch.map(|branch| branch.clearing_no.clone()).unwrap_or_default(),
        ledger: row.ledger(),
        held: row.held(),
        available: row.available(),
        id: row.id,
        number: row.number,
        class: row.class,
        alias: row.alias,
        nature: row.nature,
        primary: row.is_primary,
        opened_on: row.opened_on,
        branch: row.branch,
        bound_account: row.bound_account,
        sms_notify: row.sms_notify,
    })
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountsQuery {
    currency: Option<String>,
    /// Only those money can leave.
    active: Option<bool>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/accounts", tag = "customers", params(AccountsQuery),
    responses((status = OK, body = List<AccountView>), (status = NOT_FOUND, body = Problem)))]
async fn accounts(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<AccountsQuery>,
) -> Result<Json<List<AccountView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    model::customer(cx.conn, &customer).await?;
    let mut items = Vec::new();
    for row in model::accounts(cx.conn, &customer).await? {
        if query.currency.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&row.currency)) {
            continue;
        }
        let view = account_view(cx, row).await?;
        if query.active.is_none_or(|wanted| wanted == view.restriction.is_none()) {
            items.push(view);
        }
    }
    Ok(Json(List::of(items)))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BalanceView {
    pub account: String,
    pub label: String,
    pub label_en: String,
    pub tail: String,
    pub currency: Currency,
    pub ledger: Money,
    pub held: Money,
    pub available: Money,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TotalView {
    pub currency: Currency,
    pub ledger: Money,
    pub available: Money,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BalancesView {
    pub items: Vec<BalanceView>,
    pub totals: Vec<TotalView>,
    pub business_date: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BalancesQuery {
    account: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/balances", tag = "customers", params(BalancesQuery),
    responses((status = OK, body = BalancesView), (status = NOT_FOUND, body = Problem)))]
async fn balances(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<BalancesQuery>,
) -> Result<Json<BalancesView>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    model::customer(cx.conn, &customer).await?;
    let rows = match query.account.as_deref() {
        Some(text) => vec![model::account(cx.conn, &customer, text, "account").await?],
        None => model::accounts(cx.conn, &customer).await?,
    };
    let mut totals: BTreeMap<Currency, (i64, i64)> = BTreeMap::new();
    for row in &rows {
        let total = totals.entry(row.currency()).or_default();
        total.0 += row.ledger().minor;
        total.1 += row.available().minor;
    }
    Ok(Json(BalancesView {
        items: rows
            .into_iter()
            .map(|row| BalanceView {
                label: row.label(),
                label_en: row.label_en(),
                tail: tail(&row.number),
                currency: row.currency(),
                ledger: row.ledger(),
                held: row.held(),
                available: row.available(),
                account: row.id,
            })
            .collect(),
        totals: totals
            .into_iter()
            .map(|(currency, (ledger, available))| TotalView {
                currency,
                ledger: Money::new(ledger, currency),
                available: Money::new(available, currency),
            })
            .collect(),
        business_date: cx.today.to_string(),
    }))
}
