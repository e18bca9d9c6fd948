//! Makes the weights of emotions from a labelled corpus, and a report by
//! cross-validation of how they do on texts that were held out.
//!
//! `cargo run --release -p teller-understand --example train_emotion` reads
//! `corpus/emotion/emotion.csv` and writes `src/emotion/weights.bin` of this crate
//! and `train/emotion/report.txt`. `--corpus`, `--out`, `--report` name other files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Deserialize;
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, Silent, VECTOR_DIM};
use teller_understand::closer::{self, Heard, fit, head_says, pool};
use teller_understand::emotion::{EmotionClass, Emotions, HEAD, STRENGTH_STEPS, cues, part, strength_cues};
use teller_understand::intents::semantic_encoder;
use teller_understand::normalise;
use teller_understand::text_model::{
    Example, ModelFile, Recipe, TextModel, folds, held_out, softmax, temperature, terms, train,
};

const SEED: u64 = 20_261_121;
const PARTS: usize = 10;
const CLASS_PENALTY: f64 = 0.25;
const STRENGTH_PENALTY: f64 = 0.5;
const TERM_TEXTS_MIN: usize = 2;
const WRONG_LISTED_MAX: usize = 400;
/// From this share on the words' own judgement stands.
const CLOSER_SURE: f32 = 0.95;

#[derive(Debug, Deserialize)]
struct Line {
    text: String,
    emotion: String,
    intensity: u8,
}

struct Sample {
    example: Example,
    intensity: u8,
}

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
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = crate_folder.join("../..");
    let corpus = argument("--corpus").unwrap_or_else(|| root.join("corpus/emotion/emotion.csv"));
    let lines: Vec<Line> = csv::Reader::from_path(&corpus)?.deserialize().collect::<Result<_, _>>()?;
    let encoder = FastEncoder::open(&Catalogue::embedded()?.fetch(FAST_VECTORS, &Silent)?)?;
    let samples = lines.iter().map(|line| sample(line, &encoder)).collect::<Outcome<Vec<_>>>()?;

    let mut report = format!("{} texts, {PARTS} folds, seed {SEED}\n", samples.len());
    let mut file =
        ModelFile { made_from: format!("corpus of emotions, {} texts", samples.len()), ..ModelFile::default() };
    let kinds = [
        ("with vectors", VECTOR_DIM, part::CLASS_WITH_VECTORS, part::STRENGTH_WITH_VECTORS),
        ("words only", 0, part::CLASS_WORDS_ONLY, part::STRENGTH_WORDS_ONLY),
    ];
    for (title, vector_dim, class_name, strength_name) in kinds {
        let (held_out, heat) = cross_validate(&samples, vector_dim);
        report += &described(title, &samples, &held_out, heat);
        if std::env::args().any(|argument| argument == "--wrong") && vector_dim > 0 {
            list_wrong(&lines, &held_out)?;
        }
        let all: Vec<&Sample> = samples.iter().collect();
        let mut class = class_model(&all, vector_dim);
        class.set_temperature(heat);
        file.models.insert(class_name.to_owned(), class);
        file.models.insert(strength_name.to_owned(), strength_model(&all, vector_dim));
    }
    report += &closer(&lines, &samples, &mut file)?;
    let bytes = file.to_bytes();
    writeln!(report, "weights: {} bytes", bytes.len())?;
    Emotions::of(file).ok_or("the weights do not fit the program")?;
    stderr().write_all(report.as_bytes())?;
    std::fs::write(argument("--out").unwrap_or_else(|| crate_folder.join("src/emotion/weights.bin")), bytes)?;
    std::fs::write(argument("--report").unwrap_or_else(|| root.join("train/emotion/report.txt")), report)?;
    Ok(())
}

fn argument(name: &str) -> Option<PathBuf> {
    std::env::args().skip_while(|argument| argument != name).nth(1).map(PathBuf::from)
}

fn sample(line: &Line, encoder: &FastEncoder) -> Outcome<Sample> {
    let class = EmotionClass::parse(&line.emotion).ok_or_else(|| format!("no emotion: {}", line.emotion))?;
    let label = EmotionClass::ALL.iter().position(|one| *one == class).ok_or("unknown class")?;
    let normal = normalise(&line.text);
    let (terms, cues, vector) = (terms(&normal), cues(&normal), Some(encoder.embed(&normal)));
    Ok(Sample { example: Example { terms, vector, cues, label, weight: 1.0 }, intensity: line.intensity })
}

fn class_model(samples: &[&Sample], vector_dim: usize) -> TextModel {
    let examples: Vec<&Example> = samples.iter().map(|sample| &sample.example).collect();
    let recipe =
        Recipe { labels: EmotionClass::ALL.len(), vector_dim, penalty: CLASS_PENALTY, term_texts_min: TERM_TEXTS_MIN };
    train(&examples, &recipe)
}

/// Two questions to each text that is not neutral: 2 or more? 3?
fn strength_model(samples: &[&Sample], vector_dim: usize) -> TextModel {
    let asked: Vec<Example> = samples
        .iter()
        .filter(|sample| sample.intensity > 0)
        .flat_map(|sample| {
            (0..STRENGTH_STEPS).map(|step| Example {
                cues: strength_cues(&sample.example.cues, sample.example.label, step),
                label: usize::from(usize::from(sample.intensity) >= step + 2),
                ..sample.example.clone()
            })
        })
        .collect();
    let recipe = Recipe { labels: 2, vector_dim, penalty: STRENGTH_PENALTY, term_texts_min: TERM_TEXTS_MIN };
    train(&asked.iter().collect::<Vec<_>>(), &recipe)
}

