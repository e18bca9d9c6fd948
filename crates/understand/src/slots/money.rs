//! Amounts with their currency.
//!
//! A number is money when a currency stands beside it, when it is as large as
//! `万` or `千` makes it and nothing is counted with it, when a verb or noun of
//! money stands near it in the clause, or when an amount was asked for.
//! `三千多块` is read as 3000. A currency without minor units takes whole
//! numbers only; what is finer than the currency is not an amount.

use super::currencies::{self, Beside};
use super::dates::build;
use super::sheet::Sheet;
use super::{Role, correction};
use crate::number::{Form, Number, cn_digit};
use regex::Regex;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::sync::LazyLock;
use teller_kernel::money::MINOR_MAX;
use teller_kernel::{Currency, Money, SlotType, SlotValue};

/// Longest run of Arabic digits that is an amount when no currency is said.
const BARE_DIGITS_MAX: usize = 9;

static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^ ?(?:多|来|余)?(?:年|个|月|号|日|天|期|次|遍|趟|张|笔|位|岁|人|折|倍|点|分钟|分之|小时|钟|%|楼|栋|室|级|度|层|套|本|份|条|类|款|周(?:$|[^转])|星期|礼拜|米|平|公里|多?一?克|股|手|秒|时|:|积分|里程|家|台|部|件|名|户|字|行|页|种|成|代|线|公斤|斤|吨|键|区|班|后|积|分(?:$|[,。!?的 满])|点|银行|开头|结尾|kg\\b|km\\b|gb?\\b|mb\\b|days?\\b|months?\\b|years?\\b|yrs?\\b|weeks?\\b|times\\b|cards?\\b|points?\\b|hours?\\b|minutes?\\b|mins?\\b|am\\b|pm\\b|st\\b|nd\\b|rd\\b|th\\b|people\\b|transactions?\\b|percent|bps?\\b|instal|miles?\\b|accounts?\\b|digits?\\b|-(?:day|month|year|digit)|years)",
    )
});
static NOT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:第|尾号|编号|户号|血压|步数|满|积分|里程|型号|版本|no\\.|number|#|iphone ?|零|密码|验证码|拨打|热线|客服|打|按|选|code|room|flat|unit|top|year|in|the) ?$",
    )
});
static NEAR_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "笔|那|这|返|少了|多了|进|用|罚|赔|共|总计|合计|具体|应该|少于|超过|转|存|取|还|汇|贷|换|借|打款|打|付|交|充|缴|买|花|提|调|改|设|限额|额度|金额|余额|工资|月供|本金|投|赎|扣|刷|捐|划|收|到账|给|欠|补|押金|房租|货款|首付|学费|红包|价|费|剩|值|凑|出|amount|transfer|send|sent|pay|paid|deposit|withdr|exchange|convert|borrow|loan|lend|lent|spend|spent|limit|save|saving|invest|wire|remit|charg|cost|worth|owe|give|repay|balance|total|put|move|top.?up|\\bate\\b|rent|fee|bill|sell",
    )
});
/// Words before a number that name an amount only of a hundred and more: `for 5000`, `for 2 codes`.
static NEAR_LOOSE: LazyLock<Regex> =
    LazyLock::new(|| build("\\b(?:for|for|of|over|under|above|below|than|to|buy|put|the|a|my)\\b"));
/// A message that speaks of money, wherever the amount stands.
static SPEAKS_OF_MONEY: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "转|汇|打给|打钱|付|还|存|取|充|缴|贷|借|买|卖|赎|花|扣|刷|钱|款|费|账|额|换|收|退|元|块|随礼|红包|房租|奖金|发票|赔|支出|消费|亏|押|pay|paid|send|sent|transfer|charge|deposit|withdr|buy|bought|sell|wire|owe|fee|bill|rent|balance|spend|spent|loan|install|limit|remit|beneficiary|payee|refund|coffee|tuition",
    )
});
static NEAR_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^ ?(?:转|给|到|存|还|汇|打|换|全转|都转|的?(?:定期|大额|理财|贷款|消费|支出|转账|扣款|取现|额度|限额|话费|房租|货款|红包|存单|借款|欠款|账单|退款|进账|收入|款|那笔|交易|贷)|到他|to |into |from |in cash|loan|deposit|transfer|limit|payment|charge|transaction)",
    )
});
static UNIT_TAIL: LazyLock<Regex> = LazyLock::new(|| {
    let d = "[0-9一二两三四五六七八九壹贰叁肆伍陆柒捌玖]";
    build(&format!(
        "^(?:块|元)(?:零|又)?(?:(?P<j>{d})(?:毛|角)(?:零?(?P<f>{d})分?)?|(?P<f3>{d})分|(?P<j2>{d})(?P<f2>{d})?分?)(?:钱)?"
    ))
});
static SMALL: LazyLock<Regex> = LazyLock::new(|| {
    let d = "[0-9一二两三四五六七八九壹贰叁肆伍陆柒捌玖]";
    build(&format!("^(?:(?P<j>毛|角)(?:(?P<f>{d})分?)?钱?|分钱)"))
});

