//! The sandbox bank as a process: `sandbox-bank --seed packs/demo/core`.

use clap::Parser;
use jiff::civil::Date;
use sandbox_bank::time::system_clock;
use sandbox_bank::{BusinessDate, Options, SandboxBank};
use std::path::PathBuf;
use tokio::net::TcpListener;

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
        served = sandbox_bank::serve(listener, bank) => Ok(served?),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}
