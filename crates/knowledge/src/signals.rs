//! What speaks for an article: the signals that the weights weigh.
//!
//! `lead` signals say how far an article is ahead of the best other one, so that
//! a question that many articles resemble alike is answered by none.
//!
//! Invariant: names and values are in one order. Not here: weights.

/// Signals of one article, vectors at hand.
pub const WITH_VECTORS: [&str; 16] = [
    "bias",
    "question",
    "question3",
    "sentence",
    "words",
    "words3",
    "sentence_words",
    "bm25",
    "held",
    "lift",
    "known",
    "lead_question",
    "lead_words",
    "lead_bm25",
    "separator",
    "lead_separator",
];
/// Signals of one article, by words alone.
pub const WORDS_ONLY: [&str; 12] = [
    "bias",
    "words",
    "words3",
    "sentence_words",
    "bm25",
    "held",
    "lift",
    "known",
    "lead_words",
    "lead_bm25",
    "separator",
    "lead_separator",
];

/// Questions of an article that the mean of the best is over.
const NEAR: usize = 3;

/// Scores of one article, before they are compared with others'.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scores {
    /// Cosine with the best title or question, with the mean of the best three,
    /// and with the best sentence.
    pub question: f32,
    pub question3: f32,
    pub sentence: f32,
    /// The same for shared terms.
    pub words: f32,
    pub words3: f32,
    pub sentence_words: f32,
    pub bm25: f32,
    pub held: f32,
    pub lift: f32,
    pub separator: f32,
}

/// The signals of every article. `known` is the share of the question's terms
/// that some article holds.
pub fn signals(scores: &[Scores], known: f32, vectors: bool) -> Vec<Vec<f32>> {
    let question = lead(scores, |scores| scores.question);
    let words = lead(scores, |scores| scores.words);
    let bm25 = lead(scores, |scores| scores.bm25);
    let separator = lead(scores, |scores| scores.separator);
    let one = |(at, s): (usize, &Scores)| {
        if vectors {
            let by_vector = [1.0, s.question, s.question3, s.sentence];
            let by_word = [s.words, s.words3, s.sentence_words, s.bm25, s.held, s.lift, known];
            by_vector
                .into_iter()
                .chain(by_word)
                .chain([question[at], words[at], bm25[at], s.separator, separator[at]])
                .collect()
        } else {
            vec![
                1.0,
                s.words,
                s.words3,
                s.sentence_words,
                s.bm25,
                s.held,
                s.lift,
                known,
                words[at],
                bm25[at],
                s.separator,
                separator[at],
            ]
        }
    };
    scores.iter().enumerate().map(one).collect()
}

/// By how much each is above the best of the others.
fn lead(scores: &[Scores], of: impl Fn(&Scores) -> f32) -> Vec<f32> {
    let (mut first, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for score in scores.iter().map(&of) {
        if score > first {
            second = first;
            first = score;
        } else if score > second {
            second = score;
        }
    }
    if scores.len() < 2 {
        // Ahead of nothing: of a score of nothing.
        return scores.iter().map(of).collect();
    }
    let lead = |score: f32| score - if score >= first { second } else { first };
    scores.iter().map(|score| lead(of(score))).collect()
}

/// The highest and the mean of the [`NEAR`] highest.
pub fn best(scores: impl Iterator<Item = f32>) -> (f32, f32) {
    let mut top: Vec<f32> = Vec::with_capacity(NEAR + 1);
    for score in scores {
        let at = top.partition_point(|other| *other >= score);
        top.insert(at, score);
        top.truncate(NEAR);
    }
    let mean = top.iter().sum::<f32>() / top.len().max(1) as f32;
    (top.first().copied().unwrap_or(0.0), mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_as_many_as_their_names_and_leads_compare_with_the_best_other() {
        let scores = [0.9, 0.7, 0.2].map(|bm25| Scores { bm25, ..Scores::default() });
        let all = signals(&scores, 1.0, true);
        assert!(all.iter().all(|signals| signals.len() == WITH_VECTORS.len()));
        let leads: Vec<f32> = all.iter().map(|signals| signals[13]).collect();
        assert!((leads[0] - 0.2).abs() < 1e-6 && (leads[1] + 0.2).abs() < 1e-6 && (leads[2] + 0.7).abs() < 1e-6);
        assert!(signals(&scores, 1.0, false).iter().all(|signals| signals.len() == WORDS_ONLY.len()));
        assert_eq!(best([1.0, 4.0, 2.0, 3.0].into_iter()), (4.0, 3.0));
        assert_eq!(best(std::iter::empty()), (0.0, 0.0));
    }
}
