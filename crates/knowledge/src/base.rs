//! The searchable knowledge of one pack.
//!
//! A question is compared with every title, similar question and sentence by
//! vector and by shared terms, and with every article as a whole by BM25; all
//! are compared, none is missed. The weights make a probability of it.
//!
//! Not here: several articles in one answer, context of the conversation.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use teller_kernel::Locale;
use teller_models::{FastEncoder, Precision, VECTOR_DIM, VectorIndex};
use teller_pack::Article;
use teller_understand::intents::cache::EmbeddingCache;
use teller_understand::intents::lexical::Lexical;
use teller_understand::intents::separator::{Separator, features};
use teller_understand::intents::terms::{Term, bare, terms_of_normal};
use teller_understand::normal::normalise;

use crate::bm25::Bm25;
use crate::query::{Hit, Query, RankedSentence};
use crate::sentences::{Kind, Piece, pieces, ranges};
use crate::signals::{self, Scores, best};
use crate::synonyms::Synonyms;
use crate::weights;

/// Articles of one base; what is beyond, in order of id, is not searched.
pub const ARTICLES_MAX: usize = 20_000;
/// Score of an article that has the text as a similar question word for word.
const EXACT_SCORE: f32 = 0.99;
/// How much shared terms count beside the cosine when sentences are ranked.
const SENTENCE_WORDS_SHARE: f32 = 0.5;

/// Articles ready to be searched.
#[derive(Debug)]
pub struct KnowledgeBase {
    articles: Vec<Article>,
    pieces: Vec<Piece>,
    /// By article, where its pieces lie.
    of_article: Vec<Range<usize>>,
    by_words: Lexical,
    whole: Bm25,
    synonyms: Synonyms,
    separator: Option<Separator>,
    vectors: Option<Vectors>,
}

#[derive(Debug)]
struct Vectors {
    encoder: Arc<FastEncoder>,
    pieces: VectorIndex,
}

/// A question compared with everything, before scopes and weights.
pub(crate) struct Compared {
    /// By piece.
    cosines: Option<Vec<f32>>,
    overlaps: Vec<f32>,
    /// By article.
    lift: Vec<f32>,
    separated: Vec<f32>,
    bm25: Vec<f32>,
    held: Vec<f32>,
    known: f32,
    bare: String,
}

impl KnowledgeBase {
    /// Reads articles. `synonyms` are groups of words that mean the same here.
    #[must_use]
    pub fn build(
        articles: &BTreeMap<String, Article>,
        synonyms: &[Vec<String>],
        encoder: Option<Arc<FastEncoder>>,
    ) -> Self {
        Self::build_cached(articles, synonyms, encoder, &EmbeddingCache::in_memory())
    }

    /// The same with vectors out of `cache` where it has them. The caller saves
    /// the cache.
    #[must_use]
    pub fn build_cached(
        articles: &BTreeMap<String, Article>,
        synonyms: &[Vec<String>],
        encoder: Option<Arc<FastEncoder>>,
        cache: &EmbeddingCache,
    ) -> Self {
        let articles: Vec<Article> = articles.values().take(ARTICLES_MAX).cloned().collect();
        let synonyms = Synonyms::new(synonyms);
        let numbered = (0_u32..).zip(&articles);
        let pieces: Vec<Piece> = numbered.flat_map(|(number, article)| pieces(number, article)).collect();
        let of_article = ranges(&pieces, articles.len());
        let termed: Vec<(Vec<Term>, u32)> =
            pieces.iter().map(|piece| (terms_of_normal(&synonyms.read(&piece.text)), piece.article)).collect();
        let by_words = Lexical::build(&termed, articles.len());
        let whole: Vec<Vec<Term>> = of_article
            .iter()
            .map(|range| termed[range.clone()].iter().flat_map(|(terms, _)| terms.iter().copied()).collect())
            .collect();
        let embedded = encoder.filter(|_| !pieces.is_empty()).map(|encoder| {
            let normal: Vec<String> = pieces.iter().map(|piece| normalise(&piece.text)).collect();
            let vectors = cache.embed_all(&encoder, normal.iter().map(String::as_str));
            (encoder, vectors)
        });
        let asked = (0..pieces.len()).filter(|at| pieces[*at].kind == Kind::Question);
        let (featured, of): (Vec<Vec<f32>>, Vec<u32>) = asked
            .map(|at| {
                let vector = embedded.as_ref().map(|(_, vectors)| vectors[at].as_slice());
                (features(vector, &by_words.weighted(&termed[at].0)), pieces[at].article)
            })
            .unzip();
        let separator = Separator::learn(&featured, &of, articles.len()).ok();
        let vectors = embedded.and_then(|(encoder, vectors)| Vectors::build(encoder, &vectors));
        Self { whole: Bm25::build(&whole), articles, pieces, of_article, by_words, synonyms, separator, vectors }
    }

