//! Figures: numbers with unit and bound, and being free.
//!
//! `5万元以上`, `50,000元以上` and `不低于5万块` are the same figure; `5万元` is
//! another. What looks like a number and cannot be read as one (`十几万`, twenty
//! digits) must stand in the evidence letter by letter.

use super::clauses::Sentence;
use super::{Fault, lists};
use crate::placeholders::{CLOSE, OPEN};
use rust_decimal::Decimal;
use teller_understand::number::{Form, Number, scan};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Exact,
    AtLeast,
    AtMost,
}

impl Bound {
    fn of(is_least: bool) -> Self {
        if is_least { Self::AtLeast } else { Self::AtMost }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Figure {
    Free,
    Number {
        value: Decimal,
        unit: &'static str,
        ordinal: bool,
        bound: Bound,
    },
    /// As it was written.
    Unread(String),
}

/// A figure and the characters of its clause that say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) figure: Figure,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// All figures of a clause in normal form, in order, apart.
pub(crate) fn read(chars: &[char]) -> Vec<Located> {
    let mut found = Vec::new();
    add(&mut found, marks(chars));
    add(&mut found, free(chars));
    add(&mut found, scan(chars).iter().filter_map(|number| numeral(chars, number)));
    let rest = unread(chars, &found);
    add(&mut found, rest);
    found.sort_by_key(|located| located.start);
    found
}

/// Adds what lies over nothing that was found before.
fn add(found: &mut Vec<Located>, more: impl IntoIterator<Item = Located>) {
    for new in more {
        if found.iter().all(|old| new.end <= old.start || old.end <= new.start) {
            found.push(new);
        }
    }
}

/// Marks of what was taken out before the text left.
fn marks(chars: &[char]) -> Vec<Located> {
    let opens = chars.iter().enumerate().filter(|(_, c)| **c == OPEN);
    let mark = |(start, _): (usize, &char)| {
        let end = start + chars[start..].iter().position(|c| *c == CLOSE)? + 1;
        Some(Located { figure: Figure::Unread(chars[start..end].iter().collect()), start, end })
    };
    opens.filter_map(mark).collect()
}

/// A number with its unit and bound; `None` where it is no figure.
fn numeral(chars: &[char], number: &Number) -> Option<Located> {
    let (mut unit, mut end) = unit_after(chars, number.end);
    let mut start = number.start;
    for table in [lists::CURRENCY_BEFORE, lists::SHARE_BEFORE] {
        if let Some((better, from)) = before(chars, start, table) {
            (unit, start) = (better, from);
        }
    }
    let ordinal = start > 0 && chars[start - 1] == '第';
    if is_word(chars, number, unit) {
        return None;
    }
    let mut bound = Bound::Exact;
    if let Some((is_least, bound_end)) = bound_after(chars, end) {
        (bound, end) = (Bound::of(is_least), bound_end);
    } else if let Some((is_least, from)) = before(chars, start, lists::BOUND_BEFORE) {
        (bound, start) = (Bound::of(is_least), from);
    }
    let figure = if number.value.is_zero() && unit == "元" {
        Figure::Free
    } else {
        Figure::Number { value: number.value.normalize(), unit, ordinal, bound }
    };
    Some(Located { figure, start, end })
}

fn starts(chars: &[char], at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(offset, c)| chars.get(at + offset) == Some(&c))
}

fn len(word: &str) -> usize {
    word.chars().count()
}

/// 免费, 不收手续费, free of charge.
fn free(chars: &[char]) -> Vec<Located> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let lexical = lists::NOT_FREE.iter().find(|word| starts(chars, at, word));
        let word = lists::FREE.iter().find(|word| starts(chars, at, word) && whole_word(chars, at, word));
        match (lexical, word) {
            (Some(word), _) => at += len(word),
            (None, Some(word)) => {
                found.push(Located { figure: Figure::Free, start: at, end: at + len(word) });
                at += len(word);
            }
            (None, None) => at += 1,
        }
    }
    found
}

/// A Latin word does not begin or end inside another.
fn whole_word(chars: &[char], at: usize, word: &str) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_alphabetic);
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let begins_inside = latin(word.chars().next()) && letter(at.checked_sub(1));
    let ends_inside = latin(word.chars().next_back()) && letter(Some(at + len(word)));
    !begins_inside && !ends_inside
}

/// The longest word of the table that ends where a number begins, space between
/// allowed, and where it starts.
fn before<T: Copy>(chars: &[char], at: usize, table: &[(&str, T)]) -> Option<(T, usize)> {
    let end = at - chars[..at].iter().rev().take_while(|c| **c == ' ').count();
    let ends_there = table.iter().filter_map(|(word, means)| {
        let start = end.checked_sub(len(word))?;
        (starts(chars, start, word) && whole_word(chars, start, word)).then_some((*means, start))
    });
    ends_there.min_by_key(|(_, start)| *start)
}

