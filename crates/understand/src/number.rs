//! Numerals, Chinese and English, to exact decimals. No float anywhere.
//!
//! Reads the normal form. `三千二` is 3200 (a last digit without a unit counts
//! in tenths of the unit before it), `一百二` 120, `两万五` 25000, `1w5` 15000,
//! `三百零五` 305, `半个亿` 50000000, `two and a half thousand` 2500.
//!
//! Where words are ambiguous:
//! - `五万三年` is five `万` and three years: a last digit before a counted
//!   unit of time stays with that unit.
//! - `两三千`, `十几万`, `几百` are guesses, not numbers, and are skipped.
//! - digits said one by one (`幺三八`, `二零二六`) are a `Spoken` string whose
//!   value is that of the digits; whether it is a year or a card tail is for
//!   the reader of dates or cards to say.
//! - `万一`, `千万别` are words; a leading unit without a digit counts as one
//!   only in `千五`, `百八`.

use crate::numeral::Numeral;
use rust_decimal::Decimal;

/// Longest run of Arabic digits that is read as a number; more is an account.
pub const DIGITS_MAX: usize = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `3200`, `12.50`.
    Arabic,
    /// `1,200.50`.
    Grouped,
    /// With a unit of ten or more: `三千二`, `1.5万`, `5k`, `十五`.
    Scaled,
    /// One Chinese digit, or a Chinese decimal: `五`, `三点八五`.
    Plain,
    /// Digits said one by one: `幺二三四`.
    Spoken,
    /// English words.
    English,
}

/// A number in a text; `start` and `end` are normal positions, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    pub start: usize,
    pub end: usize,
    pub value: Decimal,
    pub form: Form,
}

/// What stands at a place of the text.
pub(crate) enum Reading {
    Number(Number),
    /// Looks like a number and is none (`两三千`, 20 digits in a row); go on at `end`.
    Skip(usize),
    Nothing,
}

/// All numbers of a normal form, left to right, not overlapping.
pub fn scan(chars: &[char]) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match read(chars, at) {
            Reading::Number(number) => {
                at = number.end;
                found.push(number);
            }
            Reading::Skip(end) => at = end.max(at + 1),
            Reading::Nothing => at += 1,
        }
    }
    found
}

/// The value of a text that is one number and nothing else.
pub fn parse(text: &str) -> Option<Decimal> {
    let chars: Vec<char> = text.trim().chars().collect();
    match read(&chars, 0) {
        Reading::Number(number) if number.end == chars.len() => Some(number.value),
        _ => None,
    }
}

/// A small non-negative whole number, the shape dates and terms want.
pub fn parse_small(text: &str) -> Option<u32> {
    let value = parse(text)?;
    if value.fract().is_zero() { u32::try_from(value).ok() } else { None }
}

pub(crate) fn read(chars: &[char], at: usize) -> Reading {
    let Some(&first) = chars.get(at) else { return Reading::Nothing };
    if first.is_ascii_alphabetic() {
        return crate::english::read(chars, at);
    }
    if first.is_ascii_digit()
        || cn_digit(first).is_some()
        || matches!(first, '十' | '百' | '千' | '廿' | '卅' | '拾' | '半')
        || (first == '俩' && chars.get(at + 1).is_some_and(|c| small_unit(*c).is_some() || big_unit(*c).is_some()))
    {
        return chinese(chars, at);
    }
    Reading::Nothing
}

/// Digits for a text of Arabic or spoken digits, `四个八` included; other characters end it.
pub fn digit_of(c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    let value = match c {
        '幺' => 1,
        '两' | '俩' => return None,
        '洞' => 0,
        '拐' => 7,
        _ => cn_digit(c)?,
    };
    char::from_digit(value, 10)
}

/// Value of a Chinese digit, banker's forms included.
pub(crate) fn cn_digit(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '贰' | '两' => 2,
        '三' | '叁' | '参' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

pub(crate) fn small_unit(c: char) -> Option<i64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        _ => return None,
    })
}

