//! Appending events to a conversation.
//!
//! One update moves the conversation's positions and answers where the events
//! go; then come the client's message id, the events and the audit row. All of
//! it is undone together when any of it is refused.

use crate::audit::{ACTION_APPENDED, AuditEntry, Framed};
use crate::error::StoreError;
use crate::events::{HASH_DOMAIN, Place};
use crate::limits::{CLOSING_EVENTS, INSERT_EVENTS_MAX};
use crate::sql::vals;
use crate::tx::Tx;
use crate::vault::{DataKey, aad};
use crate::write::{Append, Appended, ClientMessage, Expected, Notice, Prepared};
use serde_json::json;
use std::sync::{Arc, LazyLock};
use teller_kernel::event::EVENT_VERSION;
use teller_kernel::limits::CONVERSATION_EVENTS_MAX;
use teller_kernel::{ConversationId, EventBody, NewEvent};

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
