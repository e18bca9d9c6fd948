//! Runs: stretches of a text that may be one number or one code, however they are
//! written: `6222 0210`, `幺三八-零零零五`, `double zero five`, `九幺三七 嗯 MA三C`, `三个零`.
//!
//! A run is made of atoms (digits, spoken digits, spoken English digits, letters)
//! and of what people put between them. `value` is what it says in plain digits
//! and capitals. A run is only a place to look at; whether it is personal data is
//! not said here.

use crate::checks;

/// Longest value that is looked at.
const VALUE_MAX: usize = 48;

/// Most groups a run is searched in for a valid number inside it.
const GROUPS_MAX: usize = 24;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digits,
    Spoken,
    English,
    Letters,
}

struct Atom {
    start: usize,
    end: usize,
    kind: Kind,
    value: String,
}

/// What a value is by its own form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Valid {
    Id,
    OldId,
    Uscc,
    Card,
    Iban,
    Mobile,
}

pub(crate) struct Run {
    pub start: usize,
    pub end: usize,
    /// Digits and capital letters only.
    pub value: String,
    /// Characters of the value in each written group.
    pub groups: Vec<usize>,
    pub spoken: bool,
    /// A part between group borders that is valid, with its place in the text.
    pub valid: Option<(usize, usize, Valid)>,
}

pub(crate) fn spoken_digit(c: char) -> Option<char> {
    Some(match c {
        '零' | '〇' | '○' | '洞' => '0',
        '一' | '幺' | '壹' => '1',
        '二' | '两' | '贰' | '貳' => '2',
        '三' | '叁' | '參' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' | '陸' => '6',
        '七' | '柒' | '拐' => '7',
        '八' | '捌' => '8',
        '九' | '玖' | '勾' => '9',
        _ => return None,
    })
}

fn english_digit(word: &str) -> Option<char> {
    Some(match word {
        "zero" | "oh" | "o" => '0',
        "one" => '1',
        "two" => '2',
        "three" => '3',
        "four" => '4',
        "five" => '5',
        "six" => '6',
        "seven" => '7',
        "eight" => '8',
        "nine" => '9',
        _ => return None,
    })
}

const FILLERS: &[&str] =
    &["那个", "然后", "就是", "后面是", "接着", "嗯", "呃", "啊", "横杠", "杠", "空格", "对", "哦", "额", "再来"];

/// Runs with at least one digit and three characters of value, in order, apart.
pub(crate) fn runs(chars: &[char]) -> Vec<Run> {
    let atoms = atoms(chars);
    let mut out = Vec::new();
    let mut at = 0;
    while at < atoms.len() {
        let mut last = at;
        let mut length = atoms[at].value.len();
        while let Some(next) = atoms.get(last + 1) {
            length += next.value.len();
            if length > VALUE_MAX || !joins(chars, &atoms[last], next) {
                break;
            }
            last += 1;
        }
        if let Some(run) = run(&atoms[at..=last]) {
            out.push(run);
        }
        at = last + 1;
    }
    out
}

fn run(atoms: &[Atom]) -> Option<Run> {
    let (first, last) = (atoms.first()?, atoms.last()?);
    let value: String = atoms.iter().map(|a| a.value.as_str()).collect();
    if value.len() < 3 || !value.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut groups: Vec<(usize, usize, usize)> = Vec::new();
    for atom in atoms {
        match groups.last_mut() {
            Some(group) if group.1 == atom.start => {
                group.1 = atom.end;
                group.2 += atom.value.len();
            }
            _ => groups.push((atom.start, atom.end, atom.value.len())),
        }
    }
    Some(Run {
        start: first.start,
        end: last.end,
        spoken: atoms.iter().any(|a| matches!(a.kind, Kind::Spoken | Kind::English)),
        valid: valid_part(&value, &groups),
        groups: groups.iter().map(|g| g.2).collect(),
        value,
    })
}

/// The longest part of whole groups that is a valid number.
fn valid_part(value: &str, groups: &[(usize, usize, usize)]) -> Option<(usize, usize, Valid)> {
    let count = groups.len().min(GROUPS_MAX);
    for length in (1..=count).rev() {
        for first in 0..=count - length {
            let from: usize = groups[..first].iter().map(|g| g.2).sum();
            let size: usize = groups[first..first + length].iter().map(|g| g.2).sum();
            if let Some(valid) = value.get(from..from + size).and_then(valid) {
                return Some((groups[first].0, groups[first + length - 1].1, valid));
            }
        }
    }
    None
}

/// What a plain value is by its own form and check digit.
pub(crate) fn valid(value: &str) -> Option<Valid> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    match value.len() {
        18 if checks::resident_id(value).is_some() => Some(Valid::Id),
        18 if checks::uscc(value) => Some(Valid::Uscc),
        15 if checks::old_resident_id(value) && !checks::luhn(value) => Some(Valid::OldId),
        15..=19 if checks::luhn(value) => Some(Valid::Card),
        11 if digits && value.starts_with('1') && value.as_bytes()[1] >= b'3' => Some(Valid::Mobile),
        15..=34 if value.as_bytes()[0].is_ascii_uppercase() && checks::iban(value) => Some(Valid::Iban),
        _ => None,
    }
}

