//! Bad input: each kind gets its code, and nothing is changed by any of it.

use crate::app::{Answer, TestApp};
use serde_json::json;

#[tokio::test]
async fn malformed_bodies() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let bearer = format!("Bearer {}", talk.token);
    let path = format!("/api/v1/conversations/{}/messages", talk.id);
    let send = async |kind: &str, body: Vec<u8>| -> Answer {
        app.send("POST", &path, &[("authorization", &bearer)], Some((kind, body))).await
    };
    let good = json!({"client_id": "x", "text": "好"}).to_string();
    let cases: [(&str, Vec<u8>, u16, &str); 13] = [
        ("application/json", b"{\"client_id\":".to_vec(), 400, "bad_request"),
        ("application/json", b"".to_vec(), 400, "bad_request"),
        ("application/json", format!("{good}{good}").into_bytes(), 400, "bad_request"),
        ("application/json", b"\xff\xfe\x00{".to_vec(), 400, "bad_request"),
        ("application/json", "[".repeat(10_000).into_bytes(), 400, "bad_request"),
        ("application/json", b"[\"x\",\"\xe5\xa5\xbd\"]".to_vec(), 422, "bad_field"),
        ("application/json", b"{\"client_id\":1,\"text\":\"x\"}".to_vec(), 422, "bad_field"),
        ("application/json", b"{\"client_id\":\"x\",\"text\":\"x\",\"level\":\"L4\"}".to_vec(), 422, "bad_field"),
        ("application/json", b"{\"client_id\":\"x\",\"text\":\"\\ud800\"}".to_vec(), 400, "bad_request"),
        ("text/plain", good.clone().into_bytes(), 415, "unsupported_media"),
        ("application/x-www-form-urlencoded", b"client_id=x&text=y".to_vec(), 415, "unsupported_media"),
        ("application/octet-stream", vec![0; 100], 415, "unsupported_media"),
        (
            "application/json",
            json!({"client_id": "x", "text": "a".repeat(70_000)}).to_string().into_bytes(),
            413,
            "body_too_large",
        ),
    ];
    for (kind, body, status, code) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = send(kind, body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{kind} {shown}");
    }
    let texts = [
        ("", "message_empty"),
        (" \n\t", "message_empty"),
        ("a\u{7}", "message_not_text"),
        ("\u{1b}[2J", "message_not_text"),
    ];
    for (text, code) in texts {
        talk.say("t", text).await.is(422, code);
    }
    talk.say("t", &"长".repeat(2_001)).await.is(422, "message_too_long");
    for client_id in ["", "有", "a b", &"x".repeat(65), "a\nb"] {
        talk.say(client_id, "好").await.is(422, "bad_field");
    }
    assert_eq!(talk.last_seq().await, 1);
    // The longest that is allowed is allowed.
    talk.say(&"x".repeat(64), &"长".repeat(2_000)).await.ok();
    app.stop().await;
}

#[tokio::test]
async fn a_declared_size_is_not_believed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    // No length at all: chunks, more than allowed.
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let head = format!(
        "POST /api/v1/conversations/{}/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        talk.id, talk.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..40 {
        let chunk = format!("{:x}\r\n{}\r\n", 4_096, "a".repeat(4_096));
        // The server may have answered and closed already.
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 512];
    let read = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(talk.last_seq().await, 1);
    app.stop().await;
}

#[tokio::test]
async fn foreign_conversations_and_tokens() {
    let app = TestApp::start().await;
    let (talk, other) = (app.visitor().await, app.visitor().await);
    let bearer = format!("Bearer {}", other.token);
    let paths = ["", "/events", "/messages", "/actions"];
    for (path, method) in paths.into_iter().zip(["GET", "GET", "POST", "POST"]) {
        let body = (method == "POST").then(|| json!({"client_id": "x", "text": "好"}));
        let path = format!("/conversations/{}{path}", talk.id);
        app.call(method, &path, &[("authorization", &bearer)], body.clone()).await.is(404, "conversation_not_found");
        app.call(method, &path, &[], body.clone()).await.is(401, "unauthenticated");
        for token in ["Bearer x", "Basic eDp5", "Bearer ", &format!("Bearer {}", "f".repeat(500))] {
            app.call(method, &path, &[("authorization", token)], body.clone()).await.is(401, "unauthenticated");
        }
    }
    let own = format!("Bearer {}", talk.token);
    for id in ["cv_0123456789ab0123456789abcdef", "cv_", "x", "..%2f..%2fetc", "cu_1001", "cv_%00"] {
        let answer = app.call("GET", &format!("/conversations/{id}"), &[("authorization", &own)], None).await;
        answer.is(404, "conversation_not_found");
    }
    assert_eq!((talk.last_seq().await, other.last_seq().await), (1, 1));
    app.stop().await;
}

