//! Lengths of time in months, and rates in percent.
//!
//! `一年半` is 18, `分十二期` 12 (an instalment is a month), `90天` 3: days count
//! only in thirties. A rate is percent a year as decimal text, without trailing
//! zeros; `千分之五` is 0.5.

use super::dates::build;
use super::sheet::Sheet;
use crate::number::{parse, parse_small};
use regex::Regex;
use rust_decimal::Decimal;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// Longest term: a hundred years.
const MONTHS_MAX: u32 = 1_200;

const N: &str = "[0-9]{1,4}(?:\\.[0-9])?|[一二三四五六七八九十两俩百廿]{1,4}";

static RATE: LazyLock<Regex> = LazyLock::new(|| {
    let n = "[0-9]+(?:[.点][0-9]+)?|[零〇一二三四五六七八九十两]+(?:点[零〇一二三四五六七八九]+)?";
    build(&format!(
        "(?P<per>百分之|千分之|万分之)(?P<a>{n}|(?:[一二三四五六七八九]?十[一二三四五六七八九]?)(?:点[零〇一二三四五六七八九]+)?)(?:个?月)?|(?P<li>[零一二三四五六七八九两]|[0-9]+(?:\\.[0-9]+)?)厘(?P<lf>[一二三四五六七八九半])?|(?P<b>{n}) ?(?:%|个点|个百分点|percent|per cent|pct)|(?P<l>(?:年化|年利率|月利率|年息|月息|息率|利率|收益率|费率|利息|票面|上浮到|下调到|降到|跌破|加点后|rate|apr|apy|yield)(?:是|为|按|大概|约|还是|得给到|给到|写的|我?看成|成了|差不多|of|at|is|:| )*)(?P<c>[0-9]{{1,2}}\\.[0-9]+|[零〇一二三四五六七八九十]+点[零〇一二三四五六七八九]+)"
    ))
});
/// A message about interest, in which a bare `3.85` is a rate.
static INTEREST: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "利率|年化|利息|息率|年息|lpr|定存|大额存单|国债|票面|收益|加点|上浮|房贷|贷款|年期|利得|三年的|五年的|两年的|一年的|interest|mortgage|\\brate\\b|\\bapr\\b|yield",
    )
});
static BARE_RATE: LazyLock<Regex> = LazyLock::new(|| {
    build("(?P<r>[0-9]{1,2}\\.[0-9]{1,3}|[零一二三四五六七八九]点[零〇一二三四五六七八九]{1,3})(?P<after>.|$)")
});
/// What a bare decimal belongs to instead.
static NO_RATE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:净值|汇率|牌价|版本|美元|¥|\\$|[0-9.]|iphone|ios|安卓|扣了?|花了?|转|付|v|转入|支出|收入|金额|余额|尺寸|屏)$",
    )
});
static TERM: LazyLock<Regex> = LazyLock::new(|| {
    build(&format!(
        "(?P<y>{N}) ?年(?P<yh>半)?(?:零?(?P<ym>{N})个月)?|(?P<hy>半)年|(?P<m>{N})个?(?P<mh>半)?月|(?P<q>{N})个?季度|分?(?P<p>{N}) ?(?:个?期|付)|(?P<d>{N}) ?天"
    ))
});
static TERM_EN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?P<n>[0-9]{1,3}(?:\\.5)?|a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|eighteen|twenty[- ]four|twenty|thirty[- ]six|thirty|half a|a year and a half)[ -]?(?P<u>year|month|quarter|instal+ment|yr|mo)?(?:s|ly)?\\b(?P<h> and a half)?",
    )
});

pub fn read(sheet: &mut Sheet<'_>) {
    rates(sheet);
    bare_rates(sheet);
    terms(sheet);
    terms_en(sheet);
}

fn rates(sheet: &mut Sheet<'_>) {
    for hit in sheet.hits(&RATE) {
        if hit.group("li").is_some() {
            percent_of_li(sheet, &hit);
            continue;
        }
        let per = match hit.group("per") {
            Some("千分之") => 10,
            Some("万分之") => 100,
            _ => 1,
        };
        let Some((name, divisor)) =
            [("a", per), ("b", 1), ("c", 1)].into_iter().find(|(name, _)| hit.group(name).is_some())
        else {
            continue;
        };
        let Some((start, end)) = sheet.group_span(&hit, name) else { continue };
        let start = if name == "a" { hit.start } else { start };
        let end = if name == "c" { end } else { hit.end };
        let value =
            hit.group(name).and_then(|said| parse(&said.replace('点', if said.is_ascii() { "." } else { "点" })));
        let cut = sheet.char_before(start).is_ascii_digit() || (name == "c" && sheet.char_at(end).is_ascii_digit());
        // 只剩5%的电, 三成: a share of something.
        let share = sheet.after(end, 2).starts_with("的电") || sheet.after(end, 1).starts_with('电');
        if cut || !sheet.is_free(start, end) {
            continue;
        }
        if share {
            sheet.take(start, end);
            continue;
        }
        if let Some(percent) = value.and_then(|v| v.checked_div(Decimal::from(divisor))) {
            sheet.put(SlotValue::Rate { percent: percent.normalize().to_string() }, start, end);
        }
    }
}

