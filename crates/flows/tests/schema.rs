//! docs/schema/flow.schema.json against the reader of flows: both take and both
//! refuse the same, on a table of snippets and on chance changes to the demo
//! bank's flows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use boon::{Compiler, SchemaIndex, Schemas};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use teller_pack::yaml;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Book {
    schemas: Schemas,
    flow: SchemaIndex,
}

impl Book {
    fn fits(&self, value: &Value) -> Result<(), String> {
        self.schemas.validate(value, self.flow).map_err(|error| error.to_string())
    }
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let text = std::fs::read_to_string(root().join("docs/schema/flow.schema.json")).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("https://teller.invalid/flow", serde_json::from_str(&text).unwrap()).unwrap();
    let flow = compiler.compile("https://teller.invalid/flow", &mut schemas).unwrap();
    Book { schemas, flow }
});

/// The demo bank's flows, as data.
static FLOWS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root().join("packs/demo/flows")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &PathBuf| yaml::read("f", &std::fs::read_to_string(path).unwrap(), &mut Vec::new()).unwrap();
    files.iter().map(read).collect()
});

fn value(text: &str) -> Value {
    let mut notes = Vec::new();
    yaml::read("f", text, &mut notes).unwrap_or_else(|| panic!("{text}: {}", notes[0]))
}

