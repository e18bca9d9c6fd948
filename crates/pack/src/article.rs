//! Articles: what the bank knows, in sentences that can each be cited.
//!
//! A file is YAML front matter and one body for each language under `## zh` and
//! `## en`. The version of an article is the hash of its file, so a cited
//! version can be kept and shown for ever. Text outside the two bodies would
//! never be read, so it is an error.

use crate::check::missing_words;
use crate::diagnostic::{Diagnostic, Place};
use crate::intent::Utterances;
use crate::yaml::{self, Spanned};
use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use teller_kernel::{Locale, Localized};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    id: Spanned<String>,
    title: Spanned<Localized>,
    #[serde(default)]
    questions: Utterances,
    #[serde(default)]
    product: Option<String>,
    #[serde(default)]
    segment: Option<String>,
    #[serde(default)]
    channel: Option<String>,
    effective: Spanned<String>,
    #[serde(default)]
    expires: Option<Spanned<String>>,
    owner: String,
    source: String,
    #[serde(default)]
    facts: Vec<Spanned<Fact>>,
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

impl Fact {
    pub(crate) fn check(&self, place: &Place, notes: &mut Vec<Diagnostic>) {
        if let Some(condition) = &self.condition {
            missing_words(condition, place, &format!("the condition of fact {}", self.name), notes);
        }
    }
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
        let Some((front, body)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else {
            notes.push(Diagnostic::error(
                Place::file(file),
                "no-front-matter",
                "an article opens with `---`, its fields, and `---`",
            ));
            return None;
        };
        // One line is eaten by the opening `---`; putting it back keeps line numbers true.
        let head: FrontMatter = yaml::read(file, &format!("\n{front}"), notes)?;
        let (effective, expires) = days(file, &head, notes)?;
        words_of(file, &head, notes);
        // The two lines of `---` and the fields stand above the body.
        let body = bodies(file, front.lines().count() + 2, body, notes);
        Some(Self {
            version: hex::encode(&Sha256::digest(text.as_bytes())[..8]),
            place: Place::at(file, head.id.referenced),
            id: head.id.value,
            title: head.title.value,
            questions: head.questions,
            product: head.product,
            segment: head.segment,
            channel: head.channel,
            effective,
            expires,
            owner: head.owner,
            source: head.source,
            facts: head.facts.into_iter().map(|fact| fact.value).collect(),
            body,
        })
    }
}

/// First and last day, or nothing and why.
fn days(file: &str, head: &FrontMatter, notes: &mut Vec<Diagnostic>) -> Option<(Date, Option<Date>)> {
    let mut wrong = |at: &Spanned<String>, message: String| {
        notes.push(Diagnostic::error(Place::at(file, at.referenced), "bad-date", message));
    };
    let mut date = |at: &Spanned<String>| -> Option<Date> {
        at.value.parse().inspect_err(|_| wrong(at, format!("`{}` is not a date like 2026-01-31", at.value))).ok()
    };
    let effective = date(&head.effective)?;
    let Some(written) = &head.expires else { return Some((effective, None)) };
    let expires = date(written)?;
    if expires < effective {
        wrong(written, format!("it expires on {expires}, before it takes effect on {effective}"));
        return None;
    }
    Some((effective, Some(expires)))
}

fn words_of(file: &str, head: &FrontMatter, notes: &mut Vec<Diagnostic>) {
    let title = Place::at(file, head.title.referenced);
    missing_words(&head.title.value, &title, &format!("the title of article {}", head.id.value), notes);
    for fact in &head.facts {
        fact.value.check(&Place::at(file, fact.referenced), notes);
    }
}

/// The body in each language; `above` is how many lines stand before it. What
/// no language would show is noted, and the rest then is not judged.
fn bodies(file: &str, above: usize, body: &str, notes: &mut Vec<Diagnostic>) -> Localized {
    let mut bodies = Localized::default();
    let mut current: Option<&mut String> = None;
    for (index, line) in body.lines().enumerate() {
        let heading = line.strip_prefix("## ").map(str::trim);
        let stray = match (heading, &mut current) {
            (Some("zh"), _) => {
                current = Some(&mut bodies.zh);
                continue;
            }
            (Some("en"), _) => {
                current = Some(&mut bodies.en);
                continue;
            }
            (None, Some(text)) => {
                text.push_str(line);
                text.push('\n');
                continue;
            }
            (None, None) if line.trim().is_empty() => continue,
            (None, None) => "text before `## zh` or `## en` is never read".to_owned(),
            (Some(other), _) => format!("`## {other}`: a body stands under `## zh` or `## en`; inside it use `###`"),
        };
        let line = u32::try_from(above + index + 1).unwrap_or(0);
        let place = Place { file: file.to_owned(), line, column: 1 };
        notes.push(Diagnostic::error(place, "unknown-section", stray));
        return bodies;
    }
    let bodies = Localized { zh: bodies.zh.trim().to_owned(), en: bodies.en.trim().to_owned() };
    missing_words(&bodies, &Place::file(file), "the body", notes);
    bodies
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
