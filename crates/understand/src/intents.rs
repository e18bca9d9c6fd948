//! Which intents a text may mean, learned from a handful of samples each.
//!
//! [`IntentIndex`] compares a text with every sample in several ways: sentence
//! vectors, shared terms weighted by how telling they are, how much likelier the
//! terms are under a label, and directions learned to tell the labels apart. A small model with weights in `weights.json` turns these
//! signals into probabilities, the possibility that no label is meant among them.
//! Without an encoder the words alone are weighed, by weights of their own.
//!
//! What a score means: the probability that the label is meant. Scores of one
//! ranking sum to at most 1, so two labels that are equally likely have less
//! than half each: that is a question to the customer, not a refusal.
//!
//! Invariants: an index is immutable and shared without locks; the same text,
//! samples and weights give the same ranking; a text that a sample says word for
//! word means that sample's label. Not here: what is done with a ranking,
//! context of the conversation, slots.

pub mod cache;
pub mod choice;
mod closer;
pub mod house;
pub mod lexical;
pub mod logs;
pub mod segment;
pub mod separator;
mod signals;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod train;
mod weights;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use teller_kernel::Locale;
use teller_models::{FastEncoder, Precision, VECTOR_DIM, VectorIndex};

use crate::learned::Learned;
use crate::normal::normalise;
use cache::EmbeddingCache;
use choice::ChoiceModel;
pub use closer::{CloserLook, closer_look, semantic_encoder};
use house::{House, HouseModel};
use lexical::Lexical;
use logs::Logs;
pub use segment::segments;
use separator::{Separator, features};
use signals::Evidence;

/// Samples of one index; what is beyond is not learned.
pub const SAMPLES_MAX: usize = 100_000;
/// Score of a text that a sample says word for word.
const EXACT_SCORE: f32 = 0.995;
/// Highest score of any other text.
const INEXACT_SCORE_MAX: f32 = 0.99;
/// At this score the fast tier is sure, and nothing slower is asked.
const SURE: f32 = 0.85;

/// A label with its score and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    pub label: String,
    /// The probability that the label is meant, 0–1.
    pub score: f32,
    /// The signals that the score was made of, by name.
    pub parts: Vec<(&'static str, f32)>,
    /// The label's sample that is most like the text.
    pub nearest: String,
}

/// What a text may mean, and what was worked out on the way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranking {
    /// Best first.
    pub labels: Vec<Ranked>,
    /// The probability that none of the index's labels is meant.
    pub none: f32,
    /// The text's semantic vector, where the fast tier was not sure.
    pub semantic: Option<Vec<f32>>,
}

/// Labels by their samples.
pub struct IntentIndex {
    labels: Vec<String>,
    samples: Vec<Sample>,
    samples_of: Vec<Vec<u32>>,
    by_words: Lexical,
    exact: HashMap<String, u32>,
    separator: Option<Separator>,
    vectors: Option<Vectors>,
    weights: ChoiceModel,
    names: &'static [&'static str],
    house: Option<House>,
    logs: Option<Logs>,
    closer: Option<CloserLook>,
}

impl std::fmt::Debug for IntentIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntentIndex").field("labels", &self.labels.len()).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Sample {
    text: String,
    label: u32,
    /// The words without spaces and marks.
    bare: String,
    locale: Locale,
}

#[derive(Debug)]
struct Vectors {
    encoder: Arc<FastEncoder>,
    samples: VectorIndex,
}

/// What was found for every label, before weighing.
struct Found {
    labels: Vec<Vec<f32>>,
    refuse: Vec<f32>,
    /// Likeness by sample, to name the nearest.
    likeness: Vec<f32>,
    exact: Option<u32>,
}

/// A text as the index sees it, before the voices are weighed.
struct Seen {
    found: Found,
    /// The samples' own word, by label.
    scores: Vec<f32>,
    heard: Option<house::Heard>,
    /// What the bank's logs say.
    logged: Option<Vec<f32>>,
}

