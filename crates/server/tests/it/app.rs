//! A whole server for one test: temporary data, a small pack, a sandbox core,
//! everything on loopback addresses of its own.

use futures_util::{SinkExt, StreamExt};
use sandbox_bank::{BusinessDate, Options, SandboxBank};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use teller_kernel::Clock;
use teller_server::chance::{SystemClock, SystemRng};
use teller_server::config::{LogFormat, Settings};
use teller_server::wiring::{Wired, wire};
use teller_server::{demo, http, listen};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A customer of the demo bank.
pub const CUSTOMER: &str = "cu_1001";
/// Longest wait for something that must happen; a test that waits so long fails.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct TestApp {
    pub wired: Wired,
    pub address: SocketAddr,
    pub client: reqwest::Client,
    pub folder: TempDir,
    tasks: JoinSet<()>,
}

/// An answer: status and JSON (null without a body).
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("(no code)")
    }

    /// The refusal expected, and nothing else.
    #[track_caller]
    pub fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        assert!(self.body["message"].as_str().is_some_and(|message| !message.is_empty()));
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Changes the settings of a test's server.
pub struct Builder {
    rate_limits: bool,
    demo: bool,
    clock: Arc<dyn Clock>,
    llm: Option<teller_llm::Settings>,
}

impl Builder {
    pub fn llm(mut self, llm: teller_llm::Settings) -> Self {
        self.llm = Some(llm);
        self
    }

    pub fn rate_limits(mut self) -> Self {
        self.rate_limits = true;
        self
    }

    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    pub async fn start(self) -> TestApp {
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("pack");
        teller_server::cli::write_new_pack(&pack).unwrap();
        add_origins(&pack);
        let mut tasks = JoinSet::new();
        let core = serve_sandbox(&mut tasks).await;
        let settings = Settings {
            data: folder.path().join("data"),
            models_dir: None,
            listen: "127.0.0.1:0".parse().unwrap(),
            demo: self.demo,
            pack,
            core_url: Some(core.clone()),
            sandbox_listen: "127.0.0.1:0".parse().unwrap(),
            models: false,
            secure_cookies: false,
            proxies: 0,
            rate_limits: self.rate_limits,
            max_database_bytes: None,
            log: "off".to_owned(),
            log_format: LogFormat::Text,
            llm: self.llm,
        };
        let wired = wire(&settings, &core, self.clock, Arc::new(SystemRng)).await.unwrap();
        let listener = TcpListener::bind(settings.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        tasks.spawn(listen::serve(listener, http::router(wired.app.clone()), wired.app.stopping.clone()));
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        TestApp { wired, address, client, folder, tasks }
    }
}

fn add_origins(pack: &Path) {
    let path = pack.join("pack.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let origins = "origins:\n  - { origin: \"https://own.example\", ownership: own }\n  - { origin: \"https://shop.example\", ownership: third_party }";
    assert!(text.contains("origins: []"));
    std::fs::write(path, text.replace("origins: []", origins)).unwrap();
}

async fn serve_sandbox(tasks: &mut JoinSet<()>) -> String {
    let seed = repository().join("packs/demo/core");
    let options = Options { business_date: BusinessDate::Seed, always_open: true };
    let clock = sandbox_bank::time::system_clock();
    let bank = SandboxBank::open_with(Path::new(":memory:"), &seed, clock, options).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move { axum::serve(listener, bank.router()).await.unwrap() });
    format!("http://{address}")
}

impl TestApp {
    pub fn builder() -> Builder {
        Builder { rate_limits: false, demo: true, clock: Arc::new(SystemClock), llm: None }
    }

    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request to the API with headers and, perhaps, a JSON body.
    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string());
        self.send(method, &format!("/api/v1{path}"), headers, body.map(|body| ("application/json", body.into_bytes())))
            .await
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Answer {
        let mut request = self.client.request(method.parse().unwrap(), self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((kind, bytes)) = body {
            request = request.header("content-type", kind).body(bytes);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)));
        Answer { status, body, headers }
    }

    /// The bank's app hands a customer over.
    pub async fn handover(&self, customer: &str) -> String {
        let answer = self.call("POST", "/demo/sign-in", &[], Some(json!({"customer": customer}))).await.ok();
        answer["handover"].as_str().unwrap().to_owned()
    }

