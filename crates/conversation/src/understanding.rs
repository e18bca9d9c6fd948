//! What was understood of one message: the interface between the understanding
//! and knowledge rooms and the decision. Deeper understanding comes in behind it.

use crate::guarding::Judged;
use crate::meaning::Meaning;
use crate::packs::BankPack;
use jiff::civil::Date;
use teller_kernel::trace::{Stage, TracedEntity, TurnTrace};
use teller_kernel::{Locale, SlotType};
use teller_privacy::mask;
use teller_understand::language::{self, Language};
use teller_understand::normal::Normal;
use teller_understand::signs::Sign;
use teller_understand::slots::{Entity, Role, SlotContext, extract};

pub struct Understanding {
    pub text: String,
    /// The language of replies that the message plainly asks for by being in it.
    pub spoken: Option<Locale>,
    pub signs: Vec<Sign>,
    pub entities: Vec<Entity>,
    /// Intents, articles, clauses: worked out when they are looked at.
    pub meaning: Meaning,
    /// Words of somebody in danger of life.
    pub danger: bool,
    /// Words of what must not wait: a fraud, a theft, a life.
    pub at_stake: bool,
    /// The pack's class of an insult or threat in the message.
    pub abuse: Option<String>,
    /// What the guard says, where the message could be an attack.
    pub judged: Option<Judged>,
    /// One of the pack's plain words for a human is in the message.
    pub says_human_plainly: bool,
    /// A value inside the message replaces another one inside it.
    pub corrects: bool,
    /// The message is values and nothing else.
    pub only_values: bool,
    /// Which of the offered choices the message picks, if it picks.
    pub chosen: Option<usize>,
    /// The message before this one, for the answer to a clarifying question.
    pub before: Option<String>,
}

impl Understanding {
    pub fn has(&self, sign: Sign) -> bool {
        self.signs.contains(&sign)
    }
}

/// What the understanding of a message may rest on.
pub struct Scope<'a> {
    pub bank: &'a BankPack,
    pub today: Date,
    pub expecting: Option<SlotType>,
    pub expecting_confirmation: bool,
}

/// Understands one message, and writes into the trace how and how long.
pub fn understand(text: &str, scope: &Scope<'_>, meaning: Meaning, trace: &mut TurnTrace) -> Understanding {
    let mut watch = Stopwatch::start();
    let normal = Normal::of(text);
    let language = language::detect(text);
    watch.lap("normal form", trace);
    let signs = scope.bank.signs.find(normal.text(), scope.expecting_confirmation);
    let danger = scope.bank.danger(normal.text());
    watch.lap("signs", trace);
    let entities = entities(text, scope);
    watch.lap("entities", trace);
    trace.language = format!("{language:?}").to_lowercase();
    trace.normal_form = mask(normal.text()).to_string();
    trace.signs = signs.iter().map(|sign| format!("{sign:?}").to_lowercase()).collect();
    trace.entities = entities.iter().map(traced_entity).collect();
    Understanding {
        text: text.to_owned(),
        spoken: spoken(text, language),
        only_values: only_values(text, &entities),
        corrects: entities.iter().any(|entity| entity.corrected),
        signs,
        meaning: meaning.keeping(entities.iter().map(|entity| (entity.start, entity.end))),
        entities,
        danger,
        at_stake: scope.bank.at_stake(normal.text()),
        abuse: scope.bank.abuse(normal.text()).map(str::to_owned),
        judged: None,
        says_human_plainly: scope.bank.says_human(normal.text()),
        chosen: None,
        before: None,
    }
}

pub fn entities(text: &str, scope: &Scope<'_>) -> Vec<Entity> {
    extract(
        text,
        &SlotContext {
            expecting: scope.expecting,
            cities: &scope.bank.cities,
            products: Some(&scope.bank.products),
            ..SlotContext::new(scope.today)
        },
    )
}

/// A product's name is what is talked about; it never fills a slot of free text unasked.
pub fn may_fill(entity: &Entity) -> bool {
    entity.role != Some(Role::Product)
}

fn traced_entity(entity: &Entity) -> TracedEntity {
    // Names and numbers that point at a person are masked before they are kept
    // where an observer of traces can read them.
    let plain = entity.value.to_json();
    let value = match (&plain, entity.slot_type) {
        (
            serde_json::Value::String(text),
            SlotType::Name | SlotType::AccountNo | SlotType::Phone | SlotType::Iban | SlotType::Text,
        ) => serde_json::Value::String(hide(text)),
        _ => plain,
    };
    TracedEntity { kind: format!("{:?}", entity.slot_type).to_lowercase(), start: entity.start, end: entity.end, value }
}

/// The language to answer in, where a whole sentence tells it: a Chinese name
/// amid English, or "ok" amid Chinese, does not. Whoever writes in neither is
/// answered in English.
fn spoken(text: &str, language: Language) -> Option<Locale> {
    /// Han characters and words that make a sentence.
    const HAN_MIN: usize = 6;
    const WORDS_MIN: usize = 3;
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    match language {
        Language::Chinese => (letters >= HAN_MIN).then_some(Locale::Zh),
        Language::English => (text.split_whitespace().count() >= WORDS_MIN).then_some(Locale::En),
        Language::Japanese | Language::Other => (letters >= HAN_MIN).then_some(Locale::En),
        Language::Mixed | Language::Unknown => None,
    }
}

/// Does every letter and digit of the text belong to a value?
fn only_values(text: &str, entities: &[Entity]) -> bool {
    let within = |at: usize| entities.iter().any(|entity| (entity.start..entity.end).contains(&at));
    !entities.is_empty() && text.chars().enumerate().all(|(at, letter)| !letter.is_alphanumeric() || within(at))
}

/// The first character and the rest as stars; four digits stay of a number.
fn hide(text: &str) -> String {
    let count = text.chars().count();
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && count > 4 {
        let tail: String = text.chars().skip(count - 4).collect();
        return format!("{}{tail}", "*".repeat(count - 4));
    }
    text.chars().take(1).chain(std::iter::repeat_n('*', count.saturating_sub(1))).collect()
}

/// Times the stages of a turn for its trace.
pub struct Stopwatch {
    last: std::time::Instant,
}

impl Stopwatch {
    /// The clock of the conversation may stand still (a replay); stages are
    /// timed by the machine's own, which only the trace ever sees.
    pub fn start() -> Self {
        Self { last: std::time::Instant::now() }
    }

    pub fn lap(&mut self, name: &str, trace: &mut TurnTrace) {
        let now = std::time::Instant::now();
        let micros = u64::try_from(now.duration_since(self.last).as_micros()).unwrap_or(u64::MAX);
        self.last = now;
        match trace.stages.iter_mut().find(|stage| stage.name == name) {
            Some(stage) => stage.micros += micros,
            None => trace.stages.push(Stage { name: name.to_owned(), micros }),
        }
    }
}
