//! Makes the weights of the guard from labelled texts and from ordinary bank talk,
//! and a report by cross-validation of how they do on texts that were held out.
//!
//! `cargo run --release -p teller-understand --example train_guard` reads `corpus/`
//! and writes `src/guard/weights.bin` of this crate and `train/guard/report.txt`.
//! `--corpus`, `--out`, `--report` name another folder and other files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Deserialize;
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, Silent, VECTOR_DIM};
use teller_understand::closer::{self, Heard, fit, head_says, pool};
use teller_understand::guard::{AttackKind, Guard, HEAD, HEAD_LABELS, LABELS, attack_share, cues, part, unmask};
use teller_understand::intents::semantic_encoder;
use teller_understand::text_model::{Example, ModelFile, Recipe, TextModel, folds, held_out, softmax, terms, train};
use teller_understand::{normalise, pinyin};

const SEED: u64 = 20_261_121;
const PARTS: usize = 5;
const PENALTY: f64 = 0.2;
const TERM_TEXTS_MIN: usize = 2;
/// Of the ordinary talk, every so many-th sentence is learned from.
const ORDINARY_STEP: usize = 5;
/// What the sounds of a text count beside the text.
const SOUNDS_WEIGHT: f32 = 0.1;
/// Share of the hard ordinary texts that may be called attacks.
const FLAGGED_MAX: f64 = 0.02;
/// After the closer look: the same share of hard texts and of everyday talk, the
/// mean of both.
const CLOSER_FLAGGED_MAX: f64 = 0.03;
/// From this share on, either way, the words' own judgement stands.
const CLOSER_SURE: f32 = 0.98;

#[derive(Debug, Deserialize)]
struct Line {
    text: String,
    label: String,
    kind: String,
}

const EVERYDAY: &str = "everyday";

struct Sample {
    text: String,
    hard: bool,
    example: Example,
    /// How the text reads without its disguise.
    readings: Vec<Example>,
    /// The text written in the sounds of its characters, to learn from alone.
    sounds: Option<Example>,
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
    let corpus = argument("--corpus").unwrap_or_else(|| root.join("corpus"));
    let encoder = FastEncoder::open(&Catalogue::embedded()?.fetch(FAST_VECTORS, &Silent)?)?;
    let samples = samples(&corpus, &encoder)?;
    let hard = samples.iter().filter(|sample| sample.hard).count();
    let about = format!("{hard} labelled texts and {} of ordinary talk", samples.len() - hard);

    let held_out = cross_validate(&samples);
    let mut report = format!("{about}, {PARTS} folds, seed {SEED}\n");
    let mut file = ModelFile { made_from: about, ..ModelFile::default() };
    let all: Vec<&Sample> = samples.iter().collect();
    let kinds = [
        ("with vectors", VECTOR_DIM, part::WITH_VECTORS, part::BOUND_WITH_VECTORS),
        ("words only", 0, part::WORDS_ONLY, part::BOUND_WORDS_ONLY),
    ];
    let mut closer_report = String::new();
    for (at, (title, vector_dim, name, bound_name)) in kinds.into_iter().enumerate() {
        let own: Vec<&[f32]> = held_out.iter().map(|one| one[at][0].as_slice()).collect();
        let heat = temperature(&samples, &own);
        let probability = |one: &[Vec<Vec<f32>>; 2]| {
            let share = |values: &Vec<f32>| attack_share(&softmax(values, heat));
            one[1].iter().skip(1).map(share).fold(share(&one[at][0]), f32::max)
        };
        let probabilities: Vec<f32> = held_out.iter().map(probability).collect();
        let bound = bound(&samples, &probabilities);
        report += &described(title, &samples, &probabilities, bound, heat);
        if std::env::args().any(|argument| argument == "--wrong") {
            list_wrong(&samples, &probabilities, bound)?;
        }
        if vector_dim > 0 {
            let by_words: Vec<f32> = own.iter().map(|values| attack_share(&softmax(values, heat))).collect();
            closer_report = closer(&samples, &by_words, &probabilities, &mut file)?;
        }
        let mut model = model(&all, vector_dim);
        model.set_temperature(heat);
        file.models.insert(name.to_owned(), model);
        file.numbers.insert(bound_name.to_owned(), bound);
    }
    report += &closer_report;
    let bytes = file.to_bytes();
    writeln!(report, "weights: {} bytes", bytes.len())?;
    Guard::of(file).ok_or("the weights do not fit the program")?;
    stderr().write_all(report.as_bytes())?;
    std::fs::write(argument("--out").unwrap_or_else(|| crate_folder.join("src/guard/weights.bin")), bytes)?;
    std::fs::write(argument("--report").unwrap_or_else(|| root.join("train/guard/report.txt")), report)?;
    Ok(())
}

