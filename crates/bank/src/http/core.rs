//! `CoreBank` by requests over a [`Transport`].

use super::breaker::Breaker;
use super::query::{encode, path_and_query};
use super::transport::{Method, Reply, Transport, TransportError};
use crate::catalog;
use crate::permit::{CommitPermit, PermitAction};
use crate::port::{CommitOutcome, CoreBank, CoreError, Health, OrderState, OrderStatus, Prepared, Refusal};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use teller_kernel::event::{CommitKind, CommitStatus};
use teller_kernel::{Clock, CustomerId, IdempotencyKey};

/// How often a harmless request is asked in all when no reply comes.
const HARMLESS_TRIES_MAX: u32 = 2;

/// Codes by which the core says that nothing was carried out.
const NOT_CARRIED_OUT: [&str; 2] = ["CORE_DOWN", "END_OF_DAY"];

pub struct HttpCoreBank {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    breaker: Breaker,
}

/// An order or protection as the contract shows it.
#[derive(Debug, Deserialize)]
struct WireOrder {
    id: String,
    operation: String,
    status: OrderStatus,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    values: Value,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    expires_at_ms: i64,
}

impl WireOrder {
    fn outcome(self) -> CommitOutcome {
        match self.status.commit_status() {
            Some(status) => CommitOutcome::new(status, self.code, self.result),
            // A confirmed order cannot still be waiting; find out by query.
            None => CommitOutcome::unknown(),
        }
    }

    fn state(self) -> OrderState {
        OrderState {
            order_id: self.id,
            operation: self.operation,
            status: self.status,
            code: self.code,
            values: self.values,
            result: self.result,
        }
    }
}

#[derive(Debug, Deserialize)]
struct WireProblem {
    code: String,
    #[serde(default)]
    detail: Value,
}

