//! What the customer registered, booked and requested.

use super::extract::Params;
use super::{App, List};
use crate::error::{Fail, Problem, not_found};
use crate::model;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Requests shown at once.
const PAGE_MAX: i64 = 50;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(service_requests)).routes(routes!(document))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RequestView {
    pub id: String,
    pub kind: String,
    pub number: String,
    pub status: String,
    pub opened_on: String,
    pub due_on: Option<String>,
    pub summary: String,
    pub label: String,
    #[schema(value_type = Object)]
    pub detail: Value,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    number: String,
    status: String,
    opened_on: String,
    due_on: Option<String>,
    summary: String,
    detail: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RequestsQuery {
    /// complaint, dispute, appointment, callback, statement, suggestion, recall, loss.
    kind: Option<String>,
    number: Option<String>,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/service-requests", tag = "services", params(RequestsQuery),
    responses((status = OK, body = List<RequestView>), (status = NOT_FOUND, body = Problem)))]
async fn service_requests(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<RequestsQuery>,
) -> Result<Json<List<RequestView>>, Fail> {
    let mut unit = app.read().await?;
    let cx = unit.cx();
    model::customer(cx.conn, &customer).await?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, kind, number, status, opened_on, due_on, summary, detail FROM service_requests
         WHERE customer = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR number = ?3) ORDER BY id DESC LIMIT ?4",
    )
    .bind(&customer)
    .bind(query.kind.as_deref())
    .bind(query.number.as_deref())
    .bind(PAGE_MAX)
    .fetch_all(&mut *cx.conn)
    .await?;
    let items = rows.into_iter().map(|row| {
        Ok(RequestView {
            label: format!("{} {}", row.number, row.summary),
            detail: serde_json::from_str(&row.detail)?,
            id: row.id,
            kind: row.kind,
            number: row.number,
            status: row.status,
            opened_on: row.opened_on,
            due_on: row.due_on,
            summary: row.summary,
        })
    });
    Ok(Json(List::of(items.collect::<Result<_, Fail>>()?)))
}

#[derive(Debug, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct DocumentView {
    pub id: String,
    pub kind: String,
    pub media_type: String,
    pub content: String,
    pub check_code: String,
}

#[utoipa::path(get, path = "/v1/customers/{customer}/documents/{document}", tag = "services",
    responses((status = OK, body = DocumentView), (status = NOT_FOUND, body = Problem)))]
async fn document(
    State(app): State<App>,
    Path((customer, document)): Path<(String, String)>,
) -> Result<Json<DocumentView>, Fail> {
    let mut unit = app.read().await?;
    let found: Option<DocumentView> =
        sqlx::query_as("SELECT id, kind, media_type, content, check_code FROM documents WHERE id = ? AND customer = ?")
            .bind(&document)
            .bind(&customer)
            .fetch_optional(&mut *unit.cx().conn)
            .await?;
    found.map(Json).ok_or_else(|| not_found("document"))
}
