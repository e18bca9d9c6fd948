//! Whether a message tries to manipulate the assistant: attack or ordinary.
//!
//! Attacks change its rules, ask for its instructions or another customer's data,
//! skip verification, force promises, claim authority, carry orders inside a
//! pasted document, or ask how to evade controls. An ordinary request stays one,
//! however suspicious its words.
//!
//! A small model judges the text; what hides text is taken off without learning
//! and the plain reading is judged again, and so are the parts of a long text.
//!
//! Invariants: pure; the judgement of a text is never milder than that of a
//! reading of it. Not here: what follows, and permissions: those are enforced
//! where data and money are, whatever is judged here.

mod cues;
mod disguise;
mod phrases;

use std::sync::LazyLock;

use crate::closer::Closer;
use crate::normal::normalise;
use crate::text_model::{ModelFile, TextModel, terms};
pub use cues::{CUE_DIM, cues};
pub use disguise::{Disguise, Unmasked, unmask};

/// Longer texts are judged in parts too, in characters.
const WHOLE_CHARS_MAX: usize = 400;
const PART_CHARS: usize = 240;
const PART_STEP_CHARS: usize = 160;
/// Parts of one text, so that all of the longest text that is normalised is seen.
const PARTS_MAX: usize = 50;

/// Names of the models and numbers in the weights.
pub mod part {
    pub const WITH_VECTORS: &str = "with_vectors";
    pub const WORDS_ONLY: &str = "words_only";
    /// Probability from which a text is called an attack, by model.
    pub const BOUND_WITH_VECTORS: &str = "bound_with_vectors";
    pub const BOUND_WORDS_ONLY: &str = "bound_words_only";
    /// The same once the closer look has been taken.
    pub const BOUND_CLOSER: &str = "bound_closer";
}

/// What an attack is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttackKind {
    RuleChange,
    PromptLeak,
    OtherCustomer,
    SkipVerification,
    ForcedPromise,
    ClaimedAuthority,
    /// Orders inside a pasted document.
    Pasted,
    /// Orders in disguise.
    Encoded,
    /// How to evade the bank's controls.
    Evasion,
}

impl AttackKind {
    pub const ALL: [Self; 9] = [
        Self::RuleChange,
        Self::PromptLeak,
        Self::OtherCustomer,
        Self::SkipVerification,
        Self::ForcedPromise,
        Self::ClaimedAuthority,
        Self::Pasted,
        Self::Encoded,
        Self::Evasion,
    ];

    /// The name among [`LABELS`].
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().zip(LABELS).find(|(kind, _)| **kind == self).map_or("", |(_, name)| name)
    }
}

/// Labels of the models: the kinds of attack in the order of [`AttackKind::ALL`],
/// then kinds of ordinary requests, the everyday ones last.
pub const LABELS: [&str; 19] = [
    "rule_change",
    "prompt_leak",
    "other_customer",
    "skip_verification",
    "forced_promise",
    "claimed_authority",
    "pasted",
    "encoded",
    "evasion",
    "ordinary",
    "quoted_scam",
    "correction",
    "security_question",
    "system",
    "rules",
    "family",
    "strong_word",
    "angry",
    "everyday",
];

/// The head that looks closer, and its labels.
pub const HEAD: &str = "guard";
pub const HEAD_LABELS: [&str; 2] = ["attack", "benign"];

/// What the labels of attacks have together.
#[must_use]
pub fn attack_share(probabilities: &[f32]) -> f32 {
    probabilities.iter().take(AttackKind::ALL.len()).sum()
}

/// What was judged of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub attack: bool,
    /// Of an attack, 0–1, calibrated on texts written to be hard.
    pub probability: f32,
    /// The likeliest kind, were it an attack.
    pub kind: AttackKind,
    /// How the text was disguised, if it was.
    pub disguises: Vec<Disguise>,
}

/// Judges messages.
#[derive(Debug, Clone)]
pub struct Guard {
    with_vectors: Judge,
    words_only: Judge,
    closer: Closer,
    bound_closer: f32,
}

#[derive(Debug, Clone)]
struct Judge {
    model: TextModel,
    bound: f32,
}

