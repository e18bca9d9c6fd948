//! Events: append and read.
//!
//! Invariants: in one conversation `seq` is 1, 2, 3, … without gaps; payloads
//! are sealed under the data key of the conversation's subject at the time of
//! writing; every append leaves an audit row in the same transaction. Actors are stored as plain labels, which hold only ids.

use crate::audit::{ACTION_APPENDED, AuditEntry, Framed};
use crate::db::Db;
use crate::error::StoreError;
use crate::limits::{CLOSING_EVENTS, INSERT_EVENTS_MAX, PAGE_MAX};
use crate::sql::{Row, Snapshot, vals};
use crate::tx::Tx;
use crate::vault::{DataKey, aad};
use crate::write::{Append, Appended, ClientMessage, Expected, Notice, Prepared};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};
use teller_kernel::event::EVENT_VERSION;
use teller_kernel::limits::CONVERSATION_EVENTS_MAX;
use teller_kernel::{Actor, ConversationId, CustomerId, Event, EventBody, NewEvent, StaffId};

/// SHA-256 of a message's content, for `ClientMessage::body_hash`.
pub fn content_hash(content: &[u8]) -> [u8; 32] {
    Sha256::digest(content).into()
}

/// First part of every hash over stored events.
const HASH_DOMAIN: &str = "teller-events-1";

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
struct Place<'a> {
    conversation: &'a str,
    seq: u64,
    kind: &'a str,
    subject: &'a str,
    actor: &'a str,
    at_ms: i64,
    version: u16,
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
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

    fn hash_into(&self, framed: &mut Framed, key_id: i64, payload: &[u8]) {
        framed.bytes(&self.aad()).int(key_id).bytes(payload);
    }
}

/// The place that an append takes in its conversation.
struct Taken {
    subject: String,
    /// Where the conversation stood before.
    before: u64,
}

/// Moves the conversation's positions past the new events and answers where they
/// go. Whether that was where the caller expected is for `append` to judge: its
/// refusal undoes this.
async fn take_place(tx: &mut Tx<'_>, id: &ConversationId, events: &[NewEvent]) -> Result<Taken, StoreError> {
    let count = events.len() as u64;
    let inbound = events.iter().rposition(|event| event.body.wants_turn()).map_or(0, |at| at as u64 + 1);
    let answered = events.iter().filter_map(|event| match &event.body {
        EventBody::TurnCompleted { inbound_seq, .. } => Some(*inbound_seq),
        _ => None,
    });
    let row = tx
        .one(
            "UPDATE conversations SET
               last_seq = last_seq + $2,
               inbound_seq = CASE WHEN $3 > 0 THEN last_seq + $3 ELSE inbound_seq END,
               answered_seq = CASE WHEN $4 > answered_seq THEN $4 ELSE answered_seq END,
               updated_at_ms = $5
             WHERE id = $1 RETURNING customer, last_seq",
            vals![id.as_str(), count, inbound, answered.max().unwrap_or(0), tx.now_ms],
        )
        .await?
        .ok_or(StoreError::NotFound { what: "conversation" })?;
    Ok(Taken {
        subject: row.opt_text(0)?.unwrap_or_else(|| id.as_str().to_owned()),
        before: row.seq(1)?.saturating_sub(count),
    })
}

pub(crate) async fn append(tx: &mut Tx<'_>, prepared: &Prepared) -> Result<(), StoreError> {
    let Append { conversation, expected, events, client } = &prepared.append;
    let Some(first) = events.first() else { return Ok(()) };
    let taken = take_place(tx, conversation, events).await?;
    let (first_seq, last_seq) = (taken.before + 1, taken.before + events.len() as u64);
    let key = tx.key(&taken.subject).await?;
    // Before the judgement on `expected`: a repeated message is a duplicate,
    // wherever the conversation stands by now.
    if let Some(client) = client {
        register_client(tx, conversation, client, first_seq, &key).await?;
    }
    if let Expected::Seq(expected) = *expected
        && expected != taken.before
    {
        return Err(StoreError::Conflict { conversation: conversation.clone(), expected, actual: taken.before });
    }
    if last_seq > CONVERSATION_EVENTS_MAX + CLOSING_EVENTS {
        return Err(StoreError::ConversationFull { conversation: conversation.clone() });
    }
    let hash = insert_events(tx, prepared, &taken, &key).await?;
    let entry = AuditEntry::new(&first.actor, ACTION_APPENDED, conversation.as_str())
        .detail(json!({"from": first_seq, "to": last_seq}));
    tx.audit(&entry, Some(hash)).await?;
    tx.notices.push(Arc::new(Notice {
        conversation: conversation.clone(),
        last_seq,
        kinds: events.iter().map(|event| event.body.kind()).collect(),
    }));
    tx.applied.appended.push(Appended { conversation: conversation.clone(), first_seq, last_seq });
    Ok(())
}

