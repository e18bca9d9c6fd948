//! Conversations: one row each, so that lists need no fold.
//!
//! The caller keeps what only a fold can know (status, holder, level); the store
//! keeps the positions with every append, so that a forgotten update can never
//! lose an unanswered message. Content is not here: a row holds ids and words.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::{Row, vals};
use crate::tx::Tx;
use crate::words::words;
use crate::write::{Op, WriteSet};
use serde::{Deserialize, Serialize};
use teller_kernel::event::Ownership;
use teller_kernel::{ConversationId, CustomerId, Level, Locale, PackVersion, StaffId};

/// Who has the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    /// The machine answers.
    Active,
    /// A human was asked for and has not come yet.
    Waiting,
    /// A human holds it.
    Held,
    Closed,
}

words!(ConversationStatus { Active = "active", Waiting = "waiting", Held = "held", Closed = "closed" });

/// What the caller knows of a conversation; written whole each time it changes.
///
/// The data key of events that follow in the same set is the customer's when
/// there is one, else the conversation's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationHead {
    pub id: ConversationId,
    pub customer: Option<CustomerId>,
    pub opened_at_ms: i64,
    pub status: ConversationStatus,
    pub locale: Locale,
    pub channel: String,
    pub ownership: Ownership,
    pub pack: PackVersion,
    pub level: Level,
    /// The member of staff who holds it.
    pub holder: Option<StaffId>,
}

/// A conversation as read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub head: ConversationHead,
    pub updated_at_ms: i64,
    /// The last event.
    pub last_seq: u64,
    /// The last event that wants a turn of the machine.
    pub inbound_seq: u64,
    /// The last of those that needs nothing more.
    pub answered_seq: u64,
}

impl Conversation {
    pub fn unanswered(&self) -> bool {
        self.inbound_seq > self.answered_seq
    }
}

impl WriteSet {
    /// Inserts or updates a conversation's row. Comes before its first `append`.
    pub fn conversation(&mut self, head: ConversationHead) -> &mut Self {
        self.push(Op::Conversation(head))
    }

    /// Marks everything up to `seq` as answered without a turn of the machine,
    /// because a human reads it.
    pub fn answered(&mut self, conversation: &ConversationId, seq: u64) -> &mut Self {
        self.push(Op::Answered { conversation: conversation.clone(), seq })
    }
}

fn level_number(level: Level) -> i64 {
    match level {
        Level::L0 => 0,
        Level::L1 => 1,
        Level::L2 => 2,
        Level::L3 => 3,
        Level::L4 => 4,
    }
}

fn level_from(number: i64) -> Result<Level, StoreError> {
    Ok(match number {
        0 => Level::L0,
        1 => Level::L1,
        2 => Level::L2,
        3 => Level::L3,
        4 => Level::L4,
        _ => return Err(StoreError::damaged("unknown level")),
    })
}

fn locale_from(word: &str) -> Result<Locale, StoreError> {
    Locale::ALL.into_iter().find(|locale| locale.as_str() == word).ok_or_else(|| StoreError::damaged("unknown locale"))
}

fn ownership_word(ownership: Ownership) -> &'static str {
    match ownership {
        Ownership::Own => "own",
        Ownership::ThirdParty => "third_party",
    }
}

fn ownership_from(word: &str) -> Result<Ownership, StoreError> {
    match word {
        "own" => Ok(Ownership::Own),
        "third_party" => Ok(Ownership::ThirdParty),
        _ => Err(StoreError::damaged("unknown ownership")),
    }
}

