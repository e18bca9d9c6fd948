//! Days, weeks, months and feasts relative to a given day. Pure arithmetic.
//!
//! Conventions: weeks start on Monday; `the nearest` means the most recent past
//! one or, when the customer looks ahead, the next one; the running month,
//! week, quarter and year reach from their first day to today.
//!
//! Lunar feasts come from a table (2015–2040, computed from the published
//! Chinese calendar); outside it a lunar feast has no date.

use jiff::Span;
use jiff::civil::Date;

/// Largest count of days, weeks, months or years that a relative date may use.
pub const RELATIVE_MAX: u32 = 3_660;

/// First and last day, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Date,
    pub to: Date,
}

impl Period {
    pub fn day(day: Date) -> Self {
        Self { from: day, to: day }
    }

    pub fn new(from: Date, to: Date) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// Cut at today when today lies inside: the running month ends today.
    pub fn until(self, today: Date) -> Self {
        if self.from <= today && today < self.to { Self { from: self.from, to: today } } else { self }
    }
}

/// Whether the customer looks back or ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tense {
    Past,
    Future,
    #[default]
    Unsaid,
}

pub fn add(day: Date, span: Span) -> Option<Date> {
    day.checked_add(span).ok()
}

pub fn days(day: Date, count: i64) -> Option<Date> {
    add(day, Span::new().try_days(count).ok()?)
}

pub fn months(day: Date, count: i64) -> Option<Date> {
    add(day, Span::new().try_months(count).ok()?)
}

pub fn monday(day: Date) -> Option<Date> {
    days(day, -i64::from(day.weekday().to_monday_zero_offset()))
}

/// Monday to Sunday, `weeks` away from the week of `today`.
pub fn week(today: Date, weeks: i64) -> Option<Period> {
    let from = days(monday(today)?, weeks * 7)?;
    Period::new(from, days(from, 6)?)
}

/// A day of the week (0 is Monday), `weeks` away from the week of `today`.
pub fn weekday(today: Date, weeks: i64, offset: i64) -> Option<Date> {
    days(monday(today)?, weeks * 7 + offset)
}

/// The nearest such weekday; today counts.
pub fn nearest_weekday(today: Date, offset: i64, tense: Tense) -> Option<Date> {
    let this_week = weekday(today, 0, offset)?;
    match tense {
        Tense::Past if this_week > today => days(this_week, -7),
        Tense::Future | Tense::Unsaid if this_week < today => days(this_week, 7),
        _ => Some(this_week),
    }
}

/// A whole month, `offset` months away from that of `today`.
pub fn month_from(today: Date, offset: i64) -> Option<Period> {
    let first = months(today.first_of_month(), offset)?;
    Period::new(first, first.last_of_month())
}

pub fn month_of(year: i16, month: i8) -> Option<Period> {
    let first = Date::new(year, month, 1).ok()?;
    Period::new(first, first.last_of_month())
}

pub fn year_of(year: i16) -> Option<Period> {
    Period::new(Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?)
}

/// First, second, third or fourth quarter (1–4) of a year.
pub fn quarter_of(year: i16, quarter: i8) -> Option<Period> {
    let first = Date::new(year, quarter.checked_mul(3)?.checked_sub(2)?, 1).ok()?;
    Period::new(first, months(first, 2)?.last_of_month())
}

/// First (1) or second (2) half of a year.
pub fn half_of(year: i16, half: i8) -> Option<Period> {
    let first = Date::new(year, if half == 1 { 1 } else { 7 }, 1).ok()?;
    Period::new(first, months(first, 5)?.last_of_month())
}

/// The nearer of two readings, where the words leave it open: days ahead count
/// `weight` times, since customers speak of the past more often.
pub fn nearer(today: Date, back: Option<Period>, ahead: Option<Period>, weight: i64) -> Option<Period> {
    let away = |period: &Period| i64::from((period.from - today).get_days()).abs();
    match (back, ahead) {
        (Some(back), Some(ahead)) => Some(if away(&ahead) * weight < away(&back) { ahead } else { back }),
        (one, other) => one.or(other),
    }
}

