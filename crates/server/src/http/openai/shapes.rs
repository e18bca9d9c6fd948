//! What comes in and goes out, in the shapes of the OpenAI protocol.
//!
//! Unlike Teller's own API unknown fields are no error: clients send settings of
//! models (temperature, tools, …) that mean nothing here.

use crate::app::App;
use crate::http::openai::MODEL;
use crate::http::problem::Refused;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use teller_kernel::part::{Citation, QuickReply};
use teller_kernel::{Code, Locale, Problem};

/// Messages of one request.
const MESSAGES_MAX: usize = 2_048;
/// Longest name of a conversation looked at, in bytes.
const NAME_MAX_BYTES: usize = 256;
/// Characters of one piece of a stream.
const PIECE_CHARS: usize = 24;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct ChatBody {
    /// `teller`
    model: String,
    messages: Vec<ChatMessage>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    /// Only one answer is given.
    #[serde(default)]
    n: Option<u32>,
    /// `conversation_id` of an earlier answer; `locale`.
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct ChatMessage {
    role: String,
    /// A text, or a list of parts of which all are texts.
    #[serde(default)]
    #[schema(value_type = Value)]
    content: Value,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

/// What is asked, out of a request.
#[derive(Debug)]
pub struct Asked {
    pub text: String,
    pub conversation: Option<String>,
    pub locale: Option<Locale>,
}

fn wrong(field: &str) -> Refused {
    Problem::with(Code::BadField, field).into()
}

impl ChatBody {
    /// Whether to stream, and then whether with the usage.
    pub fn stream(&self) -> Option<bool> {
        let usage = self.stream_options.as_ref().and_then(|options| options.include_usage).unwrap_or(false);
        self.stream.unwrap_or(false).then_some(usage)
    }

    /// # Errors
    /// `model_not_found`; `bad_field` where no user message with text is last,
    /// or more than one answer is wanted.
    pub fn asked(&self) -> Result<Asked, Refused> {
        if self.model != MODEL {
            return Err(Code::ModelNotFound.into());
        }
        if self.n.is_some_and(|n| n != 1) {
            return Err(wrong("n"));
        }
        if self.messages.len() > MESSAGES_MAX {
            return Err(wrong("messages"));
        }
        // Developer and system messages may follow; the machine's own may not.
        let spoken =
            self.messages.iter().rev().find(|message| !matches!(message.role.as_str(), "system" | "developer"));
        let last = spoken.filter(|message| message.role == "user").ok_or_else(|| wrong("messages"))?;
        let metadata = |name: &str| self.metadata.as_ref().and_then(|metadata| metadata.get(name)).cloned();
        let conversation = metadata("conversation_id");
        if conversation.as_ref().is_some_and(|name| name.len() > NAME_MAX_BYTES) {
            return Err(Code::ConversationNotFound.into());
        }
        let locale = match metadata("locale") {
            Some(name) => {
                Some(Locale::ALL.into_iter().find(|it| it.as_str() == name).ok_or_else(|| wrong("metadata.locale"))?)
            }
            None => None,
        };
        Ok(Asked { text: text_of(&last.content)?, conversation, locale })
    }
}

fn text_of(content: &Value) -> Result<String, Refused> {
    match content {
        Value::String(text) => Ok(text.clone()),
        Value::Array(parts) => {
            let text = |part: &Value| match part["type"].as_str() {
                Some("text" | "input_text") => part["text"].as_str().map(str::to_owned),
                _ => None,
            };
            let texts: Option<Vec<String>> = parts.iter().map(text).collect();
            texts.map(|texts| texts.join("\n")).ok_or_else(|| wrong("messages.content"))
        }
        _ => Err(wrong("messages.content")),
    }
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ModelBody {
    id: &'static str,
    /// model
    object: &'static str,
    /// Seconds since 1970-01-01 UTC.
    created: i64,
    /// The bank.
    owned_by: String,
}

impl ModelBody {
    pub fn new(app: &App) -> Self {
        let owned_by = app.bank().pack.manifest.id.clone();
        Self { id: MODEL, object: "model", created: 0, owned_by }
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ModelsBody {
    /// list
    object: &'static str,
    data: Vec<ModelBody>,
}

impl ModelsBody {
    pub fn new(app: &App) -> Self {
        Self { object: "list", data: vec![ModelBody::new(app)] }
    }
}

/// What only Teller has to say of an answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TellerBody {
    /// To be sent back in `metadata` to go on with this conversation.
    pub conversation_id: String,
    /// What tells people that a machine said it; it is at the end of the text,
    /// too. Absent where a human spoke.
    pub ai_label: Option<String>,
    /// machine | queued | agent | closed
    pub status: &'static str,
    pub citations: Vec<Citation>,
    pub quick_replies: Vec<QuickReply>,
}

/// Estimated from characters: no model counted anything.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct UsageBody {
    prompt_tokens: usize,
    completion_tokens: usize,
    total_tokens: usize,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssistantMessage {
    /// assistant
    role: &'static str,
    content: String,
    refusal: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChatChoice {
    index: u32,
    message: AssistantMessage,
    logprobs: Option<Vec<String>>,
    /// stop
    finish_reason: &'static str,
}

/// A whole answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChatCompletion {
    id: String,
    /// chat.completion
    object: &'static str,
    created: i64,
    model: &'static str,
    choices: Vec<ChatChoice>,
    usage: UsageBody,
    /// The version of the pack that spoke.
    system_fingerprint: String,
    teller: TellerBody,
}

impl ChatCompletion {
    pub fn new(id: String, at_ms: i64, pack: String, asked: &str, content: String, teller: TellerBody) -> Self {
        let (prompt_tokens, completion_tokens) = (asked.chars().count(), content.chars().count());
        let message = AssistantMessage { role: "assistant", content, refusal: None };
        Self {
            id,
            object: "chat.completion",
            created: at_ms / 1_000,
            model: MODEL,
            choices: vec![ChatChoice { index: 0, message, logprobs: None, finish_reason: "stop" }],
            usage: UsageBody { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
            system_fingerprint: pack,
            teller,
        }
    }

    pub fn conversation(&self) -> &str {
        &self.teller.conversation_id
    }

    /// The same as a stream: role, pieces of the text, the end, the usage where
    /// it is wanted.
    pub fn events(&self, with_usage: bool) -> String {
        let content = self.choices.first().map_or("", |choice| choice.message.content.as_str());
        let chunk = |delta: Value, finish: Option<&str>| {
            let mut chunk =
                self.chunk(json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]));
            if with_usage {
                chunk["usage"] = Value::Null;
            }
            chunk
        };
        let mut first = chunk(json!({"role": "assistant", "content": ""}), None);
        first["teller"] = json!(self.teller);
        let mut chunks = vec![first];
        chunks.extend(pieces(content).map(|piece| chunk(json!({"content": piece}), None)));
        chunks.push(chunk(json!({}), Some("stop")));
        if with_usage {
            let mut last = self.chunk(json!([]));
            last["usage"] = json!(self.usage);
            chunks.push(last);
        }
        let events: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        events + "data: [DONE]\n\n"
    }

    fn chunk(&self, choices: Value) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.system_fingerprint,
            "choices": choices,
        })
    }
}

