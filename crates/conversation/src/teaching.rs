//! Learning from a bank's logs: what customers wrote, and what they turned out
//! to mean.
//!
//! A text is masked before anything is made of it. What is learned is judged on
//! entries that it did not learn from, beside the pack alone, and how much it
//! counts is found there.
//!
//! Invariant: nothing of a text is kept but numbers. Not here: where logs come
//! from, versions and approval of what was learned (the models room's registry).

use crate::packs::BankPack;
use std::collections::BTreeSet;
use std::sync::Arc;
use teller_privacy::mask;
use teller_understand::intents::logs::{Logs, OUTSIDE};
use teller_understand::learned::{HeldOut, Learned, Lesson, Plan};
use teller_understand::normalise;

/// Examples a label on average: with fewer none can be held out to judge by.
const EXAMPLES_MIN: usize = 20;
/// Most entries that are learned from.
pub const ENTRIES_MAX: usize = 200_000;
/// Entries between two words of progress.
const PROGRESS: usize = 5_000;

/// An entry of a log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct LogEntry {
    pub text: String,
    /// An intent of the pack, or `oos` for what is none of the bank's business.
    #[serde(alias = "label", alias = "intent")]
    pub intent_id: String,
}

/// Logs that nothing can be learned from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeachError {
    #[error("TEACH_NO_ENCODER: the fast sentence vectors are not installed; run `teller models fetch fast-vectors`")]
    NoEncoder,
    #[error("TEACH_UNKNOWN_INTENT: entry {entry}: the pack has no intent `{intent}`; use its id, or `oos`")]
    UnknownIntent { entry: usize, intent: String },
    #[error("TEACH_FEW: {entries} entries for {labels} labels; {EXAMPLES_MIN} a label and two labels are the least")]
    Few { entries: usize, labels: usize },
    #[error("TEACH_MANY: more than {ENTRIES_MAX} entries; take the latest ones")]
    Many,
}

/// What was learned, and how it did on what it had not seen.
#[derive(Debug, Clone)]
pub struct Lessons {
    pub learned: Learned,
    pub entries: usize,
    pub labels: usize,
    pub judged: usize,
    /// Right first answers of the pack alone, and with what was learned.
    pub right_before: usize,
    pub right_after: usize,
}

/// Learns from log entries beside a pack.
///
/// # Errors
/// [`TeachError`], with what to do.
pub fn teach(bank: &BankPack, entries: &[LogEntry], seed: u64, progress: impl Fn(&str)) -> Result<Lessons, TeachError> {
    let known = |id: &str| id == OUTSIDE || bank.pack.intents.contains_key(id);
    if let Some(at) = entries.iter().position(|entry| !known(&entry.intent_id)) {
        return Err(TeachError::UnknownIntent { entry: at + 1, intent: entries[at].intent_id.clone() });
    }
    let labels: Vec<String> =
        entries.iter().map(|entry| entry.intent_id.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    match entries.len() {
        many if many > ENTRIES_MAX => return Err(TeachError::Many),
        few if labels.len() < 2 || few < labels.len() * EXAMPLES_MIN => {
            return Err(TeachError::Few { entries: few, labels: labels.len() });
        }
        _ => {}
    }
    let mut lessons = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let masked = mask(&entry.text).to_string();
        let vector = bank.intents.vector(&masked).ok_or(TeachError::NoEncoder)?;
        let label = labels.binary_search(&entry.intent_id).unwrap_or_default();
        lessons.push(Lesson { normal: normalise(&masked), vectors: vec![vector], label, said: true });
        if at % PROGRESS == PROGRESS - 1 {
            progress(&format!("{} of {} entries read", at + 1, entries.len()));
        }
    }
    let plan = Plan { seed, outside: &[OUTSIDE] };
    let (learned, held_out) = Learned::learn(labels.clone(), &lessons, plan, &progress);
    progress("judging what was held out");
    Ok(judged(bank, &labels, &lessons, learned, &held_out))
}

fn judged(bank: &BankPack, labels: &[String], lessons: &[Lesson], learned: Learned, held_out: &[HeldOut]) -> Lessons {
    let here = bank.intents.labels();
    let scores: Vec<Vec<f32>> = held_out
        .iter()
        .map(|one| {
            let lesson = &lessons[one.lesson];
            let ranked = bank.intents.look(&lesson.normal, Some(&lesson.vectors[0]), here.len()).labels;
            let mut scores = vec![0.0; here.len()];
            for one in ranked {
                if let Ok(at) = here.binary_search(&one.label) {
                    scores[at] = one.score;
                }
            }
            scores
        })
        .collect();
    let right: Vec<Option<usize>> =
        held_out.iter().map(|one| here.binary_search(&labels[lessons[one.lesson].label]).ok()).collect();
    let hits = |scores: &[Vec<f32>]| {
        let best = |scores: &Vec<f32>| {
            let none = (1.0 - scores.iter().sum::<f32>()).max(0.0);
            let top = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            top.filter(|top| scores[*top] >= none)
        };
        scores.iter().zip(&right).filter(|(scores, right)| best(scores) == **right).count()
    };
    let (entries, judged, right_before) = (lessons.len(), held_out.len(), hits(&scores));
    let Some(logs) = Logs::of(Arc::new(learned.clone()), here) else {
        return Lessons { learned, entries, labels: labels.len(), judged, right_before, right_after: right_before };
    };
    let learned = learned.with_voice(logs.fit(held_out, &scores, &right));
    let logs = Logs::of(Arc::new(learned.clone()), here).unwrap_or(logs);
    let after: Vec<Vec<f32>> =
        scores.iter().zip(held_out).map(|(scores, one)| logs.judged(scores, &one.shares)).collect();
    Lessons { learned, entries, labels: labels.len(), judged, right_before, right_after: hits(&after) }
}
