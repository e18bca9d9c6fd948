//! A language model in a turn: it may say an answer again, and nothing else.

use crate::app::{TestApp, text};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use teller_kernel::EventBody;
use teller_kernel::trace::TurnTrace;
use teller_llm::{Settings, UseCase, UseSettings};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// What the model says to the prompt it gets; none: nothing, for ever.
type Says = fn(&str) -> Option<String>;

struct Model {
    settings: Settings,
    prompts: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Playing {
    says: Says,
    prompts: Arc<Mutex<Vec<String>>>,
}

async fn complete(State(playing): State<Playing>, body: String) -> axum::Json<Value> {
    let asked: Value = serde_json::from_str(&body).unwrap();
    let prompt = text(&asked["messages"][1]["content"]);
    playing.prompts.lock().await.push(body);
    let Some(said) = (playing.says)(&prompt) else { std::future::pending().await };
    axum::Json(json!({"choices": [{"message": {"content": said}, "finish_reason": "stop"}]}))
}

async fn model(says: Says, timeout_ms: u64) -> Model {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let prompts = Arc::new(Mutex::new(Vec::new()));
    let mut settings = Settings::at(&format!("http://{}/v1", listener.local_addr().unwrap()));
    settings.first_byte_timeout_ms = timeout_ms;
    settings.uses.insert(UseCase::RephraseAnswer, UseSettings { timeout_ms, ..UseSettings::new("small-model") });
    let router = Router::new().route("/v1/chat/completions", post(complete));
    let router = router.with_state(Playing { says, prompts: prompts.clone() });
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    Model { settings, prompts, _tasks: tasks }
}

/// The sentences of the standard reply in the prompt.
fn sentences(prompt: &str) -> Vec<String> {
    let (_, reply) = prompt.split_once("【标准答复】\n").unwrap();
    reply.lines().map(str::to_owned).collect()
}

struct Told {
    sentences: Vec<String>,
    citations: usize,
    trace: TurnTrace,
}

/// What a visitor gets to a question that an article answers.
async fn told(app: &TestApp) -> Told {
    let talk = app.visitor().await;
    talk.say("m1", "周末上班吗").await.ok();
    talk.settle().await;
    let id = crate::app::ParseId::parse_id(talk.id.as_str());
    let events = app.wired.app.conversations.events(&id, 0, 500).await.unwrap();
    let mut told = Told { sentences: Vec::new(), citations: 0, trace: TurnTrace::default() };
    for event in events {
        match event.body {
            EventBody::Replied { parts, .. } => {
                for part in parts {
                    if let teller_kernel::Part::Answer { sentences, citations } = part {
                        told.sentences.extend(sentences.into_iter().map(|sentence| sentence.text));
                        told.citations += citations.len();
                    }
                }
            }
            EventBody::TurnCompleted { trace, .. } => told.trace = *trace,
            _ => {}
        }
    }
    told
}

async fn with(model: &Model) -> Told {
    let app = TestApp::builder().llm(model.settings.clone()).start().await;
    let told = told(&app).await;
    app.stop().await;
    told
}

const PATIENT_MS: u64 = 30_000;

#[tokio::test]
async fn an_answer_in_other_words_keeps_its_source() {
    let plain = {
        let app = TestApp::start().await;
        let plain = told(&app).await;
        app.stop().await;
        plain
    };
    assert!(!plain.sentences.is_empty() && plain.trace.model_calls.is_empty());
    let polite =
        model(|prompt| Some(sentences(prompt).iter().map(|line| format!("您好，{line}\n")).collect()), PATIENT_MS)
            .await;
    let told = with(&polite).await;
    let expected: Vec<String> = plain.sentences.iter().map(|sentence| format!("您好，{sentence}")).collect();
    assert_eq!((told.sentences, told.citations), (expected, plain.citations));
    let call = &told.trace.model_calls[0];
    assert_eq!(
        (call.model.as_str(), call.prompt.as_str(), call.outcome.as_str()),
        ("small-model", "rephrase/1", "answered")
    );
    assert_eq!((call.sentences as usize, call.dropped.len()), (plain.sentences.len(), 0));
    assert_eq!(told.trace.evidence, plain.trace.evidence);
    assert!(told.trace.decisions.iter().any(|decision| decision.decision == "rephrase"));

    // Whatever it makes up is not said, and the trace tells.
    let liar = model(|_| Some("本行全年无休，转账收费99元，请发验证码。".to_owned()), PATIENT_MS).await;
    let told = with(&liar).await;
    assert_eq!(told.sentences, plain.sentences);
    assert!(!told.trace.model_calls[0].dropped.is_empty());
    assert_eq!(told.trace.model_calls[0].sentences, 0);

    // Nor is it waited for.
    let mute = model(|_| None, 300).await;
    let told = with(&mute).await;
    assert_eq!(told.sentences, plain.sentences);
    assert!(told.trace.model_calls[0].outcome.starts_with("failed:timed_out"), "{:?}", told.trace.model_calls);

    // Nor asked where the switch is off.
    let mut off = model(|_| None, PATIENT_MS).await;
    off.settings.uses.values_mut().for_each(|used| used.enabled = false);
    let told = with(&off).await;
    assert_eq!((told.sentences, told.trace.model_calls[0].outcome.as_str()), (plain.sentences, "refused:off"));
    assert!(off.prompts.lock().await.is_empty());
}

#[tokio::test]
async fn what_was_said_is_not_asked_for_again() {
    let polite =
        model(|prompt| Some(sentences(prompt).iter().map(|line| format!("您好，{line}\n")).collect()), PATIENT_MS)
            .await;
    let app = TestApp::builder().llm(polite.settings.clone()).start().await;
    let talk = app.visitor().await;
    talk.say("m1", "周末上班吗").await.ok();
    talk.settle().await;
    let before = talk.events(0).await;
    // Read again, resumed, said twice under one name: the model is asked once.
    assert_eq!(talk.events(0).await, before);
    talk.say("m1", "周末上班吗").await.ok();
    talk.settle().await;
    tokio::time::timeout(Duration::from_secs(60), app.wired.app.conversations.recover()).await.unwrap().unwrap();
    assert_eq!(polite.prompts.lock().await.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn the_kill_switch_is_thrown_by_an_admin_at_once() {
    let polite = model(|prompt| Some(sentences(prompt).join("\n")), PATIENT_MS).await;
    let app = TestApp::builder().llm(polite.settings.clone()).start().await;
    let (admin, agent) = (app.staff("admin").await, app.staff("agent1").await);
    let path = "/api/v1/language-model/rephrase_answer";
    let put = async |staff: &crate::app::Staff<'_>, path: &str, body: Value| {
        let headers = [("cookie", staff.cookie.as_str()), ("x-teller-csrf", staff.csrf.as_str())];
        app.send("PUT", path, &headers, Some(("application/json", body.to_string().into_bytes()))).await
    };
    put(&agent, path, json!({"enabled": false})).await.is(403, "forbidden");
    put(&admin, "/api/v1/language-model/invent_rates", json!({"enabled": false})).await.is(404, "not_found");
    assert_eq!(told(&app).await.trace.model_calls[0].outcome, "answered");
    assert_eq!(put(&admin, path, json!({"enabled": false})).await.ok()["enabled"], false);
    assert_eq!(told(&app).await.trace.model_calls[0].outcome, "refused:off");
    assert_eq!(put(&admin, path, json!({"enabled": true})).await.ok()["enabled"], true);
    assert_eq!(told(&app).await.trace.model_calls[0].outcome, "answered");
    let uses = admin.get("/language-model").await.ok();
    assert_eq!((&uses[0]["model"], &uses[0]["resting"]), (&json!("small-model"), &json!(false)));
    app.stop().await;
    // Where there is none, there is nothing to switch.
    let app = TestApp::start().await;
    let admin = app.staff("admin").await;
    assert_eq!(admin.get("/language-model").await.ok(), json!([]));
    app.stop().await;
}
