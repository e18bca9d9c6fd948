//! The shapes of chat completions, and reading what came back: pure.
//!
//! Invariants: nothing an endpoint sends is believed beyond the text of its
//! first choice, how that ended, and what it counted; a call for tools is a
//! failure, since no tools were offered.

use crate::client::CallError;
use crate::limits::TEXT_MAX_CHARS;
use crate::prompt::Message;
use serde::Deserialize;
use serde_json::{Value, json};

/// What is asked of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest<'a> {
    pub model: &'a str,
    pub messages: &'a [Message],
    pub max_tokens: u32,
    pub temperature: f32,
    pub stream: bool,
}

impl ChatRequest<'_> {
    pub(crate) fn body(&self) -> Value {
        let message = |message: &Message| json!({"role": message.role().as_str(), "content": message.text()});
        // As it was configured: 0.2, not 0.20000000298.
        let temperature = (f64::from(self.temperature) * 1_000.0).round() / 1_000.0;
        let mut body = json!({
            "model": self.model,
            "messages": self.messages.iter().map(message).collect::<Vec<_>>(),
            "max_tokens": self.max_tokens,
            "temperature": temperature,
            "stream": self.stream,
        });
        if self.stream {
            body["stream_options"] = json!({"include_usage": true});
        }
        body
    }

    pub(crate) fn chars(&self) -> usize {
        self.messages.iter().map(|message| message.text().chars().count()).sum()
    }
}

/// What an endpoint counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Usage {
    #[serde(default)]
    pub prompt_tokens: u64,
    #[serde(default)]
    pub completion_tokens: u64,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default, alias = "delta")]
    message: Option<Piece>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Piece {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Value>,
    #[serde(default)]
    function_call: Option<Value>,
}

/// A whole answer, or one chunk of a stream.
#[derive(Debug, Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<Value>,
}

/// An answer while it grows.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    text: String,
    chars: usize,
    usage: Option<Usage>,
    finish: Option<String>,
    done: bool,
}

impl Growing {
    /// Adds one chunk of JSON: a completion or a piece of one.
    pub(crate) fn add(&mut self, json: &str) -> Result<(), CallError> {
        let read: Completion = serde_json::from_str(json).map_err(|_| CallError::Malformed)?;
        if read.error.is_some() {
            return Err(CallError::Malformed);
        }
        self.usage = read.usage.or(self.usage);
        let Some(choice) = read.choices.into_iter().next() else { return Ok(()) };
        if let Some(piece) = choice.message {
            let called = |value: &Option<Value>| match value {
                None | Some(Value::Null) => false,
                Some(Value::Array(calls)) => !calls.is_empty(),
                Some(_) => true,
            };
            if called(&piece.tool_calls) || called(&piece.function_call) {
                return Err(CallError::ToolCall);
            }
            let content = piece.content.unwrap_or_default();
            self.chars += content.chars().count();
            if self.chars > TEXT_MAX_CHARS {
                return Err(CallError::TooLarge);
            }
            self.text.push_str(&content);
        }
        self.finish = choice.finish_reason.or(self.finish.take());
        Ok(())
    }

    /// Adds the data of one event of a stream; says whether to go on.
    pub(crate) fn add_event(&mut self, data: &str) -> Result<bool, CallError> {
        if data.trim() == "[DONE]" {
            self.done = true;
            return Ok(false);
        }
        if !data.trim().is_empty() {
            self.add(data)?;
        }
        Ok(true)
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    /// The answer, when it came to its end.
    pub(crate) fn finish(self) -> Result<(String, Option<Usage>), CallError> {
        match self.finish.as_deref() {
            Some("stop" | "eos" | "end_turn") => {}
            // Some endpoints never say how a stream ended, but that it did.
            None if self.done => {}
            None => return Err(CallError::Cut),
            Some(_) => return Err(CallError::Unfinished),
        }
        if self.text.trim().is_empty() { Err(CallError::Empty) } else { Ok((self.text, self.usage)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(json: &str) -> Result<String, CallError> {
        let mut growing = Growing::default();
        growing.add(json)?;
        growing.finish().map(|(text, _)| text)
    }

    #[test]
    fn only_a_finished_text_is_an_answer() {
        let answer = r#"{"choices":[{"message":{"role":"assistant","content":"好"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4},"unknown":[1]}"#;
        assert_eq!(whole(answer).unwrap(), "好");
        for (json, error) in [
            ("", CallError::Malformed),
            ("[]", CallError::Cut),
            ("[[[", CallError::Malformed),
            ("{\"choices\":3}", CallError::Malformed),
            ("{\"error\":{\"message\":\"no\"}}", CallError::Malformed),
            ("{}", CallError::Cut),
            (r#"{"choices":[{"message":{"content":"好"}}]}"#, CallError::Cut),
            (r#"{"choices":[{"message":{"content":" "},"finish_reason":"stop"}]}"#, CallError::Empty),
            (r#"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#, CallError::Empty),
            (r#"{"choices":[{"message":{"content":"好"},"finish_reason":"length"}]}"#, CallError::Unfinished),
            (r#"{"choices":[{"message":{"content":"好"},"finish_reason":"content_filter"}]}"#, CallError::Unfinished),
            (
                r#"{"choices":[{"message":{"content":"","tool_calls":[{"function":{"name":"transfer","arguments":"{"}}]},"finish_reason":"tool_calls"}]}"#,
                CallError::ToolCall,
            ),
            (r#"{"choices":[{"message":{"function_call":"x"},"finish_reason":"stop"}]}"#, CallError::ToolCall),
        ] {
            assert_eq!(whole(json), Err(error), "{json}");
        }
    }

    #[test]
    fn pieces_of_a_stream_grow_together() {
        let mut growing = Growing::default();
        for data in [
            r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
            r#"{"choices":[{"delta":{"content":"柜台"}}]}"#,
            "",
            r#"{"choices":[{"delta":{"content":"免费"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#,
        ] {
            assert!(growing.add_event(data).unwrap());
        }
        assert!(!growing.add_event("[DONE]").unwrap());
        let (text, usage) = growing.finish().unwrap();
        assert_eq!((text.as_str(), usage.unwrap().prompt_tokens), ("柜台免费", 9));
    }

    proptest! {
        #[test]
        fn nothing_an_endpoint_sends_makes_it_panic(data in ".{0,200}") {
            let _ = Growing::default().add_event(&data);
        }
    }
}