impl IntentIndex {
    /// Learns labels from samples `(label, text, language)`. Empty texts are
    /// left out.
    pub fn build<L, T>(samples: impl IntoIterator<Item = (L, T, Locale)>, encoder: Option<Arc<FastEncoder>>) -> Self
    where
        L: AsRef<str>,
        T: AsRef<str>,
    {
        Self::build_cached(samples, encoder, &EmbeddingCache::in_memory())
    }

    /// The same with vectors out of `cache` where it has them. The caller saves
    /// the cache.
    pub fn build_cached<L, T>(
        samples: impl IntoIterator<Item = (L, T, Locale)>,
        encoder: Option<Arc<FastEncoder>>,
        cache: &EmbeddingCache,
    ) -> Self
    where
        L: AsRef<str>,
        T: AsRef<str>,
    {
        let (labels, samples) = gather(samples);
        let mut samples_of = vec![Vec::new(); labels.len()];
        for (number, sample) in (0..).zip(&samples) {
            samples_of[sample.label as usize].push(number);
        }
        let termed: Vec<_> = samples.iter().map(|sample| (terms::terms(&sample.text), sample.label)).collect();
        let by_words = Lexical::build(&termed, labels.len());
        let exact = (0..).zip(&samples).map(|(number, sample)| (sample.bare.clone(), number)).collect();
        let embedded = encoder.filter(|_| !samples.is_empty()).map(|encoder| embed(encoder, &samples, cache));
        let vector = |number: usize| embedded.as_ref().map(|(_, vectors)| vectors[number].as_slice());
        let featured: Vec<Vec<f32>> =
            (0..samples.len()).map(|number| features(vector(number), &by_words.weighted(&termed[number].0))).collect();
        let of: Vec<u32> = samples.iter().map(|sample| sample.label).collect();
        // Features are finite and of one length, so there is a separator; without
        // one the other signals would still be weighed.
        let separator = Separator::learn(&featured, &of, labels.len()).ok();
        let vectors = embedded.and_then(|(encoder, vectors)| Vectors::build(encoder, &vectors));
        let (weights, names) = weights::of(vectors.is_some());
        let house = vectors.as_ref().and_then(|_| House::of(HouseModel::embedded()?, &labels));
        Self {
            labels,
            samples,
            samples_of,
            by_words,
            exact,
            separator,
            vectors,
            weights,
            names,
            house,
            logs: None,
            closer: None,
        }
    }

