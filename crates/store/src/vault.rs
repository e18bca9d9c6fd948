//! Field encryption: one data key for each subject, AES-256-GCM for each value.
//!
//! A subject is a customer id, or the conversation id while the customer is
//! anonymous. Invariants: a key enters the shared cache only after its row is
//! committed; erasure empties the row and the cache, and no reader that began
//! before can put the key back. Associated data binds a value to its place, so
//! that a value moved to another row does not open.

use crate::error::StoreError;
use crate::keys::{self, KeyProvider};
use crate::limits::KEY_CACHE_MAX;
use crate::sql::{Conn, Pool, Row, vals};
use aes_gcm::{Aes256Gcm, KeyInit};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use zeroize::Zeroizing;

/// An unwrapped data key, ready for use.
#[derive(Clone)]
pub(crate) struct DataKey {
    pub(crate) id: i64,
    cipher: Arc<Aes256Gcm>,
}

impl DataKey {
    pub(crate) fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(keys::seal(&self.cipher, aad, plain)?)
    }

    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        keys::open(&self.cipher, aad, sealed)
            .ok_or_else(|| StoreError::damaged("a sealed value does not open in its place"))
    }
}

/// Joins parts so that no two different lists give the same bytes.
pub(crate) fn aad(parts: &[&str]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

/// A bounded map that forgets what was not used for a while: two generations,
/// the older dropped when the younger is full.
struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    fn new(max: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: max / 2 }
    }

    fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.put(key.clone(), value.clone());
        Some(value)
    }

    fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

struct Cache {
    /// Raised by every erasure; what was read before is not cached after.
    epoch: u64,
    by_id: Recent<i64, DataKey>,
    by_subject: Recent<String, DataKey>,
}

pub(crate) struct Vault {
    provider: Arc<dyn KeyProvider>,
    cache: Mutex<Cache>,
}

/// Keys made, read or erased in a transaction that is not committed yet.
/// `None` means erased and not made anew.
#[derive(Default)]
pub(crate) struct Pending {
    keys: HashMap<String, Option<DataKey>>,
    pub(crate) erased: bool,
}

impl Pending {
    pub(crate) fn absorb(&mut self, later: Self) {
        self.keys.extend(later.keys);
        self.erased |= later.erased;
    }
}

impl Vault {
    pub(crate) fn new(provider: Arc<dyn KeyProvider>) -> Self {
        let half = KEY_CACHE_MAX / 2;
        let cache = Cache { epoch: 0, by_id: Recent::new(half), by_subject: Recent::new(half) };
        Self { provider, cache: Mutex::new(cache) }
    }

    async fn unwrap(&self, id: i64, subject: &str, wrapped: &[u8]) -> Result<DataKey, StoreError> {
        let key = self.provider.unwrap(subject, wrapped).await?;
        Ok(DataKey { id, cipher: Arc::new(Aes256Gcm::new((&*key).into())) })
    }

    /// The key to write under, made when there is none. Only the writer calls it.
    pub(crate) async fn for_writing(
        &self,
        conn: &mut Conn,
        group: &Pending,
        set: &mut Pending,
        subject: &str,
        now_ms: i64,
    ) -> Result<DataKey, StoreError> {
        match set.keys.get(subject).or_else(|| group.keys.get(subject)) {
            Some(Some(key)) => return Ok(key.clone()),
            Some(None) => {} // Erased a moment ago: a new generation below.
            None => {
                if let Some(key) = self.cache.lock().by_subject.get(&subject.to_owned()) {
                    return Ok(key);
                }
            }
        }
        let row = conn
            .one("SELECT id, wrapped FROM subject_keys WHERE subject = $1 AND state = 'active'", vals![subject])
            .await?;
        let key = match row {
            Some(row) => self.unwrap(row.int(0)?, subject, &row.blob(1)?).await?,
            None => self.make(conn, subject, now_ms).await?,
        };
        set.keys.insert(subject.to_owned(), Some(key.clone()));
        Ok(key)
    }

    async fn make(&self, conn: &mut Conn, subject: &str, now_ms: i64) -> Result<DataKey, StoreError> {
        let key = Zeroizing::new(keys::random::<{ keys::KEY_BYTES }>()?);
        let wrapped = self.provider.wrap(subject, &key).await?;
        let row = conn
            .one(
                "INSERT INTO subject_keys (subject, wrapped, state, created_at_ms)
                 VALUES ($1, $2, 'active', $3) RETURNING id",
                vals![subject, wrapped, now_ms],
            )
            .await?
            .ok_or_else(|| StoreError::damaged("a key row got no id"))?;
        Ok(DataKey { id: row.int(0)?, cipher: Arc::new(Aes256Gcm::new((&*key).into())) })
    }

    /// Destroys every key of a subject; answers how many there were.
    pub(crate) async fn erase(
        &self,
        conn: &mut Conn,
        set: &mut Pending,
        subject: &str,
        now_ms: i64,
    ) -> Result<u64, StoreError> {
        let erased = conn
            .run(
                "UPDATE subject_keys SET state = 'erased', wrapped = $2, erased_at_ms = $3
                 WHERE subject = $1 AND state = 'active'",
                vals![subject, Vec::<u8>::new(), now_ms],
            )
            .await?;
        set.keys.insert(subject.to_owned(), None);
        set.erased = true;
        Ok(erased)
    }

    /// After the commit: the keys of the transaction become common knowledge.
    pub(crate) fn commit(&self, pending: Pending) {
        let mut cache = self.cache.lock();
        if pending.erased {
            // Rare; the ids of the destroyed keys are not known here, so all go.
            cache.epoch += 1;
            cache.by_id = Recent::new(KEY_CACHE_MAX / 2);
        }
        for (subject, key) in pending.keys {
            cache.by_subject.remove(&subject);
            if let Some(key) = key {
                cache.by_id.put(key.id, key.clone());
                cache.by_subject.put(subject, key);
            }
        }
    }

    async fn unwrap_row(&self, key_id: i64, row: Option<Row>) -> Result<DataKey, StoreError> {
        let row = row.ok_or_else(|| StoreError::damaged("a sealed value names no key"))?;
        let subject = row.text(0)?;
        if row.text(2)? != "active" {
            return Err(StoreError::Erased { subject });
        }
        self.unwrap(key_id, &subject, &row.blob(1)?).await
    }

    /// The key a stored value was sealed under.
    pub(crate) async fn for_reading(&self, pool: &Pool, key_id: i64) -> Result<DataKey, StoreError> {
        let (epoch, known) = {
            let mut cache = self.cache.lock();
            (cache.epoch, cache.by_id.get(&key_id))
        };
        if let Some(key) = known {
            return Ok(key);
        }
        let row = pool.one(KEY_BY_ID, vals![key_id]).await?;
        let key = self.unwrap_row(key_id, row).await?;
        let mut cache = self.cache.lock();
        if cache.epoch == epoch {
            cache.by_id.put(key_id, key.clone());
        }
        Ok(key)
    }

    /// The same, inside the writer's transaction, and past the cache: the key
    /// may have been erased in this very transaction.
    pub(crate) async fn for_reading_in(&self, conn: &mut Conn, key_id: i64) -> Result<DataKey, StoreError> {
        let row = conn.one(KEY_BY_ID, vals![key_id]).await?;
        self.unwrap_row(key_id, row).await
    }
}

const KEY_BY_ID: &str = "SELECT subject, wrapped, state FROM subject_keys WHERE id = $1";
