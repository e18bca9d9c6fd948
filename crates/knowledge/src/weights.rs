//! The weights that the program carries, made by `train_knowledge`.
//!
//! Invariant: the file in the repository fits the signals of this code; a test
//! says so. Not here: how they are made.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use teller_understand::intents::choice::ChoiceModel;

use crate::signals;

/// Both models and what they were made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// What they were learned from, in words and numbers.
    pub made_from: String,
    pub with_vectors: ChoiceModel,
    pub words_only: ChoiceModel,
}

static EMBEDDED: LazyLock<Weights> = LazyLock::new(|| {
    serde_json::from_str(include_str!("weights.json")).expect("the weights were written by the trainer and are tested")
});

/// The weights and the names of the signals they belong to.
pub fn of(with_vectors: bool) -> (&'static ChoiceModel, &'static [&'static str]) {
    if with_vectors {
        (&EMBEDDED.with_vectors, &signals::WITH_VECTORS)
    } else {
        (&EMBEDDED.words_only, &signals::WORDS_ONLY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_weights_fit_the_signals() {
        assert!(EMBEDDED.with_vectors.fits(&signals::WITH_VECTORS, &[]));
        assert!(EMBEDDED.words_only.fits(&signals::WORDS_ONLY, &[]));
    }
}
