//! Text to word pieces: SentencePiece's unigram model.
//!
//! Of all ways to cut the normal form into known pieces the one with the
//! highest sum of scores wins (Kudo 2018, "Subword Regularization", §3.2, by
//! the Viterbi algorithm); of equals the one whose last piece starts earliest.
//! A character that is no piece costs [`UNKNOWN_PENALTY`] below the worst piece.
//!
//! Invariants: each answer starts with [`BEGIN`], ends with [`END`], holds at
//! least one piece between them and at most [`MAX_TOKENS`] in all.
//! Not here: the marks in a customer's text: `<s>` written out is plain text,
//! so nobody can forge a sentence boundary.

use super::normalizer::Normalizer;
use super::vocabulary::Vocabulary;

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

/// SentencePiece's `kUnkPenalty`.
const UNKNOWN_PENALTY: f64 = 10.0;

pub(crate) struct Tokenizer {
    normalizer: Normalizer,
    vocabulary: Vocabulary,
    scores: Vec<f32>,
    unknown_score: f64,
}

/// One piece of a text, for people who look into a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The piece's row in the embedding table.
    pub id: u32,
    /// The normal form's characters that it covers; `<s>` and `</s>` at the ends.
    pub text: String,
}

/// The best way to cut the text up to one position.
#[derive(Clone, Copy)]
struct Step {
    score: f64,
    start: usize,
    id: u32,
}

impl Tokenizer {
    /// `scores[id]` belongs to each piece of `vocabulary`.
    pub(crate) fn new(normalizer: Normalizer, vocabulary: Vocabulary, scores: Vec<f32>) -> Self {
        let worst = scores.iter().copied().fold(0.0_f32, f32::min);
        let unknown_score = f64::from(worst) - UNKNOWN_PENALTY;
        Self { normalizer, vocabulary, scores, unknown_score }
    }

    /// The pieces' numbers, marks included.
    pub(crate) fn ids(&self, text: &str) -> Vec<u32> {
        let normal = self.normalizer.normalize(bounded(text));
        let inner = self.cut(&normal).into_iter().map(|step| step.id);
        std::iter::once(BEGIN).chain(inner).chain([END]).collect()
    }

    /// The pieces with the characters they cover.
    pub(crate) fn tokens(&self, text: &str) -> Vec<Token> {
        let normal = self.normalizer.normalize(bounded(text));
        let mark = |id, text: &str| Token { id, text: text.to_owned() };
        let mut tokens = vec![mark(BEGIN, "<s>")];
        let steps = self.cut(&normal);
        for (index, step) in steps.iter().enumerate() {
            let end = steps.get(index + 1).map_or(normal.len(), |next| next.start);
            tokens.push(mark(step.id, &String::from_utf8_lossy(&normal[step.start..end])));
        }
        tokens.push(mark(END, "</s>"));
        tokens
    }

    /// The best cut of `normal`, at most as long as fits between the marks.
    fn cut(&self, normal: &[u8]) -> Vec<Step> {
        let unreached = Step { score: f64::NEG_INFINITY, start: 0, id: UNKNOWN };
        let mut best = vec![unreached; normal.len() + 1];
        best[0].score = 0.0;
        let mut at = 0;
        while at < normal.len() {
            let base = best[at].score;
            let character = character_bytes(&normal[at..]);
            let mut alone = false;
            self.vocabulary.each_prefix(&normal[at..], |length, id| {
                alone |= length == character;
                let score = base + f64::from(self.scores[id as usize]);
                offer(&mut best[at + length], Step { score, start: at, id });
            });
            if !alone {
                let step = Step { score: base + self.unknown_score, start: at, id: UNKNOWN };
                offer(&mut best[at + character], step);
            }
            at += character;
        }
        let mut steps = Vec::new();
        let mut end = normal.len();
        while end > 0 {
            steps.push(best[end]);
            end = best[end].start;
        }
        if steps.is_empty() {
            steps.push(unreached);
        }
        steps.reverse();
        steps.truncate(MAX_TOKENS - 2);
        steps
    }
}

fn offer(slot: &mut Step, step: Step) {
    if step.score > slot.score {
        *slot = step;
    }
}

fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

/// Bytes of the UTF-8 character that `rest`, which is not empty, starts with.
fn character_bytes(rest: &[u8]) -> usize {
    let continued = rest[1..].iter().take(3).take_while(|byte| **byte & 0xC0 == 0x80).count();
    1 + continued
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
        fn no_other_cut_scores_higher(text in "[信用卡]{1,7}") {
            let tokenizer = tokenizer();
            let ids = tokenizer.ids(&text);
            let score: f64 = ids[1..ids.len() - 1].iter().map(|id| tokenizer.score(*id)).sum();
            let normal = format!("▁{text}");
            prop_assert!((score - tokenizer.best_by_trying(&normal)).abs() < 1e-9);
        }

        #[test]
        fn every_text_is_covered(text in "\\PC{0,40}") {
            let tokens = tokenizer().tokens(&text);
            prop_assert!(tokens.len() >= 3);
            let covered: String = tokens[1..tokens.len() - 1].iter().map(|t| t.text.as_str()).collect();
            let normal = tokenizer().normalizer.normalize(&text);
            prop_assert_eq!(covered.as_bytes(), normal.as_slice());
        }
    }

    impl Tokenizer {
        fn score(&self, id: u32) -> f64 {
            if id == UNKNOWN { self.unknown_score } else { f64::from(self.scores[id as usize]) }
        }

        /// The best sum over every cut, tried one by one.
        fn best_by_trying(&self, rest: &str) -> f64 {
            let Some(first) = rest.chars().next() else { return 0.0 };
            let mut best = f64::NEG_INFINITY;
            let mut alone = false;
            for (id, (text, _)) in (0..).zip(WORDS).skip(3) {
                if let Some(after) = rest.strip_prefix(text) {
                    alone |= text.len() == first.len_utf8();
                    best = best.max(self.score(id) + self.best_by_trying(after));
                }
            }
            if !alone {
                let after = &rest[first.len_utf8()..];
                best = best.max(self.unknown_score + self.best_by_trying(after));
            }
            best
        }
    }
}
