//! Text as SentencePiece's `nmt_nfkc` normaliser leaves it: compatibility forms
//! folded, full-width made half-width, white space collapsed and written `▁`.
//!
//! The folding comes precompiled in the model as a double array over UTF-8
//! bytes (the layout of darts-clone) whose values point into a list of
//! zero-terminated replacements; the longest match at a position wins.
//!
//! Invariant: any table, sound or not, gives an answer without a panic.
//! Not here: Unicode tables of our own.

/// What a space becomes, so that it survives as part of a word piece.
pub(crate) const SPACE: &str = "\u{2581}";

pub(crate) struct Normalizer {
    units: Vec<u32>,
    replacements: Vec<u8>,
    add_dummy_prefix: bool,
    remove_extra_whitespaces: bool,
}

/// Bit 31 of a unit says that it holds a value; the low byte is a label.
const LABEL_MASK: u32 = 0x8000_00FF;
const VALUE_MASK: u32 = 0x7FFF_FFFF;
const HAS_VALUE: u32 = 0x100;

fn child_offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
}

impl Normalizer {
    /// Reads a precompiled map: the length of the double array in bytes, the
    /// array, the replacements. An empty map folds nothing.
    pub(crate) fn new(charsmap: &[u8], add_dummy_prefix: bool, remove_extra_whitespaces: bool) -> Option<Self> {
        let (units, replacements) = if charsmap.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            let (length, rest) = charsmap.split_first_chunk::<4>()?;
            let (units, replacements) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            let words = units.chunks_exact(4);
            let units = words.map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect();
            (units, replacements.to_vec())
        };
        Some(Self { units, replacements, add_dummy_prefix, remove_extra_whitespaces })
    }

    /// The normal form of `text`; empty when nothing but white space is left.
    pub(crate) fn normalize(&self, text: &str) -> Vec<u8> {
        let raw = text.as_bytes();
        let mut at = 0;
        if self.remove_extra_whitespaces {
            while at < raw.len() {
                let (folded, length) = self.fold(text, at);
                if folded != b" " {
                    break;
                }
                at += length;
            }
        }
        let mut out = Vec::with_capacity(raw.len() + SPACE.len());
        if at == raw.len() {
            return out;
        }
        if self.add_dummy_prefix {
            out.extend(SPACE.as_bytes());
        }
        let mut after_space = self.remove_extra_whitespaces;
        while at < raw.len() {
            let (mut folded, length) = self.fold(text, at);
            at += length;
            if after_space {
                folded = folded.trim_prefix_spaces();
            }
            for byte in folded {
                match byte {
                    b' ' => out.extend(SPACE.as_bytes()),
                    _ => out.push(*byte),
                }
            }
            if let Some(last) = folded.last() {
                after_space = self.remove_extra_whitespaces && *last == b' ';
            }
        }
        if self.remove_extra_whitespaces {
            while out.ends_with(SPACE.as_bytes()) {
                out.truncate(out.len() - SPACE.len());
            }
        }
        out
    }

    /// What the text at `at` folds to, and how many bytes of it that consumes:
    /// the longest entry of the map, else one character unchanged.
    fn fold<'a>(&'a self, text: &'a str, at: usize) -> (&'a [u8], usize) {
        let rest = &text.as_bytes()[at..];
        if let Some((value, length)) = self.longest(rest)
            && let Some(tail) = self.replacements.get(value..)
            && text.is_char_boundary(at + length)
        {
            let end = tail.iter().position(|byte| *byte == 0).unwrap_or(tail.len());
            return (&tail[..end], length);
        }
        let length = text[at..].chars().next().map_or(1, char::len_utf8);
        (&rest[..length], length)
    }

    fn longest(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let mut node = child_offset(*self.units.first()?);
        let mut best = None;
        for (index, byte) in rest.iter().enumerate() {
            node ^= usize::from(*byte);
            let Some(unit) = self.units.get(node) else { break };
            if unit & LABEL_MASK != u32::from(*byte) {
                break;
            }
            node ^= child_offset(*unit);
            if unit & HAS_VALUE != 0 {
                let value = self.units.get(node).map(|unit| (unit & VALUE_MASK) as usize);
                best = value.map(|value| (value, index + 1));
            }
        }
        best
    }
}

trait TrimSpaces {
    fn trim_prefix_spaces(&self) -> &Self;
}

impl TrimSpaces for [u8] {
    fn trim_prefix_spaces(&self) -> &Self {
        let start = self.iter().position(|byte| *byte != b' ').unwrap_or(self.len());
        &self[start..]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str, dummy: bool, strip: bool) -> String {
        let normalizer = Normalizer::new(&[], dummy, strip).expect("an empty map");
        String::from_utf8(normalizer.normalize(text)).expect("text")
    }

    #[test]
    fn spaces_are_collapsed_and_marked() {
        assert_eq!(normal("  查 余额   多少 ", true, true), "▁查▁余额▁多少");
        assert_eq!(normal("  查 余额 ", false, false), "▁▁查▁余额▁");
        assert_eq!(normal("   ", true, true), "");
        assert_eq!(normal("", true, true), "");
    }

    proptest! {
        #[test]
        fn any_map_and_text_give_text(map in proptest::collection::vec(any::<u8>(), 0..120), text in "\\PC{0,12}") {
            let mut charsmap = (map.len() as u32 / 2).to_le_bytes().to_vec();
            charsmap.extend(&map);
            if let Some(normalizer) = Normalizer::new(&charsmap, true, true) {
                let _ = normalizer.normalize(&text);
            }
        }
    }
}
