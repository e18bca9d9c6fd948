//! The fault switch: the bank down, at end of day, slow, or losing requests
//! and replies.
//!
//! Modes and delay act inside the router and are answers like any other;
//! dropping acts around it and gives no answer at all. Chance comes from a
//! seed, so that a run can be repeated.

use crate::error::{Code, refuse};
use crate::rng::SplitMix;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::Service;

/// Longest delay.
const DELAY_MAX_MS: u64 = 60_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Normal,
    /// Everything is answered with 503 CORE_DOWN.
    Down,
    /// Reads work; everything else is answered with 503 END_OF_DAY.
    EndOfDay,
}

/// How the switch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FaultSettings {
    pub mode: Mode,
    /// Percent of replies lost after the request was carried out.
    pub drop_replies_pct: u8,
    /// Percent of requests lost before.
    pub drop_requests_pct: u8,
    pub delay_ms: u64,
    pub seed: u64,
}

#[derive(Debug)]
struct Switch {
    settings: FaultSettings,
    rng: SplitMix,
}

#[derive(Debug)]
pub struct Faults(Mutex<Switch>);

impl Default for Faults {
    fn default() -> Self {
        Self(Mutex::new(Switch { settings: FaultSettings::default(), rng: SplitMix::new(0) }))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    None,
    Request,
    Reply,
}

impl Faults {
    pub fn settings(&self) -> FaultSettings {
        self.0.lock().settings
    }

    /// Sets the switch; chance starts again from the seed. Answers what stands.
    pub fn set(&self, settings: FaultSettings) -> FaultSettings {
        let settings = FaultSettings {
            drop_replies_pct: settings.drop_replies_pct.min(100),
            drop_requests_pct: settings.drop_requests_pct.min(100),
            delay_ms: settings.delay_ms.min(DELAY_MAX_MS),
            ..settings
        };
        *self.0.lock() = Switch { settings, rng: SplitMix::new(settings.seed) };
        settings
    }

    fn draw(&self, path: &str) -> Loss {
        let mut state = self.0.lock();
        let settings = state.settings;
        // The switch itself must stay reachable.
        if is_switch(path) || (settings.drop_replies_pct == 0 && settings.drop_requests_pct == 0) {
            return Loss::None;
        }
        let (request, reply) = (state.rng.between(1, 100), state.rng.between(1, 100));
        if request <= i64::from(settings.drop_requests_pct) {
            Loss::Request
        } else if reply <= i64::from(settings.drop_replies_pct) {
            Loss::Reply
        } else {
            Loss::None
        }
    }
}

fn is_switch(path: &str) -> bool {
    path == "/v1/faults" || path == "/healthz"
}

/// Modes and delay, inside the router.
pub(crate) async fn act(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    let settings = faults.settings();
    let path = request.uri().path().to_owned();
    if is_switch(&path) {
        return next.run(request).await;
    }
    if settings.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(settings.delay_ms)).await;
    }
    match settings.mode {
        Mode::Down => refuse(Code::CoreDown).into_response(),
        Mode::EndOfDay if request.method() != Method::GET && !path.starts_with("/v1/business-date") => {
            refuse(Code::EndOfDay).into_response()
        }
        _ => next.run(request).await,
    }
}

/// There is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed without a reply")]
pub struct NoReply;

/// A service whose requests and replies may be lost.
#[derive(Clone)]
pub struct Faulty<S> {
    inner: S,
    faults: Arc<Faults>,
}

impl<S> Faulty<S> {
    pub fn new(inner: S, faults: Arc<Faults>) -> Self {
        Self { inner, faults }
    }
}

impl<S> Service<axum::http::Request<Body>> for Faulty<S>
where
    S: Service<axum::http::Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = NoReply;
    type Future = Pin<Box<dyn Future<Output = Result<Response, NoReply>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), NoReply>> {
        self.inner.poll_ready(context).map(|ready| match ready {
            Ok(()) => Ok(()),
            Err(never) => match never {},
        })
    }

    fn call(&mut self, request: axum::http::Request<Body>) -> Self::Future {
        let loss = self.faults.draw(request.uri().path());
        let mut inner = self.inner.clone();
        Box::pin(async move {
            if loss == Loss::Request {
                return Err(NoReply);
            }
            let response = match inner.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if loss == Loss::Reply { Err(NoReply) } else { Ok(response) }
        })
    }
}
