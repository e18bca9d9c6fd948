//! Hand-offs to a human: the queue, and taking from it.
//!
//! Invariants: a hand-off is held by at most one member of staff, the first who
//! takes it; one that is done stays done. The packet (what the human gets told)
//! is sealed; the rest holds ids and words.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::{Row, Val, vals};
use crate::subject::Subject;
use crate::tx::Tx;
use crate::vault::aad;
use crate::words::words;
use crate::write::{Op, WriteSet};
use teller_kernel::event::HandoffPacket;
use teller_kernel::id::HandoffId;
use teller_kernel::{ConversationId, CustomerId, StaffId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffState {
    Waiting,
    Held,
    Done,
}

words!(HandoffState { Waiting = "waiting", Held = "held", Done = "done" });

#[derive(Debug, Clone, PartialEq)]
pub struct NewHandoff {
    pub id: HandoffId,
    pub conversation: ConversationId,
    pub customer: Option<CustomerId>,
    pub skill: String,
    /// Larger is sooner.
    pub priority: i64,
    /// A word of the trade: `asked`, `not_understood`, `fraud`, …
    pub reason: String,
    pub packet: HandoffPacket,
}

/// A hand-off without its packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    pub id: HandoffId,
    pub conversation: ConversationId,
    pub skill: String,
    pub priority: i64,
    pub state: HandoffState,
    pub reason: String,
    pub since_ms: i64,
    pub staff: Option<StaffId>,
    pub accepted_at_ms: Option<i64>,
    pub ended_at_ms: Option<i64>,
}

impl WriteSet {
    /// Puts a hand-off in the queue.
    pub fn handoff(&mut self, handoff: NewHandoff) -> &mut Self {
        self.push(Op::Handoff(Box::new(handoff)))
    }

    /// Takes one out of the queue; `AlreadyTaken` when it is not waiting.
    pub fn accept_handoff(&mut self, id: &HandoffId, staff: &StaffId) -> &mut Self {
        self.push(Op::AcceptHandoff { id: id.clone(), staff: staff.clone() })
    }

    /// Puts one back, with its place in the queue; only who holds it may.
    pub fn requeue_handoff(&mut self, id: &HandoffId, staff: &StaffId) -> &mut Self {
        self.push(Op::RequeueHandoff { id: id.clone(), staff: staff.clone() })
    }

    /// Ends one, waiting or held; `Decided` when it is done already.
    pub fn end_handoff(&mut self, id: &HandoffId) -> &mut Self {
        self.push(Op::EndHandoff { id: id.clone() })
    }
}

fn place(id: &str) -> Vec<u8> {
    aad(&["handoff-packet", id])
}

pub(crate) async fn put(tx: &mut Tx<'_>, handoff: &NewHandoff) -> Result<(), StoreError> {
    let subject = Subject::of(handoff.customer.as_ref(), &handoff.conversation);
    let packet =
        serde_json::to_value(&handoff.packet).map_err(|error| StoreError::Engine { why: error.to_string() })?;
    let (key_id, packet) = tx.seal_json(subject.as_str(), &place(handoff.id.as_str()), &packet).await?;
    let added = tx
        .run(
            "INSERT INTO handoffs (id, conversation, skill, priority, state, reason, since_ms, key_id, packet)
             VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
            vals![
                handoff.id.as_str(),
                handoff.conversation.as_str(),
                &handoff.skill,
                handoff.priority,
                &handoff.reason,
                tx.now_ms,
                key_id,
                packet,
            ],
        )
        .await?;
    if added == 0 { Err(StoreError::Exists { what: "handoff" }) } else { Ok(()) }
}

pub(crate) async fn accept(tx: &mut Tx<'_>, id: &HandoffId, staff: &StaffId) -> Result<(), StoreError> {
    let changed = tx
        .run(
            "UPDATE handoffs SET state = 'held', staff = $2, accepted_at_ms = $3 WHERE id = $1 AND state = 'waiting'",
            vals![id.as_str(), staff.as_str(), tx.now_ms],
        )
        .await?;
    changed_or(tx, changed, id, StoreError::AlreadyTaken).await
}

