//! The spine: a conversation is an append-only list of typed events, its state
//! is their fold, and a turn is what the machine adds to it.
//!
//! What happens in a turn: the inbound event is saved (`service`), understood
//! (`understanding`), decided (`decide`, one pure function), carried out (`act`,
//! `drive` for flows, `effects` for the core bank, `handoff` for a human) and
//! saved with its trace (`turn`). What a crash cuts off is finished by `recover`.
//!
//! Deliberately absent: HTTP, staff sign-in, queues' order, any word a customer
//! reads (those are the pack's).

mod act;
mod care;
mod decide;
mod drive;
mod effects;
mod error;
mod guarding;
mod handoff;
mod hearing;
mod house;
mod meaning;
mod packs;
mod ports;
mod projection;
mod recover;
mod rephrase;
mod reply;
mod service;
mod state;
mod teaching;
mod turn;
mod understanding;

pub use decide::is_strange;
pub use error::TurnError;
pub use hearing::{Heard, hear};
pub use packs::{BankPack, Packs, Workshop};
pub use ports::{Outbound, Ports, Rephrased, Rephraser, Rephrasing, ToRephrase, point};
pub use recover::{Recovered, ReleaseProgress};
pub use service::{Accepted, Conversations, OpenRequest, Opened};
pub use state::{ConversationState, Status};
pub use teaching::{LogEntry, TeachError, teach};