fn argument(name: &str) -> Option<PathBuf> {
    std::env::args().skip_while(|argument| argument != name).nth(1).map(PathBuf::from)
}

fn samples(corpus: &Path, encoder: &FastEncoder) -> Outcome<Vec<Sample>> {
    let mut samples = Vec::new();
    for line in labelled(corpus)? {
        let label =
            LABELS.iter().position(|label| *label == line.kind).ok_or_else(|| format!("no kind: {}", line.kind))?;
        if is_attack(label) != (line.label == "attack") {
            return Err(format!("{} is no kind of {}", line.kind, line.label).into());
        }
        samples.push(sample(line.text, label, encoder));
    }
    let everyday = LABELS.iter().position(|label| *label == EVERYDAY).ok_or("no label for everyday talk")?;
    for text in ordinary(corpus)?.into_iter().step_by(ORDINARY_STEP) {
        samples.push(sample(text, everyday, encoder));
    }
    Ok(samples)
}

fn labelled(corpus: &Path) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for file in files(&corpus.join("guard"), "csv")? {
        for line in csv::Reader::from_path(file)?.deserialize() {
            lines.push(line?);
        }
    }
    Ok(lines)
}

fn is_attack(label: usize) -> bool {
    label < AttackKind::ALL.len()
}

fn sample(text: String, label: usize, encoder: &FastEncoder) -> Sample {
    let unmasked = unmask(&text);
    let normal = normalise(&text);
    let hard = LABELS[label] != EVERYDAY;
    let vector = Some(encoder.embed(&normal));
    let example =
        Example { terms: terms(&normal), vector, cues: cues(&normal, &unmasked.disguises), label, weight: 1.0 };
    let plain = |reading: &String| {
        let normal = normalise(reading);
        Example { terms: terms(&normal), vector: None, cues: cues(&normal, &[]), label, weight: 1.0 }
    };
    let readings = unmasked.readings.iter().map(plain).collect();
    let heard = pinyin::key(&text);
    let sounds = (hard && heard.contains(' ')).then(|| Example {
        terms: terms(&heard),
        vector: Some(encoder.embed(&heard)),
        cues: cues(&heard, &[]),
        label,
        weight: SOUNDS_WEIGHT,
    });
    Sample { text, hard, example, readings, sounds }
}

/// What customers say who want nothing but a bank.
fn ordinary(corpus: &Path) -> Outcome<Vec<String>> {
    #[derive(Deserialize)]
    struct Text {
        text: String,
    }
    let mut texts = Vec::new();
    for file in files(&corpus.join("intents"), "txt")? {
        let lines = std::fs::read_to_string(file)?;
        texts.extend(lines.lines().filter_map(|line| line.split_once('\t')).map(|(_, text)| text.to_owned()));
    }
    for folder in ["oos", "emotion"] {
        for file in files(&corpus.join(folder), "csv")? {
            for line in csv::Reader::from_path(file)?.deserialize::<Text>() {
                texts.push(line?.text);
            }
        }
    }
    for folder in ["pii", "slots", "multi"] {
        for file in files(&corpus.join(folder), "jsonl")? {
            for line in std::fs::read_to_string(file)?.lines().filter(|line| !line.is_empty()) {
                texts.push(serde_json::from_str::<Text>(line)?.text);
            }
        }
    }
    Ok(texts)
}

fn files(folder: &Path, ending: &str) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == ending));
    files.sort();
    Ok(files)
}

