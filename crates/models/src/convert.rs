//! Published weights to the flat file that a model is opened from.
//!
//! A conversion runs once, when a model is installed; it checks every size, so
//! that opening can be quick. Not here: fetching; arithmetic on activations.

mod e5;
mod lac;
mod npz;
mod onnx;
mod sentencepiece;
mod wire;

use std::path::Path;

pub(crate) use e5::semantic_vectors;
pub(crate) use lac::named_entities;
use npz::Npz;
use sentencepiece::{PieceKind, SentencePieceModel};

use crate::ModelError;
use crate::fast::layout::{self, EMBEDDING, MatrixSpec, TABLE_PARTS, section};
use crate::flat::{FlatFile, FlatWriter};
use crate::pieces::vocabulary::Vocabulary;

/// The largest byte of a quantised weight.
const LEVELS: f32 = 127.0;
/// How far a weight may lie from its byte times the scale, in steps: the
/// published floats are rounded products, so they miss by rounding alone.
const MAX_MISS_STEPS: f32 = 0.01;
/// A SentencePiece model is a few megabytes; a larger file is something else.
const MAX_PIECES_FILE_BYTES: u64 = 64 << 20;

/// Converts the fast sentence encoder: `weights.npz` and `sp.model` in `folder`
/// to the flat file beside them.
pub(crate) fn fast_vectors(folder: &Path) -> Result<(), ModelError> {
    let mut out = FlatWriter::new(layout::KIND);
    let pieces_path = folder.join("sp.model");
    let model = read_pieces(&pieces_path)?;
    write_text(&mut out, &model);

    let weights_path = folder.join("weights.npz");
    let mut weights = Weights { npz: Npz::open(&weights_path)?, path: &weights_path };
    weights.table(&mut out, model.pieces.len())?;
    for spec in layout::matrices() {
        weights.matrix(&mut out, spec)?;
    }
    for (name, length) in layout::vectors() {
        out.f32s(name, &weights.floats(name, &[length])?);
    }
    out.f32s(section::EPSILON, &weights.floats("eps", &[])?);
    let path = folder.join(layout::FILE_NAME);
    out.write(&path)?;
    // Read back, so that a disk that lies is found out now and not in a year.
    FlatFile::open(&path, layout::KIND)?.check_hash()
}

fn read_pieces(path: &Path) -> Result<SentencePieceModel, ModelError> {
    let io = |source| ModelError::io("read", path, source);
    if std::fs::metadata(path).map_err(io)?.len() > MAX_PIECES_FILE_BYTES {
        return Err(ModelError::convert(path, "too large for a tokenizer"));
    }
    let file = std::fs::read(path).map_err(io)?;
    let model = sentencepiece::parse(&file);
    model.ok_or_else(|| ModelError::convert(path, "not a SentencePiece model"))
}

/// The tokenizer's sections. Control marks and the unknown piece are left out
/// of the trie, so that text cannot spell them.
fn write_text(out: &mut FlatWriter, model: &SentencePieceModel) {
    let spellable = |kind| matches!(kind, PieceKind::Normal | PieceKind::UserDefined);
    let pieces = (0..).zip(&model.pieces).filter(|(_, piece)| spellable(piece.kind));
    let trie = Vocabulary::build(pieces.map(|(id, piece)| (piece.text.as_str(), id)));
    let parts = trie.parts();
    out.u32s(section::TRIE_FIRST, parts.first);
    out.bytes(section::TRIE_LABELS, parts.labels.to_vec());
    out.u32s(section::TRIE_PIECES, parts.pieces);
    let scores: Vec<f32> = model.pieces.iter().map(|piece| piece.score).collect();
    out.f32s(section::SCORES, &scores);
    out.bytes(section::CHARSMAP, model.charsmap.clone());
    let flags = [model.add_dummy_prefix, model.remove_extra_whitespaces];
    out.bytes(section::TEXT_FLAGS, flags.map(u8::from).to_vec());
}

