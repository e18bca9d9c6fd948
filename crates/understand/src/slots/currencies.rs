//! What currencies are called, and which one stands beside a number.
//!
//! Invariants: a number beside the name of a foreign currency never counts as
//! yuan. A currency that is named but not told apart (`克朗`, `kr`, `coins`) gives
//! no currency at all, so that the number is no amount and is asked for again.
//!
//! Codes are those of ISO 4217, as the kernel lists them. Not here: what the bank
//! deals in.

use super::dates::build;
use super::sheet::Sheet;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::Currency;

/// ISO codes and the spellings that name them anywhere. A bare `比索`, `卢比`,
/// `法郎` is what customers of a bank in China mean by it.
const NAMES: &[(&str, &str)] = &[
    ("CNY", "人民币|rmb|cny|yuan|renminbi|cn¥"),
    ("USD", "美元|美金|美刀|us dollars|us dollar|dollars|dollar|usd|us$"),
    ("EUR", "欧元|euros|euro|eur|€"),
    ("GBP", "英镑|british pounds|pounds sterling|pounds|pound|sterling|gbp|£"),
    ("HKD", "港币|港元|港纸|hong kong dollars|hong kong dollar|hk dollars|hkd|hk$"),
    ("JPY", "日元|日币|日圆|円|japanese yen|yen|jpy|jp¥"),
    ("AUD", "澳元|澳币|澳洲元|澳大利亚元|australian dollars|australian dollar|aussie dollars|aud|aus$|au$|a$"),
    ("CAD", "加拿大元|加元|加币|canadian dollars|canadian dollar|cad|ca$|c$"),
    ("CHF", "瑞士法郎|瑞郎|法郎|swiss francs|swiss franc|francs|chf"),
    ("SGD", "新加坡元|新加坡币|新元|新币|坡币|singapore dollars|singapore dollar|sgd|s$"),
    ("NZD", "新西兰元|纽币|纽元|new zealand dollars|new zealand dollar|nzd|nz$"),
    ("THB", "泰铢|泰珠|泰国铢|泰币|thai baht|bahts|baht|thb|฿"),
    ("KRW", "韩元|韩币|韩圆|韩国元|korean won|krw|₩"),
    ("MOP", "澳门元|澳门币|葡币|macau patacas|patacas|pataca|mop|mop$"),
    ("TWD", "新台币|新台幣|台币|台湾元|new taiwan dollars|new taiwan dollar|taiwan dollars|taiwan dollar|twd|ntd|nt$"),
    ("MYR", "马来西亚林吉特|马来西亚币|林吉特|马币|令吉|malaysian ringgit|ringgits|ringgit|myr"),
    ("IDR", "印度尼西亚盾|印度尼西亚卢比|印尼卢比|印尼盾|印尼币|indonesian rupiah|rupiahs|rupiah|idr"),
    ("VND", "越南盾|越盾|越南币|vietnamese dong|dong|vnd|₫"),
    ("PHP", "菲律宾比索|菲律宾币|菲币|比索|philippine pesos|philippine peso|pesos|php|₱"),
    ("INR", "印度卢比|卢比|indian rupees|indian rupee|rupees|inr|₹"),
    ("PKR", "巴基斯坦卢比|pakistani rupees|pakistani rupee|pkr"),
    ("LKR", "斯里兰卡卢比|sri lankan rupees|lkr"),
    ("NPR", "尼泊尔卢比|nepalese rupees|npr"),
    ("BDT", "孟加拉塔卡|塔卡|bangladeshi taka|taka|bdt|৳"),
    ("AED", "阿联酋迪拉姆|迪拉姆|uae dirhams|dirhams|dirham|aed"),
    ("MAD", "摩洛哥迪拉姆|moroccan dirhams"),
    ("SAR", "沙特里亚尔|沙特币|saudi riyals|saudi riyal"),
    ("QAR", "卡塔尔里亚尔|qatari riyals|qatari riyal|qar"),
    ("OMR", "阿曼里亚尔|omani rials|omr"),
    ("IRR", "伊朗里亚尔|iranian rials"),
    ("KWD", "科威特第纳尔|kuwaiti dinars|kuwaiti dinar|kwd"),
    ("BHD", "巴林第纳尔|bahraini dinars|bhd"),
    ("JOD", "约旦第纳尔|jordanian dinars|jod"),
    ("IQD", "伊拉克第纳尔|iraqi dinars|iqd"),
    ("TND", "突尼斯第纳尔|tunisian dinars|tnd"),
    ("DZD", "阿尔及利亚第纳尔|algerian dinars|dzd"),
    ("RSD", "塞尔维亚第纳尔|serbian dinars|rsd"),
    ("RUB", "俄罗斯卢布|卢布|russian rubles|russian roubles|roubles|rouble|rubles|ruble|rub|₽"),
    ("BYN", "白俄罗斯卢布|belarusian rubles|byn"),
    ("UAH", "乌克兰格里夫纳|格里夫纳|hryvnias|hryvnia|uah|₴"),
    ("KZT", "哈萨克斯坦坚戈|坚戈|tenge|kzt|₸"),
    ("MNT", "蒙古图格里克|图格里克|tugriks|tugrik|mnt|₮"),
    ("TRY", "土耳其里拉|里拉|turkish liras|turkish lira|₺"),
    ("ILS", "以色列新谢克尔|新谢克尔|谢克尔|shekels|shekel|ils|₪"),
    ("EGP", "埃及镑|egyptian pounds|egyptian pound|egp"),
    ("ZAR", "南非兰特|兰特|south african rand|rand|zar"),
    ("NGN", "尼日利亚奈拉|奈拉|naira|ngn|₦"),
    ("KES", "肯尼亚先令|kenyan shillings|kes"),
    ("TZS", "坦桑尼亚先令|tanzanian shillings|tzs"),
    ("UGX", "乌干达先令|ugandan shillings|ugx"),
    ("GHS", "加纳塞地|塞地|cedis|ghs|₵"),
    ("ETB", "埃塞俄比亚比尔|ethiopian birr|birr|etb"),
    ("XOF", "西非法郎|xof"),
    ("XAF", "中非法郎|xaf"),
    ("XPF", "太平洋法郎|xpf"),
    ("SEK", "瑞典克朗|swedish kronor|swedish krona|kronor|sek"),
    ("NOK", "挪威克朗|norwegian kroner|norwegian krone|nok"),
    ("DKK", "丹麦克朗|danish kroner|danish krone|dkk"),
    ("ISK", "冰岛克朗|icelandic kronur|isk"),
    ("CZK", "捷克克朗|czech koruna|koruna|czk"),
    ("PLN", "波兰兹罗提|兹罗提|polish zloty|zlotys|zloty|zł|pln"),
    ("HUF", "福林|forints|forint|huf"),
    ("RON", "罗马尼亚列伊|romanian lei|romanian leu"),
    ("MXN", "墨西哥比索|墨西哥元|mexican pesos|mexican peso|mxn|mx$"),
    ("ARS", "阿根廷比索|argentine pesos"),
    ("CLP", "智利比索|chilean pesos|clp"),
    ("COP", "哥伦比亚比索|colombian pesos"),
    ("BRL", "巴西雷亚尔|雷亚尔|巴西币|brazilian reais|brazilian real|reais|brl|r$"),
    ("PEN", "秘鲁索尔|peruvian soles"),
    ("KHR", "柬埔寨瑞尔|瑞尔|riels|riel|khr|៛"),
    ("LAK", "老挝基普|基普|lao kip|₭"),
    ("MMK", "缅甸元|缅元|缅币|kyats|kyat|mmk"),
    ("BND", "文莱元|文莱币|brunei dollars|bnd"),
    ("FJD", "斐济元|fijian dollars|fjd"),
    ("KPW", "朝鲜元|朝鲜币|朝币|north korean won|kpw"),
];

