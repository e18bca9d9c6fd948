//! The guard in a turn: which messages it judges, and with what.
//!
//! Invariants: an answer of a closed type to the open question, a yes or no to
//! what is shown, and words of danger are never judged; the sentence vector is
//! used where the meaning will be looked at anyway, and never made for the
//! guard's sake while a flow waits for an answer.
//!
//! Not here: what follows from a judgement (`decide`), and permissions, which are
//! enforced where data and money are.

use crate::decide::{Reading, Waiting};
use crate::understanding::Understanding;
use teller_kernel::SlotType;
use teller_kernel::trace::TracedGuard;
use teller_understand::guard::{Guard, Judgement};
use teller_understand::signs::Sign;

/// A judgement and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub judgement: Judgement,
    pub by_vector: bool,
}

impl Judged {
    pub fn traced(&self, refused: bool) -> TracedGuard {
        let disguises = self.judgement.disguises.iter().map(|one| format!("{one:?}").to_lowercase());
        TracedGuard {
            refused,
            probability: self.judgement.probability,
            kind: self.judgement.kind.name().to_owned(),
            disguises: disguises.collect(),
            by_vector: self.by_vector,
        }
    }
}

/// Judges a message, where it could be an attack at all.
pub fn judge(heard: &Understanding, waiting: &Waiting) -> Option<Judged> {
    if heard.danger || answers(heard, waiting) {
        return None;
    }
    if matches!(waiting, Waiting::Nothing) {
        // Without a flow every decision looks at the meaning.
        heard.meaning.get();
    }
    let vector = heard.meaning.vector();
    let closer = || heard.meaning.semantic().map(<[f32]>::to_vec);
    Some(Judged { judgement: Guard::embedded().judge_closer(&heard.text, vector, closer), by_vector: vector.is_some() })
}

/// Is the message what is waited for, in a form that holds nothing else?
fn answers(heard: &Understanding, waiting: &Waiting) -> bool {
    match waiting {
        Waiting::Slot { slot_type: SlotType::Text, .. } | Waiting::Nothing => false,
        Waiting::Slot { read, .. } => !matches!(read, Reading::None),
        Waiting::Confirmation | Waiting::Code | Waiting::Core => {
            heard.only_values || heard.has(Sign::Affirm) || heard.has(Sign::Deny)
        }
    }
}
