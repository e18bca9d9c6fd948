//! The handle of the store: open, write, read, listen, close.

use crate::config::{Access, StoreConfig};
use crate::error::{OpenError, StoreError};
use crate::keys::{KEY_BYTES, KeyError};
use crate::limits::{NOTICES_MAX, WRITE_QUEUE_MAX, WRITE_QUEUE_WAIT_MS};
use crate::migrate;
use crate::sql::{Conn, Pool, vals};
use crate::sqlite;
use crate::vault::Vault;
use crate::write::{Applied, Notice, WriteSet};
use crate::writer::{Ask, Writer};
use parking_lot::Mutex;
use serde_json::Value;
use std::fs::{File, TryLockError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use teller_kernel::Clock;
use tokio::sync::{broadcast, mpsc, oneshot};

/// The store. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    readers: Pool,
    writes: Option<mpsc::Sender<Ask>>,
}

/// What the handle and the writer both hold.
pub(crate) struct Shared {
    pub(crate) vault: Vault,
    pub(crate) notices: broadcast::Sender<Arc<Notice>>,
    /// The writer has ended; nothing may be asked any more.
    pub(crate) stopped: AtomicBool,
    lock: Mutex<Option<File>>,
}

impl Shared {
    /// Nothing is answered from here on, and another process may open the file.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.lock.lock().take();
    }
}

impl Db {
    /// Opens the database, bringing its schema up to date.
    ///
    /// # Errors
    /// Refuses a newer schema, a damaged file, a file that cannot be written or
    /// that another process serves, and a master key that is not the database's.
    pub async fn open(config: StoreConfig, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        match config.access {
            Access::Serve => Self::open_to_serve(config, clock).await,
            Access::Read => Self::open_to_read(config).await,
        }
    }

    async fn open_to_serve(config: StoreConfig, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let lock = lock_file(&config)?;
        let mut conn = sqlite::open(&config)?;
        migrate::migrate(&mut conn, clock.now_ms()).await?;
        check_master_key(&mut conn, &config, true).await?;
        let readers = sqlite::readers(&config);
        let shared = Arc::new(Shared::new(&config, Some(lock)));
        let (writes, asks) = mpsc::channel(WRITE_QUEUE_MAX);
        let writer = Writer { conn, shared: shared.clone(), clock, crash: config.crash };
        writer.start(asks)?;
        Ok(Self { inner: Arc::new(Inner { shared, readers, writes: Some(writes) }) })
    }

    async fn open_to_read(config: StoreConfig) -> Result<Self, OpenError> {
        if !config.path.exists() {
            return Err(OpenError::Missing { path: config.path.display().to_string() });
        }
        let mut conn = sqlite::open(&config)?;
        migrate::check_current(&mut conn).await?;
        check_master_key(&mut conn, &config, false).await?;
        conn.close().await;
        let readers = sqlite::readers(&config);
        let shared = Arc::new(Shared::new(&config, None));
        Ok(Self { inner: Arc::new(Inner { shared, readers, writes: None }) })
    }

    /// Saves a write set. The answer comes after it is durable.
    ///
    /// A caller that stops waiting does not stop the write.
    ///
    /// # Errors
    /// A refusal leaves everything as it was. `Stopped` alone leaves it open
    /// whether the set is saved; the next start tells.
    pub async fn commit(&self, mut set: WriteSet) -> Result<Applied, StoreError> {
        let Some(writes) = &self.inner.writes else { return Err(StoreError::ReadOnly) };
        set.prepare()?;
        let (answer, answered) = oneshot::channel();
        let wait = Duration::from_millis(WRITE_QUEUE_WAIT_MS);
        match writes.send_timeout(Ask::Write { set, answer }, wait).await {
            Ok(()) => answered.await.unwrap_or(Err(StoreError::Stopped)),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(StoreError::Overloaded),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(StoreError::Stopped),
        }
    }

    /// Commit notices from now on. A listener that lags gets `Lagged` and reads
    /// the outbox from its last position.
    pub fn notices(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.inner.shared.notices.subscribe()
    }

    /// The engine's own check of every page: what is wrong, or `None`. Reads the
    /// whole file.
    pub async fn check_pages(&self) -> Result<Option<String>, StoreError> {
        self.readers()?.check_pages().await
    }

    /// Finishes what is queued, then closes the files.
    pub async fn close(&self) {
        if let Some(writes) = &self.inner.writes {
            let (answer, answered) = oneshot::channel();
            if writes.send(Ask::Close(answer)).await.is_ok() {
                // An error means that the writer had ended already.
                let _ = answered.await;
            }
        }
        self.inner.readers.close().await;
        self.inner.shared.stop();
    }

    pub(crate) fn readers(&self) -> Result<&Pool, StoreError> {
        if self.inner.shared.stopped.load(Ordering::SeqCst) {
            return Err(StoreError::Stopped);
        }
        Ok(&self.inner.readers)
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.inner.shared.vault
    }

    /// Opens one sealed JSON field; `None` when its key was erased.
    pub(crate) async fn open_json(&self, key_id: i64, aad: &[u8], sealed: &[u8]) -> Result<Option<Value>, StoreError> {
        let key = match self.vault().for_reading(self.readers()?, key_id).await {
            Err(StoreError::Erased { .. }) => return Ok(None),
            other => other?,
        };
        let json = key.open(aad, sealed)?;
        serde_json::from_slice(&json).map(Some).map_err(|error| StoreError::damaged(error.to_string()))
    }
}

impl Shared {
    fn new(config: &StoreConfig, lock: Option<File>) -> Self {
        Self {
            vault: Vault::new(config.keys.clone()),
            notices: broadcast::Sender::new(NOTICES_MAX),
            stopped: AtomicBool::new(false),
            lock: Mutex::new(lock),
        }
    }
}

/// One serving process at a time; the system releases the lock when it dies.
fn lock_file(config: &StoreConfig) -> Result<File, OpenError> {
    let path = config.path.with_extension("lock");
    let not_writable = |error: std::io::Error| OpenError::NotWritable {
        path: config.path.display().to_string(),
        why: error.to_string(),
    };
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(not_writable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: config.path.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(not_writable(error)),
    }
}

/// Name and key subject of the value that only the right master key opens.
const KEY_CHECK: &str = "master-key-check";

async fn check_master_key(conn: &mut Conn, config: &StoreConfig, may_write: bool) -> Result<(), OpenError> {
    let fault = |error: StoreError| OpenError::Engine { why: error.to_string() };
    let row = conn.one("SELECT value FROM meta WHERE name = $1", vals![KEY_CHECK]).await.map_err(fault)?;
    if let Some(row) = row {
        let wrapped = row.blob(0).map_err(fault)?;
        return match config.keys.unwrap(KEY_CHECK, &wrapped).await {
            Ok(_) => Ok(()),
            Err(KeyError::DoesNotOpen) => Err(OpenError::WrongMasterKey),
            Err(error) => Err(error.into()),
        };
    }
    if may_write {
        let wrapped = config.keys.wrap(KEY_CHECK, &[0u8; KEY_BYTES]).await?;
        conn.run("INSERT INTO meta (name, value) VALUES ($1, $2)", vals![KEY_CHECK, wrapped]).await.map_err(fault)?;
    }
    Ok(())
}
