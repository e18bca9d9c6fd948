//! The layers around every route: request id and log, panics, the language of
//! refusals, security headers, limits by address and by time.

use crate::app::App;
use crate::http::extract::{Peer, client_address};
use crate::http::problem::{Refused, locale_of, localize};
use crate::http::rate::{Subject, network_of};
use crate::http::{openai, pages};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use teller_kernel::{Code, Severity};

/// Longest time a request may take before its answer is "overloaded".
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// A request that took longer than this is worth a line.
const SLOW: Duration = Duration::from_secs(2);
/// Every answer names its request; the log uses the same name.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's address, for limits.
#[derive(Debug, Clone, Copy)]
pub struct Caller(pub IpAddr);

/// Gives the request a name and writes a line without personal data: method,
/// route pattern (never the path itself), status, time.
pub async fn log(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = std::time::Instant::now();
    let mut chance = [0u8; 8];
    app.rng.fill(&mut chance);
    let id = hex::encode(chance);
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0);
    let caller = client_address(request.headers(), peer, app.proxies);
    request.extensions_mut().insert(Caller(network_of(caller)));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let route = route.as_deref().unwrap_or("-");
    let refused = response.extensions().get::<Refused>().map(|Refused(problem)| problem.code);
    let code = refused.map_or("", Code::as_str);
    match refused.map(Code::severity) {
        Some(Severity::Fault) => tracing::error!(request = %id, %method, route, status, code, ms = ms(took), "fault"),
        Some(Severity::Degraded) => {
            tracing::warn!(request = %id, %method, route, status, code, ms = ms(took), "degraded")
        }
        _ if took >= SLOW => tracing::warn!(request = %id, %method, route, status, ms = ms(took), "slow"),
        _ => tracing::debug!(request = %id, %method, route, status, code, ms = ms(took), "request"),
    }
    response
}

fn ms(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// A panic in a handler is our fault and nobody else's business.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let why = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let why = why.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(why, "a handler panicked");
    Refused::from(Code::Internal).into_response()
}

/// Writes refusals in the language the caller asked for, and in the shape of the
/// API that was called.
pub async fn language(request: Request, next: Next) -> Response {
    let locale = locale_of(request.headers());
    let as_model = openai::is_under(request.uri().path());
    let response = next.run(request).await;
    if as_model { openai::error::reshape(response, locale) } else { localize(response, locale) }
}

/// No address may ask faster than `rate::REQUESTS`.
pub async fn address_limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<Caller>().map(|caller| caller.0);
    // The pages themselves are static and cheap.
    let path = request.uri().path();
    let counts = path.starts_with("/api/") || openai::is_under(path);
    match address.filter(|_| counts).map_or(Ok(()), |address| app.limiter.take(Subject::Requests(address))) {
        Ok(()) => next.run(request).await,
        Err(problem) => Refused(problem).into_response(),
    }
}

/// Nothing takes for ever. (An upgraded connection has answered by then.)
pub async fn time_limit(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refused::from(Code::Overloaded).into_response(),
    }
}

/// Security headers: nothing is framed, sniffed, cached or loaded from
/// elsewhere unless a page says so itself.
pub async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let policy = pages::policy(request.uri().path(), &app);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // Answers of the API and refusals belong to one caller.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
