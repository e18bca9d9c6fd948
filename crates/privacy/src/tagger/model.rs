//! The weights and the best path through them (Viterbi 1967).
//!
//! The file: magic, scale (f32), number of rows (u32), transitions (31 × 31 × i16),
//! keys (u32 each, rising), lengths (u8 each), then a tag (u8) and a weight (i8)
//! for every entry. Little endian.

/// Outside, and begin and inside of each kind.
pub const TAGS: usize = 31;

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
    /// Row number plus one by hashed key; 0 is empty.
    slots: Vec<(u32, u32)>,
    rows: Vec<(u32, u32)>,
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
            rows: Vec::with_capacity(count),
            entries,
            transitions,
            scale,
        };
        let mut from = 0u32;
        for (key, length) in keys.chunks_exact(4).zip(lengths) {
            let to = from + u32::from(*length);
            model.put(u32::from_le_bytes([key[0], key[1], key[2], key[3]]), (from, to));
            from = to;
        }
        (from as usize == model.entries.len()).then_some(model)
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

    fn put(&mut self, key: u32, row: (u32, u32)) {
        self.rows.push(row);
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (key, self.rows.len() as u32);
    }

    fn row(&self, key: u32) -> &[(u8, i8)] {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        loop {
            match self.slots[at] {
                (_, 0) => return &[],
                (found, row) if found == key => {
                    let (from, to) = self.rows[row as usize - 1];
                    return &self.entries[from as usize..to as usize];
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
        let mut sums = [0i32; TAGS];
        for (tag, weight) in keys.iter().flat_map(|key| self.row(*key)) {
            sums[usize::from(*tag)] += i32::from(*weight);
        }
        let mut scores = sums.map(|sum| sum as f32 * self.scale);
        for tag in (1..TAGS).filter(|tag| kinds >> ((tag - 1) / 2) & 1 == 0) {
            scores[tag] = FORBIDDEN;
        }
        scores
    }
}
