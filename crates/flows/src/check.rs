//! Is a flow sound? Unknown names, unreachable steps, conditions that do not
//! parse, missing words: found here with file and line, before a customer does.

use crate::model::*;
use std::collections::{BTreeMap, BTreeSet};
use teller_pack::pack::missing_english;
use teller_pack::{Diagnostic, Pack, Place, Shown, Text, TextError, Texts};

/// Names that every flow may read without setting them.
pub const SURROUNDINGS: [&str; 8] = ["customer", "bank", "today", "now", "level", "locale", "thresholds", "ownership"];
/// Names the order step sets.
const ORDER_NAMES: [&str; 2] = [crate::run::ORDER, crate::run::RESULT];

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
    for (file, text) in pack.source.under("flows/", ".yaml") {
        let Some(flow) = crate::parse::parse(file, text, &mut notes) else { continue };
        if let Some(first) = flows.get(&flow.id) {
            notes.push(Diagnostic::error(
                flow.place.clone(),
                "duplicate-id",
                format!("flow {} is already written in {}", flow.id, first.place.file),
            ));
            continue;
        }
        Checker { flow: &flow, pack, operations, notes: &mut notes }.check();
        flows.insert(flow.id.clone(), flow);
    }
    let mut served: BTreeSet<&str> = BTreeSet::new();
    for (id, intent) in &pack.intents {
        if let teller_pack::Serve::Flow(flow) = &intent.serve {
            served.insert(flow);
            if !flows.contains_key(flow) {
                let place = pack.places.intents.get(id).cloned().unwrap_or_default();
                notes.push(Diagnostic::error(
                    place,
                    "unknown-flow",
                    format!("intent {id} is served by flow `{flow}`, which does not exist"),
                ));
            }
        }
    }
    for flow in flows.values().filter(|flow| !served.contains(flow.id.as_str())) {
        notes.push(Diagnostic::warning(
            flow.place.clone(),
            "unserved-flow",
            format!("no intent leads to flow {}", flow.id),
        ));
    }
    (flows, notes)
}

