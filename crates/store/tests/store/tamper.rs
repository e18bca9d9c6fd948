//! Whoever alters the files behind the store's back is found out.

use crate::common::*;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use teller_kernel::ports::fixed::ManualClock;
use teller_kernel::{Actor, Event};
use teller_store::{AuditEntry, AuditError, DATABASE_FILE, Db, Expected, KEY_FILE, StoreError, Verified};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

const CONVERSATIONS: usize = 3;

/// A closed database with some appends and other audit rows.
async fn made(folder: &Path) -> Verified {
    let db = open(folder, &Arc::new(ManualClock::new(START_MS))).await;
    for at in 0..CONVERSATIONS {
        let id = cv(&at.to_string());
        write(&db, |set| {
            set.conversation(head(&id))
                .append(append(&id, Expected::Seq(0), vec![said("你好"), note("a")]))
                .audit(AuditEntry::new(&Actor::Machine, "conversation.read", id.as_str()))
                .append(append(&id, Expected::Seq(2), vec![note("b")]))
        })
        .await
        .unwrap();
    }
    let verified = db.verify_audit().await.unwrap();
    db.close().await;
    verified
}

/// The same, made once and copied.
fn copy_of_made(folder: &Path) {
    static MADE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        // A runtime of its own, on a thread of its own: callers are inside one.
        std::thread::spawn(move || runtime().block_on(made(&path))).join().unwrap();
        folder
    });
    for name in [DATABASE_FILE, KEY_FILE] {
        fs::copy(MADE.path().join(name), folder.join(name)).unwrap();
    }
}

fn raw(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join(DATABASE_FILE)).unwrap()
}

/// What an intruder with the file does first.
fn unlocked(folder: &Path) -> rusqlite::Connection {
    let raw = raw(folder);
    raw.execute_batch(
        "DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete;
         DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;",
    )
    .unwrap();
    raw
}

async fn verify(folder: &Path) -> Result<Verified, AuditError> {
    let db = open(folder, &Arc::new(ManualClock::new(START_MS))).await;
    let answer = db.verify_audit().await;
    db.close().await;
    answer
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_history() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path()).await;
    let raw = raw(folder.path());
    for sql in [
        "UPDATE events SET payload = x'00'",
        "DELETE FROM events",
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit WHERE seq = 9",
    ] {
        let refused = raw.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}

#[tokio::test]
async fn removing_inserting_or_moving_rows_shows() {
    for sql in [
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 5",
        // The end of the log, with and without the events it told of.
        "DELETE FROM audit WHERE seq = 9",
        "DELETE FROM events WHERE conversation = 'cv_1' AND seq = 3",
        "DELETE FROM events WHERE conversation = 'cv_1'",
        "UPDATE events SET seq = CASE seq WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE seq END + 10 WHERE conversation = 'cv_0';
         UPDATE events SET seq = seq - 10 WHERE conversation = 'cv_0'",
        "UPDATE events SET conversation = 'cv_9' WHERE conversation = 'cv_1'",
        "INSERT INTO events (conversation, seq, at_ms, kind, actor, subject, key_id, version, payload)
         SELECT conversation, 4, at_ms, kind, actor, subject, key_id, version, payload FROM events
         WHERE conversation = 'cv_2' AND seq = 3",
        "UPDATE events SET position = 100 WHERE conversation = 'cv_0' AND seq = 1",
        "INSERT INTO audit SELECT 10, at_ms, actor, action, object, detail, payload_hash, hash, hash FROM audit WHERE seq = 9",
    ] {
        let folder = tempfile::tempdir().unwrap();
        made(folder.path()).await;
        unlocked(folder.path()).execute_batch(sql).unwrap();
        let answer = verify(folder.path()).await;
        assert!(matches!(answer, Err(AuditError::Broken { .. })), "{sql}: {answer:?}");
    }
}

