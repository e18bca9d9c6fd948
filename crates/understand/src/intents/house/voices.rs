//! Several voices to one word: how much a pack's samples, the house's words and
//! the meaning of the sentence count.
//!
//! Each voice gives a probability to every label and to none of them; their
//! logarithms, weighted, are the values of a choice (a logarithmic opinion pool
//! after Genest and Zidek, "Combining probability distributions", 1986). The
//! weights were learned on texts that no voice was trained on.
//!
//! Invariant: the file fits the names here; a test says so. Not here: the voices.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

use crate::intents::choice::ChoiceModel;
use crate::text_model::log_share;

/// The voices without the semantic vector.
pub const PLAIN: [&str; 2] = ["samples", "words"];
pub const REFUSE_PLAIN: [&str; 3] = ["bias", "samples", "words"];
/// All of them.
pub const CLOSE: [&str; 3] = ["samples", "words", "meaning"];
pub const REFUSE_CLOSE: [&str; 4] = ["bias", "samples", "words", "meaning"];

/// What each voice says to the house's labels, the last value to none of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub samples: Vec<f32>,
    pub words: Vec<f32>,
    pub meaning: Option<Vec<f32>>,
}

/// The weights of the voices, with the semantic vector and without.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voices {
    pub made_from: String,
    pub plain: ChoiceModel,
    pub close: ChoiceModel,
}

static EMBEDDED: LazyLock<Voices> = LazyLock::new(|| {
    serde_json::from_str(include_str!("voices.json")).expect("the weights were written by the trainer and are tested")
});

impl Voices {
    /// What this program was built with.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The probability of each label of the house; what is left is that of none.
    #[must_use]
    pub fn judge(&self, heard: &Heard) -> Vec<f32> {
        let (candidates, refuse) = heard.signals();
        let model = if heard.meaning.is_some() { &self.close } else { &self.plain };
        model.probabilities(candidates.iter().map(Vec::as_slice), &refuse)
    }
}

impl Heard {
    /// The signals of each label, and those for none, in the order of the names.
    #[must_use]
    pub fn signals(&self) -> (Vec<Vec<f32>>, Vec<f32>) {
        let voices: Vec<&[f32]> =
            [&self.samples, &self.words].into_iter().chain(&self.meaning).map(Vec::as_slice).collect();
        let of = |label: usize| voices.iter().map(|voice| log_share(voice[label])).collect::<Vec<f32>>();
        let none = self.samples.len() - 1;
        let refuse = [1.0].into_iter().chain(of(none)).collect();
        ((0..none).map(of).collect(), refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_weights_fit_the_voices() {
        let voices = Voices::embedded();
        assert!(voices.plain.fits(&PLAIN, &REFUSE_PLAIN));
        assert!(voices.close.fits(&CLOSE, &REFUSE_CLOSE));
    }

    #[test]
    fn what_all_voices_say_is_said_and_strangers_stay_strange() {
        let heard = |samples: [f32; 3], words: [f32; 3], meaning: Option<[f32; 3]>| Heard {
            samples: samples.into(),
            words: words.into(),
            meaning: meaning.map(Into::into),
        };
        for meaning in [None, Some([0.9, 0.05, 0.05])] {
            let judged = Voices::embedded().judge(&heard([0.8, 0.1, 0.1], [0.9, 0.05, 0.05], meaning));
            assert!(judged[0] > 0.8 && judged[0] > judged[1]);
        }
        for meaning in [None, Some([0.01, 0.01, 0.98])] {
            let judged = Voices::embedded().judge(&heard([0.01, 0.01, 0.98], [0.01, 0.01, 0.98], meaning));
            assert!(judged.iter().sum::<f32>() < 0.2);
        }
    }
}
