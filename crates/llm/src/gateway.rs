//! Asking a model for a use: everything that stands between the wish and the
//! wire, in the order it is checked.
//!
//! switch → size of the prompt → place among calls → budget → breaker → attempts
//!
//! Invariants: a call is over by its deadline; it is tried again only where
//! nothing of an answer was received; whatever happens leaves a record.

use crate::breaker::{Breaker, BreakerState};
use crate::budget::Ledger;
use crate::client::{CallError, Client, Reply};
use crate::limits::{ATTEMPTS_MAX, BACKOFF, MESSAGES_MAX, PROMPT_MAX_CHARS};
use crate::prompt::{Message, Prompt, find};
use crate::record::{CallRecord, Outcome, Refusal};
use crate::settings::{ConfigError, Settings, UseCase, UseSettings};
use crate::wire::ChatRequest;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use teller_kernel::{Clock, Rng};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

/// What came of asking. The text is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    pub text: Option<String>,
    pub record: CallRecord,
}

struct InUse {
    settings: UseSettings,
    prompt: &'static Prompt,
    enabled: AtomicBool,
    ledger: Ledger,
}

/// The way to one endpoint.
pub struct Gateway {
    client: Client,
    uses: BTreeMap<UseCase, InUse>,
    places: Semaphore,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Gateway {
    /// # Errors
    /// Settings that cannot be, or a key that cannot be read.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Self, ConfigError> {
        let client = Client::new(settings)?;
        let in_use = |(use_case, settings): (&UseCase, &UseSettings)| {
            let prompt = find(&settings.prompt)
                .ok_or(ConfigError::Value { name: "prompt", why: "there is no such prompt".to_owned() })?;
            let enabled = AtomicBool::new(settings.enabled);
            let ledger = Ledger::new(settings.budget);
            Ok((*use_case, InUse { settings: settings.clone(), prompt, enabled, ledger }))
        };
        let uses = settings.uses.iter().map(in_use).collect::<Result<_, ConfigError>>()?;
        let places = Semaphore::new(settings.concurrency);
        Ok(Self { client, uses, places, breaker: Breaker::default(), clock, rng })
    }

    /// Throws the kill switch of a use, or releases it; `false` when the use is
    /// not configured.
    pub fn switch(&self, use_case: UseCase, enabled: bool) -> bool {
        let found = self.uses.get(&use_case);
        found.inspect(|used| used.enabled.store(enabled, Ordering::SeqCst)).is_some()
    }

    pub fn is_on(&self, use_case: UseCase) -> bool {
        self.uses.get(&use_case).is_some_and(|used| used.enabled.load(Ordering::SeqCst))
    }

    /// Model and prompt of a use; `None` when it is not configured.
    pub fn describe(&self, use_case: UseCase) -> Option<(String, String)> {
        self.uses.get(&use_case).map(|used| (used.settings.model.clone(), used.prompt.id()))
    }

    pub fn breaker(&self) -> BreakerState {
        self.breaker.state()
    }

    /// Asks the model with the messages that `compose` makes of the use's prompt.
    pub async fn call(&self, use_case: UseCase, compose: impl FnOnce(&Prompt) -> Vec<Message>) -> Called {
        let began = Instant::now();
        let Some(used) = self.uses.get(&use_case) else {
            return Called { text: None, record: unconfigured(use_case) };
        };
        let mut record = CallRecord {
            use_case: use_case.as_str(),
            model: used.settings.model.clone(),
            prompt: used.prompt.id(),
            prompt_tokens: 0,
            answer_tokens: 0,
            tokens_estimated: true,
            took_ms: 0,
            attempts: 0,
            outcome: Outcome::Answered,
        };
        let outcome = self.try_call(used, &compose(used.prompt), began, &mut record).await;
        record.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let text = match outcome {
            Ok(text) => Some(text),
            Err(outcome) => {
                record.outcome = outcome;
                None
            }
        };
        tracing::debug!(
            use_case = record.use_case,
            model = record.model,
            ms = record.took_ms,
            attempts = record.attempts,
            outcome = record.outcome.name(),
            "model call"
        );
        Called { text, record }
    }

