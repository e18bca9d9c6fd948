//! `teller pack test`: plays a pack's scripts against the real rooms and a
//! sandbox core of its own.

use crate::cli::{block_on, out};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::wiring;
use anyhow::{Result, bail};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use teller_rehearsal::suite::{Report, SuiteError};
use teller_rehearsal::{StageError, suite, workshop};

pub fn run(places: &PlaceArgs, dir: &Path, only: Option<&str>) -> Result<ExitCode> {
    let settings = Settings::load(places, &ServeArgs::default())?;
    let workshop = workshop(Some(&wiring::catalogue(&settings)?));
    if workshop.encoder.is_none() {
        out::complain(
            "teller: no models installed, so intents go by characters alone; `teller models fetch` fetches them",
        );
    }
    let cache = workshop.cache.clone();
    let played = std::cell::Cell::new(0_usize);
    let progress = |_: &teller_rehearsal::play::Played| {
        played.set(played.get() + 1);
        if std::io::stderr().is_terminal() {
            let _ = write!(std::io::stderr(), "\r{} played", played.get());
        }
    };
    let report = block_on(async { Ok(suite::run(dir, workshop, only, progress).await) })?;
    if let Err(error) = cache.save() {
        tracing::debug!(%error, "the cache of vectors was not saved");
    }
    if std::io::stderr().is_terminal() {
        let _ = writeln!(std::io::stderr());
    }
    match report {
        Ok(report) => Ok(print(&report)),
        Err(SuiteError::Scripts(notes) | SuiteError::Stage(StageError::Broken(notes))) => {
            notes.iter().for_each(out::line);
            bail!("{}: {} findings; nothing was played", dir.display(), notes.len());
        }
        Err(error) => Err(error.into()),
    }
}

fn print(report: &Report) -> ExitCode {
    for played in report.failed() {
        out::line(format_args!("failed: {}", played.name));
        for failure in &played.failures {
            out::line(format_args!("  {failure}"));
        }
    }
    report.borrowed.iter().for_each(out::line);
    let failed = report.failed().count();
    let turns: usize = report.played.iter().map(|played| played.turns).sum();
    out::line(format_args!("{} scripts, {} wordings, {turns} turns", report.scripts, report.played.len()));
    out::line(format_args!("{} passed, {failed} failed", report.played.len() - failed));
    if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
