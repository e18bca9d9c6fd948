//! What to do with a message: one visible, pure function.
//!
//! It sees where the conversation stands, what was understood, what the active
//! flow waits for, and the bank's bounds; it gives decisions in order and why.
//! Same input, same state, same versions: same decisions. It performs nothing.
//!
//! The order of precedence, first that applies:
//! 1. danger and the wish for a human come before everything;
//!    an attempt at manipulation is refused, unless something must be protected;
//! 2. what the active flow waits for (an answer, a yes, a correction, a cancel);
//! 3. a protective or new wish that is surely meant interrupts a flow;
//! 4. without a flow: wishes, a citable answer, one clarifying question;
//! 5. otherwise: not understood, and after the second time a human.

use crate::meaning::{Clause, Ranked};
use crate::understanding::Understanding;
use std::collections::BTreeSet;
use teller_kernel::event::Ownership;
use teller_kernel::limits::{INTENTS_PER_MESSAGE_MAX, MISUNDERSTANDINGS_MAX};
use teller_kernel::{SlotType, SlotValue};
use teller_pack::intent::{Control, ThirdParty};
use teller_pack::manifest::{GENERAL_SKILL, Understanding as Bounds};
use teller_pack::{Pack, Serve};
use teller_understand::signs::Sign;

/// What the active flow waits for, as far as a message can answer it.
#[derive(Debug, Clone)]
pub enum Waiting {
    /// No flow is running.
    Nothing,
    /// The question of a slot is open. `read` is what the message gives it.
    Slot { slot: String, slot_type: SlotType, read: Reading },
    /// A confirmation is on the screen.
    Confirmation,
    /// A one-time code is awaited, outside the chat.
    Code,
    /// The core is being asked.
    Core,
}

/// What a message says about the open question.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    Value(SlotValue),
    /// Several options fit: ask among them.
    Several(Vec<usize>),
    None,
}

/// A value the message gives to a slot that was filled before.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    pub slot: String,
    pub value: SlotValue,
}

/// Everything a decision rests on.
pub struct View<'a> {
    pub pack: &'a Pack,
    pub bounds: Bounds,
    pub ownership: Ownership,
    pub misunderstood: u8,
    /// Intents between which the customer was asked to choose.
    pub clarifying: &'a [String],
    pub active_intent: Option<&'a str>,
    pub waiting: Waiting,
    /// Values that differ from what filled slots hold.
    pub corrections: &'a [Correction],
    pub understanding: &'a Understanding,
    /// Intents that protect: they are served whatever else is thought of a message.
    pub protective: &'a BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    Human {
        skill: String,
        reason: &'static str,
    },
    /// Somebody may be in danger: comfort, and a human at once.
    Distress,
    /// An attempt at manipulation: the bank's words for it, and nothing else.
    RefuseAttack {
        kind: &'static str,
    },
    Cancel,
    Repeat,
    Fill {
        slot: String,
        value: SlotValue,
    },
    /// Ask again, among these of the options.
    Narrow {
        slot: String,
        among: Vec<usize>,
    },
    Correct(Correction),
    /// The answer is of no use to the open question.
    RefuseAnswer {
        slot: String,
    },
    Confirm,
    RefuseConfirmation,
    /// Serve these in order; a running flow waits below.
    Serve {
        wishes: Vec<(String, String)>,
        interrupts: bool,
    },
    /// The knowledge base answers best.
    Answer {
        article: String,
    },
    Clarify {
        intents: Vec<String>,
    },
    /// On a third party's page: only a jump to the bank's own.
    Jump,
    /// Put the open question again.
    PutAgain,
    Thanks,
    NotUnderstood {
        near: Option<String>,
        bring_human: bool,
    },
}

/// A decision and the reason staff can read.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    pub decision: Decision,
    pub because: String,
}

fn decided(decision: Decision, because: impl Into<String>) -> Decided {
    Decided { decision, because: because.into() }
}

