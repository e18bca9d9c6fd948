//! A text whose characters are folded one for one, so that offsets stay.
//!
//! Width and case of Latin letters and digits are folded; spoken digits are
//! folded only where a run of them stands together (`幺三八零零…`), since a lone
//! `一` is a word.

/// Shortest run of spoken digits that is read as digits.
const SPOKEN_RUN_MIN: usize = 4;

/// Characters with positions: index `i` is character `i` of the given text.
pub(crate) struct Folded {
    pub chars: Vec<char>,
    pub text: String,
    char_of_byte: Vec<u32>,
}

impl Folded {
    pub fn of(text: &str, chars_max: usize) -> Self {
        let mut chars: Vec<char> = text.chars().take(chars_max).map(fold).collect();
        speak(&mut chars);
        let text: String = chars.iter().collect();
        let mut char_of_byte = Vec::with_capacity(text.len() + 1);
        for (at, c) in (0u32..).zip(&chars) {
            char_of_byte.extend(std::iter::repeat_n(at, c.len_utf8()));
        }
        char_of_byte.push(u32::try_from(chars.len()).unwrap_or(u32::MAX));
        Self { chars, text, char_of_byte }
    }

    /// Character position of a byte of `text`.
    pub fn char_at_byte(&self, byte: usize) -> usize {
        self.char_of_byte.get(byte).map_or(self.chars.len(), |at| *at as usize)
    }

    pub fn byte_at_char(&self, at: usize) -> usize {
        self.char_of_byte.partition_point(|c| (*c as usize) < at)
    }

    /// Text between two positions.
    pub fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(self.byte_at_char(start)..self.byte_at_char(end.max(start))).unwrap_or("")
    }

    /// Up to `count` characters before a position.
    pub fn before(&self, at: usize, count: usize) -> &str {
        self.slice(at.saturating_sub(count), at)
    }

    pub fn after(&self, at: usize, count: usize) -> &str {
        self.slice(at, (at + count).min(self.chars.len()))
    }

    pub fn char_at(&self, at: usize) -> char {
        self.chars.get(at).copied().unwrap_or(' ')
    }

    pub fn char_before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(' ', |i| self.char_at(i))
    }
}

pub(crate) fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c).to_ascii_lowercase(),
        '\u{3000}' | '\u{a0}' | '\t' | '\n' | '\r' => ' ',
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        '①'..='⑨' => char::from_u32(u32::from(c) - u32::from('①') + u32::from('1')).unwrap_or(c),
        _ if c.is_numeric() && !c.is_ascii() => {
            c.to_digit(10).and_then(|d| char::from_digit(d, 10)).unwrap_or_else(|| other_digit(c))
        }
        _ => c.to_ascii_lowercase(),
    }
}

/// Mathematical digits and their like, which text may be dressed in.
fn other_digit(c: char) -> char {
    let code = u32::from(c);
    match code {
        0x1d7ce..=0x1d7ff => char::from_digit((code - 0x1d7ce) % 10, 10).unwrap_or(c),
        0x660..=0x669 => char::from_digit(code - 0x660, 10).unwrap_or(c),
        0x6f0..=0x6f9 => char::from_digit(code - 0x6f0, 10).unwrap_or(c),
        _ => c,
    }
}

fn spoken(c: char) -> Option<char> {
    Some(match c {
        '零' | '〇' | '○' | '洞' => '0',
        '一' | '幺' | '壹' => '1',
        '二' | '贰' | '貳' => '2',
        '三' | '叁' | '參' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' | '陸' => '6',
        '七' | '柒' | '拐' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Turns runs of spoken digits (Arabic ones, spaces and dashes among them) into digits.
fn speak(chars: &mut [char]) {
    let mut at = 0;
    while at < chars.len() {
        // 洞 and 拐 are digits only among digits.
        let word = matches!(chars[at], '洞' | '拐');
        if word || (spoken(chars[at]).is_none() && !chars[at].is_ascii_digit()) {
            at += 1;
            continue;
        }
        let mut end = at;
        let mut count = 0;
        let mut said = 0;
        while end < chars.len() {
            let c = chars[end];
            let separated = matches!(c, ' ' | '-' | ',' | '，' | '、')
                && chars.get(end + 1).is_some_and(|n| spoken(*n).is_some())
                && said > 0;
            if spoken(c).is_some() {
                said += 1;
                count += 1;
            } else if c.is_ascii_digit() {
                count += 1;
            } else if !separated {
                break;
            }
            end += 1;
        }
        let unit_follows = chars.get(end).is_some_and(|c| "十百千万亿拾佰仟".contains(*c));
        if said > 0 && count >= SPOKEN_RUN_MIN && !unit_follows {
            for c in &mut chars[at..end] {
                *c = spoken(*c).unwrap_or(*c);
            }
        }
        at = end.max(at + 1);
    }
}
