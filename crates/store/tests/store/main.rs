//! The store's tests, as one binary. `conformance` uses the public API alone, so
//! that a second engine runs it unchanged; the others look under SQLite's lid.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
mod conformance;
mod desk;
mod group;
mod kill;
mod opening;
mod secrecy;
mod staff;
mod tamper;
