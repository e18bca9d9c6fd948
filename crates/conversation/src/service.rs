//! The spine's use cases: open, say, act, read, take over, hand back, close.
//!
//! Everything a customer or an agent sends is saved before anything else
//! happens and acknowledged with its place; the machine's turn follows in the
//! background, one at a time in each conversation. Several devices share one
//! conversation because all of them read the same list of events.

use crate::error::TurnError;
use crate::packs::BankPack;
use crate::ports::Ports;
use crate::projection;
use crate::state::{ConversationState, Status};
use crate::turn::Turn;
use lru::LruCache;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use teller_flows::Stage;
use teller_identity::code::{CodeCheck, check_sent, check_token};
use teller_identity::staff::bearer;
use teller_kernel::assurance::Factor;
use teller_kernel::event::{CustomerAction, Ownership};
use teller_kernel::id::{ChallengeId, HandoffId};
use teller_kernel::limits::{
    CLIENT_ID_MAX_BYTES, EVENTS_PAGE_MAX, MESSAGE_MAX_CHARS, OTP_RESEND_MS, OTP_TRIES_MAX, PENDING_TURNS_MAX,
};
use teller_kernel::{
    Actor, Code, ConversationId, CustomerId, Event, EventBody, Level, Locale, NewEvent, Problem, StaffId,
};
use teller_store::{Append, ClientMessage, Db, Expected, StoreError, WriteSet, content_hash, token_hash};

/// Folded conversations kept at hand.
const STATES_MAX: usize = 20_000;
/// Attempts of a turn that others keep moving from under.
const TURN_ATTEMPTS_MAX: usize = 8;

#[derive(Clone)]
pub struct Conversations {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) ports: Arc<Ports>,
    states: Mutex<LruCache<ConversationId, Arc<ConversationState>>>,
    locks: Mutex<HashMap<ConversationId, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Debug, Clone)]
pub struct OpenRequest {
    pub channel: String,
    pub ownership: Ownership,
    pub locale: Locale,
    /// Whom the bank's app vouched for, and how surely.
    pub customer: Option<(CustomerId, Level)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub conversation: ConversationId,
    /// Bearer secret of this device; kept nowhere.
    pub token: String,
    pub last_seq: u64,
}

/// A message or action that is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    pub seq: u64,
    /// It was saved before, under the same client id.
    pub duplicate: bool,
}

/// Folds a conversation from the store.
pub(crate) async fn load_state(store: &Db, id: &ConversationId) -> Result<ConversationState, StoreError> {
    catch_up(store, ConversationState::new(id.clone())).await
}

async fn catch_up(store: &Db, mut state: ConversationState) -> Result<ConversationState, StoreError> {
    let mut pages = store.event_pages(&state.id.clone(), state.seq);
    while let Some(events) = pages.next().await? {
        state.apply_all(&events);
    }
    Ok(state)
}

impl Conversations {
    pub fn new(ports: Arc<Ports>) -> Self {
        let states = NonZeroUsize::new(STATES_MAX).expect("a positive bound");
        let inner = Inner { ports, states: Mutex::new(LruCache::new(states)), locks: Mutex::new(HashMap::new()) };
        Self { inner: Arc::new(inner) }
    }

    pub fn ports(&self) -> &Arc<Ports> {
        &self.inner.ports
    }

    pub async fn open(&self, request: OpenRequest) -> Result<Opened, Problem> {
        let ports = self.ports();
        let id = ConversationId::fresh(&*ports.clock, &*ports.rng);
        let token = bearer(&*ports.rng);
        let (customer, level) = match request.customer {
            Some((customer, level)) => (Some(customer), level),
            None => (None, Level::L0),
        };
        let opened = NewEvent::new(
            Actor::Customer { id: customer.clone() },
            EventBody::Opened {
                channel: request.channel,
                ownership: request.ownership,
                locale: request.locale,
                customer,
                level,
                pack: ports.packs.active().version().clone(),
            },
        );
        let mut state = ConversationState::new(id.clone());
        state.fold(1, ports.clock.now_ms(), &opened.actor, &opened.body);
        let mut set = WriteSet::new();
        set.conversation(projection::head(&state));
        set.conversation_token(token_hash(&token), &id);
        set.append(Append { conversation: id.clone(), expected: Expected::Seq(0), events: vec![opened], client: None });
        ports.store.commit(set).await.map_err(problem)?;
        self.keep(state);
        Ok(Opened { conversation: id, token, last_seq: 1 })
    }

