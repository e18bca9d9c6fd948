//! Four eyes over held operations.

use crate::app::App;
use crate::http::extract::{JsonBody, PathId};
use crate::http::problem::{Problems, Refused};
use crate::http::staff::conversations::ReasonBody;
use crate::http::staff::permit::{Permit, Release};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use teller_conversation::ReleaseProgress;
use teller_desk::ReleaseEntry;
use teller_kernel::id::ReleaseId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(releases)).routes(routes!(approve)).routes(routes!(decline))
}

/// Held operations that wait for a pair of eyes, oldest first
#[utoipa::path(get, path = "/desk/releases", operation_id = "desk_releases", tag = "staff",
    security(("staff" = ["release"])), responses((status = 200, body = Vec<ReleaseEntry>), Problems))]
async fn releases(State(app): State<App>, permit: Permit<Release>) -> Result<Json<Vec<ReleaseEntry>>, Refused> {
    Ok(Json(app.desk.releases(&permit.staff).await?))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProgressBody {
    /// first_approval | released | declined
    progress: &'static str,
}

/// Say yes to a held operation; the second person's yes carries it out
#[utoipa::path(post, path = "/desk/releases/{id}/approve", operation_id = "desk_release_approve", tag = "staff",
    params(("id" = String, Path)), request_body = ReasonBody, security(("staff" = ["release"])),
    responses((status = 200, body = ProgressBody), Problems))]
async fn approve(
    State(app): State<App>,
    permit: Permit<Release>,
    PathId(id): PathId<ReleaseId>,
    JsonBody(body): JsonBody<ReasonBody>,
) -> Result<Json<ProgressBody>, Refused> {
    decide(&app, &permit, &id, true, body).await
}

/// Say no to a held operation; one person is enough
#[utoipa::path(post, path = "/desk/releases/{id}/decline", operation_id = "desk_release_decline", tag = "staff",
    params(("id" = String, Path)), request_body = ReasonBody, security(("staff" = ["release"])),
    responses((status = 200, body = ProgressBody), Problems))]
async fn decline(
    State(app): State<App>,
    permit: Permit<Release>,
    PathId(id): PathId<ReleaseId>,
    JsonBody(body): JsonBody<ReasonBody>,
) -> Result<Json<ProgressBody>, Refused> {
    decide(&app, &permit, &id, false, body).await
}

async fn decide(
    app: &App,
    permit: &Permit<Release>,
    id: &ReleaseId,
    approved: bool,
    body: ReasonBody,
) -> Result<Json<ProgressBody>, Refused> {
    let progress = app.desk.decide_release(id, &permit.staff, approved, &body.checked()?).await?;
    let progress = match progress {
        ReleaseProgress::FirstApproval => "first_approval",
        ReleaseProgress::Released => "released",
        ReleaseProgress::Declined => "declined",
    };
    Ok(Json(ProgressBody { progress }))
}
