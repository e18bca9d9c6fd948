//! Keys of names and places: family names, characters of given names, titles,
//! pairs that plain talk is made of, cities.

use super::lexicon::{CITIES, GIVEN, RARE_FAMILIES, TITLES};
use super::sheet::{EDGE, Sheet, is_han, key, near};
use crate::names::{COMPOUND, SINGLE};
use std::collections::HashSet;
use std::sync::LazyLock;

static FAMILY: LazyLock<HashSet<char>> = LazyLock::new(|| SINGLE.chars().collect());

static RARE: LazyLock<HashSet<char>> = LazyLock::new(|| RARE_FAMILIES.chars().collect());

static GIVEN_SET: LazyLock<HashSet<char>> = LazyLock::new(|| GIVEN.chars().collect());

/// The first two characters of provinces, cities and great districts.
static CITY_SET: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let chars: Vec<char> = CITIES.chars().filter(|c| !c.is_whitespace()).collect();
    chars.chunks_exact(2).map(|two| two.iter().collect()).collect()
});

/// What each character may be in a name, looked up once.
struct Row {
    /// 1 for a usual family name, 2 for a rare one.
    family: Vec<u32>,
    given: Vec<u32>,
    common: Vec<u32>,
    title: Vec<u32>,
}

impl Row {
    fn of(sheet: &Sheet) -> Self {
        let family = |c: &char| if FAMILY.contains(c) { 1 } else { 2 * u32::from(RARE.contains(c)) };
        let given = |c: &char| if GIVEN_SET.contains(c) { 0 } else { 2 - u32::from(is_han(*c)) };
        Self {
            family: sheet.folded.iter().map(family).collect(),
            given: sheet.folded.iter().map(given).collect(),
            common: (0..sheet.folded.len()).map(|at| sheet.common(at)).collect(),
            title: (0..sheet.folded.len()).map(|at| title(&sheet.folded[at..])).collect(),
        }
    }
}

/// 1 for a title of several characters here, 2 for one of a single character.
fn title(rest: &[char]) -> u32 {
    let starts = |title: &str| title.chars().zip(rest).all(|(a, b)| a == *b) && title.chars().count() <= rest.len();
    TITLES.iter().position(|t| starts(t)).map_or(0, |found| 1 + u32::from(found > 26))
}

/// Family name, characters of given names and titles in a row of Han characters.
pub(super) fn names(sheet: &Sheet, keys: &mut [Vec<u32>]) {
    let row = Row::of(sheet);
    let of = |list: &[u32], at: usize, beyond: u32| list.get(at).copied().unwrap_or(beyond);
    let rare = |at: usize| of(&row.family, at, 0) == 2;
    let family = |at: usize| of(&row.family, at, 0) > 0;
    let common = |at: usize| of(&row.common, at, 8);
    let given = |at: usize| of(&row.given, at, 3);
    let title = |at: usize| of(&row.title, at, 0);
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

/// Provinces and cities: where an address begins.
pub(super) fn cities(sheet: &Sheet, keys: &mut [Vec<u32>]) {
    for at in 0..sheet.folded.len() {
        let pair: String = sheet.folded.iter().skip(at).take(2).collect();
        if !CITY_SET.contains(pair.as_str()) {
            continue;
        }
        let third = sheet.lex.get(at + 2).copied().unwrap_or(EDGE);
        let before = sheet.at(at, -1);
        for (place, slot) in (0u32..).zip(keys.iter_mut().skip(at).take(3)) {
            slot.push(key(420, &[place]));
            slot.push(key(421, &[place, third]));
            slot.push(key(422, &[place, before]));
        }
    }
}
