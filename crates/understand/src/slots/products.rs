//! Products by their own names, as said: `杉禾90天持有`, `季季红`, `“安享宝”`,
//! `沪深300指数A`, `Golden Cedar 180`.
//!
//! Three ways: a name of the bank's list; a name in quotation marks where a
//! product is spoken of; and a word built as product names are (a brand of the
//! list at its head, or an ending such as `添利`, `定开`, `联名卡`). Kinds of
//! product (`信用卡`, `大额存单`, `房贷`) are no names.
//!
//! Read first, so that the 90 of a name is no term and its 一号 no date.

use super::Role;
use super::dates::build;
use super::sheet::Sheet;
use crate::normal::{is_han, normalise};
use crate::number::{self, Form};
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;
use teller_kernel::SlotValue;

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 16;
/// Names of the list that are looked for.
const LISTED_MAX: usize = 500;
/// A beginning is the bank's brand when this many names of the list share it.
const BRAND_NAMES: usize = 3;

/// Characters that stand in no product's name: pronouns, particles, verbs of dealing.
const NEVER_INSIDE: &str = "的了是把买卖赎购投选叫就那这我你您他她它给要想能到从什么问说帮请吧吗呢啊哦呃在和跟与或哪款再也都还用对不没办看转存取笔查被啥咋怎绑,。;!?、\"「」『』《》()";

/// Verbs before a name, left over at its head.
const LEADS: &[&str] = &[
    "赎回", "回", "户名", "申请", "追加", "定期", "推荐", "撤单", "取消", "退出", "换", "产品", "理财", "基金", "保险",
    "每周", "每月", "来", "有", "款", "手里", "名字", "个", "撤", "订", "签", "开通", "只", "支", "改", "去", "成",
    "借",
];

/// Beginnings that names share without being a brand.
const NO_BRANDS: &[&str] = &["个人", "个", "外币", "境外", "通用", "账户"];

/// Kinds of product and words that end like a name.
const KINDS: &[&str] = &[
    "余额宝",
    "支付宝",
    "充电宝",
    "移动宝",
    "聚宝",
    "元宝",
    "宝宝",
    "储蓄宝",
    "消费信贷",
    "个人信贷",
    "小额信贷",
    "收益",
    "利益",
    "权益",
    "金卡",
    "白金卡",
    "联名卡",
    "信用卡白金卡",
    "信用卡金卡",
    "年金",
    "年金险",
    "两全险",
    "终身寿",
    "增额终身寿",
    "商业养老金",
    "个人养老金",
    "养老金",
    "定开",
    "混合",
    "债券",
    "指数",
    "短债",
    "中短债",
    "国债",
    "股票",
    "一年定开",
    "快贷",
    "信贷",
];

/// What a product's name is made with, somewhere inside.
const MORPHEMES: &str = "利盈鑫宝享稳添赢安悦惠康福富居裕泰瑞禾颐恒金银福优聚汇融";

static ENDING: LazyLock<Regex> = LazyLock::new(|| {
    let number = "[0-9]{1,4}|[一二三四五六七八九十]{1,3}";
    build(&format!(
        "(?P<plain>(?:天天|日日|周周|月月|季季|年年|朝朝|双月|双周)[盈鑫红派利享宝赢金稳]{{1,2}}|添利宝|增利宝|添利|增利|双周|[\\p{{Han}}]{{1,2}}盈t\\+0|[\\p{{Han}}]{{1,2}}优享|[\\p{{Han}}]宝(?:{number})(?:天|号)|[\\p{{Han}}]宝七天通知|[\\p{{Han}}]宝|年年开|[\\p{{Han}}]杉杉|(?:{number})个?[月年]定开|年金险?|两全险|终身寿险?|短债|养老目标20[0-9]{{2}}|(?:优选|短债|中短债)?(?:混合|债券|指数|股票)[a-e]|优选[a-e]|持有混合|(?:[\\p{{Han}}]{{2}}联名|星途白金|优享金|白金|青年|旅行者|青春|尊享白金)卡|(?:快捷|随心|易|快|丰收|安居|惠农|税易|极速)贷|薪金煲|零钱罐|养老储蓄)|(?P<made>(?:[0-9]{{1,3}}|[一二三四五六七八九十])号|[0-9]{{2,3}}天(?:持有|滚动|定开)?|[0-9]{{3}})"
    ))
});
/// Words of a sentence about a product.
static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "买|赎|申购|认购|定投|产品|理财|基金|保险|年金|利率|收益|净值|保本|年化|派息|封闭|到期|卖|定开|存款|贷|卡|办|撤|退|亏|赚|份额|月红|派一次|结构性|选|buy|redeem|sell|fund|plan",
    )
});
static QUOTED: LazyLock<Regex> = LazyLock::new(|| build("[\"「『《'](?P<q>[^\"「」『』《》',。!?]{2,16})[\"」』》']"));
static SOMEBODY: LazyLock<Regex> = LazyLock::new(|| {
    build("(?:收款的?|收款人|转给|打给|付给|汇给|户名|对方|备注|姓名|昵称|短信|提示|显示)[^,。]{0,8}$")
});
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:[A-Z][a-z]+ ){1,4}(?:(?:Income |Growth )?No\\. ?[0-9]{1,2}|Plus|Monthly|Daily|Weekly|Plan|Card|Fund|Bond [A-E]|Fund [A-E]|[A-Z])\\b|(?:[A-Z][a-z]+ ){2,3}[0-9]{2,3}D?\\b",
    )
});
static ENGLISH_ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "buy|bought|redeem|sell|sold|yield|guaranteed|locked|invest|worth of|apply|like|want|hold|fund|product|return",
    )
});