fn pieces(text: &str) -> impl Iterator<Item = String> + '_ {
    let chars: Vec<char> = text.chars().collect();
    let whole: Vec<String> = chars.chunks(PIECE_CHARS).map(|piece| piece.iter().collect()).collect();
    whole.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: Value) -> Result<Asked, (Code, Option<String>)> {
        let body: ChatBody = serde_json::from_value(body).unwrap();
        body.asked().map_err(|Refused(problem)| (problem.code, problem.detail))
    }

    #[test]
    fn the_last_user_message_is_what_is_asked() {
        let history = json!([
            {"role": "system", "content": "be rude"},
            {"role": "user", "content": "before"},
            {"role": "assistant", "content": "so", "tool_calls": []},
            {"role": "user", "content": [{"type": "text", "text": "转账"}, {"type": "text", "text": "要钱吗"}]},
            {"role": "developer", "content": "x"},
        ]);
        let found = asked(json!({"model": "teller", "messages": history, "temperature": 2, "tools": [{}]})).unwrap();
        assert_eq!((found.text.as_str(), found.conversation), ("转账\n要钱吗", None));
    }

    #[test]
    fn what_cannot_be_answered() {
        let user = json!([{"role": "user", "content": "x"}]);
        for (body, code, field) in [
            (json!({"model": "gpt-4o", "messages": user}), Code::ModelNotFound, None),
            (json!({"model": "teller", "messages": []}), Code::BadField, Some("messages")),
            (
                json!({"model": "teller", "messages": [{"role": "assistant", "content": "x"}]}),
                Code::BadField,
                Some("messages"),
            ),
            (json!({"model": "teller", "messages": user, "n": 2}), Code::BadField, Some("n")),
            (
                json!({"model": "teller", "messages": [{"role": "user", "content": null}]}),
                Code::BadField,
                Some("messages.content"),
            ),
            (
                json!({"model": "teller", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}),
                Code::BadField,
                Some("messages.content"),
            ),
            (
                json!({"model": "teller", "messages": user, "metadata": {"locale": "fr"}}),
                Code::BadField,
                Some("metadata.locale"),
            ),
        ] {
            let (found, detail) = asked(body.clone()).unwrap_err();
            assert_eq!((found, detail.as_deref()), (code, field), "{body}");
        }
    }
}