fn reads(text: &str) -> Result<(), String> {
    let mut notes = Vec::new();
    match teller_flows::parse("f", text, &mut notes) {
        Some(_) => Ok(()),
        None => Err(notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn flow(slots: &str, steps: &str) -> String {
    format!("{{ id: a, name: {{ zh: 甲 }}, tier: red, level: L2, slots: {slots}, steps: {steps} }}")
}

const CONFIRM: &str = "confirm: { title: t, rows: [{ label: l, value: v }] }";

/// A step, and whether it is one.
const STEPS: &[(&str, bool)] = &[
    ("collect: a", true),
    ("collect: [a, b]", true),
    ("collect: 7", false),
    ("collect: { a: b }", false),
    ("collect: a, id: x, when: b", true),
    ("collect: a, goto: b", false),
    ("collect: a, into: b", false),
    ("id: x", false),
    ("call: a, into: b", true),
    ("call: a, into: b, with: { c: 1, d: true, e: \"f.g\" }, errors: { default: { end: refused } }", true),
    ("call: a", false),
    ("call: a, into: b, with: [c]", false),
    ("call: a, into: b, then: {}", false),
    ("calculate: a, into: b", true),
    ("calculate: a", false),
    ("set: { a: 1 }", true),
    ("set: a", false),
    ("set: { a: 1 }, with: { b: 1 }", false),
    ("say: a", true),
    ("say: { zh: 甲, en: A }", true),
    ("say: { zh: 甲 }", true),
    ("say: { en: A }", false),
    ("say: 7", false),
    ("say: [a]", false),
    ("card: { style: info, title: t }", true),
    ("card: { style: info }", false),
    ("card: { style: fancy, title: t }", false),
    ("card: { style: info, title: t, rows: [{ label: l }] }", false),
    ("card: { style: info, title: t, each: { of: a, label: b, value: c } }", true),
    ("card: { style: info, title: t, each: { of: a, label: b } }", false),
    ("card: { style: info, title: t, table: { of: a, columns: [b], cells: [c] } }", true),
    ("card: { style: info, title: t, table: { of: a, columns: [b] } }", false),
    ("card: { style: info, title: t, footer: n }", false),
    ("say: a, card: { style: info, title: t }, quick_replies: [{ zh: 好 }]", true),
    ("say: a, quick_replies: [好]", false),
    ("quick_replies: [{ zh: 好 }]", false),
    ("answer: a", true),
    ("answer: [a]", true),
    ("branch: [{ when: a, goto: b }], otherwise: c", true),
    ("branch: [{ when: a }]", false),
    ("branch: [{ when: a, goto: b, say: c }]", false),
    ("branch: { when: a, goto: b }", false),
    ("goto: a", true),
    ("goto: a, otherwise: b", false),
    ("goto: [a]", false),
    ("handoff: a", true),
    ("handoff: a, say: b", true),
    ("handoff: a, card: { style: info, title: t }", false),
    ("end: completed", true),
    ("end: done", false),
    ("end: completed, goto: a", false),
    ("protect: a", true),
    ("protect: a, into: b, with: { c: d }, then: { queued: { say: e } }, errors: {}", true),
    ("protect: a, then: { qued: { say: e } }", false),
    ("protect: a, confirm: { title: t, rows: [] }", false),
    ("order: a", false),
    ("order: a, level: L3", false),
];

#[test]
fn a_step_is_judged_alike() {
    let mut orders: Vec<(String, bool)> = vec![
        (format!("order: a, {CONFIRM}"), true),
        (format!("order: a, {CONFIRM}, level: L3, with: {{ b: c }}, then: {{ posted: {{ say: d }} }}"), true),
        (format!("order: a, {CONFIRM}, level: high"), false),
        (format!("order: a, {CONFIRM}, into: b"), false),
        (format!("order: a, {CONFIRM}, protect: b"), false),
        (format!("order: a, {CONFIRM}, then: {{ rejected: {{ say: d }} }}"), false),
        ("order: a, confirm: { title: t }".to_owned(), false),
        ("order: a, confirm: { rows: [{ label: l, value: v }] }".to_owned(), false),
        ("order: a, confirm: yes".to_owned(), false),
    ];
    orders.extend(STEPS.iter().map(|(step, taken)| ((*step).to_owned(), *taken)));
    agree(orders.iter().map(|(step, taken)| (flow("{}", &format!("[{{ {step} }}]")), *taken)));
}

#[test]
fn a_slot_is_judged_alike() {
    let choice = "choices: [{ id: x, label: { zh: 甲 } }]";
    let options = "options: { from: a, id: b, label: c }";
    let slots = [
        ("type: money, ask: a".to_owned(), true),
        ("ask: a".to_owned(), false),
        ("type: cash, ask: a".to_owned(), false),
        ("type: money".to_owned(), false),
        ("type: money, required: false".to_owned(), true),
        ("type: money, required: true".to_owned(), false),
        ("type: money, ask: a, retries: 5".to_owned(), true),
        ("type: money, ask: a, retries: 256".to_owned(), false),
        ("type: money, ask: a, retries: -1".to_owned(), false),
        ("type: money, ask: a, prefill: perhaps".to_owned(), false),
        ("type: money, ask: a, check: [{ when: b, say: c }]".to_owned(), true),
        ("type: money, ask: a, check: [{ when: b }]".to_owned(), false),
        ("type: money, ask: a, check: { when: b, say: c }".to_owned(), false),
        ("type: money, ask: a, depends_on: b".to_owned(), false),
        ("type: money, ask: a, depends_on: [b], quick_replies: [{ zh: 甲 }]".to_owned(), true),
        ("type: choice, ask: a".to_owned(), false),
        ("type: choice, ask: a, choices: []".to_owned(), false),
        (format!("type: choice, ask: a, {choice}"), true),
        (format!("type: choice, ask: a, {options}"), true),
        (format!("type: choice, ask: a, {options}, otherwise: name"), true),
        (format!("type: choice, ask: a, {options}, otherwise: choice"), false),
        (format!("type: choice, ask: a, {choice}, {options}"), false),
        (format!("type: money, ask: a, {choice}"), false),
        (format!("type: money, ask: a, {options}"), false),
        ("type: money, ask: a, otherwise: name".to_owned(), false),
        ("type: choice, ask: a, choices: [{ id: x }]".to_owned(), false),
        ("type: choice, ask: a, options: { from: a, id: b }".to_owned(), false),
        ("type: choice, ask: a, options: { from: a, id: b, label: c, limit: 5 }".to_owned(), false),
        ("type: choice, ask: a, options: { from: a, id: b, label: c, empty: { end: refused } }".to_owned(), true),
        ("type: choice, ask: a, options: { from: a, id: b, label: c, empty: { stop: true } }".to_owned(), false),
    ];
    agree(slots.iter().map(|(slot, taken)| (flow(&format!("{{ s: {{ {slot} }} }}"), "[{ end: completed }]"), *taken)));
}

#[test]
fn a_whole_flow_is_judged_alike() {
    let sound = flow("{}", "[{ end: completed }]");
    let edits = [
        ("id: a", "id: a", true),
        ("id: a, ", "", false),
        ("tier: red", "tier: crimson", false),
        ("level: L2", "level: L2, start_level: L0", true),
        ("level: L2", "level: L2, start_level: none", false),
        ("level: L2", "level: L2, errors: { default: { say: b } }", true),
        ("level: L2", "level: L2, errors: [a]", false),
        ("level: L2", "level: L2, errors: { default: { shout: b } }", false),
        ("level: L2", "level: L2, owner: b", false),
        ("[{ end: completed }]", "[]", false),
        ("[{ end: completed }]", "{}", false),
    ];
    agree(edits.iter().map(|(words, become_, taken)| (sound.replace(words, become_), *taken)));
}

fn agree(texts: impl Iterator<Item = (String, bool)>) {
    let mut wrong = Vec::new();
    for (text, taken) in texts {
        let (fits, reads) = (BOOK.fits(&value(&text)), reads(&text));
        if fits.is_ok() != taken || reads.is_ok() != taken {
            wrong.push(format!("{text}\n  schema: {fits:?}\n  reader: {reads:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the check adds to the reader and a schema can say as well.
#[test]
fn a_reaction_goes_one_way_and_a_confirmation_shows_something() {
    let two = flow("{}", "[{ call: a, into: b, errors: { default: { goto: c, end: refused } } }]");
    let none = flow("{}", "[{ order: a, confirm: { title: t, rows: [] } }]");
    for text in [two, none] {
        assert!(reads(&text).is_ok(), "{text}");
        assert!(BOOK.fits(&value(&text)).is_err(), "{text}");
    }
}

#[derive(Debug, Clone)]
enum Change {
    Drop,
    Rename,
    Add,
    Become(usize),
}

fn others() -> [Value; 6] {
    [json!("x"), json!(7), json!(true), json!([]), json!({}), json!(["x"])]
}

/// Every object of the value by its path, outermost first.
fn objects(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(path.clone());
            for (key, inner) in fields {
                objects(inner, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                objects(inner, format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The changed flow, and where the change was made.
fn changed(flow: &Value, object: &prop::sample::Index, key: &prop::sample::Index, change: &Change) -> (Value, String) {
    let (mut flow, mut paths) = (flow.clone(), Vec::new());
    objects(&flow, String::new(), &mut paths);
    let path = paths[object.index(paths.len())].clone();
    let fields = flow.pointer_mut(&path).and_then(Value::as_object_mut).expect("the path was just found");
    let Some(name) = fields.keys().nth(key.index(fields.len().max(1))).cloned() else { return (flow, path) };
    match change {
        Change::Drop => {
            fields.remove(&name);
        }
        Change::Rename => {
            let inner = fields.remove(&name).expect("the key was just found");
            fields.insert(format!("{name}x"), inner);
        }
        Change::Add => {
            fields.insert("surplus".to_owned(), json!("x"));
        }
        Change::Become(other) => {
            fields.insert(name.clone(), others()[*other].clone());
        }
    }
    (flow, format!("{path}/{name}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_flow_is_judged_alike(
        flow in any::<prop::sample::Index>(),
        object in any::<prop::sample::Index>(),
        key in any::<prop::sample::Index>(),
        change in prop_oneof![
            Just(Change::Drop),
            Just(Change::Rename),
            Just(Change::Add),
            (0..others().len()).prop_map(Change::Become)
        ],
    ) {
        let (flow, place) = changed(&FLOWS[flow.index(FLOWS.len())], &object, &key, &change);
        // An empty confirmation is left to the check.
        prop_assume!(!(place.ends_with("/confirm/rows") && matches!(change, Change::Become(3))));
        let (fits, reads) = (BOOK.fits(&flow), reads(&flow.to_string()));
        prop_assert_eq!(fits.is_ok(), reads.is_ok(), "{} {:?}: {:?} but {:?}", place, change, fits, reads);
    }
}
