//! The knowledge room as a whole.

mod demo;
mod small;