struct Weights<'a> {
    npz: Npz,
    path: &'a Path,
}

impl Weights<'_> {
    fn refuse(&self, name: &str, reason: &str) -> ModelError {
        ModelError::convert(self.path, format!("array `{name}` {reason}"))
    }

    fn floats(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let array = self.npz.array(name)?;
        if array.shape != shape {
            return Err(self.refuse(name, &format!("has shape {:?}, not {shape:?}", array.shape)));
        }
        array.floats().ok_or_else(|| self.refuse(name, "does not hold floats"))
    }

    /// Joins the interleaved parts of the embedding table: row `r` of part `p`
    /// is piece `r * TABLE_PARTS + p`. Rows beyond the last piece are padding.
    fn table(&mut self, out: &mut FlatWriter, pieces: usize) -> Result<(), ModelError> {
        let rows = pieces.div_ceil(TABLE_PARTS);
        let mut table = vec![0; rows * TABLE_PARTS * EMBEDDING];
        for part in 0..TABLE_PARTS {
            let name = format!("q{}", part + 1);
            let array = self.npz.array(&name)?;
            if array.shape != [rows, EMBEDDING] {
                return Err(self.refuse(&name, "has another size than its share of the pieces"));
            }
            let bytes = array.into_bytes().ok_or_else(|| self.refuse(&name, "does not hold bytes"))?;
            for (row, levels) in bytes.chunks_exact(EMBEDDING).enumerate() {
                table[(row * TABLE_PARTS + part) * EMBEDDING..][..EMBEDDING].copy_from_slice(levels);
            }
        }
        table.truncate(pieces * EMBEDDING);
        out.bytes(section::TABLE, table);
        out.f32s(section::TABLE_SCALE, &self.floats("scale", &[TABLE_PARTS])?);
        out.f32s(section::TABLE_LOW, &self.floats("lo", &[TABLE_PARTS])?);
        Ok(())
    }

    /// Finds the bytes that the published floats were made of.
    fn matrix(&mut self, out: &mut FlatWriter, spec: MatrixSpec) -> Result<(), ModelError> {
        let values = self.floats(spec.name, &[spec.inputs, spec.outputs])?;
        let (scale, bytes) = quantised(&values).ok_or_else(|| self.refuse(spec.name, "was not made of bytes"))?;
        out.bytes(spec.name, bytes.into_iter().map(i8::cast_unsigned).collect());
        out.f32s(format!("{}.scale", spec.name), &[scale]);
        Ok(())
    }
}

/// The scale and bytes with `value = byte * scale`; `None` if there are none.
fn quantised(values: &[f32]) -> Option<(f32, Vec<i8>)> {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = largest / LEVELS;
    if !(scale.is_normal()) {
        return None;
    }
    let byte = |value: &f32| {
        let steps = value / scale;
        let whole = steps.round();
        ((steps - whole).abs() <= MAX_MISS_STEPS).then_some(whole as i8)
    };
    Some((scale, values.iter().map(byte).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn quantising_undoes_dequantising(
            mut bytes in proptest::collection::vec(-126_i8..=126, 1..40),
            scale in 1e-4_f32..1.0,
        ) {
            bytes.push(-127);
            let values: Vec<f32> = bytes.iter().map(|byte| f32::from(*byte) * scale).collect();
            let (found, again) = quantised(&values).expect("made of bytes");
            prop_assert!((found - scale).abs() <= scale * 1e-6);
            prop_assert_eq!(again, bytes);
        }
    }

    #[test]
    fn other_floats_are_refused() {
        assert!(quantised(&[1.0, 0.123_456]).is_none());
        assert!(quantised(&[0.0, 0.0]).is_none());
        assert!(quantised(&[f32::NAN, 1.0]).is_none());
        assert!(quantised(&[f32::INFINITY]).is_none());
    }
}
