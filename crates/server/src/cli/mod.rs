//! The command line. `--help` is the manual: what is said there is said nowhere
//! else, so that it stays true.

mod api_key;
mod audit;
mod bench;
mod doctor;
mod eval;
mod log;
mod models;
mod out;
mod pack;
mod pack_new;
mod pack_test;
mod serve;
mod soak;
mod staff;
mod train;

use crate::config::{PlaceArgs, ServeArgs};
use crate::http::openapi;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

pub use pack_new::write as write_new_pack;

/// Said below `teller --help`.
const MANUAL: &str = "\
First steps:
  teller models fetch         fetch and verify the models (network, once)
  teller serve --demo         play the demo bank at http://127.0.0.1:7400
  teller doctor               what is missing, and how to mend it

A bank of its own:
  teller pack new mybank      a small pack to start from
  teller pack check mybank    errors with file and line
  teller pack activate mybank keep it in the store and let it speak
  teller staff add li --name 李雷 --role agent
  teller serve --core-url http://core.internal:7100

Settings come from flags, TELLER_… variables and teller.toml, in this order;
`teller serve --help` lists them all. Exit status: 0 done, 1 refused or failed,
2 the command line itself is wrong.";

/// A bank's customer service as one program
///
/// Customers chat with their bank: they get a proven answer, a finished
/// transaction or, in one sentence, a human. Everything bank-specific is a
/// folder of data, the pack; everything that happened is kept as an
/// append-only list of events with an audit chain.
#[derive(Debug, Parser)]
#[command(name = "teller", version, after_help = MANUAL, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    places: PlaceArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve customers and staff
    ///
    /// Opens the data folder, puts a pack into service and answers over HTTP
    /// until it gets SIGTERM or Ctrl-C; then open requests end and what waits
    /// is saved. What a crash cut off is finished at the next start.
    Serve(ServeArgs),
    /// Say what is missing on this machine, and how to mend it
    ///
    /// Changes nothing. Looks at the data folder and its keys, the models, the
    /// pack, the port, the core, the disk. Ends with 1 when something keeps
    /// `teller serve` with the same settings from working.
    Doctor(doctor::DoctorArgs),
    /// Fetch, check and remove models
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// Check, start, activate and roll back packs
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// Make and list staff sign-ins
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Make, list and revoke keys of programs that talk to Teller as to a model
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Prove that nothing that was kept was altered
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Measure on this machine; JSON lines
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Measure what is understood, on test sets; one JSON line
    #[command(subcommand)]
    Eval(eval::EvalCommand),
    /// Learn from this bank's own data
    #[command(subcommand)]
    Train(train::TrainCommand),
    /// Crash, fail and kill on purpose, and prove that nothing is lost or doubled
    #[command(subcommand)]
    Soak(soak::SoakCommand),
    /// Print the specification of the HTTP API (OpenAPI 3.1, JSON)
    Openapi,
}

/// Runs a command to its end.
pub fn run(cli: Cli) -> ExitCode {
    match command(cli) {
        Ok(code) => code,
        Err(error) => {
            out::complain(&format!("teller: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn command(cli: Cli) -> Result<ExitCode> {
    let places = cli.places;
    match cli.command {
        Command::Serve(args) => serve::run(&places, &args),
        Command::Doctor(args) => doctor::run(&places, &args),
        Command::Models(command) => models::run(&places, command),
        Command::Pack(command) => pack::run(&places, command),
        Command::Staff(command) => staff::run(&places, command),
        Command::ApiKey(command) => api_key::run(&places, command),
        Command::Audit(command) => audit::run(&places, &command),
        Command::Bench(command) => bench::run(&places, &command),
        Command::Eval(command) => eval::run(&places, &command),
        Command::Train(command) => train::run(&places, &command),
        Command::Soak(command) => soak::run(&places, &command),
        Command::Openapi => {
            out::text(&openapi::specification_json());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A runtime for commands that do one thing and end.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(work)
}
