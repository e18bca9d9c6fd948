//! The sandbox core bank: a process of its own with a double-entry ledger,
//! behind a published HTTP contract (`openapi.json`).
//!
//! Writes are two-phase orders: prepare states the exact values and changes
//! nothing, confirm carries them out at most once, and any order can be asked
//! for by its key. Protective operations take one step.
//!
//! Invariants: every entry balances in every currency; available = ledger −
//! held is never negative; an order books at most one entry; the same key with
//! the same content answers the same, with other content conflicts; time comes
//! from the clock handed in, and chance only from seeds.
//!
//! Deliberately absent: customers' identity and consent (the caller's), any
//! other crate of this house, real banking.

pub mod bank;
mod checks;
mod config;
mod day;
mod db;
mod digest;
mod error;
mod export;
pub mod faults;
mod finance;
mod http;
mod ledger;
mod limits;
mod model;
mod money;
mod orders;
mod pain001;
mod protect;
mod rng;
mod seed;
mod serve;
mod store;
pub mod time;

pub use bank::{BusinessDate, OpenError, Options, Place, SandboxBank};
pub use http::openapi;
pub use serve::serve;
pub use time::Clock;
