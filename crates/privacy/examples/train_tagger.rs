//! Learns the tagger's table from the marked corpora, or measures by cross-validation.
//!
//! ```text
//! train_tagger CORPUS_DIR --folds 5 [--errors]   blocks of 25 lines held out in turn
//! train_tagger CORPUS_DIR --pairs crates/privacy/data/pairs.bin      then build anew
//! train_tagger CORPUS_DIR --out crates/privacy/data/tagger.bin
//! ```
//!
//! A conditional random field by stochastic gradient (AdaGrad, Duchi 2011) with
//! soft thresholds for sparsity; seeded, so that the same corpus gives the same
//! table. Plain talk of the other corpora serves as text without personal data
//! where a first model and the patterns find none.

#[path = "train/crf.rs"]
mod crf;
#[path = "train/data.rs"]
mod data;

use crf::{Prepared, Settings, train};
use data::{Sentence, multiply_names};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use teller_privacy::tagger::{Model, count_pairs, features};
use teller_privacy::{PiiSpan, detect_with};

/// Lines held out together, since neighbours are alike.
const BLOCK: usize = 25;

/// Every so many of the plain sentences is learned from: more would drown the marked ones.
const PLAIN_STEP: usize = 3;

type Failure = Box<dyn std::error::Error>;

fn prepare(sentences: &[Sentence]) -> Vec<Prepared> {
    sentences.iter().map(|s| Prepared { keys: features(&s.chars), tags: s.tags() }).collect()
}

/// Learns from the marked sentences, then once more with the plain ones that the
/// first model finds clean.
fn learn(marked: &[Sentence], plain: &[Sentence], settings: Settings) -> Option<Vec<u8>> {
    let mut set = prepare(&multiply_names(marked, 2));
    let first = Model::read(&train(&set, settings))?;
    let clean: Vec<Sentence> = clean(&first, plain).into_iter().step_by(PLAIN_STEP).collect();
    set.extend(prepare(&clean));
    Some(train(&set, settings))
}

/// Plain sentences in which neither a first model nor the patterns find anything.
fn clean(model: &Model, plain: &[Sentence]) -> Vec<Sentence> {
    plain
        .iter()
        .filter(|s| {
            let text: String = s.chars.iter().collect();
            detect_with(model, &text).is_empty() && &*teller_privacy::mask(&text) == text.as_str()
        })
        .cloned()
        .collect()
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let corpus = PathBuf::from(args.first().ok_or("usage: train_tagger CORPUS_DIR (--folds N | --out FILE)")?);
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|at| args.get(at + 1));
    let marked = data::marked(&corpus)?;
    let slots = data::slots(&corpus)?;
    let plain = data::plain(&corpus)?;
    let mut log = std::io::stderr();
    let mut first = marked.clone();
    first.extend_from_slice(&slots);
    let settings = Settings::default();
    if let Some(folds) = value("--folds") {
        let folds: usize = folds.parse()?;
        let only: usize = value("--only").map_or(Ok(folds), |n| n.parse())?;
        let errors = args.iter().any(|a| a == "--errors");
        let mut tally = Tally::default();
        for fold in 0..only {
            let held = |at: usize| at / BLOCK % folds == fold;
            let mut part: Vec<Sentence> =
                marked.iter().enumerate().filter(|(at, _)| !held(*at)).map(|(_, s)| s.clone()).collect();
            part.extend_from_slice(&slots);
            let bytes = learn(&part, &plain, settings).ok_or("no table")?;
            let model = Model::read(&bytes).ok_or("the table is not read back")?;
            for (_, sentence) in marked.iter().enumerate().filter(|(at, _)| held(*at)) {
                let text: String = sentence.chars.iter().collect();
                tally.add(sentence, &detect_with(&model, &text), errors, &mut log)?;
            }
            writeln!(log, "fold {fold}: {}", tally.line())?;
        }
        tally.print(&mut log)?;
    }
    if let Some(out) = value("--pairs") {
        std::fs::write(out, count_pairs(plain.iter().map(|s| s.chars.as_slice())))?;
    }
    if let Some(out) = value("--out") {
        let bytes = learn(&first, &plain, settings).ok_or("the table is not read back")?;
        writeln!(log, "{} bytes", bytes.len())?;
        std::fs::write(Path::new(out), bytes)?;
    }
    Ok(())
}

#[derive(Default)]
struct Tally {
    by: BTreeMap<&'static str, [usize; 3]>,
}

impl Tally {
    fn add(&mut self, truth: &Sentence, found: &[PiiSpan], errors: bool, log: &mut impl Write) -> std::io::Result<()> {
        let same = |a: &PiiSpan, b: &PiiSpan| (a.start, a.end, a.kind) == (b.start, b.end, b.kind);
        let mut missed = Vec::new();
        let mut wrong = Vec::new();
        for span in &truth.spans {
            let hit = found.iter().any(|f| same(f, span));
            self.by.entry(span.kind.as_str()).or_default()[if hit { 0 } else { 2 }] += 1;
            if !hit {
                missed.push(truth.shown(span));
            }
        }
        for span in found.iter().filter(|f| !truth.spans.iter().any(|s| same(f, s))) {
            self.by.entry(span.kind.as_str()).or_default()[1] += 1;
            wrong.push(truth.shown(span));
        }
        if errors && !(missed.is_empty() && wrong.is_empty()) {
            let text: String = truth.chars.iter().collect();
            writeln!(log, "{text}\n    miss {missed:?}  wrong {wrong:?}")?;
        }
        Ok(())
    }

    fn line(&self) -> String {
        let sum = self.by.values().fold([0; 3], |sum, c| [sum[0] + c[0], sum[1] + c[1], sum[2] + c[2]]);
        figures(sum)
    }

    fn print(&self, log: &mut impl Write) -> std::io::Result<()> {
        for (kind, counts) in &self.by {
            writeln!(log, "{kind:16} {}", figures(*counts))?;
        }
        writeln!(log, "{:16} {}", "overall", self.line())
    }
}

fn figures([hits, wrong, missed]: [usize; 3]) -> String {
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    format!(
        "precision {:.4} recall {:.4} f1 {:.4}",
        share(hits, hits + wrong),
        share(hits, hits + missed),
        share(2 * hits, 2 * hits + wrong + missed)
    )
}
