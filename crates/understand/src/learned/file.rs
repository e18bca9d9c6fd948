//! What was learned, in a file: little-endian.
//!
//! Invariants: what was written is read back equal; other bytes are an error,
//! never a half-read model. Not here: where the file lies, who approved it.

use super::Learned;
use super::neighbours::{Hearing, Neighbours};
use crate::text_model::{FileError, ModelFile};

const MAGIC: &[u8; 8] = b"TLLEARN1";
/// Name of the linear model in the inner file.
const MODEL: &str = "words and vectors";
/// Labels, encoders, values of a vector, examples, bytes of a name.
const LABELS_MAX: usize = 256;
const ENCODERS_MAX: usize = 4;
const DIM_MAX: usize = 8_192;
const EXAMPLES_MAX: usize = 1 << 20;
const NAME_BYTES_MAX: usize = 4_096;

impl Learned {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put_count(&mut out, self.labels.len());
        self.labels.iter().for_each(|label| put_bytes(&mut out, label.as_bytes()));
        put_count(&mut out, self.middles.len());
        for middle in &self.middles {
            put_count(&mut out, middle.len());
            put_floats(&mut out, middle);
        }
        put_floats(&mut out, &[self.bound, self.hearing.sharpness, self.hearing.weight, self.voice]);
        let near = &self.neighbours;
        put_count(&mut out, near.of.len());
        near.of.iter().for_each(|label| out.extend(label.to_le_bytes()));
        put_floats(&mut out, &near.scales);
        out.extend(near.bytes.iter().map(|byte| byte.to_le_bytes()[0]));
        let model = ModelFile { models: [(MODEL.to_owned(), self.model.clone())].into(), ..ModelFile::default() };
        put_bytes(&mut out, &model.to_bytes());
        out
    }

    /// # Errors
    /// [`FileError`] for bytes that [`Learned::to_bytes`] did not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let mut input = Input { rest: bytes.strip_prefix(MAGIC).ok_or(FileError::OtherKind)? };
        let name = |input: &mut Input<'_>| {
            let bytes = input.bytes(NAME_BYTES_MAX)?;
            String::from_utf8(bytes.to_vec()).map_err(|_| FileError::Bounds("a label"))
        };
        let count = input.count(LABELS_MAX, "labels")?;
        let labels: Vec<String> = (0..count).map(|_| name(&mut input)).collect::<Result<_, _>>()?;
        let encoders = input.count(ENCODERS_MAX, "encoders")?;
        let middle = |input: &mut Input<'_>| {
            let dim = input.count(DIM_MAX, "a vector")?;
            input.floats(dim)
        };
        let middles: Vec<Vec<f32>> = (0..encoders).map(|_| middle(&mut input)).collect::<Result<_, _>>()?;
        let numbers = input.floats(4)?;
        let dim = middles.iter().map(Vec::len).sum();
        let examples = input.count(EXAMPLES_MAX, "examples")?;
        let of: Vec<u32> =
            input.take(examples * 4)?.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four)).collect();
        if of.iter().any(|label| *label as usize >= labels.len()) {
            return Err(FileError::Bounds("an example's label"));
        }
        let scales = input.floats(examples)?;
        let bytes = input.take(examples * dim)?.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        let inner = input.bytes(usize::MAX)?;
        if !input.rest.is_empty() {
            return Err(FileError::Length("behind the model"));
        }
        let model = ModelFile::from_bytes(inner)?.models.remove(MODEL).ok_or(FileError::Bounds("no model"))?;
        if model.labels() != labels.len() || model.vector_dim() != dim || model.cue_dim() != 0 {
            return Err(FileError::Bounds("the model fits other labels or vectors"));
        }
        Ok(Self {
            neighbours: Neighbours { labels: labels.len(), dim, of, scales, bytes },
            hearing: Hearing { sharpness: numbers[1], weight: numbers[2] },
            bound: numbers[0],
            voice: numbers[3],
            labels,
            middles,
            model,
        })
    }
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    // Every count is far below the limits that reading checks.
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.extend(bytes);
}

fn put_floats(out: &mut Vec<u8>, values: &[f32]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], FileError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(FileError::Length("cut off"))?;
        self.rest = rest;
        Ok(head)
    }

    fn count(&mut self, most: usize, what: &'static str) -> Result<usize, FileError> {
        let four = self.take(4)?.first_chunk().ok_or(FileError::Length("a count"))?;
        let count = u32::from_le_bytes(*four) as usize;
        if count > most { Err(FileError::Bounds(what)) } else { Ok(count) }
    }

    fn bytes(&mut self, most: usize) -> Result<&'a [u8], FileError> {
        let count = self.count(most, "a text")?;
        self.take(count)
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>, FileError> {
        let bytes = self.take(count * 4)?;
        let values: Vec<f32> = bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(FileError::Bounds("a number that is none"))
        }
    }
}
