//! A whole pack, read and checked as far as its own sections go. Flows are
//! checked by the flows room, which owns their schema; what crosses sections
//! (an intent's flow, a message's id) is checked where both are known.

use crate::article::Article;
use crate::diagnostic::{Diagnostic, Place};
use crate::intent::{Intent, Serve};
use crate::manifest::Manifest;
use crate::source::PackSource;
use crate::text::Texts;
use crate::yaml::{self, Spanned};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use teller_kernel::{Localized, PackVersion};

/// The one phrase file whose classes are groups of equal words.
const SYNONYMS_FILE: &str = "phrases/synonyms.yaml";

/// Phrases of one class in each language.
pub type Phrases = BTreeMap<String, crate::intent::Utterances>;

/// A number or rule with where it comes from and since when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Threshold {
    pub key: String,
    pub value: String,
    pub unit: String,
    pub effective: String,
    pub rule: String,
    pub source: String,
    /// source_read | secondhand | memory: how sure the pack's author is.
    pub status: String,
}

/// A product and its typed facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    pub id: String,
    pub kind: String,
    pub name: Localized,
    #[serde(default)]
    pub facts: Vec<crate::article::Fact>,
}

pub struct Pack {
    pub version: PackVersion,
    pub manifest: Manifest,
    pub intents: BTreeMap<String, Intent>,
    pub articles: BTreeMap<String, Article>,
    pub products: BTreeMap<String, Product>,
    /// Control phrases and word lists by class: affirm, deny, cancel, human, …
    pub phrases: Phrases,
    /// Groups of words that mean the same to a customer, the bank's own first.
    pub synonyms: Vec<Vec<String>>,
    pub thresholds: BTreeMap<String, Threshold>,
    pub texts: Texts,
    pub places: Places,
    pub source: PackSource,
}

/// Where things were written, for later diagnostics.
#[derive(Debug, Default, Clone)]
pub struct Places {
    pub intents: BTreeMap<String, Place>,
    pub messages: BTreeMap<String, Place>,
}

impl Pack {
    /// Reads every section. With any error among the notes there is no pack.
    pub fn load(source: PackSource) -> (Option<Self>, Vec<Diagnostic>) {
        let mut loader = Loader { source: &source, notes: Vec::new(), places: Places::default() };
        let manifest = loader.manifest();
        let intents = loader.intents();
        let articles = loader.articles();
        let texts = loader.texts();
        let products = loader.products();
        let (phrases, synonyms) = loader.phrases();
        let thresholds = loader.thresholds();
        let Loader { mut notes, places, .. } = loader;
        let pack = manifest.map(|manifest| Self {
            version: source.version(),
            manifest,
            intents,
            articles,
            products,
            phrases,
            synonyms,
            thresholds,
            texts,
            places,
            source,
        });
        if let Some(pack) = &pack {
            pack.check(&mut notes);
        }
        let broken = notes.iter().any(Diagnostic::is_error);
        (pack.filter(|_| !broken), notes)
    }

    fn check(&self, notes: &mut Vec<Diagnostic>) {
        let mut said: BTreeMap<&str, &str> = BTreeMap::new();
        for (id, intent) in &self.intents {
            let place = || self.places.intents.get(id).cloned().unwrap_or_default();
            missing_english(&intent.name, &place(), &format!("intent {id}"), notes);
            if intent.utterances.zh.is_empty() {
                notes.push(Diagnostic::error(
                    place(),
                    "no-utterances",
                    format!("intent {id} has no Chinese utterances"),
                ));
            }
            for utterance in intent.utterances.all() {
                if let Some(other) = said.insert(utterance, id).filter(|other| other != id) {
                    notes.push(Diagnostic::error(
                        place(),
                        "duplicate-utterance",
                        format!("「{utterance}」 is said to mean both {other} and {id}"),
                    ));
                }
            }
            match &intent.serve {
                Serve::Article(articles) => {
                    for article in articles.iter().filter(|article| !self.articles.contains_key(*article)) {
                        notes.push(Diagnostic::error(
                            place(),
                            "unknown-article",
                            format!("intent {id} is served by article `{article}`, which does not exist"),
                        ));
                    }
                    if articles.is_empty() {
                        notes.push(Diagnostic::error(place(), "unserved-intent", format!("nobody serves intent {id}")));
                    }
                }
                Serve::Message(message) if !self.texts.contains(message) => {
                    notes.push(Diagnostic::error(
                        place(),
                        "unknown-message",
                        format!("intent {id} is served by message `{message}`, which does not exist"),
                    ));
                }
                Serve::Handoff(skill) if !self.manifest.skills.contains_key(skill) => {
                    notes.push(Diagnostic::error(
                        place(),
                        "unknown-skill",
                        format!("intent {id} goes to skill `{skill}`, which pack.yaml does not list"),
                    ));
                }
                _ => {}
            }
        }
        for article in self.articles.values() {
            missing_english(&article.title, &article.place, &format!("article {}", article.id), notes);
        }
    }
}