impl HttpCoreBank {
    pub fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, breaker: Breaker::new() }
    }

    async fn send_once(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply, TransportError> {
        if !self.breaker.admits(self.clock.now_ms()) {
            return Err(TransportError::NotSent);
        }
        match self.transport.send(method, path, body).await {
            Ok(reply) => {
                let code = reply.body.get("code").and_then(Value::as_str);
                self.breaker.answered(match (reply.status, code) {
                    (503, Some("END_OF_DAY")) => Health::EndOfDay,
                    (503, _) => Health::Down,
                    _ => Health::Up,
                });
                Ok(reply)
            }
            Err(error) => {
                self.breaker.failed(self.clock.now_ms());
                Err(error)
            }
        }
    }

    /// For requests that change nothing, or that carry their key.
    async fn send_harmless(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, CoreError> {
        let unavailable = || CoreError::Unavailable { code: "CORE_UNAVAILABLE".into() };
        let mut tries = 0;
        let reply = loop {
            tries += 1;
            match self.send_once(method, path, body).await {
                Ok(reply) => break reply,
                Err(TransportError::NoReply) if tries < HARMLESS_TRIES_MAX => {}
                Err(_) => return Err(unavailable()),
            }
        };
        match reply.status {
            200..=299 => Ok(reply.body),
            _ => Err(match serde_json::from_value::<WireProblem>(reply.body) {
                Ok(problem) if reply.status == 503 => CoreError::Unavailable { code: problem.code },
                Ok(problem) if reply.status < 500 => {
                    CoreError::Refused(Refusal { code: problem.code, detail: problem.detail })
                }
                _ if reply.status < 500 => CoreError::Contract("an error without a code"),
                _ => unavailable(),
            }),
        }
    }

    /// For effects: sent once, and whatever is not a clear answer is unknown.
    async fn send_effect(&self, path: &str, body: &Value, kind: CommitKind) -> CommitOutcome {
        let reply = match self.send_once(Method::Post, path, Some(body)).await {
            Ok(reply) => reply,
            Err(TransportError::NotSent) => return not_carried_out("CORE_UNAVAILABLE".into(), kind),
            Err(TransportError::NoReply) => return CommitOutcome::unknown(),
        };
        if (200..300).contains(&reply.status) {
            return serde_json::from_value::<WireOrder>(reply.body)
                .map_or_else(|_| CommitOutcome::unknown(), WireOrder::outcome);
        }
        match serde_json::from_value::<WireProblem>(reply.body) {
            Ok(problem) if reply.status == 503 && NOT_CARRIED_OUT.contains(&problem.code.as_str()) => {
                not_carried_out(problem.code, kind)
            }
            Ok(problem) if reply.status < 500 => CommitOutcome::rejected(problem.code, problem.detail),
            _ => CommitOutcome::unknown(),
        }
    }
}

/// A protection waits for the core; anything else is over, and may be asked anew.
fn not_carried_out(code: String, kind: CommitKind) -> CommitOutcome {
    let status = if kind == CommitKind::Protective { CommitStatus::Queued } else { CommitStatus::Rejected };
    CommitOutcome::new(status, Some(code), Value::Null)
}

fn wrong_permit() -> CommitOutcome {
    CommitOutcome::rejected("WRONG_PERMIT", Value::Null)
}

fn check_params(operation: &catalog::Operation, params: &Value) -> Result<(), CoreError> {
    let map = params.as_object().ok_or_else(|| CoreError::BadParam("params".into()))?;
    if let Some(name) = operation.required.iter().find(|name| map.get(**name).is_none_or(Value::is_null)) {
        return Err(CoreError::BadParam((*name).into()));
    }
    let known =
        |name: &String| operation.required.contains(&name.as_str()) || operation.optional.contains(&name.as_str());
    match map.keys().find(|name| !known(name)) {
        Some(name) => Err(CoreError::BadParam(name.clone())),
        None => Ok(()),
    }
}

/// A parameter that is null is a parameter that is absent.
fn without_nulls(params: &Value) -> Value {
    match params {
        Value::Object(map) => {
            Value::Object(map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect())
        }
        other => other.clone(),
    }
}

#[async_trait]
impl CoreBank for HttpCoreBank {
    async fn read(&self, op: &str, customer: Option<&CustomerId>, params: &Value) -> Result<Value, CoreError> {
        let read = catalog::read(op).ok_or_else(|| CoreError::UnknownOperation(op.to_owned()))?;
        let path = path_and_query(read, customer, params)?;
        self.send_harmless(Method::Get, &path, None).await
    }

    async fn prepare(
        &self,
        customer: &CustomerId,
        op: &str,
        key: &IdempotencyKey,
        params: &Value,
    ) -> Result<Prepared, CoreError> {
        let operation = catalog::operation(op).ok_or_else(|| CoreError::UnknownOperation(op.to_owned()))?;
        let params = without_nulls(params);
        check_params(operation, &params)?;
        let body = json!({"customer": customer, "operation": op, "idempotency_key": key, "params": params});
        let answer = self.send_harmless(Method::Post, "/v1/orders/prepare", Some(&body)).await?;
        let order: WireOrder =
            serde_json::from_value(answer).map_err(|_| CoreError::Contract("prepare did not answer an order"))?;
        Ok(Prepared {
            order_id: order.id,
            operation: order.operation,
            status: order.status,
            values: order.values,
            expires_at_ms: order.expires_at_ms,
        })
    }

    async fn commit(&self, permit: CommitPermit) -> CommitOutcome {
        let PermitAction::Confirm { order_id } = permit.action() else { return wrong_permit() };
        let proof = json!({"digest": permit.digest(), "level": permit.level(), "kind": permit.kind()});
        let path = format!("/v1/orders/{}/confirm", encode(order_id));
        self.send_effect(&path, &json!({"proof": proof}), permit.kind()).await
    }

    async fn query(
        &self,
        customer: &CustomerId,
        op: &str,
        key: &IdempotencyKey,
    ) -> Result<Option<OrderState>, CoreError> {
        let path = format!(
            "/v1/orders/by-key?customer={}&operation={}&key={}",
            encode(customer.as_str()),
            encode(op),
            encode(key.as_str())
        );
        match self.send_harmless(Method::Get, &path, None).await {
            Ok(answer) => serde_json::from_value::<WireOrder>(answer)
                .map(|order| Some(order.state()))
                .map_err(|_| CoreError::Contract("by-key did not answer an order")),
            Err(CoreError::Refused(refusal)) if refusal.code == "NOT_FOUND" => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn settle(&self, customer: &CustomerId, op: &str, key: &IdempotencyKey) -> Result<CommitOutcome, CoreError> {
        let Some(order) = self.query(customer, op, key).await? else {
            // A confirm needs an order; without one nothing can have happened.
            return Ok(CommitOutcome::new(CommitStatus::Cancelled, Some("NOT_FOUND".into()), Value::Null));
        };
        if let Some(status) = order.status.commit_status() {
            return Ok(CommitOutcome::new(status, order.code, order.result));
        }
        let path = format!("/v1/orders/{}/cancel", encode(&order.order_id));
        let answer = self.send_harmless(Method::Post, &path, Some(&json!({"only_if": "prepared"}))).await?;
        let order: WireOrder =
            serde_json::from_value(answer).map_err(|_| CoreError::Contract("cancel did not answer an order"))?;
        Ok(order.outcome())
    }

    async fn protect(&self, permit: CommitPermit) -> CommitOutcome {
        let PermitAction::Protect { params } = permit.action() else { return wrong_permit() };
        let body = json!({
            "customer": permit.customer(),
            "operation": permit.operation(),
            "idempotency_key": permit.key(),
            "params": without_nulls(params),
        });
        self.send_effect("/v1/protect", &body, permit.kind()).await
    }

    async fn release(&self, permit: CommitPermit) -> CommitOutcome {
        let (path, body) = match permit.action() {
            PermitAction::Release { order_id, by } => {
                (format!("/v1/orders/{}/release", encode(order_id)), json!({"by": by, "digest": permit.digest()}))
            }
            PermitAction::Decline { order_id, by, reason } => {
                (format!("/v1/orders/{}/decline", encode(order_id)), json!({"by": by, "reason": reason}))
            }
            _ => return wrong_permit(),
        };
        self.send_effect(&path, &body, permit.kind()).await
    }

    fn health(&self) -> Health {
        self.breaker.health()
    }
}
