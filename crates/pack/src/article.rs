//! Articles: what the bank knows, in sentences that can each be cited.
//!
//! A file is YAML front matter and one body for each language under `## zh` and
//! `## en`. The version of an article is the hash of its file, so a cited
//! version can be kept and shown for ever.

use crate::diagnostic::{Diagnostic, Place};
use crate::intent::Utterances;
use crate::yaml;
use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use teller_kernel::{Locale, Localized};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    id: String,
    title: Localized,
    #[serde(default)]
    questions: Utterances,
    #[serde(default)]
    product: Option<String>,
    #[serde(default)]
    segment: Option<String>,
    #[serde(default)]
    channel: Option<String>,
    effective: String,
    #[serde(default)]
    expires: Option<String>,
    owner: String,
    source: String,
    #[serde(default)]
    facts: Vec<Fact>,
}

/// A typed value said in the body, so that it can be checked and computed with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    pub name: String,
    pub value: String,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub condition: Option<Localized>,
}

#[derive(Debug, Clone)]
pub struct Article {
    pub id: String,
    /// First 16 hex digits of the file's SHA-256.
    pub version: String,
    pub title: Localized,
    pub questions: Utterances,
    pub product: Option<String>,
    pub segment: Option<String>,
    pub channel: Option<String>,
    pub effective: Date,
    pub expires: Option<Date>,
    pub owner: String,
    pub source: String,
    pub facts: Vec<Fact>,
    /// Markdown.
    pub body: Localized,
    pub place: Place,
}

impl Article {
    /// Does it hold on that day? Both ends included.
    pub fn holds_on(&self, day: Date) -> bool {
        self.effective <= day && self.expires.is_none_or(|last| day <= last)
    }

    /// The sentences of the body: list items and sentences, in order.
    pub fn sentences(&self, locale: Locale) -> Vec<String> {
        split_sentences(self.body.get(locale))
    }

    pub fn parse(file: &str, text: &str, notes: &mut Vec<Diagnostic>) -> Option<Self> {
        let whole_file = || Place::file(file);
        let Some((front, body)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else {
            notes.push(Diagnostic::error(
                whole_file(),
                "no-front-matter",
                "an article opens with `---`, its fields, and `---`",
            ));
            return None;
        };
        // One line is eaten by the opening `---`; putting it back keeps line numbers true.
        let front: FrontMatter = yaml::read(file, &format!("\n{front}"), notes)?;
        let mut date = |field: &str, text: &str| -> Option<Date> {
            text.parse()
                .map_err(|_| {
                    notes.push(Diagnostic::error(
                        whole_file(),
                        "bad-date",
                        format!("`{field}: {text}` is not a date like 2026-01-31"),
                    ));
                })
                .ok()
        };
        let effective = date("effective", &front.effective)?;
        let expires = match &front.expires {
            Some(text) => Some(date("expires", text)?),
            None => None,
        };
        let body = Localized { zh: section(body, "zh"), en: section(body, "en") };
        for (locale, text) in [("zh", &body.zh), ("en", &body.en)] {
            if text.is_empty() {
                notes.push(Diagnostic::error(
                    whole_file(),
                    "missing-translation",
                    format!("the article has no body under `## {locale}`"),
                ));
            }
        }
        Some(Self {
            version: hex::encode(&Sha256::digest(text.as_bytes())[..8]),
            id: front.id,
            title: front.title,
            questions: front.questions,
            product: front.product,
            segment: front.segment,
            channel: front.channel,
            effective,
            expires,
            owner: front.owner,
            source: front.source,
            facts: front.facts,
            body,
            place: whole_file(),
        })
    }
}

fn section(body: &str, language: &str) -> String {
    let heading = format!("## {language}");
    let mut inside = false;
    let mut lines = Vec::new();
    for line in body.lines() {
        if line.starts_with("## ") {
            inside = line.trim_end() == heading;
        } else if inside {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

fn split_sentences(body: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for line in body.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '#']).trim();
        let mut current = String::new();
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            current.push(character);
            // A Latin full stop ends a sentence only before a space, so that 3.85 stays whole.
            let ends = matches!(character, '。' | '！' | '？' | '；')
                || (matches!(character, '.' | '!' | '?') && characters.peek().is_some_and(|next| *next == ' '));
            if ends {
                push_trimmed(&mut sentences, &mut current);
            }
        }
        push_trimmed(&mut sentences, &mut current);
    }
    sentences
}

fn push_trimmed(sentences: &mut Vec<String>, current: &mut String) {
    let sentence = current.trim();
    if !sentence.is_empty() {
        sentences.push(sentence.to_owned());
    }
    current.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "---\nid: fee\ntitle: {zh: 手续费, en: Fees}\nquestions: {zh: [要钱吗]}\neffective: 2026-01-01\nexpires: 2026-12-31\nowner: 部\nsource: 目录\n---\n## zh\n手机转账免费。柜台每笔 3.85 元；以公告为准。\n- 第二条\n## en\nFree by phone. A fee of 3.85 applies at the counter.\n";

    #[test]
    fn an_article_knows_its_sentences_and_days() {
        let mut notes = Vec::new();
        let article = Article::parse("articles/fee.md", FILE, &mut notes).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!(article.sentences(Locale::Zh), ["手机转账免费。", "柜台每笔 3.85 元；", "以公告为准。", "第二条"]);
        assert_eq!(article.sentences(Locale::En), ["Free by phone.", "A fee of 3.85 applies at the counter."]);
        assert!(article.holds_on("2026-12-31".parse().unwrap()));
        assert!(!article.holds_on("2027-01-01".parse().unwrap()));
        assert!(!article.holds_on("2025-12-31".parse().unwrap()));
    }

    #[test]
    fn a_wrong_field_is_named_with_its_line() {
        let mut notes = Vec::new();
        assert!(Article::parse("a.md", &FILE.replace("owner: 部", "ownr: 部"), &mut notes).is_none());
        assert_eq!(notes[0].place.line, 7, "{}", notes[0]);
    }
}
