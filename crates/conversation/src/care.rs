//! Care: how a customer feels, message by message, and what the bank says and
//! does about it beside the matter itself.
//!
//! Invariants: reading is the understanding room's, words and bounds are the
//! pack's; the same message in the same state gets the same words; a comfort is
//! never said twice in a row, nor before something that protects, nor in one
//! breath with values to confirm or a code to enter; a person is offered once.
//!
//! Words of danger are not here: they bring a person before anything is decided.

use crate::decide::Decision;
use crate::error::TurnError;
use crate::packs::BankPack;
use crate::state::{ConversationState, Status};
use crate::turn::Turn;
use crate::understanding::{Stopwatch, Understanding};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use teller_flows::FlowRun;
use teller_kernel::part::QuickReply;
use teller_kernel::trace::TracedMood;
use teller_kernel::{Feeling, Trend};
use teller_pack::care::{AtOnce, Care, Comfort, Offer};
use teller_pack::{Pack, Serve};
use teller_understand::emotion::{Emotion, Emotions, TREND_MESSAGES, trend};

/// Messages of this mood in a row before a rising one counts.
const RISING_MESSAGES: usize = 2;

/// How the customer feels with this message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Felt {
    pub emotion: Emotion,
    pub trend: Trend,
    pub by_vector: bool,
}

impl Felt {
    /// Reads a message; `before` are the moods of those before it, the oldest first.
    pub fn read<'a>(heard: &Understanding, before: impl IntoIterator<Item = &'a Emotion>) -> Self {
        let vector = heard.meaning.vector();
        let closer = || heard.meaning.semantic().map(<[f32]>::to_vec);
        let emotion = Emotions::embedded().read_closer(&heard.text, vector, closer);
        let mut moods: Vec<Emotion> = before.into_iter().copied().collect();
        moods.push(emotion);
        Self { emotion, trend: trend(&moods), by_vector: vector.is_some() }
    }

    pub fn traced(&self) -> TracedMood {
        let Emotion { class: mood, probability, intensity } = self.emotion;
        TracedMood {
            mood,
            probability,
            intensity,
            trend: self.trend,
            comfort: None,
            offered: false,
            by_vector: self.by_vector,
        }
    }
}

/// The mood that a trace kept.
pub fn remembered(traced: &TracedMood) -> Emotion {
    Emotion { class: traced.mood, probability: traced.probability, intensity: traced.intensity }
}

/// How the customer feels at the end of a list of moods, for those who take over.
pub fn feeling<'a>(moods: impl IntoIterator<Item = &'a Emotion>) -> Option<Feeling> {
    let moods: Vec<Emotion> = moods.into_iter().copied().collect();
    let last = moods.last()?;
    Some(Feeling { mood: last.class, intensity: last.intensity, trend: trend(&moods) })
}

/// What the last messages of a conversation were said in.
pub const MOODS_MAX: usize = TREND_MESSAGES;

/// What care adds to a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Caring<'a> {
    Nothing,
    /// Words before the matter, and perhaps the offer of a person behind it.
    Says {
        comfort: Option<&'a Comfort>,
        offer: Option<&'a Offer>,
    },
    /// A person at once, instead of what was decided.
    Human(&'a AtOnce),
}

/// What the judgement of care rests on.
pub struct Case<'p, 'a> {
    pub pack: &'p Pack,
    pub protective: &'a BTreeSet<String>,
    pub state: &'a ConversationState,
    pub felt: Felt,
    pub elder: bool,
    pub decision: &'a Decision,
}

/// Whether the pack has anything to say to such a mood, elder customers included.
pub fn speaks(care: &Care, felt: &Felt) -> bool {
    let Emotion { class, probability, intensity } = felt.emotion;
    class.is_distress() && intensity > 0 && probability >= care.sure
}

/// The one judgement of care.
pub fn caring<'p>(case: &Case<'p, '_>) -> Caring<'p> {
    let care = &case.pack.manifest.care;
    if !speaks(care, &case.felt) || protects(case) || !takes_words(case) {
        return Caring::Nothing;
    }
    let Emotion { class, intensity, .. } = case.felt.emotion;
    let waits = case.state.status.handoff().is_some();
    if let Some(once) = care.human.iter().find(|once| once.mood == class && intensity >= once.from && !waits) {
        return Caring::Human(once);
    }
    let offer = care.offer.as_ref().filter(|offer| !waits && !case.state.human_offered && offers(case, offer));
    Caring::Says { comfort: comfort(case, care), offer }
}

/// Protection comes first and says its own words.
fn protects(case: &Case<'_, '_>) -> bool {
    match case.decision {
        Decision::Serve { wishes, .. } => wishes.iter().any(|(intent, _)| case.protective.contains(intent)),
        _ => case.state.active().is_some_and(|run| case.protective.contains(&run.intent)),
    }
}

