//! One numeral with its units: `三千二`, `1w5`, `两万半`, `1.5亿`, `半个亿`.
//!
//! Tokens (a literal, a small unit, a large unit, a zero) are taken left to
//! right; what cannot continue ends the numeral. Beside the value comes the end
//! of the part that reads the same whatever follows, so that the caller can
//! give a loose last digit back (`五万三年`).

use crate::number::{DIGITS_MAX, Form, Number, big_unit, claims_digit, cn_digit, digit_of, small_unit};
use rust_decimal::Decimal;

/// One token of a numeral.
#[derive(Debug, Clone)]
struct Literal {
    value: Decimal,
    end: usize,
    /// Digits it is written with; a decimal point makes it `fractional`.
    digits: usize,
    fractional: bool,
    grouped: bool,
}

/// The state of reading one numeral with units.
pub(crate) struct Numeral {
    total: Decimal,
    section: Decimal,
    pending: Option<Literal>,
    last_unit: i64,
    /// Unit that a loose last digit is a tenth of.
    tail_unit: i64,
    zero_seen: bool,
    units: usize,
    /// End of the part that reads the same whatever follows.
    safe_end: usize,
    end: usize,
}

impl Numeral {
    /// The numeral at `at`, not beyond `limit`, and the end of its unambiguous part.
    pub fn read(chars: &[char], at: usize, limit: usize) -> Option<(Number, usize)> {
        let chars = chars.get(..limit)?;
        if let Some(half) = half(chars, at) {
            return Some(half);
        }
        let mut state = Self {
            total: Decimal::ZERO,
            section: Decimal::ZERO,
            pending: None,
            last_unit: 0,
            tail_unit: 0,
            zero_seen: false,
            units: 0,
            safe_end: at,
            end: at,
        };
        let first = literal(chars, at);
        let bare = first.as_ref().map(|l| (l.fractional, l.grouped, chars[at].is_ascii_digit()));
        while state.step(chars, at)? {}
        let (value, end, loose) = state.finish(chars)?;
        let form = match bare {
            _ if state.units > 0 => Form::Scaled,
            Some((_, true, _)) => Form::Grouped,
            Some((_, _, true)) => Form::Arabic,
            _ => Form::Plain,
        };
        let whole = state.units == 0 || (!loose && state.safe_end == state.end);
        let safe_end = if whole || state.safe_end == at { end } else { state.safe_end };
        Some((Number { start: at, end, value, form }, safe_end))
    }

    /// Takes one token; false when the numeral is over, None when it is no numeral.
    fn step(&mut self, chars: &[char], at: usize) -> Option<bool> {
        let here = self.pending.as_ref().map_or(self.end, |p| p.end);
        let Some(&c) = chars.get(here) else { return Some(false) };
        let spaced = c == ' ' && self.pending.as_ref().is_some_and(|_| chars[at].is_ascii_digit());
        let unit_at = if spaced { here + 1 } else { here };
        // 两个亿.
        let unit_at = if c == '个' && chars.get(here + 1) == Some(&'亿') && self.pending.is_some() {
            here + 1
        } else {
            unit_at
        };
        let unit_char = chars.get(unit_at).copied().unwrap_or(' ');
        if let Some(unit) = small_unit(unit_char).filter(|_| !spaced || unit_char != '十') {
            return Some(self.take_small(unit, unit_at, chars, at));
        }
        if let Some(unit) = big_unit(unit_char).or_else(|| latin_unit(chars, here, self.pending.is_some())) {
            return Some(self.take_big(unit, if latin_unit(chars, here, true).is_some() { here } else { unit_at }));
        }
        if matches!(c, '廿' | '卅') && self.pending.is_none() && self.units == 0 {
            self.section = Decimal::from(if c == '廿' { 20 } else { 30 });
            (self.last_unit, self.tail_unit, self.units, self.end) = (10, 10, 1, here + 1);
            self.safe_end = self.end;
            return Some(true);
        }
        if matches!(c, '零' | '〇') && self.units > 0 && self.pending.is_none() && literal(chars, here + 1).is_some()
        {
            self.zero_seen = true;
            self.end = here + 1;
            return Some(true);
        }
        if self.pending.is_some() {
            return Some(false);
        }
        match literal(chars, here) {
            Some(literal) if self.units > 0 && (literal.fractional || literal.grouped) => Some(false),
            Some(literal) => {
                self.pending = Some(literal);
                Some(true)
            }
            None if self.units == 0 => None,
            None => Some(false),
        }
    }

