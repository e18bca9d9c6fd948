//! Control signs: yes, no, stop, a human please, say it again, I meant another
//! value. They steer a conversation; what it is about is the intents' business.
//!
//! Structure is built in (negation, questions, words that only look alike);
//! the pack adds phrases per sign. `不用了` stops and denies; `不要人工` asks for no
//! human; `好的但是改成五千` is a correction and no yes; `可以转人工吗` asks for a
//! human; a yes with a question in it (`好的，手续费多少`) is no yes. A lone `嗯` is no
//! yes either, for it often means only that one listens: a pack may add it.

use crate::human;
use crate::slots::build_pattern as build;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sign {
    /// Wants a person.
    Human,
    /// Asks whether it speaks to a machine.
    AsksIfBot,
    Cancel,
    Deny,
    Affirm,
    /// Changes a value said before.
    Correction,
    Repeat,
    /// All of what was offered: all the money, every card.
    All,
    Thanks,
    Greeting,
    Farewell,
    Question,
    Urgency,
}

/// Names of the pack's phrase lists; other lists are left alone.
pub const LISTS: &[(&str, Sign)] = &[
    ("human", Sign::Human),
    ("cancel", Sign::Cancel),
    ("deny", Sign::Deny),
    ("affirm", Sign::Affirm),
    ("correction", Sign::Correction),
    ("repeat", Sign::Repeat),
    ("all", Sign::All),
    ("thanks", Sign::Thanks),
    ("greeting", Sign::Greeting),
    ("farewell", Sign::Farewell),
    ("question", Sign::Question),
    ("urgency", Sign::Urgency),
];

/// Longest message that a short control phrase may make up, in characters.
const SHORT_CHARS_MAX: usize = 16;

/// Compiled signs of one pack.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    phrases: Vec<(Sign, String)>,
}

