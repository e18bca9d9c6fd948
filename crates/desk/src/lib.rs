//! The human side of the bank: staff sign in, see who waits, take a
//! conversation with everything already known, answer, hand back, and look over
//! held operations with four eyes.
//!
//! Invariants: whoever reads a customer's conversation leaves an audit row;
//! what is shown is masked unless the reader holds the conversation; events are
//! appended through the conversation room alone, never here.
//!
//! Deliberately absent: routing by skill and presence, statistics (they will
//! observe the outbox); HTTP (the server's).

mod access;
mod customers;
mod masking;
mod service;
mod views;

pub use access::{Access, SignedIn, StaffMember};
pub use customers::CustomerBrief;
pub use service::{CONVERSATIONS_PAGE_MAX, Desk, QUEUE_MAX, Reader, public_status};
pub use views::{
    ConversationContext, DeskCustomer, FirstApproval, HeldConversation, NamedValue, QueueEntry, RecentConversation,
    ReleaseEntry,
};
