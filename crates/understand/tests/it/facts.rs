//! Renders what was extracted as one short line, so that cases read as a table.

use jiff::civil::{Date, date};
use teller_kernel::{SlotType, SlotValue};
use teller_understand::{Entity, SlotContext, extract};

/// The day all cases are told on: a Saturday.
pub const TODAY: Date = date(2026, 11, 21);

pub fn line(entities: &[Entity]) -> String {
    entities.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn word(entity: &Entity) -> String {
    let value = match &entity.value {
        SlotValue::Money { amount } => format!("{}{}", amount.currency, amount.minor),
        SlotValue::Currency { currency } => format!("cur:{currency}"),
        SlotValue::Date { date } => date.to_string(),
        SlotValue::DateRange { from, to } => format!("{from}..{to}"),
        SlotValue::Term { months } => format!("{months}mo"),
        SlotValue::Rate { percent } => format!("{percent}%"),
        SlotValue::Integer { value } => format!("int:{value}"),
        SlotValue::Boolean { value } => format!("bool:{value}"),
        SlotValue::Direction { inward } => (if *inward { "in" } else { "out" }).into(),
        SlotValue::Name { name } => format!("name:{name}"),
        SlotValue::AccountNo { number } => format!("acct:{number}"),
        SlotValue::CardTail { tail } => format!("tail:{tail}"),
        SlotValue::Phone { number } => format!("tel:{number}"),
        SlotValue::Moment { date, hour } => format!("at:{date}T{}", hour.map_or("-".into(), |h| h.to_string())),
        SlotValue::City { name } => format!("city:{name}"),
        SlotValue::Country { code } => format!("land:{code}"),
        SlotValue::Bic { code } => format!("bic:{code}"),
        SlotValue::Iban { number } => format!("iban:{number}"),
        SlotValue::Choice { id, .. } => format!("choice:{id}"),
        SlotValue::Text { text } => format!("text:{text}"),
    };
    if entity.corrected { format!("{value}!") } else { value }
}

/// Runs a table and reports every row that differs, not only the first.
pub fn check(rows: &[(&str, &str)], expecting: Option<SlotType>) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(text, want)| {
            let ctx = SlotContext { expecting, ..SlotContext::new(TODAY) };
            let got = line(&extract(text, &ctx));
            (got != *want).then(|| format!("{text}\n    want {want}\n    got  {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