struct HeldOut {
    values: Vec<f32>,
    said: usize,
    intensity: u8,
}

/// What models say of texts that they were not made from, and the best temperature.
fn cross_validate(samples: &[Sample], vector_dim: usize) -> (Vec<HeldOut>, f32) {
    let labels: Vec<usize> = samples.iter().map(|sample| sample.example.label).collect();
    let parts = folds(&labels, PARTS, SEED);
    let mut held_out: BTreeMap<usize, HeldOut> = BTreeMap::new();
    for part in 0..PARTS {
        let rest: Vec<&Sample> =
            samples.iter().zip(&parts).filter(|(_, of)| **of != part).map(|(one, _)| one).collect();
        let (class, strength) = (class_model(&rest, vector_dim), strength_model(&rest, vector_dim));
        for at in (0..samples.len()).filter(|at| parts[*at] == part) {
            held_out.insert(at, ask(&class, &strength, &samples[at].example, vector_dim));
        }
        let _ = write!(stderr(), ".");
    }
    let held_out: Vec<HeldOut> = held_out.into_values().collect();
    let pairs: Vec<(Vec<f32>, usize)> =
        held_out.iter().zip(&labels).map(|(one, label)| (one.values.clone(), *label)).collect();
    let heat = temperature(&pairs);
    (held_out, heat)
}

fn ask(class: &TextModel, strength: &TextModel, example: &Example, vector_dim: usize) -> HeldOut {
    let vector = example.vector.as_deref().filter(|_| vector_dim > 0);
    let values = class.values(&class.features(&example.terms, vector, &example.cues));
    let said = (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0);
    let above = |step: usize| {
        let cues = strength_cues(&example.cues, said, step);
        strength.probabilities(&strength.features(&example.terms, vector, &cues))[1] > 0.5
    };
    let intensity = if said == 0 { 0 } else { 1 + u8::from(above(0)) + u8::from(above(0) && above(1)) };
    HeldOut { values, said, intensity }
}

/// Weighs the head over the semantic vector against the model of words, on the
/// texts that neither had seen, and writes the weights among the file's numbers.
fn closer(lines: &[Line], samples: &[Sample], file: &mut ModelFile) -> Outcome<String> {
    let semantic = semantic_encoder(&Catalogue::embedded()?)?;
    let (by_words, heat) = cross_validate(samples, VECTOR_DIM);
    let names = EmotionClass::ALL.map(EmotionClass::name);
    let heard: Vec<Heard> = lines
        .iter()
        .zip(samples.iter().zip(&by_words))
        .filter(|(line, _)| held_out(&line.text))
        .map(|(line, (sample, by_words))| {
            let meaning = head_says(HEAD, &names, &semantic.embed(&normalise(&line.text)));
            let meaning = meaning.ok_or("the adapter has no head for emotions")?;
            let words = softmax(&by_words.values, heat);
            Ok(Heard { words, meaning, right: sample.example.label, weight: 1.0 })
        })
        .collect::<Outcome<_>>()?;
    let (words, meaning) = fit(&heard);
    let numbers = [(closer::WORDS, words), (closer::MEANING, meaning), (closer::SURE, CLOSER_SURE)];
    file.numbers.extend(numbers.map(|(name, number)| (name.to_owned(), number)));
    let best = |shares: &[f32]| (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
    let right = |shares: &dyn Fn(&Heard) -> Vec<f32>| {
        heard.iter().filter(|one| best(&shares(one)) == Some(one.right)).count() as f64 / heard.len() as f64
    };
    Ok(format!(
        "\ncloser look, {} texts that neither had seen: words {:.4}, meaning {:.4}, both {:.4}; weights {words} and {meaning}\n",
        heard.len(),
        right(&|one| one.words.clone()),
        right(&|one| one.meaning.clone()),
        right(&|one| pool(&one.words, &one.meaning, words, meaning)),
    ))
}

fn described(title: &str, samples: &[Sample], held_out: &[HeldOut], heat: f32) -> String {
    let count = EmotionClass::ALL.len();
    let mut table = vec![vec![0_usize; count]; count];
    let mut off = 0_u32;
    for (sample, held_out) in samples.iter().zip(held_out) {
        table[sample.example.label][held_out.said] += 1;
        off += u32::from(sample.intensity.abs_diff(held_out.intensity));
    }
    let right: usize = (0..count).map(|label| table[label][label]).sum();
    let f1 = |label: usize| {
        let said: usize = table.iter().map(|row| row[label]).sum();
        2.0 * table[label][label] as f64 / (said + table[label].iter().sum::<usize>()).max(1) as f64
    };
    let mean: f64 = (0..count).map(f1).sum::<f64>() / count as f64;
    let mut text = format!(
        "\n{title}: accuracy {:.4}, macro F1 {mean:.4}, intensity off by {:.4}, temperature {heat:.3}\n",
        right as f64 / samples.len() as f64,
        f64::from(off) / samples.len() as f64,
    );
    for (label, row) in table.iter().enumerate() {
        let cells: String = row.iter().map(|cell| format!("{cell:5}")).collect();
        text += &format!("{:>13} {:.3} {cells}\n", EmotionClass::ALL[label].name(), f1(label));
    }
    text
}

fn list_wrong(lines: &[Line], held_out: &[HeldOut]) -> std::io::Result<()> {
    let wrong = lines.iter().zip(held_out).filter(|(line, one)| EmotionClass::ALL[one.said].name() != line.emotion);
    for (line, one) in wrong.take(WRONG_LISTED_MAX) {
        writeln!(stderr(), "{}\t{}\t{}", line.emotion, EmotionClass::ALL[one.said], line.text)?;
    }
    Ok(())
}
