//! Names of people and firms that a word introduces: `给张三转`, `收款人李四`,
//! `我叫王小明`, `to John Smith`. As said, without kinship words, titles or nicknames.
//!
//! A Chinese name is a known family name and one or two characters up to the
//! next word of the sentence. Names that nothing introduces need a tagger and
//! are not read here, except where a name was asked for.

use super::Role;
use super::dates::build;
use super::sheet::Sheet;
use super::surnames::{COMPOUND, KIN, NOT_GIVEN, SINGLE, TITLES};
use crate::normal::is_han;
use crate::number::{Form, Reading, read as read_number};
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::SlotValue;

/// Longest name of a firm, in characters.
const FIRM_CHARS_MAX: usize = 30;

static STRONG: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:转账给|转帐给|转款给|转钱给|转给|转到|转去|转账到|汇款给|汇给|汇到|打款给|打钱给|打给|打到|付款给|付钱给|付给|支付给|还钱给|还给|寄给|拨给|划给|划到|充给|存给|发给|收款人|收款方|收款户名|收款账户名|收款名|受益人|对方户名|对方姓名|对方名字|对方叫|对方是|开户名|账户名|户名|户主|持卡人|名字叫|名字|姓名|名叫|联系人)(?:的?(?:名字|姓名|户名)|信息|填|写|不是|是|为|叫|:|就是|应该是| )*",
    )
});
static OWN: LazyLock<Regex> =
    LazyLock::new(|| build("(?:我叫|我的名字叫?|我姓名|我名字叫?|本人叫?|我是|我这边是|你好,?我是)(?:是|:| )*"));
static WEAK: LazyLock<Regex> =
    LazyLock::new(|| build("(?:给|向|往|跟|替|帮|对|叫|加上|换成|改成|改为|change.{0,6} to )"));
static PAYS: LazyLock<Regex> =
    LazyLock::new(|| build("转|汇|打|付|还|存|充|交|划|寄|拨|发|借|缴|过|[0-9]|万|千|百|元|块|红包|房租|货款|工资"));
static FIRM: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:[\\p{Han}a-z0-9()]{2,24}?)(?:有限责任公司|股份有限公司|有限公司|分公司|公司|集团|事务所|合作社|经营部|商行|工作室|幼儿园|小学|中学|大学|医院|物业|超市|商贸|酒店|餐厅|药店|门诊部|基金会|委员会)",
    )
});
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?P<own>my name is |my name's |i am |i'm |this is )|(?:\\bto |\\bpay |\\bsend |\\bwire |\\btransfer |\\bpayee(?: name)?(?: is|:)? ?|\\brecipient(?:'s name)?(?: is|:)? ?|\\bbeneficiary(?: name)?(?: is|:)? ?|\\baccount name(?: is|:)? ?|\\bfor |\\bgive |\\bname of |\\bnamed |\\bcalled |\\bname is )",
    )
});
static ENGLISH_PAYS: LazyLock<Regex> = LazyLock::new(|| {
    build("send|transfer|pay|wire|remit|give|payee|recipient|beneficiary|move|owe|account name|转|汇|付|打")
});

/// Words after `to` that begin no name.
const NO_NAME: &str = " my the a an his her their our your this that it him them me us you someone another other savings saving checking current account acct card bank mom mum dad mother father brother sister wife husband son daughter friend landlord boss family home rmb usd cny eur hkd jpy gbp yuan dollar dollars china usa hong kong singapore japan overseas abroad today tomorrow be do see get know check make pay send transfer change open close apply speak talk buy withdraw deposit cancel report ask use help which what where when how if whether and or for from in on at by with of is are was no not all any some one two three four five six seven eight nine ten hundred thousand money cash loan mortgage rent bill bills credit debit limit wechat alipay paypal zelle tail ending now please asap yes fee fees tax interest number no. more over under within up out back english chinese human agent person manager here there calling looking trying going not sorry afraid wondering writing new sure interested unable having getting using still really very just so also lost blocked locked unhappy angry happy worried ";

