//! Names of people and firms that a word introduces: `给张三转`, `收款人李四`,
//! `我叫王小明`, `to John Smith`. As said, without kinship words, titles or nicknames.
//!
//! A Chinese name is a known family name and one or two characters up to the
//! next word of the sentence. Names that nothing introduces need a tagger and
//! are not read here, except where a name was asked for.

use super::Role;
use super::dates::build;
use super::firms::{firm_at, firms_alone};
use super::sheet::Sheet;
use super::surnames::{COMPOUND, KIN, NOT_GIVEN, SINGLE, TITLES};
use crate::normal::is_han;
use crate::number::{Form, Reading, read as read_number};
use regex::Regex;
use std::sync::LazyLock;
use teller_kernel::{SlotType, SlotValue};

/// Words that say outright that a name follows.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:收款人|收款方|收款户名|收款账户名|收款名|受款人|受益人|收件人|对方户名|对方姓名|对方名字|对方叫|开户名|户名|公司名|全名|大名叫?|真名叫?|人名叫?|名字叫|名字|姓名|名叫|[他她佢人]叫|系统里叫|的那?位,?叫|(?:方|家|店|校|学校|先生|太太|爱人|老婆|老公|媳妇|房东|师傅|老师|买家|卖家|一个|收款人,)叫|姓.,|佢个名系|收钱的是(?:我?(?:前夫|前妻|同学|朋友|同事))?|(?:往|到)(?:.{0,4})名下)(?:的?(?:名字|姓名|户名)|那里|信息|填|写|改成|改为|打错了?|不是|是|为|系|叫|:|就是|应该是?|应该填|呃|嗯|那个|谁给|\"|「|“| |,)*",
    )
});
static STRONG: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:转账给|转帐给|转款给|转钱给|转给|转到|转去|转账到|汇款给|汇给|汇到|打款给|打钱给|打给|打到|付款给|付钱给|付给|支付给|还钱给|还给|寄给|拨给|划给|划到|充给|存给|发给|收款人|收款方|收款户名|收款账户名|收款名|受益人|对方户名|对方姓名|对方名字|对方叫|对方是|开户名|账户名|户名|户主|持卡人|全名|大名叫?|真名叫?|人名叫?|人叫|户名写|名字叫|名字|姓名|名叫|联系人|收件人|收款对象|收款户|过俾|过数俾|汇俾|新增收款人|删掉|删除|加一个)(?:的?(?:名字|姓名|户名)|信息|填|写|改成|改为|打错了?|那里的名字|名单删掉|不是|是|为|叫|:|就是|应该是|呃|嗯|那个|那位|谁给|\"|「|“| |,)*",
    )
});
static OWN: LazyLock<Regex> =
    LazyLock::new(|| build("(?:我叫|我的名字叫?|我姓名|我名字叫?|本人叫?|我是|我这边是|你好,?我是)(?:是|:| )*"));
static WEAK: LazyLock<Regex> = LazyLock::new(|| {
    build("(?:给|向|往|至|到|跟|替|帮|对|叫|俾|佢叫|姓.,|就是|真名|加上|换成|改成|改为|change.{0,6} to )")
});
pub static PAYS: LazyLock<Regex> = LazyLock::new(|| {
    build("转|汇|俾|给|收款|随礼|打|付|还|存|充|交|划|寄|拨|发|借|缴|过|[0-9]|万|千|百|元|块|红包|房租|货款|工资")
});
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?P<own>my name is |my name's |i am |i'm |this is )|(?P<who>\\b(?:husband|wife|son|daughter|mother|father|brother|sister|mom|mum|dad|friend|landlord|landlady|nanny|teacher|roommate|guy|person|tutor|driver|colleague|cousin|uncle|aunt|is a company)(?: is|,| called| named)? |\\bfull name(?: is|:)? |, ?name(?: is|:)? |\\badd |payee是 ?|[\\p{Han}](?:叫|是|的) ?|[\\p{Han}])|(?:\\bto |\\bgoes to |\\bpay |\\bsend |\\bwire |\\btransfer |\\bpayee(?: name)?(?: is|:)? ?|\\brecipient(?:'s name)?(?: is|:)? ?|\\bbeneficiary(?: name)?(?: is|:)? ?|\\baccount name(?: is|:)? ?|\\bfor |\\bgive |\\bname of |\\bnamed |\\bcalled |\\bname is )",
    )
});
static ENGLISH_PAYS: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "send|sent|rent|transfer|pay|wire|remit|give|goes to|schedule|make that|payee|recipient|beneficiary|move|owe|account name|转|汇|付|打",
    )
});

