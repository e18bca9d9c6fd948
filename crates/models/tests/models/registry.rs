//! What may serve: the project's records, a bank's decisions over them, and the
//! catalogue that obeys both. Packages come from the real pip without a network.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use teller_models::{
    Act, Catalogue, DecisionLog, Kind, ModelError, ModelState, NewDecision, Registry, Silent, Standing,
};
use tempfile::TempDir;

use super::fetching::write_wheel_of;

const OLD: &[u8] = b"weights of last year";
const NEW: &[u8] = b"weights of this year";

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn decision(act: Act, by: &str, note: &str) -> NewDecision {
    let (at, model) = ("2026-11-22T09:00:00Z".to_owned(), "tiny".to_owned());
    NewDecision { at, model, act, by: by.to_owned(), note: note.to_owned(), filing: None }
}

/// A registry of packages with two versions of one model, a cache, a data folder.
struct Scene {
    folder: TempDir,
    old_sha256: String,
    new_sha256: String,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let packages = folder.path().join("packages");
        std::fs::create_dir(&packages).expect("created");
        let wheel = |version: &str| packages.join(format!("tiny_weights-{version}-py3-none-any.whl"));
        let old_sha256 = hash(&write_wheel_of(&wheel("1.0"), "1.0", OLD));
        let new_sha256 = hash(&write_wheel_of(&wheel("2.0"), "2.0", NEW));
        Self { folder, old_sha256, new_sha256 }
    }

    fn log(&self) -> DecisionLog {
        DecisionLog::in_folder(&self.folder.path().join("data"))
    }

    /// The project's record of the model; `status` and what was approved as given.
    fn shipped(&self, status: &str, approved_sha256: &str) -> Registry {
        let (old, new) = (&self.old_sha256, &self.new_sha256);
        let yaml = format!(
            "models:\n- {{ name: tiny, kind: package, version: '2.0', sha256: {new}, use_case: a test, tier: advises, \
             owner: we, filing: '', evaluation: {{ command: a, figure: b, on: '2026-11-21' }}, status: {status}, \
             approval: {{ by: we, on: '2026-11-21', sha256: {approved_sha256} }}, \
             previous: {{ version: '1.0', sha256: {old}, note: older }}, without: nothing }}\n"
        );
        Registry::parse(&yaml).expect("a sound registry")
    }

    fn registry(&self) -> Registry {
        self.shipped("approved", &self.new_sha256).under(self.log().read().expect("a sound log"))
    }

    fn catalogue(&self) -> Catalogue {
        let (old, new) = (&self.old_sha256, &self.new_sha256);
        let take = "take: [{ from: tiny/weights.bin, to: weights.bin }]";
        let yaml = format!(
            "models:\n- {{ name: tiny, purpose: a test, registry: pypi, package: tiny-weights, version: '2.0', \
             file: tiny_weights-2.0-py3-none-any.whl, sha256: {new}, licence: MIT, download_bytes: 900, {take}, \
             previous: {{ version: '1.0', file: tiny_weights-1.0-py3-none-any.whl, sha256: {old}, \
             download_bytes: 900, {take} }} }}\n"
        );
        let catalogue = Catalogue::parse(&yaml, self.folder.path().join("cache")).expect("a sound catalogue");
        let links = format!("--find-links={}", self.folder.path().join("packages").display());
        let options = ["--isolated", "--no-cache-dir", "--no-index", &links];
        catalogue.with_pip_options(options).with_registry(self.registry())
    }

    fn decide(&self, act: Act) {
        self.log().append(&self.registry(), decision(act, "li", "said so")).expect("kept");
    }

    fn served(&self) -> Result<Vec<u8>, ModelError> {
        Ok(std::fs::read(self.catalogue().installed("tiny")?.join("weights.bin")).expect("a file"))
    }
}

