//! Opening a conversation, and coming back to one from another device.

use crate::app::App;
use crate::http::around::Caller;
use crate::http::extract::{JsonBody, PathId};
use crate::http::handover::{Vouched, vouch};
use crate::http::problem::{Problems, Refused, locale_of};
use crate::http::rate::Subject;
use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use teller_conversation::{ConversationState, OpenRequest};
use teller_kernel::event::Ownership;
use teller_kernel::{Code, ConversationId, Level, Locale, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest origin looked at, in bytes.
const ORIGIN_MAX_BYTES: usize = 256;
/// The channel of this door.
const CHANNEL: &str = "web";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(open)).routes(routes!(resume))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBody {
    /// Only `web` comes through this door.
    channel: Option<String>,
    /// Language of the replies; otherwise that of `Accept-Language`.
    locale: Option<Locale>,
    /// The token by which the bank's app vouches for its customer.
    handover: Option<String>,
    /// Origin of the page that embeds the widget; absent on the bank's own page.
    origin: Option<String>,
}

/// The customer as their own page greets them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CustomerGreeting {
    name_masked: String,
    elder: bool,
}

/// A conversation and the token that opens it on this device.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenedBody {
    conversation: ConversationId,
    /// Bearer secret: `Authorization: Bearer <token>`.
    token: String,
    last_seq: u64,
    ownership: Ownership,
    locale: Locale,
    level: Level,
    /// Absent while anonymous, or while the core does not answer.
    customer: Option<CustomerGreeting>,
}

/// Open a conversation
#[utoipa::path(post, path = "/conversations", operation_id = "conversation_open", tag = "customer",
    request_body = OpenBody, responses((status = 201, body = OpenedBody), Problems))]
async fn open(
    State(app): State<App>,
    Extension(Caller(address)): Extension<Caller>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<OpenBody>,
) -> Result<Response, Refused> {
    app.limiter.take(Subject::Openings(address))?;
    if body.channel.as_deref().is_some_and(|channel| channel != CHANNEL) {
        return Err(Problem::with(Code::BadField, "channel").into());
    }
    let ownership = ownership(&app, &headers, body.origin.as_deref())?;
    let locale = body.locale.unwrap_or_else(|| locale_of(&headers));
    let vouched = match &body.handover {
        Some(token) => Some(vouch(&app, token, &headers).await?),
        None => None,
    };
    let customer = vouched.as_ref().map(|vouched| (vouched.customer.clone(), Level::L1));
    let request = OpenRequest { channel: CHANNEL.to_owned(), ownership, locale, customer };
    let opened = app.conversations.open(request).await?;
    let state = app.conversations.state(&opened.conversation).await?;
    let answer = body_of(&app, &state, opened.token).await;
    Ok(with_cookie((StatusCode::CREATED, Json(answer)).into_response(), vouched))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResumeBody {
    handover: String,
}

/// Come back to a conversation of the same customer on this device
#[utoipa::path(post, path = "/conversations/{id}/resume", operation_id = "conversation_resume", tag = "customer",
    params(("id" = String, Path)), request_body = ResumeBody, responses((status = 200, body = OpenedBody), Problems))]
async fn resume(
    State(app): State<App>,
    Extension(Caller(address)): Extension<Caller>,
    PathId(id): PathId<ConversationId>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ResumeBody>,
) -> Result<Response, Refused> {
    app.limiter.take(Subject::Openings(address))?;
    let vouched = vouch(&app, &body.handover, &headers).await?;
    let state = app.conversations.state(&id).await?;
    // A conversation of somebody else does not exist, as far as the caller can tell.
    if state.customer.as_ref() != Some(&vouched.customer) {
        return Err(Code::ConversationNotFound.into());
    }
    let token = app.conversations.fresh_token(&id).await?;
    let answer = body_of(&app, &state, token).await;
    Ok(with_cookie(Json(answer).into_response(), Some(vouched)))
}

async fn body_of(app: &App, state: &ConversationState, token: String) -> OpenedBody {
    let brief = app.desk.customer(state.customer.as_ref()).await;
    OpenedBody {
        conversation: state.id.clone(),
        token,
        last_seq: state.seq,
        ownership: state.ownership,
        locale: state.locale,
        level: state.level,
        customer: brief.map(|brief| CustomerGreeting { name_masked: brief.name_masked, elder: brief.elder }),
    }
}

fn with_cookie(mut response: Response, vouched: Option<Vouched>) -> Response {
    if let Some(cookie) = vouched.and_then(|vouched| vouched.cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whose page the customer is on. The frame of the widget says where it
/// stands; a site that the pack does not list may not embed the bank.
fn ownership(app: &App, headers: &HeaderMap, origin: Option<&str>) -> Result<Ownership, Problem> {
    let Some(origin) = origin else { return Ok(Ownership::Own) };
    if origin.len() > ORIGIN_MAX_BYTES {
        return Err(Problem::with(Code::BadField, "origin"));
    }
    let origin = origin.trim_end_matches('/').to_ascii_lowercase();
    let bank = app.bank();
    let listed = bank.pack.manifest.origins.iter().find(|listed| listed.origin.eq_ignore_ascii_case(&origin));
    if let Some(listed) = listed {
        return Ok(listed.ownership);
    }
    // The bank's own page may show its own widget.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let same =
        origin.split_once("://").is_some_and(|(_, place)| host.is_some_and(|host| host.eq_ignore_ascii_case(place)));
    if same { Ok(Ownership::Own) } else { Err(Code::OriginNotAllowed.into()) }
}
