//! The staff's side of the API: a cookie session, a header against forged
//! requests, and a permission in each handler's signature.

pub mod conversations;
pub mod language_model;
pub mod packs;
pub mod permit;
pub mod queue;
pub mod releases;
pub mod session;
pub mod stream;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;

/// Name of the session cookie; over HTTPS it is prefixed with `__Host-`.
pub const COOKIE: &str = "teller_staff";
/// Header that repeats the session's secret on everything that changes something.
pub const CSRF_HEADER: &str = "x-teller-csrf";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(queue::routes())
        .merge(conversations::routes())
        .merge(releases::routes())
        .merge(packs::routes())
        .merge(language_model::routes())
        .merge(stream::routes())
}
