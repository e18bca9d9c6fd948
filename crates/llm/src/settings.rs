//! What the bank configures: one address, and for each use of the model its
//! name, prompt, length, temperature, time and budget.
//!
//! Invariants: everything is checked once, by [`Settings::check`]; an unknown
//! name is an error; a use that is not there is off.

use crate::budget::Budget;
use crate::key::Key;
use crate::limits::{ANSWER_TOKENS_MAX, CONCURRENCY_MAX, MODEL_NAME_MAX_BYTES, TIMEOUT_MAX_MS};
use crate::prompt;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("llm: {name}: {why}")]
    Value { name: &'static str, why: String },
    /// Never says what the key is.
    #[error("llm: the key {0}")]
    Key(&'static str),
    #[error("llm: the HTTP client cannot be built")]
    Client,
}

/// What a model is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseCase {
    /// Saying a cited answer again in words that fit the question.
    RephraseAnswer,
}

impl UseCase {
    pub const ALL: [Self; 1] = [Self::RephraseAnswer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::RephraseAnswer => "rephrase_answer",
        }
    }
}

/// The `llm` section of the server's configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Up to and with the version, for example `http://127.0.0.1:8000/v1`.
    pub base_url: String,
    /// Environment variable that holds the key; none for an endpoint without.
    pub key_env: Option<String>,
    /// File that holds the key; instead of the variable.
    pub key_file: Option<PathBuf>,
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Until the first byte of the answer.
    #[serde(default = "first_byte_timeout_ms")]
    pub first_byte_timeout_ms: u64,
    /// Calls at the same time; one more is refused, not queued.
    #[serde(default = "concurrency")]
    pub concurrency: usize,
    /// By the name of the use.
    #[serde(default, rename = "use")]
    pub uses: BTreeMap<UseCase, UseSettings>,
}

/// One use of the model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseSettings {
    /// The kill switch.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// As the endpoint knows it.
    pub model: String,
    /// `name/version` of a prompt of this program.
    #[serde(default = "default_prompt")]
    pub prompt: String,
    #[serde(default = "max_tokens")]
    pub max_tokens: u32,
    /// 0–2.
    #[serde(default)]
    pub temperature: f32,
    /// For everything, retries included.
    #[serde(default = "total_timeout_ms")]
    pub timeout_ms: u64,
    /// Ask for the answer piece by piece.
    #[serde(default = "yes")]
    pub stream: bool,
    #[serde(default)]
    pub budget: Budget,
}

fn yes() -> bool {
    true
}
fn connect_timeout_ms() -> u64 {
    500
}
fn first_byte_timeout_ms() -> u64 {
    2_000
}
fn total_timeout_ms() -> u64 {
    2_500
}
fn concurrency() -> usize {
    8
}
fn max_tokens() -> u32 {
    400
}
fn default_prompt() -> String {
    prompt::REPHRASE.id()
}

fn wrong(name: &'static str, why: impl Into<String>) -> ConfigError {
    ConfigError::Value { name, why: why.into() }
}

impl UseSettings {
    /// A use with every default.
    pub fn new(model: &str) -> Self {
        Self {
            enabled: true,
            model: model.to_owned(),
            prompt: default_prompt(),
            max_tokens: max_tokens(),
            temperature: 0.0,
            timeout_ms: total_timeout_ms(),
            stream: true,
            budget: Budget::default(),
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.model.is_empty() || self.model.len() > MODEL_NAME_MAX_BYTES || self.model.chars().any(char::is_control)
        {
            return Err(wrong("model", format!("1 to {MODEL_NAME_MAX_BYTES} bytes")));
        }
        if prompt::find(&self.prompt).is_none() {
            return Err(wrong("prompt", format!("one of {}", prompt::names().join(", "))));
        }
        if self.max_tokens == 0 || self.max_tokens > ANSWER_TOKENS_MAX {
            return Err(wrong("max_tokens", format!("1 to {ANSWER_TOKENS_MAX}")));
        }
        if !(0.0..=2.0).contains(&self.temperature) {
            return Err(wrong("temperature", "0 to 2"));
        }
        time("timeout_ms", self.timeout_ms)?;
        self.budget.check()
    }
}

fn time(name: &'static str, ms: u64) -> Result<(), ConfigError> {
    if (1..=TIMEOUT_MAX_MS).contains(&ms) { Ok(()) } else { Err(wrong(name, format!("1 to {TIMEOUT_MAX_MS}"))) }
}

impl Settings {
    /// Settings with every default, and no use.
    pub fn at(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            key_env: None,
            key_file: None,
            connect_timeout_ms: connect_timeout_ms(),
            first_byte_timeout_ms: first_byte_timeout_ms(),
            concurrency: concurrency(),
            uses: BTreeMap::new(),
        }
    }