static EDGE: LazyLock<Regex> = LazyLock::new(|| build("^[\\s,。!.~、…]+|[\\s,。!.~、…]+$"));
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:谢谢你?|感谢|本人|嗯+|恩+|额|呃|哦|噢|啊|那个?|我|就|请|麻烦|帮我|给我|那就|还是|先|well|um+|uh+|oh|please|just|then| |,)+",
    )
});
static AFFIRM: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:是的?|对的?|对对+|没错|好的?|好好+|好吧|好嘞|好呀|好啊|行|行吧|行的|可以的?|可以可以|确认|确定|确认无误|确认转账|确定转账|同意|同意并继续|确认并继续|没问题|当然|没有?错|嗯嗯+|嗯对|嗯好|嗯是|嗯可以|ok|okay|okey|okk|要的?|需要|转吧|办吧|继续吧?|就这样吧?|就这么办|就这个|正确|准确|无误|有的?|是这样|是这个|是我|来吧|妥|中|得|成|冇错|系|好滴|好哒|收到|y|yes|yeah|yep|yup|sure|right|correct|confirm|confirmed|go ahead|of course|absolutely|definitely|agreed?|please do|do it|that's right|that's correct|sounds good|fine|alright|all right|proceed|はい|お願いします)(?:的|了|吧|呀|啊|哦|呢|哈|滴|嘞|啦|please|thanks|,|。|!|\\.| |$)",
    )
});
static NO_AFFIRM: LazyLock<Regex> = LazyLock::new(|| {
    build("不|没有?(?:$|[^错问])|别|但是?|不过|可是|等|先别|除了|\\bnot\\b|n't\\b|\\bbut\\b|\\bno\\b|wait|取消|算了")
});
static NO_FALSE_ALARM: LazyLock<Regex> = LazyLock::new(|| {
    build("没错|没问题|没有错|没有问题|不错|不用改|不用变|不客气|不变|没变|no problem|why not|不用再确认|不好意思")
});
static DENY: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:不+|不是的?|不对|不要|不用|不行|不可以|不需要|不同意|不确认|不确定|不想|不必|不好|不能|不正确|不准确|不转|不办|不愿意|否|否定|错|错了|错误|没|没有|没|别|别转|不是我|不是本人|唔系|唔好|no|nope|nah|not (?:yet|now|really|right|correct|that)|don't|do not|wrong|incorrect|(?:that|it)(?:'s| is) (?:wrong|not right|incorrect|not correct)|never|no way|no thanks|n|いいえ|違います)(?:了|吧|啊|呀|哦|呢|,|。|!|\\.| |$)",
    )
});
static CANCEL: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:把|这笔|这个|本次|当前|要|想|不想|我要|我想)*(?:取消|算了|放弃|退出|停止|停下|停|结束|中止|终止|返回|撤销|不了|不要了|不用了|不弄了|不搞了|不玩了|不需要了|没事了|当我没说|回主菜单|返回主菜单|cancel|never ?mind|forget (?:it|about it|that)|stop|quit|exit|abort|drop it|leave it|skip it|no thanks|キャンセル)(?:吧|了|掉|一下|这笔|这个|本次|当前|这次)*(?:操作|转账|汇款|交易|办理|申请|流程)?(?:吧|了|谢谢|不|要|用|办|转|弄|,|。|!|\\.|it|this|that|the|transfer|transaction|payment|request|please|thanks?|you| )*$",
    )
});
static CALLED_OFF: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:^|[,。!我就那先了吧都 ])(?:不|别|先不|暂时不|暂不)(?:想|要|用)?(?:转|办|存|取|换|买|还|汇|贷|借|做|弄|搞|开|约|改|申请|操作|预约|继续|理|付|交|缴|查|赎|投)(?:账|理|款|汇|回)?了|别转了|先这样|下次再(?:说|办|转)|改天(?:再)?(?:说|办|来|转)?|以后再说|回头再说|先不(?:转|办|弄|用|要|存|买|做)|暂时不(?:需要|用|办|转|要)|changed my mind|don't want (?:to|it|this)(?: do| go)?(?: it| this| that)?(?: anymore| any more)|not now|maybe later|another time",
    )
});
static CORRECTION: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:不对|不是的?|错了|说错|讲错|打错|写错|搞错|弄错|口误|更正|纠正|应该是|我是说|我说的是|哦不|噢不|呃不|啊不|改成|改为|改到|换成|换为|改一下|还是改|算了,?还是|不,|no,|no wait|i mean|i meant|scratch that|correction|make it|make that|change (?:it|that|the \\w+) to|change to|actually|rather|instead)(?P<rest>.*)$",
    )
});
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?:金额|数额|收款人|对方|名字|姓名|账号|卡号|账户|卡|日期|时间|备注|币种|期限|用途)(?:写|填|说|弄|搞)?(?:错了|不对|有误|要改|改一下|换一下|不是|改成|改为)|(?:改|换|修改|更改|更正)(?:一?下|个|张|一张|一个)?(?:金额|数额|收款人|账号|卡$|账户|日期|时间|备注|币种)|(?:wrong|change the) (?:amount|name|account|payee|recipient|card|date)",
    )
});
static REPEAT: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "再说一[遍次下]|再讲一[遍次]|再重复|重复一[遍下次]|^重复$|请重复|再念一|再来一遍|没听清|没听懂|没听明白|没听见|听不清|听不懂你|没看懂|没看清|没明白|刚才说(?:的?什么|啥)|刚刚说(?:的?什么|啥)|你说(?:什么|啥)$|^(?:什么|啥|what|sorry|sorry,? what)$|说什么$|^(?:这|那|你|这个|那个|这是|你这|您|,)*(?:是)?(?:什么|啥)意思|say (?:that|it) again|repeat (?:that|it|please)|^repeat$|can you repeat|could you repeat|pardon|come again|what did you (?:just )?say|didn't (?:catch|get|hear|understand)|もう一度",
    )
});
static THANKS: LazyLock<Regex> = LazyLock::new(|| {
    build("谢谢|多谢|感谢|谢了|谢啦|辛苦了|唔该|麻烦你了|\\bthx\\b|\\bthanks?\\b|thank you|\\bty\\b|ありがとう")
});
static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:你好|您好|你们好|大家好|早上好|上午好|中午好|下午好|晚上好|早安|早$|嗨|哈喽|哈啰|喂|在吗|在么|在不在|在不|有人在吗|hi\\b|hello\\b|hey\\b|good (?:morning|afternoon|evening)|こんにちは)",
    )
});
static FAREWELL: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "再见|拜拜|拜了|^(?:没有了|没了|没有别的了|没别的了|没事了|没其他了|没其他问题了?|没有其他问题了?|就这些|就这样,?(?:谢谢|再见)?)$|\\b(?:good)?bye\\b|see you|that's all|that is all|nothing else",
    )
});
static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "\\?|(?:吗|么|嘛|呢|不)$|吗[,。!]|什么|怎么|怎样|如何|多少|几[点天个号次张笔]|多久|多长|多大|哪|谁|为什么|为啥|为何|咋|啥|是不是|能不能|可不可以|可不可|会不会|有没有|行不行|好不好|要不要|对不对|是否|能否|可否|^(?:what|how|why|when|where|who|which|whose|can|could|is|are|do|does|did|will|would|should|may|am|has|have)\\b|何時|いくら|ですか",
    )
});
/// 「还没转呢」 says so and asks nothing.
static NOT_YET: LazyLock<Regex> = LazyLock::new(|| build("^[我也都]*还?没有?[^吗么啥什谁哪几?]{0,8}呢$"));
static URGENCY: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "(?P<no>不(?:着|太|是很)?)?(?P<w>急用|急事|急着|着急|紧急|越快越好|火急|加急|很急|好急|太急|特别急|非常急|急死|急!|急$|急需|急,|马上|立刻|立即|赶紧|赶快|赶时间|快点|快一点|尽快|来不及|等不及|等着用|救命|urgent|asap|immediately|right now|right away|hurry|emergency|as soon as possible|quickly)",
    )
});
static ALL: LazyLock<Regex> = LazyLock::new(|| {
    build(
        "^(?:我|就|把|那|要|选|转|取|存|还|用|里面?的?|余额|钱|卡里的?| )*(?:全部|全都|所有|全额|通通|统统|都要|都选|都转|都取|都还|都查|都看|两个都|两张都|三个都|全要|全转|全取|全还|都|all of (?:it|them)|all|everything|both|every one|the whole (?:amount|balance)|entire (?:amount|balance)|全部で)(?:的|余额|钱|金额|转|取|还|要|出来|出|了|吧|卡|账户|一起|查|看|给|他|她|of|them|it|please|,|。| )*$",
    )
});