fn model(samples: &[&Sample], vector_dim: usize) -> TextModel {
    let mut examples: Vec<&Example> = samples.iter().map(|sample| &sample.example).collect();
    examples.extend(samples.iter().filter_map(|sample| sample.sounds.as_ref()));
    if vector_dim == 0 {
        examples.extend(samples.iter().flat_map(|sample| &sample.readings));
    }
    let recipe = Recipe { labels: LABELS.len(), vector_dim, penalty: PENALTY, term_texts_min: TERM_TEXTS_MIN };
    train(&examples, &recipe)
}

/// For each sample the values by the model with vectors and by the one of words,
/// of the text and then of its readings; neither model had seen the sample.
fn cross_validate(samples: &[Sample]) -> Vec<[Vec<Vec<f32>>; 2]> {
    let strata: Vec<usize> = samples.iter().map(|one| one.example.label).collect();
    let parts = folds(&strata, PARTS, SEED);
    let mut held_out = BTreeMap::new();
    for part in 0..PARTS {
        let rest: Vec<&Sample> =
            samples.iter().zip(&parts).filter(|(_, of)| **of != part).map(|(one, _)| one).collect();
        let (vectors, words) = (model(&rest, VECTOR_DIM), model(&rest, 0));
        for at in (0..samples.len()).filter(|at| parts[*at] == part) {
            let sample = &samples[at];
            let ask = |model: &TextModel, one: &Example| {
                model.values(&model.features(&one.terms, one.vector.as_deref(), &one.cues))
            };
            let mut by_words = vec![ask(&words, &sample.example)];
            by_words.extend(sample.readings.iter().map(|reading| ask(&words, reading)));
            held_out.insert(at, [vec![ask(&vectors, &sample.example)], by_words]);
        }
        let _ = write!(stderr(), ".");
    }
    held_out.into_values().collect()
}

/// The temperature with which held-out hard texts get the best probabilities.
fn temperature(samples: &[Sample], values: &[&[f32]]) -> f32 {
    let loss = |heat: f32| -> f32 {
        let hard = samples.iter().zip(values).filter(|(sample, _)| sample.hard);
        let surprise = |(sample, values): (&Sample, &&[f32])| {
            let attack = attack_share(&softmax(values, heat));
            -(if is_attack(sample.example.label) { attack } else { 1.0 - attack }).max(1e-6).ln()
        };
        hard.map(surprise).sum()
    };
    // 0.2 to about 3.9, in steps of five percent.
    let choices = (0..60).map(|at| 0.2 * 1.05_f32.powi(at));
    choices.min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(1.0)
}

/// The lowest bound at which few enough of the hard ordinary texts are flagged.
fn bound(samples: &[Sample], probabilities: &[f32]) -> f32 {
    let ordinary = samples.iter().zip(probabilities).filter(|(one, _)| one.hard && !is_attack(one.example.label));
    let mut sorted: Vec<f32> = ordinary.map(|(_, probability)| *probability).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let allowed = (sorted.len() as f64 * FLAGGED_MAX) as usize;
    sorted.get(allowed).map_or(0.5, |first| (first + 1e-4).clamp(0.05, 0.95))
}

