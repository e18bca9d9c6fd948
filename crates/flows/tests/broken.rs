//! Flows that are wrong in one way each: every one is named with its code, file
//! and line. What the reader refuses and what the check refuses stand apart.

use std::collections::BTreeMap;
use teller_flows::Flow;
use teller_flows::check::{Operations, flows_of};
use teller_flows::model::StepKind;
use teller_pack::{Diagnostic, Pack, PackSource};

const MANIFEST: &str = "\
id: small
name: { zh: 小银行, en: Small Bank }
timezone: Asia/Shanghai
hotline: 400-000-0000
own_url: /
ai_label: { zh: 智能助理生成, en: AI-generated }
greeting: { zh: 您好, en: Hello }
skills: { general: { zh: 综合, en: General } }
human_flow: pay
";

const INTENTS: &str = "\
- id: PAY
  name: { zh: 转账, en: Pay }
  tier: red
  level: L2
  serve: { flow: pay }
  utterances: { zh: [我要转账], en: [pay] }
";

const MESSAGES: &str = "\
ask_amount: { zh: 转多少, en: How much }
ask_from: { zh: 从哪转, en: From where }
too_small: { zh: 要大于零, en: More than zero }
no_account: { zh: 没有账户, en: No account }
title: { zh: 请核对, en: Please check }
done: { zh: \"已转{{ order.values.amount | money }}\", en: Sent }
refused: { zh: \"没有转{{ refusal.limit | money }}\", en: \"Refused: {{ code }}\" }
amount: { zh: 金额, en: Amount }
";

const FLOW: &str = "\
# A whole small flow.
id: pay
name: { zh: 转账, en: Pay }
tier: red
level: L2
slots:
  amount:
    type: money
    ask: ask_amount
    check: [{ when: amount.minor <= 0, say: too_small }]
    quick_replies: [{ zh: 一百元, en: 100 yuan }]
  from:
    type: choice
    ask: ask_from
    options:
      from: accounts.items
      id: item.id
      label: { zh: \"{{ item.label }}\", en: \"{{ item.label_en }}\" }
      empty: { say: no_account, end: refused }
  speed:
    type: choice
    required: false
    choices:
      - { id: now, label: { zh: 立即, en: Now } }
      - { id: later, label: { zh: 稍后, en: Later } }
  remark: { type: text, required: false, depends_on: [amount] }
errors:
  default: { say: refused, end: refused }
steps:
  - id: read
    call: accounts
    with: { active: true, currency: \"'CNY'\" }
    into: accounts
  - id: ask
    collect: [amount, from, speed]
  - id: sum
    calculate: fee
    with: { amount: amount }
    into: fee
  - set: { urgent: \"speed is defined and speed.id == 'now'\" }
  - id: choose
    branch:
      - { when: \"fee.minor > thresholds['fee.cap'] | int\", goto: person }
    otherwise: order
  - id: order
    order: transfer
    with: { from: from.id, amount: amount }
    confirm:
      title: title
      rows:
        - { label: amount, value: \"{{ order.values.amount | money }}\", when: order.values }
      refused: { clear: [amount], goto: ask }
    then:
      posted:
        say: done
        card:
          style: receipt
          title: title
          table: { of: result.items, columns: [amount], cells: [\"{{ item.amount }}\"] }
      held: { handoff: general }
    errors:
      LIMIT: { say: refused, card: { style: warning, title: refused }, goto: ask }
  - id: finish
    end: completed
  - id: person
    handoff: general
    say: done
";

const FILE: &str = "flows/pay.yaml";

fn files() -> BTreeMap<String, String> {
    [
        ("pack.yaml", MANIFEST),
        ("intents/main.yaml", INTENTS),
        ("messages/main.yaml", MESSAGES),
        ("articles/fee.md", "---\nid: fee\ntitle: { zh: 甲, en: A }\neffective: 2026-01-01\nowner: 部\nsource: 录\n---\n## zh\n甲。\n## en\nA.\n"),
        ("thresholds.csv", "key,value,unit,effective,rule,source,status\nfee.cap,5,CNY,2026-01-01,规则,办法,memory\n"),
        (FILE, FLOW),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}

fn operations() -> Operations {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Operations {
        reads: names(&["accounts"]),
        orders: names(&["transfer"]),
        protects: names(&["card_lock"]),
        calculators: names(&["fee"]),
    }
}

fn check(files: BTreeMap<String, String>) -> (BTreeMap<String, Flow>, Vec<Diagnostic>) {
    let (pack, notes) = Pack::load(PackSource::from_files(files));
    let pack = pack.unwrap_or_else(|| panic!("{notes:#?}"));
    flows_of(&pack, &operations())
}

/// Words that stand once in the sound flow, what they become, the code and the
/// line it is found at.
type Broken = (&'static str, &'static str, &'static str, u32);

fn surprise((words, become_, code, line): &Broken) -> Option<String> {
    assert_eq!(FLOW.matches(words).count(), 1, "{words}");
    let mut files = files();
    files.insert(FILE.to_owned(), FLOW.replace(words, become_));
    let (_, notes) = check(files);
    let found: Vec<_> =
        notes.iter().map(|note| (note.code, note.place.file.as_str(), note.place.line, note.is_error())).collect();
    (found != [(*code, FILE, *line, true)]).then(|| {
        let notes: Vec<String> = notes.iter().map(Diagnostic::to_string).collect();
        format!("{become_:?} is not {code} at line {line}: {notes:#?}")
    })
}

fn check_all(table: &[Broken]) {
    let surprises: Vec<String> = table.iter().filter_map(surprise).collect();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn the_sound_flow_has_nothing_to_note() {
    let (flows, notes) = check(files());
    assert!(notes.is_empty(), "{notes:#?}");
    assert_eq!(flows["pay"].steps.len(), 8);
}

#[test]
fn what_the_reader_refuses_is_named_by_line() {
    check_all(&[
        ("tier: red", "tier: purple", "bad-yaml", 4),
        ("level: L2", "levle: L2", "bad-yaml", 5),
        ("type: money", "type: cash", "bad-yaml", 8),
        ("type: money", "type: money\n    type: money", "bad-yaml", 9),
        ("style: receipt", "style: paper", "bad-yaml", 57),
        // Two kinds in one step, a kind's key in another's, none at all.
        ("    end: completed", "    end: completed\n    goto: ask", "bad-step", 63),
        ("    calculate: fee\n", "    calculate: fee\n    collect: amount\n", "bad-step", 36),
        ("  - id: finish\n    end: completed", "  - id: finish", "bad-step", 63),
        ("    end: completed", "    end: completed\n    into: x", "bad-step", 63),
        (
            "general\n    say: done\n",
            "general\n    say: done\n    card: { style: info, title: title }\n",
            "bad-step",
            65,
        ),
        ("    into: accounts\n", "", "bad-step", 30),
        (
            "    confirm:\n      title: title\n      rows:\n        - { label: amount, value: \"{{ order.values.amount | money }}\", when: order.values }\n      refused: { clear: [amount], goto: ask }\n",
            "",
            "bad-step",
            45,
        ),
        ("      held: {", "      hold: {", "bad-step", 45),
        // Slots.
        ("    ask: ask_amount\n", "", "no-question", 8),
        ("    type: money", "    type: choice", "choice-options", 8),
        ("    type: money", "    type: money\n    choices: [{ id: a, label: { zh: 甲, en: A } }]", "choice-options", 8),
        ("    type: money", "    type: money\n    otherwise: name", "choice-options", 8),
        ("    ask: ask_from", "    ask: ask_from\n    otherwise: choice", "choice-options", 13),
        (
            "    ask: ask_from",
            "    ask: ask_from\n    choices: [{ id: a, label: { zh: 甲, en: A } }]",
            "two-option-lists",
            13,
        ),
    ]);
}

#[test]
fn unknown_names_are_named_by_line() {
    check_all(&[
        ("collect: [amount, from, speed]", "collect: [amount, from, sped]", "unknown-slot", 34),
        ("clear: [amount]", "clear: [amont]", "unknown-slot", 45),
        ("depends_on: [amount]", "depends_on: [amont]", "unknown-slot", 26),
        ("with: { amount: amount }", "with: { amount: amuont }", "unknown-slot", 36),
        ("from: accounts.items", "from: acounts.items", "unknown-slot", 13),
        ("refused: { clear: [amount], goto: ask }", "refused: { clear: [amount], goto: aks }", "unknown-step", 45),
        ("otherwise: order", "otherwise: ordre", "unknown-step", 41),
        ("goto: person }", "goto: persons }", "unknown-step", 41),
        ("call: accounts", "call: account", "unknown-operation", 30),
        ("calculate: fee", "calculate: fees", "unknown-operation", 36),
        ("order: transfer", "order: transfers", "unknown-operation", 45),
        ("    order: transfer", "    order: accounts", "unknown-operation", 45),
        ("held: { handoff: general }", "held: { handoff: cards }", "unknown-skill", 45),
        ("    handoff: general\n    say: done", "    handoff: cards\n    say: done", "unknown-skill", 65),
        ("ask: ask_amount", "ask: ask_amuont", "unknown-message", 8),
        ("      title: title\n      rows", "      title: tilte\n      rows", "unknown-message", 45),
        ("empty: { say: no_account", "empty: { say: none", "unknown-message", 13),
        ("default: { say: refused", "default: { say: refsed", "unknown-message", 2),
        ("  - set: {", "  - answer: fees\n  - set: {", "unknown-article", 40),
        ("thresholds['fee.cap']", "thresholds['fee.top']", "unknown-threshold", 41),
    ]);
}

#[test]
fn what_cannot_work_is_named_by_line() {
    check_all(&[
        ("    otherwise: order\n", "    otherwise: finish\n", "unreachable-step", 45),
        ("    end: completed\n", "    end: completed\n  - say: done\n", "unreachable-step", 65),
        ("collect: [amount, from, speed]", "collect: [amount, speed]", "uncollected-slot", 13),
        ("depends_on: [amount]", "depends_on: [remark]", "circular-slot", 26),
        ("held: { handoff: general }", "held: { handoff: general, end: completed }", "two-ways", 45),
        ("clear: [amount], goto: ask }", "clear: [amount], goto: ask, end: cancelled }", "two-ways", 45),
        ("columns: [amount]", "columns: [amount, amount]", "ragged-table", 45),
        ("  - id: sum", "  - id: read", "duplicate-id", 36),
        ("id: later", "id: now", "duplicate-id", 21),
        (
            "    with: { amount: amount }\n    into: fee\n",
            "    with: { amount: 5 }\n    into: fee\n  - set: { amount: 5 }\n",
            "name-taken",
            8,
        ),
        ("  - set: { urgent:", "  - set: { thresholds:", "name-taken", 40),
        ("  remark: {", "  today: {", "name-taken", 26),
        ("when: amount.minor <= 0", "when: amount.minor <", "bad-expression", 8),
        ("with: { from: from.id,", "with: { from: from.id +,", "bad-expression", 45),
        ("{{ item.amount }}", "{{ item.amount", "bad-expression", 45),
        ("{{ order.values.amount | money }}\", when", "{{ order.values.amount | mony }}\", when", "bad-expression", 45),
        ("speed is defined and", "speed is definde and", "bad-expression", 40),
    ]);
}

#[test]
fn missing_words_are_named_by_line() {
    check_all(&[
        ("name: { zh: 转账, en: Pay }", "name: { zh: 转账 }", "missing-translation", 2),
        ("quick_replies: [{ zh: 一百元, en: 100 yuan }]", "quick_replies: [{ zh: 一百元 }]", "missing-translation", 8),
        ("label: { zh: 稍后, en: Later }", "label: { zh: 稍后 }", "missing-translation", 21),
        (", en: \"{{ item.label_en }}\" }", " }", "missing-translation", 13),
        ("ask: ask_amount", "ask: { zh: 多少 }", "missing-translation", 8),
        ("general\n    say: done\n", "general\n    say: { zh: 好 }\n", "missing-translation", 65),
    ]);
}

#[test]
fn a_confirmation_shows_something() {
    let row = "        - { label: amount, value: \"{{ order.values.amount | money }}\", when: order.values }\n";
    let mut files = files();
    files.insert(FILE.to_owned(), FLOW.replace(row, "").replace("      rows:\n", "      rows: []\n"));
    let (_, notes) = check(files);
    let [note] = &notes[..] else { panic!("{notes:#?}") };
    assert_eq!((note.code, note.place.line), ("nothing-shown", 45));
}

#[test]
fn an_empty_flow_is_none() {
    let mut files = files();
    files.insert(
        "flows/empty.yaml".to_owned(),
        "id: empty\nname: { zh: 空, en: E }\ntier: blue\nlevel: L0\nsteps: []\n".to_owned(),
    );
    let (flows, notes) = check(files);
    assert!(!flows.contains_key("empty"));
    let [note] = &notes[..] else { panic!("{notes:#?}") };
    assert_eq!((note.code, note.place.file.as_str(), note.place.line), ("empty-flow", "flows/empty.yaml", 1));
}

#[test]
fn flows_and_what_leads_to_them_are_held_together() {
    let mut twice = files();
    twice.insert("flows/zz.yaml".to_owned(), FLOW.to_owned());
    let (_, notes) = check(twice);
    let [note] = &notes[..] else { panic!("{notes:#?}") };
    assert_eq!((note.code, note.place.file.as_str(), note.place.line), ("duplicate-id", "flows/zz.yaml", 2));

    let mut lost = files();
    lost.insert("intents/main.yaml".to_owned(), INTENTS.replace("flow: pay", "flow: pya"));
    let (_, notes) = check(lost);
    let [unknown, unserved] = &notes[..] else { panic!("{notes:#?}") };
    assert_eq!(
        (unknown.code, unknown.place.file.as_str(), unknown.place.line),
        ("unknown-flow", "intents/main.yaml", 1)
    );
    assert_eq!((unserved.code, unserved.is_error(), unserved.place.line), ("unserved-flow", false, 2));

    let mut human = files();
    human.insert("pack.yaml".to_owned(), MANIFEST.replace("human_flow: pay", "human_flow: person"));
    let (_, notes) = check(human);
    let [note] = &notes[..] else { panic!("{notes:#?}") };
    assert_eq!((note.code, note.place.file.as_str(), note.place.line), ("unknown-flow", "pack.yaml", 9));
}

/// Every operation the flows name is taken for known: which there are is the
/// bank room's knowledge, and held against the flows where both meet.
#[test]
fn the_demo_bank_has_nothing_to_note() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/demo");
    let (pack, notes) = Pack::load(PackSource::from_dir(&folder).unwrap());
    assert!(notes.is_empty(), "{notes:#?}");
    let pack = pack.unwrap();
    let mut operations = Operations::default();
    for (file, text) in pack.source.under("flows/", ".yaml") {
        let flow = teller_flows::parse(file, text, &mut Vec::new()).unwrap();
        for step in flow.steps {
            match step.kind {
                StepKind::Call { operation, .. } => operations.reads.insert(operation),
                StepKind::Calculate { name, .. } => operations.calculators.insert(name),
                StepKind::Order(order) => operations.orders.insert(order.operation),
                StepKind::Protect(protect) => operations.protects.insert(protect.operation),
                _ => false,
            };
        }
    }
    let (flows, notes) = flows_of(&pack, &operations);
    assert!(notes.is_empty(), "{notes:#?}");
    assert!(flows.len() >= 40, "{}", flows.len());
}
