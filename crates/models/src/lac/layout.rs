//! The shape of the tagger and the names of its sections in a flat file: what
//! the converter writes and the tagger reads.
//!
//! The shape is that of the published network: embeddings of characters, two
//! layers of gated recurrent units in both directions, a score for each tag.

/// Kind in the flat file's header; its digit rises when the layout changes.
pub(crate) const KIND: &str = "lac-1";

/// The file's name in the model's folder.
pub(crate) const FILE_NAME: &str = "named-entities.flat";

/// Values of one character's embedding.
pub(crate) const EMBEDDING: usize = 128;
/// Values of one direction's state.
pub(crate) const STATE: usize = 128;
/// Values of both directions.
pub(crate) const BOTH: usize = 2 * STATE;
/// The gates of one unit: update, reset, candidate.
pub(crate) const GATES: usize = 3 * STATE;
/// Scores of one character, and the padded number that a kernel likes.
pub(crate) const TAGS: usize = 59;
pub(crate) const PADDED_TAGS: usize = 64;
/// Inputs of each layer.
pub(crate) const LAYERS: [usize; 2] = [EMBEDDING, BOTH];
/// Forwards and backwards.
pub(crate) const DIRECTIONS: usize = 2;

/// Sections that are one list each.
pub(crate) mod section {
    /// Known characters in order, and what each variant form is read as.
    pub(crate) const CHARS: &str = "chars";
    pub(crate) const VARIANT_FROM: &str = "variant.from";
    pub(crate) const VARIANT_TO: &str = "variant.to";
    /// A row for each known character, then one for all others.
    pub(crate) const TABLE: &str = "table";
    pub(crate) const OUT: &str = "out";
    pub(crate) const OUT_BIAS: &str = "out.bias";
    /// `[from][to]`.
    pub(crate) const TRANSITIONS: &str = "transitions";
    /// A byte for each tag, see [`super::tag_byte`].
    pub(crate) const TAGS: &str = "tags";
}

/// Which matrix of a layer and direction.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    /// From the input; its bias follows the input's.
    Input,
    /// From the state before.
    State,
}

pub(crate) fn gates(layer: usize, direction: usize, side: Side) -> String {
    let side = match side {
        Side::Input => "input",
        Side::State => "state",
    };
    format!("gru{layer}.{direction}.{side}")
}

pub(crate) fn bias(layer: usize, direction: usize, side: Side) -> String {
    format!("{}.bias", gates(layer, direction, side))
}

/// Kinds of words that are told apart, as the package writes them.
pub(crate) const KIND_NAMES: [&str; 3] = ["PER", "LOC", "ORG"];
/// Set in a tag's byte when it goes on with the word before.
pub(crate) const INSIDE: u8 = 1;

/// A tag as a byte: 2, 4, 6 for the kinds of [`KIND_NAMES`], 0 for any other
/// word, plus [`INSIDE`].
pub(crate) fn tag_byte(tag: &str) -> u8 {
    let (word, inside) = match tag.rsplit_once('-') {
        Some((word, place)) => (word, place == "I"),
        None => (tag, false),
    };
    let kind = KIND_NAMES.iter().position(|name| *name == word).map_or(0, |place| place as u8 + 1);
    kind << 1 | u8::from(inside)
}
