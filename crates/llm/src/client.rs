//! One chat completion over HTTP, read with a bound on everything.
//!
//! Invariants: only the base address is spoken to and no redirect is followed;
//! connecting, the first byte and the whole have each their time; nothing is
//! read beyond `REPLY_MAX_BYTES`; an error says what kind it is and never what
//! was sent or received.

use crate::key::Key;
use crate::limits::REPLY_MAX_BYTES;
use crate::settings::{ConfigError, Settings};
use crate::sse::{Decoder, SseError};
use crate::wire::{ChatRequest, Growing, Usage};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Longest pause an endpoint may ask for before another attempt.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(2);

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    FirstByte,
    Total,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("no connection to the endpoint")]
    NotSent,
    #[error("the endpoint closed the connection without an answer")]
    NoReply,
    #[error("the endpoint answered with status {status}")]
    Status {
        status: u16,
        /// What `Retry-After` asks for, bounded.
        retry_after_ms: u64,
    },
    #[error("the endpoint wants to redirect, which is not followed")]
    Redirected,
    #[error("the answer is of a wrong content type")]
    ContentType,
    #[error("the answer is too large")]
    TooLarge,
    #[error("the answer took too long")]
    TimedOut(Phase),
    #[error("the answer broke off")]
    Cut,
    #[error("the answer is not a chat completion")]
    Malformed,
    #[error("the answer is empty")]
    Empty,
    #[error("the model asks for tools that nobody offered")]
    ToolCall,
    #[error("the model did not come to an end")]
    Unfinished,
}

impl CallError {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::NoReply => "no_reply",
            Self::Status { .. } => "status",
            Self::Redirected => "redirected",
            Self::ContentType => "content_type",
            Self::TooLarge => "too_large",
            Self::TimedOut(Phase::FirstByte) => "timed_out_first_byte",
            Self::TimedOut(Phase::Total) => "timed_out",
            Self::Cut => "cut",
            Self::Malformed => "malformed",
            Self::Empty => "empty",
            Self::ToolCall => "tool_call",
            Self::Unfinished => "unfinished",
        }
    }

    /// Was nothing of an answer received, so that asking again doubles nothing?
    /// Gives the pause the endpoint wants.
    pub fn may_retry(self) -> Option<Duration> {
        match self {
            Self::NotSent | Self::NoReply => Some(Duration::ZERO),
            Self::Status { status: 429 | 502 | 503 | 504, retry_after_ms } => {
                Some(Duration::from_millis(retry_after_ms))
            }
            _ => None,
        }
    }

    /// Does it speak against the endpoint's health? (A model that says nothing
    /// useful is up; a request it refuses is ours to mend.)
    pub fn is_outage(self) -> bool {
        match self {
            Self::Status { status, .. } => status == 429 || status >= 500,
            Self::Empty | Self::ToolCall | Self::Unfinished => false,
            _ => true,
        }
    }
}

impl From<SseError> for CallError {
    fn from(error: SseError) -> Self {
        match error {
            SseError::TooLarge => Self::TooLarge,
            SseError::NotText => Self::Malformed,
        }
    }
}

/// What a model said; not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub text: String,
    pub usage: Option<Usage>,
}

/// Speaks to one endpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    key: Option<Key>,
    first_byte: Duration,
}

impl Client {
    /// # Errors
    /// Settings that cannot be, or a key that cannot be read.
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        settings.check()?;
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(|_| ConfigError::Client)?;
        Ok(Self {
            http,
            url: format!("{}/chat/completions", settings.base()?),
            key: settings.key()?,
            first_byte: Duration::from_millis(settings.first_byte_timeout_ms),
        })
    }

    /// One attempt, over by `deadline` whatever the endpoint does.
    ///
    /// # Errors
    /// Why there is no whole, finished text.
    pub async fn chat(&self, request: &ChatRequest<'_>, deadline: Instant) -> Result<Reply, CallError> {
        let first_byte = deadline.min(Instant::now() + self.first_byte);
        let late =
            |until: Instant| CallError::TimedOut(if until == deadline { Phase::Total } else { Phase::FirstByte });
        let sent = timeout_at(first_byte, self.send(request)).await.map_err(|_| late(first_byte))?;
        let mut response = sent.map_err(|error| {
            if error.is_connect() || error.is_builder() { CallError::NotSent } else { CallError::NoReply }
        })?;
        let kind = judge(&response, request.stream)?;
        let (mut body, mut growing, mut decoder) = (Vec::new(), Growing::default(), Decoder::default());
        let (mut received, mut until) = (0usize, first_byte);
        while !growing.is_done() {
            let piece = timeout_at(until, response.chunk()).await.map_err(|_| late(until))?;
            let Some(piece) = piece.map_err(|_| CallError::Cut)? else { break };
            until = deadline;
            received += piece.len();
            if received > REPLY_MAX_BYTES {
                return Err(CallError::TooLarge);
            }
            match kind {
                Kind::Whole => body.extend_from_slice(&piece),
                Kind::Stream => {
                    let mut failed = None;
                    decoder.push(&piece, |data| match growing.add_event(data) {
                        Ok(go_on) => go_on,
                        Err(error) => {
                            failed = Some(error);
                            false
                        }
                    })?;
                    if let Some(error) = failed {
                        return Err(error);
                    }
                }
            }
        }
        if matches!(kind, Kind::Whole) {
            growing.add(std::str::from_utf8(&body).map_err(|_| CallError::Malformed)?)?;
        }
        let (text, usage) = growing.finish()?;
        Ok(Reply { text, usage })
    }

    async fn send(&self, request: &ChatRequest<'_>) -> Result<reqwest::Response, reqwest::Error> {
        let mut call = self.http.post(&self.url).json(&request.body());
        let accept = if request.stream { "text/event-stream" } else { "application/json" };
        call = call.header(ACCEPT, accept);
        if let Some(key) = &self.key
            && let Ok(mut value) = HeaderValue::from_str(&key.bearer())
        {
            value.set_sensitive(true);
            call = call.header(AUTHORIZATION, value);
        }
        call.send().await
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Whole,
    Stream,
}

/// Is this an answer, and of which kind?
fn judge(response: &reqwest::Response, stream: bool) -> Result<Kind, CallError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(CallError::Redirected);
    }
    if !status.is_success() {
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let pause = asked.map_or(Duration::ZERO, Duration::from_secs).min(RETRY_AFTER_MAX);
        let retry_after_ms = u64::try_from(pause.as_millis()).unwrap_or(0);
        return Err(CallError::Status { status: status.as_u16(), retry_after_ms });
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => Ok(Kind::Whole),
        "text/event-stream" if stream => Ok(Kind::Stream),
        _ => Err(CallError::ContentType),
    }
}
