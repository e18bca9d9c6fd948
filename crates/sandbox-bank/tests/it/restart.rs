//! A ledger on disk: what was answered is still there after the process.

use crate::client::{Client, NOW_MS, yuan};
use sandbox_bank::Place;
use serde_json::json;

#[tokio::test]
async fn what_was_answered_survives_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let place = || Place::File(folder.path().join("ledger.db"));
    let transfer = json!({"from_account": "ac_1001_1", "amount": yuan(12_345), "payee": "py_1001_1"});
    let (prepared, posted, available) = {
        let client = Client::open_at(place(), NOW_MS, Default::default()).await;
        let posted = client.carry_out(1001, "transfer", transfer.clone()).await;
        assert_eq!(posted["status"], "posted");
        let prepared = client.try_prepare(1001, "transfer", "ik_later", &transfer).await.1;
        (prepared, posted, client.available(1001, "ac_1001_1").await)
    };
    let client = Client::open_at(place(), NOW_MS, Default::default()).await;
    assert_eq!(client.available(1001, "ac_1001_1").await, available);
    let kept = client.get(&format!("/v1/orders/{}", posted["id"].as_str().unwrap())).await;
    assert_eq!(kept, posted);
    assert_eq!(client.confirm(&prepared).await["status"], "posted");
    assert_eq!(client.available(1001, "ac_1001_1").await, available - 12_345);
    client.check_books().await;
}

#[tokio::test]
async fn two_confirms_at_once_book_once() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::open_at(Place::File(folder.path().join("ledger.db")), NOW_MS, Default::default()).await;
    let before = client.available(1001, "ac_1001_1").await;
    let params = json!({"from_account": "ac_1001_1", "amount": yuan(10_000), "payee": "py_1001_1"});
    let order = client.prepare(1001, "transfer", params).await;
    let (one, two, three) = tokio::join!(client.confirm(&order), client.confirm(&order), client.confirm(&order));
    assert_eq!(one, two);
    assert_eq!(two, three);
    assert_eq!(client.available(1001, "ac_1001_1").await, before - 10_000);
}
