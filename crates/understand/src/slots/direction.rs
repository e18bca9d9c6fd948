//! Money coming or going, where a transaction is looked for or named.

use super::Role;
use super::dates::build;
use super::sheet::Sheet;
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// Money that left, or should have: a thing done, failed or asked about.
static OUT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:转|付|汇|打|取|刷|扣|交|缴|充|花|划|还|代扣|充值)(?:给[^我,。][^,。]{0,5}?)?(?:了|过(?:去|的|几)?|的(?:[^卡人]|$)|掉|走|出去|出了|错了?|成功|失败|重了|了没|没了)|扣(?:我|款|费|钱扣没扣|过)|(?:^|都|又|[,。])扣[0-9一二两三四五六七八九十]|买(?:过|的东西|冰箱|手机|票)|分期买的|充值[^,。]{0,6}失败|[取提]款机[^,。]{0,4}没吐|没吐钱|出到|揿钱|花哪|(?:[有那这一]笔|笔)[^,。]{0,10}(?:费|酒店|机票|健身|海淘|订阅|转账|店)|的(?:订阅|那笔是)|[没被多乱又]扣|没扣|盗刷|被骗|刷卡(?:买|记录|消费|明细)|[转汇划]出|支出|花销|花费|开销|消费|进出账支|出账|流出|签咗|扣咗|碌|扣数|[过转]咗|收(?:了)?我(?:手续|[0-9二三四五六七八九十百]|服务|年费|滞纳|.{0,3}费)|被收了|收了手续费|[没不]见了|(?:钱|块|万|千|百|元|八)[却就]?没了|(?:莫名其妙|卡里|账上)[^,。]{0,3}少了|提款|代扣的|付款(?:记录|明细|,导)|垫了|还进去|spent|spend|spending|expens|outgoing|money out|outflow|purchases?\\b|debits\\b|withdrew|withdrawals\\b|did i pay|hotel hold|个[0-9,.]+的charge|debited|deducted|\\bcharged?\\b|\\bpaid\\b|\\bsent\\b|\\btransferr?ed\\b|i made\\b|used my card|not me\\b|payment on|-[¥$]",
    )
});
/// Money that came, or should have.
static IN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "给我(?:转|打|汇|存|发|退|付|还)(?:了|过|来|回|.{1,9}(?:到|没|了|谢))|(?:转|打|汇|付|还|退|发)给我(?:的|了|$|,)|给了我|(?:打|汇|转|付|寄)(?:.{0,12})?(?:进来|过来|回来)|(?:打|汇|转)来|收到|收(?:过|的[钱那这])|收了[^我手年]|收款记录|收入|进账|入[账数]|进项|流入|到账|到没到|没到(?:账|$|[,。?啊])|到了没|转入|汇入|转进|存(?:了|的|进|款机)|进(?:了|来|过)(?:[^入]|$)|没进|应该进|退(?:了|的|过|给我|回|没退|款|货款)|[没不]退|返现|报销|(?:工资|薪水?资?|奖金|养老金|退休金|人工|粮|生活费|货款|利息|结息|分红|红包)(?:[^卡,。][^,。]{0,7})?(?:发|到|来|进|给|收|入|没得)|个结息|(?:工资|薪水|奖金|养老金|退休金)(?:呢|$)|退款呢|退税|钱[^,。]{0,3}回来|回卡里|放款了|红包[^,。]{0,4}抢|存[款钱]机[^,。]{0,5}(?:吞|食|塞)|给我打钱|(?:少发|多发|补发)了|发工资|出咗粮|(?:账上|卡里|账户)[^,。]{0,4}多了|薪转|欠我|incoming|income|money in|inflow|salary|received|receive\\b|deposits\\b|refunds?\\b|credits\\b|credited|(?:money|payment|salary|wages|pay|wire|refund|[0-9])[^,.]{0,24}c[oa]me in|get in\\b|got in\\b|paid me|get in interest|cash deposit|never arrived",
    )
});
/// Another who pays: what they `付了` comes in.
static THEY_PAY: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:^|[^给向到往替])(?:客户|买家|公司|老板娘?|工头|单位|甲方|亲戚|有人给|谁|[他她](?:给我|说)|女朋友|男朋友|那边|客人|闺女说|客户说.{0,10},|my company|my employer|employer)[^,。给]{0,16}(?:付|打|转|汇|存|发|paid|come in)",
    )
});
/// Money that came to somebody else, or parts of words that are no transaction.
static NO_OUT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "消费贷|消费贷款|消费者|消费金融|付款码|付款人|出账单|出账日|支付宝|免费|credit card|debit card|支出户|还款日|扣款日|扣款卡|取号|没打过|打电话|打过|打了[0-9一二三四五六七八九十两几好][^,]{0,2}[遍次回]|花呗|磨花|提交|交的申请|交了申请|付过息|刷脸|自动还了|转咗做|进出账|溢缴|退运费|还掉|还有|还没|还是|还在|交过|打印",
    )
});
static NO_IN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "收入要求|收入低|收款人|收款方|收款码|收款账|收款银行|收款卡|收到验证码|收到短信|收到一?条|收到通知|收不到|(?:对方|他|她|客户|商家|收款方)(?:那边|说|还|怎么)*没?有?(?:收到|看见)|credit card|credit limit|credit score|credit report|credit history|deposit insurance|存款证明|存款利率|利息收入证明.{0,2}怎么|打给我的是|给我打电话|退货运费|说退款|必须收到|找你们报销|缺收入证明|开收入证明|转入账号|转入尾号|自动转入|工资代发|存了[0-9一二三四五六七八九十]+年|次打来|电话打来|密码函|寄到|(?:验证码|短信|密码)[^。]{0,12}收到|收到的是",
    )
});
/// The customer asks for a record or tells of one.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "呢|怎么|给我|把我|查|看|明细|流水|记录|纪录|账单|交易|笔|统计|列|汇总|单子|进出|多少|哪|吗|没|了|过|的|咗|show|list|how much|transaction|history|statement|what|which|find|see|check|did|all|my|got|i |the |why|where|someone",
    )
});
/// How a thing is done, what it costs, how long it takes: no transaction.
static HOW: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "[能可](?:以)?(?:取|刷|付|转|收|存|提)|预约|前到账|[能会]到账|多久|几天(?:能|会)?到|多长时间|到账时间|什么时候到账|几[点号时]到账|手续费(?:是?多少|怎么|贵)|怎么(?:才|样)?(?:转|付|取|存|开|办|还|操作|申请|弄|设|收|填|签)|如何|是二十四小时|到账的那种|到账前|how long|how do|how can|打给我(?:的是|[0-9幺一])|才发工资|本月.{0,4}发工资|分期付款|我要买|i want to|i'd like|加急到账|实时到账|普通到账|未到账前",
    )
});
/// An order or a plan: money that has not moved.
static ORDER: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:请于|请|麻烦|帮我|给我|我想|我要|想|要|那|就|嗯)*(?:把|转账|转给|转[^了的过出入错走]|汇[^了的过出入]|存[^了的过入款]|取[^了的过款现]|买[^了的过]|换[^了的过]|付款给|付给|还[^了的过是没进]|定投|赎|申购|约)|(?:send|pay|wire|transfer) (?:my|the|[0-9a-z]+ to)|^(?:please |can you )?(?:send|pay|wire|transfer|buy|sell)",
    )
});
/// What makes an order a thing of the past all the same.
static DONE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "[了过错]|没|失败|的[^,]{0,6}(?:怎么|为|没|呢|钱)|已经|怎么回事|记录|明细|流水|几次|几笔|多少钱|pending|yesterday|last|ago|never",
    )
});

