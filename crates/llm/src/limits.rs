//! Every bound of the gateway, by name.

use std::time::Duration;

/// Largest answer without streaming, and largest sum of a stream's bytes.
pub const REPLY_MAX_BYTES: usize = 256 * 1024;
/// Longest line of a stream, in bytes.
pub const LINE_MAX_BYTES: usize = 64 * 1024;
/// Lines of one stream.
pub const LINES_MAX: usize = 20_000;
/// Longest text a model may say, in characters; more is cut off as a failure.
pub const TEXT_MAX_CHARS: usize = 16_000;
/// Largest prompt, in characters over all messages.
pub const PROMPT_MAX_CHARS: usize = 24_000;
/// Messages of one prompt.
pub const MESSAGES_MAX: usize = 32;

/// Attempts of one call, the first included.
pub const ATTEMPTS_MAX: u32 = 3;
/// Longest pause before the second attempt; it doubles for the third.
pub const BACKOFF: Duration = Duration::from_millis(150);

/// Failures in a row after which the breaker opens.
pub const BREAKER_FAILURES: u32 = 5;
/// How long it stays open the first time; it doubles while probes fail …
pub const BREAKER_REST_MS: i64 = 5_000;
/// … up to this.
pub const BREAKER_REST_MAX_MS: i64 = 120_000;

/// Longest time that may be configured for anything.
pub const TIMEOUT_MAX_MS: u64 = 120_000;
/// Calls at the same time that may be configured.
pub const CONCURRENCY_MAX: usize = 256;
/// Tokens of one answer that may be configured.
pub const ANSWER_TOKENS_MAX: u32 = 4_096;
/// Longest key, in bytes.
pub const KEY_MAX_BYTES: usize = 4_096;
/// Longest name of a model, in bytes.
pub const MODEL_NAME_MAX_BYTES: usize = 128;

/// Sentences of a reply that are looked at.
pub const SENTENCES_MAX: usize = 32;
/// Sentences of evidence.
pub const EVIDENCE_MAX: usize = 32;
/// How much longer than the evidence a reply may be, and characters besides.
pub const REPLY_GROWTH: usize = 2;
pub const REPLY_SLACK_CHARS: usize = 120;
