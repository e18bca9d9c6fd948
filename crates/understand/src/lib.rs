//! From a customer's words to meaning: normal form, numbers, slots, control signs, language.
//!
//! Invariants: pure, no I/O, no clock, no chance; the day comes in with the
//! call. Positions are characters of the text as it was written.
//!
//! Deliberately absent: dialogue state, the bank's products, personal data
//! (`teller-privacy` finds and masks it).

pub mod closer;
pub mod emotion;
mod english;
pub mod guard;
pub mod homophone;
mod human;
pub mod intents;
pub mod language;
pub mod learned;
pub mod normal;
pub mod number;
mod numeral;
pub mod pinyin;
pub mod signs;
pub mod slots;
pub mod text_model;

/// Compiles every pattern and table once, so that the first customer does not
/// wait for it (some tens of milliseconds).
pub fn warm(today: jiff::civil::Date) {
    let samples = [
        "给张三转三千二，不对，四千，尾号1234，明天上午十点，三年期3.85%",
        "send 500 dollars to John Smith on March 5, card ending 1234, no, 600, for 2 years",
        "转人工，你是机器人吗，不用了，全部",
    ];
    for text in samples {
        slots::extract(text, &SlotContext::new(today));
        slots::extract(text, &SlotContext::new(today).expecting(teller_kernel::SlotType::Name));
        Signs::default().find(&normalise(text), true);
        language::detect(text);
        let _ = teller_privacy::mask(text);
    }
}

pub use language::Language;
pub use normal::{Normal, normalise};
pub use signs::{Sign, Signs};
pub use slots::{ChoiceMatch, ChoiceOption, Entity, Role, SlotContext, Tense, extract, match_name, resolve_choice};
