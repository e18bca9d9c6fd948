//! Nothing is left out: what is said in place of a sentence of the evidence says
//! all of its figures, its conditions and most of its words; what nothing is
//! said for stands as it was.

use super::clauses::{Clause, Sentence};
use super::words::Units;
use super::{Held, lists};
use crate::rephrase::Said;

/// Share of the evidence's words that must be said.
const SAID_MIN: f32 = 0.5;
/// Share of the words of a condition.
const CONDITION_MIN: f32 = 0.5;

/// Takes out what does not say enough of its source.
pub(crate) fn drop_incomplete(held: &mut Vec<Held>, evidence: &[Sentence]) -> Vec<Held> {
    let incomplete: Vec<usize> =
        (0..evidence.len()).filter(|source| !is_whole(*source, held, &evidence[*source])).collect();
    let (out, kept) = std::mem::take(held).into_iter().partition(|one: &Held| incomplete.contains(&one.source));
    *held = kept;
    out
}

/// Do the sentences said for this source say all of it?
fn is_whole(source: usize, held: &[Held], evidence: &Sentence) -> bool {
    let said: Vec<&Sentence> = held.iter().filter(|one| one.source == source).map(|one| &one.read).collect();
    if said.is_empty() {
        return true;
    }
    let units: Vec<&Units> = said.iter().map(|sentence| &sentence.units).collect();
    let figures =
        evidence.figures().all(|wanted| said.iter().any(|one| one.figures().any(|at| at.figure == wanted.figure)));
    let tells = |clause: &&Clause| clause.negations > 0 || has(&clause.text, lists::CONDITIONS);
    let conditions = evidence.clauses.iter().filter(tells);
    let kept = conditions.into_iter().all(|clause| clause.units.share_in(&units) >= CONDITION_MIN);
    let marked = |markers: &[&str], any: &[&str]| {
        !has(&evidence.text, markers) || said.iter().any(|sentence| has(&sentence.text, any))
    };
    figures
        && kept
        && evidence.units.share_in(&units) >= SAID_MIN
        && marked(lists::ONLY, lists::ONLY)
        && marked(lists::IF, lists::IF_SAID)
        && marked(lists::EXCEPT, lists::EXCEPT)
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        if word.is_ascii() {
            text.split(|c: char| !c.is_ascii_alphabetic()).any(|held| held == *word)
        } else {
            text.contains(word)
        }
    })
}

/// The answer in the order of the evidence: what was said, or the sentence as it
/// was.
pub(crate) fn in_order(held: Vec<Held>, evidence: &[&str]) -> Vec<Said> {
    let mut said = Vec::with_capacity(evidence.len());
    for (source, original) in evidence.iter().enumerate() {
        let before = said.len();
        said.extend(held.iter().filter(|one| one.source == source).map(|one| Said {
            text: one.text.clone(),
            source,
            rephrased: true,
        }));
        if said.len() == before {
            said.push(Said { text: (*original).to_owned(), source, rephrased: false });
        }
    }
    said
}
