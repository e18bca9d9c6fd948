//! Numbers that name a thing: accounts, cards and their tails, phones, IBANs.
//!
//! A run of digits is read once, by its length, its check digit and the words
//! before it; order, receipt and identity numbers are claimed without becoming
//! a value, so that nobody takes them for an amount.

use super::dates::build;
use super::sheet::Sheet;
use crate::number::digit_of;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};
use teller_privacy::checks;

/// Longest run of digits that is looked at.
const RUN_DIGITS_MAX: usize = 40;

static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:尾号|尾数|末尾|末[四4]位|后[四4]位|最后[四4]位|最后[四4]个数字?|尾[四4]位|卡尾|\\b(?:ending|ends|last four|last 4|tail)\\b)(?:卡号|数字|号码|银行卡|的卡|digits?|number|card|are|with|is|in|no\\.?|of|不是|是|为|的|号|卡|:|#| )*(?P<t>[0-9零〇一二三四五六七八九幺洞拐]{4}|(?:[一两二三四1-4]个[0-9零一二三四五六七八九]){1,3}|[0-9](?:[ -][0-9]){3})",
    )
});
/// A word for the last digits, then other words, then four digits: `尾号写错，应该5061`.
static TAIL_LOOSE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:尾号|尾数|末[四4][位码]|[后尾]面?[四4](?:位|码|个数字?|个字)|最后[四4](?:位|个数字?)|卡尾)(?P<gap>[^0-9零〇一二三四五六七八九幺转扣花存付取元块钱]{0,14}?(?:对不起|一样)?)(?P<t>[0-9]{4}|[零〇一二三四五六七八九幺]{4})",
    )
});
/// A card with its digits hidden but four: `****7350`, `6225********1164`, `(…6190)`, `卡(4096)`.
static TAIL_HIDDEN: LazyLock<Regex> =
    LazyLock::new(|| build("(?:\\*{2,}|\\.{3} ?|x{4,} ?|[卡折]\\()(?P<t>[0-9]{4})\\b"));
/// Four digits that are named only to be put right.
static TAIL_WRONG: LazyLock<Regex> =
    LazyLock::new(|| build("(?:[说写打看念听输填]成了?|不是|就|是)(?P<t>[0-9]{4})\\b"));
static TAIL_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?P<t>[0-9]{4}|[零〇一二三四五六七八九幺]{4})(?:结尾|尾号|收尾)?的?(?:这|那)?(?:一?张|个)?(?:银行|储蓄|信用|借记|工资)?(?:卡|那张|这张|结尾|尾号的)",
    )
});
static TAIL_MORE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:的?卡|那张|这张)*(?:和|跟|与|、|还是|或者?| and | or |(?:,|。| )*(?:哦|啊|呃)?(?:不对|不是|说错了|错了|no|sorry|i mean|应该是|改成)[,。 ]*(?:应该)?是?|[,。 ]+(?:而?是|but ))(?:尾号)?(?P<t>[0-9]{4})",
    )
});
static CARD_NO_SHORT: LazyLock<Regex> = LazyLock::new(|| {
    build("(?:卡号|card number|card no\\.?|card|\\b(?:un)?block|\\bfreeze|\\bactivate)(?:是|为|:| )*(?P<t>[0-9]{4})")
});
static IBAN: LazyLock<Regex> = LazyLock::new(|| build("[a-z]{2}[0-9]{2}(?: ?[a-z0-9]){11,32}"));
static ACCOUNT_WORD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:账号|帐号|卡号|账户|帐户|户头|收款账|对方账|银行卡|account number|account no\\.?|account|acct|a/c|card number|card no\\.?|card|iban)(?:是|为|就是|号码|号|:|#|is|的| |,)*$",
    )
});
static OTHER_WORD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:订单号?|流水号?|单号|交易号|凭证号?|编号|工号|受理号|参考号|验证码|密码|身份证号?码?|证件号?码?|护照号?码?|order|reference|ref|ticket|case|code|otp|id|tracking)(?:是|为|:|#|number|no\\.?| |码|号)*$",
    )
});
static PHONE_WORD: LazyLock<Regex> =
    LazyLock::new(|| build("(?:手机|电话|联系方式|手机号|号码|致电|打给|phone|mobile|tel|cell|call me)[^0-9]{0,6}$"));

