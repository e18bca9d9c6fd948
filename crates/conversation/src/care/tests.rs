//! The judgement of care over a small pack.

use super::*;
use std::collections::BTreeMap;
use teller_kernel::event::Ownership;
use teller_kernel::id::HandoffId;
use teller_kernel::trace::TurnTrace;
use teller_kernel::{Actor, ConversationId, EventBody, Mood};
use teller_pack::PackSource;

const MANIFEST: &str = "
id: small
name: { zh: 小银行, en: Small Bank }
timezone: Asia/Shanghai
hotline: 400-000-0000
own_url: /
ai_label: { zh: 甲, en: A }
greeting: { zh: 甲, en: A }
skills: { general: { zh: 甲, en: A } }
human_flow: human
care:
  every: 2
  comfort:
    - { mood: angry, from: 2, say: [w.a, w.b, w.c] }
    - { mood: angry, from: 3, say: [w.d] }
    - { mood: anxious, from: 1, elder: true, say: [w.e] }
  offer: { moods: [angry], say: w.f, reply: w.g }
  human: [{ mood: sad, from: 3, say: w.h }]
";
const INTENTS: &str = "
- { id: FEE, name: { zh: 费, en: Fee }, tier: blue, level: L0, serve: { message: w.a }, utterances: { zh: [费用], en: [fee] } }
- { id: PAY, name: { zh: 转, en: Pay }, tier: blue, level: L0, serve: { flow: pay }, utterances: { zh: [转账], en: [pay] } }
- { id: LOSS, name: { zh: 丢, en: Loss }, tier: blue, level: L0, serve: { flow: loss }, utterances: { zh: [丢卡], en: [lost] } }
- { id: PERSON, name: { zh: 人, en: Person }, tier: blue, level: L0, serve: { flow: human }, utterances: { zh: [人工], en: [agent] } }
";

fn pack() -> Pack {
    let words: String = "abcdefgh".chars().map(|id| format!("w.{id}: {{ zh: 甲, en: A }}\n")).collect();
    let files = [("pack.yaml", MANIFEST), ("intents/a.yaml", INTENTS), ("messages/a.yaml", &words)];
    let files: BTreeMap<String, String> = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let (pack, notes) = Pack::load(PackSource::from_files(files));
    pack.unwrap_or_else(|| panic!("{notes:?}"))
}

fn emotion(class: Mood, intensity: u8) -> Emotion {
    Emotion { class, intensity, probability: 0.9 }
}

/// A conversation whose messages were said in these moods.
fn after(moods: &[(Mood, u8)]) -> ConversationState {
    let mut state = ConversationState::new(ConversationId::parse("cv_1").unwrap());
    for (class, intensity) in moods {
        hear(&mut state, emotion(*class, *intensity), None);
    }
    state
}

fn hear(state: &mut ConversationState, one: Emotion, comfort: Option<&str>) {
    let message = EventBody::MessageReceived { client_id: "c".into(), text: "话".into() };
    state.fold(state.seq + 1, 0, &Actor::Customer { id: None }, &message);
    let felt = Felt { emotion: one, trend: Trend::Steady, by_vector: false };
    let mood = TracedMood { comfort: comfort.map(str::to_owned), ..felt.traced() };
    let trace = Box::new(TurnTrace { mood: Some(mood), ..TurnTrace::default() });
    let done = EventBody::TurnCompleted { inbound_seq: state.seq, trace };
    state.fold(state.seq + 1, 0, &Actor::Machine, &done);
}

fn serve(intent: &str) -> Decision {
    Decision::Serve { wishes: vec![(intent.to_owned(), String::new())], interrupts: false }
}

fn judged<'p>(
    pack: &'p Pack,
    state: &ConversationState,
    now: (Mood, u8),
    decision: &Decision,
    elder: bool,
) -> Caring<'p> {
    let emotion = emotion(now.0, now.1);
    let moods: Vec<Emotion> = state.moods.iter().copied().chain([emotion]).collect();
    let felt = Felt { emotion, trend: trend(&moods), by_vector: false };
    let protective = BTreeSet::from(["LOSS".to_owned()]);
    caring(&Case { pack, protective: &protective, state, felt, elder, decision })
}

