//! Reading dates: running the patterns of each language over the sheet, telling
//! whether the customer looks back or ahead, and joining two dates into a range.
//!
//! Patterns run from the most to the least specific, and a place that is read is
//! not read again. What recurs (`每月八号`) has no date and is only claimed, so
//! that nothing else reads it.

use super::calendar::{self as cal, Period, Tense};
use super::sheet::{Hit, Sheet};
use super::{dates_en, dates_zh, times};
use crate::number::is_number_char;
use jiff::civil::Date;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// A time as it was said.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub start: usize,
    pub end: usize,
    pub period: Period,
    /// A month or a week, even if it is one day long.
    pub is_period: bool,
    /// Its year was said, so that joining must not move it.
    pub year_said: bool,
    /// Hour, when one was said.
    pub hour: Option<u8>,
    /// A time of day or part of one was said.
    pub timed: bool,
    /// A day of the month without its month.
    pub day_only: bool,
    /// A whole year gone by: `去年`.
    pub whole_year: bool,
}

impl Said {
    /// A month, or a day or some days of one that was named.
    fn one_month(&self) -> bool {
        let Period { from, to } = self.period;
        from.year() == to.year() && from.month() == to.month()
    }
}

/// What a pattern makes of its match.
pub enum Meaning {
    Day(Date, bool),
    Period(Period, bool),
    /// A date that does not exist (2月30号): claimed, so that its parts are not read.
    Nothing,
}

pub struct Scope {
    pub today: Date,
    pub tense: Tense,
    /// The tense is sure: a record is looked for, or the caller knows.
    pub sure: bool,
    /// A record is being looked for, in so many words.
    pub look_up: bool,
}

pub struct Pattern {
    pub regex: Regex,
    pub meaning: fn(&Hit<'_>, &Scope) -> Option<Meaning>,
}

pub fn build(source: &str) -> Regex {
    Regex::new(source).expect("patterns are constants and compile; a test builds them all")
}

/// Asks for a record.
static LOOK_UP: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "流水|明细|账单|查|花了|花的|花费|支出|收入|那笔|这笔|那一笔|交易|记录|进出|收支|回单|消费|转过|spent|spend|transaction|statement|history|show|expense|income|incoming|wires|的一笔|哪几笔|几笔",
    )
});
/// Tells of what has happened.
static TOLD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "花|扣|转出|转入|成功|失败|借的|还的|存的|收到|到账|进账|入账|了|刷|的钱|工资|退款|丢|paid|receiv|charge|was|were|did|payment|bill|deposited|withdr",
    )
});
/// Speaks of what is to come.
static AHEAD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "预约|约|提前|定时|安排|打算|计划|准备|到期|过来|再转|转给|要去|能去|能办|有空|营业|上班|开门|提醒|之前还|前到账|前能|生效|出发|出国|旅游|取现金|来取|什么时候(?:扣|还|到|放|能)|几[时点](?:扣|还|到|放)|schedule|book|appointment|will |remind|due|expire|visit|come in",
    )
});
/// Right after a date that is a bound or a due day.
static DUE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:就|会|将|要|才|那天|那笔|当天|能|号)*(?:到期|过期|截止|开始|起|(?:之|以)?前(?:[^天几]|$)|最后|自动扣|先用得返|能还|能到|能办|能取|还得?上|扣,别)",
    )
});
/// Right before a date that is a bound or a due day.
static DUE_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:最后还款日|到期日|截止日?期?|最晚|最迟|到期)(?:就?是|到|:)*$|(?:\\bby|\\bbefore|\\buntil|\\bdue(?: on)?) $",
    )
});
static RUNNING: LazyLock<Regex> = LazyLock::new(|| build("^(?:以来|至今|到现在|到目前)"));
/// Right after a weekday that is any of them: opening hours.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:,|上午|下午|[0-9一二三四五六七八九十]{1,2}点|你们|柜台|网点|银行|也|还|都|能|可以)*(?:开门|休息|上班|营业|开不开|开吗|不上班|不算|呢$)",
    )
});
/// A thing done, by the form of its verb.
static DONE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:转|付|汇|打|存|取|还|交|买|扣|刷|退|办|发)(?:给[^,]{1,6})?(?:的|了|过)|处理中|\\b(?:lost|sent|bought|paid|made|got|received|withdrew|transferr?ed|charged|spent|took|ate|missing|pending)\\b",
    )
});
static TIMED: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "上午|下午|早上|晚上|中午|[0-9一二三四五六七八九十]点(?:[钟半整到前后吧过来]|$)|[0-9]:[0-5][0-9]|[0-9] ?[ap]m\\b",
    )
});
/// A day that comes round again: no date of its own.
static RECURS: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:每个?|每逢|每个?月|每年|每隔|往常(?:都是?)?|通常(?:都是?)?|一般(?:都?[是在])?|平时|普通|every |each |(?:还款日|账单日|扣款日|出账日)期?(?:是|为|改到|改成|改为|调到|调成|换到|换成|:)*)$",
    )
});

