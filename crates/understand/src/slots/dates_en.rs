//! Dates and periods in English. `last Friday` is the most recent Friday before
//! today; `next Friday` is that of next week, as in Chinese; day before month
//! only where the month is a word.

use super::calendar::{self as cal, Feast, Period, Tense};
use super::dates::{Meaning, Pattern, Scope, build};
use super::sheet::Hit;
use crate::number::parse_small;
use jiff::civil::Date;
use std::sync::LazyLock;

type Reads = fn(&Hit<'_>, &Scope) -> Option<Meaning>;

const MONTH: &str = "(?P<m>january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\\.?";
const DAY: &str = "(?P<d>[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?";
const YEAR: &str = "(?:,? ?(?:of )?(?P<y>(?:19|20)[0-9]{2})|,? (?P<ry>last|this|next) year)";
const WEEKDAY: &str =
    "(?P<wd>monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues|tue|wed|thurs|thu|fri|sat|sun)";
const COUNT: &str = "(?P<n>[0-9]{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirty|sixty|ninety|half a|a couple of)";
const UNIT: &str = "(?P<u>day|week|fortnight|month|quarter|year)s?";

pub static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let to = " ?(?:to|-|until|till|through) ?";
    let list: Vec<(String, Reads)> = vec![
        (format!("{MONTH} {DAY}{to}(?P<d2>[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?{YEAR}?"), month_days),
        (format!("(?P<d>[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)? ?(?:to|-|until|till|through|and) ?(?P<d2>[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)? (?:of )?{MONTH}{YEAR}?"), month_days),
        (format!("the first of {MONTH}{YEAR}?"), first_of_month),
        (format!("{MONTH} (?:the )?{DAY}{YEAR}?"), month_day),
        (format!("(?:the )?{DAY} (?:of )?{MONTH}{YEAR}?"), month_day),
        ("the day before yesterday|day before yesterday|the day after tomorrow|day after tomorrow|yesterday|tomorrow|tmr|today|tonight|last night|this morning|this afternoon".into(), relative_day),
        (format!("{COUNT} {UNIT} (?:ago|earlier|before now)"), ago),
        (format!("in {COUNT} {UNIT}(?:' time)?"), ahead),
        (format!("(?:the |my )?(?:last|past|previous|recent) {COUNT} {UNIT}"), window),
        (format!("(?:within|over|for|during) the (?:last|past) {UNIT}"), window_one),
        (format!("(?:the )?(?:past) {UNIT}"), window_one),
        (format!("(?:the )?next {COUNT} {UNIT}"), window_ahead),
        ("(?:the )?(?P<part>end|beginning|start|middle) of (?:the |this )?(?P<rel>last |next )?(?P<u>month|year)".into(), part_of),
        (format!("{WEEKDAY} (?P<rel>last|this|next) week"), weekday_of_week),
        ("(?:year[- ]to[- ]date|ytd|so far this year)".into(), year_to_date),
        (format!("(?P<rel>last|this|next|past|coming|this coming|the previous) {WEEKDAY}"), rel_weekday),
        ("(?P<rel>last|this|next|the previous|the current|the coming) (?P<u>weekend|week|month|quarter|year)".into(), rel_period),
        ("(?P<y>(?:19|20)[0-9]{2}) ?q(?P<q>[1-4])|q(?P<q1>[1-4])(?: of)?(?: (?P<y1>(?:19|20)[0-9]{2}))?".into(), quarter),
        ("(?:(?P<rel>last|this|next) year'?s? )?(?P<f>christmas eve|christmas|new year'?s day|chinese new year|spring festival|national day|mid-autumn festival|dragon boat festival|labou?r day|valentine'?s day|double eleven|singles'? day|lantern festival)(?: (?P<rel2>last|this|next) year)?(?P<h> holidays?| week| break)?".into(), feast),
        (format!("(?:(?P<rel>last|this|next) )?{MONTH}{YEAR}?"), month),
        (format!("(?:on |by |until |till |since )?{WEEKDAY}"), weekday),
        ("(?:in |year |of |during |for )(?P<y>20[0-9]{2}|19[0-9]{2})".into(), year),
        ("(?:on |by |until )?the (?P<d>[12][0-9]|3[01]|[1-9])(?:st|nd|rd|th)".into(), bare_day),
    ];
    list.into_iter().map(|(source, meaning)| Pattern { regex: build(&source), meaning }).collect()
});

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn small(hit: &Hit<'_>, name: &str) -> Option<i8> {
    i8::try_from(parse_small(hit.group(name)?)?).ok()
}

fn month_number(hit: &Hit<'_>) -> Option<i8> {
    let name = hit.group("m")?.get(..3)?;
    i8::try_from(MONTHS.iter().position(|m| *m == name)? + 1).ok()
}

