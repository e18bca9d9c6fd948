//! The encoder's arithmetic: piece numbers in, one unit vector out.
//!
//! Each piece's embedding goes through three branches of two convolutions with
//! residuals; features are normalised, pooled over the pieces by
//! `sum / sqrt(count)`, projected, and pass a small head (Yang et al. 2019,
//! "Multilingual Universal Sentence Encoder for Semantic Retrieval", and the
//! published weights).
//!
//! Invariant: the same numbers on the same processor give the same vector,
//! whatever other threads do; nothing here is shared or changed.
//! Not here: text.

use std::ops::Range;

use super::layout::{self, BRANCH, BRANCHES, EMBEDDING, FEATURES, MatrixSpec, TABLE_PARTS, section};
use crate::ModelError;
use crate::flat::FlatFile;
use crate::matrix;
use crate::simd::{self, Kernel, LANES, madd};

type Matrix = matrix::Matrix<i8>;

/// Values of the three branches of one piece.
const WIDE: usize = BRANCHES.len() * BRANCH;

pub(crate) struct Network {
    file: FlatFile,
    table: Range<usize>,
    pieces: usize,
    table_scale: Vec<f32>,
    table_low: Vec<f32>,
    project: [Matrix; 3],
    project_bias: Vec<f32>,
    project_norm: Norm,
    branches: [Convolutions; 3],
    feature_norm: Norm,
    pool: Matrix,
    pool_bias: Vec<f32>,
    head: Head,
    epsilon: f32,
}

struct Convolutions {
    first: Matrix,
    first_bias: Vec<f32>,
    second: Matrix,
    second_bias: Vec<f32>,
}

/// Layer normalisation: mean 0, variance 1, then gain and shift by column.
struct Norm {
    gain: Vec<f32>,
    shift: Vec<f32>,
    epsilon: f32,
}

struct Head {
    first: Matrix,
    second: Matrix,
    second_skip: Matrix,
    third: Matrix,
    fourth: Matrix,
    fourth_skip: Matrix,
}

