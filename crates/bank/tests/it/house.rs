//! A house with the demo core in process: a clock and faults the test decides,
//! and permits built from whole evidence.

use parking_lot::Mutex;
use sandbox_bank::SandboxBank;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use teller_bank::permit::{CommitPermit, Confirmation, ConfirmedEvidence, OtpProof, PolicyVerdict, ProtectiveEvidence};
use teller_bank::port::{CommitOutcome, CoreBank, Prepared};
use teller_bank::testing::{Fault, RouterTransport};
use teller_bank::{HttpCoreBank, digest};
use teller_kernel::{Actor, Clock, CustomerId, IdempotencyKey, Level};

/// 2026-11-20 10:00 in the bank's zone.
pub const NOW_MS: i64 = 1_795_140_000_000;

pub struct House {
    pub sandbox: SandboxBank,
    pub core: HttpCoreBank,
    pub now_ms: Arc<AtomicI64>,
    /// Faults of the next requests; empty means none.
    pub faults: Arc<Mutex<Vec<Fault>>>,
    pub sent: Arc<Mutex<Vec<String>>>,
}

struct SharedClock(Arc<AtomicI64>);

impl Clock for SharedClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl House {
    pub async fn open() -> Self {
        let now_ms = Arc::new(AtomicI64::new(NOW_MS));
        let clock = {
            let now = now_ms.clone();
            Arc::new(move || now.load(Ordering::SeqCst))
        };
        let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/demo/core");
        let sandbox = SandboxBank::open(Path::new(":memory:"), &seed, clock).await.expect("the demo seed opens");
        let faults: Arc<Mutex<Vec<Fault>>> = Arc::default();
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let plan = {
            let (faults, sent) = (faults.clone(), sent.clone());
            Box::new(move |_, path: &str| {
                sent.lock().push(path.to_owned());
                let mut faults = faults.lock();
                if faults.is_empty() { Fault::None } else { faults.remove(0) }
            })
        };
        let transport = RouterTransport::with_faults(sandbox.router(), plan);
        let core = HttpCoreBank::new(Arc::new(transport), Arc::new(SharedClock(now_ms.clone())));
        Self { sandbox, core, now_ms, faults, sent }
    }

    pub fn now(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    pub async fn read(&self, op: &str, params: Value) -> Value {
        self.core.read(op, Some(&lin()), &params).await.expect(op)
    }

    pub async fn available(&self, account: &str) -> i64 {
        let balances = self.read("balances", json!({"account": account})).await;
        balances["items"][0]["available"]["minor"].as_i64().unwrap()
    }

    pub async fn prepare(&self, op: &str, key_text: &str, params: Value) -> Prepared {
        self.core.prepare(&lin(), op, &key(key_text), &params).await.expect(op)
    }

    pub fn permit(&self, prepared: &Prepared, key_text: &str) -> CommitPermit {
        self.of(1001).permit(prepared, key_text)
    }

    pub async fn carry_out(&self, op: &str, key_text: &str, params: Value) -> CommitOutcome {
        let prepared = self.prepare(op, key_text, params).await;
        self.core.commit(self.permit(&prepared, key_text)).await
    }

    pub fn fail_next(&self, faults: &[Fault]) {
        *self.faults.lock() = faults.to_vec();
    }
}

pub fn lin() -> CustomerId {
    CustomerId::parse("cu_1001").unwrap()
}

pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("ik_{text}")).unwrap()
}

pub fn yuan(minor: i64) -> Value {
    json!({"minor": minor, "currency": "CNY"})
}

pub fn transfer(minor: i64) -> Value {
    json!({
        "from_account": "ac_1001_1", "amount": yuan(minor), "to_account": "6217990012345670013", "to_name": "张伟",
        "to_bank": "建行",
    })
}

/// A house seen from one customer.
pub struct Of<'a> {
    house: &'a House,
    pub id: CustomerId,
}

impl House {
    pub fn of(&self, customer: u32) -> Of<'_> {
        Of { house: self, id: CustomerId::parse(&format!("cu_{customer}")).unwrap() }
    }
}

impl Of<'_> {
    pub fn permit(&self, prepared: &Prepared, key_text: &str) -> CommitPermit {
        let seen = digest(&prepared.values);
        let now_ms = self.house.now();
        CommitPermit::confirmed(ConfirmedEvidence {
            customer: self.id.clone(),
            operation: prepared.operation.clone(),
            key: key(key_text),
            order_id: prepared.order_id.clone(),
            values: prepared.values.clone(),
            verdict: PolicyVerdict::Allow { rule: "test".into() },
            confirmation: Confirmation { digest: seen.clone(), accepted_at_ms: now_ms, expires_at_ms: now_ms + 1 },
            required: Level::L2,
            held: Level::L2,
            otp: Some(OtpProof { digest: seen, passed_at_ms: now_ms }),
            now_ms,
        })
        .expect("the evidence is whole")
    }

    pub async fn carry_out(&self, op: &str, key_text: &str, params: Value) -> CommitOutcome {
        let prepared = self.house.core.prepare(&self.id, op, &key(key_text), &params).await.expect(op);
        self.house.core.commit(self.permit(&prepared, key_text)).await
    }

    pub fn protection(&self, op: &str, key_text: &str, params: Value) -> CommitPermit {
        CommitPermit::protective(ProtectiveEvidence {
            customer: self.id.clone(),
            operation: op.into(),
            key: key(key_text),
            params,
            requested_by: Actor::Customer { id: Some(self.id.clone()) },
        })
        .expect("a protective operation")
    }
}

pub fn protection(op: &str, key_text: &str, params: Value) -> CommitPermit {
    CommitPermit::protective(ProtectiveEvidence {
        customer: lin(),
        operation: op.into(),
        key: key(key_text),
        params,
        requested_by: Actor::Customer { id: Some(lin()) },
    })
    .expect("a protective operation")
}
