//! Reading one YAML file into a typed section, with errors that name their
//! line. Budgets of the parser (depth, nodes, anchors) stay at its safe
//! defaults: a pack may come from a stranger.

use crate::diagnostic::{Diagnostic, Place};
use serde::de::DeserializeOwned;

pub use serde_saphyr::Spanned;

/// Parses the file, or notes why not and gives nothing.
pub fn read<T: DeserializeOwned>(file: &str, text: &str, notes: &mut Vec<Diagnostic>) -> Option<T> {
    match serde_saphyr::from_str::<T>(text) {
        Ok(value) => Some(value),
        Err(error) => {
            let place = error.location().map_or_else(|| Place::file(file), |location| Place::at(file, location));
            notes.push(Diagnostic::error(place, "bad-yaml", first_line(&error.without_snippet().to_string())));
            None
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("not readable").to_owned()
}
