//! What crosses the sections of a pack: every intent is served by something
//! that exists, no utterance means two things, words are there in both languages.

use crate::diagnostic::{Diagnostic, Place};
use crate::intent::{Intent, Serve};
use crate::pack::Pack;
use std::collections::BTreeMap;
use teller_kernel::Localized;

/// Notes a text that is absent in a language; the house answers in both.
pub fn missing_words(words: &Localized, place: &Place, what: &str, notes: &mut Vec<Diagnostic>) {
    for (text, language) in [(&words.zh, "Chinese"), (&words.en, "English")] {
        if text.trim().is_empty() {
            notes.push(Diagnostic::error(place.clone(), "missing-translation", format!("{what} has no {language}")));
        }
    }
}

pub(crate) fn check(pack: &Pack, notes: &mut Vec<Diagnostic>) {
    // What a file with an error holds is not known, so it is not missed.
    let whole = |folder: &str| !notes.iter().any(|note| note.is_error() && note.place.file.starts_with(folder));
    let (articles, messages) = (whole("articles/"), whole("messages/"));
    let mut meanings = BTreeMap::new();
    for (id, intent) in &pack.intents {
        let place = pack.places.intents.get(id).cloned().unwrap_or_default();
        missing_words(&intent.name, &place, &format!("intent {id}"), notes);
        let judged = match intent.serve {
            Serve::Article(_) => articles,
            Serve::Message(_) => messages,
            _ => true,
        };
        if let Some((code, message)) = unserved(pack, intent).filter(|_| judged) {
            notes.push(Diagnostic::error(place.clone(), code, message));
        }
        utterances(intent, &place, &mut meanings, notes);
    }
    let place = pack.places.manifest.get("care").cloned().unwrap_or_else(|| Place::file("pack.yaml"));
    for message in pack.manifest.care.messages().filter(|id| messages && !pack.texts.contains(id)) {
        let text = format!("`care` says message `{message}`, which does not exist");
        notes.push(Diagnostic::error(place.clone(), "unknown-message", text));
    }
}

/// Why nobody serves the intent, as far as this room can see.
fn unserved(pack: &Pack, intent: &Intent) -> Option<(&'static str, String)> {
    let id = &intent.id;
    match &intent.serve {
        Serve::Article(articles) if articles.is_empty() => {
            Some(("unserved-intent", format!("nobody serves intent {id}")))
        }
        Serve::Article(articles) => {
            let missing = articles.iter().find(|article| !pack.articles.contains_key(*article))?;
            Some(("unknown-article", format!("intent {id} is served by article `{missing}`, which does not exist")))
        }
        Serve::Message(message) if !pack.texts.contains(message) => {
            Some(("unknown-message", format!("intent {id} is served by message `{message}`, which does not exist")))
        }
        Serve::Handoff(skill) if !pack.manifest.skills.contains_key(skill) => {
            Some(("unknown-skill", format!("intent {id} goes to skill `{skill}`, which pack.yaml does not list")))
        }
        Serve::Flow(_) | Serve::Message(_) | Serve::Handoff(_) | Serve::Control(_) => None,
    }
}

/// Notes what two intents claim alike. Case, spaces and punctuation carry no
/// meaning here: 「转账」 and 「转账。」 are one utterance.
fn utterances<'a>(
    intent: &'a Intent,
    place: &Place,
    meanings: &mut BTreeMap<String, &'a str>,
    notes: &mut Vec<Diagnostic>,
) {
    let id = &intent.id;
    if intent.utterances.zh.is_empty() {
        let message = format!("intent {id} has no Chinese utterances");
        notes.push(Diagnostic::error(place.clone(), "no-utterances", message));
    }
    for utterance in intent.utterances.all() {
        let bare: String = utterance.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if bare.is_empty() {
            let message = format!("「{utterance}」 of intent {id} says nothing");
            notes.push(Diagnostic::error(place.clone(), "no-utterances", message));
        } else if let Some(other) = meanings.insert(bare, id).filter(|other| other != id) {
            let message = format!("「{utterance}」 is said to mean both {other} and {id}");
            notes.push(Diagnostic::error(place.clone(), "duplicate-utterance", message));
        }
    }
}
