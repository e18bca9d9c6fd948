//! What the tests of the store share: a store in a temporary folder, and short
//! ways to make ids, heads and events.

use std::path::Path;
use std::sync::Arc;
use teller_kernel::event::Ownership;
use teller_kernel::ports::fixed::ManualClock;
use teller_kernel::{Actor, ConversationId, CustomerId, EventBody, Level, Locale, NewEvent, PackVersion};
use teller_store::{
    Append, Applied, ClientMessage, ConversationHead, ConversationStatus, Db, Expected, StoreConfig, StoreError,
    WriteSet, content_hash,
};

pub const START_MS: i64 = 1_790_000_000_000;

/// A store and what it lives in.
pub struct Fixture {
    pub db: Db,
    pub clock: Arc<ManualClock>,
    pub folder: tempfile::TempDir,
}

impl Fixture {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(START_MS));
        let db = open(folder.path(), &clock).await;
        Self { db, clock, folder }
    }

    /// Closes the store and opens it anew on the same files.
    pub async fn reopen(&mut self) {
        self.db.close().await;
        self.db = open(self.folder.path(), &self.clock).await;
    }
}

pub fn config(folder: &Path) -> StoreConfig {
    StoreConfig::in_folder(folder).unwrap().relaxed()
}

pub async fn open(folder: &Path, clock: &Arc<ManualClock>) -> Db {
    Db::open(config(folder), clock.clone()).await.unwrap()
}

pub fn cv(name: &str) -> ConversationId {
    ConversationId::parse(&format!("cv_{name}")).unwrap()
}

pub fn cu(name: &str) -> CustomerId {
    CustomerId::parse(&format!("cu_{name}")).unwrap()
}

pub fn head(id: &ConversationId) -> ConversationHead {
    ConversationHead {
        id: id.clone(),
        customer: None,
        opened_at_ms: START_MS,
        status: ConversationStatus::Active,
        locale: Locale::Zh,
        channel: "web".into(),
        ownership: Ownership::Own,
        pack: PackVersion::parse("pk_demo").unwrap(),
        level: Level::L0,
        holder: None,
    }
}

pub fn said(text: &str) -> NewEvent {
    let body = EventBody::MessageReceived { client_id: format!("c-{text}"), text: text.into() };
    NewEvent::new(Actor::Customer { id: None }, body)
}

pub fn note(text: &str) -> NewEvent {
    NewEvent::machine(EventBody::HandedBack { note: text.into() })
}

pub fn append(id: &ConversationId, expected: Expected, events: Vec<NewEvent>) -> Append {
    Append { conversation: id.clone(), expected, events, client: None }
}

pub fn client(client_id: &str, content: &str) -> ClientMessage {
    ClientMessage { client_id: client_id.into(), body_hash: content_hash(content.as_bytes()) }
}

/// One append as a set of its own.
pub fn one(append: Append) -> WriteSet {
    let mut set = WriteSet::new();
    set.append(append);
    set
}

/// Opens a conversation with a row and no events.
pub async fn start(db: &Db, id: &ConversationId) {
    let mut set = WriteSet::new();
    set.conversation(head(id));
    db.commit(set).await.unwrap();
}

/// Commits a set that `fill` fills.
pub async fn write(db: &Db, fill: impl FnOnce(&mut WriteSet) -> &mut WriteSet) -> Result<Applied, StoreError> {
    let mut set = WriteSet::new();
    fill(&mut set);
    db.commit(set).await
}