struct Checker<'a> {
    flow: &'a Flow,
    pack: &'a Pack,
    operations: &'a Operations,
    notes: &'a mut Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    fn check(&mut self) {
        missing_english(&self.flow.name, &self.flow.place, &format!("flow {}", self.flow.id), self.notes);
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
        self.reachability();
        self.collected();
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

    fn slot(&mut self, name: &str, slot: &'a Slot) {
        if self.variables().contains(name) || SURROUNDINGS.contains(&name) || ORDER_NAMES.contains(&name) {
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
            Some(Options::Fixed(options)) => {
                for option in options {
                    missing_english(&option.label, &slot.place, &format!("option {}", option.id), self.notes);
                }
            }
            None => {}
        }
    }

    fn step(&mut self, step: &'a Step) {
        let place = &step.place;
        if let Some(condition) = &step.when {
            self.expression(condition, place, &[]);
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
                    self.card(card, place);
                }
                for reply in quick_replies {
                    missing_english(reply, place, "a quick reply", self.notes);
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
                self.rows(&order.confirm.rows, place);
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
            self.text(text, place, &["code"]);
        }
        if let Some(card) = &reaction.card {
            self.card(card, place);
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

    fn card(&mut self, card: &'a CardSpec, place: &Place) {
        self.text(&card.title, place, &[]);
        self.rows(&card.rows, place);
        if let Some(each) = &card.each {
            self.expression(&each.of, place, &[]);
            self.shown(&each.label, place, &["item"]);
            self.shown(&each.value, place, &["item"]);
        }
        if let Some(table) = &card.table {
            self.expression(&table.of, place, &[]);
            for column in &table.columns {
                self.text(column, place, &[]);
            }
            for cell in &table.cells {
                self.shown(cell, place, &["item"]);
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
            self.text(note, place, &[]);
        }
    }

    fn rows(&mut self, rows: &'a [RowSpec], place: &Place) {
        for row in rows {
            self.text(&row.label, place, &[]);
            self.shown(&row.value, place, &[]);
            if let Some(condition) = &row.when {
                self.expression(condition, place, &[]);
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
                    missing_english(&words, place, "this text", self.notes);
                }
                for template in [&words.zh, &words.en] {
                    let reads = self.texts().reads_of_template(template);
                    self.names(reads, place, also);
                }
            }
        }
    }

    fn shown(&mut self, shown: &Shown, place: &Place, also: &[&str]) {
        for template in [&shown.0.zh, &shown.0.en] {
            let reads = self.texts().reads_of_template(template);
            self.names(reads, place, also);
        }
    }

    fn expression(&mut self, expression: &str, place: &Place, also: &[&str]) {
        let reads = self.texts().reads_of_expression(expression);
        self.names(reads, place, also);
    }

    /// Each name read must be a slot, a variable some step sets, or surroundings.
    fn names(&mut self, reads: Result<Vec<String>, TextError>, place: &Place, also: &[&str]) {
        match reads {
            Err(error) => self.wrong(place, "bad-expression", error.to_string()),
            Ok(reads) => {
                let variables = self.variables();
                for name in reads {
                    let known = self.flow.slots.contains_key(&name)
                        || variables.contains(&name)
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

    fn texts(&self) -> &'a Texts {
        &self.pack.texts
    }

    fn variables(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for step in &self.flow.steps {
            match &step.kind {
                StepKind::Call { into, .. } | StepKind::Calculate { into, .. } => {
                    names.insert(into.clone());
                }
                StepKind::Protect(protect) => names.extend(protect.into.clone()),
                StepKind::Set(with) => names.extend(with.keys().cloned()),
                _ => {}
            }
        }
        names
    }

    fn target(&mut self, target: &str, place: &Place) {
        if self.flow.step(target).is_none() {
            self.wrong(place, "unknown-step", format!("no step `{target}` in flow {}", self.flow.id));
        }
    }

    fn reachability(&mut self) {
        let mut reached = BTreeSet::new();
        let mut frontier: Vec<&str> = self.flow.steps.first().map(|step| step.id.as_str()).into_iter().collect();
        while let Some(id) = frontier.pop() {
            if let Some(step) = self.flow.step(id).filter(|step| reached.insert(step.id.as_str())) {
                frontier.extend(self.successors(step));
            }
        }
        let lost: Vec<(String, Place)> = self
            .flow
            .steps
            .iter()
            .filter(|step| !reached.contains(step.id.as_str()))
            .map(|step| (step.id.clone(), step.place.clone()))
            .collect();
        for (id, place) in lost {
            self.wrong(&place, "unreachable-step", format!("nothing leads to step {id}"));
        }
    }

    fn successors(&self, step: &'a Step) -> Vec<&'a str> {
        let onward = self.flow.after(&step.id).map(|step| step.id.as_str());
        let mut targets: Vec<&str> = Vec::new();
        let mut falls_through = true;
        let gotos = |reactions: &'a BTreeMap<String, Reaction>| {
            reactions.values().filter_map(|reaction| reaction.goto.as_deref())
        };
        match &step.kind {
            StepKind::Branch { arms, otherwise } => {
                targets.extend(arms.iter().map(|arm| arm.goto.as_str()));
                falls_through = otherwise.is_none();
                targets.extend(otherwise.as_deref());
            }
            StepKind::Goto(target) => {
                targets.push(target);
                falls_through = false;
            }
            StepKind::End(_) | StepKind::Handoff { .. } => falls_through = false,
            StepKind::Call { errors, .. } | StepKind::Calculate { errors, .. } => targets.extend(gotos(errors)),
            StepKind::Order(order) => {
                targets.extend(gotos(&order.outcomes));
                targets.extend(gotos(&order.errors));
                targets.extend(order.confirm.refused.as_ref().and_then(|reaction| reaction.goto.as_deref()));
            }
            StepKind::Protect(protect) => {
                targets.extend(gotos(&protect.outcomes));
                targets.extend(gotos(&protect.errors));
            }
            StepKind::Collect(slots) => {
                for slot in slots.iter().filter_map(|name| self.flow.slots.get(name)) {
                    if let Some(Options::From(listed)) = &slot.options {
                        targets.extend(listed.empty.as_ref().and_then(|reaction| reaction.goto.as_deref()));
                    }
                }
            }
            _ => {}
        }
        targets.extend(gotos(&self.flow.errors));
        // A guarded step may be skipped, whatever it does.
        if falls_through || step.when.is_some() {
            targets.extend(onward);
        }
        targets
    }

    /// A required slot that no step collects is never filled.
    fn collected(&mut self) {
        let lost: Vec<(String, Place)> = self
            .flow
            .slots
            .iter()
            .filter(|(name, slot)| slot.required && self.flow.collecting(name).is_none())
            .map(|(name, slot)| (name.clone(), slot.place.clone()))
            .collect();
        for (name, place) in lost {
            self.wrong(&place, "uncollected-slot", format!("slot {name} is required, but no step collects it"));
        }
    }
}
