//! The best sequence of tags: scores of characters plus scores of neighbours
//! (Viterbi 1967).
//!
//! Invariant: of equal sums the one with the lower tag wins, so that the answer
//! is the same everywhere. Not here: what a tag means.

use super::layout::TAGS;

/// A score for each pair of neighbours, `[from][to]`.
pub(super) struct Transitions {
    /// `[to][from]`, as the inner loop goes.
    into: Vec<[f32; TAGS]>,
}

impl Transitions {
    /// From `[from][to]`, row by row; `None` when it is another number.
    pub(super) fn new(row_major: &[f32]) -> Option<Self> {
        if row_major.len() != TAGS * TAGS {
            return None;
        }
        let into = (0..TAGS).map(|to| std::array::from_fn(|from| row_major[from * TAGS + to])).collect();
        Some(Self { into })
    }

    /// A tag for each row of scores.
    pub(super) fn best_path(&self, scores: &[[f32; TAGS]]) -> Vec<usize> {
        let Some((first, rest)) = scores.split_first() else { return Vec::new() };
        let mut sums = *first;
        let mut came_from: Vec<[u8; TAGS]> = Vec::with_capacity(rest.len());
        for row in rest {
            let best: [(usize, f32); TAGS] = std::array::from_fn(|to| {
                let into = &self.into[to];
                first_largest(std::array::from_fn(|from| sums[from] + into[from]))
            });
            came_from.push(best.map(|(from, _)| from as u8));
            sums = std::array::from_fn(|to| best[to].1 + row[to]);
        }
        let mut path = vec![first_largest(sums).0];
        for back in came_from.iter().rev() {
            path.push(usize::from(back[path[path.len() - 1]]));
        }
        path.reverse();
        path
    }
}

fn first_largest(values: [f32; TAGS]) -> (usize, f32) {
    let mut best = (0, values[0]);
    for (place, value) in values.into_iter().enumerate().skip(1) {
        if value > best.1 {
            best = (place, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whole numbers, whose sums are exact.
    fn small() -> impl Strategy<Value = f32> {
        (-6_i8..=6).prop_map(f32::from)
    }

    fn sum(transitions: &[f32], scores: &[[f32; TAGS]], path: &[usize]) -> f32 {
        let own: f32 = scores.iter().zip(path).map(|(row, tag)| row[*tag]).sum();
        own + path.windows(2).map(|pair| transitions[pair[0] * TAGS + pair[1]]).sum::<f32>()
    }

    proptest! {
        #[test]
        fn no_path_that_differs_in_one_or_two_places_is_better(
            transitions in proptest::collection::vec(small(), TAGS * TAGS),
            flat in proptest::collection::vec(small(), TAGS * 5),
            (at, other, after) in (0_usize..5, 0..TAGS, 0..TAGS),
        ) {
            let scores: Vec<[f32; TAGS]> = flat.as_chunks::<TAGS>().0.to_vec();
            let path = Transitions::new(&transitions).expect("sizes agree").best_path(&scores);
            prop_assert_eq!(path.len(), 5);
            let best = sum(&transitions, &scores, &path);
            let mut changed = path.clone();
            changed[at] = other;
            prop_assert!(sum(&transitions, &scores, &changed) <= best);
            changed[(at + 1) % 5] = after;
            prop_assert!(sum(&transitions, &scores, &changed) <= best);
        }

        #[test]
        fn two_characters_are_tried_out(
            transitions in proptest::collection::vec(small(), TAGS * TAGS),
            flat in proptest::collection::vec(small(), TAGS * 2),
        ) {
            let scores: Vec<[f32; TAGS]> = flat.as_chunks::<TAGS>().0.to_vec();
            let path = Transitions::new(&transitions).expect("sizes agree").best_path(&scores);
            let every = (0..TAGS).flat_map(|a| (0..TAGS).map(move |b| [a, b]));
            let best = every.map(|pair| sum(&transitions, &scores, &pair)).fold(f32::MIN, f32::max);
            prop_assert_eq!(sum(&transitions, &scores, &path), best);
        }
    }

    #[test]
    fn nothing_has_an_empty_path() {
        assert!(Transitions::new(&[0.0; TAGS * TAGS]).expect("sizes agree").best_path(&[]).is_empty());
        assert!(Transitions::new(&[0.0; TAGS]).is_none());
    }
}
