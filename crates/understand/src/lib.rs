//! From a customer's words to meaning: normal form, numbers, slots, control signs, language.
pub mod intents;
pub mod normal;
pub mod number;
mod english;
