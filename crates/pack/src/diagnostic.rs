//! What is wrong with a pack, and where: file, line, column, a stable code and
//! a sentence that says how to mend it.

use serde::Serialize;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gravity {
    /// The pack cannot serve.
    Error,
    /// It serves, but somebody should look.
    Warning,
}

/// A place in a pack. Line and column count from 1; 0 means the whole file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Place {
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0 }
    }

    pub fn at(file: &str, location: serde_saphyr::Location) -> Self {
        Self {
            file: file.to_owned(),
            line: u32::try_from(location.line()).unwrap_or(0),
            column: u32::try_from(location.column()).unwrap_or(0),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    pub gravity: Gravity,
    #[serde(flatten)]
    pub place: Place,
    /// Stable, for tools: `unknown-slot`, `missing-translation`, …
    pub code: &'static str,
    pub message: String,
}

impl Diagnostic {
    pub fn error(place: Place, code: &'static str, message: impl Into<String>) -> Self {
        Self { gravity: Gravity::Error, place, code, message: message.into() }
    }

    pub fn warning(place: Place, code: &'static str, message: impl Into<String>) -> Self {
        Self { gravity: Gravity::Warning, place, code, message: message.into() }
    }

    pub fn is_error(&self) -> bool {
        self.gravity == Gravity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gravity = if self.is_error() { "error" } else { "warning" };
        let Place { file, line, column } = &self.place;
        if *line == 0 {
            write!(f, "{file}: {gravity}[{}]: {}", self.code, self.message)
        } else {
            write!(f, "{file}:{line}:{column}: {gravity}[{}]: {}", self.code, self.message)
        }
    }
}
