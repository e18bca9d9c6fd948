//! A bare answer to what was just asked: `五千`, `12`, `1234`, `张三`, `要`.
//!
//! Only what the flow expects and nothing else was read as is looked for here.
//! A bare number is months when a term was asked, percent when a rate was.

use super::account::four_digits;
use super::dates::build;
use super::names;
use super::sheet::Sheet;
use crate::number::{Form, Number};
use regex::Regex;
use rust_decimal::prelude::ToPrimitive;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

static FOUR: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "[0-9零〇一二三四五六七八九幺洞拐]{4,}|(?:[一两二三四1-4]个[0-9零一二三四五六七八九]){1,3}|[0-9](?:[ -][0-9]){3}|[a-z]+(?:[ -][a-z]+){3}",
    )
});
static NO: LazyLock<Regex> = LazyLock::new(|| {
    build("^(?:不|没|否|别|无|未|算了|no\\b|nope|nah|not|don't|never)|不用|不要|不需要|没有|不是|不行|不必")
});
static YES: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:是|对|要|好|行|可以|有|需要|嗯|恩|确认|同意|没错|没问题|当然|肯定|yes|yeah|yep|sure|ok|okay|right|correct|of course|please|i do)",
    )
});

pub fn read(sheet: &mut Sheet<'_>) {
    let Some(wanted) = sheet.ctx.expecting else { return };
    if sheet.found.iter().any(|d| d.slot_type() == wanted) {
        return;
    }
    match wanted {
        SlotType::Integer => {
            if let Some((number, value)) = numbers(sheet)
                .find_map(|n| n.value.fract().is_zero().then(|| n.value.to_i64()).flatten().map(|v| (n, v)))
            {
                sheet.put(SlotValue::Integer { value }, number.start, number.end);
            }
        }
        SlotType::Term => {
            if let Some((number, months)) = numbers(sheet).find_map(|n| {
                n.value.to_u32().filter(|m| (1..=1_200).contains(m) && n.value.fract().is_zero()).map(|m| (n, m))
            }) {
                sheet.put(SlotValue::Term { months }, number.start, number.end);
            }
        }
        SlotType::Rate => {
            if let Some(number) = numbers(sheet).find(|n| n.value < rust_decimal::Decimal::ONE_HUNDRED) {
                sheet.put(SlotValue::Rate { percent: number.value.normalize().to_string() }, number.start, number.end);
            }
        }
        SlotType::CardTail => tail(sheet),
        SlotType::Name => names::bare(sheet),
        SlotType::Boolean => boolean(sheet),
        _ => {}
    }
}

fn numbers(sheet: &Sheet<'_>) -> std::vec::IntoIter<Number> {
    let free: Vec<Number> = sheet.numbers.iter().filter(|n| sheet.is_free(n.start, n.end)).cloned().collect();
    free.into_iter()
}

/// Four digits in any spelling; five or more are not a tail.
fn tail(sheet: &mut Sheet<'_>) {
    let spoken =
        sheet.numbers.iter().find(|n| n.form == Form::Spoken && n.value < rust_decimal::Decimal::from(10_000)).cloned();
    for hit in sheet.hits(&FOUR) {
        let said = sheet.normal.slice(hit.start, hit.end);
        if let Some(tail) = four_digits(said) {
            sheet.put(SlotValue::CardTail { tail }, hit.start, hit.end);
            return;
        }
    }
    if let Some(number) = spoken {
        let tail = format!("{:0>4}", number.value);
        sheet.put(SlotValue::CardTail { tail }, number.start, number.end);
    }
}

fn boolean(sheet: &mut Sheet<'_>) {
    let text = sheet.text();
    let value = match (NO.is_match(text), YES.is_match(text)) {
        (true, _) => false,
        (false, true) => true,
        _ => return,
    };
    let length = sheet.chars().len();
    sheet.put(SlotValue::Boolean { value }, 0, length);
}
