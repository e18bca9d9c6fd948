//! The queue between callers and workers, and the clock that lets nobody wait
//! longer than agreed.
//!
//! Invariants: no lock is held while the encoder runs or a caller is woken; the
//! list of deadlines is at most a constant longer than twice the requests that
//! are open. Not here: texts' content; it is dropped with its request.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::counts::{Counters, PoolCounts, one};
use super::slot::{Pending, Slot};
use super::{BatchEncoder, Busy};

/// Fewest characters that a text is reckoned with: marks and prefix cost too.
const LEAST_CHARS: usize = 8;
/// Most: of a longer text the encoder reads the beginning.
const MOST_CHARS: usize = 384;
/// Share of the newest batch in the reckoned cost of a character.
const NEWEST_SHARE: f64 = 0.2;
/// Share of its deadline that a request may be reckoned to need when it comes:
/// the rest is for what reckoning does not see, as a text that is running.
const RECKONED_SHARE: f64 = 0.75;
/// Deadlines of settled requests kept before they are swept out.
const STALE_MAX: usize = 64;

struct Request {
    text: String,
    slot: Arc<Slot>,
    deadline: Instant,
}

/// A deadline, the order it came in, and whom it concerns.
struct Due {
    at: Instant,
    seq: u64,
    slot: Arc<Slot>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Request>,
    due: BinaryHeap<Reverse<Due>>,
    seq: u64,
    /// Characters that wait and that are going through the encoder.
    waiting_chars: usize,
    running_chars: usize,
    running_texts: usize,
    /// Nanoseconds of one worker for a character; 0 until the first batch.
    char_ns: f64,
    closed: bool,
}

pub(super) struct Queue {
    workers: usize,
    queue_max: usize,
    batch_max: usize,
    gather: Duration,
    state: Mutex<State>,
    /// Something waits, or the pool closed.
    ready: Condvar,
    /// The earliest deadline changed, or the pool closed.
    alarm: Condvar,
    counters: Counters,
}

impl Queue {
    pub(super) fn new(workers: usize, queue_max: usize, batch_max: usize, gather: Duration) -> Self {
        let (state, ready, alarm, counters) = Default::default();
        Self { workers, queue_max, batch_max, gather, state, ready, alarm, counters }
    }