pub(crate) async fn requeue(tx: &mut Tx<'_>, id: &HandoffId, staff: &StaffId) -> Result<(), StoreError> {
    let changed = tx
        .run(
            "UPDATE handoffs SET state = 'waiting', staff = NULL, accepted_at_ms = NULL
             WHERE id = $1 AND state = 'held' AND staff = $2",
            vals![id.as_str(), staff.as_str()],
        )
        .await?;
    changed_or(tx, changed, id, StoreError::AlreadyTaken).await
}

pub(crate) async fn end(tx: &mut Tx<'_>, id: &HandoffId) -> Result<(), StoreError> {
    let changed = tx
        .run(
            "UPDATE handoffs SET state = 'done', ended_at_ms = $2 WHERE id = $1 AND state <> 'done'",
            vals![id.as_str(), tx.now_ms],
        )
        .await?;
    changed_or(tx, changed, id, StoreError::Decided { what: "handoff" }).await
}

async fn changed_or(tx: &mut Tx<'_>, changed: u64, id: &HandoffId, otherwise: StoreError) -> Result<(), StoreError> {
    if changed > 0 {
        return Ok(());
    }
    match tx.one("SELECT 1 FROM handoffs WHERE id = $1", vals![id.as_str()]).await? {
        Some(_) => Err(otherwise),
        None => Err(StoreError::NotFound { what: "handoff" }),
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, conversation, skill, priority, state, reason, since_ms, staff, accepted_at_ms, ended_at_ms \
             FROM handoffs ",
            $rest
        )
    };
}

fn from_row(row: &Row) -> Result<Handoff, StoreError> {
    Ok(Handoff {
        id: row.parse(0)?,
        conversation: row.parse(1)?,
        skill: row.text(2)?,
        priority: row.int(3)?,
        state: row.parse(4)?,
        reason: row.text(5)?,
        since_ms: row.int(6)?,
        staff: row.opt_parse(7)?,
        accepted_at_ms: row.opt_int(8)?,
        ended_at_ms: row.opt_int(9)?,
    })
}

impl Db {
    pub async fn handoff(&self, id: &HandoffId) -> Result<Option<Handoff>, StoreError> {
        Ok(self.handoff_list(select!("WHERE id = $1"), vals![id.as_str()]).await?.pop())
    }

    /// The queue: urgent first, then by time of waiting.
    pub async fn handoff_queue(&self, limit: u32) -> Result<Vec<Handoff>, StoreError> {
        let sql = select!("WHERE state = 'waiting' ORDER BY priority DESC, since_ms, id LIMIT $1");
        self.handoff_list(sql, vals![limit.min(PAGE_MAX)]).await
    }

    /// What one member of staff holds, oldest first.
    pub async fn handoffs_held_by(&self, staff: &StaffId, limit: u32) -> Result<Vec<Handoff>, StoreError> {
        let sql = select!("WHERE state = 'held' AND staff = $1 ORDER BY accepted_at_ms, id LIMIT $2");
        self.handoff_list(sql, vals![staff.as_str(), limit.min(PAGE_MAX)]).await
    }

    /// Of one conversation, newest first.
    pub async fn handoffs_of(&self, conversation: &ConversationId, limit: u32) -> Result<Vec<Handoff>, StoreError> {
        let sql = select!("WHERE conversation = $1 ORDER BY since_ms DESC, id DESC LIMIT $2");
        self.handoff_list(sql, vals![conversation.as_str(), limit.min(PAGE_MAX)]).await
    }

    /// What the human gets told; `None` when there is no such hand-off.
    ///
    /// # Errors
    /// `Erased` when the content is gone.
    pub async fn handoff_packet(&self, id: &HandoffId) -> Result<Option<HandoffPacket>, StoreError> {
        let pool = self.readers()?;
        let sql = "SELECT key_id, packet FROM handoffs WHERE id = $1";
        let Some(row) = pool.one(sql, vals![id.as_str()]).await? else { return Ok(None) };
        let key = self.vault().for_reading(pool, row.int(0)?).await?;
        let json = key.open(&place(id.as_str()), &row.blob(1)?)?;
        serde_json::from_slice(&json).map(Some).map_err(|error| StoreError::damaged(error.to_string()))
    }

    async fn handoff_list(&self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Handoff>, StoreError> {
        self.readers()?.all(sql, values).await?.iter().map(from_row).collect()
    }
}
