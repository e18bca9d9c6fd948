//! Whose data it is, and forgetting it.
//!
//! Erasure destroys data keys. What was sealed under them can never be read
//! again; rows, hashes and the audit chain stay as they are. A subject that is
//! written to after its erasure starts with a new key.

use crate::audit::AuditEntry;
use crate::error::StoreError;
use crate::sql::vals;
use crate::tx::Tx;
use crate::write::{Op, WriteSet};
use serde_json::json;
use teller_kernel::{Actor, ConversationId, CustomerId};

/// Whose data key seals a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    Customer(CustomerId),
    /// Somebody who has not said who they are, for the length of a conversation.
    Conversation(ConversationId),
}

impl Subject {
    /// The customer when known, else the conversation.
    pub fn of(customer: Option<&CustomerId>, conversation: &ConversationId) -> Self {
        match customer {
            Some(customer) => Self::Customer(customer.clone()),
            None => Self::Conversation(conversation.clone()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Customer(id) => id.as_str(),
            Self::Conversation(id) => id.as_str(),
        }
    }
}

impl WriteSet {
    /// Destroys the data keys of a subject; of a customer, also those of the
    /// conversations in which they were anonymous at first. `reason` is a word
    /// of the trade (`customer_request`), kept in the audit log.
    pub fn erase(&mut self, subject: Subject, by: Actor, reason: &str) -> &mut Self {
        self.push(Op::Erase { subject, by, reason: reason.to_owned() })
    }
}

pub(crate) async fn erase(tx: &mut Tx<'_>, subject: &Subject, by: &Actor, reason: &str) -> Result<(), StoreError> {
    let mut keys = tx.vault.erase(tx.conn, &mut tx.keys, subject.as_str(), tx.now_ms).await?;
    if let Subject::Customer(customer) = subject {
        let sql = "SELECT id FROM conversations WHERE customer = $1";
        for row in tx.conn.all(sql, vals![customer.as_str()]).await? {
            keys += tx.vault.erase(tx.conn, &mut tx.keys, &row.text(0)?, tx.now_ms).await?;
        }
    }
    let entry = AuditEntry::new(by, "subject.erased", subject.as_str()).detail(json!({"reason": reason, "keys": keys}));
    tx.audit(&entry, None).await
}
