//! Bearer tokens of conversations: only their SHA-256 is kept.

use crate::db::Db;
use crate::error::StoreError;
use crate::sql::vals;
use crate::tx::Tx;
use crate::write::{Op, WriteSet};
use sha2::{Digest, Sha256};
use teller_kernel::ConversationId;

/// The stored form of a bearer token or session cookie. Tokens are 128 bits of
/// chance or more, so that a plain hash cannot be guessed back.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl WriteSet {
    /// Lets the bearer of a token into a conversation.
    pub fn conversation_token(&mut self, hash: [u8; 32], conversation: &ConversationId) -> &mut Self {
        self.push(Op::Token { hash, conversation: conversation.clone() })
    }
}

pub(crate) async fn put(tx: &mut Tx<'_>, hash: &[u8; 32], conversation: &ConversationId) -> Result<(), StoreError> {
    let added = tx
        .run(
            "INSERT INTO conversation_tokens (hash, conversation, created_at_ms) VALUES ($1, $2, $3)
             ON CONFLICT (hash) DO NOTHING",
            vals![hash, conversation.as_str(), tx.now_ms],
        )
        .await?;
    if added == 0 { Err(StoreError::Exists { what: "token" }) } else { Ok(()) }
}

impl Db {
    /// The conversation a token opens, and when the token was made.
    pub async fn conversation_by_token(&self, hash: &[u8; 32]) -> Result<Option<(ConversationId, i64)>, StoreError> {
        let sql = "SELECT conversation, created_at_ms FROM conversation_tokens WHERE hash = $1";
        let row = self.readers()?.one(sql, vals![hash]).await?;
        row.map(|row| Ok((row.parse(0)?, row.int(1)?))).transpose()
    }
}