pub(crate) fn big_unit(c: char) -> Option<i64> {
    Some(match c {
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

pub(crate) fn is_number_char(c: char) -> bool {
    c.is_ascii_digit()
        || cn_digit(c).is_some()
        || small_unit(c).is_some()
        || big_unit(c).is_some()
        || matches!(c, '廿' | '卅' | '半')
}

/// Units of counting and time that claim the digit before them.
pub(crate) fn claims_digit(c: char) -> bool {
    matches!(
        c,
        '年' | '个'
            | '期'
            | '天'
            | '月'
            | '号'
            | '日'
            | '次'
            | '周'
            | '成'
            | '折'
            | '张'
            | '笔'
            | '季'
            | '星'
            | '礼'
            | '位'
            | '岁'
            | '%'
    )
}

fn chinese(chars: &[char], at: usize) -> Reading {
    if let Some(skip) = guess(chars, at) {
        return Reading::Skip(skip);
    }
    if let Some(reading) = spoken(chars, at) {
        return reading;
    }
    let Some((number, safe_end)) = Numeral::read(chars, at, chars.len()) else {
        return match arabic_run(chars, at) {
            0 => Reading::Nothing,
            end => Reading::Skip(end),
        };
    };
    // 五万三年: the loose tail belongs to what is counted; 两千两千: to the next number.
    let claimed = |c: &char| claims_digit(*c) || small_unit(*c).is_some() || big_unit(*c).is_some();
    if safe_end < number.end
        && chars.get(number.end).is_some_and(claimed)
        && let Some((cut, _)) = Numeral::read(chars, at, safe_end)
    {
        return Reading::Number(cut);
    }
    // 十几万, 十来万, 三十多万.
    let vague = matches!(chars.get(number.end), Some('几' | '数' | '来' | '多' | '余'));
    let unit = chars.get(number.end + 1).is_some_and(|c| small_unit(*c).is_some() || big_unit(*c).is_some());
    if matches!(chars.get(number.end), Some('几' | '数')) || (vague && unit) {
        return Reading::Skip(number.end + 1 + usize::from(unit));
    }
    Reading::Number(with_english_scale(chars, number))
}

/// `5 hundred`, `1.5 million`.
fn with_english_scale(chars: &[char], number: Number) -> Number {
    if !matches!(number.form, Form::Arabic | Form::Grouped) {
        return number;
    }
    let scaled = crate::english::scale_after(chars, number.end)
        .and_then(|(unit, end)| Some((number.value.checked_mul(Decimal::from(unit))?, end)));
    match scaled {
        Some((value, end)) => Number { value, end, form: Form::Scaled, ..number },
        None => number,
    }
}

/// End of a run of Arabic digits too long for a number; 0 when there is none.
fn arabic_run(chars: &[char], at: usize) -> usize {
    let run = chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
    if run > DIGITS_MAX { at + run } else { 0 }
}

/// `两三千`, `七八万`, `十几万`: where the guess ends.
fn guess(chars: &[char], at: usize) -> Option<usize> {
    // 百八十块, 千八百: a rough figure.
    let rough = matches!(chars.get(at..at + 3), Some(['百', '八', '十'] | ['千', '八', '百'] | ['万', '八', '千']));
    if rough && !at.checked_sub(1).and_then(|i| chars.get(i)).is_some_and(|c| is_number_char(*c)) {
        return Some(at + 3);
    }
    let digit = |i: usize| chars.get(i).and_then(|c| cn_digit(*c)).filter(|d| *d > 0);
    let unit = |i: usize| chars.get(i).is_some_and(|c| small_unit(*c).is_some() || big_unit(*c).is_some());
    let (a, b) = (digit(at)?, digit(at + 1)?);
    let next_to = b == a + 1 || (a == 3 && b == 5);
    if next_to && unit(at + 2) {
        let tail = chars[at + 2..].iter().take_while(|c| is_number_char(**c)).count();
        return Some(at + 2 + tail);
    }
    None
}

/// A run of two or more Chinese digits without a unit.
fn spoken(chars: &[char], at: usize) -> Option<Reading> {
    let is_digit = |c: &char| digit_of(*c).is_some() && !c.is_ascii_digit() && !matches!(c, '洞' | '拐');
    if !is_digit(chars.get(at)?) {
        return None;
    }
    // Once it is a run of Chinese digits, Arabic ones may be mixed in.
    let run = chars[at..].iter().take_while(|c| is_digit(c) || c.is_ascii_digit()).count();
    if run < 2 {
        return None;
    }
    let end = at + run;
    let next = chars.get(end).copied().unwrap_or(' ');
    if small_unit(next).is_some() || big_unit(next).is_some() || (next == '点' && run == 2 && chars[at] != '零') {
        // 零五百 has no reading; 一二万 was a guess; let the units be read from the last digit.
        return None;
    }
    if run > DIGITS_MAX {
        return Some(Reading::Skip(end));
    }
    let digits: String = chars[at..end].iter().filter_map(|c| digit_of(*c)).collect();
    let value = digits.parse().ok()?;
    Some(Reading::Number(Number { start: at, end, value, form: Form::Spoken }))
}
