//! Measuring what Teller understands: a test set in, figures out.
//!
//! One module is one kind of set. Each reads a file (formats in docs/EVAL.md),
//! runs the same code that serves customers, and gives a JSON object whose keys
//! are fixed, so that sets written by others can be run through it. Nothing here
//! trains, tunes or remembers.

pub mod cost;
pub mod cpu;
pub mod emotion;
pub mod guard;
pub mod intents;
pub mod learned;
pub mod multi;
pub mod pii;
pub mod read;
pub mod score;
pub mod similarity;
pub mod slots;
