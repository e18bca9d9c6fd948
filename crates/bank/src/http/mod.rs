//! The port over HTTP, as `sandbox-bank/openapi.json` publishes it.
//!
//! Reads and prepares may be asked again once, because they change nothing and
//! a prepare carries its key. A confirm, a protection and a release are sent
//! exactly once; without an answer the outcome is unknown.

mod breaker;
mod core;
mod query;
mod reqwest_transport;
mod transport;

pub use self::core::HttpCoreBank;
pub use reqwest_transport::{ReqwestTransport, TransportSettings};
pub use transport::{Method, Reply, Transport, TransportError};
