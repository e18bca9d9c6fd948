//! Pairs of Han characters that plain bank talk is made of, in three levels of
//! frequency: what is no pair of plain talk may be a name.
//!
//! `data/pairs.bin`: three lists, each a count (u32) and pairs (two u16), rising,
//! little endian; counted by `examples/train_tagger.rs` over the corpora of talk.

use super::lexicon::Simplified;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

static LEVELS: LazyLock<HashMap<(u16, u16), u8>> = LazyLock::new(|| read(include_bytes!("../../data/pairs.bin")));

/// Least counts of the levels.
const LEAST: [u32; 3] = [2, 6, 25];

fn read(bytes: &[u8]) -> HashMap<(u16, u16), u8> {
    let mut map = HashMap::new();
    let mut rest = bytes;
    let mut level = 1;
    while let Some((count, more)) = rest.split_first_chunk::<4>() {
        let size = (u32::from_le_bytes(*count) as usize).saturating_mul(4).min(more.len());
        let (list, more) = more.split_at(size);
        for four in list.chunks_exact(4) {
            map.insert((u16::from_le_bytes([four[0], four[1]]), u16::from_le_bytes([four[2], four[3]])), level);
        }
        level += 1;
        rest = more;
    }
    map
}

/// 0 for a pair that plain talk does not hold, up to 3 for the most usual ones.
pub(super) fn level(a: char, b: char) -> u32 {
    let (Ok(a), Ok(b)) = (u16::try_from(u32::from(a)), u16::try_from(u32::from(b))) else { return 0 };
    LEVELS.get(&(a, b)).copied().map_or(0, u32::from)
}

/// Counts pairs in lines of talk and gives the file.
#[must_use]
pub fn count<'a>(lines: impl Iterator<Item = &'a [char]>) -> Vec<u8> {
    let simplified = Simplified::new();
    let mut counts: BTreeMap<(u16, u16), u32> = BTreeMap::new();
    for line in lines {
        for pair in line.windows(2) {
            let code = |c: char| u16::try_from(u32::from(simplified.of(c))).ok().filter(|c| *c >= 0x3400);
            if let (Some(a), Some(b)) = (code(pair[0]), code(pair[1])) {
                *counts.entry((a, b)).or_default() += 1;
            }
        }
    }
    let mut out = Vec::new();
    for (level, least) in LEAST.iter().enumerate() {
        let most = LEAST.get(level + 1).copied().unwrap_or(u32::MAX);
        let list: Vec<_> = counts.iter().filter(|(_, n)| (*least..most).contains(*n)).collect();
        out.extend(u32::try_from(list.len()).unwrap_or(0).to_le_bytes());
        out.extend(list.iter().flat_map(|((a, b), _)| {
            let ([a0, a1], [b0, b1]) = (a.to_le_bytes(), b.to_le_bytes());
            [a0, a1, b0, b1]
        }));
    }
    out
}
