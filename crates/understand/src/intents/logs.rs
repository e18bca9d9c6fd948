//! What customers of this bank said before: a voice learned from its own logs.
//!
//! The voice knows the labels that the logs hold. It says how what the others
//! give to these, all together, is to be shared out among them; labels that no
//! log holds keep what they have. Words are pooled as the other voices' are
//! (`house::voices`), by a weight that was found on logs that were held out.
//!
//! Invariant: the probabilities of the labels it does not know are unchanged.
//! Not here: learning (`crate::learned`), where the logs come from.

use std::sync::Arc;

use crate::closer::pool;
use crate::learned::{HeldOut, Learned};

/// The label of log entries that are none of the bank's business.
pub const OUTSIDE: &str = "oos";
/// Weights tried: so many steps of a tenth.
const STEPS: u8 = 20;
/// A share of less than nothing cannot be pooled.
const LEAST: f32 = 1e-9;

/// The voice beside an index.
#[derive(Debug, Clone)]
pub struct Logs {
    learned: Arc<Learned>,
    /// By label of the index, that of the logs.
    there: Vec<Option<usize>>,
    /// The number of [`OUTSIDE`].
    outside: Option<usize>,
}

impl Logs {
    /// The voice for an index of these labels; nothing where it knows fewer than
    /// two of them, none of them included.
    #[must_use]
    pub fn of(learned: Arc<Learned>, labels: &[String]) -> Option<Self> {
        let place = |label: &str| learned.labels().iter().position(|known| known == label);
        let there: Vec<Option<usize>> = labels.iter().map(|label| place(label)).collect();
        let outside = place(OUTSIDE);
        let known = there.iter().flatten().count() + usize::from(outside.is_some());
        (known > 1).then_some(Self { learned, there, outside })
    }

    /// What it says to a text: a share for each label of the logs.
    #[must_use]
    pub fn hear(&self, normal: &str, fast: &[f32]) -> Vec<f32> {
        self.learned.shares(normal, &[fast])
    }

    /// Probabilities of the index's labels with this voice weighed in.
    pub fn blend(&self, scores: &mut [f32], said: &[f32]) {
        self.blend_by(scores, said, self.learned.voice());
    }

    fn blend_by(&self, scores: &mut [f32], said: &[f32], weight: f32) {
        let none = (1.0 - scores.iter().sum::<f32>()).max(0.0);
        let known = |scores: &[f32]| -> Vec<(f32, f32)> {
            let labels = self.there.iter().zip(scores).filter_map(|(there, score)| Some((*score, said[(*there)?])));
            labels.chain(self.outside.map(|outside| (none, said[outside]))).collect()
        };
        let (own, theirs): (Vec<f32>, Vec<f32>) = known(scores).into_iter().unzip();
        let all: f32 = own.iter().sum();
        if all <= LEAST {
            return;
        }
        let own: Vec<f32> = own.iter().map(|score| score / all).collect();
        let mut pooled = pool(&own, &theirs, 1.0, weight).into_iter();
        let places = scores.iter_mut().zip(&self.there).filter(|(_, there)| there.is_some());
        for ((score, _), share) in places.zip(&mut pooled) {
            *score = share * all;
        }
    }

    /// What the voice says to a label of the index, for whoever wants to know why.
    pub fn part(&self, said: &[f32], label: usize) -> Option<(&'static str, f32)> {
        self.there[label].map(|there| ("bank's logs", said[there]))
    }

    /// The weight under which the right labels of held-out log entries are least
    /// surprising. `scores` are the index's own, entry by entry; `right` is the
    /// number of the right label there, nothing where none of them is.
    #[must_use]
    pub fn fit(&self, held_out: &[HeldOut], scores: &[Vec<f32>], right: &[Option<usize>]) -> f32 {
        let surprise = |weight: f32| -> f32 {
            let of = |((one, own), right): ((&HeldOut, &Vec<f32>), &Option<usize>)| {
                let mut blended = own.clone();
                self.blend_by(&mut blended, &one.shares, weight);
                let share = match right {
                    Some(label) => blended[*label],
                    None => 1.0 - blended.iter().sum::<f32>(),
                };
                -share.max(1e-5).ln()
            };
            held_out.iter().zip(scores).zip(right).map(of).sum()
        };
        let weights = (0..=STEPS).map(|step| f32::from(step) / 10.0);
        weights.map(|weight| (surprise(weight), weight)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0.0, |best| best.1)
    }

    /// The same scores as the voice would leave them at its weight.
    #[must_use]
    pub fn judged(&self, scores: &[f32], said: &[f32]) -> Vec<f32> {
        let mut blended = scores.to_vec();
        self.blend(&mut blended, said);
        blended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learned::{Lesson, Plan};

    fn logs(labels: [&str; 2], voice: f32) -> Logs {
        let lesson = |at: usize| Lesson {
            normal: ["卡丢了", "贷款利率"][at % 2].to_owned(),
            vectors: vec![vec![1.0 - (at % 2) as f32, (at % 2) as f32]],
            label: at % 2,
            said: true,
        };
        let lessons: Vec<Lesson> = (0..60).map(lesson).collect();
        let plan = Plan { seed: 1, outside: &[OUTSIDE] };
        let (learned, _) = Learned::learn(labels.map(str::to_owned).to_vec(), &lessons, plan, |_| {});
        let index = ["CARD", "LOAN", "WEATHER"].map(str::to_owned);
        Logs::of(Arc::new(learned.with_voice(voice)), &index).expect("two labels are known")
    }

    #[test]
    fn labels_that_no_log_holds_keep_what_they_have() {
        let logs = logs(["CARD", "LOAN"], 1.0);
        let said = logs.hear("卡丢了", &[1.0, 0.0]);
        let after = logs.judged(&[0.3, 0.3, 0.3], &said);
        assert!(after[0] > 0.5 && after[1] < 0.1, "{after:?}");
        assert!((after[2] - 0.3).abs() < 1e-6 && (after.iter().sum::<f32>() - 0.9).abs() < 1e-4);
        assert_eq!(logs.part(&said, 2), None);
    }

    #[test]
    fn what_is_no_business_of_the_bank_takes_from_the_labels() {
        let logs = logs(["CARD", OUTSIDE], 1.0);
        let said = logs.hear("贷款利率", &[0.0, 1.0]);
        let after = logs.judged(&[0.4, 0.1, 0.1], &said);
        assert!(after[0] < 0.1 && (after[1] - 0.1).abs() < 1e-6, "{after:?}");
        assert!(1.0 - after.iter().sum::<f32>() > 0.7);
    }

    #[test]
    fn a_voice_that_is_right_is_given_weight_and_one_that_is_wrong_none() {
        let logs = logs(["CARD", "LOAN"], 1.0);
        let held =
            |label: usize| HeldOut { lesson: 0, shares: if label == 0 { vec![0.9, 0.1] } else { vec![0.1, 0.9] } };
        let own = vec![vec![0.4, 0.4, 0.1]; 2];
        assert!(logs.fit(&[held(0), held(1)], &own, &[Some(0), Some(1)]) > 0.9);
        assert!(logs.fit(&[held(0), held(1)], &own, &[Some(1), Some(0)]) < 0.05);
    }
}
