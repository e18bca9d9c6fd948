//! What every bank's customers say: a model of common banking intents, learned
//! from this project's own corpus, that a pack's intents build upon.
//!
//! A pack gives a dozen samples an intent; the corpus gives the other ways in
//! which customers say the same, and what they say that no bank's counter is
//! for. Intents are matched by id: a pack that calls an intent as the corpus
//! does gets what was learned; an intent of its own rests on its own samples.
//!
//! Invariants: embedded, immutable; shares sum to 1. `train/intents` has the
//! recipe and the report. Not here: the pack's samples, what follows.

mod voices;

use crate::text_model::{ModelFile, TextModel, softmax, terms};
use std::io::Read;
use std::sync::LazyLock;
use teller_models::Adapter;

pub use voices::{CLOSE, Heard, PLAIN, REFUSE_CLOSE, REFUSE_PLAIN, Voices};

/// The label of what is out of every bank's scope.
pub const OUT: &str = "-";
/// Largest file once unpacked.
const FILE_MAX_BYTES: u64 = 32 << 20;
/// The model in the file.
pub const PART: &str = "intents";

/// The model and the names of its labels, the last one [`OUT`].
#[derive(Debug)]
pub struct HouseModel {
    model: TextModel,
    labels: Vec<String>,
}

static EMBEDDED: LazyLock<Option<HouseModel>> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    let packed = include_bytes!("house/weights.bin.gz");
    flate2::read::GzDecoder::new(&packed[..]).take(FILE_MAX_BYTES).read_to_end(&mut bytes).ok()?;
    let file = ModelFile::from_bytes(&bytes).ok()?;
    HouseModel::of(file, include_str!("house/labels.txt"))
});

impl HouseModel {
    /// What this program was built with.
    #[must_use]
    pub fn embedded() -> Option<&'static Self> {
        EMBEDDED.as_ref()
    }

    /// Out of a file and its labels, one a line; nothing when they do not fit.
    #[must_use]
    pub fn of(mut file: ModelFile, labels: &str) -> Option<Self> {
        let model = file.models.remove(PART)?;
        let labels: Vec<String> = labels.lines().map(str::to_owned).collect();
        let fits = labels.len() == model.labels() && labels.last().is_some_and(|last| last == OUT);
        fits.then_some(Self { model, labels })
    }

    /// Labels in order of their numbers, without [`OUT`].
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels[..self.labels.len() - 1]
    }

    /// The probability of each label, [`OUT`] the last, for a text in normal form.
    #[must_use]
    pub fn probabilities(&self, normal: &str, vector: &[f32]) -> Vec<f32> {
        self.model.probabilities(&self.model.features(&terms(normal), Some(vector), &[]))
    }
}

/// The house as an index uses it: whose labels are whose.
#[derive(Debug)]
pub struct House {
    model: &'static HouseModel,
    /// By number of the house's label, the label of the index.
    here: Vec<Option<usize>>,
    /// By label of the index, the house's.
    there: Vec<Option<usize>>,
}

impl House {
    /// Nothing when the house knows none of the labels.
    #[must_use]
    pub fn of(model: &'static HouseModel, labels: &[String]) -> Option<Self> {
        let find = |all: &[String], one: &String| all.iter().position(|label| label == one);
        let here: Vec<Option<usize>> = model.labels().iter().map(|known| find(labels, known)).collect();
        let there: Vec<Option<usize>> = labels.iter().map(|label| find(model.labels(), label)).collect();
        there.iter().any(Option::is_some).then_some(Self { model, here, there })
    }

    /// The house's number of a label that the index has too.
    #[must_use]
    pub fn number(&self, label: &str) -> Option<usize> {
        let number = self.model.labels().iter().position(|known| known == label)?;
        self.here[number].map(|_| number)
    }

    /// What two voices say: the index's samples (`scores`) and the house's words.
    #[must_use]
    pub fn hear(&self, scores: &[f32], normal: &str, fast: &[f32]) -> Heard {
        // A label that the index lacks is as good as none to its samples.
        let none = (1.0 - scores.iter().sum::<f32>()).max(0.0);
        let samples = self.here.iter().map(|here| here.map_or(none, |here| scores[here])).chain([none]).collect();
        Heard { samples, words: self.model.probabilities(normal, fast), meaning: None }
    }

    /// What the third one says: the head over the adapted semantic vector.
    #[must_use]
    pub fn meaning(&self, semantic: &[f32]) -> Option<Vec<f32>> {
        let head = Adapter::embedded().head(PART).filter(|head| head.labels() == self.model.labels)?;
        Some(softmax(&head.values(semantic), 1.0))
    }

    /// Probabilities out of all voices, in place of those of the samples alone.
    /// A label that the house does not know keeps the samples' word; what the
    /// house gives to labels that are not here, or to none, is doubt.
    pub fn blend(&self, scores: &mut [f32], heard: &Heard) {
        let judged = Voices::embedded().judge(heard);
        let unknown: f32 =
            scores.iter().zip(&self.there).filter(|(_, there)| there.is_none()).map(|(own, _)| own).sum();
        for (score, there) in scores.iter_mut().zip(&self.there) {
            if let Some(there) = there {
                *score = judged[*there] * (1.0 - unknown);
            }
        }
    }

    /// What the voices say to a label of the index, for whoever wants to know why.
    pub fn parts(&self, heard: &Heard, label: usize) -> impl Iterator<Item = (&'static str, f32)> {
        let number = self.there[label];
        let words = number.map(|number| ("house words", heard.words[number]));
        let meaning = number.zip(heard.meaning.as_ref()).map(|(number, meaning)| ("house meaning", meaning[number]));
        words.into_iter().chain(meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_model_fits_the_program_and_knows_common_wishes() {
        let house = HouseModel::embedded().expect("weights that fit");
        assert_eq!(house.labels().len() + 1, house.labels.len());
        let judged = house.probabilities("给我看看卡里还剩多少钱", &[]);
        assert_eq!(judged.len(), house.labels.len());
        assert!((judged.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        let head = Adapter::embedded().head(PART).expect("a head for intents");
        assert_eq!(head.labels(), house.labels);
    }
}
