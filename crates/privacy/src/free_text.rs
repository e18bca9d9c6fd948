//! Mail addresses, one-time codes, passwords, WeChat names, dates of birth and
//! private addresses: what the words around tell more than the form.

use crate::detect::PiiKind;
use crate::fold::Folded;
use crate::numbers::build;
use crate::wide::Found;
use regex::{Captures, Regex};
use std::sync::LazyLock;

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| build("[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9][a-z0-9-]{0,62}(?:\\.[a-z0-9-]{2,62}){1,4}"));
static OTP: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:验证码|驗證碼|动态码|动态密码|校验码|动态口令|短信码|短信密码|口令码|一次性密码|otp|the code|verification code|one[- ]time (?:password|code|passcode)|security code|passcode|sms code)(?:已经|刚|刚刚|收到|发来|过来|给你|告诉你|我|的|了|就|应该|是|为|填|输|输入|输的|is|was|code|you sent|you sent me|i got|i received|[:：=, ，])*(?P<v>[0-9](?:[ -]?[0-9]){3,7})|(?P<w>[0-9]{4,8})(?:是|就是|,|，| )*(?:我的|您的|你的|刚收到的|收到的|刚才的|那个|这个)?(?:验证码|动态码|校验码|动态密码)",
    )
});
/// The card's check value is a secret like a password.
static CARD_CHECK: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:cvv2?|cvn2?|cvc2?|安全码|卡背面[^0-9]{0,6}位?(?:数字)?|背面三位(?:数字)?)(?:码|是|为|is|:|：| )*(?P<v>[0-9]{3,4})",
    )
});
static PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:密码|密碼|口令|pin码|pin|password|passwd|pwd|passcode)(?:我的|我|设置的?|设的?|改的?|改成|改为|设成|设置成|设为|就|都|应该|一直|以前|原来|现在|用的|是|为|就是|成|了|is|was|to|set to|[:：=, ，\"'“「])*(?P<v>[0-9a-z!@#$%^&*_.+?-]{4,32})",
    )
});
static WECHAT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:微信|微信号|威信|薇信|v信|vx|wx|wechat|weixin|加v|加我v)(?:号码?|id|账号|帐号|是|为|就是|也是|同号|我|的|加|is|no\\.?|[:：, ，])*(?P<v>[a-z][a-z0-9_-]{4,19}|[0-9]{6,11})",
    )
});
static BIRTH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:出生日期|出生年月日|出生年月|出生于|生日|生于|出生|born on|born in|born|date of birth|birthday|birth date|dob)(?:是|为|在|is|:|：|,|，| |农历|阳历)*(?P<v>(?:(?:19|20)[0-9]{2})[-/.年 ]*(?:1[0-2]|0?[1-9])[-/.月 ]*(?:(?:[12][0-9]|3[01]|0?[1-9])[日号]?)?|(?:19|20)[0-9]{2}年[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号]?)?|(?:1[0-2]|0?[1-9])[-/.月](?:[12][0-9]|3[01]|0?[1-9])[日号]?|[0-9]{2}年(?:1[0-2]|0?[1-9])月(?:[12][0-9]|3[01]|0?[1-9])[日号]?|(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* [0-9]{1,2},? (?:19|20)[0-9]{2})|[0-9]{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (?:19|20)[0-9]{2}|[一二][零〇九0-9一二三四五六七八]{3}年[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号])?)|(?P<w>(?:(?:19|20)[0-9]{2}|[0-9]{2})[-/.年](?:1[0-2]|0?[1-9])[-/.月](?:[12][0-9]|3[01]|0?[1-9])[日号]?)(?:出生|生的|生人|的生日|,? ?出生)",
    )
});
/// A road, lane, village or estate with a number; or an estate with building and room.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    let head = "(?:[\\p{Han}]{2,9}(?:省|自治区|特别行政区))?(?:[\\p{Han}]{1,8}?(?:市|自治州|地区|盟))?(?:[\\p{Han}]{1,8}?(?:区|县|旗|市))?(?:[\\p{Han}]{1,8}?(?:镇|乡|街道|街道办|开发区|新区))?";
    let road = "[\\p{Han}0-9]{1,10}?(?:大道|路|街|巷|弄|胡同|里弄|道|段|村|屯|庄|社区|小区|花园|公寓|大厦|广场|苑|园|家园|新村|山庄|城|府|湾|庭|居|轩|里|坊|组)";
    let number = "(?: ?[东南西北中]?[一二三四五六七八九十0-9]{1,5}(?:-[0-9]{1,4}){0,3} ?(?:号院|号楼|号|弄|栋|幢|座|单元|楼|层|室|户|组|#)(?:之[0-9一二三四五六七八九十])?|[a-z]?[0-9]{1,4}[a-z]?(?:栋|幢|座|号楼|单元|室)|[a-z甲乙丙丁][栋幢座])";
    let more = "(?:[\\p{Han}]{0,8}?(?:小区|花园|公寓|大厦|苑|园|家园|新村|城|府|楼))";
    build(&format!(
        "(?P<v>{head}(?:{road}){{1,3}}(?:{number})(?:{more}|[\\p{{Han}}]{{0,6}}?(?:{number})){{0,4}}(?:[0-9a-z]{{2,5}}(?:室|房|户)?)?)"
    ))
});
static HOME_WORD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:住址|地址|家住|住在|家在|住|寄到|寄给|寄送到|邮寄到|邮寄地址|送到|收货|收件|快递到|户籍|籍贯|户口|搬到|搬家到|通讯|单位在|公司在|上班在)[^,，。;；]{0,12}$",
    )
});
static ENGLISH_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?P<v>(?:(?:flat|room|unit|apt|apartment|suite|rm) ?[0-9a-z]{1,5},? ?)?(?:(?:[0-9]{1,3}/f|floor [0-9]{1,3}),? ?)?(?:no\\.? ?)?[0-9]{1,5}[a-z]?,? (?:[a-z']+ ){1,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|square|terrace)\\b\\.?(?:,? (?:apt|apartment|flat|unit|suite|room|#) ?[0-9a-z]{1,5})?)",
    )
});
/// Where a bank or an office is, not where a customer lives.
static PUBLIC_PLACE: LazyLock<Regex> =
    LazyLock::new(|| build("支行|网点|分行|营业部|营业厅|银行|派出所|公安局|法院|地铁|火车站|机场|号线|政府|atm"));

