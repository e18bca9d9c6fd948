//! Branches, free appointment times, and banks money can be sent to.

use super::extract::Params;
use super::{App, List};
use crate::error::{Fail, Problem, bad_param, not_found};
use crate::orders::service::slots_left;
use crate::time::plus_days;
use axum::Json;
use axum::extract::{Path, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Free times shown at once.
const SLOTS_MAX: usize = 60;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(branches)).routes(routes!(slots)).routes(routes!(banks))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BranchView {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub city: String,
    pub district: String,
    pub address: String,
    pub services: Vec<String>,
    pub hours_weekday: String,
    pub hours_weekend: String,
    pub hours_corporate: Option<String>,
    pub clearing_no: String,
    pub phone: String,
    pub label: String,
    pub label_en: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BranchesQuery {
    city: Option<String>,
    district: Option<String>,
    service: Option<String>,
    /// Only those open (or closed) at weekends.
    weekend: Option<bool>,
    /// In name or address.
    query: Option<String>,
}

#[utoipa::path(get, path = "/v1/branches", tag = "places", params(BranchesQuery),
    responses((status = OK, body = List<BranchView>)))]
async fn branches(State(app): State<App>, Params(query): Params<BranchesQuery>) -> Json<List<BranchView>> {
    let same = |wanted: &Option<String>, have: &str| {
        wanted.as_deref().map(|text| text.trim_end_matches('市')).is_none_or(|text| have.starts_with(text))
    };
    let chosen = app.config().branches.iter().filter(|branch| {
        same(&query.city, &branch.city)
            && same(&query.district, &branch.district)
            && query
                .service
                .as_ref()
                .is_none_or(|wanted| branch.services.iter().any(|service| service.contains(wanted)))
            && query.weekend.is_none_or(|wanted| branch.weekend.contains(':') == wanted)
            && query.query.as_ref().is_none_or(|text| branch.name.contains(text) || branch.address.contains(text))
    });
    let items = chosen.map(|branch| BranchView {
        id: branch.id.clone(),
        name: branch.name.clone(),
        name_en: branch.name_en.clone(),
        city: branch.city.clone(),
        district: branch.district.clone(),
        address: branch.address.clone(),
        services: branch.services.clone(),
        hours_weekday: branch.weekday.clone(),
        hours_weekend: branch.weekend.clone(),
        hours_corporate: branch.corporate.clone(),
        clearing_no: branch.clearing_no.clone(),
        phone: branch.phone.clone(),
        label: format!("{} {}", branch.name, branch.address),
        label_en: branch.name_en.clone(),
    });
    Json(List::of(items.collect()))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SlotView {
    /// `2026-11-23T09:30`.
    pub id: String,
    pub date: String,
    pub time: String,
    pub left: i64,
    pub label: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SlotsQuery {
    /// One day; the next days that can be booked when absent.
    date: Option<String>,
}

#[utoipa::path(get, path = "/v1/branches/{branch}/slots", tag = "places", params(SlotsQuery),
    responses((status = OK, body = List<SlotView>), (status = NOT_FOUND, body = Problem)))]
async fn slots(
    State(app): State<App>,
    Path(branch): Path<String>,
    Params(query): Params<SlotsQuery>,
) -> Result<Json<List<SlotView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = &mut unit.cx();
    cx.bank.branch(&branch).ok_or_else(|| not_found("branch"))?;
    let days: Vec<Date> = match query.date.as_deref() {
        Some(text) => vec![text.parse().map_err(|_| bad_param("date"))?],
        None => (1..=cx.bank.service.appointment_days_ahead).map(|ahead| plus_days(cx.today, ahead)).collect(),
    };
    let mut items = Vec::new();
    for date in days {
        for (time, left) in slots_left(cx, &branch, date).await? {
            items.push(SlotView {
                id: format!("{date}T{time}"),
                label: format!("{date} {time}"),
                date: date.to_string(),
                time,
                left,
            });
        }
    }
    items.truncate(SLOTS_MAX);
    Ok(Json(List::of(items)))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BankView {
    pub id: String,
    pub name: String,
    pub name_en: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BanksQuery {
    /// Id, name, or what people call it.
    query: Option<String>,
}

#[utoipa::path(get, path = "/v1/banks", tag = "places", params(BanksQuery),
    responses((status = OK, body = List<BankView>)))]
async fn banks(State(app): State<App>, Params(query): Params<BanksQuery>) -> Json<List<BankView>> {
    let own = &app.config().own;
    let mut items = vec![BankView { id: own.code.clone(), name: own.name.clone(), name_en: own.name_en.clone() }];
    items.extend(app.config().banks.iter().map(|bank| BankView {
        id: bank.id.clone(),
        name: bank.name.clone(),
        name_en: bank.name_en.clone(),
    }));
    if let Some(text) = query.query.as_deref() {
        let exact = app.config().bank(text).map(|(id, _)| id.to_owned());
        items.retain(|bank| match &exact {
            Some(id) => bank.id == *id,
            None => bank.name.contains(text) || bank.name_en.to_lowercase().contains(&text.to_lowercase()),
        });
    }
    Json(List::of(items))
}
