//! The hand-over: the bank's app vouches for its signed-in customer.
//!
//! A token is good for one device: its first use is recorded, and that device
//! gets a cookie by which it alone may use the token again until it expires
//! (for its history, or for another conversation). A token read over somebody's
//! shoulder or out of a log opens nothing.

use crate::app::App;
use crate::http::problem::Refused;
use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;
use teller_identity::handover::HANDOVER_TTL_MS;
use teller_identity::secret::Purpose;
use teller_identity::{Handover, HandoverError};
use teller_kernel::{Code, CustomerId};
use teller_store::WriteSet;

/// Characters of the nonce in the cookie's name, so that two hand-overs in one
/// browser keep apart.
const NAME_CHARS: usize = 12;

/// A customer vouched for, and the cookie that ties the token to the device.
pub struct Vouched {
    pub customer: CustomerId,
    pub cookie: Option<HeaderValue>,
}

/// Checks a token; the first use takes it.
///
/// # Errors
/// `handover_invalid` for a token that is not ours, too old, or another's.
pub async fn vouch(app: &App, token: &str, headers: &HeaderMap) -> Result<Vouched, Refused> {
    let opened = Handover::open(token, &app.secrets, app.clock.now_ms());
    let handover = opened.map_err(|error: HandoverError| {
        tracing::debug!(%error, "hand-over refused");
        Code::HandoverInvalid
    })?;
    let (name, proof) = device_proof(app, &handover);
    if cookie(headers, &name).is_some_and(|shown| bool::from(shown.as_bytes().ct_eq(proof.as_bytes()))) {
        return Ok(Vouched { customer: handover.customer, cookie: None });
    }
    let mut set = WriteSet::new();
    set.use_handover(&handover.nonce, handover.expires_at_ms);
    app.store.commit(set).await?;
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let max_age_s = HANDOVER_TTL_MS / 1_000;
    let cookie = format!("{name}={proof}; HttpOnly; SameSite=Strict; Path=/api/v1; Max-Age={max_age_s}{secure}");
    Ok(Vouched { customer: handover.customer, cookie: HeaderValue::from_str(&cookie).ok() })
}

fn device_proof(app: &App, handover: &Handover) -> (String, String) {
    let mac = app.secrets.mac(Purpose::Handover, &[b"device", handover.nonce.as_bytes()]);
    let short: String = handover.nonce.chars().filter(char::is_ascii_alphanumeric).take(NAME_CHARS).collect();
    (format!("teller_handover_{short}"), hex::encode(mac))
}

/// The value of one cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}
