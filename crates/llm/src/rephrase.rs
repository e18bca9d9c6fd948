//! Saying a cited answer again in other words: out masked, back checked.
//!
//! Invariants: every sentence of the result is either the article's own or one
//! that the check let through in its place; nothing of the answer is left out;
//! the order of the article stays.

use crate::check::{self, Verdict};
use crate::gateway::Gateway;
use crate::placeholders::Marked;
use crate::record::{CallRecord, Refusal};
use crate::settings::UseCase;
use teller_kernel::Locale;
use teller_privacy::mask;

/// Characters of a dropped sentence that are kept for the trace.
const SHOWN_MAX_CHARS: usize = 120;

/// One sentence to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    /// The sentence of the answer that it says again, or is.
    pub source: usize,
    pub rephrased: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rephrased {
    /// `None`: the answer stands as it was.
    pub sentences: Option<Vec<Said>>,
    pub record: CallRecord,
    /// Sentences of the model that were not let through: masked, cut short, and
    /// why.
    pub dropped: Vec<(String, &'static str)>,
}

/// Asks a model to say `sentences` again for somebody who asked `asked`.
pub async fn rephrase(gateway: &Gateway, locale: Locale, asked: Option<&str>, sentences: &[String]) -> Rephrased {
    const USE: UseCase = UseCase::RephraseAnswer;
    let refused =
        |refusal| Rephrased { sentences: None, record: gateway.not_called(USE, refusal), dropped: Vec::new() };
    if !gateway.is_on(USE) {
        return refused(Refusal::Off);
    }
    let Some(marked) = Marked::of(sentences) else { return refused(Refusal::Unmaskable) };
    let evidence: Vec<&str> = marked.sentences.iter().map(|sentence| &**sentence).collect();
    if check::is_tainted(&evidence) {
        return refused(Refusal::Tainted);
    }
    let asked = asked.map(mask);
    let called = gateway.call(USE, |prompt| prompt.messages(locale, asked.as_ref(), &marked.sentences)).await;
    let Some(text) = called.text else {
        return Rephrased { sentences: None, record: called.record, dropped: Vec::new() };
    };
    let checked = check::check(&evidence, &text);
    let dropped = checked.dropped.iter().map(|dropped| (shown(&dropped.text), dropped.why.as_str())).collect();
    let sentences = match checked.verdict {
        Verdict::Extractive => None,
        Verdict::Rephrased(said) => put_back(&marked, said, sentences),
    };
    Rephrased { sentences, record: called.record, dropped }
}

/// Marks become their spans; a sentence that is the answer's own is taken from
/// the answer itself.
fn put_back(marked: &Marked, said: Vec<Said>, originals: &[String]) -> Option<Vec<Said>> {
    let back = |said: Said| {
        let text = if said.rephrased { marked.restore(&said.text)? } else { originals.get(said.source)?.clone() };
        Some(Said { text, ..said })
    };
    said.into_iter().map(back).collect()
}

fn shown(text: &str) -> String {
    mask(text).chars().take(SHOWN_MAX_CHARS).collect()
}
