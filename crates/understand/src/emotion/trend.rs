//! Where a conversation's mood is going.
//!
//! Distress is a message's intensity when the mood is one that calls for care,
//! else 0. The mean of the newer half of the last messages is compared with that
//! of the older half.
//!
//! Invariant: pure; fewer than two messages are steady. Not here: thresholds of
//! handing over.

use super::{Emotion, Trend};

/// Messages that are looked at, the newest.
pub const TREND_MESSAGES: usize = 6;
/// Change of the mean distress, on the scale of 0 to 3, that counts as one.
const CHANGE_MIN: f32 = 0.75;

/// The trend over messages, the oldest first.
#[must_use]
pub fn trend(messages: &[Emotion]) -> Trend {
    let last = &messages[messages.len().saturating_sub(TREND_MESSAGES)..];
    let (older, newer) = last.split_at(last.len() / 2);
    if older.is_empty() {
        return Trend::Steady;
    }
    let change = mean(newer) - mean(older);
    if change >= CHANGE_MIN {
        Trend::Rising
    } else if change <= -CHANGE_MIN {
        Trend::Falling
    } else {
        Trend::Steady
    }
}

fn mean(messages: &[Emotion]) -> f32 {
    let distress = |one: &Emotion| if one.class.is_distress() { f32::from(one.intensity) } else { 0.0 };
    messages.iter().map(distress).sum::<f32>() / messages.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::super::{Emotion, EmotionClass};
    use super::*;
    use proptest::prelude::*;

    fn said(moods: &[(EmotionClass, u8)]) -> Vec<Emotion> {
        moods
            .iter()
            .map(|(class, intensity)| Emotion { class: *class, probability: 0.9, intensity: *intensity })
            .collect()
    }

    #[test]
    fn distress_rises_falls_and_stays() {
        use EmotionClass::{Angry, Anxious, Happy, Neutral};
        assert_eq!(trend(&said(&[(Neutral, 0), (Anxious, 1), (Angry, 3)])), Trend::Rising);
        assert_eq!(trend(&said(&[(Angry, 3), (Anxious, 1), (Happy, 3)])), Trend::Falling);
        assert_eq!(trend(&said(&[(Angry, 2), (Anxious, 2), (Angry, 2)])), Trend::Steady);
        assert_eq!(trend(&said(&[(Angry, 3)])), Trend::Steady);
        assert_eq!(trend(&[]), Trend::Steady);
    }

    #[test]
    fn what_is_long_past_no_longer_counts() {
        use EmotionClass::{Angry, Neutral};
        let mut moods = vec![(Angry, 3); 4];
        moods.extend([(Neutral, 0); TREND_MESSAGES]);
        assert_eq!(trend(&said(&moods)), Trend::Steady);
    }

    proptest! {
        #[test]
        fn a_conversation_backwards_goes_the_other_way(levels in proptest::collection::vec(0_u8..=3, 0..4)) {
            let doubled: Vec<(EmotionClass, u8)> = levels.iter().flat_map(|level| [(EmotionClass::Angry, *level); 2]).collect();
            prop_assume!(doubled.len() <= TREND_MESSAGES);
            let forwards = said(&doubled);
            let backwards: Vec<Emotion> = forwards.iter().rev().copied().collect();
            let turned = match trend(&forwards) {
                Trend::Rising => Trend::Falling,
                Trend::Falling => Trend::Rising,
                Trend::Steady => Trend::Steady,
            };
            prop_assert_eq!(trend(&backwards), turned);
        }
    }
}
