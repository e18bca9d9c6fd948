//! Packs in service: the active one, and those that running flows are pinned
//! to. A pack is compiled once: flows, intent index, knowledge, control signs.

use crate::error::TurnError;
use crate::meaning::Ranked;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use parking_lot::RwLock;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use teller_flows::Flow;
use teller_flows::check::{Operations, flows_of};
use teller_flows::model::StepKind;
use teller_kernel::{Locale, PackVersion};
use teller_knowledge::{Answer, KnowledgeBase, Query};
use teller_models::FastEncoder;
use teller_pack::{Diagnostic, Pack, PackSource, Serve};
use teller_understand::homophone::Homophones;
use teller_understand::intents::cache::EmbeddingCache;
use teller_understand::intents::{CloserLook, IntentIndex};
use teller_understand::learned::Learned;
use teller_understand::signs::Signs;

/// Head of the phrase classes whose words mean danger to life.
const DANGER_CLASS: &str = "self_harm";
/// Tail of the phrase classes whose words stop everything else and protect first.
const STAKE_TAIL: &str = "_5";
/// Heads of the phrase classes of insult and threat.
const ABUSE_HEADS: [&str; 2] = ["abuse", "threat"];
/// Compiled packs kept besides the active one.
const PINNED_MAX: usize = 8;

/// A pack with everything derived from it.
pub struct BankPack {
    pub pack: Pack,
    pub flows: BTreeMap<String, Flow>,
    pub intents: IntentIndex,
    pub knowledge: KnowledgeBase,
    pub signs: Signs,
    pub zone: TimeZone,
    /// Cities that have a branch, so that a place name is understood as one.
    pub cities: Vec<String>,
    danger_words: Vec<String>,
    human_words: Vec<String>,
    also_words: Vec<String>,
    /// Names of what the bank sells, so that they are read as such.
    pub products: Vec<String>,
    /// Words that are misheard, by their sound.
    pub homophones: Homophones,
    /// Intents whose flow holds a protective step: these are served whatever else is thought of a message.
    pub protective: BTreeSet<String>,
    /// Words of what must not wait, and words of insult and threat by their class.
    stake_words: Vec<String>,
    abuse_words: Vec<(String, String)>,
    /// `bank` and `thresholds` as templates see them.
    pub surroundings: Map<String, Value>,
}

/// What compiling a pack needs besides its files.
#[derive(Clone)]
pub struct Workshop {
    pub encoder: Option<Arc<FastEncoder>>,
    /// The semantic encoder, for messages of which the fast one is not sure.
    pub closer: Option<CloserLook>,
    /// What was learned from the bank's own logs and approved.
    pub learned: Option<Arc<Learned>>,
    /// Vectors of texts embedded before, so that a start is fast.
    pub cache: Arc<EmbeddingCache>,
    pub operations: Arc<Operations>,
}

impl BankPack {
    /// Checks and compiles. Without errors among the notes there is a pack.
    pub fn compile(source: PackSource, workshop: &Workshop) -> (Option<Self>, Vec<Diagnostic>) {
        let (pack, mut notes) = Pack::load(source);
        let Some(pack) = pack else { return (None, notes) };
        let (flows, flow_notes) = flows_of(&pack, &workshop.operations);
        notes.extend(flow_notes);
        notes.extend(crate::house::missing_messages(&pack));
        if notes.iter().any(Diagnostic::is_error) {
            return (None, notes);
        }
        let intents = IntentIndex::build_cached(pack.utterances(), workshop.encoder.clone(), &workshop.cache)
            .taught(workshop.learned.clone())
            .looking_closer(workshop.closer.clone());
        let knowledge =
            KnowledgeBase::build_cached(&pack.articles, &pack.synonyms, workshop.encoder.clone(), &workshop.cache);
        let bank = Self {
            signs: Signs::compile(&phrases(&pack)),
            zone: TimeZone::get(&pack.manifest.timezone).unwrap_or(TimeZone::UTC),
            cities: class(&pack, "cities"),
            danger_words: danger_words(&pack),
            human_words: class(&pack, "human"),
            also_words: class(&pack, "also"),
            products: pack.product_names(),
            homophones: homophones(&pack),
            protective: protective(&pack, &flows),
            stake_words: words_of(&pack, |name| name.ends_with(STAKE_TAIL)).map(|(_, word)| word).collect(),
            abuse_words: words_of(&pack, |name| ABUSE_HEADS.iter().any(|head| name.starts_with(head))).collect(),
            surroundings: surroundings(&pack),
            flows,
            intents,
            knowledge,
            pack,
        };
        (Some(bank), notes)
    }