    /// Checks every value; the base address in the form it is used.
    ///
    /// # Errors
    /// The first value that cannot be.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.base()?;
        if self.key_env.is_some() && self.key_file.is_some() {
            return Err(wrong("key_file", "either a file or a variable"));
        }
        time("connect_timeout_ms", self.connect_timeout_ms)?;
        time("first_byte_timeout_ms", self.first_byte_timeout_ms)?;
        if self.concurrency == 0 || self.concurrency > CONCURRENCY_MAX {
            return Err(wrong("concurrency", format!("1 to {CONCURRENCY_MAX}")));
        }
        self.uses.values().try_for_each(UseSettings::check)
    }

    /// The base address without a slash at its end.
    pub(crate) fn base(&self) -> Result<String, ConfigError> {
        let bad = || wrong("base_url", "must be http://host[:port]/path, without user, query or fragment");
        let url = reqwest::Url::parse(&self.base_url).map_err(|_| bad())?;
        let plain = url.scheme() == "http"
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if plain { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(bad()) }
    }

    pub(crate) fn key(&self) -> Result<Option<Key>, ConfigError> {
        match (&self.key_env, &self.key_file) {
            (Some(name), _) => Key::from_env(name).map(Some),
            (None, Some(path)) => Key::from_file(path).map(Some),
            (None, None) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        let settings: Settings = toml::from_str(text).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn a_section_as_a_bank_writes_it() {
        let text = r#"
            base_url = "http://10.0.0.7:8000/v1/"
            key_env = "MODEL_KEY"
            [use.rephrase_answer]
            model = "qwen2.5-7b-instruct"
            prompt = "rephrase/1"
            max_tokens = 300
            temperature = 0.2
            timeout_ms = 2500
            budget = { calls_per_hour = 1000, tokens_per_day = 2000000 }
        "#;
        let settings = read(text).unwrap();
        assert_eq!(settings.base().unwrap(), "http://10.0.0.7:8000/v1");
        let used = &settings.uses[&UseCase::RephraseAnswer];
        assert!(used.enabled && used.stream);
        assert_eq!((used.budget.calls_per_hour, used.budget.tokens_per_day), (1_000, 2_000_000));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let base = "base_url = \"http://h/v1\"\n";
        let used = "[use.rephrase_answer]\nmodel = \"m\"\n";
        for bad in [
            "base_url = \"https://h/v1\"".to_owned(),
            "base_url = \"file:///etc/passwd\"".to_owned(),
            "base_url = \"http://user:pw@h/v1\"".to_owned(),
            "base_url = \"http://h/v1?x=1\"".to_owned(),
            "base_url = \"\"".to_owned(),
            format!("{base}concurrency = 0"),
            format!("{base}key = \"sk\""),
            format!("{base}key_env = \"A\"\nkey_file = \"b\""),
            format!("{base}[use.invent_rates]\nmodel = \"m\""),
            format!("{base}{used}prompt = \"rephrase/99\""),
            format!("{base}{used}max_tokens = 0"),
            format!("{base}{used}temperature = 2.5"),
            format!("{base}{used}temperature = nan"),
            format!("{base}{used}timeout_ms = 0"),
            format!("{base}{used}budget = {{ calls_per_hour = 0 }}"),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
        assert!(read(&format!("{base}{used}")).is_ok());
    }
}
