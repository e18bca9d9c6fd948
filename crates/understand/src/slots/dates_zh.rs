//! Dates and periods in Chinese. Each pattern is one way of naming a time.

use super::calendar::{self as cal, Period, Tense};
use super::dates::{Meaning, Pattern, Scope, build};
use super::feasts_zh::{children_day, feast};
use super::sheet::Hit;
use crate::number::parse_small;
use jiff::civil::Date;
use std::sync::LazyLock;

type Reads = fn(&Hit<'_>, &Scope) -> Option<Meaning>;

const MONTH: &str = "1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]";
const DAY: &str = "[12][0-9]|3[01]|0?[1-9]|(?:[二三]?十|廿|卅)[一二三四五六七八九]?|[一二三四五六七八九]";
const YEAR: &str = "(?:(?:(?P<y>[12][0-9]{3}|[0-9]{2}|[一二][零〇一二三四五六七八九]{3}|[零〇一二三四五六七八九]{2})年度?|(?P<ry>大前年|前年|去年|旧年|上一?年度?|今年|本年度?|明年|后年))的?)";
const COUNT: &str = "[0-9]{1,3}|[一二三四五六七八九十两俩仨廿卅百]{1,4}个?半?|[0-9]{1,3}个?半|半";
/// Two digits from here on are of the last century: `99年的国库券`.
const EARLY_YEAR: i16 = 80;
/// Without `三月` and `三日`, which name a month and a day.
const LENGTH: &str = "天|周|个?星期|个?礼拜|个月|年|个?季度";
const UNIT: &str = "天|日|周|个?星期|个?礼拜|个?月|年|个?季度";
const TO: &str = " ?(?:到了?|至|-|~|直到) ?";
const REL_MONTH: &str =
    "(?P<rm>上上个?月|大上个?月|上[个各]?月|上一个月|前个月|这个月|本月|当月|这月|下下个?月|下个?月|下一个月)份?的?";
const REL_WEEK: &str = "(?P<rw>上上个?|上一?个?|这一?个?|本|下下个?|下一?个?)";

pub static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let day_mark = "(?:号|日)";
    let list: Vec<(String, Reads)> = vec![
        (format!("{YEAR}?(?P<m>{MONTH})月份?的?(?P<d>{DAY}){day_mark}?{TO}(?P<d2>{DAY}){day_mark}"), month_days),
        (format!("{REL_MONTH}(?P<d>{DAY}){day_mark}?{TO}(?P<d2>{DAY}){day_mark}"), rel_month_days),
        (format!("{YEAR}?(?P<m>{MONTH})月?份?{TO}(?P<m2>{MONTH})月份?"), months_between),
        (format!("{YEAR}?(?P<m>1[0-2]|[1-9]|[一二三四五六七八九])(?:、|,|和)(?P<m2>1[0-2]|[1-9]|[二三四五六七八九])月份?"), months_between),
        (format!("{YEAR}?(?P<m>[一二三四五六七八])(?P<m2>[二三四五六七八九])月份?"), months_between),
        ("(?P<y>[零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖]{4})年零?(?P<m>[一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾]{1,3})月零?(?P<d>[一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾]{1,3})日".into(), cheque_day),
        ("(?P<m>1[0-2]|0?[1-9])[.](?P<d>[12][0-9]|3[01]|0?[1-9]) ?[-~到至] ?(?P<m2>1[0-2]|0?[1-9])[.](?P<d2>[12][0-9]|3[01]|0?[1-9])".into(), days_of_months),
        ("(?P<y>(?:19|20)[0-9]{2})[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<d>[12][0-9]|3[01]|0?[1-9])(?:号|日)?".into(), numeric_day),
        ("(?P<y>20[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12][0-9]|3[01])".into(), numeric_day),
        ("(?P<y>20[0-9]{2})[-/](?P<m>0?[1-9]|1[0-2])月?".into(), numeric_month),
        ("(?P<y>20[0-9]{2})\\.(?P<m>0[1-9]|1[0-2])".into(), numeric_month),
        ("(?P<y>20[0-9]{2})(?:全年|整年|年度)".into(), year),
        (format!("{YEAR}?前(?P<n>[一二两三23])个?季度"), first_quarters),
        (format!("{YEAR}?的?(?P<m>{MONTH})月份?(?:的?后半个?月|下半月)|{REL_MONTH}(?:后半个?月|下半月)"), second_half),
        (format!("{YEAR}的?六一"), children_day),
        (format!("上个?月(?P<d>{DAY})号?(?:到|至|-)(?:本月|这个月|这月)(?P<d2>{DAY})号?"), last_to_this),
        ("(?P<m>1[0-2]|[1-9])(?:、|,|和)(?P<m2>1[0-2]|[1-9])[这那]?两个月".into(), months_between),
        ("(?P<m>1[0-2]|0?[1-9])[/.-](?P<d>[12][0-9]|3[01]|0?[1-9])(?:号|日|那天|当天)".into(), month_day),
        ("(?P<m>1[0-2]|0?[1-9])/(?P<d>[12][0-9]|3[01]|0?[1-9])".into(), month_day),
        (format!("{YEAR}?(?P<m>{MONTH}) ?月份? ?的?(?P<d>{DAY}) ?{day_mark}?"), month_day),
        (format!("{REL_MONTH}(?P<d>{DAY}){day_mark}"), rel_month_day),
        (format!("{REL_MONTH}(?P<part>上旬|中旬|下旬|月?初|月?底|月?末|中)?"), rel_month),
        (format!("{YEAR}?(?P<f>双十一|双11|光棍节|双十二|双12|元旦|春节|过年|大年初一|除夕|年三十|元宵|情人节|妇女节|三八节|三八妇女节|清明|五一|劳动节|端午|六一儿童节|儿童节|六一节|七夕|中秋|国庆|十一(?:长假|假期|黄金周|期间|放假)|重阳|教师节|圣诞|平安夜|618|六一八)(?P<s>节?(?:期间|假期|长假|放假|黄金周|小长假|那几天|这几天|几天)|节?(?:当天|那天|当日|头一天|第一天)|节)?"), feast),
        (format!("{YEAR}?的?(?P<h>上半年|下半年)"), half_year),
        (format!("{YEAR}?的?(?:(?:第(?P<q>[一二三四1-4])个?季度?|(?P<q3>[一二三四1-4])季度)|q(?P<q2>[1-4]))"), quarter),
        ("(?P<rq>上上?|本|这|下)一?个?季度?".into(), rel_quarter),
        (format!("(?:最近|近|过去|刚过去|这|前|往前)的?这?(?P<n>{COUNT})(?P<u>{UNIT})(?P<half>半)?(?:之?内|以来|来|里)?"), window),
        (format!("(?:未来|今后|接下来)的?(?P<n>{COUNT})(?P<u>{UNIT})(?P<half>半)?(?:之?内|里)?"), window_ahead),
        (format!("(?P<n>{COUNT})(?P<u>{LENGTH})(?P<half>半)?(?:以|之)?(?P<dir>前|后)"), shifted),
        (format!("(?P<n>{COUNT})(?P<u>{LENGTH})(?P<half>半)?(?:(?:以|之)?内|以来|来)"), window_if_looked_up),
        (format!("(?P<n>{COUNT})(?P<u>{LENGTH})(?P<half>半)?(?:之?内)?的?(?:银行|工资|账户|交易|全部|所有|收支|个人)*(?:流水|明细|账单|交易|记录|对账单|收支)"), window),
        (format!("{REL_WEEK}?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天]){TO}(?:这?周|星期|礼拜)?(?P<wd2>[一二三四五六日天])"), weekdays_between),
        (format!("{REL_WEEK}?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天1-6末])"), weekday),
        (format!("{REL_WEEK}(?:周|星期|礼拜)"), week),
        (format!("{YEAR}?(?P<m>{MONTH})月份?(?P<part>上旬|中旬|下旬|初|底|末)?"), month),
        (format!("{YEAR}(?P<td>今天|今日|昨天|前天)"), day_of_year_said),
        ("大前天|前天|昨天|昨日|昨儿|昨晚|昨夜|琴日|寻日|琴晚|寻晚|听日|听晚|作天|前儿个?|今朝|今天|今日|今儿|今晚|今早|今晨|明天|明日|明儿|明早|明晚|大后天|后天|后日".into(), relative_day),
        (format!("(?P<d>{DAY}){day_mark}?{TO}(?P<d2>{DAY}){day_mark}"), days_between),
        ("月底|月末|月初|月中旬?|月头".into(), part_of_month),
        (format!("{YEAR}?(?P<part>年底|年末|年初|底|初)"), part_of_year),
        (format!("{YEAR}(?:全年|整年|一整年|一年|以来|年初至今|年初到现在)?"), year),
        (format!("(?P<d>{DAY}){day_mark}"), bare_day),
    ];
    list.into_iter().map(|(source, meaning)| Pattern { regex: build(&source), meaning }).collect()
});

