//! What handlers take from a request, with a coded refusal when it is not
//! there or not in order. Axum's own extractors answer in plain English text
//! and may repeat what was sent; these never do.

use crate::http::problem::Refused;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, header};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::net::IpAddr;
use teller_kernel::limits::BODY_MAX_BYTES;
use teller_kernel::{Code, Problem};

/// A JSON body of at most `MAX_BYTES`.
pub struct JsonBody<T, const MAX_BYTES: usize = BODY_MAX_BYTES>(pub T);

impl<T: DeserializeOwned, S: Send + Sync, const MAX_BYTES: usize> FromRequest<S> for JsonBody<T, MAX_BYTES> {
    type Rejection = Refused;

    async fn from_request(request: Request<Body>, _: &S) -> Result<Self, Refused> {
        if !is_json(request.headers()) {
            return Err(Code::UnsupportedMedia.into());
        }
        let bytes = bounded_body(request, MAX_BYTES).await?;
        from_json(&bytes).map(Self)
    }
}

async fn bounded_body(request: Request<Body>, max_bytes: usize) -> Result<Bytes, Refused> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if declared.and_then(|text| text.parse::<usize>().ok()).is_some_and(|length| length > max_bytes) {
        return Err(Code::BodyTooLarge.into());
    }
    axum::body::to_bytes(request.into_body(), max_bytes).await.map_err(|error| {
        // Either the body went past the limit or the connection broke; the
        // latter has nobody left to read an answer.
        tracing::debug!(%error, "body not read");
        Code::BodyTooLarge.into()
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Reads JSON; a shape that does not fit names the place, never the value.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    // A list would fill a shape by position, which nobody means.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        let code = if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() { Code::BadField } else { Code::BadRequest };
        return Err(Problem { code, detail: (code == Code::BadField).then(|| "body".to_owned()) }.into());
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        match error.inner().classify() {
            serde_json::error::Category::Data => Refused(Problem::with(Code::BadField, named(&place, error.inner()))),
            _ => Refused(Code::BadRequest.into()),
        }
    })?;
    reader.end().map_err(|_| Code::BadRequest)?;
    Ok(value)
}

/// The path of the field; for a missing or unknown one, its name.
fn named(place: &str, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match (place, missing) {
        ("." | "", Some(field)) => field.to_owned(),
        (place, Some(field)) => format!("{place}.{field}"),
        // `.` stands for the body itself.
        ("." | "", None) => "body".to_owned(),
        (place, None) => short(place),
    }
}

/// A path may end in a name that the caller made up; it is cut and plain.
fn short(place: &str) -> String {
    const PLACE_MAX_CHARS: usize = 80;
    place.chars().filter(|c| c.is_ascii_alphanumeric() || "._[]-".contains(*c)).take(PLACE_MAX_CHARS).collect()
}

/// A query string; an unknown or unusable parameter is `bad_field`.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|_| Refused(Problem::with(Code::BadField, "query")))
    }
}

/// One named parameter of the path, as it was sent (percent-decoded).
pub async fn path_param(parts: &mut Parts, name: &str) -> Result<String, Refused> {
    let params = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Code::NotFound)?;
    let found = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    found.ok_or_else(|| Code::NotFound.into())
}

/// A path parameter that is an id of kind `T`; anything else is "not found".
pub struct PathId<T>(pub T);

impl<T: TryFrom<String> + Send, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let text = path_param(parts, "id").await?;
        T::try_from(text).map(Self).map_err(|_| Code::NotFound.into())
    }
}

/// The bearer secret of an `Authorization` header of one scheme.
pub fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (found, secret) = value.split_once(' ')?;
    (found.eq_ignore_ascii_case(scheme) && !secret.trim().is_empty()).then(|| secret.trim())
}

/// Where the connection comes from; put there by the listener.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The customer's address: the peer's, or what the configured number of
/// trusted proxies say.
pub fn client_address(headers: &HeaderMap, peer: IpAddr, proxies: u8) -> IpAddr {
    if proxies == 0 {
        return peer;
    }
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).map(str::trim).collect();
    // Each proxy appends who it was called by; the outermost trusted one saw the customer.
    let at = hops.len().checked_sub(usize::from(proxies));
    at.and_then(|at| hops.get(at)).and_then(|hop| hop.parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only its reading is tested")]
        count: u32,
    }

    fn code(json: &str) -> (Code, Option<String>) {
        let Refused(problem) = from_json::<Body>(json.as_bytes()).unwrap_err();
        (problem.code, problem.detail)
    }

    #[test]
    fn refusals_name_the_place_and_never_the_value() {
        assert_eq!(code("{").0, Code::BadRequest);
        assert_eq!(code("{\"count\":1}x").0, Code::BadRequest);
        assert_eq!(code("{}"), (Code::BadField, Some("count".into())));
        assert_eq!(code("{\"count\":\"secret\"}"), (Code::BadField, Some("count".into())));
        let (_, detail) = code("{\"count\":1,\"<script>\":2}");
        assert_eq!(detail.as_deref(), Some("script"));
        assert_eq!(code("[1]"), (Code::BadField, Some("body".into())));
        assert_eq!(code(&"[".repeat(10_000)).0, Code::BadRequest);
    }

    #[test]
    fn only_the_trusted_hop_is_believed() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().unwrap());
        headers.append("x-forwarded-for", "3.3.3.3".parse().unwrap());
        let seen = |proxies| client_address(&headers, peer, proxies).to_string();
        assert_eq!(seen(0), "10.0.0.1");
        assert_eq!(seen(1), "3.3.3.3");
        assert_eq!(seen(2), "2.2.2.2");
        assert_eq!(seen(4), "10.0.0.1");
    }
}
