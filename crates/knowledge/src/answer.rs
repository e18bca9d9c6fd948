//! An answer: sentences of one article, each with its source.
//!
//! What only means something together stays together: the parts of a sentence
//! that semicolons join, and a list with the line that introduces it.
//!
//! Invariants: sentences are the article's own, word for word and in its order;
//! at most [`SENTENCES_MAX`], or one list of at most [`LIST_MAX`]. Not here:
//! rephrasing, whether to answer.

use std::ops::Range;

use teller_kernel::part::{Citation, CitedSentence};
use teller_kernel::{Locale, Part};
use teller_pack::Article;

use crate::base::KnowledgeBase;
use crate::query::{Hit, Query};

/// Sentences of one answer.
pub const SENTENCES_MAX: usize = 4;
/// Sentences of an answer that is one list; what is beyond is in the article.
pub const LIST_MAX: usize = 10;
/// A sentence that is less than this share as much like the question as the best
/// one is left out of a longer article's answer.
const LIKENESS_SHARE_MIN: f32 = 0.5;

/// What an article says to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub article: String,
    /// Content hash of the article as it is cited.
    pub version: String,
    pub title: String,
    /// Index in the article and text, in the article's order.
    pub sentences: Vec<(usize, String)>,
}

impl KnowledgeBase {
    /// The sentences of the hit's article that answer: all of a short article,
    /// the likeliest of a longer one. Nothing when the hit is of another base or
    /// the article may not answer this query.
    #[must_use]
    pub fn answer(&self, query: &Query<'_>, hit: &Hit) -> Option<Answer> {
        let article = self.get(&hit.article).filter(|article| article.version == hit.version)?;
        if !query.admits(article) {
            return None;
        }
        let sentences = article.sentences(query.locale);
        let chosen = match sentences.len() {
            0 => return None,
            1..=SENTENCES_MAX => (0..sentences.len()).collect(),
            _ => choose(&units(article, query.locale, &sentences), hit),
        };
        let text = |index: usize| Some((index, sentences.get(index)?.clone()));
        Some(Answer {
            article: article.id.clone(),
            version: article.version.clone(),
            title: article.title.get(query.locale).to_owned(),
            sentences: chosen.into_iter().filter_map(text).collect(),
        })
    }
}

/// The sentences of the likeliest units, in order.
fn choose(units: &[Range<usize>], hit: &Hit) -> Vec<usize> {
    let likeness = |unit: &Range<usize>| {
        let inside = hit.sentences.iter().filter(|sentence| unit.contains(&sentence.index));
        inside.map(|sentence| sentence.score).fold(f32::NEG_INFINITY, f32::max)
    };
    let mut ranked: Vec<(&Range<usize>, f32)> = units.iter().map(|unit| (unit, likeness(unit))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.start.cmp(&b.0.start)));
    let least = ranked.first().map_or(0.0, |(_, best)| best * LIKENESS_SHARE_MIN);
    let mut chosen: Vec<usize> = Vec::new();
    for (unit, likeness) in ranked {
        if chosen.is_empty() {
            chosen.extend(unit.clone().take(LIST_MAX));
        } else if likeness >= least && chosen.len() + unit.len() <= SENTENCES_MAX {
            chosen.extend(unit.clone());
        }
    }
    chosen.sort_unstable();
    chosen
}

/// Runs of sentences that only mean something together.
fn units(article: &Article, locale: Locale, sentences: &[String]) -> Vec<Range<usize>> {
    let items = items(article.body.get(locale), sentences);
    let mut units: Vec<Range<usize>> = Vec::new();
    let mut introduced = false;
    for index in 0..sentences.len() {
        let before = index.checked_sub(1).and_then(|before| sentences.get(before));
        let goes_on = before.is_some_and(|before| before.ends_with(['；', ';', '：', ':']));
        let is_item = items.get(index).copied().unwrap_or(false);
        introduced = is_item && (introduced || before.is_some_and(|before| before.ends_with(['：', ':'])));
        match units.last_mut() {
            Some(unit) if goes_on || introduced => unit.end = index + 1,
            _ => units.push(index..index + 1),
        }
    }
    units
}

/// Which sentences stand in a list, by the marks of the lines they came from.
fn items(body: &str, sentences: &[String]) -> Vec<bool> {
    let mut items = Vec::with_capacity(sentences.len());
    for line in body.lines() {
        let is_item = line.trim_start().starts_with(['-', '*']);
        let mut rest = line.trim().trim_start_matches(['-', '*', '#']).trim_start();
        while let Some(after) = sentences.get(items.len()).and_then(|sentence| rest.strip_prefix(sentence.as_str())) {
            items.push(is_item);
            rest = after.trim_start();
        }
    }
    items
}

impl Answer {
    #[must_use]
    pub fn citation(&self) -> Citation {
        Citation { article: self.article.clone(), version: self.version.clone(), title: self.title.clone() }
    }

    /// The reply part of one answer.
    #[must_use]
    pub fn part(&self) -> Part {
        Self::parts(std::slice::from_ref(self))
    }

    /// One reply part of several answers, in order, each sentence with the
    /// citation of its own article.
    #[must_use]
    pub fn parts(answers: &[Self]) -> Part {
        let cited = |(citation, answer): (usize, &Self)| {
            let sentence = |(_, text): &(usize, String)| CitedSentence { text: text.clone(), citation };
            answer.sentences.iter().map(sentence).collect::<Vec<_>>()
        };
        Part::Answer {
            sentences: answers.iter().enumerate().flat_map(cited).collect(),
            citations: answers.iter().map(Self::citation).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "手机转账免费。\n柜台跨行按金额收费：\n- 1万元以下5元；\n- 10万元以下15元。\n- 以上每笔50元。\n满一年免费；未满收1%。另有优惠。\n- 自助机\n- 网银";

    #[test]
    fn a_list_keeps_its_lead_and_a_sentence_its_parts() {
        let text = format!(
            "---\nid: a\ntitle: {{zh: 甲, en: A}}\neffective: 2026-01-01\nowner: 部\nsource: 目录\n---\n## zh\n{BODY}\n## en\nA."
        );
        let article = Article::parse("a.md", &text, &mut Vec::new()).expect("sound");
        let sentences = article.sentences(Locale::Zh);
        let units = units(&article, Locale::Zh, &sentences);
        assert_eq!(units, [0..1, 1..5, 5..7, 7..8, 8..9, 9..10], "{sentences:?}");
        assert_eq!(items(BODY, &sentences).iter().filter(|item| **item).count(), 5);
    }
}