/// The one decision function.
pub fn decide(view: &View<'_>) -> Decided {
    urgent(view).or_else(|| attack(view)).or_else(|| in_flow(view)).unwrap_or_else(|| without_flow(view))
}

fn urgent(view: &View<'_>) -> Option<Decided> {
    if view.understanding.danger {
        return Some(decided(Decision::Distress, "words of somebody in danger"));
    }
    if view.understanding.has(Sign::Human) && !means_other_people(view) {
        let skill = match view.active_intent {
            Some(intent) => view.pack.manifest.skill_of(intent),
            None => best(view)
                .filter(|top| top.score >= view.bounds.act)
                .map_or(GENERAL_SKILL, |top| view.pack.manifest.skill_of(&top.label)),
        };
        return Some(decided(Decision::Human { skill: skill.to_owned(), reason: "asked" }, "asked for a human"));
    }
    None
}

/// Whether the message tries to manipulate, and nothing is to be protected. A
/// wish that is surely meant is served all the same, unless the attack is surer
/// still: its flow asks and checks whatever the message would have it skip.
fn attack(view: &View<'_>) -> Option<Decided> {
    /// From here on only a wish in plain words makes up for it.
    const SURE: f32 = 0.95;
    const PLAIN: f32 = 0.9;
    let judged = view.understanding.judged.as_ref()?;
    let probability = judged.judgement.probability;
    if !judged.judgement.attack || probability < view.bounds.guard || view.understanding.at_stake {
        return None;
    }
    let meant = best(view).filter(|top| top.score >= view.bounds.act);
    let served = |intent: &str| matches!(serve_of(view, intent), Some(Serve::Flow(_) | Serve::Article(_)));
    let outweighs = |top: &Ranked| (probability < SURE || top.score >= PLAIN) && served(&top.label);
    if meant.is_some_and(|top| view.protective.contains(&top.label) || outweighs(top)) {
        return None;
    }
    let kind = judged.judgement.kind.name();
    let because = format!("{kind} at {:.2}", judged.judgement.probability);
    Some(decided(Decision::RefuseAttack { kind }, because))
}

/// Words for people that are not a call for one: praise for a clerk, 「有人在吗」
/// as a greeting. Only where another meaning is very sure, the wish for a human
/// is out of the question, and none of the pack's plain words for it is there.
fn means_other_people(view: &View<'_>) -> bool {
    const SURE: f32 = 0.6;
    const OUT_OF_QUESTION: f32 = 0.15;
    let leads_to_human = |intent: &str| match serve_of(view, intent) {
        Some(Serve::Handoff(_)) => true,
        Some(Serve::Flow(flow)) => view.pack.manifest.human_flow.as_deref() == Some(flow),
        _ => false,
    };
    let understanding = view.understanding;
    let sure = best(view).is_some_and(|top| top.score >= SURE && !leads_to_human(&top.label));
    let human = understanding
        .meaning
        .get()
        .intents
        .iter()
        .filter(|ranked| leads_to_human(&ranked.label))
        .map(|ranked| ranked.score);
    sure && human.fold(0.0, f32::max) < OUT_OF_QUESTION && !understanding.says_human_plainly
}

fn best<'a>(view: &View<'a>) -> Option<&'a Ranked> {
    view.understanding.meaning.get().intents.first()
}

