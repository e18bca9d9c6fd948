//! The demo pack's articles, found by what they are called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use teller_kernel::Locale;
use teller_knowledge::{KnowledgeBase, Query};
use teller_pack::Article;

fn articles() -> BTreeMap<String, Article> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/demo/articles");
    let article = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let mut notes = Vec::new();
        let article = Article::parse(&file.to_string_lossy(), &text, &mut notes);
        let article = article.unwrap_or_else(|| panic!("{notes:?}"));
        (article.id.clone(), article)
    };
    files(&folder).into_iter().map(article).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the demo pack lies beside the crates");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let inside = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false if path.extension().is_some_and(|ending| ending == "md") => vec![path],
        false => Vec::new(),
    };
    paths.flat_map(inside).collect()
}

#[test]
fn every_article_is_found_by_its_own_title_in_both_languages_without_vectors() {
    let articles = articles();
    assert!(articles.len() > 10, "only {} articles", articles.len());
    let base = KnowledgeBase::build(&articles, &[], None);
    for article in articles.values() {
        let today = article.effective.max(date(2026, 6, 1));
        if !article.holds_on(today) {
            continue;
        }
        for locale in Locale::ALL {
            let title = article.title.get(locale);
            let hits = base.search(&Query::new(title, locale, today), 3);
            assert!(hits.iter().any(|hit| hit.article == article.id), "{}: {title}: {hits:?}", article.id);
        }
    }
}
