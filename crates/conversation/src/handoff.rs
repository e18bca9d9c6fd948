//! On the way to a human: the packet that goes along, so that the customer says
//! nothing twice, and the place in the queue that is told honestly.

use crate::error::TurnError;
use crate::house;
use crate::state::{ConversationState, Status};
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
        let packet = self.packet(intent);
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

    fn packet(&self, intent: Option<&str>) -> HandoffPacket {
        let state = &self.state;
        let run = state.active();
        let intent = intent
            .map(str::to_owned)
            .or_else(|| run.map(|run| run.intent.clone()))
            .or_else(|| state.last_intent.clone());
        let found = intent.as_ref().and_then(|intent| self.bank.pack.intents.get(intent));
        HandoffPacket {
            summary: summary(state, found.map(|intent| intent.name.get(Locale::Zh))),
            flow: run.map(|run| run.flow.clone()),
            step: run.and_then(|run| run.step().map(str::to_owned)),
            slots: run.map(slots).unwrap_or_default(),
            level: state.level,
            elder: self.surroundings["customer"]["elder"].as_bool().unwrap_or(false),
            tier: found.map(|intent| intent.tier),
            tried: state.tried.clone(),
            failed: state.failed.clone(),
            open_commits: state.open_commits.iter().map(|(key, open)| format!("{} {key}", open.operation)).collect(),
            next_action: self.next_action(),
            intent,
        }
    }

    fn next_action(&self) -> Option<String> {
        let open = self.state.open_commits.values().next();
        if let Some(open) = open {
            return Some(format!("核实「{}」的结果并告知客户", open.operation));
        }
        let run = self.state.active()?;
        let name = self.bank.flows.get(&run.flow).map(|flow| flow.name.get(Locale::Zh))?;
        Some(match &run.stage {
            teller_flows::Stage::Asking { slot } => format!("继续「{name}」：客户还没有给出 {slot}"),
            teller_flows::Stage::Confirming { .. } => format!("继续「{name}」：确认卡已出示，客户尚未确认"),
            teller_flows::Stage::Challenged { .. } => format!("继续「{name}」：验证码尚未通过"),
            _ => format!("继续「{name}」"),
        })
    }
}

fn slots(run: &teller_flows::FlowRun) -> Vec<(String, Value)> {
    run.slots.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
}

/// Three lines at most: what the customer wants, what was done, where it stopped.
/// Each names the events it rests on.
fn summary(state: &ConversationState, wish: Option<&str>) -> Vec<CitedLine> {
    /// Characters of a quotation.
    const QUOTE_MAX: usize = 60;
    let mut lines = Vec::new();
    if let Some((seq, text)) = state.said.front() {
        let quote: String = text.chars().take(QUOTE_MAX).collect();
        let about = wish.map(|wish| format!("（{wish}）")).unwrap_or_default();
        lines.push(CitedLine { text: format!("客户一开始说：「{quote}」{about}"), seqs: vec![*seq] });
    }
    if !state.tried.is_empty() {
        let mut text = format!("机器人已处理：{}", state.tried.join("、"));
        if !state.failed.is_empty() {
            text.push_str(&format!("；未办成：{}", state.failed.join("、")));
        }
        lines.push(CitedLine { text, seqs: state.said.iter().map(|(seq, _)| *seq).collect() });
    }
    if let Some((seq, text)) = state.said.back().filter(|_| state.said.len() > 1) {
        let quote: String = text.chars().take(QUOTE_MAX).collect();
        lines.push(CitedLine { text: format!("转人工前最后一句：「{quote}」"), seqs: vec![*seq] });
    }
    lines
}

fn wait_min(position: u32) -> u32 {
    (position * HANDLING_S).div_ceil(60)
}