/// Columns that an append or audit row is made of.
const COLUMNS: [(&str, &str); 16] = [
    ("audit", "seq"),
    ("audit", "at_ms"),
    ("audit", "actor"),
    ("audit", "action"),
    ("audit", "object"),
    ("audit", "detail"),
    ("audit", "payload_hash"),
    ("audit", "prev_hash"),
    ("audit", "hash"),
    ("events", "at_ms"),
    ("events", "kind"),
    ("events", "actor"),
    ("events", "subject"),
    ("events", "key_id"),
    ("events", "version"),
    ("events", "payload"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bit of any column of any row.
    #[test]
    fn flipping_a_bit_of_history_shows(column in 0..COLUMNS.len(), row in 0usize..9, byte: prop::sample::Index, bit in 0u8..8) {
        runtime().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            copy_of_made(folder.path());
            let (table, name) = COLUMNS[column];
            let raw = unlocked(folder.path());
            let key: i64 = raw
                .query_row(&format!("SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET {row}"), [], |r| r.get(0))
                .unwrap();
            let (value, kind): (Option<Vec<u8>>, String) = raw
                .query_row(
                    &format!("SELECT CAST({name} AS BLOB), typeof({name}) FROM {table} WHERE rowid = {key}"),
                    [],
                    |r| Ok((r.get(0)?, r.get(1)?)),
                )
                .unwrap();
            // Rows that tell of no events have no payload hash; give them one.
            let mut value = value.unwrap_or_else(|| vec![0; 32]);
            let at = byte.index(value.len());
            value[at] ^= 1 << bit;
            let to = match kind.as_str() {
                "integer" => "CAST(CAST(?1 AS TEXT) AS INTEGER)",
                "text" => "CAST(?1 AS TEXT)",
                _ => "?1",
            };
            let changed = raw.execute(&format!("UPDATE {table} SET {name} = {to} WHERE rowid = {key}"), [&value]);
            // A digit may become no digit and leave the number or collide with another key.
            let same: bool = raw
                .query_row(
                    &format!("SELECT count(*) = 1 FROM {table} WHERE rowid = {key} AND CAST({name} AS BLOB) = ?1"),
                    [&value],
                    |r| r.get(0),
                )
                .unwrap();
            drop(raw);
            prop_assume!(changed.is_ok() && same);
            let answer = verify(folder.path()).await;
            prop_assert!(matches!(answer, Err(AuditError::Broken { .. })), "{table}.{name}: {answer:?}");
            Ok(())
        })?;
    }
}

async fn contents(db: &Db) -> Result<Vec<Event>, StoreError> {
    let mut out = Vec::new();
    for at in 0..CONVERSATIONS {
        out.extend(db.events(&cv(&at.to_string()), 0, 100).await?);
    }
    Ok(out)
}

/// Any bit of the file: the store does not open, the log does not verify, reading
/// fails with an error, or the bit meant nothing for history and everything reads as before.
#[test]
fn flipping_a_bit_of_the_file_never_passes_for_history() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_FILE);
    let clock = Arc::new(ManualClock::new(START_MS));
    let (verified, events) = runtime().block_on(async {
        let verified = made(folder.path()).await;
        let db = open(folder.path(), &clock).await;
        let events = contents(&db).await.unwrap();
        db.close().await;
        (verified, events)
    });
    let sound = fs::read(&path).unwrap();
    let found_out = AtomicUsize::new(0);
    proptest!(ProptestConfig::with_cases(96), |(byte: prop::sample::Index, bit in 0u8..8)| {
        let mut bytes = sound.clone();
        bytes[byte.index(sound.len())] ^= 1 << bit;
        for entry in fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap().path();
            if entry.extension().is_some_and(|extension| extension != "key") {
                fs::remove_file(entry).unwrap();
            }
        }
        fs::write(&path, &bytes).unwrap();
        runtime().block_on(async {
            let Ok(db) = Db::open(config(folder.path()), clock.clone()).await else {
                found_out.fetch_add(1, Ordering::Relaxed);
                return;
            };
            match db.verify_audit().await {
                Err(_) => drop(found_out.fetch_add(1, Ordering::Relaxed)),
                Ok(answer) => {
                    assert_eq!(answer, verified);
                    match contents(&db).await {
                        Ok(read) => assert_eq!(read, events),
                        // What the log does not cover was hit (a data key, the schema's own
                        // text): the history cannot be read, and the reader is told so.
                        Err(_) => drop(found_out.fetch_add(1, Ordering::Relaxed)),
                    }
                }
            }
            db.close().await;
        });
    });
    assert!(found_out.into_inner() > 0, "no flip hit anything");
}