    pub async fn visitor(&self) -> Talk<'_> {
        self.open(json!({"locale": "zh"})).await
    }

    pub async fn customer(&self) -> Talk<'_> {
        let handover = self.handover(CUSTOMER).await;
        self.open(json!({"locale": "zh", "handover": handover})).await
    }

    pub async fn open(&self, body: Value) -> Talk<'_> {
        let opened = self.call("POST", "/conversations", &[], Some(body)).await.ok();
        Talk { app: self, id: text(&opened["conversation"]), token: text(&opened["token"]) }
    }

    /// Somebody of the demo's staff.
    pub async fn staff(&self, user: &str) -> Staff<'_> {
        let body = json!({"user": user, "password": demo::PASSWORD});
        let answer = self.call("POST", "/staff/session", &[], Some(body)).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let csrf = text(&answer.ok()["csrf"]);
        Staff { app: self, cookie, csrf }
    }

    /// Stops the server in good order.
    pub async fn stop(mut self) {
        self.wired.stop.send(true).unwrap();
        self.wired.app.store.close().await;
        self.tasks.abort_all();
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// One device in one conversation.
pub struct Talk<'a> {
    pub app: &'a TestApp,
    pub id: String,
    pub token: String,
}

impl Talk<'_> {
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        self.app.call(method, &format!("/conversations/{}{path}", self.id), &[("authorization", &bearer)], body).await
    }

    pub async fn say(&self, client_id: &str, text: &str) -> Answer {
        self.call("POST", "/messages", Some(json!({"client_id": client_id, "text": text}))).await
    }

    pub async fn act(&self, client_id: &str, action: Value) -> Answer {
        self.call("POST", "/actions", Some(json!({"client_id": client_id, "action": action}))).await
    }

    /// Waits until nothing waits for the machine.
    pub async fn settle(&self) {
        let id = self.id.parse_id();
        tokio::time::timeout(PATIENCE, self.app.wired.app.conversations.finish_turns(&id)).await.unwrap().unwrap();
    }

    pub async fn last_seq(&self) -> u64 {
        self.call("GET", "", None).await.ok()["last_seq"].as_u64().unwrap()
    }

    pub async fn events(&self, after: u64) -> Vec<Value> {
        let page = self.call("GET", &format!("/events?after={after}&limit=500"), None).await.ok();
        page["events"].as_array().unwrap().clone()
    }

    pub async fn stream(&self, after: u64) -> Socket {
        self.try_stream(after, &self.token).await.unwrap()
    }

    pub async fn try_stream(&self, after: u64, token: &str) -> Result<Socket, u16> {
        let path = format!("/api/v1/conversations/{}/stream?after={after}", self.id);
        Socket::connect(self.app, &path, Some(&format!("teller.v1, bearer.{token}")), None).await
    }
}

pub trait ParseId {
    fn parse_id(&self) -> teller_kernel::ConversationId;
}

impl ParseId for str {
    fn parse_id(&self) -> teller_kernel::ConversationId {
        teller_kernel::ConversationId::parse(self).unwrap()
    }
}

/// A member of staff with a session.
pub struct Staff<'a> {
    pub app: &'a TestApp,
    pub cookie: String,
    pub csrf: String,
}

impl Staff<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.app.call("GET", path, &[("cookie", &self.cookie)], None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("x-teller-csrf", self.csrf.as_str())];
        self.app.call("POST", path, &headers, Some(body)).await
    }

    pub async fn stream(&self) -> Socket {
        Socket::connect(self.app, "/api/v1/desk/stream", Some("teller.v1"), Some(&self.cookie)).await.unwrap()
    }
}

/// A WebSocket of a page.
pub struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// The status of the refusal when the handshake is refused.
    pub async fn connect(
        app: &TestApp,
        path: &str,
        protocols: Option<&str>,
        cookie: Option<&str>,
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{}{path}", app.address).into_client_request().unwrap();
        for (name, value) in [("sec-websocket-protocol", protocols), ("cookie", cookie)] {
            if let Some(value) = value {
                request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        match connect_async(request).await {
            Ok((inner, _)) => Ok(Self { inner }),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_message(Message::text(frame.to_string())).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        self.inner.send(message).await.unwrap();
    }

    /// The next frame of JSON; pings are passed over. `None` when it was closed.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(PATIENCE, self.inner.next()).await.expect("a frame in time")? {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["kind"] != "ping" {
                        return Some(frame);
                    }
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// How it was closed, once everything before was read.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match tokio::time::timeout(PATIENCE, self.inner.next()).await.expect("a close in time")? {
                Ok(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// Frames up to and including the first that `wanted` accepts.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut seen = Vec::new();
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("closed after {seen:#?}"));
            let last = wanted(&frame);
            seen.push(frame);
            if last {
                return seen;
            }
        }
    }
}

/// The event kinds of a list of frames or events, in order.
pub fn seqs(frames: &[Value]) -> Vec<u64> {
    frames.iter().filter_map(|frame| frame["event"]["seq"].as_u64()).collect()
}
