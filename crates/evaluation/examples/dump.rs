use std::io::{BufRead, Write};
use teller_models::*;
fn main() {
    let catalogue = Catalogue::embedded().unwrap();
    let encoder = FastEncoder::open(&catalogue.installed(FAST_VECTORS).unwrap()).unwrap();
    let mut text = std::io::BufWriter::new(std::fs::File::create("/tmp/dump.txt").unwrap());
    let mut vecs = std::io::BufWriter::new(std::fs::File::create("/tmp/dump.f32").unwrap());
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let normal = teller_understand::normal::normalise(&line);
        writeln!(text, "{}", normal.replace('\n', " ")).unwrap();
        for value in encoder.embed(&normal) { vecs.write_all(&value.to_le_bytes()).unwrap(); }
    }
}
