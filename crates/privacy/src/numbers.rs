//! Identity cards, bank cards, phones, permits, passports, credit codes, plates
//! and account numbers.
//!
//! Amounts, dates, order numbers and public hotlines (`95566`, `400-…`, `110`) are
//! none of these. A wrong check digit makes a number no card and no identity,
//! unless a word before it says that it is one: a customer mistypes.

use crate::checks;
use crate::detect::PiiKind;
use crate::fold::Folded;
use crate::wide::Found;
use regex::Regex;
use std::sync::LazyLock;

/// Longest run of digits that is looked at.
const RUN_DIGITS_MAX: usize = 40;

pub(crate) fn build(source: &str) -> Regex {
    Regex::new(source).expect("patterns are constants and compile; tests build them all")
}

static USCC: LazyLock<Regex> = LazyLock::new(|| build("[0-9a-hj-npqrtuwxy]{2}[0-9]{6}[0-9a-hj-npqrtuwxy]{10}"));
static PERMIT: LazyLock<Regex> = LazyLock::new(|| build("[chwm][0-9]{8}(?:[0-9]{2})?|[0-9]{8}"));
static IBAN: LazyLock<Regex> = LazyLock::new(|| build("[a-z]{2}[0-9]{2}(?: ?[0-9a-z]{4}){2,7}(?: ?[0-9a-z]{1,4})?"));
static PERMIT_WORD: LazyLock<Regex> = LazyLock::new(|| build("通行证|港澳|回乡证|台胞|来往内地|往来港澳|permit"));
static PASSPORT: LazyLock<Regex> =
    LazyLock::new(|| build("(?:e[a-hj-np-z][0-9]{7}|[egdsp][0-9]{8}|1[45][0-9]{7}|[a-z]{1,2}[0-9]{6,8}|[0-9]{9})"));
static PASSPORT_WORD: LazyLock<Regex> = LazyLock::new(|| build("护照|護照|passport"));
static PLATE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬遼魯蘇閩雲贛陝黔粵][a-hj-np-z][·•. -]?[0-9a-hj-np-z]{4,5}[0-9a-hj-np-z挂学警港澳]",
    )
});
static PHONE_WORD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:电话|手机|手机号|号码|联系方式|联系|座机|固话|致电|拨打|打给|打我|家里|phone|mobile|tel|cell|call|電話|手機)[^0-9]{0,8}$",
    )
});
static ID_WORD: LazyLock<Regex> =
    LazyLock::new(|| build("(?:身份证|身份證|证件|證件|id ?card|id ?(?:number|no)|身份号)[^0-9]{0,8}$"));
static CARD_WORD: LazyLock<Regex> = LazyLock::new(|| {
    build("(?:卡号|卡號|银行卡|銀行卡|储蓄卡|信用卡|借记卡|工资卡|的卡|这张卡|那张卡|卡片|卡|card)[^0-9]{0,8}$")
});
static ACCOUNT_WORD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:账号|帐号|账户|帐户|户头|賬號|賬戶|戶口|存折|公积金|社保卡?|医保卡?|客户号|account|acct|a/c|iban)(?:号码|号|為|为|是|is|was|number|no\\.?|就是|尾号|[:：# 的,，])*$",
    )
});
static OTHER_WORD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:订单|訂單|单号|流水号?|流水|交易号|交易编号|凭证|编号|编码|代码|受理|工单|参考号|快递|运单|物流|发票|合同|批次|序列|产品|基金|股票|order|reference|ref|ticket|case|tracking|invoice|serial|no\\.)(?:号码|号|编号|是|为|number|no\\.?|[:：# ])*$",
    )
});

