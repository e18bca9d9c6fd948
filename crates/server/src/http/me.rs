//! A customer's own conversations, for the history of their page.

use crate::app::App;
use crate::http::extract::authorization;
use crate::http::handover::vouch;
use crate::http::problem::{Problems, Refused};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use teller_kernel::{Code, ConversationId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Conversations shown; older ones are the bank's archive.
const CONVERSATIONS_MAX: u32 = 50;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(mine))
}

/// A former conversation of the same customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PastConversation {
    conversation: ConversationId,
    opened_at_ms: i64,
    /// machine | queued | agent | closed
    status: &'static str,
    last_text: Option<String>,
}

/// The customer's own conversations, newest first
#[utoipa::path(get, path = "/me/conversations", operation_id = "conversation_mine", tag = "customer",
    security(("handover" = [])), responses((status = 200, body = Vec<PastConversation>), Problems))]
async fn mine(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refused> {
    let token = authorization(&headers, "Handover").ok_or(Code::HandoverInvalid)?;
    let vouched = vouch(&app, token, &headers).await?;
    let found = app.store.conversations_of(&vouched.customer, None, CONVERSATIONS_MAX).await?;
    let mut list = Vec::with_capacity(found.len());
    for conversation in found {
        list.push(PastConversation {
            opened_at_ms: conversation.head.opened_at_ms,
            status: teller_desk::public_status(conversation.head.status),
            last_text: app.desk.last_words(&conversation).await?,
            conversation: conversation.head.id,
        });
    }
    let mut response = Json(list).into_response();
    if let Some(cookie) = vouched.cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
