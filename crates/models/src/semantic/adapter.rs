//! What this project taught the semantic encoder about bank talk: corrections of
//! low rank to the products of its upper layers, and heads that read the sentence
//! vector.
//!
//! A product `W x + b` becomes `W x + b + B (A x)` (Hu et al. 2021, "LoRA");
//! the published weights are not touched. `train/encoder` has the recipe, the
//! report, and the file.
//!
//! Invariants: immutable; a file of another shape is refused. Not here: what a
//! label of a head means.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::layout::{LAYERS, Product, SEMANTIC_DIM};
use super::matrix::half_float;
use crate::simd::{self, Kernel, LANES, madd};

const MAGIC: &[u8] = b"TLRA0001";
/// The products of a layer in the order of the file.
const PRODUCTS: [Product; 4] = [Product::Attention, Product::Gathered, Product::Widen, Product::Narrow];
const RANK_MAX: usize = 64;
const HEADS_MAX: usize = 16;
const LABELS_MAX: usize = 1024;

/// Corrections and heads that were trained together.
#[derive(Debug)]
pub struct Adapter {
    /// The first layer that is corrected.
    first: usize,
    /// From `first` on, by product.
    layers: Vec<[LowRank; 4]>,
    heads: Vec<Head>,
    sha256: String,
}

/// One linear reading of the sentence vector.
#[derive(Debug)]
pub struct Head {
    name: String,
    labels: Vec<String>,
    weights: Vec<f32>,
    offsets: Vec<f32>,
}

/// A correction: `down` is rank × inputs, `up` is rank × outputs.
#[derive(Debug)]
pub(super) struct LowRank {
    inputs: usize,
    outputs: usize,
    down: Vec<f32>,
    up: Vec<f32>,
}

static EMBEDDED: LazyLock<Option<Adapter>> =
    LazyLock::new(|| Adapter::from_bytes(include_bytes!("../../../../train/encoder/adapter.bin")));

impl Adapter {
    /// What this program was built with.
    ///
    /// # Panics
    /// Never in a program that passed its tests: they read the same bytes.
    #[must_use]
    pub fn embedded() -> &'static Self {
        EMBEDDED.as_ref().expect("the embedded adapter is read by a test")
    }

    /// Out of a file's bytes; nothing when it is not an adapter of this encoder.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { rest: bytes.strip_prefix(MAGIC)? };
        let (first, rank) = (reader.size()?, reader.size()?);
        if first >= LAYERS || !(1..=RANK_MAX).contains(&rank) {
            return None;
        }
        let mut layer = || {
            let mut product = |product: Product| LowRank::read(&mut reader, product, rank);
            Some([product(PRODUCTS[0])?, product(PRODUCTS[1])?, product(PRODUCTS[2])?, product(PRODUCTS[3])?])
        };
        let layers = (first..LAYERS).map(|_| layer()).collect::<Option<Vec<_>>>()?;
        let count = reader.size().filter(|count| *count <= HEADS_MAX)?;
        let heads = (0..count).map(|_| Head::read(&mut reader)).collect::<Option<Vec<_>>>()?;
        reader.rest.is_empty().then(|| Self { first, layers, heads, sha256: hex::encode(Sha256::digest(bytes)) })
    }

    /// The corrections of a layer, if it has any.
    pub(super) fn of(&self, layer: usize) -> Option<&[LowRank; 4]> {
        self.layers.get(layer.checked_sub(self.first)?)
    }

    /// The head of this name.
    #[must_use]
    pub fn head(&self, name: &str) -> Option<&Head> {
        self.heads.iter().find(|head| head.name == name)
    }

    /// Digest of the file.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

impl Head {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let name = reader.text()?;
        let count = reader.size().filter(|count| (1..=LABELS_MAX).contains(count))?;
        let labels = (0..count).map(|_| reader.text()).collect::<Option<Vec<_>>>()?;
        Some(Self { name, labels, weights: reader.halves(count * SEMANTIC_DIM)?, offsets: reader.halves(count)? })
    }

    /// In the order of [`Self::values`].
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// A value for each label (the logarithm of its probability and a constant),
    /// given the vector of an encoder that was opened with this adapter.
    #[must_use]
    pub fn values(&self, vector: &[f32]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(SEMANTIC_DIM).zip(&self.offsets);
        rows.map(|(row, offset)| crate::dot_product(row, vector) + offset).collect()
    }
}

impl LowRank {
    fn read(reader: &mut Reader<'_>, product: Product, rank: usize) -> Option<Self> {
        let (inputs, outputs) = (product.inputs(), product.outputs());
        let down = reader.halves(rank * inputs)?;
        // The file has a row an output; here a row a rank, to be added up along.
        let by_output = reader.halves(outputs * rank)?;
        let up = (0..rank).flat_map(|at| by_output.iter().skip(at).step_by(rank)).copied().collect();
        Some(Self { inputs, outputs, down, up })
    }

