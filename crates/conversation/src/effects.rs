//! Effects at the core bank: prepare, confirm, step up, commit, protect.
//!
//! Invariants: the intention is saved before the core is asked; a permit is
//! built from the saved evidence and used once; no answer means `unknown`, and
//! unknown is found out by query; a protective request waits for a core that is
//! down instead of failing.

use crate::error::TurnError;
use crate::house;
use crate::packs::BankPack;
use crate::ports::point;
use crate::reply::{Words, rows};
use crate::turn::Turn;
use serde_json::{Value, json};
use std::sync::Arc;
use teller_bank::permit::{Confirmation, ConfirmedEvidence, OtpProof, PolicyVerdict, ProtectiveEvidence};
use teller_bank::{CommitOutcome, CommitPermit, digest};
use teller_flows::model::{Confirm, Flow, StepKind};
use teller_flows::run::ORDER;
use teller_flows::{FlowRun, Stage};
use teller_identity::OneTimeCode;
use teller_kernel::assurance::Factor;
use teller_kernel::event::{CommitKind, CommitStatus};
use teller_kernel::id::{ChallengeId, ConfirmationId, ReleaseId};
use teller_kernel::limits::{CONFIRMATION_TTL_MS, OTP_TTL_MS};
use teller_kernel::part::Part;
use teller_kernel::{Actor, CustomerId, EventBody, IdempotencyKey, Level};

