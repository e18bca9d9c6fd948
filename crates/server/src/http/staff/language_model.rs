//! The kill switch of the language model: what it is used for, and on or off.
//! Audited; a switch thrown here lasts until the next start.

use crate::app::App;
use crate::http::extract::{JsonBody, path_param};
use crate::http::problem::{Problems, Refused};
use crate::http::staff::permit::{ManagePacks, Permit};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use teller_kernel::{Actor, Code};
use teller_llm::{BreakerState, Gateway, UseCase};
use teller_store::{AuditEntry, WriteSet};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(switch))
}

/// One use of the language model.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ModelUseBody {
    /// rephrase_answer
    used: &'static str,
    enabled: bool,
    model: String,
    /// `name/version`
    prompt: String,
    /// Has it failed so often that nothing is asked for a while?
    resting: bool,
}

impl ModelUseBody {
    fn new(gateway: &Gateway, used: UseCase) -> Option<Self> {
        let (model, prompt) = gateway.describe(used)?;
        let resting = !matches!(gateway.breaker(), BreakerState::Closed { .. });
        Some(Self { used: used.as_str(), enabled: gateway.is_on(used), model, prompt, resting })
    }
}

/// What a language model is used for
#[utoipa::path(get, path = "/language-model", operation_id = "language_model_uses", tag = "staff",
    security(("staff" = ["manage_packs"])), responses((status = 200, body = Vec<ModelUseBody>), Problems))]
async fn list(State(app): State<App>, _: Permit<ManagePacks>) -> Json<Vec<ModelUseBody>> {
    let uses =
        |gateway: &Arc<Gateway>| UseCase::ALL.into_iter().filter_map(|it| ModelUseBody::new(gateway, it)).collect();
    Json(app.gateway.as_ref().map(uses).unwrap_or_default())
}

/// A use that the path names.
struct Named(UseCase);

impl FromRequestParts<App> for Named {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refused> {
        let name = path_param(parts, "use").await?;
        let found = UseCase::ALL.into_iter().find(|used| used.as_str() == name);
        found.map(Self).ok_or_else(|| Code::NotFound.into())
    }
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchBody {
    enabled: bool,
}

/// Throw the kill switch of a use, or release it
#[utoipa::path(put, path = "/language-model/{use}", operation_id = "language_model_switch", tag = "staff",
    params(("use" = String, Path)), security(("staff" = ["manage_packs"])), request_body = SwitchBody,
    responses((status = 200, body = ModelUseBody), Problems))]
async fn switch(
    State(app): State<App>,
    permit: Permit<ManagePacks>,
    Named(used): Named,
    JsonBody(body): JsonBody<SwitchBody>,
) -> Result<Json<ModelUseBody>, Refused> {
    let gateway = app.gateway.as_ref().ok_or(Code::NotFound)?;
    if gateway.describe(used).is_none() {
        return Err(Code::NotFound.into());
    }
    let mut set = WriteSet::new();
    let by = Actor::Staff { id: permit.staff.id };
    let detail = json!({"enabled": body.enabled});
    set.audit(AuditEntry::new(&by, "language_model.switched", used.as_str()).detail(detail));
    app.store.commit(set).await?;
    gateway.switch(used, body.enabled);
    ModelUseBody::new(gateway, used).map(Json).ok_or_else(|| Code::NotFound.into())
}