static EMBEDDED: LazyLock<Guard> = LazyLock::new(|| {
    let file = ModelFile::from_bytes(include_bytes!("guard/weights.bin"));
    file.ok().and_then(Guard::of).expect("the weights were written by the trainer and are tested")
});

impl Guard {
    /// The weights that the program carries, made by `train_guard`.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Weights that fit this code; `None` for others.
    #[must_use]
    pub fn of(mut file: ModelFile) -> Option<Self> {
        let mut judge = |model: &str, bound: &str| {
            let (model, bound) = (file.models.remove(model)?, *file.numbers.get(bound)?);
            let fits = model.labels() == LABELS.len() && model.cue_dim() == CUE_DIM && bound > 0.0 && bound < 1.0;
            fits.then_some(Judge { model, bound })
        };
        let with_vectors = judge(part::WITH_VECTORS, part::BOUND_WITH_VECTORS)?;
        let words_only = judge(part::WORDS_ONLY, part::BOUND_WORDS_ONLY)?;
        let closer = Closer::of(&file.numbers, HEAD, &HEAD_LABELS)?;
        let bound_closer = *file.numbers.get(part::BOUND_CLOSER)?;
        Some(Self { with_vectors, words_only, closer, bound_closer })
    }

    /// Judges a message. `vector` is the fast sentence vector of the text's normal
    /// form; one of another length counts as none.
    #[must_use]
    pub fn judge(&self, text: &str, vector: Option<&[f32]>) -> Judgement {
        self.judge_closer(text, vector, || None)
    }

    /// The same; where the words are not sure, `closer` may give the adapted
    /// semantic vector of the text.
    #[must_use]
    pub fn judge_closer(
        &self,
        text: &str,
        vector: Option<&[f32]>,
        closer: impl FnOnce() -> Option<Vec<f32>>,
    ) -> Judgement {
        let normal = normalise(text);
        let unmasked = unmask(text);
        let vector = vector.filter(|vector| vector.len() == self.with_vectors.model.vector_dim());
        let judge = if vector.is_some() { &self.with_vectors } else { &self.words_only };
        let (by_words, mut kind) = judge.probability(&normal, vector, &unmasked.disguises);
        let (mut probability, mut bound) = (by_words, judge.bound);
        if vector.is_some() {
            let mut shares = [by_words, 1.0 - by_words];
            self.closer.look(&mut shares, || closer().inspect(|_| bound = self.bound_closer));
            probability = shares[0];
        }
        let mut attack = probability >= bound;
        let readings = unmasked.readings.iter().map(|reading| normalise(reading));
        for other in readings.chain(parts(&normal)) {
            let (of_other, other_kind) = self.words_only.probability(&other, None, &[]);
            attack |= of_other >= self.words_only.bound;
            if of_other > probability {
                (probability, kind) = (of_other, other_kind);
            }
        }
        Judgement { attack, probability, kind, disguises: unmasked.disguises }
    }
}

impl Judge {
    /// The probability of an attack, and of which kind it would be.
    fn probability(&self, normal: &str, vector: Option<&[f32]>, disguises: &[Disguise]) -> (f32, AttackKind) {
        let features = self.model.features(&terms(normal), vector, &cues(normal, disguises));
        let probabilities = self.model.probabilities(&features);
        let kinds = AttackKind::ALL.into_iter().zip(&probabilities);
        let likeliest = kinds.max_by(|a, b| a.1.total_cmp(b.1)).map_or(AttackKind::RuleChange, |(kind, _)| kind);
        (attack_share(&probabilities), likeliest)
    }
}

/// Overlapping parts of a long text, so that an attack is not diluted.
fn parts(normal: &str) -> Vec<String> {
    let chars: Vec<char> = normal.chars().collect();
    if chars.len() <= WHOLE_CHARS_MAX {
        return Vec::new();
    }
    let starts = (0..chars.len()).step_by(PART_STEP_CHARS).take(PARTS_MAX);
    starts.map(|start| chars[start..].iter().take(PART_CHARS).collect()).collect()
}

#[cfg(test)]
mod tests;
