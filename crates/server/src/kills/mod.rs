//! Real ends of the whole program: `kill -9` while customers are at it.
//!
//! The server and the sandbox core run as the processes they are, over sockets
//! and disk. A few customers' pages transfer, repay and lock, repeating what was
//! not acknowledged under the same client id; meanwhile the server, the core or
//! both are killed at seeded moments and started again. In the end, with
//! everything up and open outcomes looked up, the same promises hold as in the
//! simulation in process (`teller_rehearsal::promises`).

mod page;
mod program;

use anyhow::{Context, Result, bail, ensure};
use page::Page;
use program::Program;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use teller_bank::http::TransportSettings;
use teller_bank::{CoreBank, HttpCoreBank, ReqwestTransport};
use teller_kernel::ports::fixed::SeededRng;
use teller_kernel::{Clock, CustomerId, Rng};
use teller_rehearsal::promises::{self, COUNTED};
use teller_store::{Db, StoreConfig};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Customers at it at once.
const PAGES: u64 = 8;
/// The longest the program is left alone between two kills, in milliseconds.
const CALM_MAX_MS: u64 = 1_500;
/// How long open outcomes may take to be looked up once everything is up.
const SETTLE_MAX: Duration = Duration::from_secs(120);
const SETTLE_EVERY: Duration = Duration::from_secs(2);
/// Orders read of one customer.
const ORDERS_MAX: u32 = 100;
/// Events read at once.
const PAGE_MAX: u32 = 500;

/// What a run did.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Tally {
    pub seed: u64,
    pub kills_of_server: u64,
    pub kills_of_core: u64,
    pub errands: u64,
    pub acknowledged: u64,
    pub repeated: u64,
    pub effects: u64,
    pub posted: u64,
    pub restart_ms_max: u64,
}

/// Kills `kills` times, then checks every promise. The folder must be empty or
/// absent; it is left for a look when a promise was broken.
pub async fn run(
    folder: &Path,
    pack: &Path,
    seed: u64,
    kills: u64,
    clock: Arc<dyn Clock>,
    progress: impl Fn(&Tally),
) -> Result<Tally> {
    let rng = SeededRng::new(seed);
    let mut tally = Tally { seed, ..Tally::default() };
    let mut program = Program::new(folder, pack)?;
    program.start().await?;
    let core =
        HttpCoreBank::new(Arc::new(ReqwestTransport::new(&TransportSettings::new(program.core_url()))?), clock.clone());
    let customers: Vec<CustomerId> =
        (1..=PAGES).map(|n| CustomerId::parse(&format!("cu_100{n}")).expect("a seeded customer id")).collect();
    let before = booked(&core, &customers).await?;

    let over = Arc::new(AtomicBool::new(false));
    let mut pages = JoinSet::new();
    for (at, customer) in customers.iter().enumerate() {
        let page = Page::new(program.url(), customer.clone(), seed.wrapping_mul(31).wrapping_add(at as u64))?;
        pages.spawn(page.go_on(over.clone()));
    }
    for at in 0..kills {
        sleep(Duration::from_millis(rng.below(CALM_MAX_MS))).await;
        // One in three leaves the core alone, one in three takes it down too,
        // and one in three takes down the core alone.
        let (server, core_too) = [(true, false), (true, true), (false, true)][usize::try_from(at % 3).unwrap_or(0)];
        if core_too {
            program.kill_core()?;
            tally.kills_of_core += 1;
        }
        if server {
            program.kill().await?;
            let begun = Instant::now();
            program.start().await?;
            let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            tally.restart_ms_max = tally.restart_ms_max.max(took);
            tally.kills_of_server += 1;
        }
        program.core_answers().await?;
        progress(&tally);
    }
    over.store(true, Ordering::Relaxed);
    let mut errands = Vec::new();
    while let Some(done) = pages.join_next().await {
        let done = done.context("a page broke")??;
        tally.repeated += done.repeated;
        errands.extend(done.errands);
    }
    tally.errands = errands.len() as u64;

    // What is still open is looked up by the server itself.
    let until = Instant::now() + SETTLE_MAX;
    loop {
        let checked = check(folder, &clock, &errands, &mut tally).await;
        match checked {
            Ok(told) => {
                let now = booked(&core, &customers).await?;
                for (key, count) in &told {
                    let grown = now.get(key).copied().unwrap_or(0) - before.get(key).copied().unwrap_or(0);
                    ensure!(grown == *count, "{}: the core booked {grown} of {}, the events say {count}", key.0, key.1);
                }
                break;
            }
            Err(what) if Instant::now() > until => bail!(what),
            Err(_) => sleep(SETTLE_EVERY).await,
        }
    }
    teller_rehearsal::books::check(&program.journal().await?).map_err(|what| anyhow::anyhow!(what))?;
    program.stop().await?;
    let store = open(folder, clock).await?;
    store.verify_audit().await?;
    store.close().await;
    Ok(tally)
}

async fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Db> {
    Ok(Db::open(StoreConfig::in_folder(&folder.join("data"))?.read_only(), clock).await?)
}

/// Posted orders by customer and operation.
type Booked = BTreeMap<(CustomerId, String), usize>;

async fn booked(core: &HttpCoreBank, customers: &[CustomerId]) -> Result<Booked> {
    let mut counts = Booked::new();
    for customer in customers {
        let read = core.read("orders", Some(customer), &json!({"limit": ORDERS_MAX})).await;
        let read = read.map_err(|error| anyhow::anyhow!("orders of {customer}: {error:?}"))?;
        let items = read["items"].as_array().cloned().unwrap_or_default();
        ensure!(items.len() < ORDERS_MAX as usize, "{customer} has more orders than can be read; kill less");
        for order in items.iter().filter(|order| order["status"] == "posted") {
            let operation = order["operation"].as_str().unwrap_or_default().to_owned();
            *counts.entry((customer.clone(), operation)).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Checks every errand against what is saved; what the events call posted.
async fn check(
    folder: &Path,
    clock: &Arc<dyn Clock>,
    errands: &[page::Errand],
    tally: &mut Tally,
) -> Result<Booked, String> {
    let store = open(folder, clock.clone()).await.map_err(|error| format!("{error:#}"))?;
    let mut told = Booked::new();
    (tally.acknowledged, tally.effects, tally.posted) = (0, 0, 0);
    for errand in errands {
        let mut events = Vec::new();
        let mut pages = store.event_pages(&errand.conversation, 0);
        while let Some(page) = pages.next().await.map_err(|error| error.to_string())? {
            events.extend(page);
            debug_assert!(events.len() < PAGE_MAX as usize * 100, "a conversation without end");
        }
        let of = |what: String| format!("{} of {}: {what}", errand.conversation, errand.customer);
        promises::kept(&events, &errand.acknowledged).map_err(of)?;
        let outcomes = promises::outcomes(&events).map_err(of)?;
        tally.acknowledged += errand.acknowledged.len() as u64;
        tally.effects += outcomes.len() as u64;
        for operation in COUNTED {
            let posted = promises::posted(&outcomes, operation);
            *told.entry((errand.customer.clone(), operation.to_owned())).or_default() += posted;
            tally.posted += posted as u64;
        }
    }
    store.close().await;
    Ok(told)
}