fn small(hit: &Hit<'_>, name: &str) -> Option<i8> {
    i8::try_from(parse_small(hit.group(name)?)?).ok()
}

/// The year that was said, absolute or relative; two digits are of this century.
pub fn said_year(hit: &Hit<'_>, scope: &Scope) -> Option<Option<i16>> {
    let this = scope.today.year();
    if let Some(digits) = hit.group("y") {
        let digits: String = digits.chars().filter_map(crate::number::digit_of).collect();
        let year: i16 = digits.parse().ok()?;
        let century = if digits.len() > 2 {
            0
        } else if year >= EARLY_YEAR {
            1900
        } else {
            2000
        };
        return Some(Some(century + year));
    }
    let Some(word) = hit.group("ry") else { return Some(None) };
    let back = match word.trim_end_matches('度') {
        "大前年" => 3,
        "前年" => 2,
        "去年" | "旧年" | "上年" | "上一年" => 1,
        "明年" => -1,
        "后年" => -2,
        _ => 0,
    };
    Some(Some(this - back))
}

fn two_digit_year(hit: &Hit<'_>) -> bool {
    hit.group("y").is_some_and(|y| y.chars().count() == 2)
}

fn day_of(hit: &Hit<'_>, scope: &Scope, month: i8, day: i8) -> Option<(Date, bool)> {
    let on = |year: i16| Date::new(year, month, day).ok();
    match said_year(hit, scope)? {
        Some(year) => on(year).map(|d| (d, true)),
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |year| on(year).map(Period::day))
            .map(|p| (p.from, false)),
    }
}

