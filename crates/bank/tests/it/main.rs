//! The bank room from outside: the port over the demo core, the permits, the
//! page flows are written from, and the wire.

#![expect(clippy::unwrap_used, reason = "helpers of tests too: a wrong answer should end the test")]

mod conformance;
mod house;
mod page;
mod permit;
mod wire;
