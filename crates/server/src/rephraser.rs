//! The language model behind the conversation's port.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use teller_conversation::{Rephrased, Rephraser, Rephrasing, ToRephrase};
use teller_kernel::trace::{DroppedSentence, ModelCall};
use teller_llm::rephrase::rephrase;
use teller_llm::{CallRecord, Gateway};

/// Says answers again through the gateway: masked on the way out, checked on the
/// way back.
pub struct ModelRephraser(pub Arc<Gateway>);

impl Rephraser for ModelRephraser {
    fn rephrase<'a>(&'a self, answer: ToRephrase<'a>) -> BoxFuture<'a, Rephrased> {
        async move {
            let said = rephrase(&self.0, answer.locale, Some(answer.asked), answer.sentences).await;
            let mut call = traced(said.record);
            let dropped = said.dropped.into_iter();
            call.dropped = dropped.map(|(text, why)| DroppedSentence { text, why: why.to_owned() }).collect();
            let own = |said: teller_llm::Said| {
                let teller_llm::Said { text, source, rephrased } = said;
                Rephrasing { text, source, rephrased }
            };
            let sentences: Option<Vec<Rephrasing>> = said.sentences.map(|said| said.into_iter().map(own).collect());
            let changed = sentences.iter().flatten().filter(|one| one.rephrased).count();
            call.sentences = u32::try_from(changed).unwrap_or(u32::MAX);
            Rephrased { sentences, call }
        }
        .boxed()
    }
}

fn traced(record: CallRecord) -> ModelCall {
    ModelCall {
        use_case: record.use_case.to_owned(),
        outcome: record.outcome.name(),
        model: record.model,
        prompt: record.prompt,
        took_ms: record.took_ms,
        prompt_tokens: record.prompt_tokens,
        answer_tokens: record.answer_tokens,
        sentences: 0,
        dropped: Vec::new(),
    }
}
