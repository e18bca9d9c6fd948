//! From YAML to a `Flow`. Each step names exactly one thing to do; what belongs
//! to another kind of step is an error at its line, not silently ignored.

use crate::model::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use teller_kernel::assurance::{Level, Tier};
use teller_kernel::event::FlowOutcome;
use teller_kernel::{Localized, SlotType};
use teller_pack::yaml::{self, Spanned};
use teller_pack::{Diagnostic, Place, Text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowFile {
    id: Spanned<String>,
    name: Localized,
    tier: Tier,
    level: Level,
    #[serde(default)]
    start_level: Option<Level>,
    #[serde(default)]
    slots: BTreeMap<String, Spanned<SlotFile>>,
    steps: Vec<Spanned<StepFile>>,
    #[serde(default)]
    errors: BTreeMap<String, Reaction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotFile {
    #[serde(rename = "type")]
    slot_type: SlotType,
    #[serde(default)]
    ask: Option<Text>,
    #[serde(default = "yes")]
    required: bool,
    #[serde(default)]
    prefill: Option<bool>,
    #[serde(default = "retries")]
    retries: u8,
    #[serde(default)]
    check: Vec<Check>,
    #[serde(default)]
    choices: Option<Vec<FixedOption>>,
    #[serde(default)]
    options: Option<ListedOptions>,
    #[serde(default)]
    otherwise: Option<SlotType>,
    #[serde(default)]
    depends_on: Vec<String>,
    #[serde(default)]
    quick_replies: Vec<Localized>,
}

fn yes() -> bool {
    true
}

fn retries() -> u8 {
    RETRIES_DEFAULT
}

/// What an order or a protective operation may come to, besides a refusal.
const OUTCOMES: [&str; 6] = ["posted", "accepted", "held", "cancelled", "unknown", "queued"];

/// Every key a step may have; which ones go together is decided below.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    id: Option<String>,
    when: Option<String>,
    collect: Option<Names>,
    call: Option<String>,
    calculate: Option<String>,
    set: Option<Params>,
    say: Option<Text>,
    card: Option<CardSpec>,
    quick_replies: Option<Vec<Localized>>,
    answer: Option<Names>,
    branch: Option<Vec<Arm>>,
    otherwise: Option<String>,
    goto: Option<String>,
    order: Option<String>,
    confirm: Option<Confirm>,
    level: Option<Level>,
    protect: Option<String>,
    handoff: Option<String>,
    end: Option<FlowOutcome>,
    with: Option<Params>,
    into: Option<String>,
    then: Option<BTreeMap<String, Reaction>>,
    errors: Option<BTreeMap<String, Reaction>>,
}

/// One name or a list of them.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> serde::de::Visitor<'de> for NamesVisitor {
            type Value = Names;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name or a list of names")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Names, E> {
                Ok(Names(vec![name.to_owned()]))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Names, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq)).map(Names)
            }
        }
        deserializer.deserialize_any(NamesVisitor)
    }
}

/// Reads one flow file. With an error among the notes there is no flow.
pub fn parse(file: &str, text: &str, notes: &mut Vec<Diagnostic>) -> Option<Flow> {
    let read: FlowFile = yaml::read(file, text, notes)?;
    let before = notes.len();
    let flow_place = Place::at(file, read.id.referenced);
    let slots = read.slots.into_iter().map(|(name, slot)| {
        let place = Place::at(file, slot.referenced);
        (name.clone(), slot_of(&name, slot.value, place, notes))
    });
    let slots = slots.collect();
    let mut steps = Vec::new();
    for (index, step) in read.steps.into_iter().enumerate() {
        let place = Place::at(file, step.referenced);
        if let Some(step) = step_of(index, step.value, place, notes) {
            steps.push(step);
        }
    }
    if steps.is_empty() {
        notes.push(Diagnostic::error(flow_place.clone(), "empty-flow", "a flow has at least one step"));
    }
    let start_level = read.start_level.unwrap_or(match read.tier {
        Tier::Blue => Level::L0,
        Tier::Yellow | Tier::Red => Level::L1,
    });
    let flow = Flow {
        id: read.id.value,
        name: read.name,
        tier: read.tier,
        level: read.level,
        start_level,
        slots,
        steps,
        errors: read.errors,
        place: flow_place,
    };
    (notes.len() == before).then_some(flow)
}

fn slot_of(name: &str, slot: SlotFile, place: Place, notes: &mut Vec<Diagnostic>) -> Slot {
    let mut wrong = |code, message: String| notes.push(Diagnostic::error(place.clone(), code, message));
    let is_choice = slot.slot_type == SlotType::Choice;
    let options = match (slot.choices, slot.options) {
        (Some(fixed), Some(_)) => {
            wrong("two-option-lists", format!("slot {name} has both `choices` and `options`"));
            Some(Options::Fixed(fixed))
        }
        (Some(fixed), None) => Some(Options::Fixed(fixed)),
        (None, Some(listed)) => Some(Options::From(listed)),
        (None, None) => None,
    };
    let empty = matches!(&options, Some(Options::Fixed(fixed)) if fixed.is_empty());
    if is_choice != options.is_some() || empty {
        wrong(
            "choice-options",
            format!("slot {name}: `choices` or `options` belong to type choice, and it needs one of them"),
        );
    }
    if slot.otherwise.is_some_and(|other| !is_choice || other == SlotType::Choice) {
        wrong("choice-options", format!("slot {name}: `otherwise` is what a choice takes besides its options"));
    }
    if slot.required && slot.ask.is_none() {
        wrong("no-question", format!("slot {name} is required, so it needs `ask`"));
    }
    Slot {
        slot_type: slot.slot_type,
        ask: slot.ask,
        required: slot.required,
        // Free text is what was asked for, never what happened to be said before.
        prefill: slot.prefill.unwrap_or(slot.slot_type != SlotType::Text),
        retries: slot.retries,
        checks: slot.check,
        options,
        otherwise: slot.otherwise,
        depends_on: slot.depends_on,
        quick_replies: slot.quick_replies,
        place,
    }
}

