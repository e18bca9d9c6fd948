//! The last touch on tagged spans: certain values take their place, words and
//! numbers are not cut in their middle, an address loses the words around it.

use super::forms::Forms;
use crate::detect::{PiiKind, PiiSpan};
use crate::numbers::build;
use regex::Regex;
use std::sync::LazyLock;

/// Words before an address that are no part of it.
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:我家住?|家住|住在|住址|地址|登记成|登记写的|登记为|登记在|登记|换成|改成|改为|改到|写成|寄到|寄往|寄去|寄给|寄|送到|搬到|搬去|迁到|在|到|是|为|成|的|住|学校(?:在)?|娘家|女儿家|儿子家|老家|公司|单位|家|写)+",
    )
});
/// Words after an address that are no part of it.
static TAIL: LazyLock<Regex> =
    LazyLock::new(|| build("(?:了|可以|可|的房子|的房|租房|租的|吗|呢|吧|啊|收|的|这里|这边|这|对吗|没错)+$"));
static ENGLISH_MORE: LazyLock<Regex> = LazyLock::new(|| {
    build("^, (?:[A-Z][A-Za-z]+)(?:,? (?:[A-Z][A-Za-z]+|[A-Z]{1,2}[0-9]{1,2}[A-Z]? [0-9][A-Z]{2}|[0-9]{5,6})){0,6}")
});
/// Where a bank is, not where a customer lives.
static PUBLIC: LazyLock<Regex> =
    LazyLock::new(|| build("^.{0,3}(?:网点|支行|分行|营业部|营业厅|自助银行|柜员机|取款机|网點)"));
/// A place, a road or a shop after what looks like a name.
static PLACE: LazyLock<Regex> =
    LazyLock::new(|| build("^(?:路|街|区|县|镇|乡|大街|大道|支行|分行|网点|剪刀|公司|超市|便利店)"));
/// A mail address, also a spoken one, has a sign for `@`.
static MAIL_SIGN: LazyLock<Regex> = LazyLock::new(|| build("[@＠]|\\bat\\b|艾特|圈"));
/// `e-banking`, `real-time`: an English word, unless WeChat is spoken of.
static HYPHENED: LazyLock<Regex> = LazyLock::new(|| build("^[a-z]+(?:-[a-z]+)+$"));
static NAME_PARTICLE: LazyLock<Regex> =
    LazyLock::new(|| build("^ (?:(?:van|der|de|la|bin|von|del|da|dos|al|el|ibn|ter|den) )*\\p{Lu}[\\p{L}'.-]+"));

pub(super) fn finish(chars: &[char], forms: &Forms, spans: Vec<PiiSpan>) -> Vec<PiiSpan> {
    let mut out: Vec<PiiSpan> = forms
        .certain
        .iter()
        .map(|(start, end, kind)| PiiSpan { start: *start, end: *end, kind: *kind, doubtful: false })
        .collect();
    for span in spans {
        for span in touched(chars, forms, span) {
            if !out.iter().any(|s| s.start < span.end && span.start < s.end) {
                out.push(span);
            }
        }
    }
    // What the older patterns find and nothing contradicts: they are seldom wrong here.
    for span in forms.wide.iter().filter(|s| ADDED.contains(&s.kind)) {
        if !out.iter().any(|s| s.start < span.end && span.start < s.end) {
            out.push(*span);
        }
    }
    out.sort_by_key(|s| s.start);
    out
}

/// Kinds whose older patterns are nearly always right.
const ADDED: [PiiKind; 8] = [
    PiiKind::Name,
    PiiKind::Otp,
    PiiKind::Password,
    PiiKind::Wechat,
    PiiKind::Plate,
    PiiKind::HkMacaoPermit,
    PiiKind::Passport,
    PiiKind::Phone,
];

fn touched(chars: &[char], forms: &Forms, mut span: PiiSpan) -> Vec<PiiSpan> {
    while span.start < span.end && blank(chars[span.start]) {
        span.start += 1;
    }
    while span.end > span.start && blank(chars[span.end - 1]) {
        span.end -= 1;
    }
    match span.kind {
        PiiKind::Name => name(chars, span).into_iter().collect(),
        PiiKind::Address => address(chars, span),
        PiiKind::BankCard
            if !forms.runs.iter().any(|r| r.valid.is_some() && r.start < span.end && span.start < r.end) =>
        {
            vec![whole_token(chars, span)]
        }
        PiiKind::IdCard | PiiKind::BankCard | PiiKind::Uscc => valid_part(forms, span).into_iter().collect(),
        PiiKind::Dob => date(forms, span).into_iter().collect(),
        PiiKind::Email if !MAIL_SIGN.is_match(&said(chars, span)) => Vec::new(),
        PiiKind::Wechat if HYPHENED.is_match(&said(chars, span)) && !forms.wechat_said => Vec::new(),
        _ if span.start < span.end => vec![whole_token(chars, span)],
        _ => Vec::new(),
    }
}

