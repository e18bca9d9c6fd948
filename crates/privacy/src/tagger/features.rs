//! What the tagger looks at for each character, as hashed keys: the characters
//! and words around, the run it stands in and that run's form and check digit,
//! announcing words near by, what a name's characters look like, and what the
//! older patterns say.

use super::forms::Forms;
use super::lexicon::{CITIES, GIVEN, RARE_FAMILIES, Simplified, TITLES, TRIGGERS};
use super::pairs;
use super::runs::{Run, Valid};
use crate::detect::PiiKind;
use crate::fold::fold;
use crate::names::{COMPOUND, SINGLE};
use crate::wide;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// How far before a character an announcing word is looked for.
const TRIGGER_REACH: usize = 14;

static SIMPLIFIED: LazyLock<Simplified> = LazyLock::new(Simplified::new);
static FAMILY: LazyLock<HashSet<char>> = LazyLock::new(|| SINGLE.chars().collect());
static RARE: LazyLock<HashSet<char>> = LazyLock::new(|| RARE_FAMILIES.chars().collect());
static GIVEN_SET: LazyLock<HashSet<char>> = LazyLock::new(|| GIVEN.chars().collect());
/// The first two characters of provinces, cities and great districts.
static CITY_SET: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let chars: Vec<char> = CITIES.chars().filter(|c| !c.is_whitespace()).collect();
    chars.chunks_exact(2).map(|two| two.iter().collect()).collect()
});
/// Announcing words by their first character.
static TRIGGER_WORDS: LazyLock<HashMap<char, Vec<(u8, Vec<char>)>>> = LazyLock::new(|| {
    let mut map: HashMap<char, Vec<(u8, Vec<char>)>> = HashMap::new();
    for (group, words) in TRIGGERS {
        for word in *words {
            let chars: Vec<char> = word.chars().collect();
            map.entry(chars[0]).or_default().push((*group, chars));
        }
    }
    map
});

/// FNV-1a over words, ended with a mixer so that low bits are good.
fn key(template: u32, parts: &[u32]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64 ^ u64::from(template);
    for part in parts {
        hash = (hash ^ u64::from(*part)).wrapping_mul(0x0100_0000_01b3);
        hash ^= hash >> 29;
    }
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 32) as u32
}

