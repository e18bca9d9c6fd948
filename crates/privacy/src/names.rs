//! Full names that a word introduces: `我叫张三`, `户名：李四`, `收款人王小明`, `my name is
//! John Smith`; and names in transfer orders (`转给张三`).
//!
//! Conservative: a known family name and one or two characters up to the next
//! word. A family name with a title (`张先生`), kinship words and nicknames are no
//! full names.

use crate::detect::PiiKind;
use crate::fold::Folded;
use crate::numbers::build;
use crate::wide::Found;
use regex::Regex;
use std::sync::LazyLock;

/// Single-character family names, simplified and traditional.
pub(crate) const SINGLE: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫嵺苟褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁蒙喻揭窦迟宇敖糜鄢冷卓花仇艾蓝巩稽井练仲乐虞卞封竺冼衣楚佟栗匡宗台巫鞠僧桑荆谌沙伏岑习胥蔺張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻餘鐘鍾範譚鄒陸顧龍錢湯喬賀賴龔龐蘭陽嚴蘆魯韋畢聶叢齊莊塗時關費紀項遊衛單寧閔華車饒晉鄔宮";

pub(crate) const COMPOUND: &[&str] = &[
    "欧阳", "歐陽", "上官", "司马", "司馬", "诸葛", "諸葛", "司徒", "东方", "東方", "独孤", "南宫", "夏侯", "皇甫",
    "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "端木", "轩辕", "百里", "呼延", "申屠", "澹台", "濮阳", "淳于",
    "太叔", "鲜于", "拓跋", "完颜", "赫连", "钟离",
];

const TITLES: &[&str] = &[
    "先生", "女士", "小姐", "太太", "夫人", "老师", "经理", "师傅", "阿姨", "叔叔", "大哥", "大姐", "老板", "医生",
    "律师", "主任", "总", "姐", "哥", "叔", "姨", "嫂", "爷", "婶", "伯", "董", "工", "某", "某某", "律", "妈", "爸",
    "行长", "会计", "同学",
];

const NOT_GIVEN: &str = "我你您他她它们的了吗呢吧啊呀嘛哦是在有和跟与给把被让从到去来说要想就都也很转汇付还打存取款账帐户行卡号钱元块万亿几多少些个位这那哪谁什么怎样为以及其之者每只没不别再又";

static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:我的名字叫?|我叫|我是|本人叫?|名叫|名字叫|名字|姓名|户名|戶名|户主|账户名|开户名|收款人|收款方|付款人|收件人|寄件人|收货人|收款户名|持卡人|申请人|联系人|法人|法定代表人|担保人|受益人|投保人|借款人|配偶|父亲叫|母亲叫|老公叫|老婆叫|妻子叫|丈夫叫|儿子叫|女儿叫|他叫|她叫|对方叫|对方是|转账给|转给|汇给|汇款给|打款给|打给|付款给|付给|还给|寄给|给了|经办人|客户)(?:的?(?:姓名|名字|户名))?(?:信息|就是|应该是|是|为|叫|填|写|了|[:：, ，])*",
    )
});
static GIVES: LazyLock<Regex> = LazyLock::new(|| build("(?:给|向|替|帮|跟|和)"));
static TITLED: LazyLock<Regex> = LazyLock::new(|| build("先生|女士|小姐"));
static PAID: LazyLock<Regex> =
    LazyLock::new(|| build("转|汇|打款|打钱|打[0-9一二三四五六七八九十两]|付|还钱|还款|存|充"));
/// `他叫`, `我老板叫`: anyone called something.
static CALLED: LazyLock<Regex> = LazyLock::new(|| build("[\\p{Han}]叫"));
static KIN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:我|我们|他|她)?的?(?:妈妈?|爸爸?|母亲|父亲|老婆|老公|媳妇|妻子|丈夫|爱人|儿子|女儿|哥哥?|弟弟?|姐姐?|妹妹?|房东|朋友|同事|同学|客户|老板|供应商|舅舅|叔叔|阿姨)(?:叫|是|,|，)?",
    )
});
static MOVES: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:的(?:卡|账|帐|户)|再|又|也)?[^,，。]{0,3}(?:转|汇|打款|打[0-9一二三四五六七八九十两]|打钱|付|还[0-9一二三四五六七八九十两]|还钱|还款|还贷|存|充|交|缴|查余额|查账)|^[0-9]",
    )
});
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:my name is|my name's|i am|i'm|this is|account name(?: is|:)?|name ?:|payee(?: is| name is|:)?|recipient(?: is|:)?|beneficiary(?: is|:)?|cardholder(?: is|:)?|(?:transfer|send|pay|wire|remit)[^.!?]{0,24} to|pay) (?P<v>[a-z]+(?:[ '-][a-z]+){1,3})",
    )
});

pub(crate) fn read(text: &Folded, found: &mut Found) {
    for hit in INTRODUCED.find_iter(&text.text) {
        let at = skip_kin(text, text.char_at_byte(hit.end()));
        if let Some(end) = name_at(text, at) {
            let strict = matches!(hit.as_str(), "我是" | "客户" | "本人");
            if !strict || ends_clause(text, end) {
                found.put(at, end, PiiKind::Name);
            }
        }
    }
    for hit in CALLED.find_iter(&text.text) {
        let at = text.char_at_byte(hit.end());
        if let Some(end) = name_at(text, at).filter(|end| ends_clause(text, *end)) {
            found.put(at, end, PiiKind::Name);
        }
    }
    for hit in TITLED.find_iter(&text.text) {
        before_title(text, text.char_at_byte(hit.start()), found);
    }
    for hit in GIVES.find_iter(&text.text) {
        let at = skip_kin(text, text.char_at_byte(hit.end()));
        let Some(end) = name_at(text, at) else { continue };
        // 转五百给李四: the order ends with the name.
        let clause = text.before(at, 20).rsplit([',', '，', '。']).next().unwrap_or("");
        let closes = (end >= text.chars.len() || !is_han(text.char_at(end))) && PAID.is_match(clause);
        if closes || MOVES.is_match(text.after(end, 10)) {
            found.put(at, end, PiiKind::Name);
        }
    }
}