pub fn read(sheet: &mut Sheet<'_>) {
    let scope = scope(sheet);
    let mut said: Vec<Said> = Vec::new();
    let han = sheet.chars().iter().any(|c| crate::normal::is_han(*c));
    if !han {
        run(sheet, &scope, &dates_en::PATTERNS, &mut said);
    }
    if sheet.chars().iter().any(|c| crate::normal::is_han(*c) || c.is_ascii_digit()) {
        run(sheet, &scope, &dates_zh::PATTERNS, &mut said);
    }
    if han && sheet.chars().iter().any(char::is_ascii_alphabetic) {
        run(sheet, &scope, &dates_en::PATTERNS, &mut said);
    }
    said.sort_by_key(|s| s.start);
    anchor(&mut said);
    // The year has done its part once a month of it was said.
    let months: Vec<Period> = said.iter().filter(|one| !one.whole_year).map(|one| one.period).collect();
    said.retain(|one| !one.whole_year || !months.iter().any(|m| one.period.from <= m.from && m.to <= one.period.to));
    times::attach(sheet, &scope, &mut said);
    let joined = join(sheet, &scope, said);
    for one in joined {
        put(sheet, one);
    }
}

fn scope(sheet: &Sheet<'_>) -> Scope {
    let look_up = LOOK_UP.is_match(sheet.text());
    let tense = match tense_of(sheet.text(), sheet.ctx.tense) {
        Tense::Unsaid => sheet.ctx.tense,
        said => said,
    };
    let sure = sheet.ctx.tense != Tense::Unsaid || (look_up && tense == Tense::Past);
    Scope { today: sheet.ctx.today, tense, sure, look_up }
}

/// What the words say; a caller that knows the customer looks ahead outranks
/// words of the past.
fn tense_of(text: &str, known: Tense) -> Tense {
    let past_allowed = known != Tense::Future;
    if LOOK_UP.is_match(text) && past_allowed {
        return Tense::Past;
    }
    let told = TOLD.is_match(text);
    // Nobody looks up what happened at three in the afternoon without saying what.
    if AHEAD.is_match(text) || (TIMED.is_match(text) && !told) {
        return Tense::Future;
    }
    if told && past_allowed { Tense::Past } else { Tense::Unsaid }
}

/// The clause a date stands in tells its tense before the whole message does.
fn local(sheet: &Sheet<'_>, scope: &Scope, hit: &Hit<'_>) -> Scope {
    let clause = sheet.normal.slice(sheet.clause_start(hit.start), sheet.clause_end(hit.end));
    let tense = match tense_of(clause, sheet.ctx.tense) {
        Tense::Unsaid => scope.tense,
        said => said,
    };
    // 四月以来, 从八月起: what has run up to now.
    let from = hit.preceded_by(&["从", "自"]);
    if RUNNING.is_match(sheet.after(hit.end, 6)) || (from && sheet.char_at(hit.end) == '起') {
        return Scope { tense: Tense::Past, sure: true, ..*scope };
    }
    // 12月20号到期的那笔: what falls due is ahead, even of a thing that is looked up.
    if sheet.ctx.tense != Tense::Past && DUE.is_match(sheet.after(hit.end, 10)) {
        return Scope { tense: Tense::Future, sure: false, ..*scope };
    }
    if sheet.ctx.tense != Tense::Past && DUE_BEFORE.is_match(sheet.before(hit.start, 10)) {
        return Scope { tense: Tense::Future, sure: false, ..*scope };
    }
    let done = DONE.is_match(clause);
    // 周四给客户付的: the verb right after tells what has happened.
    let tense = if tense == Tense::Unsaid && done { Tense::Past } else { tense };
    Scope { tense, sure: scope.sure || (done && tense == Tense::Past), ..*scope }
}