    /// A bearer secret for another device of the same customer.
    pub async fn fresh_token(&self, id: &ConversationId) -> Result<String, Problem> {
        self.state(id).await?;
        let token = bearer(&*self.ports().rng);
        let mut set = WriteSet::new();
        set.conversation_token(token_hash(&token), id);
        self.ports().store.commit(set).await.map_err(problem)?;
        Ok(token)
    }

    /// Does the token open this conversation? A wrong one learns nothing, not
    /// even whether the conversation exists.
    pub async fn authorise(&self, token: &str, id: &ConversationId) -> Result<(), Problem> {
        let found = self.ports().store.conversation_by_token(&token_hash(token)).await.map_err(problem)?;
        match found {
            Some((conversation, _)) if &conversation == id => Ok(()),
            Some(_) => Err(Code::ConversationNotFound.into()),
            None => Err(Code::Unauthenticated.into()),
        }
    }

    pub async fn state(&self, id: &ConversationId) -> Result<Arc<ConversationState>, Problem> {
        let state = self.load(id).await.map_err(problem)?;
        if state.seq == 0 { Err(Code::ConversationNotFound.into()) } else { Ok(state) }
    }

    pub async fn events(&self, id: &ConversationId, after: u64, limit: u32) -> Result<Vec<Event>, Problem> {
        let state = self.state(id).await?;
        if after > state.seq {
            return Err(Code::CursorAhead.into());
        }
        self.ports().store.events(id, after, limit.clamp(1, EVENTS_PAGE_MAX)).await.map_err(problem)
    }

    /// A message of the customer. It is saved when this returns; the machine's
    /// turn follows.
    pub async fn say(&self, id: &ConversationId, client_id: &str, text: &str) -> Result<Accepted, Problem> {
        check_text(text)?;
        check_client_id(client_id)?;
        let state = self.state(id).await?;
        self.check_open(&state)?;
        let body = EventBody::MessageReceived { client_id: client_id.to_owned(), text: text.to_owned() };
        let client = ClientMessage { client_id: client_id.to_owned(), body_hash: content_hash(text.as_bytes()) };
        let actor = Actor::Customer { id: state.customer.clone() };
        let accepted = self.append_once(id, vec![NewEvent::new(actor, body)], client, Expected::Any).await?;
        self.turns_in_background(id);
        Ok(accepted)
    }

    /// Something tapped. It must fit what the conversation waits for now.
    pub async fn act(
        &self,
        id: &ConversationId,
        client_id: &str,
        action: CustomerAction,
        code: Option<&str>,
    ) -> Result<Accepted, Problem> {
        check_client_id(client_id)?;
        let hash = content_hash(&serde_json::to_vec(&action).map_err(|_| Code::BadRequest)?);
        let client = ClientMessage { client_id: client_id.to_owned(), body_hash: hash };
        for _ in 0..TURN_ATTEMPTS_MAX {
            self.finish_turns(id).await?;
            let lock = self.lock(id);
            let _held = lock.lock().await;
            let state = self.state(id).await?;
            if let Some(seq) = self.seen(id, client_id).await? {
                return Ok(Accepted { seq, duplicate: true });
            }
            self.check_open(&state)?;
            let mut bodies =
                vec![EventBody::ActionReceived { client_id: client_id.to_owned(), action: action.clone() }];
            bodies.extend(self.fits(&state, &action, code)?);
            let actor = Actor::Customer { id: state.customer.clone() };
            let events = bodies.into_iter().map(|body| NewEvent::new(actor.clone(), body)).collect();
            match self.append_once(id, events, client.clone(), Expected::Seq(state.seq)).await {
                Err(problem) if problem.code == Code::Overloaded && self.moved(id, state.seq).await? => {}
                other => {
                    if other.is_ok() {
                        self.turns_in_background(id);
                    }
                    return other;
                }
            }
        }
        Err(Code::Overloaded.into())
    }

    async fn moved(&self, id: &ConversationId, seq: u64) -> Result<bool, Problem> {
        Ok(self.ports().store.last_seq(id).await.map_err(problem)? != seq)
    }

    async fn seen(&self, id: &ConversationId, client_id: &str) -> Result<Option<u64>, Problem> {
        self.ports().store.client_message_seq(id, client_id).await.map_err(problem)
    }

    fn check_open(&self, state: &ConversationState) -> Result<(), Problem> {
        if state.status == Status::Closed {
            return Err(Code::ConversationClosed.into());
        }
        if state.waiting.len() >= PENDING_TURNS_MAX {
            return Err(Code::TooManyPending.into());
        }
        Ok(())
    }

