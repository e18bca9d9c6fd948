//! The gateway to a language model, which Teller can do without.
//!
//! - [`Gateway`] asks a model over an OpenAI-compatible endpoint, within the
//!   limits of its [`Settings`]: kill switch, budgets, time, size, concurrency,
//!   circuit breaker, retries. Each call leaves a [`CallRecord`].
//! - [`check`](check::check) is pure: it lets pass what says the evidence again
//!   in other words, sentence by sentence, and nothing else.
//! - [`rephrase`](rephrase::rephrase) is the one use of both today.
//!
//! Invariants: text leaves only as [`MaskedText`](teller_privacy::MaskedText)
//! or as a prompt of this program; only the configured address is spoken to,
//! no redirect is followed; the key is in no log, error or record; nothing that
//! a model says reaches anybody before the check.
//!
//! Deliberately absent: choosing what to answer, running tools, running a
//! model, TLS (the mesh's or a proxy's business, as for the core bank).

mod breaker;
mod budget;
pub mod check;
mod client;
mod gateway;
mod key;
pub mod limits;
mod placeholders;
pub mod prompt;
mod record;
pub mod rephrase;
mod settings;
mod sse;
mod wire;

pub use breaker::{Breaker, BreakerState};
pub use budget::{Budget, Ledger};
pub use client::{CallError, Client, Phase, Reply};
pub use gateway::{Called, Gateway};
pub use key::Key;
pub use prompt::{Message, Role};
pub use record::{CallRecord, Outcome, Refusal};
pub use rephrase::{Rephrased, Said};
pub use settings::{ConfigError, Settings, UseCase, UseSettings};
pub use wire::ChatRequest;
