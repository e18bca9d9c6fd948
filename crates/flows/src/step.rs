//! The pure stepper: from a flow and where a run stands to the one thing to do
//! next. It reads no clock and performs nothing; whoever drives it does what it
//! says, appends the events, folds them into the run, and asks again.

use crate::model::*;
use crate::run::{FlowRun, ORDER, Stage};
use serde_json::{Map, Value};
use teller_kernel::assurance::{Factor, Level};
use teller_kernel::event::{CommitStatus, EventBody, FlowOutcome};
use teller_kernel::part::ChoiceOption;
use teller_kernel::{Locale, Problem, SlotType, SlotValue};
use teller_pack::{Text, TextError, Texts};

/// Options shown or matched at once.
pub const OPTIONS_MAX: usize = 50;

/// What the stepper needs to see besides the run.
pub struct Scene<'a> {
    pub texts: &'a Texts,
    pub locale: Locale,
    /// `customer`, `bank`, `today`, `level`, … as templates see them.
    pub surroundings: &'a Map<String, Value>,
}

/// One thing to do.
#[derive(Debug, Clone)]
pub enum Next<'a> {
    /// Append these and go on.
    Events(Vec<EventBody>),
    /// Put the slot's question; first look whether it was already said.
    Ask {
        slot: &'a str,
        spec: &'a Slot,
        options: Vec<OfferedOption>,
    },
    /// Waiting for the customer or the core; nothing to do now.
    Wait,
    Read {
        operation: &'a str,
        params: Value,
        into: &'a str,
    },
    Calculate {
        name: &'a str,
        params: Value,
        into: &'a str,
    },
    Say {
        text: Option<&'a Text>,
        card: Option<&'a CardSpec>,
        quick_replies: &'a [teller_kernel::Localized],
        then: EventBody,
    },
    Answer {
        articles: &'a [String],
        then: EventBody,
    },
    /// Ask the core to prepare the order: no effect, but exact values.
    Prepare {
        operation: &'a str,
        params: Value,
    },
    /// Show the exact values of the prepared order.
    Confirm {
        confirm: &'a Confirm,
        order: Value,
    },
    StepUp {
        factor: Factor,
        digest: String,
    },
    /// Everything asked for was given: the driver may build the permit.
    Commit {
        level: Level,
        order: Value,
    },
    Protect {
        operation: &'a str,
        params: Value,
    },
    React {
        reaction: Reacting<'a>,
    },
    Handoff {
        skill: &'a str,
        say: Option<&'a Text>,
    },
    End(FlowOutcome),
}

/// A reaction, the pack's own or the house's default for the code.
#[derive(Debug, Clone)]
pub enum Reacting<'a> {
    Written(&'a Reaction),
    /// `error.<code>` if the pack has that message, else `error.default`.
    Default {
        code: String,
        outcome: FlowOutcome,
    },
}

