//! Feasts in Chinese: `双十一`, `国庆假期`, `去年中秋`, and the days they mean.

use super::calendar::{self as cal, Feast, Period, Tense};
use super::dates::{Meaning, Scope};
use super::dates_zh::said_year;
use super::sheet::Hit;
use jiff::civil::Date;

pub fn feast(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let name = hit.group("f")?;
    let suffix = hit.group("s").unwrap_or("");
    let several = ["期间", "假期", "长假", "放假", "黄金周", "几天"].iter().any(|s| suffix.ends_with(s));
    if name == "618" && suffix.is_empty() && hit.group("ry").is_none() && hit.group("y").is_none() {
        return None;
    }
    if name == "过年" && suffix.is_empty() && !scope.look_up && scope.tense != Tense::Past {
        return None;
    }
    let fixed = |month, day| Feast::Fixed { month, day };
    let feast = match name {
        "双十一" | "双11" | "光棍节" => fixed(11, 11),
        "双十二" | "双12" => fixed(12, 12),
        "元旦" => fixed(1, 1),
        "春节" if several => Feast::SpringWeek,
        "过年" => Feast::SpringWeek,
        "春节" | "大年初一" => Feast::Lunar { column: 0, after: 0 },
        "除夕" | "年三十" => Feast::Lunar { column: 0, after: -1 },
        "元宵" => Feast::Lunar { column: 1, after: 0 },
        "端午" => Feast::Lunar { column: 2, after: 0 },
        "七夕" => Feast::Lunar { column: 3, after: 0 },
        "中秋" => Feast::Lunar { column: 4, after: 0 },
        "重阳" => Feast::Lunar { column: 5, after: 0 },
        "情人节" => fixed(2, 14),
        "妇女节" | "三八节" | "三八妇女节" => fixed(3, 8),
        "清明" => Feast::Qingming,
        "五一" | "劳动节" if several => return labour_week(hit, scope),
        "五一" | "劳动节" => fixed(5, 1),
        "六一儿童节" | "儿童节" | "六一节" => fixed(6, 1),
        "国庆" if suffix.ends_with("头一天") => fixed(10, 1),
        "国庆" if suffix.is_empty() || several => Feast::NationalWeek,
        "国庆" => fixed(10, 1),
        "教师节" => fixed(9, 10),
        "圣诞" => fixed(12, 25),
        "平安夜" => fixed(12, 24),
        n if n.starts_with("618") || n == "六一八" => fixed(6, 18),
        _ => Feast::NationalWeek,
    };
    let year = said_year(hit, scope)?;
    let period = match year {
        Some(year) => feast.period(year)?,
        None => cal::likely_year(scope.today, scope.tense, scope.sure, |year| feast.period(year))?,
    };
    Some(if period.from == period.to { Meaning::Day(period.from, true) } else { Meaning::Period(period, true) })
}

/// 1 to 5 May.
fn labour_week(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    let of = |year: i16| Period::new(Date::new(year, 5, 1).ok()?, Date::new(year, 5, 5).ok()?);
    let period = match said_year(hit, scope)? {
        Some(year) => of(year)?,
        None => cal::likely_year(scope.today, scope.tense, scope.sure, of)?,
    };
    Some(Meaning::Period(period, true))
}

/// `去年六一`; without a year 六一 is too often something else.
pub fn children_day(hit: &Hit<'_>, scope: &Scope) -> Option<Meaning> {
    Some(Meaning::Day(Date::new(said_year(hit, scope)??, 6, 1).ok()?, true))
}
