//! The core bank behind one port.
//!
//! Reads are plain. Every effect goes through a two-phase order: `prepare`
//! states the exact values and changes nothing, `commit` carries them out and
//! takes a [`CommitPermit`], which only [`permit`] can build. An unknown
//! outcome is resolved by query, never by sending again.
//!
//! Invariants: no public function of this crate reaches an effect at the core
//! without a permit; a confirm is sent at most once; calculators are pure and
//! count in integer minor units and decimals, never floats.
//!
//! Deliberately absent: who may do what (policy), one-time passwords
//! (identity), the words shown to a customer (pack), any storage.
//!
//! `OPERATIONS.md` beside this crate lists every name with its parameters.

pub mod calculators;
pub mod catalog;
pub mod checks;
pub mod digest;
pub mod http;
pub mod permit;
pub mod port;
#[cfg(feature = "testing")]
pub mod testing;

pub use calculators::{CalcError, calculate};
pub use digest::digest;
pub use http::{HttpCoreBank, ReqwestTransport, Transport, TransportError};
pub use permit::{CommitPermit, PermitRefused};
pub use port::{CommitOutcome, CoreBank, CoreError, Health, OrderState, OrderStatus, Prepared, Refusal};
