//! The encoder's arithmetic: piece numbers in, one unit vector a text out.
//!
//! A BERT (Devlin et al. 2019) with normalisation behind each part; the vector
//! is the mean over a text's pieces, marks included. Texts of one call lie
//! behind each other in one list of rows, so each weight is read once for all of
//! them; attention looks within a text only, and nothing is padded.
//!
//! Invariant: the same numbers on the same processor give the same vector,
//! whatever other texts and threads there are. Not here: text.

use std::ops::Range;

use super::activations::Activations;
use super::adapter::{Adapter, LowRank};
use super::layout::{
    BLOCK, BLOCK_BYTES, FEED, HEAD, HEADS, LAYERS, POSITIONS, Product, ROW_BYTES, SEMANTIC_DIM, section,
};
use super::math::{Attend, Norm, gelu};
use super::matrix::{Matrix, half_float};
use crate::ModelError;
use crate::flat::FlatFile;
use crate::simd;

pub(crate) struct Network {
    file: FlatFile,
    table: Range<usize>,
    position: Vec<f32>,
    input: Norm,
    layers: Vec<Layer>,
    adapter: Option<&'static Adapter>,
}

struct Layer {
    attention: Matrix,
    gathered: Matrix,
    gathered_norm: Norm,
    widen: Matrix,
    narrow: Matrix,
    narrow_norm: Norm,
}

/// Rows between the layers, kept from one layer to the next.
struct Rows {
    values: Vec<f32>,
    mixed: Vec<f32>,
    gathered: Vec<f32>,
    wide: Vec<f32>,
    bytes: Activations,
    room: Vec<f32>,
    /// What a correction saw, until its product is there.
    low: Vec<f32>,
}

impl Network {
    /// Reads the weights of `file`, which has `pieces` rows of embeddings.
    pub(crate) fn read(file: FlatFile, pieces: usize, adapter: Option<&'static Adapter>) -> Result<Self, ModelError> {
        let table = file.range(section::TABLE)?;
        if table.len() != pieces * ROW_BYTES {
            return Err(file.damaged("the embedding table has not one row per piece"));
        }
        Ok(Self {
            table,
            position: file.f32s(section::POSITION, POSITIONS * SEMANTIC_DIM)?,
            input: norm(&file, [section::INPUT_GAIN, section::INPUT_SHIFT])?,
            layers: (0..LAYERS).map(|layer| Layer::read(&file, layer)).collect::<Result<_, _>>()?,
            file,
            adapter,
        })
    }

    pub(crate) fn adapter(&self) -> Option<&'static Adapter> {
        self.adapter
    }

    pub(crate) fn file(&self) -> &FlatFile {
        &self.file
    }

    /// The unit vector of each text, given by its pieces, which must be known
    /// ones, at least one and at most [`POSITIONS`] a text.
    pub(crate) fn vectors(&self, texts: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let count = texts.iter().map(Vec::len).sum::<usize>();
        let mut rows = Rows {
            values: vec![0.0; count * SEMANTIC_DIM],
            mixed: vec![0.0; count * 3 * SEMANTIC_DIM],
            gathered: vec![0.0; count * SEMANTIC_DIM],
            wide: vec![0.0; count * FEED],
            bytes: Activations::default(),
            room: Vec::new(),
            low: Vec::new(),
        };
        self.embed(texts, &mut rows);
        for (number, layer) in self.layers.iter().enumerate() {
            let corrections = self.adapter.and_then(|adapter| adapter.of(number));
            layer.apply(texts, &mut rows, corrections);
        }
        let mut rest = rows.values.as_slice();
        let mean = |text: &Vec<u32>| {
            let (rows, after) = rest.split_at(text.len() * SEMANTIC_DIM);
            rest = after;
            unit_mean(rows)
        };
        texts.iter().map(mean).collect()
    }

    fn embed(&self, texts: &[Vec<u32>], rows: &mut Rows) {
        let ids = texts.iter().flatten();
        for (id, to) in ids.zip(rows.values.chunks_exact_mut(SEMANTIC_DIM)) {
            self.word(*id, to);
        }
        let places = texts.iter().flat_map(|text| 0..text.len());
        for (place, to) in places.zip(rows.gathered.chunks_exact_mut(SEMANTIC_DIM)) {
            to.copy_from_slice(&self.position[place * SEMANTIC_DIM..][..SEMANTIC_DIM]);
        }
        self.input.add_and_apply(&mut rows.values, &rows.gathered);
    }

    /// A row of the word table, out of the mapped file.
    fn word(&self, id: u32, to: &mut [f32]) {
        let row = &self.file.slice(&self.table)[id as usize * ROW_BYTES..][..ROW_BYTES];
        for (block, to) in row.chunks_exact(BLOCK_BYTES).zip(to.chunks_exact_mut(BLOCK)) {
            let scale = half_float([block[0], block[1]]);
            let (low, high) = to.split_at_mut(BLOCK / 2);
            for ((byte, low), high) in block[2..].iter().zip(low).zip(high) {
                *low = (f32::from(byte & 15) - 8.0) * scale;
                *high = (f32::from(byte >> 4) - 8.0) * scale;
            }
        }
    }
}

