//! `teller serve`.

use crate::chance::{SystemClock, SystemRng};
use crate::cli::{log, out};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::demo;
use crate::sandbox::Sandbox;
use crate::wiring::{Wired, make_folder, wire};
use crate::{http, jobs, listen};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

pub fn run(places: &PlaceArgs, args: &ServeArgs) -> Result<ExitCode> {
    let settings = Settings::load(places, args)?;
    log::start(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(&settings))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(settings: &Settings) -> Result<()> {
    let mut signals = Signals::new()?;
    let listener = TcpListener::bind(settings.listen).await.with_context(|| {
        format!("cannot listen on {}; is another server running? (`teller doctor` tells)", settings.listen)
    })?;
    let address = listener.local_addr()?;
    // Starting may take a while the first time; a signal ends it at any moment.
    let started = tokio::select! {
        started = start(settings) => started?,
        () = signals.recv() => return Ok(()),
    };
    let Started { wired: Wired { app, stop, tasks }, sandbox } = started;
    let jobs = jobs::start(&app);
    let router = http::router(app.clone());
    announce(settings, address);
    let serving = listen::serve(listener, router, app.stopping.clone());
    let stopper = async {
        signals.recv().await;
        tracing::info!("stopping");
        // Everybody who listens is told at once.
        let _ = stop.send(true);
    };
    tokio::join!(serving, stopper);
    drop((jobs, tasks));
    app.store.close().await;
    drop(sandbox);
    Ok(())
}

struct Started {
    wired: Wired,
    /// Watches the sandbox core; it ends with this.
    sandbox: JoinSet<()>,
}

async fn start(settings: &Settings) -> Result<Started> {
    let mut watching = JoinSet::new();
    let core_url = match (&settings.core_url, settings.demo) {
        (Some(url), _) => url.clone(),
        (None, true) => {
            make_folder(&settings.data)?;
            let sandbox = Sandbox::find(settings.sandbox_listen, &settings.data, &settings.pack)?;
            let url = sandbox.url();
            let child = sandbox.start().await?;
            watching.spawn(sandbox.watch(child));
            url
        }
        (None, false) => bail!("no core bank: give --core-url, or --demo to play the demo bank"),
    };
    let wired = wire(settings, &core_url, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
    Ok(Started { wired, sandbox: watching })
}

fn announce(settings: &Settings, address: SocketAddr) {
    let url = format!("http://{address}");
    out::line(format_args!("teller {} serves at {url}", env!("CARGO_PKG_VERSION")));
    if !settings.demo {
        out::line(format_args!("  customers  {url}/"));
        out::line(format_args!("  staff      {url}/desk"));
        return;
    }
    out::line(format_args!("  start here      {url}/demo      sign in as any customer of the demo bank"));
    out::line(format_args!("  as a visitor    {url}/"));
    out::line(format_args!("  phone           {url}/phone     text messages with the one-time codes"));
    out::line(format_args!("  staff           {url}/desk      password of all: {}", demo::PASSWORD));
    for (_, user, name, roles) in demo::STAFF {
        let roles: Vec<String> = roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect();
        out::line(format_args!("                  {user:<9} {} ({})", name, roles.join(", ")));
    }
    out::line(format_args!("  as a model      {url}/v1        OpenAI protocol, key: {}", demo::API_KEY));
    out::line("Ctrl-C stops it.");
}

/// The two ways to be asked to stop.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