/// Spellings that name a currency only after a number.
const SUFFIXES: &[(&str, &str)] = &[
    ("CNY", "块钱|大洋|大元|蚊|块|元整|元钱|元|圆|kuai|塊|¥"),
    ("GBP", "quid|镑"),
    ("USD", "刀|bucks|$"),
    ("EUR", "欧"),
    ("THB", "铢"),
    ("KRW", "won"),
    ("MYR", "rm"),
];
const PREFIXES: &[(&str, &str)] = &[("CNY", "¥"), ("USD", "$"), ("MYR", "rm"), ("IDR", "rp")];

/// Spellings that say little by themselves: `HK$500 dollars`, `港币500块`.
const WEAK: &str = "块钱|大洋|大元|蚊|块|元整|元钱|元|圆|kuai|塊|¥|刀|bucks|$|dollars|dollar";

/// Codes that are words as well: only in capitals do they name a currency.
const CODES_THAT_ARE_WORDS: &str = "all|amd|ang|bam|bob|cop|cup|etb|gel|gip|hnl|kes|lak|mad|mop|mur|pen|ron|sar|sos|std|top|try|wst|rub|nad|pab|aoa|awg|sll|php|rand|isk|ern|cve|ves|svc";

/// A currency that is named and cannot be told, or that has no code in ISO 4217:
/// it makes its number no amount. Han before the noun may name the country;
/// what deals with money or counts does not.
static UNTOLD_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^ ?\\(?(?:(?:多|来|余|几)?个?|枚)(?:[\\p{Han}&&[^换转成到给存买卖兑汇付的取把用变是在和跟与还打拿要想收块元钱个一二三四五六七八九十百千万亿两]]{0,5}(?:克朗|里亚尔|第纳尔|先令|法郎|镑|比索|卢比|里拉|列伊|列弗|拉里|德拉姆|马纳特|索姆|苏姆|谢克尔|普拉|克瓦查|梅蒂卡尔|宽扎|瓜拉尼|玻利瓦尔|科朗|格查尔|伦皮拉|科多巴|巴波亚|潘加|基那|瓦图|阿富汗尼|努扎姆)|[\\p{Han}a-z&&[^换转成到给存买卖兑汇付的取把用变是在和跟与还打拿要想收块元钱硬纸本]]{1,6}币|津巴布韦元|牙买加元|圭亚那元|利比里亚元|纳米比亚元|东加勒比元|巴哈马元|巴巴多斯元|百慕大元|伯利兹元|开曼元|特立尼达元|苏里南元|所罗门元|(?:[a-z]+(?:an|ish|ese|ch|i) )?(?:kr|kroner|kronor|krona|krone|koruny?|crowns?|liras?|dinars?|riyals?|rials?|shillings?|leu|lei|leva?|som|manats?|dram|kwacha|pula|soles|colones|escudos?|marks?|guilders?|bitcoins?|btc|usdt|usdc|ether|eth|tokens?|coins?|rs\\.?|kuna|bgn|hrk|dem|frf)\\b)",
    )
});
static UNTOLD_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:(?:克朗|里亚尔|第纳尔|先令|里拉|比特币|以太币|泰达币|虚拟币)|(?:^|[^a-z])(?:kr|crowns|liras?|dinars?|riyals?|rials?|shillings?|btc|usdt|usdc|eth|rs\\.?|bgn))[ :]?$",
    )
});

