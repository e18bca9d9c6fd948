//! The working sheet of one extraction: the text, what has been read, and which
//! characters are spoken for, so that a date is not read again as an amount.

use super::{Entity, Role, SlotContext};
use crate::normal::Normal;
use crate::number::{self, Number};
use regex::{Captures, Regex};
use teller_kernel::{SlotType, SlotValue};

/// Most entities one message gives; the rest of a longer list is not read.
pub const ENTITIES_MAX: usize = 64;

/// A value with its normal positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub value: SlotValue,
    pub start: usize,
    pub end: usize,
    pub role: Option<Role>,
    pub corrected: bool,
}

impl Draft {
    pub fn new(value: SlotValue, start: usize, end: usize) -> Self {
        Self { value, start, end, role: None, corrected: false }
    }

    pub fn slot_type(&self) -> SlotType {
        self.value.slot_type()
    }
}

pub struct Sheet<'a> {
    pub normal: &'a Normal<'a>,
    pub ctx: &'a SlotContext<'a>,
    pub numbers: Vec<Number>,
    pub found: Vec<Draft>,
    taken: Vec<bool>,
}

/// A regex match in normal positions.
pub struct Hit<'t> {
    pub start: usize,
    pub end: usize,
    pub captures: Captures<'t>,
    text: &'t str,
}

impl Hit<'_> {
    pub fn group(&self, name: &str) -> Option<&str> {
        self.captures.name(name).map(|m| m.as_str())
    }

    /// The text behind the match.
    pub fn after(&self) -> &str {
        self.captures.get(0).and_then(|whole| self.text.get(whole.end()..)).unwrap_or("")
    }

    /// Whether one of these stands right before the match.
    pub fn preceded_by(&self, words: &[&str]) -> bool {
        let head = self.captures.get(0).and_then(|whole| self.text.get(..whole.start())).unwrap_or("");
        words.iter().any(|word| head.ends_with(word))
    }
}

impl<'a> Sheet<'a> {
    pub fn new(normal: &'a Normal<'a>, ctx: &'a SlotContext<'a>) -> Self {
        Self {
            normal,
            ctx,
            numbers: number::scan(normal.chars()),
            found: Vec::new(),
            taken: vec![false; normal.chars().len()],
        }
    }

    pub fn chars(&self) -> &'a [char] {
        self.normal.chars()
    }

    pub fn text(&self) -> &'a str {
        self.normal.text()
    }

    pub fn expecting(&self, slot: SlotType) -> bool {
        self.ctx.expecting == Some(slot)
    }

    /// The character at a place; a space beyond either end.
    pub fn char_at(&self, at: usize) -> char {
        self.chars().get(at).copied().unwrap_or(' ')
    }

    /// The character before a place; a space at the beginning.
    pub fn char_before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(' ', |i| self.char_at(i))
    }

    /// Up to `count` characters before a place, as text.
    pub fn before(&self, at: usize, count: usize) -> &'a str {
        self.normal.slice(at.saturating_sub(count), at)
    }

    /// Up to `count` characters after a place, as text.
    pub fn after(&self, at: usize, count: usize) -> &'a str {
        self.normal.slice(at, (at + count).min(self.chars().len()))
    }

    pub fn is_free(&self, start: usize, end: usize) -> bool {
        self.taken.get(start..end).is_some_and(|places| !places.contains(&true))
    }

    pub fn take(&mut self, start: usize, end: usize) {
        if let Some(places) = self.taken.get_mut(start..end) {
            places.fill(true);
        }
    }

    /// Keeps a value and claims its characters.
    pub fn put(&mut self, value: SlotValue, start: usize, end: usize) {
        self.put_role(value, start, end, None);
    }

    pub fn put_role(&mut self, value: SlotValue, start: usize, end: usize, role: Option<Role>) {
        if self.found.len() < ENTITIES_MAX {
            self.found.push(Draft { role, ..Draft::new(value, start, end) });
        }
        self.take(start, end);
    }

    /// Matches of a regex on the normal form, in normal positions.
    pub fn hits(&self, regex: &Regex) -> Vec<Hit<'a>> {
        let text = self.text();
        regex
            .captures_iter(text)
            .take(ENTITIES_MAX)
            .filter_map(|captures| {
                let whole = captures.get(0)?;
                let start = self.normal.char_at_byte(whole.start());
                let end = self.normal.char_at_byte(whole.end());
                Some(Hit { start, end, captures, text })
            })
            .collect()
    }

    /// Normal positions of a named group.
    pub fn group_span(&self, hit: &Hit<'_>, name: &str) -> Option<(usize, usize)> {
        let group = hit.captures.name(name)?;
        Some((self.normal.char_at_byte(group.start()), self.normal.char_at_byte(group.end())))
    }

    /// Start of the clause that `at` is in.
    pub fn clause_start(&self, at: usize) -> usize {
        let head = self.chars().get(..at).unwrap_or(&[]);
        head.iter().rposition(|c| is_clause_end(*c)).map_or(0, |i| i + 1)
    }

    pub fn clause_end(&self, at: usize) -> usize {
        let tail = self.chars().get(at..).unwrap_or(&[]);
        tail.iter().position(|c| is_clause_end(*c)).map_or(self.chars().len(), |i| at + i)
    }

    pub fn into_entities(self) -> Vec<Entity> {
        let normal = self.normal;
        let mut entities: Vec<Entity> = self
            .found
            .into_iter()
            .map(|draft| {
                let (start, end) = normal.original(draft.start, draft.end);
                let Draft { value, role, corrected, .. } = draft;
                Entity { slot_type: value.slot_type(), value, start, end, role, corrected }
            })
            .collect();
        entities.sort_by_key(|e| (e.start, e.end, e.slot_type));
        entities
    }
}

pub fn is_clause_end(c: char) -> bool {
    matches!(c, ',' | '。' | ';' | '!' | '?' | '、' | '\n' | '…')
}
