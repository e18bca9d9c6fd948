//! A whole pack, read and checked as far as its own sections go. Flows are
//! checked by the flows room, which owns their schema; what crosses sections
//! (an intent's flow, a message's id) is checked where both are known.

use crate::article::Article;
use crate::check::missing_words;
use crate::diagnostic::{Diagnostic, Place};
use crate::intent::{Intent, Utterances};
use crate::manifest::Manifest;
use crate::source::{BESIDE, PackSource};
use crate::text::Texts;
use crate::threshold::{self, Threshold};
use crate::yaml::{self, Spanned};
use serde::Deserialize;
use std::collections::BTreeMap;
use teller_kernel::{Locale, Localized, PackVersion};

/// The one phrase file whose classes are groups of equal words.
const SYNONYMS_FILE: &str = "phrases/synonyms.yaml";

/// Folders whose YAML some section is read from; flows by the flows room.
const SECTIONS: [&str; 5] = ["intents/", "flows/", "messages/", "products/", "phrases/"];

/// Phrases of one class in each language.
pub type Phrases = BTreeMap<String, Utterances>;

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
    /// The keys of pack.yaml.
    pub manifest: BTreeMap<String, Place>,
    pub intents: BTreeMap<String, Place>,
    pub messages: BTreeMap<String, Place>,
}

/// Kinds of products that nobody buys: they name rules, fees and places.
const NO_PRODUCTS: &[&str] = &["bank", "branch", "rules", "fee", "limit"];

impl Pack {
    /// Names of what the bank sells, in every language.
    #[must_use]
    pub fn product_names(&self) -> Vec<String> {
        let products = self.products.values().filter(|product| !NO_PRODUCTS.contains(&product.kind.as_str()));
        let names = products.flat_map(|product| [&product.name.zh, &product.name.en]);
        names.filter(|name| !name.is_empty()).cloned().collect()
    }

    /// The samples of every intent, `(intent, text, language)`.
    pub fn utterances(&self) -> impl Iterator<Item = (&str, &str, Locale)> + Clone {
        self.intents.values().flat_map(|intent| {
            let (zh, en) = (&intent.utterances.zh, &intent.utterances.en);
            let spoken = zh.iter().map(|text| (text, Locale::Zh)).chain(en.iter().map(|text| (text, Locale::En)));
            spoken.map(|(text, locale)| (intent.id.as_str(), text.as_str(), locale))
        })
    }

    /// Reads every section. With any error among the notes there is no pack.
    pub fn load(source: PackSource) -> (Option<Self>, Vec<Diagnostic>) {
        let mut loader = Loader { source: &source, notes: Vec::new(), places: Places::default() };
        let manifest = loader.manifest();
        let intents = loader.intents();
        let articles = loader.articles();
        let texts = loader.texts();
        let products = loader.products();
        loader.unread();
        let (phrases, synonyms) = loader.phrases();
        let thresholds =
            source.get(threshold::FILE).map(|text| threshold::read(text, &mut loader.notes)).unwrap_or_default();
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
            crate::check::check(pack, &mut notes);
        }
        let broken = notes.iter().any(Diagnostic::is_error);
        (pack.filter(|_| !broken), notes)
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
        self.places.manifest = yaml::places("pack.yaml", text);
        manifest.check(&self.places.manifest, &mut self.notes);
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
            missing_words(&product.name, &place, &format!("product {id}"), &mut self.notes);
            for fact in &product.facts {
                fact.check(&place, &mut self.notes);
            }
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
                missing_words(&words.value, &place, &format!("message {id}"), &mut self.notes);
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
            let classes: Option<BTreeMap<String, Spanned<Utterances>>> = yaml::read(file, text, &mut self.notes);
            for (class, words) in classes.into_iter().flatten() {
                let (place, words) = (Place::at(file, words.referenced), words.value);
                if file == SYNONYMS_FILE {
                    synonyms.push(std::iter::once(class).chain(words.all().map(str::to_owned)).collect());
                    continue;
                }
                if phrases.insert(class.clone(), words).is_some() {
                    self.notes.push(Diagnostic::error(
                        place,
                        "duplicate-id",
                        format!("phrase class {class} is written twice"),
                    ));
                }
            }
        }
        (phrases, synonyms)
    }

    /// Files that look like sections but that nothing reads: a folder or an
    /// ending mistyped would otherwise be silently without effect.
    fn unread(&mut self) {
        for path in self.source.paths().filter(|path| is_section(path) && !is_read(path)) {
            let message = "nothing reads this file; the sections and their endings are listed in docs/pack.md";
            self.notes.push(Diagnostic::warning(Place::file(path), "unread-file", message));
        }
    }
}

fn is_section(path: &str) -> bool {
    let beside = BESIDE.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
    !beside && [".yaml", ".yml", ".csv"].iter().any(|ending| path.ends_with(ending))
}

fn is_read(path: &str) -> bool {
    let section = SECTIONS.iter().any(|folder| path.starts_with(folder)) && path.ends_with(".yaml");
    section || path == "pack.yaml" || path == threshold::FILE
}