pub(crate) async fn put(tx: &mut Tx<'_>, head: &ConversationHead) -> Result<(), StoreError> {
    tx.run(
        "INSERT INTO conversations
           (id, customer, opened_at_ms, updated_at_ms, status, locale, channel, ownership, pack, level, holder)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET
           customer = excluded.customer, updated_at_ms = excluded.updated_at_ms, status = excluded.status,
           locale = excluded.locale, channel = excluded.channel, ownership = excluded.ownership,
           pack = excluded.pack, level = excluded.level, holder = excluded.holder",
        vals![
            head.id.as_str(),
            head.customer.as_ref().map(CustomerId::as_str),
            head.opened_at_ms,
            tx.now_ms,
            head.status.as_str(),
            head.locale.as_str(),
            &head.channel,
            ownership_word(head.ownership),
            head.pack.as_str(),
            level_number(head.level),
            head.holder.as_ref().map(StaffId::as_str),
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn answered(tx: &mut Tx<'_>, id: &ConversationId, seq: u64) -> Result<(), StoreError> {
    tx.run(
        "UPDATE conversations SET answered_seq = $2 WHERE id = $1 AND answered_seq < $2 AND inbound_seq >= $2",
        vals![id.as_str(), seq],
    )
    .await?;
    Ok(())
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, customer, opened_at_ms, updated_at_ms, status, locale, channel, ownership, pack, level, \
             holder, last_seq, inbound_seq, answered_seq FROM conversations ",
            $rest
        )
    };
}

fn from_row(row: &Row) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        head: ConversationHead {
            id: row.parse(0)?,
            customer: row.opt_parse(1)?,
            opened_at_ms: row.int(2)?,
            status: row.parse(4)?,
            locale: locale_from(&row.text(5)?)?,
            channel: row.text(6)?,
            ownership: ownership_from(&row.text(7)?)?,
            pack: row.parse(8)?,
            level: level_from(row.int(9)?)?,
            holder: row.opt_parse(10)?,
        },
        updated_at_ms: row.int(3)?,
        last_seq: row.seq(11)?,
        inbound_seq: row.seq(12)?,
        answered_seq: row.seq(13)?,
    })
}

impl Db {
    pub async fn conversation(&self, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        let row = self.readers()?.one(select!("WHERE id = $1"), vals![id.as_str()]).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Newest first; `before` is the last id of the page before.
    pub async fn conversations(
        &self,
        before: Option<&ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError> {
        let sql = select!("WHERE id < $1 ORDER BY id DESC LIMIT $2");
        self.conversation_list(sql, vals![upper(before), limit.min(PAGE_MAX)]).await
    }

    /// Those with the latest events first.
    pub async fn recent_conversations(&self, limit: u32) -> Result<Vec<Conversation>, StoreError> {
        self.conversation_list(select!("ORDER BY updated_at_ms DESC, id DESC LIMIT $1"), vals![limit.min(PAGE_MAX)])
            .await
    }

    /// One customer's, newest first; `before` is the last id of the page before.
    pub async fn conversations_of(
        &self,
        customer: &CustomerId,
        before: Option<&ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError> {
        let sql = select!("WHERE customer = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
        self.conversation_list(sql, vals![customer.as_str(), upper(before), limit.min(PAGE_MAX)]).await
    }

    /// Open conversations with an inbound event that has no complete turn, in
    /// order of id after `after`: what recovery takes up at the start.
    pub async fn unanswered_conversations(
        &self,
        after: Option<&ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError> {
        let sql = select!("WHERE inbound_seq > answered_seq AND status <> 'closed' AND id > $1 ORDER BY id LIMIT $2");
        let after = after.map_or("", ConversationId::as_str);
        self.conversation_list(sql, vals![after, limit.min(PAGE_MAX)]).await
    }

    async fn conversation_list(
        &self,
        sql: &'static str,
        values: Vec<crate::sql::Val>,
    ) -> Result<Vec<Conversation>, StoreError> {
        self.readers()?.all(sql, values).await?.iter().map(from_row).collect()
    }
}

/// A bound above every id: ids are ASCII letters, digits, `_` and `-`.
fn upper(before: Option<&ConversationId>) -> &str {
    before.map_or("~", ConversationId::as_str)
}