/// Fixed-form codes with letters.
pub(crate) fn codes(text: &Folded, found: &mut Found) {
    each(text, &USCC, |start, end, code| {
        let upper = code.to_uppercase();
        let letters = upper.bytes().any(|b| b.is_ascii_uppercase());
        let word = text.before(start, 16).contains("信用代码")
            || text.before(start, 16).contains("税号")
            || text.before(start, 16).contains("uscc");
        if stands_alone(text, start, end)
            && checks::uscc(&upper)
            && (letters || word)
            && checks::resident_id(&upper).is_none()
        {
            found.put(start, end, PiiKind::Uscc);
        }
    });
    each(text, &PERMIT, |start, end, code| {
        let before = text.before(start, 14);
        // Only the Taiwan permit has no letter.
        let form = code.starts_with(|c: char| c.is_ascii_alphabetic()) || before.contains("台胞证");
        if form && stands_alone(text, start, end) && PERMIT_WORD.is_match(before) {
            found.put(start, end, PiiKind::HkMacaoPermit);
        }
    });
    each(text, &PASSPORT, |start, end, code| {
        // A Chinese passport's own form needs no word when a letter leads it.
        let own_form = code.len() == 9 && code.starts_with('e') && !text.before(start, 10).contains(['单', '编', '号']);
        let word = PASSPORT_WORD.is_match(text.before(start, 14));
        if stands_alone(text, start, end) && (word || own_form) {
            found.put(start, end, PiiKind::Passport);
        }
    });
    each(text, &IBAN, |start, end, said| {
        let code: String = said.chars().filter(|c| *c != ' ').collect::<String>().to_uppercase();
        if stands_alone(text, start, end) && checks::iban(&code) {
            found.put(start, end, PiiKind::AccountNo);
        }
    });
    each(text, &PLATE, |start, end, code| {
        let digits = code.bytes().filter(u8::is_ascii_digit).count();
        if !text.char_at(end).is_ascii_alphanumeric() && digits >= 2 {
            found.put(start, end, PiiKind::Plate);
        }
    });
}

fn each(text: &Folded, regex: &Regex, mut take: impl FnMut(usize, usize, &str)) {
    for hit in regex.find_iter(&text.text) {
        take(text.char_at_byte(hit.start()), text.char_at_byte(hit.end()), hit.as_str());
    }
}

fn stands_alone(text: &Folded, start: usize, end: usize) -> bool {
    !text.char_before(start).is_ascii_alphanumeric() && !text.char_at(end).is_ascii_alphanumeric()
}

/// A run of digits with single separators.
struct Run {
    start: usize,
    end: usize,
    digits: String,
    groups: Vec<usize>,
    plus: bool,
}

/// Digit runs, each told by length, check digit and the words before it.
pub(crate) fn runs(text: &Folded, found: &mut Found) {
    let mut at = 0;
    while at < text.chars.len() {
        if !text.char_at(at).is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = run_at(text, at);
        at = run.end.max(at + 1);
        if let Some((kind, start, end, doubtful)) =
            kind_of(text, &run).filter(|(_, start, end, _)| found.is_free(*start, *end))
        {
            found.put_doubtful(start, end, kind, doubtful);
        }
    }
}

fn run_at(text: &Folded, start: usize) -> Run {
    let mut digits = String::new();
    let mut groups = vec![0];
    let mut at = start;
    let mut end = start;
    let plus =
        text.char_before(start) == '+' || (text.char_before(start) == '(' && text.before(start, 2).starts_with('+'));
    while digits.len() < RUN_DIGITS_MAX {
        let c = text.char_at(at);
        if c.is_ascii_digit() {
            digits.push(c);
            if let Some(last) = groups.last_mut() {
                *last += 1;
            }
            at += 1;
            end = at;
        } else if matches!(c, ' ' | '-' | '.' | '(' | ')')
            && text.char_at(at + 1).is_ascii_digit()
            && (digits.len() >= 2 || plus || (c == ' ' && !text.char_at(at + 2).is_ascii_digit()))
        {
            groups.push(0);
            at += 1;
        } else if c == ')' && matches!(text.char_at(at + 1), ' ' | '-') && text.char_at(at + 2).is_ascii_digit() {
            groups.push(0);
            at += 2;
        } else {
            break;
        }
    }
    Run { start, end, digits, groups, plus }
}

type Told = (PiiKind, usize, usize, bool);

