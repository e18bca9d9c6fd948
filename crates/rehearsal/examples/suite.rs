//! Plays a pack's scripts outside the `teller` program: `suite DIR [ONLY]`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::path::Path;
use teller_models::Catalogue;
use teller_rehearsal::{StageError, suite, workshop};

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let pack = args.next().unwrap_or_else(|| "packs/demo".to_owned());
    let only = args.next();
    let models = Catalogue::embedded().ok();
    let workshop = workshop(models.as_ref());
    let cache = workshop.cache.clone();
    let outcome = suite::run(Path::new(&pack), workshop, only.as_deref(), |_| ()).await;
    if cache.save().is_err() {
        println!("the cache of vectors could not be saved");
    }
    let report = match outcome {
        Ok(report) => report,
        Err(suite::SuiteError::Scripts(notes) | suite::SuiteError::Stage(StageError::Broken(notes))) => {
            notes.iter().for_each(|note| println!("{note}"));
            std::process::exit(1);
        }
        Err(error) => {
            println!("{error}");
            std::process::exit(1);
        }
    };
    for played in report.failed() {
        println!("FAIL {}", played.name);
        played.failures.iter().for_each(|failure| println!("  {failure}"));
    }
    report.borrowed.iter().for_each(|note| println!("{note}"));
    println!("{} scripts, {} played, {} failed", report.scripts, report.played.len(), report.failed().count());
}
