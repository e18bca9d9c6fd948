//! `cargo run --release -p teller-evaluation --example slots -- PACK_DIR YYYY-MM-DD FILE.jsonl [--errors]`

use std::io::Write;
use std::path::Path;
use teller_evaluation::slots;
use teller_pack::{Pack, PackSource};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const USAGE: &str = "usage: slots PACK_DIR YYYY-MM-DD FILE.jsonl [--errors]";
    let mut args = std::env::args().skip(1);
    let pack = args.next().ok_or(USAGE)?;
    let today = args.next().ok_or(USAGE)?.parse()?;
    let file = args.next().ok_or(USAGE)?;
    let errors = args.next().as_deref() == Some("--errors");
    let (pack, notes) = Pack::load(PackSource::from_dir(Path::new(&pack))?);
    let pack = pack.ok_or_else(|| format!("the pack has errors: {notes:?}"))?;
    let out = slots::run(Path::new(&file), today, &pack.product_names(), errors)?;
    writeln!(std::io::stdout(), "{out}")?;
    Ok(())
}
