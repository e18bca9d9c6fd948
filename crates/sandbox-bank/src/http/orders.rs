//! Orders and protections.

use super::extract::{Body, Params};
use super::{App, List};
use crate::error::{Fail, Problem, not_found};
use crate::orders::life::Request;
use crate::orders::{self, OrderRow, OrderStatus, OrderView};
use crate::protect;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Orders on one page.
const PAGE_MAX: i64 = 100;
const PAGE: i64 = 20;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(prepare))
        .routes(routes!(confirm))
        .routes(routes!(cancel))
        .routes(routes!(release))
        .routes(routes!(decline))
        .routes(routes!(by_key))
        .routes(routes!(all_orders))
        .routes(routes!(one_order))
        .routes(routes!(order_document))
        .routes(routes!(protect_now))
        .routes(routes!(customer_orders))
        .routes(routes!(customer_order))
}

/// An operation, its key and its parameters (`…Params` of the operation).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    pub customer: String,
    pub operation: String,
    pub idempotency_key: String,
    #[schema(value_type = Object)]
    pub params: Value,
}

impl From<OrderBody> for Request {
    fn from(body: OrderBody) -> Self {
        Self { customer: body.customer, operation: body.operation, key: body.idempotency_key, params: body.params }
    }
}

#[utoipa::path(post, path = "/v1/orders/prepare", tag = "orders", request_body = OrderBody, responses(
    (status = OK, body = OrderView, description = "prepared, or how the order under this key stands"),
    (status = CONFLICT, body = Problem, description = "the key was used with other content"),
    (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn prepare(State(app): State<App>, Body(body): Body<OrderBody>) -> Result<Json<OrderView>, Fail> {
    let mut writer = app.writer().await;
    app.catch_up(&mut writer).await?;
    let mut tx = writer.begin().await?;
    let frame = app.frame(&mut tx).await?;
    let order = orders::prepare(&mut frame.cx(&mut tx), body.into()).await?;
    tx.commit().await?;
    Ok(Json(order))
}

/// Evidence that the customer agreed: `digest` of the order's values (SHA-256
/// over canonical JSON), `level` and `kind` of the permit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    #[schema(value_type = Object)]
    pub proof: Value,
}

#[utoipa::path(post, path = "/v1/orders/{id}/confirm", tag = "orders", request_body = ConfirmBody, responses(
    (status = OK, body = OrderView, description = "posted, accepted, held or rejected; asked again, the same"),
    (status = UNPROCESSABLE_ENTITY, body = Problem, description = "PROOF_MISMATCH: nothing happened")))]
async fn confirm(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<ConfirmBody>,
) -> Result<Json<OrderView>, Fail> {
    let mut writer = app.writer().await;
    app.catch_up(&mut writer).await?;
    let mut tx = writer.begin().await?;
    let frame = app.frame(&mut tx).await?;
    let order = orders::confirm(&mut tx, &frame, &id, &body.proof).await?;
    tx.commit().await?;
    Ok(Json(order))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// `prepared`: leave an accepted order alone.
    pub only_if: Option<String>,
}

#[utoipa::path(post, path = "/v1/orders/{id}/cancel", tag = "orders", request_body = CancelBody, responses(
    (status = OK, body = OrderView, description = "cancelled, or how the order ended before")))]
async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<CancelBody>,
) -> Result<Json<OrderView>, Fail> {
    let only_prepared = match body.only_if.as_deref() {
        None => false,
        Some("prepared") => true,
        Some(_) => return Err(crate::error::bad_param("only_if")),
    };
    let mut writer = app.writer().await;
    app.catch_up(&mut writer).await?;
    let mut tx = writer.begin().await?;
    let frame = app.frame(&mut tx).await?;
    let order = orders::cancel(&mut frame.cx(&mut tx), &id, only_prepared).await?;
    tx.commit().await?;
    Ok(Json(order))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseBody {
    /// Two different people.
    pub by: Vec<String>,
    /// Digest of the values they saw.
    pub digest: Option<String>,
}

#[utoipa::path(post, path = "/v1/orders/{id}/release", tag = "orders", request_body = ReleaseBody, responses(
    (status = OK, body = OrderView), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn release(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<ReleaseBody>,
) -> Result<Json<OrderView>, Fail> {
    let mut writer = app.writer().await;
    let mut tx = writer.begin().await?;
    let frame = app.frame(&mut tx).await?;
    let order = orders::release(&mut frame.cx(&mut tx), &id, &body.by, body.digest.as_deref()).await?;
    tx.commit().await?;
    Ok(Json(order))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineBody {
    pub by: String,
    #[serde(default)]
    pub reason: String,
}

#[utoipa::path(post, path = "/v1/orders/{id}/decline", tag = "orders", request_body = DeclineBody, responses(
    (status = OK, body = OrderView), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn decline(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<DeclineBody>,
) -> Result<Json<OrderView>, Fail> {
    let mut writer = app.writer().await;
    let mut tx = writer.begin().await?;
    let frame = app.frame(&mut tx).await?;
    let order = orders::decline(&mut frame.cx(&mut tx), &id, &body.by, &body.reason).await?;
    tx.commit().await?;
    Ok(Json(order))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct KeyQuery {
    customer: String,
    operation: String,
    key: String,
}

#[utoipa::path(get, path = "/v1/orders/by-key", tag = "orders", params(KeyQuery), responses(
    (status = OK, body = OrderView), (status = NOT_FOUND, body = Problem, description = "the key was never seen")))]
