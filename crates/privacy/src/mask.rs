//! Masked text: the only form in which a customer's words reach a log, an index
//! or an outside model.
//!
//! The forms: `张*`, `欧阳**`; `110101********0011`; first six and last four of a card;
//! `138****1234`; `a***@x.com`; an address to its district; secrets entirely.
//! Characters that are not part of a span stay as they were.

use crate::detect::{PiiKind, PiiSpan, TEXT_CHARS_MAX, detect};
use crate::wide;
use serde::Serialize;
use std::fmt;
use std::ops::Deref;

/// A text without readable personal data. Made only by [`mask`] and [`mask_with`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct MaskedText(String);

impl Deref for MaskedText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MaskedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for MaskedText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<MaskedText> for String {
    fn from(masked: MaskedText) -> String {
        masked.0
    }
}

/// Finds personal data and masks it.
pub fn mask(text: &str) -> MaskedText {
    mask_with(text, &detect(text))
}

/// Masks these spans (character offsets) and whatever else `detect` and the wider
/// patterns find, so that a tagger's spans can only add. Where spans that differ
/// lie over one another, all that any of them covers is hidden. Offsets outside
/// the text are cut to it; what lies beyond the longest text looked at becomes one
/// mark.
pub fn mask_with(text: &str, spans: &[PiiSpan]) -> MaskedText {
    let chars: Vec<char> = text.chars().collect();
    let mut all: Vec<PiiSpan> = spans.to_vec();
    all.extend(detect(text));
    all.extend(wide::detect(text));
    all.retain_mut(|span| {
        span.end = span.end.min(chars.len());
        span.start < span.end
    });
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, kind) in covered(all) {
        out.extend(chars.iter().skip(at).take(start - at));
        match kind {
            Some(kind) => out.push_str(&masked(kind, &chars[start..end])),
            None => out.push_str(&hide_middle(&chars[start..end], 0, 0)),
        }
        at = end;
    }
    out.extend(chars.iter().take(TEXT_CHARS_MAX).skip(at));
    if chars.len() > TEXT_CHARS_MAX && at < chars.len() {
        out.push('…');
    }
    MaskedText(out)
}

/// Stretches that spans cover, apart and in order; with a kind where all agree.
fn covered(mut all: Vec<PiiSpan>) -> Vec<(usize, usize, Option<PiiKind>)> {
    all.sort_by_key(|s| (s.start, s.end));
    let mut out: Vec<(usize, usize, Option<PiiKind>)> = Vec::new();
    for span in all {
        match out.last_mut() {
            Some(last) if span.start < last.1 => {
                if (last.0, last.1, last.2) != (span.start, span.end, Some(span.kind)) {
                    last.2 = None;
                }
                last.1 = last.1.max(span.end);
            }
            _ => out.push((span.start, span.end, Some(span.kind))),
        }
    }
    out
}

fn masked(kind: PiiKind, chars: &[char]) -> String {
    match kind {
        PiiKind::Name => name(chars),
        PiiKind::IdCard => keep_ends(chars, 6, 4),
        PiiKind::BankCard => keep_ends(chars, 6, 4),
        PiiKind::Phone => phone(chars),
        PiiKind::Email => email(chars),
        PiiKind::Address => address(chars),
        PiiKind::Passport | PiiKind::HkMacaoPermit => keep_ends(chars, 1, 2),
        PiiKind::Uscc => keep_ends(chars, 4, 4),
        PiiKind::Plate => keep_ends(chars, 2, 1),
        PiiKind::AccountNo => keep_ends(chars, 0, 4),
        PiiKind::Wechat => keep_ends(chars, 1, 1),
        PiiKind::Otp | PiiKind::Password | PiiKind::Dob => "*".repeat(chars.len()),
    }
}

fn name(chars: &[char]) -> String {
    if chars.iter().any(char::is_ascii_alphabetic) {
        let initial = |word: &[char]| word.first().map_or(String::new(), |c| format!("{c}***"));
        return chars.split(|c| *c == ' ').map(initial).collect::<Vec<_>>().join(" ");
    }
    let family = if chars.len() >= 4 { 2 } else { 1 };
    chars.iter().take(family).chain(std::iter::repeat_n(&'*', chars.len().saturating_sub(family))).collect()
}

fn carries(c: &char) -> bool {
    c.is_alphanumeric()
}

/// Keeps the first and last letters or digits of a number of full length; of a
/// short one, a quarter at either end.
fn keep_ends(chars: &[char], head: usize, tail: usize) -> String {
    let total = chars.iter().filter(|c| carries(c)).count();
    let (head, tail) = if (head + tail) * 2 > total + 4 { (total / 4, total / 4) } else { (head, tail) };
    hide_middle(chars, head, tail)
}

fn hide_middle(chars: &[char], head: usize, tail: usize) -> String {
    let total = chars.iter().filter(|c| carries(c)).count();
    let mut seen = 0;
    chars
        .iter()
        .map(|c| {
            if !carries(c) {
                return *c;
            }
            seen += 1;
            if seen <= head || seen + tail > total { *c } else { '*' }
        })
        .collect()
}

/// `138****1234`; the country code stays.
fn phone(chars: &[char]) -> String {
    let digits = chars.iter().filter(|c| carries(c)).count();
    let tail = if digits >= 11 { 4 } else { 2 };
    let head = match digits {
        11 => 3,
        12.. => digits.saturating_sub(8),
        _ => 2,
    };
    hide_middle(chars, head, tail)
}

fn email(chars: &[char]) -> String {
    let at = chars.iter().position(|c| matches!(c, '@' | '＠')).unwrap_or(chars.len());
    chars.iter().take(1).chain(&['*', '*', '*']).chain(chars.iter().skip(at)).collect()
}

/// Kept to the district (区, 县, 市); what names the home is hidden.
fn address(chars: &[char]) -> String {
    let last = chars.iter().take(16).rposition(|c| matches!(c, '区' | '县' | '市' | '區' | '縣')).filter(|i| *i >= 2);
    let kept = last.map_or(0, |i| i + 1);
    chars.iter().take(kept).copied().chain(std::iter::repeat_n('*', chars.len() - kept)).collect()
}
