//! What texts share by their terms: the overlap of a query with each sample,
//! and for each group of samples how much likelier its terms are there.
//!
//! A term weighs by how few groups use it: 挂失 says much, 我的 nothing, however
//! many samples of one group hold it. Overlap is the cosine of such weights.
//! Lift is the mean log ratio of a term's probability in the group, smoothed
//! towards all text, to its probability in all text.
//!
//! Source: inverse document frequency after Spärck Jones 1972; Dirichlet
//! smoothing after Zhai and Lafferty 2004.
//!
//! Invariants: overlaps lie in 0..=1; immutable once built. Not here: vectors,
//! what a score means.

use std::collections::HashMap;

use super::terms::Term;

/// Weight of the smoothing, in terms.
const SMOOTHING_TERMS: f32 = 120.0;

/// Samples by their terms.
#[derive(Debug)]
pub struct Lexical {
    postings: HashMap<Term, Posting>,
    samples: usize,
    groups: usize,
    /// Weight of a term that no sample holds.
    unknown_weight: f32,
    /// Lift of a term that a group does not hold.
    absent_lift: Vec<f32>,
}

#[derive(Debug)]
struct Posting {
    weight: f32,
    /// Sample and the term's share of its length.
    samples: Vec<(u32, f32)>,
    /// Group and how much its lift is above `absent_lift`.
    groups: Vec<(u32, f32)>,
}

/// A query compared with everything.
#[derive(Debug, Clone)]
pub struct Compared {
    /// By sample, 0–1.
    pub overlap: Vec<f32>,
    /// By group, a mean natural logarithm; 0 is no evidence.
    pub lift: Vec<f32>,
    /// Share of the query's weight in terms that some sample holds, 0–1.
    pub known: f32,
}

impl Lexical {
    /// From samples, each its terms and its group; groups are numbered from 0.
    #[must_use]
    pub fn build(samples: &[(Vec<Term>, u32)], groups: usize) -> Self {
        let counts = Counts::of(samples, groups);
        let mut postings: HashMap<Term, Posting> = HashMap::with_capacity(counts.by_term.len());
        for (term, in_groups) in &counts.by_term {
            let weight = ((groups as f32 + 1.0) / (in_groups.len() as f32 + 0.5)).ln().max(0.05);
            let in_all = in_groups.values().sum::<f32>() / counts.all;
            let mut lifts: Vec<(u32, f32)> = in_groups
                .iter()
                .map(|(group, count)| (*group, (1.0 + count / (SMOOTHING_TERMS * in_all)).ln()))
                .collect();
            lifts.sort_unstable_by_key(|(group, _)| *group);
            postings.insert(*term, Posting { weight, samples: Vec::new(), groups: lifts });
        }
        for (number, (terms, _)) in (0_u32..).zip(samples) {
            let tally = tally(terms);
            let length = tally.iter().map(|(term, count)| weigh(postings[term].weight, *count).powi(2)).sum::<f32>();
            let length = length.sqrt().max(f32::MIN_POSITIVE);
            for (term, count) in tally {
                if let Some(posting) = postings.get_mut(&term) {
                    posting.samples.push((number, weigh(posting.weight, count) / length));
                }
            }
        }
        let absent_lift =
            counts.by_group.iter().map(|count| (SMOOTHING_TERMS / (count + SMOOTHING_TERMS)).ln()).collect();
        let unknown_weight = ((groups as f32 + 1.0) / 1.5).ln().max(0.05);
        Self { postings, samples: samples.len(), groups, unknown_weight, absent_lift }
    }

    /// The terms of a text with their weights, whose squares sum to 1; terms that
    /// no sample holds have theirs too.
    #[must_use]
    pub fn weighted(&self, terms: &[Term]) -> Vec<(Term, f32)> {
        let weight = |term: &Term| self.postings.get(term).map_or(self.unknown_weight, |posting| posting.weight);
        let mut weighted: Vec<(Term, f32)> =
            tally(terms).into_iter().map(|(term, count)| (term, weigh(weight(&term), count))).collect();
        let length = weighted.iter().map(|(_, weight)| weight.powi(2)).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        weighted.iter_mut().for_each(|(_, weight)| *weight /= length);
        weighted
    }

