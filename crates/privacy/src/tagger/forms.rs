//! What a value's own form allows: no bank card without Luhn's sum, no identity
//! without its check digit, no birthday that is no date. The tagger chooses only
//! among what is allowed; a mail address and a valid identity or credit code are
//! taken as they stand.

use super::runs::{Run, Valid, runs};
use crate::checks;
use crate::detect::{PiiKind, PiiSpan};
use crate::numbers::build;
use regex::Regex;
use std::sync::LazyLock;

/// A set of kinds as bits in the order of `KINDS`.
pub(super) type Kinds = u16;

pub(super) const ALL: Kinds = 0x7fff;

const fn bit(kind: PiiKind) -> Kinds {
    1 << kind as u16
}

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let han = "一二三四五六七八九十";
    let month = format!("(?:1[0-2]|0?[1-9]|闰?[正{han}冬腊]{{1,2}})月(?:份)?");
    let day = format!("(?:(?:[12][0-9]|3[01]|0?[1-9])[日号]?|(?:初|廿|卅)?[{han}廿]{{1,3}}[日号]?)");
    let feast = "(?:元旦|腊八|除夕|中秋|端午|元宵|重阳|小年|春节|大年初[一二三])";
    let year = format!(
        "(?:(?:19|20)[0-9]{{2}}|[0-9]{{2}}|[一二两][零〇0-9{han}]{{3}}|[零〇{han}]{{2}}|民国[0-9{han}]{{1,3}}|民國[0-9{han}]{{1,3}})"
    );
    let moon = "(?:的|农历|阴历|阳历|公历|旧历|农历的|阴历的|夏历)?";
    let name = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?";
    build(&format!(
        "{year} ?年 ?{moon} ?(?:{month} ?{moon} ?{day}?|{feast})|{moon}{month} ?{day}|(?:19|20)[0-9]{{2}} ?[-/.] ?(?:1[0-2]|0?[1-9])(?: ?[-/.] ?(?:[12][0-9]|3[01]|0?[1-9]))?|(?:1[0-2]|0?[1-9]|[12][0-9]|3[01])[-/.](?:1[0-2]|0?[1-9]|[12][0-9]|3[01])[-/.](?:(?:19|20)[0-9]{{2}}|[0-9]{{2}})|(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|[6-9][0-9][-/.](?:1[0-2]|0?[1-9])[-/.](?:[12][0-9]|3[01]|0?[1-9])|(?:the )?[0-9]{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -]{name},?[ -][0-9]{{4}}|{name} (?:the )?[0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}|{name},? (?:19|20)[0-9]{{2}}"
    ))
});

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| build("[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9][a-z0-9-]{0,62}(?:\\.[a-z0-9-]{2,62}){1,4}"));

/// Numbers of things, not of anybody.
static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:订单|单号|流水号?|交易号|凭证号?|工单|受理|快递|运单|发票|批次|基金代码|股票代码|产品代码|理财代码|order|invoice|ticket)(?:号码|号|编号|是|为|number|no\\.?|[:# ])*$",
    )
});

/// Words that make a late date a birthday.
const BORN: [&str; 8] = ["出生", "生日", "生于", "生的", "born", "birth", "dob", "年龄"];

/// What a text's forms say before the tagger looks.
pub(super) struct Forms {
    pub allowed: Vec<Kinds>,
    /// Taken as they stand.
    pub certain: Vec<(usize, usize, PiiKind)>,
    /// Dates: first place, end, year of a birth or not.
    pub dates: Vec<(usize, usize, u32)>,
    pub runs: Vec<Run>,
    /// What the older patterns find.
    pub wide: Vec<PiiSpan>,
    /// WeChat or adding somebody is spoken of.
    pub wechat_said: bool,
}

/// Character places of a pattern's hits.
fn places(text: &str, regex: &Regex) -> Vec<(usize, usize, String)> {
    let mut seen = (0usize, 0usize);
    regex
        .find_iter(text)
        .map(|hit| {
            let start = seen.1 + text[seen.0..hit.start()].chars().count();
            let end = start + hit.as_str().chars().count();
            seen = (hit.end(), end);
            (start, end, hit.as_str().to_owned())
        })
        .collect()
}

impl Forms {
    pub fn of(folded: &[char], wide: Vec<PiiSpan>) -> Self {
        let text: String = folded.iter().collect();
        let inside_number = |start: usize, end: usize| {
            let digit = |at: Option<usize>| at.and_then(|i| folded.get(i)).is_some_and(char::is_ascii_digit);
            (digit(start.checked_sub(1)) && digit(Some(start))) || (digit(end.checked_sub(1)) && digit(Some(end)))
        };
        let dates: Vec<(usize, usize, u32)> = places(&text, &DATE)
            .into_iter()
            .filter(|(start, end, said)| {
                let around: String = folded[start.saturating_sub(8)..(end + 8).min(folded.len())].iter().collect();
                let late = year_kind(said) == 2 && !BORN.iter().any(|word| around.contains(word));
                !inside_number(*start, *end) && (!late || around.contains('生'))
            })
            .map(|(start, end, said)| {
                let trimmed = said.trim_end_matches([' ', '-', '/', '.']).chars().count();
                (start, end.min(start + trimmed), year_kind(&said))
            })
            .collect();
        let mut forms = Self {
            allowed: vec![ALL & !bit(PiiKind::Dob); folded.len()],
            certain: Vec::new(),
            dates,
            runs: runs(folded),
            wide,
            wechat_said: ["微信", "wechat", "weixin", "vx", "加"].iter().any(|word| text.contains(word)),
        };
        for (start, end, _) in &forms.dates {
            forms.allowed[*start..*end].iter_mut().for_each(|a| *a |= bit(PiiKind::Dob));
        }
        for (at, c) in folded.iter().enumerate() {
            if c.is_ascii_digit() || matches!(c, ',' | ':' | '@' | '。' | '?' | '!' | '，') {
                forms.allowed[at] &= !bit(PiiKind::Name);
            }
        }
        let numbers = std::mem::take(&mut forms.runs);
        numbers.iter().for_each(|run| forms.limit(folded, run));
        forms.runs = numbers;
        for (start, end, said) in places(&text, &EMAIL) {
            let end = end - said.chars().rev().take_while(|c| matches!(c, '.' | '-')).count();
            forms.certain.push((start, end, PiiKind::Email));
        }
        forms
    }

