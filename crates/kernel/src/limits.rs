//! Every bound of the conversation, by name. A bound that only one room knows
//! lives in that room; these are the ones callers meet.

/// Longest message a customer or an agent may send, in Unicode characters.
pub const MESSAGE_MAX_CHARS: usize = 2_000;
/// Largest JSON body of a conversation request, in bytes.
pub const BODY_MAX_BYTES: usize = 64 * 1024;
/// Longest client message id, in bytes.
pub const CLIENT_ID_MAX_BYTES: usize = 64;
/// Events returned by one page of `GET …/events`.
pub const EVENTS_PAGE_MAX: u32 = 500;
/// Events one conversation may hold before it must be closed and another opened.
pub const CONVERSATION_EVENTS_MAX: u64 = 20_000;
/// Messages that may wait for their turn in one conversation.
pub const PENDING_TURNS_MAX: usize = 8;
/// Flows that may lie on top of one another in one conversation.
pub const FLOW_STACK_MAX: usize = 4;
/// Steps one flow may take in one turn before it is stopped as a loop.
pub const FLOW_STEPS_PER_TURN_MAX: usize = 64;
/// Intents served from one message.
pub const INTENTS_PER_MESSAGE_MAX: usize = 3;
/// Wrong one-time passwords before the challenge is void.
pub const OTP_TRIES_MAX: u8 = 5;
/// How long a one-time password lives.
pub const OTP_TTL_MS: i64 = 120_000;
/// Shortest time between two one-time passwords of one conversation.
pub const OTP_RESEND_MS: i64 = 60_000;
/// How long a confirmation may wait before the values must be shown again.
pub const CONFIRMATION_TTL_MS: i64 = 10 * 60_000;
/// Turns in a row that were not understood before a human is brought.
pub const MISUNDERSTANDINGS_MAX: u8 = 2;
