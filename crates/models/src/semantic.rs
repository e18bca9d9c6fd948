//! The semantic sentence encoder: a text in any of a hundred languages to 384
//! numbers, in a few milliseconds for a short question, in pure Rust.
//!
//! It is a port of the published multilingual-e5-small, four bits a weight, with
//! integer kernels of its own. It is the second tier: slower than
//! [`crate::FastEncoder`], better at telling what a sentence means.
//!
//! Invariants: [`SemanticEncoder`] is immutable, so any number of threads embed
//! at once without a lock; the same text on the same processor gives the same
//! vector, alone or in a batch. Not here: caching, threads, the decision what
//! similarity means.

mod activations;
mod adapter;
pub(crate) mod layout;
mod math;
pub(crate) mod matrix;
mod network;
mod normalizer;
pub(crate) mod tokenizer;
pub(crate) mod wide;

use std::path::Path;

pub use adapter::{Adapter, Head};
pub use layout::SEMANTIC_DIM;
use layout::{ROW_BYTES, section};
use network::Network;
use normalizer::Normalizer;
pub use tokenizer::SEMANTIC_MAX_TOKENS;
use tokenizer::Tokenizer;

use crate::ModelError;
use crate::flat::FlatFile;
use crate::pieces::vocabulary::Vocabulary;

/// Pieces that go through the network at a time; a larger batch goes in parts,
/// so that memory stays bounded.
const MAX_BATCH_TOKENS: usize = 1024;

/// An opened encoder. Cheap to share behind an `Arc`.
pub struct SemanticEncoder {
    tokenizer: Tokenizer,
    network: Network,
}

impl SemanticEncoder {
    /// Opens the encoder in `folder`, which [`crate::Catalogue::fetch`] or
    /// [`crate::Catalogue::installed`] returned. The word table, 54 MB, stays
    /// mapped from the file; the rest, about 27 MB, is copied.
    ///
    /// # Errors
    /// [`ModelError::Io`] when the file cannot be read, [`ModelError::Damaged`]
    /// when it is not a sound encoder of this version.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        Self::open_with(folder, None)
    }

    /// The same with what this project taught it: its vectors are those that the
    /// heads of `adapter` read.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(folder: &Path, adapter: Option<&'static Adapter>) -> Result<Self, ModelError> {
        let file = FlatFile::open(&folder.join(layout::FILE_NAME), layout::KIND)?;
        let rows = file.range(section::TABLE)?.len() / ROW_BYTES;
        let tokenizer = read_tokenizer(&file, rows)?;
        Ok(Self { tokenizer, network: Network::read(file, rows, adapter)? })
    }

    /// The vector of `text`: [`SEMANTIC_DIM`] values of length 1, so that a dot
    /// product is a cosine. Unrelated texts have about 0.8, paraphrases 0.9 and
    /// more. Of a long text the first [`SEMANTIC_MAX_TOKENS`] pieces count.
    #[must_use]
    pub fn embed(&self, text: &str) -> Vec<f32> {
        self.embed_all(&[text]).swap_remove(0)
    }

    /// The vector of each text, as [`Self::embed`] gives it; several short texts
    /// together cost less than each alone.
    #[must_use]
    pub fn embed_all(&self, texts: &[&str]) -> Vec<Vec<f32>> {
        let mut vectors = Vec::with_capacity(texts.len());
        let (mut part, mut tokens) = (Vec::new(), 0);
        for text in texts {
            let ids = self.tokenizer.ids(text);
            if tokens + ids.len() > MAX_BATCH_TOKENS {
                vectors.extend(self.network.vectors(&part));
                part.clear();
                tokens = 0;
            }
            tokens += ids.len();
            part.push(ids);
        }
        vectors.extend(self.network.vectors(&part));
        vectors
    }

    /// The numbers of the word pieces that the network sees for `text`, marks
    /// and prefix included.
    #[must_use]
    pub fn piece_ids(&self, text: &str) -> Vec<u32> {
        self.tokenizer.ids(text)
    }

    /// The adapter that this encoder was opened with.
    #[must_use]
    pub fn adapter(&self) -> Option<&'static Adapter> {
        self.network.adapter()
    }

    /// The sha256 of the converted weights, and that of the adapter: which model
    /// a trace was made with.
    #[must_use]
    pub fn version(&self) -> String {
        let weights = self.network.file().sha256();
        self.adapter().map_or_else(|| weights.clone(), |adapter| format!("{weights}+{}", adapter.sha256()))
    }
}

impl std::fmt::Debug for SemanticEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SemanticEncoder").field("version", &self.version()).finish_non_exhaustive()
    }
}

fn read_tokenizer(file: &FlatFile, rows: usize) -> Result<Tokenizer, ModelError> {
    let pieces = file.range(section::SCORES)?.len() / size_of::<f32>();
    if pieces <= tokenizer::UNKNOWN as usize || pieces > rows {
        return Err(file.damaged("the word pieces are not those of the table"));
    }
    let scores = file.f32s(section::SCORES, pieces)?;
    let vocabulary = Vocabulary::from_parts(
        file.u32s(section::TRIE_FIRST)?,
        file.bytes(section::TRIE_LABELS)?.to_vec(),
        file.u32s(section::TRIE_PIECES)?,
        pieces,
    );
    let vocabulary = vocabulary.ok_or_else(|| file.damaged("the word pieces do not fit together"))?;
    let (from, first, to) =
        (file.u32s(section::FOLD_FROM)?, file.u32s(section::FOLD_FIRST)?, file.u32s(section::FOLD_TO)?);
    let normalizer = Normalizer::new(from, first, to);
    let normalizer = normalizer.ok_or_else(|| file.damaged("the character folding does not fit together"))?;
    Ok(Tokenizer::new(normalizer, vocabulary, scores))
}
