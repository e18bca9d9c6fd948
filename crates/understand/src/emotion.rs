//! What a customer feels: one of eight moods, how strong, and where it is going.
//!
//! One small model names the mood, a second one how strong a mood other than
//! calm is. Both look at the words, at marks and turns of phrase and, where there
//! is an encoder, at the sentence vector; without one, a second set of weights
//! looks at words alone.
//!
//! Invariants: pure; a neutral message has intensity 0, every other 1 to 3. Not
//! here: what the bank says to it, and words of self-harm, which the pack lists
//! and which go to a human whatever is read here.

mod cues;
mod lexicon;
mod trend;

use std::sync::LazyLock;

use crate::closer::Closer;
use crate::normal::normalise;
use crate::text_model::{ModelFile, TextModel, terms};
pub use cues::{CUE_DIM, cues};
pub use teller_kernel::mood::{Mood as EmotionClass, Trend};
pub use trend::{TREND_MESSAGES, trend};

/// What was read from one message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Emotion {
    pub class: EmotionClass,
    /// Of the class, 0–1.
    pub probability: f32,
    /// 0 for neutral; 1 noticeable, 2 clear, 3 overwhelming.
    pub intensity: u8,
}

/// Names of the models in the weights.
pub mod part {
    pub const CLASS_WITH_VECTORS: &str = "class_with_vectors";
    pub const CLASS_WORDS_ONLY: &str = "class_words_only";
    pub const STRENGTH_WITH_VECTORS: &str = "strength_with_vectors";
    pub const STRENGTH_WORDS_ONLY: &str = "strength_words_only";
}

/// Steps between the intensities 1, 2 and 3.
pub const STRENGTH_STEPS: usize = 2;
/// Cues of the model of strength: those of the text and one for each mood and step.
pub const STRENGTH_CUE_DIM: usize = CUE_DIM + EmotionClass::ALL.len() * STRENGTH_STEPS;
/// The head that looks closer.
pub const HEAD: &str = "emotion";
/// How much the mood itself counts beside a cue.
const MOOD_CUE: f32 = 2.0;

/// Reads moods.
#[derive(Debug, Clone)]
pub struct Emotions {
    with_vectors: Reader,
    words_only: Reader,
    closer: Closer,
}

#[derive(Debug, Clone)]
struct Reader {
    class: TextModel,
    strength: TextModel,
}

static EMBEDDED: LazyLock<Emotions> = LazyLock::new(|| {
    let file = ModelFile::from_bytes(include_bytes!("emotion/weights.bin"));
    file.ok().and_then(Emotions::of).expect("the weights were written by the trainer and are tested")
});

impl Emotions {
    /// The weights that the program carries, made by `train_emotion`.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Weights that fit this code; `None` for others.
    #[must_use]
    pub fn of(mut file: ModelFile) -> Option<Self> {
        let mut reader = |class: &str, strength: &str| {
            let (class, strength) = (file.models.remove(class)?, file.models.remove(strength)?);
            let fits = class.labels() == EmotionClass::ALL.len()
                && class.cue_dim() == CUE_DIM
                && strength.labels() == 2
                && strength.cue_dim() == STRENGTH_CUE_DIM;
            fits.then_some(Reader { class, strength })
        };
        let with_vectors = reader(part::CLASS_WITH_VECTORS, part::STRENGTH_WITH_VECTORS)?;
        let words_only = reader(part::CLASS_WORDS_ONLY, part::STRENGTH_WORDS_ONLY)?;
        let closer = Closer::of(&file.numbers, HEAD, &EmotionClass::ALL.map(EmotionClass::name))?;
        Some(Self { with_vectors, words_only, closer })
    }

    /// The mood of a message. `vector` is the fast sentence vector of the text's
    /// normal form; one of another length counts as none.
    #[must_use]
    pub fn read(&self, text: &str, vector: Option<&[f32]>) -> Emotion {
        self.read_closer(text, vector, || None)
    }

    /// The same; where the words are not sure, `closer` may give the adapted
    /// semantic vector of the text.
    #[must_use]
    pub fn read_closer(
        &self,
        text: &str,
        vector: Option<&[f32]>,
        closer: impl FnOnce() -> Option<Vec<f32>>,
    ) -> Emotion {
        let normal = normalise(text);
        if normal.chars().all(|c| c.is_ascii_punctuation() || " 。、…·~".contains(c)) {
            return mark_only(&normal);
        }
        let vector = vector.filter(|vector| vector.len() == self.with_vectors.class.vector_dim());
        match vector {
            Some(_) => self.with_vectors.read(&normal, vector, |shares| self.closer.look(shares, closer)),
            None => self.words_only.read(&normal, None, |_| {}),
        }
    }
}

impl Reader {
    fn read(&self, normal: &str, vector: Option<&[f32]>, closer: impl FnOnce(&mut [f32])) -> Emotion {
        let (terms, cues) = (terms(normal), cues(normal));
        let mut probabilities = self.class.probabilities(&self.class.features(&terms, vector, &cues));
        closer(&mut probabilities);
        let likeliest = (0..).zip(&probabilities).max_by(|a, b| a.1.total_cmp(b.1));
        let (label, probability) = likeliest.map_or((0, 1.0), |(label, probability)| (label, *probability));
        let class = EmotionClass::ALL.get(label).copied().unwrap_or(EmotionClass::Neutral);
        let intensity = if class == EmotionClass::Neutral { 0 } else { self.intensity(&terms, vector, &cues, label) };
        Emotion { class, probability, intensity }
    }

    fn intensity(&self, terms: &[u32], vector: Option<&[f32]>, cues: &[f32], label: usize) -> u8 {
        let above = |step: &usize| {
            let cues = strength_cues(cues, label, *step);
            let probabilities = self.strength.probabilities(&self.strength.features(terms, vector, &cues));
            probabilities.get(1).is_some_and(|above| *above > 0.5)
        };
        1 + u8::from(above(&0)) + u8::from(above(&0) && above(&1))
    }
}

/// The cues of a text and which mood and step are asked about: step 0 asks for
/// intensity 2 or more, step 1 for 3.
#[must_use]
pub fn strength_cues(cues: &[f32], label: usize, step: usize) -> Vec<f32> {
    let mut all = cues.to_vec();
    all.resize(STRENGTH_CUE_DIM, 0.0);
    if let Some(place) = all.get_mut(CUE_DIM + label * STRENGTH_STEPS + step) {
        *place = MOOD_CUE;
    }
    all
}

/// A message without a word: marks alone.
fn mark_only(normal: &str) -> Emotion {
    let (class, intensity) = match () {
        () if normal.contains("??") => (EmotionClass::Confused, 1),
        () if normal.contains("!!") => (EmotionClass::Angry, 1),
        () => (EmotionClass::Neutral, 0),
    };
    Emotion { class, probability: 0.5, intensity }
}

#[cfg(test)]
mod tests;
