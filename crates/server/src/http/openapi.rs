//! The specification: made from the same lines that register the routes.

use crate::app::App;
use crate::http::problem::ProblemBody;
use crate::http::{API, api, openai};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use std::sync::LazyLock;
use teller_kernel::{Event, EventBody, Part};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Teller",
        description = "Customer conversations, the desk and the demo bank. Every refusal has the shape of `ProblemBody`; under `/v1`, where Teller speaks as a model, that of `OpenAiErrorBody`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, crate::http::openai::error::OpenAiErrorBody, Event, EventBody, Part, crate::http::stream::ServerFrame, crate::http::stream::ClientFrame)),
    modifiers(&Schemes),
    tags(
        (name = "customer", description = "A customer's page, widget or app"),
        (name = "staff", description = "The desk; a cookie session, and `X-Teller-CSRF` with everything that changes something"),
        (name = "model", description = "Teller as a model, for programs that speak the OpenAI protocol; anonymous visitors only"),
        (name = "demo", description = "The demo bank only; absent from a real one")
    )
)]
struct Head;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, spec: &mut OpenApi) {
        let components = spec.components.get_or_insert_with(Default::default);
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The conversation's token"));
        components.add_security_scheme("conversation", SecurityScheme::Http(bearer.build()));
        let handover = ApiKeyValue::with_description("Authorization", "`Handover <token>` of the bank's own app");
        components.add_security_scheme("handover", SecurityScheme::ApiKey(ApiKey::Header(handover)));
        let key =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A key made by `teller api-key new`"));
        components.add_security_scheme("api_key", SecurityScheme::Http(key.build()));
        let staff = ApiKeyValue::with_description(
            crate::http::staff::COOKIE,
            "Staff session (`__Host-` before the name over HTTPS); the scopes are permissions, of which one is needed",
        );
        components.add_security_scheme("staff", SecurityScheme::ApiKey(ApiKey::Cookie(staff)));
    }
}

/// The whole specification, the demo's routes included.
pub fn specification() -> OpenApi {
    let (_, mut spec) = OpenApiRouter::<App>::with_openapi(Head::openapi())
        .nest(API, api(true))
        .merge(openai::routes())
        .split_for_parts();
    describe_successes(&mut spec);
    spec
}

/// A response must say what it is, and the summary of its operation says it.
fn describe_successes(spec: &mut OpenApi) {
    for item in spec.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let summary = operation.summary.clone().unwrap_or_default();
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    response.description.clone_from(&summary);
                }
            }
        }
    }
}

/// The specification as it is checked in.
pub fn specification_json() -> String {
    let mut json = serde_json::to_string_pretty(&specification()).expect("a specification always serialises");
    json.push('\n');
    json
}

pub fn routes() -> Router<App> {
    static SPEC: LazyLock<String> = LazyLock::new(specification_json);
    let answer = async || ([(header::CONTENT_TYPE, "application/json")], SPEC.as_str());
    Router::new().route("/api/openapi.json", get(answer))
}
