//! Who is it? Two things that never mix: how sure the bank is of its customer
//! (a hand-over from the bank's own app, one-time codes bound to what they
//! authorise), and which member of staff is signed in.
//!
//! Pure: time, chance and keys come in as arguments; what must be remembered
//! (used hand-overs, sessions) is the store's.

pub mod code;
pub mod handover;
pub mod secret;
pub mod staff;

pub use code::{CodeCheck, OneTimeCode};
pub use handover::{Handover, HandoverError};
pub use secret::Secrets;
