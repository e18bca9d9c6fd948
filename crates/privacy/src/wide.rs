//! The wider net: patterns, each surest first, no two spans overlapping. Masking
//! hides what they find besides what the tagger finds; a malformed number that is
//! called an identity is caught here.

use crate::detect::{PiiKind, PiiSpan, SPANS_MAX, TEXT_CHARS_MAX};
use crate::fold::Folded;
use crate::{free_text, names, numbers};

/// Spans found so far; a later detector never takes what an earlier one has.
#[derive(Default)]
pub(crate) struct Found {
    spans: Vec<PiiSpan>,
}

impl Found {
    pub fn is_free(&self, start: usize, end: usize) -> bool {
        !self.spans.iter().any(|s| s.start < end && start < s.end)
    }

    pub fn put(&mut self, start: usize, end: usize, kind: PiiKind) {
        self.put_doubtful(start, end, kind, false);
    }

    pub fn put_doubtful(&mut self, start: usize, end: usize, kind: PiiKind, doubtful: bool) {
        if start < end && self.spans.len() < SPANS_MAX && self.is_free(start, end) {
            self.spans.push(PiiSpan { start, end, kind, doubtful });
        }
    }
}

/// What the patterns find, in order, without overlap.
pub(crate) fn detect(text: &str) -> Vec<PiiSpan> {
    let folded = Folded::of(text, TEXT_CHARS_MAX);
    let mut found = Found::default();
    free_text::emails(&folded, &mut found);
    free_text::secrets(&folded, &mut found);
    numbers::codes(&folded, &mut found);
    free_text::wechat(&folded, &mut found);
    numbers::runs(&folded, &mut found);
    free_text::birth_dates(&folded, &mut found);
    free_text::addresses(&folded, &mut found);
    names::read(&folded, &mut found);
    let original: Vec<char> = text.chars().take(TEXT_CHARS_MAX).collect();
    names::read_latin(&folded, &original, &mut found);
    let mut spans = found.spans;
    spans.sort_by_key(|s| s.start);
    spans
}