pub fn read(sheet: &mut Sheet<'_>) {
    ibans(sheet);
    let runs = runs(sheet);
    for run in &runs {
        classify(sheet, run);
    }
    tails(sheet);
}

/// A run of digits as said, with what it is written with.
struct Run {
    start: usize,
    end: usize,
    digits: String,
    plus: bool,
    groups: Vec<usize>,
    spoken: bool,
}

fn runs(sheet: &Sheet<'_>) -> Vec<Run> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < sheet.chars().len() {
        let c = sheet.char_at(at);
        let starts = digit_of(c).is_some() && !matches!(c, '洞' | '拐');
        if !starts {
            at += 1;
            continue;
        }
        let run = run_at(sheet, at);
        at = run.end.max(at + 1);
        if run.digits.len() >= 6 {
            found.push(run);
        }
    }
    found
}

fn run_at(sheet: &Sheet<'_>, start: usize) -> Run {
    let plus = sheet.char_before(start) == '+';
    let mut run = Run {
        start: if plus { start - 1 } else { start },
        end: start,
        digits: String::new(),
        plus,
        groups: vec![0],
        spoken: false,
    };
    let mut at = start;
    while run.digits.len() < RUN_DIGITS_MAX {
        let c = sheet.char_at(at);
        if let Some(digit) = digit_of(c).filter(|_| at < sheet.chars().len()) {
            run.spoken |= !c.is_ascii_digit();
            run.digits.push(digit);
            if let Some(last) = run.groups.last_mut() {
                *last += 1;
            }
            at += 1;
            run.end = at;
            continue;
        }
        let next_is_digit = digit_of(sheet.char_at(at + 1)).is_some();
        // A recogniser writes the pauses between spoken groups as commas.
        let pause = c == ',' && run.spoken;
        // Somebody who reads out a number thinks between its groups.
        if run.spoken
            && !run.digits.is_empty()
            && let Some(next) = after_pause(sheet, at)
        {
            run.groups.push(0);
            at = next;
            continue;
        }
        if (matches!(c, ' ' | '-') || pause) && next_is_digit && at < sheet.chars().len() {
            run.groups.push(0);
            at += 1;
            continue;
        }
        break;
    }
    run
}

/// Past `，然后`, ` 呃 ` between two groups of at least three digits.
fn after_pause(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    const PAUSE_CHARS_MAX: usize = 5;
    let filler = |c: char| matches!(c, ' ' | ',' | '呃' | '嗯' | '啊' | '哦' | '然' | '后' | '再' | '接' | '着');
    let length = (0..PAUSE_CHARS_MAX).take_while(|i| filler(sheet.char_at(at + i))).count();
    let digits = |from: usize| (0..3).all(|i| digit_of(sheet.char_at(from + i)).is_some());
    (length >= 2 && at + length < sheet.chars().len() && digits(at + length) && at >= 3 && digits(at - 3))
        .then_some(at + length)
}

