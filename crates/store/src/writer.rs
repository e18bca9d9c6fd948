//! The one writer: takes write sets from the queue and commits many of them in
//! one transaction, so that they share one fsync.
//!
//! Invariants: a set is applied in a savepoint of its own, so that a refusal
//! undoes that set alone; nobody is answered or told before the commit; a fault
//! of the machine undoes the whole group, and each set is then tried alone. A
//! commit whose outcome is not known ends the writer: what is on the disk
//! decides at the next start.

use crate::audit::AuditTail;
use crate::config::{Crash, point};
use crate::db::Shared;
use crate::error::{OpenError, StoreError};
use crate::limits::GROUP_MAX;
use crate::sql::{Conn, vals};
use crate::tx::Tx;
use crate::vault::Pending;
use crate::write::{self, Applied, Notices, WriteSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use teller_kernel::Clock;
use tokio::sync::{mpsc, oneshot};

type Answer = Result<Applied, StoreError>;

pub(crate) enum Ask {
    Write { set: WriteSet, answer: oneshot::Sender<Answer> },
    Close(oneshot::Sender<()>),
}

struct Job {
    set: WriteSet,
    answer: oneshot::Sender<Answer>,
}

pub(crate) struct Writer {
    pub(crate) conn: Conn,
    pub(crate) shared: Arc<Shared>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) crash: Arc<dyn Crash>,
}

