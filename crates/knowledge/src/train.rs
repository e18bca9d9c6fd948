//! Makes `weights.json`: how much each signal counts.
//!
//! Only a pack's own text is used. Each similar question is asked of a base that
//! was built without it (ten parts by turns), where its article is right; more
//! questions may be given with the articles that answer them. No article is right
//! for questions whose article a base was built without, for texts out of scope
//! and for noise.
//!
//! Invariants: deterministic; the weights are few and general. Not here: articles
//! themselves, which every base reads when it is built.

use std::collections::BTreeMap;
use std::sync::Arc;

use teller_models::FastEncoder;
use teller_pack::Article;
use teller_understand::intents::cache::EmbeddingCache;
use teller_understand::intents::choice::{Case, ChoiceModel, fit};
use teller_understand::intents::train::noise;

use crate::base::KnowledgeBase;
use crate::signals;
pub use crate::weights::Weights;

/// Parts that questions, and articles, are divided into.
const PARTS: usize = 10;
const PENALTY: f64 = 2e-5;
/// Articles of one question that are learned from: the likeliest.
const CANDIDATES: usize = 8;
/// What a question whose article is not there counts beside one whose is.
const ABSENT_WEIGHT: f32 = 0.3;
/// What a text out of scope counts.
const OUT_OF_SCOPE_WEIGHT: f32 = 2.0;
/// What a text of noise counts.
const NOISE_WEIGHT: f32 = 1.0;

/// A question and the ids of the articles that answer it; none for a text out of
/// scope.
pub type Asked = (String, Vec<String>);

/// How often the weights were right about what they were made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    pub questions: usize,
    pub top1: f32,
    pub top3: f32,
    /// Right and at or above the bound for acting; wrong and the same.
    pub answered_right: f32,
    pub answered_wrong: f32,
    /// Questions whose article is not there, answered all the same.
    pub absent_answered: f32,
    pub strangers_answered: f32,
}

/// Learns weights for a base with vectors and one without.
#[must_use]
pub fn train(
    articles: &BTreeMap<String, Article>,
    synonyms: &[Vec<String>],
    asked: &[Asked],
    encoder: &Arc<FastEncoder>,
) -> (Weights, [Fitted; 2]) {
    let cache = EmbeddingCache::in_memory();
    let learn = |encoder: Option<&Arc<FastEncoder>>, names: &[&str]| {
        let trainer = Trainer { articles, synonyms, asked, encoder, cache: &cache };
        let (present, absent, strangers) = trainer.questions();
        let pairs: Vec<Case> = [&present, &absent, &strangers].into_iter().flatten().flat_map(pairs).collect();
        let model = fit(&pairs, names, &[], PENALTY);
        let fitted = fitted(&model, &present, &absent, &strangers);
        (model, fitted)
    };
    let (with_vectors, first) = learn(Some(encoder), &signals::WITH_VECTORS);
    let (words_only, second) = learn(None, &signals::WORDS_ONLY);
    let made_from = format!("{} articles and {} more questions of a pack", articles.len(), asked.len());
    (Weights { made_from, with_vectors, words_only }, [first, second])
}

struct Trainer<'a> {
    articles: &'a BTreeMap<String, Article>,
    synonyms: &'a [Vec<String>],
    asked: &'a [Asked],
    encoder: Option<&'a Arc<FastEncoder>>,
    cache: &'a EmbeddingCache,
}

