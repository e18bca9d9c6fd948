//! The words of a pack: messages by id, inline texts, and the one template
//! environment that renders them and evaluates conditions.
//!
//! Templates are minijinja with a fuel limit and no access to anything but the
//! values handed in. An unknown value is an error, never an empty string: a
//! customer must not read a receipt with a hole in it.

use crate::{filters, names};
use minijinja::{Environment, UndefinedBehavior};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use teller_kernel::{Locale, Localized};

/// Steps one template or condition may take before it is stopped.
const FUEL: u64 = 200_000;

/// A message by its id, or the words themselves in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    Message(String),
    Inline(Localized),
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message id, or words as {zh: …, en: …}")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Text, E> {
                Ok(Text::Message(id.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                Localized::deserialize(de::value::MapAccessDeserializer::new(map)).map(Text::Inline)
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// A value shown to the customer: one template for every language, or one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(pub Localized);

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The same two shapes as `Text`, but a bare string is the template itself.
        Ok(Self(match Text::deserialize(deserializer)? {
            Text::Message(template) => Localized { zh: template.clone(), en: template },
            Text::Inline(words) => words,
        }))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("no message `{0}`")]
    UnknownMessage(String),
    #[error("template: {0}")]
    Template(String),
    #[error("condition: {0}")]
    Condition(String),
}

/// Every message of a pack, compiled.
pub struct Texts {
    environment: Environment<'static>,
    ids: BTreeMap<String, Localized>,
}

fn template_name(id: &str, locale: Locale) -> String {
    format!("{id}.{}", locale.as_str())
}

impl Default for Texts {
    fn default() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        filters::register(&mut environment);
        // Names a flow may want for its own; no words of a bank need these.
        for global in ["range", "dict", "debug", "namespace"] {
            environment.remove_global(global);
        }
        Self { environment, ids: BTreeMap::new() }
    }
}

impl Texts {
    /// Adds a message in each language it has; an error names the language.
    pub fn add(&mut self, id: &str, words: Localized) -> Result<(), TextError> {
        for locale in Locale::ALL {
            let template = words.get(locale).trim_end().to_owned();
            self.environment
                .add_template_owned(template_name(id, locale), template)
                .map_err(|error| TextError::Template(format!("{}: {}", locale.as_str(), explain(&error))))?;
            if let Some(unknown) = names::unknown_in_template(&self.environment, words.get(locale)) {
                return Err(TextError::Template(format!("{}: {unknown}", locale.as_str())));
            }
        }
        self.ids.insert(id.to_owned(), words);
        Ok(())
    }

    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }

    /// Renders a message or inline words with the values of `context` (an object).
    pub fn render(&self, text: &Text, locale: Locale, context: &Value) -> Result<String, TextError> {
        match text {
            Text::Message(id) => self.message(id, locale, context),
            Text::Inline(words) => self.inline(words.get(locale), locale, context),
        }
    }

    pub fn message(&self, id: &str, locale: Locale, context: &Value) -> Result<String, TextError> {
        let template = self
            .environment
            .get_template(&template_name(id, locale))
            .map_err(|_| TextError::UnknownMessage(id.to_owned()))?;
        template
            .render(with_locale(context, locale))
            .map_err(|error| TextError::Template(format!("{id}: {}", explain(&error))))
    }

    pub fn inline(&self, template: &str, locale: Locale, context: &Value) -> Result<String, TextError> {
        if !template.contains("{{") && !template.contains("{%") {
            return Ok(template.to_owned());
        }
        self.environment
            .render_str(template, with_locale(context, locale))
            .map_err(|error| TextError::Template(explain(&error)))
    }

    pub fn shown(&self, shown: &Shown, locale: Locale, context: &Value) -> Result<String, TextError> {
        self.inline(shown.0.get(locale), locale, context)
    }

    /// Evaluates an expression (`amount.minor > 5000000`) to a JSON value.
    pub fn evaluate(&self, expression: &str, context: &Value) -> Result<Value, TextError> {
        let fail = |error: minijinja::Error| TextError::Condition(format!("`{expression}`: {}", explain(&error)));
        let value =
            self.environment.compile_expression(expression).map_err(fail)?.eval(value_of(context)).map_err(fail)?;
        serde_json::to_value(value).map_err(|error| TextError::Condition(error.to_string()))
    }

    pub fn holds(&self, condition: &str, context: &Value) -> Result<bool, TextError> {
        let fail = |error: minijinja::Error| TextError::Condition(format!("`{condition}`: {}", explain(&error)));
        Ok(self
            .environment
            .compile_expression(condition)
            .map_err(fail)?
            .eval(value_of(context))
            .map_err(fail)?
            .is_true())
    }

    /// Names an expression reads from its context (first path segment), for the
    /// pack's check; an error when it does not parse.
    pub fn reads_of_expression(&self, expression: &str) -> Result<Vec<String>, TextError> {
        let compiled = self
            .environment
            .compile_expression(expression)
            .map_err(|error| TextError::Condition(format!("`{expression}`: {}", explain(&error))))?;
        if let Some(unknown) = names::unknown_in_expression(&self.environment, expression) {
            return Err(TextError::Condition(format!("`{expression}`: {unknown}")));
        }
        Ok(compiled.undeclared_variables(false).into_iter().collect())
    }

    /// Names a template reads from its context, for the pack's check.
    pub fn reads_of_template(&self, template: &str) -> Result<Vec<String>, TextError> {
        let compiled =
            self.environment.template_from_str(template).map_err(|error| TextError::Template(explain(&error)))?;
        if let Some(unknown) = names::unknown_in_template(&self.environment, template) {
            return Err(TextError::Template(unknown));
        }
        Ok(compiled.undeclared_variables(false).into_iter().collect())
    }

    /// The words behind a text, for the pack's check.
    pub fn words<'a>(&'a self, text: &'a Text) -> Option<&'a Localized> {
        match text {
            Text::Message(id) => self.ids.get(id),
            Text::Inline(words) => Some(words),
        }
    }
}