/// Every spelling of a table with its code.
fn spellings(table: &'static [(&str, &str)]) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.iter().flat_map(|(code, words)| words.split('|').map(move |word| (word, *code)))
}

/// Every spelling that names a currency anywhere, with its code.
pub fn currency_words() -> impl Iterator<Item = (&'static str, &'static str)> {
    spellings(NAMES)
}

/// A currency beside a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    pub currency: Currency,
    /// The other end of its name, from the number.
    pub edge: usize,
    /// Whether the name leaves no doubt; `块` and `dollars` do.
    pub sure: bool,
}

fn beside(word: &str, code: &str, edge: usize) -> Option<Beside> {
    Some(Beside { currency: code.parse().ok()?, edge, sure: !WEAK.split('|').any(|weak| weak == word) })
}

/// The currency that ends right before a place.
pub fn before(sheet: &Sheet<'_>, at: usize) -> Option<Beside> {
    let at = if matches!(sheet.char_before(at), ' ' | ':') { at.saturating_sub(1) } else { at };
    let at = if sheet.char_before(at) == ':' { at.saturating_sub(1) } else { at };
    let text = sheet.before(at, 24);
    let whole = |word: &str| {
        let latin = word.starts_with(|c: char| c.is_ascii_alphabetic());
        !latin || !sheet.char_before(at - word.chars().count()).is_ascii_alphabetic()
    };
    let named = currency_words()
        .chain(spellings(PREFIXES))
        .filter(|(word, _)| text.ends_with(word) && whole(word))
        .max_by_key(|(word, _)| word.len());
    match named {
        Some((word, name)) => beside(word, name, at - word.chars().count()),
        None => code_before(sheet, at),
    }
}

