//! What the classifier sees of a text.
//!
//! Invariants: a pure function of the text; the terms' values have length 1.
//! Not here: which terms matter.

use crate::normal::is_han;

/// Numbers that a term can have.
pub const TERM_BUCKETS: usize = 1 << BUCKET_BITS;
const BUCKET_BITS: u32 = 16;
/// Longest run of characters that is a term.
const RUN_CHARS_MAX: usize = 4;
/// Terms of one text; what is beyond is not looked at.
const TERMS_MAX: usize = 8_192;
/// How much the sentence vector, whose length is 1, counts beside the terms.
pub const VECTOR_SCALE: f32 = 2.0;
/// Stands before the first and behind the last character.
const EDGE: char = '\u{2}';

/// A text as a model sees it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Features {
    pub(crate) terms: Vec<(u32, f32)>,
    /// The scaled vector and then the cues.
    pub(crate) dense: Vec<f32>,
}

impl Features {
    pub(crate) fn build(
        terms: &[u32],
        rarity: &[f32],
        vector: Option<&[f32]>,
        vector_dim: usize,
        cues: &[f32],
    ) -> Self {
        let mut sorted = terms.to_vec();
        sorted.sort_unstable();
        let weight = |same: &[u32]| {
            let rarity = rarity.get(same[0] as usize).copied().unwrap_or(0.0);
            (same[0], (1.0 + (same.len() as f32).ln()) * rarity)
        };
        let mut terms: Vec<(u32, f32)> =
            sorted.chunk_by(|a, b| a == b).map(weight).filter(|(_, value)| *value > 0.0).collect();
        let length = terms.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            terms.iter_mut().for_each(|(_, value)| *value /= length);
        }
        let mut dense = vec![0.0_f32; vector_dim];
        if let Some(vector) = vector {
            dense.iter_mut().zip(vector).for_each(|(place, value)| *place = value * VECTOR_SCALE);
        }
        dense.extend_from_slice(cues);
        Self { terms, dense }
    }
}

/// The terms of a text in normal form, by number, with repetition.
#[must_use]
pub fn terms(normal: &str) -> Vec<u32> {
    let chars: Vec<char> = std::iter::once(EDGE)
        .chain(normal.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }))
        .chain(std::iter::once(EDGE))
        .collect();
    let mut found = Vec::with_capacity(chars.len() * (RUN_CHARS_MAX + 1));
    for start in 0..chars.len() {
        let mut hash = Hash::of('c');
        for c in chars[start..].iter().take(RUN_CHARS_MAX) {
            hash = hash.with(*c);
            found.push(hash.bucket());
        }
        if found.len() >= TERMS_MAX {
            break;
        }
    }
    words(&chars, &mut found);
    found
}

/// Words of languages that are written with spaces, and pairs of them.
fn words(chars: &[char], found: &mut Vec<u32>) {
    let mut before: Option<Hash> = None;
    let is_word = |c: &char| c.is_alphanumeric() && !is_han(*c) || *c == '\'';
    for run in chars.chunk_by(|a, b| is_word(a) == is_word(b)) {
        if !run.first().is_some_and(is_word) {
            // A space parts words; any other mark ends the pair.
            if run != [' '] {
                before = None;
            }
            continue;
        }
        if found.len() >= TERMS_MAX {
            return;
        }
        let word = run.iter().fold(Hash::of('w'), |hash, c| hash.with(*c));
        found.push(word.bucket());
        if let Some(before) = before {
            found.push(run.iter().fold(before.with(' '), |hash, c| hash.with(*c)).bucket());
        }
        before = Some(word);
    }
}

/// FNV-1a over characters, and a last mixing so that the high bits are good.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    fn of(kind: char) -> Self {
        Self(0xcbf2_9ce4_8422_2325).with(kind)
    }

    fn with(self, c: char) -> Self {
        Self((self.0 ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3))
    }

    fn bucket(self) -> u32 {
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        // The shift leaves BUCKET_BITS bits.
        (mixed >> (u64::BITS - BUCKET_BITS)) as u32
    }
}
