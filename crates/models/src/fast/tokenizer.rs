//! Text to the word pieces of the fast encoder: normal form, best cut, marks.
//!
//! Invariants: each answer starts with [`BEGIN`], ends with [`END`], holds at
//! least one piece between them and at most [`MAX_TOKENS`] in all.
//! Not here: the marks in a customer's text: `<s>` written out is plain text,
//! so nobody can forge a sentence boundary.

use super::normalizer::Normalizer;
use crate::pieces::unigram::Unigram;
use crate::pieces::vocabulary::Vocabulary;

/// The piece of a character that is in no piece.
pub(crate) const UNKNOWN: u32 = 0;
/// The piece before the first.
pub(crate) const BEGIN: u32 = 1;
/// The piece after the last.
pub(crate) const END: u32 = 2;

/// Pieces of one text, the two marks included; the published encoder was
/// trained on text cut at 256 (Yang et al. 2019, "Multilingual Universal
/// Sentence Encoder for Semantic Retrieval").
pub const MAX_TOKENS: usize = 256;

/// Bytes of one text that are looked at: far more than [`MAX_TOKENS`] pieces of
/// any language take, so that a pasted book costs no more than a long letter.
pub const MAX_TEXT_BYTES: usize = 16 << 10;

pub(crate) struct Tokenizer {
    normalizer: Normalizer,
    unigram: Unigram,
}

/// One piece of a text, for people who look into a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The piece's row in the embedding table.
    pub id: u32,
    /// The normal form's characters that it covers; `<s>` and `</s>` at the ends.
    pub text: String,
}

impl Tokenizer {
    /// `scores[id]` belongs to each piece of `vocabulary`.
    pub(crate) fn new(normalizer: Normalizer, vocabulary: Vocabulary, scores: Vec<f32>) -> Self {
        Self { normalizer, unigram: Unigram::new(vocabulary, scores, UNKNOWN) }
    }

    /// The pieces' numbers, marks included.
    pub(crate) fn ids(&self, text: &str) -> Vec<u32> {
        let normal = self.normalizer.normalize(bounded(text));
        let inner = self.cut(&normal).into_iter().map(|(_, id)| id);
        std::iter::once(BEGIN).chain(inner).chain([END]).collect()
    }

    /// The pieces with the characters they cover.
    pub(crate) fn tokens(&self, text: &str) -> Vec<Token> {
        let normal = self.normalizer.normalize(bounded(text));
        let mark = |id, text: &str| Token { id, text: text.to_owned() };
        let mut tokens = vec![mark(BEGIN, "<s>")];
        let steps = self.cut(&normal);
        for (index, (start, id)) in steps.iter().enumerate() {
            let end = steps.get(index + 1).map_or(normal.len(), |next| next.0);
            tokens.push(mark(*id, &String::from_utf8_lossy(&normal[*start..end])));
        }
        tokens.push(mark(END, "</s>"));
        tokens
    }

    /// Start and number of each piece, at most as many as fit between the marks.
    fn cut(&self, normal: &[u8]) -> Vec<(usize, u32)> {
        let mut steps: Vec<_> = self.unigram.cut(normal).iter().map(|step| (step.start, step.id)).collect();
        if steps.is_empty() {
            steps.push((0, UNKNOWN));
        }
        steps.truncate(MAX_TOKENS - 2);
        steps
    }
}

/// The beginning of `text` that counts.
pub(crate) fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: [(&str, f32); 8] = [
        ("<unk>", 0.0),
        ("<s>", 0.0),
        ("</s>", 0.0),
        ("▁", -2.0),
        ("信", -6.0),
        ("信用", -5.0),
        ("用卡", -5.5),
        ("信用卡", -7.0),
    ];

    fn tokenizer() -> Tokenizer {
        let pieces = (0..).zip(WORDS).skip(3).map(|(id, (text, _))| (text, id));
        let normalizer = Normalizer::new(&[], true, true).expect("an empty map");
        let scores = WORDS.iter().map(|(_, score)| *score).collect();
        Tokenizer::new(normalizer, Vocabulary::build(pieces), scores)
    }

    #[test]
    fn the_best_sum_wins() {
        assert_eq!(tokenizer().ids("信用卡"), [BEGIN, 3, 7, END]);
        // 用 alone is no piece and costs more than a longer way round.
        assert_eq!(tokenizer().ids("信信用"), [BEGIN, 3, 4, 5, END]);
        assert_eq!(tokenizer().ids("卡"), [BEGIN, 3, UNKNOWN, END]);
        assert_eq!(tokenizer().ids("  "), [BEGIN, UNKNOWN, END]);
    }

    #[test]
    fn tokens_cover_the_text() {
        let tokens = tokenizer().tokens("信用 卡");
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(texts, ["<s>", "▁", "信用", "▁", "卡", "</s>"]);
    }

    #[test]
    fn long_text_is_cut() {
        let long = "信".repeat(MAX_TEXT_BYTES);
        let ids = tokenizer().ids(&long);
        assert_eq!(ids.len(), MAX_TOKENS);
        assert_eq!(ids.last(), Some(&END));
    }

    proptest! {
        #[test]
        fn every_text_is_covered(text in "\\PC{0,40}") {
            let tokens = tokenizer().tokens(&text);
            prop_assert!(tokens.len() >= 3);
            let covered: String = tokens[1..tokens.len() - 1].iter().map(|t| t.text.as_str()).collect();
            let normal = tokenizer().normalizer.normalize(&text);
            prop_assert_eq!(covered.as_bytes(), normal.as_slice());
        }
    }
}