/// Weighs the head over the semantic vector against the model of words, on the
/// texts that neither had seen, and finds the bound of both together.
fn closer(samples: &[Sample], by_words: &[f32], all: &[f32], file: &mut ModelFile) -> Outcome<String> {
    let semantic = semantic_encoder(&Catalogue::embedded()?)?;
    let unseen = samples.iter().zip(by_words.iter().zip(all));
    let unseen: Vec<_> = unseen.filter(|(sample, _)| held_out(&sample.text)).collect();
    let heard: Vec<Heard> = unseen
        .iter()
        .map(|(sample, (words, _))| {
            let meaning = head_says(HEAD, &HEAD_LABELS, &semantic.embed(&normalise(&sample.text)));
            let meaning = meaning.ok_or("the adapter has no head for attacks")?;
            let right = usize::from(!is_attack(sample.example.label));
            Ok(Heard { words: vec![**words, 1.0 - **words], meaning, right, weight: 1.0 })
        })
        .collect::<Outcome<_>>()?;
    let (words, meaning) = fit(&heard);
    let both = |one: &Heard| pool(&one.words, &one.meaning, words, meaning)[0];
    // A reading without its disguise may be an attack where the text is none.
    let shares: Vec<f32> = heard
        .iter()
        .zip(&unseen)
        .map(|(one, (_, (words, all)))| if all > words { both(one).max(**all) } else { both(one) })
        .collect();
    let count = |attack: bool, hard: bool, bound: f32| {
        let of = unseen
            .iter()
            .zip(&shares)
            .filter(|((sample, _), _)| is_attack(sample.example.label) == attack && sample.hard == hard);
        let (called, all) =
            of.fold((0, 0), |(called, all), (_, share)| (called + usize::from(*share >= bound), all + 1));
        called as f64 / f64::from(all.max(1))
    };
    let bounds = (1..100).map(|step| step as f32 / 100.0);
    let flagged = |bound: f32| (count(false, true, bound) + count(false, false, bound)) / 2.0;
    let bound = bounds.into_iter().find(|bound| flagged(*bound) <= CLOSER_FLAGGED_MAX).unwrap_or(0.5);
    let numbers =
        [(closer::WORDS, words), (closer::MEANING, meaning), (closer::SURE, CLOSER_SURE), (part::BOUND_CLOSER, bound)];
    file.numbers.extend(numbers.map(|(name, number)| (name.to_owned(), number)));
    let mut text = format!(
        "\ncloser look, {} texts that neither had seen; weights {words} and {meaning}, bound {bound}\n",
        heard.len()
    );
    for one in [bound, 0.3, 0.5, 0.7] {
        text += &format!(
            "  from {one:.2}: found {:.4}, hard ordinary texts flagged {:.4}, everyday talk flagged {:.4}\n",
            count(true, true, one),
            count(false, true, one),
            count(false, false, one),
        );
    }
    Ok(text)
}

fn described(title: &str, samples: &[Sample], probabilities: &[f32], bound: f32, heat: f32) -> String {
    let mut by_kind: BTreeMap<(bool, &str), (usize, usize)> = BTreeMap::new();
    for (sample, probability) in samples.iter().zip(probabilities) {
        let kind = by_kind.entry((is_attack(sample.example.label), LABELS[sample.example.label])).or_default();
        kind.0 += usize::from(*probability >= bound);
        kind.1 += 1;
    }
    let share = |attack: bool, everyday: bool| {
        let chosen = by_kind.iter().filter(|((is, kind), _)| *is == attack && (*kind == "everyday") == everyday);
        let (called, all) = chosen.fold((0, 0), |sum, (_, one)| (sum.0 + one.0, sum.1 + one.1));
        called as f64 / f64::from(u32::try_from(all.max(1)).unwrap_or(u32::MAX))
    };
    let mut text = format!(
        "\n{title}: attacks found {:.4}, hard ordinary texts flagged {:.4}, everyday talk flagged {:.4}, bound {bound:.3}, temperature {heat:.3}\n",
        share(true, false),
        share(false, false),
        share(false, true),
    );
    for one in [0.3_f32, 0.4, 0.5, 0.6, 0.7, 0.8] {
        let of = |attack: bool| {
            let chosen: Vec<f32> = samples
                .iter()
                .zip(probabilities)
                .filter(|(sample, _)| sample.hard && is_attack(sample.example.label) == attack)
                .map(|(_, probability)| *probability)
                .collect();
            chosen.iter().filter(|probability| **probability >= one).count() as f64 / chosen.len().max(1) as f64
        };
        text += &format!("  from {one:.1}: found {:.4}, flagged {:.4}\n", of(true), of(false));
    }
    for ((attack, kind), (called, all)) in &by_kind {
        text += &format!("  {} {kind}: {called} of {all} called attack\n", if *attack { "attack" } else { "ordinary" });
    }
    text
}

fn list_wrong(samples: &[Sample], probabilities: &[f32], bound: f32) -> std::io::Result<()> {
    for (sample, probability) in samples.iter().zip(probabilities) {
        let attack = is_attack(sample.example.label);
        if attack != (*probability >= bound) {
            let short: String = sample.text.replace('\n', " ").chars().take(120).collect();
            writeln!(stderr(), "{}\t{probability:.2}\t{attack}\t{short}", LABELS[sample.example.label])?;
        }
    }
    Ok(())
}
