//! What a message may mean as a whole: intents, articles, and its clauses when
//! it holds more than one wish. It costs a model, so it is worked out when the
//! decision first looks at it, and never for an answer that the open question
//! takes: 「五千」 to "how much" needs no model.
//!
//! Invariant: the same message in the same scope means the same, whenever it is
//! looked at; looking late changes no decision.

use crate::packs::BankPack;
use crate::understanding::Stopwatch;
use jiff::civil::Date;
use std::sync::{Arc, OnceLock};
use teller_kernel::Locale;
use teller_kernel::trace::{ScoredIntent, TurnTrace};
use teller_knowledge::Query;
use teller_privacy::mask;
use teller_understand::homophone::Corrected;
use teller_understand::intents::segments;

/// Candidates kept for decision and trace.
const CANDIDATES: usize = 5;

/// A label with its score: an intent or an article.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    pub label: String,
    /// 0–1.
    pub score: f32,
    pub parts: Vec<(String, f32)>,
    pub nearest: Option<String>,
}

/// One clause of a message that holds more than one.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    pub text: String,
    pub intents: Vec<Ranked>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Meant {
    pub intents: Vec<Ranked>,
    pub articles: Vec<Ranked>,
    /// More than one only where the message may hold several wishes.
    pub clauses: Vec<Clause>,
    /// The sentence vector, where there is an encoder.
    vector: Option<Vec<f32>>,
    /// The message with misheard words put right, where that was looked at.
    also_read: Option<Corrected>,
    /// What it took, for the trace.
    took: TurnTrace,
}

/// The meaning of one message, worked out at the first look.
pub struct Meaning {
    bank: Arc<BankPack>,
    text: String,
    locale: Locale,
    today: Date,
    /// Spans, in characters, of names and values: no word is looked for in them.
    keep: Vec<(usize, usize)>,
    found: OnceLock<Meant>,
}

impl Meaning {
    pub fn of(text: &str, bank: Arc<BankPack>, locale: Locale, today: Date) -> Self {
        Self { bank, text: text.to_owned(), locale, today, keep: Vec::new(), found: OnceLock::new() }
    }

    /// The same, with the places of names and values in the message.
    #[must_use]
    pub fn keeping(self, spans: impl IntoIterator<Item = (usize, usize)>) -> Self {
        Self { keep: spans.into_iter().collect(), ..self }
    }

    pub fn get(&self) -> &Meant {
        self.found.get_or_init(|| self.find())
    }

    /// The sentence vector, if anybody looked at the meaning and there is an encoder.
    pub fn vector(&self) -> Option<&[f32]> {
        self.found.get()?.vector.as_deref()
    }

    /// Writes into the trace what was found and how long it took, if anybody looked.
    pub fn record(&self, trace: &mut TurnTrace) {
        let Some(meant) = self.found.get() else { return };
        trace.intents = meant.intents.iter().map(traced).collect();
        trace.also_read = meant.also_read.as_ref().map(|other| mask(&other.text).to_string());
        trace.stages.extend(meant.took.stages.iter().cloned());
    }

    fn find(&self) -> Meant {
        let (mut watch, mut took) = (Stopwatch::start(), TurnTrace::default());
        let vector = self.bank.intents.vector(&self.text);
        watch.lap("sentence vector", &mut took);
        let mut intents = ranked(self.bank.intents.rank_with(&self.text, vector.as_deref(), CANDIDATES));
        let also_read = self.misheard(&mut intents);
        let clauses = self.clauses();
        watch.lap("intents", &mut took);
        let query = Query { vector: vector.as_deref(), ..Query::new(&self.text, self.locale, self.today) };
        let articles = self.bank.articles(&query, CANDIDATES);
        watch.lap("articles", &mut took);
        Meant { intents, articles, clauses, vector, also_read, took }
    }

    /// A message that means nothing surely is read again with misheard words put
    /// right; of both readings each intent keeps its better score.
    fn misheard(&self, intents: &mut Vec<Ranked>) -> Option<Corrected> {
        if intents.first().is_some_and(|top| top.score >= self.bank.pack.manifest.understanding.act) {
            return None;
        }
        let other = self.bank.homophones.correct(&self.text, &self.keep)?;
        for read in ranked(self.bank.intents.rank(&other.text, CANDIDATES)) {
            match intents.iter_mut().find(|known| known.label == read.label) {
                Some(known) if known.score < read.score => *known = read,
                Some(_) => {}
                None => intents.push(read),
            }
        }
        intents.sort_by(|a, b| b.score.total_cmp(&a.score));
        intents.truncate(CANDIDATES);
        Some(other)
    }

    fn clauses(&self) -> Vec<Clause> {
        // Two clauses are two wishes only where the customer says so (另外, 顺便, also):
        // most messages of two clauses are one wish and its reason.
        let parts = segments(&self.text);
        if parts.len() < 2 || !self.bank.adds_a_wish(&self.text) {
            return Vec::new();
        }
        let clause =
            |part: &str| Clause { text: part.to_owned(), intents: ranked(self.bank.intents.rank(part, CANDIDATES)) };
        parts.into_iter().map(clause).collect()
    }
}

fn ranked(found: Vec<teller_understand::intents::Ranked>) -> Vec<Ranked> {
    found.into_iter().map(Ranked::from).collect()
}

impl From<teller_understand::intents::Ranked> for Ranked {
    fn from(ranked: teller_understand::intents::Ranked) -> Self {
        Self {
            label: ranked.label,
            score: ranked.score,
            parts: ranked.parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect(),
            nearest: Some(ranked.nearest),
        }
    }
}

fn traced(ranked: &Ranked) -> ScoredIntent {
    ScoredIntent {
        intent: ranked.label.clone(),
        score: ranked.score,
        parts: ranked.parts.clone(),
        nearest: ranked.nearest.clone(),
    }
}
