//! Keys of numbers, codes and dates: form, check digit, and what stands around the
//! whole, given to every character of it.

use super::forms::Forms;
use super::runs::{Run, Valid};
use super::sheet::{Sheet, key, near, word_key};

/// A date, its year and what is said around it.
pub(super) fn dates(sheet: &Sheet, forms: &Forms, keys: &mut [Vec<u32>]) {
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
        for (at, slot) in (*start..*end).zip(keys.iter_mut().skip(*start)) {
            let first = u32::from(at == *start);
            slot.extend(whole.iter().map(|k| key(410, &[*k, first])));
        }
        if let Some(after) = keys.get_mut(*end) {
            after.push(key(411, &[*year]));
        }
    }
}

/// Form, check digit and neighbours of a run, given to all its characters.
pub(super) fn number(sheet: &Sheet, run: &Run, keys: &mut [Vec<u32>]) {
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
    for (at, slot) in (run.start..run.end).zip(keys.iter_mut().skip(run.start)) {
        let place = u32::from(at == run.start) + 2 * u32::from(at + 1 == run.end);
        let first = u32::from(at == run.start);
        slot.extend(whole.iter().map(|k| key(140, &[*k, first])));
        slot.push(key(141, &[place, form]));
        if let Some((start, end, valid)) = run.valid {
            let inside = u32::from(at >= start && at < end);
            let begins = u32::from(at == start);
            let all = u32::from((start, end) == (run.start, run.end));
            slot.push(key(142, &[valid_number(valid), inside, begins]));
            slot.push(key(143, &[valid_number(valid), inside, begins, all]));
            slot.push(key(
                146,
                &[valid_number(valid), inside, begins, announced.first().map_or(0, |a| u32::from(a.0))],
            ));
        } else {
            slot.push(key(144, &[form, first]));
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
pub(super) fn codes(sheet: &Sheet, keys: &mut [Vec<u32>]) {
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
    for (at, slot) in (start..end).zip(keys.iter_mut().skip(start)) {
        let first = u32::from(at == start);
        slot.extend(whole.iter().map(|k| key(240, &[*k, first])));
        slot.push(key(241, &[first + 2 * u32::from(at + 1 == end), makeup]));
    }
}
