//! An answer: sentences of one article, each with its source.
//!
//! Invariants: sentences are the article's own, word for word and in its order;
//! at most [`SENTENCES_MAX`]. Not here: rephrasing, whether to answer.

use teller_kernel::Part;
use teller_kernel::part::{Citation, CitedSentence};

use crate::base::KnowledgeBase;
use crate::query::{Hit, Query};

/// Sentences of one answer.
pub const SENTENCES_MAX: usize = 4;
/// A sentence that is less than this share as much like the question as the best
/// one is left out of a longer article's answer.
const LIKENESS_SHARE_MIN: f32 = 0.5;

/// What an article says to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub article: String,
    /// Content hash of the article as it is cited.
    pub version: String,
    pub title: String,
    /// Index in the article and text, in the article's order.
    pub sentences: Vec<(usize, String)>,
}

impl KnowledgeBase {
    /// The sentences of the hit's article that answer: all of a short article,
    /// the likeliest of a longer one. Nothing when the hit is of another base or
    /// the article may not answer this query.
    #[must_use]
    pub fn answer(&self, query: &Query<'_>, hit: &Hit) -> Option<Answer> {
        let article = self.get(&hit.article).filter(|article| article.version == hit.version)?;
        if !query.admits(article) {
            return None;
        }
        let sentences = article.sentences(query.locale);
        let mut chosen: Vec<usize> = if sentences.len() <= SENTENCES_MAX {
            (0..sentences.len()).collect()
        } else {
            let least = hit.sentences.first().map_or(0.0, |best| best.score * LIKENESS_SHARE_MIN);
            let like = hit.sentences.iter().filter(|sentence| sentence.score >= least);
            like.map(|sentence| sentence.index).filter(|index| *index < sentences.len()).take(SENTENCES_MAX).collect()
        };
        chosen.sort_unstable();
        let sentences: Vec<(usize, String)> =
            chosen.into_iter().map(|index| (index, sentences[index].clone())).collect();
        let title = article.title.get(query.locale).to_owned();
        (!sentences.is_empty()).then(|| Answer {
            article: article.id.clone(),
            version: article.version.clone(),
            title,
            sentences,
        })
    }
}

impl Answer {
    #[must_use]
    pub fn citation(&self) -> Citation {
        Citation { article: self.article.clone(), version: self.version.clone(), title: self.title.clone() }
    }

    /// The reply part of one answer.
    #[must_use]
    pub fn part(&self) -> Part {
        Self::parts(std::slice::from_ref(self))
    }

    /// One reply part of several answers, in order, each sentence with the
    /// citation of its own article.
    #[must_use]
    pub fn parts(answers: &[Self]) -> Part {
        let cited = |(citation, answer): (usize, &Self)| {
            let sentence = |(_, text): &(usize, String)| CitedSentence { text: text.clone(), citation };
            answer.sentences.iter().map(sentence).collect::<Vec<_>>()
        };
        Part::Answer {
            sentences: answers.iter().enumerate().flat_map(cited).collect(),
            citations: answers.iter().map(Self::citation).collect(),
        }
    }
}
