//! What shows manipulation besides the words: the groups of phrases, how the text
//! is disguised, its length.
//!
//! Invariants: a pure function of the text; always [`CUE_DIM`] values of about 0
//! to 1. Not here: weights.

use std::sync::LazyLock;

use regex::Regex;

use super::disguise::Disguise;
use super::phrases::GROUPS;

const FORM_CUES: usize = 4;
/// Values that [`cues`] gives: a new group or pair wants a new training.
pub const CUE_DIM: usize = FORM_CUES + Disguise::COUNT + TOGETHER.len() + GROUPS.len();
/// What a group counts for standing there once.
const GROUP_STEP: f32 = 0.8;

static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let build = |pattern: &str| Regex::new(pattern).expect("the patterns are constants and are tested");
    GROUPS.iter().map(|(_, pattern)| build(pattern)).collect()
});

/// Groups that say more together than each alone, by name.
const TOGETHER: &[(&str, &str)] = &[
    ("another_person", "look_into"),
    ("says_authority", "obey"),
    ("to_machine", "pasted"),
    ("skip_check", "obey"),
    ("promise", "say_this"),
    ("someone_told", "doubts_it"),
    ("skip_check", "ends_asking"),
    ("drop_rules", "own_words"),
    ("drop_rules", "doubts_it"),
    ("drop_rules", "someone_told"),
    ("their_data", "proper_way"),
    ("their_data", "proxy_way"),
    ("their_data", "look_into"),
    ("their_data", "doubts_it"),
    ("their_money", "order_you"),
    ("their_money", "says_authority"),
    ("skip_check", "why_or_whether"),
    ("skip_check", "order_you"),
    ("skip_check", "already_done"),
    ("says_authority", "order_you"),
    ("says_authority", "someone_told"),
    ("says_authority", "doubts_it"),
    ("promise", "obey"),
    ("promise", "why_or_whether"),
    ("hidden_words", "show_it"),
    ("hidden_words", "doubts_it"),
    ("to_machine", "doubts_it"),
    ("evade", "lies"),
    ("evade", "doubts_it"),
    ("evade", "why_or_whether"),
    ("order_you", "why_or_whether"),
];

/// The cues of a text in normal form and how it was disguised.
#[must_use]
pub fn cues(normal: &str, disguises: &[Disguise]) -> Vec<f32> {
    let length = normal.chars().count() as f32;
    let flag = |present: bool| if present { 1.0 } else { 0.0 };
    let mut found = vec![
        (length / 120.0).min(1.0),
        flag(length < 9.0),
        flag(length > 60.0),
        flag(normal.contains(['"', '「', '『', '《', '“'])),
    ];
    found.extend(Disguise::ALL.iter().map(|one| flag(disguises.contains(one))));
    let groups: Vec<f32> =
        PATTERNS.iter().map(|pattern| (pattern.find_iter(normal).take(4).count() as f32).sqrt() * GROUP_STEP).collect();
    let value = |name: &str| GROUPS.iter().position(|(group, _)| *group == name).map_or(0.0, |at| groups[at]);
    found.extend(TOGETHER.iter().map(|(a, b)| if value(a) > 0.0 && value(b) > 0.0 { 1.0 } else { 0.0 }));
    found.extend(groups);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_counts_and_pairs_name_groups() {
        for (a, b) in TOGETHER {
            for name in [a, b] {
                assert!(GROUPS.iter().any(|(group, _)| group == name), "{name}");
            }
        }
        assert_eq!(cues("", &[]).len(), CUE_DIM);
    }
}