/// The currency that begins right after a place.
pub fn after(sheet: &Sheet<'_>, at: usize) -> Option<Beside> {
    let spaced = if sheet.char_at(at) == ' ' { at + 1 } else { at };
    let spaced = if sheet.char_at(spaced) == '(' { spaced + 1 } else { spaced };
    let from = if matches!(sheet.char_at(spaced), '多' | '来' | '余') { spaced + 1 } else { spaced };
    let rest = sheet.after(from, 24);
    let named = currency_words()
        .chain(spellings(SUFFIXES))
        .filter(|(word, _)| rest.starts_with(word) && !goes_on(sheet, word, from + word.chars().count()))
        .max_by_key(|(word, _)| word.len());
    let Some((word, name)) = named else { return code_after(sheet, from) };
    let end = from + word.chars().count();
    // 两千块美金, 五百元港币, 五百元（新台币）: the named currency wins over the piece word.
    if matches!(word, "块" | "块钱" | "元" | "元整" | "圆" | "蚊") {
        let gap = end + usize::from(matches!(sheet.char_at(end), '的' | ' ' | '('));
        let rest = sheet.after(gap, 24);
        let fits = |named: &str| rest.starts_with(named) && !goes_on(sheet, named, gap + named.chars().count());
        if let Some((named, name)) = currency_words().filter(|(named, _)| fits(named)).max_by_key(|(w, _)| w.len()) {
            return beside(named, name, gap + named.chars().count());
        }
        if let Some(code) = code_after(sheet, gap) {
            return Some(code);
        }
    }
    beside(word, name, end)
}

/// Is the Latin word cut out of a longer one (`won't`, `randomly`)?
fn goes_on(sheet: &Sheet<'_>, word: &str, end: usize) -> bool {
    let next = sheet.char_at(end);
    word.ends_with(|c: char| c.is_ascii_alphabetic()) && (next.is_ascii_alphabetic() || next == '\'')
}

/// A code of ISO 4217 that has no spelling above: `500 PEN`.
fn code_after(sheet: &Sheet<'_>, from: usize) -> Option<Beside> {
    (!sheet.char_at(from + CODE_CHARS).is_ascii_alphabetic()).then(|| code_at(sheet, from, from + CODE_CHARS))?
}

fn code_before(sheet: &Sheet<'_>, end: usize) -> Option<Beside> {
    let start = end.checked_sub(CODE_CHARS)?;
    let found = (!sheet.char_before(start).is_ascii_alphabetic()).then(|| code_at(sheet, start, end))?;
    found.map(|found| Beside { edge: start, ..found })
}

/// Letters of a code.
const CODE_CHARS: usize = 3;

fn code_at(sheet: &Sheet<'_>, start: usize, end: usize) -> Option<Beside> {
    let letters = sheet.normal.slice(start, end);
    let capitals = sheet.normal.as_written(start, end).chars().all(|letter| !letter.is_lowercase());
    if CODES_THAT_ARE_WORDS.split('|').any(|word| word == letters) && !capitals {
        return None;
    }
    Some(Beside { currency: letters.parse().ok()?, edge: end, sure: true })
}

/// The one foreign currency of a message that is nothing but it and the number
/// (`一千，美元的`).
pub fn lone(sheet: &Sheet<'_>, start: usize, end: usize) -> Option<Currency> {
    const FILLERS: &str = " ,。!的吧呢啊哦嗯就要换买汇是那块元钱";
    let around = [sheet.normal.slice(0, start), sheet.normal.slice(end, sheet.chars().len())].concat();
    let (word, code) = currency_words().filter(|(word, _)| around.contains(word)).max_by_key(|(word, _)| word.len())?;
    let rest = around.replacen(word, "", 1);
    let bare = code != "CNY" && rest.chars().all(|c| FILLERS.contains(c));
    bare.then(|| code.parse().ok())?
}

