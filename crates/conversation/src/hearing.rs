//! Everything that is understood of one message, without a conversation around
//! it: what a benchmark of the whole text stack runs.
//!
//! Invariant: the same steps as in a turn. Not here: decisions, effects.

use crate::care::Felt;
use crate::decide::Waiting;
use crate::guarding::{Judged, judge};
use crate::meaning::Meaning;
use crate::packs::BankPack;
use crate::understanding::{Scope, understand};
use jiff::civil::Date;
use std::sync::Arc;
use teller_kernel::Locale;
use teller_kernel::trace::TurnTrace;

/// What was understood of a first message.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The best intent and its score, where there is one.
    pub intent: Option<(String, f32)>,
    pub felt: Felt,
    pub judged: Option<Judged>,
    /// The fast tier was not sure: the semantic encoder looked too.
    pub looked_closer: bool,
}

/// Understands a message that opens a conversation: language, signs, entities,
/// personal data, intents, articles, the guard, the mood.
#[must_use]
pub fn hear(bank: &Arc<BankPack>, text: &str, locale: Locale, today: Date) -> Heard {
    let scope = Scope { bank, today, expecting: None, expecting_confirmation: false };
    let mut trace = TurnTrace::default();
    let heard = understand(text, &scope, Meaning::of(text, bank.clone(), locale, today), &mut trace);
    let judged = judge(&heard, &Waiting::Nothing);
    let best = heard.meaning.get().intents.first();
    let intent = best.map(|best| (best.label.clone(), best.score));
    let felt = Felt::read(&heard, []);
    Heard { intent, felt, judged, looked_closer: heard.meaning.looked_closer() }
}
