//! Packs kept in the store, and which one speaks.

use crate::app::App;
use crate::http::extract::PathId;
use crate::http::problem::{Problems, Refused};
use crate::http::staff::permit::{ManagePacks, Permit};
use crate::packs;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use teller_kernel::{Actor, PackVersion, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Versions shown.
const PACKS_MAX: u32 = 200;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(activate))
}

/// A version of a pack.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PackBody {
    version: PackVersion,
    id: String,
    /// Does it speak now?
    active: bool,
    /// When it was last put into service.
    activated_at_ms: Option<i64>,
    /// Who did it: a word and an id.
    activated_by: Option<String>,
}

/// Versions kept, newest first
#[utoipa::path(get, path = "/packs", operation_id = "pack_list", tag = "staff",
    security(("staff" = ["manage_packs"])), responses((status = 200, body = Vec<PackBody>), Problems))]
async fn list(State(app): State<App>, _: Permit<ManagePacks>) -> Result<Json<Vec<PackBody>>, Refused> {
    let kept = app.store.packs(PACKS_MAX).await?;
    let activations = app.store.activations(PACKS_MAX).await?;
    let speaks = app.bank().version().clone();
    let body = |pack: teller_store::PackEntry| {
        let last = activations.iter().find(|activation| activation.version == pack.version);
        PackBody {
            active: pack.version == speaks,
            activated_at_ms: last.map(|last| last.at_ms),
            activated_by: last.map(|last| last.by.clone()),
            version: pack.version,
            id: pack.id,
        }
    };
    Ok(Json(kept.into_iter().map(body).collect()))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActivatedBody {
    version: PackVersion,
}

/// Put a kept version into service (an older one: a rollback)
#[utoipa::path(post, path = "/packs/{id}/activate", operation_id = "pack_activate", tag = "staff",
    params(("id" = String, Path, description = "Version of the pack")), security(("staff" = ["manage_packs"])),
    responses((status = 200, body = ActivatedBody), Problems))]
async fn activate(
    State(app): State<App>,
    permit: Permit<ManagePacks>,
    PathId(version): PathId<PackVersion>,
) -> Result<Json<ActivatedBody>, Refused> {
    let by = Actor::Staff { id: permit.staff.id };
    let in_service = &app.conversations.ports().packs;
    packs::activate(&app.store, in_service, &version, by, "console").await.map_err(Problem::from)?;
    Ok(Json(ActivatedBody { version }))
}
