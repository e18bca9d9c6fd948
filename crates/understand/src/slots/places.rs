//! Currencies named alone, countries, cities with a branch, and BICs.

use super::dates::build;
use super::money::CURRENCIES;
use super::sheet::Sheet;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// Countries as customers name them, with ISO 3166-1 alpha-2 codes.
const COUNTRIES: &[(&str, &str)] = &[
    ("中国", "CN"), ("china", "CN"), ("美国", "US"), ("united states", "US"), ("usa", "US"), ("america", "US"), ("英国", "GB"), ("united kingdom", "GB"),
    ("uk", "GB"), ("england", "GB"), ("britain", "GB"), ("加拿大", "CA"), ("canada", "CA"), ("澳大利亚", "AU"), ("澳洲", "AU"), ("australia", "AU"),
    ("新西兰", "NZ"), ("new zealand", "NZ"), ("日本", "JP"), ("japan", "JP"), ("韩国", "KR"), ("south korea", "KR"), ("korea", "KR"), ("朝鲜", "KP"), ("north korea", "KP"),
    ("新加坡", "SG"), ("singapore", "SG"), ("马来西亚", "MY"), ("大马", "MY"), ("malaysia", "MY"), ("泰国", "TH"), ("thailand", "TH"), ("越南", "VN"), ("vietnam", "VN"),
    ("印度尼西亚", "ID"), ("印尼", "ID"), ("indonesia", "ID"), ("菲律宾", "PH"), ("philippines", "PH"), ("印度", "IN"), ("india", "IN"), ("缅甸", "MM"), ("myanmar", "MM"),
    ("柬埔寨", "KH"), ("cambodia", "KH"), ("老挝", "LA"), ("laos", "LA"), ("巴基斯坦", "PK"), ("pakistan", "PK"), ("孟加拉", "BD"), ("bangladesh", "BD"),
    ("香港", "HK"), ("hong kong", "HK"), ("澳门", "MO"), ("macau", "MO"), ("macao", "MO"), ("台湾", "TW"), ("taiwan", "TW"),
    ("法国", "FR"), ("france", "FR"), ("德国", "DE"), ("germany", "DE"), ("意大利", "IT"), ("italy", "IT"), ("西班牙", "ES"), ("spain", "ES"), ("葡萄牙", "PT"), ("portugal", "PT"),
    ("荷兰", "NL"), ("netherlands", "NL"), ("holland", "NL"), ("比利时", "BE"), ("belgium", "BE"), ("瑞士", "CH"), ("switzerland", "CH"), ("瑞典", "SE"), ("sweden", "SE"),
    ("挪威", "NO"), ("norway", "NO"), ("丹麦", "DK"), ("denmark", "DK"), ("芬兰", "FI"), ("finland", "FI"), ("爱尔兰", "IE"), ("ireland", "IE"), ("奥地利", "AT"), ("austria", "AT"),
    ("希腊", "GR"), ("greece", "GR"), ("波兰", "PL"), ("poland", "PL"), ("捷克", "CZ"), ("czech republic", "CZ"), ("匈牙利", "HU"), ("hungary", "HU"), ("俄罗斯", "RU"), ("russia", "RU"),
    ("乌克兰", "UA"), ("ukraine", "UA"), ("土耳其", "TR"), ("turkey", "TR"), ("阿联酋", "AE"), ("迪拜", "AE"), ("dubai", "AE"), ("uae", "AE"), ("沙特", "SA"), ("saudi arabia", "SA"),
    ("以色列", "IL"), ("israel", "IL"), ("伊朗", "IR"), ("iran", "IR"), ("埃及", "EG"), ("egypt", "EG"), ("南非", "ZA"), ("south africa", "ZA"), ("尼日利亚", "NG"), ("nigeria", "NG"),
    ("肯尼亚", "KE"), ("kenya", "KE"), ("巴西", "BR"), ("brazil", "BR"), ("墨西哥", "MX"), ("mexico", "MX"), ("阿根廷", "AR"), ("argentina", "AR"), ("智利", "CL"), ("chile", "CL"),
    ("蒙古", "MN"), ("mongolia", "MN"), ("哈萨克斯坦", "KZ"), ("kazakhstan", "KZ"), ("斯里兰卡", "LK"), ("sri lanka", "LK"), ("尼泊尔", "NP"), ("nepal", "NP"),
];

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
    let mut words: Vec<_> = CURRENCIES.iter().filter(|(word, _)| word.chars().count() > 1 && text.contains(word)).collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    for (word, code) in words {
        if *code == "CNY" && !sheet.expecting(SlotType::Currency) {
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
    let mut words: Vec<_> = COUNTRIES.iter().filter(|(word, _)| text.contains(word)).collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    for (word, code) in words {
        for (start, end) in places(sheet, word) {
            // 中国银行, 香港身份证: part of another word.
            let next = sheet.after(end, 3);
            if ["银行", "人寿", "移动", "电信", "联通", "平安", "身份证"].iter().any(|w| next.starts_with(w)) {
                continue;
            }
            sheet.put(SlotValue::Country { code: (*code).to_owned() }, start, end);
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
        let shouted = written.chars().any(|c| c.is_ascii_uppercase()) || written.chars().any(|c| c.is_ascii_digit()) || asked;
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
        .filter(|(start, end)| !latin || !(sheet.char_before(*start).is_ascii_alphanumeric() || sheet.char_at(*end).is_ascii_alphanumeric()))
        .collect()
}
