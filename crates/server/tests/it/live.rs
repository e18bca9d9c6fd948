//! Live delivery: nothing lost, nothing repeated, several devices, refusals
//! that leave the connection and the conversation as they were.

use crate::app::{Socket, TestApp, seqs};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

fn replied(frame: &Value) -> bool {
    frame["event"]["type"] == "replied"
}

fn idle(frame: &Value) -> bool {
    frame["kind"] == "busy" && frame["busy"] == json!(false)
}

#[tokio::test]
async fn a_message_is_acknowledged_answered_and_seen_on_every_device() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let (mut phone, mut laptop) = (talk.stream(0).await, talk.stream(0).await);
    phone.send(json!({"kind": "message", "client_id": "m1", "text": "周末上班吗"})).await;
    let on_phone = phone.until(idle).await;
    let ack = on_phone.iter().find(|frame| frame["kind"] == "ack").unwrap();
    assert_eq!(ack, &json!({"kind": "ack", "client_id": "m1", "seq": 2, "duplicate": false}));
    let busy: Vec<_> = on_phone.iter().filter(|frame| frame["kind"] == "busy").map(|frame| &frame["busy"]).collect();
    assert_eq!(busy, [&json!(true), &json!(false)]);
    let on_laptop = laptop.until(idle).await;
    assert_eq!(seqs(&on_laptop), seqs(&on_phone));
    assert_eq!(talk.events(0).await.len(), seqs(&on_phone).len());

    phone.send(json!({"kind": "message", "client_id": "m1", "text": "周末上班吗"})).await;
    let again = phone.until(|frame| frame["kind"] == "ack").await.pop().unwrap();
    assert_eq!(again, json!({"kind": "ack", "client_id": "m1", "seq": 2, "duplicate": true}));
    app.stop().await;
}

#[tokio::test]
async fn resuming_anywhere_gives_the_rest_once() {
    let app = TestApp::start().await;
    let talk = app.customer().await;
    for (at, text) in ["查一下余额", "你们几点开门"].into_iter().enumerate() {
        talk.say(&format!("m{at}"), text).await.ok();
        talk.settle().await;
    }
    let all: Vec<u64> = talk.events(0).await.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    let last = talk.last_seq().await;
    for after in 0..=last {
        let rest: Vec<u64> = all.iter().copied().filter(|seq| *seq > after).collect();
        let mut socket = talk.stream(after).await;
        let mut seen = Vec::new();
        while seen.len() < rest.len() {
            seen.extend(seqs(&[socket.next().await.unwrap()]));
        }
        assert_eq!(seen, rest, "after {after}");
    }
    assert_eq!(talk.try_stream(last + 1, &talk.token).await.err(), Some(422));
    app.stop().await;
}