/// Words after `to` that begin no name.
const NO_NAME: &str = " my the a an his her their our your this that it him them me us you someone another other savings saving checking current account acct card bank mom mum dad mother father brother sister wife husband son daughter friend landlord boss family home rmb usd cny eur hkd jpy gbp yuan dollar dollars china usa hong kong singapore japan overseas abroad today tomorrow be do see get know check make pay send transfer change open close apply speak talk buy withdraw deposit cancel report ask use help which what where when how if whether and or for from in on at by with of is are was no not all any some one two three four five six seven eight nine ten hundred thousand money cash loan mortgage rent bill bills credit debit limit wechat alipay paypal zelle tail ending now please asap yes fee fees tax interest number no. more over under within up out back english chinese human agent person manager here there come lock calling looking trying going not sorry afraid wondering writing new sure interested unable having getting using still really very just so also lost blocked locked unhappy angry happy worried ";

pub fn read(sheet: &mut Sheet<'_>) {
    if sheet.chars().iter().any(|c| is_han(*c)) {
        introduced(sheet, &OWN, Some(Role::Own), Trust::Strong);
        introduced(sheet, &LABEL, Some(Role::Payee), Trust::Label);
        let labelled = sheet.found.iter().any(|d| d.role == Some(Role::Payee) && d.slot_type() == SlotType::Name);
        if !labelled {
            introduced(sheet, &STRONG, Some(Role::Payee), Trust::Strong);
            introduced(sheet, &WEAK, Some(Role::Payee), Trust::Weak);
            firms_alone(sheet);
            clause_names(sheet);
        }
    }
    if sheet.chars().iter().any(char::is_ascii_alphabetic) {
        english(sheet);
    }
}

/// How surely a word introduces a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// `收款人`: what follows is a name, whatever it looks like.
    Label,
    /// `转给`.
    Strong,
    /// `给`, `向`: only where money moves.
    Weak,
}

fn introduced(sheet: &mut Sheet<'_>, trigger: &Regex, role: Option<Role>, trust: Trust) {
    for hit in sheet.hits(trigger) {
        let spaced = if sheet.char_at(hit.end) == ' ' { hit.end + 1 } else { hit.end };
        let Some((at, end)) = starts(sheet, spaced)
            .into_iter()
            .find_map(|at| name_after(sheet, at, trust).map(|end| (at, end)))
            .filter(|(at, end)| sheet.is_free(*at, *end))
        else {
            continue;
        };
        if trust == Trust::Weak && !is_paid(sheet, hit.start, end) {
            continue;
        }
        if role == Some(Role::Own) && !own_ends(sheet, end) {
            continue;
        }
        put(sheet, at, end, role);
    }
}

/// Where a name may begin behind a trigger: at once, behind kinship, behind a
/// description that ends with 的 or a bracket (`给对门开粮油店的邵桂芳`, `给王姐(王海棠)`).
fn starts(sheet: &Sheet<'_>, at: usize) -> Vec<usize> {
    /// Longest description before a name, in characters.
    const DESCRIPTION_CHARS_MAX: usize = 12;
    let mut places = vec![at, skip_kin(sheet, at)];
    let clause = sheet.clause_end(at).min(at + DESCRIPTION_CHARS_MAX);
    for i in at..clause {
        if matches!(sheet.char_at(i), '的' | '(' | '"' | '叫') {
            places.push(i + 1);
            places.push(skip_kin(sheet, i + 1));
        }
    }
    for place in &mut places {
        // 韦韦韦小冬: somebody who thinks repeats the family name.
        while sheet.char_at(*place) == sheet.char_at(*place + 1) && SINGLE.contains(sheet.char_at(*place)) {
            *place += 1;
        }
    }
    places
}

