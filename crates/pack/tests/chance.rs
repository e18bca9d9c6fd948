//! Chance edits of the demo bank's files: whatever comes of them, the loader
//! answers with notes that stand in the file, and never with a panic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use teller_pack::{Diagnostic, Pack, PackSource};

/// What an edit puts in: signs that mean something to one of the parsers.
const SIGNS: [&str; 24] = [
    ":", "- ", "\n", "  ", "{", "}", "[", "]", "\"", "'", "&a", "*a", "<<: *a", "!!int", "---\n", "{{", "}}", "{% if",
    "|", "\t", "## zh\n", ",", "\u{0}", "值",
];

static DEMO: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let source = PackSource::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/demo")).unwrap();
    source.paths().map(|path| (path.to_owned(), source.get(path).unwrap().to_owned())).collect()
});

#[derive(Debug, Clone)]
enum Edit {
    Insert { at: usize, sign: usize },
    Delete { at: usize, count: usize },
    Repeat { at: usize, count: usize },
    Swap { at: usize, with: usize },
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = || any::<usize>();
    let edit = prop_oneof![
        (at(), 0..SIGNS.len()).prop_map(|(at, sign)| Edit::Insert { at, sign }),
        (at(), 1..40usize).prop_map(|(at, count)| Edit::Delete { at, count }),
        (at(), 1..400usize).prop_map(|(at, count)| Edit::Repeat { at, count }),
        (at(), at()).prop_map(|(at, with)| Edit::Swap { at, with }),
    ];
    proptest::collection::vec(edit, 1..6)
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    for edit in edits {
        let count = signs.len();
        if count == 0 {
            break;
        }
        match *edit {
            Edit::Insert { at, sign } => {
                let at = at % count;
                signs.splice(at..at, SIGNS[sign].chars());
            }
            Edit::Delete { at, count: length } => {
                let at = at % count;
                signs.drain(at..(at + length).min(count));
            }
            Edit::Repeat { at, count: length } => {
                let at = at % count;
                let copy = signs[at..(at + length).min(count)].to_vec();
                signs.splice(at..at, copy);
            }
            Edit::Swap { at, with } => signs.swap(at % count, with % count),
        }
    }
    signs.into_iter().collect()
}

fn stands(note: &Diagnostic, files: &BTreeMap<String, String>) -> bool {
    let lines = files.get(&note.place.file).map(|text| text.lines().count()).unwrap_or(0);
    // A parser may point behind the last line.
    note.place.line as usize <= lines + 1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_edited_file_never_panics(file in any::<prop::sample::Index>(), edits in edits()) {
        let (path, text) = &DEMO[file.index(DEMO.len())];
        let mut files: BTreeMap<String, String> =
            DEMO.iter().filter(|(path, _)| path == "pack.yaml").cloned().collect();
        files.insert(path.clone(), edited(text, &edits));
        let (pack, notes) = Pack::load(PackSource::from_files(files.clone()));
        prop_assert_eq!(pack.is_none(), notes.iter().any(Diagnostic::is_error));
        for note in &notes {
            prop_assert!(stands(note, &files), "{}", note);
        }
    }
}
