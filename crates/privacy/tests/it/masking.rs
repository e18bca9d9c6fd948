//! The forms of masked text, and that nothing detected leaks.

use proptest::prelude::*;
use teller_privacy::{PiiKind, PiiSpan, detect, mask, mask_with};

#[test]
fn each_kind_has_its_form() {
    for (text, want) in [
        ("我叫张三", "我叫张*"),
        ("收款人欧阳娜娜", "收款人欧阳**"),
        ("身份证11010519491231002X", "身份证110105********002X"),
        ("卡号6222020200112233444", "卡号622202*********3444"),
        ("卡号6222 0202 0011 2233 444", "卡号6222 02** **** ***3 444"),
        ("手机13812345678", "手机138****5678"),
        ("手机幺三八零零幺三八零零零", "手机幺三八****八零零零"),
        ("+86 13812345678", "+86 138****5678"),
        ("邮箱alice@x.com", "邮箱a***@x.com"),
        ("验证码是123456", "验证码是******"),
        ("密码是abc123", "密码是******"),
        ("生日1990年5月12日", "生日**********"),
        ("生日5月12日", "生日*****"),
        ("我住在北京市海淀区中关村大街27号", "我住在北京市海淀区********"),
        ("账号110923456710", "账号********6710"),
        ("转5000块", "转5000块"),
    ] {
        assert_eq!(&*mask(text), want, "{text}");
    }
}

#[test]
fn a_mistyped_identity_is_none_and_hidden_all_the_same() {
    for text in ["身份证 3 2 0 1 0 6 1 9 8 8 0 3 1 5 4 5 2 3", "身份证号码320106198803154524"] {
        assert!(detect(text).iter().all(|s| s.kind != PiiKind::IdCard), "{text}");
        let masked: String = mask(text).chars().filter(|c| *c != ' ').collect();
        assert!(!masked.contains("19880315"), "{masked}");
    }
}

#[test]
fn a_taggers_spans_add_to_what_is_found() {
    let text = "麦哲伦的电话13812345678";
    let name = PiiSpan { start: 0, end: 3, kind: PiiKind::Name, doubtful: false };
    assert_eq!(&*mask_with(text, &[name]), "麦**的电话138****5678");
    let outside = PiiSpan { start: 5, end: 900, kind: PiiKind::Name, doubtful: false };
    assert!(!mask_with(text, &[outside]).contains("13812345678"));
}

#[test]
fn text_beyond_the_limit_does_not_pass() {
    let text = format!("{}13812345678", "字".repeat(teller_privacy::TEXT_CHARS_MAX));
    assert!(!mask(&text).contains("138"));
}

proptest! {
    #[test]
    fn no_detected_digits_survive(text in "[张电话卡号账户身份证是，0-9幺零 x+-]{0,60}|\\PC{0,40}") {
        let masked = mask(&text);
        let chars: Vec<char> = text.chars().collect();
        for span in detect(&text) {
            let value: String = chars[span.start..span.end].iter().collect();
            let hidden = masked.matches('*').count() > 0;
            prop_assert!(hidden, "{}", text);
            if value.chars().filter(char::is_ascii_digit).count() >= 4 && text.matches(value.as_str()).count() == 1 {
                prop_assert!(!masked.contains(&value), "{} in {}", value, &*masked);
            }
        }
    }

    /// Whatever is detected: a number, a code or a secret of four signs and more is never whole.
    #[test]
    fn no_detected_value_survives(
        lead in "我叫|密码是|验证码|微信|账号|身份证|护照|通行证|手机|出生于|住在|my name is ",
        value in "[0-9]{4,19}|[CHE][0-9]{8}|[a-z]{4,8}_[0-9]{2,4}|[a-z]{3,6}@[a-z]{3,6}\\.cn|[幺二三四五六七八九零]{4,18}|[A-Z][a-z]{3,6} [A-Z][a-z]{3,6}",
        tail in "，帮我查下|对吗||给他了",
    ) {
        let text = format!("{lead}{value}{tail}");
        let masked = mask(&text);
        let chars: Vec<char> = text.chars().collect();
        for span in detect(&text) {
            let value: String = chars[span.start..span.end].iter().collect();
            prop_assert!(span.end - span.start < 4 || !masked.contains(&value), "{} in {}", value, &*masked);
        }
    }

    #[test]
    fn nothing_panics_and_the_length_of_plain_text_stays(text in "(?s).{0,80}|[\\p{Han}0-9a-zA-Z，。 @._:年月日号路-]{0,80}") {
        let masked = mask(&text);
        if detect(&text).is_empty() && !masked.contains('*') {
            prop_assert_eq!(&*masked, text.as_str());
        }
    }

    #[test]
    fn masking_never_panics_on_foreign_spans(text in "\\PC{0,30}", start in 0usize..40, length in 0usize..40) {
        let span = PiiSpan { start, end: start + length, kind: PiiKind::BankCard, doubtful: false };
        let _ = mask_with(&text, &[span]);
    }
}