/// Notes an absent English text; the house answers in both languages.
pub fn missing_english(words: &Localized, place: &Place, what: &str, notes: &mut Vec<Diagnostic>) {
    if words.en.trim().is_empty() {
        notes.push(Diagnostic::error(place.clone(), "missing-translation", format!("{what} has no English")));
    }
    if words.zh.trim().is_empty() {
        notes.push(Diagnostic::error(place.clone(), "missing-translation", format!("{what} has no Chinese")));
    }
}

struct Loader<'a> {
    source: &'a PackSource,
    notes: Vec<Diagnostic>,
    places: Places,
}

impl Loader<'_> {
    fn manifest(&mut self) -> Option<Manifest> {
        let Some(text) = self.source.get("pack.yaml") else {
            self.notes.push(Diagnostic::error(Place::file("pack.yaml"), "no-manifest", "the pack has no pack.yaml"));
            return None;
        };
        let manifest: Manifest = yaml::read("pack.yaml", text, &mut self.notes)?;
        let place = Place::file("pack.yaml");
        for (words, what) in
            [(&manifest.name, "the name"), (&manifest.greeting, "the greeting"), (&manifest.ai_label, "ai_label")]
        {
            missing_english(words, &place, what, &mut self.notes);
        }
        for (subject, skill) in &manifest.subjects {
            if !manifest.skills.contains_key(skill) {
                self.notes.push(Diagnostic::error(
                    place.clone(),
                    "unknown-skill",
                    format!("subject {subject} goes to skill `{skill}`, which is not listed"),
                ));
            }
        }
        if !manifest.skills.contains_key(crate::manifest::GENERAL_SKILL) {
            self.notes.push(Diagnostic::error(place.clone(), "unknown-skill", "`skills` lists no `general`"));
        }
        if jiff::tz::TimeZone::get(&manifest.timezone).is_err() {
            self.notes.push(Diagnostic::error(
                place,
                "unknown-timezone",
                format!("`{}` is not a time zone", manifest.timezone),
            ));
        }
        Some(manifest)
    }

    /// Reads lists of items under a folder, each item with its place.
    fn listed<T: serde::de::DeserializeOwned>(&mut self, folder: &'static str) -> Vec<(Place, T)> {
        let mut items = Vec::new();
        for (file, text) in self.source.under(folder, ".yaml") {
            let list: Option<Vec<Spanned<T>>> = yaml::read(file, text, &mut self.notes);
            items.extend(list.into_iter().flatten().map(|item| (Place::at(file, item.referenced), item.value)));
        }
        items
    }

    fn intents(&mut self) -> BTreeMap<String, Intent> {
        let mut intents = BTreeMap::new();
        for (place, intent) in self.listed::<Intent>("intents/") {
            let id = intent.id.clone();
            if intents.insert(id.clone(), intent).is_some() {
                self.notes.push(Diagnostic::error(
                    place.clone(),
                    "duplicate-id",
                    format!("intent {id} is written twice"),
                ));
            }
            self.places.intents.insert(id, place);
        }
        intents
    }

    fn products(&mut self) -> BTreeMap<String, Product> {
        let mut products = BTreeMap::new();
        for (place, product) in self.listed::<Product>("products/") {
            let id = product.id.clone();
            if products.insert(id.clone(), product).is_some() {
                self.notes.push(Diagnostic::error(place, "duplicate-id", format!("product {id} is written twice")));
            }
        }
        products
    }

    fn articles(&mut self) -> BTreeMap<String, Article> {
        let mut articles: BTreeMap<String, Article> = BTreeMap::new();
        for (file, text) in self.source.under("articles/", ".md") {
            let Some(article) = Article::parse(file, text, &mut self.notes) else { continue };
            if let Some(first) = articles.get(&article.id) {
                let message = format!("article {} is already written in {}", article.id, first.place.file);
                self.notes.push(Diagnostic::error(article.place, "duplicate-id", message));
            } else {
                articles.insert(article.id.clone(), article);
            }
        }
        articles
    }

    fn texts(&mut self) -> Texts {
        let mut texts = Texts::default();
        for (file, text) in self.source.under("messages/", ".yaml") {
            let messages: Option<BTreeMap<String, Spanned<Localized>>> = yaml::read(file, text, &mut self.notes);
            for (id, words) in messages.into_iter().flatten() {
                let place = Place::at(file, words.referenced);
                missing_english(&words.value, &place, &format!("message {id}"), &mut self.notes);
                if texts.contains(&id) {
                    self.notes.push(Diagnostic::error(
                        place.clone(),
                        "duplicate-id",
                        format!("message {id} is written twice"),
                    ));
                }
                if let Err(error) = texts.add(&id, words.value) {
                    self.notes.push(Diagnostic::error(place.clone(), "bad-template", format!("message {id}: {error}")));
                }
                self.places.messages.insert(id, place);
            }
        }
        texts
    }

    fn phrases(&mut self) -> (Phrases, Vec<Vec<String>>) {
        let (mut phrases, mut synonyms) = (Phrases::new(), Vec::new());
        for (file, text) in self.source.under("phrases/", ".yaml") {
            let classes: Option<Phrases> = yaml::read(file, text, &mut self.notes);
            for (class, words) in classes.into_iter().flatten() {
                if file == SYNONYMS_FILE {
                    synonyms.push(std::iter::once(class).chain(words.all().map(str::to_owned)).collect());
                    continue;
                }
                if phrases.insert(class.clone(), words).is_some() {
                    self.notes.push(Diagnostic::error(
                        Place::file(file),
                        "duplicate-id",
                        format!("phrase class {class} is written twice"),
                    ));
                }
            }
        }
        (phrases, synonyms)
    }

    fn thresholds(&mut self) -> BTreeMap<String, Threshold> {
        let mut thresholds = BTreeMap::new();
        let Some(text) = self.source.get("thresholds.csv") else { return thresholds };
        const STATUSES: [&str; 3] = ["source_read", "secondhand", "memory"];
        let known: BTreeSet<&str> = STATUSES.into();
        for (index, row) in csv::Reader::from_reader(text.as_bytes()).deserialize::<Threshold>().enumerate() {
            let place = Place { file: "thresholds.csv".to_owned(), line: index as u32 + 2, column: 1 };
            match row {
                Ok(row) if row.source.is_empty() || row.effective.is_empty() => {
                    self.notes.push(Diagnostic::error(
                        place,
                        "unsourced-threshold",
                        format!("{} names no source or no date", row.key),
                    ));
                }
                Ok(row) if !known.contains(row.status.as_str()) => {
                    self.notes.push(Diagnostic::error(
                        place,
                        "bad-status",
                        format!("{}: status is one of {STATUSES:?}", row.key),
                    ));
                }
                Ok(row) => {
                    thresholds.insert(row.key.clone(), row);
                }
                Err(error) => self.notes.push(Diagnostic::error(place, "bad-row", error.to_string())),
            }
        }
        thresholds
    }
}
