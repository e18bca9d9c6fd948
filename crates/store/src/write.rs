//! What one caller wants saved, all of it or nothing: the write set.
//!
//! A write set is data. Rooms fill it through the methods that each repository
//! adds (`append`, `conversation`, `commit_opened`, `audit`, …) and hand it to
//! `Db::commit`. Operations are applied in the order they were added, in one
//! savepoint: the first refusal undoes the whole set and is the answer.

use crate::audit::AuditEntry;
use crate::commits::{CommitState, NewCommit};
use crate::conversations::ConversationHead;
use crate::error::StoreError;
use crate::handoffs::NewHandoff;
use crate::limits::{APPEND_EVENTS_MAX, EVENT_PAYLOAD_MAX_BYTES, SET_OPS_MAX};
use crate::packs::ArticleVersion;
use crate::releases::NewRelease;
use crate::staff::{NewStaff, StaffSession};
use crate::subject::Subject;
use crate::tx::Tx;
use crate::{
    api_keys, append, blobs, commits, conversations, handoffs, handovers, outbox, packs, phone, releases, staff,
    subject, sweep, tokens,
};
use std::sync::Arc;
use teller_kernel::id::{HandoffId, ReleaseId};
use teller_kernel::{Actor, ConversationId, CustomerId, IdempotencyKey, NewEvent, PackVersion, StaffId};

/// Where an append expects the conversation to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The last event is this one (0: there is none yet). Anything else is a
    /// `Conflict`: what was decided rests on another state.
    Seq(u64),
    /// Wherever it stands: for what a customer or an agent says, which is true
    /// in any state.
    Any,
}

/// The id a client gave its message, so that sending it twice saves it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientMessage {
    pub client_id: String,
    /// SHA-256 of the content (`content_hash`).
    pub body_hash: [u8; 32],
}

/// Events to add to one conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Append {
    pub conversation: ConversationId,
    pub expected: Expected,
    pub events: Vec<NewEvent>,
    /// Registered to the first of the events.
    pub client: Option<ClientMessage>,
}

/// A place in the store that an applied set gave its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    pub conversation: ConversationId,
    pub first_seq: u64,
    pub last_seq: u64,
}

/// What became of a write set: it is saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// The time given to its events and rows.
    pub at_ms: i64,
    /// One for each `append`, in order.
    pub appended: Vec<Appended>,
    /// One for each `blob`, in order.
    pub blobs: Vec<String>,
}

/// Told to listeners after a commit. Carries no content: read the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub conversation: ConversationId,
    pub last_seq: u64,
    pub kinds: Vec<&'static str>,
}

/// An append with its payloads in stored form, made on the caller's task.
pub(crate) struct Prepared {
    pub(crate) append: Append,
    pub(crate) payloads: Vec<Vec<u8>>,
}

/// One operation, as data; each belongs to the repository that adds it.
pub(crate) enum Op {
    Append(Append),
    Prepared(Prepared),
    Conversation(ConversationHead),
    Answered { conversation: ConversationId, seq: u64 },
    Token { hash: [u8; 32], conversation: ConversationId },
    Advance { consumer: String, position: i64 },
    Audit(AuditEntry),
    Erase { subject: Subject, by: Actor, reason: String },
    CommitOpened(NewCommit),
    CommitState { key: IdempotencyKey, state: CommitState, order_id: Option<String> },
    Handoff(Box<NewHandoff>),
    AcceptHandoff { id: HandoffId, staff: StaffId },
    RequeueHandoff { id: HandoffId, staff: StaffId },
    EndHandoff { id: HandoffId },
    Release(NewRelease),
    ProposeRelease { id: ReleaseId, staff: StaffId },
    DecideRelease { id: ReleaseId, staff: StaffId, approved: bool, reason: String },
    Staff(NewStaff),
    SignInFailed { staff: StaffId, tries_max: u32, lock_ms: i64 },
    SignInPassed { staff: StaffId },
    StaffSession(StaffSession),
    TouchSession { hash: [u8; 32], expires_at_ms: i64 },
    EndSession { hash: [u8; 32] },
    EndSessionsOf { staff: StaffId },
    UseHandover { nonce: String, expires_at_ms: i64 },
    PhoneMessage { customer: CustomerId, text: String },
    Pack { version: PackVersion, id: String, bytes: Vec<u8> },
    ActivatePack { version: PackVersion, by: Actor, reason: String },
    Article(Box<ArticleVersion>),
    Blob { subject: Option<Subject>, bytes: Vec<u8> },
    ApiKey { id: String, name: String, hash: [u8; 32] },
    RevokeApiKey { id: String },
    Sweep,
}

/// A list of operations that are saved together.
#[derive(Default)]
pub struct WriteSet {
    pub(crate) ops: Vec<Op>,
}

