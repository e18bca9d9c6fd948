//! Made articles of a small bank: scope, days, sentences, citations.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use teller_kernel::{Locale, Part};
use teller_knowledge::{KnowledgeBase, Query};
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, Silent};
use teller_pack::Article;

const TODAY: Date = date(2026, 6, 1);

fn article(id: &str, fields: &str, zh: &str, en: &str) -> (String, Article) {
    let text = format!("---\nid: {id}\n{fields}\nowner: 部\nsource: 目录\n---\n## zh\n{zh}\n## en\n{en}\n");
    let mut notes = Vec::new();
    let article = Article::parse(&format!("{id}.md"), &text, &mut notes);
    (id.to_owned(), article.unwrap_or_else(|| panic!("{notes:?}")))
}

fn articles() -> BTreeMap<String, Article> {
    [
        article(
            "transfer-fee",
            "title: {zh: 转账手续费, en: Transfer fees}\nquestions: {zh: [转账要钱吗, 跨行汇款收多少], en: [does a transfer cost anything]}\neffective: 2026-01-01",
            "手机银行转账免费。\n柜台跨行转账每笔最高50元。\n自助机跨行转账每笔5元。\n本行之内不收费。\n对公账户按协议价收费。",
            "Transfers by phone are free.\nAt the counter a transfer to another bank costs at most CNY 50.\nAt a machine it costs CNY 5.\nWithin the bank nothing is charged.\nCorporate accounts pay as agreed.",
        ),
        article(
            "card-loss",
            "title: {zh: 银行卡挂失, en: Report a lost card}\nquestions: {zh: [卡丢了怎么办, 挂失收费吗], en: [how to report a lost card]}\neffective: 2026-01-01",
            "卡片遗失可以在手机银行立即挂失。\n挂失本身不收费。",
            "A lost card can be reported in the app at once.\nReporting is free.",
        ),
        article(
            "rate-old",
            "title: {zh: 定期存款利率, en: Deposit rates}\nquestions: {zh: [三年定期利率多少]}\neffective: 2025-01-01\nexpires: 2026-05-31",
            "三年期年利率1.90%。",
            "Three years pay 1.90%.",
        ),
        article(
            "rate-next",
            "title: {zh: 定期存款利率（新）, en: New deposit rates}\nquestions: {zh: [三年定期现在利率多少]}\neffective: 2026-07-01",
            "三年期年利率1.75%。",
            "Three years pay 1.75%.",
        ),
        article(
            "vip-lounge",
            "title: {zh: 贵宾厅, en: Lounge}\nquestions: {zh: [贵宾厅几点开门]}\nsegment: vip\nchannel: branch\neffective: 2026-01-01",
            "贵宾厅九点开门。",
            "The lounge opens at nine.",
        ),
    ]
    .into()
}

fn encoder() -> Arc<FastEncoder> {
    let catalogue = Catalogue::embedded().expect("a cache folder");
    let folder = catalogue.installed(FAST_VECTORS).or_else(|_| catalogue.fetch(FAST_VECTORS, &Silent));
    let folder = folder.unwrap_or_else(|error| panic!("this test needs the model {FAST_VECTORS}: {error}"));
    Arc::new(FastEncoder::open(&folder).unwrap_or_else(|error| panic!("{error}")))
}

fn base() -> KnowledgeBase {
    KnowledgeBase::build(&articles(), &[], None)
}

fn first(base: &KnowledgeBase, text: &str) -> String {
    base.search(&Query::new(text, Locale::Zh, TODAY), 1).first().map_or_else(String::new, |hit| hit.article.clone())
}

#[test]
fn the_right_article_is_first_with_vectors_and_without() {
    let with_vectors = KnowledgeBase::build(&articles(), &[], Some(encoder()));
    for (text, id) in [("汇款到别的银行要手续费吗", "transfer-fee"), ("我的卡遗失了", "card-loss")] {
        assert_eq!(first(&with_vectors, text), id, "{text}");
        assert_eq!(first(&base(), text), id, "{text}");
    }
    for text in ["my bank card has gone missing", "银行卡片不见了"] {
        assert_eq!(first(&with_vectors, text), "card-loss", "{text}");
    }
}

#[test]
fn an_article_speaks_on_its_days_alone() {
    for base in [base(), KnowledgeBase::build(&articles(), &[], Some(encoder()))] {
        for text in ["三年定期利率多少", "定期存款利率", "三年定期现在利率多少"] {
            let on = |day| base.search(&Query::new(text, Locale::Zh, day), 9);
            assert!(on(TODAY).iter().all(|hit| !hit.article.starts_with("rate")), "{text}");
            assert_eq!(on(date(2026, 5, 31))[0].article, "rate-old");
            assert_eq!(on(date(2026, 7, 1))[0].article, "rate-next");
        }
    }
    let query = Query::new("三年定期利率多少", Locale::Zh, date(2026, 5, 31));
    let hit = &base().search(&query, 1)[0];
    assert!(base().answer(&Query { today: TODAY, ..query }, hit).is_none());
}

#[test]
fn scope_decides_who_is_answered() {
    let found = |query: Query<'_>| base().search(&query, 9).iter().any(|hit| hit.article == "vip-lounge");
    let query = Query::new("贵宾厅几点开门", Locale::Zh, TODAY);
    assert!(found(query));
    assert!(found(Query { segment: Some("vip"), channel: Some("branch"), ..query }));
    assert!(!found(Query { segment: Some("elder"), ..query }));
    assert!(!found(Query { channel: Some("web"), ..query }));
    let only = ["card-loss".to_owned(), "rate-old".to_owned()];
    let hits = base().search(&Query { within: Some(&only), ..query }, 9);
    assert_eq!(hits.iter().map(|hit| hit.article.as_str()).collect::<Vec<_>>(), ["card-loss"]);
}