impl Signs {
    /// Adds a pack's phrases to the built-in structure; phrases come in any form.
    pub fn compile(lists: &BTreeMap<String, Vec<String>>) -> Self {
        let phrases = LISTS
            .iter()
            .filter_map(|(name, sign)| lists.get(*name).map(|phrases| (*sign, phrases)))
            .flat_map(|(sign, phrases)| phrases.iter().map(move |p| (sign, core(&crate::normal::normalise(p)))))
            .filter(|(_, phrase)| !phrase.is_empty())
            .collect();
        Self { phrases }
    }

    /// The signs in a text in normal form, each at most once, strongest first.
    ///
    /// `expecting_confirmation`: a yes-or-no question was just asked, so that a yes or a
    /// no may begin a longer answer; without it only a message that is nothing else counts.
    pub fn find(&self, normalised: &str, expecting_confirmation: bool) -> Vec<Sign> {
        let text = core(normalised);
        let mut found = Vec::new();
        if text.is_empty() {
            if QUESTION.is_match(normalised) {
                found.push(Sign::Question);
            }
            return found;
        }
        let mut note = |present: bool, sign: Sign| {
            if present {
                found.push(sign);
            }
        };
        let asks_if_bot = human::asks_if_bot(&text);
        let wants_human =
            human::wants_human(&text) || (self.whole_phrase(Sign::Human, &text) && !human::refuses(&text));
        let correction = self.corrects(&text, expecting_confirmation);
        let cancel = !correction && (self.whole_phrase(Sign::Cancel, &text) || cancels(&text));
        let deny = !correction
            && (denies(&text, expecting_confirmation)
                || self.whole_phrase(Sign::Deny, &text)
                || (cancel && text.contains('不'))
                || human::refuses(&text));
        let question = (QUESTION.is_match(normalised.trim_end_matches(['。', '!', '.', ' ']))
            && !NOT_YET.is_match(&text))
            || self.has_phrase(Sign::Question, &text);
        let affirm =
            !(correction || cancel || deny || wants_human || question) && (self.affirms(&text, expecting_confirmation));
        note(wants_human, Sign::Human);
        note(asks_if_bot, Sign::AsksIfBot);
        note(cancel, Sign::Cancel);
        note(deny, Sign::Deny);
        note(affirm, Sign::Affirm);
        note(correction, Sign::Correction);
        note(REPEAT.is_match(&text) || self.whole_phrase(Sign::Repeat, &text), Sign::Repeat);
        note(says_all(&text) || self.whole_phrase(Sign::All, &text), Sign::All);
        note(THANKS.is_match(&text) || self.has_phrase(Sign::Thanks, &text), Sign::Thanks);
        note(GREETING.is_match(&text) || self.whole_phrase(Sign::Greeting, &text), Sign::Greeting);
        note(FAREWELL.is_match(&text) || self.whole_phrase(Sign::Farewell, &text), Sign::Farewell);
        note(question, Sign::Question);
        note(urgent(&text) || self.has_phrase(Sign::Urgency, &text), Sign::Urgency);
        found
    }

    fn has_phrase(&self, sign: Sign, text: &str) -> bool {
        self.phrases.iter().any(|(s, phrase)| *s == sign && contains_word(text, phrase))
    }

