//! What the spine needs from outside, as one bundle.

use crate::packs::Packs;
use std::sync::Arc;
use teller_bank::CoreBank;
use teller_identity::Secrets;
use teller_kernel::{Clock, Rng};
use teller_store::Db;

/// Where the simulation may let the program die, besides the store's points.
pub mod point {
    /// The intention to commit is saved; the core has not been asked.
    pub const BEFORE_CORE: &str = "before_core";
    /// The core has answered; the answer is not saved.
    pub const AFTER_CORE: &str = "after_core";
    pub const ALL: [&str; 2] = [BEFORE_CORE, AFTER_CORE];
}

pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub store: Db,
    pub core: Arc<dyn CoreBank>,
    pub secrets: Secrets,
    pub packs: Packs,
    /// Where text messages to customers go.
    pub outbound: Outbound,
    pub crash: Arc<dyn teller_store::Crash>,
}

/// How a text message reaches a customer. It is written in the transaction that
/// made it necessary, so it is neither lost nor sent for something unsaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outbound {
    /// To the phone simulator of the demo bank.
    PhoneSimulator,
}
