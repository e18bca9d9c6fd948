//! Conversations as staff see them: context, events with traces, the list for
//! looking back; and answering, handing back, closing.

use crate::app::App;
use crate::http::conversation::{EventsBody, EventsQuery};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::problem::{Problems, Refused};
use crate::http::staff::permit::{Converse, Explain, Permit, Read};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use teller_desk::{CONVERSATIONS_PAGE_MAX, ConversationContext, RecentConversation};
use teller_kernel::{Actor, Code, ConversationId, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Conversations of a page when the caller names no number.
const CONVERSATIONS_PAGE: u32 = 50;
/// Longest reason or note, in characters.
const REASON_MAX_CHARS: usize = 500;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(context))
        .routes(routes!(events))
        .routes(routes!(recent))
        .routes(routes!(reply))
        .routes(routes!(hand_back))
        .routes(routes!(close))
}

/// Everything known of a conversation besides its transcript, masked
#[utoipa::path(get, path = "/desk/conversations/{id}", operation_id = "desk_conversation", tag = "staff",
    params(("id" = String, Path)), security(("staff" = ["converse"]), ("staff" = ["explain"])),
    responses((status = 200, body = ConversationContext), Problems))]
async fn context(
    State(app): State<App>,
    permit: Permit<Read>,
    PathId(id): PathId<ConversationId>,
) -> Result<Json<ConversationContext>, Refused> {
    Ok(Json(app.desk.context(&permit.staff, &id).await?))
}

/// Events of every kind, traces included; masked unless one holds it
#[utoipa::path(get, path = "/desk/conversations/{id}/events", operation_id = "desk_events", tag = "staff",
    params(("id" = String, Path), EventsQuery), security(("staff" = ["converse"]), ("staff" = ["explain"])),
    responses((status = 200, body = EventsBody), Problems))]
async fn events(
    State(app): State<App>,
    permit: Permit<Read>,
    PathId(id): PathId<ConversationId>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventsBody>, Refused> {
    let events = app.desk.events(&permit.staff, &id, query.after, query.limit()).await?;
    let through = events.last().map_or(query.after, |event| event.seq);
    let last_seq = app.conversations.state(&id).await?.seq;
    Ok(Json(EventsBody { events, through, last_seq }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecentQuery {
    limit: Option<u32>,
    /// Id of the last conversation of the page before, or its `opened_at_ms`.
    before: Option<String>,
}

/// Latest conversations, for looking back
#[utoipa::path(get, path = "/desk/conversations", operation_id = "desk_conversations", tag = "staff",
    params(RecentQuery), security(("staff" = ["explain"])),
    responses((status = 200, body = Vec<RecentConversation>), Problems))]
async fn recent(
    State(app): State<App>,
    _: Permit<Explain>,
    Query(query): Query<RecentQuery>,
) -> Result<Json<Vec<RecentConversation>>, Refused> {
    let limit = query.limit.unwrap_or(CONVERSATIONS_PAGE).clamp(1, CONVERSATIONS_PAGE_MAX);
    let before = query.before.as_deref().map(position).transpose()?;
    Ok(Json(app.desk.recent(before.as_ref(), limit).await?))
}

/// Ids begin with the milliseconds they were made at, so that a time is a
/// place in the list too.
fn position(text: &str) -> Result<ConversationId, Problem> {
    let id = match text.parse::<u64>() {
        Ok(at_ms) => format!("{}_{:012x}", ConversationId::PREFIX, at_ms & 0xffff_ffff_ffff),
        Err(_) => text.to_owned(),
    };
    ConversationId::parse(&id).map_err(|_| Problem::with(Code::BadField, "before"))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyBody {
    client_id: String,
    text: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RepliedBody {
    seq: u64,
    duplicate: bool,
}

/// Answer the customer
#[utoipa::path(post, path = "/desk/conversations/{id}/reply", operation_id = "desk_reply", tag = "staff",
    params(("id" = String, Path)), request_body = ReplyBody, security(("staff" = ["converse"])),
    responses((status = 200, body = RepliedBody), Problems))]
async fn reply(
    State(app): State<App>,
    permit: Permit<Converse>,
    PathId(id): PathId<ConversationId>,
    JsonBody(body): JsonBody<ReplyBody>,
) -> Result<Json<RepliedBody>, Refused> {
    let accepted = app.conversations.agent_reply(&id, &permit.staff.id, &body.client_id, &body.text).await?;
    Ok(Json(RepliedBody { seq: accepted.seq, duplicate: accepted.duplicate }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandBackBody {
    /// What was agreed; the customer reads it.
    note: String,
}

/// Nothing more to say than that it is done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DoneBody {}

/// Give the conversation back to the machine
#[utoipa::path(post, path = "/desk/conversations/{id}/hand-back", operation_id = "desk_hand_back", tag = "staff",
    params(("id" = String, Path)), request_body = HandBackBody, security(("staff" = ["converse"])),
    responses((status = 200, body = DoneBody), Problems))]
async fn hand_back(
    State(app): State<App>,
    permit: Permit<Converse>,
    PathId(id): PathId<ConversationId>,
    JsonBody(body): JsonBody<HandBackBody>,
) -> Result<Json<DoneBody>, Refused> {
    app.conversations.hand_back(&id, &permit.staff.id, &body.note).await?;
    Ok(Json(DoneBody {}))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    pub reason: String,
}

impl ReasonBody {
    /// # Errors
    /// `bad_field` for a reason that is longer than a reason can be.
    pub fn checked(self) -> Result<String, Problem> {
        if self.reason.chars().count() > REASON_MAX_CHARS || self.reason.chars().any(char::is_control) {
            return Err(Problem::with(Code::BadField, "reason"));
        }
        Ok(self.reason)
    }
}

/// End the conversation
#[utoipa::path(post, path = "/desk/conversations/{id}/close", operation_id = "desk_close", tag = "staff",
    params(("id" = String, Path)), request_body = ReasonBody, security(("staff" = ["converse"])),
    responses((status = 200, body = DoneBody), Problems))]
async fn close(
    State(app): State<App>,
    permit: Permit<Converse>,
    PathId(id): PathId<ConversationId>,
    JsonBody(body): JsonBody<ReasonBody>,
) -> Result<Json<DoneBody>, Refused> {
    let actor = Actor::Staff { id: permit.staff.id };
    app.conversations.close(&id, actor, &body.checked()?).await?;
    Ok(Json(DoneBody {}))
}