pub fn read(sheet: &mut Sheet<'_>) {
    if sheet.expecting(SlotType::Direction) {
        bare(sheet);
        return;
    }
    let text = sheet.text();
    if HOW.is_match(text) && !["怎么还", "退的", "没到"].iter().any(|word| text.contains(word))
        || (ORDER.is_match(text) && !DONE.is_match(text))
    {
        return;
    }
    // A product bought, a term deposit made: business, not a transaction that is looked for.
    let invested = sheet.found.iter().any(|d| d.role == Some(Role::Product) || d.slot_type() == SlotType::Term)
        || ["定期", "存单", "整存"].iter().any(|word| text.contains(word));
    let told = sheet
        .found
        .iter()
        .any(|d| matches!(d.slot_type(), SlotType::Date | SlotType::DateRange | SlotType::Money | SlotType::CardTail));
    if !NAMED.is_match(text) && !told {
        return;
    }
    let they = THEY_PAY.is_match(text);
    let dealing = |(start, end): &(usize, usize)| {
        invested && sheet.normal.slice(*start, *end).contains(['存', '买', '取', '撤', '付', '赎', '钱'])
    };
    let out = first(sheet, &OUT, &NO_OUT).filter(|span| !dealing(span));
    let inward = first(sheet, &IN, &NO_IN).filter(|span| !dealing(span));
    let found = match (out, inward) {
        (Some(span), None) => Some((they, span)),
        (None, Some(span)) => Some((true, span)),
        // 收入和支出都看: both sides.
        (Some(_), Some(_)) if text.contains("收入") && text.contains("支出") => None,
        (Some(_), Some(span)) if they => Some((true, span)),
        // What was said first is what it is about: 转的，收到没; 取款机上存了三千.
        (Some(out), Some(inward)) => Some(if out.0 <= inward.0 { (false, out) } else { (true, inward) }),
        (None, None) => None,
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
