//! Text as the semantic encoder was trained to see it: compatibility forms
//! folded (NFKC with SentencePiece's changes, `nmt_nfkc`), marks joined with
//! their letters, white space collapsed and written `▁`.
//!
//! The package brings the folding as a list by character. Letter and mark that
//! come apart (half-width ｶﾞ, é in two code points) need more than that list:
//! they are composed afterwards, as training had them.
//!
//! Invariant: any list gives an answer without a panic. Not here: Unicode
//! tables of our own.

use unicode_normalization::UnicodeNormalization;

/// What a space becomes, so that it survives as part of a word piece.
pub(crate) const SPACE: char = '\u{2581}';

/// The replacement of `from[i]` is `to[first[i]..first[i + 1]]`.
pub(crate) struct Normalizer {
    from: Vec<char>,
    first: Vec<u32>,
    to: Vec<char>,
}

impl Normalizer {
    /// Takes stored parts. `None` when they do not fit together.
    pub(crate) fn new(from: Vec<u32>, first: Vec<u32>, to: Vec<u32>) -> Option<Self> {
        let characters = |codes: Vec<u32>| codes.into_iter().map(char::from_u32).collect::<Option<Vec<_>>>();
        let (from, to) = (characters(from)?, characters(to)?);
        let sound = first.len() == from.len() + 1
            && first.windows(2).all(|pair| pair[0] <= pair[1])
            && first.last().is_some_and(|last| *last as usize == to.len())
            && from.windows(2).all(|pair| pair[0] < pair[1]);
        sound.then_some(Self { from, first, to })
    }

    /// The normal form of `text`, beginning with [`SPACE`].
    pub(crate) fn normalize(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + SPACE.len_utf8());
        out.push(SPACE);
        for character in text.chars().flat_map(|character| self.fold(character)).nfc() {
            let character = if character == ' ' { SPACE } else { character };
            if character != SPACE || !out.ends_with(SPACE) {
                out.push(character);
            }
        }
        out
    }

    fn fold(&self, character: char) -> impl Iterator<Item = char> + '_ {
        // NUL stands for nothing; the list does not know it.
        let known = self.from.binary_search(&character).ok();
        let folded = known.map_or(&[][..], |at| &self.to[self.first[at] as usize..self.first[at + 1] as usize]);
        let itself = (known.is_none() && character != '\0').then_some(character);
        itself.into_iter().chain(folded.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normalizer() -> Normalizer {
        let codes = |text: &str| text.chars().map(u32::from).collect();
        Normalizer::new(codes("\u{1}\t▁㎡Ａｶﾞ"), vec![0, 0, 1, 2, 4, 5, 6, 7], codes("  m2Aカ\u{3099}")).expect("sound")
    }

    #[test]
    fn folds_composes_and_collapses() {
        let normal = |text| normalizer().normalize(text);
        assert_eq!(normal("Ａ\t \u{1} b㎡"), "▁A▁bm2");
        assert_eq!(normal("ｶﾞ e\u{301}"), "▁ガ▁é");
        assert_eq!(normal(" ▁a\0"), "▁a");
        assert_eq!(normal(""), "▁");
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert!(Normalizer::new(vec![65], vec![0, 1], vec![97]).is_some());
        assert!(Normalizer::new(vec![65], vec![0, 2], vec![97]).is_none());
        assert!(Normalizer::new(vec![65], vec![1], vec![97]).is_none());
        assert!(Normalizer::new(vec![0xD800], vec![0, 1], vec![97]).is_none());
        assert!(Normalizer::new(vec![66, 65], vec![0, 1, 1], vec![97]).is_none());
    }

    proptest! {
        #[test]
        fn no_space_stays_and_none_doubles(text in "[ \tＡa㎡▁ｶﾞ\u{1}]{0,20}") {
            let normal = normalizer().normalize(&text);
            prop_assert!(!normal.contains(' ') && !normal.contains("▁▁"), "{normal:?}");
        }
    }
}