    fn take_small(&mut self, unit: i64, unit_at: usize, chars: &[char], at: usize) -> bool {
        let fresh = self.units == 0;
        let descending = self.last_unit == 0 || unit < self.last_unit;
        let count = match &self.pending {
            Some(literal) => literal.value,
            // 十五, 一百十五, 千五, 百八; never 三千十.
            None if unit == 10 && (fresh || self.last_unit == 100 || self.zero_seen) => Decimal::ONE,
            None if fresh && unit > 10 && unit_at == at && leading_unit(chars, at) => Decimal::ONE,
            None => return false,
        };
        if !descending {
            return false;
        }
        let jump = !fresh && !self.zero_seen && self.last_unit > 0 && unit * 10 != self.last_unit;
        let Some(section) = count.checked_mul(Decimal::from(unit)).and_then(|part| self.section.checked_add(part))
        else {
            return false;
        };
        self.section = section;
        self.pending = None;
        (self.last_unit, self.tail_unit, self.zero_seen) = (unit, if unit == 10 { 10 } else { unit }, false);
        self.units += 1;
        self.end = unit_at + 1;
        if !jump {
            self.safe_end = self.end;
        }
        true
    }

    fn take_big(&mut self, unit: i64, unit_at: usize) -> bool {
        let pending = self.pending.as_ref().map_or(Decimal::ZERO, |l| l.value);
        let whole = self.section + pending;
        if whole.is_zero() && self.total.is_zero() {
            return false;
        }
        let scale = Decimal::from(unit);
        // 一万亿: a larger unit multiplies all before it.
        let total = if whole.is_zero() || self.total < scale {
            self.total.checked_add(whole).and_then(|all| all.checked_mul(scale))
        } else {
            whole.checked_mul(scale).and_then(|part| self.total.checked_add(part))
        };
        let Some(total) = total else { return false };
        self.total = total;
        self.section = Decimal::ZERO;
        self.pending = None;
        (self.last_unit, self.tail_unit, self.zero_seen) = (unit, unit, false);
        self.units += 1;
        self.end = unit_at + 1;
        self.safe_end = self.end;
        true
    }

    /// Adds the loose end (`三千二`, `两万半`, `1w5`) and gives value, end, and
    /// whether that end might as well belong to the next word.
    fn finish(&mut self, chars: &[char]) -> Option<(Decimal, usize, bool)> {
        let sum = self.total.checked_add(self.section)?;
        let Some(tail) = self.pending.take() else {
            if self.units == 0 {
                return None;
            }
            let half_follows = self.tail_unit >= 1_000 && chars.get(self.end) == Some(&'半');
            let half_counts = half_follows && !chars.get(self.end + 1).is_some_and(|c| claims_digit(*c) || *c == '小');
            return Some(if half_counts {
                (sum.checked_add(Decimal::from(self.tail_unit / 2))?, self.end + 1, false)
            } else {
                (sum, self.end, false)
            });
        };
        if self.units == 0 {
            return Some((tail.value, tail.end, false));
        }
        let exact = self.zero_seen || self.tail_unit == 10;
        let scale = if exact || tail.digits > 1 { 1 } else { self.tail_unit / 10 };
        let part = tail.value.checked_mul(Decimal::from(scale))?;
        if part >= Decimal::from(self.tail_unit) {
            return Some((sum, self.end, false));
        }
        let fills = 10i64.checked_pow(u32::try_from(tail.digits).ok()?) == Some(self.tail_unit);
        Some((sum.checked_add(part)?, tail.end, !exact && !fills))
    }
}

