//! The bank's own synonyms: each of a group is read as the first of it.
//!
//! Invariants: one reading of a text whatever the order of the groups that do
//! not share words; where two groups claim a word the earlier has it. Works on
//! the normal form. Not here: likeness of meaning, which vectors see.

use std::collections::HashMap;

use teller_understand::normal::normalise;

/// Groups that are read; more are not.
const GROUPS_MAX: usize = 10_000;
/// Characters of the longest synonym.
const WORD_CHARS_MAX: usize = 32;

#[derive(Debug, Default)]
pub struct Synonyms {
    /// First word of the group by each other word of it, both in normal form.
    first_of: HashMap<String, String>,
    /// Characters of the words to look for, longest first.
    lengths: Vec<usize>,
}

impl Synonyms {
    pub fn new(groups: &[Vec<String>]) -> Self {
        let mut first_of: HashMap<String, String> = HashMap::new();
        for group in groups.iter().take(GROUPS_MAX) {
            let words: Vec<String> = group.iter().map(|word| normalise(word)).collect();
            let Some((first, others)) = words.split_first() else { continue };
            for word in others {
                if !word.is_empty() && word != first && word.chars().count() <= WORD_CHARS_MAX {
                    first_of.entry(word.clone()).or_insert_with(|| first.clone());
                }
            }
        }
        let mut lengths: Vec<usize> = first_of.keys().map(|word| word.chars().count()).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        Self { first_of, lengths }
    }

    /// The normal form of a text with every synonym as the first of its group.
    pub fn read(&self, text: &str) -> String {
        let normal = normalise(text);
        if self.lengths.is_empty() {
            return normal;
        }
        let starts: Vec<usize> = normal.char_indices().map(|(at, _)| at).chain([normal.len()]).collect();
        let mut read = String::with_capacity(normal.len());
        let mut at = 0;
        while at + 1 < starts.len() {
            let word = |length: &usize| {
                let end = *starts.get(at + length)?;
                let first = self.first_of.get(&normal[starts[at]..end])?;
                is_whole(&normal, starts[at], end).then_some((first, *length))
            };
            if let Some((first, length)) = self.lengths.iter().find_map(word) {
                read.push_str(first);
                at += length;
            } else {
                read.push_str(&normal[starts[at]..starts[at + 1]]);
                at += 1;
            }
        }
        read
    }
}

/// A word in Latin letters is not a part of a longer one.
fn is_whole(text: &str, from: usize, to: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inside = &text[from..to];
    let joins_before = letter(inside.chars().next()) && letter(text[..from].chars().next_back());
    let joins_after = letter(inside.chars().next_back()) && letter(text[to..].chars().next());
    !joins_before && !joins_after
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn synonyms() -> Synonyms {
        let group = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Synonyms::new(&[group(&["手机银行", "app", "掌上银行"]), group(&["密码", "口令"]), group(&["其他", "口令"])])
    }

    #[test]
    fn the_first_of_a_group_stands_for_all() {
        assert_eq!(synonyms().read("APP口令忘了"), "手机银行密码忘了");
        assert_eq!(synonyms().read("掌上銀行"), "手机银行");
        assert_eq!(synonyms().read("happy apps"), "happy apps");
        assert_eq!(Synonyms::default().read("Ａ"), "a");
    }

    proptest! {
        #[test]
        fn reading_any_text_ends(text in ".{0,40}|[a-p口令掌上银行 ]{0,30}") {
            let read = synonyms().read(&text);
            prop_assert!(!read.contains("口令"));
        }
    }
}
