//! Reading test sets: CSV with a header, JSON lines, tab-separated pairs. A bad
//! row is an error with its place; nothing is skipped in silence.

use serde::de::DeserializeOwned;
use std::path::Path;

/// Largest test set, in bytes.
const FILE_MAX_BYTES: u64 = 512 << 20;

/// A set that cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    #[error("{path}: {why}")]
    Io { path: String, why: String },
    #[error("{path}:{line}: {why}")]
    Row { path: String, line: u64, why: String },
    #[error("{0}")]
    Other(String),
}

fn text(path: &Path) -> Result<String, EvalError> {
    let io = |why: String| EvalError::Io { path: path.display().to_string(), why };
    let size = std::fs::metadata(path).map_err(|error| io(error.to_string()))?.len();
    if size > FILE_MAX_BYTES {
        return Err(io(format!("larger than {FILE_MAX_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| io(error.to_string()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Rows of a CSV file with a header, by the names of its columns.
///
/// # Errors
/// The file cannot be read, a row does not fit, or there is none.
pub fn csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, EvalError> {
    let text = text(path)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = |row: Result<T, csv::Error>| {
        row.map_err(|error| EvalError::Row {
            path: path.display().to_string(),
            line: error.position().map_or(0, csv::Position::line),
            why: error.to_string(),
        })
    };
    some(path, reader.deserialize().map(row).collect::<Result<Vec<T>, _>>()?)
}

/// Objects, one a line; empty lines are passed over.
///
/// # Errors
/// The file cannot be read, a line does not fit, or there is none.
pub fn json_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, EvalError> {
    let text = text(path)?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let object = |(line, text): (u64, &str)| {
        serde_json::from_str(text).map_err(|error| EvalError::Row {
            path: path.display().to_string(),
            line,
            why: error.to_string(),
        })
    };
    some(path, lines.map(object).collect::<Result<Vec<T>, _>>()?)
}

/// Pairs with a label: three columns between tabs, with or without a header
/// line whose third column is no number.
///
/// # Errors
/// The file cannot be read, a line does not fit, or there is none.
pub fn pairs(path: &Path) -> Result<Vec<(String, String, f64)>, EvalError> {
    let text = text(path)?;
    let mut rows = Vec::new();
    for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        let bad = |why: &str| EvalError::Row { path: path.display().to_string(), line, why: why.to_owned() };
        let columns: Vec<&str> = row.split('\t').collect();
        let [a, b, label] = columns[..] else { return Err(bad("a line is: text, tab, text, tab, label")) };
        match label.trim().parse() {
            Ok(label) => rows.push((a.to_owned(), b.to_owned(), label)),
            Err(_) if line == 1 => {}
            Err(_) => return Err(bad("the label is no number")),
        }
    }
    some(path, rows)
}

fn some<T>(path: &Path, rows: Vec<T>) -> Result<Vec<T>, EvalError> {
    if rows.is_empty() {
        return Err(EvalError::Io { path: path.display().to_string(), why: "no rows".to_owned() });
    }
    Ok(rows)
}
