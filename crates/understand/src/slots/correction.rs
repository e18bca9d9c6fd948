//! Corrections inside one message: `三万，哦不对，三千`, `不是三万，是三千`,
//! `转给张三，不对，李四`. Only the final value stays, flagged.
//!
//! A value right behind `不是` is taken back; a value before a cue is taken back
//! when one of the same kind follows the cue. `是不是三万` asks and takes
//! nothing back.

use super::dates::build;
use super::money;
use super::names;
use super::sheet::{Draft, Sheet};
use regex::Regex;
use rust_decimal::Decimal;
use std::sync::LazyLock;
use teller_kernel::{Money, SlotType, SlotValue};

/// How far behind a cue a bare value may stand, in characters.
const REACH_CHARS: usize = 10;

static CUE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "不对|[哦呃额啊诶噢嗯]不是|对不起|不是的|错了|说错|讲错|打错|写错|(?:搞错|弄错)了?[,。!]|口误|更正|纠正|改成|改为|改到|改回|换成|换为|应该是|应该转|我是说|我说的是|哦不|噢不|呃不|额不|啊不|诶不|不不|不,|等等|等下|等一下|算了,?还是|算了,?换|算了,?约|算了就|还是改|而是|,是|,系|。是| 是|那就|不要,?改|no wait|no, |oops|sorry|i mean|i meant|actually|scratch that|correction|make it|make that|change it to|change to|change that to|rather|wait|instead",
    )
});
static TAKEN_BACK: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:不是|唔系|并非|而非|不要|别|不转|\\bnot)(?:给|转给|转到|转|存|取|还|汇|要|换|到|说|在|用|尾号|收款人|叫|for|to|the|on|in|\\$|¥| )*$",
    )
});
static ASKED: LazyLock<Regex> =
    LazyLock::new(|| build("(?:[哦呃额啊诶噢嗯]不是|是不是|要不是|要不要|if not|why not|whether or not)[^,]{0,6}$"));

/// The end of a correction cue within reach before a place.
pub fn cue_before(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    cues(sheet).into_iter().map(|(_, end)| end).rfind(|end| *end <= at && at - end <= REACH_CHARS)
}

fn cues(sheet: &Sheet<'_>) -> Vec<(usize, usize)> {
    let denied = ["不是", "不对", "唔系", "不要"].iter().any(|word| sheet.text().contains(word));
    sheet
        .hits(&CUE)
        .iter()
        .filter(|hit| {
            let word = hit.captures.get(0).map_or("", |m| m.as_str());
            // A plain 是 after a pause corrects only what was denied.
            !word.ends_with(['是', '系'])
                || matches!(word, "应该是" | "而是" | "我说的是" | "算了还是" | "算了,还是")
                || denied
        })
        .map(|hit| (hit.start, hit.end))
        .collect()
}

/// Dates of all shapes replace each other.
fn family(slot: SlotType) -> SlotType {
    match slot {
        SlotType::DateRange | SlotType::Moment => SlotType::Date,
        other => other,
    }
}

pub fn apply(sheet: &mut Sheet<'_>) {
    if sheet.found.is_empty() && !sheet.text().contains("不是") {
        return;
    }
    let cues = cues(sheet);
    for (_, end) in &cues {
        bare_after(sheet, *end);
    }
    let mut drafts = std::mem::take(&mut sheet.found);
    drafts.sort_by_key(|d| d.start);
    let mut dropped = vec![false; drafts.len()];
    let mut final_value = vec![false; drafts.len()];
    for (at, draft) in drafts.iter().enumerate() {
        // 昨天的，哦不是昨天，前天: denied, although it sounds like a correction.
        let again = drafts[..at].iter().any(|earlier| earlier.value == draft.value)
            && TAKEN_BACK.is_match(sheet.before(draft.start, 12));
        dropped[at] = again && drafts.len() > at + 1 || is_taken_back(sheet, draft);
    }
    let all_cues = cues.clone();
    for (cue_start, cue_end) in cues {
        replace(&drafts, cue_start, cue_end, &mut dropped, &mut final_value);
    }
    for at in 0..drafts.len() {
        let same = |other: usize| family(drafts[other].slot_type()) == family(drafts[at].slot_type());
        if !dropped[at] && (0..drafts.len()).any(|other| dropped[other] && same(other)) {
            final_value[at] = true;
        }
    }
    // 不是500，是600: the first number was no amount by itself, and is denied all the same.
    let denied =
        sheet.numbers.iter().find(|n| is_denied(sheet, n.start) && money::could_be_amount(sheet, n)).map(|n| n.start);
    for (at, draft) in drafts.iter().enumerate() {
        final_value[at] |= draft.slot_type() == SlotType::Money && denied.is_some_and(|n| n != draft.start);
    }
    change_currency(&mut drafts, &all_cues, &mut dropped, &mut final_value);
    let kept = drafts.into_iter().enumerate().filter(|(at, _)| !dropped[*at]);
    sheet.found = kept.map(|(at, draft)| Draft { corrected: final_value[at], ..draft }).collect();
}

