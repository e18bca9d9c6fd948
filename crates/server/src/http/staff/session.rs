//! Signing in and out.

use crate::app::App;
use crate::http::around::Caller;
use crate::http::extract::JsonBody;
use crate::http::problem::{Problems, Refused};
use crate::http::rate::Subject;
use crate::http::staff::permit::{Session, cookie_name};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use teller_desk::SignedIn;
use teller_identity::staff::{Role, SESSION_MS};
use teller_kernel::StaffId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_in, current, sign_out))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    user: String,
    password: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StaffBody {
    id: StaffId,
    name: String,
    /// agent | supervisor | release | admin
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionBody {
    staff: StaffBody,
    /// Goes back as `X-Teller-CSRF` with everything that changes something.
    csrf: String,
}

impl From<SignedIn> for SessionBody {
    fn from(signed_in: SignedIn) -> Self {
        let staff = signed_in.staff;
        Self { staff: StaffBody { id: staff.id, name: staff.name, roles: staff.roles }, csrf: signed_in.csrf }
    }
}

/// Sign in
#[utoipa::path(post, path = "/staff/session", operation_id = "staff_sign_in", tag = "staff",
    request_body = SignInBody, responses((status = 200, body = SessionBody), Problems))]
async fn sign_in(
    State(app): State<App>,
    Extension(Caller(address)): Extension<Caller>,
    JsonBody(body): JsonBody<SignInBody>,
) -> Result<Response, Refused> {
    app.limiter.take(Subject::SignIns(address))?;
    let (signed_in, token) = app.access.sign_in(&body.user, &body.password).await?;
    let cookie = set_cookie(&token, SESSION_MS / 1_000, app.secure_cookies);
    Ok(([(header::SET_COOKIE, cookie)], Json(SessionBody::from(signed_in))).into_response())
}

/// Who is signed in
#[utoipa::path(get, path = "/staff/session", operation_id = "staff_session", tag = "staff",
    security(("staff" = [])), responses((status = 200, body = SessionBody), Problems))]
async fn current(session: Session) -> Json<SessionBody> {
    Json(session.signed_in.into())
}

/// Sign out
#[utoipa::path(delete, path = "/staff/session", operation_id = "staff_sign_out", tag = "staff",
    security(("staff" = [])), responses((status = 204, description = "Signed out"), Problems))]
async fn sign_out(State(app): State<App>, session: Session) -> Result<Response, Refused> {
    app.access.sign_out(&session.token, &session.signed_in.staff.id).await?;
    let cookie = set_cookie("", 0, app.secure_cookies);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn set_cookie(token: &str, max_age_s: i64, secure: bool) -> HeaderValue {
    let (name, flag) = (cookie_name(secure), if secure { "; Secure" } else { "" });
    let text = format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age_s}{flag}");
    // A token is hex, a name and a number are plain.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
