//! The port over the sandbox bank, in process: what a house may rely on
//! whatever core stands behind it.

use crate::house::{House, NOW_MS, key, lin, protection, transfer, yuan};
use serde_json::json;
use std::sync::atomic::Ordering;
use teller_bank::digest;
use teller_bank::permit::{
    CommitPermit, Confirmation, ConfirmedEvidence, OtpProof, PolicyVerdict, StaffDecision, StaffReleaseEvidence,
    Verdict,
};
use teller_bank::port::{CoreBank, CoreError, Health, OrderStatus, Prepared};
use teller_bank::testing::Fault;
use teller_kernel::event::CommitStatus;
use teller_kernel::{CustomerId, Level, StaffId};

#[tokio::test]
async fn a_transfer_is_posted_once_and_the_balance_says_so() {
    let house = House::open().await;
    let before = house.available("ac_1001_1").await;
    let prepared = house.prepare("transfer", "a", transfer(320_000)).await;
    assert_eq!(prepared.values["to_bank_name"], "中国建设银行");
    assert_eq!(prepared.values["total"], yuan(320_000));
    assert_eq!(house.available("ac_1001_1").await, before, "prepare reserves nothing");
    let outcome = house.core.commit(house.permit(&prepared, "a")).await;
    assert_eq!(outcome.status, CommitStatus::Posted);
    assert_eq!(outcome.result["balance_after"], yuan(before - 320_000));
    let again = house.core.commit(house.permit(&prepared, "a")).await;
    assert_eq!(again, outcome, "a confirm sent twice answers the same");
    assert_eq!(house.available("ac_1001_1").await, before - 320_000);
    let newest = house.read("transactions", json!({"account": "ac_1001_1", "limit": 1})).await;
    assert_eq!(newest["items"][0]["order"], json!(prepared.order_id));
    assert_eq!(newest["items"][0]["counterparty_name"], "张伟");
}

#[tokio::test]
async fn the_same_key_with_other_content_conflicts() {
    let house = House::open().await;
    let first = house.prepare("transfer", "same", transfer(100)).await;
    let again = house.prepare("transfer", "same", transfer(100)).await;
    assert_eq!(first, again);
    let other = house.core.prepare(&lin(), "transfer", &key("same"), &transfer(200)).await;
    assert_eq!(other.unwrap_err().code(), "IDEMPOTENCY_CONFLICT");
}

#[tokio::test]
async fn a_lost_reply_is_unknown_and_found_out_by_query() {
    let house = House::open().await;
    let before = house.available("ac_1001_1").await;
    let prepared = house.prepare("transfer", "lost", transfer(50_000)).await;
    house.fail_next(&[Fault::DropReply]);
    let outcome = house.core.commit(house.permit(&prepared, "lost")).await;
    assert_eq!(outcome.status, CommitStatus::Unknown);
    let confirms = house.sent.lock().iter().filter(|path| path.ends_with("/confirm")).count();
    assert_eq!(confirms, 1, "an effect is never sent again");
    let state = house.core.query(&lin(), "transfer", &key("lost")).await.unwrap().unwrap();
    assert_eq!(state.status, OrderStatus::Posted);
    let settled = house.core.settle(&lin(), "transfer", &key("lost")).await.unwrap();
    assert_eq!(settled.status, CommitStatus::Posted);
    assert_eq!(house.available("ac_1001_1").await, before - 50_000);
}

#[tokio::test]
async fn a_lost_request_is_settled_so_that_a_late_one_does_nothing() {
    let house = House::open().await;
    let before = house.available("ac_1001_1").await;
    let prepared = house.prepare("transfer", "late", transfer(50_000)).await;
    house.fail_next(&[Fault::DropRequest]);
    let outcome = house.core.commit(house.permit(&prepared, "late")).await;
    assert_eq!(outcome.status, CommitStatus::Unknown);
    let settled = house.core.settle(&lin(), "transfer", &key("late")).await.unwrap();
    assert_eq!(settled.status, CommitStatus::Cancelled);
    let late = house.core.commit(house.permit(&prepared, "late")).await;
    assert_eq!(late.status, CommitStatus::Cancelled);
    assert_eq!(house.available("ac_1001_1").await, before);
}

#[tokio::test]
async fn a_key_never_seen_is_definitely_nothing() {
    let house = House::open().await;
    assert_eq!(house.core.query(&lin(), "transfer", &key("never")).await, Ok(None));
    let settled = house.core.settle(&lin(), "transfer", &key("never")).await.unwrap();
    assert_eq!((settled.status, settled.code.as_deref()), (CommitStatus::Cancelled, Some("NOT_FOUND")));
}

