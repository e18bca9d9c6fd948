//! The sandbox core as a process of its own, started and watched in demo mode.
//!
//! Invariants: it is found beside this program and nowhere else; one that is
//! already serving at the address (left by a server that was killed) is used
//! as it is; one that ends is started again, with a pause that grows. Its
//! ledger survives both, so nothing here needs to be gentle.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// Name of the program.
pub const PROGRAM: &str = "sandbox-bank";
/// Ledger in the data folder.
const LEDGER: &str = "sandbox.db";
/// Folder of the pack that seeds the core.
const SEED: &str = "core";
/// How long it may take to answer after its start (the first one invents a
/// year and a half of history).
const START_MAX: Duration = Duration::from_secs(120);
/// How long one look at its health may take.
const LOOK_MAX: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Pauses before it is started again.
const RESTART_FIRST: Duration = Duration::from_millis(500);
const RESTART_MAX: Duration = Duration::from_secs(30);
/// Having run for this long, it is no longer one that fails at the start.
const RAN_WELL: Duration = Duration::from_secs(60);

/// What is needed to start it.
#[derive(Debug, Clone)]
pub struct Sandbox {
    program: PathBuf,
    listen: SocketAddr,
    ledger: PathBuf,
    seed: PathBuf,
}

impl Sandbox {
    /// # Errors
    /// The program is not beside this one, or the pack has no seed.
    pub fn find(listen: SocketAddr, pack: &Path) -> Result<Self> {
        let own = std::env::current_exe().context("where this program lies")?;
        let program = own.with_file_name(PROGRAM);
        if !program.is_file() {
            bail!("{} is missing; build it with `cargo build --release -p sandbox-bank`", program.display());
        }
        let seed = pack.join(SEED);
        if !seed.is_dir() {
            bail!("{} is missing; the demo core is seeded from it", seed.display());
        }
        Ok(Self { program, listen, ledger: PathBuf::from(":memory:"), seed })
    }

    /// Keeps the ledger in a data folder, which is there.
    pub fn with_ledger_in(mut self, data: &Path) -> Self {
        self.ledger = data.join(LEDGER);
        self
    }

    /// Base address of the core.
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// Starts it and waits until it answers; uses one that answers already.
    pub async fn start(&self) -> Result<Option<Child>> {
        if self.answers().await {
            tracing::info!(address = %self.listen, "a sandbox core is serving already; it is used");
            return Ok(None);
        }
        let mut child = self.spawn()?;
        let until = Instant::now() + START_MAX;
        while !self.answers().await {
            if let Some(status) = child.try_wait()? {
                bail!("the sandbox core ended at its start ({status}); its reason stands above");
            }
            if Instant::now() > until {
                bail!("the sandbox core did not answer within {} s", START_MAX.as_secs());
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(Some(child))
    }

    fn spawn(&self) -> Result<Child> {
        // The demo's day is today's, and its service hours do not keep anybody
        // from looking at it at night.
        Command::new(&self.program)
            .args(["--listen", &self.listen.to_string(), "--business-date", "today", "--always-open"])
            .arg("--data")
            .arg(&self.ledger)
            .arg("--seed")
            .arg(&self.seed)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            // Ctrl-C at the terminal is for this program, which ends it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start {}", self.program.display()))
    }

    async fn answers(&self) -> bool {
        let look = async {
            let client = reqwest::Client::builder().no_proxy().build().ok()?;
            client.get(format!("{}/healthz", self.url())).send().await.ok().filter(|reply| reply.status().is_success())
        };
        matches!(timeout(LOOK_MAX, look).await, Ok(Some(_)))
    }

    /// Keeps it running; ends with the task. The child dies with it.
    pub async fn watch(self, first: Option<Child>) {
        let mut child = first;
        let mut pause = RESTART_FIRST;
        loop {
            let began = Instant::now();
            match &mut child {
                Some(running) => match running.wait().await {
                    Ok(status) => tracing::error!(%status, "the sandbox core ended; it is started again"),
                    Err(error) => tracing::error!(%error, "the sandbox core cannot be watched"),
                },
                // Somebody else's: look now and then, and take over when it ends.
                None => {
                    while self.answers().await {
                        sleep(RESTART_MAX).await;
                    }
                }
            }
            pause = if began.elapsed() > RAN_WELL { RESTART_FIRST } else { (pause * 2).min(RESTART_MAX) };
            sleep(pause).await;
            child = match self.start().await {
                Ok(started) => started,
                Err(error) => {
                    tracing::error!("{error:#}");
                    None
                }
            };
        }
    }
}
