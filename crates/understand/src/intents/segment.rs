//! A message cut into clauses that may be wishes of their own.
//!
//! Careful by design: a cut needs a mark or a word that joins wishes, and enough
//! words on both sides; whoever asks decides by rank whether the parts mean
//! different things. One part is the answer for most messages.
//!
//! Invariants: the segments are parts of the text in order, without overlap, and
//! none is blank; a text with any word has at least one. Not here: whether a
//! segment means anything.

use crate::normal::is_han;

/// Segments of one text; the last holds the rest.
pub const SEGMENTS_MAX: usize = 8;
/// Weight of words that a segment needs to stand for itself: a Chinese
/// character counts one, a letter or a digit a third.
const WEIGHT_MIN: usize = 6;
const HAN_WEIGHT: usize = 3;

/// Words that begin another wish, after a mark or not. The longest that fits is
/// taken; they are kept out of both segments.
const JOINTS: [&str; 25] = [
    "另外",
    "还有",
    "顺便",
    "顺带",
    "同时",
    "接着",
    "然后",
    "以及",
    "此外",
    "对了",
    "再帮我",
    "再给我",
    "并且",
    "另",
    "再",
    "and also",
    "and then",
    "also",
    "then",
    "and",
    "by the way",
    "besides",
    "plus",
    "after that",
    "as well as",
];
/// Joints that cut without a mark before them; the others are too common inside
/// a wish (还有多少, 再说一遍).
const FREE_JOINTS: [&str; 12] = [
    "另外",
    "顺便",
    "顺带",
    "然后",
    "以及",
    "此外",
    "再帮我",
    "再给我",
    "and also",
    "and then",
    "by the way",
    "as well as",
];

/// The clauses of `text` that may be separate wishes.
#[must_use]
pub fn segments(text: &str) -> Vec<&str> {
    let cuts = cuts(text);
    let mut parts: Vec<&str> = Vec::new();
    let mut start = 0;
    for (from, to) in cuts {
        let here = text[start..from].trim_matches(is_trim);
        let rest = &text[to..];
        if parts.len() + 1 < SEGMENTS_MAX && stands(here) && stands(rest) {
            parts.push(here);
            start = to;
        }
    }
    let last = text[start..].trim_matches(is_trim);
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// Byte ranges that may be cut out, in order.
fn cuts(text: &str) -> Vec<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut after_mark = false;
    let mut at = 0;
    while let Some(c) = lower[at..].chars().next() {
        let end = at + c.len_utf8();
        if is_mark(&lower[..at], c, &lower[end..]) {
            extend(&mut found, at, end);
            after_mark = true;
        } else if c == ' ' && after_mark {
            extend(&mut found, at, end);
        } else {
            let joints: &[&str] = if after_mark { &JOINTS } else { &FREE_JOINTS };
            let second = c == '再' && lower[..at].contains('先') && !lower[end..].starts_with('说');
            if let Some(joint) = joint_at(&lower, at, joints).or(second.then_some("再")) {
                extend(&mut found, at, at + joint.len());
                at += joint.len();
                continue;
            }
            after_mark = false;
        }
        at = end;
    }
    found
}

/// Adds a range, joined to the one before when they touch.
fn extend(found: &mut Vec<(usize, usize)>, from: usize, to: usize) {
    match found.last_mut() {
        Some(last) if last.1 == from => last.1 = to,
        _ => found.push((from, to)),
    }
}

fn joint_at<'a>(lower: &str, at: usize, joints: &[&'a str]) -> Option<&'a str> {
    let rest = &lower[at..];
    let whole_word = |joint: &str| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        !joint.is_ascii() || (!letter(lower[..at].chars().next_back()) && !letter(rest[joint.len()..].chars().next()))
    };
    let fits = joints.iter().filter(|joint| rest.starts_with(**joint) && whole_word(joint));
    fits.max_by_key(|joint| joint.len()).copied()
}

/// A mark that ends a clause. A point or comma between digits is part of a
/// number, a point between letters of a name; who types Chinese often types a
/// half-width comma.
fn is_mark(before: &str, c: char, rest: &str) -> bool {
    let (last, next) = (before.chars().next_back(), rest.chars().next());
    let han = |c: Option<char>| c.is_some_and(is_han);
    match c {
        '，' | '。' | '；' | '！' | '？' | ';' | '!' | '?' | '\n' => true,
        ',' if han(last) || han(next) => true,
        '.' if han(last) && han(next) => true,
        '.' | ',' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

fn is_trim(c: char) -> bool {
    c.is_whitespace() || is_mark("", c, "") || c == '、'
}

fn stands(text: &str) -> bool {
    let weight = |c: char| match c {
        c if !c.is_alphanumeric() => 0,
        c if c.is_ascii() => 1,
        _ => HAN_WEIGHT,
    };
    text.chars().map(weight).sum::<usize>() >= WEIGHT_MIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn joined_wishes_are_parted() {
        for (text, want) in [
            ("查一下余额，另外把短信提醒关了", vec!["查一下余额", "把短信提醒关了"]),
            ("帮我查余额顺便看看账单", vec!["帮我查余额", "看看账单"]),
            ("卡丢了！怎么办？", vec!["卡丢了", "怎么办"]),
            ("I lost my card, and also check my balance", vec!["I lost my card", "check my balance"]),
            ("check my balance and then pay the bill", vec!["check my balance", "pay the bill"]),
            ("先挂失。再给我补一张卡", vec!["先挂失", "补一张卡"]),
            ("我账上还剩几块,最近一周都花哪儿了", vec!["我账上还剩几块", "最近一周都花哪儿了"]),
            ("先查下余额再转五百给我妈", vec!["先查下余额", "转五百给我妈"]),
        ] {
            assert_eq!(segments(text), want, "{text}");
        }
    }

    #[test]
    fn one_wish_stays_whole() {
        for text in [
            "卡里还有多少钱",
            "再说一遍",
            "能不能再查一次",
            "转1,200.50给张三",
            "给张 三 转五百",
            "i use teller.example every day",
            "terms and conditions of the card",
            "好，",
            "嗯，查余额",
        ] {
            assert_eq!(segments(text).len(), 1, "{:?}", segments(text));
        }
        assert!(segments(" ，。 ").is_empty());
    }

    proptest! {
        #[test]
        fn segments_are_ordered_parts(text in "[a-z ,.，。；！？另外还有顺便查余额0-9]{0,60}|.{0,60}") {
            let parts = segments(&text);
            prop_assert!(parts.len() <= SEGMENTS_MAX);
            let mut from = 0;
            for part in &parts {
                prop_assert!(!part.trim().is_empty());
                let at = text[from..].find(part);
                prop_assert!(at.is_some());
                from += at.unwrap_or(0) + part.len();
            }
            if text.chars().any(char::is_alphanumeric) {
                prop_assert!(!parts.is_empty());
            }
        }
    }
}
