//! The bank room from outside: the port over the demo core, the permits, the
//! page flows are written from, and the wire.

mod conformance;
mod house;
mod page;
mod permit;
mod wire;
