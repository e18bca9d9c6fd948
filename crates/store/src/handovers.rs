//! One-time use of the hand-over tokens by which the bank's app vouches for a
//! customer: a nonce is taken once, and remembered until its token has expired
//! anyway.

use crate::error::StoreError;
use crate::sql::vals;
use crate::tx::Tx;
use crate::write::{Op, WriteSet};

impl WriteSet {
    /// Takes a nonce; `Replayed` when it was taken before. Put it in the set
    /// that uses the token, so that a failed use takes nothing.
    pub fn use_handover(&mut self, nonce: &str, expires_at_ms: i64) -> &mut Self {
        self.push(Op::UseHandover { nonce: nonce.to_owned(), expires_at_ms })
    }
}

pub(crate) async fn take(tx: &mut Tx<'_>, nonce: &str, expires_at_ms: i64) -> Result<(), StoreError> {
    let taken = tx
        .run(
            "INSERT INTO used_handovers (nonce, expires_at_ms) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING",
            vals![nonce, expires_at_ms],
        )
        .await?;
    if taken == 0 { Err(StoreError::Replayed) } else { Ok(()) }
}
