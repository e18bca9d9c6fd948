//! Saying a cited answer in other words, where the bank has somebody for it.
//!
//! Invariants: what answers is chosen before and without it; citations stay with
//! the sentences they prove; without a rephraser, or where it gives nothing, the
//! article's own words are said; the trace tells that a model spoke and what of
//! it was not let through. What was said is in the reply event, so that nothing
//! that is read again later asks a model.

use crate::packs::BankPack;
use crate::ports::{Rephrased, ToRephrase};
use crate::turn::Turn;
use teller_kernel::Part;
use teller_kernel::part::CitedSentence;
use teller_kernel::trace::ModelCall;
use teller_knowledge::Answer;

impl Turn<'_> {
    /// Cites what an article says to the customer's words.
    pub(crate) async fn answer_with(&mut self, bank: &BankPack, article: &str, asked: &str) -> bool {
        let Some(answer) = self.cited(bank, article, Some(asked)) else { return false };
        let part = self.in_other_words(&answer, asked).await.unwrap_or_else(|| answer.part());
        self.reply.part(part);
        true
    }

    async fn in_other_words(&mut self, answer: &Answer, asked: &str) -> Option<Part> {
        let rephraser = self.ports.rephraser.clone()?;
        let sentences: Vec<String> = answer.sentences.iter().map(|(_, text)| text.clone()).collect();
        let wanted = ToRephrase { locale: self.state.locale, asked, sentences: &sentences };
        let Rephrased { sentences: said, call } = rephraser.rephrase(wanted).await;
        self.because("rephrase", reason(&call));
        self.trace.versions.push((call.use_case.clone(), format!("{} {}", call.model, call.prompt)));
        self.trace.model_calls.push(call);
        // Each sentence of the answer is said, by itself or in other words.
        let said = said.filter(|said| (0..sentences.len()).all(|at| said.iter().any(|one| one.source == at)))?;
        let cited = said.into_iter().map(|one| CitedSentence { text: one.text, citation: 0 }).collect();
        Some(Part::Answer { sentences: cited, citations: vec![answer.citation()] })
    }
}

fn reason(call: &ModelCall) -> String {
    match call.sentences {
        0 => format!("the article's own words: {}, {} dropped", call.outcome, call.dropped.len()),
        said => format!("{said} sentences in words of {}, {} dropped", call.model, call.dropped.len()),
    }
}