fn in_flow(view: &View<'_>) -> Option<Decided> {
    let understanding = view.understanding;
    match &view.waiting {
        Waiting::Nothing => return None,
        Waiting::Core => return Some(decided(Decision::PutAgain, "the core is still being asked")),
        Waiting::Slot { .. } | Waiting::Confirmation | Waiting::Code => {}
    }
    // A bare 「不是」 to a yes-no question answers it; it is no cancel.
    if understanding.has(Sign::Cancel) && !has_value(&view.waiting) && view.corrections.is_empty() {
        return Some(decided(Decision::Cancel, "asked to cancel"));
    }
    if understanding.has(Sign::Repeat) && !has_value(&view.waiting) {
        return Some(decided(Decision::Repeat, "asked to say it again"));
    }
    if let Some(correction) = correction(view) {
        return Some(correction);
    }
    match &view.waiting {
        Waiting::Slot { slot, read, .. } => Some(slot_answer(view, slot, read)),
        Waiting::Confirmation => Some(confirmation_answer(view)),
        _ => Some(
            interruption(view).unwrap_or_else(|| decided(Decision::PutAgain, "a code is awaited, outside the chat")),
        ),
    }
}

fn has_value(waiting: &Waiting) -> bool {
    matches!(waiting, Waiting::Slot { read: Reading::Value(_), slot_type, .. } if *slot_type != SlotType::Text)
}

fn correction(view: &View<'_>) -> Option<Decided> {
    let first = view.corrections.first()?;
    let said_so = view.understanding.has(Sign::Correction) || view.understanding.corrects;
    // While a confirmation is shown, a new value alone is a correction too;
    // a question about that value ("五千的话手续费多少") is not.
    let confirming = matches!(view.waiting, Waiting::Confirmation | Waiting::Code);
    let asks = view.understanding.has(Sign::Question);
    let answers = has_value(&view.waiting) && !said_so;
    // 「20年」 to "at what rate": it cannot be the rate, and the term is known.
    let only_fits_there =
        matches!(view.waiting, Waiting::Slot { read: Reading::None, .. }) && view.understanding.only_values;
    if (said_so || only_fits_there || (confirming && !asks)) && !answers {
        return Some(decided(Decision::Correct(first.clone()), format!("a new value for {}", first.slot)));
    }
    None
}

fn slot_answer(view: &View<'_>, slot: &str, read: &Reading) -> Decided {
    match read {
        Reading::Value(value) => {
            // A value gives way to a sure new wish only when the message asks
            // something; free text, which takes whatever is said, likewise.
            let asks = view.understanding.has(Sign::Question);
            let fill =
                || decided(Decision::Fill { slot: slot.to_owned(), value: value.clone() }, "answers the question");
            if asks { interruption(view).unwrap_or_else(fill) } else { fill() }
        }
        Reading::Several(among) => decided(
            Decision::Narrow { slot: slot.to_owned(), among: among.clone() },
            format!("{} options fit", among.len()),
        ),
        Reading::None => interruption(view).unwrap_or_else(|| {
            decided(
                Decision::RefuseAnswer { slot: slot.to_owned() },
                "no value for the question, and no other wish is sure enough",
            )
        }),
    }
}

fn confirmation_answer(view: &View<'_>) -> Decided {
    let understanding = view.understanding;
    if understanding.has(Sign::Deny) {
        return decided(Decision::RefuseConfirmation, "said no");
    }
    if understanding.has(Sign::Affirm) && !understanding.has(Sign::Question) {
        return decided(Decision::Confirm, "said yes to the values shown");
    }
    interruption(view).unwrap_or_else(|| decided(Decision::PutAgain, "neither yes nor no"))
}

/// A message that surely means something other than the running flow.
fn interruption(view: &View<'_>) -> Option<Decided> {
    let top = best(view)?;
    let article = view.understanding.meaning.get().articles.first();
    if let Some(hit) = article.filter(|hit| hit.score >= view.bounds.interrupt && hit.score > top.score) {
        return Some(decided(Decision::Answer { article: hit.label.clone() }, format!("article {:.2}", hit.score)));
    }
    if view.active_intent == Some(top.label.as_str()) || top.score < view.bounds.interrupt {
        return None;
    }
    match serve_of(view, &top.label)? {
        Serve::Control(_) => None,
        Serve::Message(id) if id == "out_of_scope" => None,
        _ => Some(serve(view, vec![(top.label.clone(), view.understanding.text.clone())], true, top)),
    }
}