fn said(chars: &[char], span: PiiSpan) -> String {
    chars[span.start..span.end].iter().collect::<String>().to_lowercase()
}

fn blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '，' | '。' | '、' | '：' | ':' | ';' | '；')
}

/// The valid number that a span overlaps.
fn valid_part(forms: &Forms, span: PiiSpan) -> Option<PiiSpan> {
    forms
        .runs
        .iter()
        .filter_map(|run| run.valid)
        .find(|(start, end, _)| *start < span.end && span.start < *end)
        .map(|(start, end, _)| PiiSpan { start, end, ..span })
}

/// The date that a span overlaps.
fn date(forms: &Forms, span: PiiSpan) -> Option<PiiSpan> {
    forms.dates.iter().find(|(start, end, _)| *start < span.end && span.start < *end).map(|(start, end, _)| PiiSpan {
        start: *start,
        end: *end,
        ..span
    })
}

/// A number or code is not cut inside letters and digits.
fn whole_token(chars: &[char], mut span: PiiSpan) -> PiiSpan {
    let inner = |at: usize| chars.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_'));
    while span.start > 0 && inner(span.start) && inner(span.start - 1) {
        span.start -= 1;
    }
    while inner(span.end) && inner(span.end - 1) {
        span.end += 1;
    }
    if span.kind == PiiKind::Phone && span.start > 0 && matches!(chars[span.start - 1], '+' | '＋' | '(' | '（') {
        span.start -= 1;
    }
    span
}

fn name(chars: &[char], mut span: PiiSpan) -> Option<PiiSpan> {
    let latin = |c: &char| c.is_alphabetic() && !('\u{3400}'..='\u{9fff}').contains(c);
    if !chars[span.start..span.end].iter().any(latin) {
        let rest: String = chars[span.end..].iter().take(4).collect();
        let place = PLACE.is_match(&rest) || "区县镇路街".contains(chars[span.end - 1]);
        return (span.end - span.start >= 2 && !place).then_some(span);
    }
    let inner = |at: usize| chars.get(at).is_some_and(|c| latin(c) || matches!(c, '-' | '\'' | '’'));
    while span.start > 0 && inner(span.start) && inner(span.start - 1) {
        span.start -= 1;
    }
    while inner(span.end) && span.end > 0 && inner(span.end - 1) {
        span.end += 1;
    }
    let rest: String = chars[span.end..].iter().take(60).collect();
    if let Some(more) = NAME_PARTICLE.find(&rest)
        && more.as_str().trim_start().chars().next().is_some_and(char::is_lowercase)
    {
        span.end += more.as_str().chars().count();
    }
    let words = chars[span.start..span.end].split(|c| *c == ' ').filter(|w| !w.is_empty()).count();
    (words >= 2).then_some(span)
}

fn address(chars: &[char], mut span: PiiSpan) -> Vec<PiiSpan> {
    let han = chars[span.start..span.end].iter().any(|c| ('\u{3400}'..='\u{9fff}').contains(c));
    if !han {
        if !chars[span.start..span.end].iter().any(char::is_ascii_digit) {
            return Vec::new();
        }
        let rest: String = chars[span.end..].iter().take(60).collect();
        if let Some(more) = ENGLISH_MORE.find(&rest) {
            span.end += more.as_str().chars().count();
        }
        return vec![span];
    }
    let mut out = Vec::new();
    let mut start = span.start;
    for at in span.start..=span.end {
        if at == span.end || matches!(chars[at], '，' | ',' | '。' | ';' | '；') {
            let value: String = chars[start..at].iter().collect();
            let lead = LEAD.find(&value).map_or(0, |m| m.as_str().chars().count());
            let tail = TAIL.find(&value).map_or(0, |m| m.as_str().chars().count());
            let (from, to) = (start + lead, at.saturating_sub(tail));
            let after: String = chars[at..].iter().take(6).collect();
            if from + 4 <= to && !PUBLIC.is_match(&after) {
                out.push(PiiSpan { start: from, end: to, ..span });
            }
            start = at + 1;
        }
    }
    // What follows a comma is an address only when it names a place of its own.
    out.truncate(2);
    if out.len() == 2 && !chars[out[1].start..out[1].end].iter().any(|c| "省市区县".contains(*c)) {
        out.pop();
    }
    out
}