impl Network {
    /// Reads the weights of `file`, which has `pieces` rows of embeddings.
    pub(crate) fn read(file: FlatFile, pieces: usize) -> Result<Self, ModelError> {
        let table = file.range(section::TABLE)?;
        if table.len() != pieces * EMBEDDING {
            return Err(file.damaged("the embedding table has not one row per piece"));
        }
        let epsilon = file.f32s(section::EPSILON, 1)?[0];
        let of_branches = |names: [&str; 3]| -> Result<Vec<f32>, ModelError> {
            let lists = names.map(|name| file.f32s(name, BRANCH));
            Ok(lists.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
        };
        let [two, three, five] = layout::PROJECT.map(|spec| matrix(&file, spec));
        let [first, second, third] = [0, 1, 2].map(|branch| Convolutions::read(&file, branch));
        Ok(Self {
            pieces,
            table_scale: file.f32s(section::TABLE_SCALE, TABLE_PARTS)?,
            table_low: file.f32s(section::TABLE_LOW, TABLE_PARTS)?,
            project: [two?, three?, five?],
            project_bias: of_branches(layout::PROJECT_BIAS)?,
            project_norm: Norm {
                gain: of_branches(layout::PROJECT_GAIN)?,
                shift: of_branches(layout::PROJECT_SHIFT)?,
                epsilon,
            },
            branches: [first?, second?, third?],
            feature_norm: Norm {
                gain: file.f32s(layout::FEATURE_GAIN, FEATURES)?,
                shift: file.f32s(layout::FEATURE_SHIFT, FEATURES)?,
                epsilon,
            },
            pool: matrix(&file, layout::POOL)?,
            pool_bias: file.f32s(layout::POOL_BIAS, EMBEDDING)?,
            head: Head::read(&file)?,
            epsilon,
            table,
            file,
        })
    }

    pub(crate) fn file(&self) -> &FlatFile {
        &self.file
    }

    /// The unit vector of a text's pieces, which must be known ones.
    pub(crate) fn vector(&self, ids: &[u32]) -> Vec<f32> {
        let count = ids.len();
        let mut features = vec![0.0; count * FEATURES];
        let mut embeddings = vec![0.0; count * EMBEDDING];
        for (row, id) in ids.iter().enumerate() {
            let to = &mut embeddings[row * EMBEDDING..][..EMBEDDING];
            self.embedding(*id, to);
            features[row * FEATURES..][..EMBEDDING].copy_from_slice(to);
        }
        let wide = self.projected(&embeddings, count);
        for (index, branch) in BRANCHES.iter().enumerate() {
            let column = EMBEDDING + index * BRANCH;
            let window = Window { span: branch.span, before: branch.before, count };
            self.branches[index].apply(window, &wide[index * BRANCH..], &mut features[column..]);
        }
        let pooled = self.pooled(&mut features, count);
        let mut vector = self.head.apply(&pooled);
        normalise_length(&mut vector, self.epsilon);
        vector
    }

    fn embedding(&self, id: u32, to: &mut [f32]) {
        let id = id as usize;
        assert!(id < self.pieces, "the tokenizer knows only the table's pieces");
        let rows = self.file.slice(&self.table);
        let (scale, low) = (self.table_scale[id % TABLE_PARTS], self.table_low[id % TABLE_PARTS]);
        for (to, level) in to.iter_mut().zip(&rows[id * EMBEDDING..][..EMBEDDING]) {
            *to = f32::from(*level) * scale + low;
        }
    }

    /// The three branches' inputs side by side, normalised together.
    fn projected(&self, embeddings: &[f32], count: usize) -> Vec<f32> {
        let mut wide = vec![0.0; count * WIDE];
        for (index, matrix) in self.project.iter().enumerate() {
            matrix.multiply(embeddings, EMBEDDING, count, &mut wide[index * BRANCH..], WIDE);
        }
        for row in wide.chunks_exact_mut(WIDE) {
            add(row, &self.project_bias);
            self.project_norm.apply(row);
        }
        wide
    }

    fn pooled(&self, features: &mut [f32], count: usize) -> Vec<f32> {
        let mut sum = vec![0.0; FEATURES];
        for row in features.chunks_exact_mut(FEATURES) {
            self.feature_norm.apply(row);
            add(&mut sum, row);
        }
        let mut pooled = vec![0.0; EMBEDDING];
        self.pool.multiply(&sum, FEATURES, 1, &mut pooled, EMBEDDING);
        // Summing first lets one row pass the projection instead of `count`.
        let count = count as f32;
        for (value, bias) in pooled.iter_mut().zip(&self.pool_bias) {
            *value = (*value + count * bias) / count.sqrt();
        }
        pooled
    }
}

/// A branch's window over a text of `count` pieces.
#[derive(Clone, Copy)]
struct Window {
    span: usize,
    before: usize,
    count: usize,
}

impl Convolutions {
    fn read(file: &FlatFile, branch: usize) -> Result<Self, ModelError> {
        Ok(Self {
            first: matrix(file, layout::FIRST[branch])?,
            first_bias: file.f32s(layout::FIRST_BIAS[branch], BRANCH)?,
            second: matrix(file, layout::SECOND[branch])?,
            second_bias: file.f32s(layout::SECOND_BIAS[branch], BRANCH)?,
        })
    }

    /// Reads a row of `input` every [`WIDE`] values, writes one of `output`
    /// every [`FEATURES`].
    fn apply(&self, window: Window, input: &[f32], output: &mut [f32]) {
        // Zero rows around the text; the rows of a window are neighbours, so a
        // window is one long overlapping row and nothing need be gathered.
        let mut padded = vec![0.0; (window.count + window.span - 1) * BRANCH];
        let inside = window.before * BRANCH..(window.before + window.count) * BRANCH;
        for (to, from) in padded[inside.clone()].chunks_exact_mut(BRANCH).zip(input.chunks(WIDE)) {
            to.copy_from_slice(&from[..BRANCH]);
        }
        let mut sums = vec![0.0; window.count * BRANCH];
        self.first.multiply(&padded, BRANCH, window.count, &mut sums, BRANCH);
        add_rectified(&mut padded[inside.clone()], &sums, &self.first_bias);
        self.second.multiply(&padded, BRANCH, window.count, &mut sums, BRANCH);
        add_rectified(&mut padded[inside.clone()], &sums, &self.second_bias);
        for (to, from) in output.chunks_mut(FEATURES).zip(padded[inside].chunks_exact(BRANCH)) {
            to[..BRANCH].copy_from_slice(from);
        }
    }
}

impl Head {
    fn read(file: &FlatFile) -> Result<Self, ModelError> {
        Ok(Self {
            first: matrix(file, layout::HEAD_0)?,
            second: matrix(file, layout::HEAD_1)?,
            second_skip: matrix(file, layout::HEAD_1_SKIP)?,
            third: matrix(file, layout::HEAD_2)?,
            fourth: matrix(file, layout::HEAD_3)?,
            fourth_skip: matrix(file, layout::HEAD_3_SKIP)?,
        })
    }