/// `张伟先生`: a full name right before a title. `谢谢李先生` has none.
fn before_title(text: &Folded, title: usize, found: &mut Found) {
    for length in [3usize, 2] {
        let Some(start) = title.checked_sub(length) else { continue };
        let before = text.char_before(start);
        let begins = start == 0 || !is_han(before) || "的给是找请叫跟与和向对为让问到".contains(before);
        let given: Vec<char> = text.chars.get(start + 1..title).unwrap_or(&[]).to_vec();
        let plain = given.iter().all(|c| is_han(*c) && !NOT_GIVEN.contains(*c));
        let family_last = length == 3 && given.last().is_some_and(|c| SINGLE.contains(*c));
        if begins && plain && !family_last && SINGLE.contains(text.char_at(start)) {
            found.put(start, title, PiiKind::Name);
            return;
        }
    }
}

/// English names, told by their capitals in the text as given.
pub(crate) fn read_latin(text: &Folded, original: &[char], found: &mut Found) {
    for captures in ENGLISH.captures_iter(&text.text) {
        let Some(value) = captures.name("v") else { continue };
        let start = text.char_at_byte(value.start());
        let mut end = start;
        let mut words = 0;
        for word in value.as_str().split_inclusive([' ']) {
            let capital = original.get(end).is_some_and(|c| c.is_uppercase());
            if !capital {
                break;
            }
            words += 1;
            end += word.chars().count();
        }
        while end > start && text.char_before(end) == ' ' {
            end -= 1;
        }
        if words >= 2 {
            found.put(start, end, PiiKind::Name);
        }
    }
}

fn skip_kin(text: &Folded, at: usize) -> usize {
    KIN.find(text.after(at, 10)).map_or(at, |m| at + m.as_str().chars().count())
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

fn ends_clause(text: &Folded, end: usize) -> bool {
    let next = text.char_at(end);
    end >= text.chars.len() || !is_han(next) || "的尾卡身手我想要电住".contains(next)
}

/// The end of a full name that begins at `at`.
fn name_at(text: &Folded, at: usize) -> Option<usize> {
    let compound = COMPOUND.contains(&text.after(at, 2));
    if at >= text.chars.len() || (!compound && !SINGLE.contains(text.char_at(at))) {
        return None;
    }
    let given = at + if compound { 2 } else { 1 };
    if !is_han(text.char_at(given)) || NOT_GIVEN.contains(text.char_at(given)) {
        return None;
    }
    let end = if is_boundary(text, given + 1) {
        given + 1
    } else if is_han(text.char_at(given + 1)) && is_boundary(text, given + 2) {
        given + 2
    } else {
        return None;
    };
    let said = text.slice(given, end);
    let title =
        TITLES.contains(&said) || TITLES.iter().any(|t| t.chars().count() > 1 && text.after(given, 3).starts_with(t));
    let word = [
        "高一",
        "高二",
        "高三",
        "马上",
        "方便",
        "何时",
        "任何",
        "安全",
        "常用",
        "成功",
        "全部",
        "关于",
        "时间",
        "应该",
        "和解",
        "包括",
        "计划",
        "平安",
        "于是",
        "单位",
        "原来",
        "官方",
        "保险",
        "商户",
        "银行",
        "车贷",
        "房贷",
        "房东",
        "房租",
        "金额",
        "金卡",
        "公司",
        "项目",
        "余额",
        "游戏",
        "学校",
        "高级",
        "新用户",
        "白金",
        "金卡",
        "白领",
        "单身",
        "应届",
        "时候",
        "华为",
        "曾经",
    ];
    let start = ["花呗", "花贝", "余额", "金额", "查一", "时尚"].iter().any(|w| text.after(at, 2) == *w);
    (!title && !start && !word.contains(&text.slice(at, end))).then_some(end)
}

fn is_boundary(text: &Folded, at: usize) -> bool {
    let Some(&c) = text.chars.get(at) else { return true };
    if !is_han(c)
        || "转轉汇匯打付还還划充寄借的再又也吧呢了啊嘛呀尾卡账帐賬这那电電做让是要个將将收各共先都住想不没".contains(c)
    {
        return true;
    }
    let rest = text.after(at, 3);
    let number = "一二三四五六七八九两兩十".contains(c)
        && text.after(at + 1, 1).contains(['十', '百', '千', '万', '萬', '块', '元', '笔', '点', '个']);
    number
        || [
            "身份", "手机", "明天", "今天", "后天", "下周", "每月", "到账", "建行", "工行", "农行", "中行", "招行",
            "交行", "建设", "工商", "农业", "招商", "微信", "支付", "储蓄", "银行", "和", "跟", "与", "两", "人民",
            "美元", "港币", "开户", "申请", "出生", "户口", "来电", "反映", "投诉", "存", "今年", "在", "我", "他",
            "她", "从", "用", "先生", "女士", "小姐", "老师", "医生", "律师", "经理", "师傅", "同学", "去世", "过世",
        ]
        .iter()
        .any(|w| rest.starts_with(w))
}
