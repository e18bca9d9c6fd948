//! Makes `weights.json`: how much each signal counts.
//!
//! Only a pack's own samples are used. Each is asked of an index that was built
//! without it (ten parts by turns), where its own label is right. Refusing is
//! right for samples of labels that an index was built without, and for what the
//! pack gives as out of scope once that label is gone, and for noise: letters,
//! rare characters and the samples' own characters in no order.
//!
//! Invariants: deterministic; the weights are few and general, so that they
//! serve other packs too. Not here: samples themselves, which every index learns
//! when it is built.

use std::sync::Arc;

use teller_kernel::Locale;
use teller_models::FastEncoder;

use super::IntentIndex;
use super::cache::EmbeddingCache;
use super::choice::{Case, ChoiceModel, fit};
use super::separator::mix;
use super::signals;
pub use super::weights::Weights;
use crate::normal::normalise;

/// Parts that samples, and labels, are divided into.
const PARTS: usize = 10;
const PENALTY: f64 = 2e-5;
/// What a sample of a label that is not there counts beside one that is: such
/// texts are rarer among what customers ask, and some are near another label.
const ABSENT_WEIGHT: f32 = 0.15;
/// What all texts out of scope count together, as a share of all others.
const OUT_OF_SCOPE_SHARE: f32 = 0.10;

/// Texts of noise of each kind, and what all noise counts as a share of all others.
const NOISE_TEXTS: u64 = 60;
const NOISE_SHARE: f32 = 0.05;

/// A sample: label, text and its language.
pub type Given = (String, String, Locale);

/// How often the weights were right about the samples they were made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    pub cases: usize,
    pub top1: f32,
    pub top3: f32,
    /// Right and at or above the bound for acting.
    pub acted_right: f32,
    pub acted_wrong: f32,
    /// Out of scope, but some label at or above the bound for acting.
    pub strangers_acted: f32,
    pub absent_acted: f32,
}

/// Learns weights for both kinds of index. `out_of_scope` is the label whose
/// samples no other label should take.
#[must_use]
pub fn train(samples: &[Given], out_of_scope: &str, encoder: &Arc<FastEncoder>) -> (Weights, [Fitted; 2]) {
    let cache = EmbeddingCache::in_memory();
    let learn = |encoder: Option<&Arc<FastEncoder>>, names: &[&str], refuse: &[&str]| {
        let trainer = Trainer { samples, out_of_scope, encoder, cache: &cache };
        let (present, absent, strangers) = trainer.cases();
        let all: Vec<Case> = present.iter().chain(&absent).chain(&strangers).cloned().collect();
        let model = fit(&all, names, refuse, PENALTY);
        let fitted = fitted(&model, &present, &absent, &strangers);
        (model, fitted)
    };
    let (with_vectors, first) = learn(Some(encoder), &signals::WITH_VECTORS, &signals::REFUSE_WITH_VECTORS);
    let (words_only, second) = learn(None, &signals::WORDS_ONLY, &signals::REFUSE_WORDS_ONLY);
    let made_from = format!("{} samples of a pack, by ten parts in turns", samples.len());
    (Weights { made_from, with_vectors, words_only }, [first, second])
}

struct Trainer<'a> {
    samples: &'a [Given],
    out_of_scope: &'a str,
    encoder: Option<&'a Arc<FastEncoder>>,
    cache: &'a EmbeddingCache,
}

