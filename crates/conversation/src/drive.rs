//! Driving flows: takes what the stepper says is next, does it, folds what
//! came of it, and asks again, until the flow waits for somebody or is over.

use crate::decide::Reading;
use crate::error::TurnError;
use crate::house;
use crate::packs::BankPack;
use crate::reply::Words;
use crate::turn::Turn;
use crate::understanding::{Scope, entities, may_fill};
use serde_json::{Value, json};
use std::sync::Arc;
use teller_flows::model::{Reaction, Slot};
use teller_flows::step::{OfferedOption, Reacting, leave, open_slots};
use teller_flows::{Flow, FlowRun, Next, Scene, Stage, next, reaction};
use teller_kernel::event::FlowOutcome;
use teller_kernel::limits::{FLOW_STACK_MAX, FLOW_STEPS_PER_TURN_MAX};
use teller_kernel::trace::Evidence;
use teller_kernel::{EventBody, FlowRunId, SlotType, SlotValue};
use teller_knowledge::Answer;
use teller_understand::normal::normalise;
use teller_understand::slots::{ChoiceMatch, ChoiceOption, Entity, match_name, resolve_choice};

/// The skill for trouble that no flow foresaw.
const FALLBACK_SKILL: &str = teller_pack::manifest::GENERAL_SKILL;

