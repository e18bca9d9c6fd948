//! Personal data: spans found against spans marked.
//!
//! A hit is a span with the same start, the same end and the same type; offsets
//! are Unicode code points, end exclusive. What masking hides beyond these spans
//! is not measured here.

use crate::cpu;
use crate::read::{EvalError, json_lines};
use crate::score::{Counts, round};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Most rows that the list of errors shows.
const ERRORS_MAX: usize = 500;

#[derive(Deserialize)]
struct Row {
    text: String,
    spans: Vec<(usize, usize, String)>,
}

/// Measures a set of `{text, spans: [[start, end, TYPE]]}` lines.
///
/// Gives `n`, `overall` and `by.TYPE`, each `{precision, recall, f1}`, and
/// `cpu_ms_per_text`; with `errors` also the rows that differ.
///
/// # Errors
/// The file cannot be read or a line does not fit.
pub fn run(file: &Path, errors: bool) -> Result<Value, EvalError> {
    let rows: Vec<Row> = json_lines(file)?;
    // Patterns and tables are made at the first use, which is no sentence's cost.
    let _ = teller_privacy::detect("");
    let (found, ms) =
        cpu::each(rows.len(), || rows.iter().map(|row| teller_privacy::detect(&row.text)).collect::<Vec<_>>());
    let mut overall = Counts::default();
    let mut by: BTreeMap<String, Counts> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (row, spans) in rows.iter().zip(found) {
        let found: BTreeSet<(usize, usize, &str)> = spans.iter().map(|s| (s.start, s.end, s.kind.as_str())).collect();
        let truth: BTreeSet<(usize, usize, &str)> = row.spans.iter().map(|(a, b, t)| (*a, *b, t.as_str())).collect();
        for (_, _, kind) in found.union(&truth).collect::<Vec<_>>() {
            by.entry((*kind).to_owned()).or_default();
        }
        count(&mut overall, &mut by, found.intersection(&truth), |c| c.hits += 1);
        count(&mut overall, &mut by, found.difference(&truth), |c| c.false_alarms += 1);
        count(&mut overall, &mut by, truth.difference(&found), |c| c.misses += 1);
        if errors && found != truth && wrong.len() < ERRORS_MAX {
            wrong.push(json!({
                "text": row.text,
                "expected": shown(&row.text, truth.difference(&found)),
                "found": shown(&row.text, found.difference(&truth)),
            }));
        }
    }
    let mut out = json!({
        "n": rows.len(),
        "overall": overall.json(),
        "by": by.iter().map(|(kind, counts)| (kind.clone(), counts.json())).collect::<BTreeMap<_, _>>(),
        "cpu_ms_per_text": round(ms),
    });
    if errors {
        out["errors"] = json!(wrong);
    }
    Ok(out)
}

fn count<'a>(
    overall: &mut Counts,
    by: &mut BTreeMap<String, Counts>,
    spans: impl Iterator<Item = &'a (usize, usize, &'a str)>,
    add: impl Fn(&mut Counts),
) {
    for (_, _, kind) in spans {
        add(overall);
        add(by.entry((*kind).to_owned()).or_default());
    }
}

/// `TYPE:value` of spans that only one side has.
fn shown<'a>(text: &str, spans: impl Iterator<Item = &'a (usize, usize, &'a str)>) -> Vec<String> {
    spans
        .map(|(start, end, kind)| {
            let value: String = text.chars().skip(*start).take(end.saturating_sub(*start)).collect();
            format!("{kind}:{value}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_span_of_the_same_type_is_a_hit() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("pii.jsonl");
        // The end is one too far in the second row; the third holds nothing.
        let rows = [
            r#"{"text":"邮箱a1@x.com","spans":[[2,10,"EMAIL"]]}"#.to_owned(),
            r#"{"text":"邮箱a1@x.com 发","spans":[[2,11,"EMAIL"]]}"#.to_owned(),
            r#"{"text":"你好","spans":[]}"#.to_owned(),
        ];
        std::fs::write(&file, rows.join("\n")).expect("written");
        let out = run(&file, true).expect("measured");
        let email = teller_privacy::detect("邮箱a1@x.com");
        assert_eq!((email[0].start, email[0].end), (2, 10));
        assert_eq!(out["n"], 3);
        assert_eq!(out["by"]["EMAIL"]["precision"], 0.5);
        assert_eq!(out["overall"]["recall"], 0.5);
        assert_eq!(out["errors"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn a_line_without_spans_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("pii.jsonl");
        std::fs::write(&file, "{\"text\":\"a\",\"spans\":[]}\n{\"text\":\"a\"}\n").expect("written");
        let error = run(&file, false).expect_err("the second line is wrong").to_string();
        assert!(error.contains("pii.jsonl:2"), "{error}");
    }
}