fn month_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let day = day_of(hit, scope, small(hit, "m")?, small(hit, "d")?);
    Some(day.map_or(Meaning::Nothing, |(day, year_said)| Meaning::Day(day, year_said)))
}

fn month_days(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (from, year_said) = day_of(hit, scope, small(hit, "m")?, small(hit, "d")?)?;
    let to = Date::new(from.year(), from.month(), small(hit, "d2")?).ok()?;
    Some(Meaning::Period(Period::new(from, to)?, year_said))
}

fn months_between(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (first, last) = (small(hit, "m")?, small(hit, "m2")?);
    let year = said_year(hit, scope)?;
    let end = match year {
        Some(year) => cal::month_of(year, last)?.until(scope.today),
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |y| cal::month_of(y, last))?,
    };
    let begin_year = if first > last { end.from.year() - 1 } else { end.from.year() };
    let period = Period::new(cal::month_of(begin_year, first)?.from, end.to)?;
    Some(Meaning::Period(period, year.is_some()))
}

fn month(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let month = small(hit, "m")?;
    let year = said_year(hit, scope)?;
    let period = match year {
        Some(year) => cal::month_of(year, month)?.until(scope.today),
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |y| cal::month_of(y, month))?,
    };
    part(period, hit.group("part"), year.is_some())
}

/// A part of a month: its beginning and end are days, its thirds are periods.
fn part(month: Period, part: Option<&str>, year_said: bool) -> Option<Meaning> {
    let day = |d: i8| Date::new(month.from.year(), month.from.month(), d).ok();
    let last = month.from.last_of_month();
    match part.map(|p| p.trim_start_matches('月')) {
        Some("初") => Some(Meaning::Day(month.from, year_said)),
        Some("中") => Some(Meaning::Day(day(15)?, year_said)),
        Some("底" | "末") => Some(Meaning::Day(last, year_said)),
        Some("上旬") => Some(Meaning::Period(Period::new(month.from, day(10)?)?, year_said)),
        Some("中旬") => Some(Meaning::Period(Period::new(day(11)?, day(20)?)?, year_said)),
        Some("下旬") => Some(Meaning::Period(Period::new(day(21)?, last)?, year_said)),
        _ => Some(Meaning::Period(month, year_said)),
    }
}

