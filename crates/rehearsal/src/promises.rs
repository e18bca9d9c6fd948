//! What holds after any crash, read off a conversation's saved events.

use std::collections::{BTreeMap, BTreeSet};
use teller_kernel::event::CommitStatus;
use teller_kernel::{Event, EventBody};

/// What a page was told to be saved: place in the conversation and kind.
pub type Acknowledged = BTreeMap<u64, String>;

/// Operations at the core whose orders are counted against the events.
pub const COUNTED: [&str; 2] = ["transfer", "card_repay"];

/// Every acknowledged event is there, the list has no gap, and nothing that a
/// page sent was saved twice.
pub fn kept(events: &[Event], acknowledged: &Acknowledged) -> Result<(), String> {
    for (seq, kind) in acknowledged {
        let found = events.iter().find(|event| event.seq == *seq).map(|event| event.body.kind());
        if found != Some(kind.as_str()) {
            return Err(format!("acknowledged {kind} at {seq} is {found:?}"));
        }
    }
    let mut clients = BTreeSet::new();
    for (at, event) in events.iter().enumerate() {
        if event.seq != at as u64 + 1 {
            return Err(format!("place {} holds event {}", at + 1, event.seq));
        }
        if let EventBody::MessageReceived { client_id, .. } | EventBody::ActionReceived { client_id, .. } = &event.body
            && !clients.insert(client_id)
        {
            return Err(format!("{client_id} was saved twice"));
        }
    }
    Ok(())
}

fn definite(status: CommitStatus) -> bool {
    !matches!(status, CommitStatus::Unknown | CommitStatus::Queued)
}

/// Operation and final status of each effect that was asked for; an error where
/// one has none, or two.
pub fn outcomes(events: &[Event]) -> Result<Vec<(String, CommitStatus)>, String> {
    let mut open: BTreeMap<String, (String, Option<CommitStatus>)> = BTreeMap::new();
    for event in events {
        match &event.body {
            EventBody::CommitRequested { key, operation, .. }
                if open.insert(key.to_string(), (operation.clone(), None)).is_some() =>
            {
                return Err(format!("{key} was asked for twice"));
            }
            EventBody::CommitResolved { key, status, .. } => {
                let Some((_, held)) = open.get_mut(key.as_str()) else {
                    return Err(format!("{key} was never asked for"));
                };
                if held.is_some_and(definite) {
                    return Err(format!("{key} has two outcomes"));
                }
                *held = Some(*status);
            }
            _ => {}
        }
    }
    open.into_iter()
        .map(|(key, (operation, status))| match status {
            Some(status) if definite(status) => Ok((operation, status)),
            other => Err(format!("{operation} {key} stayed {other:?}")),
        })
        .collect()
}

/// Posted effects of one operation.
pub fn posted(outcomes: &[(String, CommitStatus)], operation: &str) -> usize {
    outcomes.iter().filter(|(name, status)| name == operation && *status == CommitStatus::Posted).count()
}
