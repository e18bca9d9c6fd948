//! The index as a whole, on a small bank. The encoder's weights are fetched into
//! the default cache if they are absent.

use proptest::prelude::*;
use teller_models::{Catalogue, FAST_VECTORS, Silent};

use super::*;

const SMALL: [(&str, &str, Locale); 16] = [
    ("BALANCE", "查一下我的余额", Locale::Zh),
    ("BALANCE", "卡里还有多少钱", Locale::Zh),
    ("BALANCE", "账户上剩多少", Locale::Zh),
    ("BALANCE", "what is my balance", Locale::En),
    ("LOSS", "我的卡丢了", Locale::Zh),
    ("LOSS", "银行卡挂失", Locale::Zh),
    ("LOSS", "钱包被偷了卡在里面", Locale::Zh),
    ("LOSS", "I lost my card", Locale::En),
    ("TRANSFER", "给张三转五千", Locale::Zh),
    ("TRANSFER", "我要转账给别人", Locale::Zh),
    ("TRANSFER", "帮我打三千块给房东", Locale::Zh),
    ("TRANSFER", "send money to a friend", Locale::En),
    ("RATE", "三年定期利率多少", Locale::Zh),
    ("RATE", "存款利息怎么算", Locale::Zh),
    ("RATE", "现在存钱几个点", Locale::Zh),
    ("RATE", "deposit interest rates", Locale::En),
];

pub fn encoder() -> Arc<FastEncoder> {
    let catalogue = Catalogue::embedded().expect("a cache folder");
    let folder = catalogue.installed(FAST_VECTORS).or_else(|_| catalogue.fetch(FAST_VECTORS, &Silent));
    let folder = folder.unwrap_or_else(|error| panic!("this test needs the model {FAST_VECTORS}: {error}"));
    Arc::new(FastEncoder::open(&folder).unwrap_or_else(|error| panic!("{error}")))
}

fn words() -> IntentIndex {
    IntentIndex::build(SMALL, None)
}

#[test]
fn other_words_find_the_label_with_vectors_and_the_same_words_without() {
    let index = IntentIndex::build(SMALL, Some(encoder()));
    for (text, label) in [
        ("我银行卡不见了", "LOSS"),
        ("my bank card has gone missing", "LOSS"),
        ("账上剩下多少存款", "BALANCE"),
        ("汇两万块给我弟弟", "TRANSFER"),
        ("定存一年能拿几个点的利息", "RATE"),
        ("我想知道餘額", "BALANCE"),
    ] {
        let ranked = index.rank(text, 2);
        assert_eq!(ranked[0].label, label, "{text}: {ranked:?}");
    }
    for (text, label) in [("余额多少", "BALANCE"), ("转2000给张三", "TRANSFER"), ("lost card", "LOSS")] {
        assert_eq!(words().rank(text, 1)[0].label, label, "{text}");
    }
}

#[test]
fn a_sample_word_for_word_is_sure() {
    for index in [words(), IntentIndex::build(SMALL, Some(encoder()))] {
        let ranked = index.rank("我的卡丢了！", 3);
        assert_eq!((ranked[0].label.as_str(), ranked[0].nearest.as_str()), ("LOSS", "我的卡丢了"));
        assert!(ranked[0].score > 0.99 && ranked[1].score < 0.01, "{ranked:?}");
    }
}

#[test]
fn unrelated_text_stays_low() {
    let index = IntentIndex::build(SMALL, Some(encoder()));
    for text in ["今天天气怎么样", "讲个笑话", "who won the football match", "asdkjh", "😀😀", "红烧肉怎么做"]
    {
        let score = index.rank(text, 1).first().map_or(0.0, |ranked| ranked.score);
        assert!(score < 0.45, "{text}: {score}");
        let score = words().rank(text, 1).first().map_or(0.0, |ranked| ranked.score);
        assert!(score < 0.45, "{text} by words: {score}");
    }
}

#[test]
fn nothing_in_is_nothing_out() {
    let empty = IntentIndex::build(std::iter::empty::<(&str, &str, Locale)>(), Some(encoder()));
    assert!(empty.is_empty() && empty.rank("余额", 3).is_empty());
    assert!(words().rank(" ？！", 3).is_empty());
    assert!(words().rank("嗯，那个……就是", 3).is_empty());
    assert_eq!(words().look("呃", None, 3).none, 1.0);
    assert!(words().rank("余额", 0).is_empty());
    let blank = IntentIndex::build([("A", " ", Locale::Zh), ("B", "余额", Locale::Zh)], None);
    assert_eq!(blank.len(), 1);
    assert_eq!(blank.samples("B").collect::<Vec<_>>(), [("余额", Locale::Zh)]);
}

#[test]
fn a_cache_gives_the_same_ranking_and_survives_a_broken_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors");
    let encoder = encoder();
    let rank =
        |cache: &EmbeddingCache| IntentIndex::build_cached(SMALL, Some(encoder.clone()), cache).rank("卡没了", 4);
    let fresh = EmbeddingCache::open(&path);
    let first = rank(&fresh);
    fresh.save().unwrap();
    let again = EmbeddingCache::open(&path);
    assert_eq!(again.len(), SMALL.len());
    assert_eq!(rank(&again), first);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.pop();
    std::fs::write(&path, bytes).unwrap();
    let broken = EmbeddingCache::open(&path);
    assert!(broken.is_empty());
    assert_eq!(rank(&broken), first);
}

#[test]
fn a_cache_keeps_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors");
    let encoder = encoder();
    let cache = EmbeddingCache::open(&path);
    let one = cache.embed(&encoder, "一");
    let _ = cache.embed(&encoder, "二");
    cache.save().unwrap();
    let cache = EmbeddingCache::open(&path);
    assert_eq!(cache.embed(&encoder, "一"), one);
    let _ = cache.embed(&encoder, "三");
    cache.save().unwrap();
    assert_eq!(EmbeddingCache::open(&path).len(), 2);
}

proptest! {
    #[test]
    fn any_text_ranks_to_probabilities(text in ".{0,80}|[查余额转账卡丢了a-z0-9 ]{0,40}") {
        let ranked = words().rank(&text, usize::MAX);
        let sum: f32 = ranked.iter().map(|ranked| ranked.score).sum();
        prop_assert!(sum <= 1.001, "{}", sum);
        prop_assert!(ranked.is_sorted_by(|a, b| a.score >= b.score));
        prop_assert!(ranked.iter().all(|ranked| (0.0..=1.0).contains(&ranked.score)));
    }
}
