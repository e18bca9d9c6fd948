//! Writes the scale of the similarity score anew out of our own corpus:
//!
//! `cargo run --release -p teller-evaluation --example fit_similarity -- corpus > crates/evaluation/src/similarity/scale.json`
//!
//! The middle is the mean over all sentences of the corpus of intents. The
//! spreads are over as many pairs of like as of unlike sentences: each sentence
//! with the next of its intent, and with one of the next intent, which is
//! mostly of the same family.

use std::io::Write;
use std::path::Path;

use teller_evaluation::similarity::{Judge, Scale, Seen, Spread};

/// Sentences embedded at a time.
const PART: usize = 16;
const NO_SPREAD: Spread = Spread { mean: 0.0, deviation: 1.0 };

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let corpus = std::env::args().nth(1).ok_or("usage: fit_similarity CORPUS_FOLDER")?;
    let intents = intents(&Path::new(&corpus).join("intents"))?;
    let texts: Vec<&str> = intents.iter().flatten().map(String::as_str).collect();
    let empty = Scale { semantic_middle: Vec::new(), fast_middle: Vec::new(), spreads: [NO_SPREAD; 3] };
    let judge = Judge::with_scale(empty.clone())?;
    let vectors: Vec<_> = texts.chunks(PART).flat_map(|part| judge.vectors(part)).collect();
    let scale = Scale {
        semantic_middle: mean(vectors.iter().map(|(semantic, _)| semantic.as_slice())),
        fast_middle: mean(vectors.iter().map(|(_, fast)| fast.as_slice())),
        ..empty
    };
    let judge = Judge::with_scale(scale.clone())?;
    let seen: Vec<Vec<Seen>> = intents
        .iter()
        .map(|intent| {
            let texts: Vec<&str> = intent.iter().map(String::as_str).collect();
            texts.chunks(PART).flat_map(|part| judge.see(part)).collect()
        })
        .collect();
    let mut parts = Vec::new();
    for (intent, next) in seen.iter().zip(seen.iter().cycle().skip(1)) {
        for (at, one) in intent.iter().enumerate() {
            parts.push(Judge::parts(one, &intent[(at + 1) % intent.len()]));
            parts.push(Judge::parts(one, &next[at % next.len()]));
        }
    }
    let scale = Scale { spreads: std::array::from_fn(|part| spread(&parts, part)), ..scale };
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&scale)?)?;
    Ok(())
}

/// The sentences of each intent, intents by name. A line is: voice, tab, text.
fn intents(folder: &Path) -> Result<Vec<Vec<String>>, Box<dyn std::error::Error>> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "txt"));
    files.sort();
    let mut out = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)?;
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        let texts: Vec<String> = lines.map(|(_, text)| text.to_owned()).collect();
        if !texts.is_empty() {
            out.push(texts);
        }
    }
    Ok(out)
}

/// The mean vector, rounded to five digits behind the point.
fn mean<'a>(vectors: impl ExactSizeIterator<Item = &'a [f32]>) -> Vec<f32> {
    let count = vectors.len() as f64;
    let mut sum: Vec<f64> = Vec::new();
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    sum.iter().map(|sum| ((sum / count * 1e5).round() / 1e5) as f32).collect()
}

fn spread(parts: &[[f64; 3]], part: usize) -> Spread {
    let count = parts.len() as f64;
    let mean = parts.iter().map(|parts| parts[part]).sum::<f64>() / count;
    let variance = parts.iter().map(|parts| (parts[part] - mean).powi(2)).sum::<f64>() / count;
    let round = |value: f64| (value * 1e5).round() / 1e5;
    Spread { mean: round(mean), deviation: round(variance.sqrt()) }
}
