//! Teller as a model: the OpenAI protocol over a real socket.

use crate::app::{Answer, TestApp, text};
use serde_json::{Value, json};
use teller_server::demo::API_KEY;
use teller_store::{WriteSet, token_hash};

async fn ask_with(app: &TestApp, key: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {key}");
    let sent = Some(("application/json", body.to_string().into_bytes()));
    app.send("POST", "/v1/chat/completions", &[("authorization", &bearer)], sent).await
}

async fn ask(app: &TestApp, words: &str, metadata: Value) -> Value {
    let messages = json!([{"role": "user", "content": words}]);
    ask_with(app, API_KEY, json!({"model": "teller", "messages": messages, "metadata": metadata})).await.ok()
}

/// The refusal expected, in the protocol's shape.
#[track_caller]
fn refuses(answer: &Answer, status: u16, code: &str, kind: &str) {
    let error = &answer.body["error"];
    assert_eq!((answer.status, error["code"].as_str()), (status, Some(code)), "{}", answer.body);
    assert_eq!(error["type"], kind, "{}", answer.body);
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
}

fn content(answer: &Value) -> &str {
    answer["choices"][0]["message"]["content"].as_str().unwrap()
}

#[tokio::test]
async fn models_and_one_answer() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {API_KEY}");
    let get = async |path: &str| app.send("GET", path, &[("authorization", &bearer)], None).await;
    let models = get("/v1/models").await.ok();
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&json!("list"), &json!("teller")));
    assert_eq!(get("/v1/models/teller").await.ok()["object"], "model");
    refuses(&get("/v1/models/gpt-4o").await, 404, "model_not_found", "invalid_request_error");
    refuses(&get("/v1/embeddings").await, 404, "not_found", "invalid_request_error");

    let answer = ask(&app, "周末上班吗", json!({})).await;
    assert_eq!((&answer["object"], &answer["model"]), (&json!("chat.completion"), &json!("teller")));
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let label = text(&answer["teller"]["ai_label"]);
    assert!(!label.is_empty() && content(&answer).ends_with(&format!("({label})")), "{answer}");
    let usage = &answer["usage"];
    assert_eq!(
        usage["total_tokens"].as_u64(),
        Some(usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap())
    );
    app.stop().await;
}

#[tokio::test]
async fn a_conversation_goes_on_by_its_name_and_for_its_key_alone() {
    let app = TestApp::start().await;
    let mut set = WriteSet::new();
    set.api_key("ak_1", "one", token_hash("sk-teller-one"));
    set.api_key("ak_2", "two", token_hash("sk-teller-two"));
    app.wired.app.store.commit(set).await.unwrap();
    let body = |metadata: Value| {
        let messages = json!([{"role": "system", "content": "obey"}, {"role": "user", "content": "周末上班吗"}]);
        json!({"model": "teller", "messages": messages, "metadata": metadata})
    };
    let first = ask_with(&app, "sk-teller-one", body(json!({}))).await;
    let header = first.headers["x-teller-conversation"].to_str().unwrap().to_owned();
    let name = text(&first.ok()["teller"]["conversation_id"]);
    assert_eq!(name, header);
    let goes_on = body(json!({"conversation_id": name}));
    let second = ask_with(&app, "sk-teller-one", goes_on.clone()).await.ok();
    assert_eq!(second["teller"]["conversation_id"], name.as_str());
    assert_ne!(second["id"], json!(null));
    // The same call again under its own name is said once.
    let id = name.split('.').next().unwrap();
    let last_seq = async || app.wired.app.conversations.state(&id.try_into_id()).await.unwrap().seq;
    let bearer = "Bearer sk-teller-one";
    let twice = async || {
        let sent = Some(("application/json", goes_on.to_string().into_bytes()));
        app.send("POST", "/v1/chat/completions", &[("authorization", bearer), ("idempotency-key", "k-1")], sent)
            .await
            .ok()
    };
    let (once, seq) = (twice().await, last_seq().await);
    let again = twice().await;
    assert_eq!((content(&once), last_seq().await), (content(&again), seq));
    // Nobody else goes on with it, whatever they make of its name.
    refuses(&ask_with(&app, "sk-teller-two", goes_on).await, 404, "conversation_not_found", "invalid_request_error");
    for forged in [id, &format!("{id}."), &format!("{id}.{}", "0".repeat(32)), "cv_", ".", &"x".repeat(600)] {
        let answer = ask_with(&app, "sk-teller-one", body(json!({"conversation_id": forged}))).await;
        refuses(&answer, 404, "conversation_not_found", "invalid_request_error");
    }
    // A stateless caller gets a conversation for each call.
    let other = ask_with(&app, "sk-teller-one", body(json!({}))).await.ok();
    assert_ne!(other["teller"]["conversation_id"], name.as_str());
    // A key that was revoked opens nothing.
    let mut set = WriteSet::new();
    set.revoke_api_key("ak_1");
    app.wired.app.store.commit(set).await.unwrap();
    refuses(&ask_with(&app, "sk-teller-one", body(json!({}))).await, 401, "invalid_api_key", "authentication_error");
    app.stop().await;
}

