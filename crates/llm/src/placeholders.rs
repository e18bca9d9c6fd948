//! Personal data and numbers to call, out of the evidence before it leaves and
//! back into what was said about it.
//!
//! An article may hold a hotline; masking it would change the evidence, leaving
//! it would let text out unmasked. So each span becomes a mark (`⟦A⟧`), the
//! model sees marks, the check treats a mark as a value that must stand, and
//! afterwards each mark becomes its own span again.
//!
//! Invariants: what leaves is `MaskedText`; a mark stands for one span of the
//! original and can become nothing else; a text that holds the marks' own
//! brackets, or in which masking finds more than the spans, does not leave.

use teller_privacy::{MaskedText, PiiSpan, detect, mask};

/// Brackets of a mark: in no article and no ordinary sentence.
pub(crate) const OPEN: char = '⟦';
pub(crate) const CLOSE: char = '⟧';
/// Marks of one text.
const MARKS_MAX: usize = 26;

/// Sentences with their spans taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marked {
    pub(crate) sentences: Vec<MaskedText>,
    spans: Vec<String>,
}

impl Marked {
    /// `None` when the sentences cannot leave.
    pub(crate) fn of(sentences: &[String]) -> Option<Self> {
        let mut marked = Self { sentences: Vec::with_capacity(sentences.len()), spans: Vec::new() };
        for sentence in sentences {
            if sentence.contains([OPEN, CLOSE]) {
                return None;
            }
            let text = marked.take_out(sentence, &detect(sentence))?;
            let masked = mask(&text);
            if *masked != *text {
                return None;
            }
            marked.sentences.push(masked);
        }
        Some(marked)
    }

    fn take_out(&mut self, sentence: &str, spans: &[PiiSpan]) -> Option<String> {
        let chars: Vec<char> = sentence.chars().collect();
        let (mut text, mut at) = (String::with_capacity(sentence.len()), 0);
        for span in spans {
            text.extend(chars.get(at..span.start)?);
            let original: String = chars.get(span.start..span.end)?.iter().collect();
            text.push_str(&self.mark(original)?);
            at = span.end;
        }
        text.extend(chars.get(at..)?);
        Some(text)
    }

    /// The same span gets the same mark.
    fn mark(&mut self, original: String) -> Option<String> {
        let at = self.spans.iter().position(|span| *span == original).unwrap_or_else(|| {
            self.spans.push(original);
            self.spans.len() - 1
        });
        (at < MARKS_MAX).then(|| mark(at))
    }

    /// Puts the spans back. `None` when a mark is not one of these, or a bracket
    /// is left over.
    pub(crate) fn restore(&self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        for (at, span) in self.spans.iter().enumerate() {
            text = text.replace(&mark(at), span);
        }
        (!text.contains([OPEN, CLOSE])).then_some(text)
    }
}

fn mark(at: usize) -> String {
    let letter = u8::try_from(at).ok().and_then(|at| b'A'.checked_add(at)).map_or('?', char::from);
    format!("{OPEN}{letter}{CLOSE}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_leave_as_marks_and_come_back_as_themselves() {
        let sentences =
            ["请拨打13800138000，或找王小明。".to_owned(), "13800138000为客服手机，柜台转账2元。".to_owned()];
        let marked = Marked::of(&sentences).unwrap();
        assert!(marked.sentences.iter().all(|sentence| !sentence.contains("13800138000")), "{marked:?}");
        assert!(marked.sentences[0].contains("⟦A⟧") && marked.sentences[1].contains("⟦A⟧"), "{marked:?}");
        for (sentence, original) in marked.sentences.iter().zip(&sentences) {
            assert_eq!(marked.restore(sentence).as_ref(), Some(original));
        }
        assert_eq!(marked.restore("请拨打⟦Z⟧"), None);
        assert_eq!(Marked::of(&["请拨打⟦A⟧".to_owned()]), None);
    }

    proptest! {
        #[test]
        fn whatever_leaves_comes_back(text in "[\u{4e00}-\u{4e40}0-9，。a-z@. ]{0,60}") {
            let sentences = [text];
            if let Some(marked) = Marked::of(&sentences) {
                prop_assert_eq!(marked.restore(&marked.sentences[0]), Some(sentences[0].clone()));
            }
        }
    }
}