fn run(sheet: &mut Sheet<'_>, scope: &Scope, patterns: &[Pattern], said: &mut Vec<Said>) {
    for pattern in patterns {
        for hit in sheet.hits(&pattern.regex) {
            if !sheet.is_free(hit.start, hit.end) || !stands_alone(sheet, &hit) {
                continue;
            }
            if recurs(sheet, hit.start) || any_weekday(sheet, &hit) {
                sheet.take(hit.start, hit.end);
                continue;
            }
            let Some(meaning) = (pattern.meaning)(&hit, &local(sheet, scope, &hit)) else { continue };
            sheet.take(hit.start, hit.end);
            let (period, is_period, year_said) = match meaning {
                Meaning::Day(day, year_said) => (Period::day(day), false, year_said),
                Meaning::Period(period, year_said) => (period, true, year_said),
                Meaning::Nothing => continue,
            };
            let (start, end) = (hit.start, hit.end);
            let day_only = !year_said && hit.group("d").is_some() && hit.group("m").is_none();
            let whole_year = is_period && period.from.day_of_year() == 1 && period.to.month() == 12;
            said.push(Said {
                start,
                end,
                period,
                is_period,
                year_said,
                hour: None,
                timed: false,
                day_only,
                whole_year,
            });
        }
    }
}

/// A match must not cut a number in two, nor be the head of another word.
fn stands_alone(sheet: &Sheet<'_>, hit: &Hit<'_>) -> bool {
    let (first, last) = (sheet.char_at(hit.start), sheet.char_at(hit.end.saturating_sub(1)));
    let (before, after) = (sheet.char_before(hit.start), sheet.char_at(hit.end));
    let digits = |c: char| is_number_char(c) && c != '半';
    if digits(first) && (digits(before) || matches!(before, '第' | '.' | '点' | '/')) {
        return false;
    }
    if digits(last)
        && (digits(after) || matches!(after, '个' | '元' | '块' | '点' | '.' | '%' | '位' | '张' | '笔' | '/' | '几'))
    {
        return false;
    }
    if matches!(last, '号' | '日') {
        let word = sheet.after(hit.end, 2);
        if [
            "年", "楼", "线", "口", "出口", "窗", "柜", "店", "院", "门", "路", "机", "床", "卡", "码", "元", "利",
            "结", "均", "限", "息", "本", "常", "房", "厅", "台", "公", "桌", "厂", "车", "厕", "桌", "键",
        ]
        .iter()
        .any(|w| word.starts_with(w))
        {
            return false;
        }
    }
    // 明后年, 六月天: no point in time.
    if (first == '后' && before == '明') || (last == '月' && after == '天') {
        return false;
    }
    // 提前十天 is no look back at ten days.
    if first == '前'
        && matches!(before, '提' | '之' | '以' | '目' | '年' | '月' | '天' | '日' | '周' | '期' | '节' | '个')
    {
        return false;
    }
    // 上周 in 马上周转; 周五 in 一周五次.
    if first == '周' && (digits(before) || matches!(before, '围' | '每')) {
        return before == '每';
    }
    if first.is_ascii_alphabetic() && before.is_ascii_alphabetic() {
        return false;
    }
    !(last.is_ascii_alphabetic() && after.is_ascii_alphabetic())
}

fn recurs(sheet: &Sheet<'_>, start: usize) -> bool {
    RECURS.is_match(sheet.before(start, 10))
}

/// `周日开门吗`: a weekday without a week, of which opening hours are asked.
fn any_weekday(sheet: &Sheet<'_>, hit: &Hit<'_>) -> bool {
    hit.group("wd").is_some_and(|day| day != "末")
        && hit.group("rw").is_none()
        && OPENING.is_match(sheet.after(hit.end, 12))
}

/// A day without its month belongs to the month said before it: `下个月的能挪到12号`, `next month 3号`.
fn anchor(said: &mut [Said]) {
    for at in 1..said.len() {
        // 去年春天……四月份: the month is of the year said before.
        let year = said[..at].iter().rev().find(|earlier| earlier.whole_year).map(|earlier| earlier.period.from);
        if let Some(year) = year.filter(|_| !said[at].year_said && !said[at].day_only) {
            let on = |day: Date| Date::new(year.year(), day.month(), day.day()).ok();
            if let Some((from, to)) = on(said[at].period.from).zip(on(said[at].period.to)) {
                let to = if said[at].is_period { to.last_of_month() } else { to };
                said[at].period = Period::new(from, to).unwrap_or(said[at].period);
                continue;
            }
        }
        if !said[at].day_only {
            continue;
        }
        let before = said[..at].iter().rev().find(|earlier| !earlier.day_only && earlier.one_month());
        let Some(month) = before.map(|earlier| earlier.period.from) else { continue };
        let on = |day: Date| Date::new(month.year(), month.month(), day.day()).ok();
        let period = on(said[at].period.from).zip(on(said[at].period.to)).and_then(|(from, to)| Period::new(from, to));
        if let Some(period) = period {
            said[at].period = period;
        }
    }
}

