//! The server of Teller: configuration, wiring, HTTP, jobs, commands and the
//! embedded pages. The binary `teller` is a thin shell around this library, so
//! that tests and benchmarks can run the same server inside a process.
//!
//! Deliberately absent: what a conversation means, what staff may see, how a
//! core is asked. Those are rooms of their own; here they are put together.

pub mod app;
pub mod chance;
pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod hub;
pub mod jobs;
pub mod kills;
pub mod listen;
pub mod packs;
pub mod rephraser;
pub mod sandbox;
pub mod secret_file;
pub mod wiring;
