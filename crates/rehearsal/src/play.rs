//! Playing a script: each step is really sent, each expectation is read off the
//! saved events and the core's own books.

use crate::script::{Choose, Expect, Script, Sourced, Step};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use teller_conversation::OpenRequest;
use teller_flows::Stage;
use teller_identity::code::token_code;
use teller_kernel::assurance::Factor;
use teller_kernel::event::CustomerAction;
use teller_kernel::part::Part;
use teller_kernel::{ConversationId, CustomerId, Event, EventBody, Level, Problem};
use teller_pack::Place;

/// What one variant of a script came to.
#[derive(Debug, Clone)]
pub struct Played {
    pub name: String,
    pub file: String,
    /// What was not as expected; empty when it passed.
    pub failures: Vec<Failure>,
    pub turns: usize,
}

impl Played {
    /// A script that could not be played at all.
    pub fn broken(file: &str, name: String, what: String) -> Self {
        let failure = Failure { place: Place::file(file), what };
        Self { name, file: file.to_owned(), failures: vec![failure], turns: 0 }
    }
}

#[derive(Debug, Clone)]
pub struct Failure {
    pub place: Place,
    pub what: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.place.file, self.place.line, self.what)
    }
}

/// Plays one variant in a fresh world.
pub async fn play(world: &mut World, sourced: &Sourced, name: String, script: &Script) -> Played {
    let mut player = Player {
        file: sourced.file.clone(),
        customer: None,
        id: None,
        said: 0,
        last_message: None,
        seq: 0,
        turns: 0,
        failures: Vec::new(),
    };
    if let Err(problem) = player.run(world, script).await {
        player.fail(&Place::file(&sourced.file), format!("the script could not be played: {problem}"));
    }
    Played { name, file: sourced.file.clone(), failures: player.failures, turns: player.turns }
}

struct Player {
    file: String,
    customer: Option<CustomerId>,
    id: Option<ConversationId>,
    said: usize,
    last_message: Option<(String, String)>,
    /// The last event that was looked at.
    seq: u64,
    turns: usize,
    failures: Vec<Failure>,
}

impl Player {
    fn fail(&mut self, place: &Place, what: impl Into<String>) {
        self.failures.push(Failure { place: place.clone(), what: what.into() });
    }

    async fn run(&mut self, world: &mut World, script: &Script) -> Result<(), Problem> {
        self.customer = match &script.customer {
            Some(id) => {
                Some(CustomerId::parse(id).map_err(|_| Problem::with(teller_kernel::Code::BadField, "customer"))?)
            }
            None => None,
        };
        let balances = self.balances(world, script).await;
        let orders = self.orders(world, script).await;
        let opened = world
            .conversations()
            .open(OpenRequest {
                channel: "web".to_owned(),
                ownership: script.ownership,
                locale: script.locale,
                customer: self.customer.clone().map(|customer| (customer, Level::L1)),
            })
            .await?;
        self.seq = opened.last_seq;
        self.id = Some(opened.conversation);
        for step in &script.steps {
            let place = Place::at(&self.file, step.referenced);
            self.step(world, &place, &step.value).await;
        }
        self.check_books(world, script, balances, orders).await;
        Ok(())
    }

    fn conversation(&self) -> ConversationId {
        self.id.clone().expect("a conversation is opened before the first step")
    }

    async fn step(&mut self, world: &mut World, place: &Place, step: &Step) {
        let outcome = self.do_step(world, step).await;
        let id = self.conversation();
        if let Err(problem) = world.conversations().finish_turns(&id).await {
            self.fail(place, format!("the turn could not be finished: {problem}"));
        }
        self.turns += 1;
        let expect = step.expect.clone().unwrap_or_default();
        match (&outcome, &expect.problem) {
            (Err(problem), Some(code)) if problem.code.as_str() == code => {}
            (Err(problem), _) => self.fail(place, format!("refused: {problem}")),
            (Ok(()), Some(code)) => self.fail(place, format!("was not refused with {code}")),
            (Ok(()), None) => {}
        }
        match world.conversations().events(&id, self.seq, teller_kernel::limits::EVENTS_PAGE_MAX).await {
            Ok(events) => {
                self.seq = events.last().map_or(self.seq, |event| event.seq);
                self.check(world, place, &expect, &events).await;
            }
            Err(problem) => self.fail(place, format!("events could not be read: {problem}")),
        }
    }

