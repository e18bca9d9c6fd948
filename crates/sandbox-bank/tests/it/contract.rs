//! The published contract, and what malformed requests get.

use crate::client::{Client, yuan};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn the_checked_in_contract_is_the_one_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let served = sandbox_bank::openapi();
    assert!(kept == served, "openapi.json is out of date: cargo run -p sandbox-bank -- --openapi > {}", path.display());
}

#[test]
fn every_path_of_the_contract_names_its_answers() {
    let api: Value = serde_json::from_str(&sandbox_bank::openapi()).unwrap();
    let paths = api["paths"].as_object().unwrap();
    assert!(paths.len() > 40, "{}", paths.len());
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["responses"]["200"].is_object(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn malformed_requests_get_a_code_and_change_nothing() {
    let client = Client::open().await;
    let before = client.bank.journal().await.unwrap();
    let huge = "x".repeat(70_000);
    let order = |params: Value| json!({"customer": "cu_1001", "operation": "transfer", "idempotency_key": "ik_m", "params": params});
    let cases = [
        ("POST", "/v1/orders/prepare", Some(json!([])), 400),
        ("POST", "/v1/orders/prepare", Some(json!({"customer": "cu_1001"})), 400),
        ("POST", "/v1/orders/prepare", Some(order(json!(7))), 400),
        (
            "POST",
            "/v1/orders/prepare",
            Some(order(json!({"from_account": "ac_1001_1", "amount": {"minor": 1.5, "currency": "CNY"}}))),
            400,
        ),
        (
            "POST",
            "/v1/orders/prepare",
            Some(order(json!({"from_account": "ac_1001_1", "amount": {"minor": 100, "currency": "XXX"}}))),
            400,
        ),
        ("POST", "/v1/orders/prepare", Some(order(json!({"from_account": huge, "amount": yuan(1)}))), 400),
        ("POST", "/v1/orders/or_999999/confirm", Some(json!({"proof": {}})), 404),
        ("POST", "/v1/orders/or_999999/release", Some(json!({"by": ["a", "b"]})), 404),
        (
            "POST",
            "/v1/protect",
            Some(json!({"customer": "cu_1001", "operation": "transfer", "idempotency_key": "k", "params": {}})),
            400,
        ),
        ("GET", "/v1/customers/cu_9999/balances", None, 404),
        ("GET", "/v1/customers/cu_1001/transactions?limit=abc", None, 400),
        ("GET", "/v1/customers/cu_1001/transactions?from=yesterday", None, 400),
        ("GET", "/v1/nowhere", None, 404),
    ];
    for (method, path, body, status) in cases {
        let (got, answer) = client.send(method, path, body).await;
        assert_eq!(got.as_u16(), status, "{method} {path}: {answer}");
        assert!(answer["code"].is_string(), "{method} {path}: {answer}");
    }
    assert_eq!(client.bank.journal().await.unwrap(), before);
}

#[tokio::test]
async fn an_unknown_field_is_named() {
    let client = Client::open().await;
    let (code, detail) = client
        .refused(
            1001,
            "card_repay",
            json!({"card": "cd_1001_3", "from_account": "ac_1001_1", "amount": yuan(100), "x": 1}),
        )
        .await;
    assert_eq!((code.as_str(), &detail), ("BAD_PARAM", &json!({"field": "x"})));
    let (_, detail) = client.refused(1001, "card_repay", json!({"card": "cd_1001_3"})).await;
    assert_eq!(detail, json!({"field": "from_account"}));
}

#[tokio::test]
async fn nothing_of_another_customer_is_ever_found() {
    let client = Client::open().await;
    let foreign = [
        ("card_unlock", json!({"card": "cd_1014_1"})),
        ("transfer", json!({"from_account": "ac_1002_1", "amount": yuan(100), "payee": "py_1001_1"})),
        ("transfer", json!({"from_account": "ac_1001_1", "amount": yuan(100), "payee": "py_1002_1"})),
        ("deposit_withdraw", json!({"deposit": "td_1002_1"})),
        ("loan_prepay", json!({"loan": "ln_1008_1", "mode": "settle"})),
        ("payee_delete", json!({"payee": "py_1002_1"})),
        ("sms_notify_set", json!({"account": "ac_1002_1", "on": false})),
    ];
    for (operation, params) in foreign {
        let (code, _) = client.refused(1001, operation, params).await;
        assert_eq!(code, "NOT_FOUND", "{operation}");
    }
    let order = client.prepare(1002, "suggestion", json!({"text": "好"})).await;
    let path = format!("/v1/customers/cu_1001/orders/{}", order["id"].as_str().unwrap());
    assert_eq!(client.send("GET", &path, None).await.0, StatusCode::NOT_FOUND);
    for path in ["loans/ln_1008_1/schedule", "transactions/tx_1", "card-bill?card=cd_1009_2"] {
        let (status, _) = client.send("GET", &format!("/v1/customers/cu_1001/{path}"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}
