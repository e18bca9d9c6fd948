//! Opening a conversation, hand-over, embedding, coming back.

use crate::app::{CUSTOMER, TestApp, text};
use serde_json::json;

#[tokio::test]
async fn a_visitor_is_anonymous_and_a_customer_is_vouched_for() {
    let app = TestApp::start().await;
    let opened = app.call("POST", "/conversations", &[("accept-language", "en")], Some(json!({}))).await;
    assert_eq!(opened.status, 201);
    let opened = opened.ok();
    assert_eq!(
        (&opened["level"], &opened["ownership"], &opened["locale"]),
        (&json!("L0"), &json!("own"), &json!("en"))
    );
    assert_eq!(opened["customer"], json!(null));

    let handover = app.handover(CUSTOMER).await;
    let opened = app.call("POST", "/conversations", &[], Some(json!({"handover": handover}))).await.ok();
    assert_eq!((&opened["level"], &opened["locale"]), (&json!("L1"), &json!("zh")));
    assert!(text(&opened["customer"]["name_masked"]).contains('*'));
    app.stop().await;
}

#[tokio::test]
async fn a_hand_over_is_good_for_one_device() {
    let app = TestApp::start().await;
    let handover = app.handover(CUSTOMER).await;
    let body = || Some(json!({"handover": handover}));
    let first = app.call("POST", "/conversations", &[], body()).await;
    let cookie = first.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(first.headers["set-cookie"].to_str().unwrap().contains("HttpOnly; SameSite=Strict"));
    let id = text(&first.ok()["conversation"]);

    // Another device that learned the token gets nowhere with it.
    app.call("POST", "/conversations", &[], body()).await.is(401, "handover_invalid");
    let shown = format!("Handover {handover}");
    app.call("GET", "/me/conversations", &[("authorization", &shown)], None).await.is(401, "handover_invalid");
    app.call("POST", &format!("/conversations/{id}/resume"), &[], body()).await.is(401, "handover_invalid");

    // The device itself reads its history, comes back, and begins anew.
    let own = [("cookie", cookie.as_str()), ("authorization", shown.as_str())];
    let mine = app.call("GET", "/me/conversations", &own, None).await.ok();
    assert_eq!(mine[0]["conversation"], json!(id));
    let resumed = app.call("POST", &format!("/conversations/{id}/resume"), &own[..1], body()).await.ok();
    assert_eq!(resumed["conversation"], json!(id));
    let bearer = format!("Bearer {}", text(&resumed["token"]));
    app.call("GET", &format!("/conversations/{id}"), &[("authorization", &bearer)], None).await.ok();
    assert_eq!(app.call("POST", "/conversations", &own[..1], body()).await.status, 201);
    app.stop().await;
}

#[tokio::test]
async fn nobody_resumes_the_conversation_of_another() {
    let app = TestApp::start().await;
    let other = app.customer().await.id;
    let visitor = app.visitor().await.id;
    for id in [other.as_str(), visitor.as_str(), "cv_0123456789ab0123456789abcdef"] {
        let handover = app.handover("cu_1002").await;
        let answer =
            app.call("POST", &format!("/conversations/{id}/resume"), &[], Some(json!({"handover": handover}))).await;
        answer.is(404, "conversation_not_found");
    }
    app.stop().await;
}

#[tokio::test]
async fn forged_and_foreign_hand_overs_are_refused() {
    let app = TestApp::start().await;
    let good = app.handover(CUSTOMER).await;
    let (body, mac) = good.split_once('.').unwrap();
    let swapped: String = mac.chars().rev().collect();
    let long = "a".repeat(5_000);
    for token in ["", ".", "abc", &format!("{body}."), &format!("{body}.{swapped}"), &long, "汉字.汉字"] {
        let answer = app.call("POST", "/conversations", &[], Some(json!({"handover": token}))).await;
        answer.is(401, "handover_invalid");
    }
    // None of them used up the good one.
    assert_eq!(app.call("POST", "/conversations", &[], Some(json!({"handover": good}))).await.status, 201);
    app.stop().await;
}

#[tokio::test]
async fn an_embedding_site_is_known_or_refused() {
    let app = TestApp::start().await;
    let open = async |origin: &str| app.call("POST", "/conversations", &[], Some(json!({"origin": origin}))).await;
    assert_eq!(open("https://own.example").await.ok()["ownership"], json!("own"));
    assert_eq!(open("HTTPS://Shop.example/").await.ok()["ownership"], json!("third_party"));
    // The bank's own page shows its own widget.
    assert_eq!(open(&format!("http://{}", app.address)).await.ok()["ownership"], json!("own"));
    for origin in ["https://evil.example", "null", "", "shop.example", "https://shop.example:444", "file://"] {
        open(origin).await.is(403, "origin_not_allowed");
    }
    open(&"x".repeat(300)).await.is(422, "bad_field");
    app.stop().await;
}