impl Turn<'_> {
    fn customer(&self) -> Result<CustomerId, TurnError> {
        self.state
            .customer
            .clone()
            .ok_or_else(|| teller_kernel::Problem::new(teller_kernel::Code::Unauthenticated).into())
    }

    /// Asks the core for the exact values of an order. No effect.
    pub(crate) async fn prepare(
        &mut self,
        flow: &Flow,
        run: &FlowRun,
        operation: &str,
        params: Value,
    ) -> Result<(), TurnError> {
        let Ok(customer) = self.customer() else {
            self.say(house::FLOW_NEED_SIGN_IN, json!({"flow": flow.name.get(self.state.locale)}))?;
            return self.end_flow(&run.id, teller_kernel::event::FlowOutcome::Refused).await;
        };
        let key = IdempotencyKey::fresh(&*self.ports.clock, &*self.ports.rng);
        match self.ports.core.prepare(&customer, operation, &key, &params).await {
            Ok(prepared) => {
                let order = json!({
                    "key": key, "operation": operation, "order_id": prepared.order_id,
                    "values": prepared.values, "expires_at_ms": prepared.expires_at_ms,
                });
                let source = format!("core:prepare {operation}");
                self.emit(EventBody::VariableSet { run: run.id.clone(), name: ORDER.to_owned(), value: order, source });
                Ok(())
            }
            Err(error) => self.refused(flow, run, &error).await,
        }
    }

    /// Shows the exact values and asks for the yes that is bound to them.
    pub(crate) fn put_confirmation(
        &mut self,
        bank: &BankPack,
        flow: &Flow,
        run: &FlowRun,
        confirm: &Confirm,
        order: &Value,
    ) -> Result<(), TurnError> {
        let confirmation = ConfirmationId::fresh(&*self.ports.clock, &*self.ports.rng);
        let core_limit = order["expires_at_ms"].as_i64().unwrap_or(i64::MAX);
        let expires_at_ms = (self.now_ms + CONFIRMATION_TTL_MS).min(core_limit);
        self.emit(EventBody::ConfirmationAsked {
            run: run.id.clone(),
            confirmation: confirmation.clone(),
            digest: digest(&order["values"]),
            expires_at_ms,
        });
        self.show_confirmation(bank, flow, run, confirm, confirmation)
    }

    fn show_confirmation(
        &mut self,
        bank: &BankPack,
        flow: &Flow,
        run: &FlowRun,
        confirm: &Confirm,
        confirmation: ConfirmationId,
    ) -> Result<(), TurnError> {
        let context = self.context_of(run, json!({}));
        let words = Words { texts: &bank.pack.texts, locale: self.state.locale, context: &context };
        let warning = match &confirm.warning {
            Some(warning) => Some(bank.pack.texts.render(warning, words.locale, words.context)?)
                .filter(|text| !text.trim().is_empty()),
            None => None,
        };
        let part = Part::Confirm {
            confirmation,
            title: bank.pack.texts.render(&confirm.title, words.locale, words.context)?,
            rows: rows(&confirm.rows, &words)?,
            tier: flow.tier,
            warning,
        };
        self.say(house::CONFIRM_ASK, json!({}))?;
        self.reply.part(part);
        Ok(())
    }

    /// Puts what an order waits for again: the values, or the code.
    pub(crate) async fn put_order_again(
        &mut self,
        bank: &Arc<BankPack>,
        flow: &Flow,
        run: &FlowRun,
    ) -> Result<(), TurnError> {
        let Some(StepKind::Order(order)) = run.step().and_then(|id| flow.step(id)).map(|step| &step.kind) else {
            return Ok(());
        };
        match &run.stage {
            Stage::Confirming { confirmation, expires_at_ms, .. } if *expires_at_ms > self.now_ms => {
                self.show_confirmation(bank, flow, run, &order.confirm, confirmation.clone())
            }
            Stage::Challenged { challenge, .. } if challenge.expires_at_ms > self.now_ms && !challenge.void => {
                let authorises = self.authorises(bank, flow, run)?;
                self.reply.part(Part::Otp {
                    challenge: challenge.id.clone(),
                    factor: challenge.factor,
                    sent_to: challenge.sent_to.clone(),
                    authorises,
                    expires_at_ms: challenge.expires_at_ms,
                });
                Ok(())
            }
            // Too old: prepare anew, so that the values are today's.
            _ => {
                self.say(house::CONFIRM_EXPIRED, json!({}))?;
                self.emit(EventBody::StepEntered {
                    run: run.id.clone(),
                    step: run.step().unwrap_or_default().to_owned(),
                });
                Ok(())
            }
        }
    }

    /// What a code authorises, in the words of the confirmation's title.
    fn authorises(&self, bank: &BankPack, flow: &Flow, run: &FlowRun) -> Result<String, TurnError> {
        let Some(StepKind::Order(order)) = run.step().and_then(|id| flow.step(id)).map(|step| &step.kind) else {
            return Ok(String::new());
        };
        let context = self.context_of(run, json!({}));
        let words = Words { texts: &bank.pack.texts, locale: self.state.locale, context: &context };
        let title = bank.pack.texts.render(&order.confirm.title, words.locale, words.context)?;
        let strong: Vec<String> = rows(&order.confirm.rows, &words)?
            .into_iter()
            .filter(|row| row.strong)
            .map(|row| format!("{} {}", row.label, row.value))
            .collect();
        Ok(if strong.is_empty() { title } else { format!("{title}：{}", strong.join("，")) })
    }

    /// Asks for one more proof, bound to the digest of the confirmed values.
    pub(crate) async fn put_challenge(
        &mut self,
        bank: &Arc<BankPack>,
        flow: &Flow,
        run: &FlowRun,
        factor: Factor,
        digest: &str,
    ) -> Result<(), TurnError> {
        self.know_customer().await;
        let customer = self.customer()?;
        let challenge = ChallengeId::fresh(&*self.ports.clock, &*self.ports.rng);
        let authorises = self.authorises(bank, flow, run)?;
        let (proof, sent_to) = match factor {
            Factor::Sms => {
                let code = OneTimeCode::issue(&self.ports.secrets, &*self.ports.rng, &challenge, digest);
                let phone = self.surroundings["customer"]["phone_masked"].as_str().unwrap_or("***").to_owned();
                let minutes = OTP_TTL_MS / 60_000;
                let body = self.render(
                    house::OTP_SMS,
                    json!({"code": code.reveal(), "authorises": authorises, "minutes": minutes}),
                )?;
                self.text_message(customer, body);
                self.say(house::OTP_SENT, json!({"sent_to": phone}))?;
                (code.proof, phone)
            }
            Factor::Token => {
                self.say(house::OTP_TOKEN, json!({}))?;
                (String::new(), String::new())
            }
        };
        let expires_at_ms = self.now_ms + OTP_TTL_MS;
        self.emit(EventBody::OtpIssued {
            run: run.id.clone(),
            challenge: challenge.clone(),
            factor,
            digest: digest.to_owned(),
            proof,
            sent_to: sent_to.clone(),
            expires_at_ms,
        });
        self.reply.part(Part::Otp { challenge, factor, sent_to, authorises, expires_at_ms });
        Ok(())
    }

    /// Carries out a confirmed order: intention saved, core asked, answer kept.
    pub(crate) async fn commit(&mut self, run: &FlowRun, level: Level, order: &Value) -> Result<(), TurnError> {
        let Stage::Confirmed { digest: shown, accepted_at_ms, expires_at_ms, passed, .. } = &run.stage else {
            return Err(teller_kernel::Problem::new(teller_kernel::Code::ActionStale).into());
        };
        let operation = order["operation"].as_str().unwrap_or_default().to_owned();
        let key = IdempotencyKey::parse(order["key"].as_str().unwrap_or_default())
            .map_err(|_| teller_kernel::Problem::new(teller_kernel::Code::Internal))?;
        let values = order["values"].clone();
        self.emit(EventBody::CommitRequested {
            run: Some(run.id.clone()),
            key: key.clone(),
            kind: CommitKind::Confirmed,
            operation: operation.clone(),
            params: json!({"order_id": order["order_id"], "values": values}),
            digest: shown.clone(),
        });
        let proven = level
            .factors()
            .iter()
            .all(|factor| passed.iter().any(|done| done.factor == *factor && done.digest == *shown));
        // L4 is a human's to verify: two factors of the customer's own reach L3.
        let held = if proven { level.min(Level::L3).max(self.state.level) } else { self.state.level };
        let otp = passed
            .iter()
            .find(|done| done.factor == Factor::Sms)
            .map(|done| OtpProof { digest: done.digest.clone(), passed_at_ms: self.now_ms });
        let permit = CommitPermit::confirmed(ConfirmedEvidence {
            customer: self.customer()?,
            operation: operation.clone(),
            key: key.clone(),
            order_id: order["order_id"].as_str().unwrap_or_default().to_owned(),
            values: values.clone(),
            verdict: self.policy(&operation),
            confirmation: Confirmation {
                digest: shown.clone(),
                accepted_at_ms: *accepted_at_ms,
                expires_at_ms: *expires_at_ms,
            },
            required: level,
            held,
            otp,
            now_ms: self.now_ms,
        })?;
        self.because("commit", format!("{operation} confirmed at {level:?}"));
        self.flush().await?;
        self.survive(point::BEFORE_CORE)?;
        let outcome = self.ports.core.commit(permit).await;
        self.survive(point::AFTER_CORE)?;
        self.resolved(run, key, &operation, &values, outcome);
        Ok(())
    }

    /// The bank's own word on an operation before it is carried out. The risk
    /// room's verdict joins here.
    fn policy(&self, operation: &str) -> PolicyVerdict {
        if self.state.ownership == teller_kernel::event::Ownership::ThirdParty {
            return PolicyVerdict::Deny { rule: format!("third_party/{operation}") };
        }
        PolicyVerdict::Allow { rule: "house/default".to_owned() }
    }

    /// Carries out a protective operation: at once, no confirmation.
    pub(crate) async fn protect(&mut self, run: &FlowRun, operation: &str, params: Value) -> Result<(), TurnError> {
        let key = IdempotencyKey::fresh(&*self.ports.clock, &*self.ports.rng);
        let customer = self.customer()?;
        self.emit(EventBody::CommitRequested {
            run: Some(run.id.clone()),
            key: key.clone(),
            kind: CommitKind::Protective,
            operation: operation.to_owned(),
            params: params.clone(),
            digest: digest(&params),
        });
        let permit = protective(customer, operation, key.clone(), params.clone())?;
        self.because("protect", operation.to_owned());
        self.flush().await?;
        self.survive(point::BEFORE_CORE)?;
        let outcome = self.ports.core.protect(permit).await;
        self.survive(point::AFTER_CORE)?;
        self.resolved(run, key, operation, &params, outcome);
        Ok(())
    }

    /// Keeps what the core said. A held order is put before staff.
    pub(crate) fn resolved(
        &mut self,
        run: &FlowRun,
        key: IdempotencyKey,
        operation: &str,
        values: &Value,
        outcome: CommitOutcome,
    ) {
        let CommitOutcome { status, code, result } = outcome;
        self.emit(EventBody::CommitResolved { run: Some(run.id.clone()), key: key.clone(), status, code, result });
        if status == CommitStatus::Held {
            self.emit(EventBody::ReleaseRequested {
                release: ReleaseId::fresh(&*self.ports.clock, &*self.ports.rng),
                key,
                operation: operation.to_owned(),
                summary: values.clone(),
            });
        }
    }

    fn survive(&self, at: &'static str) -> Result<(), TurnError> {
        if self.ports.crash.at(at) { Err(TurnError::Died(at)) } else { Ok(()) }
    }
}

/// A protective permit asked for on the customer's behalf.
pub(crate) fn protective(
    customer: CustomerId,
    operation: &str,
    key: IdempotencyKey,
    params: Value,
) -> Result<CommitPermit, teller_bank::PermitRefused> {
    CommitPermit::protective(ProtectiveEvidence {
        requested_by: Actor::Customer { id: Some(customer.clone()) },
        customer,
        operation: operation.to_owned(),
        key,
        params,
    })
}
