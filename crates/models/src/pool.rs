//! A bounded pool of worker threads in front of a sentence encoder that is too
//! slow to run inside a turn without limits.
//!
//! Requests of many conversations wait in one queue; a worker takes several at a
//! time, because texts cost less together. A request that cannot be answered in
//! its time is answered [`Busy`], which means *use the fast tier*: it is never a
//! failure and never waits longer than its deadline.
//!
//! Invariants: one encoder in memory, however many workers; the queue, a batch,
//! a text and every wait are bounded; asking never blocks, so an asynchronous
//! runtime is never held up; every request gets one answer, also when the
//! encoder panics or the pool closes. Not here: what to do when it is busy.

mod counts;
mod queue;
mod slot;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use counts::{PoolCounts, SIZES};
use queue::Queue;
pub use slot::Pending;

use crate::fast::tokenizer::bounded;
use crate::{ModelError, SemanticEncoder};

/// Most worker threads of one pool.
pub const MAX_WORKERS: usize = 64;
/// Most requests that a pool lets wait.
pub const MAX_QUEUE: usize = 4096;
/// Most texts that go through the encoder together.
pub const MAX_BATCH: usize = 64;
/// Longest that a worker waits for company for a text.
const MAX_GATHER: Duration = Duration::from_millis(20);
/// Longest that a caller can ask to be kept waiting.
const MAX_DEADLINE: Duration = Duration::from_secs(10);

/// What turns several texts into vectors at once. The same text gives the same
/// vector alone and in company.
pub trait BatchEncoder: Send + Sync + 'static {
    fn embed_all(&self, texts: &[&str]) -> Vec<Vec<f32>>;
}

impl BatchEncoder for SemanticEncoder {
    fn embed_all(&self, texts: &[&str]) -> Vec<Vec<f32>> {
        Self::embed_all(self, texts)
    }
}

/// How large a pool is. Values outside the named limits are brought inside.
#[derive(Debug, Clone, Copy)]
pub struct PoolConfig {
    pub workers: usize,
    /// Requests that may wait; further ones are [`Busy::Full`].
    pub queue_max: usize,
    /// Texts that go through the encoder together.
    pub batch_max: usize,
    /// How long a worker with fewer texts than that waits for more.
    pub gather_us: u64,
    /// How long a caller waits who does not say.
    pub deadline_ms: u64,
}

impl Default for PoolConfig {
    /// One worker, for a machine of two cores.
    fn default() -> Self {
        Self { workers: 1, queue_max: 64, batch_max: 8, gather_us: 200, deadline_ms: 40 }
    }
}

/// Why there is no vector in time. Whatever the reason: use the fast tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    #[error("the queue of the semantic encoder is full")]
    Full,
    #[error("what waits before this text would take longer than its deadline")]
    WouldBeLate,
    #[error("the semantic encoder did not answer in time")]
    Late,
    #[error("the semantic encoder failed on this batch")]
    Broken,
    #[error("the pool is closed")]
    Closed,
}

/// Worker threads and their queue. Cheap to share behind an `Arc`; dropping it
/// closes it.
pub struct Pool<E> {
    queue: Arc<Queue>,
    encoder: Arc<E>,
    deadline: Duration,
    threads: Vec<JoinHandle<()>>,
}

/// The pool of the semantic encoder.
pub type SemanticPool = Pool<SemanticEncoder>;

impl<E: BatchEncoder> Pool<E> {
    /// Starts the workers.
    ///
    /// # Errors
    /// [`ModelError::Io`] when the system gives no threads.
    pub fn start(encoder: Arc<E>, config: PoolConfig) -> Result<Self, ModelError> {
        let queue = Arc::new(Queue::new(
            config.workers.clamp(1, MAX_WORKERS),
            config.queue_max.clamp(1, MAX_QUEUE),
            config.batch_max.clamp(1, MAX_BATCH),
            Duration::from_micros(config.gather_us).min(MAX_GATHER),
        ));
        let deadline = Duration::from_millis(config.deadline_ms).min(MAX_DEADLINE);
        let mut pool = Self { queue, encoder, deadline, threads: Vec::new() };
        let (queue, encoder) = (pool.queue.clone(), pool.encoder.clone());
        pool.spawn("semantic-clock".to_owned(), move || queue.keep_time())?;
        for number in 0..pool.queue.workers() {
            let (queue, encoder) = (pool.queue.clone(), encoder.clone());
            pool.spawn(format!("semantic-{number}"), move || queue.work(&*encoder))?;
        }
        Ok(pool)
    }

    /// On an error the pool is dropped, which ends the threads that there are.
    fn spawn(&mut self, name: String, run: impl FnOnce() + Send + 'static) -> Result<(), ModelError> {
        let thread = std::thread::Builder::new().name(name.clone()).spawn(run);
        let thread = thread.map_err(|source| ModelError::io("start a thread", name.as_ref(), source))?;
        self.threads.push(thread);
        Ok(())
    }

    /// The vector of `text`, waiting on this thread until it is there or the
    /// pool's deadline has passed. Not for a task of an asynchronous runtime:
    /// await [`Self::submit`] there.
    ///
    /// # Errors
    /// [`Busy`]: use the fast tier.
    pub fn embed(&self, text: &str) -> Result<Vec<f32>, Busy> {
        self.submit(text)?.wait()
    }

    /// Asks for the vector of `text` within the pool's deadline; never blocks.
    ///
    /// # Errors
    /// [`Busy`] at once when the queue is full, what waits there would take too
    /// long, or the pool is closed.
    pub fn submit(&self, text: &str) -> Result<Pending, Busy> {
        self.submit_within(text, self.deadline)
    }

    /// Like [`Self::submit`] with a deadline of the caller's, at most ten seconds.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub fn submit_within(&self, text: &str, deadline: Duration) -> Result<Pending, Busy> {
        self.queue.push(bounded(text), deadline.min(MAX_DEADLINE), Instant::now())
    }

    /// The encoder that the workers share.
    #[must_use]
    pub fn encoder(&self) -> &Arc<E> {
        &self.encoder
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> PoolCounts {
        self.queue.counts()
    }

    /// Takes no more requests; those that wait are still answered.
    pub fn close(&self) {
        self.queue.close();
    }
}

impl<E> Drop for Pool<E> {
    /// Answers what waits, then ends the threads.
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // A worker catches what its encoder does; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl<E> std::fmt::Debug for Pool<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("counts", &self.queue.counts()).finish_non_exhaustive()
    }
}
