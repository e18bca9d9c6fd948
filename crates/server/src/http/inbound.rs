//! What the customer sends: messages and taps. Saved when answered; what the
//! machine says to it comes as events.

use crate::app::App;
use crate::http::extract::JsonBody;
use crate::http::problem::{Problems, Refused};
use crate::http::rate::Subject;
use crate::http::visitor::Visitor;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use teller_conversation::Accepted;
use teller_kernel::event::CustomerAction;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(message)).routes(routes!(action))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageBody {
    /// The sender's own name for it; sending twice under one name saves once.
    pub client_id: String,
    pub text: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionBody {
    pub client_id: String,
    pub action: CustomerAction,
    /// The one-time password, with `submit_otp` only; never stored.
    pub code: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AcceptedBody {
    /// Its place in the conversation.
    pub seq: u64,
    /// It was saved before, under the same client id.
    pub duplicate: bool,
}

impl From<Accepted> for AcceptedBody {
    fn from(accepted: Accepted) -> Self {
        Self { seq: accepted.seq, duplicate: accepted.duplicate }
    }
}

/// Say something
#[utoipa::path(post, path = "/conversations/{id}/messages", operation_id = "conversation_say", tag = "customer",
    params(("id" = String, Path)), security(("conversation" = [])), request_body = MessageBody,
    responses((status = 202, body = AcceptedBody), Problems))]
async fn message(
    State(app): State<App>,
    visitor: Visitor,
    JsonBody(body): JsonBody<MessageBody>,
) -> Result<(StatusCode, Json<AcceptedBody>), Refused> {
    app.limiter.take(Subject::Sayings(visitor.conversation.clone()))?;
    let accepted = app.conversations.say(&visitor.conversation, &body.client_id, &body.text).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.into())))
}

/// Tap something
#[utoipa::path(post, path = "/conversations/{id}/actions", operation_id = "conversation_act", tag = "customer",
    params(("id" = String, Path)), security(("conversation" = [])), request_body = ActionBody,
    responses((status = 202, body = AcceptedBody), Problems))]
async fn action(
    State(app): State<App>,
    visitor: Visitor,
    JsonBody(body): JsonBody<ActionBody>,
) -> Result<(StatusCode, Json<AcceptedBody>), Refused> {
    app.limiter.take(Subject::Sayings(visitor.conversation.clone()))?;
    let code = body.code.as_deref();
    let accepted = app.conversations.act(&visitor.conversation, &body.client_id, body.action, code).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.into())))
}
