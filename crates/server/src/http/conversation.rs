//! Reading a conversation: where it stands, and its events.

use crate::app::App;
use crate::http::extract::Query;
use crate::http::problem::{Problems, Refused};
use crate::http::rate::Subject;
use crate::http::visitor::Visitor;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use teller_kernel::event::Ownership;
use teller_kernel::limits::EVENTS_PAGE_MAX;
use teller_kernel::{ConversationId, Event, Level, Locale};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Events of a page when the caller names no number.
pub const EVENTS_PAGE: u32 = 100;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(state)).routes(routes!(events))
}

/// Where a conversation stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StateBody {
    conversation: ConversationId,
    last_seq: u64,
    /// machine | queued | agent | closed
    status: &'static str,
    locale: Locale,
    level: Level,
    ownership: Ownership,
    /// Is something waiting for the machine's answer?
    pending: bool,
}

/// Where a conversation stands
#[utoipa::path(get, path = "/conversations/{id}", operation_id = "conversation_state", tag = "customer",
    params(("id" = String, Path)), security(("conversation" = [])),
    responses((status = 200, body = StateBody), Problems))]
async fn state(State(app): State<App>, visitor: Visitor) -> Result<Json<StateBody>, Refused> {
    app.limiter.take(Subject::Reads(visitor.conversation.clone()))?;
    let state = app.conversations.state(&visitor.conversation).await?;
    Ok(Json(StateBody {
        conversation: state.id.clone(),
        last_seq: state.seq,
        status: state.status.name(),
        locale: state.locale,
        level: state.level,
        ownership: state.ownership,
        pending: !state.waiting.is_empty(),
    }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The last event already known; 0 for none.
    #[serde(default)]
    pub after: u64,
    /// Events wanted, at most 500.
    pub limit: Option<u32>,
}

impl EventsQuery {
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(EVENTS_PAGE).clamp(1, EVENTS_PAGE_MAX)
    }
}

/// A page of events. Ask again with `after` = the greatest number seen or, when
/// the page is empty, `through`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventsBody {
    pub events: Vec<Event>,
    /// Everything up to here was looked at, shown or not.
    pub through: u64,
    /// The last event of the conversation.
    pub last_seq: u64,
}

/// Events after a position
#[utoipa::path(get, path = "/conversations/{id}/events", operation_id = "conversation_events", tag = "customer",
    params(("id" = String, Path), EventsQuery), security(("conversation" = [])),
    responses((status = 200, body = EventsBody), Problems))]
async fn events(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventsBody>, Refused> {
    app.limiter.take(Subject::Reads(visitor.conversation.clone()))?;
    let page = visible_page(&app, &visitor.conversation, query.after, query.limit()).await?;
    Ok(Json(page))
}

/// Reads on until `limit` events that a customer sees were found, or the end:
/// an empty page means that there is nothing more, not that nothing was shown.
async fn visible_page(app: &App, id: &ConversationId, after: u64, limit: u32) -> Result<EventsBody, Refused> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut page = EventsBody { events: Vec::new(), through: after, last_seq: 0 };
    loop {
        let batch = app.conversations.events(id, page.through, EVENTS_PAGE_MAX).await?;
        let Some(last) = batch.last().map(|event| event.seq) else { break };
        page.through = last;
        let room = wanted - page.events.len();
        page.events.extend(batch.into_iter().filter(|event| event.body.customer_sees()).take(room));
        if page.events.len() == wanted {
            page.through = page.events.last().map_or(last, |event| event.seq);
            break;
        }
    }
    page.last_seq = app.conversations.state(id).await?.seq;
    Ok(page)
}
