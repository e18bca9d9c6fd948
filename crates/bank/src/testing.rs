//! An in-process transport for tests and simulations: drives an axum router
//! without a socket, with faults decided by the test.

use crate::http::{Method, Reply, Transport, TransportError};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;
use tower::ServiceExt;

/// Largest body read back from the router, in bytes.
const REPLY_MAX_BYTES: usize = 16 * 1024 * 1024;

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    #[default]
    None,
    /// Never sent, and the caller knows.
    Refuse,
    /// Lost on the way: the core never sees it, the caller cannot tell.
    DropRequest,
    /// Carried out, but the reply is lost.
    DropReply,
}

/// Decides the fault of each request; called with method and path.
pub type FaultPlan = Box<dyn Fn(Method, &str) -> Fault + Send + Sync>;

pub struct RouterTransport {
    router: Router,
    plan: FaultPlan,
}

impl RouterTransport {
    pub fn new(router: Router) -> Self {
        Self::with_faults(router, Box::new(|_, _| Fault::None))
    }

    pub fn with_faults(router: Router, plan: FaultPlan) -> Self {
        Self { router, plan }
    }
}

#[async_trait]
impl Transport for RouterTransport {
    async fn send(&self, method: Method, path_and_query: &str, body: Option<&Value>) -> Result<Reply, TransportError> {
        let fault = (self.plan)(method, path_and_query);
        match fault {
            Fault::Refuse => return Err(TransportError::NotSent),
            Fault::DropRequest => return Err(TransportError::NoReply),
            Fault::None | Fault::DropReply => {}
        }
        let verb = match method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let mut request = Request::builder().method(verb).uri(path_and_query);
        let content = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(content).map_err(|_| TransportError::NotSent)?;
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(infallible) => match infallible {},
        };
        let status = response.status().as_u16();
        let bytes =
            axum::body::to_bytes(response.into_body(), REPLY_MAX_BYTES).await.map_err(|_| TransportError::NoReply)?;
        if fault == Fault::DropReply {
            return Err(TransportError::NoReply);
        }
        Ok(Reply { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}
