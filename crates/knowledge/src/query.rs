//! A question with the scope it is asked in, and what is found for it.
//!
//! Not here: how it is found.

use jiff::civil::Date;
use teller_kernel::Locale;
use teller_pack::Article;

/// A scope of an article that holds for everyone.
const EVERYONE: &str = "all";

/// A question and who asks it, where and when.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    pub text: &'a str,
    /// The sentence vector of `text`, where it is at hand; else it is computed.
    pub vector: Option<&'a [f32]>,
    /// The language to answer in; the question may be in another.
    pub locale: Locale,
    /// The bank's day: articles that do not hold on it are not there.
    pub today: Date,
    /// Kind of customer, as articles name it (`vip`, `elder`, `corporate`); `None`
    /// where it is not known, and then articles of every segment may answer.
    pub segment: Option<&'a str>,
    /// Channel, likewise.
    pub channel: Option<&'a str>,
    /// Only these articles, by id.
    pub within: Option<&'a [String]>,
}

impl<'a> Query<'a> {
    /// A question without a scope but its day.
    #[must_use]
    pub fn new(text: &'a str, locale: Locale, today: Date) -> Self {
        Self { text, vector: None, locale, today, segment: None, channel: None, within: None }
    }

    /// May the article answer at all?
    #[must_use]
    pub fn admits(&self, article: &Article) -> bool {
        let fits = |of_article: Option<&str>, asked: Option<&str>| match (of_article, asked) {
            (None | Some(EVERYONE), _) | (_, None) => true,
            (Some(of_article), Some(asked)) => of_article == asked,
        };
        article.holds_on(self.today)
            && fits(article.segment.as_deref(), self.segment)
            && fits(article.channel.as_deref(), self.channel)
            && self.within.is_none_or(|ids| ids.contains(&article.id))
    }
}

/// An article that may answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The article's id.
    pub article: String,
    /// Content hash of the article as it was searched.
    pub version: String,
    /// The probability that it answers, 0–1.
    pub score: f32,
    /// The signals that the score was made of, by name.
    pub parts: Vec<(&'static str, f32)>,
    /// The title or similar question that is most like the text.
    pub nearest: String,
    /// The article's sentences in the query's language, best first.
    pub sentences: Vec<RankedSentence>,
}

/// A sentence by its place in the article and how much it is like the question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedSentence {
    pub index: usize,
    pub score: f32,
}
