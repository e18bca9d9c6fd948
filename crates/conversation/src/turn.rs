//! One turn: a working copy of the state, the events it grows by, the reply in
//! the making, and the trace.
//!
//! Invariants: nothing is answered or sent that is not saved; before the core
//! is asked for an effect, everything up to and including the intention is
//! saved (`flush`); if somebody else moved the conversation on, the turn is
//! rebased on what only added to it, and otherwise run again.

use crate::error::TurnError;
use crate::packs::BankPack;
use crate::ports::{Outbound, Ports};
use crate::projection;
use crate::reply::Reply;
use crate::state::ConversationState;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use teller_flows::FlowRun;
use teller_kernel::id::HandoffId;
use teller_kernel::trace::{Decision as TracedDecision, TurnTrace};
use teller_kernel::{Actor, CustomerId, EventBody, NewEvent};
use teller_store::{Append, Expected, StoreError, WriteSet};

/// How often a turn is rebased on events that came in between.
const REBASES_MAX: usize = 8;

pub struct Turn<'a> {
    pub ports: &'a Ports,
    /// The active pack: what this turn understands and starts with.
    pub bank: Arc<BankPack>,
    pub state: ConversationState,
    pub reply: Reply,
    pub trace: TurnTrace,
    pub now_ms: i64,
    /// `customer`, `bank`, `today`, … for templates and conditions.
    pub surroundings: Map<String, Value>,
    /// The last stored event this turn rests on.
    saved_seq: u64,
    batch: Vec<NewEvent>,
    /// Text messages to the customer: their words are in no event.
    messages: Vec<(CustomerId, String)>,
    /// Hand-offs that are over with this turn.
    ended_handoffs: Vec<HandoffId>,
    actor: Actor,
}

impl<'a> Turn<'a> {
    pub fn new(ports: &'a Ports, bank: Arc<BankPack>, state: ConversationState, actor: Actor) -> Self {
        let now_ms = ports.clock.now_ms();
        let surroundings = bank.surroundings.clone();
        let saved_seq = state.seq;
        let mut turn = Self {
            ports,
            bank,
            state,
            reply: Reply::default(),
            trace: TurnTrace::default(),
            now_ms,
            surroundings,
            saved_seq,
            batch: Vec::new(),
            messages: Vec::new(),
            ended_handoffs: Vec::new(),
            actor,
        };
        turn.surround();
        turn
    }

    /// The day as the bank's customers mean it.
    pub fn today(&self) -> jiff::civil::Date {
        self.local_now().date()
    }

