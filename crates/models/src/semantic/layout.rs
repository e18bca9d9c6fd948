//! The shape of the semantic encoder and the names of its sections in a flat
//! file: what the converter writes and the encoder reads.
//!
//! The shape is that of multilingual-e5-small (Wang et al. 2024, "Multilingual
//! E5 Text Embeddings"): a BERT of twelve layers over XLM-R's word pieces;
//! another shape is another model.

/// Kind in the flat file's header; its digit rises when the layout changes.
pub(crate) const KIND: &str = "e5small1";

/// The file's name in the model's folder.
pub(crate) const FILE_NAME: &str = "semantic-vectors.flat";

/// The published file that is converted.
pub(crate) const PACKAGE_FILE: &str = "e5-small-q4.bin";

/// Values of a piece between the layers, and of a sentence vector.
pub const SEMANTIC_DIM: usize = 384;
/// Values inside a layer's feed-forward part.
pub(crate) const FEED: usize = 1536;
pub(crate) const LAYERS: usize = 12;
pub(crate) const HEADS: usize = 12;
/// Values of one attention head.
pub(crate) const HEAD: usize = SEMANTIC_DIM / HEADS;
/// Positions that the model knows.
pub(crate) const POSITIONS: usize = 512;
/// The published layer normalisation's epsilon.
pub(crate) const EPSILON: f32 = 1e-12;

/// Weights that share a scale, and activations that do.
pub(crate) const BLOCK: usize = 32;
/// Bytes of a block of published weights (`Q4_0` of ggml): the scale as a
/// 16-bit float, then byte `i` with weight `i` in its low half and weight
/// `i + 16` in its high half, each 8 too high.
pub(crate) const BLOCK_BYTES: usize = 18;
/// Bytes of a row of the word table.
pub(crate) const ROW_BYTES: usize = SEMANTIC_DIM / BLOCK * BLOCK_BYTES;

/// Sections that are one list each.
pub(crate) mod section {
    pub(crate) const TABLE: &str = "table";
    /// Position and token type together, as no text has two types.
    pub(crate) const POSITION: &str = "position";
    pub(crate) const INPUT_GAIN: &str = "input.gain";
    pub(crate) const INPUT_SHIFT: &str = "input.shift";
    pub(crate) const SCORES: &str = "pieces.score";
    pub(crate) const TRIE_FIRST: &str = "pieces.trie.first";
    pub(crate) const TRIE_LABELS: &str = "pieces.trie.label";
    pub(crate) const TRIE_PIECES: &str = "pieces.trie.piece";
    pub(crate) const FOLD_FROM: &str = "fold.from";
    pub(crate) const FOLD_FIRST: &str = "fold.first";
    pub(crate) const FOLD_TO: &str = "fold.to";
}

/// The four products of a layer, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Product {
    /// Query, key and value side by side.
    Attention,
    /// What attention gathered, back to a piece's values.
    Gathered,
    /// Into the feed-forward part.
    Widen,
    /// Out of it.
    Narrow,
}

impl Product {
    pub(crate) const fn inputs(self) -> usize {
        match self {
            Self::Narrow => FEED,
            _ => SEMANTIC_DIM,
        }
    }

    pub(crate) const fn outputs(self) -> usize {
        match self {
            Self::Attention => 3 * SEMANTIC_DIM,
            Self::Widen => FEED,
            _ => SEMANTIC_DIM,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Gathered => "gathered",
            Self::Widen => "widen",
            Self::Narrow => "narrow",
        }
    }

    pub(crate) fn panels(self, layer: usize) -> String {
        format!("{layer}.{}.panels", self.name())
    }

    pub(crate) fn scales(self, layer: usize) -> String {
        format!("{layer}.{}.scales", self.name())
    }

    pub(crate) fn bias(self, layer: usize) -> String {
        format!("{layer}.{}.bias", self.name())
    }

    /// Gain and shift of the normalisation behind [`Self::Gathered`] and
    /// [`Self::Narrow`].
    pub(crate) fn norm(self, layer: usize) -> [String; 2] {
        [format!("{layer}.{}.gain", self.name()), format!("{layer}.{}.shift", self.name())]
    }
}