fn said(caring: &Caring<'_>) -> (Option<u8>, bool) {
    match caring {
        Caring::Says { comfort, offer } => (comfort.map(|one| one.from), offer.is_some()),
        _ => (None, false),
    }
}

#[test]
fn a_mood_is_comforted_before_the_service_and_not_before_protection_or_plain_words() {
    let (pack, calm) = (pack(), after(&[]));
    let at = |mood, decision: &Decision| said(&judged(&pack, &calm, mood, decision, false));
    assert_eq!(at((Mood::Angry, 1), &serve("PAY")), (None, false), "milder than the pack speaks to");
    assert_eq!(at((Mood::Angry, 2), &serve("PAY")), (Some(2), false));
    assert_eq!(at((Mood::Angry, 3), &serve("PAY")), (Some(3), true), "one message is enough");
    assert_eq!(at((Mood::Angry, 2), &Decision::PutAgain), (Some(2), false));
    assert_eq!(at((Mood::Happy, 3), &serve("PAY")), (None, false));
    for plain in [serve("LOSS"), serve("PERSON"), serve("FEE"), Decision::Confirm, Decision::Cancel, Decision::Distress]
    {
        assert_eq!(judged(&pack, &calm, (Mood::Angry, 3), &plain, false), Caring::Nothing, "{plain:?}");
    }
}

#[test]
fn elders_have_their_own_words() {
    let (pack, calm) = (pack(), after(&[]));
    assert_eq!(said(&judged(&pack, &calm, (Mood::Anxious, 1), &serve("PAY"), true)), (Some(1), false));
    assert_eq!(said(&judged(&pack, &calm, (Mood::Anxious, 1), &serve("PAY"), false)), (None, false));
}

#[test]
fn a_person_is_offered_once_when_anger_grows_and_comes_at_once_to_deep_grief() {
    let pack = pack();
    let offered = |state: &ConversationState, now| said(&judged(&pack, state, now, &serve("PAY"), false)).1;
    assert!(!offered(&after(&[(Mood::Neutral, 0)]), (Mood::Angry, 2)), "the message before was calm");
    let growing = after(&[(Mood::Neutral, 0), (Mood::Neutral, 0), (Mood::Angry, 1)]);
    assert!(offered(&growing, (Mood::Angry, 2)));
    assert!(!offered(&ConversationState { human_offered: true, ..growing.clone() }, (Mood::Angry, 3)));
    let grief = judged(&pack, &after(&[]), (Mood::Sad, 3), &serve("PAY"), false);
    assert!(matches!(grief, Caring::Human(once) if once.say == "w.h"), "{grief:?}");
    let mut waits = growing;
    waits.status = Status::Queued { handoff: HandoffId::parse("ho_1").unwrap(), skill: "general".into(), since_ms: 0 };
    assert!(!offered(&waits, (Mood::Angry, 3)), "somebody is coming already");
    assert!(!matches!(judged(&pack, &waits, (Mood::Sad, 3), &serve("PAY"), false), Caring::Human(_)));
}

#[test]
fn comforts_keep_their_distance_and_change_their_words() {
    let (pack, mut state) = (pack(), after(&[]));
    let comfort = &pack.manifest.care.comfort[0];
    let mut last = None;
    for _ in 0..12 {
        let now = said(&judged(&pack, &state, (Mood::Angry, 2), &serve("PAY"), false)).0;
        let since = state.comforted.as_ref().map(|(_, heard)| state.heard - heard);
        assert_eq!(now.is_some(), since.is_none_or(|since| since >= pack.manifest.care.every), "{since:?}");
        let words = now.and_then(|_| wording(comfort, &state)).cloned();
        assert!(words.is_none() || words != last, "never twice in a row");
        last = words.clone().or(last);
        hear(&mut state, emotion(Mood::Angry, 2), words.as_deref());
    }
    assert_eq!(state.moods.len(), MOODS_MAX);
    assert_eq!(state.ownership, Ownership::ThirdParty, "as it began");
}
