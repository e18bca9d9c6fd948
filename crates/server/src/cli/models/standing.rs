//! `teller models approve`, `withdraw`, `rollback` and `list --long`: what may
//! serve at this bank, and who said so.
//!
//! Not here: what a decision means; that is the models room's registry.

use super::{NAME, installed};
use crate::chance::SystemClock;
use crate::cli::out;
use crate::config::Settings;
use crate::wiring;
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use teller_kernel::Clock;
use teller_models::{Act, Catalogue, Decision, DecisionLog, NewDecision, Record};

#[derive(Debug, Args)]
pub struct DecideArgs {
    /// Name out of `teller models list`
    name: String,
    /// Who decides
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why, in one line
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// Number under which this bank has filed the algorithm
    #[arg(long, value_name = "NUMBER")]
    filing: Option<String>,
}

pub fn decide(settings: &Settings, act: Act, args: DecideArgs) -> Result<()> {
    let catalogue = wiring::catalogue(settings)?;
    let at = Timestamp::from_millisecond(SystemClock.now_ms())?.to_string();
    let DecideArgs { name: model, by, note, filing } = args;
    wiring::make_folder(&settings.data)?;
    let log = DecisionLog::in_folder(&settings.data);
    let new = NewDecision { at, model, act, by, note, filing };
    let kept = log.append(catalogue.registry(), new).map_err(wiring::coded)?;
    out::line(format_args!("{}: {}; kept in {}", kept.model, said(&kept), log.path().display()));
    let after = wiring::catalogue(settings)?;
    match act {
        Act::Rollback if after.installed(&kept.model).is_err() => {
            out::line(format_args!("it is not installed yet: teller models fetch {}", kept.model));
        }
        Act::Withdraw => {
            let without = after.registry().record(&kept.model).map_or("", |record| record.without.as_str());
            out::line(format_args!("without it: {without}"));
        }
        _ => {}
    }
    out::line("it holds from the next start of `teller serve`");
    Ok(())
}

fn said(decision: &Decision) -> String {
    let act = match decision.act {
        Act::Approve => "approved",
        Act::Withdraw => "withdrawn",
        Act::Rollback => "rolled back to",
    };
    let Decision { version, by, at, note, .. } = decision;
    format!("{act} {version} by {by} on {at}: {note}")
}

pub fn list(catalogue: &Catalogue, settings: &Settings) -> Result<()> {
    let statuses = catalogue.list();
    for record in catalogue.registry().records() {
        out::line(format_args!("{:<NAME$} {}", record.name, record.use_case));
        for line in about(catalogue, record) {
            out::line(format_args!("{:<NAME$} {line}", ""));
        }
        if let Some(status) = statuses.iter().find(|status| status.entry.name == record.name) {
            out::line(format_args!("{:<NAME$} licence {}; {}", "", status.entry.licence, installed(status)));
        }
    }
    let log = DecisionLog::in_folder(&settings.data);
    let decisions = log.read()?;
    out::line(format_args!("decisions of this bank: {} in {}", decisions.len(), log.path().display()));
    for decision in &decisions {
        out::line(format_args!("{:>4} {:<NAME$} {}", decision.seq, decision.model, said(decision)));
    }
    if let Some(last) = decisions.last() {
        out::line(format_args!("head {}: keep it elsewhere, and a cut log will show", last.hash));
    }
    Ok(())
}

fn about(catalogue: &Catalogue, record: &Record) -> Vec<String> {
    let registry = catalogue.registry();
    let evaluation = &record.evaluation;
    let mut lines = vec![
        format!("version {}, sha256 {}", record.version, record.sha256),
        format!("{}; {}; owner {}", registry.standing(&record.name), record.tier.word(), record.owner),
        format!("filing number: {}", registry.filing(&record.name).unwrap_or("none stated")),
        format!("evaluation of {}: {} ({})", evaluation.on, evaluation.figure, evaluation.command),
        format!("without it: {}", record.without),
    ];
    if let Some(file) = &record.file {
        lines.push(format!("built in: {file}"));
    }
    if let Some(previous) = &record.previous {
        lines.push(format!("before: {}, sha256 {}: {}", previous.version, previous.sha256, previous.note));
    }
    lines
}
