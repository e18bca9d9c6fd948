//! A server that answers each connection by a script, byte for byte.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// What a connection gets.
#[derive(Clone)]
pub enum Act {
    /// These bytes, then the end.
    Say(Vec<u8>),
    /// A head, then this again and again until the client has had enough.
    Endless { head: Vec<u8>, again: Vec<u8> },
    /// A head and a piece, then silence.
    Hang(Vec<u8>),
    /// One byte after another, slowly.
    Drip { bytes: Vec<u8>, every: Duration },
    /// The end, before anything was said.
    Close,
}

pub struct Server {
    pub base: String,
    seen: Arc<Mutex<Vec<String>>>,
    calls: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// The last act is played for every further connection.
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let (seen, calls) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        let (requests, counter) = (seen.clone(), calls.clone());
        tasks.spawn(async move {
            let mut playing = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                let act = acts.get(number).or(acts.last()).unwrap().clone();
                playing.spawn(play(stream, act, requests.clone()));
            }
        });
        Self { base, seen, calls, _tasks: tasks }
    }

    /// Connections so far.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub async fn requests(&self) -> Vec<String> {
        self.seen.lock().await.clone()
    }
}

async fn play(mut stream: TcpStream, act: Act, seen: Arc<Mutex<Vec<String>>>) {
    if matches!(act, Act::Close) {
        return;
    }
    let request = request(&mut stream).await;
    seen.lock().await.push(request);
    // A client that has gone is what these acts are for.
    match act {
        Act::Say(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Act::Endless { head, again } => {
            let _ = stream.write_all(&head).await;
            while stream.write_all(&again).await.is_ok() {}
        }
        Act::Hang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Until the client goes.
            let _ = stream.read(&mut [0; 1]).await;
        }
        Act::Drip { bytes, every } => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
                tokio::time::sleep(every).await;
            }
        }
        Act::Close => {}
    }
}

/// Head and body of a request with a content length.
async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.and_then(|text| text.parse().ok()).unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

pub fn head(kind: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n{more}\r\n").into_bytes()
}

/// A whole answer with a body of a kind.
pub fn answer(kind: &str, body: &[u8]) -> Act {
    let mut bytes = head(kind, &format!("content-length: {}\r\n", body.len()));
    bytes.extend_from_slice(body);
    Act::Say(bytes)
}

pub fn status(line: &str, more: &str) -> Act {
    Act::Say(format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n{more}\r\n").into_bytes())
}

/// A stream of events that ends in good order.
pub fn stream(pieces: &[&str]) -> Act {
    let mut bytes = head("text/event-stream", "");
    for piece in pieces {
        let data = serde_json::json!({"choices": [{"delta": {"content": piece}}]});
        bytes.extend_from_slice(format!("data: {data}\n\n").as_bytes());
    }
    let last = serde_json::json!({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 40, "completion_tokens": 9}});
    bytes.extend_from_slice(format!("data: {last}\n\ndata: [DONE]\n\n").as_bytes());
    Act::Say(bytes)
}