    fn apply(&self, input: &[f32]) -> Vec<f32> {
        let first = rectified(product(&self.first, input));
        let mut second = product(&self.second_skip, input);
        add(&mut second, &product(&self.second, &first));
        let second = rectified(second);
        let third = rectified(product(&self.third, &second));
        let mut fourth = product(&self.fourth_skip, &second);
        add(&mut fourth, &product(&self.fourth, &third));
        fourth.into_iter().map(f32::tanh).collect()
    }
}

fn matrix(file: &FlatFile, spec: MatrixSpec) -> Result<Matrix, ModelError> {
    let scale = file.f32s(&format!("{}.scale", spec.name), 1)?[0];
    let packed = Matrix::pack(spec.inputs, spec.outputs, scale, file.bytes(spec.name)?);
    packed.ok_or_else(|| file.damaged(format!("matrix `{}` has another size", spec.name)))
}

fn product(matrix: &Matrix, input: &[f32]) -> Vec<f32> {
    let mut output = vec![0.0; matrix.outputs()];
    matrix.multiply(input, matrix.inputs(), 1, &mut output, matrix.outputs());
    output
}

fn rectified(mut values: Vec<f32>) -> Vec<f32> {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
    values
}

fn add(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

/// `to += max(sums + bias, 0)`, row by row.
fn add_rectified(to: &mut [f32], sums: &[f32], bias: &[f32]) {
    for (to, sums) in to.chunks_exact_mut(bias.len()).zip(sums.chunks_exact(bias.len())) {
        for ((to, sum), bias) in to.iter_mut().zip(sums).zip(bias) {
            *to += (sum + bias).max(0.0);
        }
    }
}

fn normalise_length(vector: &mut [f32], epsilon: f32) {
    let squares: f32 = simd::run(Squares { values: vector, centre: 0.0 });
    let factor = 1.0 / squares.max(epsilon).sqrt();
    vector.iter_mut().for_each(|value| *value *= factor);
}

impl Norm {
    fn apply(&self, row: &mut [f32]) {
        let count = row.len() as f32;
        let mean = simd::run(Sum { values: row }) / count;
        let variance = simd::run(Squares { values: row, centre: mean }) / count;
        let factor = 1.0 / (variance + self.epsilon).sqrt();
        for ((value, gain), shift) in row.iter_mut().zip(&self.gain).zip(&self.shift) {
            *value = (*value - mean) * factor * gain + shift;
        }
    }
}

struct Sum<'a> {
    values: &'a [f32],
}

impl Kernel for Sum<'_> {
    type Out = f32;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f32 {
        let mut sums = [0.0_f32; LANES];
        for chunk in self.values.chunks_exact(LANES) {
            for lane in 0..LANES {
                sums[lane] += chunk[lane];
            }
        }
        sums.iter().sum()
    }
}

/// Sum of the squared distances from `centre`.
struct Squares<'a> {
    values: &'a [f32],
    centre: f32,
}

impl Kernel for Squares<'_> {
    type Out = f32;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f32 {
        let mut sums = [0.0_f32; LANES];
        for chunk in self.values.chunks_exact(LANES) {
            for lane in 0..LANES {
                let distance = chunk[lane] - self.centre;
                sums[lane] = madd::<FMA>(distance, distance, sums[lane]);
            }
        }
        sums.iter().sum()
    }
}