/// How many times a day ahead counts against a day back, by what the words say.
const AHEAD_WEIGHT_UNSAID: i64 = 3;
const AHEAD_WEIGHT_DAY: i64 = 2;
const AHEAD_WEIGHT_PAST: i64 = 6;
/// Longer than any month.
const MONTH_DAYS_MAX: i64 = 31;
const BACK_WEIGHT_FUTURE: i64 = 3;

/// As `nearest_year`, where `sure` is false only a leaning: the nearer reading wins by far.
pub fn likely_year(
    today: Date,
    tense: Tense,
    sure: bool,
    starts: impl Fn(i16) -> Option<Period> + Copy,
) -> Option<Period> {
    let (back, ahead) = (nearest_year(today, Tense::Past, starts), nearest_year(today, Tense::Future, starts));
    match tense {
        // 卡先锁了 is no proof that December was meant to be last year's.
        Tense::Past if sure || back.is_none_or(|period| days(period.from, MONTH_DAYS_MAX) < Some(period.to)) => back,
        Tense::Past => nearer(today, back, ahead, AHEAD_WEIGHT_PAST),
        Tense::Future if sure => ahead,
        Tense::Unsaid => nearer(today, back, ahead, AHEAD_WEIGHT_UNSAID),
        Tense::Future => leaning_ahead(today, back, ahead),
    }
}

/// Ahead, unless that is far away and the past close by.
fn leaning_ahead(today: Date, back: Option<Period>, ahead: Option<Period>) -> Option<Period> {
    let away = |period: &Period| i64::from((period.from - today).get_days()).abs();
    match (back, ahead) {
        (Some(back), Some(ahead)) => Some(if away(&back) * BACK_WEIGHT_FUTURE < away(&ahead) { back } else { ahead }),
        (one, other) => one.or(other),
    }
}

/// A day of the month; where nothing is said, the nearer one.
pub fn likely_day(today: Date, day: i8, tense: Tense) -> Option<Date> {
    let to = |tense| nearest_day(today, day, tense).map(Period::day);
    match tense {
        Tense::Unsaid => nearer(today, to(Tense::Past), to(Tense::Future), AHEAD_WEIGHT_DAY).map(|p| p.from),
        _ => nearest_day(today, day, tense),
    }
}

/// The year in which a thing that begins at `starts` of a year is nearest to today.
pub fn nearest_year(today: Date, tense: Tense, starts: impl Fn(i16) -> Option<Period>) -> Option<Period> {
    let this = starts(today.year());
    match tense {
        Tense::Past | Tense::Unsaid => match this {
            Some(period) if period.from <= today => Some(period.until(today)),
            // 29 February is at most eight years back.
            _ => (1..=8).find_map(|back| starts(today.year() - back)),
        },
        Tense::Future => match this {
            Some(period) if period.to >= today => Some(period),
            _ => (1..=8).find_map(|ahead| starts(today.year().checked_add(ahead)?)),
        },
    }
}

/// The nearest day of the month.
pub fn nearest_day(today: Date, day: i8, tense: Tense) -> Option<Date> {
    let step = if tense == Tense::Future { 1 } else { -1 };
    // A 31st is at most two months away.
    (0..3).find_map(|away| {
        let first = months(today.first_of_month(), away * step)?;
        let found = Date::new(first.year(), first.month(), day).ok()?;
        let reached = if tense == Tense::Future { found >= today } else { found <= today };
        reached.then_some(found)
    })
}

/// A feast as customers name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feast {
    Fixed {
        month: i8,
        day: i8,
    },
    /// Index into the lunar table's columns, and days after it.
    Lunar {
        column: usize,
        after: i64,
    },
    /// The solar term of early April.
    Qingming,
    /// National Day and the six days after it.
    NationalWeek,
    /// New Year's Eve by the moon and the seven days after it.
    SpringWeek,
}

impl Feast {
    pub fn period(self, year: i16) -> Option<Period> {
        match self {
            Self::Fixed { month, day } => Date::new(year, month, day).ok().map(Period::day),
            Self::Lunar { column, after } => days(lunar(year, column)?, after).map(Period::day),
            Self::Qingming => qingming(year).map(Period::day),
            Self::NationalWeek => Period::new(Date::new(year, 10, 1).ok()?, Date::new(year, 10, 7).ok()?),
            Self::SpringWeek => {
                let first = lunar(year, 0)?;
                Period::new(days(first, -1)?, days(first, 6)?)
            }
        }
    }
}

