//! What can go wrong in the store, and how it is told to a caller outside.

use crate::keys::KeyError;
use teller_kernel::{Code, ConversationId, Problem};

/// Why a read or a write did not happen. After every error but `Stopped` the
/// write set as a whole has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody appended first; read on from `actual` and decide again.
    #[error("conversation {conversation} is at {actual}, not {expected}")]
    Conflict { conversation: ConversationId, expected: u64, actual: u64 },
    /// The client message was saved before, as event `seq`.
    #[error("that client message is event {seq} of {conversation}")]
    Duplicate { conversation: ConversationId, seq: u64 },
    /// The client message id was used for other content.
    #[error("the client message id was used for other content")]
    ClientIdReused,
    #[error("no such {what}")]
    NotFound { what: &'static str },
    /// The row is there already and may not be written twice.
    #[error("that {what} exists")]
    Exists { what: &'static str },
    /// Another agent was first.
    #[error("another agent has taken it")]
    AlreadyTaken,
    /// Four eyes: the second must not be the first.
    #[error("the second pair of eyes must be another person")]
    SamePerson,
    /// The state does not allow that step any more.
    #[error("that {what} was already decided")]
    Decided { what: &'static str },
    /// A one-time token was used before.
    #[error("that token was used before")]
    Replayed,
    #[error("conversation {conversation} is full")]
    ConversationFull { conversation: ConversationId },
    #[error("{what} is larger than {limit}")]
    TooLarge { what: &'static str, limit: usize },
    /// The data key was destroyed on request; the content is gone for good.
    #[error("the content of {subject} was erased")]
    Erased { subject: String },
    #[error("out of storage space")]
    StorageFull,
    /// The queue stayed full, or another process kept the lock.
    #[error("the store is overloaded")]
    Overloaded,
    #[error("the store was opened for reading")]
    ReadOnly,
    /// The writer ended. What was not answered may or may not be saved: read it
    /// after the next start.
    #[error("the store has stopped")]
    Stopped,
    /// What is stored cannot be what was written.
    #[error("stored data is damaged: {why}")]
    Damaged { why: String },
    #[error("the key provider failed: {0}")]
    Key(#[from] KeyError),
    /// The database engine refused; a defect or a fault of the machine.
    #[error("database: {why}")]
    Engine { why: String },
}

impl StoreError {
    pub(crate) fn damaged(why: impl Into<String>) -> Self {
        Self::Damaged { why: why.into() }
    }

    /// Is this the business of one write set, rather than a fault under all?
    pub(crate) fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::StorageFull
                | Self::Overloaded
                | Self::Stopped
                | Self::Damaged { .. }
                | Self::Key(_)
                | Self::Engine { .. }
        )
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            // A caller of the store retries conflicts; one that reaches the edge is contention.
            StoreError::Conflict { .. } | StoreError::Overloaded => Code::Overloaded,
            StoreError::ClientIdReused => Code::ClientIdReused,
            StoreError::NotFound { what } => {
                return if *what == "conversation" {
                    Problem::new(Code::ConversationNotFound)
                } else {
                    Problem::with(Code::NotFound, *what)
                };
            }
            StoreError::AlreadyTaken => Code::AlreadyTaken,
            StoreError::SamePerson => Code::SamePerson,
            StoreError::Decided { .. } => Code::ReleaseDecided,
            StoreError::Replayed => Code::HandoverInvalid,
            StoreError::ConversationFull { .. } => Code::ConversationFull,
            StoreError::TooLarge { what, .. } => return Problem::with(Code::BodyTooLarge, *what),
            StoreError::Erased { .. } => Code::ErasedPayload,
            StoreError::StorageFull => Code::StorageFull,
            StoreError::Duplicate { .. }
            | StoreError::Exists { .. }
            | StoreError::ReadOnly
            | StoreError::Stopped
            | StoreError::Damaged { .. }
            | StoreError::Key(_)
            | StoreError::Engine { .. } => Code::Internal,
        };
        Problem::new(code)
    }
}

/// Why the store refuses to start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the database was written by a newer program (schema {found}, this program knows {known}); install that version or newer"
    )]
    NewerSchema { found: i64, known: i64 },
    #[error(
        "migration {version} differs from the one this database was built with; the program or the database was altered"
    )]
    MigrationChanged { version: i64 },
    #[error("{path} is not a sound database ({why}); restore it from a backup")]
    Corrupt { path: String, why: String },
    #[error("{path} cannot be written ({why}); check owner, permissions and free space")]
    NotWritable { path: String, why: String },
    #[error("{path} is in use by another running teller")]
    InUse { path: String },
    #[error("the master key is not the one this database was made with; put the right key file back")]
    WrongMasterKey,
    #[error("there is no database at {path}")]
    Missing { path: String },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("out of storage space at {path}")]
    StorageFull { path: String },
    #[error("database: {why}")]
    Engine { why: String },
}
