//! A whole bank in one process, for rehearsal: the real conversation room over
//! a real store and the real sandbox core, with time, chance and faults in the
//! rehearser's hand.
//!
//! `script` plays a pack's conversation scripts (`teller pack test`),
//! `simulate` lets the program die and the core fail at seeded points, `bench`
//! measures. Nothing here serves a customer.

pub mod bench;
pub mod books;
pub mod faults;
pub mod play;
pub mod promises;
pub mod script;
pub mod simulate;
pub mod suite;
pub mod world;

pub use world::{Stage, StageError, World, WorldConfig, operations, workshop};