fn name_after(sheet: &Sheet<'_>, at: usize, trust: Trust) -> Option<usize> {
    let found = name_at(sheet, at);
    if found.is_some() || trust == Trust::Weak {
        return found.or_else(|| unbounded(sheet, at));
    }
    unbounded(sheet, at).or_else(|| (trust == Trust::Label).then(|| whole_clause(sheet, at)).flatten())
}

/// A family name and two characters although no known word follows: `给汤一鸣当饭钱`.
fn unbounded(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    let compound = COMPOUND.iter().any(|c| sheet.after(at, 2) == *c);
    let given = at + if compound { 2 } else { 1 };
    let family = compound || (at < sheet.chars().len() && SINGLE.contains(sheet.char_at(at)));
    let end = given + 2;
    let fits = (given..end).all(|i| is_han(sheet.char_at(i)) && !NOT_GIVEN.contains(sheet.char_at(i)));
    let number = (at..end).any(|i| crate::number::is_number_char(sheet.char_at(i)) && sheet.char_at(i) != '一');
    (family && end <= sheet.chars().len() && fits && !number && !no_person(sheet, at, given, end)).then_some(end)
}

/// Behind a label the rest of the clause is a name, of two to six characters: `名字巴桑`.
fn whole_clause(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    let end = sheet.clause_end(at);
    let said = sheet.normal.slice(at, end);
    let length = said.chars().count();
    let plain = said.chars().all(|c| is_han(c) && !NOT_GIVEN.contains(c));
    let kind = KIN.contains(&said) || NO_NAMES.iter().any(|w| said.contains(w));
    ((2..=6).contains(&length) && plain && !kind).then_some(end)
}

/// Words after a label that are no name.
const NO_NAMES: &[&str] = &[
    "错误", "信息", "管理", "名单", "账号", "姓名", "户名", "名字", "限额", "填错", "写错", "打错", "一样", "一致",
    "不符", "变更", "更正", "公司", "单位", "手机", "本人", "正确", "对方", "删除", "添加", "新增", "查询", "怎么",
    "提供", "核对", "认证", "实名", "收款", "学校", "个人",
];

/// A name that is a clause of its own, or stands behind kinship at the head of
/// one, in an order to pay: `帮忙转，牛向阳，六千`, `我堂弟毕成，转他四万`.
fn clause_names(sheet: &mut Sheet<'_>) {
    let amount = sheet.found.iter().any(|d| d.slot_type() == SlotType::Money);
    let named = sheet.found.iter().any(|d| d.slot_type() == SlotType::Name);
    static ORDERS: LazyLock<Regex> = LazyLock::new(|| build("转|汇|打给|打钱|付给|还给|随礼|收款"));
    if named || !amount || !ORDERS.is_match(sheet.text()) {
        return;
    }
    let length = sheet.chars().len();
    let heads =
        (0..length).filter(|at| *at == 0 || matches!(sheet.char_before(*at), ',' | ':' | '。' | '/' | '(' | '!'));
    for head in heads.collect::<Vec<_>>() {
        let head = if sheet.char_at(head) == ' ' { head + 1 } else { head };
        let at = skip_kin(sheet, head);
        let ends = |end: &usize| {
            matches!(sheet.char_at(*end), ',' | '。' | ' ' | '/' | ')' | ';' | '!') && sheet.is_free(at, *end)
        };
        if let Some(end) = person_at(sheet, at).or_else(|| unbounded(sheet, at)).filter(ends) {
            put(sheet, at, end, Some(Role::Payee));
            return;
        }
    }
}

/// `给` and its like introduce a name where money moves: a verb or an amount
/// follows, or the clause ends with the name and one came before (`转两万给李四`).
fn is_paid(sheet: &Sheet<'_>, trigger: usize, end: usize) -> bool {
    let after = sheet.normal.slice(end, sheet.clause_end(end).min(end + 16));
    let last = after.trim_matches(|c: char| "吧了的啊呢 )\"".contains(c)).is_empty();
    let before = sheet.normal.slice(sheet.clause_start(trigger), trigger);
    let amount = sheet.found.iter().any(|d| d.slot_type() == SlotType::Money);
    PAYS.is_match(after) || (last && (PAYS.is_match(before) || amount)) || (amount && PAYS.is_match(before))
}

