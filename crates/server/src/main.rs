//! The program `teller`: reads the command line and runs a command.

use clap::Parser;
use std::process::ExitCode;
use teller_server::cli::{self, Cli};

fn main() -> ExitCode {
    cli::run(Cli::parse())
}
