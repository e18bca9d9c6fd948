//! Every bound of the store, by name.

/// Write sets that may wait for the writer.
pub const WRITE_QUEUE_MAX: usize = 1_024;
/// Write sets that share one transaction and so one fsync.
pub const GROUP_MAX: usize = 256;
/// How long a caller waits for room in the queue before it is told `Overloaded`.
pub const WRITE_QUEUE_WAIT_MS: u64 = 5_000;
/// Connections of the reader pool.
pub const READERS_MAX: usize = 4;
/// How long a reader waits for a connection.
pub const READER_WAIT_MS: u64 = 5_000;
/// Prepared statements each connection keeps.
pub const STATEMENTS_KEPT: usize = 128;
/// How long SQLite waits for another process's lock.
pub const BUSY_WAIT_MS: u64 = 5_000;

/// Operations in one write set.
pub const SET_OPS_MAX: usize = 256;
/// Events in one append.
pub const APPEND_EVENTS_MAX: usize = 256;
/// Events beyond `kernel::limits::CONVERSATION_EVENTS_MAX` that the store still
/// takes, so that a full conversation can be closed in good order.
pub const CLOSING_EVENTS: u64 = 1_000;
/// Events inserted by one statement.
pub const INSERT_EVENTS_MAX: usize = 8;
/// Largest payload of one event, in bytes of JSON.
pub const EVENT_PAYLOAD_MAX_BYTES: usize = 1024 * 1024;
/// Largest blob, in bytes.
pub const BLOB_MAX_BYTES: usize = 32 * 1024 * 1024;
/// Largest pack archive, in bytes.
pub const PACK_MAX_BYTES: usize = 64 * 1024 * 1024;
/// Largest sealed field of a projection (parameters, packets), in bytes of JSON.
pub const FIELD_MAX_BYTES: usize = 256 * 1024;
/// Largest detail of an audit row, in bytes of JSON.
pub const AUDIT_DETAIL_MAX_BYTES: usize = 4 * 1024;

/// Rows of one page of any listing.
pub const PAGE_MAX: u32 = 500;
/// Rows that the verifier of the audit chain holds at a time.
pub const VERIFY_PAGE: u32 = 1_000;

/// Events that it reads at a time, save that one append is read whole.
pub const VERIFY_EVENTS: u64 = 512;

/// Unwrapped data keys kept in memory (each about 1 KB with its key schedule).
pub const KEY_CACHE_MAX: usize = 8_192;
/// Commit notices a slow listener may fall behind before it must read the store.
pub const NOTICES_MAX: usize = 4_096;
/// Database files up to this size are checked page by page when opened.
pub const OPEN_CHECK_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Rows one sweep deletes from one table.
pub const SWEEP_ROWS_MAX: u32 = 10_000;
