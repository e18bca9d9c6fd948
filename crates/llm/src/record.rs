//! What is kept of a call: enough to explain it, nothing of what was said.

/// Why no call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The kill switch, or no settings for this use.
    #[error("switched off")]
    Off,
    #[error("the budget of calls is spent")]
    CallBudget,
    #[error("the budget of tokens is spent")]
    TokenBudget,
    /// The breaker is open.
    #[error("the endpoint is resting after failures")]
    Resting,
    /// As many calls as allowed are being made.
    #[error("too many calls at the same time")]
    Busy,
    #[error("the prompt is too large")]
    PromptTooLarge,
    /// Masking would change the evidence itself.
    #[error("the text cannot leave masked")]
    Unmaskable,
    /// The evidence holds orders to a model.
    #[error("the evidence is not fit to be shown to a model")]
    Tainted,
}

impl Refusal {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::CallBudget => "call_budget",
            Self::TokenBudget => "token_budget",
            Self::Resting => "resting",
            Self::Busy => "busy",
            Self::PromptTooLarge => "prompt_too_large",
            Self::Unmaskable => "unmaskable",
            Self::Tainted => "tainted",
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    Refused(Refusal),
    Failed(crate::client::CallError),
}

impl Outcome {
    /// `answered`, `refused:…` or `failed:…`.
    pub fn name(&self) -> String {
        match self {
            Self::Answered => "answered".to_owned(),
            Self::Refused(refusal) => format!("refused:{}", refusal.as_str()),
            Self::Failed(error) => format!("failed:{}", error.as_str()),
        }
    }
}

/// One call, for traces and counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    pub use_case: &'static str,
    pub model: String,
    /// `name/version`.
    pub prompt: String,
    /// As the endpoint counts them; estimated when it does not.
    pub prompt_tokens: u64,
    pub answer_tokens: u64,
    pub tokens_estimated: bool,
    /// From asking to the end, retries included.
    pub took_ms: u64,
    /// Requests that went out.
    pub attempts: u32,
    pub outcome: Outcome,
}
