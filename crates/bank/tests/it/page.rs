//! `OPERATIONS.md` against the demo core: every field the page promises is
//! there, and no field is there that the page does not name.

use crate::house::{House, key, lin, yuan};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use teller_bank::port::CoreBank;
use teller_kernel::CustomerId;

const PAGE: &str = include_str!("../../OPERATIONS.md");

type Names = BTreeSet<String>;

/// Rows of a section: name → cells.
fn rows(title: &str) -> BTreeMap<String, Vec<String>> {
    let body = PAGE.split(&format!("## {title}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = body.lines().filter(|line| line.starts_with("| `")).flat_map(|line| {
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        let names: Vec<String> = cells[1].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        names.into_iter().map(move |name| (name, cells.clone()))
    });
    rows.collect()
}

/// Names in back-quotes, outside brackets.
fn named(cell: &str) -> Vec<String> {
    let mut depth = 0;
    let outside: String = cell
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '(');
            let keep = depth == 0;
            depth -= i32::from(*c == ')');
            keep
        })
        .collect();
    outside.split('`').skip(1).step_by(2).map(|name| name.trim_end_matches("[]").to_owned()).collect()
}

/// The names a cell promises; `as `x`` takes over those of row x.
fn promised(rows: &BTreeMap<String, Vec<String>>, cell: usize, row: &str) -> Names {
    let text = rows[row][cell].as_str();
    let mut names: Names = named(text).into_iter().collect();
    let base = text.split("as `").nth(1).and_then(|rest| rest.split('`').next());
    if let Some(base) = base {
        names.remove(base);
        names.extend(promised(rows, cell, base));
    }
    let dropped = text.split("without `").nth(1).and_then(|rest| rest.split('`').next());
    if let Some(dropped) = dropped {
        names.remove(dropped);
    }
    names
}

/// Every field name at any depth; what is inside free-form fields does not count.
fn fields(value: &Value, into: &mut Names) {
    const FREE: [&str; 5] = ["values", "result", "detail", "refusal_detail", "params"];
    match value {
        Value::Object(map) if map.len() == 2 && map.contains_key("minor") => {}
        Value::Object(map) => {
            for (name, inner) in map {
                into.insert(name.clone());
                if !FREE.contains(&name.as_str()) {
                    fields(inner, into);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, into)),
        _ => {}
    }
}

fn all_fields(value: &Value) -> Names {
    let mut names = Names::new();
    fields(value, &mut names);
    names
}

fn difference(op: &str, got: &Names, wanted: &Names) -> Option<String> {
    let not_there: Vec<&String> = wanted.difference(got).collect();
    let not_named: Vec<&String> = got.difference(wanted).collect();
    (got != wanted).then(|| format!("{op}: promised and not there {not_there:?}, there and not named {not_named:?}"))
}

struct Sample {
    customer: u32,
    params: Value,
}

fn sample(customer: u32, params: Value) -> Sample {
    Sample { customer, params }
}

fn customer(number: u32) -> CustomerId {
    CustomerId::parse(&format!("cu_{number}")).unwrap()
}

/// Parameters by which each read answers with something in it.
fn reads() -> BTreeMap<&'static str, Sample> {
    let usd = json!({"minor": 10_000, "currency": "USD"});
    let mut samples = BTreeMap::new();
    for plain in [
        "business_date",
        "customers",
        "customer",
        "accounts",
        "balances",
        "transactions",
        "cards",
        "payees",
        "limits",
        "card_bill",
        "card_bills",
        "card_points",
        "loans",
        "deposits",
        "deposit_rates",
        "fx_board",
        "fx_quota",
        "remit_check",
        "branches",
        "banks",
        "service_requests",
        "complaints",
        "disputes",
        "appointments",
        "orders",
        "schedules",
        "holds",
    ] {
        samples.insert(plain, sample(1001, json!({})));
    }
    for (name, params) in [
        ("payee_check", json!({"to_account": "6217990012345670013", "to_name": "张伟"})),
        ("transfer_quote", json!({"from_account": "ac_1001_1", "amount": yuan(100), "payee": "py_1001_1"})),
        ("instalment_options", json!({"card": "cd_1001_3"})),
        ("instalment_quote", json!({"card": "cd_1001_3", "periods": 12})),
        ("loan_schedule", json!({"loan": "ln_1001_1"})),
        ("loan_prepay_quote", json!({"loan": "ln_1001_1", "mode": "settle"})),
        ("deposit_quote", json!({"term": 12, "amount": yuan(100_000)})),
        ("early_withdraw_quote", json!({"deposit": "td_1001_1"})),
        ("fx_quote", json!({"amount": usd})),
        ("remit_quote", json!({"amount": usd, "bearer": "SHA"})),
        ("appointment_slots", json!({"branch": "br-001"})),
    ] {
        samples.insert(name, sample(1001, params));
    }
    samples.insert("instalments", sample(1023, json!({})));
    samples
}

#[tokio::test]
async fn reads_answer_what_the_page_promises() {
    let house = House::open().await;
    prepare_ground(&house).await;
    let rows = rows("Reads");
    let mut samples = reads();
    let first = |read: Value, field: &str| read["items"][0][field].clone();
    let transaction = first(house.read("transactions", json!({})).await, "id");
    samples.insert("transaction", sample(1001, json!({"transaction": transaction})));
    let order = first(house.read("orders", json!({})).await, "id");
    samples.insert("order", sample(1001, json!({"order": order})));
    let statement = house.read("service_requests", json!({"kind": "statement"})).await;
    samples.insert("document", sample(1001, json!({"document": statement["items"][0]["detail"]["document"]})));
    let mut differences = Vec::new();
    for read in teller_bank::catalog::READS {
        let sample = &samples[read.op];
        let answer = house.core.read(read.op, Some(&customer(sample.customer)), &sample.params).await.unwrap();
        let mut wanted = promised(&rows, 4, read.op);
        if matches!(read.op, "transaction" | "order") {
            let list = format!("{}s", read.op);
            wanted = promised(&rows, 4, &list);
            for of_the_list in ["items", "count", "next_cursor", "sum_in", "sum_out"] {
                wanted.remove(of_the_list);
            }
        }
        if matches!(read.op, "complaints" | "disputes" | "appointments") {
            wanted = promised(&rows, 4, "service_requests");
        }
        let mut got = all_fields(&answer);
        // Lists all have a count; the page says so once.
        if wanted.contains("items") {
            got.remove("count");
            wanted.remove("count");
        }
        differences.extend(difference(read.op, &got, &wanted));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// One of everything that is read as a list.
async fn prepare_ground(house: &House) {
    let bought = house.read("transactions", json!({"card": "cd_1001_3", "direction": "out", "limit": 1})).await;
    for (at, (op, params)) in [
        (
            "transfer",
            json!({"from_account": "ac_1001_1", "amount": yuan(100), "payee": "py_1001_1", "arrival": "delay24h"}),
        ),
        (
            "scheduled_transfer",
            json!({"from_account": "ac_1001_1", "amount": yuan(100), "payee": "py_1001_1", "day": 3, "times": 2}),
        ),
        ("statement_request", json!({"account": "ac_1001_1", "from": "2026-10-01", "to": "2026-10-31"})),
        ("complaint_open", json!({"topic": "a", "text": "b"})),
        ("dispute_open", json!({"transaction": bought["items"][0]["id"], "reason": "other"})),
        ("appointment_book", json!({"branch": "br-001", "date": "2026-11-23", "time": "09:30", "service": "c"})),
    ]
    .into_iter()
    .enumerate()
    {
        house.carry_out(op, &format!("ground{at}"), params).await;
    }
}

/// Parameters by which each operation is carried out.
async fn operations(house: &House) -> BTreeMap<&'static str, Sample> {
    let usd = |minor: i64| json!({"minor": minor, "currency": "USD"});
    let bought = house.read("transactions", json!({"card": "cd_1001_3", "direction": "out", "limit": 2})).await;
    let order = house.read("orders", json!({"cancellable": true})).await["items"][0]["id"].clone();
    let schedule = house.read("schedules", json!({})).await["items"][0]["id"].clone();
    let to_zhang = |more: Value| {
        let mut params = json!({"from_account": "ac_1001_1", "amount": yuan(100), "payee": "py_1001_1"});
        more.as_object().unwrap().iter().for_each(|(name, value)| params[name] = value.clone());
        params
    };
    BTreeMap::from([
        ("transfer", sample(1001, to_zhang(json!({})))),
        ("transfer_cancel", sample(1001, json!({"order": order}))),
        ("scheduled_transfer", sample(1001, to_zhang(json!({"day": 5, "times": 3})))),
        ("schedule_cancel", sample(1001, json!({"schedule": schedule}))),
        ("delay_set", sample(1001, json!({"arrival": "now"}))),
        ("card_repay", sample(1001, json!({"card": "cd_1001_3", "from_account": "ac_1001_1", "amount": yuan(100)}))),
        ("cc_autopay_set", sample(1001, json!({"card": "cd_1001_3", "mode": "min"}))),
        ("cc_installment", sample(1001, json!({"card": "cd_1001_3", "periods": 3}))),
        ("cc_early_settle", sample(1023, json!({"plan": "ip_1023_1"}))),
        ("deposit_open", sample(1001, json!({"from_account": "ac_1001_1", "term": 3, "amount": yuan(10_000)}))),
        ("deposit_withdraw", sample(1001, json!({"deposit": "td_1001_1", "amount": yuan(10_000)}))),
        ("loan_prepay", sample(1001, json!({"loan": "ln_1001_1", "mode": "reduce", "amount": yuan(10_000)}))),
        ("fx_buy", sample(1005, json!({"amount": usd(1_000), "from_account": "ac_1005_1", "purpose": "travel"}))),
        ("fx_sell", sample(1005, json!({"amount": usd(1_000), "from_account": "ac_1005_2"}))),
        (
            "remit_out",
            sample(
                1005,
                json!({
                    "from_account": "ac_1005_2", "amount": usd(50_000), "payee_name": "Ann Lee", "account": "000123456789",
                    "bic": "CHASUS33", "country": "US", "bearer": "SHA", "purpose": "study",
                }),
            ),
        ),
        ("limit_set", sample(1001, json!({"daily": yuan(1_000_000)}))),
        ("card_replace", sample(1001, json!({"card": "cd_1001_1", "reason": "damaged"}))),
        ("card_activate", sample(1002, json!({"card": "cd_000001"}))),
        ("card_unlock", sample(1014, json!({"card": "cd_1014_1"}))),
        ("card_loss_cancel", sample(1003, json!({"card": "cd_1003_1"}))),
        ("sms_notify_set", sample(1001, json!({"account": "ac_1001_2", "on": true}))),
        ("payee_add", sample(1001, json!({"name": "某人", "account": "62170099999999999", "bank": "CCB"}))),
        ("payee_delete", sample(1001, json!({"payee": "py_1001_3"}))),
        ("dispute_open", sample(1001, json!({"transaction": bought["items"][1]["id"], "reason": "other"}))),
        ("complaint_open", sample(1001, json!({"topic": "a", "text": "b"}))),
        (
            "appointment_book",
            sample(1001, json!({"branch": "br-001", "date": "2026-11-23", "time": "10:30", "service": "c"})),
        ),
        ("callback_book", sample(1001, json!({"date": "2026-11-21", "time": "10:30", "topic": "d"}))),
        ("statement_request", sample(1001, json!({"account": "ac_1001_1", "from": "2026-10-01", "to": "2026-10-31"}))),
        ("suggestion", sample(1001, json!({"text": "e"}))),
    ])
}

#[tokio::test]
async fn operations_state_and_do_what_the_page_promises() {
    let house = House::open().await;
    prepare_ground(&house).await;
    let lost = house.of(1003).protection("card_report_loss", "l", json!({"card": "cd_1003_1"}));
    house.core.protect(lost).await;
    house.of(1002).carry_out("card_replace", "r", json!({"card": "cd_1002_1", "reason": "damaged"})).await;
    let rows = rows("Order operations");
    let reads = super::page::rows("Reads");
    let samples = operations(&house).await;
    let mut differences = Vec::new();
    for operation in teller_bank::catalog::OPERATIONS {
        let sample = &samples[operation.op];
        let of = house.of(sample.customer);
        let prepared = house
            .core
            .prepare(&of.id, operation.op, &key(operation.op.replace('_', "-").as_str()), &sample.params)
            .await;
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error:?}", operation.op));
        let mut wanted: Names = values_promised(&rows, &reads, operation.op);
        let mut got: Names = prepared.values.as_object().unwrap().keys().cloned().collect();
        // Present only where a lock is part of the question.
        if operation.op == "card_unlock" {
            wanted.insert("lock_scope".into());
        }
        got.remove("");
        differences.extend(difference(operation.op, &got, &wanted));
        let outcome = house.core.commit(of.permit(&prepared, operation.op.replace('_', "-").as_str())).await;
        assert!(outcome.code.is_none(), "{}: {outcome:?}", operation.op);
        let got: Names = outcome.result.as_object().unwrap().keys().cloned().collect();
        for name in result_promised(&rows, operation.op) {
            assert!(got.contains(&name), "result of {} has no {name}: {got:?}", operation.op);
        }
        assert!(got.contains("receipt_no"), "{}", operation.op);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn values_promised(rows: &BTreeMap<String, Vec<String>>, reads: &BTreeMap<String, Vec<String>>, op: &str) -> Names {
    let cell = rows[op][3].as_str();
    if cell == "the same" {
        return values_promised(rows, reads, "fx_buy");
    }
    let mut names: Names = named(cell).into_iter().collect();
    if let Some(base) = cell.split("as `").nth(1).and_then(|rest| rest.split('`').next()) {
        names.remove(base);
        names.extend(if reads.contains_key(base) {
            promised(reads, 4, base)
        } else {
            values_promised(rows, reads, base)
        });
    }
    if let Some(dropped) = cell.split("without `").nth(1).and_then(|rest| rest.split('`').next()) {
        names.remove(dropped);
    }
    names
}

fn result_promised(rows: &BTreeMap<String, Vec<String>>, op: &str) -> Vec<String> {
    let cell = rows[op][4].as_str();
    if cell == "the same" {
        return result_promised(rows, "fx_buy");
    }
    // What a held or accepted order adds comes later.
    named(cell.split("; once").next().unwrap_or(cell))
        .into_iter()
        .take_while(|name| !matches!(name.as_str(), "next_day" | "held" | "accepted"))
        .collect()
}

#[tokio::test]
async fn protections_answer_what_the_page_promises() {
    let house = House::open().await;
    let rows = rows("Protective operations");
    house
        .carry_out("transfer", "t", json!({"from_account": "ac_1001_1", "amount": yuan(100), "payee": "py_1001_1"}))
        .await;
    for (at, (op, params)) in [
        ("card_lock", json!({"card": "cd_1001_1"})),
        ("card_report_loss", json!({"card": "cd_1001_3"})),
        ("stop_payment", json!({})),
        ("hold_place", json!({"account": "ac_1001_1"})),
    ]
    .into_iter()
    .enumerate()
    {
        let outcome = house.core.protect(house.of(1001).protection(op, &format!("p{at}"), params)).await;
        let got: Names = outcome.result.as_object().unwrap().keys().cloned().collect();
        for name in named(&rows[op][3]) {
            assert!(got.contains(&name), "{op} has no {name}: {got:?}");
        }
    }
    assert_eq!(house.core.query(&lin(), "card_lock", &key("p0")).await.unwrap().unwrap().operation, "card_lock");
}
