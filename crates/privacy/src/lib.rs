//! Personal data in text: where it is, what kind it is, and how it looks once masked.

pub mod checks;
