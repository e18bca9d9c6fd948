//! Time of day after a date: `明天上午十点`, `下周三下午三点半`, `tomorrow at 10am`.
//!
//! Only the hour is kept. An hour from one to six without a part of the day is
//! taken as afternoon, since a branch is not open before eight.

use super::calendar::Period;
use super::dates::{Said, Scope, build};
use super::sheet::Sheet;
use crate::number::parse_small;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::SlotType;

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^[的,]?(?: ?at| around)? ?(?P<p>凌晨|清晨|早上|早晨|一早|早|上午|中午|午后|下午|傍晚|晚上|晚间|晚|夜里|半夜|morning|afternoon|evening)? ?(?:(?P<h>[01]?[0-9]|2[0-4]|二?十[一二三四]?|[一二两三四五六七八九])(?:(?:点钟?|时|:[0-5][0-9])(?:半|整|一刻|三刻|过?[0-9一二三四五十]{1,3}分?)?|(?P<ap> ?(?:am|pm|a\\.m\\.|p\\.m\\.|o'clock))))?(?P<ap2> ?(?:am|pm))?",
    )
});

/// Adds the hour to dates that a time follows; where a time was asked for, a
/// time alone counts as today's.
pub fn attach(sheet: &mut Sheet<'_>, scope: &Scope, said: &mut Vec<Said>) {
    for one in said.iter_mut().filter(|one| !one.is_period) {
        let last = sheet.char_at(one.end.saturating_sub(1));
        let Some(time) = time_at(sheet, one.end) else { continue };
        let part = time.part.or(match last {
            '晚' | '夜' => Some(Part::Evening),
            '早' | '晨' => Some(Part::Morning),
            _ => None,
        });
        one.hour = time.hour.map(|hour| twenty_four(hour, part));
        one.timed = true;
        sheet.take(one.end, time.end);
        one.end = time.end;
    }
    if sheet.expecting(SlotType::Moment) && said.is_empty() {
        bare(sheet, scope, said);
    }
}

fn bare(sheet: &mut Sheet<'_>, scope: &Scope, said: &mut Vec<Said>) {
    let found = (0..sheet.chars().len()).find_map(|at| time_at(sheet, at).map(|time| (at, time)));
    let Some((start, time)) = found else { return };
    sheet.take(start, time.end);
    said.push(Said {
        start,
        end: time.end,
        period: Period::day(scope.today),
        is_period: false,
        year_said: true,
        hour: time.hour.map(|hour| twenty_four(hour, time.part)),
        timed: true,
        day_only: false,
        whole_year: false,
    });
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Night,
    Morning,
    Noon,
    Afternoon,
    Evening,
}

struct Time {
    end: usize,
    part: Option<Part>,
    hour: Option<u8>,
}

fn time_at(sheet: &Sheet<'_>, at: usize) -> Option<Time> {
    let rest = sheet.text().get(sheet.normal.byte_at_char(at)..)?;
    let found = TIME.captures(rest)?;
    let suffix = found.name("ap").or_else(|| found.name("ap2")).map(|m| m.as_str().trim());
    let part = match (found.name("p").map(|m| m.as_str()), suffix) {
        (_, Some("pm" | "p.m.")) => Some(Part::Afternoon),
        (_, Some("am" | "a.m.")) => Some(Part::Morning),
        (Some("凌晨" | "半夜"), _) => Some(Part::Night),
        (Some("中午"), _) => Some(Part::Noon),
        (Some("午后" | "下午" | "afternoon"), _) => Some(Part::Afternoon),
        (Some("傍晚" | "晚上" | "晚间" | "晚" | "夜里" | "evening"), _) => Some(Part::Evening),
        (Some(_), _) => Some(Part::Morning),
        _ => None,
    };
    let hour =
        found.name("h").and_then(|m| parse_small(m.as_str())).and_then(|h| u8::try_from(h).ok()).filter(|h| *h <= 24);
    if part.is_none() && hour.is_none() {
        return None;
    }
    let length = found.get(0)?.as_str().chars().count();
    Some(Time { end: at + length, part, hour })
}

fn twenty_four(hour: u8, part: Option<Part>) -> u8 {
    let hour = hour % 24;
    match part {
        Some(Part::Afternoon | Part::Evening) if hour < 12 => hour + 12,
        Some(Part::Noon) if hour < 3 => hour + 12,
        Some(Part::Morning | Part::Night) if hour == 12 => 0,
        None if (1..=6).contains(&hour) => hour + 12,
        _ => hour,
    }
}
