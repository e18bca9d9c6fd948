//! Wakes those who watch a conversation, and carries "somebody is typing".
//!
//! One task listens to the store's notices and wakes only the watchers of the
//! conversation concerned, so that ten thousand open pages cost nothing while
//! one of them talks. A wake carries no content: the watcher reads the store
//! from its own cursor, so nothing is lost or repeated whatever happens here.
//!
//! Invariants: when notices were missed, everybody is woken; a conversation
//! nobody watches takes no memory.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use teller_kernel::{Code, ConversationId, Problem};
use teller_store::Notice;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

/// Independent parts of the table of watched conversations.
const SHARDS: usize = 16;
/// Watches on one conversation: devices of the customer, and staff.
pub const WATCHES_MAX: usize = 32;
/// Kinds of events after which the desk's queue looks different.
const QUEUE_KINDS: [&str; 5] = ["handoff_requested", "handoff_withdrawn", "agent_joined", "handed_back", "closed"];
/// Kinds after which the list of releases looks different.
const RELEASE_KINDS: [&str; 2] = ["release_requested", "release_decided"];

/// What happened, as counters: a watcher that was busy sees the sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tick {
    /// Saves of the conversation, counted since the watching began.
    pub saves: u64,
    pub customer_typed: u64,
    pub agent_typed: u64,
}

/// Who is typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typist {
    Customer,
    Agent,
}

type Shard = Mutex<HashMap<ConversationId, watch::Sender<Tick>>>;

/// The table of who watches what. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    shards: [Shard; SHARDS],
    queue: watch::Sender<u64>,
}

/// One watch over one conversation; ends when it is dropped.
pub struct Watch {
    hub: Hub,
    conversation: ConversationId,
    /// Always there until the drop.
    ticks: Option<watch::Receiver<Tick>>,
}

impl Default for Hub {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(HashMap::new()));
        Self { inner: Arc::new(Inner { shards, queue: watch::Sender::new(0) }) }
    }
}

impl Hub {
    /// Begins to watch; everything saved after this call wakes the watch.
    ///
    /// # Errors
    /// `rate_limited` when too many watch this conversation already.
    pub fn watch(&self, conversation: &ConversationId) -> Result<Watch, Problem> {
        let mut shard = self.shard(conversation).lock();
        let sender = shard.entry(conversation.clone()).or_insert_with(|| watch::Sender::new(Tick::default()));
        if sender.receiver_count() >= WATCHES_MAX {
            return Err(Code::RateLimited.into());
        }
        let ticks = Some(sender.subscribe());
        Ok(Watch { hub: self.clone(), conversation: conversation.clone(), ticks })
    }

    /// Changes whenever the queue or the list of releases looks different.
    pub fn queue(&self) -> watch::Receiver<u64> {
        self.inner.queue.subscribe()
    }

    /// Tells the other side that somebody is typing.
    pub fn typing(&self, conversation: &ConversationId, who: Typist) {
        let count = |tick: &mut Tick| match who {
            Typist::Customer => tick.customer_typed += 1,
            Typist::Agent => tick.agent_typed += 1,
        };
        if let Some(sender) = self.shard(conversation).lock().get(conversation) {
            sender.send_modify(count);
        }
    }

    /// Conversations that somebody watches now.
    pub fn watched(&self) -> usize {
        self.inner.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// Listens to the store's notices until it closes. They are subscribed to
    /// before this is spawned, so that no watch begins earlier than they do.
    pub async fn run(self, mut notices: broadcast::Receiver<Arc<Notice>>) {
        loop {
            match notices.recv().await {
                Ok(notice) => self.noticed(&notice),
                Err(RecvError::Lagged(_)) => self.wake_all(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn noticed(&self, notice: &Notice) {
        if let Some(sender) = self.shard(&notice.conversation).lock().get(&notice.conversation) {
            sender.send_modify(|tick| tick.saves += 1);
        }
        if notice.kinds.iter().any(|kind| QUEUE_KINDS.contains(kind) || RELEASE_KINDS.contains(kind)) {
            self.inner.queue.send_modify(|count| *count += 1);
        }
    }

    fn wake_all(&self) {
        for shard in &self.inner.shards {
            shard.lock().values().for_each(|sender| sender.send_modify(|tick| tick.saves += 1));
        }
        self.inner.queue.send_modify(|count| *count += 1);
    }

    fn shard(&self, conversation: &ConversationId) -> &Shard {
        // The tail of an id is chance, so its last byte spreads evenly.
        let last = conversation.as_str().bytes().last().unwrap_or_default();
        &self.inner.shards[usize::from(last) % SHARDS]
    }
}

impl Watch {
    /// The counters as they stand.
    pub fn current(&self) -> Tick {
        self.ticks.as_ref().map(|ticks| *ticks.borrow()).unwrap_or_default()
    }

    /// Waits for the next tick; what came since the last call is one tick.
    pub async fn next(&mut self) -> Tick {
        if let Some(ticks) = &mut self.ticks
            && ticks.changed().await.is_ok()
        {
            return *ticks.borrow_and_update();
        }
        // The hub holds the sender as long as a watch lives.
        std::future::pending().await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut shard = self.hub.shard(&self.conversation).lock();
        self.ticks = None;
        if shard.get(&self.conversation).is_some_and(|sender| sender.receiver_count() == 0) {
            shard.remove(&self.conversation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(conversation: &ConversationId, kinds: Vec<&'static str>) -> Notice {
        Notice { conversation: conversation.clone(), last_seq: 1, kinds }
    }

    #[tokio::test]
    async fn only_watchers_of_the_conversation_wake() {
        let hub = Hub::default();
        let (one, two) = (ConversationId::parse("cv_1").unwrap(), ConversationId::parse("cv_2").unwrap());
        let (mut first, second) = (hub.watch(&one).unwrap(), hub.watch(&two).unwrap());
        hub.noticed(&notice(&one, vec!["replied"]));
        hub.noticed(&notice(&one, vec!["replied"]));
        assert_eq!(first.next().await.saves, 2);
        assert!(!second.ticks.as_ref().unwrap().has_changed().unwrap());
        hub.wake_all();
        assert!(second.ticks.as_ref().unwrap().has_changed().unwrap());
    }

    #[tokio::test]
    async fn the_last_watch_frees_the_place() {
        let hub = Hub::default();
        let id = ConversationId::parse("cv_1").unwrap();
        let (first, second) = (hub.watch(&id).unwrap(), hub.watch(&id).unwrap());
        drop(first);
        assert_eq!(hub.watched(), 1);
        drop(second);
        assert_eq!(hub.watched(), 0);
        hub.typing(&id, Typist::Agent);
    }

    #[test]
    fn the_queue_changes_with_hand_offs_only() {
        let hub = Hub::default();
        let mut queue = hub.queue();
        let id = ConversationId::parse("cv_1").unwrap();
        hub.noticed(&notice(&id, vec!["replied", "turn_completed"]));
        assert!(!queue.has_changed().unwrap());
        hub.noticed(&notice(&id, vec!["handoff_requested"]));
        assert!(queue.has_changed().unwrap());
        queue.mark_unchanged();
    }
}