/// After one's own name the clause ends or a new one begins.
fn own_ends(sheet: &Sheet<'_>, end: usize) -> bool {
    let next = sheet.char_at(end);
    end >= sheet.chars().len()
        || !is_han(next)
        || matches!(next, '的' | '尾' | '卡' | '身' | '手' | '我' | '想' | '要' | '电')
}

pub fn put(sheet: &mut Sheet<'_>, start: usize, end: usize, role: Option<Role>) {
    let name = sheet.normal.as_written(start, end).trim().to_owned();
    if !name.is_empty() {
        sheet.put_role(SlotValue::Name { name }, start, end, role);
    }
}

/// Past `我妈`, `我的房东`, `一个朋友` when a name may follow.
fn skip_kin(sheet: &Sheet<'_>, at: usize) -> usize {
    let mut at = at;
    for word in ["那个", "这个", "一个", "谁给", "给", "呃", "嗯", "了", "\"", "「"] {
        if sheet.after(at, 3).starts_with(word) {
            at += word.chars().count();
        }
    }
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
        while at < sheet.chars().len()
            && matches!(sheet.char_at(at), '叫' | '是' | ':' | ' ' | '的' | '"' | '「' | '名')
        {
            at += 1;
        }
    }
    at
}

/// The end of a name of a person or a firm that begins at `at`.
fn name_at(sheet: &Sheet<'_>, at: usize) -> Option<usize> {
    firm_at(sheet, at).or_else(|| dotted_at(sheet, at)).or_else(|| person_at(sheet, at)).or_else(|| latin_at(sheet, at))
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
    (!no_person(sheet, at, given, end)).then_some(end)
}

/// Words that begin with a family name's character and are no name.
fn no_person(sheet: &Sheet<'_>, at: usize, given: usize, end: usize) -> bool {
    let said = sheet.normal.slice(given, end);
    let address =
        TITLES.contains(&said) || TITLES.iter().any(|t| t.chars().count() > 1 && sheet.after(given, 3).starts_with(t));
    let word = [
        "高一", "高二", "高三", "马上", "方便", "何时", "任何", "安全", "常用", "成功", "全部", "关于", "时间", "来电",
        "应该", "明天", "明年", "明日", "和解", "包括", "都行", "计划", "平安", "万元", "于是", "连接", "单位", "原来",
        "官方", "保险", "商户", "银行", "路上", "白条", "车贷", "房贷", "房东", "房租", "金额", "金卡", "公司", "项目",
        "余额", "余款", "游戏", "学校", "边上", "查查", "查下", "查一", "方退", "公代", "公转", "装修", "温州", "台湾",
        "安徽", "江苏", "江西", "常州", "徐州", "苏州", "广州", "杭州", "成都", "支付", "支取", "管理", "时候", "容易",
        "明早", "解决", "单笔", "柏林", "巴黎", "巴西", "谈妥", "花钱", "费用", "易贷", "满足", "安居", "宁波", "祝福",
        "幸福", "房贷", "雷同", "关系", "关闭", "牛奶", "包工", "印尼", "印度", "简单", "计算", "皮包", "卓越", "于是",
        "茶叶", "戈壁", "甲方", "项链",
    ];
    let whole = sheet.normal.slice(at, end);
    let head = ["花呗", "余额", "金额", "查一"].contains(&sheet.after(at, 2));
    address || head || word.contains(&whole) || word.iter().any(|w| w.chars().count() > 1 && whole.starts_with(w))
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
        // A name behind a role or between Chinese words is capitalised.
        let first = sheet.normal.as_written(hit.end, end);
        let capital = first.starts_with(|c: char| c.is_ascii_uppercase()) && first.contains(' ');
        if hit.group("who").is_some() && !capital {
            continue;
        }
        let product = sheet.found.iter().any(|d| d.role == Some(Role::Product));
        let amount = sheet.found.iter().any(|d| d.slot_type() == SlotType::Money);
        let pays = (pays || amount) && !product;
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
