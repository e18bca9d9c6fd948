//! Names of firms: up to a word that ends one (`有限公司`, `合作社`, `五金行`); kinds
//! of firms (`装修公司`, `快递公司`) are no names.

use super::Role;
use super::dates::build;
use super::names::{PAYS, put};
use super::sheet::Sheet;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::SlotType;

/// Longest name of a firm, in characters.
const FIRM_CHARS_MAX: usize = 30;

static FIRM: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:[\\p{Han}a-z0-9()]{2,24}?)(?:有限责任公司|股份有限公司|有限公司|分公司|公司|集团|事务所|合作社|经营部|商行|工作室|幼儿园|小学|中学|大学|医院|物业|超市|商贸|酒店|餐厅|药店|门诊部|基金会|委员会|家具厂|玩具厂|[\\p{Han}]{2}厂|批发部|服务部|五金行|水产行|[\\p{Han}]行号|早点铺|[\\p{Han}]{2}铺|培训中心|[\\p{Han}]{2}中心|学校|快递|养殖场|保健院|纺织|研究院|俱乐部|农场)",
    )
});

pub fn firm_at(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    let rest = sheet.after(at, FIRM_CHARS_MAX);
    let found = FIRM.find(rest)?.as_str();
    let vague =
        ["我", "你", "您", "他", "她", "这", "那", "哪", "贵", "一个", "一家", "某", "对方", "别", "其他", "什么"]
            .iter()
            .any(|w| found.starts_with(w));
    let verbs = ["转", "打款", "付款", "多少", "查", "帮", "的钱", "怎么"].iter().any(|w| found.contains(w));
    // 商贸 may be the end of a name or go on to 有限公司.
    let end = at + found.chars().count();
    let more = ["有限责任公司", "股份有限公司", "有限公司", "分公司", "公司"]
        .iter()
        .find(|w| sheet.after(end, 6).starts_with(**w));
    // 装修公司, 学校: a kind, not a name.
    let length = found.chars().count();
    let kinds = [
        "装修", "快递", "物业", "保险", "搬家", "贷款", "房产", "旅游", "中介", "供货", "证券", "基金", "对方", "家具",
        "酒店", "医院", "学校", "孩子", "日语", "英语", "驾驶",
    ];
    let kind =
        length <= 4 && kinds.iter().any(|k| found.starts_with(k)) || ["家酒店", "的"].iter().any(|w| found.contains(w));
    let person = length > 4 && more.is_none() && ["转给", "付给"].iter().any(|w| found.contains(w));
    (!vague && !verbs && !kind && !person).then(|| end + more.map_or(0, |w| w.chars().count()))
}

/// A firm by its full name as a clause of its own, where money is paid: `账号…，青岛…有限公司，要付…`.
pub fn firms_alone(sheet: &mut Sheet<'_>) {
    static FULL: LazyLock<Regex> = LazyLock::new(|| {
        build("(?:^|[,。:?] ?)给?(?P<f>[\\p{Han}()]{4,24}(?:有限责任公司|股份有限公司|有限公司|合作社))(?:$|[,。 ])")
    });
    if sheet.found.iter().any(|d| d.slot_type() == SlotType::Name) || !PAYS.is_match(sheet.text()) {
        return;
    }
    for hit in sheet.hits(&FULL) {
        if let Some((start, end)) = sheet.group_span(&hit, "f").filter(|(start, end)| sheet.is_free(*start, *end)) {
            put(sheet, start, end, Some(Role::Payee));
        }
    }
}
