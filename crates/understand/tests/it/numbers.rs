//! Numerals of all kinds read as exact decimals.

use crate::speaker::{say, say_plainly, say_short};
use proptest::prelude::*;
use teller_understand::normal::{Normal, normalise};
use teller_understand::number::{parse, scan};

fn value(text: &str) -> Option<String> {
    parse(&normalise(text)).map(|v| v.normalize().to_string())
}

#[test]
fn numerals_as_customers_say_them() {
    for (said, want) in [
        ("三千二", "3200"),
        ("两万五", "25000"),
        ("1w5", "15000"),
        ("1.5万", "15000"),
        ("1w", "10000"),
        ("三百零五", "305"),
        ("一百二", "120"),
        ("一百二十", "120"),
        ("一百零二", "102"),
        ("半万", "5000"),
        ("半个亿", "50000000"),
        ("千五", "1500"),
        ("百八", "180"),
        ("3k", "3000"),
        ("3K5", "3500"),
        ("１２００", "1200"),
        ("1,200.50", "1200.5"),
        ("１，２００", "1200"),
        ("廿五", "25"),
        ("卅", "30"),
        ("壹万贰仟叁佰", "12300"),
        ("伍拾万", "500000"),
        ("幺二三", "123"),
        ("二零二六", "2026"),
        ("十", "10"),
        ("十五", "15"),
        ("二十五", "25"),
        ("两千零二十", "2020"),
        ("三千五百六十七", "3567"),
        ("五万零三百", "50300"),
        ("十二万三千四百五十六", "123456"),
        ("12万3456", "123456"),
        ("2万5", "25000"),
        ("2万5千", "25000"),
        ("3千2", "3200"),
        ("1万2千3百", "12300"),
        ("两万半", "25000"),
        ("一点二万", "12000"),
        ("三点八五", "3.85"),
        ("零点五", "0.5"),
        ("一万亿", "1000000000000"),
        ("3 万", "30000"),
        ("1.5亿", "150000000"),
        ("5百万", "5000000"),
        ("三千零五", "3005"),
        ("一万零一", "10001"),
        ("一亿二", "120000000"),
        ("一百一十五", "115"),
        ("一百十五", "115"),
        ("两百五", "250"),
        ("二百五十", "250"),
        ("九十九万九", "999000"),
        ("三十万零五千", "305000"),
        ("五千块".trim_end_matches('块'), "5000"),
        ("three thousand two hundred", "3200"),
        ("5k", "5000"),
        ("twenty-five", "25"),
        ("twenty five hundred", "2500"),
        ("a hundred", "100"),
        ("half a million", "500000"),
        ("two and a half thousand", "2500"),
        ("1.5 million", "1500000"),
        ("one hundred and five", "105"),
        ("five hundred", "500"),
        ("two grand", "2000"),
        ("one thousand", "1000"),
        ("three hundred forty five", "345"),
        ("ten thousand five hundred", "10500"),
        ("one two three four", "1234"),
        ("double eight six one", "8861"),
        ("a thousand and twenty", "1020"),
        ("twelve", "12"),
        ("3 hundred", "300"),
        ("三萬五", "35000"),
        ("兩萬", "20000"),
        ("貳佰", "200"),
        ("1亿2000万", "120000000"),
        ("100万", "1000000"),
    ] {
        assert_eq!(value(said).as_deref(), Some(want), "{said}");
    }
}

#[test]
fn guesses_and_words_are_no_numbers() {
    for said in [
        "两三千",
        "七八万",
        "十几万",
        "几百",
        "万一",
        "千万别",
        "好几千",
        "三五百",
        "一二百",
        "a",
        "one",
        "百姓",
        "千里",
    ] {
        assert_eq!(value(said), None, "{said}");
    }
}

#[test]
fn numbers_inside_sentences_keep_their_neighbours_apart() {
    for (said, want) in [
        ("存五万三年利息多少", vec!["50000", "3"]),
        ("存5万3年", vec!["50000", "3"]),
        ("五万十年", vec!["50000", "10"]),
        ("三万二十四期", vec!["30000", "24"]),
        ("转三千二给他", vec!["3200"]),
        ("十五块六", vec!["15", "6"]),
        ("两万半年", vec!["20000"]),
        ("大概两三千吧", vec![]),
        ("有十几万", vec![]),
        ("转500，300是手续费", vec!["500", "300"]),
        ("send five hundred to him", vec!["500"]),
        ("账号622202123456789012345", vec![]),
        ("三点二十", vec!["3", "20"]),
    ] {
        let normal = Normal::of(said);
        let got: Vec<String> = scan(normal.chars()).iter().map(|n| n.value.normalize().to_string()).collect();
        assert_eq!(got, want, "{said}");
    }
}

proptest! {
    #[test]
    fn what_is_said_is_read_back(value in 0u64..999_999_999_999) {
        for said in [say(value), say_plainly(value)] {
            prop_assert_eq!(parse(&said).map(|v| v.to_string()), Some(value.to_string()), "{}", said);
        }
    }

    #[test]
    fn small_numbers_and_short_forms_are_read_back(head in 1u64..10_000, zeros in 1u32..8) {
        let value = head * 10u64.pow(zeros);
        prop_assert_eq!(parse(&say(value)).map(|v| v.to_string()), Some(value.to_string()));
        if let Some(said) = say_short(value) {
            prop_assert_eq!(parse(&said).map(|v| v.to_string()), Some(value.to_string()), "{}", said);
        }
    }

    #[test]
    fn scanning_never_panics_and_spans_are_ordered(text in ".{0,40}|[零一二两三五十百千万亿点半0-9.,wk 几]{0,24}") {
        let normal = Normal::of(&text);
        let mut last = 0;
        for number in scan(normal.chars()) {
            prop_assert!(number.start >= last && number.end > number.start && number.end <= normal.chars().len());
            last = number.end;
        }
    }
}
