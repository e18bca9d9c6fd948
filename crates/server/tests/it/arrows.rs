//! The rooms and the way their arrows go. One that is turned round fails here,
//! before it can grow.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// From the ground up: a room may use rooms of lower rows only, and what stands
/// beside its own name. `sandbox-bank` plays somebody else's core: it uses none.
const ROWS: [&[&str]; 8] = [
    &["teller-kernel", "teller-models", "teller-privacy", "sandbox-bank"],
    &["teller-pack", "teller-store", "teller-bank", "teller-identity"],
    &["teller-understand", "teller-flows"],
    &["teller-knowledge", "teller-llm"],
    &["teller-conversation"],
    &["teller-desk"],
    &["teller-rehearsal", "teller-evaluation"],
    &["teller-server"],
];

/// Who may run the sandbox core in their own process: those that rehearse.
const REHEARSES: [&str; 1] = ["teller-rehearsal"];

/// Each room with the rooms it ships with (test-only ones left out).
fn arrows() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    let rooms: Vec<String> = packages.iter().map(name).collect();
    let uses = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        let shipped = all.filter(|dependency| dependency["kind"].is_null()).map(name);
        shipped.filter(|used| rooms.contains(used)).collect()
    };
    packages.iter().map(|package| (name(package), uses(package))).collect()
}

fn row(room: &str) -> usize {
    ROWS.iter().position(|row| row.contains(&room)).unwrap_or_else(|| panic!("{room} has no place in ROWS"))
}

#[test]
fn arrows_go_one_way() {
    let arrows = arrows();
    assert_eq!(arrows.len(), ROWS.iter().map(|row| row.len()).sum::<usize>(), "a room is gone from the workspace");
    for (room, uses) in &arrows {
        for used in uses {
            assert!(row(used) < row(room), "{room} uses {used}, which is not below it");
            if used == "sandbox-bank" {
                assert!(REHEARSES.contains(&room.as_str()), "{room} uses the sandbox core, which is somebody else's");
            }
        }
    }
    assert!(arrows["sandbox-bank"].is_empty());
    assert!(arrows["teller-conversation"].len() > 5, "the metadata has been misread");
}
