//! Money coming or going, where a transaction is looked for or named.

use super::dates::build;
use super::sheet::Sheet;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

static OUT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "支出|花了|花的|花掉|花出去|花费|花销|开销|消费|扣了|扣款|扣我|扣的|被扣|扣费|扣掉|转出|出账|付了|付的|付款|付出|支付了|支付的|刷了|刷的|取了|取的|取现|取款|转走|划走|划扣|划出|汇出|出去的|流出|转给.{1,4}的|spent|spend|spending|expens|outgoing|debit|money out|paid|withdrawals?|purchases?|charged?|deducted|outflow",
    )
});
static IN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "收入|进账|入账|到账|转入|收到|收款|收的|汇入|存入|存进|退款|打进来|转进来|进来的|流入|转给我|打给我|汇给我|进项|发工资|工资发|incoming|income|received|receive|credits?|money in|deposits|refund|inflow|salary",
    )
});
static NO_OUT: LazyLock<Regex> = LazyLock::new(|| {
    build("消费贷|消费贷款|消费者|消费金融|付款码|付款人|出账单|出账日|支付宝|免费|credit card|debit card|支出户")
});
static NO_IN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "收入证明|收款人|收款方|收款码|收款账|收款银行|收款卡|收到验证码|收到短信|收到一?条|收到通知|credit card|credit limit|credit score|credit report|收不到",
    )
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "查|看|明细|流水|记录|账单|交易|笔|多少|哪|统计|列|汇总|单子|进出|了|的钱|到没|没到|吗|给我|show|list|how much|transaction|history|statement|what|which|did|was|were|all|find|see|check|my|got",
    )
});
static HOW: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "预约|前到账|能到账|会到账|多久|几天|多长时间|到账时间|什么时候到账|几点到账|手续费|怎么|如何|能不能|可以吗|how long|how do|how can|fee",
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
    if !(dated || NAMED.is_match(text)) || HOW.is_match(text) || FLOW.is_match(text) {
        return;
    }
    let out = first(sheet, &OUT, &NO_OUT);
    let inward = first(sheet, &IN, &NO_IN);
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
