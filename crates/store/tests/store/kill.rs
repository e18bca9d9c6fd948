//! Kill -9 of a real process that writes with real fsync: what it was answered
//! is there when the store is opened again.

use crate::common::*;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use teller_kernel::EventBody;
use teller_kernel::ports::fixed::ManualClock;
use teller_store::{Db, Expected, StoreConfig};

/// Set for the child, to the folder it writes in.
const CHILD: &str = "TELLER_STORE_KILL_CHILD";
const KILLS: usize = 4;
const WRITERS: usize = 8;
/// Answers the parent waits for before it kills, longer each time.
const ANSWERS_STEP: usize = 60;

/// Appends without end, and says of each append that it was answered.
async fn write_forever(folder: std::path::PathBuf) {
    let clock = Arc::new(ManualClock::new(START_MS));
    let db = Db::open(StoreConfig::in_folder(&folder).unwrap(), clock).await.unwrap();
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                let id = cv(&writer.to_string());
                start(&db, &id).await;
                let mut seq = db.last_seq(&id).await.unwrap();
                // Ends only by the parent's hand, or with a store that failed.
                while let Ok(applied) =
                    db.commit(one(append(&id, Expected::Seq(seq), vec![note(&format!("{}", seq + 1))]))).await
                {
                    seq = applied.appended[0].last_seq;
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "saved {writer} {seq}").unwrap();
                    out.flush().unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[test]
fn what_a_killed_process_was_answered_is_there() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Some(folder) = std::env::var_os(CHILD) {
        runtime.block_on(write_forever(folder.into()));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut answered: HashMap<usize, u64> = HashMap::new();
    for kill in 1..=KILLS {
        kill_after(folder.path(), kill * ANSWERS_STEP, &mut answered);
        runtime.block_on(async {
            let db = open(folder.path(), &Arc::new(ManualClock::new(START_MS))).await;
            let mut stored = 0;
            for writer in 0..WRITERS {
                let id = cv(&writer.to_string());
                let mut pages = db.event_pages(&id, 0);
                let mut last = 0;
                while let Some(page) = pages.next().await.unwrap() {
                    for event in page {
                        last += 1;
                        assert_eq!((event.seq, &event.body), (last, &EventBody::HandedBack { note: last.to_string() }));
                    }
                }
                let answered = answered.get(&writer).copied().unwrap_or(0);
                assert!(last >= answered, "{id}: {last} kept, {answered} answered");
                stored += last;
            }
            assert_eq!(db.verify_audit().await.unwrap().events, stored);
            db.close().await;
        });
    }
    assert!(answered.values().sum::<u64>() as usize >= KILLS * ANSWERS_STEP);
}

/// Runs this very test as a child until it has said enough, kills it, and notes
/// the last answer of each of its writers.
fn kill_after(folder: &std::path::Path, answers: usize, answered: &mut HashMap<usize, u64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::what_a_killed_process_was_answered_is_there", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut seen = 0;
    // What it said before it died is read to the end of the pipe.
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // The harness's own words may stand before the first answer on its line.
        let Some((_, said)) = line.split_once("saved ") else { continue };
        let mut words = said.split(' ').map(|word| word.parse::<u64>());
        // The last line may be cut off.
        let (Some(Ok(writer)), Some(Ok(seq))) = (words.next(), words.next()) else { continue };
        let last = answered.entry(writer as usize).or_default();
        *last = seq.max(*last);
        seen += 1;
        if seen == answers {
            child.kill().unwrap();
        }
    }
    assert!(seen >= answers, "the child ended by itself");
    child.wait().unwrap();
}
