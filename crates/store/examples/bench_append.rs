//! Durable event appends a second with concurrent callers, as JSON.
//!
//! `cargo run --release -p teller-store --example bench_append -- [callers] [seconds] [folder]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "the benchmark needs the real clock")]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use teller_kernel::event::Ownership;
use teller_kernel::{Actor, Clock, ConversationId, EventBody, Level, Locale, NewEvent, PackVersion};
use teller_store::{
    Append, ClientMessage, ConversationHead, ConversationStatus, Db, Expected, StoreConfig, WriteSet, content_hash,
};

struct WallClock;

impl Clock for WallClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let callers: usize = args.next().map_or(Ok(64), |text| text.parse())?;
    let seconds: u64 = args.next().map_or(Ok(5), |text| text.parse())?;
    let folder = args.next().map_or_else(|| std::env::temp_dir().join("teller-bench-append"), Into::into);
    if folder.exists() {
        return Err(format!("{} exists; name a fresh folder", folder.display()).into());
    }
    let db = Db::open(StoreConfig::in_folder(&folder)?, Arc::new(WallClock)).await?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers).map(|caller| tokio::spawn(talk(db.clone(), caller, until))).collect();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await??);
    }
    let took = begun.elapsed().as_secs_f64();
    micros.sort_unstable();
    let at = |part: f64| micros[((micros.len() - 1) as f64 * part) as usize];
    let verified = db.verify_audit().await?;
    db.close().await;
    println!(
        "{}",
        serde_json::json!({
            "callers": callers, "seconds": took, "events": verified.events,
            "events_per_s": (verified.events as f64 / took).round(),
            "p50_us": at(0.5), "p99_us": at(0.99), "durability": "full",
        })
    );
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// One customer after another message, one event an append, until time is up.
async fn talk(db: Db, caller: usize, until: Instant) -> Result<Vec<u64>, Error> {
    let id = ConversationId::parse(&format!("cv_bench{caller:06}"))?;
    let mut set = WriteSet::new();
    set.conversation(ConversationHead {
        id: id.clone(),
        customer: None,
        opened_at_ms: 0,
        status: ConversationStatus::Active,
        locale: Locale::Zh,
        channel: "bench".into(),
        ownership: Ownership::Own,
        pack: PackVersion::parse("pk_bench")?,
        level: Level::L0,
        holder: None,
    });
    db.commit(set).await?;
    let mut micros = Vec::new();
    let mut seq = 0;
    while Instant::now() < until {
        let text = format!("第 {seq} 条：请把三千元转到我妻子的账户，备注生活费");
        let client_id = format!("m{seq}");
        let client = ClientMessage { client_id: client_id.clone(), body_hash: content_hash(text.as_bytes()) };
        let event = NewEvent::new(Actor::Customer { id: None }, EventBody::MessageReceived { client_id, text });
        let mut set = WriteSet::new();
        set.append(Append {
            conversation: id.clone(),
            expected: Expected::Seq(seq),
            events: vec![event],
            client: Some(client),
        });
        let begun = Instant::now();
        seq = db.commit(set).await?.appended[0].last_seq;
        micros.push(u64::try_from(begun.elapsed().as_micros())?);
    }
    Ok(micros)
}