impl Trainer<'_> {
    /// Cases with the label there, with it gone, and out of scope.
    fn cases(&self) -> (Vec<Case>, Vec<Case>, Vec<Case>) {
        let mut labels: Vec<&str> = self.samples.iter().map(|(label, ..)| label.as_str()).collect();
        labels.sort_unstable();
        labels.dedup();
        let part_of_label = |label: &str| labels.binary_search(&label).unwrap_or(0) % PARTS;
        let (mut present, mut absent) = (Vec::new(), Vec::new());
        for part in 0..PARTS {
            let asked = |number: usize, _: &Given| number % PARTS == part;
            present.extend(self.ask(asked, asked, 1.0));
            let gone = |_: usize, given: &Given| part_of_label(&given.0) == part;
            absent.extend(self.ask(gone, gone, ABSENT_WEIGHT));
        }
        let out_of_scope = |_: usize, given: &Given| given.0 == self.out_of_scope;
        let mut strangers = self.ask(out_of_scope, out_of_scope, 1.0);
        let weight = OUT_OF_SCOPE_SHARE * present.len() as f32 / strangers.len().max(1) as f32;
        strangers.iter_mut().for_each(|case| case.weight = weight);
        strangers.extend(self.noise(NOISE_SHARE * present.len() as f32));
        (present, absent, strangers)
    }

    /// Noise asked of an index of everything; all of it counts `weight` together.
    fn noise(&self, weight: f32) -> Vec<Case> {
        let index = IntentIndex::build_cached(self.samples.iter().cloned(), self.encoder.cloned(), self.cache);
        let texts = noise(self.samples.iter().map(|(_, text, _)| text.as_str()));
        let weight = weight / texts.len() as f32;
        let case = |text: String| {
            let found = index.find(&normalise(&text), index.vector(&text).as_deref())?;
            Some(Case { candidates: found.labels, refuse: found.refuse, right: Vec::new(), weight })
        };
        texts.into_iter().filter_map(case).collect()
    }

    /// Asks the samples that `asked` picks of an index without those that
    /// `hidden` picks.
    fn ask(
        &self,
        asked: impl Fn(usize, &Given) -> bool,
        hidden: impl Fn(usize, &Given) -> bool,
        weight: f32,
    ) -> Vec<Case> {
        let numbered = || self.samples.iter().enumerate();
        let kept = numbered().filter(|(number, given)| !hidden(*number, given)).map(|(_, given)| given.clone());
        let index = IntentIndex::build_cached(kept, self.encoder.cloned(), self.cache);
        let case = |(_, (label, text, _)): (usize, &Given)| {
            let found = index.find(&normalise(text), index.vector(text).as_deref())?;
            let right = index.labels.iter().position(|known| known == label).into_iter().collect();
            Some(Case { candidates: found.labels, refuse: found.refuse, right, weight })
        };
        numbered().filter(|(number, given)| asked(*number, given)).filter_map(case).collect()
    }
}

/// Texts that mean nothing: letters, rare characters and the given texts' own
/// characters in no order. The same each time.
///
/// # Panics
/// Never: what is picked lies within what it is picked from.
#[must_use]
pub fn noise<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let own: Vec<char> = texts.flat_map(str::chars).collect();
    let mut state = 1;
    let mut below =
        |bound: u32| u32::try_from(mix(&mut state) % u64::from(bound.max(1))).expect("below a bound of this size");
    let mut noise = Vec::new();
    for _ in 0..NOISE_TEXTS {
        let length = 4 + below(10);
        let letter = |at: u32| char::from_u32(u32::from(b'a') + at).unwrap_or('a');
        let rare = |at: u32| char::from_u32(0x4e00 + at).unwrap_or('一');
        noise.push((0..length).map(|_| letter(below(26))).collect::<String>());
        noise.push((0..length).map(|_| rare(below(0x5000))).collect());
        noise.push((0..length).filter_map(|_| own.get(below(own.len() as u32) as usize).copied()).collect());
    }
    noise
}

fn fitted(model: &ChoiceModel, present: &[Case], absent: &[Case], strangers: &[Case]) -> Fitted {
    const ACT: f32 = 0.60;
    let share = |cases: &[Case], holds: &dyn Fn(&[f32], &Case) -> bool| {
        let counted = cases.iter().filter(|case| {
            let scores = model.probabilities(case.candidates.iter().map(Vec::as_slice), &case.refuse);
            holds(&scores, case)
        });
        counted.count() as f32 / cases.len().max(1) as f32
    };
    let top = |scores: &[f32]| (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let first = |scores: &[f32], case: &Case| top(scores).is_some_and(|top| case.right.contains(&top));
    let acts = |scores: &[f32]| top(scores).is_some_and(|top| scores[top] >= ACT);
    let within_three = |scores: &[f32], case: &Case| {
        case.right.iter().any(|right| scores.iter().filter(|score| **score > scores[*right]).count() < 3)
    };
    Fitted {
        cases: present.len(),
        top1: share(present, &first),
        top3: share(present, &within_three),
        acted_right: share(present, &|scores, case| acts(scores) && first(scores, case)),
        acted_wrong: share(present, &|scores, case| acts(scores) && !first(scores, case)),
        strangers_acted: share(strangers, &|scores, _| acts(scores)),
        absent_acted: share(absent, &|scores, _| acts(scores)),
    }
}
