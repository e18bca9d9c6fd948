//! Who the bank is: what a page shows before anybody has said anything.

use crate::app::App;
use crate::http::problem::Problems;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use teller_kernel::part::QuickReply;
use teller_kernel::{Locale, Localized};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(bank))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BankBody {
    name: Localized,
    hotline: String,
    greeting: Localized,
    /// By language.
    quick_replies: BTreeMap<&'static str, Vec<QuickReply>>,
    /// Shown on every reply of the machine.
    ai_label: Localized,
    /// The bank's own page.
    own_url: String,
}

/// Name, greeting and first suggestions
#[utoipa::path(get, path = "/bank", operation_id = "bank", tag = "customer",
    responses((status = 200, body = BankBody), Problems))]
async fn bank(State(app): State<App>) -> Json<BankBody> {
    let bank = app.bank();
    let manifest = &bank.pack.manifest;
    let replies = |locale| manifest.quick_replies.iter().map(|line| line.get(locale)).collect();
    Json(BankBody {
        name: manifest.name.clone(),
        hotline: manifest.hotline.clone(),
        greeting: manifest.greeting.clone(),
        quick_replies: Locale::ALL.into_iter().map(|locale| (locale.as_str(), replies(locale))).collect(),
        ai_label: manifest.ai_label.clone(),
        own_url: manifest.own_url.clone(),
    })
}