    /// Does the action fit the moment? A code is checked here and forgotten;
    /// only the outcome becomes an event.
    fn fits(
        &self,
        state: &ConversationState,
        action: &CustomerAction,
        code: Option<&str>,
    ) -> Result<Vec<EventBody>, Problem> {
        let stale = || Problem::new(Code::ActionStale);
        let now_ms = self.ports().clock.now_ms();
        match action {
            CustomerAction::AskHuman | CustomerAction::SetLocale { .. } => Ok(Vec::new()),
            _ if matches!(state.status, Status::Agent { .. }) => Err(stale()),
            CustomerAction::Choose { slot, id } if slot == crate::act::INTENT_CHOICE => {
                if state.clarifying.contains(id) { Ok(Vec::new()) } else { Err(stale()) }
            }
            CustomerAction::Choose { slot, .. } => {
                let asking = state
                    .active()
                    .is_some_and(|run| matches!(&run.stage, Stage::Asking { slot: asked } if asked == slot));
                if asking { Ok(Vec::new()) } else { Err(stale()) }
            }
            CustomerAction::Confirm { confirmation } | CustomerAction::Refuse { confirmation } => {
                let fits = state.active().is_some_and(
                    |run| matches!(&run.stage, Stage::Confirming { confirmation: shown, .. } if shown == confirmation),
                );
                if fits { Ok(Vec::new()) } else { Err(stale()) }
            }
            CustomerAction::ResendOtp { challenge } => {
                let (_, held) = challenge_of(state, challenge).ok_or_else(stale)?;
                if now_ms - held.issued_at_ms < OTP_RESEND_MS { Err(Code::OtpTooSoon.into()) } else { Ok(Vec::new()) }
            }
            CustomerAction::SubmitOtp { challenge } => {
                let (run, held) = challenge_of(state, challenge).ok_or(Code::OtpVoid)?;
                if held.void || now_ms >= held.expires_at_ms {
                    return Err(Code::OtpVoid.into());
                }
                let code = code.filter(|code| !code.is_empty()).ok_or_else(|| Problem::with(Code::BadField, "code"))?;
                let secrets = &self.ports().secrets;
                let check = match held.factor {
                    Factor::Sms => check_sent(secrets, code, &held.id, &held.digest, &held.proof),
                    Factor::Token => match &state.customer {
                        Some(customer) => check_token(secrets, customer, code, now_ms),
                        None => CodeCheck::Wrong,
                    },
                };
                let (run, challenge) = (run.clone(), challenge.clone());
                Ok(vec![match check {
                    CodeCheck::Right => EventBody::OtpPassed { run, challenge },
                    CodeCheck::Wrong => EventBody::OtpFailed { run, challenge, void: held.tries + 1 >= OTP_TRIES_MAX },
                }])
            }
        }
    }

    async fn append_once(
        &self,
        id: &ConversationId,
        events: Vec<NewEvent>,
        client: ClientMessage,
        expected: Expected,
    ) -> Result<Accepted, Problem> {
        let mut set = WriteSet::new();
        projection::audited(&mut set, id, &events);
        set.append(Append { conversation: id.clone(), expected, events, client: Some(client) });
        match self.ports().store.commit(set).await {
            Ok(applied) => {
                let seq = applied.appended.first().map_or(0, |appended| appended.first_seq);
                Ok(Accepted { seq, duplicate: false })
            }
            Err(StoreError::Duplicate { seq, .. }) => Ok(Accepted { seq, duplicate: true }),
            Err(error) => Err(problem(error)),
        }
    }

