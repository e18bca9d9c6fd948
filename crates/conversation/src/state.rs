//! Where a conversation stands: the fold of its events.
//!
//! Invariants: the state changes only by `apply`, one event after another; the
//! same events give the same state on every node; it holds what decisions need
//! and no more (the transcript stays in the store).

use crate::care::{MOODS_MAX, remembered};
use std::collections::{BTreeMap, VecDeque};
use teller_flows::FlowRun;
use teller_kernel::event::{CommitKind, CommitStatus, Flag, FlowOutcome, Ownership};
use teller_kernel::id::HandoffId;
use teller_kernel::part::{Part, QuickReply};
use teller_kernel::trace::TurnTrace;
use teller_kernel::{
    Actor, ConversationId, CustomerId, Event, EventBody, FlowRunId, IdempotencyKey, Level, Locale, PackVersion, StaffId,
};
use teller_understand::emotion::Emotion;

/// Things remembered for the hand-off packet.
const HISTORY_MAX: usize = 16;

#[derive(Debug, Clone, PartialEq)]
pub struct ConversationState {
    pub id: ConversationId,
    /// The last event folded in.
    pub seq: u64,
    pub opened_at_ms: i64,
    pub channel: String,
    pub ownership: Ownership,
    pub locale: Locale,
    pub customer: Option<CustomerId>,
    pub level: Level,
    /// The pack that was active when the conversation opened.
    pub pack: PackVersion,
    pub status: Status,
    /// Running flows; the last one is active, those below it wait.
    pub stack: Vec<FlowRun>,
    /// Further wishes of a message, oldest first.
    pub wishes: VecDeque<Wish>,
    /// Inbound events that wait for their turn, oldest first.
    pub waiting: VecDeque<u64>,
    /// The turn of the oldest waiting event has already left a trace: it was
    /// interrupted and must be finished, not begun anew.
    pub interrupted: bool,
    pub misunderstood: u8,
    /// Intents between which the customer was asked to choose.
    pub clarifying: Vec<String>,
    pub last_reply: Option<LastReply>,
    /// Effects whose outcome is not definite, by key.
    pub open_commits: BTreeMap<IdempotencyKey, OpenCommit>,
    /// What was tried and what failed, for the human who comes.
    pub tried: Vec<String>,
    pub failed: Vec<String>,
    /// Last inbound texts with their place, newest last, for the packet.
    pub said: VecDeque<(u64, String)>,
    pub last_intent: Option<String>,
    /// The article answered last, so that a follow-up has something to follow.
    pub last_article: Option<String>,
    /// Messages heard so far.
    pub heard: u32,
    /// How the customer felt, by the traces of the last turns, newest last.
    pub moods: VecDeque<Emotion>,
    /// The comfort said last, and how many messages had been heard by then.
    pub comforted: Option<(String, u32)>,
    /// A person was offered for the customer's mood.
    pub human_offered: bool,
    /// Messages refused as attacks, and messages that held abuse.
    pub attacks: u32,
    pub abuses: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    Machine,
    Queued { handoff: HandoffId, skill: String, since_ms: i64 },
    Agent { handoff: HandoffId, staff: StaffId, name: String },
    Closed,
}