    async fn do_step(&mut self, world: &mut World, step: &Step) -> Result<(), Problem> {
        let id = self.conversation();
        if let Some(text) = &step.say {
            let client = self.next_client();
            self.last_message = Some((client.clone(), text.clone()));
            return world.conversations().say(&id, &client, text).await.map(|_| ());
        }
        if step.again == Some(true) {
            let (client, text) = self.last_message.clone().unwrap_or_default();
            return world.conversations().say(&id, &client, &text).await.map(|_| ());
        }
        if let Some(faults) = &step.core {
            world.set_core(faults);
            return Ok(());
        }
        if let Some(wait_ms) = step.wait_ms {
            world.advance_ms(wait_ms);
            return Ok(());
        }
        if step.restart == Some(true) {
            return world.restart().await;
        }
        if step.settle == Some(true) {
            return world.conversations().reconcile().await.map(|_| ());
        }
        let (action, code) = self.action(world, step).await?;
        let client = self.next_client();
        world.conversations().act(&id, &client, action, code.as_deref()).await.map(|_| ())
    }

    fn next_client(&mut self) -> String {
        self.said += 1;
        format!("script-{}", self.said)
    }

    async fn action(&self, world: &World, step: &Step) -> Result<(CustomerAction, Option<String>), Problem> {
        let stale = || Problem::new(teller_kernel::Code::ActionStale);
        if step.human == Some(true) {
            return Ok((CustomerAction::AskHuman, None));
        }
        if let Some(locale) = step.locale {
            return Ok((CustomerAction::SetLocale { locale }, None));
        }
        let state = world.conversations().state(&self.conversation()).await?;
        if let Some(choose) = &step.choose {
            let id = match &choose.id {
                Some(id) => id.clone(),
                None => option_by_label(
                    &state.last_reply.as_ref().map(|reply| reply.parts.clone()).unwrap_or_default(),
                    choose,
                )
                .ok_or_else(stale)?,
            };
            return Ok((CustomerAction::Choose { slot: choose.slot.clone(), id }, None));
        }
        let stage = state.active().map(|run| run.stage.clone()).ok_or_else(stale)?;
        if let Some(yes) = step.confirm {
            let Stage::Confirming { confirmation, .. } = stage else { return Err(stale()) };
            let action =
                if yes { CustomerAction::Confirm { confirmation } } else { CustomerAction::Refuse { confirmation } };
            return Ok((action, None));
        }
        let Stage::Challenged { challenge, .. } = stage else { return Err(stale()) };
        if step.resend_otp == Some(true) {
            return Ok((CustomerAction::ResendOtp { challenge: challenge.id }, None));
        }
        let code = match (step.otp.as_deref().unwrap_or_default(), challenge.factor) {
            ("right", Factor::Sms) => self.sms_codes(world).await?.first().cloned().unwrap_or_default(),
            ("right", Factor::Token) => match &self.customer {
                Some(customer) => token_code(world.secrets(), customer, world.now_ms()),
                None => String::new(),
            },
            ("stale", _) => self.sms_codes(world).await?.get(1).cloned().unwrap_or_else(|| "000000".to_owned()),
            ("wrong", _) => {
                let right = self.sms_codes(world).await?.first().cloned();
                if right.as_deref() == Some("123456") { "654321".to_owned() } else { "123456".to_owned() }
            }
            (digits, _) => digits.to_owned(),
        };
        Ok((CustomerAction::SubmitOtp { challenge: challenge.id }, Some(code)))
    }

    /// Codes on the customer's phone, newest first.
    async fn sms_codes(&self, world: &World) -> Result<Vec<String>, Problem> {
        let Some(customer) = &self.customer else { return Ok(Vec::new()) };
        Ok(world.phone(customer).await?.iter().filter_map(|text| six_digits(text)).collect())
    }

