#![expect(clippy::print_stdout, reason = "an example prints")]
use std::sync::Arc;
use teller_rehearsal::*;
#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let incidents: u64 = args.next().and_then(|n| n.parse().ok()).unwrap_or(100);
    let seed: u64 = args.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let models = teller_models::Catalogue::embedded().ok();
    let stage = Arc::new(Stage::set("packs/demo".as_ref(), workshop(models.as_ref())).await.unwrap_or_else(|_| panic!()));
    match simulate::run(stage, seed, incidents, |tally| println!("{}", serde_json::to_string(tally).unwrap())).await {
        Ok(tally) => println!("{}", serde_json::to_string(&tally).unwrap()),
        Err(broken) => { println!("BROKEN {broken}"); std::process::exit(1) }
    }
}