pub fn read(sheet: &mut Sheet<'_>) {
    if sheet.chars().iter().any(|c| is_han(*c)) {
        introduced(sheet, &OWN, Some(Role::Own), false);
        introduced(sheet, &STRONG, Some(Role::Payee), false);
        introduced(sheet, &WEAK, Some(Role::Payee), true);
    }
    if sheet.chars().iter().any(char::is_ascii_alphabetic) {
        english(sheet);
    }
}

fn introduced(sheet: &mut Sheet<'_>, trigger: &Regex, role: Option<Role>, weak: bool) {
    for hit in sheet.hits(trigger) {
        let spaced = if sheet.char_at(hit.end) == ' ' { hit.end + 1 } else { hit.end };
        let at = skip_kin(sheet, spaced);
        let Some(end) = name_at(sheet, at).filter(|end| sheet.is_free(at, *end)) else { continue };
        if weak && !is_paid(sheet, hit.start, end) {
            continue;
        }
        if role == Some(Role::Own) && !own_ends(sheet, end) {
            continue;
        }
        put(sheet, at, end, role);
    }
}

/// `给` and its like introduce a name where money moves: a verb or an amount
/// follows, or the clause ends with the name and one came before (`转两万给李四`).
fn is_paid(sheet: &Sheet<'_>, trigger: usize, end: usize) -> bool {
    let after = sheet.normal.slice(end, sheet.clause_end(end).min(end + 16));
    let last = after.trim_matches(|c: char| "吧了的啊呢 ".contains(c)).is_empty();
    let before = sheet.normal.slice(sheet.clause_start(trigger), trigger);
    PAYS.is_match(after) || (last && PAYS.is_match(before))
}

/// After one's own name the clause ends or a new one begins.
fn own_ends(sheet: &Sheet<'_>, end: usize) -> bool {
    let next = sheet.char_at(end);
    end >= sheet.chars().len()
        || !is_han(next)
        || matches!(next, '的' | '尾' | '卡' | '身' | '手' | '我' | '想' | '要' | '电')
}

fn put(sheet: &mut Sheet<'_>, start: usize, end: usize, role: Option<Role>) {
    let name = sheet.normal.as_written(start, end).trim().to_owned();
    if !name.is_empty() {
        sheet.put_role(SlotValue::Name { name }, start, end, role);
    }
}

/// Past `我妈`, `我的房东`, `一个朋友` when a name may follow.
fn skip_kin(sheet: &Sheet<'_>, at: usize) -> usize {
    let mut at = at;
    for word in ["我们", "咱们", "我", "咱", "他", "她", "你", "您"] {
        if sheet.after(at, 3).starts_with(word)
            && KIN.iter().any(|k| sheet.after(at + word.chars().count(), 5).trim_start_matches('的').starts_with(k))
        {
            at += word.chars().count();
            break;
        }
    }
    if sheet.char_at(at) == '的' {
        at += 1;
    }
    let kin = KIN.iter().filter(|k| sheet.after(at, 4).starts_with(**k)).max_by_key(|k| k.len());
    if let Some(kin) = kin {
        at += kin.chars().count();
        if matches!(sheet.char_at(at), '叫' | '是' | ':' | ' ' | '的') {
            at += 1;
        }
    }
    at
}

/// The end of a name of a person or a firm that begins at `at`.
fn name_at(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    firm_at(sheet, at).or_else(|| dotted_at(sheet, at)).or_else(|| person_at(sheet, at)).or_else(|| latin_at(sheet, at))
}

fn firm_at(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
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
    (!vague && !verbs).then(|| end + more.map_or(0, |w| w.chars().count()))
}

/// `阿卜杜拉·买买提`.
fn dotted_at(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    let run =
        sheet.chars().get(at..)?.iter().take_while(|c| is_han(**c) || matches!(c, '·' | '•' | '・')).take(20).count();
    let dot = sheet.chars().get(at..at + run)?.iter().position(|c| matches!(c, '·' | '•' | '・'))?;
    if dot < 2 {
        return None;
    }
    let tail = sheet.chars().get(at + dot + 1..at + run)?;
    let length = (1..=tail.len().min(6)).find(|n| is_boundary(sheet, at + dot + 1 + n))?;
    Some(at + dot + 1 + length)
}