impl Turn<'_> {
    /// Begins a flow for an intent, with what the customer said to start it.
    pub async fn start_flow(&mut self, flow_id: &str, intent: &str, seed: &str) -> Result<(), TurnError> {
        let bank = self.bank.clone();
        let flow = bank.flow(flow_id)?;
        if flow.start_level > self.state.level {
            self.because("refuse", format!("{flow_id} needs {:?}", flow.start_level));
            return self.say(house::FLOW_NEED_SIGN_IN, json!({"flow": flow.name.get(self.state.locale)}));
        }
        if self.state.stack.len() >= FLOW_STACK_MAX {
            self.because("handoff", "too many things open at once");
            return self.hand_off(FALLBACK_SKILL, "too_many_open", None).await;
        }
        if let Some(below) = self.state.active() {
            let run = below.id.clone();
            self.emit(EventBody::FlowSuspended { run });
        }
        let run = FlowRunId::fresh(&*self.ports.clock, &*self.ports.rng);
        self.emit(EventBody::FlowStarted {
            run: run.clone(),
            flow: flow_id.to_owned(),
            pack: bank.version().clone(),
            intent: intent.to_owned(),
            seed: seed.to_owned(),
        });
        self.know_customer().await;
        // Kept in the run, so that every later turn and a replay see the same.
        if let Some(customer) = self.surroundings.get("customer").filter(|customer| !is_empty(customer)).cloned() {
            let (run, source) = (run.clone(), "core:customer".to_owned());
            self.emit(EventBody::VariableSet { run, name: "customer".to_owned(), value: customer, source });
        }
        self.prefill(&bank, flow, &run, seed);
        Ok(())
    }

    /// Fills plain slots with what was said to start the flow, first said first
    /// asked. Choices wait until their options are known.
    fn prefill(&mut self, bank: &BankPack, flow: &Flow, run: &FlowRunId, seed: &str) {
        let scope = Scope { bank, today: self.today(), expecting: None, expecting_confirmation: false };
        for entity in entities(seed, &scope).into_iter().filter(may_fill) {
            let Some(open) = self.state.run(run).map(|run| open_slots(flow, run, entity.slot_type)) else { return };
            let first = flow.steps.iter().find_map(|step| match &step.kind {
                teller_flows::model::StepKind::Collect(slots) => {
                    slots.iter().find(|slot| open.contains(&slot.as_str()))
                }
                _ => None,
            });
            if let Some(slot) = first.cloned().or_else(|| open.first().map(|slot| (*slot).to_owned())) {
                self.emit(EventBody::SlotFilled { run: run.clone(), slot, value: entity.value, corrected: false });
            }
        }
    }

    /// Runs the active flow and, when it is over, what waits behind it.
    pub async fn drive(&mut self) -> Result<(), TurnError> {
        for _ in 0..FLOW_STEPS_PER_TURN_MAX {
            let Some(run) = self.state.active().cloned() else {
                if self.next_wish().await? {
                    continue;
                }
                return Ok(());
            };
            let bank = self.ports.packs.at(&run.pack, &self.ports.store).await?;
            if !self.step(&bank, &run).await? {
                return Ok(());
            }
        }
        self.because("handoff", "a flow took too many steps");
        self.hand_off(FALLBACK_SKILL, "flow_loop", None).await
    }

    /// Serves the oldest wish that waits; false when none does.
    async fn next_wish(&mut self) -> Result<bool, TurnError> {
        let Some(wish) = self.state.wishes.front().cloned() else { return Ok(false) };
        self.emit(EventBody::WishTaken { intent: wish.intent.clone() });
        let name = self.bank.pack.intents.get(&wish.intent).map(|intent| intent.name.get(self.state.locale).to_owned());
        self.say(house::WISH_NEXT, json!({"wish": name.unwrap_or_default()}))?;
        self.because("next_wish", wish.intent.clone());
        self.serve_intent(&wish.intent, &wish.text).await?;
        Ok(true)
    }

    /// One step; false when the flow waits.
    async fn step(&mut self, bank: &Arc<BankPack>, run: &FlowRun) -> Result<bool, TurnError> {
        let flow = bank.flow(&run.flow)?;
        let surroundings = self.surroundings.clone();
        let scene = Scene { texts: &bank.pack.texts, locale: self.state.locale, surroundings: &surroundings };
        match next(flow, run, &scene)? {
            Next::Events(events) => self.emit_all(events),
            Next::Wait => return Ok(false),
            Next::Ask { slot, spec, options } => return self.ask(bank, run, slot, spec, options).await,
            Next::Read { operation, params, into } => self.read(flow, run, operation, &params, into).await?,
            Next::Calculate { name, params, into } => self.calculate(flow, run, name, &params, into).await?,
            Next::Say { text, card, quick_replies, then } => {
                let context = self.context_of(run, json!({}));
                let words = Words { texts: &bank.pack.texts, locale: self.state.locale, context: &context };
                if let Some(text) = text {
                    self.reply.say(text, &words)?;
                }
                if let Some(card) = card {
                    self.reply.card(card, &words)?;
                }
                self.reply.quick_words(quick_replies, self.state.locale);
                self.advance(then).await?;
            }
            Next::Answer { articles, then } => {
                for article in articles {
                    self.cite(bank, article);
                }
                self.advance(then).await?;
            }
            Next::Prepare { operation, params } => self.prepare(flow, run, operation, params).await?,
            Next::Confirm { confirm, order } => {
                self.put_confirmation(bank, flow, run, confirm, &order)?;
                return Ok(false);
            }
            Next::StepUp { factor, digest } => {
                self.put_challenge(bank, flow, run, factor, &digest).await?;
                return Ok(false);
            }
            Next::Commit { level, order } => self.commit(run, level, &order).await?,
            Next::Protect { operation, params } => self.protect(run, operation, params).await?,
            Next::React { reaction } => self.react(bank, flow, run, &reaction, json!({})).await?,
            Next::Handoff { skill, say } => {
                if let Some(say) = say {
                    let context = self.context_of(run, json!({}));
                    let words = Words { texts: &bank.pack.texts, locale: self.state.locale, context: &context };
                    self.reply.say(say, &words)?;
                }
                self.because("handoff", format!("flow {} says so", run.flow));
                self.hand_off(skill, "flow", None).await?;
            }
            Next::End(outcome) => self.end_flow(&run.id, outcome).await?,
        }
        Ok(true)
    }

    fn emit_all(&mut self, events: Vec<EventBody>) {
        for event in events {
            self.emit(event);
        }
    }

    /// The event that leaves a step; an end brings back what waits below.
    async fn advance(&mut self, then: EventBody) -> Result<(), TurnError> {
        match then {
            EventBody::FlowEnded { run, outcome } => self.end_flow(&run, outcome).await,
            other => {
                self.emit(other);
                Ok(())
            }
        }
    }

    /// Ends a run, and resumes the one below by putting its question again.
    pub async fn end_flow(&mut self, run: &FlowRunId, outcome: FlowOutcome) -> Result<(), TurnError> {
        self.emit(EventBody::FlowEnded { run: run.clone(), outcome });
        if let Some(below) = self.state.active().cloned() {
            self.emit(EventBody::FlowResumed { run: below.id.clone() });
            let bank = self.ports.packs.at(&below.pack, &self.ports.store).await?;
            let name = bank.flow(&below.flow)?.name.get(self.state.locale).to_owned();
            self.say(house::FLOW_RESUME, json!({"flow": name}))?;
            self.put_again().await?;
        }
        Ok(())
    }

    async fn read(
        &mut self,
        flow: &Flow,
        run: &FlowRun,
        operation: &str,
        params: &Value,
        into: &str,
    ) -> Result<(), TurnError> {
        let read = self.ports.core.read(operation, self.state.customer.as_ref(), params).await;
        match read {
            Ok(value) => {
                let source = format!("core:{operation}");
                self.trace.evidence.push(Evidence { source: source.clone(), score: 1.0, note: None });
                self.emit(EventBody::VariableSet { run: run.id.clone(), name: into.to_owned(), value, source });
                Ok(())
            }
            Err(error) => self.refused(flow, run, &error).await,
        }
    }

    async fn calculate(
        &mut self,
        flow: &Flow,
        run: &FlowRun,
        name: &str,
        params: &Value,
        into: &str,
    ) -> Result<(), TurnError> {
        match teller_bank::calculate(name, params) {
            Ok(value) => {
                let source = format!("calculator:{name}");
                self.trace.evidence.push(Evidence { source: source.clone(), score: 1.0, note: None });
                self.emit(EventBody::VariableSet { run: run.id.clone(), name: into.to_owned(), value, source });
                Ok(())
            }
            Err(error) => {
                self.because("refused", error.to_string());
                let bank = self.ports.packs.at(&run.pack, &self.ports.store).await?;
                self.react(&bank, flow, run, &reaction(flow, run, "BAD_PARAM"), json!({})).await
            }
        }
    }

    /// The core said no, or is not there.
    pub(crate) async fn refused(
        &mut self,
        flow: &Flow,
        run: &FlowRun,
        error: &teller_bank::CoreError,
    ) -> Result<(), TurnError> {
        let code = error.code().to_owned();
        self.because("refused", code.clone());
        let detail = match error {
            teller_bank::CoreError::Refused(refusal) => refusal.detail.clone(),
            _ => json!({}),
        };
        let bank = self.ports.packs.at(&run.pack, &self.ports.store).await?;
        self.react(&bank, flow, run, &reaction(flow, run, &code), json!({"code": code, "refusal": detail})).await
    }

    /// Does what a reaction says: say, show, clear, and go one way.
    pub(crate) async fn react(
        &mut self,
        bank: &Arc<BankPack>,
        flow: &Flow,
        run: &FlowRun,
        reaction: &Reacting<'_>,
        more: Value,
    ) -> Result<(), TurnError> {
        match reaction {
            Reacting::Written(written) => self.react_written(bank, flow, run, written, more).await,
            Reacting::Default { code, outcome } => {
                let specific = format!("error.{code}");
                let id = if bank.pack.texts.contains(&specific) { specific } else { house::ERROR_DEFAULT.to_owned() };
                let context = self.context_of(run, more);
                self.say(&id, context)?;
                self.end_flow(&run.id, *outcome).await
            }
        }
    }

    async fn react_written(
        &mut self,
        bank: &Arc<BankPack>,
        flow: &Flow,
        run: &FlowRun,
        written: &Reaction,
        more: Value,
    ) -> Result<(), TurnError> {
        let context = self.context_of(run, more);
        let words = Words { texts: &bank.pack.texts, locale: self.state.locale, context: &context };
        if let Some(text) = &written.say {
            self.reply.say(text, &words)?;
        }
        if let Some(card) = &written.card {
            self.reply.card(card, &words)?;
        }
        for slot in &written.clear {
            self.emit(EventBody::SlotCleared { run: run.id.clone(), slot: slot.clone() });
        }
        if let Some(target) = &written.goto {
            self.emit(EventBody::StepEntered { run: run.id.clone(), step: target.clone() });
            return Ok(());
        }
        if let Some(skill) = &written.handoff {
            return self.hand_off(skill, "flow", None).await;
        }
        if let Some(outcome) = written.end {
            return self.end_flow(&run.id, outcome).await;
        }
        // Going nowhere means going on, unless the core refused: then it is over.
        if matches!(run.stage, Stage::Committed { status, .. } if status != teller_kernel::event::CommitStatus::Rejected)
        {
            return self.advance(leave(flow, run)).await;
        }
        self.end_flow(&run.id, FlowOutcome::Refused).await
    }

    /// Asks for a slot, unless what was said already answers it. False: waits.
    async fn ask(
        &mut self,
        bank: &Arc<BankPack>,
        run: &FlowRun,
        slot: &str,
        spec: &Slot,
        options: Vec<OfferedOption>,
    ) -> Result<bool, TurnError> {
        let mut options = options;
        if spec.prefill && !run.refusals.contains_key(slot) && !run.cleared.contains(slot) {
            match self.said_at_start(bank, run, spec, &options) {
                Reading::Value(value) => {
                    let (run, slot) = (run.id.clone(), slot.to_owned());
                    self.emit(EventBody::SlotFilled { run, slot, value, corrected: false });
                    return Ok(true);
                }
                // Names that sound alike: the customer picks among these.
                Reading::Several(among) => {
                    options = among.iter().filter_map(|index| options.get(*index).cloned()).collect()
                }
                Reading::None => {}
            }
        }
        if !spec.required {
            self.emit(EventBody::SlotSkipped { run: run.id.clone(), slot: slot.to_owned() });
            return Ok(true);
        }
        if run.refusals.get(slot).is_some_and(|count| *count >= spec.retries) {
            self.because("handoff", format!("{slot} was asked {} times", spec.retries));
            self.say(house::FLOW_TOO_MANY_TRIES, json!({}))?;
            self.hand_off(bank.pack.manifest.skill_of(&run.intent).to_owned().as_str(), "not_understood", None).await?;
            return Ok(false);
        }
        self.put_question(bank, run, slot, spec, &options)?;
        self.emit(EventBody::SlotAsked { run: run.id.clone(), slot: slot.to_owned() });
        Ok(false)
    }

    /// What the words that started the flow say about a choice.
    fn said_at_start(&self, bank: &BankPack, run: &FlowRun, spec: &Slot, options: &[OfferedOption]) -> Reading {
        if spec.slot_type != SlotType::Choice || run.seed.is_empty() {
            return Reading::None;
        }
        let scope = self.scope(bank, None);
        match mentioned(&run.seed, options, &entities(&run.seed, &scope)) {
            ChoiceMatch::One(index) => Reading::Value(chosen(&options[index])),
            ChoiceMatch::Several(among) => Reading::Several(among),
            ChoiceMatch::None => otherwise(&run.seed, spec, &scope, false).map_or(Reading::None, Reading::Value),
        }
    }

    pub(crate) fn scope<'b>(&self, bank: &'b BankPack, expecting: Option<SlotType>) -> Scope<'b> {
        Scope { bank, today: self.today(), expecting, expecting_confirmation: false }
    }

    /// Puts the question of a slot, with its options to tap.
    pub(crate) fn put_question(
        &mut self,
        bank: &BankPack,
        run: &FlowRun,
        slot: &str,
        spec: &Slot,
        options: &[OfferedOption],
    ) -> Result<(), TurnError> {
        let context = self.context_of(run, json!({}));
        let words = Words { texts: &bank.pack.texts, locale: self.state.locale, context: &context };
        if let Some(ask) = &spec.ask {
            self.reply.say(ask, &words)?;
        }
        if !options.is_empty() {
            self.reply.choices(slot, options.iter().map(|option| option.shown.clone()).collect());
        }
        self.reply.quick_words(&spec.quick_replies, self.state.locale);
        Ok(())
    }

    /// Cites an article's sentences; `text` narrows to those that answer it.
    /// Cites an article, word for word.
    pub(crate) fn cite(&mut self, bank: &BankPack, article: &str) -> bool {
        let answer = self.cited(bank, article, None);
        answer.map(|answer| self.reply.part(answer.part())).is_some()
    }

    /// What an article says to some words, noted in trace and reply; the part is
    /// still to be said.
    pub(crate) fn cited(&mut self, bank: &BankPack, article: &str, text: Option<&str>) -> Option<Answer> {
        let answer = bank.cited(article, text, self.state.locale, self.today())?;
        self.trace.evidence.push(Evidence {
            source: format!("article:{}@{}", answer.article, answer.version),
            score: 1.0,
            note: None,
        });
        self.reply.id(format!("article:{}", answer.article));
        Some(answer)
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_none_or(serde_json::Map::is_empty)
}

