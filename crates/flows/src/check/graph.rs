//! The flow as a graph: every step can be reached, every required slot is asked
//! for, and no slot is cleared by its own correction.

use super::Checker;
use crate::model::*;
use std::collections::{BTreeMap, BTreeSet};
use teller_pack::Place;

impl<'a> Checker<'a> {
    pub(super) fn graph(&mut self) {
        // With a step's name in doubt, what leads where is not known.
        let doubt = |code| code == "unknown-step" || code == "duplicate-id";
        if !self.notes[self.before..].iter().any(|note| doubt(note.code)) {
            self.reachability();
        }
        self.collected();
        self.circles();
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

    /// A slot that depends on itself would be cleared by what corrects it.
    fn circles(&mut self) {
        let flow = self.flow;
        for (name, slot) in flow.slots.iter().filter(|(name, _)| flow.dependents(name).contains(&name.as_str())) {
            self.wrong(&slot.place, "circular-slot", format!("slot {name} depends on itself, through `depends_on`"));
        }
    }
}