fn is_taken_back(sheet: &Sheet<'_>, draft: &Draft) -> bool {
    is_denied(sheet, draft.start)
}

fn is_denied(sheet: &Sheet<'_>, at: usize) -> bool {
    let before = sheet.before(at, 12);
    TAKEN_BACK.is_match(before) && !ASKED.is_match(before)
}

/// The nearest value before the cue goes when one of its kind follows.
fn replace(drafts: &[Draft], cue_start: usize, cue_end: usize, dropped: &mut [bool], final_value: &mut [bool]) {
    let mut done: Vec<SlotType> = Vec::new();
    for later in 0..drafts.len() {
        let kind = family(drafts[later].slot_type());
        if drafts[later].start < cue_end || dropped[later] || done.contains(&kind) {
            continue;
        }
        done.push(kind);
        let mut any = false;
        for earlier in
            (0..drafts.len()).filter(|i| drafts[*i].end <= cue_start + 1 && family(drafts[*i].slot_type()) == kind)
        {
            any |= !dropped[earlier];
            dropped[earlier] = true;
        }
        final_value[later] |= any;
    }
}

/// A bare number or name right behind the cue takes the kind of what stood before it.
fn bare_after(sheet: &mut Sheet<'_>, cue_end: usize) {
    let before: Vec<SlotType> = sheet.found.iter().filter(|d| d.start < cue_end).map(Draft::slot_type).collect();
    let amount = sheet.found.iter().rev().find_map(|d| match &d.value {
        SlotValue::Money { amount } if d.start < cue_end => Some(*amount),
        _ => None,
    });
    if let Some(Money { currency, .. }) = amount {
        let number = sheet.numbers.iter().find(|n| n.start >= cue_end && n.start - cue_end <= REACH_CHARS).cloned();
        if let Some(number) = number.filter(|n| sheet.is_free(n.start, n.end) && money::could_be_amount(sheet, n))
            && let Some(amount) = money::money(number.value, currency)
        {
            sheet.put(SlotValue::Money { amount }, number.start, number.end);
        }
    }
    if before.contains(&SlotType::Name) || (before.is_empty() && sheet.text().contains("不是")) {
        names::after_cue(sheet, cue_end);
    }
}

/// `五千美元，不对，是欧元`: the amount stays, its currency changes.
fn change_currency(drafts: &mut [Draft], cues: &[(usize, usize)], dropped: &mut [bool], final_value: &mut [bool]) {
    for (cue_start, cue_end) in cues {
        let later = |at: &usize| !dropped[*at] && drafts[*at].start >= *cue_end;
        let named = (0..drafts.len()).filter(later).find_map(|at| match drafts[at].value {
            SlotValue::Currency { currency } => Some((at, currency)),
            _ => None,
        });
        let before = (0..drafts.len()).rev().find_map(|at| match &drafts[at].value {
            SlotValue::Money { amount } if !dropped[at] && drafts[at].end <= *cue_start + 1 => Some((at, *amount)),
            _ => None,
        });
        let (Some((named_at, currency)), Some((money_at, amount))) = (named, before) else { continue };
        let major = Decimal::from(amount.minor) / Decimal::from(amount.currency.minor_per_major());
        if let Some(amount) = money::money(major, currency) {
            drafts[money_at].value = SlotValue::Money { amount };
            final_value[money_at] = true;
            dropped[named_at] = true;
        }
    }
}