#[tokio::test]
async fn refusals_carry_their_code_and_detail() {
    let house = House::open().await;
    let cases = [
        (transfer(5_000_100), "LIMIT_SINGLE"),
        (transfer(4_000_000), "INSUFFICIENT_FUNDS"),
        (transfer(0), "BAD_PARAM"),
        (
            json!({"from_account": "ac_1001_1", "amount": yuan(100), "to_account": "6217990012345670013", "to_name": "章伟", "to_bank": "CCB"}),
            "NAME_MISMATCH",
        ),
        (
            json!({"from_account": "ac_1001_1", "amount": yuan(100), "to_account": "6216990056789000056", "to_name": "周建平"}),
            "COUNTERPARTY_CLOSED",
        ),
        (
            json!({"from_account": "ac_1002_1", "amount": yuan(100), "to_account": "6217990012345670013", "to_name": "张伟"}),
            "NOT_FOUND",
        ),
    ];
    for (at, (params, code)) in cases.into_iter().enumerate() {
        let refused = house.core.prepare(&lin(), "transfer", &key(&format!("r{at}")), &params).await.unwrap_err();
        assert_eq!(refused.code(), code, "{params}");
    }
    let CoreError::Refused(refusal) =
        house.core.prepare(&lin(), "transfer", &key("f"), &transfer(4_000_000)).await.unwrap_err()
    else {
        panic!("a business reason");
    };
    assert_eq!(refusal.detail["available"], yuan(2_531_042));
    assert_eq!(refusal.detail["short_by"], yuan(4_000_000 - 2_531_042));
}

#[tokio::test]
async fn parameters_outside_the_catalogue_never_leave_the_house() {
    let house = House::open().await;
    let mut params = transfer(100);
    params["sudo"] = json!(true);
    let refused = house.core.prepare(&lin(), "transfer", &key("x"), &params).await;
    assert_eq!(refused, Err(CoreError::BadParam("sudo".into())));
    let refused = house.core.prepare(&lin(), "mint_money", &key("x"), &json!({})).await;
    assert_eq!(refused, Err(CoreError::UnknownOperation("mint_money".into())));
    assert!(house.core.read("faults", None, &json!({})).await.is_err());
    assert!(house.sent.lock().is_empty());
}

#[tokio::test]
async fn a_delayed_transfer_can_be_taken_back_until_it_is_due() {
    let house = House::open().await;
    let before = house.available("ac_1001_1").await;
    let mut params = transfer(60_000);
    params["arrival"] = json!("delay24h");
    let accepted = house.carry_out("transfer", "d1", params.clone()).await;
    assert_eq!(accepted.status, CommitStatus::Accepted);
    assert_eq!(house.available("ac_1001_1").await, before - 60_000, "the amount is held");
    let orders = house.read("orders", json!({"cancellable": true})).await;
    let order = orders["items"][0]["id"].clone();
    let cancelled = house.carry_out("transfer_cancel", "d2", json!({"order": order})).await;
    assert_eq!(cancelled.status, CommitStatus::Posted);
    assert_eq!(house.available("ac_1001_1").await, before);

    let second = house.carry_out("transfer", "d3", params).await;
    assert_eq!(second.status, CommitStatus::Accepted);
    house.now_ms.fetch_add(86_400_000, Ordering::SeqCst);
    let state = house.core.query(&lin(), "transfer", &key("d3")).await.unwrap().unwrap();
    assert_eq!(state.status, OrderStatus::Posted, "due after 24 hours");
    assert_eq!(house.available("ac_1001_1").await, before - 60_000);
    let late = house.core.prepare(&lin(), "transfer_cancel", &key("d4"), &json!({"order": state.order_id})).await;
    assert_eq!(late.unwrap_err().code(), "NOT_ALLOWED");
}

#[tokio::test]
async fn a_locked_card_stops_its_account_until_it_is_unlocked() {
    let house = House::open().await;
    let locked = house.core.protect(protection("card_lock", "l", json!({"card": "cd_1001_1"}))).await;
    assert_eq!(locked.status, CommitStatus::Posted);
    let again = house.core.protect(protection("card_lock", "l", json!({"card": "cd_1001_1"}))).await;
    assert_eq!(again, locked, "idempotent by key");
    let refused = house.core.prepare(&lin(), "transfer", &key("t"), &transfer(100)).await.unwrap_err();
    assert_eq!(refused.code(), "ACCOUNT_FROZEN");
    let unlocked = house.carry_out("card_unlock", "u", json!({"card": "cd_1001_1"})).await;
    assert_eq!(unlocked.status, CommitStatus::Posted);
    assert_eq!(house.carry_out("transfer", "t2", transfer(100)).await.status, CommitStatus::Posted);
}

