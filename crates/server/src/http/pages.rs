//! The pages, embedded: customer page, widget, phone simulator, demo door and
//! the staff console.
//!
//! Invariants: a page's path is a fixed table, nothing of a request reaches the
//! file system; files with a hash in their name are cached for ever, all others
//! are asked for again with their hash; only the widget's frame may be framed,
//! and only by the sites that the pack lists.

use crate::app::App;
use crate::http::problem::Refused;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use parking_lot::Mutex;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;
use teller_kernel::Code;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
struct Files;

/// Files smaller than this are sent as they are.
const COMPRESS_FROM_BYTES: usize = 1_024;
/// Files kept compressed; there are a few dozen.
const COMPRESSED_MAX: usize = 256;
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";
/// Other sites load the widget's launcher; they may keep it for a short while.
const LAUNCHER: &str = "public, max-age=300";

/// The file of a path: pages by their pretty names, assets by their own.
fn file_of(path: &str) -> Option<&str> {
    match path {
        "/" | "/index.html" => Some("index.html"),
        "/embed" => Some("embed.html"),
        "/phone" => Some("phone.html"),
        "/demo" => Some("demo.html"),
        "/desk" => Some("desk.html"),
        _ if path.starts_with("/desk/") => Some("desk.html"),
        _ if path.ends_with(".html") => None,
        // A dot begins what a build left for itself.
        _ => path.strip_prefix('/').filter(|name| !name.starts_with('.')),
    }
}

/// Pages of the demo bank, absent from a real one.
fn demo_only(path: &str) -> bool {
    matches!(path, "/phone" | "/demo")
}

/// Every path that is no route: a page, an asset, or nothing.
pub async fn serve(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") {
        return Refused::from(Code::NotFound).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Refused::from(Code::MethodNotAllowed).into_response();
    }
    let name = file_of(path).filter(|_| app.demo.is_some() || !demo_only(path));
    match name.and_then(|name| Files::get(name).map(|file| (name, file))) {
        Some((name, file)) => answer(name, file, request.headers()),
        None => Refused::from(Code::NotFound).into_response(),
    }
}

fn answer(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let etag = format!("\"{}\"", hex::encode(&hash[..16]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let cache = match name {
        _ if name.starts_with("assets/") => FOR_EVER,
        "widget.js" => LAUNCHER,
        _ => ASK_AGAIN,
    };
    let mut response = if known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = media_type(name);
        let (bytes, packed) = body(hash, file, kind, headers);
        let mut response = Response::new(Body::from(bytes));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if packed {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// The file's bytes, compressed once and kept where the caller takes that.
fn body(hash: [u8; 32], file: EmbeddedFile, kind: &str, headers: &HeaderMap) -> (Bytes, bool) {
    static COMPRESSED: LazyLock<Mutex<HashMap<[u8; 32], Bytes>>> = LazyLock::new(Mutex::default);
    let plain = match file.data {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let accepts = accepts.is_some_and(|accepts| accepts.split(',').any(|one| one.trim().starts_with("gzip")));
    let text = kind.starts_with("text/") || kind == "image/svg+xml" || kind == "application/json";
    if !accepts || !text || plain.len() < COMPRESS_FROM_BYTES {
        return (plain, false);
    }
    if let Some(kept) = COMPRESSED.lock().get(&hash).cloned() {
        return (kept, true);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let Ok(packed) = encoder.write_all(&plain).and_then(|()| encoder.finish()).map(Bytes::from) else {
        return (plain, false);
    };
    let mut kept = COMPRESSED.lock();
    if kept.len() < COMPRESSED_MAX {
        kept.insert(hash, packed.clone());
    }
    (packed, true)
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// The content security policy of a path.
pub fn policy(path: &str, app: &App) -> String {
    if path.starts_with("/api/") {
        return "default-src 'none'; frame-ancestors 'none'".to_owned();
    }
    // The console's component library writes its styles at run time.
    let style = if path.starts_with("/desk") { "'self' 'unsafe-inline'" } else { "'self'" };
    let ancestors = if path == "/embed" { embedders(app) } else { "'none'".to_owned() };
    format!(
        "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )
}

fn embedders(app: &App) -> String {
    let bank = app.bank();
    let listed = bank.pack.manifest.origins.iter().map(|listed| listed.origin.as_str());
    // A pack is data: what is no plain origin must not widen the policy.
    let plain = listed.filter(|origin| {
        origin.contains("://") && origin.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/.-[]".contains(&byte))
    });
    std::iter::once("'self'").chain(plain).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_a_table_and_nothing_else_is_html() {
        assert_eq!(file_of("/desk/conversations/cv_1"), Some("desk.html"));
        assert_eq!(file_of("/desktop"), Some("desktop"));
        assert_eq!(file_of("/phone.html"), None);
        assert_eq!(file_of("/assets/a.js"), Some("assets/a.js"));
        assert_eq!(file_of("/../Cargo.toml"), None);
        assert!(Files::get("a/../../Cargo.toml").is_none());
    }
}