impl WriteSet {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    pub(crate) fn push(&mut self, op: Op) -> &mut Self {
        self.ops.push(op);
        self
    }

    /// Adds events to a conversation (whose row must be there or come earlier
    /// in this set).
    pub fn append(&mut self, append: Append) -> &mut Self {
        self.push(Op::Append(append))
    }

    /// Checks the bounds and turns events into their stored form.
    pub(crate) fn prepare(&mut self) -> Result<(), StoreError> {
        if self.ops.len() > SET_OPS_MAX {
            return Err(StoreError::TooLarge { what: "write set", limit: SET_OPS_MAX });
        }
        for op in &mut self.ops {
            let Op::Append(append) = op else { continue };
            if append.events.len() > APPEND_EVENTS_MAX {
                return Err(StoreError::TooLarge { what: "append", limit: APPEND_EVENTS_MAX });
            }
            let payloads = append.events.iter().map(|event| payload(&event.body)).collect::<Result<_, _>>()?;
            *op = Op::Prepared(Prepared { append: append.clone(), payloads });
        }
        Ok(())
    }
}

fn payload(body: &teller_kernel::EventBody) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(body).map_err(|error| StoreError::Engine { why: error.to_string() })?;
    if json.len() > EVENT_PAYLOAD_MAX_BYTES {
        return Err(StoreError::TooLarge { what: "event", limit: EVENT_PAYLOAD_MAX_BYTES });
    }
    Ok(json)
}

/// Applies one operation inside the transaction.
pub(crate) async fn apply(tx: &mut Tx<'_>, op: &Op) -> Result<(), StoreError> {
    match op {
        // `prepare` left none; an empty list of payloads would lose content.
        Op::Append(_) => Err(StoreError::Engine { why: "the write set was not prepared".to_owned() }),
        Op::Prepared(prepared) => append::append(tx, prepared).await,
        Op::Conversation(head) => conversations::put(tx, head).await,
        Op::Answered { conversation, seq } => conversations::answered(tx, conversation, *seq).await,
        Op::Token { hash, conversation } => tokens::put(tx, hash, conversation).await,
        Op::Advance { consumer, position } => outbox::advance(tx, consumer, *position).await,
        Op::Audit(entry) => tx.audit(entry, None).await,
        Op::Erase { subject, by, reason } => subject::erase(tx, subject, by, reason).await,
        Op::CommitOpened(commit) => commits::open(tx, commit).await,
        Op::CommitState { key, state, order_id } => commits::set_state(tx, key, *state, order_id.as_deref()).await,
        Op::Handoff(handoff) => handoffs::put(tx, handoff).await,
        Op::AcceptHandoff { id, staff } => handoffs::accept(tx, id, staff).await,
        Op::RequeueHandoff { id, staff } => handoffs::requeue(tx, id, staff).await,
        Op::EndHandoff { id } => handoffs::end(tx, id).await,
        Op::Release(release) => releases::put(tx, release).await,
        Op::ProposeRelease { id, staff } => releases::propose(tx, id, staff).await,
        Op::DecideRelease { id, staff, approved, reason } => releases::decide(tx, id, staff, *approved, reason).await,
        Op::Staff(new) => staff::put(tx, new).await,
        Op::SignInFailed { staff, tries_max, lock_ms } => staff::failed(tx, staff, *tries_max, *lock_ms).await,
        Op::SignInPassed { staff } => staff::passed(tx, staff).await,
        Op::StaffSession(session) => staff::put_session(tx, session).await,
        Op::TouchSession { hash, expires_at_ms } => staff::touch_session(tx, hash, *expires_at_ms).await,
        Op::EndSession { hash } => staff::end_session(tx, hash).await,
        Op::EndSessionsOf { staff } => staff::end_sessions_of(tx, staff).await,
        Op::UseHandover { nonce, expires_at_ms } => handovers::take(tx, nonce, *expires_at_ms).await,
        Op::PhoneMessage { customer, text } => phone::put(tx, customer, text).await,
        Op::Pack { version, id, bytes } => packs::put(tx, version, id, bytes).await,
        Op::ActivatePack { version, by, reason } => packs::activate(tx, version, by, reason).await,
        Op::Article(article) => packs::put_article(tx, article).await,
        Op::Blob { subject, bytes } => blobs::put(tx, subject.as_ref(), bytes).await,
        Op::ApiKey { id, name, hash } => api_keys::put(tx, id, name, hash).await,
        Op::RevokeApiKey { id } => api_keys::revoke(tx, id).await,
        Op::Sweep => sweep::sweep(tx).await,
    }
}

pub(crate) type Notices = Vec<Arc<Notice>>;
