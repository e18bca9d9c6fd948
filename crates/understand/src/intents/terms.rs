//! The terms that two texts can share: characters and pairs of characters for
//! Chinese, words and pairs of words for languages written with spaces.
//!
//! Amounts and numbers become one sign, so that 转五千 and 转200 share 转#. A term
//! is a number, equal for equal terms; two different terms are equal by chance
//! once in more than a billion.
//!
//! Invariant: a pure function of the text. Not here: weights, synonyms.

use crate::normal::{is_han, normalise};

/// A term by its number.
pub type Term = u64;

/// Terms of one text; what is beyond is not looked at.
pub const TERMS_MAX: usize = 4_096;
/// What an amount, a count or a date becomes.
const NUMBER: char = '#';
/// Sets words apart from characters.
const WORD: u64 = 1 << 63;

/// The terms of `text`, in order and with repetition.
#[must_use]
pub fn terms(text: &str) -> Vec<Term> {
    terms_of_normal(&normalise(text))
}

/// The terms of a text that is in normal form already.
#[must_use]
pub fn terms_of_normal(text: &str) -> Vec<Term> {
    let chars = fold_numbers(text);
    let mut found = Vec::with_capacity(chars.len() * 2);
    let mut before = None;
    let mut at = 0;
    while at < chars.len() && found.len() < TERMS_MAX {
        let (term, next) = match chars[at] {
            c if is_character(c) => (Some(u64::from(u32::from(c))), at + 1),
            c if c.is_alphanumeric() => {
                let end = chars[at..].iter().position(|c| !is_word(*c)).map_or(chars.len(), |length| at + length);
                (Some(word(&chars[at..end])), end)
            }
            // Inside an English sentence a space does not part a pair of words.
            ' ' | '\'' => (None, at + 1),
            _ => {
                before = None;
                (None, at + 1)
            }
        };
        if let Some(term) = term {
            found.push(term);
            if let Some(before) = before.replace(term) {
                found.push(pair(before, term));
            }
        }
        at = next;
    }
    found
}

/// The normal form without spaces and marks: what is equal here is the same
/// words. A question mark says nothing; 吗 does.
#[must_use]
pub fn bare(text: &str) -> String {
    normalise(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Is there nothing in the text but sounds and words that buy time?
pub fn says_nothing(bare: &str) -> bool {
    const FILLERS: &str = "嗯啊呃额哦噢唔诶欸哎那这个就是吧嘛哈么的了";
    bare.chars().all(|c| FILLERS.contains(c)) || matches!(bare, "um" | "umm" | "uh" | "er" | "erm" | "hmm" | "well")
}

/// One character of a language that is written without spaces, or a number.
fn is_character(c: char) -> bool {
    c == NUMBER || is_han(c) || matches!(c, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !is_character(c)
}

/// A word by the FNV-1a hash of its stem.
fn word(letters: &[char]) -> Term {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for letter in stem(letters) {
        hash = (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x0100_0000_01b3);
    }
    hash | WORD
}

/// Cuts the commonest English endings, so that cards is card.
fn stem(letters: &[char]) -> &[char] {
    const ENDINGS: [(&[char], usize); 4] = [(&['i', 'n', 'g'], 6), (&['e', 'd'], 5), (&['e', 's'], 6), (&['s'], 4)];
    for (ending, least) in ENDINGS {
        if letters.len() >= least && letters.ends_with(ending) && !letters.ends_with(&['s', 's']) {
            return &letters[..letters.len() - ending.len()];
        }
    }
    letters
}

fn pair(first: Term, second: Term) -> Term {
    let mixed = first.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) ^ second;
    mixed.wrapping_mul(0xff51_afd7_ed55_8ccd) | 1 << 62
}

/// Puts one sign for each run of digits and for each Chinese amount.
fn fold_numbers(text: &str) -> Vec<char> {
    let mut folded = Vec::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let length = number_length(&chars[at..]);
        if length == 0 {
            folded.push(chars[at]);
            at += 1;
        } else {
            folded.push(NUMBER);
            at += length;
        }
    }
    folded
}

/// Characters of the number that `chars` begin with. Chinese numerals count
/// only with a multiplier after them: 三方 and 第一 are no amounts, 三千二 is.
fn number_length(chars: &[char]) -> usize {
    let digit = |c: char| c.is_ascii_digit();
    let numeral = |c: char| "零〇一二两三四五六七八九几半".contains(c);
    let multiplier = |c: char| "十百千万亿".contains(c);
    let Some(first) = chars.first() else { return 0 };
    if !digit(*first) && !numeral(*first) && *first != '十' {
        return 0;
    }
    let part = |c: char| digit(c) || numeral(c) || multiplier(c) || matches!(c, '.' | ',');
    let mut length = chars.iter().position(|c| !part(*c)).unwrap_or(chars.len());
    while length > 0 && matches!(chars[length - 1], '.' | ',') {
        length -= 1;
    }
    let rest = &chars[1..length.max(1)];
    let counts =
        digit(*first) || (*first == '十' && !rest.is_empty()) || rest.iter().any(|c| multiplier(*c) || digit(*c));
    if counts { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shared(a: &str, b: &str) -> usize {
        let b = terms(b);
        terms(a).iter().filter(|term| b.contains(term)).count()
    }

    #[test]
    fn amounts_are_one_sign_and_words_lose_their_endings() {
        assert_eq!(terms("转五千给他"), terms("转200给他"));
        assert_eq!(terms("存三千二"), terms("存１２，０００"));
        assert_ne!(terms("第三方"), terms("第四方"));
        assert_eq!(terms("My cards"), terms("my card"));
        assert_eq!(shared("lost card", "card lost"), 2);
        assert_eq!(shared("lost card", "the lost card"), 3);
    }

    #[test]
    fn marks_part_pairs_and_script_does_not_matter() {
        assert_eq!(terms("轉賬"), terms("转账"));
        assert_eq!(terms("转账").len(), 3);
        assert_eq!(terms("转，账").len(), 2);
        assert_eq!(bare(" 转账，要 手续费？ "), "转账要手续费");
    }

    proptest! {
        #[test]
        fn any_text_has_bounded_terms(text in ".{0,80}") {
            prop_assert!(terms(&text).len() <= 2 * normalise(&text).chars().count());
        }
    }
}
