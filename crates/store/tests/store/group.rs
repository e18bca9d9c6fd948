//! Many writers at once: gapless sequences, isolated failures, crashes.

use crate::common::*;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use teller_kernel::ConversationId;
use teller_kernel::EventBody;
use teller_kernel::ports::fixed::ManualClock;
use teller_store::{Crash, Db, Expected, StoreError, WriteSet, point};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Appends `events` one by one, each on top of what it last saw, trying again
/// after every conflict.
async fn optimistic(db: Db, id: ConversationId, writer: usize, events: usize) -> Vec<u64> {
    let mut at = 0;
    let mut mine = Vec::new();
    while mine.len() < events {
        let text = format!("{writer}-{}", mine.len());
        match db.commit(one(append(&id, Expected::Seq(at), vec![note(&text)]))).await {
            Ok(applied) => {
                at = applied.appended[0].last_seq;
                mine.push(at);
            }
            Err(StoreError::Conflict { actual, .. }) => at = actual,
            Err(error) => panic!("{error}"),
        }
    }
    mine
}

async fn notes(db: &Db, id: &ConversationId) -> Vec<String> {
    let mut pages = db.event_pages(id, 0);
    let mut out = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        for event in page {
            assert_eq!(event.seq, out.len() as u64 + 1, "gap");
            match event.body {
                EventBody::HandedBack { note } => out.push(note),
                other => panic!("{other:?}"),
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whoever wins, every event lands once, in its writer's order, without gaps.
    #[test]
    fn concurrent_optimistic_writers_leave_no_gap(counts in prop::collection::vec(1usize..12, 2..7)) {
        runtime().block_on(async {
            let fx = Fixture::new().await;
            let id = cv("a");
            start(&fx.db, &id).await;
            let tasks: Vec<_> = counts
                .iter()
                .enumerate()
                .map(|(writer, events)| tokio::spawn(optimistic(fx.db.clone(), id.clone(), writer, *events)))
                .collect();
            let mut taken = HashSet::new();
            for task in tasks {
                let mine = task.await.unwrap();
                assert!(mine.is_sorted());
                assert!(mine.into_iter().all(|seq| taken.insert(seq)));
            }
            let notes = notes(&fx.db, &id).await;
            assert_eq!(notes.len(), counts.iter().sum::<usize>());
            for (writer, events) in counts.iter().enumerate() {
                let order: Vec<_> = notes.iter().filter(|note| note.starts_with(&format!("{writer}-"))).collect();
                assert_eq!(order, (0..*events).map(|at| format!("{writer}-{at}")).collect::<Vec<_>>().iter().collect::<Vec<_>>());
            }
            fx.db.verify_audit().await.unwrap();
        });
    }

    /// A client that sends everything several times, on several devices, is saved once.
    #[test]
    fn repeated_client_messages_are_saved_once(sends in prop::collection::vec((0u8..4, 0u8..2), 1..40)) {
        runtime().block_on(async {
            let fx = Fixture::new().await;
            let id = cv("a");
            start(&fx.db, &id).await;
            let tasks: Vec<_> = sends
                .iter()
                .map(|(client_id, content)| {
                    let mut append = append(&id, Expected::Any, vec![note(&format!("{client_id}/{content}"))]);
                    append.client = Some(client(&client_id.to_string(), &content.to_string()));
                    let db = fx.db.clone();
                    tokio::spawn(async move { db.commit(one(append)).await })
                })
                .collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
            let notes = notes(&fx.db, &id).await;
            let mut kept: HashMap<u8, (u64, String)> = HashMap::new();
            for (at, note) in notes.into_iter().enumerate() {
                let client_id = note.split('/').next().unwrap().parse().unwrap();
                let before = kept.insert(client_id, (at as u64 + 1, note));
                assert!(before.is_none(), "one client id, two events");
            }
            for ((client_id, content), answer) in sends.iter().zip(answers) {
                let (seq, note) = &kept[client_id];
                let same = *note == format!("{client_id}/{content}");
                match answer {
                    Ok(applied) => assert!(same && applied.appended[0].first_seq == *seq),
                    Err(StoreError::Duplicate { seq: known, .. }) => assert!(same && known == *seq),
                    Err(StoreError::ClientIdReused) => assert!(!same),
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
}

/// In one group, the sets that conflict fail alone and leave nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_in_a_group_fails_alone() {
    let fx = Fixture::new().await;
    for at in 0..40 {
        start(&fx.db, &cv(&at.to_string())).await;
    }
    let tasks: Vec<_> = (0..40)
        .map(|at| {
            let db = fx.db.clone();
            tokio::spawn(async move {
                let id = cv(&at.to_string());
                let expected = if at % 3 == 0 { 9 } else { 0 };
                let mut set = WriteSet::new();
                // The first append of a failing set is undone with it.
                set.append(append(&id, Expected::Any, vec![note("first")]));
                set.append(append(&id, Expected::Seq(expected + 1), vec![note("second")]));
                db.commit(set).await
            })
        })
        .collect();
    for (at, task) in tasks.into_iter().enumerate() {
        let id = cv(&at.to_string());
        match task.await.unwrap() {
            Ok(_) => assert_eq!((at % 3 != 0, notes(&fx.db, &id).await.len()), (true, 2)),
            Err(error) => {
                assert_eq!(error, StoreError::Conflict { conversation: id.clone(), expected: 10, actual: 1 });
                assert_eq!((at % 3, fx.db.last_seq(&id).await.unwrap()), (0, 0));
                assert_eq!(fx.db.conversation(&id).await.unwrap().unwrap().last_seq, 0);
            }
        }
    }
    fx.db.verify_audit().await.unwrap();
}

/// Dies the n-th time that a point is passed.
struct DieAt {
    point: &'static str,
    left: AtomicI64,
}

impl Crash for DieAt {
    fn at(&self, point: &'static str) -> bool {
        point == self.point && self.left.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wherever the writer dies: what was answered is there, what was refused is
    /// not, what was left unanswered is there whole or not at all, and the
    /// store goes on from there.
    #[test]
    fn nothing_acknowledged_is_lost_by_a_crash(
        at in 0..point::ALL.len(),
        passes in 0i64..12,
        writers in 1usize..5,
    ) {
        runtime().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::new(START_MS));
            let db = open(folder.path(), &clock).await;
            for writer in 0..writers {
                start(&db, &cv(&writer.to_string())).await;
            }
            db.close().await;

            let crash = Arc::new(DieAt { point: point::ALL[at], left: AtomicI64::new(passes) });
            let db = Db::open(config(folder.path()).with_crash(crash), clock.clone()).await.unwrap();
            let tasks: Vec<_> = (0..writers)
                .map(|writer| {
                    let db = db.clone();
                    tokio::spawn(async move {
                        let id = cv(&writer.to_string());
                        let mut acknowledged = 0;
                        for _ in 0..8 {
                            let pair = vec![note(&format!("{acknowledged}a")), note(&format!("{acknowledged}b"))];
                            match db.commit(one(append(&id, Expected::Seq(acknowledged * 2), pair))).await {
                                Ok(_) => acknowledged += 1,
                                Err(error) => {
                                    assert_eq!(error, StoreError::Stopped);
                                    break;
                                }
                            }
                        }
                        acknowledged
                    })
                })
                .collect();
            let mut acknowledged = Vec::new();
            for task in tasks {
                acknowledged.push(task.await.unwrap());
            }
            let died = acknowledged.iter().any(|count| *count < 8);
            // Each writer waits for its answers, so that there are at least eight groups.
            assert!(died || passes >= 8, "the crash did not strike");
            if died {
                assert_eq!(db.last_seq(&cv("0")).await, Err(StoreError::Stopped));
            }
            db.close().await;

            let db = open(folder.path(), &clock).await;
            for (writer, acknowledged) in acknowledged.iter().enumerate() {
                let id = cv(&writer.to_string());
                let kept = notes(&db, &id).await;
                assert!(kept.len().is_multiple_of(2), "half a set was kept");
                let sets = kept.len() as u64 / 2;
                assert!(sets == *acknowledged || sets == acknowledged + 1, "{sets} kept, {acknowledged} acknowledged");
                assert_eq!(db.conversation(&id).await.unwrap().unwrap().last_seq, kept.len() as u64);
                db.commit(one(append(&id, Expected::Seq(kept.len() as u64), vec![note("on")]))).await.unwrap();
            }
            db.verify_audit().await.unwrap();
        });
    }
}

#[tokio::test]
async fn a_closed_store_answers_stopped() {
    let fx = Fixture::new().await;
    start(&fx.db, &cv("a")).await;
    fx.db.close().await;
    fx.db.close().await;
    assert_eq!(fx.db.last_seq(&cv("a")).await, Err(StoreError::Stopped));
    let late = fx.db.commit(one(append(&cv("a"), Expected::Any, vec![note("late")]))).await;
    assert_eq!(late, Err(StoreError::Stopped));
}
