//! The fast sentence encoder: a text in any of sixteen languages to 512 numbers,
//! in well under a millisecond for a short question, in pure Rust.
//!
//! It is a port of the published multilingual Universal Sentence Encoder,
//! version 3; texts that mean the same lie close by cosine. It is the first
//! tier: always on, no runtime library, good at topics, weaker than a
//! transformer at fine differences.
//!
//! Invariants: [`FastEncoder`] is immutable, so any number of threads embed at
//! once without a lock; the same text on the same processor gives the same
//! vector. Not here: caching, batching, the decision what similarity means.

pub(crate) mod layout;
mod network;
mod normalizer;
pub(crate) mod tokenizer;

use std::path::Path;

pub use layout::VECTOR_DIM;
use layout::section;
use network::Network;
use normalizer::Normalizer;
use tokenizer::Tokenizer;
pub use tokenizer::{MAX_TEXT_BYTES, MAX_TOKENS, Token};

use crate::ModelError;
use crate::flat::FlatFile;
use crate::pieces::vocabulary::Vocabulary;

/// An opened encoder. Cheap to share behind an `Arc`.
pub struct FastEncoder {
    tokenizer: Tokenizer,
    network: Network,
}

impl FastEncoder {
    /// Opens the encoder in `folder`, which [`crate::Catalogue::fetch`] or
    /// [`crate::Catalogue::installed`] returned. The embedding table stays
    /// mapped from the file; the rest, about 8 MB, is copied.
    ///
    /// # Errors
    /// [`ModelError::Io`] when the file cannot be read, [`ModelError::Damaged`]
    /// when it is not a sound encoder of this version.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let file = FlatFile::open(&folder.join(layout::FILE_NAME), layout::KIND)?;
        let tokenizer = read_tokenizer(&file)?;
        let pieces = file.range(section::SCORES)?.len() / size_of::<f32>();
        Ok(Self { tokenizer, network: Network::read(file, pieces)? })
    }

    /// The vector of `text`: [`VECTOR_DIM`] values of length 1, so that a dot
    /// product is a cosine. Of a long text the first [`MAX_TOKENS`] pieces
    /// count; an empty one has a vector too, close to no question.
    #[must_use]
    pub fn embed(&self, text: &str) -> Vec<f32> {
        self.network.vector(&self.tokenizer.ids(text))
    }

    /// How `text` is cut into pieces, to look into a surprising similarity.
    #[must_use]
    pub fn tokenize(&self, text: &str) -> Vec<Token> {
        self.tokenizer.tokens(text)
    }

    /// The sha256 of the converted weights: which model a trace was made with.
    #[must_use]
    pub fn version(&self) -> String {
        self.network.file().sha256()
    }
}

impl std::fmt::Debug for FastEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FastEncoder").field("version", &self.version()).finish_non_exhaustive()
    }
}

fn read_tokenizer(file: &FlatFile) -> Result<Tokenizer, ModelError> {
    let pieces = file.range(section::SCORES)?.len() / size_of::<f32>();
    if pieces <= tokenizer::END as usize {
        return Err(file.damaged("it has not even the marks for pieces"));
    }
    let scores = file.f32s(section::SCORES, pieces)?;
    let vocabulary = Vocabulary::from_parts(
        file.u32s(section::TRIE_FIRST)?,
        file.bytes(section::TRIE_LABELS)?.to_vec(),
        file.u32s(section::TRIE_PIECES)?,
        pieces,
    );
    let vocabulary = vocabulary.ok_or_else(|| file.damaged("the word pieces do not fit together"))?;
    let [dummy_prefix, strip] = file.bytes(section::TEXT_FLAGS)? else {
        return Err(file.damaged("the text flags have another size"));
    };
    let charsmap = file.bytes(section::CHARSMAP)?;
    let normalizer = Normalizer::new(charsmap, *dummy_prefix != 0, *strip != 0);
    let normalizer = normalizer.ok_or_else(|| file.damaged("the character map is cut off"))?;
    Ok(Tokenizer::new(normalizer, vocabulary, scores))
}
