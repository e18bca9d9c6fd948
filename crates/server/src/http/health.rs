//! Is it alive, and can it serve? For supervisors and load balancers.

use crate::app::App;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};
use teller_bank::Health;

pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(async || "ok")).route("/readyz", get(ready))
}

/// Ready while the store answers and nobody has asked to stop. A core that is
/// down is said and does not make it unready: there is still much to answer.
async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let store = app.store.packs(1).await.is_ok();
    let stopping = *app.stopping.borrow();
    let core = match app.core.health() {
        Health::Up => "up",
        Health::EndOfDay => "end_of_day",
        Health::Down => "down",
    };
    let ready = store && !stopping;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let pack = app.bank().version().to_string();
    (status, Json(json!({"ready": ready, "store": store, "stopping": stopping, "core": core, "pack": pack})))
}
