//! The weights and the best path through them (Viterbi 1967).
//!
//! The file: magic, scale (f32), number of rows (u32), transitions (31 × 31 × i16),
//! keys (u32 each, rising), lengths (u8 each), then a tag (u8) and a weight (i8)
//! for every entry. Little endian.

/// Outside, and begin and inside of each kind.
pub const TAGS: usize = 31;

/// Bits of a key that the small table looks at: 64 KiB of it.
const KNOWN_BITS: u32 = 19;

/// Entries must be told in 24 bits.
const ENTRIES_MAX: u32 = 1 << 24;

/// Score of a tag that the form rules out: below any that weights give.
const FORBIDDEN: f32 = -1.0e6;

const MAGIC: &[u8; 4] = b"TPT1";

/// Slots of the table of rows for each row: half empty, so that looking is short.
const SLOTS_A_ROW: usize = 2;

/// The first tag of a kind.
#[must_use]
pub fn tag_begin(kind: usize) -> usize {
    1 + 2 * kind
}

/// Whether `next` may follow `previous`: the inside of a kind follows only its own.
#[must_use]
pub fn allowed(previous: usize, next: usize) -> bool {
    next == 0 || !next.is_multiple_of(2) || previous == next || previous + 1 == next
}

/// Learned weights, ready to be looked up.
pub struct Model {
    /// By hashed key: the key, and where its entries begin (24 bits) and how many
    /// they are (8 bits); 0 is empty.
    slots: Vec<(u32, u32)>,
    /// One bit for the upper part of every key: most keys of a text have no row,
    /// and this small table says so without a look at the large one.
    known: Vec<u64>,
    entries: Vec<(u8, i8)>,
    transitions: [[f32; TAGS]; TAGS],
    scale: f32,
}

impl Model {
    /// Reads a table; `None` where it is cut short or of another make.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (scale, rest) = rest.split_first_chunk::<4>()?;
        let scale = f32::from_le_bytes(*scale);
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let count = u32::from_le_bytes(*count) as usize;
        let (table, rest) = rest.split_at_checked(TAGS * TAGS * 2)?;
        let mut transitions = [[0.0; TAGS]; TAGS];
        for (at, two) in table.chunks_exact(2).enumerate() {
            transitions[at / TAGS][at % TAGS] = f32::from(i16::from_le_bytes([two[0], two[1]])) * scale;
        }
        let (keys, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
        let (lengths, entries) = rest.split_at_checked(count)?;
        let entries: Vec<(u8, i8)> = entries.chunks_exact(2).map(|two| (two[0], two[1].cast_signed())).collect();
        if entries.iter().any(|(tag, _)| usize::from(*tag) >= TAGS) {
            return None;
        }
        let mut model = Self {
            slots: vec![(0, 0); (count * SLOTS_A_ROW).next_power_of_two().max(2)],
            known: vec![0; 1 << (KNOWN_BITS - 6)],
            entries,
            transitions,
            scale,
        };
        let mut from = 0usize;
        for (key, length) in keys.chunks_exact(4).zip(lengths) {
            let place = u32::try_from(from).ok().filter(|place| *place < ENTRIES_MAX)?;
            model.put(u32::from_le_bytes([key[0], key[1], key[2], key[3]]), place << 8 | u32::from(*length));
            from += usize::from(*length);
        }
        (from == model.entries.len()).then_some(model)
    }