/// Is there a currency beside the number that cannot be told?
pub fn untold(sheet: &Sheet<'_>, start: usize, end: usize) -> bool {
    UNTOLD_AFTER.is_match(sheet.after(end, 24)) || UNTOLD_BEFORE.is_match(sheet.before(start, 16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slots::{SlotContext, extract};
    use jiff::civil::date;
    use proptest::prelude::*;
    use teller_kernel::{Money, SlotType, SlotValue};

    fn amounts(text: &str, expecting: Option<SlotType>) -> Vec<Money> {
        let ctx = SlotContext { expecting, ..SlotContext::new(date(2026, 11, 21)) };
        let money = |value: &SlotValue| match value {
            SlotValue::Money { amount } => Some(*amount),
            _ => None,
        };
        extract(text, &ctx).iter().filter_map(|entity| money(&entity.value)).collect()
    }

    fn named() -> Vec<(&'static str, &'static str)> {
        currency_words().collect()
    }

    fn major(count: i64, code: &str) -> Vec<Money> {
        let currency: Currency = code.parse().unwrap();
        vec![Money::new(count * currency.minor_per_major(), currency)]
    }

    #[test]
    fn every_name_belongs_to_a_currency_of_the_kernel_and_to_one_alone() {
        let mut seen = std::collections::BTreeMap::new();
        for (word, code) in currency_words().chain(spellings(SUFFIXES)).chain(spellings(PREFIXES)) {
            assert!(code.parse::<Currency>().is_ok(), "{code}");
            assert_eq!(*seen.entry(word).or_insert(code), code, "{word}");
            assert_eq!(word, word.to_lowercase(), "in normal form");
        }
    }

    #[test]
    fn a_number_beside_a_name_is_in_that_currency() {
        for (word, code) in named() {
            for text in [
                format!("500{word}"),
                format!("转500 {word}给他"),
                format!("汇五百{word}"),
                format!("500多{word}"),
                format!("{word}500"),
                format!("换500元{word}"),
                format!("换{word}500块"),
                format!("send 500 {word}"),
            ] {
                for expecting in [None, Some(SlotType::Money)] {
                    assert_eq!(amounts(&text, expecting), major(500, code), "{text}");
                }
            }
        }
    }

    #[test]
    fn every_code_counts_in_capitals() {
        for currency in Currency::all() {
            for text in [format!("汇500 {currency}"), format!("{currency} 500"), format!("send {currency}500")] {
                assert_eq!(amounts(&text, None), major(500, currency.code()), "{text}");
            }
        }
    }

    #[test]
    fn a_currency_that_cannot_be_told_gives_no_amount() {
        for text in [
            "转500克朗",
            "汇500里亚尔给他",
            "换500第纳尔",
            "转5000个比特币给张伟",
            "给他打300usdt",
            "500泰达币",
            "换500外币",
            "转两百保加利亚列弗",
            "send 500 kr to him",
            "transfer 500 crowns",
            "send 500 Tunisian kroner",
            "pay 300 rs",
            "BTC 500",
            "人民币500刀",
            "转0.5日元",
            "汇12.34韩元",
        ] {
            for expecting in [None, Some(SlotType::Money)] {
                assert_eq!(amounts(text, expecting), vec![], "{text}");
            }
        }
    }

    #[test]
    fn yuan_stays_yuan() {
        for text in ["转500元", "转500块", "五百块钱", "￥500", "人民币500", "500 yuan", "转500给他", "换500硬币"]
        {
            assert_eq!(amounts(text, None), major(500, "CNY"), "{text}");
        }
        for (text, code) in
            [("¥500日元", "JPY"), ("$500元", "USD"), ("HK$500 dollars", "HKD"), ("港币十五块", "HKD"), ("RM500", "MYR")]
        {
            let count = if text.contains("十五") { 15 } else { 500 };
            assert_eq!(amounts(text, None), major(count, code), "{text}");
        }
        assert_eq!(amounts("台币15块6", None), vec![Money::new(1560, "TWD".parse().unwrap())]);
        assert_eq!(amounts("I won't pay 500 yuan", None), major(500, "CNY"));
        assert_eq!(amounts("我想买八百镑", None), major(800, "GBP"));
        assert_eq!(amounts("一千，美元", Some(SlotType::Money)), major(1000, "USD"));
        assert_eq!(amounts("send 500 all to him", None), major(500, "CNY"));
    }

    proptest! {
        #[test]
        fn a_foreign_name_never_makes_yuan(
            count in 1_i64..1_000_000,
            at in 0_usize..named().len(),
            lead in "(转|汇|我要换|send |给他打)?",
            gap in "( |（|\\(|的)?",
            tail in "(吧|给张三|。| please|）)?",
            asked in any::<bool>(),
        ) {
            let (word, code) = named()[at];
            let text = format!("{lead}{count}{}{word}{tail}", if gap == "的" { "块的" } else { &gap });
            let expecting = asked.then_some(SlotType::Money);
            let found = amounts(&text, expecting);
            prop_assert!(code == "CNY" || found.iter().all(|money| money.currency != Currency::CNY), "{}: {:?}", text, found);
            prop_assert_eq!(found, major(count, code), "{}", text);
        }
    }
}
