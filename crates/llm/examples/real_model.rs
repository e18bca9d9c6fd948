//! Runs the gateway against a real endpoint: rephrases answers of the demo pack,
//! shows some, and prints one JSON line of what came of it.
//!
//! ```text
//! cargo run -p teller-llm --example real_model -- BASE_URL MODEL PACK_DIR ANSWERS
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use teller_kernel::ports::fixed::SeededRng;
use teller_kernel::{Clock, Locale};
use teller_llm::rephrase::rephrase;
use teller_llm::{Gateway, Settings, UseCase, UseSettings};
use teller_pack::{Pack, PackSource};

/// Sentences of one answer, as the bank's answers have them.
const SENTENCES: usize = 3;
/// A small model on few cores is given time; a bank's is not.
const TIMEOUT_MS: u64 = 110_000;
/// Answers shown.
const SHOWN: usize = 3;

struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "a command measures; nothing replays")]
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [base, model, folder, answers] = args.as_slice() else {
        return Err("give BASE_URL MODEL PACK_DIR ANSWERS".into());
    };
    let used = UseSettings { timeout_ms: TIMEOUT_MS, ..UseSettings::new(model) };
    let uses = [(UseCase::RephraseAnswer, used)].into();
    let settings = Settings { uses, first_byte_timeout_ms: TIMEOUT_MS, ..Settings::at(base) };
    let gateway = Gateway::new(&settings, Arc::new(Now), Arc::new(SeededRng::new(1)))?;
    let (pack, _) = Pack::load(PackSource::from_dir(Path::new(folder))?);
    let articles = pack.ok_or("the pack has errors")?.articles;
    let wanted: usize = answers.parse()?;
    let step = (articles.len() / wanted.max(1)).max(1);
    let (mut calls, mut answered, mut tokens, mut spent_ms) = (0, 0, 0, 0);
    let (mut kept, mut sentences) = (0, 0);
    let (mut dropped, mut failed): (BTreeMap<&str, usize>, BTreeMap<String, usize>) = Default::default();
    for (number, article) in articles.values().step_by(step).take(wanted).enumerate() {
        let answer: Vec<String> = article.sentences(Locale::Zh).into_iter().take(SENTENCES).collect();
        let asked = article.questions.all().next().unwrap_or_default();
        let said = rephrase(&gateway, Locale::Zh, Some(asked), &answer).await;
        calls += 1;
        sentences += answer.len();
        spent_ms += said.record.took_ms;
        tokens += said.record.answer_tokens;
        let outcome = said.record.outcome.name();
        match outcome.clone() {
            name if name == "answered" => answered += 1,
            name => *failed.entry(name).or_default() += 1,
        }
        kept += said.sentences.iter().flatten().filter(|one| one.rephrased).count();
        said.dropped.iter().for_each(|(_, why)| *dropped.entry(why).or_default() += 1);
        if number < SHOWN {
            eprintln!(
                "asked     {asked}\nanswer    {answer:?}\noutcome   {outcome}\nsaid      {:?}\ndropped   {:?}\n",
                said.sentences, said.dropped
            );
        }
    }
    let line = json!({
        "model": model, "calls": calls, "answered": answered, "failed": failed, "ms_per_call": spent_ms / calls.max(1),
        "answer_tokens": tokens, "sentences": sentences, "in_other_words": kept, "dropped": dropped,
    });
    println!("{line}");
    Ok(())
}
