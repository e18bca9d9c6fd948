//! One-time codes: six digits by text message, bound to one challenge and one
//! digest of values; and the time-based code (RFC 6238) of a customer's token.
//!
//! Invariants: a code authorises exactly the values whose digest it was issued
//! for; only a keyed hash of a sent code is kept; the comparison takes the same
//! time whatever is wrong. Tries, age and resending are the caller's to bound
//! (`kernel::limits`), since they live in the conversation.

use crate::secret::{Purpose, Secrets};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use teller_kernel::id::ChallengeId;
use teller_kernel::{CustomerId, Rng};

/// Digits of every code.
pub const DIGITS: usize = 6;
/// RFC 6238: one code lasts half a minute.
const TOKEN_STEP_MS: i64 = 30_000;
/// Steps a customer's clock may be off, either way.
const TOKEN_DRIFT_STEPS: i64 = 1;

/// A code on its way to the customer. Has no `Debug`, so it cannot reach a log.
pub struct OneTimeCode {
    code: String,
    /// Keyed hash, hex; safe to keep.
    pub proof: String,
}

impl OneTimeCode {
    /// Draws a code for one challenge over one digest.
    pub fn issue(secrets: &Secrets, rng: &dyn Rng, challenge: &ChallengeId, digest: &str) -> Self {
        let code = format!("{:0width$}", rng.below(1_000_000), width = DIGITS);
        let proof = proof(secrets, &code, challenge, digest);
        Self { code, proof }
    }

    /// The digits, for the message that carries them and nothing else.
    pub fn reveal(&self) -> &str {
        &self.code
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeCheck {
    Right,
    Wrong,
}

impl From<bool> for CodeCheck {
    fn from(right: bool) -> Self {
        if right { Self::Right } else { Self::Wrong }
    }
}

fn proof(secrets: &Secrets, code: &str, challenge: &ChallengeId, digest: &str) -> String {
    hex::encode(secrets.mac(Purpose::OneTimeCode, &[code.as_bytes(), challenge.as_str().as_bytes(), digest.as_bytes()]))
}

/// Checks a sent code against the kept proof.
pub fn check_sent(secrets: &Secrets, code: &str, challenge: &ChallengeId, digest: &str, kept: &str) -> CodeCheck {
    let right = proof(secrets, code.trim(), challenge, digest).as_bytes().ct_eq(kept.as_bytes());
    CodeCheck::from(bool::from(right) && !kept.is_empty())
}

/// The code that a customer's token shows at this moment.
pub fn token_code(secrets: &Secrets, customer: &CustomerId, now_ms: i64) -> String {
    token_at(secrets, customer, now_ms.div_euclid(TOKEN_STEP_MS))
}

/// Checks a token's code, one step of drift allowed.
pub fn check_token(secrets: &Secrets, customer: &CustomerId, code: &str, now_ms: i64) -> CodeCheck {
    let step = now_ms.div_euclid(TOKEN_STEP_MS);
    let mut right = subtle::Choice::from(0);
    for drift in -TOKEN_DRIFT_STEPS..=TOKEN_DRIFT_STEPS {
        right |= token_at(secrets, customer, step + drift).as_bytes().ct_eq(code.trim().as_bytes());
    }
    CodeCheck::from(bool::from(right))
}

fn token_at(secrets: &Secrets, customer: &CustomerId, step: i64) -> String {
    let seed = secrets.mac(Purpose::TokenSeed, &[customer.as_str().as_bytes()]);
    hotp(&seed[..20], step.unsigned_abs())
}

/// RFC 4226 §5.3: HMAC-SHA-1 over the counter, dynamic truncation, six digits.
fn hotp(seed: &[u8], counter: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).expect("HMAC takes a key of any length");
    mac.update(&counter.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 0x0f);
    let word = u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]) & 0x7fff_ffff;
    format!("{:0width$}", word % 1_000_000, width = DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use teller_kernel::ports::fixed::SeededRng;

    fn secrets() -> Secrets {
        Secrets::new([7; 32])
    }

    #[test]
    fn published_hotp_values() {
        // RFC 4226, appendix D.
        let seed = b"12345678901234567890";
        let published =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, code) in published.iter().enumerate() {
            assert_eq!(hotp(seed, counter as u64), *code);
        }
    }

    #[test]
    fn a_code_is_good_for_its_challenge_and_values_only() {
        let (one, two) = (ChallengeId::parse("ch_1").unwrap(), ChallengeId::parse("ch_2").unwrap());
        let code = OneTimeCode::issue(&secrets(), &SeededRng::new(1), &one, "digest");
        let check = |challenge, digest| check_sent(&secrets(), code.reveal(), challenge, digest, &code.proof);
        assert_eq!(check(&one, "digest"), CodeCheck::Right);
        assert_eq!(check(&two, "digest"), CodeCheck::Wrong);
        assert_eq!(check(&one, "other"), CodeCheck::Wrong);
        assert_eq!(check_sent(&secrets(), "", &one, "digest", ""), CodeCheck::Wrong);
        assert!(!code.proof.contains(code.reveal()));
    }

    #[test]
    fn a_token_allows_one_step_of_drift() {
        let customer = CustomerId::parse("cu_1001").unwrap();
        let code = token_code(&secrets(), &customer, 1_000_000);
        for (at_ms, expected) in
            [(1_000_000, CodeCheck::Right), (1_030_000, CodeCheck::Right), (1_120_000, CodeCheck::Wrong)]
        {
            assert_eq!(check_token(&secrets(), &customer, &code, at_ms), expected);
        }
        assert_eq!(check_token(&secrets(), &CustomerId::parse("cu_1002").unwrap(), &code, 1_000_000), CodeCheck::Wrong);
    }
}
