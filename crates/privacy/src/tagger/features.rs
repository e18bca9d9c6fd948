//! What the tagger looks at for each character, as hashed keys: the characters
//! and words around, the run it stands in and that run's form and check digit,
//! announcing words near by, what a name's characters look like, and what the
//! older patterns say.

use super::forms::Forms;
use super::people::{cities, names};
use super::sheet::{Sheet, key, near};
use super::stretches::{codes, dates, number};
use crate::detect::PiiKind;
use crate::wide;

/// Keys for every character of a text.
#[must_use]
pub fn features(original: &[char]) -> Vec<Vec<u32>> {
    look(original).0
}

/// Keys, and what the forms allow.
pub(super) fn look(original: &[char]) -> (Vec<Vec<u32>>, Forms) {
    let sheet = Sheet::of(original);
    let text: String = original.iter().collect();
    let forms = Forms::of(&sheet.folded, wide::detect(&text));
    let mut keys: Vec<Vec<u32>> = (0..original.len()).map(|at| around(&sheet, at)).collect();
    for run in &forms.runs {
        number(&sheet, run, &mut keys);
    }
    dates(&sheet, &forms, &mut keys);
    cities(&sheet, &mut keys);
    codes(&sheet, &mut keys);
    names(&sheet, &mut keys);
    for span in &forms.wide {
        let kind = kind_number(span.kind);
        for at in span.start..span.end.min(keys.len()) {
            let place = u32::from(at == span.start);
            keys[at].push(key(80, &[kind, place]));
            let end = u32::from(at + 1 == span.end);
            keys[at].push(key(81, &[kind, place, end]));
        }
        if let Some(after) = keys.get_mut(span.end) {
            after.push(key(82, &[kind]));
        }
    }
    (keys, forms)
}

fn kind_number(kind: PiiKind) -> u32 {
    super::KINDS.iter().position(|k| *k == kind).unwrap_or(0) as u32
}

/// Characters, words and announcing words around one place.
fn around(sheet: &Sheet, at: usize) -> Vec<u32> {
    let mut out = Vec::with_capacity(72);
    let c = |offset| sheet.at(at, offset);
    out.push(key(1, &[]));
    for (template, offset) in (10u32..).zip(-4isize..=4) {
        out.push(key(template, &[c(offset)]));
    }
    for (template, offset) in (20u32..).zip(-3isize..=2) {
        out.push(key(template, &[c(offset), c(offset + 1)]));
    }
    for (template, offset) in (27u32..).zip(-3isize..=1) {
        out.push(key(template, &[c(offset), c(offset + 1), c(offset + 2)]));
    }
    out.push(key(33, &[c(-1), c(1)]));
    let k = |offset| sheet.class_at(at, offset);
    out.push(key(34, &[k(0)]));
    out.push(key(35, &[k(-1), k(0)]));
    out.push(key(36, &[k(0), k(1)]));
    out.push(key(37, &[k(-1), k(0), k(1)]));
    out.push(key(38, &[k(-2), k(-1), k(0)]));
    out.push(key(39, &[k(0), k(1), k(2)]));
    // Whole tokens to either side.
    let (start, end) = sheet.word[at].unwrap_or((at, at + 1));
    let (b1, p1) = sheet.before(start);
    let (b2, p2) = sheet.before(p1);
    let (b3, _) = sheet.before(p2);
    let (a1, n1) = sheet.after(end);
    let (a2, _) = sheet.after(n1);
    let first = u32::from(start == at);
    let latin = u32::from(sheet.word[at].is_some());
    if latin == 1 {
        let capital = sheet.class[start];
        out.push(key(40, &[first, b1, capital]));
        out.push(key(41, &[first, b2, b1]));
        out.push(key(42, &[first, b3, b2, b1]));
        out.push(key(43, &[first, a1]));
        out.push(key(44, &[first, a1, a2]));
        out.push(key(45, &[first, capital, sheet.class_at(p1, 0), sheet.class_at(end, 1)]));
        out.push(key(46, &[first, sheet.lex[at]]));
        out.push(key(47, &[first, b1, sheet.lex[at]]));
    }
    for (order, (group, distance)) in (0u32..).zip(sheet.announced(at)).take(5) {
        out.push(key(50, &[u32::from(group), near(distance), k(0)]));
        out.push(key(51, &[u32::from(group), k(0)]));
        if order == 0 {
            out.push(key(52, &[u32::from(group), k(-1), k(0), k(1)]));
            out.push(key(53, &[u32::from(group), near(distance), c(0)]));
        }
    }
    for (group, distance) in sheet.follows(at + 1) {
        out.push(key(54, &[u32::from(group), near(distance), k(0)]));
    }
    out
}
