//! Makes the weights of the house's intents from the corpus, and those of its
//! voices, with a report on texts that no voice was trained on.
//!
//! `cargo run --release -p teller-understand --example train_house -- --pack packs/demo`
//! reads `corpus/intents/*.txt` and `corpus/oos/*.csv`, and the pack's samples;
//! writes `weights.bin.gz`, `labels.txt` and `voices.json` under
//! `crates/understand/src/intents/house/`, and `train/intents/report.txt`. With
//! `--voices` the weights stay and only a trial on nine tenths and the voices are
//! made. Deterministic; it takes some ten minutes on one core.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Write, stderr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, SEMANTIC_VECTORS, SemanticEncoder, Silent, VECTOR_DIM};
use teller_pack::{Pack, PackSource};
use teller_understand::intents::choice::{Case, fit};
use teller_understand::intents::house::{
    CLOSE, Heard, HouseModel, OUT, PART, PLAIN, REFUSE_CLOSE, REFUSE_PLAIN, Voices,
};
use teller_understand::intents::{IntentIndex, semantic_encoder};
use teller_understand::normalise;
use teller_understand::text_model::{Example, ModelFile, Recipe, TextModel, held_out, temperature, terms, train};

const PENALTY: f64 = 0.1;
/// Texts that must hold a term.
const TERM_TEXTS_MIN: usize = 5;
/// What is out of scope counts less, one by one: there is much of it.
const OUT_WEIGHT: f32 = 0.5;
const VOICES_PENALTY: f64 = 1e-4;

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
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| arguments.iter().position(|given| given == name).and_then(|at| arguments.get(at + 1));
    let pack = Path::new(after("--pack").ok_or("say which pack's samples stand beside: --pack DIR")?);
    let (pack, notes) = Pack::load(PackSource::from_dir(pack)?);
    let pack = pack.ok_or_else(|| notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let texts = read(&root.join("corpus"))?;
    let mut labels: Vec<String> = texts.iter().map(|(label, _)| label.clone()).filter(|label| label != OUT).collect();
    labels.sort();
    labels.dedup();
    labels.push(OUT.to_owned());
    let catalogue = Catalogue::embedded()?;
    let encoder = Arc::new(FastEncoder::open(&catalogue.fetch(FAST_VECTORS, &Silent)?)?);
    let examples = examples(&texts, &labels, &encoder);
    let (held, kept): (Vec<usize>, Vec<usize>) = (0..texts.len()).partition(|at| held_out(&texts[*at].1));
    let recipe =
        Recipe { labels: labels.len(), vector_dim: VECTOR_DIM, penalty: PENALTY, term_texts_min: TERM_TEXTS_MIN };
    let kept: Vec<&Example> = kept.into_iter().map(|at| &examples[at]).collect();
    let mut trial = train(&kept, &recipe);
    let judged: Vec<(Vec<f32>, usize)> = held
        .iter()
        .map(|at| &examples[*at])
        .map(|one| (trial.values(&trial.features(&one.terms, one.vector.as_deref(), &[])), one.label))
        .collect();
    let heat = temperature(&judged);
    trial.set_temperature(heat);
    let mut report = format!("{} texts of {} labels, penalty {PENALTY}, ", examples.len(), labels.len());
    writeln!(report, "{} held out, temperature {heat:.3}", held.len())?;

    let trial = Box::leak(Box::new(model_of(trial, &labels, "nine tenths of the corpus")?.1));
    let index = IntentIndex::build(pack.utterances(), Some(encoder)).in_house(trial);
    catalogue.fetch(SEMANTIC_VECTORS, &Silent)?;
    let semantic = semantic_encoder(&catalogue)?;
    let held: Vec<&(String, String)> = held.into_iter().map(|at| &texts[at]).collect();
    let voices = voices(&index, &semantic, &held, &mut report)?;
    let folder = root.join("crates/understand/src/intents/house");
    std::fs::write(folder.join("voices.json"), serde_json::to_string_pretty(&voices)? + "\n")?;

    if !arguments.iter().any(|given| given == "--voices") {
        let all: Vec<&Example> = examples.iter().collect();
        let mut model = train(&all, &recipe);
        model.set_temperature(heat);
        let (bytes, _) = model_of(model, &labels, &format!("corpus of intents, {} texts", examples.len()))?;
        writeln!(report, "weights of all texts: {} bytes", bytes.len())?;
        std::fs::write(folder.join("weights.bin.gz"), bytes)?;
        std::fs::write(folder.join("labels.txt"), labels.join("\n") + "\n")?;
    }
    stderr().write_all(report.as_bytes())?;
    std::fs::create_dir_all(root.join("train/intents"))?;
    std::fs::write(root.join("train/intents/report.txt"), report)?;
    Ok(())
}