    async fn check(&mut self, world: &World, place: &Place, expect: &Expect, events: &[Event]) {
        let kinds: Vec<&str> = events.iter().map(|event| event.body.kind()).collect();
        for kind in expect.events.iter().filter(|kind| !kinds.contains(&kind.as_str())) {
            self.fail(place, format!("no event `{kind}`; there were {kinds:?}"));
        }
        for kind in expect.no_events.iter().filter(|kind| kinds.contains(&kind.as_str())) {
            self.fail(place, format!("an event `{kind}`"));
        }
        let said = Said::of(events);
        self.check_replies(place, expect, &said);
        let state = match world.conversations().state(&self.conversation()).await {
            Ok(state) => state,
            Err(problem) => return self.fail(place, format!("no state: {problem}")),
        };
        let active = state.active().map(|run| run.flow.clone());
        if let Some(wanted) = &expect.flow
            && *wanted != active
        {
            self.fail(place, format!("active flow is {active:?}, not {wanted:?}; said {:?}: {}", said.ids, said.text));
        }
        if let Some(status) = &expect.status
            && status != state.status.name()
        {
            self.fail(place, format!("status is {}, not {status}", state.status.name()));
        }
        // A flow may be over with this very turn: what it was given still counts.
        let mut slots: BTreeMap<String, Value> = filled(events);
        if let Some(run) = state.active() {
            slots.extend(run.slots.iter().map(|(name, value)| (name.clone(), value.to_json())));
        }
        for (name, wanted) in &expect.slots {
            let held = slots.get(name).cloned().unwrap_or(Value::Null);
            if !holds(&held, wanted) {
                self.fail(place, format!("slot {name} is {held}, not {wanted}"));
            }
        }
    }

    fn check_replies(&mut self, place: &Place, expect: &Expect, said: &Said) {
        let mut rest = said.ids.iter();
        for wanted in &expect.replies {
            if !rest.any(|id| is_named(id, wanted)) {
                self.fail(
                    place,
                    format!("`{wanted}` was not said (in this order); said {:?}: {}", said.ids, said.text),
                );
            }
        }
        let was_said = |unwanted: &&String| said.ids.iter().any(|id| is_named(id, unwanted));
        for unwanted in expect.no_replies.iter().filter(was_said) {
            self.fail(place, format!("`{unwanted}` was said"));
        }
        for wanted in expect.text.iter().filter(|text| !said.text.contains(text.as_str())) {
            self.fail(place, format!("「{wanted}」 is not in what the customer reads: {}", said.text));
        }
        for unwanted in expect.no_text.iter().filter(|text| said.text.contains(text.as_str())) {
            self.fail(place, format!("「{unwanted}」 is in what the customer reads"));
        }
        if let Some(article) = &expect.citation
            && !said.citations.contains(article)
        {
            self.fail(
                place,
                format!("article {article} is not cited; cited {:?}, said {:?}", said.citations, said.ids),
            );
        }
        if let Some(part) = &expect.part
            && !said.parts.contains(part)
        {
            self.fail(place, format!("no part `{part}`; there were {:?}", said.parts));
        }
    }

    async fn balances(&self, world: &World, script: &Script) -> BTreeMap<String, i64> {
        let mut balances = BTreeMap::new();
        for line in &script.ledger {
            if let Some(minor) = world.ledger_minor(&line.account).await {
                balances.insert(line.account.clone(), minor);
            }
        }
        balances
    }

    /// The customer's orders by operation and status.
    async fn orders(&self, world: &World, script: &Script) -> BTreeMap<(String, String), usize> {
        match (&self.customer, script.orders.is_empty()) {
            (Some(customer), false) => world.orders(customer).await,
            _ => BTreeMap::new(),
        }
    }

