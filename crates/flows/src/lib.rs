//! The flow language: business as data.
//!
//! A flow says which slots it needs, what it reads of the core bank, what the
//! customer confirms and what is then committed. This room parses flows, checks
//! them, folds a run's events into where it stands, and says purely what comes
//! next. It performs nothing: no clock, no I/O, no chance.

pub mod check;
pub mod model;
mod parse;
pub mod run;
pub mod step;

pub use model::Flow;
pub use parse::parse;
pub use run::{FlowRun, Stage};
pub use step::{Next, Reacting, Scene, leave, next, reaction};