    /// A table in the form that `read` takes.
    #[must_use]
    pub fn write(rows: &[(u32, Vec<(u8, i8)>)], transitions: &[[i16; TAGS]; TAGS], scale: f32) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(scale.to_le_bytes());
        out.extend(u32::try_from(rows.len()).unwrap_or(0).to_le_bytes());
        out.extend(transitions.iter().flatten().flat_map(|w| w.to_le_bytes()));
        out.extend(rows.iter().flat_map(|row| row.0.to_le_bytes()));
        out.extend(rows.iter().map(|row| row.1.len() as u8));
        out.extend(rows.iter().flat_map(|row| row.1.iter().flat_map(|(tag, weight)| [*tag, weight.cast_unsigned()])));
        out
    }

    fn put(&mut self, key: u32, row: u32) {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (key, row);
        let bit = key >> (32 - KNOWN_BITS);
        self.known[(bit >> 6) as usize] |= 1 << (bit & 63);
    }

    fn row(&self, key: u32) -> &[(u8, i8)] {
        let bit = key >> (32 - KNOWN_BITS);
        if self.known[(bit >> 6) as usize] >> (bit & 63) & 1 == 0 {
            return &[];
        }
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        loop {
            match self.slots[at] {
                (_, 0) => return &[],
                (found, row) if found == key => {
                    let from = (row >> 8) as usize;
                    return &self.entries[from..from + (row & 0xff) as usize];
                }
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The best tags for characters with these features, of the kinds whose bit is set.
    #[must_use]
    pub fn decode(&self, features: &[Vec<u32>], kinds: &[u16]) -> Vec<u8> {
        let Some(first) = features.first() else { return Vec::new() };
        let mut best = self.score(first, kinds.first().copied().unwrap_or(u16::MAX));
        // No text begins inside.
        (2..TAGS).step_by(2).for_each(|tag| best[tag] = f32::NEG_INFINITY);
        let mut back: Vec<[u8; TAGS]> = Vec::with_capacity(features.len());
        for (at, keys) in (1..).zip(&features[1..]) {
            let own = self.score(keys, kinds.get(at).copied().unwrap_or(u16::MAX));
            let mut next = [f32::NEG_INFINITY; TAGS];
            let mut from = [0u8; TAGS];
            for tag in 0..TAGS {
                let mut look = |previous: usize| {
                    let score = best[previous] + self.transitions[previous][tag];
                    if score > next[tag] {
                        next[tag] = score;
                        from[tag] = previous as u8;
                    }
                };
                if tag > 0 && tag.is_multiple_of(2) {
                    look(tag - 1);
                    look(tag);
                } else {
                    (0..TAGS).for_each(look);
                }
                next[tag] += own[tag];
            }
            best = next;
            back.push(from);
        }
        let mut tag = (0..TAGS).max_by(|a, b| best[*a].total_cmp(&best[*b])).unwrap_or(0) as u8;
        let mut tags = vec![tag];
        for from in back.iter().rev() {
            tag = from[usize::from(tag)];
            tags.push(tag);
        }
        tags.reverse();
        tags
    }

    fn score(&self, keys: &[u32], kinds: u16) -> [f32; TAGS] {
        let mut sums = [0i32; 32];
        for key in keys {
            for (tag, weight) in self.row(*key) {
                sums[usize::from(*tag & 31)] += i32::from(*weight);
            }
        }
        let mut scores = [0.0; TAGS];
        scores.iter_mut().zip(sums).for_each(|(score, sum)| *score = sum as f32 * self.scale);
        for tag in (1..TAGS).filter(|tag| kinds >> ((tag - 1) / 2) & 1 == 0) {
            scores[tag] = FORBIDDEN;
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_written_and_a_cut_one_is_refused() {
        let mut steps = [[0i16; TAGS]; TAGS];
        steps[1][2] = 3;
        let bytes = Model::write(&[(7, vec![(1, 20)]), (9, vec![(2, 20), (0, -20)]), (11, vec![(0, 9)])], &steps, 0.5);
        let model = Model::read(&bytes).expect("whole");
        assert_eq!(model.decode(&[vec![7], vec![9], vec![11]], &[u16::MAX; 3]), [1, 2, 0]);
        // Where the form rules the kind out, nothing is tagged.
        assert_eq!(model.decode(&[vec![7], vec![9], vec![11]], &[0; 3]), [0, 0, 0]);
        for cut in 0..bytes.len() {
            assert!(Model::read(&bytes[..cut]).is_none(), "{cut}");
        }
    }
}
