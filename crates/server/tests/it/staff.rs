//! The desk: signing in, permissions, the way of a hand-off.

use crate::app::{Answer, Socket, TestApp, text};
use serde_json::{Value, json};
use std::sync::Arc;
use teller_kernel::Clock;
use teller_kernel::ports::fixed::ManualClock;
use teller_server::chance::SystemClock;
use teller_server::http::openapi::specification;

async fn sign_in(app: &TestApp, user: &str, password: &str) -> Answer {
    app.call("POST", "/staff/session", &[], Some(json!({"user": user, "password": password}))).await
}

#[tokio::test]
async fn signing_in_and_out() {
    let app = TestApp::start().await;
    sign_in(&app, "agent1", "wrong").await.is(401, "sign_in_refused");
    sign_in(&app, "nobody", "yunshan-demo").await.is(401, "sign_in_refused");
    sign_in(&app, &"x".repeat(500), "y").await.is(401, "sign_in_refused");
    let good = sign_in(&app, "agent1", "yunshan-demo").await;
    let cookie = good.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
    assert_eq!(good.ok()["staff"]["roles"], json!(["agent"]));

    let agent = app.staff("agent1").await;
    assert_eq!(agent.get("/staff/session").await.ok()["csrf"], json!(agent.csrf));
    let headers = [("cookie", agent.cookie.as_str()), ("x-teller-csrf", agent.csrf.as_str())];
    assert_eq!(app.call("DELETE", "/staff/session", &headers, None).await.status, 204);
    agent.get("/staff/session").await.is(401, "unauthenticated");
    app.stop().await;
}

#[tokio::test]
async fn guessing_locks_the_account_for_a_while() {
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
    let app = TestApp::builder().clock(clock.clone()).start().await;
    for _ in 0..5 {
        sign_in(&app, "agent1", "guess").await.is(401, "sign_in_refused");
    }
    // The right password does not help now, and others are not concerned.
    sign_in(&app, "agent1", "yunshan-demo").await.is(429, "sign_in_locked");
    sign_in(&app, "agent2", "yunshan-demo").await.ok();
    clock.advance_ms(15 * 60_000 + 1);
    sign_in(&app, "agent1", "yunshan-demo").await.ok();
    app.stop().await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
    let app = TestApp::builder().clock(clock.clone()).start().await;
    let agent = app.staff("agent1").await;
    clock.advance_ms(29 * 60_000);
    agent.get("/desk/queue").await.ok();
    clock.advance_ms(29 * 60_000);
    agent.get("/desk/queue").await.ok();
    clock.advance_ms(31 * 60_000);
    agent.get("/desk/queue").await.is(401, "unauthenticated");
    app.stop().await;
}

#[tokio::test]
async fn changes_need_the_header() {
    let app = TestApp::start().await;
    let agent = app.staff("agent1").await;
    for csrf in ["", "wrong"] {
        let headers = [("cookie", agent.cookie.as_str()), ("x-teller-csrf", csrf)];
        app.call("POST", "/desk/handoffs/ho_1/accept", &headers, Some(json!({}))).await.is(403, "forbidden");
        app.call("DELETE", "/staff/session", &headers, None).await.is(403, "forbidden");
    }
    agent.get("/staff/session").await.ok();
    app.stop().await;
}

/// Every staff route is refused to everybody who lacks its permission; the
/// table comes from the specification, so that no route can be forgotten.
#[tokio::test]
async fn every_staff_route_asks_for_its_permission() {
    let app = TestApp::start().await;
    let spec = serde_json::to_value(specification()).unwrap();
    // Which demo sign-in has which permission.
    let holds = |user: &str, permission: &str| match user {
        "agent1" => permission == "converse",
        "super" => matches!(permission, "converse" | "explain"),
        "release1" => permission == "release",
        "admin" => matches!(permission, "explain" | "manage_packs"),
        _ => false,
    };
    let mut staff = Vec::new();
    for user in ["agent1", "super", "release1", "admin"] {
        staff.push((user, app.staff(user).await));
    }
    let mut looked_at = 0;
    for (path, operations) in spec["paths"].as_object().unwrap() {
        let inside = ["/api/v1/desk", "/api/v1/packs", "/api/v1/staff", "/api/v1/language-model"]
            .iter()
            .any(|prefix| path.starts_with(prefix));
        for (method, operation) in operations.as_object().unwrap() {
            let signs_in = path == "/api/v1/staff/session" && method == "post";
            assert_eq!(inside, operation["tags"][0] == "staff", "{method} {path}");
            if !inside || signs_in {
                continue;
            }
            let needed = needed(operation);
            let concrete = path.replace("{id}", "xx_1");
            let (method, concrete) = (method.to_uppercase(), concrete.trim_start_matches("/api/v1").to_owned());
            app.call(&method, &concrete, &[], Some(json!({}))).await.is(401, "unauthenticated");
            let forged = [("cookie", "teller_staff=0123456789abcdef")];
            app.call(&method, &concrete, &forged, Some(json!({}))).await.is(401, "unauthenticated");
            if needed.is_empty() {
                assert!(path.ends_with("/session"), "{method} {path} asks for no permission");
                continue;
            }
            for (user, member) in &staff {
                let headers = [("cookie", member.cookie.as_str()), ("x-teller-csrf", member.csrf.as_str())];
                let answer = app.call(&method, &concrete, &headers, Some(json!({}))).await;
                let may = needed.iter().any(|permission| holds(user, permission));
                assert_eq!(may, answer.code() != "forbidden", "{user} {method} {path}: {}", answer.body);
            }
            looked_at += 1;
        }
    }
    assert!(looked_at >= 14, "only {looked_at} routes in the specification");
    app.stop().await;
}

