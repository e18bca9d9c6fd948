//! Masking of what staff read.
//!
//! The holder of a conversation reads what was said as it was said: they must
//! answer it. What flows know (slots, values of the bank, parameters of
//! commits) is masked for everybody; and everybody else reads words masked too.

use serde_json::Value;
use teller_kernel::{Event, EventBody, SlotValue};
use teller_privacy::mask;

/// Nesting looked into; deeper values are replaced whole.
const DEPTH_MAX: usize = 16;

pub(crate) fn masked(text: &str) -> String {
    mask(text).to_string()
}

/// Masks every text in a value; numbers, structure and names of fields stay.
pub(crate) fn mask_value(value: &mut Value) {
    mask_deep(value, DEPTH_MAX);
}

fn mask_deep(value: &mut Value, depth: usize) {
    match value {
        Value::String(text) => *text = masked(text),
        Value::Array(items) if depth > 0 => items.iter_mut().for_each(|item| mask_deep(item, depth - 1)),
        Value::Object(map) if depth > 0 => map.values_mut().for_each(|item| mask_deep(item, depth - 1)),
        Value::Array(_) | Value::Object(_) => *value = Value::String("…".to_owned()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A slot's value as staff see it.
pub(crate) fn mask_slot(value: &SlotValue) -> Value {
    let mut json = value.to_json();
    match value {
        SlotValue::Name { name } => json = Value::String(hide(name)),
        SlotValue::AccountNo { number } | SlotValue::Phone { number } | SlotValue::Iban { number } => {
            json = Value::String(hide_number(number));
        }
        _ => mask_value(&mut json),
    }
    json
}

/// The first character stays.
fn hide(text: &str) -> String {
    text.chars().take(1).chain(std::iter::repeat_n('*', text.chars().count().saturating_sub(1))).collect()
}

/// The last four characters stay.
fn hide_number(number: &str) -> String {
    let count = number.chars().count();
    let hidden = count.saturating_sub(4).max(usize::from(count > 0 && count <= 4) * count);
    std::iter::repeat_n('*', hidden).chain(number.chars().skip(hidden)).collect()
}

/// Masks an event for a reader; `holds` is whether they hold the conversation.
pub(crate) fn mask_event(event: &mut Event, holds: bool) {
    mask_inner(&mut event.body);
    if !holds {
        mask_words(&mut event.body);
    }
}

/// What the machine knows; masked for everybody.
fn mask_inner(body: &mut EventBody) {
    match body {
        EventBody::SlotFilled { value, .. } => mask_slot_in_place(value),
        EventBody::VariableSet { value, .. } => mask_value(value),
        EventBody::CommitRequested { params, .. } => mask_value(params),
        EventBody::CommitResolved { result, .. } => mask_value(result),
        EventBody::ReleaseRequested { summary, .. } => mask_value(summary),
        EventBody::HandoffRequested { packet, .. } => packet.slots.iter_mut().for_each(|(_, value)| mask_value(value)),
        // A keyed hash of a password is of no use to a reader.
        EventBody::OtpIssued { proof, .. } => proof.clear(),
        _ => {}
    }
}

fn mask_slot_in_place(value: &mut SlotValue) {
    match value {
        SlotValue::Name { name } => *name = hide(name),
        SlotValue::AccountNo { number } | SlotValue::Phone { number } | SlotValue::Iban { number } => {
            *number = hide_number(number);
        }
        SlotValue::Text { text } => *text = masked(text),
        SlotValue::Choice { label, .. } => *label = masked(label),
        _ => {}
    }
}

/// What was said; masked for those who do not hold the conversation.
fn mask_words(body: &mut EventBody) {
    match body {
        EventBody::MessageReceived { text, .. }
        | EventBody::AgentReplied { text, .. }
        | EventBody::WishQueued { text, .. }
        | EventBody::FlowStarted { seed: text, .. }
        | EventBody::HandedBack { note: text }
        | EventBody::ReleaseDecided { reason: text, .. }
        | EventBody::Closed { reason: text } => *text = masked(text),
        EventBody::Replied { parts, .. } => mask_parts(parts),
        EventBody::HandoffRequested { packet, .. } => {
            packet.summary.iter_mut().for_each(|line| line.text = masked(&line.text));
        }
        _ => {}
    }
}

fn mask_parts(parts: &mut Vec<teller_kernel::Part>) {
    use teller_kernel::Part;
    for part in parts {
        match part {
            Part::Text { text } => *text = masked(text),
            Part::Card { rows, table, note, .. } => {
                rows.iter_mut().for_each(|row| row.value = masked(&row.value));
                if let Some(table) = table {
                    table.rows.iter_mut().flatten().for_each(|cell| *cell = masked(cell));
                }
                if let Some(note) = note {
                    *note = masked(note);
                }
            }
            Part::Confirm { rows, warning, .. } => {
                rows.iter_mut().for_each(|row| row.value = masked(&row.value));
                if let Some(warning) = warning {
                    *warning = masked(warning);
                }
            }
            Part::Choices { options, .. } => options.iter_mut().for_each(|option| {
                option.label = masked(&option.label);
                option.detail = option.detail.as_deref().map(masked);
            }),
            Part::Otp { authorises, .. } => *authorises = masked(authorises),
            Part::Answer { .. } | Part::Jump { .. } | Part::Handoff { .. } | Part::Progress { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use teller_kernel::{Actor, ConversationId, FlowRunId};

    fn event(body: EventBody) -> Event {
        Event { conversation: ConversationId::parse("cv_1").unwrap(), seq: 1, at_ms: 0, actor: Actor::Machine, body }
    }

    #[test]
    fn the_holder_reads_words_and_nobody_reads_the_banks_values() {
        let said = "我的手机号是13800138000";
        for (holds, whole) in [(true, true), (false, false)] {
            let mut event = event(EventBody::MessageReceived { client_id: "a".into(), text: said.into() });
            mask_event(&mut event, holds);
            let json = serde_json::to_string(&event).unwrap();
            assert_eq!(json.contains("13800138000"), whole);
        }
        let run = FlowRunId::parse("fr_1").unwrap();
        let value = json!({"items": [{"phone": "13800138000", "n": 3}]});
        let mut event = event(EventBody::VariableSet { run, name: "v".into(), value, source: "core".into() });
        mask_event(&mut event, true);
        let json = serde_json::to_string(&event).unwrap();
        assert!(!json.contains("13800138000") && json.contains("\"n\":3"), "{json}");
    }

    #[test]
    fn names_and_numbers_keep_a_hint() {
        assert_eq!(mask_slot(&SlotValue::Name { name: "张小明".into() }), json!("张**"));
        assert_eq!(mask_slot(&SlotValue::AccountNo { number: "6222020000001234".into() }), json!("************1234"));
        assert_eq!(hide_number("123"), "***");
    }

    #[test]
    fn bottomless_values_are_cut() {
        let mut value = json!("13800138000");
        for _ in 0..100 {
            value = json!([value]);
        }
        mask_value(&mut value);
        assert!(!value.to_string().contains("13800138000"));
    }
}
