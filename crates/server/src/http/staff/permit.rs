//! Who may call: `Permit<Converse>` in a handler's signature means that nobody
//! without that permission gets in.
//!
//! Invariants: every staff handler but signing in takes a `Permit` or
//! `Session`; a request that changes something carries the session's CSRF
//! secret in a header, which another site can neither read nor set.

use crate::app::App;
use crate::http::handover::cookie;
use crate::http::problem::Refused;
use crate::http::staff::{COOKIE, CSRF_HEADER};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use std::marker::PhantomData;
use subtle::ConstantTimeEq;
use teller_desk::{SignedIn, StaffMember};
use teller_identity::staff::Permission;
use teller_kernel::Code;

/// Longest session token looked at, in bytes.
const TOKEN_MAX_BYTES: usize = 128;

/// What a handler asks for: one of these permissions.
pub trait Needs: Send + Sync + 'static {
    const ONE_OF: &'static [Permission];
}

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident = $($permission:ident)|+;)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Needs for $name {
            const ONE_OF: &'static [Permission] = &[$(Permission::$permission),+];
        }
    )*};
}

needs! {
    /// Take conversations and answer customers.
    Converse = Converse;
    /// Read conversations: one's own, or any.
    Read = Converse | Explain;
    /// Read any conversation.
    Explain = Explain;
    /// Be one of four eyes.
    Release = Release;
    /// Put packs into service.
    ManagePacks = ManagePacks;
}

/// A member of staff who is signed in.
pub struct Session {
    pub signed_in: SignedIn,
    pub token: String,
}

/// A member of staff with one of the permissions of `P`.
pub struct Permit<P> {
    pub staff: StaffMember,
    /// The session, for sockets that outlive the request.
    pub token: String,
    needs: PhantomData<P>,
}

impl FromRequestParts<App> for Session {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let token = session_token(&parts.headers, app.secure_cookies).ok_or(Code::Unauthenticated)?;
        let signed_in = app.access.session(&token).await?.ok_or(Code::Unauthenticated)?;
        if changes(&parts.method) && !csrf_fits(&parts.headers, &signed_in.csrf) {
            return Err(Code::Forbidden.into());
        }
        Ok(Self { signed_in, token })
    }
}

impl<P: Needs> FromRequestParts<App> for Permit<P> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let Session { signed_in, token } = Session::from_request_parts(parts, app).await?;
        if !P::ONE_OF.iter().any(|permission| signed_in.staff.may(*permission)) {
            return Err(Code::Forbidden.into());
        }
        Ok(Self { staff: signed_in.staff, token, needs: PhantomData })
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn csrf_fits(headers: &HeaderMap, kept: &str) -> bool {
    let shown = headers.get(CSRF_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    bool::from(shown.ct_eq(kept.as_bytes()))
}

/// `__Host-` makes the browser insist on HTTPS and on this very host.
pub fn cookie_name(secure: bool) -> String {
    if secure { format!("__Host-{COOKIE}") } else { COOKIE.to_owned() }
}

fn session_token(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookie(headers, &cookie_name(secure)).filter(|token| token.len() <= TOKEN_MAX_BYTES).map(str::to_owned)
}
