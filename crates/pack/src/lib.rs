//! The bank pack: everything that is this bank and no other, as data.
//!
//! This room reads a pack folder (or a stored bundle) into typed sections, says
//! with file and line what is wrong, gives the pack its content address, and
//! renders its words. It knows nothing of flows beyond their files: the flows
//! room owns that schema. It reads files and nothing else.

pub mod article;
pub mod care;
mod check;
pub mod diagnostic;
mod filters;
pub mod intent;
pub mod manifest;
mod names;
pub mod pack;
pub mod source;
pub mod text;
pub mod threshold;
pub mod yaml;

pub use article::Article;
pub use care::Care;
pub use check::missing_words;
pub use diagnostic::{Diagnostic, Gravity, Place};
pub use intent::{Intent, Serve};
pub use manifest::Manifest;
pub use pack::Pack;
pub use source::{PackSource, SourceError};
pub use text::{Shown, Text, TextError, Texts};
pub use threshold::Threshold;
