//! One model in one flat file: named, aligned sections behind a small header.
//!
//! Little-endian throughout. The header is 64 bytes:
//!
//! | bytes | meaning |
//! |---|---|
//! | 0–7 | `TELLRFLT` |
//! | 8–11 | format version, u32 |
//! | 12–15 | number of sections, u32 |
//! | 16–23 | length of the whole file, u64 |
//! | 24–31 | kind of model, ASCII padded with zeros |
//! | 32–63 | sha256 of everything from byte 64 on |
//!
//! Then 48 bytes a section: name (32, ASCII padded with zeros), offset u64,
//! length u64; then the sections, each on a 64-byte boundary.
//!
//! Invariants: [`FlatFile::open`] checks everything but the hash, so no section
//! can lie outside the file; [`FlatFile::check_hash`] reads it all.
//! Not here: what the sections mean.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use sha2::{Digest, Sha256};

use crate::ModelError;

const MAGIC: &[u8; 8] = b"TELLRFLT";
const FORMAT_VERSION: u32 = 1;
const HEADER_BYTES: usize = 64;
const ENTRY_BYTES: usize = 48;
const NAME_BYTES: usize = 32;
const KIND_BYTES: usize = 8;
const ALIGNMENT: usize = 64;
/// More sections than any model here has; a larger count is a damaged header.
const MAX_SECTIONS: usize = 1024;

/// Collects sections and writes them as one flat file.
pub(crate) struct FlatWriter {
    kind: &'static str,
    sections: Vec<(String, Vec<u8>)>,
}

impl FlatWriter {
    /// `kind` names the model's shape in at most eight ASCII characters.
    pub(crate) fn new(kind: &'static str) -> Self {
        debug_assert!(kind.is_ascii() && kind.len() <= KIND_BYTES);
        Self { kind, sections: Vec::new() }
    }

    pub(crate) fn bytes(&mut self, name: impl Into<String>, data: Vec<u8>) {
        let name = name.into();
        debug_assert!(name.is_ascii() && name.len() <= NAME_BYTES);
        debug_assert!(self.sections.len() < MAX_SECTIONS);
        self.sections.push((name, data));
    }

    pub(crate) fn f32s(&mut self, name: impl Into<String>, values: &[f32]) {
        self.bytes(name, values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }

    pub(crate) fn u32s(&mut self, name: impl Into<String>, values: &[u32]) {
        self.bytes(name, values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }

    /// Writes and syncs the file. The caller renames it into place.
    pub(crate) fn write(&self, path: &Path) -> Result<(), ModelError> {
        let table_end = HEADER_BYTES + ENTRY_BYTES * self.sections.len();
        let mut table = Vec::with_capacity(table_end - HEADER_BYTES);
        let mut end = table_end;
        let mut gaps = Vec::with_capacity(self.sections.len());
        for (name, data) in &self.sections {
            let offset = end.next_multiple_of(ALIGNMENT);
            gaps.push(offset - end);
            end = offset + data.len();
            table.extend(padded::<NAME_BYTES>(name));
            table.extend((offset as u64).to_le_bytes());
            table.extend((data.len() as u64).to_le_bytes());
        }
        let zeros = [0_u8; ALIGNMENT];
        let body = || {
            let parts = self.sections.iter().zip(&gaps);
            let parts = parts.flat_map(|((_, data), gap)| [&zeros[..*gap], data.as_slice()]);
            std::iter::once(table.as_slice()).chain(parts)
        };
        let mut hash = Sha256::new();
        body().for_each(|part| hash.update(part));

        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(MAGIC);
        header.extend(FORMAT_VERSION.to_le_bytes());
        header.extend((self.sections.len() as u32).to_le_bytes());
        header.extend((end as u64).to_le_bytes());
        header.extend(padded::<KIND_BYTES>(self.kind));
        header.extend(hash.finalize());

        let write = || {
            let mut out = BufWriter::new(File::create(path)?);
            out.write_all(&header)?;
            for part in body() {
                out.write_all(part)?;
            }
            out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
        };
        write().map_err(|source| ModelError::io("write", path, source))
    }
}

fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [0; N];
    let length = text.len().min(N);
    field[..length].copy_from_slice(&text.as_bytes()[..length]);
    field
}

/// A mapped flat file whose sections were checked to lie inside it.
pub(crate) struct FlatFile {
    path: PathBuf,
    map: Mmap,
    sections: BTreeMap<String, Range<usize>>,
    sha256: [u8; 32],
}

impl FlatFile {
    /// Maps `path` and checks its header, kind, length and section table.
    pub(crate) fn open(path: &Path, kind: &str) -> Result<Self, ModelError> {
        let map = map_file(path).map_err(|source| ModelError::io("open", path, source))?;
        let damaged = |reason: &str| ModelError::damaged(path, reason);
        let header = map.get(..HEADER_BYTES).ok_or_else(|| damaged("shorter than its header"))?;
        if &header[..8] != MAGIC {
            return Err(damaged("not a flat model file"));
        }
        if u32_at(header, 8) != FORMAT_VERSION || header[24..32] != padded::<KIND_BYTES>(kind) {
            return Err(damaged("written for another version of this program"));
        }
        if u64_at(header, 16) != map.len() as u64 {
            return Err(damaged("its length is not the one in its header"));
        }
        let count = u32_at(header, 12) as usize;
        if count > MAX_SECTIONS {
            return Err(damaged("too many sections"));
        }
        let table = map.get(HEADER_BYTES..HEADER_BYTES + count * ENTRY_BYTES);
        let table = table.ok_or_else(|| damaged("its section table is cut off"))?;
        let mut sections = BTreeMap::new();
        for entry in table.chunks_exact(ENTRY_BYTES) {
            let (name, range) = section_of(entry).ok_or_else(|| damaged("a bad section entry"))?;
            if map.get(range.clone()).is_none() {
                return Err(damaged("a section lies outside the file"));
            }
            sections.insert(name, range);
        }
        let sha256 = std::array::from_fn(|i| header[32 + i]);
        Ok(Self { path: path.to_path_buf(), map, sections, sha256 })
    }