/// A family name and one or two characters, up to the next word.
pub fn person_at(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    let compound = COMPOUND.iter().any(|c| sheet.after(at, 2) == *c);
    let first = sheet.char_at(at);
    if at >= sheet.chars().len() || (!compound && !SINGLE.contains(first)) {
        return None;
    }
    let given = at + if compound { 2 } else { 1 };
    let mut shortest = None;
    for length in 1..=2 {
        let end = given + length;
        let last = sheet.char_at(end - 1);
        if end > sheet.chars().len() || !is_han(last) {
            break;
        }
        if (length == 1 && NOT_GIVEN.contains(last)) || (length == 2 && shortest.is_some()) {
            break;
        }
        if is_boundary(sheet, end) {
            shortest = Some(end);
        }
    }
    let end = shortest?;
    let said = sheet.normal.slice(given, end);
    let address =
        TITLES.contains(&said) || TITLES.iter().any(|t| t.chars().count() > 1 && sheet.after(given, 3).starts_with(t));
    let word = [
        "高一", "高二", "高三", "马上", "方便", "何时", "任何", "安全", "常用", "成功", "全部", "关于", "时间", "来电",
        "应该", "明天", "明年", "明日", "和解", "包括", "都行", "计划", "平安", "万元", "于是", "连接", "单位", "原来",
        "官方", "保险", "商户", "银行", "路上", "白条", "车贷", "房贷", "房东", "房租", "金额", "金卡", "公司", "项目",
        "余额", "余款", "游戏", "学校", "边上",
    ];
    let whole = sheet.normal.slice(at, end);
    let head = ["花呗", "余额", "金额", "查一"].contains(&sheet.after(at, 2));
    (!address && !head && !word.contains(&whole)).then_some(end)
}

/// Whether a new word begins at `at`.
fn is_boundary(sheet: &Sheet<'_>, at: usize) -> bool {
    let Some(&c) = sheet.chars().get(at) else { return true };
    if !is_han(c)
        || "转汇打付还划充寄拨借的再又也吧呢了啊嘛呀尾卡账帐这那电手做让是要个咯哦呗哈先先把将收各共去用都从"
            .contains(c)
    {
        return true;
    }
    if matches!(read_number(sheet.chars(), at), Reading::Number(ref n) if matches!(n.form, Form::Scaled | Form::Arabic | Form::Grouped) || matches!(sheet.char_at(n.end), '元' | '块' | '笔' | '毛' | '万' | '个' | '下'))
    {
        return true;
    }
    if c == '发' && crate::number::is_number_char(sheet.char_at(at + 1)) {
        return true;
    }
    let rest = sheet.after(at, 3);
    const WORDS: &[&str] = &[
        "明天", "明日", "明早", "今天", "今晚", "后天", "下周", "下个", "下月", "每月", "每个", "每年", "发红", "发个",
        "发钱", "发工", "来自", "到账", "到他", "到她", "以前", "以后", "过去", "建行", "工行", "农行", "中行", "招行",
        "交行", "建设", "工商", "农业", "招商", "中国", "浦发", "微信", "支付", "储蓄", "银行", "和", "跟", "与", "及",
        "存", "两", "几", "一共", "一笔", "一下", "一万", "一千", "一百", "多少", "人民", "美元", "美金", "港币",
        "港元", "日元", "欧元", "房租", "货款", "工资", "红包", "现在", "马上", "立刻", "立即", "不对", "不是", "就",
        "可以", "能", "行吗", "好吗", "那边", "名下", "户头", "身份", "身上", "同城", "跨行", "剩", "先生", "女士",
        "小姐", "老师", "医生", "律师", "经理", "师傅", "同学",
    ];
    WORDS.iter().any(|w| rest.starts_with(w))
}

/// A Latin name inside Chinese: `给John Smith转`.
fn latin_at(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    let at = if sheet.char_at(at) == ' ' { at + 1 } else { at };
    let mut end = at;
    for _ in 0..4 {
        let from = if end == at {
            at
        } else if matches!(sheet.char_at(end), ' ' | '-' | '\'') {
            end + 1
        } else {
            break;
        };
        let word =
            sheet.chars().get(from..).unwrap_or(&[]).iter().take_while(|c| c.is_ascii_alphabetic()).take(20).count();
        let said = sheet.normal.slice(from, from + word);
        if word == 0 || NO_NAME.contains(&format!(" {said} ")) {
            break;
        }
        end = from + word;
    }
    (end >= at + 2).then_some(end)
}

