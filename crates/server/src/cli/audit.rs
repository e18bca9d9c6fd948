//! `teller audit verify`.

use crate::cli::pack::open_to_read;
use crate::cli::{block_on, out};
use crate::config::PlaceArgs;
use anyhow::Result;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the whole audit chain and every event under it
    ///
    /// Works beside a running server. Prints the number of rows and events and
    /// the hash of the last row: keep that hash somewhere else, and a later
    /// rewriting of everything before it will show.
    Verify,
}

pub fn run(places: &PlaceArgs, command: &AuditCommand) -> Result<ExitCode> {
    let AuditCommand::Verify = command;
    let verified = block_on(async { Ok(open_to_read(places).await?.verify_audit().await?) })?;
    out::line(format_args!("sound: {} rows, {} events, head {}", verified.rows, verified.events, verified.head));
    Ok(ExitCode::SUCCESS)
}
