//! The evidence check: a reply may say the evidence again, and nothing else.
//!
//! The reply is taken apart into sentences. Each must be carried by one sentence
//! of the evidence (or two that stand together): its words come from there
//! ([`words`]), each figure stands there with its unit, its bound and the thing
//! it is a figure of ([`figures`], [`binding`]), nothing is denied that was said or the
//! other way ([`polarity`]), no condition is lost ([`cover`]), and nothing is
//! asked, promised, linked or ordered ([`forbidden`]). What does not hold is
//! dropped and the evidence's own words stand in its place; when less than half
//! holds, or anything in the reply is hostile, the evidence stands as it was.
//!
//! Invariants: pure; a sentence that is let through has no figure that the
//! evidence has not; every sentence of the evidence is said, by itself or by
//! what was let through for it; the evidence, said word for word, passes.
//!
//! What it cannot do: understand. Two words of the evidence put in a new relation
//! without figure, negation or condition may pass; so it guards a *rephrasing* of
//! few cited sentences, never free text.

mod binding;
mod clauses;
mod cover;
mod figures;
mod forbidden;
#[rustfmt::skip] // one word a line would be a thousand lines
mod lists;
mod polarity;
mod split;
mod words;

use crate::limits::{EVIDENCE_MAX, REPLY_GROWTH, REPLY_SLACK_CHARS, SENTENCES_MAX};
use crate::rephrase::Said;
use clauses::Sentence;

/// Why a sentence was not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// More sentences or characters than a rephrasing has.
    TooLong,
    /// Characters that no plain sentence holds: markup, code, invisible ones.
    NotPlain,
    /// Its words are not the evidence's.
    Unsupported,
    /// A figure, unit, bound or time that the evidence has not.
    Figure,
    /// A figure of the evidence, said of something else.
    Binding,
    /// Denied what was said, said what was denied, or turned it round.
    Negation,
    /// May became must, or must became may.
    Modality,
    /// A condition, a figure or half of what was said is missing.
    LeavesOut,
    /// A link, number or place to turn to that the evidence has not.
    Address,
    /// Orders, roles, talk of being a model.
    Injection,
    /// Asks the customer for a secret.
    Secret,
    Promise,
}

impl Fault {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotPlain => "not_plain",
            Self::Unsupported => "unsupported",
            Self::Figure => "figure",
            Self::Binding => "binding",
            Self::Negation => "negation",
            Self::Modality => "modality",
            Self::LeavesOut => "leaves_out",
            Self::Address => "address",
            Self::Injection => "injection",
            Self::Secret => "secret",
            Self::Promise => "promise",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    pub text: String,
    pub why: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The evidence stands as it was.
    Extractive,
    /// In the order of the evidence.
    Rephrased(Vec<Said>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub verdict: Verdict,
    pub dropped: Vec<Dropped>,
}

/// A sentence that holds, and the evidence that carries it.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) text: String,
    pub(crate) read: Sentence,
    /// The sentence of the evidence that carries most of it.
    pub(crate) source: usize,
}

/// Does the evidence itself hold orders to a model? Then it is not shown to one.
pub fn is_tainted(evidence: &[&str]) -> bool {
    evidence.iter().any(|sentence| forbidden::orders_a_model(&teller_understand::normalise(sentence)))
}

/// Checks a reply against the sentences it was to say again.
pub fn check(evidence: &[&str], reply: &str) -> Checked {
    let chars = |text: &str| text.chars().count();
    let all = |why| Checked { verdict: Verdict::Extractive, dropped: vec![Dropped { text: reply.to_owned(), why }] };
    let most = evidence.iter().map(|sentence| chars(sentence)).sum::<usize>() * REPLY_GROWTH + REPLY_SLACK_CHARS;
    let visible = split::visible(reply);
    let sentences = split::sentences(&visible);
    if evidence.is_empty() || evidence.len() > EVIDENCE_MAX || sentences.is_empty() {
        return all(Fault::Unsupported);
    }
    if chars(&visible) > most || sentences.len() > SENTENCES_MAX {
        return all(Fault::TooLong);
    }
    let read: Vec<Sentence> = evidence.iter().map(|sentence| Sentence::read(sentence)).collect();
    let (mut held, mut dropped) = (Vec::new(), Vec::new());
    for text in &sentences {
        match judge(text, &read) {
            Ok((sentence, source)) => held.push(Held { text: text.clone(), read: sentence, source }),
            Err(why) => dropped.push(Dropped { text: text.clone(), why }),
        }
    }
    for left_out in cover::drop_incomplete(&mut held, &read) {
        dropped.push(Dropped { text: left_out.text, why: Fault::LeavesOut });
    }
    let hostile =
        |dropped: &Dropped| matches!(dropped.why, Fault::Injection | Fault::Secret | Fault::Address | Fault::NotPlain);
    let verdict = if dropped.iter().any(hostile) || held.is_empty() || held.len() * 2 < sentences.len() {
        Verdict::Extractive
    } else {
        Verdict::Rephrased(cover::in_order(held, evidence))
    };
    Checked { verdict, dropped }
}

/// One sentence of the reply against all of the evidence.
fn judge(text: &str, evidence: &[Sentence]) -> Result<(Sentence, usize), Fault> {
    forbidden::plain(text)?;
    let sentence = Sentence::read(text);
    forbidden::orders(&sentence)?;
    let all: Vec<&Sentence> = evidence.iter().collect();
    forbidden::beyond(&sentence, &all)?;
    let carried = words::carrier(&sentence, evidence).ok_or(Fault::Unsupported)?;
    let carriers: Vec<&Sentence> = carried.all.iter().filter_map(|at| evidence.get(*at)).collect();
    forbidden::beyond(&sentence, &carriers)?;
    figures::stand(&sentence, &carriers)?;
    binding::holds(&sentence, &carriers, evidence)?;
    polarity::agrees(&sentence, &carriers)?;
    Ok((sentence, carried.main))
}

#[cfg(test)]
mod tests;