    pub fn version(&self) -> &PackVersion {
        &self.pack.version
    }

    pub fn flow(&self, id: &str) -> Result<&Flow, TurnError> {
        self.flows.get(id).ok_or_else(|| TurnError::NotInPack {
            pack: self.pack.version.to_string(),
            what: "flow",
            id: id.to_owned(),
        })
    }

    /// What an article says to a question, with its citation; nothing when it
    /// does not hold on that day.
    pub fn cited(&self, article: &str, text: Option<&str>, locale: Locale, today: Date) -> Option<Answer> {
        let title = self.knowledge.get(article)?.title.get(locale).to_owned();
        let within = [article.to_owned()];
        // Words without any content (an emoji) still get what the title asks.
        text.into_iter().chain([title.as_str()]).find_map(|text| {
            let query = Query { within: Some(&within), ..Query::new(text, locale, today) };
            let hit = self.knowledge.search(&query, 1).into_iter().next()?;
            self.knowledge.answer(&query, &hit)
        })
    }

    /// What an operation of the core is called: the flow that orders it.
    pub fn operation_name(&self, operation: &str, locale: Locale) -> String {
        let orders = |flow: &&Flow| flow.steps.iter().any(|step| step.operation() == Some(operation));
        self.flows.values().find(orders).map_or(operation, |flow| flow.name.get(locale)).to_owned()
    }

    /// What a slot is called: the pack's message `label.SLOT`, where it has one.
    pub fn slot_name(&self, slot: &str, locale: Locale) -> Option<String> {
        self.pack.texts.message(&format!("label.{slot}"), locale, &json!({})).ok()
    }

    /// What a thing that was tried is called: `flow:ID`, `article:ID` or, where
    /// it failed, `ID/step`.
    pub fn tried_name(&self, thing: &str, locale: Locale) -> Option<String> {
        let flow = |id: &str| self.flows.get(id).map(|flow| flow.name.get(locale).to_owned());
        match thing.split_once(':') {
            Some(("article", id)) => self.knowledge.get(id).map(|article| article.title.get(locale).to_owned()),
            Some((_, id)) => flow(id),
            None => flow(thing.split('/').next().unwrap_or_default()),
        }
    }

    /// Does the message hold words of danger to life?
    pub fn danger(&self, normal: &str) -> bool {
        holds_any(&self.danger_words, normal)
    }

    /// Does the message hold words of what must not wait: a fraud, a theft, a life?
    pub fn at_stake(&self, normal: &str) -> bool {
        holds_any(&self.stake_words, normal)
    }

    /// The class of the insult or threat that the message holds.
    pub fn abuse(&self, normal: &str) -> Option<&str> {
        let (class, _) = self.abuse_words.iter().find(|(_, word)| normal.contains(word.as_str()))?;
        Some(class)
    }

    /// Does the message hold a plain word for a human?
    pub fn says_human(&self, normal: &str) -> bool {
        holds_any(&self.human_words, normal)
    }

    /// Does the message say that a further wish follows?
    pub fn adds_a_wish(&self, text: &str) -> bool {
        holds_any(&self.also_words, &text.to_lowercase())
    }

    /// Articles that may answer, best first.
    pub fn articles(&self, query: &Query<'_>, most: usize) -> Vec<Ranked> {
        let hits = self.knowledge.search(query, most);
        hits.into_iter()
            .map(|hit| Ranked {
                label: hit.article,
                score: hit.score,
                parts: hit.parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect(),
                nearest: Some(hit.nearest),
            })
            .collect()
    }
}

fn holds_any(words: &[String], text: &str) -> bool {
    words.iter().any(|word| text.contains(word.as_str()))
}

fn class(pack: &Pack, name: &str) -> Vec<String> {
    pack.phrases.get(name).map(|words| words.all().map(str::to_owned).collect()).unwrap_or_default()
}

fn danger_words(pack: &Pack) -> Vec<String> {
    words_of(pack, |name| name.starts_with(DANGER_CLASS)).map(|(_, word)| word).collect()
}

