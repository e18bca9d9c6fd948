//! The gateway against servers that are written here: a good one, and every
//! kind of bad one, over real sockets on loopback.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, and says where")]

mod client;
mod gateway;
mod server;
