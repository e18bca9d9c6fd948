//! Refusals with their public codes, and the faults behind a 500.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Why the bank says no. The names are the contract's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    BadParam,
    UnknownOperation,
    NotFound,
    InsufficientFunds,
    LimitSingle,
    LimitDaily,
    LimitMonthly,
    LimitYearly,
    LimitChannel,
    LimitBalance,
    AccountFrozen,
    NameMismatch,
    CounterpartyClosed,
    SameAccount,
    Duplicate,
    OutOfHours,
    NotAllowed,
    AmountTooSmall,
    AmountTooLarge,
    BadBic,
    BadIban,
    SanctionHit,
    QuoteExpired,
    /// The values changed between prepare and confirm; prepare again.
    Stale,
    Expired,
    IdempotencyConflict,
    ProofMismatch,
    ReleaseDeclined,
    CoreDown,
    EndOfDay,
    Internal,
}

impl Code {
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadParam | Self::UnknownOperation => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::IdempotencyConflict => StatusCode::CONFLICT,
            Self::CoreDown | Self::EndOfDay => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// The contract's spelling.
    pub fn text(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// A refusal and what can be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub code: Code,
    pub detail: Value,
}

/// The body of every error answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    pub code: Code,
    /// `limit`, `used`, `left`, `scope`, `reason`, `field`, `available`, `short_by`, `hours`.
    #[schema(value_type = Object)]
    pub detail: Value,
}

#[derive(Debug, thiserror::Error)]
pub enum Fail {
    #[error("refused: {}", .0.code.text())]
    Refused(Refusal),
    #[error("storage: {0}")]
    Storage(#[from] sqlx::Error),
    #[error("stored data: {0}")]
    Data(&'static str),
}

impl Fail {
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Storage(_) | Self::Data(_) => Code::Internal,
        }
    }
}

impl From<serde_json::Error> for Fail {
    fn from(_: serde_json::Error) -> Self {
        Self::Data("json")
    }
}

/// A refusal without detail.
pub fn refuse(code: Code) -> Fail {
    refuse_with(code, json!({}))
}

/// A refusal with its detail.
pub fn refuse_with(code: Code, detail: Value) -> Fail {
    Fail::Refused(Refusal { code, detail })
}

/// A parameter is missing or malformed.
pub fn bad_param(field: &str) -> Fail {
    refuse_with(Code::BadParam, json!({"field": field}))
}

/// Nothing of the customer's under that id.
pub fn not_found(field: &str) -> Fail {
    refuse_with(Code::NotFound, json!({"field": field}))
}

/// The state does not allow it.
pub fn not_allowed(reason: &str) -> Fail {
    refuse_with(Code::NotAllowed, json!({"reason": reason}))
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let (code, detail) = match self {
            Self::Refused(refusal) => (refusal.code, refusal.detail),
            fault => {
                tracing::error!(error = %fault, "request failed");
                (Code::Internal, json!({}))
            }
        };
        (code.status(), Json(Problem { code, detail })).into_response()
    }
}