fn step_of(index: usize, step: StepFile, place: Place, notes: &mut Vec<Diagnostic>) -> Option<Step> {
    let id = step.id.clone().unwrap_or_else(|| format!("step-{}", index + 1));
    let when = step.when.clone();
    match kind_of(step) {
        Ok(kind) => Some(Step { id, when, kind, place }),
        Err(why) => {
            notes.push(Diagnostic::error(place, "bad-step", format!("step {id}: {why}")));
            None
        }
    }
}

fn kind_of(step: StepFile) -> Result<StepKind, String> {
    let heads = [
        ("collect", step.collect.is_some()),
        ("call", step.call.is_some()),
        ("calculate", step.calculate.is_some()),
        ("set", step.set.is_some()),
        ("answer", step.answer.is_some()),
        ("branch", step.branch.is_some()),
        ("goto", step.goto.is_some()),
        ("order", step.order.is_some()),
        ("protect", step.protect.is_some()),
        ("handoff", step.handoff.is_some()),
        ("end", step.end.is_some()),
        ("say", (step.say.is_some() || step.card.is_some()) && step.handoff.is_none()),
    ];
    let named: Vec<&str> = heads.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    let [head] = named[..] else {
        return Err(format!("a step does exactly one thing; this one does {named:?}"));
    };
    let allowed: &[&str] = match head {
        "call" | "calculate" => &["with", "into", "errors"],
        "say" => &["card", "quick_replies"],
        "branch" => &["otherwise"],
        "order" => &["with", "confirm", "level", "then", "errors"],
        "protect" => &["with", "into", "then", "errors"],
        "handoff" => &["say"],
        _ => &[],
    };
    let extras = [
        ("with", step.with.is_some()),
        ("into", step.into.is_some()),
        ("errors", step.errors.is_some()),
        ("then", step.then.is_some()),
        ("confirm", step.confirm.is_some()),
        ("level", step.level.is_some()),
        ("otherwise", step.otherwise.is_some()),
        ("card", step.card.is_some()),
        ("quick_replies", step.quick_replies.is_some()),
    ];
    if let Some((extra, _)) = extras.iter().find(|(name, is)| *is && !allowed.contains(name)) {
        return Err(format!("`{extra}` does not belong to a `{head}` step"));
    }
    if let Some(outcome) = step.then.iter().flat_map(BTreeMap::keys).find(|key| !OUTCOMES.contains(&key.as_str())) {
        return Err(format!("`then: {outcome}`: the core answers {OUTCOMES:?}"));
    }
    let with = step.with.unwrap_or_default();
    let errors = step.errors.unwrap_or_default();
    let outcomes = step.then.unwrap_or_default();
    Ok(match head {
        "collect" => StepKind::Collect(step.collect.map(|names| names.0).unwrap_or_default()),
        "call" => StepKind::Call {
            operation: step.call.unwrap_or_default(),
            with,
            into: step.into.ok_or("a `call` step needs `into`")?,
            errors,
        },
        "calculate" => StepKind::Calculate {
            name: step.calculate.unwrap_or_default(),
            with,
            into: step.into.ok_or("a `calculate` step needs `into`")?,
            errors,
        },
        "set" => StepKind::Set(step.set.unwrap_or_default()),
        "answer" => StepKind::Answer(step.answer.map(|names| names.0).unwrap_or_default()),
        "branch" => StepKind::Branch { arms: step.branch.unwrap_or_default(), otherwise: step.otherwise },
        "goto" => StepKind::Goto(step.goto.unwrap_or_default()),
        "order" => StepKind::Order(Box::new(Order {
            operation: step.order.unwrap_or_default(),
            with,
            level: step.level,
            confirm: step.confirm.ok_or("an `order` step needs `confirm`: nothing is committed unseen")?,
            outcomes,
            errors,
        })),
        "protect" => StepKind::Protect(Box::new(Protect {
            operation: step.protect.unwrap_or_default(),
            with,
            into: step.into,
            outcomes,
            errors,
        })),
        "handoff" => StepKind::Handoff { skill: step.handoff.unwrap_or_default(), say: step.say },
        "end" => StepKind::End(step.end.unwrap_or(FlowOutcome::Completed)),
        _ => StepKind::Say { text: step.say, card: step.card, quick_replies: step.quick_replies.unwrap_or_default() },
    })
}

/// Is this parameter an expression (a string) rather than a literal?
pub fn expression(value: &Value) -> Option<&str> {
    value.as_str()
}