/// Words in capitals that begin no product's name.
const NOT_PRODUCTS: &[&str] = &[
    "Debit",
    "Credit",
    "My",
    "The",
    "Bank",
    "Sim",
    "Gift",
    "Visa",
    "Master",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
    "I",
    "Is",
    "Can",
    "On",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

pub fn read(sheet: &mut Sheet<'_>) {
    listed(sheet);
    quoted(sheet);
    branded(sheet);
    built(sheet);
    stems(sheet);
    english(sheet);
}

fn put(sheet: &mut Sheet<'_>, start: usize, end: usize) {
    if !sheet.is_free(start, end) {
        return;
    }
    if sheet.ctx.products.is_none() {
        sheet.take(start, end);
        return;
    }
    let text = sheet.normal.as_written(start, end).trim().to_owned();
    sheet.put_role(SlotValue::Text { text }, start, end, Some(Role::Product));
}

/// Names of the bank's list, longest first.
fn listed(sheet: &mut Sheet<'_>) {
    let Some(products) = sheet.ctx.products else { return };
    let text = sheet.text();
    let mut names: Vec<String> =
        products.iter().take(LISTED_MAX).map(|name| normalise(name)).filter(|n| n.chars().count() > 2).collect();
    names.retain(|name| text.contains(name.as_str()));
    // Where the bank's own names have a brand, a name without it is a kind (`快捷支付`).
    let brands = brands(products);
    names.retain(|name| brands.is_empty() || name.is_ascii() || brands.iter().any(|b| name.starts_with(b.as_str())));
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names {
        let starts: Vec<usize> = text.match_indices(&name).map(|(byte, _)| sheet.normal.char_at_byte(byte)).collect();
        for start in starts {
            put(sheet, start, start + name.chars().count());
        }
    }
}

fn quoted(sheet: &mut Sheet<'_>) {
    if !ABOUT.is_match(sheet.text()) {
        return;
    }
    for hit in sheet.hits(&QUOTED) {
        let Some((start, end)) = sheet.group_span(&hit, "q") else { continue };
        let name = hit.group("q").unwrap_or("");
        let letters = name.chars().any(|c| is_han(c) || c.is_ascii_alphabetic());
        let sentence = name.chars().any(|c| "的了吗吧呢我你".contains(c)) || KINDS.contains(&name);
        let somebody = SOMEBODY.is_match(sheet.before(start, 12));
        if letters && !sentence && !somebody {
            put(sheet, start, end);
        }
    }
}

/// Beginnings that several names of the bank's list share.
fn brands(products: &[String]) -> Vec<String> {
    let mut shared: HashMap<String, usize> = HashMap::new();
    for name in products.iter().take(LISTED_MAX) {
        let head: Vec<char> = name.chars().take(2).filter(|c| is_han(*c)).collect();
        for length in 1..=head.len() {
            *shared.entry(head[..length].iter().collect()).or_default() += 1;
        }
    }
    let whole: Vec<String> = shared.iter().filter(|(_, n)| **n >= BRAND_NAMES).map(|(b, _)| b.clone()).collect();
    // 云 alone is only the first half of 云杉.
    let part = |b: &String| whole.iter().any(|other| other != b && other.starts_with(b) && shared[other] == shared[b]);
    whole.iter().filter(|b| !part(b) && !NO_BRANDS.contains(&b.as_str())).cloned().collect()
}

fn branded(sheet: &mut Sheet<'_>) {
    let Some(products) = sheet.ctx.products else { return };
    let mut brands = brands(products);
    brands.retain(|brand| sheet.text().contains(brand.as_str()));
    brands.sort_by_key(|brand| std::cmp::Reverse(brand.len()));
    for brand in brands {
        let starts: Vec<usize> =
            sheet.text().match_indices(&brand).map(|(byte, _)| sheet.normal.char_at_byte(byte)).collect();
        for at in starts {
            let rest = sheet.after(at, 8);
            let house = ["银行", "理财有", "支行", "app", "手机", "客服", "网点"]
                .iter()
                .any(|w| rest.chars().skip(brand.chars().count()).collect::<String>().starts_with(w));
            let before = sheet.char_before(at);
            if house || !sheet.is_free(at, at + 1) || (is_han(before) && !starts_name(sheet, at)) {
                continue;
            }
            let end = branded_end(sheet, at);
            if end >= at + 3 {
                put(sheet, at, end);
            }
        }
    }
}

/// Whether a word ends before `at`: a verb, a particle, an amount.
fn starts_name(sheet: &Sheet<'_>, at: usize) -> bool {
    NEVER_INSIDE.contains(sheet.char_before(at))
        || LEADS.iter().any(|lead| sheet.before(at, 4).ends_with(lead))
        || sheet.numbers.iter().any(|n| n.end == at)
}

/// A brand's name goes on to a known ending, or for two or three characters up to a word that ends it.
fn branded_end(sheet: &Sheet<'_>, at: usize) -> usize {
    let rest = sheet.after(at, NAME_CHARS_MAX);
    let run: usize =
        rest.chars().take_while(|c| (is_han(*c) || c.is_ascii_alphanumeric()) && !NEVER_INSIDE.contains(*c)).count();
    let name: String = rest.chars().take(run).collect();
    static CLOSES: LazyLock<Regex> = LazyLock::new(|| {
        build(
            "^.{1,8}?(?:[0-9一二三四五六七八九十]{1,3}号|[两一二三四五][年]期|年年开|年金险|白金卡|金卡|卡|快贷|易贷|信贷|贷|宝|盈|通|鑫|成长|果果|[0-9]{2,3}天(?:持有)?|月配息|混合|权益|日开|定开)",
        )
    });
    let closed = CLOSES.find(&name).map(|m| m.as_str().chars().count());
    at + closed.unwrap_or(0)
}

/// Names by how they are built: a known ending, and before it what may be part of a name.
fn built(sheet: &mut Sheet<'_>) {
    for hit in sheet.hits(&ENDING) {
        if !sheet.is_free(hit.start, hit.end) {
            continue;
        }
        let start = name_start(sheet, hit.start);
        let start = trim_leads(sheet, start, hit.start);
        let name = sheet.normal.slice(start, hit.end);
        let head: String = name.chars().take(hit.start.saturating_sub(start)).collect();
        let made = hit.group("made").is_some();
        let enough = if made {
            head.chars().count() >= 2
                && head.chars().all(is_han)
                && head.chars().filter(|c| MORPHEMES.contains(*c)).count() >= 2
        } else {
            name.chars().count() >= 3
        };
        let goes_on = sheet.char_at(hit.end).is_ascii_digit()
            || (made && matches!(sheet.char_at(hit.end), '元' | '块' | '万' | '楼' | '线' | '%' | '.'));
        let kind = KINDS.contains(&name)
            || ["支付宝", "余额宝", "充电宝", "年金", "养老金"]
                .iter()
                .any(|k| name.ends_with(k) && !made && name.chars().count() < 6);
        if enough && !goes_on && !kind && sheet.is_free(start, hit.end) {
            put(sheet, start, hit.end);
        }
    }
}

/// Two or more of the characters that such names are made of, where a product
/// is dealt in: `买了稳盈悦享`, `安享180天的净值`.
fn stems(sheet: &mut Sheet<'_>) {
    static DEALT: LazyLock<Regex> =
        LazyLock::new(|| build("买|赎|申购|认购|定投|理财|净值|封闭|份额|年化|起购|业绩|亏|持有|产品|基金|保险|保本"));
    static STEM: LazyLock<Regex> = LazyLock::new(|| {
        build(
            "(?P<s>[利盈鑫享稳健添增赢安悦惠福富裕泰瑞禾颐恒优聚汇丰宝得月季年双]{2,6})(?:[0-9]{2,3}天|(?:[0-9]{1,3}|[一二三四五六七八九十]{1,2})(?:号|期)|[一二三六]个月|[一二三]年(?:期|定开)?|混合|债券?|计划|定开|持有|日开|月开)*[a-e]?",
        )
    });
    static NO_STEM: LazyLock<Regex> = LazyLock::new(|| {
        build(
            "优惠|福利|丰富|添加|稳定|稳健型|^安稳|^稳健$|^稳得|^得利|^利得|^年年|^月月$|双月|年利|年得|得月|^增利$|年增|季增|^盈利|惠享$|安得|健康|^富裕|得年|年年得|月得|宝宝|^双双",
        )
    });
    if !DEALT.is_match(sheet.text()) || sheet.found.iter().any(|d| d.role == Some(Role::Product)) {
        return;
    }
    for hit in sheet.hits(&STEM) {
        let stem = hit.group("s").unwrap_or("");
        let length = hit.end - hit.start;
        let own = stem.chars().filter(|c| "利盈鑫享稳添增赢安悦惠福富裕泰瑞禾颐恒优聚汇丰宝".contains(*c)).count();
        if own < 2 || NO_STEM.is_match(stem) || !sheet.is_free(hit.start, hit.end) {
            continue;
        }
        let start = name_start(sheet, hit.start);
        let start = trim_leads(sheet, start, hit.start);
        // Far from its stem is another word: only a short head belongs to the name.
        let start = if hit.start - start <= 3 { start } else { hit.start };
        if length + (hit.start - start) >= 3 || length >= 4 {
            put(sheet, start, hit.end);
        }
    }
}

fn name_start(sheet: &Sheet<'_>, end: usize) -> usize {
    let floor = end.saturating_sub(NAME_CHARS_MAX);
    (floor..end)
        .rev()
        .take_while(|at| {
            let c = sheet.char_at(*at);
            (is_han(c) || c.is_ascii_alphanumeric()) && !NEVER_INSIDE.contains(c) && sheet.is_free(*at, *at + 1)
        })
        .last()
        .unwrap_or(end)
}

/// Verbs and amounts before the name are not part of it.
fn trim_leads(sheet: &Sheet<'_>, start: usize, end: usize) -> usize {
    let mut at = start;
    loop {
        let rest = sheet.normal.slice(at, end);
        if let Some(lead) = LEADS.iter().find(|lead| rest.starts_with(**lead)) {
            at += lead.chars().count();
            continue;
        }
        match number::read(sheet.chars(), at) {
            number::Reading::Number(n) if n.end <= end && matches!(n.form, Form::Scaled | Form::Arabic) => {
                at = n.end;
                for piece in ["块钱", "块", "元"] {
                    if sheet.after(at, 2).starts_with(piece) {
                        at += piece.chars().count();
                        break;
                    }
                }
            }
            _ => return at,
        }
    }
}

fn english(sheet: &mut Sheet<'_>) {
    let written = sheet.normal.as_written(0, sheet.chars().len());
    if !ENGLISH_ABOUT.is_match(sheet.text()) || written.chars().count() != sheet.chars().len() {
        return;
    }
    let spans: Vec<(usize, usize)> = ENGLISH
        .find_iter(written)
        .filter_map(|m| {
            let lead: usize = m
                .as_str()
                .split_inclusive(' ')
                .take_while(|word| NOT_PRODUCTS.contains(&word.trim_end()))
                .map(|word| word.chars().count())
                .sum();
            let start = written.get(..m.start())?.chars().count();
            let end = start + m.as_str().chars().count();
            let words = m.as_str().get(lead..)?.split(' ').count();
            (words >= 2).then_some((start + lead, end))
        })
        .collect();
    for (start, end) in spans {
        put(sheet, start, end);
    }
}
