//! Refusals in the shape of the OpenAI protocol.

use crate::http::problem::{Refused, render};
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use teller_kernel::{Code, Locale, Problem};
use utoipa::openapi::RefOr;

/// The body of every refusal under `/v1`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenAiErrorBody {
    pub error: OpenAiError,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenAiError {
    /// What to tell a person.
    pub message: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The field concerned.
    pub param: Option<String>,
    /// Teller's own code.
    pub code: &'static str,
}

/// The protocol knows no 422 for its fields.
fn status(code: Code) -> StatusCode {
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { status }
}

fn kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN => "permission_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}

/// Writes a refusal again in the protocol's shape; other answers stay.
pub fn reshape(response: Response, locale: Locale) -> Response {
    let Some(Refused(problem)) = response.extensions().get::<Refused>().cloned() else { return response };
    let mut shaped = render(&problem, locale);
    *shaped.status_mut() = status(problem.code);
    *shaped.body_mut() = Body::from(body(&problem, locale));
    shaped.headers_mut().remove(header::CONTENT_LENGTH);
    shaped.extensions_mut().insert(Refused(problem));
    shaped
}

fn body(problem: &Problem, locale: Locale) -> Vec<u8> {
    let error = OpenAiError {
        message: problem.code.message(locale),
        kind: kind(status(problem.code)),
        param: problem.detail.clone(),
        code: problem.code.as_str(),
    };
    serde_json::to_vec(&OpenAiErrorBody { error }).unwrap_or_default()
}

/// What every operation may answer besides its success, for the specification.
pub struct OpenAiErrors;

impl utoipa::IntoResponses for OpenAiErrors {
    fn responses() -> std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let reference = utoipa::openapi::Ref::from_schema_name("OpenAiErrorBody");
        let content = utoipa::openapi::ContentBuilder::new().schema(Some(reference)).build();
        let response = utoipa::openapi::ResponseBuilder::new()
            .description("A refusal in the shape of the OpenAI protocol")
            .content("application/json", content)
            .build();
        [("default".to_owned(), RefOr::T(response))].into()
    }
}