fn said_year(hit: &Hit<'_>, scope: &Scope) -> Option<i16> {
    let this = scope.today.year();
    if let Some(year) = hit.group("y") {
        return year.parse().ok();
    }
    Some(this + rel_offset(hit.group("ry")?))
}

fn rel_offset(word: &str) -> i16 {
    match word.trim() {
        "last" | "past" | "the previous" => -1,
        "next" | "the coming" => 1,
        _ => 0,
    }
}

fn day_of(hit: &Hit<'_>, scope: &Scope, day: i8) -> Option<(Date, bool)> {
    let month = month_number(hit)?;
    let on = |year: i16| Date::new(year, month, day).ok();
    match said_year(hit, scope) {
        Some(year) => on(year).map(|d| (d, true)),
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |year| on(year).map(Period::day))
            .map(|p| (p.from, false)),
    }
}

fn month_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (day, year_said) = day_of(hit, scope, small(hit, "d")?)?;
    Some(Meaning::Day(day, year_said))
}

fn month_days(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (from, year_said) = day_of(hit, scope, small(hit, "d")?)?;
    let to = Date::new(from.year(), from.month(), small(hit, "d2")?).ok()?;
    Some(Meaning::Period(Period::new(from, to)?, year_said))
}

fn relative_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let away = match hit.captures.get(0)?.as_str().trim_start_matches("the ") {
        "day before yesterday" => -2,
        "day after tomorrow" => 2,
        "yesterday" | "last night" => -1,
        "tomorrow" | "tmr" => 1,
        _ => 0,
    };
    Some(Meaning::Day(cal::days(scope.today, away)?, true))
}

fn count(hit: &Hit<'_>) -> Option<(char, i64)> {
    let unit = hit.group("u")?;
    let number = match hit.group("n").unwrap_or("one") {
        "half a" if unit == "year" => return Some(('m', 6)),
        "half a" => return None,
        "a" | "an" | "one" => 1,
        "a couple of" => 2,
        said => i64::from(parse_small(said)?),
    };
    Some(match unit {
        "day" => ('d', number),
        "week" => ('w', number),
        "fortnight" => ('w', number * 2),
        "month" => ('m', number),
        "quarter" => ('m', number * 3),
        _ => ('y', number),
    })
}

fn ago(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (unit, number) = count(hit)?;
    Some(Meaning::Day(cal::shifted(scope.today, unit, -number)?, true))
}

fn ahead(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (unit, number) = count(hit)?;
    Some(Meaning::Day(cal::shifted(scope.today, unit, number)?, true))
}

fn window(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (unit, number) = count(hit)?;
    Some(Meaning::Period(Period::new(cal::shifted(scope.today, unit, -number)?, scope.today)?, true))
}

fn window_one(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    window(hit, scope)
}

fn window_ahead(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (unit, number) = count(hit)?;
    Some(Meaning::Period(Period::new(scope.today, cal::shifted(scope.today, unit, number)?)?, true))
}

fn part_of(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let away = i64::from(hit.group("rel").map_or(0, rel_offset));
    let period = if hit.group("u") == Some("year") {
        cal::year_of(scope.today.year().checked_add(i16::try_from(away).ok()?)?)?
    } else {
        cal::month_from(scope.today, away)?
    };
    let day = match hit.group("part")? {
        "end" => period.to,
        "middle" => cal::days(period.from, 14)?,
        _ => period.from,
    };
    Some(Meaning::Day(day, true))
}

fn weekday_index(hit: &Hit<'_>) -> Option<i64> {
    let name = hit.group("wd")?.get(..3)?;
    i64::try_from(WEEKDAYS.iter().position(|w| *w == name)?).ok()
}

fn rel_weekday(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let offset = weekday_index(hit)?;
    let day = match hit.group("rel")? {
        "last" | "past" | "the previous" => cal::nearest_weekday(cal::days(scope.today, -1)?, offset, Tense::Past)?,
        "next" => cal::weekday(scope.today, 1, offset)?,
        "this" if scope.tense == Tense::Past => cal::weekday(scope.today, 0, offset)?,
        _ => cal::nearest_weekday(scope.today, offset, Tense::Future)?,
    };
    Some(Meaning::Day(day, true))
}

fn weekday(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    // "sun", "sat", "wed" alone are words of their own.
    let word = hit.captures.get(0)?.as_str();
    if matches!(word, "sun" | "sat" | "wed" | "mon") {
        return None;
    }
    Some(Meaning::Day(cal::nearest_weekday(scope.today, weekday_index(hit)?, scope.tense)?, true))
}

