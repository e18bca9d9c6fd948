//! Says a number in Chinese, so that the parser can be asked to read it back.

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

fn group(value: u64) -> String {
    let mut said = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = usize::try_from(value / unit % 10).expect("a digit");
        if digit == 0 {
            gap = !said.is_empty();
            continue;
        }
        if gap {
            said.push('零');
            gap = false;
        }
        said.push(DIGITS[digit]);
        said.push_str(name);
    }
    said
}

/// The full reading, without short forms: 25000 is 二万五千.
pub fn say(value: u64) -> String {
    if value == 0 {
        return "零".into();
    }
    let parts = [(value / 100_000_000, "亿"), (value / 10_000 % 10_000, "万"), (value % 10_000, "")];
    let mut said = String::new();
    let mut gap = false;
    for (part, name) in parts {
        if part == 0 {
            gap = !said.is_empty();
            continue;
        }
        if gap || (!said.is_empty() && part < 1000) {
            said.push('零');
        }
        gap = false;
        said.push_str(&group(part));
        said.push_str(name);
    }
    said
}

/// As people say it: 十五 for 一十五, 两万 for 二万.
pub fn say_plainly(value: u64) -> String {
    let said = say(value);
    let said = match said.strip_prefix("一十") {
        Some(rest) => format!("十{rest}"),
        None => said,
    };
    said.replace("二万", "两万").replace("二千", "两千").replace("十两", "十二").replace("百两", "百二")
}

/// The short form, when the number has one: 3200 is 三千二.
pub fn say_short(value: u64) -> Option<String> {
    for (unit, name) in [(100_000_000u64, "亿"), (10_000, "万"), (1_000, "千"), (100, "百")] {
        let tail = value % unit;
        if value >= unit && tail > 0 && tail.is_multiple_of(unit / 10) {
            let head = say(value - tail);
            let digit = usize::try_from(tail / (unit / 10)).expect("a digit");
            return head.ends_with(name).then(|| format!("{head}{}", DIGITS[digit]));
        }
    }
    None
}
