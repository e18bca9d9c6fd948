//! What the room promises, shown on customers' own sentences.

mod amounts;
mod dates;
mod facts;
mod numbers;
mod speaker;
