//! What the room promises, shown on customers' own sentences.

mod amounts;
mod choices;
mod dates;
mod facts;
mod goals;
mod names_and_numbers;
mod numbers;
mod signals;
mod speaker;
