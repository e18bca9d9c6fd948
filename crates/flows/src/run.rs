//! One run of a flow: the fold of its events.
//!
//! Invariants: a run changes only by `apply`; entering a step again forgets the
//! variables set since it was first entered, so that nothing computed from a
//! corrected value survives; what waits for the customer or the core is one
//! `Stage`, never two.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use teller_kernel::assurance::Factor;
use teller_kernel::event::{CommitStatus, EventBody};
use teller_kernel::id::{ChallengeId, ConfirmationId};
use teller_kernel::{FlowRunId, IdempotencyKey, PackVersion, SlotValue};

/// The variable a prepared order is kept under.
pub const ORDER: &str = "order";
/// The variable the core's answer to a commit is kept under.
pub const RESULT: &str = "result";

#[derive(Debug, Clone, PartialEq)]
pub struct FlowRun {
    pub id: FlowRunId,
    pub flow: String,
    pub pack: PackVersion,
    pub intent: String,
    /// What the customer said to start it.
    pub seed: String,
    pub slots: BTreeMap<String, SlotValue>,
    pub vars: BTreeMap<String, Value>,
    /// Optional slots that were passed over since the step was entered.
    pub skipped: BTreeSet<String>,
    /// Slots that were cleared: asked for anew, not looked for in what was said before.
    pub cleared: BTreeSet<String>,
    /// Unusable answers by slot.
    pub refusals: BTreeMap<String, u8>,
    pub stage: Stage,
    /// Steps entered, in order, each with the variables set while in it.
    trail: Vec<(String, Vec<String>)>,
}