    pub fn local_now(&self) -> jiff::Zoned {
        let instant = Timestamp::from_millisecond(self.now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        instant.to_zoned(self.bank.zone.clone())
    }

    fn surround(&mut self) {
        let now = self.local_now();
        self.surroundings.insert("today".to_owned(), json!(now.date().to_string()));
        self.surroundings.insert("now".to_owned(), json!(now.strftime("%Y-%m-%d %H:%M").to_string()));
        self.surroundings.insert("level".to_owned(), json!(self.state.level));
        self.surroundings.insert("ownership".to_owned(), json!(self.state.ownership));
        self.surroundings.insert("locale".to_owned(), json!(self.state.locale));
        let name = self.bank.pack.manifest.name.get(self.state.locale);
        let hotline = &self.bank.pack.manifest.hotline;
        self.surroundings.insert("bank".to_owned(), json!({"name": name, "hotline": hotline}));
        self.surroundings.entry("customer").or_insert_with(|| json!({}));
    }

    /// Reads who the customer is, once, when something needs to know.
    pub async fn know_customer(&mut self) {
        let known = self.surroundings.get("customer").and_then(Value::as_object).is_some_and(|map| !map.is_empty());
        let Some(customer) = self.state.customer.clone().filter(|_| !known) else { return };
        // Without the core the name is missing, and nothing else: flows that
        // need more read it themselves and say why they cannot.
        if let Ok(read) = self.ports.core.read("customer", Some(&customer), &json!({})).await {
            self.surroundings.insert("customer".to_owned(), read);
        }
    }

    /// Adds an event and folds it in.
    pub fn emit(&mut self, body: EventBody) {
        self.emit_as(self.actor.clone(), body);
    }

    fn emit_as(&mut self, actor: Actor, body: EventBody) {
        if matches!(body, EventBody::HandedBack { .. } | EventBody::HandoffWithdrawn { .. } | EventBody::Closed { .. })
        {
            self.ended_handoffs.extend(self.state.status.handoff().cloned());
        }
        self.state.fold(self.state.seq + 1, self.now_ms, &actor, &body);
        if matches!(body, EventBody::LocaleSet { .. } | EventBody::Identified { .. }) {
            self.surround();
        }
        self.batch.push(NewEvent::new(actor, body));
    }

    /// Notes a decision in the trace.
    pub fn because(&mut self, decision: &str, because: impl Into<String>) {
        self.trace.decisions.push(TracedDecision { decision: decision.to_owned(), because: because.into() });
    }

    /// A text message that leaves with the next flush, or not at all.
    pub fn text_message(&mut self, customer: CustomerId, words: String) {
        self.messages.push((customer, words));
    }

    /// Says a house message with some values.
    pub fn say(&mut self, id: &str, values: Value) -> Result<(), TurnError> {
        let text = self.render(id, values)?;
        self.reply.text(id, text);
        Ok(())
    }

    /// The words of a house message with some values.
    pub fn render(&self, id: &str, values: Value) -> Result<String, TurnError> {
        let mut context = self.surroundings.clone();
        if let Value::Object(values) = values {
            context.extend(values);
        }
        Ok(self.bank.pack.texts.message(id, self.state.locale, &Value::Object(context))?)
    }

    /// The values a run's words see, with some more over them.
    pub fn context_of(&self, run: &FlowRun, more: Value) -> Value {
        let mut context = run.context(&self.surroundings);
        if let (Value::Object(context), Value::Object(more)) = (&mut context, more) {
            context.extend(more);
        }
        context
    }

    fn take_reply(&mut self) {
        let Some(replied) = self.reply.take() else { return };
        // Words that follow what staff did are the desk's, not that person's.
        let actor = match &self.actor {
            Actor::Staff { .. } => Actor::system("desk"),
            other => other.clone(),
        };
        self.emit_as(actor, replied);
    }

    /// Saves everything so far: before an effect, and at the end.
    pub async fn flush(&mut self) -> Result<(), TurnError> {
        self.take_reply();
        if self.batch.is_empty() {
            return Ok(());
        }
        for _ in 0..REBASES_MAX {
            match self.save().await {
                Ok(()) => return Ok(()),
                Err(StoreError::Conflict { .. }) => self.rebase().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(TurnError::Moved)
    }

    async fn save(&mut self) -> Result<(), StoreError> {
        let mut set = WriteSet::new();
        projection::rows(&mut set, &self.state, &self.batch);
        for (customer, words) in &self.messages {
            match self.ports.outbound {
                Outbound::PhoneSimulator => set.phone_message(customer, words),
            };
        }
        for handoff in &self.ended_handoffs {
            set.end_handoff(handoff);
        }
        set.append(Append {
            conversation: self.state.id.clone(),
            expected: Expected::Seq(self.saved_seq),
            events: self.batch.clone(),
            client: None,
        });
        self.ports.store.commit(set).await?;
        self.saved_seq = self.state.seq;
        self.batch.clear();
        self.messages.clear();
        self.ended_handoffs.clear();
        Ok(())
    }

    /// Somebody appended in between. What a customer or an agent merely added
    /// is folded in below this turn's own events; anything that changes who has
    /// the word makes the turn void, unless the core has already been asked.
    async fn rebase(&mut self) -> Result<(), TurnError> {
        let stored = crate::service::load_state(&self.ports.store, &self.state.id).await?;
        let moved = stored.status != self.state.status && !self.batch_changes_status();
        let must_save = self.batch.iter().any(|event| matches!(event.body, EventBody::CommitResolved { .. }));
        if moved && !must_save {
            return Err(TurnError::Moved);
        }
        self.saved_seq = stored.seq;
        self.state = stored;
        for event in &self.batch {
            self.state.fold(self.state.seq + 1, self.now_ms, &event.actor, &event.body);
        }
        Ok(())
    }

    fn batch_changes_status(&self) -> bool {
        self.batch.iter().any(|event| {
            matches!(
                event.body,
                EventBody::HandoffRequested { .. } | EventBody::HandoffWithdrawn { .. } | EventBody::Closed { .. }
            )
        })
    }

    /// Ends the turn that answers `inbound_seq`.
    pub async fn finish(&mut self, inbound_seq: u64) -> Result<(), TurnError> {
        self.take_reply();
        let mut trace = std::mem::take(&mut self.trace);
        trace.inbound_seq = inbound_seq;
        trace.pack = self.bank.version().to_string();
        self.emit(EventBody::TurnCompleted { inbound_seq, trace: Box::new(trace) });
        self.flush().await
    }

    /// The state as saved, for the cache.
    pub fn into_state(self) -> ConversationState {
        self.state
    }
}
