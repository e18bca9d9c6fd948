//! What the room promises, shown on customers' own sentences.

mod numbers;
mod speaker;
