//! The sandbox bank from outside, through its HTTP contract.

mod books;
mod client;
mod contract;
mod days;
mod faults;
mod operations;
mod remittance;
mod restart;
mod seed;