    /// The same without what every bank's customers say, on its samples alone:
    /// how its own weights are learned.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { house: None, ..self }
    }

    /// The same with another house than the embedded one: how that one is tried.
    #[must_use]
    pub fn in_house(self, model: &'static HouseModel) -> Self {
        Self { house: House::of(model, &self.labels), ..self }
    }

    /// The same with what was learned from the bank's logs, where vectors are at
    /// hand and the logs hold labels of this index.
    #[must_use]
    pub fn taught(self, learned: Option<Arc<Learned>>) -> Self {
        let learned = learned.filter(|_| self.vectors.is_some());
        Self { logs: learned.and_then(|learned| Logs::of(learned, &self.labels)), ..self }
    }

    /// The same with a semantic encoder for texts of which the fast tier is not sure.
    #[must_use]
    pub fn looking_closer(self, closer: Option<CloserLook>) -> Self {
        Self { closer, ..self }
    }

    /// The `k` likeliest labels, best first, equal ones by label.
    #[must_use]
    pub fn rank(&self, text: &str, k: usize) -> Vec<Ranked> {
        self.look(text, self.vector(text).as_deref(), k).labels
    }

    /// Like [`Self::rank`], with the text's fast vector at hand: first by it and
    /// by the words; where these are not sure, by the semantic vector too.
    #[must_use]
    pub fn look(&self, text: &str, fast: Option<&[f32]>, k: usize) -> Ranking {
        let Some(mut seen) = self.see(text, fast) else { return Ranking { none: 1.0, ..Ranking::default() } };
        let quick = self.ranking(&seen, k);
        let sure = quick.labels.first().is_none_or(|best| best.score >= SURE);
        let (Some(house), Some(heard), false) = (&self.house, &mut seen.heard, sure) else { return quick };
        let Some(semantic) = self.closer(text) else { return quick };
        heard.meaning = house.meaning(&semantic);
        Ranking { semantic: Some(semantic), ..self.ranking(&seen, k) }
    }

    /// What the fast tier says to a text, however sure it is.
    #[must_use]
    pub fn quick(&self, text: &str, k: usize) -> Ranking {
        let seen = self.see(text, self.vector(text).as_deref());
        seen.map_or_else(|| Ranking { none: 1.0, ..Ranking::default() }, |seen| self.ranking(&seen, k))
    }

    /// The sentence vector of a text, to be shared by all that compare it;
    /// nothing without an encoder.
    #[must_use]
    pub fn vector(&self, text: &str) -> Option<Vec<f32>> {
        self.vectors.as_ref().map(|vectors| vectors.encoder.embed(&normalise(text)))
    }

    /// The vector of a text by the adapted semantic encoder, if there is one and it has time.
    #[must_use]
    pub fn closer(&self, text: &str) -> Option<Vec<f32>> {
        self.closer.as_ref().and_then(|closer| closer(&normalise(text)))
    }

    /// What is at hand about a text, worked out once; nothing for one without any word.
    fn see(&self, text: &str, fast: Option<&[f32]>) -> Option<Seen> {
        let normal = normalise(text);
        let found = self.find(&normal, fast)?;
        let scores = self.weights.probabilities(found.labels.iter().map(Vec::as_slice), &found.refuse);
        let heard = self.house.as_ref().zip(fast).map(|(house, fast)| house.hear(&scores, &normal, fast));
        let logged = self.logs.as_ref().zip(fast).map(|(logs, fast)| logs.hear(&normal, fast));
        Some(Seen { found, scores, heard, logged })
    }

    fn ranking(&self, seen: &Seen, k: usize) -> Ranking {
        let Seen { found, scores, heard, logged } = seen;
        let mut scores = scores.clone();
        let heard = self.house.as_ref().zip(heard.as_ref());
        if let Some((house, heard)) = heard {
            house.blend(&mut scores, heard);
        }
        let logged = self.logs.as_ref().zip(logged.as_deref());
        if let Some((logs, said)) = logged {
            logs.blend(&mut scores, said);
        }
        scores.iter_mut().for_each(|score| *score = score.min(INEXACT_SCORE_MAX));
        if let Some(sample) = found.exact {
            let said = self.samples[sample as usize].label as usize;
            let rest = 1.0 - EXACT_SCORE;
            scores.iter_mut().for_each(|score| *score *= rest);
            scores[said] = EXACT_SCORE;
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then_with(|| self.labels[*a].cmp(&self.labels[*b])));
        order.truncate(k);
        let own = |label: usize| self.names.iter().copied().zip(found.labels[label].iter().copied()).skip(1);
        let voices = |label: usize| {
            let house = heard.iter().flat_map(move |(house, heard)| house.parts(heard, label));
            house.chain(logged.and_then(|(logs, said)| logs.part(said, label)))
        };
        let ranked = |label: usize| Ranked {
            label: self.labels[label].clone(),
            score: scores[label],
            parts: own(label).chain(voices(label)).collect(),
            nearest: self.nearest(label, found),
        };
        let none = (1.0 - scores.iter().sum::<f32>()).max(0.0);
        Ranking { labels: order.into_iter().map(ranked).collect(), none, semantic: None }
    }

    /// What the house's voices say to a text, and the number of `label` among
    /// them: what the weights of the voices are learned from.
    #[must_use]
    pub fn hear(&self, text: &str, semantic: &[f32], label: &str) -> Option<(house::Heard, Option<usize>)> {
        let house = self.house.as_ref()?;
        let mut heard = self.see(text, self.vector(text).as_deref())?.heard?;
        heard.meaning = house.meaning(semantic);
        Some((heard, house.number(label)))
    }

    /// The labels, in order.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Labels held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The samples of a label, with their language.
    pub fn samples<'a>(&'a self, label: &'a str) -> impl Iterator<Item = (&'a str, Locale)> {
        let number = self.labels.iter().position(|known| known == label);
        let numbers = number.map_or(&[][..], |number| &self.samples_of[number]);
        numbers.iter().map(|sample| &self.samples[*sample as usize]).map(|sample| (sample.text.as_str(), sample.locale))
    }

    fn nearest(&self, label: usize, found: &Found) -> String {
        let exact = found.exact.filter(|sample| self.samples[*sample as usize].label as usize == label);
        let like = |sample: &u32| found.likeness[*sample as usize];
        let nearest = self.samples_of[label].iter().copied().max_by(|a, b| like(a).total_cmp(&like(b)));
        exact.or(nearest).map_or_else(String::new, |sample| self.samples[sample as usize].text.clone())
    }

    /// The signals of a text in normal form; nothing for a text without any word.
    fn find(&self, normal: &str, vector: Option<&[f32]>) -> Option<Found> {
        let bare: String = normal.chars().filter(|c| c.is_alphanumeric()).collect();
        let said = self.exact.contains_key(&bare) || !terms::says_nothing(&bare);
        if bare.is_empty() || self.labels.is_empty() || !said {
            return None;
        }
        let terms = terms::terms_of_normal(normal);
        let compared = self.by_words.compare(&terms);
        let cosines = self.vectors.as_ref().zip(vector).and_then(|(all, vector)| all.cosines(vector));
        let features = features(vector, &self.by_words.weighted(&terms));
        let separated = self.separator.as_ref().and_then(|separator| separator.values(&features).ok());
        let separated = separated.unwrap_or_else(|| vec![0.0; self.labels.len()]);
        let evidence = Evidence { compared: &compared, cosines: cosines.as_deref(), separated: &separated };
        let (labels, refuse) = (evidence.labels(&self.samples_of), evidence.refuse());
        let mut likeness = compared.overlap;
        likeness.iter_mut().zip(cosines.iter().flatten()).for_each(|(like, cosine)| *like += cosine);
        Some(Found { labels, refuse, exact: self.exact.get(&bare).copied(), likeness })
    }
}