fn rel_period(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let away = i64::from(rel_offset(hit.group("rel")?));
    let today = scope.today;
    let period = match hit.group("u")? {
        "weekend" => {
            let saturday = cal::weekday(today, away, 5)?;
            return Some(Meaning::Period(Period::new(saturday, cal::days(saturday, 1)?)?, true));
        }
        "week" => cal::week(today, away)?,
        "month" => cal::month_from(today, away)?,
        "quarter" => {
            let month = cal::months(today.first_of_month(), away * 3)?;
            cal::quarter_of(month.year(), (month.month() + 2) / 3)?
        }
        _ => cal::year_of(today.year().checked_add(i16::try_from(away).ok()?)?)?,
    };
    let ahead = scope.tense == Tense::Future;
    Some(Meaning::Period(if ahead { period } else { period.until(today) }, true))
}

fn quarter(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let quarter = small(hit, "q").or_else(|| small(hit, "q1"))?;
    let year = hit.group("y").or_else(|| hit.group("y1")).and_then(|y| y.parse().ok());
    let period = match year {
        Some(year) => cal::quarter_of(year, quarter)?.until(scope.today),
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |year| cal::quarter_of(year, quarter))?,
    };
    Some(Meaning::Period(period, true))
}

fn feast(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let fixed = |month, day| Feast::Fixed { month, day };
    let feast = match hit.group("f")? {
        "christmas eve" => fixed(12, 24),
        "christmas" => fixed(12, 25),
        "chinese new year" | "spring festival" => Feast::Lunar { column: 0, after: 0 },
        "lantern festival" => Feast::Lunar { column: 1, after: 0 },
        "dragon boat festival" => Feast::Lunar { column: 2, after: 0 },
        "mid-autumn festival" => Feast::Lunar { column: 4, after: 0 },
        "national day" if hit.group("h").is_some() => Feast::NationalWeek,
        "national day" => fixed(10, 1),
        f if f.starts_with("labo") => fixed(5, 1),
        f if f.starts_with("valentine") => fixed(2, 14),
        f if f.starts_with("new year") => fixed(1, 1),
        _ => fixed(11, 11),
    };
    let day = match hit.group("rel").or_else(|| hit.group("rel2")) {
        Some(rel) => feast.period(scope.today.year() + rel_offset(rel))?,
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |year| feast.period(year))?,
    };
    Some(if day.from == day.to { Meaning::Day(day.from, true) } else { Meaning::Period(day, true) })
}

fn first_of_month(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let (day, year_said) = day_of(hit, scope, 1)?;
    Some(Meaning::Day(day, year_said))
}

fn weekday_of_week(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let weeks = i64::from(rel_offset(hit.group("rel")?));
    Some(Meaning::Day(cal::weekday(scope.today, weeks, weekday_index(hit)?)?, true))
}

fn year_to_date(_: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    Some(Meaning::Period(cal::year_of(scope.today.year())?.until(scope.today), true))
}

fn month(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let whole = hit.captures.get(0)?.as_str();
    // "may" and "mar", "dec" alone: a verb, or too short to mean a month.
    if hit.group("rel").is_none()
        && hit.group("y").is_none()
        && matches!(whole, "may" | "mar" | "march" | "dec" | "jan" | "sep" | "nov" | "oct")
    {
        return month_after_in(hit, scope);
    }
    month_meaning(hit, scope)
}

fn month_after_in(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    // A verb never follows a preposition: the caller's match does not hold it, so look at the text before.
    hit.preceded_by(&["in ", "since ", "from ", "of ", "for ", "during ", "to ", "until ", "and ", "my ", "'s "])
        .then(|| month_meaning(hit, scope))
        .flatten()
}

fn month_meaning(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let month = month_number(hit)?;
    let year = said_year(hit, scope);
    let period = match (year, hit.group("rel")) {
        (Some(year), _) => cal::month_of(year, month)?.until(scope.today),
        (None, Some("next")) => cal::nearest_year(scope.today, Tense::Future, |y| cal::month_of(y, month))?,
        (None, Some("last")) => {
            let this_month = scope.today.first_of_month();
            cal::nearest_year(cal::days(this_month, -1)?, Tense::Past, |y| cal::month_of(y, month))?
        }
        _ => cal::likely_year(scope.today, scope.tense, scope.sure, |y| cal::month_of(y, month))?,
    };
    Some(Meaning::Period(period, year.is_some()))
}

fn year(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    Some(Meaning::Period(cal::year_of(hit.group("y")?.parse().ok()?)?.until(scope.today), true))
}

fn bare_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    // The 4th time, the 2nd one.
    if [" time", " one", " card", " floor", " attempt", " person"].iter().any(|word| hit.after().starts_with(word)) {
        return None;
    }
    Some(Meaning::Day(cal::likely_day(scope.today, small(hit, "d")?, scope.tense)?, false))
}
