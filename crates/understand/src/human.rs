//! Whether a customer asks for a person, in any wording; and whether they only
//! ask what they are talking to.
//!
//! `人工费`, `人工智能`, `你是人工吗` ask for nobody; `不要人工` refuses one;
//! `不要机器人` asks for one.

use crate::slots::build_pattern as build;
use regex::Regex;
use std::sync::LazyLock;

/// Words of praise for somebody.
static PRAISE: LazyLock<Regex> =
    LazyLock::new(|| build("表扬|夸(?:一?夸|一下|奖)|点个?赞|锦旗|感谢信|praise|commend|compliment"));
/// Words for a person of the bank that ask by themselves.
static NOUN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "人工|真人|活人|大活人|真正的人|真实的人|座席|坐席|话务员|接线员|客服人员|客服小?姐姐|客服小?哥哥?|客服妹妹?|客服mm|客服专员|客服代表|工作人员|服务人员|オペレーター|オペレータ|担当者",
    )
});
static NOT_NOUN: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "人工提|人工调额|人工(?:台)?(?:电话)?会?打|人工(?:台)?(?:电话)?过来|工作人员(?:的)?联系电话|人工费|人工再审|人工复|人工智能|人工成本|人工审[核批查]|人工授|人工湖|人工呼吸|人工耳蜗|人工流产|人工降|人工关节|人工草|人工合成|人工支出|人工工资|人工(?:服务|客服)?(?:的)?(?:时间|几点|工作时间|上班|收费|费用|是几点|什么时候上班)|(?:刚才|刚刚|之前|上次|昨天|前天|上回)[^,。]{0,6}(?:人工|客服人员|工作人员|座席|坐席)|冒充[^,。]{0,10}(?:工作人员|客服)|自称[^,。]{0,12}(?:工作人员|客服)|(?:银行|网点|柜台|柜面|大堂|支行|你们)的?工作人员(?:说|让|叫我|告诉|态度|骗|打电话|联系我|推荐|跟我)|(?:人工|真人|座席|坐席|客服|工作人员)(?:刚|之前|昨天|上次|说的|告诉|态度|让我|叫我|给我回)",
    )
});
/// A verb that fetches someone, and the one who is fetched.
static FETCH: LazyLock<Regex> = LazyLock::new(|| {
    let verb = "(?:转接?|接|找|换|叫|喊|呼叫|联系|请|来|要|让|需要|派|给我|帮我|想要|我要|我想|跟|和|与|见)";
    let gap = "(?:一?下|一个|一位|个|位|你们的?|你的?|你们行|银行的?|客户|大堂|值班|到|到了?一?个|我们|那边|这边|贵行的?|上面的?|能[^,。]{1,6}的|会[^,。]{1,5}的|懂[^,。]{0,4}的|管事的?|其他|别的|专业的?|的|来)*";
    let who = "(?:客服|人工|经理|主管|领导|负责人|专员|行长|主任|老板|上级|上司|管理人员|管事的|做主的|顾问|柜员|理财经理|业务员|真人|活人|人类|人员)";
    build(&format!("{verb}{gap}{who}"))
});
static NOT_FETCH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:经理|主管|领导|老板|主任|负责人|专员|客服)(?:的?(?:电话|名片|号码|微信|联系方式)|转|汇|打款|付|[0-9])|(?:给|跟|和)(?:我们?|我的?)?(?:公司)?(?:老板|领导|经理)(?:转|汇|打|发|付|还)|客服(?:电话|热线|号码)",
    )
});
/// Wants someone who is a person.
static PERSON: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:跟|和|与|同|对着?)(?:一?个|位)?(?:真正?的?|活的?|真实的?)?人(?:类)?(?:说|讲|聊|谈|沟通|对话|通话|交流|直接)|(?:找|换|来|派|叫|要|有)一?(?:个|位)(?:活的?|真的?|能[^,。]{1,6}的|会[^,。]{1,5}的|懂[^,。]{0,4}的|明白)?人(?:类)?(?:来|跟我|和我|帮我?|给我|处理|解决|接|说|聊|吧|行吗|行不行|好吗|$|,|。|!)|有(?:没有)?(?:真|活)?人(?:在)?(?:吗|没有?|管|接|理我|嘛|$)|(?:我|就|只)要人$|我要找人$|人呢$|找人(?:说|聊|问|处理|帮我|解决|接)|(?:不要|不想|别|不跟|不和|讨厌|受够了?)(?:再)?(?:跟|和|用|让|给我|是)?(?:这个?)?(?:机器人?|ai|智能客服|智能助手|自动回复|电脑|录音)(?:说|聊|讲|沟通|回|了|$|,|。|!)?|会说人话的|跳过机器人|机器人(?:滚|走开|不行|没用|听不懂|解决不了)",
    )
});
static SERVICE: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:在线|电话|银行|真人)?客服(?:呢|在吗|在不在|来|接一下|人员|帮忙|帮我|,|。|!|$)|有(?:没有)?(?:在线|真人|人工)?客服(?:吗|在|么|没|$)|客服在(?:吗|不在|哪|么)",
    )
});
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "\\b(?:real|live|actual|human) (?:person|human|agent|being|operator|representative|rep|customer service|support)\\b|\\b(?:speak|talk|chat|connect(?: me)?|transfer(?: me)?|put me through|get me|hand me|pass me|escalate|forward me|switch me|reach|get through|contact|call|see)(?: over| directly| through)?(?: to| with| onto)? (?:an? |the |your |some |any |another )*(?:actual |real |live |human |senior |bank )*(?:human|person|people|someone|somebody|agent|representative|rep|operator|manager|supervisor|staff|adviser|advisor|customer service|customer support|support|teller|boss|colleague|banker|associate)\\b|\\b(?:want|need|get|give me|like|prefer|have|find)(?: to (?:see|have|get|reach))? (?:an? |the |your |some )*(?:actual |real |live )*(?:human|agent|representative|rep|operator|real person|supervisor|person)\\b|^(?:please |just |a |an |live |human,? )*(?:human|agent|representative|operator|rep|customer service|customer support|real person|live person|live chat|supervisor)(?: please| now| pls|!|\\.|,)*$|\\b(?:no|not|hate|stop|tired of|sick of)(?: talking to| with| more| the| this| a| an)* (?:bots?|robots?|machines?|ai)\\b|is (?:there )?(?:any(?:one|body)|someone) (?:there|here|real)|(?:any|real) humans? (?:there|here|available)",
    )
});
static NOT_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "human resources|travel agent|estate agent|agent fee|agent bank|sales agent|insurance agent|an agent of|send(?:ing)? .{0,20} to (?:an? |the )?(?:agent|person)|transfer (?:money|funds|[0-9])",
    )
});
static ASKS_IF_BOT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:你|您|那边|对面|这|这里)(?:到底|究竟|现在)?(?:是不是|是|算|究竟是|到底是)(?:一?个|真|真的|的)*(?:人工|真人|活人|机器人?|ai|人类|人$|人吗|人还是|智能|电脑|程序|客服机器人|录音|gpt|chatgpt|deepseek)|(?:你|您)(?:是)?人(?:工)?还是(?:机器|ai)|我(?:是|现在是|在)(?:不是)?(?:在)?(?:跟|和|与)(?:机器人?|真人|人工|ai)(?:在)?(?:说话|聊天|聊|对话|沟通)吗?$|(?:are|r) (?:you|u) (?:a |an |really |actually )*(?:human|robot|bot|real|machine|ai|person|computer|chatbot)|am i (?:talking|speaking|chatting) (?:to|with) (?:a |an )?(?:human|robot|bot|real|machine|ai|person|computer)|is this (?:a |an )?(?:bot|robot|human|real person|ai|machine|chatbot)",
    )
});
static REFUSES: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:不要|不用|不想|不需要|别|无需|不必|没必要|用不着|拒绝|不是要|不是想)(?:再)?(?:给我|帮我|跟我)?(?:转接?|接|找|要|叫|换)?(?:到|成|一?个|什么)?(?:人工|真人|客服|人工客服|座席|坐席)|(?:don't|do not|no need|not) (?:want |need |for |to )*(?:an? |the )?(?:human|agent|person|representative|transfer me|connect me)",
    )
});

