//! Names, places and organisations in Chinese text, in about a millisecond of
//! one core, in pure Rust.
//!
//! It is a port of the published LAC (Baidu's lexical analysis of Chinese): a
//! recurrent network over characters and a best path over their tags. The
//! package also cuts text into words and names their parts of speech; of that
//! only the three kinds of proper names are given out here. It knows Chinese:
//! English names are not found, and digits are never a name.
//!
//! Invariants: [`Lac`] is immutable, so threads share it without a lock; spans
//! are in order, do not overlap, and count characters. Not here: whether a name
//! is a customer's payee; personal data, which `privacy` finds without a model
//! that must be fetched.

mod best_path;
pub(crate) mod layout;
mod network;

use std::path::Path;

use best_path::Transitions;
use layout::{INSIDE, TAGS, section};
use network::Network;

use crate::ModelError;
use crate::flat::FlatFile;

/// Characters of a text that are read; a customer's sentence is shorter, and the
/// cost grows with each.
pub const LAC_MAX_CHARS: usize = 256;

/// What a proper name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntityKind {
    Person,
    Place,
    Organisation,
}

/// A proper name: characters `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntitySpan {
    pub start: usize,
    pub end: usize,
    pub kind: EntityKind,
}

/// An opened tagger. Cheap to share behind an `Arc`.
pub struct Lac {
    /// In order, each with its row in the table.
    chars: Vec<u32>,
    variant_from: Vec<u32>,
    variant_to: Vec<u32>,
    network: Network,
    transitions: Transitions,
    tags: [u8; TAGS],
}

impl Lac {
    /// Opens the tagger in `folder`, which [`crate::Catalogue::fetch`] or
    /// [`crate::Catalogue::installed`] returned. The table of characters, 4 MB,
    /// stays mapped from the file; the rest, about 2 MB, is copied.
    ///
    /// # Errors
    /// [`ModelError::Io`] when the file cannot be read, [`ModelError::Damaged`]
    /// when it is not a sound tagger of this version.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let file = FlatFile::open(&folder.join(layout::FILE_NAME), layout::KIND)?;
        let chars = file.u32s(section::CHARS)?;
        let (variant_from, variant_to) = (file.u32s(section::VARIANT_FROM)?, file.u32s(section::VARIANT_TO)?);
        let in_order = |list: &[u32]| list.is_sorted_by(|a, b| a < b);
        if !in_order(&chars) || !in_order(&variant_from) || variant_from.len() != variant_to.len() {
            return Err(file.damaged("its characters are not in order"));
        }
        let tags = file.bytes(section::TAGS)?.try_into().map_err(|_| file.damaged("it has another number of tags"))?;
        let transitions = Transitions::new(&file.f32s(section::TRANSITIONS, TAGS * TAGS)?)
            .ok_or_else(|| file.damaged("it has another number of tags"))?;
        let network = Network::read(file, chars.len() + 1)?;
        Ok(Self { chars, variant_from, variant_to, network, transitions, tags })
    }

    /// The proper names in `text`, of which the first [`LAC_MAX_CHARS`]
    /// characters are read.
    #[must_use]
    pub fn entities(&self, text: &str) -> Vec<EntitySpan> {
        let mut found: Vec<EntitySpan> = Vec::new();
        let mut open = false;
        for (at, tag) in self.tag_numbers(text).into_iter().enumerate() {
            let byte = self.tags[tag];
            if byte & INSIDE != 0 && at > 0 {
                // It goes on, whatever its own kind: the first character names it.
                if open && let Some(last) = found.last_mut() {
                    last.end = at + 1;
                }
                continue;
            }
            let kind = match byte >> 1 {
                1 => EntityKind::Person,
                2 => EntityKind::Place,
                3 => EntityKind::Organisation,
                _ => {
                    open = false;
                    continue;
                }
            };
            open = true;
            found.push(EntitySpan { start: at, end: at + 1, kind });
        }
        found
    }

    /// The number of the tag of each character that is read, as the package
    /// counts them: to compare with the package.
    #[must_use]
    pub fn tag_numbers(&self, text: &str) -> Vec<usize> {
        let rows: Vec<usize> = text.chars().take(LAC_MAX_CHARS).map(|c| self.row(c)).collect();
        self.transitions.best_path(&self.network.scores(&rows))
    }

    /// The sha256 of the converted weights: which model a trace was made with.
    #[must_use]
    pub fn version(&self) -> String {
        self.network.file().sha256()
    }

    /// A character's row in the table; one for all that are not known.
    fn row(&self, c: char) -> usize {
        let code = u32::from(c);
        let read_as = self.variant_from.binary_search(&code).map_or(code, |place| self.variant_to[place]);
        self.chars.binary_search(&read_as).unwrap_or(self.chars.len())
    }
}

impl std::fmt::Debug for Lac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lac").field("version", &self.version()).finish_non_exhaustive()
    }
}