/// `二厘八`, `2.15厘`: percent a year, as interest is spoken of.
fn percent_of_li(sheet: &mut Sheet<'_>, hit: &super::sheet::Hit<'_>) {
    let whole = hit.group("li").and_then(parse);
    let tenth = hit.group("lf").and_then(|f| if f == "半" { Some(Decimal::from(5)) } else { parse(f) });
    let Some(whole) = whole.filter(|_| sheet.is_free(hit.start, hit.end)) else { return };
    let percent = whole + tenth.unwrap_or(Decimal::ZERO) / Decimal::TEN;
    let metre = sheet.after(hit.end, 1).starts_with('米');
    if !metre && !percent.is_zero() {
        sheet.put(SlotValue::Rate { percent: percent.normalize().to_string() }, hit.start, hit.end);
    }
}

/// Decimals without a unit where interest is spoken of; the last one said is meant.
fn bare_rates(sheet: &mut Sheet<'_>) {
    if !INTEREST.is_match(sheet.text()) {
        return;
    }
    let mut last = None;
    for hit in sheet.hits(&BARE_RATE) {
        let Some((start, end)) = sheet.group_span(&hit, "r") else { continue };
        let after = sheet.char_at(end);
        let other = matches!(
            after,
            '万' | '亿' | '元' | '块' | '千' | '百' | '折' | '倍' | 'k' | 'w' | '米' | '号' | '日' | '月' | '克'
        ) || after.is_ascii_digit()
            || NO_RATE.is_match(sheet.before(start, 6));
        let scaled = [" million", " thousand", " billion"].iter().any(|w| sheet.after(end, 9).starts_with(w));
        let value = parse(sheet.normal.slice(start, end)).filter(|_| !scaled);
        if let Some(value) = value.filter(|v| !other && *v < Decimal::from(25) && sheet.is_free(start, end)) {
            last = Some((start, end, value));
            sheet.take(start, end);
        }
    }
    if let Some((start, end, value)) = last {
        sheet.put(SlotValue::Rate { percent: value.normalize().to_string() }, start, end);
    }
}

fn terms(sheet: &mut Sheet<'_>) {
    for hit in sheet.hits(&TERM) {
        if !sheet.is_free(hit.start, hit.end) || !is_length(sheet, hit.start, hit.end) {
            continue;
        }
        if let Some(months) = zh_months(&hit).filter(|m| (1..=MONTHS_MAX).contains(m)) {
            sheet.put(SlotValue::Term { months }, hit.start, hit.end);
        }
    }
}

/// Not a year of the calendar, an ordinal, a recurrence or a part of another number.
fn is_length(sheet: &Sheet<'_>, start: usize, end: usize) -> bool {
    let before = sheet.char_before(start);
    let after = sheet.char_at(end);
    let last = sheet.char_at(end.saturating_sub(1));
    if matches!(before, '第' | '每' | '.' | '点' | '上' | '下' | '几' | '零')
        || (crate::number::is_number_char(before) && !matches!(before, '万' | '千' | '百'))
    {
        return false;
    }
    if crate::number::is_number_char(before) && sheet.numbers.iter().any(|n| n.start < start && n.end > start) {
        return false;
    }
    // 一年能换多少 asks for a yearly limit; 存三年能拿多少 is a term.
    let capped = ["能", "可以", "最多", "限额"].iter().any(|w| sheet.after(end, 3).starts_with(w));
    let clause = sheet.normal.slice(sheet.clause_start(start), start);
    if capped && !clause.contains(['存', '贷', '借', '分', '买', '放', '期', '按']) {
        return false;
    }
    let recurring =
        last == '天' && matches!(after, '能' | '可' | '最' | '限' | '一') || matches!(after, '一' | '级' | '龄');
    let before_word = sheet.before(start, 4);
    let paid =
        ["还款", "还了", "还过", "已还", "逾期", "欠了", "剩", "剩余", "供了"].iter().any(|w| before_word.ends_with(w));
    if paid && matches!(last, '期') {
        return false;
    }
    let instalment_word =
        matches!(last, '期' | '付') && (matches!(after, '的' | '账' | '货') && before == '这' || after == '货');
    !recurring && !instalment_word && !is_elapsed(sheet, start, end)
}