/// Which option answers the very question that showed them: an ordinal or a
/// bare number means one of the list.
pub fn read_choice(text: &str, options: &[OfferedOption]) -> ChoiceMatch {
    resolve_choice(text, &recognisable(options))
}

/// Which option is named in words that were said for something else: by its
/// card tail, its label or another name, or a person's name that sounds like it.
pub fn mentioned(text: &str, options: &[OfferedOption], entities: &[Entity]) -> ChoiceMatch {
    /// A name of one character is in too many words to mean anything.
    const NAME_CHARS_MIN: usize = 2;
    let said = normalise(text);
    let names = |option: &OfferedOption| -> Vec<String> {
        std::iter::once(&option.shown.label).chain(&option.aliases).map(|name| normalise(name)).collect()
    };
    let tails: Vec<&str> = entities
        .iter()
        .filter_map(|entity| match &entity.value {
            SlotValue::CardTail { tail } => Some(tail.as_str()),
            _ => None,
        })
        .collect();
    let by_tail = |option: &OfferedOption| option.tail.as_deref().is_some_and(|tail| tails.contains(&tail));
    let by_name = |option: &OfferedOption| {
        names(option).iter().any(|name| name.chars().count() >= NAME_CHARS_MIN && said.contains(name.as_str()))
    };
    let found = |fits: &dyn Fn(&OfferedOption) -> bool| -> ChoiceMatch {
        match (0..options.len()).filter(|index| fits(&options[*index])).collect::<Vec<_>>()[..] {
            [] => ChoiceMatch::None,
            [one] => ChoiceMatch::One(one),
            ref several => ChoiceMatch::Several(several.to_vec()),
        }
    };
    let by_sound = || {
        let name = entities.iter().find_map(|entity| match &entity.value {
            SlotValue::Name { name } => Some(name.as_str()),
            _ => None,
        });
        name.map_or(ChoiceMatch::None, |name| match_name(name, &recognisable(options)))
    };
    // A person's name goes by its sound even where it is written exactly: who
    // types 张伟 may mean 章伟, and only the customer can tell.
    [found(&by_tail), by_sound(), found(&by_name)]
        .into_iter()
        .find(|matched| *matched != ChoiceMatch::None)
        .unwrap_or(ChoiceMatch::None)
}

fn recognisable(options: &[OfferedOption]) -> Vec<ChoiceOption> {
    options
        .iter()
        .map(|option| ChoiceOption {
            id: option.shown.id.clone(),
            label: option.shown.label.clone(),
            aliases: option.aliases.clone(),
            tail: option.tail.clone(),
        })
        .collect()
}

pub fn chosen(option: &OfferedOption) -> SlotValue {
    SlotValue::Choice { id: option.shown.id.clone(), label: option.shown.label.clone() }
}

/// A value of the slot's second type, when no option fits.
pub fn otherwise(text: &str, spec: &Slot, scope: &Scope<'_>, asked: bool) -> Option<SlotValue> {
    let wanted = spec.otherwise?;
    let scope = Scope { expecting: asked.then_some(wanted), ..*scope };
    value_of(entities(text, &scope), wanted)
}

/// The entity of the wanted type, the last one when a sentence corrects itself.
pub fn value_of(entities: Vec<Entity>, wanted: SlotType) -> Option<SlotValue> {
    entities.into_iter().find(|entity| entity.slot_type == wanted).map(|entity| entity.value)
}
