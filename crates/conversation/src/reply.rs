//! Building one reply: the pack's words, cards and choices as typed parts.
//!
//! Everything a turn says is gathered into one `Replied` event, with the ids of
//! the messages and articles it is made of, so that a test, an inspector and a
//! trace can tell what was said without reading prose.

use serde_json::{Map, Value};
use teller_flows::model::{CardSpec, RowSpec};
use teller_kernel::part::{ChoiceOption, Part, QuickReply, Row, Table};
use teller_kernel::{EventBody, Locale, Localized};
use teller_pack::{Text, TextError, Texts};

/// Rows of one card or table; the rest is counted in a note of the pack's own.
pub const ROWS_MAX: usize = 50;

/// The reply of one turn while it grows.
#[derive(Debug, Default, Clone)]
pub struct Reply {
    ids: Vec<String>,
    parts: Vec<Part>,
    quick_replies: Vec<QuickReply>,
}

/// What rendering needs: the pack's words, the language, the values.
pub struct Words<'a> {
    pub texts: &'a Texts,
    pub locale: Locale,
    pub context: &'a Value,
}

impl Reply {
    pub fn part(&mut self, part: Part) {
        self.parts.push(part);
    }

    pub fn id(&mut self, id: impl Into<String>) {
        self.ids.push(id.into());
    }

    pub fn text(&mut self, id: &str, text: String) {
        self.ids.push(id.to_owned());
        self.parts.push(Part::Text { text });
    }

    /// Puts words before everything else, unless there is nothing else or it is
    /// values to confirm or a code to enter, which stand alone. Was it put?
    pub fn preface(&mut self, id: &str, text: String) -> bool {
        let alone = |part: &Part| matches!(part, Part::Confirm { .. } | Part::Otp { .. });
        if self.parts.is_empty() || self.parts.iter().any(alone) {
            return false;
        }
        self.ids.insert(0, id.to_owned());
        self.parts.insert(0, Part::Text { text });
        true
    }

    pub fn quick_replies(&mut self, replies: impl IntoIterator<Item = QuickReply>) {
        self.quick_replies.extend(replies);
    }

    pub fn quick_words(&mut self, words: &[Localized], locale: Locale) {
        self.quick_replies(words.iter().map(|word| {
            let text = word.get(locale).to_owned();
            QuickReply { label: text.clone(), send: text }
        }));
    }

    /// Says a text of the pack.
    pub fn say(&mut self, text: &Text, words: &Words<'_>) -> Result<(), TextError> {
        let rendered = words.texts.render(text, words.locale, words.context)?;
        if let Text::Message(id) = text {
            self.ids.push(id.clone());
        }
        self.parts.push(Part::Text { text: rendered });
        Ok(())
    }

    pub fn card(&mut self, spec: &CardSpec, words: &Words<'_>) -> Result<(), TextError> {
        let card = card(spec, words)?;
        self.parts.push(card);
        Ok(())
    }

    pub fn choices(&mut self, slot: &str, options: Vec<ChoiceOption>) {
        self.parts.push(Part::Choices { slot: slot.to_owned(), options });
    }

    /// The event, when there is anything to say.
    pub fn take(&mut self) -> Option<EventBody> {
        if self.parts.is_empty() {
            return None;
        }
        let Self { ids, parts, quick_replies } = std::mem::take(self);
        Some(EventBody::Replied { reply_ids: ids, parts, quick_replies })
    }
}

/// Renders a card: fixed rows, one row for each element of a list, a table.
pub fn card(spec: &CardSpec, words: &Words<'_>) -> Result<Part, TextError> {
    let mut shown = rows(&spec.rows, words)?;
    if let Some(each) = &spec.each {
        for item in list(&each.of, words)?.iter().take(ROWS_MAX) {
            let context = with_item(words.context, item);
            shown.push(Row {
                label: words.texts.shown(&each.label, words.locale, &context)?,
                value: words.texts.shown(&each.value, words.locale, &context)?,
                strong: each.strong,
            });
        }
    }
    let table = spec.table.as_ref().map(|table| -> Result<Table, TextError> {
        let columns = table.columns.iter().map(|column| words.texts.render(column, words.locale, words.context));
        let mut cells = Vec::new();
        for item in list(&table.of, words)?.iter().take(ROWS_MAX) {
            let context = with_item(words.context, item);
            cells.push(
                table
                    .cells
                    .iter()
                    .map(|cell| words.texts.shown(cell, words.locale, &context))
                    .collect::<Result<_, _>>()?,
            );
        }
        Ok(Table { columns: columns.collect::<Result<_, _>>()?, rows: cells })
    });
    Ok(Part::Card {
        style: spec.style,
        title: words.texts.render(&spec.title, words.locale, words.context)?,
        rows: shown,
        table: table.transpose()?,
        note: spec.note.as_ref().map(|note| words.texts.render(note, words.locale, words.context)).transpose()?,
    })
}

/// Renders the rows whose condition holds.
pub fn rows(specs: &[RowSpec], words: &Words<'_>) -> Result<Vec<Row>, TextError> {
    let mut rows = Vec::new();
    for spec in specs {
        if let Some(condition) = &spec.when
            && !words.texts.holds(condition, words.context)?
        {
            continue;
        }
        rows.push(Row {
            label: words.texts.render(&spec.label, words.locale, words.context)?,
            value: words.texts.shown(&spec.value, words.locale, words.context)?,
            strong: spec.strong,
        });
    }
    Ok(rows)
}

fn list(expression: &str, words: &Words<'_>) -> Result<Vec<Value>, TextError> {
    match words.texts.evaluate(expression, words.context)? {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        _ => Err(TextError::Condition(format!("`{expression}` is not a list"))),
    }
}

fn with_item(context: &Value, item: &Value) -> Value {
    let mut map = context.as_object().cloned().unwrap_or_else(Map::new);
    map.insert("item".to_owned(), item.clone());
    Value::Object(map)
}
