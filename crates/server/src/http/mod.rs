//! The HTTP face: routes, the layers around them, and the specification.
//!
//! One family of endpoints is one file, with its shapes, its handlers and its
//! entry in the specification. Handlers take what they need as extractors, the
//! permission among them, so that a signature says who may call.
//!
//! Layers, outermost first: request id and log, panics, language of refusals,
//! security headers, address limit, time limit, routes.

pub mod around;
pub mod articles;
pub mod bank;
pub mod conversation;
pub mod demo;
pub mod extract;
pub mod handover;
pub mod health;
pub mod inbound;
pub mod me;
pub mod open;
pub mod openai;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod rate;
pub mod staff;
pub mod stream;
pub mod visitor;
pub mod ws;

use crate::app::App;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use problem::Refused;
use teller_kernel::Code;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

/// Where the API lies.
pub const API: &str = "/api/v1";

/// Every route of the API, with its specification.
fn api(with_demo: bool) -> OpenApiRouter<App> {
    let routes = OpenApiRouter::new()
        .merge(open::routes())
        .merge(conversation::routes())
        .merge(inbound::routes())
        .merge(stream::routes())
        .merge(me::routes())
        .merge(bank::routes())
        .merge(articles::routes())
        .merge(staff::routes());
    if with_demo { routes.merge(demo::routes()) } else { routes }
}

/// The whole server as one service.
pub fn router(app: App) -> Router {
    let (api, _) =
        OpenApiRouter::<App>::new().nest(API, api(app.demo.is_some())).merge(openai::routes()).split_for_parts();
    let limited = api
        .merge(openapi::routes())
        .route_layer(from_fn(around::time_limit))
        .fallback(pages::serve)
        .method_not_allowed_fallback(async || Refused::from(Code::MethodNotAllowed))
        .layer(from_fn_with_state(app.clone(), around::address_limit));
    limited
        .merge(health::routes())
        .layer(from_fn_with_state(app.clone(), around::headers))
        .layer(from_fn(around::language))
        .layer(CatchPanicLayer::custom(around::panicked))
        .layer(from_fn_with_state(app.clone(), around::log))
        .with_state(app)
}
