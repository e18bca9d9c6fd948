//! Talking over REST: saved, answered, read in pages, sent twice.

use crate::app::{TestApp, text};
use serde_json::{Value, json};

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_question_gets_its_cited_answer() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let said = talk.say("m1", "你们周日几点开门").await;
    assert_eq!(said.status, 202);
    assert_eq!(said.ok(), json!({"seq": 2, "duplicate": false}));
    talk.settle().await;
    let events = talk.events(0).await;
    assert_eq!(kinds(&events)[..2], ["opened", "message_received"]);
    let answer = &events.last().unwrap()["parts"][0];
    assert_eq!(answer["kind"], "answer", "{events:#?}");
    let citation = &answer["citations"][0];
    assert_eq!(citation["article"], "branch-hours");

    // What is cited can be opened, in both languages, at that version.
    let path = format!("/articles/branch-hours?version={}&locale=en", text(&citation["version"]));
    let article = app.call("GET", &path, &[], None).await.ok();
    assert_eq!((&article["current"], &article["effective"]), (&json!(true), &json!("2026-01-01")));
    assert!(text(&article["body_md"]).contains("Sundays"));
    for path in ["/articles/branch-hours?version=0000", "/articles/none", "/articles/..%2f..%2fpack.yaml"] {
        app.call("GET", path, &[], None).await.is(404, "article_not_found");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_signed_in_customer_sees_balances_and_a_visitor_does_not() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    customer.say("m1", "查一下余额").await.ok();
    customer.settle().await;
    let events = customer.events(2).await;
    let shown = json!(events).to_string();
    assert!(shown.contains("\"accounts\"") && shown.contains('¥'), "{shown}");
    // The inner working stays inside.
    assert!(kinds(&events).iter().all(|kind| !matches!(*kind, "turn_completed" | "variable_set" | "step_entered")));

    let visitor = app.visitor().await;
    visitor.say("m1", "查一下余额").await.ok();
    visitor.settle().await;
    assert!(!json!(visitor.events(0).await).to_string().contains('¥'));
    app.stop().await;
}

#[tokio::test]
async fn one_client_id_is_one_message() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let sends = (0..8).map(|_| talk.say("same", "周末上班吗"));
    let answers: Vec<Value> =
        futures_util::future::join_all(sends).await.into_iter().map(|answer| answer.ok()).collect();
    assert_eq!(answers.iter().filter(|answer| answer["duplicate"] == json!(false)).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| answer["seq"] == answers[0]["seq"]));
    talk.settle().await;
    let events = talk.events(0).await;
    assert_eq!(kinds(&events).iter().filter(|kind| **kind == "message_received").count(), 1);
    assert_eq!(kinds(&events).iter().filter(|kind| **kind == "replied").count(), 1);
    talk.say("same", "另外一句话").await.is(409, "client_id_reused");
    app.stop().await;
}

#[tokio::test]
async fn pages_are_whole_whatever_their_size() {
    let app = TestApp::start().await;
    let talk = app.customer().await;
    for (at, text) in ["查一下余额", "你们几点开门", "周末上班吗"].into_iter().enumerate() {
        talk.say(&format!("m{at}"), text).await.ok();
        talk.settle().await;
    }
    let all = talk.events(0).await;
    let mut paged = Vec::new();
    let mut after = 0;
    loop {
        let page = talk.call("GET", &format!("/events?after={after}&limit=1"), None).await.ok();
        let events = page["events"].as_array().unwrap().clone();
        if events.is_empty() {
            assert_eq!(page["through"], page["last_seq"]);
            break;
        }
        after = page["through"].as_u64().unwrap();
        paged.extend(events);
    }
    assert_eq!(paged, all);
    app.stop().await;
}

#[tokio::test]
async fn the_language_changes_with_a_tap() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    talk.act("a1", json!({"action": "set_locale", "locale": "en"})).await.ok();
    talk.say("m1", "when are you open").await.ok();
    talk.settle().await;
    assert_eq!(talk.call("GET", "", None).await.ok()["locale"], "en");
    assert!(json!(talk.events(2).await).to_string().contains("Branches are open"));
    app.stop().await;
}

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    talk.say("m1", "周末上班吗").await.ok();
    talk.settle().await;
    let seq = talk.last_seq().await;
    let id = talk.id.clone();
    let folder = tempfile::tempdir().unwrap();
    let data = app.folder.path().join("data");
    app.wired.app.store.close().await;
    for entry in std::fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    let config = teller_store::StoreConfig::in_folder(folder.path()).unwrap();
    let store = teller_store::Db::open(config, std::sync::Arc::new(teller_server::chance::SystemClock)).await.unwrap();
    let id = teller_kernel::ConversationId::parse(&id).unwrap();
    assert_eq!(store.last_seq(&id).await.unwrap(), seq);
    store.verify_audit().await.unwrap();
    store.close().await;
}
