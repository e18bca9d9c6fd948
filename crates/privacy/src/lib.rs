//! Personal data in text: where it is, what kind it is, and how it looks once masked.
//!
//! `detect` finds spans of personal data in Chinese and English text, spoken and
//! full-width digits included: a tagger learned from our own marked sentences, held
//! to forms and check digits. `mask` gives the text that may leave the room, and
//! hides what the wider patterns find besides (a malformed identity number): logs,
//! indexes and outside models take a [`MaskedText`] and nothing else.
//!
//! Invariants: pure; offsets are characters (Unicode code points) of the text
//! as given, end exclusive, sorted and apart; a digit run that was detected is
//! never whole in the masked text.
//!
//! Deliberately absent: reversible tokens and keys; places and branches, which are
//! no private addresses.

pub mod checks;
mod detect;
mod fold;
mod free_text;
mod mask;
mod names;
mod numbers;
#[doc(hidden)]
pub mod tagger;
mod wide;

pub use detect::{PiiKind, PiiSpan, TEXT_CHARS_MAX, detect, detect_with};
pub use mask::{MaskedText, mask, mask_with};
