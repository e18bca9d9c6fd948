//! Which of the shown options a customer means.
//!
//! In order: a position (`第二个`, `the last one`, `2`), a card tail, a label or
//! alias in the words, the words in a label, and last the sound of a label.
//! `resolve_choice` answers a question that showed the options: exact writing
//! wins over sound. `match_name` is for a name said first, before anything was
//! shown: names that sound the same come together, so that the customer
//! chooses (张伟, 章伟).

use crate::normal::{is_han, normalise};
use crate::number::{digit_of, parse_small};
use crate::pinyin::{Sound, compare, heard_in};
use crate::signs;
use regex::Regex;
use std::sync::LazyLock;

/// Most options a question may show.
pub const OPTIONS_MAX: usize = 100;

/// One option as the customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChoiceOption {
    pub id: String,
    pub label: String,
    pub aliases: Vec<String>,
    /// Last four digits, when the option is a card or an account.
    pub tail: Option<String>,
}

/// Indices into the options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChoiceMatch {
    One(usize),
    /// More than one fits (`都要` fits all): ask again among these.
    Several(Vec<usize>),
    None,
}

static ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    super::dates::build(
        "第(?P<z>[0-9]{1,2}|[一二三四五六七八九十]{1,3})|(?P<last>最后一?[个张笔条项种]?|倒数第一|\\blast one|\\bthe last\\b)|\\b(?P<e>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\\b|(?:number|no\\.?|option|#|选项?|按) ?(?P<n>[0-9]{1,2}|[一二三四五六七八九十]{1,2}|one|two|three|four|five)|^(?:就|要|选|是|我要|我选)?(?P<b>[0-9]{1,2}|[一二三四五六七八九十]{1,2})(?:号|吧|。|\\.)?$|(?P<u>上面|前面|前者|(?:^|[^一-龥])former)|(?P<d>下面|后面|后者|latter)",
    )
});
static DIGITS: LazyLock<Regex> = LazyLock::new(|| super::dates::build("[0-9零〇一二三四五六七八九幺]{4,}"));

/// The option that an answer to a shown list means.
pub fn resolve_choice(text: &str, options: &[ChoiceOption]) -> ChoiceMatch {
    let said = normalise(text);
    let options = &options[..options.len().min(OPTIONS_MAX)];
    if said.is_empty() || options.is_empty() {
        return ChoiceMatch::None;
    }
    let labels: Vec<Vec<String>> = options.iter().map(names).collect();
    // A label that is the whole answer is never read as a position.
    let whole = indices(&labels, |name| *name == said);
    if whole.len() == 1 {
        return pick(whole);
    }
    let by_tail = by_tail(&said, options);
    if !by_tail.is_empty() {
        return pick(by_tail);
    }
    if let Some(position) = ordinal(&said, options.len()) {
        return position.map_or(ChoiceMatch::None, ChoiceMatch::One);
    }
    if signs::says_all(&said) {
        return pick((0..options.len()).collect());
    }
    let written = longest(&labels, |name| said.contains(name.as_str()));
    if !written.is_empty() {
        return pick(written);
    }
    let partly = partly(&said, &labels);
    if !partly.is_empty() {
        return pick(partly);
    }
    by_sound(&said, &labels, Sound::Near)
}

/// Options whose name is, or sounds like, a name the customer said unasked.
pub fn match_name(name: &str, options: &[ChoiceOption]) -> ChoiceMatch {
    let said = normalise(name);
    let options = &options[..options.len().min(OPTIONS_MAX)];
    let labels: Vec<Vec<String>> = options.iter().map(names).collect();
    if said.is_empty() {
        return ChoiceMatch::None;
    }
    let mut same = indices(&labels, |label| compare(&said, label) == Sound::Same);
    if same.is_empty() {
        same = indices(&labels, |label| compare(&said, label) == Sound::Near);
    }
    if same.is_empty() {
        same = partly(&said, &labels);
    }
    pick(same)
}

fn pick(found: Vec<usize>) -> ChoiceMatch {
    match found.as_slice() {
        [] => ChoiceMatch::None,
        [one] => ChoiceMatch::One(*one),
        _ => ChoiceMatch::Several(found),
    }
}