    fn limit(&mut self, folded: &[char], run: &Run) {
        let value = run.value.as_str();
        let length = value.len();
        let digits = value.bytes().all(|b| b.is_ascii_digit());
        let one = run.groups.len() == 1;
        let lead = value.bytes().take_while(u8::is_ascii_alphabetic).count();
        let mut none: Kinds = 0;
        if (one || digits && !run.spoken) && (!digits || !(4..=8).contains(&length)) {
            none |= bit(PiiKind::Otp);
        }
        let letter = value.as_bytes().first().copied().unwrap_or(b' ');
        let rest_digits = value[lead..].bytes().all(|b| b.is_ascii_digit());
        let permit = matches!(letter, b'C' | b'W' | b'H' | b'M') && lead <= 2 && rest_digits;
        if !permit && (one || digits || lead > 0) {
            none |= bit(PiiKind::HkMacaoPermit);
        }
        if permit && (length == 9 || length == 11) && letter != b'M' && !passport_said(folded, run.start) {
            none |= bit(PiiKind::Passport);
        }
        if one && digits && (!(7..=15).contains(&length) || (length == 10 && letter == b'1')) {
            none |= bit(PiiKind::Phone);
        }
        if one && digits && length < 6 {
            none |= bit(PiiKind::AccountNo);
        }
        if (one || length > 9) && digits && !(7..=9).contains(&length) {
            none |= bit(PiiKind::Passport);
        }
        if one && digits && length >= 6 || length >= 9 {
            none |= bit(PiiKind::Address);
        }
        // A mobile with a digit too few or too many is nobody's account.
        let mistyped_mobile = digits && matches!(length, 10 | 12) && checks_mobile_start(value);
        if mistyped_mobile && !said(folded, run.start, &["账", "帐", "户", "account"]) {
            none |= bit(PiiKind::AccountNo);
        }
        let before: String = folded[run.start.saturating_sub(12)..run.start].iter().collect();
        if OTHER.is_match(&before) {
            none = ALL & !bit(PiiKind::Uscc);
        }
        if digits && length == 10 && (value.starts_with("400") || value.starts_with("800")) {
            none = ALL & !bit(PiiKind::AccountNo);
        }
        if checks::malformed_resident_id(value) {
            none = ALL & !bit(PiiKind::BankCard);
        }
        let province = (1..=4).filter_map(|back| run.start.checked_sub(back)).any(|at| is_province(folded[at]));
        if !province {
            none |= bit(PiiKind::Plate);
        }
        for at in run.start..run.end {
            let mut no = none;
            let valid = run.valid.filter(|(start, end, _)| (*start..*end).contains(&at)).map(|v| v.2);
            if !matches!(valid, Some(Valid::Id | Valid::OldId)) {
                no |= bit(PiiKind::IdCard);
            }
            let named = self.wide.iter().any(|s| s.kind == PiiKind::BankCard && (s.start..s.end).contains(&at));
            if !named && valid != Some(Valid::Card) {
                no |= bit(PiiKind::BankCard);
            }
            if valid != Some(Valid::Uscc) {
                no |= bit(PiiKind::Uscc);
            }
            self.allowed[at] &= !no;
        }
        if let Some((start, end, valid)) = run.valid {
            let part: bool = (start, end) == (run.start, run.end);
            match valid {
                Valid::Id => self.certain.push((start, end, PiiKind::IdCard)),
                Valid::Uscc if part || end - start == 18 => self.certain.push((start, end, PiiKind::Uscc)),
                _ => {}
            }
        }
    }
}

pub(super) fn is_province(c: char) -> bool {
    "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬遼魯蘇閩雲贛陝黔粵使".contains(c)
}

fn passport_said(folded: &[char], at: usize) -> bool {
    said(folded, at, &["护照", "passport"])
}

/// Whether one of the words stands shortly before a place.
fn said(folded: &[char], at: usize, words: &[&str]) -> bool {
    let before: String = folded[at.saturating_sub(14)..at].iter().collect();
    words.iter().any(|word| before.contains(word))
}

fn checks_mobile_start(value: &str) -> bool {
    value.starts_with('1') && value.as_bytes().get(1).is_some_and(|b| (b'3'..=b'9').contains(b))
}

/// 1 for a year in which a customer may be born, 2 for one of late, 3 for none said.
fn year_kind(said: &str) -> u32 {
    let plain: String = said.chars().map(|c| super::runs::spoken_digit(c).unwrap_or(c)).collect();
    let bytes = plain.as_bytes();
    let four = (0..bytes.len().saturating_sub(3))
        .filter_map(|at| plain.get(at..at + 4))
        .find_map(|p| p.bytes().all(|b| b.is_ascii_digit()).then(|| p.parse::<u32>().ok()).flatten());
    match four {
        Some(year) if year < 2013 => 1,
        Some(year) if year < 2024 => 4,
        Some(_) => 2,
        None if said.contains('年') => 1,
        None => 3,
    }
}