#[tokio::test]
async fn a_transfer_confirmed_after_the_card_was_locked_is_rejected() {
    let house = House::open().await;
    let prepared = house.prepare("transfer", "race", transfer(100)).await;
    house.core.protect(protection("card_report_loss", "loss", json!({"card": "cd_1001_1"}))).await;
    let outcome = house.core.commit(house.permit(&prepared, "race")).await;
    assert_eq!((outcome.status, outcome.code.as_deref()), (CommitStatus::Rejected, Some("ACCOUNT_FROZEN")));
    assert_eq!(outcome.result["reason"], "card_lost");
}

#[tokio::test]
async fn stop_payment_takes_back_what_was_not_sent_and_asks_for_the_rest() {
    let house = House::open().await;
    let before = house.available("ac_1001_1").await;
    let mut params = transfer(70_000);
    params["arrival"] = json!("next_day");
    assert_eq!(house.carry_out("transfer", "s1", params).await.status, CommitStatus::Accepted);
    let stopped = house.core.protect(protection("stop_payment", "stop1", json!({"reason": "fraud"}))).await;
    assert_eq!(stopped.result["effect"], "cancelled");
    assert_eq!(house.available("ac_1001_1").await, before);

    assert_eq!(house.carry_out("transfer", "s2", transfer(70_000)).await.status, CommitStatus::Posted);
    let stopped = house.core.protect(protection("stop_payment", "stop2", json!({}))).await;
    assert_eq!(stopped.result["effect"], "recall_requested");
    assert!(stopped.result["number"].as_str().unwrap().starts_with("ZF"));

    let father = json!({"from_account": "ac_1001_1", "amount": yuan(70_000), "payee": "py_1001_4"});
    assert_eq!(house.carry_out("transfer", "s3", father).await.status, CommitStatus::Posted);
    let stopped = house.core.protect(protection("stop_payment", "stop3", json!({}))).await;
    assert_eq!((&stopped.result["effect"], &stopped.result["held"]), (&json!("payee_held"), &yuan(70_000)));
}

#[tokio::test]
async fn a_remittance_leaves_only_when_two_people_release_it() {
    let house = House::open().await;
    let emily = CustomerId::parse("cu_1005").unwrap();
    let params = json!({
        "from_account": "ac_1005_2", "amount": {"minor": 120_000, "currency": "USD"}, "payee_name": "Susan Carter",
        "account": "GB82 WEST 1234 5698 7654 32", "bic": "WESTGB2L", "country": "GB", "bearer": "SHA", "purpose": "family",
    });
    let prepared = house.core.prepare(&emily, "remit_out", &key("rm"), &params).await.unwrap();
    let seen = digest(&prepared.values);
    let mut evidence = ConfirmedEvidence {
        customer: emily.clone(),
        operation: "remit_out".into(),
        key: key("rm"),
        order_id: prepared.order_id.clone(),
        values: prepared.values.clone(),
        verdict: PolicyVerdict::Allow { rule: "test".into() },
        confirmation: Confirmation { digest: seen.clone(), accepted_at_ms: NOW_MS, expires_at_ms: NOW_MS + 1 },
        required: Level::L2,
        held: Level::L2,
        otp: None,
        now_ms: NOW_MS,
    };
    evidence.otp = Some(OtpProof { digest: seen.clone(), passed_at_ms: NOW_MS });
    let held = house.core.commit(CommitPermit::confirmed(evidence).unwrap()).await;
    assert_eq!(held.status, CommitStatus::Held);
    let staff = |id: &str| StaffDecision { staff: StaffId::parse(id).unwrap(), digest: seen.clone(), at_ms: NOW_MS };
    let release = |verdict: Verdict| StaffReleaseEvidence {
        customer: emily.clone(),
        operation: "remit_out".into(),
        key: key("rm"),
        order_id: prepared.order_id.clone(),
        values: prepared.values.clone(),
        verdict,
        now_ms: NOW_MS,
    };
    let one = Verdict::Release { first: staff("st_a"), second: staff("st_a") };
    assert!(CommitPermit::staff_release(release(one)).is_err());
    let two = Verdict::Release { first: staff("st_a"), second: staff("st_b") };
    let posted = house.core.release(CommitPermit::staff_release(release(two)).unwrap()).await;
    assert_eq!(posted.status, CommitStatus::Posted);
    let document =
        house.core.read("document", Some(&emily), &json!({"document": posted.result["document"]})).await.unwrap();
    assert!(document["content"].as_str().unwrap().contains("urn:iso:std:iso:20022:tech:xsd:pain.001.001.11"));
}

