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

/// Family name, characters of given names and titles in a row of Han characters.
pub(super) fn names(sheet: &Sheet, keys: &mut [Vec<u32>]) {
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