/// `千五`, `百八`: a unit that stands for one of itself.
fn leading_unit(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
    let digit = chars.get(at + 1).and_then(|c| cn_digit(*c)).is_some_and(|d| d >= 2);
    let after = chars.get(at + 2).copied().unwrap_or(' ');
    let goes_on = small_unit(after).is_some() || big_unit(after).is_some() || matches!(after, '多' | '几');
    digit && !goes_on && !matches!(before, '几' | '数' | '上' | '成' | '好' | '老')
}

/// `半万`, `半个亿`.
fn half(chars: &[char], at: usize) -> Option<(Number, usize)> {
    if chars.get(at) != Some(&'半') {
        return None;
    }
    let unit_at = if chars.get(at + 1) == Some(&'个') { at + 2 } else { at + 1 };
    let unit = chars.get(unit_at).and_then(|c| big_unit(*c))?;
    let end = unit_at + 1;
    Some((Number { start: at, end, value: Decimal::from(unit / 2), form: Form::Scaled }, end))
}

/// `w` and `k` after a number, when no word begins there.
fn latin_unit(chars: &[char], at: usize, after_number: bool) -> Option<i64> {
    if !after_number {
        return None;
    }
    let unit = match chars.get(at)? {
        'w' => 10_000,
        'k' => 1_000,
        _ => return None,
    };
    chars.get(at + 1).is_none_or(|next| !next.is_ascii_alphabetic()).then_some(unit)
}

/// An Arabic number, or one Chinese digit with its decimals.
fn literal(chars: &[char], at: usize) -> Option<Literal> {
    let first = *chars.get(at)?;
    if first.is_ascii_digit() { arabic(chars, at) } else { chinese_literal(chars, at, first) }
}

fn chinese_literal(chars: &[char], at: usize, first: char) -> Option<Literal> {
    if first == '幺' {
        return None;
    }
    let digit = if first == '俩' { 2 } else { cn_digit(first)? };
    let decimals = decimals(chars, at + 1);
    let text = format!("{digit}{}", decimals.as_ref().map_or(String::new(), |(text, _)| format!(".{text}")));
    let end = decimals.as_ref().map_or(at + 1, |(_, end)| *end);
    Some(Literal { value: text.parse().ok()?, end, digits: 1, fractional: decimals.is_some(), grouped: false })
}

/// `点五`, `点八五` after a number; `点二十` is a time of day.
pub(crate) fn decimals(chars: &[char], at: usize) -> Option<(String, usize)> {
    if chars.get(at) != Some(&'点') {
        return None;
    }
    let digits: String = chars[at + 1..].iter().take(DIGITS_MAX).map_while(|c| digit_of(*c)).collect();
    let end = at + 1 + digits.len();
    let next = chars.get(end).copied().unwrap_or(' ');
    if digits.is_empty() || next == '十' || (next == '分' && chars.get(end + 1) != Some(&'之')) {
        return None;
    }
    Some((digits, end))
}

fn arabic(chars: &[char], at: usize) -> Option<Literal> {
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    let mut end = at;
    while digit(end) {
        end += 1;
    }
    let run = end - at;
    if run > DIGITS_MAX {
        return None;
    }
    let mut text: String = chars[at..end].iter().collect();
    let mut grouped = false;
    if run <= 3 {
        while chars.get(end) == Some(&',')
            && (1..=3).all(|k| digit(end + k))
            && !digit(end + 4)
            && text.len() < DIGITS_MAX
        {
            text.extend(&chars[end + 1..end + 4]);
            end += 4;
            grouped = true;
        }
    }
    let digits = text.len();
    let mut fractional = false;
    if matches!(chars.get(end), Some('.')) && digit(end + 1) {
        let from = end + 1;
        end = from;
        while digit(end) && end - from < DIGITS_MAX {
            end += 1;
        }
        text.push('.');
        text.extend(&chars[from..end]);
        fractional = true;
    } else if let Some((more, after)) = decimals(chars, end) {
        text.push('.');
        text.push_str(&more);
        end = after;
        fractional = true;
    }
    Some(Literal { value: text.parse().ok()?, end, digits, fractional, grouped })
}