fn month_offset(word: &str) -> i64 {
    match word {
        w if w.starts_with("上上") || w.starts_with("大上") || w.starts_with('前') => -2,
        w if w.starts_with('上') => -1,
        w if w.starts_with("下下") => 2,
        w if w.starts_with('下') => 1,
        _ => 0,
    }
}

fn rel_month(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let whole = cal::month_from(scope.today, month_offset(hit.group("rm")?))?;
    let period = if hit.group("part").is_some() { whole } else { whole.until(scope.today) };
    part(period, hit.group("part"), true)
}

fn rel_month_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let month = cal::month_from(scope.today, month_offset(hit.group("rm")?))?.from;
    Some(Meaning::Day(Date::new(month.year(), month.month(), small(hit, "d")?).ok()?, true))
}

fn rel_month_days(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let month = cal::month_from(scope.today, month_offset(hit.group("rm")?))?.from;
    let on = |day: i8| Date::new(month.year(), month.month(), day).ok();
    Some(Meaning::Period(Period::new(on(small(hit, "d")?)?, on(small(hit, "d2")?)?)?, true))
}

fn numeric_day(hit: &Hit<'_>, _: &Scope) -> Option<Meaning> {
    let year: i16 = hit.group("y")?.parse().ok()?;
    Some(Meaning::Day(Date::new(year, small(hit, "m")?, small(hit, "d")?).ok()?, true))
}

fn numeric_month(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let year: i16 = hit.group("y")?.parse().ok()?;
    Some(Meaning::Period(cal::month_of(year, small(hit, "m")?)?.until(scope.today), true))
}

fn half_year(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let half = if hit.group("h") == Some("上半年") { 1 } else { 2 };
    let period = match said_year(hit, scope)? {
        Some(year) => cal::half_of(year, half)?.until(scope.today),
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |year| cal::half_of(year, half))?,
    };
    Some(Meaning::Period(period, true))
}

fn quarter(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let quarter = small(hit, "q").or_else(|| small(hit, "q2")).or_else(|| small(hit, "q3"))?;
    let period = match said_year(hit, scope)? {
        Some(year) => cal::quarter_of(year, quarter)?.until(scope.today),
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |year| cal::quarter_of(year, quarter))?,
    };
    Some(Meaning::Period(period, true))
}

fn rel_quarter(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let away = match hit.group("rq")? {
        "上上" => -2,
        "上" => -1,
        "下" => 1,
        _ => 0,
    };
    let month = cal::months(scope.today.first_of_month(), away * 3)?;
    let period = cal::quarter_of(month.year(), (month.month() + 2) / 3)?;
    Some(Meaning::Period(period.until(scope.today), true))
}

/// Days or months that `三个月`, `一个半月`, `半年` mean: a shift and days on top.
fn count(hit: &Hit<'_>) -> Option<(char, i64, i64)> {
    let said = hit.group("n")?;
    let unit = hit.group("u")?.trim_start_matches('个');
    let half_after = hit.group("half").is_some();
    let (number, half_before) = match said.strip_suffix('半') {
        Some("") => (0, true),
        Some(rest) => (i64::from(count_word(rest.trim_end_matches('个'))?), true),
        None => (i64::from(count_word(said.trim_end_matches('个'))?), false),
    };
    let half = half_after || half_before;
    Some(match unit {
        "天" | "日" => ('d', number, 0),
        "周" | "星期" | "礼拜" => ('w', number, 0),
        "月" => ('m', number, if half { 15 } else { 0 }),
        "季度" => ('m', number * 3, 0),
        _ => ('m', number * 12 + if half { 6 } else { 0 }, 0),
    })
}

fn count_word(word: &str) -> Option<u32> {
    match word {
        "俩" => Some(2),
        "仨" => Some(3),
        _ => parse_small(word),
    }
}

