//! Packs that are wrong in one way each: every one is named with its code,
//! file and line, and none is loaded. Then packs that mean harm: too large, too
//! deep, links, bombs, and files of the demo bank with chance edits.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;
use teller_kernel::Locale;
use teller_pack::{Diagnostic, Gravity, Pack, PackSource, SourceError};

const MANIFEST: &str = "\
id: small
name: { zh: 小银行, en: Small Bank }
timezone: Asia/Shanghai
hotline: 400-000-0000
own_url: /
ai_label: { zh: 智能助理生成, en: AI-generated }
greeting: { zh: 您好, en: Hello }
quick_replies:
  - { label: { zh: 转账, en: Transfer }, send: { zh: 我要转账, en: I want to pay } }
origins:
  - { origin: \"https://shop.example:8443\", ownership: third_party }
skills:
  general: { zh: 综合, en: General }
subjects: { CC: general }
understanding: { act: 0.6, ask: 0.4 }
";

const INTENTS: &str = "\
- id: FEE
  name: { zh: 手续费, en: Fees }
  tier: blue
  level: L0
  serve: { article: [fee] }
  utterances:
    zh: [转账收费吗]
    en: [is there a fee]
- id: HELLO
  name: { zh: 问好, en: Hello }
  tier: blue
  level: L0
  serve: { message: greet }
  utterances: { zh: [你好], en: [good morning] }
- id: PERSON
  name: { zh: 人工, en: A person }
  tier: blue
  level: L0
  serve: { handoff: general }
  utterances: { zh: [找人], en: [a person] }
";

const ARTICLE: &str = "\
---
id: fee
title: { zh: 手续费, en: Fees }
questions: { zh: [要钱吗] }
effective: 2026-01-01
expires: 2026-12-31
owner: 部门
source: 目录
facts:
  - { name: fee, value: \"0.00\", unit: CNY, condition: { zh: 手机, en: by phone } }
---
## zh
手机转账免费。

## en
Free by phone.
";

const MESSAGES: &str = "\
greet:
  zh: 您好，{{ customer.name }}
  en: Hello, {{ customer.name }}
bye: { zh: 再见, en: Goodbye }
";

const PRODUCTS: &str = "\
- id: card.debit
  kind: card
  name: { zh: 借记卡, en: Debit card }
  facts:
    - { name: annual_fee, value: \"0.00\" }
";

const PHRASES: &str = "\
affirm: { zh: [是], en: [\"yes\"] }
deny: { zh: [不], en: [\"no\"] }
";

const THRESHOLDS: &str = "\
key,value,unit,effective,rule,source,status
a.cap,5,CNY,2024-07-01,\"一条规则，
两行\",某办法,source_read
b.cap,6,CNY,2018-01,另一条,某公告,memory
c.cap,7,CNY,2007,第三条,某公告,secondhand
";

fn files() -> BTreeMap<String, String> {
    [
        ("pack.yaml", MANIFEST),
        ("intents/main.yaml", INTENTS),
        ("articles/fees/fee.md", ARTICLE),
        ("messages/main.yaml", MESSAGES),
        ("products/main.yaml", PRODUCTS),
        ("phrases/control.yaml", PHRASES),
        ("thresholds.csv", THRESHOLDS),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}

fn load(files: BTreeMap<String, String>) -> (Option<Pack>, Vec<Diagnostic>) {
    Pack::load(PackSource::from_files(files))
}

/// What an edit of one file of the sound pack must come to.
struct Broken {
    file: &'static str,
    /// These words, which stand there once, become those; none: the file is added.
    words: &'static str,
    become_: &'static str,
    code: &'static str,
    line: u32,
}

const fn edit(file: &'static str, words: &'static str, become_: &'static str, code: &'static str, line: u32) -> Broken {
    Broken { file, words, become_, code, line }
}

const fn add(file: &'static str, text: &'static str, code: &'static str, line: u32) -> Broken {
    Broken { file, words: "", become_: text, code, line }
}

impl Broken {
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = files();
        let text = match files.get(self.file) {
            Some(text) => {
                assert_eq!(text.matches(self.words).count(), 1, "{}: {}", self.file, self.words);
                text.replace(self.words, self.become_)
            }
            None => self.become_.to_owned(),
        };
        files.insert(self.file.to_owned(), text);
        files
    }

    /// What was found instead of the one note that is wanted.
    fn surprise(&self) -> Option<String> {
        let (pack, notes) = load(self.files());
        let found: Vec<_> = notes.iter().map(|note| (note.code, note.place.file.as_str(), note.place.line)).collect();
        let as_wanted = pack.is_none() && found == [(self.code, self.file, self.line)] && notes[0].is_error();
        (!as_wanted).then(|| {
            let notes: Vec<String> = notes.iter().map(Diagnostic::to_string).collect();
            format!("{:?} is not {} at line {}: {notes:#?}", self.become_, self.code, self.line)
        })
    }
}

const MANIFESTS: &[Broken] = &[
    edit("pack.yaml", "hotline:", "hotlin:", "bad-yaml", 4),
    edit("pack.yaml", "ownership: third_party", "ownership: theirs", "bad-yaml", 11),
    edit("pack.yaml", "own_url: /", "own_url: /\nown_url: /", "bad-yaml", 6),
    edit("pack.yaml", "own_url: /", "own_url: [/", "bad-yaml", 5),
    edit("pack.yaml", "id: small", "id: small\n---\nid: second", "bad-yaml", 1),
    edit("pack.yaml", "Asia/Shanghai", "Asia/Atlantis", "unknown-timezone", 3),
    edit("pack.yaml", "name: { zh: 小银行, en: Small Bank }", "name: { zh: 小银行 }", "missing-translation", 2),
    edit("pack.yaml", "zh: 您好, en: Hello", "zh: \" \", en: Hello", "missing-translation", 7),
    edit("pack.yaml", "send: { zh: 我要转账, en: I want to pay }", "send: { zh: 我要转账 }", "missing-translation", 9),
    edit("pack.yaml", "general: { zh: 综合, en: General }", "general: { zh: 综合 }", "missing-translation", 13),
    edit("pack.yaml", "CC: general", "CC: cards", "unknown-skill", 14),
    edit("pack.yaml", "shop.example:8443", "shop.example/page", "bad-origin", 11),
    edit("pack.yaml", "https://shop", "shop", "bad-origin", 11),
    edit("pack.yaml", "act: 0.6", "act: 60", "bad-bound", 15),
    edit("pack.yaml", "act: 0.6", "act: .nan", "bad-bound", 15),
    edit("pack.yaml", "ask: 0.4", "ask: 0.7", "bad-bound", 15),
    edit("pack.yaml", "ask: 0.4 }", "guard: 8 }", "bad-bound", 15),
    edit(
        "pack.yaml",
        "ask: 0.4 }",
        "ask: 0.4 }\ncare: { comfort: [{ mood: sad, from: 4, say: [greet] }] }",
        "bad-care",
        16,
    ),
    edit(
        "pack.yaml",
        "ask: 0.4 }",
        "ask: 0.4 }\ncare: { comfort: [{ mood: happy, from: 2, say: [greet] }] }",
        "bad-care",
        16,
    ),
    edit("pack.yaml", "ask: 0.4 }", "ask: 0.4 }\ncare: { comfort: [{ mood: sad, from: 2, say: [] }] }", "bad-care", 16),
    edit("pack.yaml", "ask: 0.4 }", "ask: 0.4 }\ncare: { sure: 2 }", "bad-care", 16),
    edit(
        "pack.yaml",
        "ask: 0.4 }",
        "ask: 0.4 }\ncare: { human: [{ mood: sad, from: 3, say: gone }] }",
        "unknown-message",
        16,
    ),
];

const INTENT_FILES: &[Broken] = &[
    edit("intents/main.yaml", "serve: { article: [fee] }", "serve: { article: [fees] }", "unknown-article", 1),
    edit("intents/main.yaml", "serve: { article: [fee] }", "serve: { article: [] }", "unserved-intent", 1),
    edit("intents/main.yaml", "message: greet", "message: gret", "unknown-message", 9),
    edit("intents/main.yaml", "handoff: general", "handoff: cards", "unknown-skill", 15),
    edit("intents/main.yaml", "message: greet", "message: greet, handoff: general", "bad-yaml", 13),
    edit("intents/main.yaml", "message: greet", "control: stop", "bad-yaml", 13),
    edit("intents/main.yaml", "- id: HELLO", "- id: FEE", "duplicate-id", 9),
    edit("intents/main.yaml", "zh: 问好, en: Hello", "zh: 问好", "missing-translation", 9),
    edit("intents/main.yaml", "zh: [你好]", "zh: [转账收费吗]", "duplicate-utterance", 9),
    edit("intents/main.yaml", "en: [good morning]", "en: [\"Is there a fee?\"]", "duplicate-utterance", 9),
    edit("intents/main.yaml", "zh: [你好], ", "", "no-utterances", 9),
    edit("intents/main.yaml", "zh: [你好]", "zh: [你好, \"？\"]", "no-utterances", 9),
    edit("intents/main.yaml", "level: L0\n  serve: { article", "level: L9\n  serve: { article", "bad-yaml", 4),
];

const ARTICLES: &[Broken] = &[
    edit("articles/fees/fee.md", "---\nid: fee", "id: fee", "no-front-matter", 0),
    edit("articles/fees/fee.md", "owner: 部门", "ownr: 部门", "bad-yaml", 7),
    edit("articles/fees/fee.md", "effective: 2026-01-01", "effective: 2026-02-30", "bad-date", 5),
    edit("articles/fees/fee.md", "expires: 2026-12-31", "expires: 31.12.2026", "bad-date", 6),
    edit("articles/fees/fee.md", "expires: 2026-12-31", "expires: 2025-12-31", "bad-date", 6),
    edit("articles/fees/fee.md", "title: { zh: 手续费, en: Fees }", "title: { zh: 手续费 }", "missing-translation", 3),
    edit("articles/fees/fee.md", "zh: 手机, en: by phone", "zh: 手机", "missing-translation", 10),
    edit("articles/fees/fee.md", "Free by phone.\n", "", "missing-translation", 0),
    edit("articles/fees/fee.md", "手机转账免费。\n", "手机转账免费。\n## 柜台\n每笔5元。\n", "unknown-section", 14),
    edit("articles/fees/fee.md", "## zh\n", "手续费\n## zh\n", "unknown-section", 12),
    add(
        "articles/zz.md",
        "---\nid: fee\ntitle: { zh: 甲, en: A }\neffective: 2026-01-01\nowner: 部\nsource: 录\n---\n## zh\n甲。\n## en\nA.\n",
        "duplicate-id",
        2,
    ),
];

const WORDS: &[Broken] = &[
    edit("messages/main.yaml", "zh: 再见, en: Goodbye", "zh: 再见", "missing-translation", 4),
    edit("messages/main.yaml", "Hello, {{ customer.name }}", "Hello, {{ customer.name", "bad-template", 2),
    edit("messages/main.yaml", "您好，{{ customer.name }}", "\"{% if a %}您好\"", "bad-template", 2),
    edit("messages/main.yaml", "您好，{{ customer.name }}", "\"{{ customer.name | mony }}\"", "bad-template", 2),
    edit(
        "messages/main.yaml",
        "您好，{{ customer.name }}",
        "\"{% if customer is definde %}好{% endif %}\"",
        "bad-template",
        2,
    ),
    edit("messages/main.yaml", "bye:", "greet:", "bad-yaml", 4),
    add("messages/second.yaml", "# More.\nbye: { zh: 再会, en: So long }\n", "duplicate-id", 2),
    edit(
        "products/main.yaml",
        "name: { zh: 借记卡, en: Debit card }",
        "name: { zh: 借记卡 }",
        "missing-translation",
        1,
    ),
    edit("products/main.yaml", "value: \"0.00\"", "value: \"0.00\", condition: { zh: 首年 }", "missing-translation", 1),
    add("products/second.yaml", "- { id: card.debit, kind: card, name: { zh: 卡, en: Card } }\n", "duplicate-id", 1),
    add("phrases/second.yaml", "deny: { zh: [否] }\n", "duplicate-id", 1),
    edit("phrases/control.yaml", "en: [\"no\"]", "fr: [non]", "bad-yaml", 2),
];

const NUMBERS: &[Broken] = &[
    edit("thresholds.csv", "另一条,某公告", "另一条,", "unsourced-threshold", 4),
    edit("thresholds.csv", "CNY,2007,", "CNY,,", "unsourced-threshold", 5),
    edit("thresholds.csv", "2018-01,", "2018-13,", "bad-date", 4),
    edit("thresholds.csv", "memory", "sure", "bad-status", 4),
    edit("thresholds.csv", "c.cap", "a.cap", "duplicate-id", 5),
    edit("thresholds.csv", "c.cap,7,CNY,", "c.cap,7,", "bad-row", 5),
];

fn check_all(table: &[Broken]) {
    let surprises: Vec<String> = table.iter().filter_map(Broken::surprise).collect();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn the_sound_pack_has_nothing_to_note() {
    let (pack, notes) = load(files());
    assert!(notes.is_empty(), "{notes:#?}");
    let pack = pack.expect("a pack without notes is loaded");
    assert_eq!((pack.intents.len(), pack.thresholds.len(), pack.products.len()), (3, 3, 1));
}

#[test]
fn a_broken_manifest_is_named_by_line() {
    check_all(MANIFESTS);
}

#[test]
fn a_broken_intent_is_named_by_line() {
    check_all(INTENT_FILES);
}

#[test]
fn a_broken_article_is_named_by_line() {
    check_all(ARTICLES);
}

#[test]
fn broken_words_are_named_by_line() {
    check_all(WORDS);
}

#[test]
fn a_broken_threshold_is_named_by_line() {
    check_all(NUMBERS);
}

#[test]
fn a_wrong_heading_of_the_thresholds_is_found() {
    let mut files = files();
    files.insert("thresholds.csv".to_owned(), THRESHOLDS.replace("source,status", "origin,status"));
    let (pack, notes) = load(files);
    assert!(pack.is_none());
    assert!(notes.iter().all(|note| note.code == "bad-row"), "{notes:#?}");
    assert_eq!(notes.iter().map(|note| note.place.line).collect::<Vec<_>>(), [2, 4, 5]);
}

#[test]
fn a_pack_without_manifest_is_no_pack() {
    let mut files = files();
    files.remove("pack.yaml");
    let (pack, notes) = load(files);
    assert!(pack.is_none());
    assert_eq!(notes[0].code, "no-manifest", "{notes:#?}");
}

#[test]
fn a_skill_that_every_bank_has_is_missed() {
    let mut files = files();
    let manifest = MANIFEST.replace("  general: {", "  cards: {").replace("CC: general", "CC: cards");
    files.insert("pack.yaml".to_owned(), manifest);
    files.insert("intents/main.yaml".to_owned(), INTENTS.replace("handoff: general", "handoff: cards"));
    let (_, notes) = load(files);
    let [note] = &notes[..] else { panic!("{notes:#?}") };
    assert_eq!((note.code, note.place.line), ("unknown-skill", 13));
}

#[test]
fn a_file_that_nothing_reads_is_a_warning() {
    for path in ["intents/more.yml", "intent/more.yaml", "limits.csv"] {
        let mut files = files();
        files.insert(path.to_owned(), "[]".to_owned());
        let (pack, notes) = load(files);
        assert!(pack.is_some(), "{path}");
        let [note] = &notes[..] else { panic!("{path}: {notes:#?}") };
        assert_eq!((note.gravity, note.code, note.place.file.as_str()), (Gravity::Warning, "unread-file", path));
    }
    let mut files = files();
    files.insert("README.md".to_owned(), "# Ours".to_owned());
    files.insert("core/bank.yaml".to_owned(), "[]".to_owned());
    assert!(load(files).1.is_empty());
}

#[test]
fn a_country_is_no_truth_value() {
    let mut files = files();
    files.insert("phrases/countries.yaml".to_owned(), "countries: { en: [NO, no, y, off] }\n".to_owned());
    let (pack, notes) = load(files);
    assert!(notes.is_empty(), "{notes:#?}");
    assert_eq!(pack.unwrap().phrases["countries"].en, ["NO", "no", "y", "off"]);
}

/// Each bomb is refused by a budget before it costs anything.
#[test]
fn bombs_are_refused() {
    let mut doubling = String::from("a0: &a0 { zh: [是] }\n");
    for level in 1..60 {
        doubling.push_str(&format!("a{level}: &a{level} {{ <<: *a{p}, zh: [*a{p}, *a{p}] }}\n", p = level - 1));
    }
    let nested = format!("a: {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let braces = format!("a: {}", "{a: ".repeat(50_000));
    let template = format!("a: {{ zh: \"{{{{ {}1{} }}}}\", en: a }}", "(".repeat(50_000), ")".repeat(50_000));
    for (file, bomb, code) in [
        ("phrases/bomb.yaml", doubling, "bad-yaml"),
        ("phrases/bomb.yaml", nested, "bad-yaml"),
        ("phrases/bomb.yaml", braces, "bad-yaml"),
        ("messages/bomb.yaml", template, "bad-template"),
    ] {
        let mut files = files();
        files.insert(file.to_owned(), bomb);
        let (pack, notes) = load(files);
        assert!(pack.is_none());
        assert_eq!(notes[0].code, code, "{}", notes[0]);
    }
}

/// What calls itself without end is stopped where it is rendered.
#[test]
fn endless_words_are_stopped() {
    let mut files = files();
    let endless = "\
include: { zh: \"{% include 'include.zh' %}\", en: a }
macro: { zh: \"{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}\", en: a }
long: { zh: \"{{ 'aaaaaaaaaa' * 100000000000 }}\", en: a }
";
    files.insert("messages/endless.yaml".to_owned(), endless.to_owned());
    let (pack, notes) = load(files);
    let pack = pack.unwrap_or_else(|| panic!("{notes:#?}"));
    for id in ["include", "macro", "long"] {
        assert!(pack.texts.message(id, Locale::Zh, &serde_json::json!({})).is_err(), "{id}");
    }
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("pack.yaml"), MANIFEST).unwrap();
    dir
}

fn sized(path: &Path, bytes: u64) {
    std::fs::File::create(path).unwrap().set_len(bytes).unwrap();
}

#[test]
fn a_folder_that_is_too_much_is_refused() {
    use teller_pack::source::{FILE_MAX_BYTES, FILES_MAX, PACK_MAX_BYTES};

    let dir = folder();
    sized(&dir.path().join("large.md"), FILE_MAX_BYTES);
    assert!(PackSource::from_dir(dir.path()).is_ok());
    sized(&dir.path().join("large.md"), FILE_MAX_BYTES + 1);
    assert!(matches!(PackSource::from_dir(dir.path()), Err(SourceError::FileTooLarge(_))));

    let dir = folder();
    for index in 0..=PACK_MAX_BYTES / FILE_MAX_BYTES {
        sized(&dir.path().join(format!("{index}.md")), FILE_MAX_BYTES);
    }
    assert!(matches!(PackSource::from_dir(dir.path()), Err(SourceError::PackTooLarge)));

    let many: BTreeMap<String, String> = (0..=FILES_MAX).map(|index| (format!("{index}.md"), String::new())).collect();
    let bundle = PackSource::from_files(many).to_bundle();
    assert!(matches!(PackSource::from_bundle(&bundle), Err(SourceError::TooManyFiles)));

    let large: BTreeMap<String, String> = [("a.md".to_owned(), " ".repeat(FILE_MAX_BYTES as usize + 1))].into();
    let bundle = PackSource::from_files(large).to_bundle();
    assert!(matches!(PackSource::from_bundle(&bundle), Err(SourceError::FileTooLarge(_))));
    assert!(matches!(PackSource::from_bundle(b"[1]"), Err(SourceError::BadBundle(_))));
}

#[test]
fn a_folder_that_is_no_pack_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(PackSource::from_dir(dir.path()), Err(SourceError::NoManifest(_))));
    assert!(matches!(PackSource::from_dir(&dir.path().join("none")), Err(SourceError::NoManifest(_))));

    let dir = folder();
    let mut deep = dir.path().to_owned();
    for _ in 0..8 {
        deep.push("d");
    }
    std::fs::create_dir_all(&deep).unwrap();
    assert!(PackSource::from_dir(dir.path()).is_ok());
    std::fs::create_dir(deep.join("d")).unwrap();
    assert!(matches!(PackSource::from_dir(dir.path()), Err(SourceError::TooDeep(_))));

    let dir = folder();
    std::fs::write(dir.path().join("a.md"), [0xff, 0xfe]).unwrap();
    assert!(matches!(PackSource::from_dir(dir.path()), Err(SourceError::NotText(_))));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.md"), "not ours").unwrap();
    let dir = folder();
    symlink(outside.path(), dir.path().join("articles")).unwrap();
    symlink(outside.path().join("secret.md"), dir.path().join("secret.md")).unwrap();
    symlink(dir.path(), dir.path().join("round")).unwrap();
    let source = PackSource::from_dir(dir.path()).unwrap();
    assert_eq!(source.paths().collect::<Vec<_>>(), ["pack.yaml"]);
}
