//! The demo core bank.
