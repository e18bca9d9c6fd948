//! The bank itself: business date, fault switch, journal, health.

use super::App;
use super::extract::Body;
use crate::day;
use crate::error::{Fail, Problem};
use crate::faults::{FaultSettings, Mode};
use crate::store::stored_date;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(business_date))
        .routes(routes!(advance))
        .routes(routes!(get_faults, put_faults))
        .routes(routes!(journal))
        .routes(routes!(health))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BusinessDateView {
    pub business_date: String,
    /// `open` or `end_of_day`.
    pub phase: String,
    pub working_day: bool,
    pub next_working_day: String,
}

#[utoipa::path(get, path = "/v1/business-date", tag = "bank", responses((status = OK, body = BusinessDateView)))]
async fn business_date(State(app): State<App>) -> Result<Json<BusinessDateView>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    let phase = if app.faults.settings().mode == Mode::EndOfDay { "end_of_day" } else { "open" };
    Ok(Json(BusinessDateView {
        business_date: cx.today.to_string(),
        phase: phase.into(),
        working_day: cx.bank.is_working_day(cx.today),
        next_working_day: cx.bank.next_working_day(cx.today).to_string(),
    }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceBody {
    /// The date to turn to; tomorrow when absent.
    pub to: Option<String>,
}

#[utoipa::path(post, path = "/v1/business-date/advance", tag = "bank", request_body = AdvanceBody,
    responses((status = OK, body = BusinessDateView), (status = BAD_REQUEST, body = Problem)))]
async fn advance(State(app): State<App>, Body(body): Body<AdvanceBody>) -> Result<Json<BusinessDateView>, Fail> {
    {
        let mut writer = app.writer().await;
        let mut tx = writer.begin().await?;
        let frame = app.frame(&mut tx).await?;
        let to = match &body.to {
            Some(text) => stored_date(text).map_err(|_| crate::error::bad_param("to"))?,
            None => crate::time::plus_days(frame.today, 1),
        };
        day::turn_to(&mut tx, &frame, to).await?;
        tx.commit().await?;
    }
    business_date(State(app)).await
}

#[utoipa::path(get, path = "/v1/faults", tag = "faults", responses((status = OK, body = FaultSettings)))]
async fn get_faults(State(app): State<App>) -> Json<FaultSettings> {
    Json(app.faults.settings())
}

#[utoipa::path(put, path = "/v1/faults", tag = "faults", request_body = FaultSettings,
    responses((status = OK, body = FaultSettings)))]
async fn put_faults(State(app): State<App>, Body(settings): Body<FaultSettings>) -> Json<FaultSettings> {
    Json(app.faults.set(settings))
}

#[utoipa::path(get, path = "/v1/export/journal.hledger", tag = "bank",
    responses((status = OK, body = String, content_type = "text/plain")))]
async fn journal(State(app): State<App>) -> Result<impl IntoResponse, Fail> {
    let mut unit = app.read().await?;
    let text = crate::export::journal(unit.cx().conn).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text))
}

#[utoipa::path(get, path = "/healthz", tag = "bank", responses((status = OK, body = String)))]
async fn health() -> &'static str {
    "ok"
}
