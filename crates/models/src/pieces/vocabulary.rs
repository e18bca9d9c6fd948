//! The word pieces as a trie over bytes, laid out flat so that it loads by a
//! copy instead of 128,000 insertions.
//!
//! The children of node `n` are the nodes `first[n]..first[n + 1]`, in order of
//! their `labels`; `pieces[n]` is the piece that ends at `n`, or [`NO_PIECE`].
//!
//! Invariant: checked once when built from stored parts, so walking never needs
//! to doubt an index.
//! Not here: scoring; see `tokenizer`.

/// Marks a node at which no piece ends.
pub(crate) const NO_PIECE: u32 = u32::MAX;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vocabulary {
    first: Vec<u32>,
    labels: Vec<u8>,
    pieces: Vec<u32>,
}

/// The stored form of a [`Vocabulary`].
pub(crate) struct Parts<'a> {
    pub(crate) first: &'a [u32],
    pub(crate) labels: &'a [u8],
    pub(crate) pieces: &'a [u32],
}

impl Vocabulary {
    /// Builds the trie. Of pieces with the same text the last given one wins.
    pub(crate) fn build<'a>(pieces: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let mut sorted: Vec<(&[u8], u32)> = pieces.into_iter().map(|(text, id)| (text.as_bytes(), id)).collect();
        sorted.sort_by_key(|(text, _)| *text);
        // Breadth first, so that the children of one node are neighbours: each
        // entry is the run of sorted pieces below a node, and the node's depth.
        let mut runs = vec![(0, sorted.len(), 0)];
        let mut built = Self { first: Vec::new(), labels: vec![0], pieces: Vec::new() };
        let mut node = 0;
        while let Some(&(mut at, end, depth)) = runs.get(node) {
            let mut ending = NO_PIECE;
            while at < end && sorted[at].0.len() == depth {
                ending = sorted[at].1;
                at += 1;
            }
            built.pieces.push(ending);
            built.first.push(runs.len() as u32);
            while at < end {
                let label = sorted[at].0[depth];
                let same = sorted[at..end].partition_point(|(text, _)| text[depth] == label);
                runs.push((at, at + same, depth + 1));
                built.labels.push(label);
                at += same;
            }
            node += 1;
        }
        built.first.push(runs.len() as u32);
        built
    }

    /// Takes stored parts after checking that every index stays inside them and
    /// that every piece is below `piece_count`.
    pub(crate) fn from_parts(first: Vec<u32>, labels: Vec<u8>, pieces: Vec<u32>, piece_count: usize) -> Option<Self> {
        let nodes = labels.len();
        let sizes_agree = nodes > 0 && pieces.len() == nodes && first.len() == nodes + 1;
        let pieces_known = pieces.iter().all(|id| *id == NO_PIECE || (*id as usize) < piece_count);
        let ordered = first.windows(2).all(|pair| pair[0] <= pair[1]);
        // A child lies behind its parent, so no walk can go in a circle.
        let forward = first.iter().take(nodes).enumerate().all(|(node, child)| *child as usize > node);
        let inside = first.last().is_some_and(|last| *last as usize == nodes);
        (sizes_agree && pieces_known && ordered && forward && inside).then_some(Self { first, labels, pieces })
    }

    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts { first: &self.first, labels: &self.labels, pieces: &self.pieces }
    }

    /// Calls `found(length, id)` for each piece that `text` starts with,
    /// shortest first; lengths are in bytes.
    pub(crate) fn each_prefix(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let mut node = 0;
        for (index, byte) in text.iter().enumerate() {
            let children = self.first[node] as usize..self.first[node + 1] as usize;
            let Ok(at) = self.labels[children.clone()].binary_search(byte) else {
                return;
            };
            node = children.start + at;
            if self.pieces[node] != NO_PIECE {
                found(index + 1, self.pieces[node]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prefixes(vocabulary: &Vocabulary, text: &str) -> Vec<(usize, u32)> {
        let mut out = Vec::new();
        vocabulary.each_prefix(text.as_bytes(), |length, id| out.push((length, id)));
        out
    }

    proptest! {
        #[test]
        fn finds_exactly_the_prefixes(
            words in proptest::collection::btree_set("[卡a-c行]{1,4}", 0..30),
            text in "[卡a-c行]{0,6}",
        ) {
            let words: Vec<String> = words.into_iter().collect();
            let numbered = words.iter().enumerate().map(|(id, word)| (word.as_str(), id as u32));
            let vocabulary = Vocabulary::build(numbered);
            let mut expected: Vec<(usize, u32)> = (0..)
                .zip(&words)
                .filter(|(_, word)| text.starts_with(word.as_str()))
                .map(|(id, word)| (word.len(), id))
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(prefixes(&vocabulary, &text), expected);

            let stored = vocabulary.parts();
            let (first, labels, pieces) =
                (stored.first.to_vec(), stored.labels.to_vec(), stored.pieces.to_vec());
            let again = Vocabulary::from_parts(first, labels, pieces, words.len());
            prop_assert_eq!(again.as_ref(), Some(&vocabulary));
        }

        #[test]
        fn damaged_parts_are_refused_or_harmless(
            first in proptest::collection::vec(0_u32..6, 0..6),
            labels in proptest::collection::vec(any::<u8>(), 0..5),
            pieces in proptest::collection::vec(prop_oneof![0_u32..4, Just(NO_PIECE)], 0..5),
            text in "\\PC{0,4}",
        ) {
            if let Some(vocabulary) = Vocabulary::from_parts(first, labels, pieces, 3) {
                for (_, id) in prefixes(&vocabulary, &text) {
                    prop_assert!(id < 3);
                }
            }
        }
    }
}
