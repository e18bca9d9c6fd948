//! Is a flow sound? Unknown names, unreachable steps, conditions that do not
//! parse, missing words: found here with file and line, before a customer does.

mod graph;

use crate::model::*;
use std::collections::{BTreeMap, BTreeSet};
use teller_pack::missing_words;
use teller_pack::{Diagnostic, Pack, Place, Shown, Text, TextError, Texts};

/// Names that every flow may read without setting them.
pub const SURROUNDINGS: [&str; 8] = ["customer", "bank", "today", "now", "level", "locale", "thresholds", "ownership"];
/// The one of them whose keys the pack's check knows.
const THRESHOLDS: &str = "thresholds";
/// Names the order step sets.
const ORDER_NAMES: [&str; 2] = [crate::run::ORDER, crate::run::RESULT];
/// Names the words of a reaction may read: why the core refused.
const REFUSAL_NAMES: [&str; 2] = ["code", "refusal"];

/// The operations of the core and the calculators, as the bank room lists them.
#[derive(Debug, Clone, Default)]
pub struct Operations {
    pub reads: BTreeSet<String>,
    pub orders: BTreeSet<String>,
    pub protects: BTreeSet<String>,
    pub calculators: BTreeSet<String>,
}

/// All flows of a pack, checked against its words, intents and operations.
pub fn flows_of(pack: &Pack, operations: &Operations) -> (BTreeMap<String, Flow>, Vec<Diagnostic>) {
    let mut notes = Vec::new();
    let mut flows: BTreeMap<String, Flow> = BTreeMap::new();
    let mut whole = true;
    for (file, text) in pack.source.under("flows/", ".yaml") {
        let Some(flow) = crate::parse::parse(file, text, &mut notes) else {
            whole = false;
            continue;
        };
        if let Some(first) = flows.get(&flow.id) {
            notes.push(Diagnostic::error(
                flow.place.clone(),
                "duplicate-id",
                format!("flow {} is already written in {}", flow.id, first.place.file),
            ));
            continue;
        }
        Checker { flow: &flow, pack, operations, before: notes.len(), notes: &mut notes }.check();
        flows.insert(flow.id.clone(), flow);
    }
    leads(pack, &flows, whole, &mut notes);
    (flows, notes)
}

/// Notes what leads to no flow, and flows nothing leads to. What a file that
/// could not be read holds is not known, so it is not missed.
fn leads(pack: &Pack, flows: &BTreeMap<String, Flow>, whole: bool, notes: &mut Vec<Diagnostic>) {
    let missing = |flow: &str| whole && !flows.contains_key(flow);
    let mut served: BTreeSet<&str> = BTreeSet::new();
    for (id, intent) in &pack.intents {
        let teller_pack::Serve::Flow(flow) = &intent.serve else { continue };
        served.insert(flow);
        if missing(flow) {
            let place = pack.places.intents.get(id).cloned().unwrap_or_default();
            let message = format!("intent {id} is served by flow `{flow}`, which does not exist");
            notes.push(Diagnostic::error(place, "unknown-flow", message));
        }
    }
    if let Some(human) = pack.manifest.human_flow.as_ref().filter(|human| missing(human)) {
        let place = pack.places.manifest.get("human_flow").cloned().unwrap_or_else(|| Place::file("pack.yaml"));
        let message = format!("`human_flow: {human}`: there is no such flow");
        notes.push(Diagnostic::error(place, "unknown-flow", message));
    }
    for flow in flows.values().filter(|flow| !served.contains(flow.id.as_str())) {
        let message = format!("no intent leads to flow {}", flow.id);
        notes.push(Diagnostic::warning(flow.place.clone(), "unserved-flow", message));
    }
}