fn kind_of(text: &Folded, run: &Run) -> Option<Told> {
    let before = text.before(run.start, 20);
    let whole = |kind| Some((kind, run.start, run.end, false));
    let money_after = ["元", "块", "万", "美元", "%", "年", "月", "点", "rmb", "yuan"]
        .iter()
        .any(|w| text.after(run.end, 4).starts_with(w));
    let code_before = text.char_before(run.start).is_ascii_alphabetic();
    if let Some(told) = identity(text, run, before) {
        return Some(told);
    }
    if money_after || code_before || is_amount_or_date(run) {
        return None;
    }
    let other = OTHER_WORD.is_match(before);
    let account = ACCOUNT_WORD.is_match(before);
    if !other
        && !account
        && let Some(told) = phone(run, before)
    {
        return Some(told);
    }
    let length = run.digits.len();
    if (13..=19).contains(&length) && !other {
        let named = CARD_WORD.is_match(before);
        if checks::luhn(&run.digits) && (named || !account || length >= 16) {
            return whole(PiiKind::BankCard);
        }
        // UnionPay's own prefix, or the word: a mistyped card is still a card.
        if (named || run.digits.starts_with("62")) && length >= 15 {
            return Some((PiiKind::BankCard, run.start, run.end, true));
        }
    }
    let account_form = (6..=34).contains(&length) && run.groups.iter().all(|g| *g >= 2);
    if account && account_form { whole(PiiKind::AccountNo) } else { None }
}

/// Decimals, grouped dates and times are no numbers of anyone.
fn is_amount_or_date(run: &Run) -> bool {
    let iso = run.groups.starts_with(&[4, 2, 2])
        || run.groups.starts_with(&[4, 1, 1])
        || run.groups.starts_with(&[4, 1, 2])
        || run.groups.starts_with(&[4, 2, 1]);
    let day = run.groups == [8] && (run.digits.starts_with("19") || run.digits.starts_with("20"));
    let stamp = matches!(run.digits.len(), 12 | 14) && run.groups.len() == 1 && run.digits.starts_with("20");
    iso || day || stamp
}

/// An identity number, its last character possibly X.
fn identity(text: &Folded, run: &Run, before: &str) -> Option<Told> {
    let length = run.digits.len();
    let x = length == 17 && text.char_at(run.end) == 'x';
    let number = if x { format!("{}X", run.digits) } else { run.digits.clone() };
    let end = run.end + usize::from(x);
    if text.char_at(end).is_ascii_alphanumeric() {
        return None;
    }
    if let Some(id) = checks::resident_id(&number) {
        return Some((PiiKind::IdCard, run.start, end, id.region_unknown));
    }
    let named = ID_WORD.is_match(before);
    let old = checks::old_resident_id(&number) && named;
    // Mistyped, but called an identity number.
    let mistyped = named && number.len() == 18;
    (old || mistyped).then_some((PiiKind::IdCard, run.start, end, mistyped))
}

fn phone(run: &Run, before: &str) -> Option<Told> {
    let digits = run.digits.as_str();
    let start = if run.plus { run.start - 1 } else { run.start };
    let whole = Some((PiiKind::Phone, start, run.end, false));
    let home = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86").filter(|rest| rest.len() >= 10));
    let local = home.unwrap_or(digits);
    let hotline = ["400", "800", "95", "96"].iter().any(|h| local.starts_with(h));
    if mobile(local) {
        return whole;
    }
    let word = PHONE_WORD.is_match(before);
    // A mobile said with a lead of zero: 0138….
    if local.strip_prefix('0').is_some_and(mobile) {
        return whole;
    }
    let area = local.starts_with('0') && !local.starts_with("00") && (10..=12).contains(&local.len());
    let number = local.get(if local.starts_with("01") || local.starts_with("02") { 3 } else { 4 }..).unwrap_or("");
    if area && !number.starts_with("95") && !number.starts_with("96") && (7..=8).contains(&number.len()) {
        return whole;
    }
    if run.plus && home.is_none() && (8..=15).contains(&digits.len()) {
        return whole;
    }
    let foreign = digits.starts_with("00") && !digits.starts_with("000") && word && (10..=17).contains(&digits.len());
    let short = word
        && matches!(local.len(), 7 | 8)
        && run.groups.len() <= 2
        && !hotline
        && local.starts_with(|c: char| ('2'..='8').contains(&c));
    if foreign || short { whole } else { None }
}

fn mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && digits.as_bytes().get(1).is_some_and(|b| (b'3'..=b'9').contains(b))
}
