//! One call: what is sent, and what every kind of bad answer becomes.

use crate::server::{Act, Server, answer, head, status, stream};
use std::time::Duration;
use teller_llm::{CallError, ChatRequest, Client, Message, Phase, Reply, Role, Settings};
use tokio::time::Instant;

const GOOD: &str = r#"{"choices":[{"message":{"content":"柜台免费"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":4}}"#;

async fn ask_with(settings: &Settings, stream: bool, timeout: Duration) -> Result<Reply, CallError> {
    let messages = [Message::fixed(Role::System, "say it"), Message::masked(Role::User, &teller_privacy::mask("转账"))];
    let request = ChatRequest { model: "m", messages: &messages, max_tokens: 50, temperature: 0.2, stream };
    Client::new(settings).unwrap().chat(&request, Instant::now() + timeout).await
}

async fn ask(act: Act, stream: bool) -> Result<Reply, CallError> {
    let server = Server::start(vec![act]).await;
    ask_with(&Settings::at(&server.base), stream, Duration::from_secs(20)).await
}

#[tokio::test]
async fn a_good_answer_whole_and_in_pieces() {
    let whole = ask(answer("application/json; charset=utf-8", GOOD.as_bytes()), false).await.unwrap();
    assert_eq!((whole.text.as_str(), whole.usage.unwrap().completion_tokens), ("柜台免费", 4));
    let pieces = ask(stream(&["柜台", "", "免费"]), true).await.unwrap();
    assert_eq!((pieces.text.as_str(), pieces.usage.unwrap().prompt_tokens), ("柜台免费", 40));
    // Asked for a stream, answered whole: taken as it is.
    assert_eq!(ask(answer("application/json", GOOD.as_bytes()), true).await.unwrap().text, "柜台免费");
    // Bytes that fall apart anywhere, inside a character too.
    let Act::Say(bytes) = stream(&["柜台", "免费"]) else { panic!("a stream says") };
    let drip = Act::Drip { bytes, every: Duration::from_micros(200) };
    assert_eq!(ask(drip, true).await.unwrap().text, "柜台免费");
}

#[tokio::test]
async fn what_is_sent_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "sk-very-secret\n").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let server = Server::start(vec![answer("application/json", GOOD.as_bytes())]).await;
    let settings = Settings { key_file: Some(path), ..Settings::at(&server.base) };
    ask_with(&settings, false, Duration::from_secs(20)).await.unwrap();
    let request = server.requests().await.remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Bearer sk-very-secret"));
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["temperature"], 0.2);
    assert_eq!((&body["model"], &body["max_tokens"], &body["stream"]), (&"m".into(), &50.into(), &false.into()));
    assert_eq!(body["messages"][1], serde_json::json!({"role": "user", "content": "转账"}));
    // The key is shown by nothing.
    assert!(!format!("{:?} {settings:?}", Client::new(&settings).unwrap()).contains("sk-very"));
}