/// Whether the text asks for a person.
pub fn wants_human(text: &str) -> bool {
    let fetched = FETCH.is_match(text) && !NOT_FETCH.is_match(text);
    // Praise names the person it is for; it does not call one.
    if refuses(text) || (PRAISE.is_match(text) && !fetched) {
        return false;
    }
    let asks = asks_if_bot(text);
    let noun = has_noun(text);
    if asks {
        // 你是机器人吧，给我转人工: the request is what comes besides the question.
        let rest = ASKS_IF_BOT.replace_all(text, "");
        return has_noun(&rest) || FETCH.is_match(&rest) && !NOT_FETCH.is_match(&rest);
    }
    noun || (fetched && !mentions_only(text))
        || PERSON.is_match(text)
        || SERVICE.is_match(text)
        || (ENGLISH.is_match(text) && !NOT_ENGLISH.is_match(text))
}

/// A person's word that is not inside one of the words that only look alike.
fn has_noun(text: &str) -> bool {
    let others: Vec<(usize, usize)> = NOT_NOUN.find_iter(text).map(|m| (m.start(), m.end())).collect();
    NOUN.find_iter(text).any(|m| !others.iter().any(|(from, to)| m.start() < *to && *from < m.end()))
}

/// 人工 in 人工费 is all that fetching found.
fn mentions_only(text: &str) -> bool {
    let others: Vec<(usize, usize)> = NOT_NOUN.find_iter(text).map(|m| (m.start(), m.end())).collect();
    FETCH.find_iter(text).all(|m| others.iter().any(|(from, to)| m.start() < *to && *from < m.end()))
}

pub fn asks_if_bot(text: &str) -> bool {
    ASKS_IF_BOT.is_match(text)
}

/// Says that no person is wanted.
pub fn refuses(text: &str) -> bool {
    REFUSES.is_match(text)
}