struct Checker<'a> {
    flow: &'a Flow,
    pack: &'a Pack,
    operations: &'a Operations,
    /// Notes there were of other files.
    before: usize,
    notes: &'a mut Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    fn check(&mut self) {
        missing_words(&self.flow.name, &self.flow.place, &format!("flow {}", self.flow.id), self.notes);
        self.step_ids();
        for (name, slot) in &self.flow.slots {
            self.slot(name, slot);
        }
        for reaction in self.flow.errors.values() {
            self.reaction(reaction, &self.flow.place);
        }
        for step in &self.flow.steps {
            self.step(step);
        }
        self.graph();
    }

    fn wrong(&mut self, place: &Place, code: &'static str, message: String) {
        self.notes.push(Diagnostic::error(place.clone(), code, message));
    }

    fn step_ids(&mut self) {
        let mut seen = BTreeSet::new();
        for step in &self.flow.steps {
            if !seen.insert(&step.id) {
                self.wrong(&step.place, "duplicate-id", format!("step {} is written twice", step.id));
            }
        }
    }

    /// A slot or variable of a name that is set elsewhere would hide the other.
    fn name(&mut self, what: &str, name: &str, place: &Place) {
        if SURROUNDINGS.contains(&name) || ORDER_NAMES.contains(&name) {
            self.wrong(place, "name-taken", format!("{what} {name} has a name that Teller sets itself"));
        }
    }

    fn slot(&mut self, name: &str, slot: &'a Slot) {
        self.name("slot", name, &slot.place);
        if self.variables().contains(name) {
            self.wrong(&slot.place, "name-taken", format!("slot {name} has the name of a variable"));
        }
        if let Some(ask) = &slot.ask {
            self.text(ask, &slot.place, &[]);
        }
        for check in &slot.checks {
            self.expression(&check.when, &slot.place, &[]);
            self.text(&check.say, &slot.place, &[]);
        }
        for on in slot.depends_on.iter().filter(|on| !self.flow.slots.contains_key(*on)) {
            self.wrong(
                &slot.place,
                "unknown-slot",
                format!("slot {name} depends on `{on}`, which the flow does not have"),
            );
        }
        match &slot.options {
            Some(Options::From(listed)) => {
                self.expression(&listed.from, &slot.place, &[]);
                for inner in std::iter::once(&listed.id).chain(&listed.tail).chain(&listed.aliases) {
                    self.expression(inner, &slot.place, &["item"]);
                }
                for shown in std::iter::once(&listed.label).chain(&listed.detail) {
                    self.shown(shown, &slot.place, &["item"]);
                }
                if let Some(empty) = &listed.empty {
                    self.reaction(empty, &slot.place);
                }
            }
            Some(Options::Fixed(options)) => self.fixed(name, options, &slot.place),
            None => {}
        }
        for reply in &slot.quick_replies {
            missing_words(reply, &slot.place, "a quick reply", self.notes);
        }
    }

    fn fixed(&mut self, slot: &str, options: &[FixedOption], place: &Place) {
        let mut seen = BTreeSet::new();
        for option in options {
            missing_words(&option.label, place, &format!("option {}", option.id), self.notes);
            if !seen.insert(&option.id) {
                self.wrong(place, "duplicate-id", format!("option {} of slot {slot} is written twice", option.id));
            }
        }
    }

    fn step(&mut self, step: &'a Step) {
        let place = &step.place;
        if let Some(condition) = &step.when {
            self.expression(condition, place, &[]);
        }
        for name in variables_of(step) {
            self.name("variable", name, place);
        }
        match &step.kind {
            StepKind::Collect(slots) => {
                for slot in slots.iter().filter(|slot| !self.flow.slots.contains_key(*slot)) {
                    self.wrong(
                        place,
                        "unknown-slot",
                        format!("step {} collects `{slot}`, which the flow does not have", step.id),
                    );
                }
            }
            StepKind::Call { operation, with, errors, .. } => {
                self.operation("reading", operation, &self.operations.reads, place);
                self.params(with, place);
                self.reactions(errors, place);
            }
            StepKind::Calculate { name, with, errors, .. } => {
                self.operation("calculator", name, &self.operations.calculators, place);
                self.params(with, place);
                self.reactions(errors, place);
            }
            StepKind::Set(with) => self.params(with, place),
            StepKind::Say { text, card, quick_replies } => {
                if let Some(text) = text {
                    self.text(text, place, &[]);
                }
                if let Some(card) = card {
                    self.card(card, place, &[]);
                }
                for reply in quick_replies {
                    missing_words(reply, place, "a quick reply", self.notes);
                }
            }
            StepKind::Answer(articles) => {
                for article in articles.iter().filter(|id| !self.pack.articles.contains_key(*id)) {
                    self.wrong(
                        place,
                        "unknown-article",
                        format!("step {} answers with article `{article}`, which does not exist", step.id),
                    );
                }
            }
            StepKind::Branch { arms, otherwise } => {
                for arm in arms {
                    self.expression(&arm.when, place, &[]);
                    self.target(&arm.goto, place);
                }
                if let Some(target) = otherwise {
                    self.target(target, place);
                }
            }
            StepKind::Goto(target) => self.target(target, place),
            StepKind::Order(order) => {
                self.operation("order", &order.operation, &self.operations.orders, place);
                self.params(&order.with, place);
                self.text(&order.confirm.title, place, &[]);
                self.rows(&order.confirm.rows, place, &[]);
                if let Some(warning) = &order.confirm.warning {
                    self.text(warning, place, &[]);
                }
                if let Some(refused) = &order.confirm.refused {
                    self.reaction(refused, place);
                }
                if order.confirm.rows.is_empty() {
                    self.wrong(place, "nothing-shown", format!("step {} confirms without showing a value", step.id));
                }
                self.reactions(&order.outcomes, place);
                self.reactions(&order.errors, place);
            }
            StepKind::Protect(protect) => {
                self.operation("protective operation", &protect.operation, &self.operations.protects, place);
                self.params(&protect.with, place);
                self.reactions(&protect.outcomes, place);
                self.reactions(&protect.errors, place);
            }
            StepKind::Handoff { skill, say } => {
                self.skill(skill, place);
                if let Some(say) = say {
                    self.text(say, place, &[]);
                }
            }
            StepKind::End(_) => {}
        }
    }

    fn operation(&mut self, what: &str, name: &str, known: &BTreeSet<String>, place: &Place) {
        if !known.contains(name) {
            self.wrong(place, "unknown-operation", format!("the bank has no {what} `{name}`"));
        }
    }

    fn skill(&mut self, skill: &str, place: &Place) {
        if !self.pack.manifest.skills.contains_key(skill) {
            self.wrong(place, "unknown-skill", format!("pack.yaml lists no skill `{skill}`"));
        }
    }

    fn reactions(&mut self, reactions: &'a BTreeMap<String, Reaction>, place: &Place) {
        for reaction in reactions.values() {
            self.reaction(reaction, place);
        }
    }

    fn reaction(&mut self, reaction: &'a Reaction, place: &Place) {
        if let Some(text) = &reaction.say {
            self.text(text, place, &REFUSAL_NAMES);
        }
        if let Some(card) = &reaction.card {
            self.card(card, place, &REFUSAL_NAMES);
        }
        if let Some(target) = &reaction.goto {
            self.target(target, place);
        }
        if let Some(skill) = &reaction.handoff {
            self.skill(skill, place);
        }
        for slot in reaction.clear.iter().filter(|slot| !self.flow.slots.contains_key(*slot)) {
            self.wrong(place, "unknown-slot", format!("`clear: {slot}`: the flow has no such slot"));
        }
        let ways = [reaction.goto.is_some(), reaction.handoff.is_some(), reaction.end.is_some()];
        if ways.iter().filter(|way| **way).count() > 1 {
            self.wrong(place, "two-ways", "a reaction goes one way: goto, handoff or end".to_owned());
        }
    }

    fn card(&mut self, card: &'a CardSpec, place: &Place, also: &[&str]) {
        let with_item = [also, &["item"]].concat();
        self.text(&card.title, place, also);
        self.rows(&card.rows, place, also);
        if let Some(each) = &card.each {
            self.expression(&each.of, place, also);
            self.shown(&each.label, place, &with_item);
            self.shown(&each.value, place, &with_item);
        }
        if let Some(table) = &card.table {
            self.expression(&table.of, place, also);
            for column in &table.columns {
                self.text(column, place, also);
            }
            for cell in &table.cells {
                self.shown(cell, place, &with_item);
            }
            if table.columns.len() != table.cells.len() {
                self.wrong(
                    place,
                    "ragged-table",
                    format!("{} columns but {} cells", table.columns.len(), table.cells.len()),
                );
            }
        }
        if let Some(note) = &card.note {
            self.text(note, place, also);
        }
    }

    fn rows(&mut self, rows: &'a [RowSpec], place: &Place, also: &[&str]) {
        for row in rows {
            self.text(&row.label, place, also);
            self.shown(&row.value, place, also);
            if let Some(condition) = &row.when {
                self.expression(condition, place, also);
            }
        }
    }

    fn params(&mut self, params: &Params, place: &Place) {
        for value in params.values() {
            if let Some(expression) = crate::parse::expression(value) {
                self.expression(expression, place, &[]);
            }
        }
    }

    fn text(&mut self, text: &Text, place: &Place, also: &[&str]) {
        match self.texts().words(text) {
            None => {
                let Text::Message(id) = text else { return };
                self.wrong(place, "unknown-message", format!("no message `{id}`"));
            }
            Some(words) => {
                let words = words.clone();
                if matches!(text, Text::Inline(_)) {
                    missing_words(&words, place, "this text", self.notes);
                }
                for template in [&words.zh, &words.en] {
                    let reads = self.texts().reads_of_template(template);
                    self.names(template, reads, place, also);
                }
            }
        }
    }

    fn shown(&mut self, shown: &Shown, place: &Place, also: &[&str]) {
        missing_words(&shown.0, place, "this value", self.notes);
        // One template for every language is looked at once.
        let templates: BTreeSet<&String> = [&shown.0.zh, &shown.0.en].into();
        for template in templates {
            let reads = self.texts().reads_of_template(template);
            self.names(template, reads, place, also);
        }
    }

    fn expression(&mut self, expression: &str, place: &Place, also: &[&str]) {
        let reads = self.texts().reads_of_expression(expression);
        self.names(expression, reads, place, also);
    }

    /// Each name read must be a slot, a variable some step sets, or surroundings,
    /// and each threshold one of the pack's.
    fn names(&mut self, source: &str, reads: Result<Vec<String>, TextError>, place: &Place, also: &[&str]) {
        match reads {
            Err(error) => self.wrong(place, "bad-expression", error.to_string()),
            Ok(reads) => {
                if reads.iter().any(|name| name == THRESHOLDS) {
                    self.thresholds(source, place);
                }
                let variables = self.variables();
                for name in reads {
                    let known = self.flow.slots.contains_key(&name)
                        || variables.contains(name.as_str())
                        || SURROUNDINGS.contains(&name.as_str())
                        || ORDER_NAMES.contains(&name.as_str())
                        || also.contains(&name.as_str());
                    if !known {
                        self.wrong(
                            place,
                            "unknown-slot",
                            format!("`{name}` is neither a slot nor a variable of flow {}", self.flow.id),
                        );
                    }
                }
            }
        }
    }

    fn thresholds(&mut self, source: &str, place: &Place) {
        for key in threshold_keys(source).filter(|key| !self.pack.thresholds.contains_key(*key)) {
            self.wrong(place, "unknown-threshold", format!("thresholds.csv has no `{key}`"));
        }
    }

    fn texts(&self) -> &'a Texts {
        &self.pack.texts
    }

    fn variables(&self) -> BTreeSet<&'a str> {
        self.flow.steps.iter().flat_map(variables_of).collect()
    }

    fn target(&mut self, target: &str, place: &Place) {
        if self.flow.step(target).is_none() {
            self.wrong(place, "unknown-step", format!("no step `{target}` in flow {}", self.flow.id));
        }
    }
}

/// The variables a step sets.
fn variables_of(step: &Step) -> Vec<&str> {
    match &step.kind {
        StepKind::Call { into, .. } | StepKind::Calculate { into, .. } => vec![into],
        StepKind::Protect(protect) => protect.into.as_deref().into_iter().collect(),
        StepKind::Set(with) => with.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Keys read as `thresholds['key']`, `thresholds["key"]` or `thresholds.key`.
/// A key that is computed is not seen.
fn threshold_keys(source: &str) -> impl Iterator<Item = &str> {
    source.split(THRESHOLDS).skip(1).filter_map(|rest| {
        let (key, _) = if let Some(quoted) = rest.strip_prefix("['") {
            quoted.split_once('\'')?
        } else if let Some(quoted) = rest.strip_prefix("[\"") {
            quoted.split_once('"')?
        } else {
            let name = rest.strip_prefix('.')?;
            name.split_at(name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len()))
        };
        (!key.is_empty()).then_some(key)
    })
}
