//! What the store refuses to open, and why.

use crate::common::*;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use teller_kernel::ports::fixed::ManualClock;
use teller_store::{
    DATABASE_FILE, Db, Expected, FileKeys, KEY_FILE, KeyError, OpenError, StoreConfig, StoreError, known_schema,
};

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(START_MS))
}

async fn refusal(config: StoreConfig) -> OpenError {
    match Db::open(config, clock()).await {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

/// A closed database with one event.
async fn made(folder: &Path) {
    let db = open(folder, &clock()).await;
    start(&db, &cv("a")).await;
    db.commit(one(append(&cv("a"), Expected::Seq(0), vec![said("你好")]))).await.unwrap();
    db.close().await;
}

fn raw(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join(DATABASE_FILE)).unwrap()
}

#[tokio::test]
async fn a_newer_or_altered_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path()).await;
    raw(folder.path())
        .execute("INSERT INTO schema_version VALUES (?1, 'later', 'x', 0)", [known_schema() + 1])
        .unwrap();
    let newer = OpenError::NewerSchema { found: known_schema() + 1, known: known_schema() };
    assert_eq!(refusal(config(folder.path())).await, newer);
    assert_eq!(refusal(config(folder.path()).read_only()).await, newer);

    raw(folder.path()).execute("DELETE FROM schema_version WHERE name = 'later'", []).unwrap();
    raw(folder.path()).execute("UPDATE schema_version SET checksum = 'x' WHERE version = 2", []).unwrap();
    assert_eq!(refusal(config(folder.path())).await, OpenError::MigrationChanged { version: 2 });
}

#[tokio::test]
async fn a_database_between_two_migrations_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path()).await;
    let raw = raw(folder.path());
    raw.execute_batch(
        "DROP TABLE packs; DROP TABLE pack_activations; DROP TABLE article_versions; DROP TABLE api_keys;
         DELETE FROM schema_version WHERE version >= 4;",
    )
    .unwrap();
    drop(raw);
    assert!(matches!(refusal(config(folder.path()).read_only()).await, OpenError::Engine { .. }));
    let db = open(folder.path(), &clock()).await;
    assert_eq!(db.packs(1).await.unwrap(), []);
    assert_eq!(db.events(&cv("a"), 0, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_is_no_sound_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path()).await;
    let path = folder.path().join(DATABASE_FILE);
    let sound = fs::read(&path).unwrap();

    fs::write(&path, b"this is a text file, and not a short one, which somebody put here by mistake").unwrap();
    assert!(matches!(refusal(config(folder.path())).await, OpenError::Corrupt { .. }));

    let mut broken = sound.clone();
    for page in broken.chunks_mut(4096).skip(2) {
        page[..64].fill(0xa5);
    }
    fs::write(&path, &broken).unwrap();
    assert!(matches!(refusal(config(folder.path())).await, OpenError::Corrupt { .. }));

    fs::write(&path, &sound[..sound.len() / 2]).unwrap();
    assert!(matches!(refusal(config(folder.path())).await, OpenError::Corrupt { .. }));

    fs::write(&path, &sound).unwrap();
    assert_eq!(open(folder.path(), &clock()).await.last_seq(&cv("a")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Arc::new(FileKeys::create(&folder.path().join("k")).unwrap());
    let nowhere = StoreConfig::new(folder.path().join("missing").join("x.db"), keys.clone());
    assert!(matches!(refusal(nowhere).await, OpenError::NotWritable { .. }));
    let a_folder = folder.path().join("folder.db");
    fs::create_dir(&a_folder).unwrap();
    assert!(matches!(refusal(StoreConfig::new(&a_folder, keys.clone())).await, OpenError::NotWritable { .. }));
    let reading = StoreConfig::new(folder.path().join("none.db"), keys).read_only();
    assert!(matches!(refusal(reading).await, OpenError::Missing { .. }));
}

#[tokio::test]
async fn one_process_serves_and_others_may_read() {
    let fx = Fixture::new().await;
    start(&fx.db, &cv("a")).await;
    assert!(matches!(refusal(config(fx.folder.path())).await, OpenError::InUse { .. }));

    let reader = Db::open(config(fx.folder.path()).read_only(), clock()).await.unwrap();
    fx.db.commit(one(append(&cv("a"), Expected::Seq(0), vec![said("你好")]))).await.unwrap();
    assert_eq!(reader.events(&cv("a"), 0, 9).await.unwrap(), fx.db.events(&cv("a"), 0, 9).await.unwrap());
    assert_eq!(reader.verify_audit().await.unwrap().events, 1);
    let write = reader.commit(one(append(&cv("a"), Expected::Any, vec![note("x")]))).await;
    assert_eq!(write, Err(StoreError::ReadOnly));

    fx.db.close().await;
    open(fx.folder.path(), &clock()).await;
}

#[tokio::test]
async fn the_wrong_or_a_missing_master_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path()).await;
    let key = folder.path().join(KEY_FILE);
    fs::rename(&key, folder.path().join("kept")).unwrap();
    let lost = StoreConfig::in_folder(folder.path()).err().unwrap();
    assert!(matches!(lost, KeyError::Missing { .. }), "{lost}");
    assert!(!key.exists(), "a lost key must not be replaced");

    FileKeys::create(&key).unwrap();
    assert_eq!(refusal(config(folder.path())).await, OpenError::WrongMasterKey);
    assert_eq!(refusal(config(folder.path()).read_only()).await, OpenError::WrongMasterKey);

    fs::write(&key, "not a key").unwrap();
    assert!(matches!(StoreConfig::in_folder(folder.path()).err(), Some(KeyError::NotAKeyFile { .. })));
    fs::remove_file(&key).unwrap();
    fs::rename(folder.path().join("kept"), &key).unwrap();
    assert_eq!(open(folder.path(), &clock()).await.last_seq(&cv("a")).await.unwrap(), 1);
}