fn names(option: &ChoiceOption) -> Vec<String> {
    std::iter::once(&option.label).chain(&option.aliases).map(|n| normalise(n)).filter(|n| !n.is_empty()).collect()
}

fn indices(labels: &[Vec<String>], fits: impl Fn(&String) -> bool) -> Vec<usize> {
    labels.iter().enumerate().filter(|(_, names)| names.iter().any(&fits)).map(|(at, _)| at).collect()
}

/// Options with the longest fitting name: 定期存款 before 存款.
fn longest(labels: &[Vec<String>], fits: impl Fn(&String) -> bool) -> Vec<usize> {
    let lengths: Vec<usize> = labels
        .iter()
        .map(|names| names.iter().filter(|n| fits(n)).map(|n| n.chars().count()).max().unwrap_or(0))
        .collect();
    let best = lengths.iter().copied().max().unwrap_or(0);
    if best == 0 {
        return Vec::new();
    }
    (0..labels.len()).filter(|at| lengths[*at] == best).collect()
}

fn by_tail(said: &str, options: &[ChoiceOption]) -> Vec<usize> {
    let runs: Vec<String> = DIGITS.find_iter(said).map(|m| m.as_str().chars().filter_map(digit_of).collect()).collect();
    let fits = |option: &ChoiceOption| {
        option.tail.as_ref().is_some_and(|tail| !tail.is_empty() && runs.iter().any(|run| run.ends_with(tail.as_str())))
    };
    (0..options.len()).filter(|at| fits(&options[*at])).collect()
}

/// A position that was said; the inner value is None when there is no such option.
fn ordinal(said: &str, count: usize) -> Option<Option<usize>> {
    let found = ORDINAL.captures(said)?;
    let position = if let Some(number) = found.name("z").or(found.name("n")).or(found.name("b")) {
        let word = number.as_str();
        let english = ["one", "two", "three", "four", "five"].iter().position(|w| *w == word).map(|i| i + 1);
        english.or_else(|| parse_small(word).and_then(|n| usize::try_from(n).ok()))?
    } else if let Some(word) = found.name("e") {
        let words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
        words.iter().position(|w| *w == word.as_str())? + 1
    } else if found.name("u").is_some() {
        if count != 2 {
            return None;
        }
        1
    } else if found.name("d").is_some() {
        if count != 2 {
            return None;
        }
        2
    } else {
        count
    };
    Some(position.checked_sub(1).filter(|at| *at < count))
}

/// Names that the answer is a part of (`信用卡` for `云杉信用卡金卡`), fillers apart.
fn partly(said: &str, labels: &[Vec<String>]) -> Vec<usize> {
    static FILLER: LazyLock<Regex> = LazyLock::new(|| {
        super::dates::build(
            "^(?:我|就|要|选择?|用|是|那|这|个|张|the |my |use |please |嗯|,| )+|(?:吧|的?那[个张笔]|的?这[个张笔]|的|呢|啊|one|please|谢谢|,|。|!| )+$",
        )
    });
    let core = FILLER.replace_all(said, "");
    let length = core.chars().count();
    let enough = if core.chars().any(is_han) { length >= 2 } else { length >= 3 };
    if !enough || !core.chars().any(char::is_alphanumeric) {
        return Vec::new();
    }
    indices(labels, |name| name.contains(core.as_ref()))
}

fn by_sound(said: &str, labels: &[Vec<String>], least: Sound) -> ChoiceMatch {
    let heard: Vec<Sound> = labels
        .iter()
        .map(|names| {
            names
                .iter()
                .filter(|n| n.chars().count() >= 2 && n.chars().all(is_han))
                .map(|n| heard_in(said, n))
                .max()
                .unwrap_or(Sound::Different)
        })
        .collect();
    let best = heard.iter().copied().max().unwrap_or(Sound::Different);
    if best < least || best == Sound::Different {
        return ChoiceMatch::None;
    }
    pick((0..heard.len()).filter(|at| heard[*at] == best).collect())
}
