//! A client of the contract, in process, with a clock the test moves.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use sandbox_bank::{Options, Place, SandboxBank};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tower::ServiceExt;

/// 2026-11-20 10:00 in the bank's zone: the seed's business date.
pub const NOW_MS: i64 = 1_795_140_000_000;
pub const HOUR_MS: i64 = 3_600_000;

pub struct Client {
    pub bank: SandboxBank,
    router: axum::Router,
    now_ms: Arc<AtomicI64>,
    keys: AtomicU64,
}

pub fn seed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs/demo/core")
}

pub fn yuan(minor: i64) -> Value {
    json!({"minor": minor, "currency": "CNY"})
}

pub fn money(minor: i64, currency: &str) -> Value {
    json!({"minor": minor, "currency": currency})
}

/// The digest a proof carries, written apart from the bank's own.
pub fn digest(values: &Value) -> String {
    fn canonical(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort();
                out.push('{');
                for (at, key) in keys.into_iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    out.push_str(&format!("{}:", json!(key)));
                    canonical(&map[key], out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    canonical(item, out);
                }
                out.push(']');
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }
    let mut text = String::new();
    canonical(values, &mut text);
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl Client {
    pub async fn open() -> Self {
        Self::open_at(Place::Memory, NOW_MS, Options::default()).await
    }

    pub async fn open_at(place: Place, now_ms: i64, options: Options) -> Self {
        let now_ms = Arc::new(AtomicI64::new(now_ms));
        let now = now_ms.clone();
        let clock: sandbox_bank::Clock = Arc::new(move || now.load(Ordering::SeqCst));
        let bank = SandboxBank::open_with(place, &seed(), clock, options).await.expect("the demo seed opens");
        Self { router: bank.router(), bank, now_ms, keys: AtomicU64::new(0) }
    }

    pub fn pass_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn fresh_key(&self) -> String {
        format!("ik_{}", self.keys.fetch_add(1, Ordering::SeqCst))
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path);
        let content = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = self.router.clone().oneshot(request.body(content).unwrap()).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)));
        (status, body)
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// Of a customer: `c(1001, "balances")`.
    pub async fn of(&self, customer: u32, rest: &str) -> Value {
        self.get(&format!("/v1/customers/cu_{customer}/{rest}")).await
    }

    pub async fn try_prepare(&self, customer: u32, operation: &str, key: &str, params: &Value) -> (StatusCode, Value) {
        let body = json!({
            "customer": format!("cu_{customer}"), "operation": operation, "idempotency_key": key, "params": params,
        });
        self.send("POST", "/v1/orders/prepare", Some(body)).await
    }

    pub async fn prepare(&self, customer: u32, operation: &str, params: Value) -> Value {
        let (status, body) = self.try_prepare(customer, operation, &self.fresh_key(), &params).await;
        assert_eq!(status, StatusCode::OK, "{operation} {params}: {body}");
        body
    }

    /// The code a prepare is refused with.
    pub async fn refused(&self, customer: u32, operation: &str, params: Value) -> (String, Value) {
        let (status, body) = self.try_prepare(customer, operation, &self.fresh_key(), &params).await;
        assert!(status.is_client_error(), "{operation} {params}: {body}");
        (body["code"].as_str().unwrap().to_owned(), body["detail"].clone())
    }

    pub async fn confirm(&self, order: &Value) -> Value {
        let path = format!("/v1/orders/{}/confirm", order["id"].as_str().unwrap());
        let proof = json!({"proof": {"digest": digest(&order["values"]), "level": "L2", "kind": "confirmed"}});
        let (status, body) = self.send("POST", &path, Some(proof)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// Prepares and confirms.
    pub async fn carry_out(&self, customer: u32, operation: &str, params: Value) -> Value {
        let order = self.prepare(customer, operation, params).await;
        self.confirm(&order).await
    }

    /// Prepares, confirms, and insists that it was posted.
    pub async fn posted(&self, customer: u32, operation: &str, params: Value) -> Value {
        let order = self.carry_out(customer, operation, params).await;
        assert_eq!(order["status"], "posted", "{operation}: {order}");
        order["result"].clone()
    }

    pub async fn try_protect(&self, customer: u32, operation: &str, key: &str, params: Value) -> (StatusCode, Value) {
        let body = json!({
            "customer": format!("cu_{customer}"), "operation": operation, "idempotency_key": key, "params": params,
        });
        self.send("POST", "/v1/protect", Some(body)).await
    }

    pub async fn protect(&self, customer: u32, operation: &str, params: Value) -> Value {
        let (status, body) = self.try_protect(customer, operation, &self.fresh_key(), params).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["result"].clone()
    }

    pub async fn available(&self, customer: u32, account: &str) -> i64 {
        self.of(customer, &format!("balances?account={account}")).await["items"][0]["available"]["minor"]
            .as_i64()
            .unwrap()
    }

    pub async fn ledger(&self, customer: u32, account: &str) -> i64 {
        self.of(customer, &format!("balances?account={account}")).await["items"][0]["ledger"]["minor"].as_i64().unwrap()
    }

    /// Runs the independent accounting program over the whole journal.
    pub async fn check_books(&self) {
        let journal = self.bank.journal().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.hledger");
        std::fs::write(&file, &journal).unwrap();
        let checks = ["check", "--strict", "ordereddates"];
        let run = std::process::Command::new("hledger").arg("-f").arg(&file).args(checks).output();
        let run = run.expect("hledger must be installed: apt-get install hledger");
        assert!(run.status.success(), "hledger: {}", String::from_utf8_lossy(&run.stderr));
    }
}
