//! The business date: what turning it carries out.

use crate::client::{Client, HOUR_MS, NOW_MS, yuan};
use sandbox_bank::{BusinessDate, Options, Place};
use serde_json::{Value, json};

#[tokio::test]
async fn a_next_day_transfer_goes_out_with_the_new_date() {
    let client = Client::open().await;
    let before = client.ledger(1001, "ac_1001_1").await;
    let params =
        json!({"from_account": "ac_1001_1", "amount": yuan(80_000), "payee": "py_1001_2", "arrival": "next_day"});
    let order = client.carry_out(1001, "transfer", params).await;
    assert_eq!((&order["status"], &order["due_on"]), (&json!("accepted"), &json!("2026-11-21")));
    assert_eq!(client.ledger(1001, "ac_1001_1").await, before, "held, not booked");
    client.pass_ms(24 * HOUR_MS);
    client.send("POST", "/v1/business-date/advance", Some(json!({}))).await;
    let done = client.get(&format!("/v1/orders/{}", order["id"].as_str().unwrap())).await;
    assert_eq!((&done["status"], &done["result"]["booked_on"]), (&json!("posted"), &json!("2026-11-21")));
    assert_eq!(client.ledger(1001, "ac_1001_1").await, before - 80_000);
    assert_eq!(client.of(1001, "holds").await["count"], 0);
}

#[tokio::test]
async fn a_due_transfer_from_a_card_locked_since_is_rejected_and_freed() {
    let client = Client::open().await;
    let before = client.available(1001, "ac_1001_1").await;
    let params =
        json!({"from_account": "ac_1001_1", "amount": yuan(80_000), "payee": "py_1001_2", "arrival": "delay24h"});
    let order = client.carry_out(1001, "transfer", params).await;
    client.protect(1001, "card_lock", json!({"card": "cd_1001_1"})).await;
    client.pass_ms(25 * HOUR_MS);
    let done = client.get(&format!("/v1/orders/{}", order["id"].as_str().unwrap())).await;
    assert_eq!((&done["status"], &done["code"]), (&json!("rejected"), &json!("ACCOUNT_FROZEN")));
    assert_eq!(client.available(1001, "ac_1001_1").await, before);
}

#[tokio::test]
async fn loans_are_paid_plans_billed_and_deposits_mature() {
    let client = Client::open().await;
    let loan = client.of(1008, "loans").await["items"][0].clone();
    let plan = client.of(1023, "instalments").await["items"][0].clone();
    let matures = client.of(1007, "deposits").await;
    let soon = matures["items"].as_array().unwrap().iter().find(|d| d["matures_on"] == "2026-11-25").unwrap().clone();
    client.bank.advance_days(12).await.unwrap();
    client.bank.advance_days(19).await.unwrap();
    let after = client.of(1008, "loans").await["items"][0].clone();
    assert_eq!(after["periods_paid"], json!(loan["periods_paid"].as_i64().unwrap() + 2), "20 November and 20 December");
    assert!(after["balance"]["minor"].as_i64() < loan["balance"]["minor"].as_i64());
    let billed = client.of(1023, "instalments").await["items"][0].clone();
    assert!(billed["periods_left"].as_i64().unwrap() < plan["periods_left"].as_i64().unwrap());
    let left = client.of(1007, "deposits").await;
    assert!(
        left["items"].as_array().unwrap().iter().all(|deposit| deposit["id"] != soon["id"]),
        "matured and paid out"
    );
    let paid = client.of(1007, "transactions?text=定期到期").await;
    let due = soon["principal"]["minor"].as_i64().unwrap() + soon["interest_at_maturity"]["minor"].as_i64().unwrap();
    assert_eq!(paid["items"][0]["amount"], yuan(due));
    client.check_books().await;
}

#[tokio::test]
async fn a_card_on_autopay_is_repaid_when_due() {
    let client = Client::open().await;
    let bill = client.of(1028, "card-bill").await;
    let remaining = bill["remaining"]["minor"].as_i64().unwrap();
    assert!(remaining > 0 && bill["due_date"] == "2026-12-02", "{bill}");
    client.bank.advance_days(13).await.unwrap();
    assert_eq!(client.of(1028, "card-bill").await["remaining"], yuan(0));
    let paid = client.of(1028, "transactions?text=信用卡还款&limit=1").await;
    assert_eq!((&paid["items"][0]["date"], &paid["items"][0]["amount"]), (&json!("2026-12-02"), &yuan(remaining)));
    client.check_books().await;
}

