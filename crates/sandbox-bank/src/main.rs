//! The sandbox bank as a process: `sandbox-bank --seed packs/demo/core`.

use clap::Parser;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use jiff::civil::Date;
use sandbox_bank::time::system_clock;
use sandbox_bank::{BusinessDate, Options, SandboxBank};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections served at once.
const CONNECTIONS_MAX: usize = 512;

/// The demo core bank of 云杉银行 (fictional).
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:7100")]
    listen: String,
    /// Ledger file, or `:memory:`.
    #[arg(long, default_value = ":memory:")]
    data: PathBuf,
    /// Folder with bank.yaml and customers.yaml.
    #[arg(long, default_value = "packs/demo/core")]
    seed: PathBuf,
    /// A date, `seed` for the seed's own, or `today` to follow the clock.
    #[arg(long, default_value = "seed", value_parser = business_date)]
    business_date: BusinessDate,
    /// Do not look at service hours.
    #[arg(long)]
    always_open: bool,
    /// Print the contract as OpenAPI JSON and end.
    #[arg(long)]
    openapi: bool,
}

fn business_date(text: &str) -> Result<BusinessDate, String> {
    match text {
        "seed" => Ok(BusinessDate::Seed),
        "today" => Ok(BusinessDate::FollowClock),
        date => date.parse::<Date>().map(BusinessDate::Fixed).map_err(|_| "not a date, `seed` or `today`".into()),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.openapi {
        use std::io::Write;
        std::io::stdout().write_all(sandbox_bank::openapi().as_bytes())?;
        return Ok(());
    }
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .init();
    let options = Options { business_date: args.business_date, always_open: args.always_open };
    let bank = SandboxBank::open_with(args.data.as_path(), &args.seed, system_clock(), options).await?;
    let listener = TcpListener::bind(&args.listen).await?;
    tracing::info!(address = %listener.local_addr()?, "sandbox bank is listening");
    tokio::select! {
        served = serve(listener, bank) => served,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Serves connections; a dropped reply closes its connection without a word.
async fn serve(listener: TcpListener, bank: SandboxBank) -> anyhow::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = places.clone().acquire_owned().await?;
        let (stream, _) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = bank.service();
        tokio::spawn(async move {
            let service = tower::ServiceExt::map_request(service, |request: axum::http::Request<_>| {
                request.map(axum::body::Body::new)
            });
            let connection = auto::Builder::new(TokioExecutor::new());
            if let Err(error) =
                connection.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await
            {
                tracing::debug!(%error, "connection ended");
            }
            drop(place);
        });
    }
}
