//! Template filters of the trade: `money`, `date`, `tail`, `masked`, `percent`,
//! `term`. Each takes what flows and the core bank give and says it as people do.

use minijinja::{Environment, Error, ErrorKind, State, Value};
use teller_kernel::Money;

pub fn register(environment: &mut Environment<'static>) {
    environment.add_filter("money", money);
    environment.add_filter("date", date);
    environment.add_filter("tail", tail);
    environment.add_filter("masked", masked);
    environment.add_filter("percent", percent);
    environment.add_filter("term", term);
}

fn wrong(wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("wanted {wanted}"))
}

fn english(state: &State) -> bool {
    state.lookup("locale").is_some_and(|locale| locale.as_str() == Some("en"))
}

/// `{minor, currency}` → `¥3,200.00`.
fn money(value: &Value) -> Result<String, Error> {
    let json = serde_json::to_value(value).map_err(|_| wanted_money())?;
    serde_json::from_value::<Money>(json).map(|money| money.to_string()).map_err(|_| wanted_money())
}

fn wanted_money() -> Error {
    wrong("an amount {minor, currency}")
}

/// `2026-03-05` or a timestamp starting so → `2026年3月5日` / `5 Mar 2026`.
fn date(state: &State, value: &str) -> Result<String, Error> {
    let day: jiff::civil::Date =
        value.get(..10).and_then(|head| head.parse().ok()).ok_or_else(|| wrong("a date like 2026-03-05"))?;
    if english(state) {
        Ok(day.strftime("%-d %b %Y").to_string())
    } else {
        Ok(format!("{}年{}月{}日", day.year(), day.month(), day.day()))
    }
}

/// The last four characters of a number.
fn tail(value: &str) -> String {
    let count = value.chars().count();
    value.chars().skip(count.saturating_sub(4)).collect()
}

/// A card or account number, first six and last four kept; shorter ones keep
/// only the last four (DOMAIN §2, JR/T 0171-2020 annex).
fn masked(value: &str) -> String {
    let characters: Vec<char> = value.chars().collect();
    let count = characters.len();
    let head = if count >= 14 { 6 } else { 0 };
    let hidden = count.saturating_sub(head + 4);
    let shown_head: String = characters.iter().take(head).collect();
    let shown_tail: String = characters.iter().skip(count - 4.min(count)).collect();
    format!("{shown_head}{}{shown_tail}", "*".repeat(hidden))
}

/// `"3.85"` → `3.85%`.
fn percent(value: &Value) -> String {
    format!("{value}%")
}

/// Months → `1年6个月` / `1 year 6 months`.
fn term(state: &State, months: u32) -> String {
    let (years, rest) = (months / 12, months % 12);
    if english(state) {
        let plural = |count: u32, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        match (years, rest) {
            (0, rest) => plural(rest, "month"),
            (years, 0) => plural(years, "year"),
            (years, rest) => format!("{} {}", plural(years, "year"), plural(rest, "month")),
        }
    } else {
        match (years, rest) {
            (0, rest) => format!("{rest}个月"),
            (years, 0) => format!("{years}年"),
            (years, rest) => format!("{years}年{rest}个月"),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_masked_but_for_their_ends() {
        assert_eq!(super::masked("6225880000001234567"), "622588*********4567");
        assert_eq!(super::masked("12345678"), "****5678");
        assert_eq!(super::masked("12"), "12");
        assert_eq!(super::tail("6225880000001234567"), "4567");
    }
}
