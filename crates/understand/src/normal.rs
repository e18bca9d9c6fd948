//! The normal form of a text, and the way back to the original.
//!
//! Width is folded (NFKC, character by character), Latin is lower-cased,
//! traditional characters become simplified, runs of space become one space,
//! invisible characters go. Spoken digits stay: the number parser reads them.
//!
//! Invariants: each character of the normal form knows the character of the
//! original it came from, and those positions never decrease. A full-width comma
//! between digits becomes comma and space, so that it never reads as the comma
//! of thousands.
//!
//! Not here: phrases (乾隆, 著名), spelling, synonyms.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Longest text that is looked at, in characters; what is beyond is cut off.
pub const TEXT_CHARS_MAX: usize = 8_000;

/// A text in normal form. Offsets into `chars` are *normal* positions;
/// `original` turns them into positions of the text as it was given.
#[derive(Debug, Clone)]
pub struct Normal<'a> {
    source: Cow<'a, str>,
    text: String,
    chars: Vec<char>,
    /// For each normal character, the original character it came from.
    origin: Vec<u32>,
    /// For each byte of `text`, the normal character it belongs to; one more at the end.
    char_of_byte: Vec<u32>,
    /// Byte where each original character starts; one more at the end.
    source_bytes: Vec<u32>,
}

impl<'a> Normal<'a> {
    pub fn of(source: &'a str) -> Self {
        Self::build(Cow::Borrowed(source))
    }

    /// The same, holding its own copy of the source.
    pub fn owned(source: String) -> Normal<'static> {
        Normal::build(Cow::Owned(source))
    }

    fn build(source: Cow<'a, str>) -> Self {
        let mut chars: Vec<char> = Vec::with_capacity(source.len());
        let mut origin: Vec<u32> = Vec::with_capacity(source.len());
        let mut source_bytes: Vec<u32> = Vec::with_capacity(source.len() + 1);
        let mut walk = source.char_indices().take(TEXT_CHARS_MAX).peekable();
        let mut index = 0u32;
        let mut end_byte = 0usize;
        while let Some((byte, original)) = walk.next() {
            source_bytes.push(u32_of(byte));
            end_byte = byte + original.len_utf8();
            let follows_digit = chars.last().is_some_and(char::is_ascii_digit);
            let before_digit = walk.peek().is_some_and(|(_, next)| next.is_ascii_digit());
            let clause_comma = original == '，' && follows_digit && before_digit;
            if !is_invisible(original) {
                fold(original, |folded| {
                    if folded == ' ' && chars.last().is_none_or(|last| *last == ' ') {
                        return;
                    }
                    chars.push(folded);
                    origin.push(index);
                });
            }
            if clause_comma {
                chars.push(' ');
                origin.push(index);
            }
            index += 1;
        }
        source_bytes.push(u32_of(end_byte));
        if chars.last() == Some(&' ') {
            chars.pop();
            origin.pop();
        }
        simplify(&mut chars);
        let text: String = chars.iter().collect();
        let mut char_of_byte = Vec::with_capacity(text.len() + 1);
        for (at, c) in chars.iter().enumerate() {
            char_of_byte.extend(std::iter::repeat_n(u32_of(at), c.len_utf8()));
        }
        char_of_byte.push(u32_of(chars.len()));
        Self { source, text, chars, origin, char_of_byte, source_bytes }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// Normal position of a byte offset of `text()`.
    pub fn char_at_byte(&self, byte: usize) -> usize {
        self.char_of_byte.get(byte).map_or(self.chars.len(), |at| *at as usize)
    }

    /// Byte offset in `text()` of a normal position.
    pub fn byte_at_char(&self, at: usize) -> usize {
        self.char_of_byte.partition_point(|char_at| (*char_at as usize) < at)
    }

    /// Text between two normal positions.
    pub fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(self.byte_at_char(start)..self.byte_at_char(end)).unwrap_or("")
    }

    /// Original character positions of a normal span, end exclusive.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let total = self.source_bytes.len().saturating_sub(1);
        let from = self.origin.get(start).map_or(total, |at| *at as usize);
        let to = if end > start { self.origin.get(end - 1).map_or(total, |at| *at as usize + 1) } else { from };
        (from, to)
    }

    /// The words as the customer wrote them, for a normal span.
    pub fn as_written(&self, start: usize, end: usize) -> &str {
        let (from, to) = self.original(start, end);
        let byte = |at: usize| self.source_bytes.get(at).map_or(self.source.len(), |b| *b as usize);
        self.source.get(byte(from)..byte(to)).unwrap_or("")
    }
}

