//! `care` of pack.yaml: what is said to a customer's mood before the matter
//! itself, and when a person is offered or brought because of it.
//!
//! A pack without the section says nothing to moods; they are still read, kept
//! in the trace and handed over with the conversation.

use serde::Deserialize;
use teller_kernel::Mood;

/// The strongest a mood can be.
pub const INTENSITY_MAX: u8 = 3;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Care {
    /// What is said to which mood, from which intensity.
    pub comfort: Vec<Comfort>,
    /// A comfort is not repeated before so many further messages of the customer.
    pub every: u32,
    /// How probable a mood must be before anything is said or done about it, 0–1.
    pub sure: f32,
    /// When a person is offered; once in a conversation.
    pub offer: Option<Offer>,
    /// Moods for which a person comes at once.
    pub human: Vec<AtOnce>,
}

impl Default for Care {
    fn default() -> Self {
        Self { comfort: Vec::new(), every: 4, sure: 0.5, offer: None, human: Vec::new() }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comfort {
    pub mood: Mood,
    /// From this intensity on, 1 to 3; of several that fit, the highest.
    pub from: u8,
    /// For elder customers alone, who hear it rather than another.
    #[serde(default)]
    pub elder: bool,
    /// Ids of messages; one of them is said.
    pub say: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    pub moods: Vec<Mood>,
    /// At this intensity a single message is enough.
    #[serde(default = "at_once")]
    pub at_once: u8,
    /// At this intensity when the customer feels worse from message to message.
    #[serde(default = "rising")]
    pub rising: u8,
    /// Id of the message that offers; a tap on its reply brings the person.
    pub say: String,
    /// Id of the words of that reply, which the customer sends by tapping.
    pub reply: String,
}

fn at_once() -> u8 {
    INTENSITY_MAX
}

fn rising() -> u8 {
    2
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtOnce {
    pub mood: Mood,
    pub from: u8,
    /// Id of the message that is said before the person comes.
    pub say: String,
}

impl Care {
    /// Ids of the messages that the section names.
    pub fn messages(&self) -> impl Iterator<Item = &String> {
        let offer = self.offer.iter().flat_map(|offer| [&offer.say, &offer.reply]);
        let comfort = self.comfort.iter().flat_map(|comfort| &comfort.say);
        comfort.chain(offer).chain(self.human.iter().map(|once| &once.say))
    }

    /// What is wrong in itself.
    pub(crate) fn wrong(&self) -> Option<String> {
        let out = |intensity: u8| !(1..=INTENSITY_MAX).contains(&intensity);
        let offered = self.offer.iter().flat_map(|offer| [offer.at_once, offer.rising]);
        let mut from = self.comfort.iter().map(|one| one.from).chain(self.human.iter().map(|one| one.from));
        if let Some(intensity) = from.find(|one| out(*one)).or_else(|| offered.into_iter().find(|one| out(*one))) {
            return Some(format!("intensity {intensity} is not between 1 and {INTENSITY_MAX}"));
        }
        let moods = self.comfort.iter().map(|one| one.mood).chain(self.human.iter().map(|one| one.mood));
        let offered = self.offer.iter().flat_map(|offer| offer.moods.iter().copied());
        if let Some(mood) = moods.chain(offered).find(|mood| !mood.is_distress()) {
            return Some(format!("`{mood}` needs no care"));
        }
        if !(0.0..=1.0).contains(&self.sure) {
            return Some(format!("`sure: {}` is not between 0 and 1", self.sure));
        }
        let silent = self.comfort.iter().find(|comfort| comfort.say.is_empty());
        silent.map(|comfort| format!("the comfort for `{}` from {} says nothing", comfort.mood, comfort.from))
    }
}