impl Trainer<'_> {
    /// Questions whose article is there, whose article is gone, and out of scope.
    fn questions(&self) -> (Vec<Case>, Vec<Case>, Vec<Case>) {
        let (mut present, mut absent) = (Vec::new(), Vec::new());
        for part in 0..PARTS {
            let (without, hidden) = self.without_questions(part);
            present.extend(self.ask(&without, &hidden, 1.0));
            let (without, hidden) = self.without_articles(part);
            absent.extend(self.ask(&without, &hidden, ABSENT_WEIGHT));
        }
        let (strange, answerable): (Vec<Asked>, Vec<Asked>) =
            self.asked.iter().cloned().partition(|(_, right)| right.is_empty());
        present.extend(self.ask(self.articles, &answerable, 1.0));
        let mut strangers = self.ask(self.articles, &strange, OUT_OF_SCOPE_WEIGHT);
        let questions = self.articles.values().flat_map(|article| article.questions.all());
        let noise: Vec<Asked> = noise(questions).into_iter().map(|text| (text, Vec::new())).collect();
        strangers.extend(self.ask(self.articles, &noise, NOISE_WEIGHT));
        (present, absent, strangers)
    }

    /// Articles without a tenth of their questions, and these questions.
    fn without_questions(&self, part: usize) -> (BTreeMap<String, Article>, Vec<Asked>) {
        let mut hidden = Vec::new();
        let mut number = 0;
        let mut rest = self.articles.clone();
        for (id, article) in &mut rest {
            for questions in [&mut article.questions.zh, &mut article.questions.en] {
                questions.retain(|question| {
                    number += 1;
                    let kept = number % PARTS != part;
                    if !kept {
                        hidden.push((question.clone(), vec![id.clone()]));
                    }
                    kept
                });
            }
        }
        (rest, hidden)
    }

    /// The articles without a tenth of them, and the questions of that tenth.
    fn without_articles(&self, part: usize) -> (BTreeMap<String, Article>, Vec<Asked>) {
        let mut hidden = Vec::new();
        let mut rest = BTreeMap::new();
        for (number, (id, article)) in self.articles.iter().enumerate() {
            if number % PARTS == part {
                hidden.extend(article.questions.all().map(|question| (question.to_owned(), Vec::new())));
            } else {
                rest.insert(id.clone(), article.clone());
            }
        }
        (rest, hidden)
    }

    fn ask(&self, articles: &BTreeMap<String, Article>, asked: &[Asked], weight: f32) -> Vec<Case> {
        let base = KnowledgeBase::build_cached(articles, self.synonyms, self.encoder.cloned(), self.cache);
        let all: Vec<usize> = (0..base.len()).collect();
        let case = |(question, right): &Asked| {
            let candidates = base.signals(&base.compare(question, None)?, &all);
            let right = right.iter().filter_map(|id| base.number(id)).collect();
            Some(Case { candidates, refuse: Vec::new(), right, weight })
        };
        asked.iter().filter_map(case).collect()
    }
}

/// Every question and one of its likeliest articles is a case of its own.
fn pairs(question: &Case) -> Vec<Case> {
    let rough = |number: &usize| question.candidates[*number][1..].iter().take(6).sum::<f32>();
    let mut order: Vec<usize> = (0..question.candidates.len()).collect();
    order.sort_by(|a, b| rough(b).total_cmp(&rough(a)));
    let chosen = order.iter().enumerate();
    let chosen = chosen.filter(|(rank, number)| *rank < CANDIDATES || question.right.contains(number));
    let pair = |(_, number): (usize, &usize)| Case {
        candidates: vec![question.candidates[*number].clone()],
        refuse: Vec::new(),
        right: question.right.contains(number).then_some(0).into_iter().collect(),
        weight: question.weight,
    };
    chosen.map(pair).collect()
}

fn fitted(model: &ChoiceModel, present: &[Case], absent: &[Case], strangers: &[Case]) -> Fitted {
    const ACT: f32 = 0.60;
    let scores = |case: &Case| -> Vec<f32> {
        case.candidates.iter().flat_map(|signals| model.probabilities([signals.as_slice()], &[])).collect()
    };
    let rank_of_right = |case: &Case, scores: &[f32]| {
        let ahead = |right: &usize| scores.iter().filter(|score| **score > scores[*right]).count();
        case.right.iter().map(ahead).min().unwrap_or(usize::MAX)
    };
    let share = |cases: &[Case], holds: &dyn Fn(usize, f32) -> bool| {
        let counted = cases.iter().filter(|case| {
            let scores = scores(case);
            let highest = scores.iter().copied().fold(0.0, f32::max);
            holds(rank_of_right(case, &scores), highest)
        });
        counted.count() as f32 / cases.len().max(1) as f32
    };
    Fitted {
        questions: present.len(),
        top1: share(present, &|rank, _| rank == 0),
        top3: share(present, &|rank, _| rank < 3),
        answered_right: share(present, &|rank, highest| rank == 0 && highest >= ACT),
        answered_wrong: share(present, &|rank, highest| rank != 0 && highest >= ACT),
        absent_answered: share(absent, &|_, highest| highest >= ACT),
        strangers_answered: share(strangers, &|_, highest| highest >= ACT),
    }
}