    /// `A x` of each row, to be [`added`](Self::add) once the product is there.
    pub(super) fn look(&self, rows: &[f32], low: &mut Vec<f32>) {
        low.clear();
        simd::run(Look { correction: self, rows, low });
    }

    /// Adds `B (A x)` to each row of a product.
    pub(super) fn add(&self, low: &[f32], rows: &mut [f32]) {
        simd::run(Add { correction: self, low, rows });
    }
}

struct Look<'a> {
    correction: &'a LowRank,
    rows: &'a [f32],
    low: &'a mut Vec<f32>,
}

impl Kernel for Look<'_> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let inputs = self.correction.inputs;
        for row in self.rows.chunks_exact(inputs) {
            for down in self.correction.down.chunks_exact(inputs) {
                let mut sums = [0.0_f32; LANES];
                for (values, weights) in row.as_chunks::<LANES>().0.iter().zip(down.as_chunks::<LANES>().0) {
                    for lane in 0..LANES {
                        sums[lane] = madd::<FMA>(values[lane], weights[lane], sums[lane]);
                    }
                }
                self.low.push(sums.iter().sum());
            }
        }
    }
}

struct Add<'a> {
    correction: &'a LowRank,
    low: &'a [f32],
    rows: &'a mut [f32],
}

impl Kernel for Add<'_> {
    type Out = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let outputs = self.correction.outputs;
        let rank = self.correction.up.len() / outputs;
        for (row, low) in self.rows.chunks_exact_mut(outputs).zip(self.low.chunks_exact(rank)) {
            for (share, up) in low.iter().zip(self.correction.up.chunks_exact(outputs)) {
                for (values, weights) in row.as_chunks_mut::<LANES>().0.iter_mut().zip(up.as_chunks::<LANES>().0) {
                    for lane in 0..LANES {
                        values[lane] = madd::<FMA>(*share, weights[lane], values[lane]);
                    }
                }
            }
        }
    }
}

/// The rest of a file that is read from front to back, little-endian.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn size(&mut self) -> Option<usize> {
        let bytes = self.rest.split_off(..4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = u16::from_le_bytes(self.rest.split_off(..2)?.try_into().ok()?);
        String::from_utf8(self.rest.split_off(..usize::from(length))?.to_vec()).ok()
    }

    /// Half floats, which must be finite.
    fn halves(&mut self, count: usize) -> Option<Vec<f32>> {
        let (pairs, _) = self.rest.split_off(..count.checked_mul(2)?)?.as_chunks::<2>();
        let values: Vec<f32> = pairs.iter().map(|pair| half_float(*pair)).collect();
        values.iter().all(|value| value.is_finite()).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_embedded_adapter_fits_the_encoder() {
        let adapter = Adapter::embedded();
        for (name, labels) in [("intents", 147), ("emotion", 8), ("intensity", 4), ("guard", 2)] {
            let head = adapter.head(name).expect("a head of each task");
            assert_eq!(head.labels().len(), labels, "{name}");
            assert_eq!(head.values(&[0.0; SEMANTIC_DIM]).len(), labels);
        }
    }

    #[test]
    fn a_correction_is_the_product_of_its_two_parts() {
        let (inputs, outputs, rank) = (32, 16, 2);
        let down: Vec<f32> = (0..rank * inputs).map(|n| (n % 7) as f32 - 3.0).collect();
        let up: Vec<f32> = (0..rank * outputs).map(|n| (n % 5) as f32 - 2.0).collect();
        let correction = LowRank { inputs, outputs, down: down.clone(), up: up.clone() };
        let rows: Vec<f32> = (0..2 * inputs).map(|n| (n % 3) as f32).collect();
        let (mut low, mut product) = (Vec::new(), vec![1.0; 2 * outputs]);
        correction.look(&rows, &mut low);
        correction.add(&low, &mut product);
        for row in 0..2 {
            for output in 0..outputs {
                let inner = |r: usize| (0..inputs).map(|i| down[r * inputs + i] * rows[row * inputs + i]).sum::<f32>();
                let wanted = 1.0 + (0..rank).map(|r| up[r * outputs + output] * inner(r)).sum::<f32>();
                assert!((product[row * outputs + output] - wanted).abs() < 1e-4);
            }
        }
    }

    proptest! {
        #[test]
        fn other_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0_usize..4096) {
            prop_assert!(Adapter::from_bytes(&[MAGIC, &bytes].concat()).is_none());
            let whole = include_bytes!("../../../../train/encoder/adapter.bin");
            prop_assert!(Adapter::from_bytes(&whole[..whole.len() - 1 - cut]).is_none());
        }
    }
}