fn each(text: &Folded, regex: &Regex, mut take: impl FnMut(&Captures<'_>, usize, usize)) {
    for captures in regex.captures_iter(&text.text) {
        let Some(value) = captures.name("v").or_else(|| captures.name("w")) else { continue };
        take(&captures, text.char_at_byte(value.start()), text.char_at_byte(value.end()));
    }
}

pub(crate) fn emails(text: &Folded, found: &mut Found) {
    for hit in EMAIL.find_iter(&text.text) {
        let end = hit.as_str().trim_end_matches(['.', '-']).len() + hit.start();
        found.put(text.char_at_byte(hit.start()), text.char_at_byte(end), PiiKind::Email);
    }
}

/// One-time codes, then passwords: values only.
pub(crate) fn secrets(text: &Folded, found: &mut Found) {
    each(text, &OTP, |_, start, end| {
        if !text.char_at(end).is_ascii_digit() && !text.char_before(start).is_ascii_digit() {
            found.put(start, end, PiiKind::Otp);
        }
    });
    each(text, &CARD_CHECK, |_, start, end| {
        if !text.char_at(end).is_ascii_digit() {
            found.put(start, end, PiiKind::Password);
        }
    });
    each(text, &PASSWORD, |_, start, end| {
        let value = text.slice(start, end);
        let word = [
            "is",
            "reset",
            "change",
            "forgot",
            "login",
            "please",
            "again",
            "wrong",
            "error",
            "incorrect",
            "protected",
            "manager",
            "policy",
            "help",
            "lock",
            "locked",
            "码",
            "and",
            "for",
            "was",
            "what",
            "how",
            "app",
            "atm",
            "not",
            "field",
            "expired",
            "page",
            "your",
            "when",
            "with",
            "that",
            "this",
            "than",
            "must",
            "should",
            "hint",
            "twice",
            "times",
        ]
        .contains(&value.trim_end_matches(['.', '?', '!']));
        let plain_word = value.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '.' | '?' | '!' | '-'))
            && !direct(text, start);
        let counted = ["位", "次", "个", "遍", "年", "月", "天", "分钟", "元", "块", "小时"]
            .iter()
            .any(|w| text.after(end, 2).starts_with(w));
        let trimmed = value.trim_end_matches(['.', '?', '!', '-']);
        let end = start + trimmed.chars().count();
        if !word && !plain_word && !counted && trimmed.len() >= 4 {
            found.put(start, end, PiiKind::Password);
        }
    });
}