/// Columns of an insert, per event.
const EVENT_COLUMNS: usize = 9;

/// The insert statement for each number of events up to `INSERT_EVENTS_MAX`.
static INSERTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    (1..=INSERT_EVENTS_MAX)
        .map(|events| {
            let row = |at: usize| {
                let marks: Vec<_> = (1..=EVENT_COLUMNS).map(|column| format!("${}", at * EVENT_COLUMNS + column)).collect();
                format!("({})", marks.join(", "))
            };
            let rows: Vec<_> = (0..events).map(row).collect();
            let sql = format!(
                "INSERT INTO events (conversation, seq, at_ms, kind, actor, subject, key_id, version, payload) VALUES {}",
                rows.join(", ")
            );
            // Made once and used for as long as the program runs.
            &*sql.leak()
        })
        .collect()
});

/// Inserts the events; answers the hash of what is stored.
async fn insert_events(
    tx: &mut Tx<'_>,
    prepared: &Prepared,
    taken: &Taken,
    key: &DataKey,
) -> Result<[u8; 32], StoreError> {
    let conversation = prepared.append.conversation.as_str();
    let mut framed = Framed::new(HASH_DOMAIN);
    let mut seq = taken.before;
    let (events, payloads) = (&prepared.append.events, &prepared.payloads);
    for (events, payloads) in events.chunks(INSERT_EVENTS_MAX).zip(payloads.chunks(INSERT_EVENTS_MAX)) {
        let mut values = Vec::with_capacity(events.len() * EVENT_COLUMNS);
        for (event, payload) in events.iter().zip(payloads) {
            seq += 1;
            let (kind, actor) = (event.body.kind(), event.actor.label());
            let place = Place {
                conversation,
                seq,
                kind,
                subject: &taken.subject,
                actor: &actor,
                at_ms: tx.now_ms,
                version: EVENT_VERSION,
            };
            let sealed = key.seal(&place.aad(), payload)?;
            place.hash_into(&mut framed, key.id, &sealed);
            let version = u32::from(EVENT_VERSION);
            values.extend(vals![conversation, seq, tx.now_ms, kind, actor, &taken.subject, key.id, version, sealed]);
        }
        tx.run(INSERTS[events.len() - 1], values).await?;
    }
    Ok(framed.finish())
}

fn client_aad(conversation: &ConversationId, client_id: &str) -> Vec<u8> {
    aad(&["client-message", conversation.as_str(), client_id])
}

/// Takes the client's message id for the event at `seq`, or says that it is taken.
async fn register_client(
    tx: &mut Tx<'_>,
    conversation: &ConversationId,
    client: &ClientMessage,
    seq: u64,
    key: &DataKey,
) -> Result<(), StoreError> {
    let sealed = key.seal(&client_aad(conversation, &client.client_id), &client.body_hash)?;
    let added = tx
        .run(
            "INSERT INTO client_messages (conversation, client_id, seq, key_id, body_hash) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (conversation, client_id) DO NOTHING",
            vals![conversation.as_str(), &client.client_id, seq, key.id, sealed],
        )
        .await?;
    if added > 0 { Ok(()) } else { Err(known_client(tx, conversation, client).await?) }
}

/// What to say of a client message id that was used before.
async fn known_client(
    tx: &mut Tx<'_>,
    conversation: &ConversationId,
    client: &ClientMessage,
) -> Result<StoreError, StoreError> {
    let row = tx
        .one(
            "SELECT seq, key_id, body_hash FROM client_messages WHERE conversation = $1 AND client_id = $2",
            vals![conversation.as_str(), &client.client_id],
        )
        .await?
        .ok_or_else(|| StoreError::damaged("a client message came and went"))?;
    let key = tx.key_of(row.int(1)?).await?;
    let known = key.open(&client_aad(conversation, &client.client_id), &row.blob(2)?)?;
    Ok(if known == client.body_hash {
        StoreError::Duplicate { conversation: conversation.clone(), seq: row.seq(0)? }
    } else {
        StoreError::ClientIdReused
    })
}

/// The actor behind a stored label.
pub(crate) fn parse_actor(label: &str) -> Result<Actor, StoreError> {
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