#[tokio::test]
async fn when_the_core_is_away_nothing_is_carried_out_and_protection_waits() {
    let house = House::open().await;
    let prepared = house.prepare("transfer", "away", transfer(100)).await;
    let set = |mode| house.sandbox.faults().set(sandbox_bank::faults::FaultSettings { mode, ..Default::default() });

    set(sandbox_bank::faults::Mode::EndOfDay);
    assert!(house.core.read("balances", Some(&lin()), &json!({})).await.is_ok());
    let refused = house.core.commit(house.permit(&prepared, "away")).await;
    assert_eq!((refused.status, refused.code.as_deref()), (CommitStatus::Rejected, Some("END_OF_DAY")));
    assert_eq!(house.core.health(), Health::EndOfDay);

    set(sandbox_bank::faults::Mode::Down);
    let read = house.core.read("balances", Some(&lin()), &json!({})).await;
    assert_eq!(read, Err(CoreError::Unavailable { code: "CORE_DOWN".into() }));
    assert_eq!(house.core.health(), Health::Down);
    let waiting = house.core.protect(protection("card_lock", "w", json!({"card": "cd_1001_1"}))).await;
    assert_eq!((waiting.status, waiting.code.as_deref()), (CommitStatus::Queued, Some("CORE_DOWN")));

    set(sandbox_bank::faults::Mode::Normal);
    let done = house.core.protect(protection("card_lock", "w", json!({"card": "cd_1001_1"}))).await;
    assert_eq!(done.status, CommitStatus::Posted);
    assert_eq!(house.core.health(), Health::Up);
}

#[tokio::test]
async fn a_silent_core_is_left_alone_for_a_while() {
    let house = House::open().await;
    house.fail_next(&[Fault::DropRequest; 5]);
    for _ in 0..3 {
        assert!(house.core.read("business_date", None, &json!({})).await.is_err());
    }
    assert_eq!(house.core.health(), Health::Down);
    let sent = house.sent.lock().len();
    assert!(house.core.read("business_date", None, &json!({})).await.is_err());
    assert_eq!(house.sent.lock().len(), sent, "kept back");
    house.now_ms.fetch_add(10_000, Ordering::SeqCst);
    assert!(house.core.read("business_date", None, &json!({})).await.is_ok());
    assert_eq!(house.core.health(), Health::Up);
}

#[tokio::test]
async fn every_read_of_the_catalogue_answers() {
    let house = House::open().await;
    let loan = house.read("loans", json!({})).await["items"][0]["id"].clone();
    let deposit = house.read("deposits", json!({})).await["items"][0]["id"].clone();
    let transaction = house.read("transactions", json!({})).await["items"][0]["id"].clone();
    house
        .carry_out("statement_request", "st", json!({"account": "ac_1001_1", "from": "2026-10-01", "to": "2026-10-31"}))
        .await;
    let statement = house.read("service_requests", json!({"kind": "statement"})).await;
    let document = statement["items"][0]["detail"]["document"].clone();
    let order = house.read("orders", json!({})).await["items"][0]["id"].clone();
    for read in teller_bank::catalog::READS {
        let mut params = json!({});
        for name in read.required {
            params[*name] = match *name {
                "transaction" => transaction.clone(),
                "to_account" => json!("6217990012345670013"),
                "to_name" => json!("张伟"),
                "from_account" => json!("ac_1001_1"),
                "amount" if matches!(read.op, "fx_quote" | "remit_quote") => {
                    json!({"minor": 10_000, "currency": "USD"})
                }
                "amount" => yuan(100_000),
                "card" => json!("cd_1001_3"),
                "periods" => json!(12),
                "loan" => loan.clone(),
                "mode" => json!("settle"),
                "term" => json!(12),
                "deposit" => deposit.clone(),
                "bearer" => json!("OUR"),
                "branch" => json!("br-001"),
                "order" => order.clone(),
                "document" => document.clone(),
                other => panic!("{}: no sample for {other}", read.op),
            };
        }
        if read.op == "transfer_quote" {
            params["payee"] = json!("py_1001_1");
        }
        let answer = house.core.read(read.op, Some(&lin()), &params).await;
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error:?}", read.op));
        assert!(answer.is_object(), "{}", read.op);
    }
}

