//! Answers to a list of options.

use teller_understand::{
    ChoiceMatch::{self, None as Nothing, One, Several},
    ChoiceOption, match_name, resolve_choice,
};

fn option(label: &str, aliases: &[&str], tail: Option<&str>) -> ChoiceOption {
    ChoiceOption {
        id: label.into(),
        label: label.into(),
        aliases: aliases.iter().map(|a| (*a).into()).collect(),
        tail: tail.map(Into::into),
    }
}

fn check(options: &[ChoiceOption], rows: &[(&str, ChoiceMatch)]) {
    for (text, want) in rows {
        assert_eq!(resolve_choice(text, options), *want, "{text}");
    }
}

#[test]
fn cards_by_position_tail_and_name() {
    let cards = [
        option("储蓄卡 尾号1234", &["工资卡", "debit card"], Some("1234")),
        option("信用卡金卡 尾号5678", &["信用卡", "credit card"], Some("5678")),
        option("储蓄卡 尾号0012", &[], Some("0012")),
    ];
    check(
        &cards,
        &[
            ("第二个", One(1)),
            ("第一张吧", One(0)),
            ("2", One(1)),
            ("选3", One(2)),
            ("the first one", One(0)),
            ("number two", One(1)),
            ("最后一张", One(2)),
            ("last one", One(2)),
            ("第五个", Nothing),
            ("9", Nothing),
            ("尾号1234的", One(0)),
            ("5678", One(1)),
            ("零零幺二", One(2)),
            ("工资卡", One(0)),
            ("信用卡", One(1)),
            ("金卡那张", One(1)),
            ("储蓄卡", Several(vec![0, 2])),
            ("都要", Several(vec![0, 1, 2])),
            ("全部", Several(vec![0, 1, 2])),
            ("my credit card please", One(1)),
            ("不知道", Nothing),
            ("信用咔", One(1)),
            ("", Nothing),
        ],
    );
}

#[test]
fn names_by_sound() {
    let payees =
        [option("张伟", &[], Some("1111")), option("章伟", &[], Some("2222")), option("李娜", &["娜娜"], None)];
    check(
        &payees,
        &[
            // The list was shown: what is written exactly wins.
            ("张伟", One(0)),
            ("章伟", One(1)),
            ("彰伟", Several(vec![0, 1])),
            ("给李娜", One(2)),
            ("李那", One(2)),
            ("娜娜", One(2)),
            ("王强", Nothing),
            ("2222那个", One(1)),
            ("第一个张伟", One(0)),
        ],
    );
    // Said first, before any list: names that sound the same come together.
    assert_eq!(match_name("张伟", &payees), Several(vec![0, 1]));
    assert_eq!(match_name("李娜", &payees), One(2));
    assert_eq!(match_name("王强", &payees), Nothing);
    let twice = [option("张伟", &[], Some("1111")), option("张伟", &[], Some("2222"))];
    assert_eq!(resolve_choice("张伟", &twice), Several(vec![0, 1]));
}

#[test]
fn fixed_options() {
    let modes = [
        option("缩短期限", &["期限短一点", "shorten the term"], None),
        option("减少月供", &["月供少一点", "lower payments"], None),
        option("全部结清", &["结清", "全还"], None),
    ];
    check(
        &modes,
        &[
            ("月供少一点吧", One(1)),
            ("缩短期限", One(0)),
            ("结清", One(2)),
            ("减少月供的", One(1)),
            ("选第三", One(2)),
            ("lower payments please", One(1)),
            ("全部结清", One(2)),
            ("二", One(1)),
            ("选项1", One(0)),
        ],
    );
    let terms =
        [option("3个月", &[], None), option("6个月", &["半年"], None), option("1年", &["12个月", "一年"], None)];
    check(&terms, &[("半年", One(1)), ("一年", One(2)), ("6个月的", One(1)), ("第三个", One(2)), ("12个月", One(2))]);
}
