//! Time of the bank: a clock handed in, the bank's own zone, business dates.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use std::sync::Arc;

/// Milliseconds since 1970-01-01 UTC; handed in, so that tests decide.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The bank's zone: UTC+8, no daylight saving.
const ZONE: Offset = Offset::constant(8);

/// The real time.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
        Timestamp::now().as_millisecond()
    })
}

/// Local date and time of an instant.
pub fn local(at_ms: i64) -> DateTime {
    Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::fixed(ZONE)).datetime()
}

/// The instant of a local date and time.
pub fn instant(date: Date, time: Time) -> i64 {
    date.to_datetime(time).to_zoned(TimeZone::fixed(ZONE)).map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

/// `HH:MM` of an instant.
pub fn clock_text(at_ms: i64) -> String {
    let time = local(at_ms).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// A date `days` later (or earlier).
pub fn plus_days(date: Date, days: i64) -> Date {
    date.checked_add(jiff::Span::new().days(days)).unwrap_or(date)
}

/// The same day `months` later, or the last day of a shorter month.
pub fn plus_months(date: Date, months: i64) -> Date {
    date.checked_add(jiff::Span::new().months(months)).unwrap_or(date)
}

/// Whole days from one date to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// The given day of the month of `month_of`, or its last day.
pub fn day_of_month(month_of: Date, day: i8) -> Date {
    let day = day.min(month_of.days_in_month()).max(1);
    month_of.with().day(day).build().unwrap_or(month_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_bank_lives_eight_hours_ahead() {
        assert_eq!(local(0).to_string(), "1970-01-01T08:00:00");
        assert_eq!(instant(date(1970, 1, 1), Time::constant(8, 0, 0, 0)), 0);
        assert_eq!(clock_text(90 * 60_000), "09:30");
    }

    #[test]
    fn months_end_where_they_end() {
        assert_eq!(plus_months(date(2026, 1, 31), 1), date(2026, 2, 28));
        assert_eq!(day_of_month(date(2026, 2, 10), 31), date(2026, 2, 28));
        assert_eq!(days_between(date(2026, 2, 27), date(2026, 3, 1)), 2);
    }
}