fn classify(sheet: &mut Sheet<'_>, run: &Run) {
    let before = sheet.before(run.start, 16);
    let letter_before = sheet.char_before(run.start).is_ascii_alphabetic();
    let unit_after = matches!(sheet.char_at(run.end), '元' | '块' | '万' | '.' | '年' | '月' | '点' | '%');
    if !sheet.is_free(run.start, run.end) || unit_after {
        return;
    }
    if OTHER_WORD.is_match(before) && !is_dates(run) {
        sheet.take(run.start, run.end);
        return;
    }
    let account_word = ACCOUNT_WORD.is_match(before);
    if let Some(number) = phone(run, PHONE_WORD.is_match(before) || sheet.expecting(SlotType::Phone))
        .filter(|_| !account_word && !letter_before)
    {
        sheet.put(SlotValue::Phone { number }, run.start, run.end);
        return;
    }
    if is_dates(run) || letter_before {
        return;
    }
    let length = run.digits.len();
    let asked = sheet.expecting(SlotType::AccountNo);
    let identity = length == 18 && checks::resident_id(&run.digits).is_some()
        || length == 17 && matches!(sheet.char_at(run.end), 'x');
    if identity && !account_word && !asked {
        sheet.take(run.start, run.end);
        return;
    }
    // 13 digits and more are cards by themselves; shorter ones need the word.
    if (13..=34).contains(&length) || ((6..=34).contains(&length) && (account_word || asked)) {
        sheet.put(SlotValue::AccountNo { number: run.digits.clone() }, run.start, run.end);
    } else if length > 15 {
        sheet.take(run.start, run.end);
    }
}

/// `2026-01-01 2026-02-01` and `20260101` are dates, whatever their length.
fn is_dates(run: &Run) -> bool {
    let iso =
        run.groups.starts_with(&[4, 2, 2]) || run.groups.starts_with(&[4, 1, 2]) || run.groups.starts_with(&[4, 2, 1]);
    iso || (run.groups == [8] && run.digits.starts_with("20")) || run.groups == [8, 8]
}

/// The digits of a phone number, without the country's own prefix.
fn phone(run: &Run, word: bool) -> Option<String> {
    let digits = run.digits.as_str();
    let home = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86").filter(|rest| rest.len() == 11));
    let local = home.unwrap_or(digits);
    if is_mobile(local) {
        return Some(local.to_owned());
    }
    let plausible_groups = run.groups.len() <= 5;
    if run.plus && home.is_none() && (8..=15).contains(&digits.len()) {
        return Some(digits.to_owned());
    }
    let landline = local.starts_with('0') && !local.starts_with("00") && (10..=12).contains(&local.len());
    if landline && plausible_groups && (word || run.groups.len() > 1 || run.groups == [local.len()]) {
        return Some(local.to_owned());
    }
    let bare = word
        && run.groups.len() <= 2
        && matches!(digits.len(), 7 | 8)
        && !is_dates(run)
        && !digits.starts_with(['0', '1']);
    bare.then(|| digits.to_owned())
}

fn is_mobile(digits: &str) -> bool {
    let mut chars = digits.chars();
    digits.len() == 11 && chars.next() == Some('1') && chars.next().is_some_and(|c| ('3'..='9').contains(&c))
}

fn tails(sheet: &mut Sheet<'_>) {
    for hit in sheet.hits(&TAIL) {
        let Some((start, end)) = sheet.group_span(&hit, "t") else { continue };
        if digit_of(sheet.char_at(end)).is_some() && sheet.char_at(end).is_ascii_digit() || !sheet.is_free(start, end) {
            continue;
        }
        put_tail(sheet, hit.group("t").unwrap_or(""), start, end);
        more_tails(sheet, end);
    }
    for regex in [&*TAIL_LOOSE, &*TAIL_HIDDEN, &*TAIL_AFTER, &*CARD_NO_SHORT] {
        for hit in sheet.hits(regex) {
            let Some((start, end)) = sheet.group_span(&hit, "t") else { continue };
            let cut = digit_of(sheet.char_before(start)).is_some() || digit_of(sheet.char_at(end)).is_some();
            let money_before = ["额度", "限额", "余额", "金额"].iter().any(|w| sheet.before(start, 5).contains(w));
            let grouped = sheet.char_at(end) == ',' && sheet.char_at(end + 1).is_ascii_digit();
            let money_after = matches!(sheet.char_at(end), '元' | '块' | '万' | '年' | '.') || grouped;
            if !cut && !money_before && !money_after && sheet.is_free(start, end) {
                put_tail(sheet, hit.group("t").unwrap_or(""), start, end);
                more_tails(sheet, end);
            }
        }
    }
    said_again(sheet);
}

