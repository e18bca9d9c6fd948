//! Teller as a model: `/v1/models` and `/v1/chat/completions`, so that whatever
//! speaks the OpenAI protocol can ask the bank.
//!
//! Only the last user message is taken: what was said before is the
//! conversation's, which Teller keeps. A caller goes on with one by sending the
//! `conversation_id` of the first answer back in `metadata`; without it each call
//! is a conversation of its own. Callers are anonymous visitors (L0), whatever
//! key they hold. System messages, tools and sampling settings change nothing.
//!
//! Invariants: a key sees only conversations it began; refusals have the
//! protocol's own shape; what a machine said carries the AI label.

pub mod error;
pub mod key;
mod plain;
mod shapes;
mod talk;

use crate::app::App;
use crate::http::extract::{JsonBody, path_param};
use crate::http::problem::{Refused, locale_of};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use error::OpenAiErrors;
use key::ApiCaller;
use shapes::{ChatBody, ChatCompletion, ModelBody, ModelsBody};
use teller_kernel::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The one model there is.
pub const MODEL: &str = "teller";
/// Largest body: callers send their whole history along, of which the last
/// message counts.
const CHAT_BODY_MAX_BYTES: usize = 1024 * 1024;
/// The conversation's name, in the answer's head too.
const CONVERSATION: HeaderName = HeaderName::from_static("x-teller-conversation");

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(models)).routes(routes!(model)).routes(routes!(chat))
}

/// Is this a path of the protocol?
pub fn is_under(path: &str) -> bool {
    path.starts_with("/v1/")
}

/// The models: one, the bank
#[utoipa::path(get, path = "/v1/models", operation_id = "model_list", tag = "model", security(("api_key" = [])),
    responses((status = 200, body = ModelsBody), OpenAiErrors))]
async fn models(State(app): State<App>, _: ApiCaller) -> Json<ModelsBody> {
    Json(ModelsBody::new(&app))
}

/// What a path calls a model.
struct Named;

impl FromRequestParts<App> for Named {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refused> {
        if path_param(parts, "model").await? == MODEL { Ok(Self) } else { Err(Code::ModelNotFound.into()) }
    }
}

/// One model
#[utoipa::path(get, path = "/v1/models/{model}", operation_id = "model_get", tag = "model",
    params(("model" = String, Path)), security(("api_key" = [])),
    responses((status = 200, body = ModelBody), OpenAiErrors))]
async fn model(State(app): State<App>, _: ApiCaller, _: Named) -> Json<ModelBody> {
    Json(ModelBody::new(&app))
}

/// Ask the bank
///
/// With `stream` the answer comes as server-sent events of
/// `chat.completion.chunk`, then `[DONE]`. `metadata.conversation_id` goes on
/// with a conversation; `metadata.locale` (zh, en) chooses its language.
#[utoipa::path(post, path = "/v1/chat/completions", operation_id = "model_chat", tag = "model",
    request_body = ChatBody, security(("api_key" = [])),
    responses((status = 200, body = ChatCompletion), OpenAiErrors))]
async fn chat(
    State(app): State<App>,
    caller: ApiCaller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ChatBody, CHAT_BODY_MAX_BYTES>,
) -> Result<Response, Refused> {
    let asked = body.asked()?;
    let stream = body.stream();
    let answer = talk::talk(&app, &caller, asked, locale_of(&headers), client_id(&headers)).await?;
    let conversation = HeaderValue::from_str(answer.conversation()).map_err(|_| Code::Internal)?;
    let mut response = match stream {
        Some(usage) => {
            let kind = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")];
            (kind, answer.events(usage)).into_response()
        }
        None => Json(answer).into_response(),
    };
    response.headers_mut().insert(CONVERSATION, conversation);
    Ok(response)
}

/// The caller's own name for this call, so that sending it again says it once.
fn client_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("idempotency-key").and_then(|value| value.to_str().ok())
}
