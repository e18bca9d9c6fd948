//! Makes the weights of the house's intents from the corpus, and a report on
//! texts that were held out.
//!
//! `cargo run --release -p teller-understand --example train_house` reads
//! `corpus/intents/*.txt` and `corpus/oos/*.csv` and writes `weights.bin.gz`
//! and `labels.txt` under `crates/understand/src/intents/house/`, and
//! `train/intents/report.txt`. Deterministic; it takes some ten minutes on one core.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Write, stderr};
use std::path::Path;
use std::process::ExitCode;

use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, Silent, VECTOR_DIM};
use teller_understand::intents::house::{HouseModel, OUT, PART};
use teller_understand::normalise;
use teller_understand::text_model::{Example, ModelFile, Recipe, TextModel, folds, temperature, terms, train};

const SEED: u64 = 20_261_121;
/// One part of so many is held out for the report and the temperature.
const PARTS: usize = 10;
const PENALTY: f64 = 0.1;
/// Texts that must hold a term.
const TERM_TEXTS_MIN: usize = 7;
/// What is out of scope counts less, one by one: there is much of it.
const OUT_WEIGHT: f32 = 0.5;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let texts = read(&root.join("corpus"))?;
    let mut labels: Vec<String> = texts.iter().map(|(label, _)| label.clone()).filter(|label| label != OUT).collect();
    labels.sort();
    labels.dedup();
    labels.push(OUT.to_owned());
    let numbers: BTreeMap<&str, usize> = labels.iter().map(String::as_str).zip(0..).collect();
    let encoder = FastEncoder::open(&Catalogue::embedded()?.fetch(FAST_VECTORS, &Silent)?)?;
    let examples: Vec<Example> = texts
        .iter()
        .map(|(label, text)| {
            let normal = normalise(text);
            Example {
                terms: terms(&normal),
                vector: Some(encoder.embed(&normal)),
                cues: Vec::new(),
                label: numbers[label.as_str()],
                weight: if label == OUT { OUT_WEIGHT } else { 1.0 },
            }
        })
        .collect();
    let of: Vec<usize> = examples.iter().map(|example| example.label).collect();
    let part = folds(&of, PARTS, SEED);
    let recipe =
        Recipe { labels: labels.len(), vector_dim: VECTOR_DIM, penalty: PENALTY, term_texts_min: TERM_TEXTS_MIN };
    let kept: Vec<&Example> = examples.iter().zip(&part).filter(|(_, part)| **part != 0).map(|(one, _)| one).collect();
    let held: Vec<&Example> = examples.iter().zip(&part).filter(|(_, part)| **part == 0).map(|(one, _)| one).collect();
    let trial = train(&kept, &recipe);
    let values = |model: &TextModel, example: &Example| {
        model.values(&model.features(&example.terms, example.vector.as_deref(), &[]))
    };
    let judged: Vec<(Vec<f32>, usize)> = held.iter().map(|one| (values(&trial, one), one.label)).collect();
    let heat = temperature(&judged);
    let mut report = format!("{} texts of {} labels, seed {SEED}, penalty {PENALTY}\n", examples.len(), labels.len());
    describe(&mut report, &judged, labels.len() - 1)?;
    writeln!(report, "temperature {heat:.3}")?;
    let all: Vec<&Example> = examples.iter().collect();
    let mut model = train(&all, &recipe);
    model.set_temperature(heat);
    let file = ModelFile {
        made_from: format!("corpus of intents, {} texts", examples.len()),
        models: [(PART.to_owned(), model)].into(),
        ..ModelFile::default()
    };
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&file.to_bytes())?;
    let bytes = packed.finish()?;
    writeln!(report, "weights: {} bytes", bytes.len())?;
    stderr().write_all(report.as_bytes())?;
    HouseModel::of(file, &labels.join("\n")).ok_or("the weights do not fit the program")?;
    let folder = root.join("crates/understand/src/intents/house");
    std::fs::write(folder.join("weights.bin.gz"), bytes)?;
    std::fs::write(folder.join("labels.txt"), labels.join("\n") + "\n")?;
    std::fs::create_dir_all(root.join("train/intents"))?;
    std::fs::write(root.join("train/intents/report.txt"), report)?;
    Ok(())
}

/// Labels and texts; what is out of scope under [`OUT`].
fn read(corpus: &Path) -> Outcome<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for path in sorted(&corpus.join("intents"), "txt")? {
        let label = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a file without a name")?.to_owned();
        // Small talk about other things is out of scope, under whichever name.
        let label = if label == "SYS_OOD" { OUT.to_owned() } else { label };
        for line in std::fs::read_to_string(&path)?.lines() {
            let (_, text) = line.split_once('\t').ok_or_else(|| format!("{}: {line}", path.display()))?;
            texts.push((label.clone(), text.to_owned()));
        }
    }
    for path in sorted(&corpus.join("oos"), "csv")? {
        for row in csv::Reader::from_path(&path)?.deserialize::<(String, String)>() {
            texts.push((OUT.to_owned(), row?.0));
        }
    }
    Ok(texts)
}

fn sorted(folder: &Path, kind: &str) -> Outcome<Vec<std::path::PathBuf>> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Outcome<Vec<_>>>()?;
    let mut paths: Vec<_> =
        entries.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == kind)).collect();
    paths.sort();
    Ok(paths)
}

/// Right by the best label in scope; strangers refused when one in twenty of
/// the others is.
fn describe(report: &mut String, judged: &[(Vec<f32>, usize)], out: usize) -> Outcome<()> {
    let (within, strange): (Vec<_>, Vec<_>) = judged.iter().partition(|(_, label)| *label != out);
    let best = |values: &[f32]| (0..out).max_by(|a, b| values[*a].total_cmp(&values[*b]));
    let right = within.iter().filter(|(values, label)| best(values) == Some(*label)).count();
    let doubt = |values: &[f32]| values[out] - best(values).map_or(0.0, |best| values[best]);
    let mut doubts: Vec<f32> = within.iter().map(|(values, _)| doubt(values)).collect();
    doubts.sort_by(f32::total_cmp);
    let bound = doubts[doubts.len() * 95 / 100];
    let refused = strange.iter().filter(|(values, _)| doubt(values) > bound).count();
    writeln!(report, "held out: {} in scope, right {:.4}", within.len(), right as f64 / within.len() as f64)?;
    writeln!(
        report,
        "held out: {} out of scope, refused {:.4} where one in twenty in scope is",
        strange.len(),
        refused as f64 / strange.len() as f64
    )?;
    Ok(())
}