#[test]
fn a_similar_question_word_for_word_is_sure_and_strange_text_is_not() {
    for base in [base(), KnowledgeBase::build(&articles(), &[], Some(encoder()))] {
        let hits = base.search(&Query::new("挂失收费吗？", Locale::Zh, TODAY), 3);
        assert_eq!((hits[0].article.as_str(), hits[0].nearest.as_str()), ("card-loss", "挂失收费吗"));
        assert!(hits[0].score > 0.98, "{hits:?}");
        for text in ["今天天气怎么样", "who won the football match", "红烧肉怎么做", "zzzz"] {
            let hits = base.search(&Query::new(text, Locale::Zh, TODAY), 1);
            assert!(hits[0].score < 0.45, "{text}: {hits:?}");
        }
    }
}

#[test]
fn an_answer_is_the_articles_own_sentences_in_order() {
    let base = base();
    let query = Query::new("柜台跨行转账每笔多少钱", Locale::Zh, TODAY);
    let hits = base.search(&query, 1);
    assert_eq!(hits[0].sentences[0].index, 1, "{hits:?}");
    let answer = base.answer(&query, &hits[0]).expect("a hit of this base");
    assert!(answer.sentences.len() <= 4 && answer.sentences.is_sorted_by_key(|(index, _)| *index));
    let article = base.get("transfer-fee").expect("known");
    let own = article.sentences(Locale::Zh);
    assert!(answer.sentences.iter().all(|(index, text)| own[*index] == *text));
    assert!(answer.sentences.iter().any(|(index, _)| *index == 1));
    let short = base.search(&Query::new("挂失收费吗", Locale::En, TODAY), 1);
    let short = base.answer(&Query::new("挂失收费吗", Locale::En, TODAY), &short[0]).expect("a hit of this base");
    assert_eq!(short.sentences.len(), 2);
    assert_eq!(short.title, "Report a lost card");
    let Part::Answer { sentences, citations } = teller_knowledge::Answer::parts(&[answer.clone(), short]) else {
        panic!("an answer")
    };
    assert_eq!(citations[0].version, article.version);
    assert_eq!(sentences.len(), answer.sentences.len() + 2);
    assert_eq!(sentences.last().map(|sentence| sentence.citation), Some(1));
}

#[test]
fn a_list_is_answered_with_the_line_that_introduces_it() {
    let list = article(
        "fees",
        "title: {zh: 收费, en: Fees}\nquestions: {zh: [柜台跨行转账怎么收费]}\neffective: 2026-01-01",
        "手机转账不收费。\n开户不要钱。\n柜台跨行转账按金额收费：\n- 1万元以下5元；\n- 10万元以下15元；\n- 以上50元。\n销户也免费。",
        "Free.",
    );
    let base = KnowledgeBase::build(&[list].into(), &[], None);
    let query = Query::new("柜台跨行转账收费多少", Locale::Zh, TODAY);
    let answer = base.answer(&query, &base.search(&query, 1)[0]).expect("a hit of this base");
    assert_eq!(answer.sentences.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [2, 3, 4, 5]);
}

#[test]
fn a_hit_of_another_version_is_not_answered() {
    let query = Query::new("挂失收费吗", Locale::Zh, TODAY);
    let mut hit = base().search(&query, 1).remove(0);
    hit.version = "0".repeat(16);
    assert!(base().answer(&query, &hit).is_none());
}

#[test]
fn the_banks_synonyms_are_one_word() {
    let group = vec!["挂失".to_owned(), "报失".to_owned()];
    let with = KnowledgeBase::build(&articles(), &[group], None);
    let score = |base: &KnowledgeBase| {
        let hits = base.search(&Query::new("报失", Locale::Zh, TODAY), 9);
        hits.iter().find(|hit| hit.article == "card-loss").map_or(0.0, |hit| hit.score)
    };
    assert!(score(&with) > score(&base()) + 0.1, "{} {}", score(&with), score(&base()));
}

#[test]
fn an_empty_base_is_silent() {
    let empty = KnowledgeBase::build(&BTreeMap::new(), &[], Some(encoder()));
    assert!(empty.is_empty() && empty.search(&Query::new("利率", Locale::Zh, TODAY), 3).is_empty());
    assert!(base().search(&Query::new(" ?!", Locale::Zh, TODAY), 3).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_borne_and_nothing_expired_is_found(
        text in ".{0,80}|[转账挂失利率三年定期卡丢了a-z ]{0,40}",
        days in -700_i32..700,
        english in any::<bool>(),
    ) {
        let base = base();
        let today = TODAY.saturating_add(jiff::Span::new().days(days));
        let query = Query::new(&text, if english { Locale::En } else { Locale::Zh }, today);
        for hit in base.search(&query, 9) {
            let article = base.get(&hit.article).expect("a hit is of the base");
            prop_assert!(article.holds_on(today));
            prop_assert!((0.0..=1.0).contains(&hit.score));
            let own = article.sentences(query.locale);
            let answer = base.answer(&query, &hit).expect("a hit can be answered");
            prop_assert!(!answer.sentences.is_empty() && answer.sentences.len() <= 4);
            prop_assert!(answer.sentences.iter().all(|(index, text)| own[*index] == *text));
        }
    }
}
