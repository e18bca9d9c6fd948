//! Of several amounts in one message, those that are only told: the limit there
//! is, the debt there was, the face value of the notes, a rough figure before
//! the exact one. They go; what is asked for stays.
//!
//! Nothing goes where a single amount was said, and two amounts that are both
//! asked for (`一千五百欧元和两千英镑`) both stay.

use super::dates::build;
use super::sheet::{Draft, Sheet};
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// Characters before and after an amount that say what it is.
const NEAR_CHARS: usize = 8;

/// Right before an amount that is a state of things.
static TOLD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:额度|限额|余额|存款|本金|最低还款额?|剩余?|面额|借了|欠了|贷了|原来|原本|之前|本来|票面|月薪|工资|底薪|总价)(?:是|有|只有|就|才|为|给了|还有|大概|差不多)*$|(?:卡里|账上|手里|手头)(?:只|就|还|一共|总共)?(?:有|剩)$|(?:给了|批了)$|不到$|定金$",
    )
});
/// Right after such an amount.
static TOLD_AFTER: LazyLock<Regex> =
    LazyLock::new(|| build("^(?:的?额度|块?的?面额|元?面额|的?零钱|出头|不到|来块|上下|左右?[,。](?:具体|准确))"));
/// Right before the amount that counts.
static MEANT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:具体是?|准确是?|准确地说|实际(?:扣了|是|到账)?|最后(?:是|扣了|付了)?|最终(?:是)?|总共|一共|合计|共计?|(?:就|把|退|说|要|补)[这那]|(?:加|调|提|升|降|改|减|涨)到|只还了|先还|想先?还|提前还|(?:我|就|只)用|能到|[扣刷收打算转]成了?)$",
    )
});
/// All that stands between two amounts, the second in place of the first.
static INSTEAD: LazyLock<Regex> =
    LazyLock::new(|| build("^(?:吧|了|块|元|,| )*(?:改|变|换|调|减|算了)(?:成|为|到)?,?$"));

/// Between two dates, the second in place of the first.
static MOVED: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "没空|去不了|来不了|来不及|(?:延|改|挪|推|换|调|提前)(?:迟|后)?[到成为至]|换$|[了,]直接$|,不是,$|算不清,就$|哦不是.*,$|算了|作废|(?:push|move|change|make|delay)(?: it| that| this)? (?:to|until|till)",
    )
});

pub fn settle(sheet: &mut Sheet<'_>) {
    amount(sheet);
    date(sheet);
}

/// One time: the later of two that replace each other, the day rather than the
/// period it lies in, and where a record is looked for the period.
fn date(sheet: &mut Sheet<'_>) {
    let of = |sheet: &Sheet<'_>, wanted: SlotType| -> Vec<usize> {
        let mut at: Vec<usize> = (0..sheet.found.len()).filter(|i| sheet.found[*i].slot_type() == wanted).collect();
        at.sort_by_key(|i| sheet.found[*i].start);
        at
    };
    let days = of(sheet, SlotType::Date);
    for pair in days.windows(2) {
        let (first, second) = (&sheet.found[pair[0]], &sheet.found[pair[1]]);
        let again =
            days.iter().filter(|i| sheet.found[**i].value == second.value).count() > 1 && sheet.text().contains("不是");
        // 七号，上个月七号: the same day, now with its month.
        let with_month = match (&first.value, &second.value) {
            (SlotValue::Date { date: a }, SlotValue::Date { date: b }) => a.day() == b.day(),
            _ => false,
        };
        if first.value != second.value
            && (again || with_month || MOVED.is_match(sheet.normal.slice(first.end.min(second.start), second.start)))
        {
            let gone = first.start;
            sheet.found.retain(|d| !(matches!(d.slot_type(), SlotType::Date | SlotType::Moment) && d.start == gone));
            break;
        }
    }
    running_period(sheet);
    let (days, periods) = (of(sheet, SlotType::Date), of(sheet, SlotType::DateRange));
    if days.is_empty() || periods.is_empty() || sheet.ctx.expecting.is_some() {
        return;
    }
    let inside = |day: &SlotValue, period: &SlotValue| match (day, period) {
        (SlotValue::Date { date }, SlotValue::DateRange { from, to }) => from <= date && date <= to,
        _ => false,
    };
    // 元旦放假那三天，1号到3号: the days that begin with it.
    let begins = |day: &Draft, period: &Draft| match (&day.value, &period.value) {
        (SlotValue::Date { date }, SlotValue::DateRange { from, to }) => {
            date == from && period.start > day.end && to.day() != to.days_in_month()
        }
        _ => false,
    };
    let first: Vec<usize> = days
        .iter()
        .copied()
        .filter(|d| periods.iter().any(|p| begins(&sheet.found[*d], &sheet.found[*p])))
        .map(|d| sheet.found[d].start)
        .collect();
    if !first.is_empty() {
        sheet.found.retain(|d| d.slot_type() != SlotType::Date || !first.contains(&d.start));
        return;
    }
    static RECORD: LazyLock<Regex> =
        LazyLock::new(|| build("查|流水|明细|账单|记录|支出|收入|花了|statement|transaction|spent|history"));
    let record = RECORD.is_match(sheet.text());
    let order = sheet.found.iter().filter(|d| d.slot_type() == SlotType::Money).count() > 1;
    let gone: Vec<usize> = periods
        .iter()
        .copied()
        .filter(|p| !record && !order || days.iter().any(|d| inside(&sheet.found[*d].value, &sheet.found[*p].value)))
        .map(|p| sheet.found[p].start)
        .collect();
    sheet.found.retain(|d| d.slot_type() != SlotType::DateRange || !gone.contains(&d.start));
}