#[test]
fn a_bank_withdraws_goes_back_and_approves_again() {
    let scene = Scene::new();
    scene.catalogue().fetch("tiny", &Silent).expect("fetched");
    assert_eq!(scene.served().expect("approved by the project"), NEW);

    scene.decide(Act::Withdraw);
    let error = scene.served().expect_err("withdrawn");
    assert_eq!(error.code(), "model_not_approved");
    assert!(error.to_string().contains("withdrawn by li") && error.to_string().contains("said so"), "{error}");
    // It is still installed, and can be measured.
    assert!(matches!(scene.catalogue().list()[0].state, ModelState::Installed { .. }));
    scene.catalogue().candidate("tiny").expect("to measure");

    scene.decide(Act::Rollback);
    assert_eq!(scene.served().expect_err("not fetched yet").code(), "model_not_installed");
    scene.catalogue().fetch("tiny", &Silent).expect("fetched");
    assert_eq!(scene.served().expect("approved by the roll-back"), OLD);

    // The newer version is still there, so coming back needs no network.
    std::fs::remove_dir_all(scene.folder.path().join("packages")).expect("deleted");
    scene.decide(Act::Approve);
    assert_eq!(scene.served().expect("approved again"), NEW);
    let acts: Vec<Act> = scene.log().read().expect("sound").into_iter().map(|decision| decision.act).collect();
    assert_eq!(acts, [Act::Withdraw, Act::Rollback, Act::Approve]);
    assert!(scene.catalogue().remove("tiny").expect("both versions"));
    assert_eq!(scene.served().expect_err("gone").code(), "model_not_installed");
}

#[test]
fn only_the_approved_bytes_serve() {
    let scene = Scene::new();
    let served = |registry: &Registry| registry.check("tiny", &scene.new_sha256).map_err(|error| error.to_string());
    assert_eq!(served(&scene.shipped("approved", &scene.new_sha256)), Ok(()));
    let said = served(&scene.shipped("approved", &scene.old_sha256)).expect_err("other bytes");
    assert!(said.contains(&scene.old_sha256), "{said}");
    assert!(served(&scene.shipped("candidate", &scene.new_sha256)).expect_err("candidate").contains("candidate"));
    assert!(served(&scene.shipped("withdrawn", &scene.new_sha256)).expect_err("withdrawn").contains("withdrawn"));
    assert!(served(&Registry::default()).is_err(), "without a record nothing serves");
    let approved = scene.shipped("approved", &scene.new_sha256);
    assert!(approved.check("tiny", &scene.old_sha256).is_err(), "the bytes at hand are others");
    assert!(approved.check("other", &scene.new_sha256).is_err());

    // A candidate of the project may serve by the bank's word, with its number.
    let candidate = scene.shipped("candidate", &scene.new_sha256);
    let filed = NewDecision { filing: Some("备案-7".to_owned()), ..decision(Act::Approve, "wang", "measured here") };
    let kept = scene.log().append(&candidate, filed).expect("kept");
    let candidate = candidate.under([kept]);
    assert_eq!(served(&candidate), Ok(()));
    assert_eq!(candidate.filing("tiny"), Some("备案-7"));
    assert!(matches!(candidate.standing("tiny"), Standing::Approved { by, .. } if by == "wang"));
}

#[test]
fn a_later_version_waits_for_the_bank_that_has_decided_once() {
    let scene = Scene::new();
    scene.decide(Act::Approve);
    let newer = hash(b"a package of next year");
    let yaml = serde_json::json!({ "models": [{
        "name": "tiny", "kind": "package", "version": "3.0", "sha256": newer, "use_case": "a test", "tier": "advises",
        "owner": "we", "filing": "", "evaluation": { "command": "a", "figure": "b", "on": "2027-01-01" },
        "status": "approved", "approval": { "by": "we", "on": "2027-01-01", "sha256": newer }, "without": "nothing",
    }] });
    // JSON is YAML.
    let next_year = Registry::parse(&yaml.to_string()).expect("sound");
    assert!(next_year.standing("tiny").serves(), "by the project's word, for a bank that never decided");
    let next_year = next_year.under(scene.log().read().expect("sound"));
    assert_eq!(next_year.standing("tiny"), Standing::Changed { approved_sha256: scene.new_sha256.clone() });
    let kept = scene.log().append(&next_year, decision(Act::Approve, "li", "measured anew")).expect("kept");
    assert_eq!((kept.version.as_str(), kept.seq), ("3.0", 2));
    assert!(next_year.under([kept]).standing("tiny").serves());
}

