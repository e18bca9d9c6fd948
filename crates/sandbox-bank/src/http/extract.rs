//! Extractors whose rejections are the contract's problems.

use crate::error::{Fail, bad_param};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// Query parameters.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Fail;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|query| Self(query.0))
            .map_err(|rejection| named(&rejection.body_text()))
    }
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Fail;
    async fn from_request(request: Request, state: &S) -> Result<Self, Fail> {
        axum::Json::<T>::from_request(request, state)
            .await
            .map(|json| Self(json.0))
            .map_err(|rejection| named(&rejection.body_text()))
    }
}

/// serde names the field in back-quotes.
fn named(text: &str) -> Fail {
    bad_param(text.split('`').nth(1).unwrap_or("request"))
}