    /// An article by its id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Article> {
        // The articles came out of a sorted map.
        let at = self.articles.binary_search_by(|article| article.id.as_str().cmp(id)).ok()?;
        self.articles.get(at)
    }

    /// Articles held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// The `k` articles that most likely answer, best first, equal ones by id.
    /// Low scores are there too: the bound is the asker's.
    #[must_use]
    pub fn search(&self, query: &Query<'_>, k: usize) -> Vec<Hit> {
        let Some(compared) = self.compare(query.text, query.vector) else { return Vec::new() };
        let admitted = self.admitted(query);
        let signals = self.signals(&compared, &admitted);
        let (weights, names) = weights::of(self.vectors.is_some());
        let score = |(number, signals): (&usize, &Vec<f32>)| {
            if self.asks_exactly(*number, &compared.bare) {
                return EXACT_SCORE;
            }
            let probability = weights.probabilities([signals.as_slice()], &[]);
            probability.first().copied().unwrap_or(0.0).min(EXACT_SCORE)
        };
        let mut hits: Vec<(usize, f32)> = admitted.iter().zip(&signals).map(score).enumerate().collect();
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        hits.truncate(k);
        let hit = |(at, score): (usize, f32)| {
            let (number, article) = (admitted[at], &self.articles[admitted[at]]);
            Hit {
                article: article.id.clone(),
                version: article.version.clone(),
                score,
                parts: names.iter().copied().zip(signals[at].iter().copied()).skip(1).collect(),
                nearest: self.nearest(number, &compared),
                sentences: self.rank_sentences(number, query.locale, &compared),
            }
        };
        hits.into_iter().map(hit).collect()
    }

    /// Compares a text with everything; nothing for a text without any word.
    pub(crate) fn compare(&self, text: &str, vector: Option<&[f32]>) -> Option<Compared> {
        let bare = bare(text);
        if bare.is_empty() || self.pieces.is_empty() {
            return None;
        }
        let terms = terms_of_normal(&self.synonyms.read(text));
        let by_words = self.by_words.compare(&terms);
        let (bm25, held) = self.whole.score(&terms);
        let embed = |vectors: &Vectors| vectors.encoder.embed(&normalise(text));
        let own = if vector.is_none() { self.vectors.as_ref().map(embed) } else { None };
        let vector = vector.or(own.as_deref());
        let cosines = self.vectors.as_ref().zip(vector).and_then(|(all, vector)| all.cosines(vector));
        let features = features(vector, &self.by_words.weighted(&terms));
        let separated = self.separator.as_ref().and_then(|separator| separator.values(&features).ok());
        let separated = separated.unwrap_or_else(|| vec![0.0; self.articles.len()]);
        let (overlaps, lift, known) = (by_words.overlap, by_words.lift, by_words.known);
        Some(Compared { cosines, overlaps, lift, separated, bm25, held, known, bare })
    }

    /// Numbers of the articles that may answer.
    pub(crate) fn admitted(&self, query: &Query<'_>) -> Vec<usize> {
        let numbered = self.articles.iter().enumerate();
        numbered.filter(|(_, article)| query.admits(article)).map(|(number, _)| number).collect()
    }

    /// Signals of the articles by number, in that order.
    pub(crate) fn signals(&self, compared: &Compared, articles: &[usize]) -> Vec<Vec<f32>> {
        let scores: Vec<Scores> = articles.iter().map(|number| self.scores(compared, *number)).collect();
        signals::signals(&scores, compared.known, compared.cosines.is_some())
    }

    pub(crate) fn number(&self, id: &str) -> Option<usize> {
        self.articles.iter().position(|article| article.id == id)
    }

    fn scores(&self, compared: &Compared, number: usize) -> Scores {
        let range = self.of_article[number].clone();
        let of_kind = |values: &[f32], questions: bool| {
            let range = range.clone();
            let fits = |at: &usize| (self.pieces[*at].kind == Kind::Question) == questions;
            best(range.filter(fits).map(|at| values[at]))
        };
        let (words, words3) = of_kind(&compared.overlaps, true);
        let mut scores = Scores {
            words,
            words3,
            sentence_words: of_kind(&compared.overlaps, false).0,
            bm25: compared.bm25[number],
            held: compared.held[number],
            lift: compared.lift[number],
            separator: compared.separated[number],
            ..Scores::default()
        };
        if let Some(cosines) = &compared.cosines {
            (scores.question, scores.question3) = of_kind(cosines, true);
            scores.sentence = of_kind(cosines, false).0;
        }
        scores
    }

    fn asks_exactly(&self, number: usize, asked: &str) -> bool {
        let questions = self.pieces[self.of_article[number].clone()].iter();
        questions.filter(|piece| piece.kind == Kind::Question).any(|piece| piece.bare == asked)
    }

    fn nearest(&self, number: usize, compared: &Compared) -> String {
        let questions = self.of_article[number].clone().filter(|at| self.pieces[*at].kind == Kind::Question);
        let nearest = questions.max_by(|a, b| compared.likeness(*a).total_cmp(&compared.likeness(*b)));
        nearest.map_or_else(String::new, |at| self.pieces[at].text.clone())
    }

    fn rank_sentences(&self, number: usize, locale: Locale, compared: &Compared) -> Vec<RankedSentence> {
        let sentence = |at: usize| match self.pieces[at].kind {
            Kind::Sentence { locale: of, index } if of == locale => {
                Some(RankedSentence { index, score: compared.likeness(at) })
            }
            _ => None,
        };
        let mut ranked: Vec<RankedSentence> = self.of_article[number].clone().filter_map(sentence).collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
        ranked
    }
}

impl Compared {
    /// How much a piece is like the question.
    fn likeness(&self, piece: usize) -> f32 {
        let words = self.overlaps[piece];
        match &self.cosines {
            Some(cosines) => (1.0 - SENTENCE_WORDS_SHARE) * cosines[piece] + SENTENCE_WORDS_SHARE * words,
            None => words,
        }
    }
}

impl Vectors {
    fn build(encoder: Arc<FastEncoder>, vectors: &[Vec<f32>]) -> Option<Self> {
        let mut pieces = VectorIndex::new(VECTOR_DIM, Precision::I8).ok()?;
        for (number, vector) in (0..).zip(vectors) {
            pieces.push(number, vector).ok()?;
        }
        Some(Self { encoder, pieces })
    }

    /// The cosine with each piece.
    fn cosines(&self, vector: &[f32]) -> Option<Vec<f32>> {
        self.pieces.all(vector).ok()
    }
}