/// Time gone by, an age of a relation, how often: no length of a contract.
fn is_elapsed(sheet: &Sheet<'_>, start: usize, end: usize) -> bool {
    static AFTER: LazyLock<Regex> = LazyLock::new(|| {
        build(
            "^(?:了(?:$|[,。!?])|没|派|几次|换了|的老|免费|多了|才|左右没|[零一二三四五六七八九十百千万两0-9]+(?:块|元|千|百|万))|^.{0,2}(?:老客户|老用户|没用|没动)|^一直|^都",
        )
    });
    static BEFORE: LazyLock<Regex> =
        LazyLock::new(|| build("(?:逾期|等了?|走|结婚|开户|只能看|欠了|用了|客户|办了|工作了?|存了|保险)$"));
    // 从二十年缩到十五年: the old length.
    if sheet.char_before(start) == '从' && sheet.after(end, 3).contains(['缩', '改', '变', '延', '换', '到']) {
        return true;
    }
    let wished = ["期限", "分", "想", "要"].iter().any(|w| sheet.before(start, 3).contains(w));
    !wished && (AFTER.is_match(sheet.after(end, 8)) || BEFORE.is_match(sheet.before(start, 4)))
}

fn zh_months(hit: &super::sheet::Hit<'_>) -> Option<u32> {
    let small = |name: &str| hit.group(name).and_then(count);
    if hit.group("hy").is_some() {
        return Some(6);
    }
    if let Some(years) = hit.group("y") {
        let tenths = parse(years).or_else(|| count(years).map(Decimal::from))?;
        let months = (tenths * Decimal::from(12)).trunc();
        let months = u32::try_from(months).ok()?;
        // A four-digit year is a date.
        if months > MONTHS_MAX {
            return None;
        }
        let half = if hit.group("yh").is_some() { 6 } else { 0 };
        return Some(months + half + small("ym").unwrap_or(0));
    }
    if let Some(months) = small("m") {
        // 十二月 without 个 names a month; dates read it before.
        return hit.captures.get(0)?.as_str().contains('个').then_some(months);
    }
    if let Some(quarters) = small("q") {
        return quarters.checked_mul(3);
    }
    if let Some(instalments) = small("p") {
        return (instalments >= 2).then_some(instalments);
    }
    let days = small("d")?;
    (days >= 30 && days.is_multiple_of(30)).then_some(days / 30)
}

fn count(word: &str) -> Option<u32> {
    if word == "俩" { Some(2) } else { parse_small(word) }
}

fn terms_en(sheet: &mut Sheet<'_>) {
    if !sheet.chars().iter().any(char::is_ascii_alphabetic) {
        return;
    }
    for hit in sheet.hits(&TERM_EN) {
        let inside_word = sheet.char_before(hit.start).is_ascii_alphanumeric() || sheet.char_before(hit.start) == '.';
        if inside_word || !sheet.is_free(hit.start, hit.end) {
            continue;
        }
        let Some(months) = en_months(&hit).filter(|m| (1..=MONTHS_MAX).contains(m)) else { continue };
        let counted = ["per ", "every ", "each ", "times ", "with you for ", "customer for ", "waited ", "been "]
            .iter()
            .any(|w| sheet.before(hit.start, 14).ends_with(w));
        let age = sheet.after(hit.end, 8).trim_start_matches([' ', '-']).starts_with("old");
        // "a month", "a year" alone say how often, unless a length was asked.
        let article = hit.group("n") == Some("a") && hit.group("h").is_none();
        if !counted && !age && (!article || sheet.expecting(SlotType::Term)) {
            sheet.put(SlotValue::Term { months }, hit.start, hit.end);
        }
    }
}

fn en_months(hit: &super::sheet::Hit<'_>) -> Option<u32> {
    let said = hit.group("n")?;
    if said == "a year and a half" {
        return Some(18);
    }
    let unit = hit.group("u")?;
    let per = match unit {
        "year" | "yr" => 12,
        "quarter" => 3,
        _ => 1,
    };
    let half = if hit.group("h").is_some() { per / 2 } else { 0 };
    if said == "half a" {
        return (per == 12).then_some(6);
    }
    let number = if said == "a" || said == "one" { Decimal::ONE } else { parse(said)? };
    let months = number.checked_mul(Decimal::from(per))?;
    months.fract().is_zero().then(|| u32::try_from(months).ok()).flatten()?.checked_add(half)
}
