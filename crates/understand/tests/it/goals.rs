//! Which of several values a message means, and products by their names.

use crate::facts::{TODAY, check};
use proptest::prelude::*;
use teller_kernel::SlotValue;
use teller_understand::{Role, SlotContext, extract};

#[test]
fn of_several_amounts_the_one_asked_for() {
    check(
        &[
            ("额度只有三千，能到一万吗", "CNY1000000"),
            ("贷款剩余本金六十三万四千，提前还十万", "CNY10000000"),
            ("换一百块面额的港币，共三千", "cur:HKD CNY300000"),
            ("金额写多了，六千六改五千六", "CNY560000"),
            ("年费十块，密码器三十，就退那三十", "CNY3000"),
            ("我想换一千五百欧元和两千英镑", "EUR150000 GBP200000"),
        ],
        None,
    );
}

#[test]
fn one_time_of_several() {
    check(
        &[
            ("后天没空，大后天吧", "2026-11-24"),
            ("下个月五号的供款，能延到十五号吗", "2026-12-15"),
            ("12月1号起要收管理费吗", "2026-12-01"),
            ("我护照12月18号就过期", "2026-12-18"),
            ("去年今天", "2025-11-21"),
            ("从八月起就没进来过", "2026-08-01..2026-11-21 in"),
        ],
        None,
    );
}

fn products(text: &str, listed: &[String]) -> Vec<String> {
    let ctx = SlotContext { products: Some(listed), ..SlotContext::new(TODAY) };
    extract(text, &ctx)
        .into_iter()
        .filter(|entity| entity.role == Some(Role::Product))
        .filter_map(|entity| match entity.value {
            SlotValue::Text { text } => Some(text),
            _ => None,
        })
        .collect()
}

#[test]
fn products_are_named_as_said() {
    let listed: Vec<String> =
        ["杉溪日开", "杉禾90天持有", "杉岚混合", "快捷支付"].iter().map(|name| (*name).to_owned()).collect();
    for (text, name) in [
        ("买五万杉禾90天持有", "杉禾90天持有"),
        ("赎回「康寧寶一號」", "康寧寶一號"),
        ("月月盈现在年化多少", "月月盈"),
        ("华林沪深300指数A每周定投两百", "华林沪深300指数A"),
        ("what's the yield on Golden Cedar 180", "Golden Cedar 180"),
    ] {
        assert_eq!(products(text, &listed), [name], "{text}");
    }
    for text in ["我想办信用卡", "支付宝绑不上", "大额存单利率多少", "快捷支付怎么开", "转五千给沙宝林"]
    {
        assert_eq!(products(text, &listed), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_number_in_a_products_name_is_no_value() {
    let found = extract("买安心宝90天", &SlotContext::new(TODAY));
    assert!(found.is_empty(), "{found:?}");
}

proptest! {
    /// What there is goes, what is asked for stays, whatever the sums.
    #[test]
    fn the_limit_there_is_gives_way(there in 1_000u32..1_000_000, asked in 1_000u32..1_000_000) {
        prop_assume!(there != asked);
        let text = format!("额度{there}元太少了，给我加到{asked}元");
        let amounts: Vec<i64> = extract(&text, &SlotContext::new(TODAY))
            .iter()
            .filter_map(|entity| match &entity.value {
                SlotValue::Money { amount } => Some(amount.minor),
                _ => None,
            })
            .collect();
        prop_assert_eq!(amounts, vec![i64::from(asked) * 100]);
    }

    /// A day and month without a year is one of the two that touch today.
    #[test]
    fn the_year_left_open_is_one_that_touches_today(month in 1i8..=12, day in 1i8..=28) {
        let found = extract(&format!("{month}月{day}号"), &SlotContext::new(TODAY));
        let dates: Vec<_> = found.iter().filter_map(|entity| match entity.value {
            SlotValue::Date { date } => Some(date),
            _ => None,
        }).collect();
        prop_assert_eq!(dates.len(), 1);
        prop_assert_eq!((dates[0].month(), dates[0].day()), (month, day));
        prop_assert!((dates[0] - TODAY).get_days().abs() <= 366);
    }
}