    /// The sha256 that the header states for the contents: the model's identity.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(self.sha256)
    }

    /// Reads the whole file and compares it with the header's hash.
    pub(crate) fn check_hash(&self) -> Result<(), ModelError> {
        if Sha256::digest(&self.map[HEADER_BYTES..])[..] != self.sha256 {
            return Err(self.damaged("its contents do not match its hash"));
        }
        Ok(())
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> ModelError {
        ModelError::damaged(&self.path, reason)
    }

    /// Where section `name` lies, to read it later through [`Self::slice`].
    pub(crate) fn range(&self, name: &str) -> Result<Range<usize>, ModelError> {
        let range = self.sections.get(name).cloned();
        range.ok_or_else(|| self.damaged(format!("section `{name}` is missing")))
    }

    /// Bytes of a range that [`Self::range`] gave.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &[u8] {
        &self.map[range.clone()]
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<&[u8], ModelError> {
        Ok(self.slice(&self.range(name)?))
    }

    /// Section `name` as `count` finite floats.
    pub(crate) fn f32s(&self, name: &str, count: usize) -> Result<Vec<f32>, ModelError> {
        let values: Vec<f32> = self.words(name)?.map(f32::from_le_bytes).collect();
        if values.len() != count || values.iter().any(|v| !v.is_finite()) {
            return Err(self.damaged(format!("section `{name}` is not {count} finite numbers")));
        }
        Ok(values)
    }

    pub(crate) fn u32s(&self, name: &str) -> Result<Vec<u32>, ModelError> {
        Ok(self.words(name)?.map(u32::from_le_bytes).collect())
    }

    fn words(&self, name: &str) -> Result<impl Iterator<Item = [u8; 4]>, ModelError> {
        let bytes = self.bytes(name)?;
        if !bytes.len().is_multiple_of(4) {
            return Err(self.damaged(format!("section `{name}` does not end on a word")));
        }
        Ok(bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]]))
    }
}

fn section_of(entry: &[u8]) -> Option<(String, Range<usize>)> {
    let name = entry[..NAME_BYTES].split(|byte| *byte == 0).next()?;
    let name = String::from_utf8(name.to_vec()).ok()?;
    let offset = usize::try_from(u64_at(entry, NAME_BYTES)).ok()?;
    let length = usize::try_from(u64_at(entry, NAME_BYTES + 8)).ok()?;
    Some((name, offset..offset.checked_add(length)?))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

#[expect(unsafe_code, reason = "mapping a file is unsafe by nature; this is the one place")]
fn map_file(path: &Path) -> std::io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the map is undefined only if the file shrinks or changes while it
    // is mapped. Model files lie in this program's own cache, are written under
    // a temporary name, renamed into place once complete, and are afterwards
    // only ever replaced by another rename or unlinked, which keeps the mapped
    // pages; nothing in this program writes to one in place.
    unsafe { Mmap::map(&file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(dir: &Path) -> PathBuf {
        let mut writer = FlatWriter::new("sample");
        writer.bytes("odd", vec![1, 2, 3]);
        writer.f32s("floats", &[0.5, -2.0]);
        writer.u32s("words", &[7, u32::MAX]);
        let path = dir.join("sample.flat");
        writer.write(&path).expect("writes");
        path
    }

    #[test]
    fn sections_come_back_as_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = FlatFile::open(&sample(dir.path()), "sample").expect("opens");
        assert_eq!(file.bytes("odd").expect("there"), [1, 2, 3]);
        assert_eq!(file.f32s("floats", 2).expect("there"), [0.5, -2.0]);
        assert_eq!(file.u32s("words").expect("there"), [7, u32::MAX]);
        assert_eq!(file.range("floats").expect("there").start % ALIGNMENT, 0);
        file.check_hash().expect("intact");
        assert!(file.bytes("absent").is_err());
        assert!(file.u32s("odd").is_err());
        assert!(file.f32s("floats", 3).is_err());
    }

    #[test]
    fn any_flipped_byte_or_cut_is_noticed() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = sample(dir.path());
        let whole = std::fs::read(&path).expect("reads");
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0x40;
            let copy = dir.path().join("broken.flat");
            std::fs::write(&copy, &broken).expect("writes");
            let noticed = FlatFile::open(&copy, "sample").and_then(|file| file.check_hash());
            assert!(noticed.is_err(), "byte {at}");
        }
        for length in [0, 10, HEADER_BYTES, whole.len() - 1] {
            let copy = dir.path().join("cut.flat");
            std::fs::write(&copy, &whole[..length]).expect("writes");
            assert!(FlatFile::open(&copy, "sample").is_err(), "cut at {length}");
        }
        assert!(FlatFile::open(&path, "other").is_err(), "another kind");
    }
}
