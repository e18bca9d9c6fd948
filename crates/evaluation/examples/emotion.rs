//! `cargo run --release -p teller-evaluation --example emotion -- FILE.csv [--errors]`

use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("usage: emotion FILE.csv [--errors]")?;
    let errors = args.next().as_deref() == Some("--errors");
    let out = teller_evaluation::emotion::run(Path::new(&file), errors)?;
    writeln!(std::io::stdout(), "{out}")?;
    Ok(())
}
