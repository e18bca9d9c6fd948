//! The JSON Schemas of docs/schema: every file of the demo bank fits, and what
//! the readers refuse the schemas refuse too. Flows are held against their
//! reader in the flows room. Missing translations, unknown names and times that
//! are no dates are matters of the pack check, not of a schema.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use teller_kernel::assurance::{Level, Tier};
use teller_kernel::event::{EventBody, FlowOutcome, Ownership};
use teller_kernel::part::{CardStyle, Part};
use teller_kernel::{Locale, Localized, Mood, SlotType};
use teller_pack::care::Care;
use teller_pack::manifest::Understanding;
use teller_pack::pack::{Phrases, Product};
use teller_pack::{Article, Diagnostic, Intent, Manifest, yaml};

const NAMES: [&str; 8] =
    ["pack", "intents", "article-front-matter", "flow", "messages", "products", "phrases", "test-script"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(name: &str) -> Value {
    let path = root().join(format!("docs/schema/{name}.schema.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every schema, checked against the rules of its draft and compiled.
struct Book {
    schemas: Schemas,
    pages: BTreeMap<&'static str, SchemaIndex>,
}

impl Book {
    fn open() -> Self {
        let (mut schemas, mut pages) = (Schemas::new(), BTreeMap::new());
        for name in NAMES {
            let mut compiler = Compiler::new();
            compiler.enable_format_assertions();
            let address = format!("https://teller.invalid/{name}");
            compiler.add_resource(&address, document(name)).unwrap();
            pages.insert(name, compiler.compile(&address, &mut schemas).unwrap());
        }
        Self { schemas, pages }
    }

    fn fits(&self, name: &str, value: &Value) -> Result<(), String> {
        self.schemas.validate(value, self.pages[name]).map_err(|error| error.to_string())
    }
}

fn value(file: &str, text: &str) -> Value {
    let mut notes = Vec::new();
    yaml::read(file, text, &mut notes).unwrap_or_else(|| panic!("{}", notes[0]))
}

/// Every file below a folder of the demo bank with the ending.
fn demo(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("packs/demo").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder}");
    found
}

#[test]
fn every_file_of_the_demo_bank_fits() {
    let book = Book::open();
    let mut misfits = Vec::new();
    let mut fit = |name: &str, file: &str, text: &str| {
        misfits.extend(book.fits(name, &value(file, text)).err().map(|why| format!("{file}: {why}")));
    };
    fit("pack", "pack.yaml", &std::fs::read_to_string(root().join("packs/demo/pack.yaml")).unwrap());
    for (folder, name) in [
        ("intents", "intents"),
        ("flows", "flow"),
        ("messages", "messages"),
        ("products", "products"),
        ("phrases", "phrases"),
        ("tests", "test-script"),
    ] {
        for (file, text) in demo(folder, "yaml") {
            fit(name, &file, &text);
        }
    }
    for (file, text) in demo("articles", "md") {
        let (front, _) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).unwrap();
        fit("article-front-matter", &file, front);
    }
    assert!(misfits.is_empty(), "{}", misfits.join("\n"));
}

const MANIFEST: &str = "
id: a
name: { zh: 甲, en: A }
timezone: Asia/Shanghai
hotline: 95500
own_url: /
ai_label: { zh: 甲, en: A }
greeting: { zh: 甲, en: A }
skills: { general: { zh: 甲, en: A } }
";
const INTENT: &str = "- { id: A, name: { zh: 甲 }, tier: red, level: L2, serve: { flow: a }, utterances: { zh: [甲] }, third_party: jump }";
const ARTICLE: &str = "id: a\ntitle: { zh: 甲 }\neffective: 2026-01-01\nowner: b\nsource: c\n";
const PRODUCT: &str = "- { id: a, kind: card, name: { zh: 甲 }, facts: [{ name: fee, value: 5.00 }] }";
const MESSAGE: &str = "a.b: { zh: 甲 }";
const PHRASE: &str = "a: { zh: [是], en: [1] }";
const SCRIPT: &str = "{ name: a, steps: [{ say: 你好, expect: { replies: [greet] } }] }";

/// Does the reader of the section take it? The test scripts' reader lives with
/// the rehearsal, which reads them on every run of the demo's suite.
fn reads(name: &str, text: &str) -> Option<bool> {
    fn read<T: serde::de::DeserializeOwned>(text: &str) -> bool {
        yaml::read::<T>("f", text, &mut Vec::new()).is_some()
    }
    Some(match name {
        "pack" => read::<Manifest>(text),
        "intents" => read::<Vec<Intent>>(text),
        "messages" => read::<BTreeMap<String, Localized>>(text),
        "products" => read::<Vec<Product>>(text),
        "phrases" => read::<Phrases>(text),
        "article-front-matter" => {
            let text = format!("---\n{text}\n---\n## zh\n甲。\n## en\nA.\n");
            let mut notes = Vec::new();
            let read = Article::parse("f", &text, &mut notes).is_some();
            read && !notes.iter().any(|note: &Diagnostic| note.code != "missing-translation")
        }
        _ => return None,
    })
}

/// Section, words that stand in the sound text, what they become, is it taken?
const EDITS: &[(&str, &str, &str, &str, bool)] = &[
    ("pack", MANIFEST, "id: a", "id: a", true),
    ("pack", MANIFEST, "id: a", "id: 7", true),
    ("pack", MANIFEST, "id: a", "id: [a]", false),
    ("pack", MANIFEST, "id: a", "ident: a", false),
    ("pack", MANIFEST, "id: a", "id: a\ncolour: green", false),
    ("pack", MANIFEST, "name: { zh: 甲, en: A }", "name: { zh: 甲 }", true),
    ("pack", MANIFEST, "name: { zh: 甲, en: A }", "name: { en: A }", false),
    ("pack", MANIFEST, "name: { zh: 甲, en: A }", "name: A", false),
    ("pack", MANIFEST, "name: { zh: 甲, en: A }", "name: { zh: 甲, fr: A }", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\norigins: [{ origin: \"https://a.b\", ownership: own }]", true),
    ("pack", MANIFEST, "own_url: /", "own_url: /\norigins: [{ origin: \"https://a.b\", ownership: mine }]", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\norigins: [{ origin: \"https://a.b\" }]", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\nunderstanding: { act: 0.7 }", true),
    ("pack", MANIFEST, "own_url: /", "own_url: /\nunderstanding: { act: much }", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\nunderstanding: { akt: 0.7 }", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\nquick_replies: [{ label: { zh: 甲 } }]", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { comfort: [{ mood: sad, from: 2, say: [a.b] }] }", true),
    ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { comfort: [{ mood: gloomy, from: 2, say: [a.b] }] }", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { comfort: [{ mood: sad, say: [a.b] }] }", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { offer: { moods: [angry], say: a.b, reply: a.c } }", true),
    ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { offer: { moods: [angry], say: a.b } }", false),
    ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { human: [{ mood: sad, from: 3, say: a.b }], every: 2 }", true),
    ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { humans: [] }", false),
    ("intents", INTENT, "id: A", "id: A", true),
    ("intents", INTENT, "id: A, ", "", false),
    ("intents", INTENT, "tier: red", "tier: green", false),
    ("intents", INTENT, "level: L2", "level: 2", false),
    ("intents", INTENT, "level: L2", "level: L5", false),
    ("intents", INTENT, "{ flow: a }", "{ article: [a, b] }", true),
    ("intents", INTENT, "{ flow: a }", "{ article: a }", false),
    ("intents", INTENT, "{ flow: a }", "{ control: repeat }", true),
    ("intents", INTENT, "{ flow: a }", "{ control: stop }", false),
    ("intents", INTENT, "{ flow: a }", "{ flow: a, message: b }", false),
    ("intents", INTENT, "{ flow: a }", "{ page: a }", false),
    ("intents", INTENT, "{ flow: a }", "a", false),
    ("intents", INTENT, "third_party: jump", "third_party: refuse", false),
    ("intents", INTENT, "third_party: jump", "review: human", true),
    ("intents", INTENT, "third_party: jump", "review: machine", false),
    ("intents", INTENT, "{ zh: [甲] }", "{ zh: [甲], fr: [a] }", false),
    ("intents", INTENT, "{ zh: [甲] }", "[甲]", false),
    ("article-front-matter", ARTICLE, "id: a", "id: a", true),
    ("article-front-matter", ARTICLE, "owner: b\n", "", false),
    ("article-front-matter", ARTICLE, "owner: b", "owner: b\nauthor: d", false),
    ("article-front-matter", ARTICLE, "effective: 2026-01-01", "effective: 1 May 2026", false),
    ("article-front-matter", ARTICLE, "effective: 2026-01-01", "effective: 2026-02-30", false),
    ("article-front-matter", ARTICLE, "owner: b", "owner: b\nexpires: never", false),
    ("article-front-matter", ARTICLE, "owner: b", "owner: b\nfacts: [{ name: fee, value: 5 }]", true),
    ("article-front-matter", ARTICLE, "owner: b", "owner: b\nfacts: [{ name: fee }]", false),
    ("article-front-matter", ARTICLE, "owner: b", "owner: b\nfacts: { fee: 5 }", false),
    ("article-front-matter", ARTICLE, "owner: b", "owner: b\nquestions: { zh: [甲], en: [a] }", true),
    ("article-front-matter", ARTICLE, "owner: b", "owner: b\nquestions: [甲]", false),
    ("products", PRODUCT, "id: a", "id: a", true),
    ("products", PRODUCT, "kind: card, ", "", false),
    ("products", PRODUCT, "name: fee, value: 5.00", "name: fee, value: 5.00, since: 2026", false),
    ("products", PRODUCT, "name: fee, value: 5.00", "name: fee, value: { minor: 5 }", false),
    ("messages", MESSAGE, "zh: 甲", "zh: 甲", true),
    ("messages", MESSAGE, "{ zh: 甲 }", "甲", false),
    ("messages", MESSAGE, "zh: 甲", "en: A", false),
    ("messages", MESSAGE, "zh: 甲", "zh: [甲]", false),
    ("phrases", PHRASE, "zh: [是]", "zh: [是]", true),
    ("phrases", PHRASE, "zh: [是]", "zh: 是", false),
    ("phrases", PHRASE, "{ zh: [是], en: [1] }", "[是]", false),
    ("test-script", SCRIPT, "name: a", "name: a", true),
    ("test-script", SCRIPT, "name: a, ", "", false),
    ("test-script", SCRIPT, "say: 你好", "say: 你好, confirm: true", false),
    ("test-script", SCRIPT, "say: 你好, ", "", false),
    ("test-script", SCRIPT, "say: 你好", "shout: 你好", false),
    ("test-script", SCRIPT, "say: 你好", "say: 你好, paraphrases: [您好]", true),
    ("test-script", SCRIPT, "say: 你好", "confirm: maybe", false),
    ("test-script", SCRIPT, "say: 你好", "otp: right", true),
    ("test-script", SCRIPT, "say: 你好", "otp: \"000000\"", true),
    ("test-script", SCRIPT, "say: 你好", "otp: rihgt", false),
    ("test-script", SCRIPT, "say: 你好", "choose: { slot: from, label: 尾号 }", true),
    ("test-script", SCRIPT, "say: 你好", "choose: { label: 尾号 }", false),
    ("test-script", SCRIPT, "say: 你好", "core: { mode: down }", true),
    ("test-script", SCRIPT, "say: 你好", "core: { mode: asleep }", false),
    ("test-script", SCRIPT, "say: 你好", "wait_ms: 1.5", false),
    ("test-script", SCRIPT, "replies: [greet]", "flow: null", true),
    ("test-script", SCRIPT, "replies: [greet]", "events: [commit_requested]", true),
    ("test-script", SCRIPT, "replies: [greet]", "events: [commit_wished]", false),
    ("test-script", SCRIPT, "replies: [greet]", "reply: greet", false),
    ("test-script", SCRIPT, "name: a", "name: a, ledger: [{ account: b, change: { minor: -5, currency: CNY } }]", true),
    ("test-script", SCRIPT, "name: a", "name: a, ledger: [{ account: b, change: -5 }]", false),
    ("test-script", SCRIPT, "name: a", "name: a, orders: [{ operation: b, status: posted, count: -1 }]", false),
];

#[test]
fn schemas_refuse_what_the_readers_refuse() {
    let book = Book::open();
    let mut wrong = Vec::new();
    for (name, sound, words, become_, taken) in EDITS {
        assert_eq!(sound.matches(words).count(), 1, "{name}: {words}");
        let text = sound.replace(words, become_);
        let fits = book.fits(name, &value("f", &text));
        if fits.is_ok() != *taken {
            wrong.push(format!("the schema of {name}: {become_}: {fits:?}"));
        }
        if reads(name, &text).is_some_and(|read| read != *taken) {
            wrong.push(format!("the reader of {name}: {become_}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the check adds to the reader and a schema can say as well.
#[test]
fn schemas_refuse_what_the_check_refuses() {
    let book = Book::open();
    for (name, sound, words, become_) in [
        ("pack", MANIFEST, "{ general: {", "{ cards: {"),
        ("pack", MANIFEST, "own_url: /", "own_url: /\nunderstanding: { act: 60 }"),
        ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { comfort: [{ mood: happy, from: 2, say: [a.b] }] }"),
        ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { comfort: [{ mood: sad, from: 4, say: [a.b] }] }"),
        ("pack", MANIFEST, "own_url: /", "own_url: /\ncare: { comfort: [{ mood: sad, from: 2, say: [] }] }"),
        ("pack", MANIFEST, "own_url: /", "own_url: /\norigins: [{ origin: \"https://a.b/c\", ownership: own }]"),
        ("intents", INTENT, "{ flow: a }", "{ article: [] }"),
        ("intents", INTENT, "zh: [甲]", "zh: []"),
    ] {
        assert!(book.fits(name, &value("f", sound)).is_ok());
        let text = sound.replace(words, become_);
        assert_ne!(text, sound, "{words}");
        assert!(book.fits(name, &value("f", &text)).is_err(), "{become_}");
    }
}

/// The names an enum of the kernel has on the wire: of the enum itself, or of
/// the tag that tells its variants apart.
fn wire_names<T: utoipa::PartialSchema>(tag: Option<&str>) -> BTreeSet<String> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    let lists: Vec<Value> = match tag {
        None => vec![schema["enum"].clone()],
        Some(tag) => variants(&schema).iter().map(|variant| tag_of(variant, tag)).collect(),
    };
    lists.iter().flat_map(|list| list.as_array().unwrap()).map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn variants(schema: &Value) -> Vec<Value> {
    schema["oneOf"].as_array().unwrap().clone()
}

fn tag_of(variant: &Value, tag: &str) -> Value {
    let parts = variant["allOf"].as_array().cloned().unwrap_or_else(|| vec![variant.clone()]);
    let found = parts.iter().map(|part| part["properties"][tag]["enum"].clone()).find(|list| list.is_array());
    found.unwrap_or_else(|| panic!("no {tag} in {variant}"))
}

fn listed(value: &Value) -> BTreeSet<String> {
    value["enum"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn names_are_those_of_the_kernel() {
    let (flow, script, pack) = (document("flow"), document("test-script"), document("pack"));
    let defs = |document: &Value, name: &str| listed(&document["$defs"][name]);
    assert_eq!(defs(&flow, "slot_type"), wire_names::<SlotType>(None));
    assert_eq!(defs(&flow, "level"), wire_names::<Level>(None));
    assert_eq!(defs(&flow, "tier"), wire_names::<Tier>(None));
    assert_eq!(defs(&flow, "end"), wire_names::<FlowOutcome>(None));
    assert_eq!(listed(&flow["$defs"]["card"]["properties"]["style"]), wire_names::<CardStyle>(None));
    assert_eq!(defs(&pack, "ownership"), wire_names::<Ownership>(None));
    let distress = Mood::ALL.into_iter().filter(|mood| mood.is_distress()).map(|mood| mood.name().to_owned());
    assert_eq!(defs(&pack, "mood"), distress.collect());
    assert_eq!(defs(&script, "locale"), wire_names::<Locale>(None));
    assert_eq!(defs(&script, "event_kind"), wire_names::<EventBody>(Some("type")));
    assert_eq!(listed(&script["$defs"]["expect"]["properties"]["part"]), wire_names::<Part>(Some("kind")));
}

#[test]
fn bounds_default_to_what_the_code_says() {
    let coded = Understanding::default();
    let bounds = &document("pack")["properties"]["understanding"]["properties"];
    let said = ["act", "ask", "tie", "wish", "none", "interrupt", "guard"]
        .map(|name| bounds[name]["default"].as_f64().unwrap() as f32);
    assert_eq!(said, [coded.act, coded.ask, coded.tie, coded.wish, coded.none, coded.interrupt, coded.guard]);
    assert_eq!(bounds.as_object().unwrap().len(), said.len());
    let (care, coded) = (&document("pack")["properties"]["care"]["properties"], Care::default());
    assert_eq!(care["every"]["default"], coded.every);
    assert_eq!(care["sure"]["default"].as_f64().unwrap() as f32, coded.sure);
}

#[test]
fn a_definition_is_the_same_wherever_it_stands() {
    let mut seen: BTreeMap<String, (Value, &str)> = BTreeMap::new();
    for name in NAMES {
        for (definition, value) in document(name)["$defs"].as_object().unwrap() {
            let (first, place) = seen.entry(definition.clone()).or_insert_with(|| (value.clone(), name));
            assert_eq!(first, value, "`{definition}` of {name} is not that of {place}");
        }
    }
}

/// Every field says in one sentence what it is for.
#[test]
fn every_field_is_described() {
    fn walk(name: &str, path: &str, value: &Value, bare: &mut Vec<String>) {
        for (key, inner) in value.as_object().into_iter().flatten().filter(|(key, _)| *key != "if") {
            if key == "properties" {
                for (field, schema) in inner.as_object().unwrap() {
                    let sentence = schema["description"].as_str().unwrap_or_default();
                    if !sentence.ends_with('.') {
                        bare.push(format!("{name}{path}/{field}"));
                    }
                }
            }
            walk(name, &format!("{path}/{key}"), inner, bare);
        }
        for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
            walk(name, &format!("{path}/{index}"), inner, bare);
        }
    }
    let mut bare = Vec::new();
    for name in NAMES {
        walk(name, "", &document(name), &mut bare);
    }
    assert!(bare.is_empty(), "{bare:#?}");
}

#[test]
fn a_file_may_hold_one_script_or_several() {
    let book = Book::open();
    let script = value("f", SCRIPT);
    assert!(book.fits("test-script", &script).is_ok());
    assert!(book.fits("test-script", &json!([script, script])).is_ok());
    assert!(book.fits("test-script", &json!("script")).is_err());
}