impl Status {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Queued { .. } => "queued",
            Self::Agent { .. } => "agent",
            Self::Closed => "closed",
        }
    }

    /// The hand-off that waits or is held.
    pub fn handoff(&self) -> Option<&HandoffId> {
        match self {
            Self::Queued { handoff, .. } | Self::Agent { handoff, .. } => Some(handoff),
            Self::Machine | Self::Closed => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    pub intent: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LastReply {
    pub reply_ids: Vec<String>,
    pub parts: Vec<Part>,
    pub quick_replies: Vec<QuickReply>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OpenCommit {
    pub run: Option<FlowRunId>,
    pub kind: CommitKind,
    pub operation: String,
    pub status: CommitStatus,
}

impl ConversationState {
    /// The state before any event: nothing but its name.
    pub fn new(id: ConversationId) -> Self {
        Self {
            id,
            seq: 0,
            opened_at_ms: 0,
            channel: String::new(),
            ownership: Ownership::ThirdParty,
            locale: Locale::Zh,
            customer: None,
            level: Level::L0,
            pack: PackVersion::parse("pk_0").expect("a well-formed id"),
            status: Status::Machine,
            stack: Vec::new(),
            wishes: VecDeque::new(),
            waiting: VecDeque::new(),
            interrupted: false,
            misunderstood: 0,
            clarifying: Vec::new(),
            last_reply: None,
            open_commits: BTreeMap::new(),
            tried: Vec::new(),
            failed: Vec::new(),
            said: VecDeque::new(),
            last_intent: None,
            last_article: None,
            heard: 0,
            moods: VecDeque::new(),
            comforted: None,
            human_offered: false,
            attacks: 0,
            abuses: 0,
        }
    }

    pub fn active(&self) -> Option<&FlowRun> {
        self.stack.last()
    }

    pub fn run(&self, id: &FlowRunId) -> Option<&FlowRun> {
        self.stack.iter().find(|run| &run.id == id)
    }

    pub fn apply_all<'a>(&mut self, events: impl IntoIterator<Item = &'a Event>) {
        for event in events {
            self.apply(event);
        }
    }

    pub fn apply(&mut self, event: &Event) {
        self.fold(event.seq, event.at_ms, &event.actor, &event.body);
    }

    /// Folds one event in. `seq` of an event that is not stored yet is the next one.
    pub fn fold(&mut self, seq: u64, at_ms: i64, actor: &Actor, body: &EventBody) {
        self.seq = seq;
        if body.wants_turn() && !matches!(self.status, Status::Agent { .. } | Status::Closed) {
            self.waiting.push_back(seq);
        } else if *actor == Actor::Machine && !self.waiting.is_empty() {
            self.interrupted = true;
        }
        match body {
            EventBody::Opened { channel, ownership, locale, customer, level, pack } => {
                self.pack.clone_from(pack);
                self.opened_at_ms = at_ms;
                self.channel.clone_from(channel);
                self.ownership = *ownership;
                self.locale = *locale;
                self.customer.clone_from(customer);
                self.level = *level;
            }
            EventBody::Identified { customer, level } => {
                self.customer = Some(customer.clone());
                self.level = *level;
            }
            EventBody::LocaleSet { locale } => self.locale = *locale,
            EventBody::MessageReceived { text, .. } => {
                self.heard = self.heard.saturating_add(1);
                push_bounded(&mut self.said, (seq, text.clone()));
            }
            EventBody::TurnCompleted { inbound_seq, trace } => {
                self.waiting.retain(|waiting| waiting != inbound_seq);
                self.interrupted = false;
                self.felt(trace);
            }
            EventBody::Flagged { flag: Flag::Attack, .. } => self.attacks = self.attacks.saturating_add(1),
            EventBody::Flagged { flag: Flag::Abuse, .. } => self.abuses = self.abuses.saturating_add(1),
            EventBody::Replied { reply_ids, parts, quick_replies } => self.replied(reply_ids, parts, quick_replies),
            EventBody::ClarificationAsked { intents } => self.clarifying.clone_from(intents),
            EventBody::NotUnderstood => {
                self.misunderstood = self.misunderstood.saturating_add(1);
                self.clarifying.clear();
            }
            EventBody::WishQueued { intent, text } => {
                self.wishes.push_back(Wish { intent: intent.clone(), text: text.clone() });
            }
            EventBody::WishTaken { .. } => {
                self.wishes.pop_front();
            }
            EventBody::FlowStarted { run, flow, pack, intent, seed } => self.start(run, flow, pack, intent, seed),
            EventBody::FlowEnded { run, outcome } => self.end(run, *outcome),
            EventBody::FlowSuspended { .. } => {}
            EventBody::FlowResumed { run } => self.resume(run),
            EventBody::CommitRequested { run, key, kind, operation, .. } => {
                let open = OpenCommit {
                    run: run.clone(),
                    kind: *kind,
                    operation: operation.clone(),
                    status: CommitStatus::Unknown,
                };
                self.open_commits.insert(key.clone(), open);
                self.pass_to_run(run.as_ref(), at_ms, body);
            }
            EventBody::CommitResolved { run, key, status, .. } => {
                match status {
                    CommitStatus::Unknown | CommitStatus::Queued | CommitStatus::Held => {
                        if let Some(open) = self.open_commits.get_mut(key) {
                            open.status = *status;
                        }
                    }
                    _ => {
                        self.open_commits.remove(key);
                    }
                }
                self.pass_to_run(run.as_ref(), at_ms, body);
            }
            EventBody::HandoffRequested { handoff, skill, .. } => {
                self.status = Status::Queued { handoff: handoff.clone(), skill: skill.clone(), since_ms: at_ms };
                self.misunderstood = 0;
            }
            EventBody::HandoffWithdrawn { .. } | EventBody::HandedBack { .. } => self.status = Status::Machine,
            EventBody::AgentJoined { handoff, staff, name } => {
                self.status = Status::Agent { handoff: handoff.clone(), staff: staff.clone(), name: name.clone() };
                // What still waited for the machine is the agent's now.
                self.waiting.clear();
                self.interrupted = false;
            }
            EventBody::Closed { .. } => {
                self.status = Status::Closed;
                self.waiting.clear();
                self.stack.clear();
                self.wishes.clear();
            }
            other => self.pass_to_run(run_of(other), at_ms, other),
        }
    }

    fn felt(&mut self, trace: &TurnTrace) {
        let Some(mood) = &trace.mood else { return };
        if self.moods.len() == MOODS_MAX {
            self.moods.pop_front();
        }
        self.moods.push_back(remembered(mood));
        self.human_offered |= mood.offered;
        if let Some(comfort) = &mood.comfort {
            self.comforted = Some((comfort.clone(), self.heard));
        }
    }

    fn replied(&mut self, reply_ids: &[String], parts: &[Part], quick_replies: &[QuickReply]) {
        for part in parts {
            if let Part::Answer { citations, .. } = part {
                self.last_article = citations.first().map(|citation| citation.article.clone());
                for citation in citations {
                    remember(&mut self.tried, format!("article:{}", citation.article));
                }
            }
        }
        self.last_reply = Some(LastReply {
            reply_ids: reply_ids.to_vec(),
            parts: parts.to_vec(),
            quick_replies: quick_replies.to_vec(),
        });
    }

    fn start(&mut self, run: &FlowRunId, flow: &str, pack: &PackVersion, intent: &str, seed: &str) {
        self.misunderstood = 0;
        self.clarifying.clear();
        self.last_intent = Some(intent.to_owned());
        remember(&mut self.tried, format!("flow:{flow}"));
        self.stack.push(FlowRun::start(run.clone(), flow.to_owned(), pack.clone(), intent.to_owned(), seed.to_owned()));
    }

    fn end(&mut self, run: &FlowRunId, outcome: FlowOutcome) {
        if let Some(at) = self.stack.iter().position(|open| &open.id == run) {
            let ended = self.stack.remove(at);
            if matches!(outcome, FlowOutcome::Refused | FlowOutcome::Failed | FlowOutcome::Unresolved) {
                let step = ended.step().unwrap_or_default();
                remember(&mut self.failed, format!("{}/{step}", ended.flow));
            }
        }
    }

    fn resume(&mut self, run: &FlowRunId) {
        if let Some(at) = self.stack.iter().position(|open| &open.id == run) {
            let resumed = self.stack.remove(at);
            self.stack.push(resumed);
        }
    }

    fn pass_to_run(&mut self, run: Option<&FlowRunId>, at_ms: i64, body: &EventBody) {
        if let Some(run) = run.and_then(|id| self.stack.iter_mut().find(|open| &open.id == id)) {
            run.apply(at_ms, body);
            self.misunderstood = 0;
        }
    }
}

/// The run an event belongs to, for those that only concern a run.
fn run_of(body: &EventBody) -> Option<&FlowRunId> {
    match body {
        EventBody::SlotAsked { run, .. }
        | EventBody::SlotFilled { run, .. }
        | EventBody::SlotSkipped { run, .. }
        | EventBody::SlotCleared { run, .. }
        | EventBody::SlotRefused { run, .. }
        | EventBody::VariableSet { run, .. }
        | EventBody::StepEntered { run, .. }
        | EventBody::ConfirmationAsked { run, .. }
        | EventBody::ConfirmationAnswered { run, .. }
        | EventBody::OtpIssued { run, .. }
        | EventBody::OtpFailed { run, .. }
        | EventBody::OtpPassed { run, .. } => Some(run),
        _ => None,
    }
}

fn push_bounded(list: &mut VecDeque<(u64, String)>, item: (u64, String)) {
    if list.len() == HISTORY_MAX {
        list.pop_front();
    }
    list.push_back(item);
}

fn remember(list: &mut Vec<String>, what: String) {
    if !list.contains(&what) {
        if list.len() == HISTORY_MAX {
            list.remove(0);
        }
        list.push(what);
    }
}
