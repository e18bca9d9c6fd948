//! Amounts with their currency.
//!
//! A number is money when a currency stands beside it, when it is as large as
//! `万` or `千` makes it and nothing is counted with it, when a verb or noun of
//! money stands near it in the clause, or when an amount was asked for.
//! `三千多块` is read as 3000. A currency without minor units takes whole
//! numbers only; what is finer than the currency is not an amount.

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

/// ISO codes and the spellings that name them anywhere.
const CURRENCIES: &[(&str, &str)] = &[
    ("CNY", "人民币|rmb|cny|yuan|renminbi"),
    ("USD", "美元|美金|美刀|us dollars|us dollar|dollars|usd|us$"),
    ("EUR", "欧元|euros|euro|eur|€"),
    ("GBP", "英镑|british pounds|pounds|pound|gbp|£"),
    ("HKD", "港币|港元|港纸|hong kong dollars|hk dollars|hkd|hk$"),
    ("JPY", "日元|日币|日圆|円|japanese yen|yen|jpy"),
    ("AUD", "澳元|澳币|澳大利亚元|australian dollars|aussie dollars|aud|a$"),
    ("CAD", "加拿大元|加元|加币|canadian dollars|canadian dollar|cad"),
    ("CHF", "瑞士法郎|瑞郎|法郎|swiss francs|francs|chf"),
    ("SGD", "新加坡元|新加坡币|新元|新币|坡币|singapore dollars|sgd"),
    ("NZD", "新西兰元|纽币|纽元|new zealand dollars|nzd"),
    ("THB", "泰铢|泰珠|baht|thb"),
    ("KRW", "韩元|韩币|韩圆|korean won|won|krw"),
    ("MOP", "澳门元|澳门币|葡币|mop"),
    ("TWD", "新台币|台币|taiwan dollars|twd|nt$"),
    ("MYR", "马来西亚林吉特|林吉特|马币|令吉|ringgit|myr"),
    ("IDR", "印尼盾|印度尼西亚盾|rupiah|idr"),
    ("VND", "越南盾|vietnamese dong|vnd"),
    ("PHP", "菲律宾比索|比索|philippine pesos|pesos|php"),
    ("INR", "印度卢比|卢比|rupees|inr"),
    ("AED", "迪拉姆|dirhams|dirham|aed"),
    ("RUB", "卢布|roubles|rubles|rub"),
    ("ZAR", "兰特|rand|zar"),
    ("SEK", "瑞典克朗|swedish kronor|sek"),
    ("NOK", "挪威克朗|norwegian kroner|nok"),
    ("DKK", "丹麦克朗|danish kroner|dkk"),
];

/// Spellings that name a currency only after a number.
const SUFFIXES: &[(&str, &str)] = &[
    ("CNY", "块钱|大洋|大元|蚊|块|元整|元钱|元|圆|kuai|塊|¥"),
    ("GBP", "quid|镑"),
    ("USD", "刀|dollar|bucks|$"),
    ("EUR", "欧"),
    ("THB", "铢"),
];
const PREFIXES: &[(&str, &str)] = &[("CNY", "¥"), ("USD", "$")];

/// Every spelling of a table with its code.
fn spellings(table: &'static [(&str, &str)]) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.iter().flat_map(|(code, words)| words.split('|').map(move |word| (word, *code)))
}

/// Every spelling that names a currency anywhere, with its code.
pub fn currency_words() -> impl Iterator<Item = (&'static str, &'static str)> {
    spellings(CURRENCIES)
}

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
            put(sheet, number.value, Currency::CNY, number.start, number.end);
        }
    }
}

/// Letters stuck to the front make it a code (`ab123`), unless they name a currency.
fn is_glued(sheet: &Sheet<'_>, number: &Number) -> bool {
    let hyphen = sheet.char_before(number.start) == '-';
    let letter = sheet.char_before(number.start - usize::from(hyphen));
    letter.is_ascii_alphabetic()
        && sheet.char_at(number.start).is_ascii_digit()
        && currency_before(sheet, number.start).is_none()
}

fn code(name: &str) -> Option<Currency> {
    name.parse().ok()
}

/// The currency that ends right before a place, and where it begins.
pub fn currency_before(sheet: &Sheet<'_>, at: usize) -> Option<(Currency, usize)> {
    let at = if sheet.char_before(at) == ' ' { at.saturating_sub(1) } else { at };
    let before = sheet.before(at, 20);
    let (word, name) = currency_words()
        .chain(spellings(PREFIXES))
        .filter(|(word, _)| before.ends_with(word))
        .max_by_key(|(word, _)| word.len())?;
    let start = at - word.chars().count();
    let cut = word.starts_with(|c: char| c.is_ascii_alphabetic()) && sheet.char_before(start).is_ascii_alphabetic();
    (!cut).then_some((code(name)?, start))
}

/// The currency that begins right after a place, and where it ends.
pub fn currency_after(sheet: &Sheet<'_>, at: usize) -> Option<(Currency, usize)> {
    let spaced = if sheet.char_at(at) == ' ' { at + 1 } else { at };
    let from = if matches!(sheet.char_at(spaced), '多' | '来' | '余') { spaced + 1 } else { spaced };
    let rest = sheet.after(from, 20);
    let (word, name) = currency_words()
        .chain(spellings(SUFFIXES))
        .filter(|(word, _)| rest.starts_with(word))
        .max_by_key(|(word, _)| word.len())?;
    let end = from + word.chars().count();
    let cut = word.ends_with(|c: char| c.is_ascii_alphabetic()) && sheet.char_at(end).is_ascii_alphabetic();
    if cut {
        return None;
    }
    // 两千块美金, 五百元港币: the named currency wins over the piece word.
    if matches!(word, "块" | "块钱" | "元" | "元整" | "圆" | "蚊") {
        let gap = if sheet.char_at(end) == '的' || sheet.char_at(end) == ' ' { end + 1 } else { end };
        let rest = sheet.after(gap, 20);
        if let Some((named, name)) =
            currency_words().filter(|(named, _)| rest.starts_with(named)).max_by_key(|(w, _)| w.len())
        {
            return Some((code(name)?, gap + named.chars().count()));
        }
    }
    Some((code(name)?, end))
}

fn with_currency(sheet: &mut Sheet<'_>, number: &Number) {
    if let Some((value, end)) = pieces(sheet, number) {
        let (currency, end) = currency_after(sheet, end).unwrap_or((Currency::CNY, end));
        put(sheet, value, currency, number.start, end);
        return;
    }
    let after = currency_after(sheet, number.end);
    let before = currency_before(sheet, number.start).filter(|(_, start)| sheet.is_free(*start, number.start));
    match (before, after) {
        // ￥500元, 人民币五千元.
        (Some((currency, start)), Some((_, end))) => put(sheet, number.value, currency, start, end),
        // 美元7.15的时候卖: a price of the currency.
        (Some(_), None)
            if number.value < Decimal::from(20)
                && number.value.scale() >= 2
                && sheet.after(number.end, 3) == "的时候" =>
        {
            sheet.take(number.start, number.end);
        }
        (Some((currency, start)), None) if !COUNTED.is_match(sheet.after(number.end, 8)) => {
            put(sheet, number.value, currency, start, number.end);
        }
        (None, Some((currency, end))) => put(sheet, number.value, currency, number.start, end),
        _ => {}
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

fn put(sheet: &mut Sheet<'_>, value: Decimal, currency: Currency, start: usize, end: usize) {
    let Some(amount) = money(value, currency) else { return };
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
