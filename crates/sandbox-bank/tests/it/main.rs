//! The sandbox bank from outside, through its HTTP contract.

#![expect(clippy::unwrap_used, reason = "helpers of tests too: a wrong answer should end the test")]

mod books;
mod client;
mod contract;
mod days;
mod faults;
mod operations;
mod remittance;
mod restart;
mod seed;
