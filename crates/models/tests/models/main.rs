//! The models room from outside: fetching real packages with the real pip, and
//! the encoder against the published one.

mod fetching;
mod parity;
mod semantic;
