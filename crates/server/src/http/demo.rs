//! Routes of the demo bank: its invented customers, its signed-in app, the
//! phone that gets its text messages, and the switch of its core. A real bank
//! has none of them: they are not mounted.

use crate::app::App;
use crate::demo::{CoreSwitch, DemoBank};
use crate::http::extract::{JsonBody, Query};
use crate::http::problem::{Problems, Refused};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use teller_identity::{Handover, code};
use teller_kernel::{Code, CustomerId, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Messages the phone shows.
const MESSAGES_MAX: u32 = 50;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(customers))
        .routes(routes!(sign_in))
        .routes(routes!(phone))
        .routes(routes!(switch, set_switch))
}

/// The demo bank, where there is one.
struct Demo(DemoBank);

impl FromRequestParts<App> for Demo {
    type Rejection = Refused;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Refused> {
        app.demo.clone().map(Self).ok_or_else(|| Code::NotFound.into())
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DemoCustomer {
    id: String,
    name: String,
    note: String,
    elder: bool,
}

/// The customers of the demo bank
#[utoipa::path(get, path = "/demo/customers", operation_id = "demo_customers", tag = "demo",
    responses((status = 200, body = Vec<DemoCustomer>), Problems))]
async fn customers(State(app): State<App>, _: Demo) -> Result<Json<Vec<DemoCustomer>>, Refused> {
    let read = app.core.read("customers", None, &json!({})).await.map_err(|_| Code::CoreUnavailable)?;
    let items = read.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let customer = |item: &Value| DemoCustomer {
        id: text(item, "id"),
        name: text(item, "name"),
        note: text(item, "note"),
        elder: item.get("elder").and_then(Value::as_bool).unwrap_or(false),
    };
    Ok(Json(items.iter().map(customer).collect()))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DemoSignInBody {
    customer: CustomerId,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HandoverBody {
    /// What the bank's app would put into the address of the page.
    handover: String,
}

/// Play the bank's app, where a customer is signed in
#[utoipa::path(post, path = "/demo/sign-in", operation_id = "demo_sign_in", tag = "demo",
    request_body = DemoSignInBody, responses((status = 200, body = HandoverBody), Problems))]
async fn sign_in(
    State(app): State<App>,
    _: Demo,
    JsonBody(body): JsonBody<DemoSignInBody>,
) -> Result<Json<HandoverBody>, Refused> {
    let known = app.core.read("customer", Some(&body.customer), &json!({})).await;
    known.map_err(|error| match error {
        teller_bank::CoreError::Refused(_) => Problem::with(Code::BadField, "customer"),
        _ => Code::CoreUnavailable.into(),
    })?;
    let handover = Handover::fresh(body.customer, app.clock.now_ms(), &*app.rng).sign(&app.secrets);
    Ok(Json(HandoverBody { handover }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PhoneQuery {
    #[param(value_type = String)]
    customer: CustomerId,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhoneMessageBody {
    at_ms: i64,
    text: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhoneBody {
    /// Newest first.
    messages: Vec<PhoneMessageBody>,
    /// What the customer's token shows now (RFC 6238).
    token_code: String,
}

/// The phone of a demo customer
#[utoipa::path(get, path = "/demo/phone", operation_id = "demo_phone", tag = "demo",
    params(PhoneQuery), responses((status = 200, body = PhoneBody), Problems))]
async fn phone(State(app): State<App>, _: Demo, Query(query): Query<PhoneQuery>) -> Result<Json<PhoneBody>, Refused> {
    let kept = app.store.phone_messages(&query.customer, MESSAGES_MAX).await?;
    let messages = kept.into_iter().map(|message| PhoneMessageBody { at_ms: message.at_ms, text: message.text });
    Ok(Json(PhoneBody {
        messages: messages.collect(),
        token_code: code::token_code(&app.secrets, &query.customer, app.clock.now_ms()),
    }))
}

/// How the demo core behaves
#[utoipa::path(get, path = "/demo/core", operation_id = "demo_core", tag = "demo",
    responses((status = 200, body = CoreSwitch), Problems))]
async fn switch(Demo(demo): Demo) -> Result<Json<CoreSwitch>, Refused> {
    Ok(Json(demo.switch().await?))
}

/// Make the demo core fail, for a look at what Teller does then
#[utoipa::path(put, path = "/demo/core", operation_id = "demo_core_set", tag = "demo",
    request_body = CoreSwitch, responses((status = 200, body = CoreSwitch), Problems))]
async fn set_switch(Demo(demo): Demo, JsonBody(wanted): JsonBody<CoreSwitch>) -> Result<Json<CoreSwitch>, Refused> {
    Ok(Json(demo.set_switch(&wanted).await?))
}