#[tokio::test]
async fn wrong_order_and_replays() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let stale = [
        json!({"action": "choose", "slot": "from", "id": "ac_1"}),
        json!({"action": "confirm", "confirmation": "cf_0123"}),
        json!({"action": "refuse", "confirmation": "cf_0123"}),
        json!({"action": "resend_otp", "challenge": "ch_0123"}),
    ];
    for (at, action) in stale.into_iter().enumerate() {
        talk.act(&format!("a{at}"), action).await.is(409, "action_stale");
    }
    talk.act("o", json!({"action": "submit_otp", "challenge": "ch_0123"})).await.is(409, "otp_void");
    talk.act("x", json!({"action": "transfer", "amount": 1})).await.is(422, "bad_field");
    talk.call("GET", "/events?after=99", None).await.is(422, "cursor_ahead");
    for query in ["after=-1", "after=x", "limit=1.5", "after=99999999999999999999", "befor=1"] {
        talk.call("GET", &format!("/events?{query}"), None).await.is(422, "bad_field");
    }
    assert_eq!(talk.last_seq().await, 1);
    app.stop().await;
}

#[tokio::test]
async fn a_closed_conversation_takes_nothing_more() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    talk.act("a1", json!({"action": "ask_human"})).await.ok();
    talk.settle().await;
    let agent = app.staff("agent1").await;
    let queue = agent.get("/desk/queue").await.ok();
    let handoff = queue[0]["handoff"].as_str().unwrap().to_owned();
    agent.post(&format!("/desk/handoffs/{handoff}/accept"), json!({})).await.ok();
    agent.post(&format!("/desk/conversations/{}/close", talk.id), json!({"reason": "办完了"})).await.ok();
    let last = talk.last_seq().await;
    talk.say("late", "还在吗").await.is(409, "conversation_closed");
    talk.act("late2", json!({"action": "ask_human"})).await.is(409, "conversation_closed");
    assert_eq!(talk.last_seq().await, last);
    app.stop().await;
}

#[tokio::test]
async fn unknown_places_and_methods() {
    let app = TestApp::start().await;
    for path in ["/api/v1/nothing", "/api/v2/bank", "/api", "/assets/none.js", "/.env", "/..%2f..%2fetc%2fpasswd"] {
        app.send("GET", path, &[], None).await.is(404, "not_found");
    }
    app.send("DELETE", "/api/v1/bank", &[], None).await.is(405, "method_not_allowed");
    app.send("PUT", "/api/v1/conversations", &[], None).await.is(405, "method_not_allowed");
    app.send("POST", "/", &[], None).await.is(405, "method_not_allowed");
    let english = app.send("GET", "/api/v1/nothing", &[("accept-language", "en")], None).await;
    assert_eq!(
        (english.body["message"].as_str(), &english.headers["content-language"]),
        (Some("not found"), &"en".parse().unwrap())
    );
    app.stop().await;
}

#[tokio::test]
async fn too_fast_is_refused_and_only_the_fast_one() {
    let app = TestApp::builder().rate_limits().start().await;
    let (talk, other) = (app.visitor().await, app.visitor().await);
    let mut refused = None;
    for at in 0..60 {
        let answer = talk.act(&format!("a{at}"), json!({"action": "choose", "slot": "none", "id": "x"})).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.is(409, "action_stale");
    }
    let refused = refused.expect("a limit");
    refused.is(429, "rate_limited");
    assert!(refused.headers.contains_key("retry-after"));
    other.say("m", "周末上班吗").await.ok();
    app.stop().await;
}
