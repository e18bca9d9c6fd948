//! A figure stays with what it is a figure of: the counter's fee is not said of
//! the phone's, and the bands of a tariff are not mixed.

use super::Fault;
use super::clauses::Sentence;
use super::figures::Figure;
use super::words::Units;

/// A figure of the evidence with the words it belongs to.
struct Bound<'a> {
    figure: &'a Figure,
    around: Units,
    after: &'a Units,
    carrier: bool,
}

pub(crate) fn holds(sentence: &Sentence, carriers: &[&Sentence], evidence: &[Sentence]) -> Result<(), Fault> {
    let bound = bound(carriers, evidence);
    let context = context(carriers, evidence);
    for (at, clause) in sentence.clauses.iter().enumerate() {
        for (number, located) in clause.figures.iter().enumerate() {
            let around = sentence.around(at, number);
            let after = clause.after.get(number);
            let mut same = bound.iter().filter(|bound| bound.carrier && *bound.figure == located.figure);
            let fits = |own: &Bound<'_>| {
                !says_another(&around, own, &bound, &context)
                    && !after.is_some_and(|after| follows_another(after, own, &bound, &context))
            };
            if !same.any(fits) {
                return Err(Fault::Binding);
            }
        }
    }
    if pairs(sentence).all(|pair| carriers.iter().any(|carrier| stand_together(carrier, &pair))) {
        Ok(())
    } else {
        Err(Fault::Binding)
    }
}

fn bound<'a>(carriers: &[&Sentence], evidence: &'a [Sentence]) -> Vec<Bound<'a>> {
    let mut bound = Vec::new();
    for sentence in evidence {
        let carrier = carriers.iter().any(|carrier| std::ptr::eq(*carrier, sentence));
        for (at, clause) in sentence.clauses.iter().enumerate() {
            for (number, (located, after)) in clause.figures.iter().zip(&clause.after).enumerate() {
                bound.push(Bound { figure: &located.figure, around: sentence.around(at, number), after, carrier });
            }
        }
    }
    bound
}

/// Words that may be said with any figure: of clauses of the carriers that have
/// none, and of sentences that have none at all.
fn context(carriers: &[&Sentence], evidence: &[Sentence]) -> Units {
    let mut context = Units::default();
    let plain = evidence.iter().filter(|sentence| sentence.figures().next().is_none());
    let clauses = carriers.iter().copied().chain(plain).flat_map(|sentence| &sentence.clauses);
    clauses.filter(|clause| clause.figures.is_empty()).for_each(|clause| context.extend(&clause.units));
    context
}

/// Is there a word around that belongs to another figure and not to this one?
fn says_another(around: &Units, own: &Bound<'_>, all: &[Bound<'_>], context: &Units) -> bool {
    let foreign = |unit: &str| all.iter().any(|other| other.figure != own.figure && other.around.has(unit));
    around.iter().any(|unit| !own.around.has(unit) && !context.has(unit) && foreign(unit))
}

/// The same of what follows a figure, where several share a clause on both sides.
fn follows_another(after: &Units, own: &Bound<'_>, all: &[Bound<'_>], context: &Units) -> bool {
    let foreign = |unit: &str| all.iter().any(|other| other.figure != own.figure && other.after.has(unit));
    !own.after.is_empty() && after.iter().any(|unit| !own.after.has(unit) && !context.has(unit) && foreign(unit))
}

/// Two figures that follow one another in one clause.
struct Pair<'a> {
    first: &'a Figure,
    second: &'a Figure,
}

fn pairs(sentence: &Sentence) -> impl Iterator<Item = Pair<'_>> {
    sentence
        .clauses
        .iter()
        .flat_map(|clause| clause.figures.windows(2).map(|two| Pair { first: &two[0].figure, second: &two[1].figure }))
}

/// They stand side by side in the carrier, too: in one clause in any order, or
/// one after the other across two.
fn stand_together(carrier: &Sentence, pair: &Pair<'_>) -> bool {
    let all: Vec<(usize, &Figure)> = carrier
        .clauses
        .iter()
        .enumerate()
        .flat_map(|(at, clause)| clause.figures.iter().map(move |located| (at, &located.figure)))
        .collect();
    all.windows(2).any(|two| {
        let straight = two[0].1 == pair.first && two[1].1 == pair.second;
        let turned = two[0].1 == pair.second && two[1].1 == pair.first;
        straight || (turned && two[0].0 == two[1].0)
    })
}