/// How much better an article must fit than an intent that a flow serves: doing
/// comes before explaining.
const FLOW_AHEAD: f32 = 0.35;

fn without_flow(view: &View<'_>) -> Decided {
    let understanding = view.understanding;
    if let Some(decided) = clarified(view) {
        return decided;
    }
    // What seems to be none of the intents is left to the articles.
    let top = best(view).filter(|top| !is_strange(&view.bounds, understanding.meaning.get().none, top.score));
    let sure = top.is_some_and(|top| top.score >= view.bounds.act);
    if understanding.has(Sign::Repeat) && !sure {
        return decided(Decision::Repeat, "asked to say it again");
    }
    let top_score = top.map_or(0.0, |top| top.score);
    let wishes = wishes(view);
    if wishes.len() > 1 {
        let because = format!("{} wishes in one message", wishes.len());
        return Decided { because, ..serve(view, wishes, false, top.expect("wishes come from ranked intents")) };
    }
    // A plain request that a flow serves is done, not explained, however well
    // an article about it reads; a question goes to whichever fits better.
    let requests = sure && !understanding.has(Sign::Question) && top.is_some_and(|top| flow_serves(view, &top.label));
    let serves = sure && top.is_some_and(|top| flow_serves(view, &top.label));
    let ahead = if serves { FLOW_AHEAD } else { 0.0 };
    if let Some(hit) = understanding.meaning.get().articles.first()
        && hit.score >= view.bounds.act
        && hit.score > top_score + ahead
        && !requests
    {
        return decided(
            Decision::Answer { article: hit.label.clone() },
            format!("article {:.2} over intent {top_score:.2}", hit.score),
        );
    }
    let Some(top) = top.filter(|top| top.score >= view.bounds.ask) else {
        return not_understood(view);
    };
    if let Some(tie) = tied(view, top) {
        return tie;
    }
    if top.score >= view.bounds.act {
        let wish = vec![(top.label.clone(), understanding.text.clone())];
        return serve(view, wish, false, top);
    }
    let near: Vec<String> = near_by(view, top).into_iter().map(|ranked| ranked.label.clone()).collect();
    if near.is_empty() {
        return not_understood(view);
    }
    decided(Decision::Clarify { intents: near }, format!("best intent {:.2} is not sure enough", top.score))
}

/// Is a message likelier none of the intents than the best of them, or surely none?
pub fn is_strange(bounds: &Bounds, none: f32, best: f32) -> bool {
    none >= bounds.none || none > best
}

fn flow_serves(view: &View<'_>, intent: &str) -> bool {
    matches!(serve_of(view, intent), Some(Serve::Flow(_)))
}

/// The answer to a clarifying question.
fn clarified(view: &View<'_>) -> Option<Decided> {
    let offered = view.clarifying;
    if offered.is_empty() {
        return None;
    }
    let understanding = view.understanding;
    let top = best(view).filter(|top| top.score >= view.bounds.ask && offered.contains(&top.label));
    let chosen = understanding.chosen.and_then(|index| offered.get(index)).or(top.map(|top| &top.label));
    let chosen =
        chosen.or_else(|| offered.first().filter(|_| offered.len() == 1 && understanding.has(Sign::Affirm)))?;
    // What was said before is what is served; this message only picks.
    let text = understanding.before.clone().unwrap_or_else(|| understanding.text.clone());
    Some(decided(
        Decision::Serve { wishes: vec![(chosen.clone(), text)], interrupts: false },
        "the answer to the clarifying question",
    ))
}

/// Distinct wishes of the message's clauses, each sure enough by itself.
fn wishes(view: &View<'_>) -> Vec<(String, String)> {
    wishes_of(view.pack, &view.bounds, &view.understanding.meaning.get().clauses)
}

