//! Where one request's answer is put and waited for, by a thread or by a task.
//!
//! Invariant: the first answer counts and every later one is nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::{Busy, Queue};

type Answer = Result<Vec<f32>, Busy>;

#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Default)]
enum State {
    #[default]
    Open,
    /// A task waits for it.
    Awaited(Waker),
    Answered(Answer),
    /// The answer was taken, or nobody wants it any more.
    Settled,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an answer would still be news.
    pub(super) fn is_open(&self) -> bool {
        matches!(*self.lock(), State::Open | State::Awaited(_))
    }

    /// Gives the answer, unless there was one before. `count` is called ahead of
    /// anybody's seeing it.
    pub(super) fn answer(&self, answer: Answer, count: impl FnOnce()) {
        let mut state = self.lock();
        if !matches!(*state, State::Open | State::Awaited(_)) {
            return;
        }
        count();
        let before = std::mem::replace(&mut *state, State::Answered(answer));
        drop(state);
        self.answered.notify_all();
        // Outside of the lock: waking may run the task at once.
        if let State::Awaited(waker) = before {
            waker.wake();
        }
    }
}

/// A vector that is being made. Await it, or [`Self::wait`] for it; dropping it
/// takes the request back.
pub struct Pending {
    pub(super) slot: Arc<Slot>,
    pub(super) queue: Arc<Queue>,
}

impl Pending {
    /// Waits on this thread, at most until the deadline.
    ///
    /// # Errors
    /// [`Busy`]: use the fast tier.
    pub fn wait(self) -> Answer {
        let mut state = self.slot.lock();
        loop {
            if let State::Answered(_) = *state
                && let State::Answered(answer) = std::mem::replace(&mut *state, State::Settled)
            {
                return answer;
            }
            state = self.slot.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Future for Pending {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.slot.lock();
        match std::mem::replace(&mut *state, State::Settled) {
            State::Answered(answer) => Poll::Ready(answer),
            State::Open | State::Awaited(_) => {
                *state = State::Awaited(context.waker().clone());
                Poll::Pending
            }
            // Asked again after its answer, which futures need not bear.
            State::Settled => Poll::Ready(Err(Busy::Closed)),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut state = self.slot.lock();
        let open = matches!(*state, State::Open | State::Awaited(_));
        *state = State::Settled;
        drop(state);
        if open {
            self.queue.taken_back();
        }
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}
