//! Events: how they are stored, and reading them.
//!
//! Invariants: in one conversation `seq` is 1, 2, 3, … without gaps; payloads
//! are sealed under the data key of the conversation's subject at the time of
//! writing; every append leaves an audit row in the same transaction. Actors are stored as plain labels, which hold only ids.

use crate::audit::Framed;
use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::{Row, Snapshot, vals};
use crate::vault::{DataKey, aad};
use sha2::{Digest, Sha256};
use teller_kernel::{Actor, ConversationId, CustomerId, Event, EventBody, StaffId};

/// SHA-256 of a message's content, for `ClientMessage::body_hash`.
pub fn content_hash(content: &[u8]) -> [u8; 32] {
    Sha256::digest(content).into()
}

/// First part of every hash over stored events.
pub(crate) const HASH_DOMAIN: &str = "teller-events-1";

/// An event without its content; readable after erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHead {
    pub seq: u64,
    pub at_ms: i64,
    pub kind: String,
    pub actor: Actor,
    /// Whose data key seals the content.
    pub subject: String,
}

/// The place of one payload, as its seal knows it.
pub(crate) struct Place<'a> {
    pub(crate) conversation: &'a str,
    pub(crate) seq: u64,
    pub(crate) kind: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) at_ms: i64,
    pub(crate) version: u16,
}

impl Place<'_> {
    pub(crate) fn aad(&self) -> Vec<u8> {
        aad(&[
            "event",
            self.conversation,
            &self.seq.to_string(),
            self.kind,
            self.subject,
            self.actor,
            &self.at_ms.to_string(),
            &self.version.to_string(),
        ])
    }

    pub(crate) fn hash_into(&self, framed: &mut Framed, key_id: i64, payload: &[u8]) {
        framed.bytes(&self.aad()).int(key_id).bytes(payload);
    }
}

/// The actor behind a stored label.
fn parse_actor(label: &str) -> Result<Actor, StoreError> {
    let unknown = || StoreError::damaged("an actor label is not known");
    match label.split_once(':') {
        None if label == "machine" => Ok(Actor::Machine),
        Some(("customer", "anonymous")) => Ok(Actor::Customer { id: None }),
        Some(("customer", id)) => Ok(Actor::Customer { id: Some(CustomerId::parse(id).map_err(|_| unknown())?) }),
        Some(("staff", id)) => Ok(Actor::Staff { id: StaffId::parse(id).map_err(|_| unknown())? }),
        Some(("system", job)) => Ok(Actor::system(job)),
        _ => Err(unknown()),
    }
}

/// Columns of an event, as stored.
struct StoredEvent {
    seq: u64,
    at_ms: i64,
    kind: String,
    actor: String,
    subject: String,
    key_id: i64,
    version: u16,
    payload: Vec<u8>,
}

fn stored(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        seq: row.seq(0)?,
        at_ms: row.int(1)?,
        kind: row.text(2)?,
        actor: row.text(3)?,
        subject: row.text(4)?,
        key_id: row.int(5)?,
        version: u16::try_from(row.int(6)?).map_err(|_| StoreError::damaged("event version out of range"))?,
        payload: row.blob(7)?,
    })
}

impl StoredEvent {
    fn place<'a>(&'a self, conversation: &'a str) -> Place<'a> {
        Place {
            conversation,
            seq: self.seq,
            kind: &self.kind,
            subject: &self.subject,
            actor: &self.actor,
            at_ms: self.at_ms,
            version: self.version,
        }
    }

    fn open(&self, conversation: &ConversationId, key: &DataKey) -> Result<Event, StoreError> {
        let json = key.open(&self.place(conversation.as_str()).aad(), &self.payload)?;
        let body: EventBody = serde_json::from_slice(&json)
            .map_err(|error| StoreError::damaged(format!("event {} of {conversation}: {error}", self.seq)))?;
        Ok(Event {
            conversation: conversation.clone(),
            seq: self.seq,
            at_ms: self.at_ms,
            actor: parse_actor(&self.actor)?,
            body,
        })
    }
}

const AFTER: &str = "SELECT seq, at_ms, kind, actor, subject, key_id, version, payload
     FROM events WHERE conversation = $1 AND seq > $2 ORDER BY seq LIMIT $3";

