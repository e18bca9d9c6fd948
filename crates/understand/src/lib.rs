//! From a customer's words to meaning: normal form, numbers, slots, control signs, language.
//!
//! Invariants: pure, no I/O, no clock, no chance; the day comes in with the
//! call. Positions are characters of the text as it was written.
//!
//! Deliberately absent: dialogue state, the bank's products, personal data
//! (`teller-privacy` finds and masks it).

mod english;
mod human;
pub mod intents;
pub mod language;
pub mod normal;
pub mod number;
pub mod pinyin;
pub mod signs;
pub mod slots;

pub use language::Language;
pub use normal::{Normal, normalise};
pub use signs::{Sign, Signs};
pub use slots::{ChoiceMatch, ChoiceOption, Entity, Role, SlotContext, Tense, extract, match_name, resolve_choice};