    pub(super) fn workers(&self) -> usize {
        self.workers
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counts(&self) -> PoolCounts {
        let waiting = self.lock().waiting.len();
        self.counters.read(waiting)
    }

    pub(super) fn taken_back(&self) {
        one(&self.counters.taken_back);
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
        self.alarm.notify_all();
    }

    pub(super) fn push(self: &Arc<Self>, text: &str, deadline: Duration, now: Instant) -> Result<Pending, Busy> {
        one(&self.counters.asked);
        let chars = chars_of(text);
        // Outside of the lock, under which nothing is copied.
        let text = text.to_owned();
        let mut state = self.lock();
        let pushed = self.admit(&mut state, chars, deadline);
        if let Err(why) = pushed {
            self.counters.busy(why);
            return Err(why);
        }
        one(&self.counters.queued);
        let slot = Arc::new(Slot::default());
        state.seq += 1;
        let deadline = now + deadline;
        let due = Due { at: deadline, seq: state.seq, slot: slot.clone() };
        let first = state.due.peek().is_none_or(|Reverse(earliest)| due.at < earliest.at);
        state.due.push(Reverse(due));
        state.sweep();
        state.waiting_chars += chars;
        state.waiting.push_back(Request { text, slot: slot.clone(), deadline });
        drop(state);
        self.ready.notify_one();
        if first {
            self.alarm.notify_one();
        }
        Ok(Pending { slot, queue: self.clone() })
    }

    /// An idle pool always takes a request, so that one slow batch cannot keep
    /// everybody away for ever.
    fn admit(&self, state: &mut State, chars: usize, deadline: Duration) -> Result<(), Busy> {
        if state.closed {
            return Err(Busy::Closed);
        }
        if state.waiting.len() >= self.queue_max {
            // Requests whose callers gave up take no place.
            state.forget_settled();
        }
        if state.waiting.len() >= self.queue_max {
            return Err(Busy::Full);
        }
        let ahead = state.waiting_chars + state.running_chars;
        let reckoned_ns = (ahead + chars) as f64 * state.char_ns / self.workers as f64;
        if ahead > 0 && reckoned_ns > deadline.as_nanos() as f64 * RECKONED_SHARE {
            return Err(Busy::WouldBeLate);
        }
        Ok(())
    }

    /// A worker: runs batches until the pool is closed and nothing waits.
    pub(super) fn work(&self, encoder: &impl BatchEncoder) {
        while let Some(batch) = self.next_batch() {
            let texts: Vec<&str> = batch.iter().map(|request| request.text.as_str()).collect();
            self.counters.batch(texts.len());
            let begin = Instant::now();
            // The encoder is immutable, so nothing is left half done by a panic.
            let vectors = catch_unwind(AssertUnwindSafe(|| encoder.embed_all(&texts)));
            self.ran(&batch, begin.elapsed());
            let vectors = vectors.ok().filter(|vectors| vectors.len() == batch.len());
            match vectors {
                Some(vectors) => batch.iter().zip(vectors).for_each(|(request, vector)| {
                    request.slot.answer(Ok(vector), || one(&self.counters.served));
                }),
                None => batch.iter().for_each(|request| self.refuse(&request.slot, Busy::Broken)),
            }
        }
        // The clock may be waiting for the last worker to find nothing.
        self.alarm.notify_all();
    }

    fn refuse(&self, slot: &Slot, why: Busy) {
        slot.answer(Err(why), || self.counters.busy(why));
    }

    /// Waits for a first text, then a moment for company. `None` when the pool
    /// is closed and empty.
    fn next_batch(&self) -> Option<Vec<Request>> {
        let mut hopeless = Vec::new();
        let batch = self.collect(&mut hopeless);
        hopeless.iter().for_each(|slot| self.refuse(slot, Busy::Late));
        batch
    }

    /// The texts of a batch; in `hopeless` whoever would be late in any case.
    fn collect(&self, hopeless: &mut Vec<Arc<Slot>>) -> Option<Vec<Request>> {
        let mut state = self.lock();
        let first = loop {
            if let Some(request) = state.take_first(Instant::now(), hopeless) {
                break request;
            }
            if state.closed {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        let mut batch = vec![first];
        let until = Instant::now() + self.gather;
        loop {
            while batch.len() < self.batch_max
                && let Some(request) = state.take_with(Instant::now(), &batch)
            {
                batch.push(request);
            }
            let left = until.saturating_duration_since(Instant::now());
            // Who still waits cannot come along; the batch goes without them.
            let alone = state.waiting.is_empty() && batch.len() < self.batch_max;
            if !alone || state.closed || left.is_zero() {
                if !state.waiting.is_empty() {
                    // Whoever put it there may have woken this worker alone.
                    self.ready.notify_one();
                }
                return Some(batch);
            }
            state = self.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes a batch off the running ones and learns what a character costs.
    fn ran(&self, batch: &[Request], took: Duration) {
        let chars: usize = batch.iter().map(|request| chars_of(&request.text)).sum();
        let newest = took.as_nanos() as f64 / chars.max(1) as f64;
        let mut state = self.lock();
        state.running_chars -= chars;
        state.running_texts -= batch.len();
        state.char_ns =
            if state.char_ns == 0.0 { newest } else { state.char_ns + (newest - state.char_ns) * NEWEST_SHARE };
    }

    /// The clock: tells each caller whose deadline passes that it is late.
    pub(super) fn keep_time(&self) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let late = state.overdue(now);
            if !late.is_empty() {
                drop(state);
                late.iter().for_each(|slot| self.refuse(slot, Busy::Late));
                state = self.lock();
                continue;
            }
            if state.closed && state.waiting.is_empty() && state.running_texts == 0 {
                return;
            }
            state = match state.due.peek() {
                Some(Reverse(earliest)) => {
                    let left = earliest.at.saturating_duration_since(now);
                    self.alarm.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.alarm.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

impl State {
    /// The next request that somebody waits for and that can be in time. The
    /// last one is taken however late, so that what a text costs is learned anew.
    fn take_first(&mut self, now: Instant, hopeless: &mut Vec<Arc<Slot>>) -> Option<Request> {
        while let Some(request) = self.pop() {
            if !request.slot.is_open() {
                continue;
            }
            if self.waiting.is_empty() || now + self.reckoned(chars_of(&request.text)) <= request.deadline {
                self.runs(&request);
                return Some(request);
            }
            hopeless.push(request.slot);
        }
        None
    }

    /// The next request, if the batch with it is still in time for everybody.
    fn take_with(&mut self, now: Instant, batch: &[Request]) -> Option<Request> {
        while self.waiting.front().is_some_and(|next| !next.slot.is_open()) {
            self.pop();
        }
        let next = self.waiting.front()?;
        let together = || batch.iter().chain([next]);
        let chars = together().map(|request| chars_of(&request.text)).sum();
        let done = now + self.reckoned(chars);
        if together().any(|request| request.deadline < done) {
            return None;
        }
        let next = self.pop()?;
        self.runs(&next);
        Some(next)
    }

    fn pop(&mut self) -> Option<Request> {
        let request = self.waiting.pop_front()?;
        self.waiting_chars -= chars_of(&request.text);
        Some(request)
    }

    fn runs(&mut self, request: &Request) {
        self.running_chars += chars_of(&request.text);
        self.running_texts += 1;
    }

    /// How long one worker takes for so many characters.
    fn reckoned(&self, chars: usize) -> Duration {
        Duration::from_nanos((chars as f64 * self.char_ns) as u64)
    }

    fn forget_settled(&mut self) {
        self.waiting.retain(|request| request.slot.is_open());
        self.waiting_chars = self.waiting.iter().map(|request| chars_of(&request.text)).sum();
    }

    /// Takes out the deadlines that have passed, and whom they concern.
    fn overdue(&mut self, now: Instant) -> Vec<Arc<Slot>> {
        let mut late = Vec::new();
        while self.due.peek().is_some_and(|Reverse(earliest)| earliest.at <= now) {
            late.extend(self.due.pop().map(|Reverse(due)| due.slot).filter(|slot| slot.is_open()));
        }
        late
    }

    /// Forgets deadlines of settled requests once they outnumber the open ones.
    fn sweep(&mut self) {
        if self.due.len() > 2 * (self.waiting.len() + self.running_texts) + STALE_MAX {
            self.due.retain(|Reverse(due)| due.slot.is_open());
        }
    }
}

/// What a text costs is about proportional to its length.
fn chars_of(text: &str) -> usize {
    text.chars().take(MOST_CHARS).count().max(LEAST_CHARS)
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.seq).cmp(&(other.at, other.seq))
    }
}