    /// Compares the terms of a query with every sample and group.
    #[must_use]
    pub fn compare(&self, terms: &[Term]) -> Compared {
        let mut overlap = vec![0.0; self.samples];
        let mut lift = vec![0.0; self.groups];
        let (mut length, mut known, mut all, mut known_terms) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for (term, count) in tally(terms) {
            let posting = self.postings.get(&term);
            let weight = weigh(posting.map_or(self.unknown_weight, |posting| posting.weight), count);
            length += weight.powi(2);
            all += weight;
            let Some(posting) = posting else { continue };
            known += weight;
            known_terms += count;
            posting.samples.iter().for_each(|(sample, share)| overlap[*sample as usize] += weight * share);
            posting.groups.iter().for_each(|(group, above)| lift[*group as usize] += count * above);
        }
        let length = length.sqrt().max(f32::MIN_POSITIVE);
        overlap.iter_mut().for_each(|score| *score = (*score / length).min(1.0));
        for (lift, absent) in lift.iter_mut().zip(&self.absent_lift) {
            *lift = if known_terms > 0.0 { *lift / known_terms + absent } else { 0.0 };
        }
        Compared { overlap, lift, known: if all > 0.0 { known / all } else { 0.0 } }
    }
}

/// Saying a word twice is not saying it twice as much.
fn weigh(weight: f32, count: f32) -> f32 {
    weight * count.sqrt()
}

/// Distinct terms with their counts, in the order of the terms' numbers so that
/// sums are the same each time.
fn tally(terms: &[Term]) -> Vec<(Term, f32)> {
    let mut sorted = terms.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a == b);
    runs.map(|run| (run[0], run.len() as f32)).collect()
}

struct Counts {
    by_term: HashMap<Term, HashMap<u32, f32>>,
    by_group: Vec<f32>,
    all: f32,
}

impl Counts {
    fn of(samples: &[(Vec<Term>, u32)], groups: usize) -> Self {
        let mut counts = Self { by_term: HashMap::new(), by_group: vec![0.0; groups], all: 0.0 };
        for (terms, group) in samples {
            for term in terms {
                *counts.by_term.entry(*term).or_default().entry(*group).or_default() += 1.0;
            }
            counts.by_group[*group as usize] += terms.len() as f32;
            counts.all += terms.len() as f32;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::super::terms::terms;
    use super::*;
    use proptest::prelude::*;

    fn index() -> Lexical {
        let samples = [("我的卡丢了", 0), ("我要挂失银行卡", 0), ("我的余额多少", 1), ("查我的余额", 1)];
        Lexical::build(&samples.map(|(text, group)| (terms(text), group)), 2)
    }

    #[test]
    fn rare_terms_decide() {
        let compared = index().compare(&terms("我的卡要挂失"));
        assert!(compared.overlap[1] > compared.overlap[2] && compared.overlap[1] > compared.overlap[3]);
        assert!(compared.lift[0] > 0.0 && compared.lift[1] < 0.0, "{compared:?}");
        let same = index().compare(&terms("查我的余额"));
        assert!((same.overlap[3] - 1.0).abs() < 1e-5 && (same.known - 1.0).abs() < 1e-5);
    }

    #[test]
    fn strange_text_is_unknown() {
        let compared = index().compare(&terms("weather forecast"));
        assert_eq!((compared.known, compared.lift[0], compared.overlap[0]), (0.0, 0.0, 0.0));
    }

    proptest! {
        #[test]
        fn scores_stay_in_range(text in ".{0,60}") {
            let compared = index().compare(&terms(&text));
            prop_assert!(compared.overlap.iter().all(|score| (0.0..=1.0).contains(score)));
            prop_assert!((0.0..=1.0001).contains(&compared.known));
            prop_assert!(compared.lift.iter().all(|lift| lift.is_finite()));
        }
    }
}
