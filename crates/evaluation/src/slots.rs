//! Slots: the values in a sentence against those a reader wrote down.
//!
//! A row is `{text, slots: {key: value}}`; a key is a hit when the same value
//! was read for it, a false alarm when another or none was to be read, a miss
//! when another or nothing was read. Which entity speaks for a key is said
//! here, by the conventions of docs/EVAL.md.

use crate::cpu;
use crate::read::{self, EvalError};
use crate::score::{Counts, round};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use teller_kernel::{Currency, SlotValue};
use teller_understand::slots::{Entity, Role, SlotContext, extract};

/// Most rows that a list of errors shows.
const ERRORS_MAX: usize = 500;

#[derive(Deserialize)]
struct Row {
    text: String,
    slots: Map<String, Value>,
}

/// Figures of one file, with `products` as the names the bank's pack gives:
/// `{n, overall: {precision, recall, f1}, by: {SLOT: {…}}, cpu_ms_per_text}`,
/// and with `errors` the rows that went wrong, at most 500.
///
/// # Errors
/// The file cannot be read or a row does not fit.
pub fn run(file: &Path, today: Date, products: &[String], errors: bool) -> Result<Value, EvalError> {
    let rows: Vec<Row> = read::json_lines(file)?;
    teller_understand::warm(today);
    let context = SlotContext { products: Some(products), ..SlotContext::new(today) };
    let (found, cpu_ms) = cpu::each(rows.len(), || {
        rows.iter().map(|row| by_key(&extract(&row.text, &context))).collect::<Vec<Map<String, Value>>>()
    });
    let mut by: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (row, found) in rows.iter().zip(&found) {
        for key in row.slots.keys().chain(found.keys().filter(|key| !row.slots.contains_key(*key))) {
            by.entry(key).or_default().add(compare(row.slots.get(key), found.get(key)));
        }
        if row.slots != *found && wrong.len() < ERRORS_MAX {
            wrong.push(json!({"text": row.text, "expected": row.slots, "found": found}));
        }
    }
    let mut overall = Counts::default();
    by.values().for_each(|counts| overall.add(*counts));
    let by: Map<String, Value> = by.into_iter().map(|(key, counts)| (key.to_owned(), counts.json())).collect();
    let mut report = json!({
        "n": rows.len(),
        "overall": overall.json(),
        "by": by,
        "cpu_ms_per_text": round(cpu_ms),
    });
    if errors {
        report["errors"] = Value::Array(wrong);
    }
    Ok(report)
}

fn compare(expected: Option<&Value>, found: Option<&Value>) -> Counts {
    match (expected, found) {
        (Some(expected), Some(found)) if expected == found => Counts { hits: 1, ..Counts::default() },
        (expected, found) => {
            Counts { hits: 0, false_alarms: usize::from(found.is_some()), misses: usize::from(expected.is_some()) }
        }
    }
}

/// The one value that each key has in a message: a corrected one before others, the first before later ones.
fn by_key(entities: &[Entity]) -> Map<String, Value> {
    let mut out = Map::new();
    let ordered = entities.iter().filter(|e| e.corrected).chain(entities.iter().filter(|e| !e.corrected));
    for entity in ordered {
        for (key, value) in keys(entity) {
            out.entry(key).or_insert(value);
        }
    }
    out
}

fn keys(entity: &Entity) -> Vec<(&'static str, Value)> {
    let foreign = |currency: Currency| (currency != Currency::CNY).then(|| ("currency", json!(currency.code())));
    match &entity.value {
        SlotValue::Money { amount } => {
            std::iter::once(("amount", json!(amount.minor))).chain(foreign(amount.currency)).collect()
        }
        SlotValue::Currency { currency } => foreign(*currency).into_iter().collect(),
        SlotValue::Date { date } => vec![("date", json!(date.to_string()))],
        SlotValue::DateRange { from, to } => vec![("date_range", json!([from.to_string(), to.to_string()]))],
        SlotValue::CardTail { tail } => vec![("card_tail", json!(tail))],
        SlotValue::AccountNo { number } | SlotValue::Iban { number } => vec![("payee_account", json!(number))],
        SlotValue::Phone { number } => vec![("phone", json!(number))],
        SlotValue::Term { months } => vec![("term_months", json!(months))],
        SlotValue::Rate { percent } => vec![("rate", json!(percent))],
        SlotValue::Direction { inward } => vec![("direction", json!(if *inward { "in" } else { "out" }))],
        SlotValue::Name { name } if entity.role != Some(Role::Own) => vec![("payee_name", json!(name))],
        SlotValue::Text { text } if entity.role == Some(Role::Product) => vec![("product_name", json!(text))],
        _ => Vec::new(),
    }
}