fn needed(operation: &Value) -> Vec<String> {
    let schemes = operation["security"].as_array().into_iter().flatten();
    let scopes = schemes.filter_map(|scheme| scheme["staff"].as_array()).flatten();
    scopes.map(|scope| scope.as_str().unwrap().to_owned()).collect()
}

async fn asked_for_a_human(talk: &crate::app::Talk<'_>) {
    talk.say("h0", "我的手机号是13800138000，周末上班吗").await.ok();
    talk.settle().await;
    talk.say("h1", "转人工").await.ok();
    talk.settle().await;
}

#[tokio::test]
async fn a_hand_off_from_the_queue_to_the_end() {
    let app = TestApp::start().await;
    let talk = app.customer().await;
    let mut page = talk.stream(0).await;
    let (agent, other, supervisor) = (app.staff("agent1").await, app.staff("agent2").await, app.staff("super").await);
    let mut desk = agent.stream().await;
    asked_for_a_human(&talk).await;
    desk.until(|frame| frame["kind"] == "queue").await;

    let queue = agent.get("/desk/queue").await.ok();
    let entry = &queue[0];
    assert_eq!(entry["conversation"], json!(talk.id));
    assert!(text(&entry["customer_masked"]).contains('*'));
    assert!(!queue.to_string().contains("13800138000"), "{queue}");
    let path = format!("/desk/conversations/{}", talk.id);
    assert_eq!(other.get(&path).await.ok()["status"], "queued");

    let accept = format!("/desk/handoffs/{}/accept", text(&entry["handoff"]));
    assert_eq!(agent.post(&accept, json!({})).await.ok()["conversation"], json!(talk.id));
    other.post(&accept, json!({})).await.is(409, "already_taken");
    assert_eq!(agent.get("/desk/queue").await.ok(), json!([]));

    // Context: complete, masked. Words: as said to the holder, masked to others.
    let context = agent.get(&path).await.ok();
    assert_eq!((&context["status"], &context["customer"]["level"]), (&json!("agent"), &json!("L1")));
    assert!(context["packet"]["summary"].as_array().is_some_and(|lines| !lines.is_empty()), "{context}");
    let said = agent.get(&format!("{path}/events")).await.ok().to_string();
    assert!(said.contains("13800138000") && said.contains("turn_completed"));
    let seen = supervisor.get(&format!("{path}/events")).await.ok().to_string();
    assert!(!seen.contains("13800138000") && seen.contains("turn_completed"));
    other.get(&path).await.is(403, "forbidden");
    other.get(&format!("{path}/events")).await.is(403, "forbidden");

    // Both talk; the machine keeps silent.
    desk.send(json!({"kind": "watch", "conversation": talk.id, "after": 0})).await;
    let reply = json!({"client_id": "r1", "text": "您好，我是客服何立。"});
    let first = agent.post(&format!("{path}/reply"), reply.clone()).await.ok();
    let again = agent.post(&format!("{path}/reply"), reply.clone()).await.ok();
    assert_eq!((&first["seq"], &again["duplicate"]), (&again["seq"], &json!(true)));
    other.post(&format!("{path}/reply"), reply).await.is(409, "not_your_conversation");
    page.until(|frame| frame["event"]["type"] == "agent_replied").await;
    talk.say("h2", "周末上班吗").await.ok();
    let live = desk.until(|frame| frame["event"]["client_id"] == "h2").await;
    assert!(live.iter().any(|frame| frame["event"]["type"] == "opened"));
    assert_eq!(agent.get("/desk/mine").await.ok()[0]["unread"], json!(1));
    desk.send(json!({"kind": "typing", "conversation": talk.id})).await;
    page.until(|frame| frame["kind"] == "typing").await;
    page.send(json!({"kind": "typing"})).await;
    desk.until(|frame| frame["kind"] == "typing").await;

    // Back to the machine, which answers again; then nobody's to close.
    agent.post(&format!("{path}/hand-back"), json!({"note": "已说明营业时间"})).await.ok();
    page.until(|frame| frame["event"]["type"] == "handed_back").await;
    talk.say("h3", "周末上班吗").await.ok();
    page.until(|frame| frame["event"]["type"] == "replied" && frame["event"].to_string().contains("branch-hours"))
        .await;
    agent.post(&format!("{path}/close"), json!({"reason": "x"})).await.is(409, "not_your_conversation");

    // Who looked is on record.
    let audit = app.wired.app.store.audit_of(&talk.id, 100).await.unwrap();
    let readers: Vec<&str> =
        audit.iter().filter(|row| row.action == "conversation.read").map(|row| row.actor.as_str()).collect();
    assert!(readers.contains(&"staff:st_demo-agent1") && readers.contains(&"staff:st_demo-super"), "{readers:?}");
    app.wired.app.store.verify_audit().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn looking_back_is_masked_and_paged() {
    let app = TestApp::start().await;
    let talk = app.customer().await;
    talk.say("m", "我的手机号是13800138000，周末上班吗").await.ok();
    talk.settle().await;
    let _second = app.visitor().await;
    let supervisor = app.staff("super").await;
    let list = supervisor.get("/desk/conversations?limit=1").await.ok();
    let before = text(&list[0]["conversation"]);
    let rest = supervisor.get(&format!("/desk/conversations?before={before}")).await.ok();
    assert_eq!(rest[0]["conversation"], json!(talk.id));
    assert!(text(&rest[0]["last_text_masked"]).contains('*') && !rest.to_string().contains("13800138000"));
    let by_time = format!("/desk/conversations?before={}", rest[0]["opened_at_ms"].as_i64().unwrap() + 1);
    assert_eq!(supervisor.get(&by_time).await.ok()[0]["conversation"], json!(talk.id));
    supervisor.get("/desk/conversations?before=x").await.is(422, "bad_field");
    app.stop().await;
}

#[tokio::test]
async fn a_desk_stream_shows_only_what_may_be_read() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    assert_eq!(Socket::connect(&app, "/api/v1/desk/stream", Some("teller.v1"), None).await.err(), Some(401));
    let release = app.staff("release1").await;
    let refused = Socket::connect(&app, "/api/v1/desk/stream", Some("teller.v1"), Some(&release.cookie)).await;
    assert_eq!(refused.err(), Some(403));
    let agent = app.staff("agent1").await;
    let mut desk = agent.stream().await;
    // A conversation with the machine is none of an agent's business.
    desk.send(json!({"kind": "watch", "conversation": talk.id})).await;
    assert_eq!(desk.next().await.unwrap()["code"], json!("forbidden"));
    desk.send(json!({"kind": "watch", "conversation": "cv_0123456789ab0123456789abcdef"})).await;
    assert_eq!(desk.next().await.unwrap()["code"], json!("conversation_not_found"));
    desk.send(json!({"kind": "watch", "conversation": "x"})).await;
    assert_eq!(desk.next().await.unwrap()["code"], json!("bad_field"));
    // Held, it is; handed back, the delivery ends.
    talk.say("h", "转人工").await.ok();
    talk.settle().await;
    let queue = agent.get("/desk/queue").await.ok();
    agent.post(&format!("/desk/handoffs/{}/accept", text(&queue[0]["handoff"])), json!({})).await.ok();
    desk.send(json!({"kind": "watch", "conversation": talk.id})).await;
    desk.until(|frame| frame["event"]["type"] == "agent_joined").await;
    app.stop().await;
}

#[tokio::test]
async fn another_site_cannot_open_the_desk_stream() {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let app = TestApp::start().await;
    let agent = app.staff("agent1").await;
    let mut request = format!("ws://{}/api/v1/desk/stream", app.address).into_client_request().unwrap();
    for (name, value) in [("cookie", agent.cookie.as_str()), ("origin", "https://evil.example")] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let refused = tokio_tungstenite::connect_async(request).await;
    assert!(matches!(refused, Err(tokio_tungstenite::tungstenite::Error::Http(answer)) if answer.status() == 403));
    app.stop().await;
}
