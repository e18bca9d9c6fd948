//! The tagger against the published package: the same tags, character by
//! character.
//!
//! `reference/lac.json` holds the package's answers (see the script beside it).
//! The weights are fetched into the default cache if they are absent.

use serde::Deserialize;
use teller_models::{Catalogue, EntityKind, LAC_MAX_CHARS, Lac, NAMED_ENTITIES, Silent};

#[derive(Deserialize)]
struct Recorded {
    text: String,
    tags: Vec<usize>,
    names: Vec<(usize, usize, String)>,
}

fn lac() -> Lac {
    let catalogue = Catalogue::embedded().expect("a cache folder");
    let folder = catalogue.installed(NAMED_ENTITIES).or_else(|_| catalogue.fetch(NAMED_ENTITIES, &Silent));
    let folder = folder.unwrap_or_else(|error| panic!("this test needs the model {NAMED_ENTITIES}: {error}"));
    Lac::open(&folder).unwrap_or_else(|error| panic!("{error}"))
}

fn kind_name(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Person => "PER",
        EntityKind::Place => "LOC",
        EntityKind::Organisation => "ORG",
    }
}

fn named(lac: &Lac, text: &str) -> Vec<(String, EntityKind)> {
    let chars: Vec<char> = text.chars().collect();
    let spans = lac.entities(text);
    spans.iter().map(|span| (chars[span.start..span.end].iter().collect(), span.kind)).collect()
}

#[test]
fn tags_and_names_are_those_of_the_package() {
    let lac = lac();
    let reference: Vec<Recorded> =
        serde_json::from_str(include_str!("../reference/lac.json")).expect("the script's format");
    assert!(reference.len() >= 20);
    for Recorded { text, tags, names } in reference {
        assert_eq!(lac.tag_numbers(&text), tags, "{text}");
        let spans = lac.entities(&text).into_iter();
        let found: Vec<_> = spans.map(|span| (span.start, span.end, kind_name(span.kind).to_owned())).collect();
        assert_eq!(found, names, "{text}");
    }
}

#[test]
fn a_bank_sentence_gives_up_its_names() {
    let lac = lac();
    let found = named(&lac, "王小明在招商银行上海陆家嘴支行开的户");
    assert_eq!(
        found,
        [("王小明".to_owned(), EntityKind::Person), ("招商银行上海陆家嘴支行".to_owned(), EntityKind::Organisation)]
    );
    assert_eq!(named(&lac, "请问深圳市有没有网点"), [("深圳市".to_owned(), EntityKind::Place)]);
    assert!(named(&lac, "定期存款三年利率多少").is_empty());
    assert!(lac.entities("").is_empty());
}

#[test]
fn spans_are_in_order_inside_the_text_and_of_bounded_length() {
    let lac = lac();
    for unit in ["张伟在北京", "😀", "a ", "轉", "。", "1"] {
        let text = unit.repeat(LAC_MAX_CHARS);
        assert_eq!(lac.tag_numbers(&text).len(), LAC_MAX_CHARS);
        let mut end = 0;
        for span in lac.entities(&text) {
            assert!(end <= span.start && span.start < span.end && span.end <= LAC_MAX_CHARS, "{unit}: {span:?}");
            end = span.end;
        }
    }
}

#[test]
fn threads_share_one_tagger_and_agree() {
    let lac = lac();
    let texts = ["给张伟转五百块", "李雷和韩梅梅各转一百", "幫我給陳大文轉賬"];
    let alone = texts.map(|text| lac.entities(text));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(texts.map(|text| lac.entities(text)), alone));
        }
    });
}