fn lunar(year: i16, column: usize) -> Option<Date> {
    let (_, days) = LUNAR.iter().find(|(of, _)| *of == year)?;
    let (month, day) = *days.get(column)?;
    Date::new(year, month, day).ok()
}

/// Day of the solar term by the customary formula for this century.
fn qingming(year: i16) -> Option<Date> {
    let y = i32::from(year.checked_sub(2000).filter(|y| (0..100).contains(y))?);
    let day = (y * 2_422 + 48_100) / 10_000 - y / 4;
    Date::new(year, 4, i8::try_from(day).ok()?).ok()
}

/// `today` shifted by whole units: `d`ays, `w`eeks, `m`onths, `y`ears; negative is back.
pub fn shifted(today: Date, unit: char, count: i64) -> Option<Date> {
    if count.unsigned_abs() > u64::from(RELATIVE_MAX) {
        return None;
    }
    match unit {
        'd' => days(today, count),
        'w' => days(today, count * 7),
        'm' => months(today, count),
        'y' => add(today, Span::new().try_years(count).ok()?),
        _ => None,
    }
}

/// Spring Festival, Lantern, Dragon Boat, Qixi, Mid-Autumn, Double Ninth.
const LUNAR: &[(i16, [(i8, i8); 6])] = &[
    (2015, [(2, 19), (3, 5), (6, 20), (8, 20), (9, 27), (10, 21)]),
    (2016, [(2, 8), (2, 22), (6, 9), (8, 9), (9, 15), (10, 9)]),
    (2017, [(1, 28), (2, 11), (5, 30), (8, 28), (10, 4), (10, 28)]),
    (2018, [(2, 16), (3, 2), (6, 18), (8, 17), (9, 24), (10, 17)]),
    (2019, [(2, 5), (2, 19), (6, 7), (8, 7), (9, 13), (10, 7)]),
    (2020, [(1, 25), (2, 8), (6, 25), (8, 25), (10, 1), (10, 25)]),
    (2021, [(2, 12), (2, 26), (6, 14), (8, 14), (9, 21), (10, 14)]),
    (2022, [(2, 1), (2, 15), (6, 3), (8, 4), (9, 10), (10, 4)]),
    (2023, [(1, 22), (2, 5), (6, 22), (8, 22), (9, 29), (10, 23)]),
    (2024, [(2, 10), (2, 24), (6, 10), (8, 10), (9, 17), (10, 11)]),
    (2025, [(1, 29), (2, 12), (5, 31), (8, 29), (10, 6), (10, 29)]),
    (2026, [(2, 17), (3, 3), (6, 19), (8, 19), (9, 25), (10, 18)]),
    (2027, [(2, 6), (2, 20), (6, 9), (8, 8), (9, 15), (10, 8)]),
    (2028, [(1, 26), (2, 9), (5, 28), (8, 26), (10, 3), (10, 26)]),
    (2029, [(2, 13), (2, 27), (6, 16), (8, 16), (9, 22), (10, 16)]),
    (2030, [(2, 3), (2, 17), (6, 5), (8, 5), (9, 12), (10, 5)]),
    (2031, [(1, 23), (2, 6), (6, 24), (8, 24), (10, 1), (10, 24)]),
    (2032, [(2, 11), (2, 25), (6, 12), (8, 12), (9, 19), (10, 12)]),
    (2033, [(1, 31), (2, 14), (6, 1), (8, 1), (9, 8), (10, 1)]),
    (2034, [(2, 19), (3, 5), (6, 20), (8, 20), (9, 27), (10, 20)]),
    (2035, [(2, 8), (2, 22), (6, 10), (8, 10), (9, 16), (10, 9)]),
    (2036, [(1, 28), (2, 11), (5, 30), (8, 28), (10, 4), (10, 27)]),
    (2037, [(2, 15), (3, 1), (6, 18), (8, 17), (9, 24), (10, 17)]),
    (2038, [(2, 4), (2, 18), (6, 7), (8, 7), (9, 13), (10, 7)]),
    (2039, [(1, 24), (2, 7), (5, 27), (8, 26), (10, 2), (10, 26)]),
    (2040, [(2, 12), (2, 26), (6, 14), (8, 14), (9, 20), (10, 14)]),
];
