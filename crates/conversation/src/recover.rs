//! Finishing what was interrupted: turns that a crash cut off, and effects
//! whose outcome nobody knows.
//!
//! Invariants: an unknown outcome is found out by query, never by sending
//! again; a confirmed order that the core still holds unconfirmed is cancelled
//! before it is called cancelled, so that a late confirmation can do nothing; a
//! protective request may be sent again under its own key, since it only
//! reduces what can leave and the key makes it one.

use crate::effects::protective;
use crate::error::TurnError;
use crate::house;
use crate::service::{Conversations, problem};
use crate::turn::Turn;
use serde_json::{Value, json};
use teller_bank::permit::{StaffDecision, StaffReleaseEvidence, Verdict};
use teller_bank::{CommitOutcome, CommitPermit, CoreBank, digest};
use teller_flows::{Stage, run::ORDER};
use teller_kernel::event::{CommitKind, CommitStatus};
use teller_kernel::id::ReleaseId;
use teller_kernel::{Actor, Code, CustomerId, EventBody, IdempotencyKey, Problem, StaffId};
use teller_store::{Commit, Release, ReleaseState, WriteSet};

/// Open commits looked at in one sweep, and unanswered conversations at a start.
const SWEEP_MAX: u32 = 200;

/// What a start found unfinished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    pub turns: u32,
    pub commits: u32,
}

/// How far a release has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseProgress {
    /// One has said yes; another must.
    FirstApproval,
    Released,
    Declined,
}

/// Finds out how an effect ended. Definite, or still unknown or queued.
async fn find_out(
    core: &dyn CoreBank,
    customer: &CustomerId,
    kind: CommitKind,
    operation: &str,
    key: &IdempotencyKey,
    params: &Value,
) -> Result<CommitOutcome, TurnError> {
    if kind != CommitKind::Protective {
        return Ok(core.settle(customer, operation, key).await.unwrap_or_else(|_| CommitOutcome::unknown()));
    }
    match core.query(customer, operation, key).await {
        Ok(Some(state)) => match state.status.commit_status() {
            Some(status) => Ok(CommitOutcome::new(status, state.code, state.result)),
            None => Ok(CommitOutcome::unknown()),
        },
        Ok(None) => Ok(core.protect(protective(customer.clone(), operation, key.clone(), params.clone())?).await),
        Err(_) => Ok(CommitOutcome::new(CommitStatus::Queued, None, Value::Null)),
    }
}

impl Turn<'_> {
    /// Goes on with a turn that a crash cut off after something was saved.
    pub(crate) async fn take_up_again(&mut self) -> Result<(), TurnError> {
        self.because("resume", "the turn was interrupted");
        if let Some(run) = self.state.active().cloned()
            && let Stage::Committing { key } = &run.stage
            && let Some(open) = self.state.open_commits.get(key).cloned()
            && let Some(customer) = self.state.customer.clone()
        {
            let commit = self.ports.store.commit_by_key(key).await?;
            let params = commit.and_then(|commit| commit.params).unwrap_or(Value::Null);
            let outcome = find_out(&*self.ports.core, &customer, open.kind, &open.operation, key, &params).await?;
            let values = run.vars.get(ORDER).map_or(params, |order| order["values"].clone());
            self.resolved(&run, key.clone(), &open.operation, &values, outcome);
        }
        self.know_customer().await;
        self.drive().await
    }
}

impl Conversations {
    /// At the start: finishes turns that were cut off, then open effects.
    pub async fn recover(&self) -> Result<Recovered, Problem> {
        let mut recovered = Recovered::default();
        let mut after = None;
        loop {
            let page = self.ports().store.unanswered_conversations(after.as_ref(), SWEEP_MAX).await.map_err(problem)?;
            let Some(last) = page.last() else { break };
            after = Some(last.head.id.clone());
            for conversation in &page {
                self.finish_turns(&conversation.head.id).await?;
                recovered.turns += 1;
            }
        }
        recovered.commits = self.reconcile().await?;
        Ok(recovered)
    }

    /// Looks up open effects; gives how many became definite.
    pub async fn reconcile(&self) -> Result<u32, Problem> {
        let mut definite = 0;
        let mut after: Option<Commit> = None;
        loop {
            let page = self.ports().store.open_commits(after.as_ref(), SWEEP_MAX).await.map_err(problem)?;
            let Some(last) = page.last() else { return Ok(definite) };
            let next = last.clone();
            for commit in page {
                if self.reconcile_one(commit).await? {
                    definite += 1;
                }
            }
            after = Some(next);
        }
    }

