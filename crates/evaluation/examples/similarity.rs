//! `cargo run --release -p teller-evaluation --example similarity -- FILE.tsv [--errors | --ingredients]`

use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("usage: similarity FILE.tsv [--errors | --ingredients]")?;
    let mode = args.next();
    let out = match mode.as_deref() {
        Some("--ingredients") => teller_evaluation::similarity::ingredients(Path::new(&file))?,
        mode => teller_evaluation::similarity::run(Path::new(&file), mode == Some("--errors"))?,
    };
    writeln!(std::io::stdout(), "{out}")?;
    Ok(())
}
