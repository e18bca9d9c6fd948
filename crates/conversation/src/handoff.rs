//! On the way to a human: the packet that goes along, so that the customer says
//! nothing twice, and the place in the queue that is told honestly.

use crate::care::{feeling, remembered};
use crate::error::TurnError;
use crate::house;
use crate::state::Status;
use crate::turn::Turn;
use serde_json::{Value, json};
use teller_kernel::event::{CitedLine, FlowOutcome, HandoffPacket};
use teller_kernel::id::HandoffId;
use teller_kernel::part::Part;
use teller_kernel::{EventBody, Locale};

/// What one conversation takes an agent, until the desk has measured its own.
const HANDLING_S: u32 = 180;
/// Queue looked at for the place in it.
const QUEUE_LOOK_MAX: u32 = 500;

impl Turn<'_> {
    /// Brings a human: packet, queue, and the end of what was running.
    pub(crate) async fn hand_off(&mut self, skill: &str, reason: &str, intent: Option<&str>) -> Result<(), TurnError> {
        if let Status::Queued { handoff, .. } = &self.state.status {
            let handoff = handoff.clone();
            let position = self.position(Some(&handoff)).await?;
            self.say(house::HANDOFF_ALREADY, json!({"position": position, "wait_min": wait_min(position)}))?;
            self.reply.part(Part::Handoff { handoff, position, wait_s: position * HANDLING_S });
            return Ok(());
        }
        self.know_customer().await;
        let packet = self.packet(intent)?;
        let handoff = HandoffId::fresh(&*self.ports.clock, &*self.ports.rng);
        let position = self.position(None).await?;
        self.because("handoff", format!("{reason}, to {skill}"));
        // A run whose effect is still open is finished by reconciliation.
        while let Some(run) = self.state.active().map(|run| run.id.clone()) {
            self.emit(EventBody::FlowEnded { run, outcome: FlowOutcome::HandedOff });
        }
        while let Some(wish) = self.state.wishes.front().cloned() {
            self.emit(EventBody::WishTaken { intent: wish.intent });
        }
        self.say(house::HANDOFF_QUEUED, json!({"position": position, "wait_min": wait_min(position)}))?;
        self.reply.part(Part::Handoff { handoff: handoff.clone(), position, wait_s: position * HANDLING_S });
        self.emit(EventBody::HandoffRequested {
            handoff,
            reason: reason.to_owned(),
            skill: skill.to_owned(),
            packet: Box::new(packet),
        });
        Ok(())
    }

    /// Place in the queue: of this hand-off, or of one that joins now.
    async fn position(&self, of: Option<&HandoffId>) -> Result<u32, TurnError> {
        let queue = self.ports.store.handoff_queue(QUEUE_LOOK_MAX).await?;
        let waiting: Vec<_> =
            queue.iter().filter(|handoff| handoff.state == teller_store::HandoffState::Waiting).collect();
        let ahead = match of {
            Some(id) => waiting.iter().position(|handoff| &handoff.id == id).unwrap_or(0),
            None => waiting.len(),
        };
        Ok(u32::try_from(ahead).unwrap_or(QUEUE_LOOK_MAX) + 1)
    }

    fn packet(&self, intent: Option<&str>) -> Result<HandoffPacket, TurnError> {
        let state = &self.state;
        let run = state.active();
        let intent = intent
            .map(str::to_owned)
            .or_else(|| run.map(|run| run.intent.clone()))
            .or_else(|| state.last_intent.clone());
        let found = intent.as_ref().and_then(|intent| self.bank.pack.intents.get(intent));
        Ok(HandoffPacket {
            summary: self.summary(found.map(|intent| intent.name.get(self.staff_locale())))?,
            flow: run.map(|run| run.flow.clone()),
            step: run.and_then(|run| run.step().map(str::to_owned)),
            slots: run.map(slots).unwrap_or_default(),
            level: state.level,
            elder: self.surroundings["customer"]["elder"].as_bool().unwrap_or(false),
            tier: found.map(|intent| intent.tier),
            tried: state.tried.clone(),
            failed: state.failed.clone(),
            open_commits: state.open_commits.iter().map(|(key, open)| format!("{} {key}", open.operation)).collect(),
            next_action: self.next_action()?,
            // The mood of this message is in the trace of this turn, not folded in yet.
            feeling: feeling(state.moods.iter().chain(&self.trace.mood.as_ref().map(remembered))),
            intent,
        })
    }

    fn staff_locale(&self) -> Locale {
        self.bank.pack.manifest.staff_locale
    }

    /// Words for staff, in their language.
    fn for_staff(&self, id: &str, values: &Value) -> Result<String, TurnError> {
        Ok(self.bank.pack.texts.message(id, self.staff_locale(), values)?)
    }

    fn next_action(&self) -> Result<Option<String>, TurnError> {
        if let Some(open) = self.state.open_commits.values().next() {
            let operation = self.bank.operation_name(&open.operation, self.staff_locale());
            return self.for_staff(house::DESK_NEXT_OUTCOME, &json!({"operation": operation})).map(Some);
        }
        let Some(run) = self.state.active() else { return Ok(None) };
        let Some(flow) = self.bank.flows.get(&run.flow) else { return Ok(None) };
        let id = match &run.stage {
            teller_flows::Stage::Asking { .. } => house::DESK_NEXT_ANSWER,
            teller_flows::Stage::Confirming { .. } => house::DESK_NEXT_CONFIRM,
            teller_flows::Stage::Challenged { .. } => house::DESK_NEXT_CODE,
            _ => house::DESK_NEXT,
        };
        let values = json!({"flow": flow.name.get(self.staff_locale()), "question": self.last_question()});
        self.for_staff(id, &values).map(Some)
    }

    /// The words that the customer was last asked with.
    fn last_question(&self) -> String {
        let parts = self.state.last_reply.iter().flat_map(|reply| reply.parts.iter().rev());
        let mut texts = parts.filter_map(|part| match part {
            Part::Text { text } => Some(quote(text)),
            _ => None,
        });
        texts.next().unwrap_or_default()
    }

    /// Three lines at most: what the customer wants, what was done, where it
    /// stopped. Each names the events it rests on.
    fn summary(&self, wish: Option<&str>) -> Result<Vec<CitedLine>, TurnError> {
        let state = &self.state;
        let mut lines = Vec::new();
        if let Some((seq, said)) = state.said.front() {
            let text = self.for_staff(house::DESK_SAID_FIRST, &json!({"quote": quote(said), "wish": wish}))?;
            lines.push(CitedLine { text, seqs: vec![*seq] });
        }
        if !state.tried.is_empty() {
            let name =
                |thing: &String| self.bank.tried_name(thing, self.staff_locale()).unwrap_or_else(|| thing.clone());
            let named = |things: &[String]| things.iter().map(name).collect::<Vec<_>>();
            let values = json!({"tried": named(&state.tried), "failed": named(&state.failed)});
            let text = self.for_staff(house::DESK_TRIED, &values)?;
            lines.push(CitedLine { text, seqs: state.said.iter().map(|(seq, _)| *seq).collect() });
        }
        if let Some((seq, said)) = state.said.back().filter(|_| state.said.len() > 1) {
            let text = self.for_staff(house::DESK_SAID_LAST, &json!({"quote": quote(said)}))?;
            lines.push(CitedLine { text, seqs: vec![*seq] });
        }
        Ok(lines)
    }
}

fn slots(run: &teller_flows::FlowRun) -> Vec<(String, Value)> {
    run.slots.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
}

fn quote(text: &str) -> String {
    /// Characters of a quotation.
    const QUOTE_MAX: usize = 60;
    text.chars().take(QUOTE_MAX).collect()
}

fn wait_min(position: u32) -> u32 {
    (position * HANDLING_S).div_ceil(60)
}