#[tokio::test]
async fn a_scheduled_transfer_pays_every_month_and_ends() {
    let client = Client::open().await;
    let before = client.ledger(1010, "ac_1010_2").await;
    let params = json!({
        "from_account": "ac_1010_2", "amount": yuan(300_000), "payee": "py_1010_2", "day": 25, "times": 2, "remark": "房租",
    });
    let order = client.carry_out(1010, "scheduled_transfer", params).await;
    assert_eq!((&order["status"], &order["due_on"]), (&json!("accepted"), &json!("2026-11-25")));
    assert_eq!(client.ledger(1010, "ac_1010_2").await, before);
    client.bank.advance_days(5).await.unwrap();
    assert_eq!(client.ledger(1010, "ac_1010_2").await, before - 300_000);
    assert_eq!(client.of(1010, "schedules").await["items"][0]["left"], 1);
    client.bank.advance_days(30).await.unwrap();
    assert_eq!(client.of(1010, "schedules").await["count"], 0);
    let paid = client.of(1010, "transactions?account=ac_1010_2&text=房租").await;
    assert_eq!(paid["count"], 2);
    client.bank.advance_days(40).await.unwrap();
    assert_eq!(client.of(1010, "transactions?account=ac_1010_2&text=房租").await["count"], 2, "two times and no more");
}

#[tokio::test]
async fn a_cancelled_schedule_pays_no_more() {
    let client = Client::open().await;
    let params =
        json!({"from_account": "ac_1010_2", "amount": yuan(100_000), "payee": "py_1010_2", "day": 25, "times": 12});
    client.carry_out(1010, "scheduled_transfer", params).await;
    let schedule = client.of(1010, "schedules").await["items"][0]["id"].clone();
    client.posted(1010, "schedule_cancel", json!({"schedule": schedule})).await;
    let before = client.ledger(1010, "ac_1010_2").await;
    client.bank.advance_days(6).await.unwrap();
    assert_eq!(client.ledger(1010, "ac_1010_2").await, before);
}

#[tokio::test]
async fn a_hold_ends_by_itself_and_a_temporary_loss_report_lapses() {
    let client = Client::open().await;
    let before = client.available(1001, "ac_1001_1").await;
    let held =
        client.protect(1001, "hold_place", json!({"account": "ac_1001_1", "amount": yuan(50_000), "hours": 2})).await;
    assert_eq!(held["available"], yuan(before - 50_000));
    assert_eq!(client.available(1001, "ac_1001_1").await, before - 50_000);
    client.pass_ms(2 * HOUR_MS + 1);
    assert_eq!(client.available(1001, "ac_1001_1").await, before);
    let status = |cards: Value| cards["items"][0]["status"].clone();
    let lost = client.protect(1001, "card_report_loss", json!({"card": "cd_1001_1", "kind": "stolen"})).await;
    assert_eq!(lost["lost_until"], "2026-11-25");
    assert_eq!(status(client.of(1001, "cards?kind=debit").await), "lost");
    client.bank.advance_days(6).await.unwrap();
    assert_eq!(status(client.of(1001, "cards?kind=debit").await), "active");
}

#[tokio::test]
async fn a_bank_that_follows_the_clock_turns_its_date_at_midnight() {
    let options = Options { business_date: BusinessDate::FollowClock, always_open: false };
    let client = Client::open_at(Place::Memory, NOW_MS + 3 * HOUR_MS, options).await;
    assert_eq!(client.get("/v1/business-date").await["business_date"], "2026-11-20");
    client.pass_ms(12 * HOUR_MS);
    assert_eq!(client.get("/v1/business-date").await["business_date"], "2026-11-21");
    client.pass_ms(72 * HOUR_MS);
    assert_eq!(client.get("/v1/business-date").await["business_date"], "2026-11-24");
    client.check_books().await;
}