/// Decisions that answer or ask; the others are a word of their own.
fn takes_words(case: &Case<'_, '_>) -> bool {
    match case.decision {
        Decision::Serve { wishes, .. } => {
            let own_words = |serve: &Serve| match serve {
                Serve::Message(_) | Serve::Control(_) | Serve::Handoff(_) => true,
                Serve::Flow(flow) => case.pack.manifest.human_flow.as_ref() == Some(flow),
                Serve::Article(_) => false,
            };
            !wishes
                .iter()
                .all(|(intent, _)| case.pack.intents.get(intent).is_none_or(|intent| own_words(&intent.serve)))
        }
        Decision::Answer { .. }
        | Decision::Clarify { .. }
        | Decision::RefuseAnswer { .. }
        | Decision::Fill { .. }
        | Decision::Narrow { .. }
        | Decision::Correct(_)
        | Decision::PutAgain
        | Decision::NotUnderstood { bring_human: false, .. } => true,
        Decision::Human { .. }
        | Decision::Distress
        | Decision::RefuseAttack { .. }
        | Decision::Cancel
        | Decision::Repeat
        | Decision::Confirm
        | Decision::RefuseConfirmation
        | Decision::Jump
        | Decision::Thanks
        | Decision::NotUnderstood { bring_human: true, .. } => false,
    }
}

fn offers(case: &Case<'_, '_>, offer: &Offer) -> bool {
    let Emotion { class, intensity, .. } = case.felt.emotion;
    let before = case.state.moods.iter().rev().take(RISING_MESSAGES - 1);
    let again =
        before.clone().count() + 1 >= RISING_MESSAGES && before.into_iter().all(|mood| mood.class.is_distress());
    let rising = case.felt.trend == Trend::Rising && again && intensity >= offer.rising;
    offer.moods.contains(&class) && (intensity >= offer.at_once || rising)
}

/// The comfort for this mood: an elder's own first, then the strongest that fits.
fn comfort<'p>(case: &Case<'p, '_>, care: &'p Care) -> Option<&'p Comfort> {
    let lately = case.state.comforted.as_ref().is_some_and(|(_, heard)| case.state.heard - heard < care.every);
    if lately {
        return None;
    }
    let Emotion { class, intensity, .. } = case.felt.emotion;
    let fits = |one: &&Comfort| one.mood == class && one.from <= intensity && (case.elder || !one.elder);
    care.comfort.iter().filter(fits).max_by_key(|one| (one.elder, one.from))
}

/// Which of a comfort's wordings: another one each time, and never the last again.
pub fn wording<'a>(comfort: &'a Comfort, state: &ConversationState) -> Option<&'a String> {
    let last = state.comforted.as_ref().map(|(id, _)| id);
    let fresh: Vec<&String> = comfort.say.iter().filter(|id| comfort.say.len() == 1 || Some(*id) != last).collect();
    let seed =
        state.id.as_str().bytes().fold(state.heard as usize, |sum, byte| sum.wrapping_mul(31) + usize::from(byte));
    fresh.get(seed % fresh.len().max(1)).copied()
}

impl Turn<'_> {
    /// Carries a decision out, with what the customer's mood calls for around it.
    pub(crate) async fn care(
        &mut self,
        bank: &Arc<BankPack>,
        run: Option<&FlowRun>,
        heard: &Understanding,
        decision: Decision,
    ) -> Result<(), TurnError> {
        let mut watch = Stopwatch::start();
        let felt = Felt::read(heard, &self.state.moods);
        watch.lap("mood", &mut self.trace);
        self.trace.mood = Some(felt.traced());
        if speaks(&bank.pack.manifest.care, &felt) {
            self.know_customer().await;
        }
        let elder = self.surroundings["customer"]["elder"].as_bool().unwrap_or(false);
        let (pack, protective) = (&bank.pack, &bank.protective);
        let case = Case { pack, protective, state: &self.state, felt, elder, decision: &decision };
        let caring = caring(&case);
        let worded = match &caring {
            Caring::Says { comfort: Some(comfort), .. } => wording(comfort, &self.state),
            _ => None,
        };
        if let Caring::Human(once) = caring {
            self.because("human", format!("{} at {}", felt.emotion.class, felt.emotion.intensity));
            self.say(&once.say, json!({}))?;
            return self.hand_off(teller_pack::manifest::GENERAL_SKILL, "distress", None).await;
        }
        self.carry_out(bank, run, heard, decision).await?;
        if self.state.status != Status::Machine {
            return Ok(());
        }
        if let Some(id) = worded {
            let text = self.render(id, json!({}))?;
            if self.reply.preface(id, text) {
                self.because("comfort", format!("{} at {}", felt.emotion.class, felt.emotion.intensity));
                self.note_care(|mood| mood.comfort = Some(id.clone()));
            }
        }
        if let Caring::Says { offer: Some(offer), .. } = caring {
            self.because("offer_human", format!("{} at {}", felt.emotion.class, felt.emotion.intensity));
            self.say(&offer.say, json!({}))?;
            let words = self.render(&offer.reply, json!({}))?;
            self.reply.quick_replies([QuickReply { label: words.clone(), send: words }]);
            self.note_care(|mood| mood.offered = true);
        }
        Ok(())
    }

    fn note_care(&mut self, note: impl FnOnce(&mut TracedMood)) {
        if let Some(mood) = &mut self.trace.mood {
            note(mood);
        }
    }
}

#[cfg(test)]
mod tests;
