//! The knowledge room: from the bank's articles to answers with evidence, or to
//! silence.
//!
//! - [`KnowledgeBase`] is built from the articles of a pack and searched with a
//!   [`Query`]. A [`Hit`] says how likely an article answers, and why.
//! - [`KnowledgeBase::answer`] takes the sentences that answer out of a hit's
//!   article; an [`Answer`] becomes a reply part with a citation for each sentence.
//!
//! What a score means: the probability that the article answers the question,
//! learned from similar questions that were held out (see [`train`]). Whoever asks
//! has a bound and stays silent below it.
//!
//! Invariants: every sentence of an answer is a sentence of one article version,
//! word for word; an article that does not hold on the day of the query, or is
//! not for its segment or channel, is never a hit; a base is immutable and shared
//! without locks. Deliberately not here: storage and life cycle of articles,
//! reading beyond a sentence, computing (calculators do), the decision to answer.

mod answer;
mod base;
mod bm25;
mod query;
mod sentences;
mod signals;
mod synonyms;
pub mod train;
mod weights;

pub use answer::Answer;
pub use base::{ARTICLES_MAX, KnowledgeBase};
pub use query::{Hit, Query, RankedSentence};
