//! BM25 over whole texts: how much of a question's telling terms a text holds,
//! given how long it is.
//!
//! Scores are shares of the highest that any text could reach, so that they can
//! be compared between questions.
//!
//! Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
//! and Beyond", 2009; inverse document frequency in the form that is never
//! negative.
//!
//! Invariants: scores lie in 0..=1; immutable once built. Not here: which texts.

use std::collections::HashMap;

use teller_understand::intents::terms::Term;

/// How soon a repeated term stops counting.
const SATURATION: f32 = 1.2;
/// How much a long text is held against its terms.
const LENGTH_SHARE: f32 = 0.5;

#[derive(Debug)]
pub struct Bm25 {
    /// Text and count by term.
    postings: HashMap<Term, Vec<(u32, f32)>>,
    /// Terms of each text over the mean.
    relative_lengths: Vec<f32>,
}

impl Bm25 {
    pub fn build(texts: &[Vec<Term>]) -> Self {
        let mut postings: HashMap<Term, Vec<(u32, f32)>> = HashMap::new();
        for (number, terms) in (0_u32..).zip(texts) {
            for (term, count) in tally(terms) {
                postings.entry(term).or_default().push((number, count));
            }
        }
        let mean = texts.iter().map(Vec::len).sum::<usize>() as f32 / texts.len().max(1) as f32;
        let relative_lengths = texts.iter().map(|terms| terms.len() as f32 / mean.max(1.0)).collect();
        Self { postings, relative_lengths }
    }

    /// The score of each text, and by each the share of the question's weight
    /// that it holds at all.
    pub fn score(&self, terms: &[Term]) -> (Vec<f32>, Vec<f32>) {
        let texts = self.relative_lengths.len();
        let (mut scores, mut held) = (vec![0.0; texts], vec![0.0; texts]);
        let mut all = 0.0_f32;
        for (term, _) in tally(terms) {
            let postings = self.postings.get(&term).map_or(&[][..], Vec::as_slice);
            let count = postings.len() as f32;
            let weight = (1.0 + (texts as f32 - count + 0.5) / (count + 0.5)).ln();
            all += weight;
            for (text, count) in postings {
                let length = 1.0 - LENGTH_SHARE + LENGTH_SHARE * self.relative_lengths[*text as usize];
                scores[*text as usize] += weight * count / (count + SATURATION * length);
                held[*text as usize] += weight;
            }
        }
        if all > 0.0 {
            scores.iter_mut().chain(&mut held).for_each(|score| *score /= all);
        }
        (scores, held)
    }
}

fn tally(terms: &[Term]) -> Vec<(Term, f32)> {
    let mut sorted = terms.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as f32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use teller_understand::intents::terms::terms;

    fn index() -> Bm25 {
        let texts = ["手机转账免费，柜台转账收费", "挂失后补卡收工本费", "定期存款利率，转账另见"];
        Bm25::build(&texts.map(terms))
    }

    #[test]
    fn the_text_that_holds_the_telling_terms_is_first() {
        let (scores, held) = index().score(&terms("柜台转账收费吗"));
        assert!(scores[0] > scores[2] && scores[2] > scores[1], "{scores:?}");
        assert!(held[0] > 0.5 && held[0] < 1.0, "{held:?}");
    }

    proptest! {
        #[test]
        fn scores_are_shares(text in ".{0,40}|[转账收费定期]{0,30}") {
            let (scores, held) = index().score(&terms(&text));
            prop_assert!(scores.iter().zip(&held).all(|(score, held)| *score >= 0.0 && score <= held && *held <= 1.0001));
        }
    }
}
