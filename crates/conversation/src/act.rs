//! Carrying out what was decided about an inbound event.

use crate::decide::{Correction, Decided, Decision, Reading, View, Waiting, decide};
use crate::drive::{chosen, mentioned, otherwise, read_choice, value_of};
use crate::error::TurnError;
use crate::guarding::judge;
use crate::house;
use crate::meaning::Meaning;
use crate::packs::BankPack;
use crate::state::Status;
use crate::turn::Turn;
use crate::understanding::{Scope, Stopwatch, Understanding, may_fill, understand};
use serde_json::json;
use std::sync::Arc;
use teller_flows::model::{Flow, Slot};
use teller_flows::step::{OfferedOption, open_slots, options_of};
use teller_flows::{FlowRun, Scene, Stage};
use teller_kernel::event::{CustomerAction, Flag, FlowOutcome};
use teller_kernel::limits::OTP_TRIES_MAX;
use teller_kernel::part::{ChoiceOption, Part, QuickReply};
use teller_kernel::{EventBody, SlotType, SlotValue};
use teller_knowledge::Query;
use teller_pack::Serve;
use teller_understand::signs::Sign;
use teller_understand::slots::ChoiceMatch;

/// The name of the choice between intents, among the slots of choice cards.
pub const INTENT_CHOICE: &str = "intent";

