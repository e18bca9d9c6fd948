//! A linear-chain tagger over characters: which characters are personal data of
//! which kind, by what stands around them.
//!
//! The weights are learned from our own marked sentences (`corpus/pii`,
//! `corpus/slots`) by `examples/train_tagger.rs` and lie in `data/tagger.bin`; a
//! conditional random field (Lafferty, McCallum, Pereira 2001) over begin, inside
//! and outside tags. Pure arithmetic: same text, same spans.
//!
//! Not here: check digits as a condition, which `detect` asks for afterwards, and
//! the wider net that masking casts.

mod features;
mod finish;
mod forms;
pub(crate) mod lexicon;
mod model;
mod pairs;
mod people;
pub(crate) mod runs;
mod sheet;
mod stretches;

pub use features::features;
pub use model::{Model, TAGS, allowed, tag_begin};
pub use pairs::count as count_pairs;

use crate::detect::{PiiKind, PiiSpan};
use std::sync::LazyLock;

/// Kinds in the order of their tags: kind `k` begins with tag `1 + 2k` and goes on with `2 + 2k`.
pub const KINDS: [PiiKind; 15] = [
    PiiKind::Name,
    PiiKind::IdCard,
    PiiKind::BankCard,
    PiiKind::Phone,
    PiiKind::Email,
    PiiKind::Address,
    PiiKind::Passport,
    PiiKind::HkMacaoPermit,
    PiiKind::Uscc,
    PiiKind::Plate,
    PiiKind::Otp,
    PiiKind::Password,
    PiiKind::Dob,
    PiiKind::AccountNo,
    PiiKind::Wechat,
];

static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    Model::read(include_bytes!("../../data/tagger.bin")).expect("the shipped table is read by a test of this crate")
});

/// The table that ships.
pub(crate) fn shipped() -> &'static Model {
    &SHIPPED
}

/// Spans of a model, in order and apart.
pub(crate) fn tag(model: &Model, chars: &[char]) -> Vec<PiiSpan> {
    let (keys, forms) = features::look(chars);
    finish::finish(chars, &forms, spans(&model.decode(&keys, &forms.allowed)))
}

fn spans(tags: &[u8]) -> Vec<PiiSpan> {
    let mut out: Vec<PiiSpan> = Vec::new();
    for (at, tag) in tags.iter().enumerate().filter(|(_, tag)| **tag > 0) {
        let kind = KINDS[usize::from((tag - 1) / 2)];
        match out.last_mut() {
            Some(last) if tag % 2 == 0 && last.end == at => last.end = at + 1,
            _ => out.push(PiiSpan { start: at, end: at + 1, kind, doubtful: false }),
        }
    }
    out
}