/// An option with everything it can be recognised by.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferedOption {
    pub shown: ChoiceOption,
    pub aliases: Vec<String>,
    pub tail: Option<String>,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum FlowFault {
    #[error("flow {flow} has no step {step}")]
    NoStep { flow: String, step: String },
    #[error("step {step}: {error}")]
    Text { step: String, error: TextError },
    #[error("step {step}: {what}")]
    Shape { step: String, what: &'static str },
}

impl From<FlowFault> for Problem {
    fn from(_: FlowFault) -> Self {
        teller_kernel::Code::Internal.into()
    }
}

/// The one thing to do next.
pub fn next<'a>(flow: &'a Flow, run: &FlowRun, scene: &Scene<'_>) -> Result<Next<'a>, FlowFault> {
    let Some(current) = run.step() else {
        return Ok(flow.steps.first().map_or(Next::End(FlowOutcome::Completed), |first| enter(run, first)));
    };
    let step =
        flow.step(current).ok_or_else(|| FlowFault::NoStep { flow: flow.id.clone(), step: current.to_owned() })?;
    Stepper { flow, run, step, scene, context: run.context(scene.surroundings) }.next()
}

fn enter<'a>(run: &FlowRun, step: &Step) -> Next<'a> {
    Next::Events(vec![EventBody::StepEntered { run: run.id.clone(), step: step.id.clone() }])
}

/// The options of a slot as the run stands, for an answer or a correction.
pub fn options_of(flow: &Flow, run: &FlowRun, scene: &Scene<'_>, spec: &Slot) -> Result<Vec<OfferedOption>, FlowFault> {
    let Some(step) = run.step().and_then(|id| flow.step(id)) else { return Ok(Vec::new()) };
    let stepper = Stepper { flow, run, step, scene, context: run.context(scene.surroundings) };
    Ok(stepper.options(spec)?.unwrap_or_default())
}

/// What to do about a refusal with this code in the run's current step.
pub fn reaction<'a>(flow: &'a Flow, run: &FlowRun, code: &str) -> Reacting<'a> {
    let errors = run.step().and_then(|id| flow.step(id)).and_then(|step| match &step.kind {
        StepKind::Call { errors, .. } | StepKind::Calculate { errors, .. } => Some(errors),
        StepKind::Order(order) => Some(&order.errors),
        StepKind::Protect(protect) => Some(&protect.errors),
        _ => None,
    });
    errors
        .and_then(|errors| errors.get(code).or_else(|| errors.get("default")))
        .or_else(|| flow.errors.get(code))
        .or_else(|| flow.errors.get("default"))
        .map_or_else(|| Reacting::Default { code: code.to_owned(), outcome: FlowOutcome::Refused }, Reacting::Written)
}

struct Stepper<'a, 's> {
    flow: &'a Flow,
    run: &'s FlowRun,
    step: &'a Step,
    scene: &'s Scene<'s>,
    context: Value,
}