impl Layer {
    fn read(file: &FlatFile, layer: usize) -> Result<Self, ModelError> {
        let matrix = |product: Product| {
            let panels = file.bytes(&product.panels(layer))?.to_vec();
            let scales = product.inputs() / BLOCK * product.outputs();
            let scales = file.f32s(&product.scales(layer), scales)?;
            let bias = file.f32s(&product.bias(layer), product.outputs())?;
            let matrix = Matrix::new(product.inputs(), panels, scales, bias);
            matrix.ok_or_else(|| file.damaged(format!("`{}` has another size", product.panels(layer))))
        };
        let behind = |product: Product| {
            let [gain, shift] = product.norm(layer);
            norm(file, [&gain, &shift])
        };
        Ok(Self {
            attention: matrix(Product::Attention)?,
            gathered: matrix(Product::Gathered)?,
            gathered_norm: behind(Product::Gathered)?,
            widen: matrix(Product::Widen)?,
            narrow: matrix(Product::Narrow)?,
            narrow_norm: behind(Product::Narrow)?,
        })
    }

    fn apply(&self, texts: &[Vec<u32>], rows: &mut Rows, corrections: Option<&[LowRank; 4]>) {
        let Rows { values, mixed, gathered, wide, bytes, room, low } = rows;
        let correction = |product: usize| corrections.map(|corrections| &corrections[product]);

        bytes.set(values, SEMANTIC_DIM);
        look(correction(0), values, low);
        self.attention.multiply(bytes, mixed);
        add(correction(0), low, mixed);
        let mut first = 0;
        for text in texts {
            let end = first + text.len();
            let mixed = &mixed[first * 3 * SEMANTIC_DIM..end * 3 * SEMANTIC_DIM];
            for head in 0..HEADS {
                let gathered = &mut gathered[first * SEMANTIC_DIM..end * SEMANTIC_DIM];
                simd::run(Attend { mixed, gathered, column: head * HEAD, room });
            }
            first = end;
        }
        bytes.set(gathered, SEMANTIC_DIM);
        look(correction(1), gathered, low);
        self.gathered.multiply(bytes, gathered);
        add(correction(1), low, gathered);
        self.gathered_norm.add_and_apply(values, gathered);

        bytes.set(values, SEMANTIC_DIM);
        look(correction(2), values, low);
        self.widen.multiply(bytes, wide);
        add(correction(2), low, wide);
        gelu(wide);
        bytes.set(wide, FEED);
        look(correction(3), wide, low);
        self.narrow.multiply(bytes, gathered);
        add(correction(3), low, gathered);
        self.narrow_norm.add_and_apply(values, gathered);
    }
}

fn look(correction: Option<&LowRank>, rows: &[f32], low: &mut Vec<f32>) {
    if let Some(correction) = correction {
        correction.look(rows, low);
    }
}

fn add(correction: Option<&LowRank>, low: &[f32], rows: &mut [f32]) {
    if let Some(correction) = correction {
        correction.add(low, rows);
    }
}

fn norm(file: &FlatFile, [gain, shift]: [&str; 2]) -> Result<Norm, ModelError> {
    Ok(Norm { gain: file.f32s(gain, SEMANTIC_DIM)?, shift: file.f32s(shift, SEMANTIC_DIM)? })
}

/// The mean of the rows, scaled to length 1.
fn unit_mean(rows: &[f32]) -> Vec<f32> {
    let mut sum = vec![0.0_f32; SEMANTIC_DIM];
    for row in rows.chunks_exact(SEMANTIC_DIM) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    let factor = if length > 0.0 { 1.0 / length } else { 0.0 };
    sum.iter_mut().for_each(|value| *value *= factor);
    sum
}