/// One append as the audit log tells of it.
pub(crate) struct Span {
    pub(crate) conversation: String,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl Span {
    pub(crate) fn events(&self) -> u64 {
        self.to.saturating_sub(self.from).saturating_add(1)
    }
}

/// What is stored where an append wrote.
pub(crate) struct StoredSpan {
    pub(crate) events: u64,
    pub(crate) hash: [u8; 32],
    /// Places in the outbox, in order of `seq`.
    pub(crate) positions: Vec<i64>,
}

/// Reads what is stored of several appends, in one go.
pub(crate) async fn stored_spans(view: &mut Snapshot, spans: &[&Span]) -> Result<Vec<StoredSpan>, StoreError> {
    let sql = "SELECT seq, at_ms, kind, actor, subject, key_id, version, payload, position
         FROM events WHERE conversation = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq";
    let values = spans.iter().map(|span| vals![&span.conversation, span.from, span.to]).collect();
    let answers = view.each(sql, values).await?;
    spans.iter().zip(answers).map(|(span, rows)| stored_span(&span.conversation, &rows)).collect()
}

fn stored_span(conversation: &str, rows: &[Row]) -> Result<StoredSpan, StoreError> {
    let mut framed = Framed::new(HASH_DOMAIN);
    let mut positions = Vec::with_capacity(rows.len());
    for row in rows {
        let event = stored(row)?;
        event.place(conversation).hash_into(&mut framed, event.key_id, &event.payload);
        positions.push(row.int(8)?);
    }
    Ok(StoredSpan { events: rows.len() as u64, hash: framed.finish(), positions })
}

impl Db {
    /// Events after `after`, at most `limit` (and `PAGE_MAX`), oldest first.
    ///
    /// # Errors
    /// `Erased` when the content of one of them is gone.
    pub async fn events(
        &self,
        conversation: &ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let pool = self.readers()?;
        let rows = pool.all(AFTER, vals![conversation.as_str(), after, limit.min(PAGE_MAX)]).await?;
        let mut out = Vec::with_capacity(rows.len());
        // Most conversations are sealed under one key; ask for it once.
        let mut key: Option<DataKey> = None;
        for row in &rows {
            let event = stored(row)?;
            let known = match key.take().filter(|key| key.id == event.key_id) {
                Some(key) => key,
                None => self.vault().for_reading(pool, event.key_id).await?,
            };
            out.push(event.open(conversation, &known)?);
            key = Some(known);
        }
        Ok(out)
    }

    /// All events after `after`, page by page.
    pub fn event_pages(&self, conversation: &ConversationId, after: u64) -> EventPages {
        EventPages { db: self.clone(), conversation: conversation.clone(), after, done: false }
    }

    /// Events without content; works after erasure too.
    pub async fn event_heads(
        &self,
        conversation: &ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<EventHead>, StoreError> {
        let sql = "SELECT seq, at_ms, kind, actor, subject FROM events
             WHERE conversation = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows = self.readers()?.all(sql, vals![conversation.as_str(), after, limit.min(PAGE_MAX)]).await?;
        rows.iter()
            .map(|row| {
                Ok(EventHead {
                    seq: row.seq(0)?,
                    at_ms: row.int(1)?,
                    kind: row.text(2)?,
                    actor: parse_actor(&row.text(3)?)?,
                    subject: row.text(4)?,
                })
            })
            .collect()
    }

    /// Where the client message with this id was saved, if it was.
    pub async fn client_message_seq(
        &self,
        conversation: &ConversationId,
        client_id: &str,
    ) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT seq FROM client_messages WHERE conversation = $1 AND client_id = $2";
        self.readers()?.one(sql, vals![conversation.as_str(), client_id]).await?.map(|row| row.seq(0)).transpose()
    }

    /// Position of the last event; 0 when there is none.
    pub async fn last_seq(&self, conversation: &ConversationId) -> Result<u64, StoreError> {
        let sql = "SELECT COALESCE(MAX(seq), 0) FROM events WHERE conversation = $1";
        self.readers()?.one(sql, vals![conversation.as_str()]).await?.map_or(Ok(0), |row| row.seq(0))
    }
}

/// A conversation read page by page, so that memory stays bounded.
pub struct EventPages {
    db: Db,
    conversation: ConversationId,
    after: u64,
    done: bool,
}

impl EventPages {
    /// The next page; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Event>>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let page = self.db.events(&self.conversation, self.after, PAGE_MAX).await?;
        self.done = page.len() < PAGE_MAX as usize;
        Ok(page.last().map(|event| event.seq).map(|last| {
            self.after = last;
            page
        }))
    }
}
