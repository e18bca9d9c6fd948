//! `teller pack new`: a small pack that checks and answers.
//!
//! What every bank's pack needs alike (the messages of the house, control
//! phrases) is taken from the demo pack at build time, without its names, so
//! that there is one text to look after.

use anyhow::{Context, Result, bail};
use std::path::Path;

macro_rules! demo {
    ($path:literal) => {
        include_str!(concat!("../../../../packs/demo/", $path))
    };
}

/// Path in the pack, text, and whether the demo bank's name is in it.
const FILES: [(&str, &str); 10] = [
    ("pack.yaml", include_str!("../../templates/pack/pack.yaml")),
    ("intents/basic.yaml", include_str!("../../templates/pack/intents.yaml")),
    ("flows/balance.yaml", include_str!("../../templates/pack/balance.yaml")),
    ("articles/branch-hours.md", include_str!("../../templates/pack/branch-hours.md")),
    ("messages/house.yaml", demo!("messages/house.yaml")),
    ("messages/errors.yaml", demo!("messages/errors.yaml")),
    ("messages/labels.yaml", demo!("messages/labels.yaml")),
    ("phrases/control.yaml", demo!("phrases/control.yaml")),
    ("phrases/distress.yaml", demo!("phrases/distress.yaml")),
    ("thresholds.csv", "key,value,unit,effective,rule,source,status\n"),
];

/// What the demo bank calls itself, and what a bank without a name says.
const NAMES: [(&str, &str); 4] =
    [("云杉手机银行", "手机银行"), ("云杉银行", "我行"), ("the Yunshan app", "our app"), ("Yunshan Bank", "the bank")];

/// Writes the files into a folder that is not there or empty.
pub fn write(folder: &Path) -> Result<()> {
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty", folder.display());
    }
    for (path, text) in files() {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn files() -> impl Iterator<Item = (&'static str, String)> {
    FILES.into_iter().map(|(path, text)| {
        let named = NAMES.into_iter().fold(text.to_owned(), |text, (own, neutral)| text.replace(own, neutral));
        (path, named)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::pack::bare_workshop;
    use teller_conversation::BankPack;
    use teller_kernel::Locale;
    use teller_knowledge::Query;
    use teller_pack::{Diagnostic, PackSource};

    #[test]
    fn a_new_pack_is_sound_and_answers() {
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("mine");
        write(&pack).unwrap();
        assert!(write(&pack).is_err(), "an existing pack was overwritten");
        let (bank, notes) = BankPack::compile(PackSource::from_dir(&pack).unwrap(), &bare_workshop());
        let errors: Vec<_> = notes.iter().filter(|note| note.is_error()).map(Diagnostic::to_string).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let today = "2026-06-01".parse().unwrap();
        let best = bank.unwrap().articles(&Query::new("你们周日几点开门", Locale::Zh, today), 1);
        assert_eq!(best.first().map(|hit| hit.label.as_str()), Some("branch-hours"));
    }

    #[test]
    fn nothing_of_the_demo_bank_is_left() {
        for (path, text) in files() {
            assert!(!text.contains("云杉") && !text.contains("Yunshan"), "{path}");
        }
    }
}