#[cfg(unix)]
#[test]
fn key_files_are_private_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k");
    FileKeys::create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&path).unwrap();
    assert!(matches!(FileKeys::create(&path).err(), Some(KeyError::Io { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(FileKeys::open(&path).err(), Some(KeyError::LaxPermissions { .. })), "{mode:o}");
    }
}

#[tokio::test]
async fn a_full_store_says_so_keeps_what_it_has_and_goes_on_with_more_room() {
    let folder = tempfile::tempdir().unwrap();
    let id = cv("a");
    let mut small = config(folder.path());
    small.max_bytes = Some(400_000);
    let db = Db::open(small, clock()).await.unwrap();
    start(&db, &id).await;
    let mut saved = 0;
    let refused = loop {
        match db.commit(one(append(&id, Expected::Seq(saved), vec![note(&"满".repeat(3_000))]))).await {
            Ok(_) => saved += 1,
            Err(error) => break error,
        }
        assert!(saved < 100, "never full");
    };
    assert_eq!(refused, StoreError::StorageFull);
    assert_eq!(db.last_seq(&id).await.unwrap(), saved);
    assert_eq!(db.verify_audit().await.unwrap().events, saved);
    db.close().await;

    let db = open(folder.path(), &clock()).await;
    db.commit(one(append(&id, Expected::Seq(saved), vec![note("room")]))).await.unwrap();
    assert_eq!(db.verify_audit().await.unwrap().events, saved + 1);
}

/// A set that does not fit does not take the others of its group with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = config(folder.path());
    small.max_bytes = Some(400_000);
    let db = Db::open(small, clock()).await.unwrap();
    let ids: Vec<_> = (0..12).map(|at| cv(&at.to_string())).collect();
    for id in &ids {
        start(&db, id).await;
    }
    let tasks: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let text = if at % 2 == 0 { "大".repeat(100_000) } else { "小".to_owned() };
            let set = one(append(id, Expected::Seq(0), vec![note(&text)]));
            let db = db.clone();
            tokio::spawn(async move { db.commit(set).await })
        })
        .collect();
    for (at, task) in tasks.into_iter().enumerate() {
        let answer = task.await.unwrap();
        let wanted = if at % 2 == 0 { Some(StoreError::StorageFull) } else { None };
        assert_eq!(answer.err(), wanted, "set {at}");
    }
    assert_eq!(db.verify_audit().await.unwrap().events, 6);
}