    /// The record of a call that its caller decided not to make.
    pub fn not_called(&self, use_case: UseCase, refusal: Refusal) -> CallRecord {
        let mut record = unconfigured(use_case);
        if let Some(used) = self.uses.get(&use_case) {
            record.model.clone_from(&used.settings.model);
            record.prompt = used.prompt.id();
        }
        CallRecord { outcome: Outcome::Refused(refusal), ..record }
    }

    async fn try_call(
        &self,
        used: &InUse,
        messages: &[Message],
        began: Instant,
        record: &mut CallRecord,
    ) -> Result<String, Outcome> {
        let settings = &used.settings;
        let request = ChatRequest {
            model: &settings.model,
            messages,
            max_tokens: settings.max_tokens,
            temperature: settings.temperature,
            stream: settings.stream,
        };
        let chars = request.chars();
        if !used.enabled.load(Ordering::SeqCst) {
            return Err(Outcome::Refused(Refusal::Off));
        }
        if chars > PROMPT_MAX_CHARS || messages.len() > MESSAGES_MAX {
            return Err(Outcome::Refused(Refusal::PromptTooLarge));
        }
        let _place = self.places.try_acquire().map_err(|_| Outcome::Refused(Refusal::Busy))?;
        // A character is a token at most, near enough for a budget.
        let most = u64::try_from(chars).unwrap_or(u64::MAX).saturating_add(settings.max_tokens.into());
        let taken = used.ledger.take(self.clock.now_ms(), most).map_err(Outcome::Refused)?;
        let deadline = began + Duration::from_millis(settings.timeout_ms);
        let outcome = self.attempts(&request, deadline, &mut record.attempts).await;
        let spent = match &outcome {
            Ok(reply) => count(record, chars, reply, most),
            // Whatever was sent may have been worked on.
            Err(Outcome::Failed(error)) if record.attempts > 0 && *error != CallError::NotSent => most,
            Err(_) => 0,
        };
        used.ledger.settle(&taken, spent);
        outcome.map(|reply| reply.text)
    }

    async fn attempts(
        &self,
        request: &ChatRequest<'_>,
        deadline: Instant,
        attempts: &mut u32,
    ) -> Result<Reply, Outcome> {
        loop {
            let pass = self.breaker.admit(self.clock.now_ms()).ok_or(Outcome::Refused(Refusal::Resting))?;
            *attempts += 1;
            let error = match self.client.chat(request, deadline).await {
                Ok(reply) => {
                    pass.passed();
                    return Ok(reply);
                }
                Err(error) => error,
            };
            if error.is_outage() {
                pass.failed(self.clock.now_ms())
            } else {
                pass.passed()
            }
            let failed = Err(Outcome::Failed(error));
            let Some(wanted) = error.may_retry().filter(|_| *attempts < ATTEMPTS_MAX) else { return failed };
            let pause = wanted + self.jittered(*attempts);
            if Instant::now() + pause >= deadline {
                return failed;
            }
            sleep(pause).await;
        }
    }

    /// Between nothing and the bound of this attempt, so that many callers do
    /// not come back together.
    fn jittered(&self, attempt: u32) -> Duration {
        let bound = BACKOFF.saturating_mul(1 << attempt.saturating_sub(1).min(8));
        let micros = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(self.rng.below(micros))
    }
}

fn unconfigured(use_case: UseCase) -> CallRecord {
    CallRecord {
        use_case: use_case.as_str(),
        model: String::new(),
        prompt: String::new(),
        prompt_tokens: 0,
        answer_tokens: 0,
        tokens_estimated: true,
        took_ms: 0,
        attempts: 0,
        outcome: Outcome::Refused(Refusal::Off),
    }
}

/// Writes what was counted into the record, and says what the budget pays: never
/// more than was taken, and never nothing.
fn count(record: &mut CallRecord, prompt_chars: usize, reply: &Reply, most: u64) -> u64 {
    let estimate = |chars: usize| u64::try_from(chars).unwrap_or(u64::MAX);
    let said = reply.text.chars().count();
    record.tokens_estimated = reply.usage.is_none();
    (record.prompt_tokens, record.answer_tokens) = match reply.usage {
        Some(usage) => (usage.prompt_tokens.min(most), usage.completion_tokens.min(most)),
        None => (estimate(prompt_chars), estimate(said)),
    };
    (record.prompt_tokens + record.answer_tokens).clamp(1, most.max(1))
}