impl Turn<'_> {
    /// A whole turn over one inbound event.
    pub async fn take(&mut self, inbound: &EventBody) -> Result<(), TurnError> {
        let mut watch = Stopwatch::start();
        match inbound {
            EventBody::MessageReceived { text, .. } => self.hear(text).await?,
            EventBody::ActionReceived { action, .. } => self.do_action(action).await?,
            _ => {}
        }
        watch.lap("turn", &mut self.trace);
        Ok(())
    }

    async fn hear(&mut self, text: &str) -> Result<(), TurnError> {
        let bank = match self.state.active() {
            Some(run) => self.ports.packs.at(&run.pack.clone(), &self.ports.store).await?,
            None => self.bank.clone(),
        };
        let run = self.state.active().cloned();
        let (expecting, confirming) = expectation(&bank, run.as_ref())?;
        let scope = Scope { expecting_confirmation: confirming, ..self.scope(&bank, expecting) };
        let meaning = Meaning::of(text, bank.clone(), self.state.locale, self.today());
        let mut understanding = understand(text, &scope, meaning, &mut self.trace);
        if let Some(locale) = understanding.spoken.filter(|locale| *locale != self.state.locale) {
            self.because("language", format!("the message is in {locale:?}"));
            self.emit(EventBody::LocaleSet { locale });
        }
        let before = self.state.said.iter().rev().nth(1).map(|(_, text)| text.clone());
        understanding.before = before.filter(|_| !self.state.clarifying.is_empty());
        understanding.chosen = self.picked(text);
        let (waiting, corrections) = match &run {
            Some(run) => self.waits_for(&bank, run, &understanding)?,
            None => (Waiting::Nothing, Vec::new()),
        };
        understanding.judged = judge(&understanding, &waiting);
        if let Some(class) = understanding.abuse.clone() {
            self.emit(EventBody::Flagged { flag: Flag::Abuse, kind: class });
        }
        let view = View {
            pack: &bank.pack,
            bounds: bank.pack.manifest.understanding,
            ownership: self.state.ownership,
            misunderstood: self.state.misunderstood,
            clarifying: &self.state.clarifying,
            active_intent: run.as_ref().map(|run| run.intent.as_str()),
            waiting,
            corrections: &corrections,
            understanding: &understanding,
            protective: &bank.protective,
        };
        let Decided { decision, because } = decide(&view);
        let refused = matches!(decision, Decision::RefuseAttack { .. });
        self.trace.guard = understanding.judged.as_ref().map(|judged| judged.traced(refused));
        self.because(decision_name(&decision), because);
        self.care(&bank, run.as_ref(), &understanding, decision).await?;
        understanding.meaning.record(&mut self.trace);
        Ok(())
    }

    /// Which of the clarifying question's choices the words pick.
    fn picked(&self, text: &str) -> Option<usize> {
        let options: Vec<OfferedOption> =
            self.state.clarifying.iter().map(|intent| self.intent_option(intent)).collect();
        match read_choice(text, &options) {
            ChoiceMatch::One(index) => Some(index),
            _ => None,
        }
    }

    fn intent_option(&self, intent: &str) -> OfferedOption {
        let name = self.bank.pack.intents.get(intent).map(|intent| &intent.name);
        let label = name.map_or(intent, |name| name.get(self.state.locale)).to_owned();
        let aliases = name.map(|name| vec![name.zh.clone(), name.en.clone()]).unwrap_or_default();
        OfferedOption { shown: ChoiceOption { id: intent.to_owned(), label, detail: None }, aliases, tail: None }
    }

    /// What the active run waits for, and what the message gives it.
    fn waits_for(
        &self,
        bank: &BankPack,
        run: &FlowRun,
        heard: &Understanding,
    ) -> Result<(Waiting, Vec<Correction>), TurnError> {
        let flow = bank.flow(&run.flow)?;
        let waiting = match &run.stage {
            Stage::Asking { slot } => match flow.slots.get(slot) {
                Some(spec) => {
                    let read = self.read_answer(bank, flow, run, spec, heard)?;
                    Waiting::Slot { slot: slot.clone(), slot_type: spec.slot_type, read }
                }
                None => Waiting::Nothing,
            },
            Stage::Confirming { .. } => Waiting::Confirmation,
            Stage::Challenged { .. } => Waiting::Code,
            Stage::Committing { .. } => Waiting::Core,
            Stage::Running | Stage::Confirmed { .. } | Stage::Refused | Stage::Committed { .. } => Waiting::Nothing,
        };
        let asked = match &run.stage {
            Stage::Asking { slot } => Some(slot.as_str()),
            _ => None,
        };
        Ok((waiting, self.corrections(bank, flow, run, heard, asked)?))
    }

    fn read_answer(
        &self,
        bank: &BankPack,
        flow: &Flow,
        run: &FlowRun,
        spec: &Slot,
        heard: &Understanding,
    ) -> Result<Reading, TurnError> {
        let text = heard.text.trim();
        Ok(match spec.slot_type {
            SlotType::Text => Reading::Value(SlotValue::Text { text: text.to_owned() }),
            SlotType::Boolean => match (heard.has(Sign::Affirm), heard.has(Sign::Deny)) {
                (true, false) => Reading::Value(SlotValue::Boolean { value: true }),
                (false, true) => Reading::Value(SlotValue::Boolean { value: false }),
                _ => Reading::None,
            },
            SlotType::Choice => {
                let options = self.options_of(bank, flow, run, spec)?;
                match read_choice(text, &options) {
                    ChoiceMatch::One(index) => Reading::Value(chosen(&options[index])),
                    ChoiceMatch::Several(among) => Reading::Several(among),
                    ChoiceMatch::None => {
                        otherwise(text, spec, &self.scope(bank, None), true).map_or(Reading::None, Reading::Value)
                    }
                }
            }
            wanted => value_of(heard.entities.clone(), wanted).map_or(Reading::None, Reading::Value),
        })
    }

    pub(crate) fn options_of(
        &self,
        bank: &BankPack,
        flow: &Flow,
        run: &FlowRun,
        spec: &Slot,
    ) -> Result<Vec<OfferedOption>, TurnError> {
        let scene = Scene { texts: &bank.pack.texts, locale: self.state.locale, surroundings: &self.surroundings };
        Ok(options_of(flow, run, &scene, spec)?)
    }

    /// New values the message gives to slots that are filled already.
    fn corrections(
        &self,
        bank: &BankPack,
        flow: &Flow,
        run: &FlowRun,
        heard: &Understanding,
        asked: Option<&str>,
    ) -> Result<Vec<Correction>, TurnError> {
        let mut found = Vec::new();
        for (slot, held) in run.slots.iter().filter(|(slot, _)| Some(slot.as_str()) != asked) {
            let Some(spec) = flow.slots.get(slot) else { continue };
            let value = match spec.slot_type {
                SlotType::Text | SlotType::Boolean => None,
                SlotType::Choice => {
                    let options = self.options_of(bank, flow, run, spec)?;
                    match mentioned(&heard.text, &options, &heard.entities) {
                        ChoiceMatch::One(index) => Some(chosen(&options[index])),
                        _ => otherwise(&heard.text, spec, &self.scope(bank, None), false),
                    }
                }
                wanted => value_of(heard.entities.clone(), wanted),
            };
            if let Some(value) = value.filter(|value| value != held) {
                found.push(Correction { slot: slot.clone(), value });
            }
        }
        // What the message itself marks as corrected goes first; a plain value
        // is more surely meant than a choice that happens to be mentioned.
        found.sort_by_key(|correction| matches!(correction.value, SlotValue::Choice { .. } | SlotValue::Name { .. }));
        Ok(found)
    }

    pub(crate) async fn carry_out(
        &mut self,
        bank: &Arc<BankPack>,
        run: Option<&FlowRun>,
        heard: &Understanding,
        decision: Decision,
    ) -> Result<(), TurnError> {
        match decision {
            Decision::Human { skill, reason } => return self.hand_off(&skill, reason, None).await,
            Decision::Distress => {
                self.say(house::HUMAN_DISTRESS, json!({}))?;
                return self.hand_off(teller_pack::manifest::GENERAL_SKILL, "distress", None).await;
            }
            Decision::RefuseAttack { kind } => {
                self.emit(EventBody::Flagged { flag: Flag::Attack, kind: kind.to_owned() });
                let own = self.bank.pack.texts.contains(house::GUARD_REFUSED);
                return self.say(if own { house::GUARD_REFUSED } else { house::OUT_OF_SCOPE }, json!({}));
            }
            Decision::Cancel => return self.cancel().await,
            Decision::Repeat => return self.repeat(),
            Decision::Fill { slot, value } => {
                if let Some(run) = run {
                    self.fill(bank, run, &slot, value, heard)?;
                }
            }
            Decision::Narrow { slot, among } => return self.narrow(bank, run, &slot, &among),
            Decision::Correct(correction) => {
                if let Some(run) = run {
                    self.correct(bank, run, correction)?;
                }
            }
            Decision::RefuseAnswer { slot } => {
                if let Some(run) = run {
                    self.emit(EventBody::SlotRefused {
                        run: run.id.clone(),
                        slot,
                        reason: "not_understood".to_owned(),
                    });
                    self.say(house::FLOW_RETRY, json!({}))?;
                }
            }
            Decision::Confirm => return self.answer_confirmation(true).await,
            Decision::RefuseConfirmation => return self.answer_confirmation(false).await,
            Decision::Serve { wishes, interrupts } => return self.serve(wishes, interrupts).await,
            Decision::Answer { article } => {
                let bank = self.bank.clone();
                self.answer_with(&bank, &article, &heard.text).await;
                return self.put_again().await;
            }
            Decision::Clarify { intents } => return self.clarify(intents),
            Decision::Jump => return self.jump(),
            Decision::PutAgain => return self.put_again().await,
            Decision::Thanks => return self.say(house::THANKS, json!({})),
            Decision::NotUnderstood { near, bring_human } => {
                return self.not_understood(near, bring_human, heard).await;
            }
        }
        self.drive().await
    }

    /// Fills the asked slot, and others that the same words fill.
    fn fill(
        &mut self,
        bank: &BankPack,
        run: &FlowRun,
        slot: &str,
        value: SlotValue,
        heard: &Understanding,
    ) -> Result<(), TurnError> {
        let flow = bank.flow(&run.flow)?;
        let asked_type = value.slot_type();
        self.emit(EventBody::SlotFilled { run: run.id.clone(), slot: slot.to_owned(), value, corrected: false });
        for entity in heard.entities.iter().filter(|entity| entity.slot_type != asked_type && may_fill(entity)) {
            let Some(now) = self.state.run(&run.id) else { break };
            // A bare number read for the question is not also something else.
            let open = open_slots(flow, now, entity.slot_type);
            if let [other] = open[..] {
                let (slot, value) = (other.to_owned(), entity.value.clone());
                self.emit(EventBody::SlotFilled { run: run.id.clone(), slot, value, corrected: false });
            }
        }
        Ok(())
    }

    /// Several options fit what was said: ask among them.
    fn narrow(&mut self, bank: &BankPack, run: Option<&FlowRun>, slot: &str, among: &[usize]) -> Result<(), TurnError> {
        let Some(run) = run else { return Ok(()) };
        let flow = bank.flow(&run.flow)?;
        let Some(spec) = flow.slots.get(slot) else { return Ok(()) };
        let options = self.options_of(bank, flow, run, spec)?;
        let some: Vec<OfferedOption> = among.iter().filter_map(|index| options.get(*index).cloned()).collect();
        self.put_question(bank, run, slot, spec, &some)?;
        Ok(())
    }

    /// Replaces a value, clears what hung on it, and goes back to its step.
    fn correct(&mut self, bank: &BankPack, run: &FlowRun, correction: Correction) -> Result<(), TurnError> {
        let flow = bank.flow(&run.flow)?;
        let Correction { slot, value } = correction;
        let id = || run.id.clone();
        for dependent in flow.dependents(&slot) {
            self.emit(EventBody::SlotCleared { run: id(), slot: dependent.to_owned() });
        }
        if let Some(step) = flow.collecting(&slot) {
            self.emit(EventBody::StepEntered { run: id(), step: step.id.clone() });
        }
        self.emit(EventBody::SlotFilled { run: id(), slot, value, corrected: true });
        self.say(house::FLOW_CORRECTED, json!({}))
    }

    async fn answer_confirmation(&mut self, accepted: bool) -> Result<(), TurnError> {
        let Some(run) = self.state.active().cloned() else { return Ok(()) };
        let Stage::Confirming { confirmation, expires_at_ms, .. } = &run.stage else { return Ok(()) };
        if accepted && *expires_at_ms <= self.now_ms {
            self.put_again().await?;
            return self.drive().await;
        }
        self.emit(EventBody::ConfirmationAnswered {
            run: run.id.clone(),
            confirmation: confirmation.clone(),
            accepted,
        });
        self.drive().await
    }

    /// Gives up the active flow; one below is resumed.
    async fn cancel(&mut self) -> Result<(), TurnError> {
        if let Status::Queued { handoff, .. } = &self.state.status
            && self.state.active().is_none()
        {
            let handoff = handoff.clone();
            self.emit(EventBody::HandoffWithdrawn { handoff });
            return self.say(house::HANDOFF_WITHDRAWN, json!({}));
        }
        let Some(run) = self.state.active().cloned() else {
            return self.say(house::FLOW_NOTHING_TO_CANCEL, json!({}));
        };
        let name = self
            .ports
            .packs
            .at(&run.pack, &self.ports.store)
            .await?
            .flow(&run.flow)?
            .name
            .get(self.state.locale)
            .to_owned();
        self.say(house::FLOW_CANCELLED, json!({"flow": name}))?;
        self.end_flow(&run.id, FlowOutcome::Cancelled).await?;
        self.drive().await
    }

    fn repeat(&mut self) -> Result<(), TurnError> {
        match self.state.last_reply.clone() {
            Some(last) => {
                last.reply_ids.into_iter().for_each(|id| self.reply.id(id));
                last.parts.into_iter().for_each(|part| self.reply.part(part));
                self.reply.quick_replies(last.quick_replies);
                Ok(())
            }
            None => self.say(house::REPEAT_NOTHING, json!({})),
        }
    }

    /// Serves wishes in order: the first now, the others when it is over.
    async fn serve(&mut self, wishes: Vec<(String, String)>, interrupts: bool) -> Result<(), TurnError> {
        let mut wishes = wishes.into_iter();
        let Some((intent, text)) = wishes.next() else { return Ok(()) };
        for (intent, text) in wishes {
            self.emit(EventBody::WishQueued { intent, text });
        }
        let runs_before = self.state.stack.len();
        self.serve_intent(&intent, &text).await?;
        if interrupts && self.state.stack.len() == runs_before {
            // Answered on the side: the flow's own question comes back.
            return self.put_again().await;
        }
        self.drive().await
    }

    /// Serves one intent by whom the pack names.
    pub(crate) async fn serve_intent(&mut self, intent: &str, text: &str) -> Result<(), TurnError> {
        let bank = self.bank.clone();
        let Some(found) = bank.pack.intents.get(intent) else {
            return Err(TurnError::NotInPack {
                pack: bank.version().to_string(),
                what: "intent",
                id: intent.to_owned(),
            });
        };
        match &found.serve {
            Serve::Flow(flow) => self.start_flow(flow, intent, text).await,
            Serve::Article(within) => {
                let query = Query { within: Some(within), ..Query::new(text, self.state.locale, self.today()) };
                let ranked = bank.articles(&query, 1);
                let article = ranked.first().map_or_else(|| within.first().cloned(), |hit| Some(hit.label.clone()));
                let cited = match article {
                    Some(article) => self.answer_with(&bank, &article, text).await,
                    None => false,
                };
                if !cited {
                    self.emit(EventBody::NotUnderstood);
                    return self.say(house::UNKNOWN_FIRST, json!({}));
                }
                Ok(())
            }
            Serve::Handoff(skill) => {
                let skill = skill.clone();
                self.hand_off(&skill, "intent", Some(intent)).await
            }
            Serve::Message(message) => self.say(message, json!({})),
            Serve::Control(_) => Ok(()),
        }
    }

    fn clarify(&mut self, intents: Vec<String>) -> Result<(), TurnError> {
        let options = intents.iter().map(|intent| self.intent_option(intent).shown).collect();
        self.say(house::CLARIFY_ASK, json!({}))?;
        self.reply.choices(INTENT_CHOICE, options);
        self.emit(EventBody::ClarificationAsked { intents });
        Ok(())
    }

    /// On a third party's page: a jump to the bank's own, and nothing else.
    fn jump(&mut self) -> Result<(), TurnError> {
        self.say(house::THIRD_PARTY_JUMP, json!({}))?;
        let label = self.render(house::THIRD_PARTY_JUMP_LABEL, json!({}))?;
        let url = self.bank.pack.manifest.own_url.clone();
        self.reply.part(Part::Jump { label, url });
        Ok(())
    }

    async fn not_understood(
        &mut self,
        near: Option<String>,
        bring_human: bool,
        heard: &Understanding,
    ) -> Result<(), TurnError> {
        self.emit(EventBody::NotUnderstood);
        if bring_human {
            return self.hand_off(teller_pack::manifest::GENERAL_SKILL, "not_understood", None).await;
        }
        let title = near.and_then(|id| {
            self.bank.pack.articles.get(&id).map(|article| article.title.get(self.state.locale).to_owned())
        });
        let _ = heard;
        match title {
            Some(title) => {
                self.say(house::UNKNOWN_NEAR, json!({"title": title}))?;
                self.reply.quick_replies([QuickReply { label: title.clone(), send: title }]);
            }
            None => self.say(house::UNKNOWN_FIRST, json!({}))?,
        }
        self.put_again().await
    }

    /// Puts what the active flow waits for again.
    pub(crate) async fn put_again(&mut self) -> Result<(), TurnError> {
        let Some(run) = self.state.active().cloned() else { return Ok(()) };
        let bank = self.ports.packs.at(&run.pack, &self.ports.store).await?;
        let flow = bank.flow(&run.flow)?;
        match &run.stage {
            Stage::Asking { slot } => {
                let Some(spec) = flow.slots.get(slot) else { return Ok(()) };
                let options = self.options_of(&bank, flow, &run, spec)?;
                self.put_question(&bank, &run, slot, spec, &options)
            }
            Stage::Confirming { .. } | Stage::Challenged { .. } => self.put_order_again(&bank, flow, &run).await,
            _ => Ok(()),
        }
    }

    async fn do_action(&mut self, action: &CustomerAction) -> Result<(), TurnError> {
        match action {
            CustomerAction::Choose { slot, id } if slot == INTENT_CHOICE => {
                let text = self.state.said.back().map(|(_, text)| text.clone()).unwrap_or_default();
                self.because("serve", format!("{id} was picked"));
                self.serve(vec![(id.clone(), text)], false).await
            }
            CustomerAction::Choose { slot, id } => self.choose(slot, id).await,
            CustomerAction::Confirm { .. } => self.answer_confirmation(true).await,
            CustomerAction::Refuse { .. } => self.answer_confirmation(false).await,
            CustomerAction::SubmitOtp { .. } => self.after_code().await,
            CustomerAction::ResendOtp { .. } => self.resend_code().await,
            CustomerAction::AskHuman => {
                self.because("human", "the button");
                let skill = self.state.active().map(|run| self.bank.pack.manifest.skill_of(&run.intent).to_owned());
                self.hand_off(skill.as_deref().unwrap_or(teller_pack::manifest::GENERAL_SKILL), "asked", None).await
            }
            CustomerAction::SetLocale { locale } => {
                self.emit(EventBody::LocaleSet { locale: *locale });
                self.put_again().await?;
                self.drive().await
            }
        }
    }

    async fn choose(&mut self, slot: &str, id: &str) -> Result<(), TurnError> {
        let Some(run) = self.state.active().cloned() else { return Ok(()) };
        let bank = self.ports.packs.at(&run.pack, &self.ports.store).await?;
        let flow = bank.flow(&run.flow)?;
        let Some(spec) = flow.slots.get(slot) else { return self.put_again().await };
        let options = self.options_of(&bank, flow, &run, spec)?;
        match options.iter().find(|option| option.shown.id == id) {
            Some(option) => {
                let value = chosen(option);
                self.emit(EventBody::SlotFilled {
                    run: run.id.clone(),
                    slot: slot.to_owned(),
                    value,
                    corrected: false,
                });
                self.drive().await
            }
            None => self.put_again().await,
        }
    }

    /// The code was checked when it arrived; here is what follows.
    async fn after_code(&mut self) -> Result<(), TurnError> {
        let Some(run) = self.state.active().cloned() else { return Ok(()) };
        match &run.stage {
            Stage::Challenged { challenge, .. } if challenge.void => {
                self.because("refuse", "too many wrong codes");
                self.say(house::OTP_VOID, json!({}))?;
                self.end_flow(&run.id, FlowOutcome::Refused).await?;
                self.drive().await
            }
            Stage::Challenged { challenge, .. } => {
                self.because("wrong_code", format!("try {}", challenge.tries));
                let left = OTP_TRIES_MAX.saturating_sub(challenge.tries);
                self.say(house::OTP_WRONG, json!({"left": left}))
            }
            _ => self.drive().await,
        }
    }

    async fn resend_code(&mut self) -> Result<(), TurnError> {
        let Some(run) = self.state.active().cloned() else { return Ok(()) };
        let Stage::Challenged { challenge, .. } = &run.stage else { return Ok(()) };
        let bank = self.ports.packs.at(&run.pack, &self.ports.store).await?;
        let flow = bank.flow(&run.flow)?;
        let (factor, digest) = (challenge.factor, challenge.digest.clone());
        self.say(house::OTP_RESENT, json!({}))?;
        self.put_challenge(&bank, flow, &run, factor, &digest).await
    }
}