fn back(scope: &Scope, unit: char, number: i64, extra_days: i64) -> Option<Date> {
    cal::days(cal::shifted(scope.today, unit, -number)?, -extra_days)
}

fn window(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (unit, number, extra) = count(hit)?;
    // 这两天, 这几天: lately.
    let vague =
        hit.captures.get(0).is_some_and(|m| m.as_str().starts_with("这两天") || m.as_str().starts_with("这俩天"));
    if vague || number == 0 && extra == 0 {
        return None;
    }
    Some(Meaning::Period(Period::new(back(scope, unit, number, extra)?, scope.today)?, true))
}

fn window_if_looked_up(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    if scope.look_up { window(hit, scope) } else { None }
}

fn window_ahead(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (unit, number, extra) = count(hit)?;
    let to = cal::days(cal::shifted(scope.today, unit, number)?, extra)?;
    Some(Meaning::Period(Period::new(scope.today, to)?, true))
}

fn shifted(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (unit, number, extra) = count(hit)?;
    let day = if hit.group("dir") == Some("前") {
        back(scope, unit, number, extra)?
    } else {
        cal::days(cal::shifted(scope.today, unit, number)?, extra)?
    };
    Some(Meaning::Day(day, true))
}

fn week_offset(word: Option<&str>) -> Option<i64> {
    Some(match word? {
        w if w.starts_with("上上") => -2,
        w if w.starts_with('上') => -1,
        w if w.starts_with("下下") => 2,
        w if w.starts_with('下') => 1,
        _ => 0,
    })
}

fn weekday_index(word: &str) -> Option<i64> {
    "一二三四五六日"
        .chars()
        .position(|c| word.starts_with(c))
        .or(match word {
            "天" => Some(6),
            _ => "123456".find(word),
        })
        .and_then(|i| i64::try_from(i).ok())
}

fn weekday(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let word = hit.group("wd")?;
    let weeks = week_offset(hit.group("rw"));
    if word == "末" {
        let saturday = match weeks {
            Some(weeks) => cal::weekday(scope.today, weeks, 5)?,
            None if scope.tense == Tense::Past => cal::nearest_weekday(scope.today, 5, Tense::Past)?,
            None => cal::weekday(scope.today, 0, 5)?,
        };
        return Some(Meaning::Period(Period::new(saturday, cal::days(saturday, 1)?)?, true));
    }
    let offset = weekday_index(word)?;
    let day = match weeks {
        Some(weeks) => cal::weekday(scope.today, weeks, offset)?,
        None => cal::nearest_weekday(scope.today, offset, scope.tense)?,
    };
    Some(Meaning::Day(day, true))
}

fn weekdays_between(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (first, last) = (weekday_index(hit.group("wd")?)?, weekday_index(hit.group("wd2")?)?);
    let from = match week_offset(hit.group("rw")) {
        Some(weeks) => cal::weekday(scope.today, weeks, first)?,
        None => cal::nearest_weekday(scope.today, first, scope.tense)?,
    };
    let span = (last - first).rem_euclid(7);
    Some(Meaning::Period(Period::new(from, cal::days(from, span)?)?, true))
}

fn week(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let period = cal::week(scope.today, week_offset(hit.group("rw"))?)?;
    Some(Meaning::Period(if scope.tense == Tense::Future { period } else { period.until(scope.today) }, true))
}

/// `去年今天`.
fn day_of_year_said(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let back = i64::from(scope.today.year() - said_year(hit, scope)??);
    let away = match hit.group("td")? {
        "昨天" => -1,
        "前天" => -2,
        _ => 0,
    };
    Some(Meaning::Day(cal::days(cal::shifted(scope.today, 'y', -back)?, away)?, true))
}

fn relative_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let word = hit.captures.get(0)?.as_str();
    let away = match word {
        "大前天" => -3,
        "前天" | "前儿" | "前儿个" => -2,
        w if w.starts_with(['昨', '琴', '寻', '作']) => -1,
        w if w.starts_with('今') => 0,
        "大后天" => 3,
        w if w.starts_with('后') => 2,
        _ => 1,
    };
    Some(Meaning::Day(cal::days(scope.today, away)?, true))
}

