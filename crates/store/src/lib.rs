//! The one durable place of Teller: events, projections, data keys, outbox and
//! the audit chain, written together in one transaction.
//!
//! # Shape
//! ```text
//! Db::open(StoreConfig, clock) -> Db                    refuses with OpenError
//! db.commit(WriteSet) -> Applied | StoreError           durable when answered
//! db.events / conversation / outbox_after / …           reads, from a reader pool
//! db.notices()                                          told after each commit, no content
//! db.verify_audit() -> Verified | AuditError            the whole chain and its events
//! db.close()
//! ```
//! A `WriteSet` is data: operations that are saved all together or not at all.
//! ```no_run
//! # use teller_store::*;
//! # async fn example(db: &Db, head: ConversationHead, events: Vec<teller_kernel::NewEvent>) -> Result<(), StoreError> {
//! let mut set = WriteSet::new();
//! set.conversation(head.clone()).append(Append {
//!     conversation: head.id.clone(),
//!     expected: Expected::Seq(0),
//!     events,
//!     client: None,
//! });
//! let applied = db.commit(set).await?;
//! assert_eq!(applied.appended[0].first_seq, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Invariants
//! - An answered write is on the disk (`Durability::Full`); one that was refused
//!   has changed nothing.
//! - Events and audit rows are never changed or deleted; triggers refuse it and
//!   `verify_audit` shows it.
//! - Personal payloads are sealed under a key of their subject; destroying the
//!   key destroys the content and leaves the chain sound.
//! - SQL is portable and written once; only `sql.rs`, `sqlite.rs` and the
//!   migrations know the engine.
//!
//! # Deliberately absent
//! Meaning. The store does not know what an event is for, who may read what, or
//! when a flow may go on: rooms decide and hand it write sets.

mod api_keys;
mod append;
mod audit;
mod blobs;
mod commits;
mod config;
mod conversations;
mod db;
mod error;
mod events;
mod handoffs;
mod handovers;
mod keys;
pub mod limits;
mod migrate;
mod outbox;
mod packs;
mod phone;
mod releases;
mod sql;
mod sqlite;
mod staff;
mod subject;
mod sweep;
mod tokens;
mod tx;
mod vault;
mod verify;
mod words;
mod write;
mod writer;

pub use api_keys::ApiKey;
pub use audit::{ACTION_APPENDED, AuditEntry, AuditRow};
pub use commits::{Commit, CommitState, NewCommit};
pub use config::{Access, Crash, DATABASE_FILE, Durability, KEY_FILE, NoCrash, StoreConfig, point};
pub use conversations::{Conversation, ConversationHead, ConversationStatus};
pub use db::Db;
pub use error::{OpenError, StoreError};
pub use events::{EventHead, EventPages, content_hash};
pub use handoffs::{Handoff, HandoffState, NewHandoff};
pub use keys::{FileKeys, KEY_BYTES, KeyError, KeyProvider};
pub use migrate::known_schema;
pub use outbox::OutboxRow;
pub use packs::{Activation, ArticleVersion, PackEntry};
pub use phone::PhoneMessage;
pub use releases::{NewRelease, Release, ReleaseState};
pub use staff::{NewStaff, Staff, StaffSession};
pub use subject::Subject;
pub use tokens::token_hash;
pub use verify::{AuditError, Verified};
pub use write::{Append, Appended, Applied, ClientMessage, Expected, Notice, WriteSet};