impl Vectors {
    fn build(encoder: Arc<FastEncoder>, vectors: &[Vec<f32>]) -> Option<Self> {
        let mut samples = VectorIndex::new(VECTOR_DIM, Precision::I8).ok()?;
        for (number, vector) in (0..).zip(vectors) {
            samples.push(number, vector).ok()?;
        }
        Some(Self { encoder, samples })
    }

    /// The cosine with each sample.
    fn cosines(&self, vector: &[f32]) -> Option<Vec<f32>> {
        self.samples.all(vector).ok()
    }
}

fn embed(encoder: Arc<FastEncoder>, samples: &[Sample], cache: &EmbeddingCache) -> (Arc<FastEncoder>, Vec<Vec<f32>>) {
    let normal: Vec<String> = samples.iter().map(|sample| normalise(&sample.text)).collect();
    let vectors = cache.embed_all(&encoder, normal.iter().map(String::as_str));
    (encoder, vectors)
}

fn gather<L: AsRef<str>, T: AsRef<str>>(given: impl IntoIterator<Item = (L, T, Locale)>) -> (Vec<String>, Vec<Sample>) {
    let mut by_label: BTreeMap<String, Vec<(String, Locale)>> = BTreeMap::new();
    for (label, text, locale) in given.into_iter().take(SAMPLES_MAX) {
        by_label.entry(label.as_ref().to_owned()).or_default().push((text.as_ref().to_owned(), locale));
    }
    let (mut labels, mut samples) = (Vec::new(), Vec::new());
    for (label, texts) in by_label {
        let number = labels.len() as u32;
        let known = samples.len();
        for (text, locale) in texts {
            let bare = terms::bare(&text);
            if !bare.is_empty() {
                samples.push(Sample { text, label: number, bare, locale });
            }
        }
        if samples.len() > known {
            labels.push(label);
        }
    }
    (labels, samples)
}