fn unit_after(chars: &[char], end: usize) -> (&'static str, usize) {
    let space = usize::from(chars.get(end) == Some(&' '));
    let at = end + space;
    let found = lists::UNITS.iter().find(|(word, _)| starts(chars, at, word) && whole_word(chars, at, word));
    found.map_or(("", end), |(word, unit)| (*unit, at + len(word)))
}

fn bound_after(chars: &[char], end: usize) -> Option<(bool, usize)> {
    let at = end + usize::from(chars.get(end) == Some(&' '));
    let found = lists::BOUND_AFTER.iter().find(|(word, _)| starts(chars, at, word) && whole_word(chars, at, word));
    found.map(|(word, least)| (*least, at + len(word)))
}

/// 一般, 统一, 一个, 十分, one: numbers by their letters alone.
fn is_word(chars: &[char], number: &Number, unit: &str) -> bool {
    let (end, value) = (number.end, number.value);
    let next = chars.get(end).copied();
    let very = value == Decimal::TEN && next == Some('分') && !matches!(chars.get(end + 1), Some('钟' | '之' | '制'));
    let by_letters = matches!(number.form, Form::Plain | Form::English | Form::Spoken);
    let one = value == Decimal::ONE && by_letters && !lists::COUNTING.contains(&unit);
    let once_for_all = unit == "次" && chars.get(end + 1) == Some(&'性');
    let ordinal = number.start > 0 && chars[number.start - 1] == '第';
    number.form != Form::Arabic && (very || (one && !ordinal) || once_for_all)
}

/// Runs of characters of numbers that no figure covers.
fn unread(chars: &[char], found: &[Located]) -> Vec<Located> {
    let covered = |at: usize| found.iter().any(|located| (located.start..located.end).contains(&at));
    let of_numbers = |c: char| c.is_numeric() || matches!(c, '十' | '百' | '千' | '万' | '亿' | '几');
    let mut unread = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let run = (at..chars.len()).take_while(|at| of_numbers(chars[*at]) && !covered(*at)).count();
        let text: String = chars[at..at + run].iter().collect();
        // 万一, 千万 are words; digits, 十几万 and longer runs are not.
        let telling = run > 2 || text.chars().any(|c| c == '几' || (c.is_numeric() && !super::words::is_han(c)));
        if run > 0 && telling {
            unread.push(Located { figure: Figure::Unread(text), start: at, end: at + run });
        }
        at += run.max(1);
    }
    unread
}

/// Does each figure of the sentence stand in one of the carriers?
pub(crate) fn all_in(sentence: &Sentence, carriers: &[&Sentence]) -> bool {
    let held =
        |located: &Located| carriers.iter().any(|carrier| carrier.figures().any(|at| at.figure == located.figure));
    sentence.figures().all(held)
}

/// Each figure stands in the evidence, and so does each word of time.
pub(crate) fn stand(sentence: &Sentence, carriers: &[&Sentence]) -> Result<(), Fault> {
    let timely = |word: &str| !sentence.text.contains(word) || carriers.iter().any(|at| at.text.contains(word));
    if all_in(sentence, carriers) && lists::TIMES.iter().all(|word| timely(word)) { Ok(()) } else { Err(Fault::Figure) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Figure> {
        let chars: Vec<char> = teller_understand::normalise(text).chars().collect();
        read(&chars).into_iter().map(|located| located.figure).collect()
    }

    #[test]
    fn the_same_figure_in_other_spellings() {
        for (one, other) in [
            ("5万元以上", "不低于50,000块"),
            ("满五万元", "至少¥50000"),
            ("3.85%", "百分之三点八五"),
            ("免费", "不收手续费"),
            ("0元", "免费"),
            ("3个工作日内", "三个工作日以内"),
            ("24小时", "二十四个小时"),
            ("CNY 2,000", "2000 yuan"),
            ("不超过200元", "200元以内"),
            ("up to 5 days", "at most 5 days"),
        ] {
            assert_eq!(of(one), of(other), "{one} {other}");
            assert_eq!(of(one).len(), 1, "{one}");
        }
    }

    #[test]
    fn figures_that_differ() {
        for (one, other) in [
            ("5万元", "5万元以上"),
            ("5万元以下", "5万元以上"),
            ("3天", "3个工作日"),
            ("3个月", "3月"),
            ("5元", "5美元"),
            ("3.5%", "3.5折"),
            ("第二天", "2天"),
            ("十几万", "10万"),
            ("95588", "95589"),
            ("6222021234567890123", "6222021234567890124"),
            ("⟦A⟧", "⟦B⟧"),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
            assert!(!of(one).is_empty() && !of(other).is_empty(), "{one} {other}");
        }
    }

    #[test]
    fn words_that_are_no_figures() {
        for text in [
            "一般统一办理",
            "选一个网点",
            "十分抱歉",
            "一次性说清",
            "one of them",
            "万一丢了",
            "避免损失",
            "feel free to ask",
        ] {
            assert_eq!(of(text), [], "{text}");
        }
    }
}
