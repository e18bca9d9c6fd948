//! The bearer of a conversation's token. A handler that takes a `Visitor` can
//! be called by nobody else.

use crate::app::App;
use crate::http::extract::{authorization, path_param};
use crate::http::problem::Refused;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use teller_kernel::{Code, ConversationId};

/// Longest token looked at, in bytes.
const TOKEN_MAX_BYTES: usize = 128;

/// Somebody who may read and speak in this conversation.
pub struct Visitor {
    pub conversation: ConversationId,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let conversation = conversation_id(parts).await?;
        let token = authorization(&parts.headers, "Bearer").ok_or(Code::Unauthenticated)?;
        admit(app, token, &conversation).await?;
        Ok(Self { conversation })
    }
}

/// The conversation a path speaks of; what is not an id is not found.
pub async fn conversation_id(parts: &mut Parts) -> Result<ConversationId, Refused> {
    let text = path_param(parts, "id").await?;
    ConversationId::parse(&text).map_err(|_| Code::ConversationNotFound.into())
}

/// Does the token open the conversation?
pub async fn admit(app: &App, token: &str, conversation: &ConversationId) -> Result<(), Refused> {
    if token.len() > TOKEN_MAX_BYTES {
        return Err(Code::Unauthenticated.into());
    }
    Ok(app.conversations.authorise(token, conversation).await?)
}

/// The token of a WebSocket handshake: browsers can set no header there, so it
/// comes as a subprotocol `bearer.<token>` beside `teller.v1`.
pub fn protocol_token(headers: &HeaderMap) -> Option<String> {
    let offered = headers.get_all("sec-websocket-protocol").iter().filter_map(|value| value.to_str().ok());
    let mut offered = offered.flat_map(|value| value.split(',')).map(str::trim);
    offered.find_map(|protocol| protocol.strip_prefix("bearer.")).map(str::to_owned)
}
