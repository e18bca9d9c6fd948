//! What staff see of a customer at a glance: a masked name, a masked phone,
//! whether they are elder. Read from the core and kept for a short while, so
//! that a queue of fifty does not ask the core fifty times.

use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use teller_bank::CoreBank;
use teller_kernel::{Clock, CustomerId};

/// Customers kept at hand.
const KEPT_MAX: usize = 1_024;
/// How long one stays good.
const KEPT_MS: i64 = 60_000;

/// Masked facts about one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerBrief {
    pub name_masked: String,
    pub phone_masked: Option<String>,
    pub elder: bool,
}

impl CustomerBrief {
    fn from_core(read: &Value) -> Option<Self> {
        let text = |name: &str| read.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            name_masked: text("name_masked")?,
            phone_masked: text("phone_masked"),
            elder: read.get("elder").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}

pub(crate) struct Customers {
    core: Arc<dyn CoreBank>,
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<CustomerId, (i64, CustomerBrief)>>,
}

impl Customers {
    pub(crate) fn new(core: Arc<dyn CoreBank>, clock: Arc<dyn Clock>) -> Self {
        Self { core, clock, kept: Mutex::new(HashMap::new()) }
    }

    /// `None` when anonymous, or when the core does not answer: lists are shown
    /// without names rather than not at all.
    pub(crate) async fn brief(&self, customer: Option<&CustomerId>) -> Option<CustomerBrief> {
        let customer = customer?;
        let now_ms = self.clock.now_ms();
        let fresh = self.kept.lock().get(customer).filter(|(at_ms, _)| now_ms - at_ms < KEPT_MS).cloned();
        if let Some((_, brief)) = fresh {
            return Some(brief);
        }
        let read = self.core.read("customer", Some(customer), &json!({})).await.ok()?;
        let brief = CustomerBrief::from_core(&read)?;
        let mut kept = self.kept.lock();
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, (at_ms, _)| now_ms - *at_ms < KEPT_MS);
        }
        if kept.len() < KEPT_MAX {
            kept.insert(customer.clone(), (now_ms, brief.clone()));
        }
        Some(brief)
    }
}
