//! Makes the weights of knowledge search from a pack's own text and prints how
//! they fit.
//!
//! `cargo run --release -p teller-knowledge --example train_knowledge -- --pack packs/demo`
//! writes `crates/knowledge/src/weights.json`; `--out FILE` elsewhere.

use std::collections::BTreeMap;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use teller_knowledge::train::{Asked, train};
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, Silent};
use teller_pack::intent::Serve;
use teller_pack::{Article, Intent, yaml};

const OUT_OF_SCOPE: &str = "SYS_OOD";

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(PathBuf::from)
    };
    let pack = after("--pack").ok_or("say which pack: --pack DIR")?;
    let weights_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/weights.json");
    let articles = articles(&pack)?;
    let asked = asked(&pack, &articles)?;
    let folder = Catalogue::embedded()?.fetch(FAST_VECTORS, &Silent)?;
    let encoder = Arc::new(FastEncoder::open(&folder)?);
    let (weights, fitted) = train(&articles, &[], &asked, &encoder);
    writeln!(stderr(), "with vectors: {:#?}\nwords only: {:#?}", fitted[0], fitted[1])?;
    std::fs::write(after("--out").unwrap_or(weights_file), serde_json::to_string_pretty(&weights)? + "\n")?;
    Ok(())
}

fn articles(pack: &Path) -> Result<BTreeMap<String, Article>, Failure> {
    let mut articles = BTreeMap::new();
    for file in files(&pack.join("articles"), "md")? {
        let mut notes = Vec::new();
        let text = std::fs::read_to_string(&file)?;
        let article = Article::parse(&file.to_string_lossy(), &text, &mut notes).ok_or_else(|| format!("{notes:?}"))?;
        articles.insert(article.id.clone(), article);
    }
    Ok(articles)
}

/// What customers say for intents that articles serve, and what is out of scope.
fn asked(pack: &Path, articles: &BTreeMap<String, Article>) -> Result<Vec<Asked>, Failure> {
    let mut asked = Vec::new();
    for file in files(&pack.join("intents"), "yaml")? {
        let mut notes = Vec::new();
        let text = std::fs::read_to_string(&file)?;
        let intents: Option<Vec<Intent>> = yaml::read(&file.to_string_lossy(), &text, &mut notes);
        for intent in intents.ok_or_else(|| format!("{notes:?}"))? {
            let right = match &intent.serve {
                Serve::Article(ids) => ids.iter().filter(|id| articles.contains_key(*id)).cloned().collect(),
                _ => Vec::new(),
            };
            if !right.is_empty() || intent.id == OUT_OF_SCOPE {
                asked.extend(intent.utterances.all().map(|text| (text.to_owned(), right.clone())));
            }
        }
    }
    Ok(asked)
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path, ending)?);
        } else if path.extension().is_some_and(|has| has == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
