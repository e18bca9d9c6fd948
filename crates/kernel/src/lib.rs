//! The words every room shares: ids, money, clock and chance as ports, actors,
//! locales, problems with their public codes, the typed events of a
//! conversation, and the named limits.
//!
//! Invariants: nothing here performs I/O, reads the time or draws a random
//! number; every type serialises to the shape that is stored and published.
//!
//! Deliberately absent: storage, HTTP, the bank, anything one room alone needs.

pub mod actor;
pub mod assurance;
pub mod event;
pub mod id;
pub mod limits;
pub mod locale;
pub mod money;
pub mod mood;
pub mod part;
pub mod ports;
pub mod problem;
pub mod slot;
pub mod trace;

pub use actor::Actor;
pub use assurance::Level;
pub use event::{Event, EventBody, NewEvent};
pub use id::{ConversationId, CustomerId, FlowRunId, IdempotencyKey, PackVersion, StaffId};
pub use locale::{Locale, Localized};
pub use money::{Currency, Money};
pub use mood::{Feeling, Mood, Trend};
pub use part::Part;
pub use ports::{Clock, Rng};
pub use problem::{Code, Problem, Severity};
pub use slot::{SlotType, SlotValue};
