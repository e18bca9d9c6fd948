//! One request, one reply: the seam between the port and the wire.

use async_trait::async_trait;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// A reply with a JSON body; `Null` when the body was empty or not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

/// Why there is no reply. The difference decides whether an effect is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request never left: the core cannot have seen it.
    #[error("the request was not sent")]
    NotSent,
    /// The request may have been carried out.
    #[error("no reply came")]
    NoReply,
}

#[async_trait]
pub trait Transport: Send + Sync {
    async fn send(&self, method: Method, path_and_query: &str, body: Option<&Value>) -> Result<Reply, TransportError>;
}
