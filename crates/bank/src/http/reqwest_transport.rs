//! The wire: plain HTTP to one configured base address.
//!
//! TLS to a core is the mesh's or the reverse proxy's business; this transport
//! refuses other schemes and follows no redirect, so that a reply cannot send
//! an order elsewhere.

use super::transport::{Method, Reply, Transport, TransportError};
use async_trait::async_trait;
use serde_json::Value;
use std::time::Duration;

/// Largest reply read from the core, in bytes.
pub const REPLY_MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// For example `http://127.0.0.1:7100`.
    pub base: String,
    pub connect_timeout_ms: u64,
    pub request_timeout_ms: u64,
}

impl TransportSettings {
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into(), connect_timeout_ms: 1_000, request_timeout_ms: 5_000 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TransportConfigError {
    #[error("the core's address must begin with http:// and name a host")]
    BadBase,
    #[error("the HTTP client cannot be built")]
    Client,
}

#[derive(Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    base: String,
}

impl ReqwestTransport {
    pub fn new(settings: &TransportSettings) -> Result<Self, TransportConfigError> {
        let url = reqwest::Url::parse(&settings.base).map_err(|_| TransportConfigError::BadBase)?;
        if url.scheme() != "http" || url.host_str().is_none() {
            return Err(TransportConfigError::BadBase);
        }
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .timeout(Duration::from_millis(settings.request_timeout_ms))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(|_| TransportConfigError::Client)?;
        Ok(Self { client, base: settings.base.trim_end_matches('/').to_owned() })
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, method: Method, path_and_query: &str, body: Option<&Value>) -> Result<Reply, TransportError> {
        let url = format!("{}{}", self.base, path_and_query);
        let mut request = match method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url),
        };
        if let Some(body) = body {
            request = request.json(body);
        }
        // Only a failed connect proves that nothing was sent.
        let unsent = |error: &reqwest::Error| error.is_connect() || error.is_builder();
        let mut response = request
            .send()
            .await
            .map_err(|error| if unsent(&error) { TransportError::NotSent } else { TransportError::NoReply })?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| TransportError::NoReply)? {
            if bytes.len() + chunk.len() > REPLY_MAX_BYTES {
                return Err(TransportError::NoReply);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Reply { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}
