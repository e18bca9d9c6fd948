//! Models that a bank made itself: kept version by version, serving once approved.

use std::path::Path;

use serde_json::json;
use teller_models::{
    Act, DecisionLog, LOG_INTENTS, ModelError, NewDecision, Registry, Standing, Taught, TaughtVersion,
};

fn taught(data: &Path) -> Taught {
    Taught::in_folder(LOG_INTENTS, data)
}

fn add(data: &Path, bytes: &[u8]) -> TaughtVersion {
    let report = json!({"right": 0.9});
    taught(data).add(bytes, &report, "2026-11-22", "forty entries", "0.9 right").expect("kept")
}

fn registry(data: &Path) -> Registry {
    let record = taught(data).record().expect("a sound list");
    let decisions = DecisionLog::in_folder(data).read().expect("a sound log");
    Registry::parse("models: []").expect("an empty registry").with(record).under(decisions)
}

fn decide(data: &Path, act: Act) {
    let new = NewDecision {
        at: "2026-11-22T09:00:00Z".to_owned(),
        model: LOG_INTENTS.name.to_owned(),
        act,
        by: "王芳".to_owned(),
        note: "looked at the report".to_owned(),
        filing: None,
    };
    DecisionLog::in_folder(data).append(&registry(data), new).expect("kept");
}

fn serving(data: &Path) -> Result<Option<Vec<u8>>, ModelError> {
    taught(data).approved(&registry(data))
}

#[test]
fn nothing_serves_before_it_is_made_and_approved_and_each_version_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    assert_eq!(serving(data).expect("nothing there"), None);
    let first = add(data, b"first");
    assert!(taught(data).folder().join(format!("{}.report.json", first.version)).is_file());
    assert!(matches!(serving(data), Err(ModelError::NotApproved { .. })), "a candidate");
    decide(data, Act::Approve);
    assert_eq!(serving(data).expect("approved"), Some(b"first".to_vec()));
    let second = add(data, b"second");
    assert_ne!(first.version, second.version);
    assert!(matches!(registry(data).standing(LOG_INTENTS.name), Standing::Changed { .. }));
    assert!(serving(data).is_err(), "new bytes wait for a new word");
    decide(data, Act::Approve);
    assert_eq!(serving(data).expect("approved"), Some(b"second".to_vec()));
    decide(data, Act::Rollback);
    assert_eq!(serving(data).expect("rolled back"), Some(b"first".to_vec()));
    decide(data, Act::Withdraw);
    assert!(serving(data).is_err());
    assert_eq!(taught(data).versions().expect("a sound list"), [first, second]);
}

#[test]
fn altered_bytes_do_not_serve_and_a_cut_off_line_is_no_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let made = add(data, b"first");
    decide(data, Act::Approve);
    let list = taught(data).folder().join("versions.jsonl");
    let sound = std::fs::read_to_string(&list).expect("a list");
    std::fs::write(&list, format!("{sound}{{\"version\":\"2026")).expect("written");
    assert_eq!(taught(data).versions().expect("the whole lines"), std::slice::from_ref(&made));
    std::fs::write(&list, "{}\n").expect("written");
    assert!(matches!(taught(data).versions(), Err(ModelError::Registry { .. })));
    std::fs::write(&list, sound).expect("written");
    std::fs::write(taught(data).folder().join(format!("{}.bin", made.version)), b"others").expect("written");
    assert!(matches!(serving(data), Err(ModelError::NotApproved { .. })));
}
