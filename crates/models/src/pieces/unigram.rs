//! The unigram model: of all ways to cut a text into known pieces the one with
//! the highest sum of scores wins (Kudo 2018, "Subword Regularization", §3.2,
//! by the Viterbi algorithm); of equals the one whose last piece starts
//! earliest. A character that is no piece costs [`UNKNOWN_PENALTY`] below the
//! worst piece.
//!
//! Invariant: the steps of a cut cover the text without gap or overlap.
//! Not here: the normal form, and the marks around a text.

use super::vocabulary::Vocabulary;

/// SentencePiece's `kUnkPenalty`.
const UNKNOWN_PENALTY: f64 = 10.0;

pub(crate) struct Unigram {
    vocabulary: Vocabulary,
    scores: Vec<f32>,
    unknown: u32,
    unknown_score: f64,
}

/// One piece of a cut, and on the way there the best cut up to a position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    score: f64,
    /// The byte at which the piece starts.
    pub(crate) start: usize,
    pub(crate) id: u32,
}

impl Unigram {
    /// `scores[id]` belongs to each piece of `vocabulary`; `unknown` stands for
    /// a character that no piece covers.
    pub(crate) fn new(vocabulary: Vocabulary, scores: Vec<f32>, unknown: u32) -> Self {
        let worst = scores.iter().copied().fold(0.0_f32, f32::min);
        let unknown_score = f64::from(worst) - UNKNOWN_PENALTY;
        Self { vocabulary, scores, unknown, unknown_score }
    }

    /// The best cut of `normal`, which is UTF-8; empty for an empty text.
    pub(crate) fn cut(&self, normal: &[u8]) -> Vec<Step> {
        let unreached = Step { score: f64::NEG_INFINITY, start: 0, id: self.unknown };
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
                let step = Step { score: base + self.unknown_score, start: at, id: self.unknown };
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
        steps.reverse();
        steps
    }
}

fn offer(slot: &mut Step, step: Step) {
    if step.score > slot.score {
        *slot = step;
    }
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

    const UNKNOWN: u32 = 9;
    const WORDS: [(&str, f32); 5] = [("▁", -2.0), ("信", -6.0), ("信用", -5.0), ("用卡", -5.5), ("信用卡", -7.0)];

    fn unigram() -> Unigram {
        let pieces = (0..).zip(WORDS).map(|(id, (text, _))| (text, id));
        Unigram::new(Vocabulary::build(pieces), WORDS.iter().map(|(_, score)| *score).collect(), UNKNOWN)
    }

    fn ids(text: &str) -> Vec<u32> {
        unigram().cut(text.as_bytes()).iter().map(|step| step.id).collect()
    }

    #[test]
    fn the_best_sum_wins() {
        assert_eq!(ids("▁信用卡"), [0, 4]);
        // 用 alone is no piece and costs more than a longer way round.
        assert_eq!(ids("信信用"), [1, 2]);
        assert_eq!(ids("▁卡"), [0, UNKNOWN]);
        assert!(ids("").is_empty());
    }

    proptest! {
        #[test]
        fn no_other_cut_scores_higher(text in "[信用卡]{1,7}") {
            let unigram = unigram();
            let score: f64 = unigram.cut(text.as_bytes()).iter().map(|step| unigram.score(step.id)).sum();
            prop_assert!((score - unigram.best_by_trying(&text)).abs() < 1e-9);
        }

        #[test]
        fn the_steps_cover_the_text(text in "\\PC{1,40}") {
            let steps = unigram().cut(text.as_bytes());
            prop_assert_eq!(steps[0].start, 0);
            prop_assert!(steps.windows(2).all(|pair| pair[0].start < pair[1].start));
            prop_assert!(steps.iter().all(|step| text.is_char_boundary(step.start)));
        }
    }

    impl Unigram {
        fn score(&self, id: u32) -> f64 {
            self.scores.get(id as usize).map_or(self.unknown_score, |score| f64::from(*score))
        }

        /// The best sum over every cut, tried one by one.
        fn best_by_trying(&self, rest: &str) -> f64 {
            let Some(first) = rest.chars().next() else { return 0.0 };
            let mut best = f64::NEG_INFINITY;
            let mut alone = false;
            for (id, (text, _)) in (0..).zip(WORDS) {
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