    async fn check_books(
        &mut self,
        world: &World,
        script: &Script,
        balances: BTreeMap<String, i64>,
        orders: BTreeMap<(String, String), usize>,
    ) {
        let place = Place::file(&self.file);
        for line in &script.ledger {
            let (before, after) = (balances.get(&line.account).copied(), world.ledger_minor(&line.account).await);
            match before.zip(after) {
                Some((before, after)) if after - before == line.change.minor => {}
                Some((before, after)) => {
                    self.fail(
                        &place,
                        format!("{} changed by {}, not {}", line.account, after - before, line.change.minor),
                    );
                }
                None => self.fail(&place, format!("the core has no account {}", line.account)),
            }
        }
        let now = self.orders(world, script).await;
        for line in &script.orders {
            let key = (line.operation.clone(), line.status.clone());
            let count = now.get(&key).copied().unwrap_or(0).saturating_sub(orders.get(&key).copied().unwrap_or(0));
            if count != line.count {
                self.fail(
                    &place,
                    format!("{count} orders {} {}, not {}; now {now:?}", line.operation, line.status, line.count),
                );
            }
        }
    }
}

/// Slots filled in a turn, last value first said.
fn filled(events: &[Event]) -> BTreeMap<String, Value> {
    let filled = events.iter().filter_map(|event| match &event.body {
        EventBody::SlotFilled { slot, value, .. } => Some((slot.clone(), value.to_json())),
        _ => None,
    });
    filled.collect()
}

fn option_by_label(parts: &[Part], choose: &Choose) -> Option<String> {
    let wanted: Vec<&str> = choose.label.as_deref()?.split_whitespace().collect();
    parts.iter().find_map(|part| match part {
        Part::Choices { slot, options } if *slot == choose.slot => options
            .iter()
            .find(|option| wanted.iter().all(|word| option.label.contains(word)))
            .map(|option| option.id.clone()),
        _ => None,
    })
}

/// The first run of exactly six digits.
fn six_digits(text: &str) -> Option<String> {
    text.split(|character: char| !character.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
}

/// Does the held value have everything the wanted one names?
fn holds(held: &Value, wanted: &Value) -> bool {
    match (held, wanted) {
        (Value::Object(held), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| held.get(key).is_some_and(|inner| holds(inner, value)))
        }
        (held, wanted) => held == wanted || held == &json!(wanted.to_string()),
    }
}

/// What the customer reads in a turn.
#[derive(Default)]
struct Said {
    ids: Vec<String>,
    text: String,
    citations: Vec<String>,
    parts: Vec<String>,
}

impl Said {
    fn of(events: &[Event]) -> Self {
        let mut said = Self::default();
        for event in events {
            let EventBody::Replied { reply_ids, parts, .. } = &event.body else { continue };
            said.ids.extend(reply_ids.iter().cloned());
            for part in parts {
                said.take(part);
            }
        }
        said
    }

    fn take(&mut self, part: &Part) {
        let json = serde_json::to_value(part).unwrap_or_default();
        self.parts.push(json["kind"].as_str().unwrap_or_default().to_owned());
        if let Part::Answer { citations, .. } = part {
            self.citations.extend(citations.iter().map(|citation| citation.article.clone()));
        }
        self.words(&json);
    }

    /// Every string of a part, in reading order.
    fn words(&mut self, json: &Value) {
        match json {
            Value::String(text) => {
                self.text.push_str(text);
                self.text.push('\n');
            }
            Value::Array(items) => items.iter().for_each(|item| self.words(item)),
            Value::Object(fields) => {
                fields.iter().filter(|(key, _)| key.as_str() != "kind").for_each(|(_, value)| self.words(value));
            }
            _ => {}
        }
    }
}

/// Whether an id is the wanted one; `care.angry_*` stands for all that begin so.
fn is_named(id: &str, wanted: &str) -> bool {
    wanted.strip_suffix('*').map_or(id == wanted, |head| id.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_among_other_numbers() {
        assert_eq!(six_digits("向尾号1234转3200.00元，验证码 482913，2分钟内有效").as_deref(), Some("482913"));
        assert_eq!(six_digits("12345678"), None);
    }

    #[test]
    fn expected_fields_are_enough() {
        assert!(holds(&json!({"minor": 5, "currency": "CNY"}), &json!({"minor": 5})));
        assert!(!holds(&json!({"minor": 5}), &json!({"minor": 6})));
        assert!(holds(&json!("12"), &json!(12)));
    }
}