pub fn read(sheet: &mut Sheet<'_>) {
    let numbers = sheet.numbers.clone();
    for number in &numbers {
        if sheet.is_free(number.start, number.end) && !is_glued(sheet, number) {
            with_currency(sheet, number);
        }
    }
    for number in &numbers {
        if sheet.is_free(number.start, number.end) && is_bare_amount(sheet, number) {
            let lone = currencies::lone(sheet, number.start, number.end);
            put(sheet, number.value, Some(lone.unwrap_or(Currency::CNY)), number.start, number.end);
        }
    }
}

/// Letters stuck to the front make it a code (`ab123`), unless they name a currency.
fn is_glued(sheet: &Sheet<'_>, number: &Number) -> bool {
    let hyphen = sheet.char_before(number.start) == '-';
    let letter = sheet.char_before(number.start - usize::from(hyphen));
    letter.is_ascii_alphabetic()
        && sheet.char_at(number.start).is_ascii_digit()
        && currencies::before(sheet, number.start).is_none()
}

/// The currency of a number between two names. A sure name wins over a piece word
/// (`港币500块`, `¥500日元`), a foreign one over the mark that yuan and yen share,
/// and of two sure ones the one behind; names that contradict each other give none.
fn told(before: Option<Beside>, after: Option<Beside>) -> Option<Currency> {
    match (before, after) {
        (Some(before), Some(after)) if before.sure && !after.sure => {
            let contradicted = before.currency == Currency::CNY && after.currency != Currency::CNY;
            (!contradicted).then_some(before.currency)
        }
        (Some(before), Some(after)) if !before.sure && !after.sure && before.currency != Currency::CNY => {
            Some(before.currency)
        }
        (_, Some(after)) => Some(after.currency),
        (before, None) => before.map(|before| before.currency),
    }
}

fn with_currency(sheet: &mut Sheet<'_>, number: &Number) {
    let before = currencies::before(sheet, number.start).filter(|name| sheet.is_free(name.edge, number.start));
    let start = before.map_or(number.start, |name| name.edge);
    if let Some((value, end)) = pieces(sheet, number) {
        let after = currencies::after(sheet, end);
        let named = before.is_some() || after.is_some();
        let currency = if named { told(before, after) } else { Some(Currency::CNY) };
        put(sheet, value, currency, start, after.map_or(end, |name| name.edge));
        return;
    }
    let after = currencies::after(sheet, number.end);
    let sure = [before, after].iter().flatten().any(|name| name.sure);
    if !sure && currencies::untold(sheet, number.start, number.end) {
        // A currency that cannot be told: no amount, and above all none in yuan.
        sheet.take(number.start, number.end);
        return;
    }
    match (before, after) {
        // 美元7.15的时候卖: a price of the currency.
        (Some(_), None)
            if number.value < Decimal::from(20)
                && number.value.scale() >= 2
                && sheet.after(number.end, 3) == "的时候" =>
        {
            sheet.take(number.start, number.end);
        }
        (Some(_), None) if COUNTED.is_match(sheet.after(number.end, 8)) => {}
        (None, None) => {}
        // ￥500元, 人民币五千元.
        (_, after) => {
            let end = after.map_or(number.end, |name| name.edge);
            put(sheet, number.value, told(before, after), start, end);
        }
    }
}