/// `把这个月房租转给房东`: in an order to pay the running month says for what, not when.
fn running_period(sheet: &mut Sheet<'_>) {
    static PAYING: LazyLock<Regex> = LazyLock::new(|| {
        build("转给|打给|汇给|付给|交费|缴费|交学费|存|转账|(?:帮我|给)[^,。]{0,8}(?:转|打|汇|交)|pay |send ")
    });
    static RECORD: LazyLock<Regex> = LazyLock::new(|| {
        build("查|流水|明细|账单|记录|多少|几[次笔回]|[了过]|那笔|没|收|扣|花|支出|怎么|吗|statement|spent|how much")
    });
    let amount = sheet.found.iter().any(|d| d.slot_type() == SlotType::Money);
    let today = sheet.ctx.today;
    if amount && sheet.ctx.expecting.is_none() && PAYING.is_match(sheet.text()) && !RECORD.is_match(sheet.text()) {
        sheet.found.retain(|d| !matches!(d.value, SlotValue::DateRange { from, to } if from <= today && today <= to));
    }
}

fn amount(sheet: &mut Sheet<'_>) {
    let places: Vec<usize> = amounts(&sheet.found);
    if places.len() < 2 {
        return;
    }
    let gone: Vec<usize> = places.iter().copied().filter(|at| is_told(sheet, &places, *at)).collect();
    if gone.len() == places.len() {
        return;
    }
    let mut at = 0;
    sheet.found.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
}

fn amounts(found: &[Draft]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..found.len()).filter(|at| found[*at].slot_type() == SlotType::Money).collect();
    places.sort_by_key(|at| found[*at].start);
    places
}

fn is_told(sheet: &Sheet<'_>, places: &[usize], at: usize) -> bool {
    let draft = &sheet.found[at];
    if is_meant(sheet, draft) {
        return false;
    }
    let others = || places.iter().filter(|other| **other != at).map(|other| &sheet.found[*other]);
    // 就退那三十: the amount pointed at is meant, and no other.
    if others().any(|other| is_meant(sheet, other) && other.start > draft.start && other.value != draft.value) {
        return true;
    }
    let told =
        TOLD.is_match(sheet.before(draft.start, NEAR_CHARS)) || TOLD_AFTER.is_match(sheet.after(draft.end, NEAR_CHARS));
    if told && others().any(|other| !TOLD.is_match(sheet.before(other.start, NEAR_CHARS))) {
        return true;
    }
    // 十五万还是十六万来着……十六万: what is said again is meant.
    let again = |draft: &Draft| others().filter(|other| other.value == draft.value).count() > 0;
    let repeated = others().any(|other| {
        other.start > draft.start
            && other.value != draft.value
            && places.iter().any(|p| sheet.found[*p].value == other.value && sheet.found[*p].start != other.start)
    });
    if repeated && !again(draft) {
        return true;
    }
    others()
        .filter(|other| other.start >= draft.end)
        .min_by_key(|other| other.start)
        .is_some_and(|next| INSTEAD.is_match(sheet.normal.slice(draft.end, next.start)))
}

fn is_meant(sheet: &Sheet<'_>, draft: &Draft) -> bool {
    MEANT.is_match(sheet.before(draft.start, NEAR_CHARS))
}