/// The normal form alone.
pub fn normalise(text: &str) -> String {
    Normal::of(text).text
}

// Texts are cut at TEXT_CHARS_MAX, so no offset comes near the end of u32.
fn u32_of(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{fe00}'..='\u{fe0f}')
        || (c.is_control() && !c.is_whitespace())
}

fn fold(c: char, mut push: impl FnMut(char)) {
    if c.is_ascii() {
        push(if c.is_whitespace() { ' ' } else { c.to_ascii_lowercase() });
        return;
    }
    match c {
        // One dash, one tilde, one kind of quote, whatever the keyboard made.
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' => push('-'),
        '〜' | '～' | '∼' => push('~'),
        '‘' | '’' => push('\''),
        '“' | '”' => push('"'),
        '○' | '◯' => push('〇'),
        _ => {
            for folded in std::iter::once(c).nfkc() {
                if folded.is_whitespace() {
                    push(' ');
                } else {
                    folded.to_lowercase().for_each(&mut push);
                }
            }
        }
    }
}

/// Traditional to simplified, one character for one.
fn simplify(chars: &mut [char]) {
    if !chars.iter().any(|c| is_han(*c)) {
        return;
    }
    let traditional: String = chars.iter().collect();
    let simple: Vec<char> = fast2s::convert(&traditional).chars().collect();
    if simple.len() != chars.len() {
        return;
    }
    for (c, s) in chars.iter_mut().zip(simple) {
        // 幺 is the spoken digit one; tables of variants turn it into 么.
        if *c != '幺' {
            *c = s;
        }
    }
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}' | '〇' | '\u{20000}'..='\u{2ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folds_width_case_script_and_space() {
        for (given, want) in [
            ("１２００元", "1200元"),
            ("轉賬　給 張三", "转账 给 张三"),
            ("USD５００", "usd500"),
            ("你好，世界！", "你好,世界!"),
            ("转500，300是手续费", "转500, 300是手续费"),
            ("1,200.50", "1,200.50"),
            ("  a\t\n b ", "a b"),
            ("幺三八", "幺三八"),
            ("２０２６－０１－０２", "2026-01-02"),
            ("餘額還剩多少錢", "余额还剩多少钱"),
            ("スーパー", "スーパー"),
        ] {
            assert_eq!(normalise(given), want, "{given}");
        }
    }

    #[test]
    fn a_span_finds_its_way_back() {
        let normal = Normal::of("请　轉１２００元");
        let at = normal.text().find("1200").unwrap();
        let start = normal.char_at_byte(at);
        assert_eq!(normal.original(start, start + 4), (3, 7));
        assert_eq!(normal.as_written(start, start + 4), "１２００");
        assert_eq!(normal.slice(start, start + 5), "1200元");
    }

    proptest! {
        #[test]
        fn offsets_hold_on_any_text(text in ".{0,60}") {
            let normal = Normal::of(&text);
            let total = text.chars().count();
            prop_assert_eq!(normal.chars().len(), normal.text().chars().count());
            for at in 0..normal.chars().len() {
                let (from, to) = normal.original(at, at + 1);
                prop_assert!(from < to && to <= total);
                prop_assert!(!normal.as_written(at, at + 1).is_empty());
                prop_assert_eq!(normal.char_at_byte(normal.byte_at_char(at)), at);
            }
        }
    }
}
