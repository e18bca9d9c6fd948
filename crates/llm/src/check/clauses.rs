//! A sentence as the check reads it: clauses, their figures, and the words
//! around each figure.

use super::figures::{self, Located};
use super::polarity;
use super::split;
use super::words::{Units, units};

/// A part between commas.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    pub(crate) text: String,
    pub(crate) figures: Vec<Located>,
    /// Words around each figure: between the one before and it, and after the
    /// last what follows.
    pub(crate) around: Vec<Units>,
    /// Words that follow each figure, where the clause has several.
    pub(crate) after: Vec<Units>,
    pub(crate) units: Units,
    pub(crate) negations: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    /// In normal form.
    pub(crate) text: String,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) units: Units,
}

impl Sentence {
    pub(crate) fn read(text: &str) -> Self {
        let text = teller_understand::normalise(text);
        let chars: Vec<char> = text.chars().collect();
        let clauses: Vec<Clause> = split::clauses(&chars).iter().map(|chars| Clause::read(chars)).collect();
        let mut all = Units::default();
        clauses.iter().for_each(|clause| all.extend(&clause.units));
        Self { text, clauses, units: all }
    }

    pub(crate) fn figures(&self) -> impl Iterator<Item = &Located> {
        self.clauses.iter().flat_map(|clause| &clause.figures)
    }

    /// The words a figure belongs to: those around it; where there are none,
    /// those of the clauses before.
    pub(crate) fn around(&self, clause: usize, figure: usize) -> Units {
        let own = self.clauses.get(clause).and_then(|clause| clause.around.get(figure)).cloned().unwrap_or_default();
        if !own.is_empty() {
            return own;
        }
        let before = self.clauses.get(..clause).unwrap_or_default().iter().rev();
        before.map(|clause| &clause.units).find(|units| !units.is_empty()).cloned().unwrap_or_default()
    }
}

impl Clause {
    fn read(chars: &[char]) -> Self {
        let figures = figures::read(chars);
        let mut around = Vec::with_capacity(figures.len());
        let mut all = Units::default();
        let mut at = 0;
        for (number, figure) in figures.iter().enumerate() {
            let mut words = units(&chars[at..figure.start]);
            at = figure.end;
            if number + 1 == figures.len() {
                words.extend(&units(&chars[at..]));
            }
            all.extend(&words);
            around.push(words);
        }
        if figures.is_empty() {
            all = units(chars);
        }
        let next = |number: usize| figures.get(number + 1).map_or(chars.len(), |next| next.start);
        let after = match figures.len() {
            0 | 1 => vec![Units::default(); figures.len()],
            _ => figures.iter().enumerate().map(|(at, figure)| units(&chars[figure.end..next(at)])).collect(),
        };
        let text: String = chars.iter().collect();
        Self { negations: polarity::negations(&text), text, figures, around, after, units: all }
    }
}
