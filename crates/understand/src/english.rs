//! English numerals: `three thousand two hundred`, `twenty-five`, `5k`,
//! `half a million`, `two and a half thousand`, `a hundred and five`.
//!
//! Digits said one by one (`one two three four`) are a `Spoken` string.
//! `one` and `a` alone are no numbers here: they are words far more often.

use crate::number::{DIGITS_MAX, Form, Number, Reading};
use rust_decimal::Decimal;

fn digit(word: &str) -> Option<u32> {
    Some(match word {
        "zero" | "oh" => 0,
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        _ => return None,
    })
}

fn teen(word: &str) -> Option<u32> {
    Some(match word {
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        _ => return None,
    })
}

fn tens(word: &str) -> Option<u32> {
    Some(match word {
        "twenty" => 20,
        "thirty" => 30,
        "forty" | "fourty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

/// `hundred` multiplies what is in hand; the others close a group.
fn scale(word: &str) -> Option<i64> {
    Some(match word {
        "hundred" | "hundreds" => 100,
        "thousand" | "grand" | "thousands" => 1_000,
        "million" | "mln" | "millions" => 1_000_000,
        "billion" | "bn" => 1_000_000_000,
        "wan" => 10_000,
        _ => return None,
    })
}

/// The scale word after an Arabic number: `5 hundred`, `1.5 million`.
pub(crate) fn scale_after(chars: &[char], at: usize) -> Option<(i64, usize)> {
    let from = if chars.get(at) == Some(&' ') { at + 1 } else { at };
    let (word, end) = word_at(chars, from)?;
    scale(&word).map(|unit| (unit, end))
}

fn word_at(chars: &[char], at: usize) -> Option<(String, usize)> {
    let word: String = chars.get(at..)?.iter().take_while(|c| c.is_ascii_alphabetic()).take(16).collect();
    let end = at + word.len();
    (!word.is_empty() && !chars.get(end).is_some_and(char::is_ascii_alphabetic)).then_some((word, end))
}

fn next_word(chars: &[char], end: usize) -> Option<(String, usize)> {
    matches!(chars.get(end), Some(' ' | '-')).then(|| word_at(chars, end + 1)).flatten()
}

pub(crate) fn read(chars: &[char], at: usize) -> Reading {
    if at > 0 && chars.get(at - 1).is_some_and(char::is_ascii_alphabetic) {
        return Reading::Nothing;
    }
    let Some((first, first_end)) = word_at(chars, at) else { return Reading::Nothing };
    if let Some(number) = spoken_digits(chars, at) {
        return Reading::Number(number);
    }
    match words(chars, at, &first, first_end) {
        Some(number) => Reading::Number(number),
        None => Reading::Nothing,
    }
}

/// Three or more digit words in a row, `double` and `triple` included.
fn spoken_digits(chars: &[char], at: usize) -> Option<Number> {
    let mut digits = String::new();
    let mut end = at;
    let mut next = word_at(chars, at);
    let mut repeat = 1;
    while let Some((word, word_end)) = next {
        match (word.as_str(), digit(&word)) {
            ("double", _) => repeat = 2,
            ("triple", _) => repeat = 3,
            (_, Some(value)) => {
                let c = char::from_digit(value, 10)?;
                digits.extend(std::iter::repeat_n(c, repeat));
                repeat = 1;
                end = word_end;
            }
            _ => break,
        }
        if digits.len() > DIGITS_MAX {
            return None;
        }
        next = next_word(chars, word_end);
    }
    let scaled = next_word(chars, end).is_some_and(|(word, _)| scale(&word).is_some());
    if digits.len() < 3 || scaled {
        return None;
    }
    Some(Number { start: at, end, value: digits.parse().ok()?, form: Form::Spoken })
}

fn words(chars: &[char], at: usize, first: &str, first_end: usize) -> Option<Number> {
    let mut total = Decimal::ZERO;
    let mut group: Option<Decimal> = None;
    let mut end = at;
    let mut scaled = false;
    let mut and_allowed = false;
    let mut cursor = Some((first.to_owned(), first_end));
    while let Some((word, word_end)) = cursor {
        let next = next_word(chars, word_end);
        if let Some(unit) = scale(&word) {
            let count = group.take()?;
            let unit_value = Decimal::from(unit);
            if unit == 100 {
                group = Some(count.checked_mul(unit_value)?);
            } else {
                total = total.checked_add(count.checked_mul(unit_value)?)?;
            }
            (scaled, and_allowed, end) = (true, true, word_end);
        } else if let Some(value) = digit(&word).or_else(|| teen(&word)).or_else(|| tens(&word)) {
            if !fits(group, value, &word) {
                break;
            }
            group = Some(group.unwrap_or(Decimal::ZERO) + Decimal::from(value));
            (and_allowed, end) = (false, word_end);
            if let Some(after) = and_a_half(chars, word_end) {
                group = group.map(|g| g + Decimal::new(5, 1));
                end = after;
                cursor = next_word(chars, after);
                continue;
            }
        } else if matches!(word.as_str(), "a" | "half") && end == at {
            // A hundred; half a million: only with a scale after it.
            let (count, unit_word) = lead(chars, &word, next.as_ref())?;
            scale(&unit_word.0)?;
            group = Some(count);
            cursor = Some(unit_word);
            continue;
        } else if !(word == "and" && and_allowed && next.as_ref().is_some_and(|(w, _)| is_small(w))) {
            break;
        }
        cursor = next;
    }
    if end == at {
        return None;
    }
    let value = total.checked_add(group.unwrap_or(Decimal::ZERO))?;
    let lone_one = !scaled && first == "one" && end == first_end;
    (!lone_one).then_some(Number { start: at, end, value, form: Form::English })
}

fn is_small(word: &str) -> bool {
    digit(word).or_else(|| teen(word)).or_else(|| tens(word)).is_some()
}

/// Whether a small number may join what the group holds: 20 + 5, 300 + 45; not 5 + 5.
fn fits(group: Option<Decimal>, value: u32, word: &str) -> bool {
    let Some(group) = group else { return true };
    if group.fract() != Decimal::ZERO {
        return false;
    }
    let hundred = Decimal::from(100);
    let rest = group % hundred;
    if rest.is_zero() {
        return true;
    }
    digit(word).is_some_and(|d| d > 0) && value < 10 && rest >= Decimal::from(20) && (rest % Decimal::TEN).is_zero()
}

fn and_a_half(chars: &[char], end: usize) -> Option<usize> {
    let tail = " and a half";
    let same = tail.chars().enumerate().all(|(i, c)| chars.get(end + i) == Some(&c));
    let after = end + tail.len();
    let scaled = next_word(chars, after).is_some_and(|(word, _)| scale(&word).is_some());
    (same && scaled).then_some(after)
}

fn lead(chars: &[char], word: &str, next: Option<&(String, usize)>) -> Option<(Decimal, (String, usize))> {
    let (next_word_text, next_end) = next?;
    if word == "a" {
        return Some((Decimal::ONE, (next_word_text.clone(), *next_end)));
    }
    if next_word_text == "a" {
        return Some((Decimal::new(5, 1), next_word(chars, *next_end)?));
    }
    None
}