/// However the writer's thread ends, the store stops with it.
struct StopOnDrop(Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// A group that is committed, with what to tell.
struct Committed {
    answers: Vec<Answer>,
    notices: Notices,
    erased: bool,
}

enum Fault {
    /// Nothing of the group is saved.
    Undone(StoreError),
    /// Nobody knows, or a test said so: the writer must end.
    Dead,
}

impl Writer {
    /// Starts the writer on a thread of its own, where its statements may block.
    /// It ends when it is asked to close or the last handle is gone.
    pub(crate) fn start(self, asks: mpsc::Receiver<Ask>) -> Result<(), OpenError> {
        let runtime = tokio::runtime::Handle::current();
        let stop = StopOnDrop(self.shared.clone());
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                runtime.block_on(self.run(asks));
                drop(stop);
            })
            .map(drop)
            .map_err(|error| OpenError::Engine { why: error.to_string() })
    }

    async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        let mut taken = Vec::with_capacity(GROUP_MAX);
        let mut closing = Vec::new();
        let mut unanswered = Vec::new();
        while closing.is_empty() && asks.recv_many(&mut taken, GROUP_MAX).await > 0 {
            let mut jobs = Vec::with_capacity(taken.len());
            for ask in taken.drain(..) {
                match ask {
                    Ask::Write { set, answer } => jobs.push(Job { set, answer }),
                    Ask::Close(answer) => closing.push(answer),
                }
            }
            if let ControlFlow::Break(jobs) = self.group(jobs).await {
                unanswered = jobs;
                break;
            }
        }
        // Closed before anyone hears of it, so that the file can be opened anew.
        self.conn.close().await;
        self.shared.stop();
        drop(unanswered);
        // A caller may have got its place in the queue and not yet left its
        // message there: a receiver that is merely dropped would never see it,
        // and the caller would wait for ever. Reading to the end after `close`
        // waits for those too; what is dropped unanswered reads as `Stopped`.
        asks.close();
        while asks.recv().await.is_some() {}
        for answer in closing {
            // The one who asked may have stopped waiting.
            let _ = answer.send(());
        }
    }

    /// Commits and answers a group; breaks with the jobs that get no answer when
    /// the writer must end.
    async fn group(&mut self, jobs: Vec<Job>) -> ControlFlow<Vec<Job>> {
        if jobs.is_empty() {
            return ControlFlow::Continue(());
        }
        if self.crash.at(point::BEFORE_BEGIN) {
            return self.die(jobs).await;
        }
        match self.transact(&jobs).await {
            Ok(committed) => self.tell(jobs, committed).await,
            Err(Fault::Dead) => self.die(jobs).await,
            Err(Fault::Undone(error)) if jobs.len() == 1 => {
                tracing::error!(%error, "a write set failed");
                for job in jobs {
                    let _ = job.answer.send(Err(error.clone()));
                }
                ControlFlow::Continue(())
            }
            Err(Fault::Undone(error)) => {
                tracing::warn!(%error, sets = jobs.len(), "a group failed; trying each write set alone");
                let mut jobs = jobs.into_iter();
                while let Some(job) = jobs.next() {
                    if let ControlFlow::Break(mut unanswered) = Box::pin(self.group(vec![job])).await {
                        unanswered.extend(jobs);
                        return ControlFlow::Break(unanswered);
                    }
                }
                ControlFlow::Continue(())
            }
        }
    }

    async fn tell(&mut self, jobs: Vec<Job>, committed: Committed) -> ControlFlow<Vec<Job>> {
        if committed.erased {
            self.forget().await;
        }
        if self.crash.at(point::BEFORE_ANSWER) {
            return self.die(jobs).await;
        }
        for notice in committed.notices {
            // No listener is no fault.
            let _ = self.shared.notices.send(notice);
        }
        for (job, answer) in jobs.into_iter().zip(committed.answers) {
            let _ = job.answer.send(answer);
        }
        ControlFlow::Continue(())
    }

    /// Undoes what is not committed; the jobs stay unanswered.
    async fn die(&mut self, jobs: Vec<Job>) -> ControlFlow<Vec<Job>> {
        if let Err(error) = self.conn.script("ROLLBACK").await {
            tracing::debug!(%error, "nothing to roll back");
        }
        ControlFlow::Break(jobs)
    }

    /// Removes the old pages in which a destroyed key may still stand.
    async fn forget(&mut self) {
        match self.conn.forget_old_pages().await {
            Ok(true) => {}
            Ok(false) => tracing::warn!("a reader kept old pages; the next erasure or restart removes them"),
            Err(error) => tracing::error!(%error, "old pages were not removed after an erasure"),
        }
    }

    async fn transact(&mut self, jobs: &[Job]) -> Result<Committed, Fault> {
        self.conn.begin().await.map_err(Fault::Undone)?;
        match self.apply_all(jobs).await {
            Ok((committed, keys)) => {
                if self.crash.at(point::BEFORE_COMMIT) {
                    return Err(Fault::Dead);
                }
                match self.conn.script("COMMIT").await {
                    Ok(()) => {
                        self.shared.vault.commit(keys);
                        Ok(committed)
                    }
                    // Found before the commit mark was written: safe to undo.
                    Err(error @ (StoreError::StorageFull | StoreError::Overloaded)) => self.undo(error).await,
                    Err(error) => {
                        tracing::error!(%error, "a commit failed with unknown outcome; the writer ends");
                        Err(Fault::Dead)
                    }
                }
            }
            Err(error) => self.undo(error).await,
        }
    }

    async fn undo<T>(&mut self, error: StoreError) -> Result<T, Fault> {
        // SQLite may have rolled back by itself already; both ways nothing is saved.
        if let Err(rollback) = self.conn.script("ROLLBACK").await {
            tracing::debug!(error = %rollback, "rollback after a fault");
        }
        Err(Fault::Undone(error))
    }

    async fn apply_all(&mut self, jobs: &[Job]) -> Result<(Committed, Pending), StoreError> {
        let now_ms = self.clock.now_ms();
        let mut tail = AuditTail::read(&mut self.conn).await?;
        let mut keys = Pending::default();
        let mut committed = Committed { answers: Vec::with_capacity(jobs.len()), notices: Vec::new(), erased: false };
        for job in jobs {
            self.conn.run("SAVEPOINT write_set", vals![]).await?;
            let mut tx = Tx {
                conn: &mut self.conn,
                now_ms,
                vault: &self.shared.vault,
                group: &keys,
                keys: Pending::default(),
                tail,
                notices: Vec::new(),
                applied: Applied { at_ms: now_ms, ..Applied::default() },
            };
            match apply_set(&mut tx, &job.set).await {
                Ok(()) => {
                    let Tx { keys: made, tail: new_tail, notices, applied, .. } = tx;
                    tail = new_tail;
                    keys.absorb(made);
                    committed.notices.extend(notices);
                    committed.answers.push(Ok(applied));
                }
                Err(refusal) if refusal.is_refusal() => {
                    self.conn.run("ROLLBACK TO write_set", vals![]).await?;
                    committed.answers.push(Err(refusal));
                }
                Err(fault) => return Err(fault),
            }
            self.conn.run("RELEASE write_set", vals![]).await?;
        }
        committed.erased = keys.erased;
        Ok((committed, keys))
    }
}

async fn apply_set(tx: &mut Tx<'_>, set: &WriteSet) -> Result<(), StoreError> {
    for op in &set.ops {
        write::apply(tx, op).await?;
    }
    Ok(())
}
