//! What the server does by itself: finishing what a crash cut off, finding out
//! open outcomes, removing what has had its time.

use crate::app::App;
use std::future::Future;
use std::time::Duration;
use teller_store::WriteSet;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// How often effects without a definite outcome are looked up.
const RECONCILE_EVERY: Duration = Duration::from_secs(5);
/// How often expired sessions and the like are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Starts every job; they end when the set is dropped.
pub fn start(app: &App) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(recover_then_reconcile(app.clone()));
    jobs.spawn(every(SWEEP_EVERY, app.clone(), sweep));
    jobs
}

/// Serving does not wait for this: a conversation that is spoken to before its
/// turn comes here is finished on the spot.
async fn recover_then_reconcile(app: App) {
    match app.conversations.recover().await {
        Ok(recovered) if recovered.turns + recovered.commits > 0 => {
            tracing::info!(turns = recovered.turns, commits = recovered.commits, "finished what was interrupted");
        }
        Ok(_) => {}
        Err(problem) => tracing::error!(%problem, "recovery"),
    }
    every(RECONCILE_EVERY, app, reconcile).await;
}

async fn reconcile(app: App) {
    match app.conversations.reconcile().await {
        Ok(0) => {}
        Ok(definite) => tracing::info!(definite, "open outcomes found out"),
        Err(problem) => tracing::warn!(%problem, "reconciliation"),
    }
}

async fn sweep(app: App) {
    let mut set = WriteSet::new();
    set.sweep();
    if let Err(error) = app.store.commit(set).await {
        tracing::warn!(%error, "sweep");
    }
}

async fn every<F: Future<Output = ()>>(pause: Duration, app: App, job: impl Fn(App) -> F) {
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        job(app.clone()).await;
    }
}