fn english(sheet: &mut Sheet<'_>) {
    let pays = ENGLISH_PAYS.is_match(sheet.text());
    for hit in sheet.hits(&ENGLISH) {
        let own = hit.group("own").is_some();
        let Some(end) = latin_name(sheet, hit.end, own).filter(|end| sheet.is_free(hit.end, *end)) else { continue };
        if (own || pays) && !super::places::is_country(sheet.normal.slice(hit.end, end)) {
            put(sheet, hit.end, end, Some(if own { Role::Own } else { Role::Payee }));
        }
    }
}

/// Capitalised words; where nothing is capitalised, up to three words that are no function words.
fn latin_name(sheet: &Sheet<'_>, at: usize, own: bool) -> Option<usize> {
    let shouted = sheet.normal.as_written(0, sheet.chars().len());
    let mixed = shouted.chars().any(|c| c.is_ascii_uppercase()) && shouted.chars().any(|c| c.is_ascii_lowercase());
    let capitals = shouted
        .split(|c: char| !c.is_ascii_alphanumeric())
        .skip(1)
        .any(|w| w.len() > 1 && w.starts_with(|c: char| c.is_ascii_uppercase()));
    let end = latin_at(sheet, at)?;
    let written = sheet.normal.as_written(at, end);
    if mixed && capitals {
        let kept: usize = written
            .split(' ')
            .take_while(|w| w.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|w| w.chars().count() + 1)
            .sum();
        return (kept > 0).then(|| at + kept - 1);
    }
    if own || written.chars().count() < 3 {
        return None;
    }
    Some(end)
}

/// The whole answer as a name, when one was asked for.
pub fn bare(sheet: &mut Sheet<'_>) {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        build(
            "^(?:嗯|恩|哦|就是|是|叫|他叫|她叫|对方叫|给|转给|付给|我叫|我是|it's |it is |to |he is |she is |name is |the |,| |:|收款人)*",
        )
    });
    let lead = LEAD.find(sheet.text()).map_or(0, |m| sheet.normal.char_at_byte(m.end()));
    let at = skip_kin(sheet, lead);
    if let Some(end) = name_at(sheet, at) {
        put(sheet, at, end, None);
        return;
    }
    // Rare family names: a whole answer of two to four characters.
    let rest = sheet.after(at, 30);
    let said = rest.trim_end_matches(['吧', '。', '!', '.', '的', '呢']);
    let length = said.chars().count();
    let refuses = KIN.contains(&said)
        || [
            "不",
            "没",
            "取消",
            "算了",
            "等",
            "什么",
            "哪",
            "怎么",
            "谁",
            "为什么",
            "转",
            "查",
            "全部",
            "人工",
            "都",
            "第",
        ]
        .iter()
        .any(|w| said.starts_with(w));
    if (2..=4).contains(&length)
        && said.chars().all(is_han)
        && !refuses
        && at == lead
        && !matches!(said.chars().next(), Some('小' | '老' | '阿' | '我' | '你' | '他'))
    {
        put(sheet, at, at + length, None);
    }
}

/// A bare name behind a correction cue.
pub fn after_cue(sheet: &mut Sheet<'_>, cue_end: usize) {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        build("^(?:,|。| |是|应该是|转给|给|打给|付给|汇给|叫|我说的是|收款人是?|to |pay |it's |it should be )*")
    });
    let Some(rest) = sheet.text().get(sheet.normal.byte_at_char(cue_end)..) else { return };
    let lead = LEAD.find(rest).map_or(0, |m| m.as_str().chars().count());
    let at = skip_kin(sheet, cue_end + lead);
    let end = firm_at(sheet, at).or_else(|| person_at(sheet, at)).or_else(|| latin_name(sheet, at, false));
    if let Some(end) = end.filter(|end| *end > at && sheet.is_free(at, *end)) {
        put(sheet, at, end, Some(Role::Payee));
    }
}