#[tokio::test]
async fn bad_answers() {
    let event = |data: &str| {
        let mut bytes = head("text/event-stream", "");
        bytes.extend_from_slice(format!("data: {data}\n\n").as_bytes());
        Act::Say(bytes)
    };
    let tools =
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"transfer","arguments":"{\"am"}}]}}]}"#;
    let raw = |text: &[u8]| Act::Say(text.to_vec());
    let cases: Vec<(&str, Act, bool, CallError)> = vec![
        ("html", answer("text/html", b"<html>"), false, CallError::ContentType),
        ("no type", raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"), false, CallError::ContentType),
        ("a stream nobody asked for", stream(&["x"]), false, CallError::ContentType),
        ("not JSON", answer("application/json", b"{\"choices\": [ oh"), false, CallError::Malformed),
        (
            "not UTF-8",
            answer("application/json", b"{\"choices\":[{\"message\":{\"content\":\"\xff\xfe\"}}]}"),
            false,
            CallError::Malformed,
        ),
        ("deep JSON", answer("application/json", "[".repeat(100_000).as_bytes()), false, CallError::Malformed),
        (
            "an error as a success",
            answer("application/json", b"{\"error\":{\"message\":\"sk-1\"}}"),
            false,
            CallError::Malformed,
        ),
        ("nothing", answer("application/json", b""), false, CallError::Malformed),
        ("no choices", answer("application/json", b"{\"choices\":[]}"), false, CallError::Cut),
        ("events that are no JSON", event("oh"), true, CallError::Malformed),
        (
            "events that are no UTF-8",
            Act::Say([head("text/event-stream", ""), b"data: \xff\n\n".to_vec()].concat()),
            true,
            CallError::Malformed,
        ),
        ("a stream cut short", event(r#"{"choices":[{"delta":{"content":"柜"}}]}"#), true, CallError::Cut),
        (
            "a body cut short",
            raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"choices\""),
            false,
            CallError::Cut,
        ),
        ("an empty stream", event("[DONE]"), true, CallError::Empty),
        ("tool calls", event(tools), true, CallError::ToolCall),
        (
            "no end of the text",
            event(r#"{"choices":[{"delta":{"content":"柜"},"finish_reason":"length"}]}"#),
            true,
            CallError::Unfinished,
        ),
        ("a redirect", status("302 Found", "location: http://127.0.0.1:1/steal\r\n"), false, CallError::Redirected),
        (
            "a permanent one",
            status("308 Permanent Redirect", "location: file:///etc/passwd\r\n"),
            false,
            CallError::Redirected,
        ),
        ("not allowed", status("401 Unauthorized", ""), false, CallError::Status { status: 401, retry_after_ms: 0 }),
        (
            "too fast",
            status("429 Too Many Requests", "retry-after: 99999\r\n"),
            false,
            CallError::Status { status: 429, retry_after_ms: 2_000 },
        ),
        ("no HTTP", raw(b"SSH-2.0-OpenSSH_9.2\r\n"), false, CallError::NoReply),
        ("closed", Act::Close, false, CallError::NoReply),
    ];
    for (name, act, stream, error) in cases {
        assert_eq!(ask(act, stream).await, Err(error), "{name}");
    }
    // Nobody listens.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = Settings::at(&format!("http://{free}/v1"));
    assert_eq!(ask_with(&nobody, false, Duration::from_secs(20)).await, Err(CallError::NotSent));
}

#[tokio::test]
async fn without_an_end() {
    let json = |kind: &str| head(kind, "");
    for (name, act, stream) in [
        ("a body", Act::Endless { head: json("application/json"), again: b" ".repeat(4_096) }, false),
        ("a line", Act::Endless { head: json("text/event-stream"), again: b"data: aaaa".repeat(100) }, true),
        ("lines", Act::Endless { head: json("text/event-stream"), again: b":\n".repeat(2_048) }, true),
        (
            "pieces",
            Act::Endless {
                head: json("text/event-stream"),
                again: format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "柜".repeat(200))
                    .into_bytes(),
            },
            true,
        ),
    ] {
        assert_eq!(ask(act, stream).await, Err(CallError::TooLarge), "{name}");
    }
}

#[tokio::test]
async fn too_slow() {
    let short = Duration::from_millis(300);
    let settings =
        |server: &Server, first_byte_timeout_ms| Settings { first_byte_timeout_ms, ..Settings::at(&server.base) };
    // Silence before the head, and between head and body.
    for act in [Act::Hang(Vec::new()), Act::Hang(head("application/json", ""))] {
        let server = Server::start(vec![act]).await;
        let answer = ask_with(&settings(&server, 200), false, Duration::from_secs(20)).await;
        assert_eq!(answer, Err(CallError::TimedOut(Phase::FirstByte)));
    }
    // A first piece in time, then nothing; and a drip that goes on and on.
    let begun = [head("text/event-stream", ""), b"data: {}\n\n".to_vec()].concat();
    let drip = Act::Drip {
        bytes: [head("text/event-stream", ""), b": ".repeat(60_000)].concat(),
        every: Duration::from_millis(1),
    };
    for act in [Act::Hang(begun), drip] {
        let server = Server::start(vec![act]).await;
        let answer = ask_with(&settings(&server, 20_000), true, short).await;
        assert_eq!(answer, Err(CallError::TimedOut(Phase::Total)));
    }
}
