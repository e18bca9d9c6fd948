//! Detection and masking on customers' sentences; properties on any text.

mod detection;
mod masking;