/// Devices come and go while messages are being sent and answered; each one
/// resumes from what it saw last. Every device ends with the whole list, once.
#[tokio::test]
async fn devices_that_come_and_go_miss_nothing() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let messages = 12;
    let sender = async {
        for at in 0..messages {
            let text = ["周末上班吗", "你们几点开门", "网点几点关门"][at % 3];
            // Full or busy: the same client id goes again, as a page does.
            loop {
                let answer = talk.say(&format!("m{at}"), text).await;
                if answer.status == 202 {
                    break;
                }
                answer.is(429, "too_many_pending");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        talk.settle().await;
        talk.last_seq().await
    };
    let device = async |patience: usize| {
        let mut seen: Vec<u64> = Vec::new();
        loop {
            let mut socket = talk.stream(seen.last().copied().unwrap_or(0)).await;
            for _ in 0..patience {
                seen.extend(seqs(&[socket.next().await.unwrap()]));
                let replies = seen.len();
                // opened, and a message and its reply for each
                if replies == 1 + 2 * messages {
                    return seen;
                }
            }
        }
    };
    let (_, one, two, three) = tokio::join!(sender, device(1), device(3), device(1_000));
    let all: Vec<u64> = talk.events(0).await.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(one, all);
    assert_eq!(two, all);
    assert_eq!(three, all);
    app.stop().await;
}

#[tokio::test]
async fn bad_frames_are_answered_and_change_nothing() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let mut socket = talk.stream(1).await;
    let long = "长".repeat(2_001);
    let cases = [
        (json!({"kind": "message", "client_id": "b1", "text": ""}), "message_empty", Some("b1")),
        (json!({"kind": "message", "client_id": "b2", "text": long}), "message_too_long", Some("b2")),
        (json!({"kind": "message", "client_id": "b3", "text": "a\u{0}b"}), "message_not_text", Some("b3")),
        (json!({"kind": "message", "client_id": "", "text": "x"}), "bad_field", Some("")),
        (json!({"kind": "message", "client_id": "b5"}), "bad_field", Some("b5")),
        (json!({"kind": "message", "client_id": "b6", "text": "x", "admin": true}), "bad_field", Some("b6")),
        (json!({"kind": "sudo"}), "bad_field", None),
        (json!([]), "bad_field", None),
        (
            json!({"kind": "action", "client_id": "b7", "action": {"action": "confirm", "confirmation": "cf_1"}}),
            "action_stale",
            Some("b7"),
        ),
        (
            json!({"kind": "action", "client_id": "b8", "action": {"action": "confirm", "confirmation": "x'; --"}}),
            "bad_field",
            Some("b8"),
        ),
        (
            json!({"kind": "action", "client_id": "b9", "action": {"action": "submit_otp", "challenge": "ch_1"}, "code": "1"}),
            "otp_void",
            Some("b9"),
        ),
    ];
    for (frame, code, client) in cases {
        socket.send(frame.clone()).await;
        let answer = socket.next().await.unwrap();
        assert_eq!((&answer["kind"], &answer["code"]), (&json!("problem"), &json!(code)), "{frame}");
        assert_eq!(answer["client_id"].as_str(), client, "{frame}");
    }
    for (message, code) in [
        (Message::text("{"), "bad_request"),
        (Message::text("null"), "bad_field"),
        (Message::binary(vec![0, 159, 146, 150]), "bad_request"),
    ] {
        socket.send_message(message).await;
        assert_eq!(socket.next().await.unwrap()["code"], json!(code));
    }
    assert_eq!(talk.last_seq().await, 1);
    // The same socket still works.
    socket.send(json!({"kind": "message", "client_id": "m1", "text": "周末上班吗"})).await;
    socket.until(replied).await;
    // Larger than any frame may be: the connection ends, the conversation does not.
    let huge = json!({"kind": "message", "client_id": "b", "text": "x".repeat(70_000)});
    socket.until(idle).await;
    let before = talk.last_seq().await;
    socket.send(huge).await;
    assert_eq!(socket.close_code().await, Some(1009));
    assert_eq!(talk.last_seq().await, before);
    app.stop().await;
}

#[tokio::test]
async fn a_stream_opens_with_its_own_token_only() {
    let app = TestApp::start().await;
    let (talk, other) = (app.visitor().await, app.visitor().await);
    assert_eq!(talk.try_stream(0, &other.token).await.err(), Some(404));
    assert_eq!(talk.try_stream(0, "").await.err(), Some(401));
    assert_eq!(talk.try_stream(0, &"f".repeat(64)).await.err(), Some(401));
    let path = format!("/api/v1/conversations/{}/stream", talk.id);
    assert_eq!(Socket::connect(&app, &path, Some("teller.v1"), None).await.err(), Some(401));
    // Without a handshake it is an ordinary request, and a bad one.
    let protocols = format!("teller.v1, bearer.{}", talk.token);
    let plain = app.send("GET", &path, &[("sec-websocket-protocol", &protocols)], None).await;
    plain.is(400, "bad_request");
    app.stop().await;
}

#[tokio::test]
async fn a_stopping_server_says_so() {
    let app = TestApp::start().await;
    let talk = app.visitor().await;
    let mut socket = talk.stream(1).await;
    app.wired.stop.send(true).unwrap();
    assert_eq!(socket.close_code().await, Some(1001));
}