fn word_key(word: &str) -> u32 {
    let parts: Vec<u32> = word.chars().map(u32::from).collect();
    key(999, &parts)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

/// A text prepared for looking.
struct Sheet {
    folded: Vec<char>,
    /// What a character is for word features: digits are one, words are whole.
    lex: Vec<u32>,
    class: Vec<u32>,
    /// First and last place of the pure-letter word at a place.
    word: Vec<Option<(usize, usize)>>,
    triggers: Vec<(usize, usize, u8)>,
}

const EDGE: u32 = 1;

impl Sheet {
    fn of(original: &[char]) -> Self {
        let folded: Vec<char> = original.iter().map(|c| SIMPLIFIED.of(fold(*c))).collect();
        let mut sheet = Self {
            lex: folded.iter().map(|c| if c.is_ascii_digit() { u32::from('0') } else { u32::from(*c) }).collect(),
            class: original.iter().zip(&folded).map(|(o, c)| class(*o, *c)).collect(),
            word: vec![None; folded.len()],
            triggers: Vec::new(),
            folded,
        };
        sheet.words();
        sheet.triggers();
        sheet
    }

    fn words(&mut self) {
        let mut at = 0;
        while at < self.folded.len() {
            let start = at;
            while at < self.folded.len() && self.folded[at].is_alphabetic() && !is_han(self.folded[at]) {
                at += 1;
            }
            if at > start {
                let plain = !self.folded.get(at).is_some_and(char::is_ascii_digit)
                    && !(start > 0 && self.folded[start - 1].is_ascii_digit());
                let said: String = self.folded[start..at].iter().collect();
                let lex = if plain { word_key(&said) } else { u32::from('a') };
                for place in start..at {
                    self.lex[place] = lex;
                    self.word[place] = Some((start, at));
                }
            }
            at = at.max(start + 1);
        }
    }

    fn triggers(&mut self) {
        for at in 0..self.folded.len() {
            let Some(words) = TRIGGER_WORDS.get(&self.folded[at]) else { continue };
            for (group, word) in words {
                if self.folded[at..].starts_with(word) {
                    self.triggers.push((at, at + word.len(), *group));
                }
            }
        }
    }

    /// How often the pair of Han characters at a place stands in plain talk.
    fn common(&self, at: usize) -> u32 {
        match (self.folded.get(at), self.folded.get(at + 1)) {
            (Some(a), Some(b)) if is_han(*a) && is_han(*b) => pairs::level(*a, *b),
            _ => 8,
        }
    }

    fn at(&self, at: usize, offset: isize) -> u32 {
        at.checked_add_signed(offset).and_then(|i| self.lex.get(i)).copied().unwrap_or(EDGE)
    }

    fn class_at(&self, at: usize, offset: isize) -> u32 {
        at.checked_add_signed(offset).and_then(|i| self.class.get(i)).copied().unwrap_or(EDGE)
    }

    /// The token before a place: a character, or a whole word of letters.
    fn before(&self, at: usize) -> (u32, usize) {
        let Some(last) = at.checked_sub(1) else { return (EDGE, 0) };
        (self.lex[last], self.word[last].map_or(last, |w| w.0))
    }

    fn after(&self, at: usize) -> (u32, usize) {
        match self.lex.get(at) {
            None => (EDGE, at),
            Some(lex) => (*lex, self.word[at].map_or(at + 1, |w| w.1)),
        }
    }

    /// Groups of announcing words that end before a place, nearest first, once each.
    fn announced(&self, at: usize) -> Vec<(u8, usize)> {
        let mut near: Vec<(u8, usize)> = Vec::new();
        for (_, end, group) in self.triggers.iter().rev().filter(|t| t.1 <= at && t.1 + TRIGGER_REACH >= at) {
            if !near.iter().any(|(g, _)| g == group) {
                near.push((*group, at - end));
            }
        }
        near.sort_by_key(|n| n.1);
        near
    }

    fn follows(&self, at: usize) -> Vec<(u8, usize)> {
        let mut near: Vec<(u8, usize)> = Vec::new();
        for (start, _, group) in self.triggers.iter().filter(|t| t.0 >= at && t.0 < at + 7) {
            if !near.iter().any(|(g, _)| g == group) {
                near.push((*group, start - at));
            }
        }
        near
    }
}

fn class(original: char, c: char) -> u32 {
    match c {
        _ if c.is_ascii_digit() => 2,
        _ if super::runs::spoken_digit(c).is_some() => 3,
        _ if is_han(c) => 4,
        _ if original.is_uppercase() => 5,
        'Ａ'..='Ｚ' => 5,
        _ if c.is_alphabetic() => 6,
        ' ' => 7,
        '_' | '-' => 8,
        '@' | '#' | '$' | '%' | '&' | '*' | '+' | '=' | '!' => 9,
        '.' | '·' => 10,
        _ => 11,
    }
}

fn near(distance: usize) -> u32 {
    match distance {
        0 => 0,
        1 => 1,
        2..=3 => 2,
        4..=6 => 3,
        _ => 4,
    }
}

/// Keys for every character of a text.
#[must_use]
pub fn features(original: &[char]) -> Vec<Vec<u32>> {
    look(original).0
}

/// Keys, and what the forms allow.
pub(super) fn look(original: &[char]) -> (Vec<Vec<u32>>, Forms) {
    let sheet = Sheet::of(original);
    let text: String = original.iter().collect();
    let forms = Forms::of(&sheet.folded, wide::detect(&text));
    let mut keys: Vec<Vec<u32>> = (0..original.len()).map(|at| around(&sheet, at)).collect();
    for run in &forms.runs {
        number(&sheet, run, &mut keys);
    }
    dates(&sheet, &forms, &mut keys);
    cities(&sheet, &mut keys);
    codes(&sheet, &mut keys);
    names(&sheet, &mut keys);
    for span in &forms.wide {
        let kind = kind_number(span.kind);
        for at in span.start..span.end.min(keys.len()) {
            let place = u32::from(at == span.start);
            keys[at].push(key(80, &[kind, place]));
            let end = u32::from(at + 1 == span.end);
            keys[at].push(key(81, &[kind, place, end]));
        }
        if let Some(after) = keys.get_mut(span.end) {
            after.push(key(82, &[kind]));
        }
    }
    (keys, forms)
}

/// A date, its year and what is said around it.
fn dates(sheet: &Sheet, forms: &Forms, keys: &mut [Vec<u32>]) {
    for (start, end, year) in &forms.dates {
        let (b1, p1) = sheet.before(*start);
        let (b2, _) = sheet.before(p1);
        let (a1, n1) = sheet.after(*end);
        let (a2, _) = sheet.after(n1);
        let mut whole = vec![
            key(400, &[*year]),
            key(401, &[*year, b1]),
            key(402, &[*year, a1]),
            key(403, &[b2, b1]),
            key(404, &[a1, a2]),
            key(405, &[*year, u32::from(*start == 0), u32::from(*end == keys.len())]),
        ];
        for (order, (group, distance)) in (0u32..).zip(sheet.announced(*start)).take(3) {
            whole.push(key(406, &[u32::from(group), *year]));
            if order == 0 {
                whole.push(key(407, &[u32::from(group), *year, near(distance)]));
            }
        }
        for (group, distance) in sheet.follows(*end) {
            whole.push(key(408, &[u32::from(group), *year]));
            whole.push(key(409, &[u32::from(group), near(distance)]));
        }
        for at in *start..*end {
            let first = u32::from(at == *start);
            keys[at].extend(whole.iter().map(|k| key(410, &[*k, first])));
        }
        if let Some(after) = keys.get_mut(*end) {
            after.push(key(411, &[*year]));
        }
    }
}

/// Provinces and cities: where an address begins.
fn cities(sheet: &Sheet, keys: &mut [Vec<u32>]) {
    for at in 0..sheet.folded.len() {
        let pair: String = sheet.folded.iter().skip(at).take(2).collect();
        let Some(known) = CITY_SET.contains(pair.as_str()).then_some(()) else { continue };
        let () = known;
        let third = sheet.lex.get(at + 2).copied().unwrap_or(EDGE);
        let before = sheet.at(at, -1);
        for (place, slot) in (0u32..).zip(keys.iter_mut().skip(at).take(3)) {
            slot.push(key(420, &[place]));
            slot.push(key(421, &[place, third]));
            slot.push(key(422, &[place, before]));
        }
    }
}

fn kind_number(kind: PiiKind) -> u32 {
    super::KINDS.iter().position(|k| *k == kind).unwrap_or(0) as u32
}

/// Characters, words and announcing words around one place.
fn around(sheet: &Sheet, at: usize) -> Vec<u32> {
    let mut out = Vec::with_capacity(72);
    let c = |offset| sheet.at(at, offset);
    out.push(key(1, &[]));
    for (template, offset) in (10u32..).zip(-4isize..=4) {
        out.push(key(template, &[c(offset)]));
    }
    for (template, offset) in (20u32..).zip(-3isize..=2) {
        out.push(key(template, &[c(offset), c(offset + 1)]));
    }
    for (template, offset) in (27u32..).zip(-3isize..=1) {
        out.push(key(template, &[c(offset), c(offset + 1), c(offset + 2)]));
    }
    out.push(key(33, &[c(-1), c(1)]));
    let k = |offset| sheet.class_at(at, offset);
    out.push(key(34, &[k(0)]));
    out.push(key(35, &[k(-1), k(0)]));
    out.push(key(36, &[k(0), k(1)]));
    out.push(key(37, &[k(-1), k(0), k(1)]));
    out.push(key(38, &[k(-2), k(-1), k(0)]));
    out.push(key(39, &[k(0), k(1), k(2)]));
    // Whole tokens to either side.
    let (start, end) = sheet.word[at].unwrap_or((at, at + 1));
    let (b1, p1) = sheet.before(start);
    let (b2, p2) = sheet.before(p1);
    let (b3, _) = sheet.before(p2);
    let (a1, n1) = sheet.after(end);
    let (a2, _) = sheet.after(n1);
    let first = u32::from(start == at);
    let latin = u32::from(sheet.word[at].is_some());
    if latin == 1 {
        let capital = sheet.class[start];
        out.push(key(40, &[first, b1, capital]));
        out.push(key(41, &[first, b2, b1]));
        out.push(key(42, &[first, b3, b2, b1]));
        out.push(key(43, &[first, a1]));
        out.push(key(44, &[first, a1, a2]));
        out.push(key(45, &[first, capital, sheet.class_at(p1, 0), sheet.class_at(end, 1)]));
        out.push(key(46, &[first, sheet.lex[at]]));
        out.push(key(47, &[first, b1, sheet.lex[at]]));
    }
    for (order, (group, distance)) in (0u32..).zip(sheet.announced(at)).take(5) {
        out.push(key(50, &[u32::from(group), near(distance), k(0)]));
        out.push(key(51, &[u32::from(group), k(0)]));
        if order == 0 {
            out.push(key(52, &[u32::from(group), k(-1), k(0), k(1)]));
            out.push(key(53, &[u32::from(group), near(distance), c(0)]));
        }
    }
    for (group, distance) in sheet.follows(at + 1) {
        out.push(key(54, &[u32::from(group), near(distance), k(0)]));
    }
    out
}

/// Form, check digit and neighbours of a run, given to all its characters.
fn number(sheet: &Sheet, run: &Run, keys: &mut [Vec<u32>]) {
    let digits = run.value.bytes().filter(u8::is_ascii_digit).count() as u32;
    let letters = run.value.len() as u32 - digits;
    let lead = run.value.bytes().take_while(u8::is_ascii_alphabetic).count() as u32;
    let form = key(100, &[digits.min(24), letters.min(8), lead.min(3)]);
    let loose = key(101, &[digits.min(24) / 2, letters.min(3)]);
    let prefix = word_key(&run.value[..run.value.len().min(2)]);
    let prefix3 = word_key(&run.value[..run.value.len().min(3)]);
    let groups: Vec<u32> = run.groups.iter().take(6).map(|g| *g as u32).collect();
    let pattern = key(102, &groups);
    let (b1, p1) = sheet.before(run.start);
    let (b2, p2) = sheet.before(p1);
    let (b3, _) = sheet.before(p2);
    let (a1, n1) = sheet.after(run.end);
    let (a2, _) = sheet.after(n1);
    let announced = sheet.announced(run.start);
    let follows = sheet.follows(run.end);
    let mut whole = vec![
        key(110, &[form]),
        key(111, &[form, prefix]),
        key(112, &[prefix3, loose]),
        key(113, &[pattern]),
        key(114, &[form, b1]),
        key(115, &[loose, b2, b1]),
        key(116, &[b3, b2, b1]),
        key(117, &[form, a1]),
        key(118, &[loose, a1, a2]),
        key(119, &[u32::from(run.spoken), form]),
        key(120, &[b1, a1]),
        key(121, &[u32::from(run.start == 0), u32::from(run.end == keys.len()), form]),
        key(122, &[b2, b1]),
        key(123, &[a1, a2]),
    ];
    for (order, (group, distance)) in (0u32..).zip(&announced).take(4) {
        let group = u32::from(*group);
        whole.push(key(130, &[group, form]));
        whole.push(key(131, &[group, loose, near(*distance)]));
        whole.push(key(132, &[group, near(*distance)]));
        whole.push(key(133, &[group, prefix]));
        if order == 0 {
            whole.push(key(134, &[group, form]));
            whole.push(key(135, &[group, b1, loose]));
        }
    }
    if announced.is_empty() {
        whole.push(key(136, &[form]));
    }
    for (group, distance) in &follows {
        whole.push(key(137, &[u32::from(*group), loose, near(*distance)]));
    }
    for at in run.start..run.end {
        let place = u32::from(at == run.start) + 2 * u32::from(at + 1 == run.end);
        let first = u32::from(at == run.start);
        keys[at].extend(whole.iter().map(|k| key(140, &[*k, first])));
        keys[at].push(key(141, &[place, form]));
        if let Some((start, end, valid)) = run.valid {
            let inside = u32::from(at >= start && at < end);
            let begins = u32::from(at == start);
            let all = u32::from((start, end) == (run.start, run.end));
            keys[at].push(key(142, &[valid_number(valid), inside, begins]));
            keys[at].push(key(143, &[valid_number(valid), inside, begins, all]));
            keys[at].push(key(
                146,
                &[valid_number(valid), inside, begins, announced.first().map_or(0, |a| u32::from(a.0))],
            ));
        } else {
            keys[at].push(key(144, &[form, first]));
        }
    }
    if let Some(after) = keys.get_mut(run.end) {
        after.push(key(145, &[form]));
    }
}

fn valid_number(valid: Valid) -> u32 {
    match valid {
        Valid::Id => 1,
        Valid::OldId => 2,
        Valid::Uscc => 3,
        Valid::Card => 4,
        Valid::Iban => 5,
        Valid::Mobile => 6,
    }
}

fn in_code(c: char) -> bool {
    c.is_ascii_graphic()
        && !matches!(c, ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '<' | '>' | '|')
}

/// Unbroken stretches of Latin letters, digits and signs: codes, names of accounts, passwords.
fn codes(sheet: &Sheet, keys: &mut [Vec<u32>]) {
    let mut at = 0;
    while at < sheet.folded.len() {
        let start = at;
        while at < sheet.folded.len() && in_code(sheet.folded[at]) {
            at += 1;
        }
        if at > start + 1 {
            code(sheet, start, at, keys);
        }
        at = at.max(start + 1);
    }
}

fn code(sheet: &Sheet, start: usize, end: usize, keys: &mut [Vec<u32>]) {
    let classes = &sheet.class[start..end];
    let mut shape: Vec<u32> = classes.to_vec();
    shape.dedup();
    let shape = key(200, &shape[..shape.len().min(6)]);
    let has = |wanted: u32| u32::from(classes.contains(&wanted));
    let makeup = key(201, &[has(2), has(5), has(6), has(8), has(9), has(10)]);
    let length = ((end - start) as u32).min(20);
    let (b1, p1) = sheet.before(start);
    let (b2, p2) = sheet.before(p1);
    let (b3, _) = sheet.before(p2);
    let (a1, n1) = sheet.after(end);
    let (a2, _) = sheet.after(n1);
    let mut whole = vec![
        key(210, &[shape]),
        key(211, &[shape, length]),
        key(212, &[makeup]),
        key(213, &[makeup, b1]),
        key(214, &[b2, b1, makeup]),
        key(215, &[b3, b2, b1]),
        key(216, &[makeup, a1]),
        key(217, &[a1, a2]),
        key(218, &[makeup, length / 3]),
        key(219, &[b2, b1]),
        key(220, &[u32::from(start == 0), u32::from(end == keys.len()), makeup]),
    ];
    for (order, (group, distance)) in (0u32..).zip(sheet.announced(start)).take(4) {
        let group = u32::from(group);
        whole.push(key(230, &[group, makeup]));
        whole.push(key(231, &[group, near(distance), makeup]));
        whole.push(key(232, &[group, length, has(5) + has(6)]));
        if order == 0 {
            whole.push(key(233, &[group, makeup]));
            whole.push(key(234, &[group, shape]));
        }
    }
    for (group, distance) in sheet.follows(end) {
        whole.push(key(235, &[u32::from(group), makeup, near(distance)]));
    }
    for at in start..end {
        let first = u32::from(at == start);
        keys[at].extend(whole.iter().map(|k| key(240, &[*k, first])));
        keys[at].push(key(241, &[first + 2 * u32::from(at + 1 == end), makeup]));
    }
}

/// Family name, characters of given names and titles in a row of Han characters.
fn names(sheet: &Sheet, keys: &mut [Vec<u32>]) {
    let rare = |at: usize| sheet.folded.get(at).is_some_and(|c| RARE.contains(c) && !FAMILY.contains(c));
    let family = |at: usize| rare(at) || sheet.folded.get(at).is_some_and(|c| FAMILY.contains(c));
    let common = |at: usize| sheet.common(at);
    let given = |at: usize| {
        sheet.folded.get(at).map_or(3, |c| match () {
            () if GIVEN_SET.contains(c) => 0u32,
            () if is_han(*c) => 1,
            () => 2,
        })
    };
    let title = |at: usize| -> u32 {
        let rest: String = sheet.folded.iter().skip(at).take(2).collect();
        TITLES.iter().position(|t| rest.starts_with(t)).map_or(0, |found| 1 + u32::from(found > 26))
    };
    for at in 0..sheet.folded.len() {
        if !is_han(sheet.folded[at]) {
            continue;
        }
        let pair: String = sheet.folded.iter().skip(at).take(2).collect();
        let compound = COMPOUND.contains(&pair.as_str());
        let announced = sheet.announced(at);
        let call = announced.iter().find(|a| matches!(a.0, 19..=22)).map_or(0, |a| u32::from(a.0) * 8 + near(a.1));
        if family(at) || compound {
            let size = if compound { 2 } else { 1 };
            let one = given(at + size);
            let two = given(at + size + 1);
            let three = given(at + size + 2);
            let first = if compound { 1 } else { 2 * u32::from(rare(at)) };
            let words = key(302, &[common(at), common(at + 1), common(at + 2)]);
            let edge = at.checked_sub(1).map_or(9, common);
            let facts = key(300, &[first, one, two]);
            let title_after = key(301, &[title(at + size), title(at + size + 1), title(at + size + 2)]);
            let next = |offset: usize| sheet.lex.get(at + size + offset).copied().unwrap_or(EDGE);
            let own = [
                key(310, &[first]),
                key(311, &[facts, three]),
                key(312, &[facts, title_after]),
                key(313, &[facts, call]),
                key(314, &[sheet.at(at, -1), first, one]),
                key(315, &[sheet.at(at, -2), sheet.at(at, -1), one]),
                key(316, &[next(1), one]),
                key(317, &[next(2), one, two]),
                key(318, &[sheet.at(at, -1), next(2)]),
                key(319, &[sheet.at(at, -1), next(1)]),
                key(320, &[next(2), next(3), two]),
                key(321, &[title_after]),
                key(331, &[first, common(at), common(at + 1)]),
                key(332, &[first, words]),
                key(333, &[edge, common(at), common(at + size)]),
                key(334, &[first, common(at), common(at + 1), common(at + size), common(at + size + 1)]),
                key(335, &[call, common(at), common(at + 1)]),
                key(336, &[facts, common(at), common(at + 1)]),
            ];
            for (place, slot) in (0u32..).zip(keys.iter_mut().skip(at).take(size + 3)) {
                slot.extend(own.iter().map(|k| key(330, &[*k, place])));
            }
        } else {
            keys[at].push(key(322, &[]));
        }
        keys[at].push(key(323, &[given(at)]));
        keys[at].push(key(324, &[given(at), given(at + 1)]));
        keys[at].push(key(325, &[title(at)]));
        keys[at].push(key(326, &[title(at + 1)]));
        keys[at].push(key(327, &[call, u32::from(family(at))]));
        let edge = at.checked_sub(1).map_or(9, common);
        keys[at].push(key(337, &[edge, common(at)]));
        keys[at].push(key(338, &[edge, common(at), common(at + 1)]));
        keys[at].push(key(339, &[u32::from(family(at)), edge, common(at)]));
        let back = (1..=4).find(|back| at >= *back && (family(at - back))).map_or(0, |back| back as u32);
        keys[at].push(key(328, &[back, given(at)]));
    }
}