fn with_locale(context: &Value, locale: Locale) -> minijinja::Value {
    minijinja::context! { locale => locale.as_str(), ..value_of(context) }
}

fn value_of(context: &Value) -> minijinja::Value {
    minijinja::Value::from(minijinja::value::Serde(context))
}

fn explain(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(zh: &str, en: &str) -> Localized {
        Localized { zh: zh.into(), en: en.into() }
    }

    #[test]
    fn messages_render_money_and_dates_by_language() {
        let mut texts = Texts::default();
        texts
            .add(
                "done",
                words("已转{{ amount | money }}，{{ on | date }}", "Sent {{ amount | money }} on {{ on | date }}"),
            )
            .unwrap();
        let context = json!({"amount": {"minor": 320_000, "currency": "CNY"}, "on": "2026-03-05"});
        assert_eq!(texts.message("done", Locale::Zh, &context).unwrap(), "已转¥3,200.00，2026年3月5日");
        assert_eq!(texts.message("done", Locale::En, &context).unwrap(), "Sent ¥3,200.00 on 5 Mar 2026");
    }

    #[test]
    fn a_hole_is_an_error() {
        let mut texts = Texts::default();
        texts.add("m", words("给{{ who }}", "to {{ who }}")).unwrap();
        assert!(texts.message("m", Locale::Zh, &json!({})).is_err());
        assert!(texts.message("none", Locale::Zh, &json!({})).is_err());
    }

    #[test]
    fn conditions_see_structures_and_stop_when_out_of_fuel() {
        let texts = Texts::default();
        let context = json!({"amount": {"minor": 5}, "payee": {"id": "p1"}});
        assert!(texts.holds("amount.minor > 3 and payee.id is defined", &context).unwrap());
        assert_eq!(texts.evaluate("amount", &context).unwrap(), json!({"minor": 5}));
        let many = json!({"list": vec![0; 2_000]});
        let endless = "{% for a in list %}{% for b in list %}{{ a }}{% endfor %}{% endfor %}";
        assert!(texts.inline(endless, Locale::Zh, &many).is_err());
        assert_eq!(texts.reads_of_expression("amount.minor > limit").unwrap().len(), 2);
    }
}
