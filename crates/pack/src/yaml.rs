//! Reading one YAML file into a typed section, with errors that name their
//! line. Budgets of the parser (depth, nodes, anchors) stay at its safe
//! defaults: a pack may come from a stranger. Words are read as YAML 1.2 has
//! them, so the country `NO` is a name and no `false`.

use crate::diagnostic::{Diagnostic, Place};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::BTreeMap;

use serde_saphyr::options::NonFiniteFloatPolicy;

pub use serde_saphyr::Spanned;

/// Parses the file, or notes why not and gives nothing.
pub fn read<T: DeserializeOwned>(file: &str, text: &str, notes: &mut Vec<Diagnostic>) -> Option<T> {
    match serde_saphyr::from_str_with_options::<T>(text, options()) {
        Ok(value) => Some(value),
        Err(error) => {
            let place = error.location().map_or_else(|| Place::file(file), |location| Place::at(file, location));
            notes.push(Diagnostic::error(place, "bad-yaml", reason(&error.without_snippet().to_string())));
            None
        }
    }
}

/// Where the value of each key of the file's outermost mapping is written;
/// nothing for a file that is no mapping.
pub fn places(file: &str, text: &str) -> BTreeMap<String, Place> {
    // The values do not matter here, not even one that is no number.
    let lenient = serde_saphyr::options! { non_finite_float_policy: NonFiniteFloatPolicy::PassThrough };
    let keys: BTreeMap<String, Spanned<IgnoredAny>> =
        serde_saphyr::from_str_with_options(text, lenient).unwrap_or_default();
    keys.into_iter().map(|(key, value)| (key, Place::at(file, value.referenced))).collect()
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}

/// The parser's first line, without the place, which the note has of its own.
fn reason(text: &str) -> String {
    let line = text.lines().next().unwrap_or("not readable");
    line.rsplit_once(" at line ").map_or(line, |(reason, _)| reason).to_owned()
}