async fn by_key(State(app): State<App>, Params(query): Params<KeyQuery>) -> Result<Json<OrderView>, Fail> {
    let mut unit = app.read().await?;
    orders::by_key(unit.cx().conn, &query.customer, &query.operation, &query.key).await.map(Json)
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrdersQuery {
    status: Option<String>,
    operation: Option<String>,
    /// Only those that can (or cannot) still be taken back.
    cancellable: Option<bool>,
    limit: Option<i64>,
}

async fn list(app: &App, customer: Option<&str>, query: &OrdersQuery) -> Result<List<OrderView>, Fail> {
    let mut unit = app.read().await?;
    let rows: Vec<OrderRow> = sqlx::query_as(
        "SELECT * FROM orders WHERE (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR status = ?2)
           AND (?3 IS NULL OR operation = ?3) AND status NOT IN ('prepared', 'expired')
           AND (?4 IS NULL OR (status = 'accepted' AND operation = 'transfer') = ?4)
         ORDER BY coalesce(confirmed_at_ms, prepared_at_ms) DESC, id DESC LIMIT ?5",
    )
    .bind(customer)
    .bind(query.status.as_deref())
    .bind(query.operation.as_deref())
    .bind(query.cancellable)
    .bind(query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX))
    .fetch_all(&mut *unit.cx().conn)
    .await?;
    Ok(List::of(rows.into_iter().map(OrderView::of).collect::<Result<_, _>>()?))
}

#[utoipa::path(get, path = "/v1/orders", tag = "orders", params(OrdersQuery),
    responses((status = OK, body = List<OrderView>)))]
async fn all_orders(State(app): State<App>, Params(query): Params<OrdersQuery>) -> Result<Json<List<OrderView>>, Fail> {
    list(&app, None, &query).await.map(Json)
}

#[utoipa::path(get, path = "/v1/orders/{id}", tag = "orders",
    responses((status = OK, body = OrderView), (status = NOT_FOUND, body = Problem)))]
async fn one_order(State(app): State<App>, Path(id): Path<String>) -> Result<Json<OrderView>, Fail> {
    let mut unit = app.read().await?;
    let order = OrderRow::find(unit.cx().conn, &id).await?.ok_or_else(|| not_found("order"))?;
    OrderView::of(order).map(Json)
}

#[utoipa::path(get, path = "/v1/orders/{id}/document", tag = "orders",
    responses((status = OK, body = String), (status = NOT_FOUND, body = Problem)))]
async fn order_document(State(app): State<App>, Path(id): Path<String>) -> Result<impl IntoResponse, Fail> {
    let mut unit = app.read().await?;
    let conn = unit.cx().conn;
    let order = OrderRow::find(&mut *conn, &id).await?.ok_or_else(|| not_found("order"))?;
    if order.status()? != OrderStatus::Posted {
        return Err(not_found("document"));
    }
    let result: Value = serde_json::from_str(&order.result)?;
    let document = result.get("document").and_then(Value::as_str).unwrap_or_default();
    let found: Option<(String, String)> = sqlx::query_as("SELECT media_type, content FROM documents WHERE id = ?")
        .bind(document)
        .fetch_optional(conn)
        .await?;
    let (media_type, content) = found.ok_or_else(|| not_found("document"))?;
    Ok(([(header::CONTENT_TYPE, media_type)], content))
}

#[utoipa::path(post, path = "/v1/protect", tag = "orders", request_body = OrderBody, responses(
    (status = OK, body = OrderView), (status = CONFLICT, body = Problem), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn protect_now(State(app): State<App>, Body(body): Body<OrderBody>) -> Result<Json<OrderView>, Fail> {
    let mut writer = app.writer().await;
    app.catch_up(&mut writer).await?;
    let mut tx = writer.begin().await?;
    let frame = app.frame(&mut tx).await?;
    let order = protect::protect(&mut frame.cx(&mut tx), body.into()).await?;
    tx.commit().await?;
    Ok(Json(order))
}

#[utoipa::path(get, path = "/v1/customers/{customer}/orders", tag = "customers", params(OrdersQuery),
    responses((status = OK, body = List<OrderView>)))]
async fn customer_orders(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(query): Params<OrdersQuery>,
) -> Result<Json<List<OrderView>>, Fail> {
    list(&app, Some(&customer), &query).await.map(Json)
}

#[utoipa::path(get, path = "/v1/customers/{customer}/orders/{order}", tag = "customers",
    responses((status = OK, body = OrderView), (status = NOT_FOUND, body = Problem)))]
async fn customer_order(
    State(app): State<App>,
    Path((customer, order)): Path<(String, String)>,
) -> Result<Json<OrderView>, Fail> {
    let mut unit = app.read().await?;
    let found = OrderRow::find(unit.cx().conn, &order).await?.filter(|order| order.customer == customer);
    OrderView::of(found.ok_or_else(|| not_found("order"))?).map(Json)
}