/// `十五块六`, `三块二毛五`, `五毛`, `三角五分`: value in yuan and end.
fn pieces(sheet: &Sheet<'_>, number: &Number) -> Option<(Decimal, usize)> {
    let rest = sheet.after(number.end, 10);
    let digit = |m: regex::Match<'_>| m.as_str().chars().next().and_then(|c| c.to_digit(10).or_else(|| cn_digit(c)));
    if let Some(found) = UNIT_TAIL.captures(rest) {
        let end = number.end + found.get(0)?.as_str().chars().count();
        let loose = found.name("j2");
        let next = sheet.char_at(end);
        let claimed = matches!(
            next,
            '个' | '次'
                | '笔'
                | '张'
                | '年'
                | '期'
                | '天'
                | '月'
                | '号'
                | '十'
                | '百'
                | '千'
                | '万'
                | '位'
                | '点'
                | '折'
                | '周'
                | '.'
                | '人'
        ) || next.is_ascii_digit()
            || cn_digit(next).is_some();
        if loose.is_some() && claimed {
            return None;
        }
        let jiao = found.name("j").or(loose).and_then(digit).unwrap_or(0);
        let fen = found.name("f").or(found.name("f2")).or(found.name("f3")).and_then(digit).unwrap_or(0);
        return Some((number.value.checked_add(Decimal::new(i64::from(jiao * 10 + fen), 2))?, end));
    }
    let found = SMALL.captures(rest)?;
    let end = number.end + found.get(0)?.as_str().chars().count();
    let (scale, fen) = match found.name("j") {
        Some(_) => (1, found.name("f").and_then(digit).unwrap_or(0)),
        None => (2, 0),
    };
    let value = number.value.checked_mul(Decimal::new(1, scale))?.checked_add(Decimal::new(i64::from(fen), 2))?;
    Some((value, end))
}

fn is_bare_amount(sheet: &Sheet<'_>, number: &Number) -> bool {
    let length = number.end - number.start;
    let expecting = sheet.expecting(SlotType::Money);
    if is_glued(sheet, number)
        || !could_be_amount(sheet, number)
        || (number.form == Form::Arabic && length > BARE_DIGITS_MAX)
    {
        return false;
    }
    if expecting && !sheet.found.iter().any(|d| d.slot_type() == SlotType::Money) {
        return true;
    }
    // 八百, 三千二, 1w5, 6,318.45, 45.00: written as amounts are.
    let spelled = number.form == Form::Scaled && number.value >= Decimal::ONE_HUNDRED;
    let grouped = number.form == Form::Grouped;
    let cents = number.form == Form::Arabic && number.value.scale() == 2 && number.value >= Decimal::TEN;
    if spelled || grouped || cents && SPEAKS_OF_MONEY.is_match(sheet.text()) {
        return true;
    }
    if alone(sheet, number) {
        return true;
    }
    if matches!(number.form, Form::Plain | Form::Spoken) {
        return false;
    }
    let clause = sheet.clause_start(number.start).max(number.start.saturating_sub(14));
    let before = sheet.normal.slice(clause, number.start);
    let loose = number.value >= Decimal::ONE_HUNDRED && NEAR_LOOSE.is_match(before);
    let near = NEAR_BEFORE.is_match(before)
        || loose
        || (number.value >= Decimal::ONE_HUNDRED && NEAR_AFTER.is_match(sheet.after(number.end, 12)))
        || correction::cue_before(sheet, number.start).is_some();
    near && (number.form != Form::English || number.value >= Decimal::from(10))
}

/// A clause of its own in a message about money (`转给他，三百`), or a round number that is all there is.
fn alone(sheet: &Sheet<'_>, number: &Number) -> bool {
    let (from, to) = (sheet.clause_start(number.start), sheet.clause_end(number.end));
    let around = [sheet.normal.slice(from, number.start), sheet.normal.slice(number.end, to)];
    let bare = around.iter().all(|text| text.chars().all(|c| " 吧呢啊哦嗯就整的.\"".contains(c)));
    let written = number.form == Form::Scaled || number.value >= Decimal::ONE_HUNDRED;
    let whole = from == 0 && to == sheet.chars().len();
    let round = number.value >= Decimal::from(10_000) && (number.value % Decimal::ONE_HUNDRED).is_zero();
    bare && written && if whole { round } else { SPEAKS_OF_MONEY.is_match(sheet.text()) }
}

/// Nothing is counted with it and no word before makes it a label.
pub fn could_be_amount(sheet: &Sheet<'_>, number: &Number) -> bool {
    let after = sheet.after(number.end, 10);
    let before = sheet.before(number.start, 8);
    let decimal = sheet.char_before(number.start) == '.'
        && sheet.char_before(number.start.saturating_sub(1)).is_ascii_alphanumeric();
    let joined = decimal
        || matches!(sheet.char_before(number.start), '/' | ':' | '_')
        || matches!(sheet.char_at(number.end), '/' | '_' | ':');
    let hyphen = sheet.char_before(number.start) == '-'
        && sheet.char_before(number.start.saturating_sub(1)).is_ascii_digit()
        && number.form == Form::Arabic
        && number.value < Decimal::from(100);
    // 0088213 is a code, a hotline is called, 1.0326 is a price of something.
    let code = number.form == Form::Arabic
        && (sheet.char_at(number.start) == '0' && number.value >= Decimal::ONE || is_hotline(sheet, number));
    let moved = ["支出", "收入", "扣", "付", "转", "收", "-", "+", "花了", "花"].iter().any(|w| before.ends_with(w));
    let price = number.form == Form::Arabic && number.value < Decimal::TEN && number.value.scale() >= 2 && !moved;
    // 打 is both to call and to pay: 打95566, 打五百给他.
    let hotline = number.form == Form::Arabic && number.end - number.start == 5 && sheet.char_at(number.start) == '9';
    let amount_verb = before.ends_with('打')
        && number.value >= Decimal::from(100)
        && !hotline
        && !after.starts_with(['客', '热', '投']);
    let labelled = NOT_BEFORE.is_match(before) && !amount_verb && number.form != Form::Grouped;
    !joined && !hyphen && !code && !price && !COUNTED.is_match(after) && !labelled
}

