//! Integration tests of the server: one binary, a whole server and a sandbox
//! core on loopback in each test, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, and says where")]

mod app;
mod arrows;
mod commands;
mod live;
mod model;
mod open;
mod packs;
mod pages;
mod refused;
mod rephrase;
mod spec;
mod staff;
mod talk;
