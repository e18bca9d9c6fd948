//! How sure the bank is of who is speaking.
//!
//! L0 anonymous · L1 handed over by the bank's signed-in app · L2 a fresh
//! one-time password bound to the action · L3 a second independent factor ·
//! L4 verified by a human. Levels gate operations; they never gate reaching a
//! human, nor protective actions.

use serde::{Deserialize, Serialize};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
pub enum Level {
    #[default]
    L0,
    L1,
    L2,
    L3,
    L4,
}

/// The use-case tier of an intent (红黄蓝): how much a person must be involved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Information only.
    Blue,
    /// The customer's own data, or an operation that is easily undone.
    Yellow,
    /// Money or rights move: the level plus confirmation of the exact values.
    Red,
}

/// Something the customer proves with, besides the bank's app having vouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Factor {
    /// A one-time password sent by text message.
    Sms,
    /// A time-based code (RFC 6238) out of the customer's own token.
    Token,
}

impl Level {
    /// The factors a commit at this level asks for, in order. Lower levels ask
    /// for none; L4 is completed by staff, who release what these began.
    pub fn factors(self) -> &'static [Factor] {
        match self {
            Self::L0 | Self::L1 => &[],
            Self::L2 => &[Factor::Sms],
            Self::L3 | Self::L4 => &[Factor::Sms, Factor::Token],
        }
    }
}
