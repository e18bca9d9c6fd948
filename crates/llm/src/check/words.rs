//! The words a sentence is made of, without those that only hold others
//! together, and which evidence carries them.

use super::clauses::Sentence;
use super::{figures, lists};

/// Share of a sentence's words that its evidence must hold.
const CARRIED_MIN: f32 = 0.6;
/// Words in a row that the evidence has not (pairs of characters in Chinese).
const NOVEL_RUN_MAX: usize = 4;

/// Words in order, each once: pairs of Chinese characters, stems of Latin words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Units(Vec<String>);

impl Units {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn has(&self, unit: &str) -> bool {
        self.0.iter().any(|held| held == unit)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn push(&mut self, unit: String) {
        if !self.has(&unit) {
            self.0.push(unit);
        }
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        other.0.iter().for_each(|unit| self.push(unit.clone()));
    }

    /// The share of these that others hold; of nothing, all.
    pub(crate) fn share_in(&self, others: &[&Self]) -> f32 {
        if self.is_empty() {
            return 1.0;
        }
        let held = self.iter().filter(|unit| others.iter().any(|other| other.has(unit))).count();
        held as f32 / self.len() as f32
    }

    fn longest_novel_run(&self, others: &[&Self]) -> usize {
        let (mut longest, mut now) = (0, 0);
        for unit in self.iter() {
            now = if others.iter().any(|other| other.has(unit)) { 0 } else { now + 1 };
            longest = longest.max(now);
        }
        longest
    }
}

/// The words of some characters in normal form.
pub(crate) fn units(chars: &[char]) -> Units {
    let chars = without_glue(chars);
    let mut found = Units::default();
    let mut at = 0;
    while at < chars.len() {
        let latin = |c: &char| c.is_alphabetic() && !is_han(*c);
        let run = |fits: &dyn Fn(&char) -> bool| chars[at..].iter().take_while(|c| fits(c)).count();
        if is_han(chars[at]) {
            let end = at + run(&|c| is_han(*c));
            match &chars[at..end] {
                [one] if lists::LONE_GLUE.contains(*one) => {}
                [one] => found.push(one.to_string()),
                many => many.windows(2).for_each(|pair| found.push(pair.iter().collect())),
            }
            at = end;
        } else if latin(&chars[at]) {
            let end = at + run(&latin);
            let word: String = chars[at..end].iter().collect();
            if !lists::STOP_WORDS.contains(&word.as_str()) {
                found.push(stem(&word).to_owned());
            }
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Words that only hold others together, and words of denial (which are judged
/// by themselves), become gaps.
fn without_glue(chars: &[char]) -> Vec<char> {
    let mut out = chars.to_vec();
    let mut at = 0;
    while at < chars.len() {
        let rest: String = chars[at..].iter().take(lists::GLUE_CHARS_MAX).collect();
        let kept = lists::LEXICAL.iter().find(|word| rest.starts_with(**word));
        let glue = lists::GLUE.iter().find(|word| rest.starts_with(**word));
        if let Some(word) = kept {
            at += word.chars().count();
        } else if let Some(word) = glue {
            let end = at + word.chars().count();
            out[at..end].fill(' ');
            at = end;
        } else {
            if lists::GLUE_CHARS.contains(chars[at]) || lists::NEGATORS.contains(chars[at]) {
                out[at] = ' ';
            }
            at += 1;
        }
    }
    out
}

fn stem(word: &str) -> &str {
    let cut = ["ing", "ed", "es", "s"].into_iter().find_map(|end| word.strip_suffix(end));
    cut.filter(|stem| stem.len() >= 3).unwrap_or(word)
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇')
}

/// Which sentences of the evidence carry a sentence: mostly one, at most two
/// that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) main: usize,
    pub(crate) all: Vec<usize>,
}

pub(crate) fn carrier(sentence: &Sentence, evidence: &[Sentence]) -> Option<Carried> {
    let of = |at: &[usize]| -> Vec<&Sentence> { at.iter().filter_map(|at| evidence.get(*at)).collect() };
    let fits = |at: &[usize]| figures::all_in(sentence, &of(at));
    let units = |at: &[usize]| -> Vec<&Units> { of(at).into_iter().map(|sentence| &sentence.units).collect() };
    let share = |at: &[usize]| sentence.units.share_in(&units(at));
    let holds =
        |at: &[usize]| share(at) >= CARRIED_MIN && sentence.units.longest_novel_run(&units(at)) <= NOVEL_RUN_MAX;
    // Of those that hold as much, the one whose figures fit, then the one of
    // which more is said.
    let rank = |at: usize| {
        (share(&[at]), fits(&[at]), evidence.get(at).map_or(0.0, |one| one.units.share_in(&[&sentence.units])))
    };
    let order =
        |a: (f32, bool, f32), b: (f32, bool, f32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2));
    if sentence.units.is_empty() {
        // A line of a tariff: figures alone, and all of them there.
        let any = sentence.figures().next().is_some();
        let main = (0..evidence.len()).find(|at| any && fits(&[*at]))?;
        return Some(Carried { main, all: vec![main] });
    }
    let main = (0..evidence.len()).max_by(|a, b| order(rank(*a), rank(*b)).then(b.cmp(a)))?;
    if holds(&[main]) && fits(&[main]) {
        return Some(Carried { main, all: vec![main] });
    }
    // What one has not is looked for beside it, too.
    let beside = [main.checked_sub(1), Some(main + 1)].into_iter().flatten().filter(|at| *at < evidence.len());
    let pairs = beside.map(|other| vec![main, other]).filter(|pair| holds(pair) && fits(pair));
    let two = pairs.max_by(|a, b| share(a).total_cmp(&share(b)));
    two.map(|all| Carried { main, all }).or_else(|| holds(&[main]).then(|| Carried { main, all: vec![main] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        units(&teller_understand::normalise(text).chars().collect::<Vec<_>>()).0
    }

    #[test]
    fn words_without_what_holds_them_together() {
        assert_eq!(of("手机银行的转账"), ["手机", "机银", "银行", "转账"]);
        assert_eq!(of("可以在柜台办理哦"), of("在柜台办理"));
        assert_eq!(of("Transfers are free"), ["transfer", "free"]);
        assert_eq!(of("不支持"), ["支持"]);
    }
}
