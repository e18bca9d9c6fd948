//! The tagger's arithmetic: characters' rows in, scores for each tag out.
//!
//! Gated recurrent units (Cho et al. 2014) in the form whose reset gate scales
//! the product with the state, as in cuDNN: `r ⊙ (R h + b)`.
//!
//! Invariant: nothing here is shared or changed, so threads tag at once.
//! Not here: text; which tags follow one another.

use std::ops::Range;

use super::layout::{self, BOTH, DIRECTIONS, EMBEDDING, GATES, LAYERS, PADDED_TAGS, STATE, Side, TAGS, section};
use crate::ModelError;
use crate::elementary::{sigmoid, tanh};
use crate::flat::FlatFile;
use crate::matrix::Matrix;
use crate::simd::{self, Kernel};

pub(super) struct Network {
    file: FlatFile,
    table: Range<usize>,
    layers: [[Units; DIRECTIONS]; LAYERS.len()],
    out: Matrix<f32>,
    out_bias: Vec<f32>,
}

/// One layer's units in one direction.
struct Units {
    input: Matrix<f32>,
    input_bias: Vec<f32>,
    state: Matrix<f32>,
    state_bias: Vec<f32>,
}

impl Network {
    /// Reads the weights of `file`, whose table has `rows` rows.
    pub(super) fn read(file: FlatFile, rows: usize) -> Result<Self, ModelError> {
        let table = file.range(section::TABLE)?;
        if table.len() != rows * EMBEDDING * size_of::<f32>() {
            return Err(file.damaged("the table has not one row a character"));
        }
        let units = |layer, direction| Units::read(&file, layer, direction);
        let layers = [[units(0, 0)?, units(0, 1)?], [units(1, 0)?, units(1, 1)?]];
        let out = matrix(&file, section::OUT, BOTH, PADDED_TAGS)?;
        let out_bias = file.f32s(section::OUT_BIAS, TAGS)?;
        Ok(Self { file, table, layers, out, out_bias })
    }

    pub(super) fn file(&self) -> &FlatFile {
        &self.file
    }

    /// Scores of [`TAGS`] tags for each row of the table in `rows`.
    pub(super) fn scores(&self, rows: &[usize]) -> Vec<[f32; TAGS]> {
        let mut values = self.embedded(rows);
        for (units, inputs) in self.layers.iter().zip(LAYERS) {
            values = both_ways(units, &values, inputs, rows.len());
        }
        let mut padded = vec![0.0; rows.len() * PADDED_TAGS];
        self.out.multiply(&values, BOTH, rows.len(), &mut padded, PADDED_TAGS);
        let scored = |scores: &[f32]| std::array::from_fn(|tag| scores[tag] + self.out_bias[tag]);
        padded.chunks_exact(PADDED_TAGS).map(scored).collect()
    }

    fn embedded(&self, rows: &[usize]) -> Vec<f32> {
        let (words, _) = self.file.slice(&self.table).as_chunks::<4>();
        let row = |row: &usize| &words[row * EMBEDDING..][..EMBEDDING];
        rows.iter().flat_map(row).map(|word| f32::from_le_bytes(*word)).collect()
    }
}

impl Units {
    fn read(file: &FlatFile, layer: usize, direction: usize) -> Result<Self, ModelError> {
        let product = |side, inputs| matrix(file, &layout::gates(layer, direction, side), inputs, GATES);
        let bias = |side| file.f32s(&layout::bias(layer, direction, side), GATES);
        Ok(Self {
            input: product(Side::Input, LAYERS[layer])?,
            input_bias: bias(Side::Input)?,
            state: product(Side::State, STATE)?,
            state_bias: bias(Side::State)?,
        })
    }
}

fn matrix(file: &FlatFile, name: &str, inputs: usize, outputs: usize) -> Result<Matrix<f32>, ModelError> {
    let values = file.f32s(name, inputs * outputs)?;
    let packed = Matrix::pack_floats(inputs, outputs, &values);
    packed.ok_or_else(|| file.damaged(format!("matrix `{name}` has another size")))
}

/// The states of both directions side by side, a row a character.
fn both_ways(units: &[Units; DIRECTIONS], values: &[f32], inputs: usize, rows: usize) -> Vec<f32> {
    let mut states = vec![0.0; rows * BOTH];
    let mut given = vec![0.0; rows * GATES];
    for (direction, units) in units.iter().enumerate() {
        units.input.multiply(values, inputs, rows, &mut given, GATES);
        let mut state = [0.0; STATE];
        let mut fed_back = [0.0; GATES];
        for step in 0..rows {
            let row = if direction == 0 { step } else { rows - 1 - step };
            units.state.multiply(&state, STATE, 1, &mut fed_back, GATES);
            let given = &given[row * GATES..][..GATES];
            simd::run(Step { units, given, fed_back: &fed_back, state: &mut state });
            states[row * BOTH + direction * STATE..][..STATE].copy_from_slice(&state);
        }
    }
    states
}

/// One step of every unit, after its two products.
struct Step<'a> {
    units: &'a Units,
    given: &'a [f32],
    fed_back: &'a [f32; GATES],
    state: &'a mut [f32; STATE],
}

impl Kernel for Step<'_> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (given, given_bias) = (&self.given[..GATES], &self.units.input_bias[..GATES]);
        let (back, back_bias) = (self.fed_back, &self.units.state_bias[..GATES]);
        for unit in 0..STATE {
            let from_input = |gate: usize| given[gate * STATE + unit] + given_bias[gate * STATE + unit];
            let from_state = |gate: usize| back[gate * STATE + unit] + back_bias[gate * STATE + unit];
            let update = sigmoid::<FMA>(from_input(0) + from_state(0));
            let reset = sigmoid::<FMA>(from_input(1) + from_state(1));
            let candidate = tanh::<FMA>(from_input(2) + reset * from_state(2));
            self.state[unit] = candidate + update * (self.state[unit] - candidate);
        }
    }
}
