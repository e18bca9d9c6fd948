//! A bank teaches the demo pack what its own customers call things.

use std::path::Path;
use std::sync::Arc;
use teller_conversation::{BankPack, LogEntry, TeachError, teach};
use teller_models::{Catalogue, FAST_VECTORS, Silent};
use teller_pack::PackSource;
use teller_rehearsal::workshop;
use teller_understand::learned::Learned;

/// What the customers of this test's bank call their statement, and no pack does.
const NICKNAMES: [&str; 4] = ["青苔单", "青苔单子", "那张青苔", "青苔"];
const PHONE: &str = "13812345678";

fn entries() -> Vec<LogEntry> {
    let asks = ["发我一份", "在哪里下载", "要盖章的", "上个月的给我", "怎么还没寄到", "邮箱收一下", "导出来看看"];
    let fees = [
        "为什么扣我管理费",
        "这笔手续费哪来的",
        "小额账户费能免吗",
        "年费怎么又扣了",
        "收费标准发我",
        "扣了十块是什么费",
        "转账收不收费",
    ];
    let of = |intent: &str, texts: Vec<String>| {
        texts.into_iter().map(|text| LogEntry { text, intent_id: intent.to_owned() }).collect::<Vec<_>>()
    };
    let nicknamed = NICKNAMES.iter().flat_map(|name| asks.iter().map(move |ask| format!("{name}{ask}"))).collect();
    let plain =
        (0..4).flat_map(|turn| fees.iter().map(move |fee| format!("{fee}，我电话{PHONE}，第{turn}次问了"))).collect();
    [of(STATEMENT, nicknamed), of(FEE, plain)].concat()
}

const STATEMENT: &str = "ACCT_STATEMENT";
const FEE: &str = "CARD_ANNUAL_FEE";

fn bank(learned: Option<Learned>) -> BankPack {
    let models = Catalogue::embedded().expect("the embedded catalogue is sound");
    if models.installed(FAST_VECTORS).is_err() {
        models.fetch(FAST_VECTORS, &Silent).expect("the fast vectors can be fetched");
    }
    let workshop = teller_conversation::Workshop { learned: learned.map(Arc::new), ..workshop(Some(&models)) };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/demo");
    let source = PackSource::from_dir(&folder).expect("the demo pack");
    BankPack::compile(source, &workshop).0.expect("the demo pack is sound")
}

fn score(bank: &BankPack, text: &str, intent: &str) -> f32 {
    let ranked = bank.intents.rank(text, bank.intents.len());
    ranked.into_iter().find(|one| one.label == intent).expect("an intent of the pack").score
}

#[test]
fn a_nickname_out_of_the_logs_is_understood_and_no_text_is_kept() {
    let before = bank(None);
    let asked = "你好，上个月的青苔单给我";
    let lessons = teach(&before, &entries(), 1, |_| {}).expect("enough entries");
    assert_eq!((lessons.entries, lessons.labels), (56, 2));
    assert!(lessons.judged > 0 && lessons.right_after >= lessons.right_before);
    assert!(lessons.learned.voice() > 0.0, "the logs know what the pack does not");
    let bytes = lessons.learned.to_bytes();
    for kept in [PHONE, "青苔", "管理费"] {
        assert!(!bytes.windows(kept.len()).any(|window| window == kept.as_bytes()), "{kept} is kept");
    }
    let after = bank(Some(Learned::from_bytes(&bytes).expect("the file reads back")));
    let (unsure, sure) = (score(&before, asked, STATEMENT), score(&after, asked, STATEMENT));
    assert!(sure > unsure, "{unsure} {sure}");
    assert!(score(&after, asked, FEE) < score(&before, asked, FEE).max(1e-4));
    // What the logs do not speak of is understood as before.
    let loss = "我的卡丢了赶紧挂失";
    let (then, now) = (score(&before, loss, "CARD_LOSS"), score(&after, loss, "CARD_LOSS"));
    assert!((then - now).abs() < 1e-3, "{then} {now}");
}

#[test]
fn logs_that_teach_nothing_are_refused_with_what_to_do() {
    let bank = bank(None);
    let said = |entries: &[LogEntry]| teach(&bank, entries, 1, |_| {}).map(|_| ()).expect_err("refused");
    let mut wrong = entries();
    wrong[3].intent_id = "NO_SUCH".to_owned();
    assert_eq!(said(&wrong), TeachError::UnknownIntent { entry: 4, intent: "NO_SUCH".to_owned() });
    assert_eq!(said(&entries()[..10]), TeachError::Few { entries: 10, labels: 1 });
    assert_eq!(said(&[]), TeachError::Few { entries: 0, labels: 0 });
}