fn examples(texts: &[(String, String)], labels: &[String], encoder: &FastEncoder) -> Vec<Example> {
    let numbers: BTreeMap<&str, usize> = labels.iter().map(String::as_str).zip(0..).collect();
    let example = |(label, text): &(String, String)| {
        let normal = normalise(text);
        Example {
            terms: terms(&normal),
            vector: Some(encoder.embed(&normal)),
            cues: Vec::new(),
            label: numbers[label.as_str()],
            weight: if label == OUT { OUT_WEIGHT } else { 1.0 },
        }
    };
    texts.iter().map(example).collect()
}

/// The packed file of a model, and the model as the program reads it back.
fn model_of(model: TextModel, labels: &[String], made_from: &str) -> Outcome<(Vec<u8>, HouseModel)> {
    let file = ModelFile {
        made_from: made_from.to_owned(),
        models: [(PART.to_owned(), model)].into(),
        ..ModelFile::default()
    };
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&file.to_bytes())?;
    let house = HouseModel::of(file, &labels.join("\n")).ok_or("the weights do not fit the program")?;
    Ok((packed.finish()?, house))
}

/// The shares of the labels by one voice or several.
type Says<'a> = dyn Fn(&Asked) -> Vec<f32> + 'a;

/// What the voices say to a held-out text, and the right one of their labels.
struct Asked {
    heard: Heard,
    right: Option<usize>,
}

/// Learns the weights of the voices from held-out texts, and tells what each adds.
fn voices(
    index: &IntentIndex,
    semantic: &SemanticEncoder,
    held: &[&(String, String)],
    report: &mut String,
) -> Outcome<Voices> {
    let asked = |(label, text): &(String, String)| {
        let vector = semantic.embed(&normalise(text));
        let (heard, right) = index.hear(text, &vector, label)?;
        Some(Asked { heard, right })
    };
    let asked: Vec<Asked> = held.iter().filter_map(|given| asked(given)).collect();
    let plain: Vec<Asked> = asked
        .iter()
        .map(|one| Asked { heard: Heard { meaning: None, ..one.heard.clone() }, right: one.right })
        .collect();
    let case = |one: &Asked| {
        let (candidates, refuse) = one.heard.signals();
        Case { candidates, refuse, right: one.right.into_iter().collect(), weight: 1.0 }
    };
    let learn = |asked: &[Asked], candidate: &[&str], refuse: &[&str]| {
        fit(&asked.iter().map(case).collect::<Vec<_>>(), candidate, refuse, VOICES_PENALTY)
    };
    let voices = Voices {
        made_from: format!("{} held-out texts of the corpus beside the demo pack's samples", asked.len()),
        plain: learn(&plain, &PLAIN, &REFUSE_PLAIN),
        close: learn(&asked, &CLOSE, &REFUSE_CLOSE),
    };
    let without_last = |shares: &[f32]| shares[..shares.len() - 1].to_vec();
    let each: [(&str, &Says); 5] = [
        ("samples", &|one| without_last(&one.heard.samples)),
        ("words", &|one| without_last(&one.heard.words)),
        ("meaning", &|one| one.heard.meaning.as_deref().map(without_last).unwrap_or_default()),
        ("samples and words", &|one| voices.judge(&Heard { meaning: None, ..one.heard.clone() })),
        ("all voices", &|one| voices.judge(&one.heard)),
    ];
    for (name, judge) in each {
        describe(report, name, &asked.iter().map(|one| (judge(one), one.right)).collect::<Vec<_>>())?;
    }
    Ok(voices)
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

/// Right by the best label in scope; and what is refused of the others where one
/// in twenty in scope is, by the best label's share and by all labels' together.
fn describe(report: &mut String, name: &str, judged: &[(Vec<f32>, Option<usize>)]) -> Outcome<()> {
    let (within, strange): (Vec<_>, Vec<_>) = judged.iter().partition(|(_, right)| right.is_some());
    let best = |shares: &[f32]| (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
    let right = within.iter().filter(|(shares, right)| best(shares) == *right).count();
    write!(report, "{name}: right {:.4} of {}", right as f64 / within.len() as f64, within.len())?;
    let top = |shares: &[f32]| shares.iter().copied().fold(0.0, f32::max);
    let all = |shares: &[f32]| shares.iter().sum::<f32>();
    for (what, of) in [("best", &top as &dyn Fn(&[f32]) -> f32), ("sum", &all)] {
        let mut sure: Vec<f32> = within.iter().map(|(shares, _)| of(shares)).collect();
        sure.sort_by(f32::total_cmp);
        let bound = sure[sure.len() / 20];
        let refused = strange.iter().filter(|(shares, _)| of(shares) < bound).count();
        write!(
            report,
            "; by {what} at {bound:.3} refused {:.4} of {}",
            refused as f64 / strange.len() as f64,
            strange.len()
        )?;
    }
    let twice = within.iter().filter(|(shares, right)| {
        let first = best(shares);
        let mut rest = shares.clone();
        if let Some(first) = first {
            rest[first] = 0.0;
        }
        first == *right || best(&rest) == *right
    });
    writeln!(report, "; right among two {:.4}", twice.count() as f64 / within.len() as f64)?;
    Ok(())
}
