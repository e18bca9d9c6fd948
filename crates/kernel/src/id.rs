//! Identifiers: short prefixed strings that sort by creation time.
//!
//! `cv_01f3…` = prefix, 12 hex digits of milliseconds, 16 hex digits of chance.
//! An id is opaque to callers; parsing checks prefix and alphabet only, so that
//! a foreign or hostile string is refused before it reaches a query.

use crate::ports::{Clock, Rng};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest identifier accepted from outside, in bytes.
pub const ID_MAX_BYTES: usize = 64;

/// A string that is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id")]
pub struct BadId {
    pub kind: &'static str,
}

fn fresh(prefix: &str, clock: &dyn Clock, rng: &dyn Rng) -> String {
    let mut chance = [0u8; 8];
    rng.fill(&mut chance);
    // 48 bits of milliseconds last until the year 10889.
    let now_ms = u64::try_from(clock.now_ms()).unwrap_or(0) & 0xffff_ffff_ffff;
    format!("{prefix}_{now_ms:012x}{}", hex::encode(chance))
}

fn well_formed(prefix: &str, text: &str) -> bool {
    text.len() <= ID_MAX_BYTES
        && text
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('_'))
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id; sorts after every id made before it.
            pub fn fresh(clock: &dyn Clock, rng: &dyn Rng) -> Self {
                Self(fresh($prefix, clock, rng))
            }

            pub fn parse(text: &str) -> Result<Self, BadId> {
                if well_formed($prefix, text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(BadId { kind: stringify!($name) })
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

ids! {
    /// One conversation between a customer and the bank.
    ConversationId = "cv";
    /// The bank's customer, as the core bank numbers them.
    CustomerId = "cu";
    /// One member of staff.
    StaffId = "st";
    /// One run of a flow inside a conversation.
    FlowRunId = "fr";
    /// Names one intended effect at the core bank, once and for all.
    IdempotencyKey = "ik";
    /// The content hash of a bank pack.
    PackVersion = "pk";
    /// One question for confirmation, shown with exact values.
    ConfirmationId = "cf";
    /// One one-time-password challenge.
    ChallengeId = "ch";
    /// One hand-off to a human.
    HandoffId = "ho";
    /// One held operation that waits for a second pair of eyes.
    ReleaseId = "rl";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::fixed::{FixedClock, SeededRng};

    #[test]
    fn fresh_ids_parse_and_sort_by_time() {
        let rng = SeededRng::new(7);
        let early = ConversationId::fresh(&FixedClock(1_000), &rng);
        let late = ConversationId::fresh(&FixedClock(2_000), &rng);
        assert!(early < late);
        assert_eq!(ConversationId::parse(early.as_str()), Ok(early));
    }

    #[test]
    fn foreign_and_hostile_strings_are_refused() {
        for text in ["", "cv_", "cu_1", "cv_1;drop", "cv_\u{4f60}", &format!("cv_{}", "a".repeat(80))] {
            assert!(ConversationId::parse(text).is_err(), "{text}");
        }
    }
}