fn days_between(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (first, last) = (small(hit, "d")?, small(hit, "d2")?);
    let to = cal::likely_day(scope.today, last, scope.tense)?;
    let from = Date::new(to.year(), to.month(), first).ok()?;
    Some(Meaning::Period(Period::new(from, to)?, false))
}

/// A date in the numerals of a cheque.
fn cheque_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    Some(Meaning::Day(Date::new(said_year(hit, scope)??, small(hit, "m")?, small(hit, "d")?).ok()?, true))
}

/// `8.15-9.15`, of the last year in which it is over or running.
fn days_of_months(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (m, d, m2, d2) = (small(hit, "m")?, small(hit, "d")?, small(hit, "m2")?, small(hit, "d2")?);
    let of = |year: i16| {
        let from = Date::new(if (m, d) > (m2, d2) { year - 1 } else { year }, m, d).ok()?;
        Period::new(from, Date::new(year, m2, d2).ok()?)
    };
    Some(Meaning::Period(cal::likely_year(scope.today, scope.tense, scope.sure, of)?, false))
}

/// `前三季度`: from New Year.
fn first_quarters(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let year = said_year(hit, scope)?.unwrap_or(scope.today.year());
    let last = cal::quarter_of(year, small(hit, "n")?)?;
    Some(Meaning::Period(Period::new(cal::year_of(year)?.from, last.to)?.until(scope.today), true))
}

/// `十月后半个月`: from the 16th.
fn second_half(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let whole = match hit.group("rm") {
        Some(word) => cal::month_from(scope.today, month_offset(word))?,
        None => {
            let month = small(hit, "m")?;
            match said_year(hit, scope)? {
                Some(year) => cal::month_of(year, month)?,
                None => cal::likely_year(scope.today, scope.tense, scope.sure, |y| cal::month_of(y, month))?,
            }
        }
    };
    let from = Date::new(whole.from.year(), whole.from.month(), 16).ok()?;
    Some(Meaning::Period(Period::new(from, whole.from.last_of_month())?.until(scope.today), true))
}

/// `上月28到本月3号`.
fn last_to_this(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let month = |away: i64| cal::month_from(scope.today, away).map(|p| p.from);
    let on = |first: Date, day: i8| Date::new(first.year(), first.month(), day).ok();
    let period = Period::new(on(month(-1)?, small(hit, "d")?)?, on(month(0)?, small(hit, "d2")?)?)?;
    Some(Meaning::Period(period, true))
}

fn part_of_month(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let month = cal::month_from(scope.today, 0)?;
    let part_name = match hit.captures.get(0)?.as_str() {
        "月底" | "月末" => "底",
        "月中" => "中",
        "月中旬" => "中旬",
        _ => "初",
    };
    part(month, Some(part_name), true)
}

fn part_of_year(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let part = hit.group("part")?;
    let year = said_year(hit, scope)?;
    if year.is_none() && !part.starts_with('年') || two_digit_year(hit) {
        return None;
    }
    let period = cal::year_of(year.unwrap_or(scope.today.year()))?;
    Some(Meaning::Day(if part.ends_with('初') { period.from } else { period.to }, true))
}

fn year(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    // 26年 alone is a length of time; 09年 and 99年 are none.
    let length = hit.group("y").is_some_and(|y| {
        y.chars().count() == 2 && !y.starts_with(['0', '零']) && parse_small(y).is_none_or(|n| n < 80)
    });
    // 今年81岁, 2008年生的: an age, a birth.
    let after = hit.after();
    let born = hit.group("y").is_some() && hit.preceded_by(&["我是", "他是", "她是", "孩子"]);
    if length || born || AGE.is_match(after) {
        return Some(Meaning::Nothing).filter(|_| !length);
    }
    Some(Meaning::Period(cal::year_of(said_year(hit, scope)??)?.until(scope.today), true))
}

static AGE: LazyLock<regex::Regex> = LazyLock::new(|| {
    build("^(?:[0-9]{1,3}|[一二三四五六七八九十]{2,3})(?:了|岁|嘞|周岁|,|快)|^(?:出)?生|^的?我今年|^这个?时候|^纪")
});

fn bare_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    Some(Meaning::Day(cal::likely_day(scope.today, small(hit, "d")?, scope.tense)?, false))
}