fn expectation(bank: &BankPack, run: Option<&FlowRun>) -> Result<(Option<SlotType>, bool), TurnError> {
    let Some(run) = run else { return Ok((None, false)) };
    let flow = bank.flow(&run.flow)?;
    Ok(match &run.stage {
        Stage::Asking { slot } => (flow.slots.get(slot).map(|spec| spec.slot_type), false),
        Stage::Confirming { .. } => (None, true),
        _ => (None, false),
    })
}

fn decision_name(decision: &Decision) -> &'static str {
    match decision {
        Decision::Human { .. } | Decision::Distress => "human",
        Decision::RefuseAttack { .. } => "refuse_attack",
        Decision::Cancel => "cancel",
        Decision::Repeat => "repeat",
        Decision::Fill { .. } => "fill_slot",
        Decision::Narrow { .. } => "narrow",
        Decision::Correct(_) => "correct",
        Decision::RefuseAnswer { .. } => "refuse_answer",
        Decision::Confirm => "confirm",
        Decision::RefuseConfirmation => "refuse_confirmation",
        Decision::Serve { interrupts: true, .. } => "digress",
        Decision::Serve { .. } => "serve",
        Decision::Answer { .. } => "answer",
        Decision::Clarify { .. } => "clarify",
        Decision::Jump => "jump",
        Decision::PutAgain => "put_again",
        Decision::Thanks => "thanks",
        Decision::NotUnderstood { .. } => "not_understood",
    }
}
