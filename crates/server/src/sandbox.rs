//! The sandbox core as a process of its own, started and watched in demo mode.
//!
//! Invariants: it is found beside this program and nowhere else; one that a
//! killed server left behind is ended first, so that two never write one
//! ledger; one that somebody else serves at the address is used as it is; one
//! that ends is started again, with a pause that grows. The ledger survives all
//! of this, so nothing here needs to be gentle.

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
/// Process of the sandbox that writes the ledger, in the data folder.
const PID: &str = "sandbox.pid";
/// Folder of the pack that seeds the core.
const SEED: &str = "core";
/// How long it may take to answer after its start (the first one invents a
/// year and a half of history).
const START_MAX: Duration = Duration::from_secs(120);
/// How long one look at its health may take.
const LOOK_MAX: Duration = Duration::from_secs(2);
/// How long one that is ended may take.
const END_MAX: Duration = Duration::from_secs(5);
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
    /// The data folder must be there by the time it is started.
    ///
    /// # Errors
    /// The program is not beside this one, or the pack has no seed.
    pub fn find(listen: SocketAddr, data: &Path, pack: &Path) -> Result<Self> {
        let own = std::env::current_exe().context("where this program lies")?;
        let program = own.with_file_name(PROGRAM);
        if !program.is_file() {
            bail!("{} is missing; build it with `cargo build --release -p sandbox-bank`", program.display());
        }
        let seed = pack.join(SEED);
        if !seed.is_dir() {
            bail!("{} is missing; the demo core is seeded from it", seed.display());
        }
        Ok(Self { program, listen, ledger: data.join(LEDGER), seed })
    }

    /// Base address of the core.
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// Starts it and waits until it answers; uses one that answers already.
    pub async fn start(&self) -> Result<Option<Child>> {
        self.end_left_behind().await;
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

    /// Ends the sandbox that a killed server left: the process of the kept
    /// number, if it still is this very program.
    async fn end_left_behind(&self) {
        let Some(pid) =
            std::fs::read_to_string(self.ledger.with_file_name(PID)).ok().and_then(|text| text.parse().ok())
        else {
            return;
        };
        let Some(process) = rustix::process::Pid::from_raw(pid).filter(|_| self.is_sandbox(pid)) else { return };
        tracing::info!(pid, "ending the sandbox core that an earlier server left");
        if rustix::process::kill_process(process, rustix::process::Signal::TERM).is_err() {
            return;
        }
        let until = Instant::now() + END_MAX;
        while self.is_sandbox(pid) && Instant::now() < until {
            sleep(LOOK_EVERY).await;
        }
    }

    /// A number may have been given to another program since. (Where there is
    /// no /proc nothing is known, and nothing is ended.)
    fn is_sandbox(&self, pid: i32) -> bool {
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        // A program that was built anew since shows as deleted.
        let name = program.to_string_lossy();
        Path::new(name.trim_end_matches(" (deleted)")) == self.program
    }

    fn spawn(&self) -> Result<Child> {
        // The demo's day is today's, and its service hours do not keep anybody
        // from looking at it at night.
        let child = Command::new(&self.program)
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
            .with_context(|| format!("start {}", self.program.display()))?;
        if let Some(pid) = child.id() {
            // Without it a killed server's sandbox is used instead of ended.
            let _ = std::fs::write(self.ledger.with_file_name(PID), pid.to_string());
        }
        Ok(child)
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
