//! Two-phase orders: prepare states the exact values and changes nothing,
//! confirm carries them out at most once.
//!
//! Invariants: one order per (customer, operation, key); the same key with
//! other content is a conflict; confirm works the values out again and refuses
//! when they are no longer what was confirmed; an order books one entry at most.

pub mod card;
pub mod credit;
pub mod deposit;
pub mod fx;
pub mod loan;
pub mod remit;
pub mod schedule;
pub mod service;
pub mod transfer;

pub mod life;
pub mod operation;
pub mod row;

pub use life::{by_key, cancel, confirm, decline, prepare, release};
pub use operation::Draft;
pub use row::{OrderRow, OrderStatus, OrderView};