    fn turns_in_background(&self, id: &ConversationId) {
        let (this, id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            if let Err(error) = this.run_turns(&id).await {
                // What is saved waits; the next message or start runs it again.
                tracing::error!(conversation = %id, %error, "a turn could not be finished");
            }
        });
    }

    /// Waits until no message waits for its turn.
    pub async fn finish_turns(&self, id: &ConversationId) -> Result<(), Problem> {
        self.run_turns(id).await.map_err(Problem::from)
    }

    pub(crate) async fn run_turns(&self, id: &ConversationId) -> Result<(), TurnError> {
        let lock = self.lock(id);
        let _held = lock.lock().await;
        let mut attempts = 0;
        loop {
            let state = self.load(id).await?;
            let Some(inbound) = state.waiting.front().copied() else { return Ok(()) };
            match self.one_turn(&state, inbound).await {
                Ok(state) => {
                    self.keep(state);
                    attempts = 0;
                }
                Err(TurnError::Moved) if attempts < TURN_ATTEMPTS_MAX => attempts += 1,
                Err(error @ (TurnError::Store(_) | TurnError::Died(_))) => return Err(error),
                Err(error) => {
                    tracing::error!(conversation = %id, %error, "a turn failed; a human is brought");
                    self.keep(self.apologise(id, inbound, &error).await?);
                }
            }
        }
    }

    async fn one_turn(&self, state: &ConversationState, inbound: u64) -> Result<ConversationState, TurnError> {
        let bank = self.ports().packs.active();
        let mut turn = Turn::new(self.ports(), bank, state.clone(), Actor::Machine);
        if state.interrupted {
            turn.take_up_again().await?;
        } else {
            let event = self.inbound(&state.id, inbound).await?;
            turn.take(&event).await?;
        }
        turn.finish(inbound).await?;
        Ok(turn.into_state())
    }

    async fn inbound(&self, id: &ConversationId, seq: u64) -> Result<EventBody, TurnError> {
        let events = self.ports().store.events(id, seq - 1, 1).await?;
        let found = events.into_iter().next().map(|event| event.body);
        found.ok_or_else(|| Problem::new(Code::NotFound).into())
    }

    /// A turn broke (a template, a pack that is gone): the customer is told so
    /// and a human comes. Nothing is left waiting without a word.
    async fn apologise(
        &self,
        id: &ConversationId,
        inbound: u64,
        error: &TurnError,
    ) -> Result<ConversationState, TurnError> {
        let state = load_state(&self.ports().store, id).await?;
        let mut turn = Turn::new(self.ports(), self.ports().packs.active(), state, Actor::Machine);
        turn.because("fault", error.to_string());
        turn.say(crate::house::ERROR_DEFAULT, serde_json::json!({}))?;
        turn.hand_off(teller_pack::manifest::GENERAL_SKILL, "fault", None).await?;
        turn.finish(inbound).await?;
        Ok(turn.into_state())
    }

    pub(crate) async fn load(&self, id: &ConversationId) -> Result<Arc<ConversationState>, StoreError> {
        let cached = self.inner.states.lock().get(id).cloned();
        let store = &self.ports().store;
        let state = match cached {
            Some(state) => {
                if store.last_seq(id).await? == state.seq {
                    return Ok(state);
                }
                catch_up(store, (*state).clone()).await?
            }
            None => load_state(store, id).await?,
        };
        Ok(if state.seq == 0 { Arc::new(state) } else { self.keep(state) })
    }

    pub(crate) fn keep(&self, state: ConversationState) -> Arc<ConversationState> {
        let state = Arc::new(state);
        self.inner.states.lock().put(state.id.clone(), state.clone());
        state
    }

    /// One writer of turns in each conversation on this node. Correctness does
    /// not rest on it (appends are checked against the place they expect); it
    /// keeps two turns from doing the same work.
    pub(crate) fn lock(&self, id: &ConversationId) -> Arc<tokio::sync::Mutex<()>> {
        /// Locks kept before unused ones are dropped.
        const LOCKS_MAX: usize = 4_096;
        let mut locks = self.inner.locks.lock();
        if locks.len() >= LOCKS_MAX {
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        locks.entry(id.clone()).or_default().clone()
    }

    /// An agent takes a hand-off out of the queue.
    pub async fn join(&self, handoff: &HandoffId, staff: &StaffId, name: &str) -> Result<ConversationId, Problem> {
        let row = self.ports().store.handoff(handoff).await.map_err(problem)?.ok_or(Code::NotFound)?;
        let id = row.conversation;
        self.as_staff(&id, staff, |turn| {
            if !matches!(&turn.state.status, Status::Queued { handoff: waiting, .. } if waiting == handoff) {
                return Err(Problem::new(Code::AlreadyTaken).into());
            }
            turn.emit(EventBody::AgentJoined { handoff: handoff.clone(), staff: staff.clone(), name: name.to_owned() });
            turn.say(crate::house::HANDOFF_JOINED, serde_json::json!({"agent": name}))
        })
        .await?;
        Ok(id)
    }

    pub async fn agent_reply(
        &self,
        id: &ConversationId,
        staff: &StaffId,
        client_id: &str,
        text: &str,
    ) -> Result<Accepted, Problem> {
        check_text(text)?;
        check_client_id(client_id)?;
        let state = self.state(id).await?;
        check_held(&state, staff)?;
        let body = EventBody::AgentReplied { client_id: client_id.to_owned(), text: text.to_owned() };
        let client =
            ClientMessage { client_id: format!("staff:{client_id}"), body_hash: content_hash(text.as_bytes()) };
        let actor = Actor::Staff { id: staff.clone() };
        self.append_once(id, vec![NewEvent::new(actor, body)], client, Expected::Any).await
    }

    /// Back to the machine, with what was agreed.
    pub async fn hand_back(&self, id: &ConversationId, staff: &StaffId, note: &str) -> Result<(), Problem> {
        check_text(note)?;
        self.as_staff(id, staff, |turn| {
            check_held(&turn.state, staff)?;
            turn.emit(EventBody::HandedBack { note: note.to_owned() });
            turn.say(crate::house::HANDOFF_BACK, serde_json::json!({"note": note}))
        })
        .await
    }

    pub async fn close(&self, id: &ConversationId, actor: Actor, reason: &str) -> Result<(), Problem> {
        let staff = match &actor {
            Actor::Staff { id } => Some(id.clone()),
            _ => None,
        };
        self.as_actor(id, actor, |turn| {
            match (&turn.state.status, &staff) {
                (Status::Closed, _) => return Err(Problem::new(Code::ConversationClosed).into()),
                (_, Some(staff)) => check_held(&turn.state, staff)?,
                (_, None) => {}
            }
            turn.emit(EventBody::Closed { reason: reason.to_owned() });
            Ok(())
        })
        .await
    }

    async fn as_staff(
        &self,
        id: &ConversationId,
        staff: &StaffId,
        work: impl Fn(&mut Turn<'_>) -> Result<(), TurnError>,
    ) -> Result<(), Problem> {
        self.as_actor(id, Actor::Staff { id: staff.clone() }, work).await
    }

    /// Appends what `work` emits, on the state as it stands; runs it again when
    /// somebody else was quicker.
    pub(crate) async fn as_actor(
        &self,
        id: &ConversationId,
        actor: Actor,
        work: impl Fn(&mut Turn<'_>) -> Result<(), TurnError>,
    ) -> Result<(), Problem> {
        let lock = self.lock(id);
        let _held = lock.lock().await;
        for _ in 0..TURN_ATTEMPTS_MAX {
            let state = self.state(id).await?;
            let mut turn = Turn::new(self.ports(), self.ports().packs.active(), (*state).clone(), actor.clone());
            work(&mut turn)?;
            match turn.flush().await {
                Ok(()) => {
                    self.keep(turn.into_state());
                    return Ok(());
                }
                Err(TurnError::Moved) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Code::Overloaded.into())
    }

    /// The pack in service.
    pub fn bank(&self) -> Arc<BankPack> {
        self.ports().packs.active()
    }
}

fn challenge_of<'a>(
    state: &'a ConversationState,
    wanted: &ChallengeId,
) -> Option<(&'a teller_kernel::FlowRunId, &'a teller_flows::run::Challenge)> {
    let run = state.active()?;
    match &run.stage {
        Stage::Challenged { challenge, .. } if &challenge.id == wanted => Some((&run.id, challenge)),
        _ => None,
    }
}

fn check_held(state: &ConversationState, staff: &StaffId) -> Result<(), Problem> {
    match &state.status {
        Status::Agent { staff: holder, .. } if holder == staff => Ok(()),
        Status::Closed => Err(Code::ConversationClosed.into()),
        _ => Err(Code::NotYourConversation.into()),
    }
}

pub(crate) fn problem(error: StoreError) -> Problem {
    Problem::from(error)
}

/// Text that a person can have meant: not empty, not endless, no control
/// characters beyond line breaks and tabs.
fn check_text(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Code::MessageEmpty.into());
    }
    if text.chars().count() > MESSAGE_MAX_CHARS {
        return Err(Code::MessageTooLong.into());
    }
    if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t' | '\r')) {
        return Err(Code::MessageNotText.into());
    }
    Ok(())
}

fn check_client_id(client_id: &str) -> Result<(), Problem> {
    let fine = !client_id.is_empty()
        && client_id.len() <= CLIENT_ID_MAX_BYTES
        && client_id.bytes().all(|byte| byte.is_ascii_graphic());
    if fine { Ok(()) } else { Err(Problem::with(Code::BadField, "client_id")) }
}
