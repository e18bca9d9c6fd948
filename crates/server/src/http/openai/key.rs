//! Who may call: the bearer of a key that was made and not revoked, or, at the
//! demo bank, of its published one.

use crate::app::App;
use crate::demo;
use crate::http::extract::authorization;
use crate::http::problem::Refused;
use crate::http::rate::Subject;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use subtle::ConstantTimeEq;
use teller_identity::secret::Purpose;
use teller_kernel::{Code, ConversationId, Rng};
use teller_store::token_hash;

/// What every key begins with, so that a scanner for leaked secrets finds it.
pub const KEY_HEAD: &str = "sk-teller-";
/// Longest key looked at, in bytes.
const KEY_MAX_BYTES: usize = 128;
/// The demo key's id.
const DEMO_ID: &str = "ak_demo";
/// Bytes of a conversation's proof.
const PROOF_BYTES: usize = 16;

/// A fresh id of a key.
pub fn new_id(rng: &dyn Rng) -> String {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    format!("ak_{}", hex::encode(bytes))
}

/// A program with a key. A handler that takes it can be called by nobody else.
pub struct ApiCaller {
    pub key: String,
}

impl FromRequestParts<App> for ApiCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let shown = authorization(&parts.headers, "Bearer").filter(|key| key.len() <= KEY_MAX_BYTES);
        let key = id_of(app, shown.ok_or(Code::ApiKeyInvalid)?).await?;
        app.limiter.take(Subject::ApiCalls(key.clone()))?;
        Ok(Self { key })
    }
}

async fn id_of(app: &App, key: &str) -> Result<String, Refused> {
    if app.demo.is_some() && bool::from(key.as_bytes().ct_eq(demo::API_KEY.as_bytes())) {
        return Ok(DEMO_ID.to_owned());
    }
    let known = app.store.api_key(&token_hash(key)).await?;
    let valid = known.filter(|key| key.revoked_at_ms.is_none());
    valid.map(|key| key.id).ok_or_else(|| Code::ApiKeyInvalid.into())
}

impl ApiCaller {
    /// The name under which this caller goes on with a conversation; another's
    /// key makes another name of it.
    pub fn name_of(&self, app: &App, conversation: &ConversationId) -> String {
        let parts = [self.key.as_bytes(), conversation.as_str().as_bytes()];
        let proof = app.secrets.mac(Purpose::ApiConversation, &parts);
        format!("{conversation}.{}", hex::encode(&proof[..PROOF_BYTES]))
    }

    /// The conversation of a name.
    ///
    /// # Errors
    /// `conversation_not_found` for a name that this caller was never given.
    pub fn conversation(&self, app: &App, name: &str) -> Result<ConversationId, Refused> {
        let found = name.split_once('.').and_then(|(id, _)| ConversationId::parse(id).ok());
        let fits = |id: &ConversationId| bool::from(self.name_of(app, id).as_bytes().ct_eq(name.as_bytes()));
        found.filter(fits).ok_or_else(|| Code::ConversationNotFound.into())
    }
}
