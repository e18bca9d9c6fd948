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

use crate::text_model::{ModelFile, TextModel, terms};
use std::io::Read;
use std::sync::LazyLock;

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
    }
}
