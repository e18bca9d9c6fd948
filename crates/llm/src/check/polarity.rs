//! Yes and no, may and must: a clause says neither the opposite of its evidence
//! nor more or less than it allows.

use super::clauses::{Clause, Sentence};
use super::words::Units;
use super::{Fault, lists};

/// Share of a clause's words that a clause of the evidence must hold to be
/// compared with it.
const ALIKE_MIN: f32 = 0.3;

/// Words of denial in a text in normal form, without words that only look so.
pub(crate) fn negations(text: &str) -> usize {
    let mut rest = text.to_owned();
    for word in lists::FREE.iter().chain(lists::LEXICAL).chain(lists::BOUNDS_WITH_NEGATORS) {
        if rest.contains(word) {
            rest = rest.replace(word, " ");
        }
    }
    let chinese = rest.chars().filter(|c| lists::NEGATORS.contains(*c)).count();
    let english = rest.split(|c: char| !(c.is_ascii_alphabetic() || c == '\'' || c == '’'));
    chinese + english.filter(|word| lists::NEGATING_WORDS.contains(word) || word.ends_with("n't")).count()
}

pub(crate) fn agrees(sentence: &Sentence, carriers: &[&Sentence]) -> Result<(), Fault> {
    let mut alone = false;
    for clause in &sentence.clauses {
        match nearest(clause, carriers) {
            Some(near) if near.negations % 2 != clause.negations % 2 => return Err(Fault::Negation),
            Some(near) => modality(clause, &near.text)?,
            None => alone |= clause.negations > 0,
        }
    }
    // A denial without words of its own (「没通过的」, "if not"): the sentence as a
    // whole denies as often as its evidence.
    let denials = |of: &Sentence| of.clauses.iter().map(|clause| clause.negations).sum::<usize>();
    if alone && denials(sentence) != carriers.iter().map(|carrier| denials(carrier)).sum::<usize>() {
        return Err(Fault::Negation);
    }
    let said = |word: &str| carriers.iter().any(|carrier| carrier.text.contains(word));
    let turned = |(one, other): &(&str, &str)| {
        (sentence.text.contains(one) && !said(one) && said(other))
            || (sentence.text.contains(other) && !said(other) && said(one))
    };
    if lists::OPPOSITES.iter().any(turned) {
        return Err(Fault::Negation);
    }
    let obliges = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let evidence_obliges = carriers.iter().any(|carrier| obliges(&carrier.text, lists::OBLIGES_IN_EVIDENCE));
    if obliges(&sentence.text, lists::OBLIGES) && !evidence_obliges {
        return Err(Fault::Modality);
    }
    Ok(())
}

/// What a clause says again: a clause of the evidence, or two together.
struct Near {
    text: String,
    negations: usize,
    clauses: usize,
}

fn nearest(clause: &Clause, carriers: &[&Sentence]) -> Option<Near> {
    if clause.units.is_empty() {
        return None;
    }
    let mut best: Option<(f32, Near)> = None;
    let mut offer = |of: &[&Clause]| {
        let units: Vec<&Units> = of.iter().map(|clause| &clause.units).collect();
        let share = clause.units.share_in(&units);
        let near = Near {
            text: of.iter().map(|clause| clause.text.as_str()).collect::<Vec<_>>().join(" "),
            negations: of.iter().map(|clause| clause.negations).sum(),
            clauses: of.len(),
        };
        // Of equally near ones as long as one another, the one that agrees is meant.
        let agrees = |near: &Near| near.negations % 2 == clause.negations % 2;
        let better = match &best {
            None => share >= ALIKE_MIN,
            Some((held, old)) => {
                let instead = near.clauses == old.clauses && agrees(&near) && !agrees(old);
                share > *held || (share >= *held && instead)
            }
        };
        if better {
            best = Some((share, near));
        }
    };
    for carrier in carriers {
        carrier.clauses.iter().for_each(|one| offer(&[one]));
        carrier.clauses.windows(2).for_each(|two| offer(&[&two[0], &two[1]]));
        carrier.clauses.windows(3).for_each(|three| offer(&[&three[0], &three[1], &three[2]]));
    }
    best.map(|(_, near)| near)
}

/// Must did not become may.
fn modality(clause: &Clause, near: &str) -> Result<(), Fault> {
    let any = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let weakened = any(near, lists::MUST)
        && !any(near, lists::MAY)
        && any(&clause.text, lists::MAY)
        && !any(&clause.text, lists::OBLIGES);
    if weakened { Err(Fault::Modality) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_denial_and_words_that_only_look_so() {
        for (text, count) in [
            ("不支持他人代办", 1),
            ("无需本人到场", 1),
            ("不得不", 2),
            ("没有", 1),
            ("不超过5万元", 0),
            ("非常特别", 0),
            ("不收手续费", 0),
            ("未成年人不可办理", 1),
            ("you cannot", 1),
            ("it isn't free and not here", 2),
            ("note the notice", 0),
        ] {
            assert_eq!(negations(text), count, "{text}");
        }
    }
}
