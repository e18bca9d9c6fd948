//! Everything a request handler can reach, as one value.

use crate::demo::DemoBank;
use crate::http::rate::Limiter;
use crate::hub::Hub;
use std::ops::Deref;
use std::sync::Arc;
use teller_bank::CoreBank;
use teller_conversation::{BankPack, Conversations};
use teller_desk::{Access, Desk};
use teller_identity::Secrets;
use teller_kernel::{Clock, Rng};
use teller_llm::Gateway;
use teller_store::Db;
use tokio::sync::watch;

/// The parts of a running server. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub struct Parts {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub store: Db,
    pub core: Arc<dyn CoreBank>,
    pub secrets: Secrets,
    pub conversations: Conversations,
    pub desk: Desk,
    pub access: Access,
    pub hub: Hub,
    /// The way to a language model, where the bank has one.
    pub gateway: Option<Arc<Gateway>>,
    pub limiter: Limiter,
    /// Staff cookies travel over HTTPS only.
    pub secure_cookies: bool,
    /// Trusted reverse proxies in front.
    pub proxies: u8,
    /// The demo bank's routes; absent in a real bank.
    pub demo: Option<DemoBank>,
    /// Becomes true when the server is about to stop.
    pub stopping: watch::Receiver<bool>,
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The pack in service.
    pub fn bank(&self) -> Arc<BankPack> {
        self.conversations.bank()
    }

    /// Resolves when the server is about to stop.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the sender is gone, and with it the server.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
