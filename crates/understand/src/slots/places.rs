//! Currencies named alone, countries, cities with a branch, and BICs.

use super::currencies::currency_words;
use super::dates::build;
use super::sheet::Sheet;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// ISO 3166-1 alpha-2 codes and the names customers use.
const COUNTRIES: &[(&str, &str)] = &[
    ("CN", "中国|china"),
    ("US", "美国|united states|usa|america"),
    ("GB", "英国|united kingdom|uk|england|britain"),
    ("CA", "加拿大|canada"),
    ("AU", "澳大利亚|澳洲|australia"),
    ("NZ", "新西兰|new zealand"),
    ("JP", "日本|japan"),
    ("KR", "韩国|south korea|korea"),
    ("KP", "朝鲜|north korea"),
    ("SG", "新加坡|singapore"),
    ("MY", "马来西亚|大马|malaysia"),
    ("TH", "泰国|thailand"),
    ("VN", "越南|vietnam"),
    ("ID", "印度尼西亚|印尼|indonesia"),
    ("PH", "菲律宾|philippines"),
    ("IN", "印度|india"),
    ("MM", "缅甸|myanmar"),
    ("KH", "柬埔寨|cambodia"),
    ("LA", "老挝|laos"),
    ("PK", "巴基斯坦|pakistan"),
    ("BD", "孟加拉|bangladesh"),
    ("HK", "香港|hong kong"),
    ("MO", "澳门|macau|macao"),
    ("TW", "台湾|taiwan"),
    ("FR", "法国|france"),
    ("DE", "德国|germany"),
    ("IT", "意大利|italy"),
    ("ES", "西班牙|spain"),
    ("PT", "葡萄牙|portugal"),
    ("NL", "荷兰|netherlands|holland"),
    ("BE", "比利时|belgium"),
    ("CH", "瑞士|switzerland"),
    ("SE", "瑞典|sweden"),
    ("NO", "挪威|norway"),
    ("DK", "丹麦|denmark"),
    ("FI", "芬兰|finland"),
    ("IE", "爱尔兰|ireland"),
    ("AT", "奥地利|austria"),
    ("GR", "希腊|greece"),
    ("PL", "波兰|poland"),
    ("CZ", "捷克|czech republic"),
    ("HU", "匈牙利|hungary"),
    ("RU", "俄罗斯|russia"),
    ("UA", "乌克兰|ukraine"),
    ("TR", "土耳其|turkey"),
    ("AE", "阿联酋|迪拜|dubai|uae"),
    ("SA", "沙特|saudi arabia"),
    ("IL", "以色列|israel"),
    ("IR", "伊朗|iran"),
    ("EG", "埃及|egypt"),
    ("ZA", "南非|south africa"),
    ("NG", "尼日利亚|nigeria"),
    ("KE", "肯尼亚|kenya"),
    ("BR", "巴西|brazil"),
    ("MX", "墨西哥|mexico"),
    ("AR", "阿根廷|argentina"),
    ("CL", "智利|chile"),
    ("MN", "蒙古|mongolia"),
    ("KZ", "哈萨克斯坦|kazakhstan"),
    ("LK", "斯里兰卡|sri lanka"),
    ("NP", "尼泊尔|nepal"),
];

/// Whether a text in normal form is a country's name and nothing else.
pub fn is_country(said: &str) -> bool {
    country_words().any(|(word, _)| word == said)
}

fn country_words() -> impl Iterator<Item = (&'static str, &'static str)> {
    COUNTRIES.iter().flat_map(|(code, words)| words.split('|').map(move |word| (word, *code)))
}

/// ISO 3166-1 codes that a BIC may carry.
const ISO_CODES: &str = "AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ES ET FI FJ FO FR GA GB GD GE GG GH GI GL GM GN GQ GR GT GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NZ OM PA PE PF PG PH PK PL PR PS PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU WS XK YE ZA ZM ZW";

static BIC: LazyLock<Regex> = LazyLock::new(|| build("\\b[a-z]{4}[a-z]{2}[a-z0-9]{2}(?:[a-z0-9]{3})?\\b"));
static BIC_WORD: LazyLock<Regex> = LazyLock::new(|| build("swift|bic|识别码|银行代码"));

pub fn read(sheet: &mut Sheet<'_>) {
    currencies(sheet);
    countries(sheet);
    cities(sheet);
    bics(sheet);
}

fn currencies(sheet: &mut Sheet<'_>) {
    let text = sheet.text();
    let mut words: Vec<_> =
        currency_words().filter(|(word, _)| word.chars().count() > 1 && text.contains(word)).collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    for (word, code) in words {
        if code == "CNY" && !sheet.expecting(SlotType::Currency) {
            continue;
        }
        let Ok(currency) = code.parse() else { continue };
        for (start, end) in places(sheet, word) {
            sheet.put(SlotValue::Currency { currency }, start, end);
        }
    }
}

fn countries(sheet: &mut Sheet<'_>) {
    let text = sheet.text();
    let mut words: Vec<_> = country_words().filter(|(word, _)| text.contains(word)).collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    for (word, code) in words {
        for (start, end) in places(sheet, word) {
            // 中国银行, 香港身份证: part of another word.
            let next = sheet.after(end, 3);
            let home = code == "CN" && !sheet.expecting(SlotType::Country);
            if home && !["到", "往", "回", "去", "to ", "from "].iter().any(|w| sheet.before(start, 5).ends_with(w))
            {
                continue;
            }
            if ["银行", "人寿", "移动", "电信", "联通", "平安", "身份证"].iter().any(|w| next.starts_with(w))
            {
                continue;
            }
            sheet.put(SlotValue::Country { code: code.to_owned() }, start, end);
        }
    }
}

fn cities(sheet: &mut Sheet<'_>) {
    let mut names: Vec<&String> = sheet.ctx.cities.iter().filter(|name| !name.is_empty()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names {
        let said = crate::normal::normalise(name);
        let short = said.strip_suffix('市').unwrap_or(&said);
        for (start, end) in places(sheet, short) {
            sheet.put(SlotValue::City { name: name.clone() }, start, end);
        }
    }
}

fn bics(sheet: &mut Sheet<'_>) {
    let asked = sheet.expecting(SlotType::Bic);
    if !asked && !BIC_WORD.is_match(sheet.text()) {
        return;
    }
    for hit in sheet.hits(&BIC) {
        let code = hit.captures.get(0).map_or(String::new(), |m| m.as_str().to_uppercase());
        let country = code.get(4..6).unwrap_or("");
        let written = sheet.normal.as_written(hit.start, hit.end);
        let shouted =
            written.chars().any(|c| c.is_ascii_uppercase()) || written.chars().any(|c| c.is_ascii_digit()) || asked;
        if shouted && ISO_CODES.split(' ').any(|iso| iso == country) && sheet.is_free(hit.start, hit.end) {
            sheet.put(SlotValue::Bic { code }, hit.start, hit.end);
        }
    }
}

/// Free places of a word; an English word must stand alone.
fn places(sheet: &Sheet<'_>, word: &str) -> Vec<(usize, usize)> {
    let latin = word.is_ascii();
    let length = word.chars().count();
    sheet
        .text()
        .match_indices(word)
        .map(|(byte, _)| sheet.normal.char_at_byte(byte))
        .map(|start| (start, start + length))
        .filter(|(start, end)| sheet.is_free(*start, *end))
        .filter(|(start, end)| {
            !latin
                || !(sheet.char_before(*start).is_ascii_alphanumeric() || sheet.char_at(*end).is_ascii_alphanumeric())
        })
        .collect()
}