/// Is an intent something to be served, and not small talk or a word to the machine?
fn is_wish(pack: &Pack, intent: &str) -> bool {
    let serve = pack.intents.get(intent).map(|intent| &intent.serve);
    !matches!(serve, Some(Serve::Message(_) | Serve::Control(_)) | None)
}

/// The clauses that are wishes of their own, with the intent of each.
pub fn wishes_of(pack: &Pack, bounds: &Bounds, clauses: &[Clause]) -> Vec<(String, String)> {
    let mut wishes: Vec<(String, String)> = Vec::new();
    for clause in clauses {
        let Some(top) = clause.intents.first() else { continue };
        if top.score >= bounds.wish
            && is_wish(pack, &top.label)
            && !wishes.iter().any(|(intent, _)| intent == &top.label)
        {
            wishes.push((top.label.clone(), clause.text.clone()));
        }
    }
    wishes.truncate(INTENTS_PER_MESSAGE_MAX);
    wishes
}

/// Another intent so near that only the customer can tell.
fn tied(view: &View<'_>, top: &Ranked) -> Option<Decided> {
    let second = view.understanding.meaning.get().intents.get(1)?;
    if top.score - second.score >= view.bounds.tie || serve_of(view, &top.label) == serve_of(view, &second.label) {
        return None;
    }
    let intents = vec![top.label.clone(), second.label.clone()];
    Some(decided(Decision::Clarify { intents }, format!("{:.2} and {:.2} are a tie", top.score, second.score)))
}

fn near_by<'a>(view: &View<'a>, top: &Ranked) -> Vec<&'a Ranked> {
    /// Choices offered in one clarifying question.
    const CHOICES_MAX: usize = 3;
    /// How far below the best one may be and still be offered.
    const NEAR: f32 = 0.12;
    view.understanding
        .meaning
        .get()
        .intents
        .iter()
        .filter(|ranked| ranked.score >= view.bounds.ask && top.score - ranked.score <= NEAR)
        .filter(|ranked| !matches!(serve_of(view, &ranked.label), Some(Serve::Message(_) | Serve::Control(_)) | None))
        .take(CHOICES_MAX)
        .collect()
}

fn serve_of<'a>(view: &View<'a>, intent: &str) -> Option<&'a Serve> {
    view.pack.intents.get(intent).map(|intent| &intent.serve)
}

fn serve(view: &View<'_>, wishes: Vec<(String, String)>, interrupts: bool, top: &Ranked) -> Decided {
    let because = format!("{} at {:.2}", top.label, top.score);
    let jumps =
        |intent: &str| view.pack.intents.get(intent).is_some_and(|intent| intent.third_party == ThirdParty::Jump);
    if view.ownership == Ownership::ThirdParty && wishes.iter().any(|(intent, _)| jumps(intent)) {
        return decided(Decision::Jump, format!("{because}, on a third party's page"));
    }
    if let [(intent, _)] = &wishes[..] {
        match serve_of(view, intent) {
            Some(Serve::Control(Control::Repeat)) => return decided(Decision::Repeat, because),
            Some(Serve::Control(Control::Cancel)) => return decided(Decision::Cancel, because),
            _ => {}
        }
    }
    decided(Decision::Serve { wishes, interrupts }, because)
}

fn not_understood(view: &View<'_>) -> Decided {
    let understanding = view.understanding;
    if understanding.has(Sign::Cancel) {
        return decided(Decision::Cancel, "asked to cancel");
    }
    if understanding.has(Sign::Thanks) {
        return decided(Decision::Thanks, "thanks, and nothing else");
    }
    let near = understanding
        .meaning
        .get()
        .articles
        .first()
        .filter(|hit| hit.score >= view.bounds.ask)
        .map(|hit| hit.label.clone());
    let bring_human = view.misunderstood + 1 >= MISUNDERSTANDINGS_MAX;
    decided(Decision::NotUnderstood { near, bring_human }, "nothing is sure enough")
}