/// Two times with `到` between them are one range; `至今` closes one.
fn join(sheet: &mut Sheet<'_>, scope: &Scope, said: Vec<Said>) -> Vec<Said> {
    let mut out: Vec<Said> = Vec::new();
    for next in said {
        if let Some(last) = out.last().copied().filter(|last| connects(sheet, last.end, next.start, last.start))
            && let Some(range) = bridge(sheet, last, next)
        {
            sheet.take(last.start, next.end);
            out.pop();
            out.push(range);
            continue;
        }
        out.push(next);
    }
    for one in &mut out {
        let after = sheet.after(one.end, 6);
        let open = ["到现在", "至今", "到目前", "以来", "到如今", " to now", " till n", " until", " onward"]
            .iter()
            .find(|w| after.starts_with(**w));
        let since = sheet.before(one.start, 6).ends_with("since ") && (one.is_period || scope.look_up);
        // 从八月起, 从上周三起: up to today.
        let from = sheet.char_before(one.start) == '从' || sheet.char_before(one.start) == '自';
        let open = open.or(["起", "以后", "之后", "开始"].iter().find(|w| from && after.starts_with(**w)));
        if (open.is_some() || since) && one.period.from <= scope.today {
            one.end += open.map_or(0, |w| w.chars().count()).min(sheet.chars().len() - one.end);
            one.period.to = scope.today;
            one.is_period = true;
            sheet.take(one.start, one.end);
        }
    }
    out
}

fn connects(sheet: &Sheet<'_>, from: usize, to: usize, start: usize) -> bool {
    let between = sheet.normal.slice(from, to).trim();
    let between = between.strip_suffix('的').unwrap_or(between);
    matches!(
        between,
        "到" | ",到" | "至" | "-" | "~" | "到了" | "一直到" | "直到" | "to" | "until" | "till" | "through" | "--"
    ) || matches!(between, "和" | "、" | "跟" | "与" | "and" | "&" | ",")
        || (between == "and" && sheet.before(start, 8).ends_with("between "))
        || (between == "和" && sheet.after(to, 12).contains("之间"))
}

fn bridge(sheet: &Sheet<'_>, first: Said, last: Said) -> Option<Said> {
    let between = sheet.normal.slice(first.end, last.start).trim();
    let ranged = sheet.before(first.start, 8).ends_with("between ") || sheet.after(last.end, 12).contains("之间");
    // 七月和八月 are one stretch; two days joined by 和 are two days.
    if matches!(between, "和" | "、" | "跟" | "与" | "and" | "&" | ",") && !ranged {
        let touch = cal::days(first.period.to, 1) == Some(last.period.from) && first.is_period && last.is_period;
        if !touch {
            return None;
        }
    }
    let mut from = first.period.from;
    let to = last.period.to;
    if from > to && !first.year_said {
        from = cal::shifted(from, 'y', -1)?;
    }
    let period = Period::new(from, to)?;
    let year_said = first.year_said || last.year_said;
    Some(Said {
        start: first.start,
        end: last.end,
        period,
        is_period: true,
        year_said,
        hour: None,
        timed: false,
        day_only: false,
        whole_year: false,
    })
}

fn put(sheet: &mut Sheet<'_>, said: Said) {
    let Period { from, to } = said.period;
    if said.is_period {
        sheet.put(SlotValue::DateRange { from, to }, said.start, said.end);
        return;
    }
    if said.timed || sheet.expecting(SlotType::Moment) {
        sheet.put(SlotValue::Moment { date: from, hour: said.hour }, said.start, said.end);
    }
    sheet.put(SlotValue::Date { date: from }, said.start, said.end);
    if sheet.expecting(SlotType::DateRange) {
        sheet.put(SlotValue::DateRange { from, to }, said.start, said.end);
    }
}