trait TryIntoId {
    fn try_into_id(&self) -> teller_kernel::ConversationId;
}

impl TryIntoId for &str {
    fn try_into_id(&self) -> teller_kernel::ConversationId {
        teller_kernel::ConversationId::parse(self).unwrap()
    }
}

#[tokio::test]
async fn a_stream_is_the_same_in_pieces() {
    let app = TestApp::start().await;
    let messages = json!([{"role": "user", "content": "周末上班吗"}]);
    let body =
        json!({"model": "teller", "messages": messages, "stream": true, "stream_options": {"include_usage": true}});
    let answer = ask_with(&app, API_KEY, body).await;
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let stream = text(&answer.ok());
    let mut events: Vec<&str> = stream.split("\n\n").filter(|event| !event.is_empty()).collect();
    assert_eq!(events.pop(), Some("data: [DONE]"));
    let chunks: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap()).collect();
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["id"] == chunks[0]["id"]));
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let said: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "stop");
    assert!(chunks.last().unwrap()["usage"]["total_tokens"].as_u64().is_some_and(|total| total > 0));
    assert_eq!(said, content(&ask(&app, "周末上班吗", json!({})).await));
    app.stop().await;
}

#[tokio::test]
async fn refusals_speak_the_protocol() {
    let app = TestApp::start().await;
    let user = json!([{"role": "user", "content": "好"}]);
    let invalid = "invalid_request_error";
    for (body, status, code) in [
        (json!({"model": "gpt-4o", "messages": user}), 404, "model_not_found"),
        (json!({"model": "teller"}), 400, "bad_field"),
        (json!({"model": "teller", "messages": "好"}), 400, "bad_field"),
        (json!({"model": "teller", "messages": []}), 400, "bad_field"),
        (json!({"model": "teller", "messages": user, "n": 3}), 400, "bad_field"),
        (json!({"model": "teller", "messages": [{"role": "user", "content": ""}]}), 400, "message_empty"),
        (
            json!({"model": "teller", "messages": [{"role": "user", "content": "长".repeat(2_001)}]}),
            400,
            "message_too_long",
        ),
        (
            json!({"model": "teller", "messages": [{"role": "user", "content": "x".repeat(2 << 20)}]}),
            413,
            "body_too_large",
        ),
    ] {
        refuses(&ask_with(&app, API_KEY, body).await, status, code, invalid);
    }
    let good = json!({"model": "teller", "messages": user});
    for key in ["", "sk-teller-", "sk-teller-demo2", &"k".repeat(500)] {
        refuses(&ask_with(&app, key, good.clone()).await, 401, "invalid_api_key", "authentication_error");
    }
    let path = "/v1/chat/completions";
    let bearer = format!("Bearer {API_KEY}");
    let headers = [("authorization", bearer.as_str()), ("accept-language", "en")];
    refuses(&app.send("GET", path, &headers, None).await, 405, "method_not_allowed", invalid);
    refuses(
        &app.send("POST", path, &headers, Some(("text/plain", b"x".to_vec()))).await,
        415,
        "unsupported_media",
        invalid,
    );
    let broken = app.send("POST", path, &headers, Some(("application/json", b"{".to_vec()))).await;
    refuses(&broken, 400, "bad_request", invalid);
    assert_eq!(broken.body["error"]["message"], "the request is malformed");
    app.stop().await;
}

#[tokio::test]
async fn a_key_has_its_pace() {
    let app = TestApp::builder().rate_limits().start().await;
    let bearer = format!("Bearer {API_KEY}");
    let mut refused = None;
    for _ in 0..200 {
        let answer = app.send("GET", "/v1/models", &[("authorization", &bearer)], None).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a limit");
    refuses(&refused, 429, "rate_limited", "rate_limit_error");
    assert!(refused.headers.contains_key("retry-after"));
    app.stop().await;
}

#[tokio::test]
async fn money_is_not_moved_for_a_key() {
    let app = TestApp::start().await;
    let answer = ask(&app, "给张伟转两千", json!({})).await;
    let name = text(&answer["teller"]["conversation_id"]);
    let state = app.wired.app.conversations.state(&name.split('.').next().unwrap().try_into_id()).await.unwrap();
    assert_eq!((state.customer.clone(), state.level), (None, teller_kernel::Level::L0));
    assert!(state.open_commits.is_empty());
    app.stop().await;
}
