//! Money coming or going, where a transaction is looked for or named.

use super::dates::build;
use super::sheet::Sheet;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// Words that by themselves name one side of the account.
static OUT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:扣|刷|取|付)的(?:钱|那|这|款)|支出|花了|花的|花掉|花出去|花费|花销|开销|消费|出账|流出|出去的|spent|spend|spending|expens|outgoing|money out|outflow|purchases?|debits\\b",
    )
});
static IN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "收的(?:钱|那|这)|收入|进账|入账|进项|流入|进来的|打进来|转进来|转给我|打给我|汇给我|工资到账|工资到了|发工资|工资发|incoming|income|money in|inflow|salary|received|deposits\\b|refunds?\\b|credits\\b",
    )
});
/// Events that name a side only where a record is looked for or an amount told.
static OUT_EVENT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "扣了|扣款|扣我|扣的|被扣|扣费|扣掉|转出|付了|付的|付款|付出|支付了|支付的|刷了|刷的|取了|取的|取现|取款|转走|划走|划扣|划出|汇出|转给.{1,4}的|debit|paid|withdrawals?|withdrew|charged?|deducted",
    )
});
static IN_EVENT: LazyLock<Regex> =
    LazyLock::new(|| build("到账|转入|收到|收款|收的|汇入|存入|存进|退款|receive|credited|refund"));
static NO_OUT: LazyLock<Regex> = LazyLock::new(|| {
    build("盗刷|消费贷|消费贷款|消费者|消费金融|付款码|付款人|出账单|出账日|支付宝|免费|credit card|debit card|支出户")
});
static NO_IN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "收入证明|利息收入|收入要求|收入低|收款人|收款方|收款码|收款账|收款银行|收款卡|收到验证码|收到短信|收到一?条|收到通知|credit card|credit limit|credit score|credit report|收不到",
    )
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "查|看|明细|流水|记录|账单|交易|笔|统计|列|汇总|单子|进出|show|list|how much|transaction|history|statement|what|which|find|see|check",
    )
});
/// Asks how much or whether.
static ASKS: LazyLock<Regex> = LazyLock::new(|| build("多少|哪|吗|没有?$|了没|did|all|my|got|给我"));
static HOW: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "能取|能刷|能付|可以取|可以付|可以刷|能转|能收|失败|预约|前到账|能到账|会到账|多久|几天|多长时间|到账时间|什么时候到账|几点到账|手续费|怎么|如何|能不能|可以吗|how long|how do|how can|fee",
    )
});
static FLOW: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:请|麻烦|帮我|给我|我想|我要|想|要)*(?:转账|转给|转[^了的过出入]|汇[^了的过出入]|存[^了的过入]|取[^了的过]|买[^了的过]|换[^了的过]|付款给|付给|还[^了的过是])",
    )
});

pub fn read(sheet: &mut Sheet<'_>) {
    if sheet.expecting(SlotType::Direction) {
        bare(sheet);
        return;
    }
    let text = sheet.text();
    let dated = sheet.found.iter().any(|d| matches!(d.slot_type(), SlotType::Date | SlotType::DateRange));
    let told = sheet.found.iter().any(|d| d.slot_type() == SlotType::Money);
    let named = NAMED.is_match(text);
    if HOW.is_match(text) || FLOW.is_match(text) {
        return;
    }
    let side = named || dated || told || ASKS.is_match(text);
    let event = named || told;
    let out = side
        .then(|| first(sheet, &OUT, &NO_OUT))
        .flatten()
        .or_else(|| event.then(|| first(sheet, &OUT_EVENT, &NO_OUT)).flatten());
    let inward = side
        .then(|| first(sheet, &IN, &NO_IN))
        .flatten()
        .or_else(|| event.then(|| first(sheet, &IN_EVENT, &NO_IN)).flatten());
    let found = match (out, inward) {
        (Some(span), None) => Some((false, span)),
        (None, Some(span)) => Some((true, span)),
        _ => None,
    };
    if let Some((inward, (start, end))) = found {
        sheet.put(SlotValue::Direction { inward }, start, end);
    }
}

/// The first hit that is not part of another word.
fn first(sheet: &Sheet<'_>, wanted: &Regex, other: &Regex) -> Option<(usize, usize)> {
    let others: Vec<(usize, usize)> = sheet.hits(other).iter().map(|h| (h.start, h.end)).collect();
    sheet
        .hits(wanted)
        .iter()
        .map(|h| (h.start, h.end))
        .find(|(start, end)| !others.iter().any(|(from, to)| from < end && start < to))
}

fn bare(sheet: &mut Sheet<'_>) {
    let text = sheet.text();
    let inward = ["收", "进", "入", "到账", "转入", "in"].iter().any(|w| text.contains(w)) && !text.contains("支");
    let outward = ["支", "出", "花", "付", "消费", "扣", "out"].iter().any(|w| text.contains(w));
    let length = sheet.chars().len();
    match (inward, outward) {
        (true, false) => sheet.put(SlotValue::Direction { inward: true }, 0, length),
        (false, true) => sheet.put(SlotValue::Direction { inward: false }, 0, length),
        _ => {}
    }
}
