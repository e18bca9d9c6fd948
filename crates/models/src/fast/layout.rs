//! The shape of the fast sentence encoder and the names of its sections in a
//! flat file: what the converter writes and the encoder reads.
//!
//! The shape is that of the published network (Universal Sentence Encoder,
//! multilingual, version 3: convolutions of 2, 3 and 5 pieces over 512-value
//! embeddings); another shape is another model.

/// Kind in the flat file's header; its digit rises when the layout changes.
pub(crate) const KIND: &str = "usem3-1";

/// The file's name in the model's folder.
pub(crate) const FILE_NAME: &str = "fast-vectors.flat";

/// Values of one piece's embedding.
pub(crate) const EMBEDDING: usize = 512;
/// Values of one convolution branch.
pub(crate) const BRANCH: usize = 256;
/// Values of the hidden layers behind the pooling.
pub(crate) const HIDDEN: usize = 320;
/// Values of a sentence vector.
pub const VECTOR_DIM: usize = 512;

/// One convolution branch: how many pieces its window spans, and how many of
/// those lie before the piece it is centred on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Branch {
    pub(crate) span: usize,
    pub(crate) before: usize,
}

pub(crate) const BRANCHES: [Branch; 3] =
    [Branch { span: 2, before: 0 }, Branch { span: 3, before: 1 }, Branch { span: 5, before: 2 }];

/// Values of one piece ahead of the pooling: its embedding and three branches.
pub(crate) const FEATURES: usize = EMBEDDING + BRANCHES.len() * BRANCH;

/// The embedding table is quantised in this many interleaved parts: piece `id`
/// belongs to part `id % TABLE_PARTS`.
pub(crate) const TABLE_PARTS: usize = 17;

/// Sections that are one list each.
pub(crate) mod section {
    pub(crate) const TABLE: &str = "table";
    pub(crate) const TABLE_SCALE: &str = "table.scale";
    pub(crate) const TABLE_LOW: &str = "table.low";
    pub(crate) const CHARSMAP: &str = "text.charsmap";
    pub(crate) const TEXT_FLAGS: &str = "text.flags";
    pub(crate) const SCORES: &str = "pieces.score";
    pub(crate) const TRIE_FIRST: &str = "pieces.trie.first";
    pub(crate) const TRIE_LABELS: &str = "pieces.trie.label";
    pub(crate) const TRIE_PIECES: &str = "pieces.trie.piece";
    pub(crate) const EPSILON: &str = "epsilon";
}

/// A quantised matrix: the section `name` holds its bytes, `name.scale` its scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MatrixSpec {
    pub(crate) name: &'static str,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
}

const fn matrix(name: &'static str, inputs: usize, outputs: usize) -> MatrixSpec {
    MatrixSpec { name, inputs, outputs }
}

/// Embedding to branch, per branch.
pub(crate) const PROJECT: [MatrixSpec; 3] =
    [matrix("proj2", EMBEDDING, BRANCH), matrix("proj3", EMBEDDING, BRANCH), matrix("proj5", EMBEDDING, BRANCH)];
/// First convolution, per branch.
pub(crate) const FIRST: [MatrixSpec; 3] =
    [matrix("w1_2", 2 * BRANCH, BRANCH), matrix("w1_3", 3 * BRANCH, BRANCH), matrix("w1_5", 5 * BRANCH, BRANCH)];
/// Second convolution, per branch.
pub(crate) const SECOND: [MatrixSpec; 3] =
    [matrix("w2_2", 2 * BRANCH, BRANCH), matrix("w2_3", 3 * BRANCH, BRANCH), matrix("w2_5", 5 * BRANCH, BRANCH)];
/// Pooled features to the head's input.
pub(crate) const POOL: MatrixSpec = matrix("cnn_W", FEATURES, EMBEDDING);
/// The head: three layers, of which the second and third also see two layers back.
pub(crate) const HEAD_0: MatrixSpec = matrix("d0", EMBEDDING, HIDDEN);
pub(crate) const HEAD_1: MatrixSpec = matrix("d1", HIDDEN, HIDDEN);
pub(crate) const HEAD_1_SKIP: MatrixSpec = matrix("p1", EMBEDDING, HIDDEN);
pub(crate) const HEAD_2: MatrixSpec = matrix("d2", HIDDEN, EMBEDDING);
pub(crate) const HEAD_3: MatrixSpec = matrix("d3", EMBEDDING, VECTOR_DIM);
pub(crate) const HEAD_3_SKIP: MatrixSpec = matrix("p3", HIDDEN, VECTOR_DIM);

/// Every matrix of the network.
pub(crate) fn matrices() -> impl Iterator<Item = MatrixSpec> {
    let single = [POOL, HEAD_0, HEAD_1, HEAD_1_SKIP, HEAD_2, HEAD_3, HEAD_3_SKIP];
    PROJECT.into_iter().chain(FIRST).chain(SECOND).chain(single)
}

/// Lists of one value a column, by branch in the order of [`BRANCHES`].
pub(crate) const PROJECT_BIAS: [&str; 3] = ["proj_b2", "proj_b3", "proj_b5"];
pub(crate) const PROJECT_GAIN: [&str; 3] = ["ln_g2", "ln_g3", "ln_g5"];
pub(crate) const PROJECT_SHIFT: [&str; 3] = ["ln_b2", "ln_b3", "ln_b5"];
pub(crate) const FIRST_BIAS: [&str; 3] = ["b1_2", "b1_3", "b1_5"];
pub(crate) const SECOND_BIAS: [&str; 3] = ["b2_2", "b2_3", "b2_5"];
pub(crate) const FEATURE_GAIN: &str = "ln_g";
pub(crate) const FEATURE_SHIFT: &str = "ln_b";
pub(crate) const POOL_BIAS: &str = "cnn_b";

/// Every list of floats, with its length.
pub(crate) fn vectors() -> impl Iterator<Item = (&'static str, usize)> {
    let per_branch = [PROJECT_BIAS, PROJECT_GAIN, PROJECT_SHIFT, FIRST_BIAS, SECOND_BIAS];
    let per_branch = per_branch.into_iter().flatten().map(|name| (name, BRANCH));
    per_branch.chain([(FEATURE_GAIN, FEATURES), (FEATURE_SHIFT, FEATURES), (POOL_BIAS, EMBEDDING)])
}