/// What the run is waiting for.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Nothing: the next step can be taken.
    Running,
    Asking {
        slot: String,
    },
    /// The exact values are on the customer's screen.
    Confirming {
        confirmation: ConfirmationId,
        digest: String,
        expires_at_ms: i64,
    },
    /// The customer said yes to this digest; `passed` are the factors proven since.
    Confirmed {
        confirmation: ConfirmationId,
        digest: String,
        accepted_at_ms: i64,
        expires_at_ms: i64,
        passed: Vec<PassedFactor>,
    },
    Challenged {
        challenge: Challenge,
        confirmed: Box<Stage>,
    },
    /// The customer said no.
    Refused,
    Committing {
        key: IdempotencyKey,
    },
    Committed {
        key: IdempotencyKey,
        status: CommitStatus,
        code: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    pub id: ChallengeId,
    pub factor: Factor,
    pub digest: String,
    pub proof: String,
    pub sent_to: String,
    pub issued_at_ms: i64,
    pub expires_at_ms: i64,
    pub tries: u8,
    pub void: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PassedFactor {
    pub factor: Factor,
    /// What the factor was bound to.
    pub digest: String,
}

impl FlowRun {
    /// The run that a `FlowStarted` event begins.
    pub fn start(id: FlowRunId, flow: String, pack: PackVersion, intent: String, seed: String) -> Self {
        Self {
            id,
            flow,
            pack,
            intent,
            seed,
            slots: BTreeMap::new(),
            vars: BTreeMap::new(),
            skipped: BTreeSet::new(),
            cleared: BTreeSet::new(),
            refusals: BTreeMap::new(),
            stage: Stage::Running,
            trail: Vec::new(),
        }
    }

    /// The step the run is in; none before the first.
    pub fn step(&self) -> Option<&str> {
        self.trail.last().map(|(step, _)| step.as_str())
    }

    /// Was the variable set since the current step was entered?
    pub fn set_in_current_step(&self, name: &str) -> bool {
        self.trail.last().is_some_and(|(_, names)| names.iter().any(|set| set == name))
    }

    /// Folds one event of this run. Events of other runs and kinds are not its
    /// business and leave it as it is.
    pub fn apply(&mut self, at_ms: i64, body: &EventBody) {
        match body {
            EventBody::StepEntered { step, .. } => self.enter(step),
            EventBody::SlotAsked { slot, .. } => self.stage = Stage::Asking { slot: slot.clone() },
            EventBody::SlotFilled { slot, value, .. } => {
                self.slots.insert(slot.clone(), value.clone());
                self.refusals.remove(slot);
                self.stage = Stage::Running;
            }
            EventBody::SlotSkipped { slot, .. } => {
                self.skipped.insert(slot.clone());
            }
            EventBody::SlotCleared { slot, .. } => {
                self.slots.remove(slot);
                self.cleared.insert(slot.clone());
            }
            EventBody::SlotRefused { slot, .. } => {
                let count = self.refusals.entry(slot.clone()).or_default();
                *count = count.saturating_add(1);
                self.slots.remove(slot);
                self.stage = Stage::Running;
            }
            EventBody::VariableSet { name, value, .. } => self.set(name, value),
            EventBody::ConfirmationAsked { confirmation, digest, expires_at_ms, .. } => {
                self.stage = Stage::Confirming {
                    confirmation: confirmation.clone(),
                    digest: digest.clone(),
                    expires_at_ms: *expires_at_ms,
                };
            }
            EventBody::ConfirmationAnswered { confirmation, accepted, .. } => {
                self.answer(confirmation, *accepted, at_ms)
            }
            EventBody::OtpIssued { challenge, factor, digest, proof, sent_to, expires_at_ms, .. } => {
                self.challenge(Challenge {
                    id: challenge.clone(),
                    factor: *factor,
                    digest: digest.clone(),
                    proof: proof.clone(),
                    sent_to: sent_to.clone(),
                    issued_at_ms: at_ms,
                    expires_at_ms: *expires_at_ms,
                    tries: 0,
                    void: false,
                })
            }
            EventBody::OtpFailed { void, .. } => {
                if let Stage::Challenged { challenge, .. } = &mut self.stage {
                    challenge.tries = challenge.tries.saturating_add(1);
                    challenge.void |= *void;
                }
            }
            EventBody::OtpPassed { challenge, .. } => self.pass(challenge),
            EventBody::CommitRequested { key, .. } => self.stage = Stage::Committing { key: key.clone() },
            EventBody::CommitResolved { key, status, code, result, .. } => {
                self.set(RESULT, result);
                self.stage = Stage::Committed { key: key.clone(), status: *status, code: code.clone() };
            }
            _ => {}
        }
    }

    fn enter(&mut self, step: &str) {
        if let Some(first) = self.trail.iter().position(|(entered, _)| entered == step) {
            for (_, names) in self.trail.drain(first..) {
                for name in names {
                    self.vars.remove(&name);
                }
            }
        }
        self.trail.push((step.to_owned(), Vec::new()));
        self.skipped.clear();
        self.stage = Stage::Running;
    }

    fn set(&mut self, name: &str, value: &Value) {
        self.vars.insert(name.to_owned(), value.clone());
        if let Some((_, names)) = self.trail.last_mut() {
            names.push(name.to_owned());
        }
    }

    fn answer(&mut self, answered: &ConfirmationId, accepted: bool, at_ms: i64) {
        let Stage::Confirming { confirmation, digest, expires_at_ms } = &self.stage else { return };
        if confirmation != answered {
            return;
        }
        self.stage = if accepted {
            Stage::Confirmed {
                confirmation: confirmation.clone(),
                digest: digest.clone(),
                accepted_at_ms: at_ms,
                expires_at_ms: *expires_at_ms,
                passed: Vec::new(),
            }
        } else {
            Stage::Refused
        };
    }

    fn challenge(&mut self, challenge: Challenge) {
        let confirmed = match std::mem::replace(&mut self.stage, Stage::Running) {
            // A resend replaces the challenge; the confirmation below it stays.
            Stage::Challenged { confirmed, .. } => confirmed,
            other => Box::new(other),
        };
        self.stage = Stage::Challenged { challenge, confirmed };
    }

    fn pass(&mut self, answered: &ChallengeId) {
        let Stage::Challenged { challenge, confirmed } = &mut self.stage else { return };
        if &challenge.id != answered {
            return;
        }
        if let Stage::Confirmed { passed, .. } = confirmed.as_mut() {
            passed.push(PassedFactor { factor: challenge.factor, digest: challenge.digest.clone() });
        }
        self.stage = std::mem::replace(confirmed.as_mut(), Stage::Running);
    }

    /// What templates and conditions of this run see: its slots and variables,
    /// over what the turn adds (`customer`, `bank`, `today`, …).
    pub fn context(&self, surroundings: &Map<String, Value>) -> Value {
        let mut context = surroundings.clone();
        context.extend(self.vars.iter().map(|(name, value)| (name.clone(), value.clone())));
        context.extend(self.slots.iter().map(|(name, value)| (name.clone(), value.to_json())));
        Value::Object(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run() -> FlowRun {
        let id = FlowRunId::parse("fr_1").unwrap();
        FlowRun::start(id, "f".into(), PackVersion::parse("pk_1").unwrap(), "I".into(), String::new())
    }

    fn id() -> FlowRunId {
        FlowRunId::parse("fr_1").unwrap()
    }

    #[test]
    fn going_back_forgets_what_was_computed_since() {
        let mut run = run();
        let enter = |step: &str| EventBody::StepEntered { run: id(), step: step.into() };
        let set = |name: &str| EventBody::VariableSet {
            run: id(),
            name: name.into(),
            value: json!(1),
            source: "core".into(),
        };
        for body in [enter("a"), set("x"), enter("b"), set("y"), enter("c"), set("z"), enter("b")] {
            run.apply(0, &body);
        }
        assert_eq!(run.vars.keys().collect::<Vec<_>>(), ["x"]);
        assert_eq!(run.step(), Some("b"));
    }

    #[test]
    fn a_password_for_one_challenge_does_not_pass_another() {
        let mut run = run();
        let confirmation = ConfirmationId::parse("cf_1").unwrap();
        let issued = |name: &str| EventBody::OtpIssued {
            run: id(),
            challenge: ChallengeId::parse(name).unwrap(),
            factor: Factor::Sms,
            digest: "d".into(),
            proof: "p".into(),
            sent_to: String::new(),
            expires_at_ms: 9,
        };
        run.apply(
            0,
            &EventBody::ConfirmationAsked {
                run: id(),
                confirmation: confirmation.clone(),
                digest: "d".into(),
                expires_at_ms: 9,
            },
        );
        run.apply(1, &EventBody::ConfirmationAnswered { run: id(), confirmation, accepted: true });
        run.apply(2, &issued("ch_1"));
        run.apply(3, &issued("ch_2"));
        run.apply(4, &EventBody::OtpPassed { run: id(), challenge: ChallengeId::parse("ch_1").unwrap() });
        assert!(matches!(run.stage, Stage::Challenged { .. }));
        run.apply(5, &EventBody::OtpPassed { run: id(), challenge: ChallengeId::parse("ch_2").unwrap() });
        let Stage::Confirmed { passed, digest, .. } = &run.stage else { panic!("{:?}", run.stage) };
        assert_eq!((passed.len(), digest.as_str()), (1, "d"));
    }
}