#[tokio::test]
async fn payees_that_sound_alike_are_all_offered_the_exact_one_first() {
    let house = House::open().await;
    let found = house.read("payees", json!({"query": "章伟"})).await;
    let names: Vec<&str> =
        found["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["章伟", "张伟", "张玮"]);
    assert_eq!(found["items"][0]["match"], "exact");
    assert_eq!(found["items"][1]["match"], "homophone");
    let alias = house.read("payees", json!({"query": "房东"})).await;
    assert_eq!(alias["items"][0]["name"], "张伟");
}

#[tokio::test]
async fn a_permit_for_one_order_cannot_carry_out_another() {
    let house = House::open().await;
    let before = house.available("ac_1001_1").await;
    let small = house.prepare("transfer", "small", transfer(100)).await;
    let large = house.prepare("transfer", "large", transfer(900_000)).await;
    // The evidence is about the small one, the order number is the large one's.
    let forged = Prepared { order_id: large.order_id.clone(), ..small };
    let outcome = house.core.commit(house.permit(&forged, "small")).await;
    assert_eq!((outcome.status, outcome.code.as_deref()), (CommitStatus::Rejected, Some("PROOF_MISMATCH")));
    assert_eq!(house.available("ac_1001_1").await, before);
    let state = house.core.query(&lin(), "transfer", &key("large")).await.unwrap().unwrap();
    assert_eq!(state.status, OrderStatus::Prepared);
}

#[tokio::test]
async fn a_permit_opens_only_the_door_it_was_made_for() {
    let house = House::open().await;
    let prepared = house.prepare("transfer", "door", transfer(100)).await;
    house.sent.lock().clear();
    let wrong = [
        house.core.protect(house.permit(&prepared, "door")).await,
        house.core.release(house.permit(&prepared, "door")).await,
        house.core.commit(protection("card_lock", "door2", json!({"card": "cd_1001_1"}))).await,
        house.core.release(protection("card_lock", "door3", json!({"card": "cd_1001_1"}))).await,
    ];
    for outcome in wrong {
        assert_eq!((outcome.status, outcome.code.as_deref()), (CommitStatus::Rejected, Some("WRONG_PERMIT")));
    }
    assert!(house.sent.lock().is_empty(), "nothing was sent");
}

/// The same sum worked out twice by two programs: the core's quote and the
/// house's calculator.
#[tokio::test]
async fn the_calculators_agree_with_the_core() {
    let house = House::open().await;
    let quote =
        house.read("instalment_quote", json!({"card": "cd_1001_3", "periods": 12, "amount": yuan(120_000)})).await;
    let ours = json!({"principal": yuan(120_000), "periods": 12, "fee_rate": quote["fee_rate"]});
    let ours = teller_bank::calculate("instalment_apr", &ours).unwrap();
    for field in ["fee_per_period", "fee_total", "payment", "apr_simple", "apr_effective"] {
        assert_eq!(quote[field], ours[field], "{field}");
    }
    let loan = house.read("loans", json!({})).await["items"][0].clone();
    let annuity = json!({"principal": loan["principal"], "rate": loan["rate"], "term": loan["term"]});
    let annuity = teller_bank::calculate("loan_annuity", &annuity).unwrap();
    assert_eq!(annuity["payment"], loan["next_payment"]);
    let prepay = json!({
        "principal": loan["principal"], "rate": loan["rate"], "term": loan["term"], "paid": loan["periods_paid"],
        "prepay": yuan(1_000_000), "mode": "shorten",
    });
    let ours = teller_bank::calculate("loan_prepay", &prepay).unwrap();
    let core = house
        .read("loan_prepay_quote", json!({"loan": loan["id"], "mode": "shorten", "amount": yuan(1_000_000)}))
        .await;
    for field in ["balance_before", "balance_after", "payment_after", "periods_before", "periods_after"] {
        assert_eq!(core[field], ours[field], "{field}");
    }
    let quote = house.read("deposit_quote", json!({"term": 36, "amount": yuan(10_000_000)})).await;
    let ours = json!({"principal": yuan(10_000_000), "rate": quote["rate"], "term": 36});
    assert_eq!(quote["interest"], teller_bank::calculate("deposit_interest", &ours).unwrap()["interest"]);
    let fx = house.read("fx_quote", json!({"amount": {"minor": 123_400, "currency": "USD"}})).await;
    let ours =
        json!({"amount": {"minor": 123_400, "currency": "USD"}, "rate": fx["rate"], "unit": fx["unit"], "to": "CNY"});
    assert_eq!(fx["cny"], teller_bank::calculate("fx_convert", &ours).unwrap()["result"]);
}
