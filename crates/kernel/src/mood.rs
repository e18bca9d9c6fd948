//! Moods of a customer, by the names that traces, packs and observers use.
//!
//! Reading a mood out of words is the understanding room's business; what is
//! said to it is the pack's.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A customer's mood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    Neutral,
    Happy,
    Anxious,
    /// Reproach, threat, insult; irony and cold politeness too.
    Angry,
    Sad,
    /// Hope or trust in the bank is lost.
    Disappointed,
    Confused,
    /// A thing must be done now.
    Urgent,
}

impl Mood {
    /// All of them, in the order of the trained labels.
    pub const ALL: [Self; 8] = [
        Self::Neutral,
        Self::Happy,
        Self::Anxious,
        Self::Angry,
        Self::Sad,
        Self::Disappointed,
        Self::Confused,
        Self::Urgent,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Happy => "happy",
            Self::Anxious => "anxious",
            Self::Angry => "angry",
            Self::Sad => "sad",
            Self::Disappointed => "disappointed",
            Self::Confused => "confused",
            Self::Urgent => "urgent",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mood| mood.name() == name)
    }

    /// Moods that call for care: all but calm and happy.
    #[must_use]
    pub fn is_distress(self) -> bool {
        !matches!(self, Self::Neutral | Self::Happy)
    }
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where the mood of a conversation is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// The customer feels worse.
    Rising,
    Steady,
    /// The customer calms down.
    Falling,
}

/// A mood with its strength and where it is going, for people who take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Feeling {
    pub mood: Mood,
    /// 0 for neutral; 1 noticeable, 2 clear, 3 overwhelming.
    pub intensity: u8,
    pub trend: Trend,
}
