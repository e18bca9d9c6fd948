//! A text prepared for looking: folded characters, words, announcing words near
//! by; and the hash that makes keys of what was seen.

use super::lexicon::{Simplified, TRIGGERS};
use super::pairs;
use crate::fold::fold;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Words with the group each belongs to.
type Announcing = Vec<(u8, Vec<char>)>;

/// How far before a character an announcing word is looked for.
const TRIGGER_REACH: usize = 14;

/// No announcing word is longer.
const WORD_MAX: usize = 16;

static SIMPLIFIED: LazyLock<Simplified> = LazyLock::new(Simplified::new);

/// Announcing words by their first character.
static TRIGGER_WORDS: LazyLock<HashMap<char, Announcing>> = LazyLock::new(|| {
    let mut map: HashMap<char, Announcing> = HashMap::new();
    for (group, words) in TRIGGERS {
        for word in *words {
            let chars: Vec<char> = word.chars().collect();
            map.entry(chars[0]).or_default().push((*group, chars));
        }
    }
    map
});

/// FNV-1a over words, ended with a mixer so that low bits are good.
pub(super) fn key(template: u32, parts: &[u32]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64 ^ u64::from(template);
    for part in parts {
        hash = (hash ^ u64::from(*part)).wrapping_mul(0x0100_0000_01b3);
        hash ^= hash >> 29;
    }
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 32) as u32
}

pub(super) fn word_key(word: &str) -> u32 {
    let parts: Vec<u32> = word.chars().map(u32::from).collect();
    key(999, &parts)
}

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

/// A text prepared for looking.
pub(super) struct Sheet {
    pub folded: Vec<char>,
    /// What a character is for word features: digits are one, words are whole.
    pub lex: Vec<u32>,
    pub class: Vec<u32>,
    /// First and last place of the pure-letter word at a place.
    pub word: Vec<Option<(usize, usize)>>,
    pub triggers: Vec<(usize, usize, u8)>,
}

pub(super) const EDGE: u32 = 1;

impl Sheet {
    pub fn of(original: &[char]) -> Self {
        let folded: Vec<char> = original.iter().map(|c| SIMPLIFIED.of(fold(*c))).collect();
        let mut sheet = Self {
            lex: folded.iter().map(|c| if c.is_ascii_digit() { u32::from('0') } else { u32::from(*c) }).collect(),
            class: original.iter().zip(&folded).map(|(o, c)| class(*o, *c)).collect(),
            word: vec![None; folded.len()],
            triggers: Vec::new(),
            folded,
        };
        sheet.words();
        sheet.triggers();
        sheet
    }

    fn words(&mut self) {
        let mut at = 0;
        while at < self.folded.len() {
            let start = at;
            while at < self.folded.len() && self.folded[at].is_alphabetic() && !is_han(self.folded[at]) {
                at += 1;
            }
            if at > start {
                let digit = |at: Option<usize>| at.and_then(|i| self.folded.get(i)).is_some_and(char::is_ascii_digit);
                let plain = !digit(Some(at)) && !digit(start.checked_sub(1));
                let said: String = self.folded[start..at].iter().collect();
                let lex = if plain { word_key(&said) } else { u32::from('a') };
                for place in start..at {
                    self.lex[place] = lex;
                    self.word[place] = Some((start, at));
                }
            }
            at = at.max(start + 1);
        }
    }

    fn triggers(&mut self) {
        for at in 0..self.folded.len() {
            let Some(words) = TRIGGER_WORDS.get(&self.folded[at]) else { continue };
            for (group, word) in words {
                if self.folded[at..].starts_with(word) {
                    self.triggers.push((at, at + word.len(), *group));
                }
            }
        }
    }

    /// How often the pair of Han characters at a place stands in plain talk.
    pub fn common(&self, at: usize) -> u32 {
        match (self.folded.get(at), self.folded.get(at + 1)) {
            (Some(a), Some(b)) if is_han(*a) && is_han(*b) => pairs::level(*a, *b),
            _ => 8,
        }
    }

    pub fn at(&self, at: usize, offset: isize) -> u32 {
        at.checked_add_signed(offset).and_then(|i| self.lex.get(i)).copied().unwrap_or(EDGE)
    }

    pub fn class_at(&self, at: usize, offset: isize) -> u32 {
        at.checked_add_signed(offset).and_then(|i| self.class.get(i)).copied().unwrap_or(EDGE)
    }

    /// The token before a place: a character, or a whole word of letters.
    pub fn before(&self, at: usize) -> (u32, usize) {
        let Some(last) = at.checked_sub(1) else { return (EDGE, 0) };
        (self.lex[last], self.word[last].map_or(last, |w| w.0))
    }

    pub fn after(&self, at: usize) -> (u32, usize) {
        match self.lex.get(at) {
            None => (EDGE, at),
            Some(lex) => (*lex, self.word[at].map_or(at + 1, |w| w.1)),
        }
    }

    /// Groups of announcing words that end before a place, nearest first, once each.
    pub fn announced(&self, at: usize) -> Vec<(u8, usize)> {
        let from = self.triggers.partition_point(|t| t.0 + TRIGGER_REACH + WORD_MAX < at);
        let to = self.triggers.partition_point(|t| t.0 < at);
        let mut near: Vec<(u8, usize)> = Vec::new();
        for (_, end, group) in self.triggers[from..to].iter().rev().filter(|t| t.1 <= at && t.1 + TRIGGER_REACH >= at) {
            if !near.iter().any(|(g, _)| g == group) {
                near.push((*group, at - end));
            }
        }
        near.sort_by_key(|n| n.1);
        near
    }

    pub fn follows(&self, at: usize) -> Vec<(u8, usize)> {
        let from = self.triggers.partition_point(|t| t.0 < at);
        let mut near: Vec<(u8, usize)> = Vec::new();
        for (start, _, group) in self.triggers[from..].iter().take_while(|t| t.0 < at + 7) {
            if !near.iter().any(|(g, _)| g == group) {
                near.push((*group, start - at));
            }
        }
        near
    }
}

fn class(original: char, c: char) -> u32 {
    match c {
        _ if c.is_ascii_digit() => 2,
        _ if super::runs::spoken_digit(c).is_some() => 3,
        _ if is_han(c) => 4,
        _ if original.is_uppercase() => 5,
        'Ａ'..='Ｚ' => 5,
        _ if c.is_alphabetic() => 6,
        ' ' => 7,
        '_' | '-' => 8,
        '@' | '#' | '$' | '%' | '&' | '*' | '+' | '=' | '!' => 9,
        '.' | '·' => 10,
        _ => 11,
    }
}

pub(super) fn near(distance: usize) -> u32 {
    match distance {
        0 => 0,
        1 => 1,
        2..=3 => 2,
        4..=6 => 3,
        _ => 4,
    }
}
