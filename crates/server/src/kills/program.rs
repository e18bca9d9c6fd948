//! The program under test: `teller serve --demo` as a process, with the sandbox
//! core that it starts.

use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// How long a start may take (the first one invents the bank's history).
const READY_MAX: Duration = Duration::from_secs(180);
/// How long a requested end may take.
const STOP_MAX: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(25);
const REQUEST_MAX: Duration = Duration::from_secs(5);

pub struct Program {
    folder: PathBuf,
    pack: PathBuf,
    listen: SocketAddr,
    core: SocketAddr,
    client: reqwest::Client,
    child: Option<Child>,
}

impl Program {
    pub fn new(folder: &Path, pack: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("folder {}", folder.display()))?;
        if std::fs::read_dir(folder)?.next().is_some() {
            bail!("{} is not empty; a run begins with nothing", folder.display());
        }
        Ok(Self {
            folder: folder.to_owned(),
            pack: pack.to_owned(),
            listen: free_address()?,
            core: free_address()?,
            client: reqwest::Client::builder().no_proxy().timeout(REQUEST_MAX).build()?,
            child: None,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    pub fn core_url(&self) -> String {
        format!("http://{}", self.core)
    }

    /// Starts it and waits until it says that it is ready.
    pub async fn start(&mut self) -> Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("teller.log"))?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--demo", "--rate-limits", "false", "--log", "warn"])
            .arg("--data")
            .arg(self.folder.join("data"))
            .arg("--pack")
            .arg(&self.pack)
            .args(["--listen", &self.listen.to_string(), "--sandbox-listen", &self.core.to_string()])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("start the server")?;
        let until = Instant::now() + READY_MAX;
        while !self.answers(&format!("{}/readyz", self.url())).await {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended at its start ({status}); see {}", self.folder.join("teller.log").display());
            }
            if Instant::now() > until {
                bail!("the server was not ready within {} s", READY_MAX.as_secs());
            }
            sleep(LOOK_EVERY).await;
        }
        self.child = Some(child);
        Ok(())
    }

    async fn answers(&self, url: &str) -> bool {
        matches!(self.client.get(url).send().await, Ok(reply) if reply.status().is_success())
    }

    /// `kill -9` of the server.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await.context("kill the server")?;
        }
        Ok(())
    }

    /// `kill -9` of the core; the server starts it again.
    pub fn kill_core(&self) -> Result<()> {
        let kept = std::fs::read_to_string(self.folder.join("data/sandbox.pid")).context("the core's process")?;
        let Some(process) = rustix::process::Pid::from_raw(kept.trim().parse()?) else { bail!("no process {kept}") };
        // It may be between two starts.
        match rustix::process::kill_process(process, rustix::process::Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until the core is back.
    pub async fn core_answers(&self) -> Result<()> {
        let until = Instant::now() + READY_MAX;
        while !self.answers(&format!("{}/healthz", self.core_url())).await {
            if Instant::now() > until {
                bail!("the core was not back within {} s", READY_MAX.as_secs());
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// The core's journal in hledger's format.
    pub async fn journal(&self) -> Result<String> {
        let reply = self.client.get(format!("{}/v1/export/journal.hledger", self.core_url())).send().await?;
        Ok(reply.error_for_status()?.text().await?)
    }

    /// Asks it to end, as an operator would.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let process = child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?));
        rustix::process::kill_process(process.context("the server's process")?, rustix::process::Signal::TERM)?;
        timeout(STOP_MAX, child.wait()).await.context("the server did not end when asked")??;
        Ok(())
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