/// Where a tail was said, the same digits again, and those it was mistaken for, are no amount.
fn said_again(sheet: &mut Sheet<'_>) {
    let said: Vec<String> = sheet
        .found
        .iter()
        .filter_map(|d| match &d.value {
            SlotValue::CardTail { tail } => Some(tail.clone()),
            _ => None,
        })
        .collect();
    if said.is_empty() {
        return;
    }
    for run in sheet.hits(&FOUR_DIGITS) {
        let again = said.iter().any(|tail| *tail == sheet.normal.slice(run.start, run.end));
        if again && !is_money(sheet.char_at(run.end)) && sheet.is_free(run.start, run.end) {
            sheet.take(run.start, run.end);
        }
    }
    for hit in sheet.hits(&TAIL_WRONG) {
        let Some((start, end)) = sheet.group_span(&hit, "t") else { continue };
        if !is_money(sheet.char_at(end)) {
            sheet.take(start, end);
        }
    }
}

static FOUR_DIGITS: LazyLock<Regex> = LazyLock::new(|| build("\\b[0-9]{4}\\b"));

fn is_money(c: char) -> bool {
    matches!(c, '元' | '块' | '万' | '年' | '.')
}

fn more_tails(sheet: &mut Sheet<'_>, end: usize) {
    let Some(rest) = sheet.text().get(sheet.normal.byte_at_char(end)..) else { return };
    let Some(found) = TAIL_MORE.captures(rest).and_then(|c| c.name("t")) else { return };
    let start = end + rest.get(..found.start()).map_or(0, |head| head.chars().count());
    let next = sheet.char_at(start + 4);
    if !next.is_ascii_digit() && !matches!(next, '元' | '块' | '万' | '.') && sheet.is_free(start, start + 4) {
        put_tail(sheet, found.as_str(), start, start + 4);
    }
}

fn put_tail(sheet: &mut Sheet<'_>, said: &str, start: usize, end: usize) {
    if let Some(tail) = four_digits(said) {
        sheet.put(SlotValue::CardTail { tail }, start, end);
    }
}

/// Four digits from `1234`, `一二三四`, `四个八`, `三个八一个六`.
pub fn four_digits(said: &str) -> Option<String> {
    let mut digits = String::new();
    let mut chars = said.chars().filter(|c| !matches!(c, ' ' | '-')).peekable();
    while let Some(c) = chars.next() {
        if chars.peek() == Some(&'个') {
            chars.next();
            let digit = digit_of(chars.next()?)?;
            let times = if c == '两' { 2 } else { digit_of(c)?.to_digit(10)? };
            digits.extend(std::iter::repeat_n(digit, usize::try_from(times).ok()?));
        } else {
            digits.push(digit_of(c)?);
        }
    }
    (digits.len() == 4).then_some(digits)
}

fn ibans(sheet: &mut Sheet<'_>) {
    for hit in sheet.hits(&IBAN) {
        if sheet.char_before(hit.start).is_ascii_alphanumeric() || !sheet.is_free(hit.start, hit.end) {
            continue;
        }
        let said = sheet.normal.slice(hit.start, hit.end);
        // A word may follow the number after a space: try ever shorter heads.
        let ends = said
            .char_indices()
            .map(|(i, c)| i + c.len_utf8())
            .rev()
            .filter(|end| !said.get(*end..).unwrap_or("").starts_with(|c: char| c.is_ascii_alphanumeric()));
        for end in ends {
            let code: String =
                said.get(..end).unwrap_or("").chars().filter(|c| *c != ' ').collect::<String>().to_uppercase();
            if checks::iban(&code) {
                let to = hit.start + end;
                sheet.put(SlotValue::Iban { number: code }, hit.start, to);
                break;
            }
        }
    }
}