/// Numbers that everybody dials.
const HOTLINES: &[&str] =
    &["12378", "12306", "12345", "12315", "12363", "12321", "96110", "10086", "10010", "10000", "110", "12348"];

fn is_hotline(sheet: &Sheet<'_>, number: &Number) -> bool {
    let digits = sheet.normal.slice(number.start, number.end);
    let known = HOTLINES.contains(&digits) || (digits.len() == 5 && digits.starts_with("95"));
    let dialled = ["打", "拨", "投诉到", "call ", "dial "].iter().any(|w| sheet.before(number.start, 6).contains(w));
    let called = ["电话", "那个电话", "热线", "买的票"].iter().any(|w| sheet.after(number.end, 5).starts_with(w));
    (known && (dialled || called || !matches!(digits, "10000" | "110"))) || (digits == "400" && called)
}

/// Keeps an amount. A number whose currency contradicts itself, or that is finer
/// than its foreign currency, is used up: it must not be read again as yuan.
fn put(sheet: &mut Sheet<'_>, value: Decimal, currency: Option<Currency>, start: usize, end: usize) {
    let amount = currency.and_then(|currency| money(value, currency));
    let Some(amount) = amount else {
        if currency != Some(Currency::CNY) {
            sheet.take(start, end);
        }
        return;
    };
    // 一块儿: together.
    let together = sheet.normal.slice(start, end) == "一块" && sheet.char_at(end) == '儿';
    if together || sheet.after(end, 3).starts_with("的净值") {
        sheet.take(start, end);
        return;
    }
    // 一分钱都没了: a way of saying nothing.
    let nothing = sheet.char_at(start) == '一' && sheet.after(end, 1).contains(['都', '也', '没', '不']);
    if nothing && amount.minor <= 100 {
        sheet.take(start, end);
        return;
    }
    if limit_from(sheet, start, end) {
        sheet.take(start, end);
        return;
    }
    let role = bound(sheet, start, end);
    sheet.put_role(SlotValue::Money { amount }, start, end, role);
}

/// Exact minor units, or nothing.
pub fn money(value: Decimal, currency: Currency) -> Option<Money> {
    let minor = value.checked_mul(Decimal::from(currency.minor_per_major()))?;
    let minor = minor.fract().is_zero().then(|| minor.to_i64()).flatten()?;
    (1..=MINOR_MAX).contains(&minor).then(|| Money::new(minor, currency))
}

/// `从五万调到二十万`: the old limit is not the amount that is asked for.
fn limit_from(sheet: &Sheet<'_>, start: usize, end: usize) -> bool {
    let from = sheet.before(start, 6);
    let from = ["从", "由", "从现在的", "from ", "原来的", "从原来的"].iter().any(|w| from.ends_with(w));
    let after = sheet.after(end, 8);
    from && (after.starts_with(['调', '提', '升', '改', '降', '加', '减', '涨', '换'])
        || after.starts_with(" to ")
        || after.starts_with("到")
        || after.starts_with("一下调"))
}

fn bound(sheet: &Sheet<'_>, start: usize, end: usize) -> Option<Role> {
    let before = sheet.before(start, 10);
    let after = sheet.after(end, 8).trim_start();
    if ["不超过", "最多", "低于", "小于", "不到", "少于", "under ", "below ", "less than ", "up to ", "at most "]
        .iter()
        .any(|w| before.ends_with(w))
        || ["以下", "以内", "之内", "or less"].iter().any(|w| after.starts_with(w))
    {
        return Some(Role::AtMost);
    }
    let least = ["超过", "大于", "高于", "多于", "不少于", "至少", "over ", "above ", "more than ", "at least "]
        .iter()
        .any(|w| before.ends_with(w))
        || ["以上", "起", "or more"].iter().any(|w| after.starts_with(w));
    least.then_some(Role::AtLeast)
}
