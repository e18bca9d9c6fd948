//! The whole suite of a pack: every script in every wording, each in a world
//! of its own, a few at a time.

use crate::play::{Played, play};
use crate::script::{Script, Sourced, read_all};
use crate::world::{Stage, World, WorldConfig};
use std::path::Path;
use std::sync::Arc;
use teller_conversation::Workshop;
use teller_pack::{Diagnostic, Place};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Worlds open at once: each is a store and a core of its own.
const WORLDS_MAX: usize = 4;

/// What playing a suite came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Scripts written.
    pub scripts: usize,
    /// Scripts played, paraphrases included, in order.
    pub played: Vec<Played>,
    /// Scripts that repeat an utterance of the pack word for word.
    pub borrowed: Vec<Diagnostic>,
}

impl Report {
    pub fn failed(&self) -> impl Iterator<Item = &Played> {
        self.played.iter().filter(|played| !played.failures.is_empty())
    }

    pub fn passed(&self) -> bool {
        self.borrowed.is_empty() && self.failed().next().is_none()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    #[error(transparent)]
    Stage(#[from] crate::world::StageError),
    #[error("the scripts have errors")]
    Scripts(Vec<Diagnostic>),
}

/// Plays the scripts of a pack folder whose name or file holds `only`.
pub async fn run(
    pack: &Path,
    workshop: Workshop,
    only: Option<&str>,
    progress: impl Fn(&Played),
) -> Result<Report, SuiteError> {
    let mut notes = Vec::new();
    let scripts = read_all(pack, &mut notes);
    if !notes.is_empty() {
        return Err(SuiteError::Scripts(notes));
    }
    let stage = Arc::new(Stage::set(pack, workshop).await?);
    let borrowed = borrowed(&stage, &scripts);
    let wanted =
        |sourced: &&Sourced| only.is_none_or(|only| sourced.script.name.contains(only) || sourced.file.contains(only));
    let scripts: Vec<Sourced> = scripts.iter().filter(wanted).cloned().collect();
    let mut report = Report { scripts: scripts.len(), borrowed, ..Report::default() };
    let room = Arc::new(Semaphore::new(WORLDS_MAX));
    let mut playing = JoinSet::new();
    let variants =
        scripts.iter().flat_map(|sourced| sourced.script.variants().into_iter().map(move |variant| (sourced, variant)));
    for (index, (sourced, (name, script))) in variants.enumerate() {
        let (stage, room, sourced) = (stage.clone(), room.clone(), sourced.clone());
        playing.spawn(async move {
            let _place = room.acquire_owned().await.expect("the semaphore is never closed");
            (index, one(stage, index, &sourced, name, &script).await)
        });
    }
    let mut played = Vec::new();
    while let Some(done) = playing.join_next().await {
        if let Ok((index, done)) = done {
            progress(&done);
            played.push((index, done));
        }
    }
    played.sort_by_key(|(index, _)| *index);
    report.played = played.into_iter().map(|(_, done)| done).collect();
    Ok(report)
}

async fn one(stage: Arc<Stage>, index: usize, sourced: &Sourced, name: String, script: &Script) -> Played {
    let config = WorldConfig { seed: index as u64 + 1, durable: false };
    match World::open(stage, config).await {
        Ok(mut world) => play(&mut world, sourced, name, script).await,
        Err(problem) => Played::broken(&sourced.file, name, format!("no world: {problem}")),
    }
}

/// A script must speak as a customer would, not as the pack's own samples do:
/// it would prove nothing.
fn borrowed(stage: &Stage, scripts: &[Sourced]) -> Vec<Diagnostic> {
    let bare =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let samples: std::collections::HashSet<String> =
        stage.bank.pack.intents.values().flat_map(|intent| intent.utterances.all().map(&bare)).collect();
    let mut notes = Vec::new();
    for sourced in scripts {
        for step in &sourced.script.steps {
            // A yes, a no, a name: short answers are what they are.
            let opens =
                step.value.say.iter().chain(&step.value.paraphrases).filter(|text| bare(text).chars().count() > 4);
            for text in opens.filter(|text| samples.contains(&bare(text))) {
                let place = Place::at(&sourced.file, step.referenced);
                notes.push(Diagnostic::error(
                    place,
                    "borrowed-utterance",
                    format!("「{text}」 is a sample of the pack"),
                ));
            }
        }
    }
    notes
}
