//! Control signs in customers' words.

use std::collections::BTreeMap;
use teller_understand::{Sign, Signs, normalise};

fn find(text: &str, asked: bool) -> Vec<Sign> {
    Signs::compile(&BTreeMap::new()).find(&normalise(text), asked)
}

/// Each row must carry the sign, or with `!` must not.
fn check(sign: Sign, asked: bool, rows: &[&str]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let (text, want) = row.strip_prefix('!').map_or((*row, true), |text| (text, false));
            let got = find(text, asked);
            (got.contains(&sign) != want)
                .then(|| format!("{text}: {}{sign:?}, got {got:?}", if want { "want " } else { "want no " }))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn a_human_in_any_wording() {
    check(
        Sign::Human,
        false,
        &[
            "转人工",
            "人工",
            "人工客服",
            "真人",
            "客服小姐姐",
            "找个活人",
            "我要跟人说话",
            "叫你们经理",
            "human",
            "agent",
            "representative",
            "speak to someone",
            "我要人工服务",
            "可以转人工吗",
            "给我转人工",
            "帮我接一下人工",
            "能不能换个真人",
            "有没有真人",
            "有人吗",
            "我想和真人聊",
            "找客服",
            "客服在吗",
            "客服呢",
            "叫你们领导来",
            "让你们主管跟我说",
            "不要机器人",
            "我不想跟机器人说话",
            "别让机器人回复我了",
            "找个能做主的人",
            "换个懂的人来",
            "接座席",
            "转坐席",
            "我要投诉，找你们负责人",
            "来个人行吗",
            "人呢",
            "派个人来处理",
            "I want to talk to a human",
            "can I speak to a real person",
            "connect me to an agent",
            "get me a manager",
            "live agent please",
            "operator",
            "I need a representative",
            "customer service please",
            "let me talk to your supervisor",
            "轉人工",
            "真人客服",
            "麻烦转接人工坐席谢谢",
            "你是机器人吧，给我转人工",
            "人工！！！",
            "听不懂，转人工",
            "no more bots",
            "is there anyone there",
            "オペレーターをお願いします",
            "我要和人沟通",
            "我找客户经理",
            "能帮我联系客服吗",
            "人工服务",
            "要人工",
            "转 人工",
            "人工人工人工",
            "是真人吗？我要真人",
            "!你是人工吗",
            "!你是真人吗",
            "!你是机器人吗",
            "!人工费怎么算",
            "!人工智能是什么",
            "!人工成本",
            "!不要人工",
            "!不用转人工",
            "!别给我转人工",
            "!are you a human",
            "!are you a bot",
            "!转账",
            "!给老板转五千",
            "!客服电话是多少",
            "!human resources department",
            "!real estate agent fee",
            "!转给别人",
            "!我要转账给王经理",
            "!人工服务时间是几点到几点",
            "!余额多少",
            "!手机银行打不开",
            "!人民币",
            "!工资到账了吗",
            "!send 500 to john",
            "!有人冒充银行客服打电话给我",
            "!我把钱转给别人了",
            "!am i talking to a robot",
        ],
    );
    check(
        Sign::AsksIfBot,
        false,
        &[
            "你是人工吗",
            "你是机器人吗",
            "你是真人还是机器人",
            "are you a robot",
            "am I talking to a real person",
            "我是在跟机器人说话吗",
            "!转人工",
            "!机器人真没用",
        ],
    );
}

#[test]
fn yes() {
    check(
        Sign::Affirm,
        true,
        &[
            "是",
            "是的",
            "对",
            "对的",
            "好",
            "好的",
            "行",
            "可以",
            "确认",
            "确定",
            "没错",
            "没问题",
            "嗯嗯",
            "嗯，对",
            "ok",
            "OK的",
            "yes",
            "yes please",
            "sure",
            "correct",
            "转吧",
            "好的谢谢",
            "确认转账",
            "对，就这样",
            "是我",
            "可以的，转吧",
            "yep",
            "go ahead",
            "同意",
            "行吧",
            "that's right",
            "好嘞",
            "!嗯",
            "!不是",
            "!不对",
            "!不可以",
            "!好的但是改成五千",
            "!可以转人工吗",
            "!好的，手续费多少",
            "!可以吗",
            "!对吗",
            "!是不是",
            "!先别转",
            "!不",
            "!no",
            "!等一下",
            "!算了",
            "!好像不对",
            "!是三千不是三万",
            "!可以，不过金额改成三千",
            "!确认什么",
            "!not yet",
            "!不用了",
        ],
    );
    check(
        Sign::Affirm,
        false,
        &[
            "好的",
            "是的",
            "可以",
            "ok",
            "!可以转账到国外吗",
            "!好久没用了卡被冻结",
            "!对公账户怎么开",
            "!是不是要带身份证",
            "!行程卡",
            "!有什么理财",
        ],
    );
}

#[test]
fn no_and_stop() {
    check(
        Sign::Deny,
        true,
        &[
            "不",
            "不是",
            "不对",
            "不要",
            "不用了",
            "不用",
            "不行",
            "不可以",
            "不同意",
            "no",
            "nope",
            "not now",
            "不需要",
            "没有",
            "错了",
            "不是我",
            "!没错",
            "!没问题",
            "!不错",
            "!好的",
            "!不好意思再说一遍",
            "!不用改，确认",
        ],
    );
    check(
        Sign::Deny,
        false,
        &["不用", "不是的", "no thanks", "!不能登录怎么办", "!没收到验证码怎么回事", "!不明扣款是怎么回事"],
    );
    check(
        Sign::Cancel,
        false,
        &[
            "取消",
            "算了",
            "不转了",
            "不办了",
            "不用了",
            "退出",
            "取消吧",
            "算了吧",
            "取消这笔转账",
            "我不想转了",
            "先不办了",
            "别转了",
            "cancel",
            "never mind",
            "forget it",
            "stop",
            "cancel it please",
            "放弃",
            "返回主菜单",
            "不要了",
            "那算了",
            "暂时不需要",
            "下次再说",
            "我想取消",
            "cancel the transfer",
            "结束",
            "!取消短信提醒",
            "!怎么取消自动还款",
            "!取消订单的钱什么时候退",
            "!停车费怎么交",
            "!stop payment on my cheque",
            "!算了，还是转三千吧",
            "!停止营业了吗",
        ],
    );
}

#[test]
fn corrections() {
    check(
        Sign::Correction,
        true,
        &[
            "不对，是三千",
            "不是三万，是三千",
            "不对，是三千不是三万",
            "改成五千",
            "好的但是改成五千",
            "金额错了",
            "收款人不对，是李四",
            "说错了，五百",
            "应该是八百",
            "换成招行卡",
            "no, 500",
            "I mean 300",
            "make it 200",
            "改一下金额",
            "change it to 800",
            "不，转三千",
            "卡号写错了",
            "!不是",
            "!不对",
            "!好的",
            "!没错",
            "!是不是三万",
        ],
    );
    check(Sign::Correction, false, &["不是三万，是三千", "不对，转五百", "!我的卡不是我本人在用"]);
}

#[test]
fn the_rest() {
    check(
        Sign::Repeat,
        false,
        &[
            "再说一遍",
            "没听清",
            "什么意思",
            "重复一下",
            "say that again",
            "pardon",
            "刚才说什么",
            "!重复扣款了",
            "!余额多少",
            "!重复交易",
        ],
    );
    check(Sign::Thanks, false, &["谢谢", "好的谢谢", "thanks", "thank you so much", "多谢", "!你好"]);
    check(Sign::Greeting, false, &["你好", "您好，我想查余额", "hi", "hello", "在吗", "早上好", "!history", "!查余额"]);
    check(Sign::Farewell, false, &["再见", "拜拜", "没有了", "bye", "that's all", "!没有收到钱"]);
    check(
        Sign::Question,
        false,
        &[
            "余额多少",
            "怎么办",
            "可以吗",
            "为什么扣钱？",
            "what is my balance",
            "how do I transfer",
            "能不能快点",
            "!转三千给张三",
            "!好的",
            "!谢谢",
        ],
    );
    check(
        Sign::Urgency,
        false,
        &["很急", "马上要用钱", "紧急", "赶紧帮我冻结", "urgent", "asap please", "来不及了", "!不急", "!不着急"],
    );
    check(
        Sign::All,
        false,
        &[
            "全部",
            "都要",
            "全部余额",
            "全转",
            "all of it",
            "全额",
            "我要全部取出来",
            "!都可以",
            "!都行",
            "!全部流水怎么查",
        ],
    );
}

#[test]
fn a_packs_phrases_add() {
    let lists = BTreeMap::from([
        ("human".to_owned(), vec!["找小杉".to_owned()]),
        ("affirm".to_owned(), vec!["嗯".to_owned()]),
        ("cancel".to_owned(), vec!["罢了".to_owned()]),
        ("other".to_owned(), vec!["x".to_owned()]),
    ]);
    let signs = Signs::compile(&lists);
    assert_eq!(signs.find("帮我找小杉", false), [Sign::Human]);
    assert_eq!(signs.find("嗯", true), [Sign::Affirm]);
    assert!(signs.find("罢了罢了吧", false).is_empty());
    assert_eq!(signs.find("罢了吧", false), [Sign::Cancel]);
}

proptest::proptest! {
    #[test]
    fn never_panics_and_never_both(text in "\\PC{0,40}|[是不对好的可以取消人工转改成三千吗，。?]{0,14}", asked: bool) {
        let found = find(&text, asked);
        let both = found.contains(&Sign::Affirm) && (found.contains(&Sign::Deny) || found.contains(&Sign::Cancel) || found.contains(&Sign::Correction));
        proptest::prop_assert!(!both, "{} {:?}", text, found);
    }
}
