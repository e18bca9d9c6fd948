//! Problems as HTTP: one shape for every refusal, in the caller's language.
//!
//! A handler answers `Refused`; the outermost layer writes it again in English
//! when the caller asked for that. Internals never reach the body.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use teller_kernel::{Code, Locale, Problem, Severity};
use utoipa::openapi::RefOr;

/// Seconds after which a caller who was too fast, or met an outage, may try again.
const RETRY_AFTER_S: u32 = 5;

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// Stable: `conversation_not_found`, `rate_limited`, …
    pub code: &'static str,
    /// What to tell a person.
    pub message: &'static str,
    /// The field, limit or position concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ProblemBody {
    pub fn new(problem: &Problem, locale: Locale) -> Self {
        Self { code: problem.code.as_str(), message: problem.code.message(locale), detail: problem.detail.clone() }
    }
}

/// The refusal of a request.
#[derive(Debug, Clone)]
pub struct Refused(pub Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self(code.into())
    }
}

impl From<teller_store::StoreError> for Refused {
    fn from(error: teller_store::StoreError) -> Self {
        let problem = Problem::from(error.clone());
        if problem.code.severity() == Severity::Fault {
            // The caller learns a code; whoever looks after the server, the reason.
            tracing::error!(%error, "store");
        }
        Self(problem)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = render(&self.0, Locale::Zh);
        response.extensions_mut().insert(self);
        response
    }
}

/// A problem as a response in one language.
pub fn render(problem: &Problem, locale: Locale) -> Response {
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&ProblemBody::new(problem, locale)).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.as_str()));
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

/// Writes a refusal again in the caller's language.
pub fn localize(response: Response, locale: Locale) -> Response {
    if locale == Locale::Zh {
        return response;
    }
    let Some(Refused(problem)) = response.extensions().get::<Refused>().cloned() else { return response };
    let mut translated = render(&problem, locale);
    // Whatever else a handler set (a cookie to forget) stays.
    for (name, value) in response.headers() {
        if !translated.headers().contains_key(name) && name != header::CONTENT_LENGTH {
            translated.headers_mut().append(name.clone(), value.clone());
        }
    }
    translated.extensions_mut().insert(Refused(problem));
    translated
}

/// The language the caller wants: the one of zh and en that it weighs highest.
pub fn locale_of(headers: &HeaderMap) -> Locale {
    /// Languages of one header that are looked at.
    const LOOKED_AT: usize = 16;
    let Some(wanted) = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else {
        return Locale::Zh;
    };
    let mut best = (0.0_f32, Locale::Zh);
    for part in wanted.split(',').take(LOOKED_AT) {
        let mut pieces = part.split(';');
        let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")).map_or(Ok(1.0), str::parse);
        let locale = Locale::ALL.into_iter().find(|locale| tag.split('-').next() == Some(locale.as_str()));
        if let (Some(locale), Ok(weight)) = (locale, weight)
            && weight > best.0
        {
            best = (weight, locale);
        }
    }
    best.1
}

/// What every operation may answer besides its success, for the specification.
pub struct Problems;

impl utoipa::IntoResponses for Problems {
    fn responses() -> std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let reference = utoipa::openapi::Ref::from_schema_name("ProblemBody");
        let content = utoipa::openapi::ContentBuilder::new().schema(Some(reference)).build();
        let response = utoipa::openapi::ResponseBuilder::new()
            .description("A refusal: code, message in the caller's language, detail")
            .content("application/json", content)
            .build();
        [("default".to_owned(), RefOr::T(response))].into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(header: &str) -> Locale {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, header.parse().unwrap());
        locale_of(&headers)
    }

    #[test]
    fn the_best_weighed_known_language_wins() {
        assert_eq!(locale("en-GB,en;q=0.9,zh;q=0.8"), Locale::En);
        assert_eq!(locale("fr, zh-CN;q=0.5, en;q=0.4"), Locale::Zh);
        assert_eq!(locale("en;q=nonsense, de"), Locale::Zh);
        assert_eq!(locale_of(&HeaderMap::new()), Locale::Zh);
    }
}