    /// The phrase is the whole message, leading fillers and closing particles apart.
    fn whole_phrase(&self, sign: Sign, text: &str) -> bool {
        let bare = LEAD.replace(text, "");
        let fits = |phrase: &String| {
            [text, bare.as_ref()].iter().any(|t| {
                t.strip_prefix(phrase.as_str())
                    .is_some_and(|rest| rest.chars().all(|c| "了吧啊呀的哦呢,。!. ".contains(c)))
            })
        };
        self.phrases.iter().any(|(s, phrase)| *s == sign && fits(phrase))
    }

    fn affirms(&self, text: &str, expecting: bool) -> bool {
        if self.whole_phrase(Sign::Affirm, text) {
            return true;
        }
        let bare = LEAD.replace(text, "");
        let begins = |t: &str| AFFIRM.find(t).map(|m| m.end());
        let Some(end) = begins(text).or_else(|| begins(&bare)) else { return false };
        let cleared = NO_FALSE_ALARM.replace_all(text, "");
        if NO_AFFIRM.is_match(&cleared) {
            return false;
        }
        let rest = text.get(end..).unwrap_or("");
        expecting || rest.chars().count() <= 4
    }

    fn corrects(&self, text: &str, expecting: bool) -> bool {
        let phrase = self.has_phrase(Sign::Correction, text);
        if expecting && (phrase || FIELD.is_match(text)) {
            return true;
        }
        let Some(found) = CORRECTION.captures(text) else { return phrase };
        // The cue alone denies; with a value behind it, it corrects.
        let rest = found.name("rest").map_or("", |m| m.as_str()).trim_matches(|c: char| " ,。!.的了吧啊是".contains(c));
        let not_mine = ["不是我", "不是本人"].iter().any(|w| text.contains(w));
        let asked = not_mine || text.contains("是不是") || text.contains("要不是") || text.ends_with(['吗', '?']);
        let cue = found.get(0).map_or("", |m| m.as_str());
        let plain_not = cue.starts_with("不是");
        let named = has_value(rest);
        let short = rest.chars().count() >= 1 && expecting;
        !asked
            && (named || (short && !plain_not))
            && (expecting || !plain_not || rest.contains('是') || cue.starts_with("不是,"))
    }
}

/// A number, or words long enough to be a name.
fn has_value(rest: &str) -> bool {
    if ["这", "那", "我", "你", "它", "this", "that", "it", "me"].iter().any(|w| rest.starts_with(w))
        && rest.chars().count() <= 4
    {
        return false;
    }
    let chars: Vec<char> = rest.chars().collect();
    !crate::number::scan(&chars).is_empty()
        || rest.contains(['转', '给', '改', '换', '是', '到'])
        || (2..=6).contains(&chars.len())
}

fn core(text: &str) -> String {
    EDGE.replace_all(text, "").trim_end_matches('?').to_owned()
}

fn contains_word(text: &str, phrase: &str) -> bool {
    let latin = phrase.is_ascii();
    text.match_indices(phrase).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + phrase.len()..).and_then(|t| t.chars().next());
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        !latin || !(letter(before) || letter(after))
    })
}

fn cancels(text: &str) -> bool {
    let bare = LEAD.replace(text, "");
    let short = text.chars().filter(|c| !c.is_ascii()).count() <= SHORT_CHARS_MAX;
    // 算了，我去网点办: given up for another way, unless another value follows.
    let given_up = bare.starts_with("算了") && crate::number::scan(&text.chars().collect::<Vec<_>>()).is_empty();
    given_up
        || CANCEL.is_match(text)
        || CANCEL.is_match(&bare)
        || (short && CALLED_OFF.is_match(text) && !QUESTION.is_match(text))
}

fn denies(text: &str, expecting: bool) -> bool {
    let cleared = NO_FALSE_ALARM.replace_all(text, "");
    let bare = LEAD.replace(&cleared, "").into_owned();
    let Some(found) = DENY.find(&bare).or_else(|| DENY.find(&cleared)) else { return false };
    let length = bare.len().min(cleared.len());
    let rest = length.saturating_sub(found.end());
    expecting || rest <= 6
}

fn urgent(text: &str) -> bool {
    URGENCY.captures_iter(text).any(|c| c.name("no").is_none())
}

/// Whether the message says all of what was offered.
pub fn says_all(normalised: &str) -> bool {
    let text = core(normalised);
    ALL.is_match(&text) && !["都行", "都可以", "都不", "都好", "都是"].iter().any(|w| text.contains(w))
}
