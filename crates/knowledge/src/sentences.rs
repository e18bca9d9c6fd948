//! Everything of an article that a question can be compared with, one by one:
//! titles, similar questions and the sentences of the body, in both languages.
//!
//! Invariant: pieces lie in the order of their articles. Not here: comparing.

use std::ops::Range;

use teller_kernel::Locale;
use teller_pack::Article;
use teller_understand::intents::terms::bare;

/// Sentences of one article in one language that are searched.
pub const SENTENCES_MAX: usize = 200;
/// Similar questions of one article that are searched.
pub const QUESTIONS_MAX: usize = 500;

/// One comparable text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// The words without spaces and marks.
    pub bare: String,
    /// Number of its article.
    pub article: u32,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A title or a similar question: what a customer may ask.
    Question,
    /// A sentence of the body by its index.
    Sentence { locale: Locale, index: usize },
}

/// The pieces of one article.
pub fn pieces(number: u32, article: &Article) -> Vec<Piece> {
    let titles = [article.title.zh.as_str(), article.title.en.as_str()];
    let questions = titles.into_iter().chain(article.questions.all().take(QUESTIONS_MAX));
    let piece = |text: String, kind: Kind| Piece { bare: bare(&text), text, article: number, kind };
    let mut pieces: Vec<Piece> =
        questions.filter(|text| !text.trim().is_empty()).map(|text| piece(text.to_owned(), Kind::Question)).collect();
    for locale in Locale::ALL {
        let sentences = article.sentences(locale).into_iter().take(SENTENCES_MAX).enumerate();
        pieces.extend(sentences.map(|(index, text)| piece(text, Kind::Sentence { locale, index })));
    }
    pieces
}

/// Where each article's pieces lie.
pub fn ranges(pieces: &[Piece], articles: usize) -> Vec<Range<usize>> {
    let start = |number: u32| pieces.partition_point(|piece| piece.article < number);
    (0..articles as u32).map(|number| start(number)..start(number + 1)).collect()
}
