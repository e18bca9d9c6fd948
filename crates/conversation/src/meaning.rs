//! What a message may mean as a whole: intents, articles, and its clauses when
//! it holds more than one wish. It costs a model, so it is worked out when the
//! decision first looks at it, and never for an answer that the open question
//! takes: 「五千」 to "how much" needs no model.
//!
//! Invariant: the same message in the same scope means the same, whenever it is
//! looked at; looking late changes no decision.

use crate::decide::wishes_of;
use crate::packs::BankPack;
use crate::understanding::Stopwatch;
use jiff::civil::Date;
use std::sync::{Arc, OnceLock};
use teller_kernel::Locale;
use teller_kernel::trace::{ScoredIntent, TurnTrace};
use teller_knowledge::Query;
use teller_pack::Serve;
use teller_privacy::mask;
use teller_understand::homophone::Corrected;
use teller_understand::intents::{Ranking, segments};

/// Candidates kept for decision and trace.
const CANDIDATES: usize = 5;
/// Score from which a message is one wish, unless a word says that another follows.
const ONE_WISH: f32 = 0.7;
/// Score from which a clause is a wish of its own without a word that says so.
const PLAIN_WISH: f32 = 0.75;

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
    /// The probability that no intent of the pack is meant.
    pub none: f32,
    pub articles: Vec<Ranked>,
    /// More than one only where the message may hold several wishes.
    pub clauses: Vec<Clause>,
    /// The sentence vector, where there is an encoder.
    vector: Option<Vec<f32>>,
    /// The adapted semantic vector, where the intents took it.
    semantic: Option<Vec<f32>>,
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
    /// The semantic vector, once somebody asked for it.
    semantic: OnceLock<Option<Vec<f32>>>,
}

impl Meaning {
    pub fn of(text: &str, bank: Arc<BankPack>, locale: Locale, today: Date) -> Self {
        Self {
            bank,
            text: text.to_owned(),
            locale,
            today,
            keep: Vec::new(),
            found: OnceLock::new(),
            semantic: OnceLock::new(),
        }
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

    /// The adapted semantic vector: what the ranking of intents took, or made now.
    /// Nothing where nobody looked at the meaning, or there is no encoder or no time.
    pub fn semantic(&self) -> Option<&[f32]> {
        let meant = self.found.get()?;
        let made = || meant.semantic.clone().or_else(|| self.bank.intents.closer(&self.text));
        self.semantic.get_or_init(made).as_deref()
    }

    /// Was the semantic encoder asked, for the intents or for anything else?
    pub fn looked_closer(&self) -> bool {
        let by_intents = self.found.get().is_some_and(|meant| meant.semantic.is_some());
        by_intents || self.semantic.get().is_some_and(Option::is_some)
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
        let (ranking, also_read) = self.bank.look(&self.text, &self.keep, vector.as_deref(), CANDIDATES);
        let (intents, none, semantic) = (ranked(ranking.labels), ranking.none, ranking.semantic);
        let clauses = self.bank.clauses(&self.text, &intents);
        watch.lap("intents", &mut took);
        let query = Query { vector: vector.as_deref(), ..Query::new(&self.text, self.locale, self.today) };
        let articles = self.bank.articles(&query, CANDIDATES);
        watch.lap("articles", &mut took);
        Meant { intents, none, articles, clauses, vector, semantic, also_read, took }
    }
}

impl BankPack {
    /// What a text may mean, its fast vector at hand. One that means nothing
    /// surely is read again with misheard words put right, outside the spans of
    /// `keep`; of both readings each intent keeps its better score.
    #[must_use]
    pub fn look(
        &self,
        text: &str,
        keep: &[(usize, usize)],
        fast: Option<&[f32]>,
        most: usize,
    ) -> (Ranking, Option<Corrected>) {
        let mut ranking = self.intents.look(text, fast, most);
        let act = self.pack.manifest.understanding.act;
        if ranking.labels.first().is_some_and(|top| top.score >= act) {
            return (ranking, None);
        }
        let Some(other) = self.homophones.correct(text, keep) else { return (ranking, None) };
        let again = self.intents.look(&other.text, self.intents.vector(&other.text).as_deref(), most);
        for read in again.labels {
            match ranking.labels.iter_mut().find(|known| known.label == read.label) {
                Some(known) if known.score < read.score => *known = read,
                Some(_) => {}
                None => ranking.labels.push(read),
            }
        }
        ranking.labels.sort_by(|a, b| b.score.total_cmp(&a.score));
        ranking.labels.truncate(most);
        ranking.none = ranking.none.min(again.none);
        (ranking, Some(other))
    }

    /// The clauses of a message that may be wishes of their own, ranked; none
    /// where it holds one wish.
    fn clauses(&self, text: &str, whole: &[Ranked]) -> Vec<Clause> {
        let parts = segments(text);
        let said = self.adds_a_wish(text);
        let one = whole.first().is_some_and(|best| best.score >= ONE_WISH);
        if parts.len() < 2 || !(said || !one && self.wishes_apart(&parts)) {
            return Vec::new();
        }
        let clause =
            |part: &str| Clause { text: part.to_owned(), intents: ranked(self.intents.rank(part, CANDIDATES)) };
        let counts = |clause: &Clause| said || clause.intents.first().is_some_and(|best| best.score >= PLAIN_WISH);
        parts.into_iter().map(clause).filter(counts).collect()
    }

    /// Do two of the clauses surely wish different things? Most messages of two
    /// clauses are one wish and its reason, so where the customer does not say
    /// that a further wish follows (另外, 顺便, also), each must be plain by itself.
    /// Small talk, and what only a person can settle, part nothing.
    fn wishes_apart(&self, parts: &[&str]) -> bool {
        let plain = |part: &&str| {
            let best = self.intents.quick(part, 1).labels.into_iter().next()?;
            let serve = self.pack.intents.get(&best.label).map(|intent| &intent.serve);
            let wish = matches!(serve, Some(Serve::Flow(_) | Serve::Article(_)));
            (wish && best.score >= PLAIN_WISH).then_some(best.label)
        };
        let mut plain: Vec<String> = parts.iter().filter_map(plain).collect();
        plain.sort_unstable();
        plain.dedup();
        plain.len() > 1
    }

    /// The intents that a message would be served for, in order of saying: those
    /// of its clauses where there are several, else the best one if the bank
    /// would act on it or ask about it.
    #[must_use]
    pub fn wishes(&self, text: &str) -> Vec<String> {
        let bounds = self.pack.manifest.understanding;
        let whole = ranked(self.look(text, &[], self.intents.vector(text).as_deref(), 1).0.labels);
        let several = wishes_of(&self.pack, &bounds, &self.clauses(text, &whole));
        if several.len() > 1 {
            return several.into_iter().map(|(intent, _)| intent).collect();
        }
        let best = whole.into_iter().next();
        best.filter(|best| best.score >= bounds.ask).map(|best| best.label).into_iter().collect()
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