    async fn reconcile_one(&self, commit: Commit) -> Result<bool, Problem> {
        self.finish_turns(&commit.conversation).await?;
        let lock = self.lock(&commit.conversation);
        let _held = lock.lock().await;
        let state = self.state(&commit.conversation).await?;
        let Some(open) = state.open_commits.get(&commit.key).cloned() else { return Ok(false) };
        let Some(customer) = commit.customer.clone() else { return Ok(false) };
        let params = commit.params.clone().unwrap_or(Value::Null);
        let core = &*self.ports().core;
        let outcome = match self.released(&commit).await? {
            Some(release) => self.carry_out_release(&commit, &release).await?,
            None => find_out(core, &customer, open.kind, &commit.operation, &commit.key, &params).await?,
        };
        if outcome.status == open.status || !outcome.is_definite() {
            return Ok(false);
        }
        let actor = Actor::system("reconcile");
        let mut turn = Turn::new(self.ports(), self.ports().packs.active(), (*state).clone(), actor);
        turn.know_customer().await;
        turn.outcome_known(&commit, &params, outcome)?;
        turn.flush().await?;
        self.keep(turn.into_state());
        Ok(true)
    }

    /// A release that two people have approved but the core has not heard of.
    async fn released(&self, commit: &Commit) -> Result<Option<Release>, Problem> {
        let release = self.ports().store.release_of_commit(&commit.key).await.map_err(problem)?;
        Ok(release.filter(|release| release.state != ReleaseState::Waiting && release.state != ReleaseState::Proposed))
    }

    async fn carry_out_release(&self, commit: &Commit, release: &Release) -> Result<CommitOutcome, TurnError> {
        let values = release.summary.clone().unwrap_or(Value::Null);
        let seen = digest(&values);
        let decision = |staff: &StaffId, at_ms| StaffDecision { staff: staff.clone(), digest: seen.clone(), at_ms };
        let missing = || TurnError::from(Problem::new(Code::Internal));
        let decider = release.decided_by.as_ref().ok_or_else(missing)?;
        let decided = decision(decider, release.decided_at_ms.unwrap_or_default());
        let verdict = match release.state {
            ReleaseState::Approved => {
                let first = release.first_by.as_ref().ok_or_else(missing)?;
                Verdict::Release { first: decision(first, release.first_at_ms.unwrap_or_default()), second: decided }
            }
            _ => Verdict::Decline { by: decided, reason: release.reason.clone().unwrap_or_default() },
        };
        let permit = CommitPermit::staff_release(StaffReleaseEvidence {
            customer: commit.customer.clone().ok_or_else(missing)?,
            operation: commit.operation.clone(),
            key: commit.key.clone(),
            order_id: commit.order_id.clone().ok_or_else(missing)?,
            values,
            verdict,
            now_ms: self.ports().clock.now_ms(),
        })?;
        Ok(self.ports().core.release(permit).await)
    }

    /// One person's word on a held order. Two different ones release it; one
    /// is enough to decline.
    pub async fn decide_release(
        &self,
        id: &ReleaseId,
        staff: &StaffId,
        approved: bool,
        reason: &str,
    ) -> Result<ReleaseProgress, Problem> {
        let store = &self.ports().store;
        let release = store.release(id).await.map_err(problem)?.ok_or(Code::NotFound)?;
        if approved && release.state == ReleaseState::Waiting {
            let mut set = WriteSet::new();
            set.propose_release(id, staff);
            store.commit(set).await.map_err(problem)?;
            return Ok(ReleaseProgress::FirstApproval);
        }
        let mut set = WriteSet::new();
        set.decide_release(id, staff, approved, reason);
        store.commit(set).await.map_err(problem)?;
        let staff = staff.clone();
        self.as_actor(&release.conversation, Actor::Staff { id: staff }, |turn| {
            turn.emit(EventBody::ReleaseDecided { release: id.clone(), approved, reason: reason.to_owned() });
            Ok(())
        })
        .await?;
        if let Some(commit) = store.commit_by_key(&release.key).await.map_err(problem)? {
            // If the core does not answer now, reconciliation comes back to it.
            self.reconcile_one(commit).await?;
        }
        Ok(if approved { ReleaseProgress::Released } else { ReleaseProgress::Declined })
    }
}

impl Turn<'_> {
    /// Tells the customer how something ended that was open.
    fn outcome_known(&mut self, commit: &Commit, params: &Value, outcome: CommitOutcome) -> Result<(), TurnError> {
        let CommitOutcome { status, code, result } = outcome;
        let values = params.get("values").cloned().unwrap_or_else(|| params.clone());
        self.emit(EventBody::CommitResolved {
            run: commit.run.clone(),
            key: commit.key.clone(),
            status,
            code: code.clone(),
            result: result.clone(),
        });
        if status == CommitStatus::Held {
            self.emit(EventBody::ReleaseRequested {
                release: ReleaseId::fresh(&*self.ports.clock, &*self.ports.rng),
                key: commit.key.clone(),
                operation: commit.operation.clone(),
                summary: values.clone(),
            });
        }
        let name = self.bank.operation_name(&commit.operation, self.state.locale);
        let context = json!({"operation": name, "result": result, "values": values, "code": code});
        self.say(house::commit_message(status), context)
    }
}
