//! Keys derived from the one master secret, a separate one for each purpose, so
//! that a leak of one says nothing of another.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a key is for. Part of the derivation, so never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    OneTimeCode,
    TokenSeed,
    Handover,
    /// Names of conversations as programs with an API key hold them.
    ApiConversation,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::OneTimeCode => b"teller/one-time-code/1",
            Self::TokenSeed => b"teller/token-seed/1",
            Self::Handover => b"teller/handover/1",
            Self::ApiConversation => b"teller/api-conversation/1",
        }
    }
}

/// The identity room's secret. Has no `Debug`, so it cannot reach a log.
#[derive(Clone)]
pub struct Secrets {
    master: [u8; 32],
}

impl Secrets {
    pub fn new(master: [u8; 32]) -> Self {
        Self { master }
    }

    /// HMAC-SHA-256 of the parts under the purpose's own key. Lengths are mixed
    /// in, so that no two lists of parts look the same.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = digest(&self.master, &[purpose.label()]);
        digest(&key, parts)
    }
}

fn digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