impl<'a> Stepper<'a, '_> {
    fn next(&self) -> Result<Next<'a>, FlowFault> {
        if matches!(self.run.stage, Stage::Running)
            && let Some(condition) = &self.step.when
            && !self.holds(condition)?
        {
            return Ok(self.onward());
        }
        match &self.step.kind {
            StepKind::Collect(slots) => self.collect(slots),
            StepKind::Call { operation, with, into, .. } => {
                self.once(into, |params| Next::Read { operation, params, into }, with)
            }
            StepKind::Calculate { name, with, into, .. } => {
                self.once(into, |params| Next::Calculate { name, params, into }, with)
            }
            StepKind::Set(with) => self.set(with),
            StepKind::Say { text, card, quick_replies } => {
                Ok(Next::Say { text: text.as_ref(), card: card.as_ref(), quick_replies, then: self.leave() })
            }
            StepKind::Answer(articles) => Ok(Next::Answer { articles, then: self.leave() }),
            StepKind::Branch { arms, otherwise } => self.branch(arms, otherwise.as_deref()),
            StepKind::Goto(target) => self.jump(target),
            StepKind::Order(order) => self.order(order),
            StepKind::Protect(protect) => self.protect(protect),
            StepKind::Handoff { skill, say } => Ok(Next::Handoff { skill, say: say.as_ref() }),
            StepKind::End(outcome) => Ok(Next::End(*outcome)),
        }
    }

    /// Enters the following step; past the last one the flow is complete.
    fn onward(&self) -> Next<'a> {
        match self.flow.after(&self.step.id) {
            Some(step) => enter(self.run, step),
            None => Next::End(FlowOutcome::Completed),
        }
    }

    fn leave(&self) -> EventBody {
        leave(self.flow, self.run)
    }

    fn jump(&self, target: &str) -> Result<Next<'a>, FlowFault> {
        let step = self
            .flow
            .step(target)
            .ok_or_else(|| FlowFault::NoStep { flow: self.flow.id.clone(), step: target.to_owned() })?;
        Ok(enter(self.run, step))
    }

    /// Runs a reading or a calculation once; with its value in hand, goes on.
    fn once(&self, into: &str, make: impl FnOnce(Value) -> Next<'a>, with: &Params) -> Result<Next<'a>, FlowFault> {
        if self.run.vars.contains_key(into) && self.set_here(into) {
            return Ok(self.onward());
        }
        Ok(make(self.params(with)?))
    }

    /// Was the variable set since this very step was entered?
    fn set_here(&self, name: &str) -> bool {
        self.run.set_in_current_step(name)
    }

    fn set(&self, with: &Params) -> Result<Next<'a>, FlowFault> {
        let mut events = Vec::new();
        for (name, value) in with {
            let value = self.value(value)?;
            events.push(EventBody::VariableSet {
                run: self.run.id.clone(),
                name: name.clone(),
                value,
                source: "flow".to_owned(),
            });
        }
        events.push(self.leave());
        Ok(Next::Events(events))
    }

    fn branch(&self, arms: &[Arm], otherwise: Option<&str>) -> Result<Next<'a>, FlowFault> {
        for arm in arms {
            if self.holds(&arm.when)? {
                return self.jump(&arm.goto);
            }
        }
        otherwise.map_or_else(|| Ok(self.onward()), |target| self.jump(target))
    }

    fn collect(&self, slots: &'a [String]) -> Result<Next<'a>, FlowFault> {
        if matches!(self.run.stage, Stage::Asking { .. }) {
            return Ok(Next::Wait);
        }
        for name in slots {
            let Some((slot, spec)) = self.flow.slots.get_key_value(name) else {
                return Err(self.shape("collects a slot the flow does not have"));
            };
            match self.run.slots.get(name) {
                Some(_) => {
                    if let Some(check) = self.failing(spec)? {
                        return Ok(self.refuse(slot, check));
                    }
                }
                None if self.run.skipped.contains(name) => {}
                None => {
                    let options = self.options(spec)?;
                    if let (Some(Options::From(listed)), Some(options)) = (&spec.options, &options) {
                        if options.is_empty()
                            && spec.otherwise.is_none()
                            && let Some(empty) = &listed.empty
                        {
                            return Ok(Next::React { reaction: Reacting::Written(empty) });
                        }
                        if let ([only], true) = (&options[..], listed.single) {
                            return Ok(self.fill(slot, only));
                        }
                    }
                    // An optional slot is looked for in what was said, never
                    // asked for; the driver skips it when nothing fits.
                    return Ok(Next::Ask { slot, spec, options: options.unwrap_or_default() });
                }
            }
        }
        Ok(self.onward())
    }

    fn failing(&self, spec: &'a Slot) -> Result<Option<&'a Check>, FlowFault> {
        for check in &spec.checks {
            if self.holds(&check.when)? {
                return Ok(Some(check));
            }
        }
        Ok(None)
    }

    fn refuse(&self, slot: &str, check: &'a Check) -> Next<'a> {
        let run = || self.run.id.clone();
        Next::Say {
            text: Some(&check.say),
            card: None,
            quick_replies: &[],
            then: EventBody::SlotRefused { run: run(), slot: slot.to_owned(), reason: check.when.clone() },
        }
    }

    fn fill(&self, slot: &str, option: &OfferedOption) -> Next<'a> {
        Next::Events(vec![EventBody::SlotFilled {
            run: self.run.id.clone(),
            slot: slot.to_owned(),
            value: SlotValue::Choice { id: option.shown.id.clone(), label: option.shown.label.clone() },
            corrected: false,
        }])
    }

    /// The options of a choice; none when the slot is no choice.
    fn options(&self, spec: &Slot) -> Result<Option<Vec<OfferedOption>>, FlowFault> {
        match &spec.options {
            None => Ok(None),
            Some(Options::Fixed(fixed)) => Ok(Some(fixed.iter().map(|option| self.fixed(option)).collect())),
            Some(Options::From(listed)) => self.listed(listed).map(Some),
        }
    }

    fn fixed(&self, option: &FixedOption) -> OfferedOption {
        let mut aliases = option.aliases.clone();
        aliases.extend([option.label.zh.clone(), option.label.en.clone()]);
        OfferedOption {
            shown: ChoiceOption {
                id: option.id.clone(),
                label: option.label.get(self.scene.locale).to_owned(),
                detail: None,
            },
            aliases,
            tail: None,
        }
    }

    fn listed(&self, listed: &ListedOptions) -> Result<Vec<OfferedOption>, FlowFault> {
        let list = self.evaluate(&listed.from, &self.context)?;
        let items = list.as_array().ok_or_else(|| self.shape("`options.from` is not a list"))?;
        let mut options = Vec::new();
        for item in items.iter().take(OPTIONS_MAX) {
            let context = self.with_item(item);
            let text = |expression: &str| -> Result<String, FlowFault> {
                Ok(match self.evaluate(expression, &context)? {
                    Value::String(text) => text,
                    Value::Null => String::new(),
                    other => other.to_string(),
                })
            };
            let mut aliases = Vec::new();
            for alias in &listed.aliases {
                aliases.push(text(alias)?);
            }
            aliases.retain(|alias| !alias.is_empty());
            let shown =
                |shown| self.scene.texts.shown(shown, self.scene.locale, &context).map_err(|error| self.fault(error));
            options.push(OfferedOption {
                shown: ChoiceOption {
                    id: text(&listed.id)?,
                    label: shown(&listed.label)?,
                    detail: listed.detail.as_ref().map(shown).transpose()?,
                },
                aliases,
                tail: listed.tail.as_deref().map(text).transpose()?,
            });
        }
        Ok(options)
    }

    fn order(&self, order: &'a Order) -> Result<Next<'a>, FlowFault> {
        let level = order.level.unwrap_or(self.flow.level);
        match &self.run.stage {
            Stage::Running => match self.prepared() {
                None => Ok(Next::Prepare { operation: &order.operation, params: self.params(&order.with)? }),
                Some(prepared) => Ok(Next::Confirm { confirm: &order.confirm, order: prepared.clone() }),
            },
            Stage::Confirmed { digest, passed, .. } => {
                let missing = level
                    .factors()
                    .iter()
                    .find(|factor| !passed.iter().any(|done| done.factor == **factor && done.digest == *digest));
                match (missing, self.prepared()) {
                    (Some(factor), _) => Ok(Next::StepUp { factor: *factor, digest: digest.clone() }),
                    (None, Some(prepared)) => Ok(Next::Commit { level, order: prepared.clone() }),
                    (None, None) => Err(self.shape("was confirmed without a prepared order")),
                }
            }
            Stage::Refused => Ok(match &order.confirm.refused {
                Some(reaction) => Next::React { reaction: Reacting::Written(reaction) },
                None => Next::React {
                    reaction: Reacting::Default {
                        code: "confirmation_refused".to_owned(),
                        outcome: FlowOutcome::Cancelled,
                    },
                },
            }),
            Stage::Committed { status, code, .. } => Ok(self.outcome(&order.outcomes, *status, code.as_deref())),
            Stage::Confirming { .. } | Stage::Challenged { .. } | Stage::Committing { .. } => Ok(Next::Wait),
            Stage::Asking { .. } => Err(self.shape("asks for a slot inside an order")),
        }
    }

    fn prepared(&self) -> Option<&Value> {
        self.run.vars.get(ORDER).filter(|_| self.set_here(ORDER))
    }

    fn protect(&self, protect: &'a Protect) -> Result<Next<'a>, FlowFault> {
        match &self.run.stage {
            Stage::Running => Ok(Next::Protect { operation: &protect.operation, params: self.params(&protect.with)? }),
            Stage::Committed { status, code, .. } => {
                if let Some(into) = protect.into.as_ref().filter(|into| !self.set_here(into)) {
                    let value = self.run.vars.get(crate::run::RESULT).cloned().unwrap_or(Value::Null);
                    return Ok(Next::Events(vec![EventBody::VariableSet {
                        run: self.run.id.clone(),
                        name: into.clone(),
                        value,
                        source: format!("core:{}", protect.operation),
                    }]));
                }
                Ok(self.outcome(&protect.outcomes, *status, code.as_deref()))
            }
            _ => Ok(Next::Wait),
        }
    }

    /// What follows once the core has spoken, or has not.
    fn outcome(
        &self,
        outcomes: &'a std::collections::BTreeMap<String, Reaction>,
        status: CommitStatus,
        code: Option<&str>,
    ) -> Next<'a> {
        let name = match status {
            CommitStatus::Posted => "posted",
            CommitStatus::Accepted => "accepted",
            CommitStatus::Held => "held",
            CommitStatus::Cancelled => "cancelled",
            CommitStatus::Unknown => "unknown",
            CommitStatus::Queued => "queued",
            CommitStatus::Rejected => {
                return Next::React { reaction: reaction(self.flow, self.run, code.unwrap_or("default")) };
            }
        };
        match outcomes.get(name) {
            Some(written) => Next::React { reaction: Reacting::Written(written) },
            None => match status {
                CommitStatus::Posted | CommitStatus::Accepted | CommitStatus::Held => self.onward(),
                CommitStatus::Unknown => default_outcome("outcome_unknown", FlowOutcome::Unresolved),
                CommitStatus::Queued => default_outcome("queued", FlowOutcome::Unresolved),
                _ => default_outcome("cancelled", FlowOutcome::Cancelled),
            },
        }
    }

    fn params(&self, with: &Params) -> Result<Value, FlowFault> {
        let mut params = Map::new();
        for (name, value) in with {
            params.insert(name.clone(), self.value(value)?);
        }
        Ok(Value::Object(params))
    }

    fn value(&self, value: &Value) -> Result<Value, FlowFault> {
        match crate::parse::expression(value) {
            Some(expression) => self.evaluate(expression, &self.context),
            None => Ok(value.clone()),
        }
    }

    fn with_item(&self, item: &Value) -> Value {
        let mut context = self.context.clone();
        if let Value::Object(map) = &mut context {
            map.insert("item".to_owned(), item.clone());
        }
        context
    }

    fn evaluate(&self, expression: &str, context: &Value) -> Result<Value, FlowFault> {
        self.scene.texts.evaluate(expression, context).map_err(|error| self.fault(error))
    }

    fn holds(&self, condition: &str) -> Result<bool, FlowFault> {
        self.scene.texts.holds(condition, &self.context).map_err(|error| self.fault(error))
    }

    fn fault(&self, error: TextError) -> FlowFault {
        FlowFault::Text { step: format!("{}/{}", self.flow.id, self.step.id), error }
    }

    fn shape(&self, what: &'static str) -> FlowFault {
        FlowFault::Shape { step: format!("{}/{}", self.flow.id, self.step.id), what }
    }
}

fn default_outcome<'a>(code: &str, outcome: FlowOutcome) -> Next<'a> {
    Next::React { reaction: Reacting::Default { code: code.to_owned(), outcome } }
}

/// The event that leaves the current step for the following one, or ends the
/// flow past the last.
pub fn leave(flow: &Flow, run: &FlowRun) -> EventBody {
    match run.step().and_then(|id| flow.after(id)) {
        Some(step) => EventBody::StepEntered { run: run.id.clone(), step: step.id.clone() },
        None => EventBody::FlowEnded { run: run.id.clone(), outcome: FlowOutcome::Completed },
    }
}

/// Slots that what a customer said may fill unasked, by type.
pub fn open_slots<'a>(flow: &'a Flow, run: &FlowRun, slot_type: SlotType) -> Vec<&'a str> {
    flow.slots
        .iter()
        .filter(|(name, spec)| spec.prefill && spec.slot_type == slot_type && !run.slots.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect()
}
