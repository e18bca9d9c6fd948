//! The shapes of the flow language (docs/pack.md), after reading.
//!
//! A flow is a list of steps over typed slots and variables. The one way to an
//! effect is an `order` step, which is prepare, confirm, step up and commit in
//! one piece, so that no flow can be written that commits what nobody saw; or a
//! `protect` step, which the bank room accepts for protective operations only.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use teller_kernel::assurance::{Level, Tier};
use teller_kernel::event::FlowOutcome;
use teller_kernel::part::CardStyle;
use teller_kernel::{Localized, SlotType};
use teller_pack::{Place, Shown, Text};

/// Unusable answers to one question before a human is offered.
pub const RETRIES_DEFAULT: u8 = 3;

#[derive(Debug, Clone)]
pub struct Flow {
    pub id: String,
    pub name: Localized,
    pub tier: Tier,
    /// What a commit of this flow asks for.
    pub level: Level,
    /// What starting it asks for: L1 where it reads the customer's own data.
    pub start_level: Level,
    pub slots: BTreeMap<String, Slot>,
    pub steps: Vec<Step>,
    /// Reactions to refusals of the core, by code, for all steps.
    pub errors: BTreeMap<String, Reaction>,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub struct Slot {
    pub slot_type: SlotType,
    pub ask: Option<Text>,
    /// Asked for when missing; an optional one is only taken when said.
    pub required: bool,
    /// May be taken out of what the customer said before being asked.
    pub prefill: bool,
    pub retries: u8,
    pub checks: Vec<Check>,
    pub options: Option<Options>,
    /// For a choice: take a value of this type when no option fits (a new payee).
    pub otherwise: Option<SlotType>,
    /// Cleared when one of these is corrected.
    pub depends_on: Vec<String>,
    pub quick_replies: Vec<Localized>,
    pub place: Place,
}

/// When the condition holds the value is refused with these words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub when: String,
    pub say: Text,
}

/// What may be chosen: written in the pack, or a list some step read.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a pack holds few of them, and a box would show in every match")]
pub enum Options {
    Fixed(Vec<FixedOption>),
    From(ListedOptions),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedOption {
    pub id: String,
    pub label: Localized,
    #[serde(default)]
    pub aliases: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedOptions {
    /// Expression that gives the list; each element is `item` below.
    pub from: String,
    /// Expression for the id.
    pub id: String,
    pub label: Shown,
    #[serde(default)]
    pub detail: Option<Shown>,
    /// Expression for the last four digits.
    #[serde(default)]
    pub tail: Option<String>,
    /// Expressions for other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Take the only option without asking.
    #[serde(default)]
    pub single: bool,
    /// What to do when there is nothing to choose from.
    #[serde(default)]
    pub empty: Option<Reaction>,
}

/// What to do about an outcome. Each part is optional; they happen in this order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    #[serde(default)]
    pub say: Option<Text>,
    #[serde(default)]
    pub card: Option<CardSpec>,
    #[serde(default)]
    pub clear: Vec<String>,
    #[serde(default)]
    pub goto: Option<String>,
    #[serde(default)]
    pub handoff: Option<String>,
    #[serde(default)]
    pub end: Option<FlowOutcome>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub id: String,
    /// Skipped unless this holds.
    pub when: Option<String>,
    pub kind: StepKind,
    pub place: Place,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a pack holds few of them, and a box would show in every match")]
pub enum StepKind {
    Collect(Vec<String>),
    /// A reading of the core bank.
    Call {
        operation: String,
        with: Params,
        into: String,
        errors: BTreeMap<String, Reaction>,
    },
    Calculate {
        name: String,
        with: Params,
        into: String,
        errors: BTreeMap<String, Reaction>,
    },
    Set(Params),
    Say {
        text: Option<Text>,
        card: Option<CardSpec>,
        quick_replies: Vec<Localized>,
    },
    /// The sentences of articles, cited.
    Answer(Vec<String>),
    Branch {
        arms: Vec<Arm>,
        otherwise: Option<String>,
    },
    Goto(String),
    Order(Box<Order>),
    Protect(Box<Protect>),
    Handoff {
        skill: String,
        say: Option<Text>,
    },
    End(FlowOutcome),
}

/// Parameter name → a literal, or a string that is an expression.
pub type Params = BTreeMap<String, Value>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    pub when: String,
    pub goto: String,
}

/// Prepare, confirm the exact values, step up, commit, react.
#[derive(Debug, Clone)]
pub struct Order {
    pub operation: String,
    pub with: Params,
    /// Overrides the flow's level.
    pub level: Option<Level>,
    pub confirm: Confirm,
    pub outcomes: BTreeMap<String, Reaction>,
    pub errors: BTreeMap<String, Reaction>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    pub title: Text,
    pub rows: Vec<RowSpec>,
    #[serde(default)]
    pub warning: Option<Text>,
    /// When the customer says no; otherwise the flow ends as cancelled.
    #[serde(default)]
    pub refused: Option<Reaction>,
}

/// A protective operation: no confirmation, it only reduces what can leave.
#[derive(Debug, Clone)]
pub struct Protect {
    pub operation: String,
    pub with: Params,
    pub into: Option<String>,
    pub outcomes: BTreeMap<String, Reaction>,
    pub errors: BTreeMap<String, Reaction>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowSpec {
    pub label: Text,
    pub value: Shown,
    #[serde(default)]
    pub strong: bool,
    #[serde(default)]
    pub when: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSpec {
    pub style: CardStyle,
    pub title: Text,
    #[serde(default)]
    pub rows: Vec<RowSpec>,
    /// One row for each element of a list.
    #[serde(default)]
    pub each: Option<EachRow>,
    #[serde(default)]
    pub table: Option<TableSpec>,
    #[serde(default)]
    pub note: Option<Text>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EachRow {
    /// Expression that gives the list; each element is `item`.
    pub of: String,
    pub label: Shown,
    pub value: Shown,
    #[serde(default)]
    pub strong: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    pub of: String,
    pub columns: Vec<Text>,
    pub cells: Vec<Shown>,
}

impl Step {
    /// The operation with an effect that this step orders, if it does.
    pub fn operation(&self) -> Option<&str> {
        match &self.kind {
            StepKind::Order(order) => Some(&order.operation),
            StepKind::Protect(protect) => Some(&protect.operation),
            _ => None,
        }
    }
}

impl Flow {
    pub fn index_of(&self, step: &str) -> Option<usize> {
        self.steps.iter().position(|candidate| candidate.id == step)
    }

    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The step after this one, if any.
    pub fn after(&self, id: &str) -> Option<&Step> {
        self.index_of(id).and_then(|index| self.steps.get(index + 1))
    }

    /// The step that asks for the slot: where a correction rewinds to.
    pub fn collecting(&self, slot: &str) -> Option<&Step> {
        self.steps
            .iter()
            .find(|step| matches!(&step.kind, StepKind::Collect(slots) if slots.iter().any(|name| name == slot)))
    }

    /// Slots to clear when `slot` changes, in full depth.
    pub fn dependents(&self, slot: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut frontier = vec![slot];
        while let Some(name) = frontier.pop() {
            for (other, spec) in &self.slots {
                if spec.depends_on.iter().any(|on| on == name) && !found.contains(&other.as_str()) {
                    found.push(other);
                    frontier.push(other);
                }
            }
        }
        found
    }
}
