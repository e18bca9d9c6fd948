//! A ledger on disk: what was answered is still there after the process.

use crate::client::{Client, NOW_MS, yuan};
use sandbox_bank::Place;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[tokio::test]
async fn what_was_answered_survives_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let place = || Place::File(folder.path().join("ledger.db"));
    let transfer = json!({"from_account": "ac_1001_1", "amount": yuan(12_345), "payee": "py_1001_1"});
    let (prepared, posted, available) = {
        let client = Client::open_at(place(), NOW_MS, Default::default()).await;
        let posted = client.carry_out(1001, "transfer", transfer.clone()).await;
        assert_eq!(posted["status"], "posted");
        let prepared = client.try_prepare(1001, "transfer", "ik_later", &transfer).await.1;
        (prepared, posted, client.available(1001, "ac_1001_1").await)
    };
    let client = Client::open_at(place(), NOW_MS, Default::default()).await;
    assert_eq!(client.available(1001, "ac_1001_1").await, available);
    let kept = client.get(&format!("/v1/orders/{}", posted["id"].as_str().unwrap())).await;
    assert_eq!(kept, posted);
    assert_eq!(client.confirm(&prepared).await["status"], "posted");
    assert_eq!(client.available(1001, "ac_1001_1").await, available - 12_345);
    client.check_books().await;
}

#[tokio::test]
async fn two_confirms_at_once_book_once() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::open_at(Place::File(folder.path().join("ledger.db")), NOW_MS, Default::default()).await;
    let before = client.available(1001, "ac_1001_1").await;
    let params = json!({"from_account": "ac_1001_1", "amount": yuan(10_000), "payee": "py_1001_1"});
    let order = client.prepare(1001, "transfer", params).await;
    let (one, two, three) = tokio::join!(client.confirm(&order), client.confirm(&order), client.confirm(&order));
    assert_eq!(one, two);
    assert_eq!(two, three);
    assert_eq!(client.available(1001, "ac_1001_1").await, before - 10_000);
}

/// The real process, killed without warning while it works.
struct Process {
    child: std::process::Child,
    address: std::net::SocketAddr,
}

impl Process {
    fn start(ledger: &std::path::Path) -> Self {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_sandbox-bank"))
            .args(["--listen", &address.to_string(), "--data"])
            .arg(ledger)
            .arg("--seed")
            .arg(crate::client::seed())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let process = Self { child, address };
        // Seeding takes a while on a busy machine.
        for _ in 0..600 {
            if process.send("GET", "/healthz", "").is_some() {
                return process;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the sandbox does not listen");
    }

    /// One request on a connection of its own; `None` when no whole reply came.
    fn send(&self, method: &str, path: &str, body: &str) -> Option<String> {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(self.address).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).ok()?;
        reply.split_once("\r\n\r\n").filter(|(head, _)| head.contains(" 200 ")).map(|(_, body)| body.to_owned())
    }

    fn order(&self, path: &str, body: &serde_json::Value) -> Option<serde_json::Value> {
        serde_json::from_str(&self.send("POST", path, &body.to_string())?).ok()
    }

    /// SIGKILL in the middle of whatever it does.
    fn kill_hard(&self) {
        let killed = std::process::Command::new("kill").args(["-9", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already dead is what it should be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_nothing_is_booked_twice() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.db");
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..4 {
        let process = Process::start(&ledger);
        for before in &acknowledged {
            let kept =
                process.send("GET", &format!("/v1/orders/{before}"), "").expect("an acknowledged order is there");
            assert!(kept.contains("\"status\":\"posted\""), "{kept}");
        }
        let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        let posted = std::thread::scope(|scope| {
            let working = scope.spawn(|| {
                let mut posted = Vec::new();
                for at in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let prepare = json!({
                        "customer": "cu_1001", "operation": "transfer", "idempotency_key": format!("ik_{round}_{at}"),
                        "params": {"from_account": "ac_1001_1", "amount": yuan(1), "payee": "py_1001_1"},
                    });
                    let Some(order) = process.order("/v1/orders/prepare", &prepare) else { break };
                    let proof = json!({"proof": {"digest": crate::client::digest(&order["values"])}});
                    let path = format!("/v1/orders/{}/confirm", order["id"].as_str().unwrap());
                    // A second confirm of the same order, as a nervous caller would.
                    let Some(first) = process.order(&path, &proof) else { break };
                    let Some(second) = process.order(&path, &proof) else { break };
                    assert_eq!(first, second);
                    posted.push(order["id"].as_str().unwrap().to_owned());
                    done.fetch_add(1, Ordering::SeqCst);
                }
                posted
            });
            // Killed while it works, after it has done something; at most a minute.
            for _ in 0..600 {
                if done.load(Ordering::SeqCst) > 10 {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            process.kill_hard();
            stop.store(true, Ordering::SeqCst);
            working.join().unwrap()
        });
        acknowledged.extend(posted);
    }
    assert!(acknowledged.len() > 40, "something was carried out");
    let process = Process::start(&ledger);
    let journal = process.send("GET", "/v1/export/journal.hledger", "").unwrap();
    for order in &acknowledged {
        assert_eq!(journal.matches(&format!("order:{order}\n")).count(), 1, "{order}");
    }
}