/// `密码是abcd`, `password: abcd`: said to be the value.
fn direct(text: &Folded, start: usize) -> bool {
    let before = text.before(start, 4);
    ["是", "为", "成", ":", "：", "=", "is ", "to "]
        .iter()
        .any(|w| before.ends_with(w) || before.trim_end().ends_with(w))
}

pub(crate) fn wechat(text: &Folded, found: &mut Found) {
    each(text, &WECHAT, |_, start, end| {
        let value = text.slice(start, end);
        let word = ["wechat", "weixin", "alipay", "payment", "account", "number", "please", "transfer", "official"]
            .contains(&value)
            || value.starts_with("pay");
        let digits = value.bytes().all(|b| b.is_ascii_digit());
        let amount = digits
            && (["元", "块", "万", "笔", "次"].iter().any(|w| text.after(end, 2).starts_with(w))
                || value.len() < 8 && !text.before(start, 3).contains(['号', ':', '：', '是']));
        let cut = text.char_at(end).is_ascii_alphanumeric() || text.char_at(end) == '@';
        if !word && !amount && !cut {
            found.put(start, end, PiiKind::Wechat);
        }
    });
}

pub(crate) fn birth_dates(text: &Folded, found: &mut Found) {
    each(text, &BIRTH, |_, start, end| {
        let value = text.slice(start, end).trim_end_matches([' ', '-', '/', '.']);
        let end = start + value.chars().count();
        found.put(start, end, PiiKind::Dob);
    });
}

pub(crate) fn addresses(text: &Folded, found: &mut Found) {
    each(text, &ADDRESS, |_, start, end| {
        let (start, end) = trim_address(text, start, end);
        let value = text.slice(start, end);
        let public = PUBLIC_PLACE.is_match(value)
            || PUBLIC_PLACE.is_match(text.after(end, 8))
            || ["在哪", "怎么走", "几点"].iter().any(|w| text.after(end, 4).starts_with(w));
        let named = HOME_WORD.is_match(text.before(start, 16));
        let deep = value.chars().filter(|c| "省市区县镇路街巷弄栋幢室单村".contains(*c)).count() >= 2;
        if !public && (named || deep) && value.chars().count() >= 5 {
            found.put(start, end, PiiKind::Address);
        }
    });
    each(text, &ENGLISH_ADDRESS, |_, start, end| {
        let before = text.before(start, 30);
        let flat =
            ["flat", "apt", "apartment", "unit", "suite", "room"].iter().any(|w| text.slice(start, end).starts_with(w));
        let named = flat
            || ["live", "address", "reside", "mail", "send", "deliver", "home", "moved", "ship"]
                .iter()
                .any(|w| before.contains(w));
        if named {
            found.put(start, end, PiiKind::Address);
        }
    });
}

/// Cuts off the words before a place: `我家住在`, `请寄到`.
fn trim_address(text: &Folded, start: usize, end: usize) -> (usize, usize) {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        build(
            "^.*(?:住址|地址|家住在?|住在|家在|现在住|寄到|寄给|寄送到|邮寄到|送到|快递到|搬到|搬家到|单位在|公司在|上班在|改成|改为|更新为|是|为|在|到|我家|住|户籍|籍贯)",
        )
    });
    let value = text.slice(start, end);
    let lead = LEAD.find(value).map_or(0, |m| m.as_str().chars().count());
    (start + lead, end)
}