/// Words of the classes that are wanted, each with its class.
fn words_of(pack: &Pack, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (String, String)> {
    let classes = pack.phrases.keys().filter(move |name| wanted(name));
    classes.flat_map(|name| class(pack, name).into_iter().map(|word| (name.clone(), word)))
}

/// The words that may have been misheard: of the pack's synonyms, products and
/// flows, and what its samples say again and again.
fn homophones(pack: &Pack) -> Homophones {
    let products = pack.products.values().map(|product| product.name.zh.as_str());
    let words = pack.synonyms.iter().flatten().map(String::as_str).chain(products);
    let chinese = pack.utterances().filter(|(.., locale)| *locale == Locale::Zh);
    let samples = chinese.map(|(intent, text, _)| (intent, text));
    Homophones::of(words, samples)
}

/// Intents that a flow with a protective step serves.
fn protective(pack: &Pack, flows: &BTreeMap<String, Flow>) -> BTreeSet<String> {
    let protects = |flow: &Flow| flow.steps.iter().any(|step| matches!(step.kind, StepKind::Protect(_)));
    let served = |serve: &Serve| matches!(serve, Serve::Flow(flow) if flows.get(flow).is_some_and(protects));
    pack.intents.values().filter(|intent| served(&intent.serve)).map(|intent| intent.id.clone()).collect()
}

fn phrases(pack: &Pack) -> BTreeMap<String, Vec<String>> {
    pack.phrases.keys().map(|name| (name.clone(), class(pack, name))).collect()
}

fn surroundings(pack: &Pack) -> Map<String, Value> {
    let thresholds: Map<String, Value> =
        pack.thresholds.iter().map(|(key, threshold)| (key.clone(), json!(threshold.value))).collect();
    let mut map = Map::new();
    map.insert("bank".to_owned(), json!({"name": pack.manifest.name, "hotline": pack.manifest.hotline}));
    map.insert("thresholds".to_owned(), Value::Object(thresholds));
    map
}

/// The packs in service.
pub struct Packs {
    workshop: Workshop,
    active: RwLock<Arc<BankPack>>,
    pinned: RwLock<Vec<Arc<BankPack>>>,
}

impl Packs {
    pub fn new(workshop: Workshop, active: Arc<BankPack>) -> Self {
        Self { workshop, active: RwLock::new(active), pinned: RwLock::new(Vec::new()) }
    }

    pub fn workshop(&self) -> &Workshop {
        &self.workshop
    }

    pub fn active(&self) -> Arc<BankPack> {
        self.active.read().clone()
    }

    /// Puts a pack into service; the former stays for flows that began with it.
    pub fn activate(&self, bank: Arc<BankPack>) {
        let former = std::mem::replace(&mut *self.active.write(), bank);
        self.pin(former);
    }

    /// The pack at this version, compiled from the store when it is not at hand.
    pub async fn at(&self, version: &PackVersion, store: &teller_store::Db) -> Result<Arc<BankPack>, TurnError> {
        if let Some(bank) = self.at_hand(version) {
            return Ok(bank);
        }
        let gone = || TurnError::PackGone(version.to_string());
        let stored = store.pack(version).await?.ok_or_else(gone)?;
        let source = PackSource::from_bundle(&stored).map_err(|_| gone())?;
        let workshop = self.workshop.clone();
        // Compiling takes seconds of computing; other conversations go on meanwhile.
        let compiled = tokio::task::spawn_blocking(move || BankPack::compile(source, &workshop).0).await;
        let bank = Arc::new(compiled.ok().flatten().ok_or_else(gone)?);
        self.pin(bank.clone());
        Ok(bank)
    }

    fn at_hand(&self, version: &PackVersion) -> Option<Arc<BankPack>> {
        let active = self.active();
        if active.version() == version {
            return Some(active);
        }
        self.pinned.read().iter().find(|bank| bank.version() == version).cloned()
    }

    fn pin(&self, bank: Arc<BankPack>) {
        let mut pinned = self.pinned.write();
        if pinned.iter().all(|held| held.version() != bank.version()) {
            if pinned.len() == PINNED_MAX {
                pinned.remove(0);
            }
            pinned.push(bank);
        }
    }
}
