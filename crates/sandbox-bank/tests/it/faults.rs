//! The fault switch: modes are answers, losses are silence.

use crate::client::{Client, yuan};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use sandbox_bank::faults::{FaultSettings, NoReply};
use serde_json::json;
use tower::ServiceExt;

fn request(path: &str) -> Request<Body> {
    Request::builder().uri(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_core_that_is_down_says_so_and_keeps_its_switch() {
    let client = Client::open().await;
    let set = client.send("PUT", "/v1/faults", Some(json!({"mode": "down"}))).await;
    assert_eq!((set.0, &set.1["mode"]), (StatusCode::OK, &json!("down")));
    let (status, body) = client.send("GET", "/v1/business-date", None).await;
    assert_eq!((status, &body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("CORE_DOWN")));
    client.send("PUT", "/v1/faults", Some(json!({}))).await;
    assert_eq!(client.get("/v1/business-date").await["phase"], "open");
}

#[tokio::test]
async fn at_end_of_day_the_books_are_read_only() {
    let client = Client::open().await;
    let order = client
        .prepare(1001, "transfer", json!({"from_account": "ac_1001_1", "amount": yuan(100), "payee": "py_1001_1"}))
        .await;
    client.send("PUT", "/v1/faults", Some(json!({"mode": "end_of_day"}))).await;
    assert_eq!(client.get("/v1/business-date").await["phase"], "end_of_day");
    let path = format!("/v1/orders/{}/confirm", order["id"].as_str().unwrap());
    let (status, body) = client.send("POST", &path, Some(json!({"proof": {}}))).await;
    assert_eq!((status, &body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("END_OF_DAY")));
    assert_eq!(client.of(1001, "orders").await["count"], 0);
    client.send("PUT", "/v1/faults", Some(json!({"mode": "normal"}))).await;
    assert_eq!(client.confirm(&order).await["status"], "posted");
}

#[tokio::test]
async fn a_dropped_reply_was_carried_out_and_a_dropped_request_was_not() {
    let client = Client::open().await;
    let faults = client.bank.faults();
    let protect = |key: &str| {
        let body = json!({"customer": "cu_1001", "operation": "card_lock", "idempotency_key": key, "params": {"card": "cd_1001_1"}});
        Request::builder()
            .method("POST")
            .uri("/v1/protect")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap()
    };
    let seen = |key: &'static str| {
        let client = &client;
        async move {
            let path = format!("/v1/orders/by-key?customer=cu_1001&operation=card_lock&key={key}");
            client.send("GET", &path, None).await.0 == StatusCode::OK
        }
    };
    faults.set(FaultSettings { drop_requests_pct: 100, ..Default::default() });
    assert_eq!(client.bank.service().oneshot(protect("k1")).await.unwrap_err(), NoReply);
    assert!(!seen("k1").await);
    faults.set(FaultSettings { drop_replies_pct: 100, ..Default::default() });
    assert_eq!(client.bank.service().oneshot(protect("k2")).await.unwrap_err(), NoReply);
    assert!(seen("k2").await);
    assert!(client.bank.service().oneshot(request("/v1/faults")).await.is_ok(), "the switch stays in reach");
}

#[tokio::test]
async fn losses_repeat_with_their_seed() {
    let client = Client::open().await;
    let pattern = |seed| {
        let client = &client;
        async move {
            client.bank.faults().set(FaultSettings { drop_requests_pct: 40, seed, ..Default::default() });
            let mut lost = Vec::new();
            for _ in 0..40 {
                lost.push(client.bank.service().oneshot(request("/v1/business-date")).await.is_err());
            }
            lost
        }
    };
    let one = pattern(1).await;
    assert_eq!(one, pattern(1).await);
    assert_ne!(one, pattern(2).await);
    let lost = one.iter().filter(|lost| **lost).count();
    assert!((6..=28).contains(&lost), "{lost} of 40");
}
