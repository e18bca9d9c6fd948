//! Models in a file: little-endian, only the terms that count, so that a model of
//! sixty-five thousand buckets is a few hundred kilobytes.
//!
//! Invariants: what was written is read back equal; bytes of another kind or
//! length are an error, never a model. Not here: where the file lies.

use std::collections::BTreeMap;

use super::{TERM_BUCKETS, TextModel};

const MAGIC: &[u8; 8] = b"TLTEXTM1";
/// Models of one file, labels of a model, dense values of a model, numbers beside them.
const MODELS_MAX: u32 = 16;
const LABELS_MAX: u32 = 256;
const DENSE_MAX: u32 = 8_192;
const NUMBERS_MAX: u32 = 4_096;
/// Longest name or note, in bytes.
const TEXT_BYTES_MAX: u32 = 4_096;

/// Bytes that are no file of models.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("not a file of text models of this version")]
    OtherKind,
    #[error("cut off or too long: {0}")]
    Length(&'static str),
    #[error("out of bounds: {0}")]
    Bounds(&'static str),
}

/// Named models and the numbers that belong to them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelFile {
    /// What they were learned from, in words and numbers.
    pub made_from: String,
    pub models: BTreeMap<String, TextModel>,
    /// Bounds and the like, found when the models were.
    pub numbers: BTreeMap<String, f32>,
}

impl ModelFile {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put_text(&mut out, &self.made_from);
        put_len(&mut out, self.numbers.len());
        for (name, number) in &self.numbers {
            put_text(&mut out, name);
            out.extend(number.to_le_bytes());
        }
        put_len(&mut out, self.models.len());
        for (name, model) in &self.models {
            put_text(&mut out, name);
            put_model(&mut out, model);
        }
        out
    }

    /// # Errors
    /// [`FileError`] for bytes that [`ModelFile::to_bytes`] did not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(FileError::OtherKind)?;
        let mut input = Input { rest };
        let mut file = Self { made_from: input.text()?, ..Self::default() };
        for _ in 0..input.count(NUMBERS_MAX, "numbers")? {
            let name = input.text()?;
            file.numbers.insert(name, input.f32()?);
        }
        for _ in 0..input.count(MODELS_MAX, "models")? {
            let name = input.text()?;
            file.models.insert(name, input.model()?);
        }
        if input.rest.is_empty() { Ok(file) } else { Err(FileError::Length("behind the last model")) }
    }
}

fn put_len(out: &mut Vec<u8>, length: usize) {
    // Every length is far below the limits that reading checks.
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend(text.as_bytes());
}

fn put_model(out: &mut Vec<u8>, model: &TextModel) {
    put_len(out, model.labels);
    put_len(out, model.vector_dim);
    put_len(out, model.cue_dim);
    out.extend(model.temperature.to_le_bytes());
    model.scales.iter().chain(&model.offsets).for_each(|value| out.extend(value.to_le_bytes()));
    let used: Vec<usize> = (0..TERM_BUCKETS).filter(|bucket| model.rarity[*bucket] > 0.0).collect();
    put_len(out, used.len());
    for bucket in &used {
        // A bucket is below 65,536.
        out.extend((*bucket as u16).to_le_bytes());
        out.extend(model.rarity[*bucket].to_le_bytes());
    }
    for feature in used.into_iter().chain(TERM_BUCKETS..TERM_BUCKETS + model.vector_dim + model.cue_dim) {
        let row = feature * model.labels;
        out.extend(model.weights[row..row + model.labels].iter().map(|weight| weight.to_le_bytes()[0]));
    }
}

struct Input<'a> {
    rest: &'a [u8],
}

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(FileError::Length("a number"))?;
        self.rest = rest;
        Ok(*head)
    }

    fn f32(&mut self) -> Result<f32, FileError> {
        let value = f32::from_le_bytes(self.take()?);
        if value.is_finite() { Ok(value) } else { Err(FileError::Bounds("a number that is none")) }
    }

    fn f32s(&mut self, count: usize) -> Result<Vec<f32>, FileError> {
        (0..count).map(|_| self.f32()).collect()
    }

    fn count(&mut self, most: u32, what: &'static str) -> Result<usize, FileError> {
        let count = u32::from_le_bytes(self.take()?);
        if count > most { Err(FileError::Bounds(what)) } else { Ok(count as usize) }
    }

    fn text(&mut self) -> Result<String, FileError> {
        let length = self.count(TEXT_BYTES_MAX, "a text")?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(FileError::Length("a text"))?;
        self.rest = rest;
        String::from_utf8(text.to_vec()).map_err(|_| FileError::Bounds("a text"))
    }

    fn model(&mut self) -> Result<TextModel, FileError> {
        let labels = self.count(LABELS_MAX, "labels")?;
        let vector_dim = self.count(DENSE_MAX, "vector")?;
        let cue_dim = self.count(DENSE_MAX, "cues")?;
        let temperature = self.f32()?;
        if temperature <= 0.0 || labels == 0 {
            return Err(FileError::Bounds("temperature or labels"));
        }
        let (scales, offsets) = (self.f32s(labels)?, self.f32s(labels)?);
        let mut used = Vec::new();
        let mut rarity = vec![0.0; TERM_BUCKETS];
        for _ in 0..self.count(TERM_BUCKETS as u32, "terms")? {
            let bucket = usize::from(u16::from_le_bytes(self.take()?));
            rarity[bucket] = self.f32()?;
            used.push(bucket);
        }
        let mut weights = vec![0_i8; (TERM_BUCKETS + vector_dim + cue_dim) * labels];
        for feature in used.into_iter().chain(TERM_BUCKETS..TERM_BUCKETS + vector_dim + cue_dim) {
            let (row, rest) = self.rest.split_at_checked(labels).ok_or(FileError::Length("weights"))?;
            self.rest = rest;
            let place = &mut weights[feature * labels..(feature + 1) * labels];
            place.iter_mut().zip(row).for_each(|(place, byte)| *place = i8::from_le_bytes([*byte]));
        }
        Ok(TextModel { labels, vector_dim, cue_dim, rarity, weights, scales, offsets, temperature })
    }
}
