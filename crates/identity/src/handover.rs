//! The hand-over: the bank's app or site, where the customer is signed in,
//! vouches for them with a signed, short-lived, single-use token.
//!
//! `base64url(json) . base64url(hmac)`. The nonce is recorded when the token is
//! used; a second use is refused by the store.

use crate::secret::{Purpose, Secrets};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use teller_kernel::{CustomerId, Rng};

/// How long a token may travel from the app to the page.
pub const HANDOVER_TTL_MS: i64 = 10 * 60_000;
/// Longest token looked at.
const TOKEN_MAX_BYTES: usize = 1_024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    pub customer: CustomerId,
    pub nonce: String,
    pub expires_at_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    #[error("not a hand-over token")]
    Malformed,
    #[error("the signature does not fit")]
    Forged,
    #[error("the token is too old")]
    Expired,
}

impl Handover {
    pub fn fresh(customer: CustomerId, now_ms: i64, rng: &dyn Rng) -> Self {
        let mut nonce = [0u8; 16];
        rng.fill(&mut nonce);
        Self { customer, nonce: hex::encode(nonce), expires_at_ms: now_ms + HANDOVER_TTL_MS }
    }

    pub fn sign(&self, secrets: &Secrets) -> String {
        let body = serde_json::to_vec(self).expect("three plain fields always serialise");
        let mac = secrets.mac(Purpose::Handover, &[&body]);
        format!("{}.{}", BASE64.encode(&body), BASE64.encode(mac))
    }

    /// Reads a token; the signature is checked before the content is believed.
    pub fn open(token: &str, secrets: &Secrets, now_ms: i64) -> Result<Self, HandoverError> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(HandoverError::Malformed);
        }
        let (body, mac) = token.split_once('.').ok_or(HandoverError::Malformed)?;
        let body = BASE64.decode(body).map_err(|_| HandoverError::Malformed)?;
        let mac = BASE64.decode(mac).map_err(|_| HandoverError::Malformed)?;
        if !bool::from(secrets.mac(Purpose::Handover, &[&body]).as_slice().ct_eq(&mac)) {
            return Err(HandoverError::Forged);
        }
        let handover: Self = serde_json::from_slice(&body).map_err(|_| HandoverError::Malformed)?;
        if now_ms > handover.expires_at_ms {
            return Err(HandoverError::Expired);
        }
        Ok(handover)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use teller_kernel::ports::fixed::SeededRng;

    fn token(secrets: &Secrets) -> String {
        Handover::fresh(CustomerId::parse("cu_1001").unwrap(), 1_000, &SeededRng::new(3)).sign(secrets)
    }

    #[test]
    fn a_signed_token_opens_until_it_expires() {
        let secrets = Secrets::new([1; 32]);
        let token = token(&secrets);
        assert_eq!(Handover::open(&token, &secrets, 1_000).unwrap().customer.as_str(), "cu_1001");
        assert_eq!(Handover::open(&token, &secrets, 1_001 + HANDOVER_TTL_MS), Err(HandoverError::Expired));
        assert_eq!(Handover::open(&token, &Secrets::new([2; 32]), 1_000), Err(HandoverError::Forged));
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_refused(at in 0usize..150, with in any::<u8>()) {
            let secrets = Secrets::new([1; 32]);
            let token = token(&secrets);
            let mut bytes = token.clone().into_bytes();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != with);
            bytes[at] = with;
            if let Ok(changed) = String::from_utf8(bytes) {
                prop_assert!(Handover::open(&changed, &secrets, 1_000).is_err());
            }
        }

        #[test]
        fn hostile_text_never_panics(text in ".{0,300}") {
            let _ = Handover::open(&text, &Secrets::new([1; 32]), 0);
        }
    }
}
