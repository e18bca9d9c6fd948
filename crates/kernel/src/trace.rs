//! The trace of one turn: what was understood with which scores, which
//! evidence, which rule decided, how long each stage took. Saved as an event,
//! shown to staff in the Explain view, and enough to replay the decision.

use crate::mood::{Mood, Trend};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema, Default)]
pub struct TurnTrace {
    /// The inbound event this turn answers.
    pub inbound_seq: u64,
    pub pack: String,
    /// Version of each model and rule set that took part.
    pub versions: Vec<(String, String)>,
    pub language: String,
    /// The text as the rules saw it after normalisation, personal data masked.
    pub normal_form: String,
    pub intents: Vec<ScoredIntent>,
    pub entities: Vec<TracedEntity>,
    /// Signs found by rule: affirm, deny, cancel, human, correction, …
    pub signs: Vec<String>,
    /// How the customer felt; absent for a turn over no message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mood: Option<TracedMood>,
    /// What the guard judged; absent where the message could be no attack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<TracedGuard>,
    /// How the message reads with misheard words put right, personal data masked;
    /// used beside the message, never in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also_read: Option<String>,
    pub evidence: Vec<Evidence>,
    /// Each choice the turn made, in order: what was decided and why.
    pub decisions: Vec<Decision>,
    pub stages: Vec<Stage>,
    /// Language models that were asked. What they said is in the reply, never
    /// asked for again by a replay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_calls: Vec<ModelCall>,
}

/// A language model that was asked in a turn, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModelCall {
    /// rephrase_answer
    pub use_case: String,
    pub model: String,
    /// `name/version` of the prompt.
    pub prompt: String,
    /// `answered`, `refused:…` or `failed:…`.
    pub outcome: String,
    pub took_ms: u64,
    pub prompt_tokens: u64,
    pub answer_tokens: u64,
    /// Sentences of the reply that are the model's words.
    pub sentences: u32,
    /// Sentences of the model that were not let through.
    pub dropped: Vec<DroppedSentence>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DroppedSentence {
    /// Masked and cut short.
    pub text: String,
    /// figure, negation, leaves_out, …
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScoredIntent {
    pub intent: String,
    /// 0–1.
    pub score: f32,
    /// Parts of the score by name (vector, characters, …).
    pub parts: Vec<(String, f32)>,
    /// The sample that was nearest.
    pub nearest: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TracedMood {
    pub mood: Mood,
    /// Of the mood, 0–1.
    pub probability: f32,
    /// 0 for neutral; 1 noticeable, 2 clear, 3 overwhelming.
    pub intensity: u8,
    /// Over the last messages, this one among them.
    pub trend: Trend,
    /// The message of comfort that was said, and whether a person was offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comfort: Option<String>,
    #[serde(default)]
    pub offered: bool,
    /// Whether the sentence vector was there to look at, or the words alone.
    pub by_vector: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TracedGuard {
    /// Above the pack's bound, so that nothing but a refusal was said.
    pub refused: bool,
    /// Of an attack, 0–1.
    pub probability: f32,
    /// The likeliest kind of attack, were it one.
    pub kind: String,
    /// How the text was disguised, if it was.
    pub disguises: Vec<String>,
    /// Whether the sentence vector was there to look at, or the words alone.
    pub by_vector: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TracedEntity {
    pub kind: String,
    /// Character offsets into the message, end exclusive.
    pub start: usize,
    pub end: usize,
    /// The value, masked where it identifies a person.
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    /// `article:<id>@<version>`, `core:<operation>`, `calculator:<name>`.
    pub source: String,
    pub score: f32,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    /// fill_slot, correct, cancel, start_flow, resume, answer, clarify, handoff, commit, …
    pub decision: String,
    pub because: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stage {
    pub name: String,
    pub micros: u64,
}
