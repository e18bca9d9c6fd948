//! Text to the word pieces of the semantic encoder, XLM-R's 250,002.
//!
//! Invariants: each answer starts with [`BEGIN`], ends with [`END`] and holds at
//! most [`SEMANTIC_MAX_TOKENS`] pieces in all. The prefix that the encoder was
//! trained with stands before each text.
//! Not here: the marks in a customer's text; `<s>` written out is plain text.

use super::normalizer::Normalizer;
use crate::fast::tokenizer::bounded;
use crate::pieces::unigram::Unigram;
use crate::pieces::vocabulary::Vocabulary;

pub(crate) const BEGIN: u32 = 0;
pub(crate) const END: u32 = 2;
pub(crate) const UNKNOWN: u32 = 3;

/// Pieces of one text, the prefix and the two marks included. The model knows
/// twice as many positions; a customer's message is never that long, and its
/// cost grows with each.
pub const SEMANTIC_MAX_TOKENS: usize = 256;

/// Both sides of a comparison carry it: the model's authors say so for every
/// use but search in documents.
const PREFIX: &str = "query: ";

pub(crate) struct Tokenizer {
    normalizer: Normalizer,
    unigram: Unigram,
}

impl Tokenizer {
    /// `scores[id]` belongs to each piece of `vocabulary`.
    pub(crate) fn new(normalizer: Normalizer, vocabulary: Vocabulary, scores: Vec<f32>) -> Self {
        Self { normalizer, unigram: Unigram::new(vocabulary, scores, UNKNOWN) }
    }

    /// The numbers of the pieces of prefix and text, marks included.
    pub(crate) fn ids(&self, text: &str) -> Vec<u32> {
        let normal = self.normalizer.normalize(&format!("{PREFIX}{}", bounded(text).trim()));
        let steps = self.unigram.cut(normal.as_bytes());
        let inner = steps.iter().take(SEMANTIC_MAX_TOKENS - 2).map(|step| step.id);
        std::iter::once(BEGIN).chain(inner).chain([END]).collect()
    }
}
