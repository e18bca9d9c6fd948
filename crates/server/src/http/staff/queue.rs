//! Who waits, who is mine, and taking the next one.

use crate::app::App;
use crate::http::extract::PathId;
use crate::http::problem::{Problems, Refused};
use crate::http::staff::permit::{Converse, Permit};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use teller_desk::{HeldConversation, QueueEntry};
use teller_kernel::ConversationId;
use teller_kernel::id::HandoffId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(queue)).routes(routes!(mine)).routes(routes!(accept))
}

/// Who waits for a human, most urgent first
#[utoipa::path(get, path = "/desk/queue", operation_id = "desk_queue", tag = "staff",
    security(("staff" = ["converse"])), responses((status = 200, body = Vec<QueueEntry>), Problems))]
async fn queue(State(app): State<App>, _: Permit<Converse>) -> Result<Json<Vec<QueueEntry>>, Refused> {
    Ok(Json(app.desk.queue().await?))
}

/// Conversations in one's own hands
#[utoipa::path(get, path = "/desk/mine", operation_id = "desk_mine", tag = "staff",
    security(("staff" = ["converse"])), responses((status = 200, body = Vec<HeldConversation>), Problems))]
async fn mine(State(app): State<App>, permit: Permit<Converse>) -> Result<Json<Vec<HeldConversation>>, Refused> {
    Ok(Json(app.desk.mine(&permit.staff.id).await?))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TakenBody {
    conversation: ConversationId,
}

/// Take a conversation out of the queue
#[utoipa::path(post, path = "/desk/handoffs/{id}/accept", operation_id = "desk_accept", tag = "staff",
    params(("id" = String, Path)), security(("staff" = ["converse"])),
    responses((status = 200, body = TakenBody), Problems))]
async fn accept(
    State(app): State<App>,
    permit: Permit<Converse>,
    PathId(handoff): PathId<HandoffId>,
) -> Result<Json<TakenBody>, Refused> {
    let conversation = app.desk.accept(&handoff, &permit.staff).await?;
    Ok(Json(TakenBody { conversation }))
}
