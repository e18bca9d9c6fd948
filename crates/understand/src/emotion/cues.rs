//! What shows a mood besides the words: marks, length, repetition, and the groups
//! of the lexicon.
//!
//! Invariants: a pure function of the text; always [`CUE_DIM`] values of about 0
//! to 1. Not here: weights.

use std::sync::LazyLock;

use super::lexicon::GROUPS;

const FORM_CUES: usize = 14;
/// Values that [`cues`] gives.
pub const CUE_DIM: usize = FORM_CUES + 24;
/// A group whose words stand there twice counts 1.
const PHRASE_STEP: f32 = 0.6;

static PHRASES: LazyLock<Vec<Vec<&'static str>>> =
    LazyLock::new(|| GROUPS.iter().map(|(_, phrases)| phrases.split('|').collect()).collect());

/// The cues of a text in normal form.
#[must_use]
pub fn cues(normal: &str) -> Vec<f32> {
    let chars: Vec<char> = normal.chars().collect();
    let count = |wanted: &[char]| chars.iter().filter(|c| wanted.contains(c)).count() as f32;
    let flag = |present: bool| if present { 1.0 } else { 0.0 };
    let length = chars.len() as f32;
    let repeated = chars.windows(3).any(|run| run[0] == run[1] && run[1] == run[2] && run[0].is_alphabetic());
    let mut found = vec![
        (count(&['!']) / 3.0).min(1.0),
        (count(&['?']) / 3.0).min(1.0),
        flag(normal.contains("!!")),
        flag(normal.contains("??")),
        flag(normal.contains("?!") || normal.contains("!?")),
        flag(normal.contains("...") || normal.contains('…')),
        flag(normal.ends_with('?')),
        flag(normal.ends_with(['吗', '呢', '么', '嘛', '吧'])),
        flag(normal.ends_with(['啊', '呀', '啦', '了', '哦'])),
        (length / 80.0).min(1.0),
        flag(length < 9.0),
        flag(length > 45.0),
        (count(&[',', '。', '.', ';', '、']) / 5.0).min(1.0),
        flag(repeated),
    ];
    found.extend(PHRASES.iter().map(|phrases| {
        let hits: usize = phrases.iter().filter(|phrase| normal.contains(**phrase)).count();
        (hits as f32).sqrt() * PHRASE_STEP
    }));
    found.resize(CUE_DIM, 0.0);
    found
}
