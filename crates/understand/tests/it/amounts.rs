//! Amounts in customers' words.

use crate::facts::check;
use crate::speaker::{say_plainly, say_short};
use proptest::prelude::*;
use teller_kernel::{SlotType, SlotValue};
use teller_understand::{SlotContext, extract};

#[test]
fn amounts_in_orders() {
    check(
        &[
            ("给张三转三千二", "name:张三 CNY320000"),
            ("转两万五给李四", "CNY2500000 name:李四"),
            ("帮我转1w5", "CNY1500000"),
            ("转１２００元给王芳", "CNY120000 name:王芳"),
            ("取1,200.50元", "CNY120050"),
            ("我要存十万定期", "CNY10000000"),
            ("存十五块六", "CNY1560"),
            ("三块二毛五", "CNY325"),
            ("扣了我五毛钱", "out CNY50"),
            ("莫名其妙扣了我198块", "out CNY19800"),
            ("换五千美元", "USD500000"),
            ("购汇500美金", "USD50000"),
            ("我想换两万日元", "JPY20000"),
            ("两千块美金怎么汇", "USD200000"),
            ("汇3000港币到香港", "HKD300000 land:HK"),
            ("汇款 USD 1,500.00 给 John Smith", "USD150000 name:John Smith"),
            ("transfer $200 to John Smith", "USD20000 name:John Smith"),
            ("send three thousand two hundred yuan to Li Wei", "CNY320000 name:Li Wei"),
            ("I want to withdraw 5k", "CNY500000"),
            ("convert 300 euros", "EUR30000"),
            ("exchange 20000 yen", "JPY20000"),
            ("把5000转给赵六", "CNY500000 name:赵六"),
            ("人民币五千元整", "CNY500000"),
            ("￥3,888", "CNY388800"),
            ("充50话费", "CNY5000"),
            ("半个亿的贷款能批吗", "CNY5000000000"),
            ("想贷30万，分三十六期", "CNY30000000 36mo"),
            ("二十万存三年利息多少", "CNY20000000 36mo"),
            ("存五万一年多少利息", "CNY5000000 12mo"),
            ("存5万3年", "CNY5000000 36mo"),
            ("一万块存半年能拿多少", "CNY1000000 6mo"),
            ("把限额调到二十万", "CNY20000000"),
            ("把限额从5万调到20万", "CNY20000000"),
            ("限额从五万改成二十万", "CNY20000000"),
            ("取五万以上要预约吗", "CNY5000000"),
            ("转帐三百零五块", "CNY30500"),
            ("还信用卡三千", "CNY300000"),
            ("还信用卡3000", "CNY300000"),
            ("交电费一百二", "CNY12000"),
            ("提前还款5万", "CNY5000000"),
            ("汇100万日元给田中", "JPY1000000 name:田中"),
            ("打500块给陈建国", "CNY50000 name:陈建国"),
            ("轉賬三萬五給陳大文", "CNY3500000 name:陳大文"),
            ("给我儿子转2000", "CNY200000"),
            ("给房东李建国打三千五房租", "name:李建国 CNY350000"),
            ("我要取两千现金", "CNY200000"),
            ("买十万理财", "CNY10000000"),
            ("赎回3万5", "CNY3500000"),
            ("每个月扣两百", "CNY20000"),
            ("换汇，1000刀", "USD100000"),
            ("五十块钱", "CNY5000"),
            ("三千多块", "CNY300000"),
            ("转2万5千给孙悦", "CNY2500000 name:孙悦"),
            ("港币两千五", "HKD250000"),
            ("美元5000", "USD500000"),

            ("三万欧元", "EUR3000000"),
            ("100.5块", "CNY10050"),
            ("12元5角", "CNY1250"),
            ("二十块零五毛", "CNY2050"),

        ],
        None,
    );
}

#[test]
fn numbers_that_are_no_amounts() {
    check(
        &[
            ("你们几点上班", ""),
            ("我有三张卡", ""),
            ("一天能转几次", ""),
            ("帮我查下余额", ""),
            ("打95566没人接", ""),
            ("我有个问题", ""),
            ("万一丢了怎么办", ""),
            ("千万别转", ""),
            ("我等了二十分钟了", ""),
            ("5000积分能换什么", ""),
            ("我今年六十五岁", "2026-01-01..2026-11-21"),
            ("排了三十多个人", ""),
            ("打了五次电话", ""),
            ("订单号20261121000123", ""),
            ("验证码123456", ""),
            ("第3笔是什么", ""),
            ("iphone 15 怎么绑卡", ""),
            ("一类卡二类卡有什么区别", ""),
            ("大概两三千吧", ""),
            ("转一下账", ""),
            ("your app crashed 3 times", ""),
            ("I have 2 cards", ""),
            ("人工费多少", ""),
        ],
        None,
    );
}

#[test]
fn bare_answers_to_how_much() {
    check(
        &[
            ("五千", "CNY500000"),
            ("5000", "CNY500000"),
            ("12", "CNY1200"),
            ("三千二", "CNY320000"),
            ("一百", "CNY10000"),
            ("八", "CNY800"),
            ("两百五", "CNY25000"),
            ("就转八百吧", "CNY80000"),
            ("1.5万", "CNY1500000"),
            ("五百美元", "USD50000"),
            ("five hundred", "CNY50000"),
            ("嗯，六千八", "CNY680000"),
            ("两千块", "CNY200000"),
            ("3500吧", "CNY350000"),
            ("twenty thousand", "CNY2000000"),
            ("不知道", ""),
        ],
        Some(SlotType::Money),
    );
}

#[test]
fn corrected_amounts() {
    check(
        &[
            ("不是三万，是三千", "CNY300000!"),
            ("转三万，哦不对，三千", "CNY300000!"),
            ("三万，哦不对三千", "CNY300000!"),
            ("不对，是三千不是三万", "CNY300000!"),
            ("转500，不对，600", "CNY60000!"),
            ("给张三转500，说错了，是800", "name:张三 CNY80000!"),
            ("转五千，改成六千吧", "CNY600000!"),
            ("send 500, no, 600 to John", "CNY60000! name:John"),
            ("transfer 500, sorry, I mean 800 dollars", "USD80000!"),
            ("转两万五给李四，不对，两万", "name:李四 CNY2000000!"),
            ("是不是转了三万", "CNY3000000"),
            ("5000美元，不对，是欧元", "EUR500000!"),
            ("取两千，算了，还是三千吧", "CNY300000!"),
            ("应该是八百不是八千", "CNY80000!"),
        ],
        None,
    );
}

proptest! {
    #[test]
    fn an_amount_said_is_the_amount_read(major in 1u64..1_000_000_000, wording in 0usize..4) {
        let said = match wording {
            0 => format!("转{}元", say_plainly(major)),
            1 => format!("给他汇{major}块"),
            2 => format!("存{}元", say_short(major).unwrap_or_else(|| say_plainly(major))),
            _ => format!("取￥{major}"),
        };
        let read: Vec<i64> = extract(&said, &SlotContext::new(crate::facts::TODAY))
            .iter()
            .filter_map(|e| match &e.value { SlotValue::Money { amount } => Some(amount.minor), _ => None })
            .collect();
        prop_assert_eq!(read, vec![i64::try_from(major).unwrap() * 100], "{}", said);
    }
}
