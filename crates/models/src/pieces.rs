//! Word pieces: the vocabulary as a trie, and the best way to cut a text by it.
//!
//! Both sentence encoders cut text by a unigram model over pieces of their own.
//! Not here: normal forms and marks; they belong to each encoder's tokenizer.

pub(crate) mod unigram;
pub(crate) mod vocabulary;