#[test]
fn decisions_without_a_name_a_reason_or_a_model_are_refused() {
    let scene = Scene::new();
    let refused = |new: NewDecision| {
        let error = scene.log().append(&scene.registry(), new).expect_err("refused");
        assert_eq!(error.code(), "model_decision_refused");
        error.to_string()
    };
    refused(decision(Act::Approve, " ", "note"));
    refused(decision(Act::Approve, "li", ""));
    refused(decision(Act::Approve, "li", &"x".repeat(501)));
    refused(decision(Act::Approve, "li", "two\nlines"));
    let unknown = refused(NewDecision { model: "huge".to_owned(), ..decision(Act::Approve, "li", "note") });
    assert!(unknown.contains("it has: tiny"), "{unknown}");
    assert!(!scene.log().path().exists(), "nothing was written");

    let shipped = Registry::embedded().expect("sound");
    let built_in = NewDecision { model: "emotion".to_owned(), ..decision(Act::Rollback, "li", "note") };
    let error = scene.log().append(&shipped, built_in).expect_err("refused").to_string();
    assert!(error.contains("part of the program"), "{error}");
}

#[test]
fn a_log_that_was_touched_is_noticed_and_a_cut_off_line_is_not_a_decision() {
    let scene = Scene::new();
    for act in [Act::Withdraw, Act::Approve, Act::Withdraw] {
        scene.decide(act);
    }
    let path = scene.log().path().to_path_buf();
    let whole = std::fs::read_to_string(&path).expect("text");
    let lines: Vec<&str> = whole.lines().collect();
    let touched = [
        whole.replacen("withdraw", "approve", 1),
        whole.replacen("\"by\":\"li\"", "\"by\":\"wu\"", 1),
        lines[1..].join("\n") + "\n",
        [lines[0], lines[2], ""].join("\n"),
        [lines[1], lines[0], lines[2], ""].join("\n"),
        "not json\n".to_owned(),
    ];
    for text in touched {
        std::fs::write(&path, &text).expect("written");
        let error = scene.log().read().expect_err(&text);
        assert_eq!(error.code(), "model_decisions_unsound");
        assert!(scene.log().append(&Registry::default(), decision(Act::Approve, "li", "x")).is_err());
    }

    // A crash in the middle of a line: nobody was told that it was kept.
    std::fs::write(&path, &whole).expect("written");
    let mut file = OpenOptions::new().append(true).open(&path).expect("opened");
    file.write_all(&lines[0].as_bytes()[..40]).expect("written");
    assert_eq!(scene.log().read().expect("sound").len(), 3);
    scene.decide(Act::Approve);
    let kept = scene.log().read().expect("sound");
    assert_eq!((kept.len(), kept[3].act, kept[3].seq), (4, Act::Approve, 4));
}

#[test]
fn decisions_taken_at_once_all_have_their_place() {
    let scene = Scene::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| scene.decide(Act::Approve)));
        }
    });
    let places: Vec<u64> = scene.log().read().expect("sound").iter().map(|decision| decision.seq).collect();
    assert_eq!(places, (1..=40).collect::<Vec<_>>());
}

#[test]
fn every_package_and_every_built_in_table_has_a_record_of_its_very_bytes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalogue = Catalogue::embedded_in("/nowhere").expect("sound");
    let registry = catalogue.registry();
    let packages: BTreeSet<String> = catalogue.list().into_iter().map(|status| status.entry.name).collect();
    let of_kind = |kind| registry.records().iter().filter(move |record| record.kind == kind);
    assert_eq!(of_kind(Kind::Package).map(|record| record.name.clone()).collect::<BTreeSet<_>>(), packages);
    for status in catalogue.list() {
        let record = registry.record(&status.entry.name).expect("a record");
        assert_eq!((&record.version, &record.sha256), (&status.entry.version, &status.entry.sha256));
        let before = record.previous.as_ref().map(|previous| (previous.version.clone(), previous.sha256.clone()));
        assert_eq!(before, status.entry.previous(), "{}", record.name);
    }

    let mut files = BTreeSet::new();
    for record in of_kind(Kind::BuiltIn) {
        let file = record.file.as_ref().expect("checked when parsed");
        let bytes = std::fs::read(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let found = hash(&bytes);
        assert_eq!(
            record.sha256, found,
            "{file} is no longer what was approved: measure it, then state its sha256, version, evaluation and \
             approval in crates/models/registry.yaml"
        );
        files.insert(root.join(file));
    }
    for record in registry.records() {
        assert_ne!(registry.standing(&record.name).to_string(), "", "{}", record.name);
    }
    for weights in weights_below(&root.join("crates")) {
        assert!(files.contains(&weights), "{} has no record in registry.yaml", weights.display());
    }
}

/// Files of the rooms that are weights by their names.
fn weights_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("listed").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(weights_below(&path));
        } else if name.ends_with(".bin") || name.ends_with(".bin.gz") || name == "weights.json" {
            found.push(path);
        }
    }
    found
}
