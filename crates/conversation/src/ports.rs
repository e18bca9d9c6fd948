//! What the spine needs from outside, as one bundle.

use crate::packs::Packs;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use teller_bank::CoreBank;
use teller_identity::Secrets;
use teller_kernel::trace::ModelCall;
use teller_kernel::{Clock, Locale, Rng};
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
    /// Who may say an answer again in other words; nobody, unless the bank wants.
    pub rephraser: Option<Arc<dyn Rephraser>>,
    pub crash: Arc<dyn teller_store::Crash>,
}

/// A cited answer that may be said in other words.
#[derive(Debug, Clone, Copy)]
pub struct ToRephrase<'a> {
    pub locale: Locale,
    /// What the customer said; not masked.
    pub asked: &'a str,
    /// The answer's sentences, word for word the article's.
    pub sentences: &'a [String],
}

/// One sentence to say in place of the answer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rephrasing {
    pub text: String,
    /// Which sentence of the answer it says again, or is.
    pub source: usize,
    pub rephrased: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Rephrased {
    /// `None`: the answer stands as it was.
    pub sentences: Option<Vec<Rephrasing>>,
    pub call: ModelCall,
}

/// Says answers again. Whoever implements it masks what leaves, lets nothing back
/// that the sentences do not prove, and is done within a time of its own.
pub trait Rephraser: Send + Sync {
    fn rephrase<'a>(&'a self, answer: ToRephrase<'a>) -> BoxFuture<'a, Rephrased>;
}

/// How a text message reaches a customer. It is written in the transaction that
/// made it necessary, so it is neither lost nor sent for something unsaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outbound {
    /// To the phone simulator of the demo bank.
    PhoneSimulator,
}
