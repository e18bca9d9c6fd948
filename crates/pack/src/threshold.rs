//! `thresholds.csv`: the numbers of law and house that flows and answers obey,
//! each with where it comes from, since when, and how sure the author is.

use crate::diagnostic::{Diagnostic, Place};
use serde::Deserialize;
use std::collections::BTreeMap;

pub const FILE: &str = "thresholds.csv";

/// How sure the pack's author is of a number.
const STATUSES: [&str; 3] = ["source_read", "secondhand", "memory"];

/// A number or rule with where it comes from and since when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub key: String,
    pub value: String,
    pub unit: String,
    /// `2024-07-01`, or as much of it as is known: `2018-01`, `2007`.
    pub effective: String,
    pub rule: String,
    pub source: String,
    /// source_read | secondhand | memory: how sure the pack's author is.
    pub status: String,
}

/// Reads every row; a wrong one is noted with its line and left out.
pub fn read(text: &str, notes: &mut Vec<Diagnostic>) -> BTreeMap<String, Threshold> {
    let mut thresholds = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    for row in reader.records() {
        let wrong = match row {
            Ok(row) => {
                let place = line(row.position());
                match row.deserialize::<Threshold>(Some(&headers)) {
                    Ok(row) => match reason(&row) {
                        None if thresholds.contains_key(&row.key) => {
                            (place, "duplicate-id", format!("threshold {} is written twice", row.key))
                        }
                        None => {
                            thresholds.insert(row.key.clone(), row);
                            continue;
                        }
                        Some((code, message)) => (place, code, message),
                    },
                    Err(error) => (place, "bad-row", error.to_string()),
                }
            }
            Err(error) => (line(error.position()), "bad-row", error.to_string()),
        };
        let (place, code, message) = wrong;
        notes.push(Diagnostic::error(place, code, message));
    }
    thresholds
}

fn line(position: Option<&csv::Position>) -> Place {
    let line = position.and_then(|position| u32::try_from(position.line()).ok()).unwrap_or(0);
    Place { file: FILE.to_owned(), line, column: 1 }
}

/// Why the row cannot be relied on.
fn reason(row: &Threshold) -> Option<(&'static str, String)> {
    let key = &row.key;
    if row.source.trim().is_empty() || row.effective.trim().is_empty() {
        Some(("unsourced-threshold", format!("{key} names no source or no date")))
    } else if !is_date(&row.effective) {
        Some(("bad-date", format!("{key}: `{}` is not a date like 2026-01-31, 2026-01 or 2026", row.effective)))
    } else if !STATUSES.contains(&row.status.as_str()) {
        Some(("bad-status", format!("{key}: status is one of {STATUSES:?}")))
    } else {
        None
    }
}

/// A day, or the month or year that is all that is known.
fn is_date(text: &str) -> bool {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    whole.len() == 10 && whole.parse::<jiff::civil::Date>().is_ok()
}