fn atoms(chars: &[char]) -> Vec<Atom> {
    let mut out: Vec<Atom> = Vec::new();
    let mut at = 0;
    let mut repeat = 1;
    while at < chars.len() {
        let start = at;
        let c = chars[at];
        if c.is_ascii_digit() {
            while at < chars.len() && chars[at].is_ascii_digit() {
                at += 1;
            }
            out.push(atom(start, at, Kind::Digits, chars[start..at].iter().collect()));
        } else if c.is_ascii_alphabetic() {
            while at < chars.len() && chars[at].is_ascii_alphabetic() {
                at += 1;
            }
            let word: String = chars[start..at].iter().collect();
            if matches!(word.as_str(), "double" | "triple") {
                repeat = if word == "double" { 2 } else { 3 };
                continue;
            }
            match english_digit(&word) {
                Some(digit) if word.len() > 1 || repeat > 1 => {
                    let value = digit.to_string().repeat(repeat);
                    let start = if repeat > 1 { start.saturating_sub(7) } else { start };
                    out.push(atom(start, at, Kind::English, value));
                }
                _ => out.push(atom(start, at, Kind::Letters, word.to_ascii_uppercase())),
            }
        } else if let Some((end, value)) = repeated(chars, at) {
            at = end;
            out.push(atom(start, at, Kind::Spoken, value));
        } else if let Some(value) = spoken_run(chars, at) {
            at += value.len();
            out.push(atom(start, at, Kind::Spoken, value));
        } else {
            let after_digit = out.last().is_some_and(|a| a.end == at && a.kind != Kind::Letters);
            if c == '叉' && after_digit {
                out.push(atom(start, at + 1, Kind::Spoken, "X".to_owned()));
            }
            at += 1;
        }
        repeat = 1;
    }
    out
}

fn atom(start: usize, end: usize, kind: Kind, value: String) -> Atom {
    Atom { start, end, kind, value }
}

/// `三个零`, `六个八`.
fn repeated(chars: &[char], at: usize) -> Option<(usize, String)> {
    let count = spoken_digit(chars[at]).or(chars[at].is_ascii_digit().then_some(chars[at]))?.to_digit(10)?;
    let digit = chars.get(at + 2).and_then(|c| spoken_digit(*c).or(c.is_ascii_digit().then_some(*c)))?;
    let unit = chars.get(at + 3).is_some_and(|c| "十百千万亿个块元".contains(*c));
    ((2..=8).contains(&count) && matches!(chars[at + 1], '个' | '個') && !unit)
        .then(|| (at + 3, digit.to_string().repeat(count as usize)))
}

/// Spoken digits that no unit makes an amount of.
fn spoken_run(chars: &[char], at: usize) -> Option<String> {
    let mut value: String = chars[at..].iter().map_while(|c| spoken_digit(*c)).take(VALUE_MAX).collect();
    let next = chars.get(at + value.len());
    if value.len() > 1 && next.is_some_and(|c| matches!(c, '个' | '個')) {
        value.pop();
    }
    let unit = next.is_some_and(|c| "十百千万亿拾佰仟萬億".contains(*c));
    let amount = at > 0 && "十百千万亿点".contains(chars[at - 1]);
    (!value.is_empty() && !unit && !amount).then_some(value)
}

/// Whether what stands between two atoms leaves them one number.
fn joins(chars: &[char], a: &Atom, b: &Atom) -> bool {
    let letters = a.kind == Kind::Letters || b.kind == Kind::Letters;
    let gap: String = chars[a.end..b.start].iter().collect();
    if gap.is_empty() {
        return true;
    }
    let short = |atom: &Atom| atom.kind != Kind::Letters || atom.value.len() <= 2;
    if letters && !(short(a) && short(b)) {
        return false;
    }
    let spoken = |atom: &Atom| matches!(atom.kind, Kind::Spoken | Kind::English);
    let mut rest = gap.as_str();
    let mut filled = false;
    while let Some(c) = rest.chars().next() {
        if let Some(filler) = FILLERS.iter().find(|f| rest.starts_with(**f)) {
            if filled || !(spoken(a) || spoken(b)) {
                return false;
            }
            filled = true;
            rest = &rest[filler.len()..];
            continue;
        }
        let fits = matches!(c, ' ' | '-' | '.' | '·' | '•' | '(' | ')' | '…')
            || (matches!(c, ',' | '、') && (spoken(a) || spoken(b)));
        if !fits {
            return false;
        }
        rest = &rest[c.len_utf8()..];
    }
    gap.chars().count() <= 8 && !(filled && letters)
}
